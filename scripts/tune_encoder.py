"""Fit the sentence encoder to the knowledge and the intents: once many examples are new.

    python -m scripts.tune_encoder model.safetensors tuned.npz

Then ``models/encoder/export.py`` writes the file that is served.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from models.encoder.tuning import tune
from models.knowledge import library
from nlu.examples import Example, indexed, of_intents

# What a block says is no question, but holds words that a question may.
PASSAGE_WEIGHT = 0.3


def seen() -> list[Example]:
    """Return what the encoder may see; a fifth of the questions is kept back."""
    return [example for example in (*indexed(), *of_intents()) if not example.is_kept_back]


def main(source: Path, target: Path) -> None:
    """Tune and write the tensors."""
    examples = seen()
    tensors = tune(
        source,
        [example.text for example in examples],
        [example.label for example in examples],
        [PASSAGE_WEIGHT if example.part == "passage" else 1.0 for example in examples],
        {block.id: library().neighbours(block) for block in library().blocks},
        say=lambda line: print(line, flush=True),
    )
    np.savez(target, **tensors)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
