"""Settings that every test shares."""

import gc
from collections.abc import Iterator

import pytest
from hypothesis import settings

# First examples load models and pipelines, and machines differ: time is for the benchmark.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")


@pytest.fixture(autouse=True, scope="module")
def nothing_old_to_collect() -> Iterator[None]:
    """Keep what earlier tests loaded out of garbage collection.

    One collection of it takes half a second of CPU, which would count for whatever test is being
    timed when it comes.
    """
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
