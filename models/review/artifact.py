"""A trained model on disk: its Keras file, its vocabulary, its metrics, their hashes.

A manifest holds the SHA-256 of every file of the folder and is checked before anything is
loaded. Nothing is pickled.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py

from models.review.verdict import ReviewModelError

MODEL, VOCABULARY, METRICS, CARD = "model.keras", "vocabulary.txt", "metrics.json", "card.md"
MANIFEST = "manifest.json"
# Where a Keras file keeps the weights of the layers.
_LAYERS = "_layer_checkpoint_dependencies"
FOLDER = Path(__file__).resolve().parent / "artifacts"


@dataclass(frozen=True)
class Score:
    """Figures on one set of labelled reviews."""

    n: int  # number of reviews
    correct: int  # how many are on the right side of 0.5
    accuracy: float  # correct / n, with its 95 % Wilson interval in the next two
    accuracy_low: float
    accuracy_high: float
    loss: float  # mean binary cross-entropy, in nats
    f1: float  # of the positive class
    auc: float  # area under the ROC curve
    ece: float  # expected calibration error over 15 equal bins of the probability
    confusion: list[int]  # true negatives, false positives, false negatives, true positives


@dataclass(frozen=True)
class Metrics:
    """Everything that training recorded about a model."""

    model: str  # its name
    test: Score  # the official 25,000 test reviews
    validation: Score  # reviews kept apart from the training ones
    size_bytes: int  # of the files that it is loaded from
    parameters: int  # number of weights
    # Median time of one answer for a review of 230 words, on the machine that trained.
    latency_ms: float
    seconds: float | None  # how long the training took there, if it ran in one go
    seed: int  # of the training
    test_looks: int = 1  # how many times the test reviews were scored for this release
    data: Mapping[str, str] = field(default_factory=dict)  # SHA-256 of each file trained from
    versions: Mapping[str, str] = field(default_factory=dict)  # of Python and of the libraries
    extra: Mapping[str, Any] = field(default_factory=dict)  # figures that only this model has

    @classmethod
    def read(cls, folder: Path) -> Metrics:
        """Read the figures of a model."""
        values = read_json(folder / METRICS)
        test, validation = (Score(**values.pop(name)) for name in ("test", "validation"))
        return cls(test=test, validation=validation, **values)


@contextmanager
def writing(folder: Path) -> Iterator[Path]:
    """Give a temporary folder that replaces ``folder`` only if the block succeeds.

    An interrupted training so leaves the old model as it was.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield partial
        write_json(partial / MANIFEST, {p.name: sha256(p) for p in sorted(partial.iterdir())})
        partial.chmod(0o755)
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(partial, folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def verify(folder: Path) -> None:
    """Check every file against the manifest.

    Raises:
        ReviewModelError: if the model is not there or any of its files was changed.
    """
    try:
        hashes = read_json(folder / MANIFEST)
        damaged = [name for name, digest in hashes.items() if sha256(folder / name) != digest]
    except FileNotFoundError as error:
        raise ReviewModelError(f"The review model {folder.name!r} is incomplete") from error
    except (OSError, ValueError, AttributeError) as error:
        raise ReviewModelError(f"The review model {folder.name!r} cannot be read") from error
    if damaged:
        raise ReviewModelError(f"The review model {folder.name!r} is damaged: {', '.join(damaged)}")


def read_json(path: Path) -> Any:
    """Return what a file of the model holds."""
    return json.loads(path.read_text(encoding="utf-8"))


def write_json(path: Path, values: Any) -> None:
    """Write a file of the model."""
    path.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")


def save_network(network: Any, path: Path) -> None:
    """Write a Keras model in the v3 format, compressed."""
    loose = path.with_name("loose-" + path.name)
    network.save(loose, save_format="keras_v3")
    with (
        zipfile.ZipFile(loose) as source,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as target,
    ):
        for name in source.namelist():
            target.writestr(name, source.read(name))
    loose.unlink()


def load_network(folder: Path) -> dict[str, list[Any]]:
    """Check the folder; return the weights in its Keras file, by the name of their layer there.

    TensorFlow is not needed for that, nor for any answer.

    Raises:
        ReviewModelError: if a file is missing or damaged.
    """
    verify(folder)
    with zipfile.ZipFile(folder / MODEL) as stored:
        content = io.BytesIO(stored.read("model.weights.h5"))
    with h5py.File(content) as arrays:
        layers = {name: layer["vars"] for name, layer in arrays[_LAYERS].items()}
        return {
            name: [layer[str(number)][()] for number in range(len(layer))]
            for name, layer in layers.items()
        }
