"""Pictures: real PNG files, the same for the same input, different for another, on a phone."""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from models import iris
from models.iris import Flower, Recipe, pictures

FLOWER = Flower(6.0, 2.7, 5.1, 1.6)
OTHER = Flower(5.1, 3.5, 1.4, 0.2)
PNG = b"\x89PNG\r\n\x1a\n"

DRAWINGS: dict[str, Callable[[], bytes]] = {
    "among": lambda: pictures.flower_among_all(iris.predict(FLOWER)),
    "among, other": lambda: pictures.flower_among_all(iris.predict(OTHER)),
    "among, outside": lambda: pictures.flower_among_all(iris.predict(Flower(25, 20, 30, 9))),
    "regions": lambda: pictures.decision_regions(Recipe()),
    "regions, flower": lambda: pictures.decision_regions(Recipe(), FLOWER),
    "regions, petals": lambda: pictures.decision_regions(Recipe(features="petals")),
    "regions, sepals": lambda: pictures.decision_regions(Recipe(features="sepals"), FLOWER),
    "regions, k": lambda: pictures.decision_regions(Recipe(k=40), FLOWER),
    "by k": lambda: pictures.accuracy_by_k(iris.compare_k((1, 3, 5)), chosen=3),
    "by one k": lambda: pictures.accuracy_by_k(iris.compare_k((3,))),
    "confusion": lambda: pictures.confusion(iris.accuracy()),
    "confusion, k": lambda: pictures.confusion(iris.accuracy(Recipe(k=7))),
    "importance": lambda: pictures.importance(iris.feature_importance()),
    "anatomy": pictures.anatomy,
    **{field: lambda field=field: pictures.anatomy(field) for field in iris.FEATURES},
    "steps": pictures.three_steps,
    "steps, flower": lambda: pictures.three_steps(OTHER, Recipe(k=5)),
}


@pytest.fixture(scope="module")
def drawn() -> dict[str, bytes]:
    return {name: draw() for name, draw in DRAWINGS.items()}


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_picture_is_a_png_that_fits_a_phone(drawn: dict[str, bytes], name: str) -> None:
    picture = drawn[name]
    assert picture.startswith(PNG)
    width, height = (int.from_bytes(picture[at : at + 4], "big") for at in (16, 20))
    assert 700 <= width <= 1080
    assert height <= 2.1 * width
    assert len(picture) < 400_000


def test_different_things_look_different(drawn: dict[str, bytes]) -> None:
    assert len(set(drawn.values())) == len(drawn)


def test_the_same_thing_gives_the_same_bytes_even_from_several_threads(
    drawn: dict[str, bytes],
) -> None:
    names = ["among", "regions", "confusion"]
    with ThreadPoolExecutor(3) as pool:
        again = list(pool.map(lambda name: DRAWINGS[name](), names))
    assert again == [drawn[name] for name in names]


def test_pyplot_stays_out(drawn: dict[str, bytes]) -> None:
    assert drawn
    assert "matplotlib.pyplot" not in sys.modules


def test_an_unknown_measurement_cannot_be_pointed_at() -> None:
    with pytest.raises(KeyError):
        pictures.anatomy("stem_length")
