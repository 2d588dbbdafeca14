"""Fit the sentence encoder to the knowledge and the intents: once many examples are new.

    python -m scripts.tune_encoder model.safetensors tuned.npz

Then ``models/encoder/export.py`` writes the file that is served.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from models.encoder.tuning import Lesson, tune
from models.knowledge import ANSWER, library
from nlu.examples import indexed, of_intents, told


def lessons() -> list[Lesson]:
    """Return what the encoder may see; a fifth of the questions is kept back."""
    asked = [
        Lesson(each.text, each.label, None if each.part == "name" else each.part, not each.is_aside)
        for each in indexed()
        if not each.is_kept_back
    ]
    answers = [
        Lesson(each.text, each.label, each.part, False)
        for each in told()
        if each.part.startswith(ANSWER)
    ]
    said = [
        Lesson(each.text, each.label, None, True) for each in of_intents() if not each.is_kept_back
    ]
    return [*asked, *answers, *said]


def main(source: Path, target: Path) -> None:
    """Tune and write the tensors."""
    near = {block.id: library().neighbours(block) for block in library().blocks}
    tensors = tune(source, lessons(), near, say=lambda line: print(line, flush=True))
    np.savez(target, **tensors)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
