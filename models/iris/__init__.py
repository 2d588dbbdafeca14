"""K-nearest neighbours on the Iris flowers, as in the article's scikit-learn example.

Ask for a prediction, its accuracy, an experiment or the script that repeats it:

    >>> from models import iris
    >>> iris.predict(iris.Flower(5.1, 3.5, 1.4, 0.2)).species
    'setosa'

Pictures are in ``models.iris.pictures``, which is imported apart because matplotlib is slow to
import.
"""

from __future__ import annotations

from models.iris._accuracy import Accuracy, CrossValidation, accuracy
from models.iris._data import FEATURES, FLOWERS, SPECIES, Flower, Recipe, data_range, training_size
from models.iris._errors import (
    IrisError,
    MeasurementError,
    NeighboursError,
    SeedError,
    TestShareError,
)
from models.iris._experiments import Importance, ScoreForK, compare_k, feature_importance
from models.iris._knn import Neighbour, OtherK, Prediction, nearest_of_another, predict
from models.iris._script import SCRIPTS, script
from models.iris._validation import (
    LARGEST_CM,
    LARGEST_SEED,
    LARGEST_TEST_SHARE,
    SMALLEST_TEST_SHARE,
    parse_k,
    parse_measurement,
    parse_seed,
    parse_test_share,
    unusual_fields,
)

__all__ = [
    "FEATURES",
    "FLOWERS",
    "LARGEST_CM",
    "LARGEST_SEED",
    "LARGEST_TEST_SHARE",
    "SCRIPTS",
    "SMALLEST_TEST_SHARE",
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
    "ScoreForK",
    "SeedError",
    "TestShareError",
    "accuracy",
    "compare_k",
    "data_range",
    "feature_importance",
    "nearest_of_another",
    "parse_k",
    "parse_measurement",
    "parse_seed",
    "parse_test_share",
    "predict",
    "script",
    "training_size",
    "unusual_fields",
]
