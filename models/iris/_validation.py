"""Turn what a person gave into a value the model can use, or say why not."""

from __future__ import annotations

import math

from models.iris._data import FEATURES, Flower, Recipe, data_range, training_size
from models.iris._errors import (
    IrisError,
    MeasurementError,
    NeighboursError,
    SeedError,
    TestShareError,
)

LARGEST_CM = 30.0
SMALLEST_TEST_SHARE = 0.1
LARGEST_TEST_SHARE = 0.9
LARGEST_SEED = 2**32 - 1


def _number(given: object, error: type[IrisError], low: float, high: float) -> float:
    try:
        value = float(str(given).strip())
    except ValueError:
        raise error("not_a_number", given, low, high) from None
    if math.isnan(value):
        raise error("not_a_number", given, low, high)
    return value


def _whole(given: object, error: type[IrisError], low: int, high: int) -> int:
    value = _number(given, error, low, high)
    if value < low:
        raise error("too_small", given, low, high)
    if value > high:
        raise error("too_large", given, low, high)
    if value != int(value):
        raise error("not_whole", given, low, high)
    return int(value)


def parse_measurement(given: object) -> float:
    """Return a length in centimetres, above 0 and at most ``LARGEST_CM``.

    Raises:
        MeasurementError: with reason not_a_number, negative, zero or too_large.
    """
    value = _number(given, MeasurementError, 0.0, LARGEST_CM)
    if value == 0:
        raise MeasurementError("zero", given, 0.0, LARGEST_CM)
    if value < 0:
        raise MeasurementError("negative", given, 0.0, LARGEST_CM)
    if value > LARGEST_CM:
        raise MeasurementError("too_large", given, 0.0, LARGEST_CM)
    return value


def parse_k(given: object, recipe: Recipe | None = None) -> int:
    """Return k, a whole number from 1 to the number of training flowers of ``recipe``.

    Raises:
        NeighboursError: with reason not_a_number, not_whole, too_small or too_large.
    """
    return _whole(given, NeighboursError, 1, training_size(recipe))


def parse_test_share(given: object) -> float:
    """Return the fraction of flowers to hold out, from 0.1 to 0.9.

    Raises:
        TestShareError: with reason not_a_number, too_small or too_large.
    """
    low, high = SMALLEST_TEST_SHARE, LARGEST_TEST_SHARE
    value = round(_number(given, TestShareError, low, high), 4)
    if value < low:
        raise TestShareError("too_small", given, low, high)
    if value > high:
        raise TestShareError("too_large", given, low, high)
    return value


def parse_seed(given: object) -> int:
    """Return a seed that scikit-learn accepts, a whole number from 0 to 2**32 - 1.

    Raises:
        SeedError: with reason not_a_number, not_whole, too_small or too_large.
    """
    return _whole(given, SeedError, 0, LARGEST_SEED)


def unusual_fields(flower: Flower) -> tuple[str, ...]:
    """Return the features in which the flower lies outside everything the data contain."""
    outside: list[str] = []
    for field, value in zip(FEATURES, flower.values(), strict=True):
        low, high = data_range(field)
        if not low <= value <= high:
            outside.append(field)
    return tuple(outside)
