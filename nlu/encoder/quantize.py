"""Make ``weights.npz`` from the published ``model.safetensors`` of all-MiniLM-L6-v2.

    python nlu/encoder/quantize.py model.safetensors

Each matrix is stored as int8 with one scale a row; vectors stay float32; the pooler is dropped.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np

PUBLISHED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def read_safetensors(content: bytes) -> dict[str, np.ndarray]:
    """Read float32 tensors: an 8-byte header length, a JSON header, then the raw data."""
    start = 8 + int.from_bytes(content[:8], "little")
    tensors = {}
    for name, entry in json.loads(content[8:start]).items():
        if name == "__metadata__" or entry["dtype"] != "F32":
            continue
        begin, end = entry["data_offsets"]
        flat = np.frombuffer(content[start + begin : start + end], dtype="<f4")
        tensors[name] = flat.reshape(entry["shape"])
    return tensors


def quantize(tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return int8 matrices with a float32 scale for each row, and vectors as they are."""
    packed = {}
    for name, tensor in tensors.items():
        if name.startswith("pooler."):
            continue
        if tensor.ndim == 1:
            packed[name] = tensor
            continue
        scale = np.abs(tensor).max(axis=1) / 127
        scale[scale == 0] = 1
        packed[name] = np.round(tensor / scale[:, None]).astype(np.int8)
        packed[f"{name}.scale"] = scale.astype(np.float32)
    return packed


def main(source: Path) -> None:
    """Check the source's hash and write the packed weights beside this file."""
    content = source.read_bytes()
    if hashlib.sha256(content).hexdigest() != PUBLISHED_SHA256:
        raise SystemExit(f"{source} is not the published all-MiniLM-L6-v2 weights file")
    target = Path(__file__).parent / "weights.npz"
    np.savez_compressed(target, **quantize(read_safetensors(content)))
    print(target.name, hashlib.sha256(target.read_bytes()).hexdigest())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
