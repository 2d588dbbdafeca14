"""Pictures: real PNG files, the same for the same input, different for another, on a phone."""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from models import iris
from models.iris import Flower, Recipe, _charts, _scatter, pictures

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


STAR, SETOSA = (0xF0, 0xE4, 0x42), (0xE6, 0x9F, 0x00)
LEGEND = 176  # pixels from the top


@pytest.mark.parametrize("k", [1, 3, 15])
def test_neither_the_star_nor_a_neighbour_in_its_place_hides_the_other(k: int) -> None:
    def panels(flower: Flower) -> list[Any]:
        answer = iris.predict(flower, Recipe(k=k))
        picture = np.asarray(Image.open(BytesIO(pictures.flower_among_all(answer))).convert("RGB"))
        return np.split(picture[LEGEND:], 2)

    whole = (panels(Flower(25, 20, 30, 9))[0] == STAR).all(axis=2).sum()
    for panel in panels(OTHER):
        is_star = (panel == STAR).all(axis=2)
        assert is_star.sum() > 0.5 * whole
        row, column = (int(np.median(places)) for places in np.nonzero(is_star))
        middle = panel[row - 5 : row + 6, column - 5 : column + 6]
        assert (middle == SETOSA).all(axis=2).sum() > 10  # the neighbour in the same place


def test_error_bars_end_at_a_hundred_per_cent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_charts, "png", lambda drawing: drawing)
    chart: Any = pictures.accuracy_by_k(iris.compare_k((11, 13, 15)))
    axes = chart.axes[0]
    bars = np.concatenate([line.get_segments() for line in axes.containers[0].lines[2]])
    assert 99.5 < bars[:, :, 1].max() <= 100
    assert axes.get_ylim()[0] < bars[:, :, 1].min()


@pytest.mark.parametrize(
    ("recipe", "flower", "told"),
    [
        (Recipe(), None, "sepal length 5.8 cm, sepal width 3.1 cm (the average)"),
        (Recipe(), OTHER, "fixed: sepal length 5.1 cm, sepal width 3.5 cm"),
        (Recipe(features="sepals"), OTHER, "the petals do not count"),
    ],
)
def test_regions_say_what_is_fixed(
    monkeypatch: pytest.MonkeyPatch, recipe: Recipe, flower: Flower | None, told: str
) -> None:
    monkeypatch.setattr(_scatter, "png", lambda drawing: drawing)
    drawing: Any = pictures.decision_regions(recipe, flower)
    assert drawing.axes[0].get_title().replace("\n", " ").endswith(told)


@pytest.mark.parametrize("name", DRAWINGS)
def test_nothing_is_cut_off(drawn: dict[str, bytes], name: str) -> None:
    pixels = np.asarray(Image.open(BytesIO(drawn[name])).convert("L"))
    assert (pixels[[0, -1]] == 255).all() and (pixels[:, [0, -1]] == 255).all()
