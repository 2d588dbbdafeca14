"""What can go wrong with a file, as one exception."""

from __future__ import annotations


class TableError(ValueError):
    """A file cannot be read, holds no reviews, or cannot be written; the message says which."""
