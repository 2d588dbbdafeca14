"""A tree, a forest, a margin, clusters and principal components, mostly of the iris flowers."""

from __future__ import annotations

from collections import Counter

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from sklearn.datasets import load_iris, make_blobs
from sklearn.decomposition import PCA
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from models.canvas import (
    COLOURS,
    GREY,
    INK,
    MARKERS,
    RED,
    TINTS,
    Numbers,
    blank,
    panels,
    picture,
    write,
)
from models.iris import SPECIES

PLACES = ((5.0, 9.9), (2.5, 6.2), (7.1, 6.2), (4.6, 2.2), (8.2, 2.2))
UNSURE = (4.85, 1.7)  # a petal near the border, where trees disagree
CENTRES = ((-3.0, -1.5), (3.0, -1.5), (0.0, 3.0))


@picture(7.6)
def decision_tree(drawing: Figure) -> None:
    """Draw a tree of two questions on the petals, with the flowers that reach each box."""
    axes = blank(drawing, 10, 11.5)
    data, species = load_iris(return_X_y=True)
    tree = DecisionTreeClassifier(max_depth=2, random_state=2).fit(data[:, 2:], species).tree_
    for node, (x, y) in enumerate(PLACES):
        counts = tree.value[node][0].astype(int)
        kind, is_leaf = int(counts.argmax()), tree.children_left[node] < 0
        asked = f"petal {('length', 'width')[tree.feature[node]]}\n≤ {tree.threshold[node]:.2f} cm?"
        face, edge = (TINTS[kind], COLOURS[kind]) if is_leaf else ("#F2F2F2", INK)
        look = {"fc": face, "ec": edge, "lw": 3}
        axes.add_patch(FancyBboxPatch((x - 1.55, y - 1), 3.1, 2, "round,pad=0.1", **look))
        write(axes, x, y + 0.35, SPECIES[kind] if is_leaf else asked, linespacing=1.1)
        write(axes, x, y - 0.72, " · ".join(map(str, counts)), fontsize=15)
        for child, answer in ((tree.children_left[node], "yes"), (tree.children_right[node], "no")):
            if not is_leaf:
                ends = np.array([(x, y), PLACES[child]])
                axes.plot(*ends.T, color=GREY, lw=3, zorder=0)
                middle_x, middle_y = ends.mean(axis=0)
                write(axes, middle_x, middle_y, answer, bbox={"fc": "white", "ec": "none"})
    write(axes, 5, 0.35, "setosa · versicolor · virginica", fontsize=15)


@picture(8.6)
def random_forest(drawing: Figure) -> Numbers:
    """Draw what nine trees, each grown on its own sample, answer, and how they vote."""
    data, species = load_iris(return_X_y=True)
    x, y = np.meshgrid(np.linspace(3, 7, 60), np.linspace(1, 2.6, 60))
    votes: Counter[str] = Counter()
    for seed, axes in enumerate(panels(drawing, 3, 3)):
        drawn = np.random.default_rng(seed).integers(0, len(data), len(data))
        tree = DecisionTreeClassifier(max_features=1, random_state=seed)
        tree.fit(data[drawn, 2:], species[drawn])
        answers = tree.predict(np.column_stack([x.flat, y.flat])).reshape(x.shape)
        vote = int(tree.predict([UNSURE])[0])
        axes.pcolormesh(x, y, answers, cmap=ListedColormap(TINTS), vmin=0, vmax=2)
        axes.contour(x, y, answers, (0.5, 1.5), colors=INK, linewidths=1.5)
        axes.plot(*UNSURE, "*", ms=24, color=COLOURS[vote], mec=INK, mew=1.5)
        axes.set_xlabel(SPECIES[vote])
        votes[SPECIES[vote]] += 1
    told = ", ".join(f"{count} for {name}" for name, count in votes.most_common())
    drawing.suptitle(told, fontsize=20, fontweight="bold")
    return {"votes": told}


@picture(6.8)
def svm_margin(drawing: Figure) -> Numbers:
    """Draw the widest street between two groups, and the points that hold it."""
    middles = ((-1.8, -1.2), (1.6, 1.4))
    points, groups = make_blobs(50, centers=middles, cluster_std=0.8, random_state=6)
    model = SVC(kernel="linear", C=1000).fit(points, groups)
    (a, b), c = model.coef_[0], model.intercept_[0]
    (low, bottom), (high, top) = points.min(0) - 0.6, points.max(0) + 0.6
    ends, (axes,) = np.array([low, high]), panels(drawing, 1)
    below, middle, above = (-(c + a * ends + side) / b for side in (1, 0, -1))
    axes.fill_between(ends, below, above, color="#F2F2F2")
    axes.plot(ends, middle, color=INK, lw=4)
    axes.plot(ends, below, "--", ends, above, "--", color=INK, lw=2)
    for group in (0, 1):
        look = {"color": COLOURS[group], "ms": 11, "mec": "white"}
        axes.plot(*points[groups == group].T, MARKERS[group], **look)
    axes.plot(*model.support_vectors_.T, "o", ms=22, mfc="none", mec=RED, mew=3)
    width, held = 2 / np.hypot(a, b), len(model.support_)
    axes.set_title(f"margin {width:.2f} wide, held by {held} points")
    axes.set(aspect="equal", xlim=(low, high), ylim=(bottom, top))
    return {"width": width, "held": held}


@picture(7.8)
def k_means(drawing: Figure) -> Numbers:
    """Draw k-means from its random start over one round to its end."""
    points, _ = make_blobs(90, centers=CENTRES, cluster_std=1.4, random_state=0)
    centres = points[np.random.default_rng(56).choice(len(points), 3, replace=False)]
    steps = [(centres, np.full(len(points), -1))]
    while len(steps) < 3 or not np.allclose(steps[-1][0], steps[-3][0]):
        groups = np.linalg.norm(points[:, None] - centres, axis=2).argmin(axis=1)
        steps.append((centres, groups))
        centres = np.array([points[groups == group].mean(axis=0) for group in range(3)])
        steps.append((centres, groups))
    rounds = len(steps) // 2 - 1
    shown = {
        "1  start": steps[0],
        "2  join the nearest": steps[1],
        "3  move to their middle": steps[2],
        f"4  after {rounds} rounds": steps[-1],
    }
    four = panels(drawing, 2, 2)
    for axes, (title, (centres, groups)) in zip(four, shown.items(), strict=True):
        axes.plot(*points[groups < 0].T, ".", ms=9, color=GREY)
        for group, colour in enumerate(COLOURS):
            axes.plot(*points[groups == group].T, MARKERS[group], ms=7, color=colour, alpha=0.6)
            axes.plot(*centres[group], "X", ms=19, color=colour, mec=INK, mew=2, zorder=5)
        axes.set_title(title, fontsize=17)
    arrow = {"arrowstyle": "-|>", "lw": 3, "shrinkB": 9, "mutation_scale": 18}
    for before, after in zip(steps[1][0], steps[2][0], strict=True):
        four[2].annotate("", after, before, arrowprops=arrow)
    return {"points": len(points), "rounds": rounds}


@picture(4.2)
def pca(drawing: Figure) -> Numbers:
    """Draw the 150 flowers, four measurements each, on their first two principal components."""
    data, species = load_iris(return_X_y=True)
    model = PCA(2)
    flowers, (axes,) = model.fit_transform(data), panels(drawing, 1)
    for kind, name in enumerate(SPECIES):
        look = {"color": COLOURS[kind], "ms": 9, "mec": "white"}
        axes.plot(*flowers[species == kind].T, MARKERS[kind], **look)
        write(axes, (-2.6, 0.2, 2.8)[kind], -1.8, name, fontweight="bold")
    first, second = model.explained_variance_ratio_
    axes.set(xlabel=f"component 1: {100 * first:.0f} % of variance")
    axes.set(ylabel=f"component 2: {100 * second:.0f} %")
    axes.set(aspect="equal", ylim=(-2.2, 1.5))
    return {"first": first, "second": second}
