"""The sentence encoder: all-MiniLM-L6-v2, tuned to this subject, served by ONNX Runtime."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

FOLDER = Path(__file__).parent
DIMENSIONS = 384
MAX_TOKENS = 96
SHA256 = "7b2c0525701973adfb874846528e2cdebbaed549a1314d1c26fc9bcccea9db9f"

Array = NDArray[np.float32]


class EncoderError(RuntimeError):
    """The encoder's file is missing or not the one that was released."""


def tokenizer() -> Tokenizer:
    """Return the tokenizer as published, cutting texts at ``MAX_TOKENS``."""
    found = Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
    found.enable_truncation(MAX_TOKENS)
    found.no_padding()
    return found


class SentenceEncoder:
    """Encode sentences as unit vectors. Safe to share between threads.

    Example:
        >>> vectors = SentenceEncoder.load().encode(["what is overfitting"])
        >>> vectors.shape
        (1, 384)
    """

    def __init__(self, session: onnxruntime.InferenceSession, tokens: Tokenizer) -> None:
        """Keep the runtime's session and the tokenizer."""
        self._session = session
        self._tokens = tokens

    @classmethod
    @functools.lru_cache(maxsize=1)
    def load(cls) -> SentenceEncoder:
        """Load the released encoder once, in about 0.3 s.

        Raises:
            EncoderError: if the file is missing or its hash differs.
        """
        path = FOLDER / "encoder.onnx"
        try:
            content = path.read_bytes()
        except OSError as error:
            raise EncoderError(f"The sentence encoder is missing: {path.name}") from error
        if hashlib.sha256(content).hexdigest() != SHA256:
            raise EncoderError(f"The sentence encoder is damaged: {path.name}; check it out anew")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # it would keep what the largest batch took
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        return cls(session, tokenizer())

    def knows(self, word: str) -> bool:
        """Whether a word in lower case is one of those the encoder never takes apart."""
        return self._tokens.token_to_id(word) is not None

    def encode(self, sentences: Sequence[str]) -> Array:
        """Return one unit vector a sentence, shape ``(len(sentences), 384)``.

        Each sentence is read alone: what it is rounded by must not depend on its neighbours.
        """
        vectors = np.zeros((len(sentences), DIMENSIONS), dtype=np.float32)
        for row, encoding in enumerate(self._tokens.encode_batch(list(sentences))):
            ids, mask = padded([encoding.ids])
            vectors[row] = self._session.run(None, {"ids": ids, "mask": mask})[0][0]
        return vectors


def padded(rows: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], Array]:
    """Return token ids filled up with zeros, and a mask that is 1 at tokens: (texts, tokens)."""
    ids = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
    mask = np.zeros(ids.shape, dtype=np.float32)
    for number, row in enumerate(rows):
        ids[number, : len(row)], mask[number, : len(row)] = row, 1.0
    return ids, mask
