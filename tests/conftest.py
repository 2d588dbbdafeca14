"""Settings that every test shares."""

from hypothesis import settings

# First examples load models and pipelines, and machines differ: time is for the benchmark.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")
