"""Tables of numbers kept in one byte each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Quantised:
    """A table in int8 with a scale for each row.

    Attributes:
        bytes: int8, shape ``(rows, columns)``.
        scale: float32, shape ``(rows,)``.
    """

    bytes: NDArray[np.int8]
    scale: NDArray[np.float32]

    @classmethod
    def of(cls, table: NDArray[np.float32]) -> Quantised:
        """Round a table; the error is at most a 254th of a row's largest number."""
        scale = np.maximum(np.abs(table).max(axis=1), np.finfo(np.float32).tiny) / 127
        return cls(np.round(table / scale[:, None]).astype(np.int8), scale.astype(np.float32))

    def values(self) -> NDArray[np.float32]:
        """Return the table as float32."""
        return self.bytes * self.scale[:, None]
