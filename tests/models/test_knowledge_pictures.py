"""Pictures of concepts: phone-readable PNG files that show what was computed, with words."""

from __future__ import annotations

import importlib
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image
from sklearn.datasets import load_breast_cancer

from actions.drawings import KINDS
from models import knowledge_pictures
from models.canvas import PHONE, figure, style
from models.knowledge import library
from models.knowledge_pictures import FAMILIES, NAMES
from tests.pace import slowness

WORDING = yaml.safe_load(
    (Path(__file__).resolve().parents[2] / "nlu" / "pictures.yml").read_text(encoding="utf-8")
)["responses"]
CONCEPTS = [name for name in NAMES if name not in FAMILIES["article"]]
MOST_CPU = 0.4
# On a picture of 792 pixels that is shown 360 pixels wide, this is 11 pixels high.
SMALLEST_LETTERS = 15


@pytest.fixture(scope="module")
def drawn() -> dict[str, bytes]:
    return {name: knowledge_pictures.draw(name) for name in NAMES}


def axes_of(name: str) -> list[Any]:
    """Return the axes of a picture before it becomes pixels."""
    family = next(family for family, names in FAMILIES.items() if name in names)
    module, drawing = importlib.import_module(f"models.knowledge_pictures.{family}"), figure(6.6, 8)
    with style(PHONE):
        getattr(module, name).__wrapped__(drawing)
    return drawing.axes


def texts(axes: Any) -> list[str]:
    return [text.get_text() for text in axes.texts if text.get_text()]


def ys(axes: Any) -> list[Any]:
    return [np.asarray(line.get_ydata(), dtype=float) for line in axes.lines]


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_fits_a_phone_and_is_not_blank(drawn: dict[str, bytes], name: str) -> None:
    image = Image.open(BytesIO(drawn[name]))
    assert image.width == 792
    assert image.height <= 2.1 * image.width
    assert len(drawn[name]) < 400_000
    pixels = np.asarray(image.convert("L"))
    assert 0.005 < (pixels < 250).mean() < 0.9
    assert (pixels[[0, -1]] == 255).all() and (pixels[:, [0, -1]] == 255).all()  # nothing cut off


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_is_the_same_each_time_and_quick(drawn: dict[str, bytes], name: str) -> None:
    spent = []
    for _ in range(3):
        before = time.process_time()
        again = knowledge_pictures.draw(name)
        spent.append(time.process_time() - before)
        assert again == drawn[name]
    assert min(spent) < MOST_CPU * slowness()


def test_several_threads_may_draw_at_a_time(drawn: dict[str, bytes]) -> None:
    names = ["neuron", "nested", "pca", "chart"] * 2
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(knowledge_pictures.draw, names)) == [drawn[name] for name in names]


def test_every_picture_differs_and_an_unknown_one_is_refused(drawn: dict[str, bytes]) -> None:
    assert len(set(drawn.values())) == len(NAMES)
    with pytest.raises(KeyError):
        knowledge_pictures.draw("no such picture")


@pytest.mark.parametrize("name", NAMES)
def test_letters_are_large(name: str) -> None:
    for axes in axes_of(name):
        sizes = [text.get_fontsize() for text in axes.texts if text.get_text()]
        assert min(sizes, default=SMALLEST_LETTERS) >= SMALLEST_LETTERS


@pytest.mark.parametrize("name", CONCEPTS)
def test_the_caption_says_what_to_look_at_and_the_alt_text_what_is_there(name: str) -> None:
    (wording,) = WORDING[f"utter_picture_{name}"]
    assert "Look at" in wording["text"] and len(wording["text"].split()) <= 45
    assert 15 <= len(wording["metadata"]["alt"].split()) <= 50


def test_blocks_name_pictures_that_exist_and_every_picture_belongs_to_a_block() -> None:
    named = {block.picture for block in library().blocks if block.picture}
    assert named <= set(KINDS)
    assert set(NAMES) <= named


def test_a_neuron_and_a_network_show_their_sums() -> None:
    (neuron,) = axes_of("neuron")
    assert {"0.9", "0.71", "bias −0.5"} <= set(texts(neuron))
    (network,) = axes_of("neural_network")
    answers = [told[-1] for told in texts(network) if "→" in told]
    assert answers == ["0", "1", "1", "0"]


def test_activation_functions_are_marked_at_two() -> None:
    assert [texts(axes) for axes in axes_of("activation_functions")] == [
        ["0", "2"],
        ["−0.2", "2"],
        ["0.12", "0.88"],
        ["−0.96", "0.96"],
    ]


def test_a_convolution_finds_the_edges_and_pooling_keeps_the_largest() -> None:
    image, kernel, features, pooled = (
        np.asarray(axes.images[0].get_array()) for axes in axes_of("convolution")
    )
    assert features[0, 3] == (image[:3, 3:] * kernel).sum() == -3
    assert pooled[1, 0] == features[2:, :2].max() == 3


def test_attention_weights_sum_to_one_and_it_looks_at_the_cat() -> None:
    (axes,) = axes_of("attention")
    weights = np.asarray(axes.images[0].get_array())
    assert np.allclose(weights.sum(axis=1), 1)
    assert weights[4].argmax() == 1
    assert "set by hand" in axes.get_xlabel()


def test_a_small_rate_is_slow_a_good_one_arrives_and_a_large_one_climbs() -> None:
    slow, good, wild = (ys(axes)[1] for axes in axes_of("gradient_descent"))
    assert 0.1 < slow[-1] < slow[0] and good[-1] < 1e-3 and (np.diff(wild) > 0).all()


def test_errors_on_seen_points_fall_with_flexibility_and_those_on_new_ones_do_not() -> None:
    told = [axes.get_xlabel().split() for axes in axes_of("overfitting")]
    seen, new = ([float(words[at]) for words in told] for at in (1, 4))
    assert seen[0] > seen[1] > seen[2]
    assert new[1] < min(new[0], new[2])


def test_bias_falls_and_variance_grows() -> None:
    bias, variance, both = ys(axes_of("bias_variance")[2])
    assert bias[0] > 100 * bias[-1] and (np.diff(variance) > 0).all()
    assert 0 < both.argmin() < len(both) - 1


def test_lasso_weights_become_zero_and_ridge_weights_only_small() -> None:
    lasso, ridge = (np.array(ys(axes)[1:11]) for axes in axes_of("regularisation"))
    assert (lasso[:, 0] != 0).sum() > 5 and not lasso[:, -1].any()
    assert ridge.all() and np.abs(ridge[:, -1]).max() < 0.1 * np.abs(ridge[:, 0]).max()


def test_the_gap_of_the_learning_curve_closes() -> None:
    training, validation = ys(axes_of("learning_curve")[0])
    gap = training - validation
    assert gap[0] > 0.5 and gap[-1] < 0.1


def test_training_stops_twenty_epochs_after_the_best() -> None:
    training, until, after, best, stop = axes_of("early_stopping")[0].lines
    validation = np.concatenate([until.get_ydata(), after.get_ydata()[1:]])
    assert best.get_xdata() == validation.argmin() == stop.get_xdata()[0] - 20
    assert (np.diff(training.get_ydata()) < 0).all() and validation[-1] > 1.1 * validation.min()


def test_the_split_and_the_mean_of_its_folds() -> None:
    said = texts(axes_of("data_split")[0])
    assert {"train\n90", "validate\n30", "test\n30"} <= set(said)
    folds = [float(text) for text in said if text[1:2] == "."]
    assert len(folds) == 5
    assert f"{np.mean(folds):.2f}" in said[-1]


def test_precision_and_recall_follow_from_the_counts() -> None:
    said = texts(axes_of("confusion_matrix")[0])
    tp, fn, fp, tn = (int(text) for text in said if text.isdigit())
    assert tp + fn + fp + tn == (len(load_breast_cancer().target) + 1) // 2
    assert said[-2].endswith(f"{tp / (tp + fp):.2f}") and said[-1].endswith(f"{tp / (tp + fn):.2f}")


def test_the_area_is_that_under_the_curve() -> None:
    roc, precision_recall = axes_of("roc_and_precision_recall")
    x, y = (np.asarray(values) for values in roc.lines[0].get_data())
    assert texts(roc) == [f"AUC {np.trapz(y, x):.2f}"]
    x, y = (np.asarray(values) for values in precision_recall.lines[0].get_data())
    assert texts(precision_recall) == [f"average precision {-(np.diff(x) * y[:-1]).sum():.2f}"]


def test_the_tree_asks_for_the_petals_and_counts_the_flowers() -> None:
    said = texts(axes_of("decision_tree")[0])
    assert {"petal length\n≤ 2.45 cm?", "50 · 50 · 50", "0 · 49 · 5", "0 · 1 · 45"} <= set(said)


def test_the_forest_is_not_of_one_mind_and_the_title_counts_its_votes() -> None:
    axes = axes_of("random_forest")
    votes = [each.get_xlabel() for each in axes]
    counted = [f"{votes.count(kind)} for {kind}" for kind in ("versicolor", "virginica")]
    assert axes[0].figure._suptitle.get_text() == ", ".join(counted)
    assert len(set(votes)) == 2


def test_support_vectors_lie_on_the_edge_of_the_street() -> None:
    (axes,) = axes_of("svm_margin")
    (_, below, above, *_, ringed) = axes.lines
    for x, y in zip(*ringed.get_data(), strict=True):
        edges = [np.interp(x, *line.get_data()) for line in (below, above)]
        assert np.abs(np.array(edges) - y).min() < 0.02


def test_k_means_ends_where_every_cross_is_the_middle_of_its_points() -> None:
    last = axes_of("k_means")[3].lines[1:]
    for points, cross in zip(last[::2], last[1::2], strict=True):
        assert np.allclose(np.mean(points.get_data(), axis=1), np.ravel(cross.get_data()))


def test_the_first_component_holds_most_of_the_variance() -> None:
    (axes,) = axes_of("pca")
    x, y = np.concatenate([line.get_data() for line in axes.lines], axis=1)
    assert axes.get_xlabel() == "component 1: 92 % of variance"
    assert x.var() / y.var() == pytest.approx(17.4, abs=0.5) and abs(np.corrcoef(x, y)[0, 1]) < 1e-9
