"""K-nearest neighbours on the Iris flowers, as in the article's scikit-learn example.

Ask for a prediction, its accuracy, an experiment or the script that repeats it:

    >>> from models import iris
    >>> iris.predict(iris.Flower(5.1, 3.5, 1.4, 0.2)).species
    'setosa'

Pictures are in ``models.iris.pictures``, which is imported apart because matplotlib is slow to
import.
"""

from __future__ import annotations

from models.iris._accuracy import Accuracy, CrossValidation, Score, accuracy, leave_one_out
from models.iris._data import (
    FEATURES,
    FLOWERS,
    METRICS,
    SPECIES,
    Flower,
    Recipe,
    data_range,
    training_size,
)
from models.iris._errors import (
    IrisError,
    MeasurementError,
    NeighboursError,
    SeedError,
    TestShareError,
)
from models.iris._experiments import Importance, ScoreForK, compare_k, feature_importance
from models.iris._knn import Neighbour, OtherK, Prediction, fit, nearest_of_another, predict
from models.iris._script import SCRIPTS, script
from models.iris._validation import parse_k, parse_measurement, parse_seed, parse_test_share

__all__ = [
    "FEATURES",
    "FLOWERS",
    "METRICS",
    "SCRIPTS",
    "SPECIES",
    "Accuracy",
    "CrossValidation",
    "Flower",
    "Importance",
    "IrisError",
    "MeasurementError",
    "Neighbour",
    "NeighboursError",
    "OtherK",
    "Prediction",
    "Recipe",
    "Score",
    "ScoreForK",
    "SeedError",
    "TestShareError",
    "accuracy",
    "compare_k",
    "data_range",
    "feature_importance",
    "fit",
    "leave_one_out",
    "nearest_of_another",
    "parse_k",
    "parse_measurement",
    "parse_seed",
    "parse_test_share",
    "predict",
    "script",
    "training_size",
]
