"""Read the published weights of all-MiniLM-L6-v2 and write them as int8."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

PUBLISHED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TARGET = Path(__file__).parent / "weights.npz"

Tensors = dict[str, npt.NDArray[np.float32]]


def read_published(source: Path) -> Tensors:
    """Return the tensors of the published file, the pooler left out.

    Raises:
        SystemExit: if the file is another one.
    """
    content = source.read_bytes()
    if hashlib.sha256(content).hexdigest() != PUBLISHED_SHA256:
        raise SystemExit(f"{source} is not the published all-MiniLM-L6-v2 weights file")
    # A safetensors file: an 8-byte header length, a JSON header, then the raw data.
    start = 8 + int.from_bytes(content[:8], "little")
    tensors = {}
    for name, entry in json.loads(content[8:start]).items():
        if name == "__metadata__" or entry["dtype"] != "F32" or name.startswith("pooler."):
            continue
        begin, end = entry["data_offsets"]
        flat = np.frombuffer(content[start + begin : start + end], dtype="<f4")
        tensors[name] = flat.reshape(entry["shape"])
    return tensors


def quantize(tensors: Tensors) -> dict[str, npt.NDArray[np.generic]]:
    """Return int8 matrices with a float32 scale for each row, and vectors as they are."""
    packed: dict[str, npt.NDArray[np.generic]] = {}
    for name, tensor in tensors.items():
        if tensor.ndim == 1:
            packed[name] = tensor
            continue
        scale = np.abs(tensor).max(axis=1) / 127
        scale[scale == 0] = 1
        packed[name] = np.round(tensor / scale[:, None]).astype(np.int8)
        packed[f"{name}.scale"] = scale.astype(np.float32)
    return packed


def write(packed: dict[str, npt.NDArray[np.generic]]) -> str:
    """Write the weights beside this file and return their SHA-256."""
    np.savez_compressed(TARGET, **packed)
    return hashlib.sha256(TARGET.read_bytes()).hexdigest()
