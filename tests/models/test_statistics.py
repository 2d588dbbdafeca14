"""Intervals of a share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.statistics import wilson_interval


def test_all_right_is_not_certainty() -> None:
    low, high = wilson_interval(30, 30)
    assert low == pytest.approx(0.8865, abs=1e-4)
    assert high == 1.0


def test_a_known_value() -> None:
    low, high = wilson_interval(81, 263)  # R. G. Newcombe, Statistics in Medicine 17, 1998
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share(counts: tuple[int, int]) -> None:
    correct, total = counts
    low, high = wilson_interval(correct, total)
    assert 0 <= low <= correct / total <= high <= 1


@pytest.mark.parametrize(("correct", "total"), [(1, 0), (-1, 5), (6, 5)])
def test_what_is_no_share_is_refused(correct: int, total: int) -> None:
    with pytest.raises(ValueError, match="not a share"):
        wilson_interval(correct, total)
