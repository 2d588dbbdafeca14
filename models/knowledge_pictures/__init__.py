"""Pictures of concepts, each drawn from a computation that is made for it, with fixed seeds.

The names are those that ``picture:`` gives in a block of ``nlu/knowledge``. A family is imported
when one of its pictures is drawn, because matplotlib and scikit-learn are slow to import.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.canvas import Drawn

# Module -> the pictures in it; each is a function of that name.
FAMILIES = {
    "article": ("nested", "chart", "network"),
    "networks": (
        "neuron",
        "neural_network",
        "activation_functions",
        "convolution",
        "attention",
    ),
    "training": (
        "gradient_descent",
        "overfitting",
        "bias_variance",
        "regularisation",
        "learning_curve",
        "early_stopping",
    ),
    "evaluation": ("data_split", "confusion_matrix", "roc_and_precision_recall"),
    "classical": ("decision_tree", "random_forest", "svm_margin", "k_means", "pca"),
}
NAMES = tuple(name for names in FAMILIES.values() for name in names)


def draw(name: str) -> bytes:
    """Draw one of ``NAMES`` as PNG.

    Raises:
        KeyError: if there is no such picture.
    """
    return drawn(name)[0]


def drawn(name: str) -> Drawn:
    """Draw one of ``NAMES`` and return its PNG with the numbers that it shows.

    Raises:
        KeyError: if there is no such picture.
    """
    family = next((family for family, names in FAMILIES.items() if name in names), None)
    if family is None:
        raise KeyError(name)
    made: Drawn = getattr(import_module(f"{__name__}.{family}"), name)()
    return made
