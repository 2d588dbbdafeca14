"""Read what a person types on a flower or an experiment: measurements, k, shares, seeds."""

from __future__ import annotations

from models.iris.text.experiments import (
    Experiment,
    ks_to_compare,
    names_sepal,
    read_experiment,
    takes_back,
)
from models.iris.text.measurements import Measurement, Reading, read_numbers
from models.iris.text.number_forms import NUMBER
from models.iris.text.number_words import WHOLE

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
