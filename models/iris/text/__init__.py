"""Read what a person types on flowers or an experiment: measurements, k, shares, seeds."""

from __future__ import annotations

from models.iris.text.experiments import (
    Experiment,
    ks_to_compare,
    named_row,
    names_sepal,
    read_experiment,
    takes_back,
)
from models.iris.text.numbers import (
    CENTIMETRES,
    NUMBER,
    WHOLE,
    Measurement,
    Reading,
    named_unit,
    read_numbers,
)

__all__ = [
    "CENTIMETRES",
    "NUMBER",
    "WHOLE",
    "Experiment",
    "Measurement",
    "Reading",
    "ks_to_compare",
    "named_row",
    "named_unit",
    "names_sepal",
    "read_experiment",
    "read_numbers",
    "takes_back",
]
