"""A trained model on disk: its Keras file, its vocabulary, its metrics, their hashes.

A manifest holds the SHA-256 of every file of the folder and is checked before anything is
loaded. Nothing is pickled.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from models.review.errors import ReviewModelError

MODEL, VOCABULARY, METRICS, CARD = "model.keras", "vocabulary.txt", "metrics.json", "card.md"
MANIFEST = "manifest.json"
FOLDER = Path(__file__).resolve().parent / "artifacts"


@contextmanager
def writing(folder: Path) -> Iterator[Path]:
    """Give a temporary folder that replaces ``folder`` only if the block succeeds.

    An interrupted training so leaves the old model as it was.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield partial
        write_manifest(partial)
        partial.chmod(0o755)
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(partial, folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def write_manifest(folder: Path) -> None:
    """Record the hash of every file in the folder."""
    hashes = {
        path.name: sha256(path)
        for path in sorted(folder.iterdir())
        if path.is_file() and path.name != MANIFEST
    }
    (folder / MANIFEST).write_text(json.dumps(hashes, indent=2) + "\n", encoding="utf-8")


def verify(folder: Path) -> None:
    """Check every file against the manifest.

    Raises:
        ReviewModelError: if the model is not there or any of its files was changed.
    """
    try:
        hashes = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        damaged = [name for name, digest in hashes.items() if sha256(folder / name) != digest]
    except FileNotFoundError as error:
        raise ReviewModelError(f"The review model {folder.name!r} is incomplete") from error
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise ReviewModelError(f"The review model {folder.name!r} cannot be read") from error
    missing = {MODEL, METRICS, VOCABULARY} - set(hashes)
    if damaged or missing:
        names = ", ".join(sorted({*damaged, *missing}))
        raise ReviewModelError(f"The review model {folder.name!r} is damaged: {names}")


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


def load_network(folder: Path) -> Any:
    """Check the folder and load its Keras model.

    Raises:
        ReviewModelError: if a file is missing, damaged or not a model.
    """
    verify(folder)
    from tensorflow import keras

    from models.review.network import layers

    try:
        return keras.models.load_model(folder / MODEL, custom_objects=layers(), compile=False)
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise ReviewModelError(f"The review model {folder.name!r} cannot be loaded") from error
