"""What can be wrong with a value that somebody gives to the Iris model.

::

    ValueError
    └── IrisError
        ├── MeasurementError   not_a_number, negative, zero, too_large
        ├── NeighboursError    not_a_number, not_whole, too_small, too_large
        ├── TestShareError     not_a_number, too_small, too_large
        └── SeedError          not_a_number, not_whole, too_small, too_large
"""

from __future__ import annotations


class IrisError(ValueError):
    """A refused value: a ``reason`` code, the value as ``given`` and the allowed range."""

    def __init__(self, reason: str, given: object, low: float, high: float) -> None:
        """Keep the parts of which an answer to the user is made."""
        super().__init__(f"{reason}: {given!r} is not within {low:g}..{high:g}")
        self.reason = reason
        self.given = given
        self.low = low
        self.high = high


class MeasurementError(IrisError):
    """A length that no flower can have; the range is in centimetres."""


class NeighboursError(IrisError):
    """A k that does not fit the training flowers."""


class TestShareError(IrisError):
    """A share of test flowers that leaves too few for training or for testing."""

    __test__ = False  # pytest would collect the name


class SeedError(IrisError):
    """A seed that scikit-learn does not accept."""
