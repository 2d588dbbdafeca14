"""The Python script that repeats exactly one experiment."""

from __future__ import annotations

from collections.abc import Iterable

from models.iris._accuracy import FOLDS, MANY_FOLDS, REPEATS
from models.iris._data import SPECIES, Flower, Recipe
from models.iris._experiments import SHUFFLES
from models.iris._knn import OTHER_K
from models.iris._validation import parse_k

SCRIPTS = ("prediction", "accuracy", "comparison", "features")

_SPLIT = """\
iris = load_iris()
X, y = iris.data, iris.target
X_train, X_test, y_train, y_test = train_test_split(
    X, y, test_size={share}, random_state={seed})
"""

_MODEL = """
model = {model}
model.fit(X_train, y_train)
"""

_PREDICTION = """
flower = [{flower}]  # sepal length and width, petal length and width in cm
species = iris.target_names[model.predict([flower])[0]]
print("Species:", species)

# Which training flowers decided?
{search}
for distance, row in zip(distances[0], rows[0]):
    print(f"distance {{distance:.2f}}", X_train[row], iris.target_names[y_train[row]])
"""

_ACCURACY = """
right = (model.predict(X_test) == y_test).sum()
print(f"Test flowers: {{right}} of {{len(y_test)}} right")
print(confusion_matrix(y_test, model.predict(X_test), labels=[0, 1, 2]))

# {folds} folds, {repeats} times, on all 150 flowers
folds = RepeatedStratifiedKFold(n_splits={folds}, n_repeats={repeats}, random_state={seed})
scores = cross_val_score(model, X, y, cv=folds)
print(f"Cross-validation: {{scores.mean():.4f}}, spread {{scores.std(ddof=1):.4f}}")
"""

_COMPARISON = """
folds = RepeatedStratifiedKFold(n_splits={folds}, n_repeats={repeats}, random_state={seed})
for k in {ks}:
    model = {model}
    model.fit(X_train, y_train)
    right = (model.predict(X_test) == y_test).sum()
    mean = cross_val_score(model, X, y, cv=folds).mean()
    print(f"k = {{k}}: {{right}} of {{len(y_test)}} right, cross-validation {{mean:.4f}}")
"""

_FEATURES = """
# How much accuracy is lost when the values of one feature are shuffled?
result = permutation_importance(
    model, X_test, y_test, n_repeats={shuffles}, random_state={seed})
for column in result.importances_mean.argsort()[::-1]:
    print(f"{{iris.feature_names[column]}}: {{result.importances_mean[column]:.3f}}")
"""

_BODIES = {
    "prediction": _MODEL + _PREDICTION,
    "accuracy": _MODEL + _ACCURACY,
    "comparison": _COMPARISON,
    "features": _MODEL + _FEATURES,
}
_IMPORTS = {
    "prediction": (),
    "accuracy": (
        "from sklearn.metrics import confusion_matrix",
        "from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score",
    ),
    "comparison": ("from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score",),
    "features": ("from sklearn.inspection import permutation_importance",),
}


def script(
    kind: str,
    recipe: Recipe | None = None,
    flower: Flower | None = None,
    ks: Iterable[int] = OTHER_K,
) -> str:
    """Return Python source that needs scikit-learn only and prints what the experiment found.

    Args:
        kind: one of ``SCRIPTS``.
        recipe: the recipe to repeat, the article's by default.
        flower: the flower to classify; needed for a prediction.
        ks: the values of k of a comparison.

    Raises:
        KeyError: if there is no such kind.
        ValueError: if a prediction comes without a flower.
        NeighboursError: if k does not fit the training set of the recipe.
    """
    recipe = recipe or Recipe()
    wanted = [parse_k(k, recipe) for k in (ks if kind == "comparison" else (recipe.k,))]
    body = _BODIES[kind]
    if kind == "prediction" and flower is None:
        raise ValueError("a prediction needs a flower")
    text = _imports(kind, recipe) + _SPLIT + body
    return text.format(
        share=recipe.test_share,
        seed=recipe.seed,
        model=_model("k" if kind == "comparison" else str(recipe.k), recipe.scaled),
        flower=", ".join(str(value) for value in flower.values()) if flower else "",
        search=_search(recipe.scaled),
        folds=FOLDS if max(wanted) <= 50 * len(SPECIES) * (FOLDS - 1) // FOLDS else MANY_FOLDS,
        repeats=REPEATS,
        ks=_range(wanted),
        shuffles=SHUFFLES,
    )


def _imports(kind: str, recipe: Recipe) -> str:
    lines = [
        "from sklearn.datasets import load_iris",
        "from sklearn.model_selection import train_test_split",
        "from sklearn.neighbors import KNeighborsClassifier",
        *_IMPORTS[kind],
    ]
    if recipe.scaled:
        lines.append("from sklearn.pipeline import make_pipeline")
        lines.append("from sklearn.preprocessing import StandardScaler")
    return "\n".join(sorted(lines)) + "\n\n"


def _model(k: str, scaled: bool) -> str:
    classifier = f"KNeighborsClassifier(n_neighbors={k})"
    return f"make_pipeline(StandardScaler(), {classifier})" if scaled else classifier


def _search(scaled: bool) -> str:
    if not scaled:
        return "distances, rows = model.kneighbors([flower])"
    return (
        "scaler, classifier = model[0], model[1]\n"
        "distances, rows = classifier.kneighbors(scaler.transform([flower]))"
    )


def _range(ks: list[int]) -> str:
    step = ks[1] - ks[0] if len(ks) > 1 else 1
    if step > 0 and ks == list(range(ks[0], ks[-1] + 1, step)):
        return f"range({ks[0]}, {ks[-1] + 1}{f', {step}' if step > 1 else ''})"
    return str(ks)
