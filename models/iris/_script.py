"""The Python script that repeats exactly one experiment."""

from __future__ import annotations

from collections.abc import Iterable

from models.iris._accuracy import FOLDS, MANY_FOLDS, REPEATS
from models.iris._data import FEATURES, SPECIES, Flower, Recipe
from models.iris._experiments import SHUFFLES
from models.iris._knn import OTHER_K
from models.iris._validation import parse_k

SCRIPTS = ("prediction", "accuracy", "comparison", "features", "leave_one_out")

_DATA = """\
iris = load_iris()
X, y = iris.data{columns}, iris.target
"""

_SPLIT = """\
X_train, X_test, y_train, y_test = train_test_split(
    X, y, test_size={share}, random_state={seed})
"""

_MODEL = """
model = {model}
model.fit(X_train, y_train)
"""

_PREDICTION = """
flower = [{flower}]  # {names} in cm
species = iris.target_names[model.predict([flower])[0]]
print("Species:", species)

# Which training flowers decided?
{search}
for distance, row in zip(distances[0], rows[0]):
    print(f"distance {{distance:.2f}}", X_train[row], iris.target_names[y_train[row]])
"""

_SEARCH = "distances, rows = model.kneighbors([flower])"
_SCALED_SEARCH = "distances, rows = model[1].kneighbors(model[0].transform([flower]))"

_ACCURACY = """
right = (model.predict(X_test) == y_test).sum()
print(f"Test flowers: {{right}} of {{len(y_test)}} right")
print(confusion_matrix(y_test, model.predict(X_test), labels=[0, 1, 2]))

# {folds} folds, {repeats} times, on all 150 flowers
folds = RepeatedStratifiedKFold(n_splits={folds}, n_repeats={repeats}, random_state={seed})
scores = cross_val_score(model, X, y, cv=folds)
mean, spread = 100 * scores.mean(), 100 * scores.std(ddof=1)
print(f"Cross-validation: {{mean:.1f}} % ± {{spread:.1f}}")
"""

_COMPARISON = """
folds = RepeatedStratifiedKFold(n_splits={folds}, n_repeats={repeats}, random_state={seed})
for k in {ks}:
    model = {model}
    model.fit(X_train, y_train)
    right = (model.predict(X_test) == y_test).sum()
    scores = cross_val_score(model, X, y, cv=folds)
    mean, spread = 100 * scores.mean(), 100 * scores.std(ddof=1)
    print(f"k = {{k}}: {{right}} of {{len(y_test)}} right, {{mean:.1f}} % ± {{spread:.1f}}")
"""

_FEATURES = """
# How much accuracy is lost when the values of one feature are shuffled?
result = permutation_importance(
    model, X_test, y_test, n_repeats={shuffles}, random_state={seed})
names = iris.feature_names{names_in_use}
for column in result.importances_mean.argsort()[::-1]:
    print(f"{{names[column]}}: {{100 * result.importances_mean[column]:.1f}} points")
"""

_LEAVE_ONE_OUT = """
# For each of the 150 flowers: train on the other 149, then ask for this one
model = {model}
answers = cross_val_predict(model, X, y, cv=LeaveOneOut())
print(f"Leave one out: {{(answers == y).sum()}} of {{len(y)}} right")
print(confusion_matrix(y, answers))
"""

_COLUMNS = {"all": "", "petals": "2:", "sepals": ":2"}
_BODIES = {
    "prediction": _SPLIT + _MODEL + _PREDICTION,
    "accuracy": _SPLIT + _MODEL + _ACCURACY,
    "comparison": _SPLIT + _COMPARISON,
    "features": _SPLIT + _MODEL + _FEATURES,
    "leave_one_out": _LEAVE_ONE_OUT,
}
_MODULES = {
    "datasets": ("load_iris",),
    "inspection": ("permutation_importance",),
    "metrics": ("confusion_matrix",),
    "model_selection": (
        *("LeaveOneOut", "RepeatedStratifiedKFold"),
        *("cross_val_predict", "cross_val_score", "train_test_split"),
    ),
    "neighbors": ("KNeighborsClassifier",),
    "pipeline": ("make_pipeline",),
    "preprocessing": ("StandardScaler",),
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
    text = _DATA + _BODIES[kind]
    if kind == "prediction" and flower is None:
        raise ValueError("a prediction needs a flower")
    columns = _COLUMNS[recipe.features]
    code = text.format(
        columns=f"[:, {columns}]" if columns else "",
        names_in_use=f"[{columns}]" if columns else "",
        names=", ".join(FEATURES[recipe.columns]).replace("_", " "),
        share=recipe.test_share,
        seed=recipe.seed,
        model=_model("k" if kind == "comparison" else str(recipe.k), recipe),
        flower=", ".join(map(str, flower.values()[recipe.columns])) if flower else "",
        search=_SCALED_SEARCH if recipe.scaled else _SEARCH,
        folds=FOLDS if max(wanted) <= 50 * len(SPECIES) * (FOLDS - 1) // FOLDS else MANY_FOLDS,
        repeats=REPEATS,
        ks=_range(wanted),
        shuffles=SHUFFLES,
    )
    return _imports(code) + code


def _imports(code: str) -> str:
    used = {module: [n for n in names if n in code] for module, names in _MODULES.items()}
    lines = [f"from sklearn.{m} import {', '.join(names)}\n" for m, names in used.items() if names]
    return "".join(lines) + "\n"


def _model(k: str, recipe: Recipe) -> str:
    options = f"n_neighbors={k}"
    if recipe.metric != Recipe.metric:
        options += f', metric="{recipe.metric}"'
    if recipe.weighted:
        options += ', weights="distance"'
    classifier = f"KNeighborsClassifier({options})"
    if not recipe.scaled:
        return classifier
    start = "" if "," not in options else "\n    "
    return f"make_pipeline({start}StandardScaler(), {classifier})"


def _range(ks: list[int]) -> str:
    step = ks[1] - ks[0] if len(ks) > 2 else 0
    if step > 0 and ks == list(range(ks[0], ks[-1] + 1, step)):
        return f"range({ks[0]}, {ks[-1] + 1}{f', {step}' if step > 1 else ''})"
    return str(ks)
