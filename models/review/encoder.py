"""The fine-tuned encoder, served by ONNX Runtime: what each piece of a text adds to its logits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.review.errors import ReviewModelError
from models.review.pieces import MOST, OUTPUTS, table, tokenizer

Doubles = npt.NDArray[np.float64]

_BEGIN, _END = 101, 102
# Of a text with more letters a piece than this, only the end is cut into pieces.
_LETTERS = 12


@dataclass(frozen=True)
class Pieces:
    """What the word pieces of one text add up to.

    Attributes:
        places: where each piece stands in the text.
        added: what it adds to each logit: the side, and the three stances; (pieces, 4).
        bias: what belongs to no piece, shape (4,).
    """

    places: list[tuple[int, int]]
    added: Doubles
    bias: Doubles

    @property
    def logits(self) -> Doubles:
        """The logits of the text, shape (4,)."""
        total: Doubles = self.added.sum(axis=0) + self.bias
        return total


class Encoder:
    """Read texts one at a time. Safe to share between threads."""

    def __init__(self, session: Any, bias: Doubles) -> None:
        """Keep the runtime's session."""
        self._session, self._bias = session, bias
        self._words, self._scale = table()
        self._tokenizer = tokenizer()

    @classmethod
    def read(cls, path: Path) -> Encoder:
        """Load the network, in about 0.1 s.

        Raises:
            ReviewModelError: if a file is missing or damaged.
        """
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # it would keep what the longest text took
        options.log_severity_level = 3
        try:
            session = onnxruntime.InferenceSession(
                path.read_bytes(), options, providers=["CPUExecutionProvider"]
            )
            stored = session.get_modelmeta().custom_metadata_map["bias"]
            bias = np.array([float(number) for number in stored.split()])
        except Exception as error:  # the runtime's own errors have no common class
            raise ReviewModelError(f"The encoder {path.name} cannot be loaded") from error
        return cls(session, bias)

    def __call__(self, text: str, most: int = MOST) -> Pieces:
        """Read a text; of a longer one the last ``most`` pieces, in parts of equal length."""
        readable = text.encode("utf-8", "replace").decode()  # no half of a character
        first = max(0, len(readable) - most * _LETTERS)
        first = readable.find(" ", first) + 1 if first else 0  # not within a word, if there are any
        encoding = self._tokenizer.encode(readable[first:], add_special_tokens=False)
        ids = encoding.ids[-most:]
        places = [(first + start, first + end) for start, end in encoding.offsets[-most:]]
        if not ids:
            return Pieces([], np.zeros((0, OUTPUTS)), self._bias)
        parts = np.array_split(np.array(ids), -(-len(ids) // (MOST - 2)))
        added = np.concatenate([self._read(part) for part in parts]) / len(ids)
        return Pieces(places, added, self._bias)

    def _read(self, ids: npt.NDArray[np.int64]) -> Doubles:
        framed = np.concatenate([[_BEGIN], ids, [_END]])
        words = self._words[framed] * self._scale[framed]
        (added,) = self._session.run(None, {"words": words[None]})
        inside: Doubles = added[0, 1:-1].astype(np.float64)
        return inside
