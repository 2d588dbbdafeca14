"""Every program that Fathom shows runs as it stands, leaks nothing and leaves nothing to chance."""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from models.knowledge import library

CODE = {block.id: block.facets["code"] for block in library().blocks if "code" in block.facets}
MOST_LINES = 25
# Not run: each needs what a machine without a network lacks.
NEEDS_A_DOWNLOAD = {"imdb_code": "keras.datasets.imdb.load_data() fetches 17 MB of reviews"}
# A leak is what this one shows, marked WRONG beside the right way.
SHOWS_A_LEAK = {"data_leakage"}

# What the runner has to find, run among the others.
BROKEN = {
    "raises": ("print(1)\n1 / 0", "ZeroDivisionError in line [2]"),
    "is silent": ("x = 1", "prints nothing"),
    "writes": ("print(1)\nopen('a.txt', 'w').close()", "writes ['a.txt']"),
    "downloads": (
        "import urllib.request\nurllib.request.urlopen('http://example.org')",
        "no network here: example.org",
    ),
    "warns": (
        "from sklearn.datasets import load_wine\nfrom sklearn.linear_model import Lasso\n"
        "print(Lasso(max_iter=1, alpha=1e-9).fit(*load_wine(return_X_y=True)))",
        "has not converged",
    ),
}

# Runs the snippets of a JSON file one after the other and prints a JSON line for each.
RUNNER = r"""
import contextlib, io, json, os, signal, sys, time, traceback, warnings

SECONDS = 120


def stop(*_):
    raise TimeoutError(f"over {SECONDS} s")


def no_network(event, arguments):
    if event == "socket.getaddrinfo":
        raise PermissionError(f"no network here: {arguments[0]}")


def problem_of(name, code):
    printed = io.StringIO()
    with warnings.catch_warnings(record=True) as warned, contextlib.ExitStack() as stack:
        warnings.simplefilter("always")
        stack.enter_context(contextlib.redirect_stdout(printed))
        stack.enter_context(contextlib.redirect_stderr(io.StringIO()))
        signal.alarm(SECONDS)
        try:
            exec(compile(code, name, "exec"), {"__name__": "__main__"})
        except BaseException as error:
            lines = [part.lineno for part in traceback.extract_tb(error.__traceback__)
                     if part.filename == name]
            return f"{type(error).__name__} in line {lines[-1:]}: {str(error)[:300]}"
        finally:
            signal.alarm(0)
    if not printed.getvalue().strip():
        return "prints nothing"
    if any(warning.category.__name__ == "ConvergenceWarning" for warning in warned):
        return "warns that it has not converged"
    if written := sorted(os.listdir()):
        for made in written:
            os.remove(made)
        return f"writes {written}"


with open(sys.argv[1], encoding="utf-8") as file:
    snippets = json.load(file)
sys.addaudithook(no_network)
signal.signal(signal.SIGALRM, stop)
for name, code in snippets.items():
    begin = time.perf_counter()
    error = problem_of(name, code)
    seconds = round(time.perf_counter() - begin, 2)
    print(json.dumps(dict(id=name, seconds=seconds, ok=not error, error=error)), flush=True)
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
    if "tensorflow" in sys.modules:
        sys.modules["tensorflow"].keras.backend.clear_session()
"""


def _imports(tree: ast.Module) -> dict[str, str]:
    """Return what each imported name stands for, as a dotted path."""
    known = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.name if alias.asname else alias.name.split(".")[0]
                known[alias.asname or name] = name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                known[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return known


def _uses_tensorflow(code: str) -> bool:
    return any(name.split(".")[0] == "tensorflow" for name in _imports(ast.parse(code)).values())


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Run every snippet, in two processes side by side, and return what each came to."""
    runnable = {name: code for name, (code, _) in BROKEN.items()}
    runnable |= {name: code for name, code in CODE.items() if name not in NEEDS_A_DOWNLOAD}
    running = []
    for with_tensorflow in (True, False):
        part = {
            name: code
            for name, code in runnable.items()
            if _uses_tensorflow(code) == with_tensorflow
        }
        folder = tmp_path_factory.mktemp("snippets")
        (folder / "work").mkdir()
        (folder / "snippets.json").write_text(json.dumps(part), encoding="utf-8")
        environment = {
            **os.environ,
            "KERAS_HOME": str(folder / "keras"),  # no download of another day helps
            "MPLBACKEND": "Agg",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "TF_NUM_INTRAOP_THREADS": "1",
        }
        environment.pop("PYTHONPATH", None)
        with (folder / "told").open("w") as told, (folder / "errors").open("w") as errors:
            process = subprocess.Popen(
                [sys.executable, "-c", RUNNER, str(folder / "snippets.json")],
                cwd=folder / "work",
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=errors,
            )
        running.append((process, folder))
    results = {}
    try:
        for process, folder in running:
            process.wait(timeout=1_200)
            print((folder / "errors").read_text("utf-8")[-2_000:])  # shown if a test fails
            for line in (folder / "told").read_text("utf-8").splitlines():
                result = json.loads(line)
                results[result["id"]] = result
    finally:
        for process, _ in running:
            process.kill()
    return results


def test_every_snippet_runs_and_prints_something(ran: dict[str, dict[str, Any]]) -> None:
    wanted = CODE.keys() - NEEDS_A_DOWNLOAD.keys()
    problems = [f"{name}: was not run" for name in wanted - ran.keys()]
    problems += [
        f"{name}: {ran[name]['error']}" for name in wanted & ran.keys() if ran[name]["error"]
    ]
    assert not problems, "\n".join(sorted(problems))


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_found(name: str, ran: dict[str, dict[str, Any]]) -> None:
    assert BROKEN[name][1] in ran[name]["error"]
    assert not ran[name]["ok"]


def test_what_needs_a_download_says_so() -> None:
    assert all("download" in CODE[name].lower() for name in NEEDS_A_DOWNLOAD)


def test_no_snippet_is_long() -> None:
    lines = {name: len(code.splitlines()) for name, code in CODE.items()}
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}


# Leaks: what is learned from data that are split afterwards has seen the test part.
_SPLITTERS = {"train_test_split", "cross_val_score", "cross_validate", "cross_val_predict"}
_FITS = {"fit", "fit_transform", "fit_resample", "adapt"}
_KERAS_LEARNERS = {"Normalization", "TextVectorization", "StringLookup", "Discretization"}


def _called(call: ast.Call) -> str:
    """Return the last name of what is called."""
    named = call.func
    return named.attr if isinstance(named, ast.Attribute) else getattr(named, "id", "")


@functools.cache
def _of_sklearn(path: str) -> Any:
    module, _, name = path.rpartition(".")
    try:
        return getattr(importlib.import_module(module), name)
    except (AttributeError, ImportError):
        return importlib.import_module(path)


def _resolved(call: ast.Call, imports: dict[str, str]) -> Any:
    """Return what of scikit-learn is called, or None."""
    name = ast.unparse(call.func).split(".")
    path = ".".join([imports.get(name[0], ""), *name[1:]])
    return _of_sklearn(path) if path.startswith("sklearn.") else None


def _is_transformer(value: ast.AST | None, imports: dict[str, str]) -> bool:
    """Tell whether an expression makes a lone transformer: no model and no pipeline."""
    if not isinstance(value, ast.Call):
        return False
    if _called(value) in _KERAS_LEARNERS:
        return True
    if _called(value) in ("make_column_transformer", "make_union"):
        return True
    made = _resolved(value, imports)
    return (
        inspect.isclass(made)
        and hasattr(made, "transform")
        and not hasattr(made, "predict")
        and not hasattr(made, "steps")
    )


def _names(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _whole(node: ast.AST) -> set[str]:
    """Return the names that an expression takes as a whole, not a slice of them."""
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        return set()
    if isinstance(node, ast.Name):
        return {node.id}
    return set().union(*(_whole(child) for child in ast.iter_child_nodes(node)))


def _assignments(tree: ast.Module) -> Iterator[tuple[set[str], ast.expr]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                pairs = (
                    zip(target.elts, node.value.elts, strict=True)
                    if isinstance(target, ast.Tuple)
                    and isinstance(node.value, ast.Tuple)
                    and len(target.elts) == len(node.value.elts)
                    else [(target, node.value)]
                )
                yield from ((_names(part), value) for part, value in pairs)


def _leaks(code: str) -> list[str]:
    """Return the calls that fit a transformer to data of which a part is held out later."""
    tree = ast.parse(code)
    imports = _imports(tree)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assigned = list(_assignments(tree))
    made_of = {name: value for names, value in assigned if len(names) == 1 for name in names}
    divided: set[str] = set()
    for call in calls:
        if _called(call) in _SPLITTERS:
            # ... of cross-validation the first argument is a model
            data = call.args if _called(call) == "train_test_split" else call.args[1:]
            divided |= set().union(*map(_whole, data), set())
        elif _called(call) in _FITS:
            divided |= {
                argument.value.id
                for argument in call.args
                if isinstance(argument, ast.Subscript) and isinstance(argument.value, ast.Name)
            }
    held_out = {
        name.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and _called(node.value) == "train_test_split"
        and isinstance(node.targets[0], ast.Tuple)
        for name in node.targets[0].elts[1::2]
        if isinstance(name, ast.Name)
    }
    # ... and what those were made of, unless that was a split as well
    while (
        grown := {
            name
            for names, value in assigned
            if names & divided
            and not (isinstance(value, ast.Call) and _called(value) == "train_test_split")
            for name in _whole(value)
        }
        - divided
        - imports.keys()
    ):
        divided |= grown
    found = []
    for call in calls:
        if _called(call) not in _FITS or not call.args or not isinstance(call.func, ast.Attribute):
            continue
        fitted = call.func.value
        if isinstance(fitted, ast.Name):
            fitted = made_of.get(fitted.id, fitted)
        if _is_transformer(fitted, imports) and _whole(call.args[0]) & (divided | held_out):
            found.append(ast.unparse(call))
    return found


@pytest.mark.parametrize(
    ("code", "leaks"),
    [
        ("X = StandardScaler().fit_transform(X)\nA, B, a, b = train_test_split(X, y)", True),
        ("scaler = StandardScaler()\nscaler.fit(X)\nA, B = train_test_split(X)", True),
        ("Z = StandardScaler().fit_transform(X)\ncross_val_score(model, Z, y)", True),
        ("A, B = train_test_split(X)\nStandardScaler().fit(B)", True),
        ("StandardScaler().fit(X)\nmodel.fit(X[:50], y[:50])", True),
        ("A, B = train_test_split(X)\nStandardScaler().fit(A)", False),
        ("cross_val_score(make_pipeline(StandardScaler(), SVC()), X, y)", False),
        ("StandardScaler().fit(X[:50])\nmodel.fit(X[:50], y[:50])", False),
        ("Z = StandardScaler().fit_transform(X)\nKMeans(random_state=0).fit(Z)", False),
    ],
)
def test_a_leak_is_found(code: str, leaks: bool) -> None:
    assert bool(_leaks(f"from sklearn.preprocessing import StandardScaler\n{code}")) == leaks


def test_no_snippet_learns_from_what_it_tests_on() -> None:
    found = {name: leaks for name, code in CODE.items() if (leaks := _leaks(code))}
    assert found.keys() == SHOWS_A_LEAK, found


# Chance: what of scikit-learn takes a random_state, but draws only where this is written.
_DRAWS_ONLY_IF = {
    "DummyClassifier": ("stratified", "uniform"),
    "ElasticNet": ("selection=",),
    "ElasticNetCV": ("selection=",),
    "GaussianProcessRegressor": ("n_restarts_optimizer=",),
    "KBinsDiscretizer": ("subsample=",),
    "KFold": ("shuffle=",),
    "Lasso": ("selection=",),
    "LassoCV": ("selection=",),
    "LogisticRegression": ("liblinear", "sag"),
    "LogisticRegressionCV": ("liblinear", "sag"),
    "PCA": ("arpack", "randomized"),
    "Ridge": ("sag",),
    "RidgeClassifier": ("sag",),
    "SVC": ("probability=",),
    "StratifiedKFold": ("shuffle=",),
    "silhouette_score": ("sample_size=",),
}
_SEEDS = {"seed", "set_seed", "set_random_seed"}


def _of_chance(code: str) -> list[str]:
    """Return the calls whose result depends on a chance that nobody fixed."""
    tree = ast.parse(code)
    imports = _imports(tree)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    is_seeded = any(_called(call) in _SEEDS and call.args for call in calls)
    # Weights that are counted and never used may be any.
    only_counts = "count_params" in code and not re.search(r"\.(?:fit|predict)\(", code)
    found = []
    # An ensemble that is given a random_state hands it on to the models inside it.
    inside = {
        id(part)
        for call in calls
        if any(keyword.arg == "random_state" for keyword in call.keywords)
        for part in ast.walk(call)
        if part is not call
    }
    for call in calls:
        path = ast.unparse(call.func).split(".")
        full = ".".join([imports.get(path[0], path[0]), *path[1:]])
        given = {keyword.arg for keyword in call.keywords}
        signs = _DRAWS_ONLY_IF.get(_called(call), ("",))
        if _called(call) in ("default_rng", "RandomState", "Random"):
            draws = not call.args and "seed" not in given
        elif not full.replace(".", "").isidentifier():
            draws = False  # of what another call made
        elif full.startswith(("numpy.random.", "random.")):
            draws = _called(call) not in _SEEDS and not is_seeded
        elif full.startswith("tensorflow.") and full.split(".")[-2] in ("random", "layers"):
            draws = not is_seeded and not only_counts
        elif full.startswith("scipy.") or _called(call) == "rvs":
            draws = _called(call) in ("rvs", "bootstrap", "permutation_test", "random")
            draws = draws and "random_state" not in given
        else:
            draws = (
                (made := _resolved(call, imports)) is not None
                and "random_state" in inspect.signature(made).parameters
                and "random_state" not in given
                and (_called(call) != "train_test_split" or "shuffle" not in given)
                and any(sign in ast.unparse(call) for sign in signs)
                and id(call) not in inside
            )
        if draws:
            found.append(ast.unparse(call))
    return found


@pytest.mark.parametrize(
    ("code", "is_chance"),
    [
        ("np.random.default_rng().normal()", True),
        ("np.random.normal()", True),
        ("random.random()", True),
        ("train_test_split(X, y)", True),
        ("KFold(5, shuffle=True)", True),
        ("keras.layers.Dense(3)", True),
        ("np.random.default_rng(0).normal()", False),
        ("random.seed(0)\nrandom.random()", False),
        ("train_test_split(X, y, random_state=0)", False),
        ("KFold(5)", False),
        ("keras.utils.set_random_seed(0)\nkeras.layers.Dense(3)", False),
    ],
)
def test_chance_is_found(code: str, is_chance: bool) -> None:
    imports = (
        "import random\nimport numpy as np\nfrom tensorflow import keras\n"
        "from sklearn.model_selection import KFold, train_test_split\n"
    )
    assert bool(_of_chance(imports + code)) == is_chance


def test_every_source_of_chance_is_seeded() -> None:
    assert {name: calls for name, code in CODE.items() if (calls := _of_chance(code))} == {}
