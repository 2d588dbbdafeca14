"""Read what a person types on flowers or an experiment: measurements, k, shares, seeds."""

from __future__ import annotations

from models.iris.text.experiments import (
    Experiment,
    ks_to_compare,
    names_sepal,
    read_experiment,
    takes_back,
)
from models.iris.text.numbers import NUMBER, WHOLE, Measurement, Reading, read_numbers

__all__ = [
    "NUMBER",
    "WHOLE",
    "Experiment",
    "Measurement",
    "Reading",
    "ks_to_compare",
    "names_sepal",
    "read_experiment",
    "read_numbers",
    "takes_back",
]
