"""What can go wrong with a review model, as one exception."""

from __future__ import annotations


class ReviewModelError(RuntimeError):
    """A review model, or the data to train it, is missing, damaged or unusable."""
