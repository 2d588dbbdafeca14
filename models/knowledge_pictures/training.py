"""How training goes: its steps, too little and too much of it, and what holds it back."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from sklearn.datasets import load_diabetes, load_digits
from sklearn.linear_model import Ridge, lasso_path
from sklearn.naive_bayes import GaussianNB
from sklearn.preprocessing import scale

from models.canvas import BLUE, GREEN, GREY, INK, ORANGE, RED, Numbers, panels, picture, write

Floats = NDArray[np.float64]

RATES = {0.04: "small: slow", 0.3: "good: quick", 1.06: "large: it runs away"}
DEGREES = {1: "too simple", 4: "about right", 13: "too flexible"}
CURVE = np.linspace(-1, 1, 200)
SEEN = np.linspace(-1, 1, 16)
SIZES = (25, 50, 100, 200, 400, 800, 1200)
EPOCHS, PATIENCE, WAVES = 150, 20, 60


@picture(9.4)
def gradient_descent(drawing: Figure) -> None:
    """Draw eight steps down the valley w², whose slope is 2w, with three learning rates."""
    valley = np.linspace(-1.75, 1.75, 101)
    for axes, (rate, verdict) in zip(panels(drawing, 3), RATES.items(), strict=True):
        path = -((1 - 2 * rate) ** np.arange(9))
        axes.plot(valley, valley**2, color=GREY, lw=3)
        axes.plot(path, path**2, "o-", color=RED, lw=1.5, ms=9, mec="white")
        axes.plot(path[0], path[0] ** 2, "o", ms=15, color=INK)
        axes.plot(0, 0, "*", ms=22, color=GREEN, mec=INK, zorder=5)
        axes.set(title=f"{rate:g} is {verdict}", xlabel="weight", ylabel="loss")
        axes.set(ylim=(-0.25, 3), xlim=(-1.8, 1.8))


@picture(10.4)
def overfitting(drawing: Figure) -> Numbers:
    """Draw three polynomials through the same points, with their errors on old and new ones."""
    points = _noisy(SEEN, 0.3, np.random.default_rng(13))
    new = np.random.default_rng(4).uniform(-1, 1, 500)
    known = (SEEN, points), (new, _noisy(new, 0.3, np.random.default_rng(5)))
    told = []
    for axes, (degree, verdict) in zip(panels(drawing, 3), DEGREES.items(), strict=True):
        axes.plot(CURVE, np.sin(4 * CURVE), "--", color=GREY, lw=2)
        axes.plot(CURVE, _fitted(points, degree, CURVE), color=BLUE, lw=4)
        axes.plot(SEEN, points, "o", ms=10, color=ORANGE, mec=INK)
        errors = [np.mean((_fitted(points, degree, x) - y) ** 2) for x, y in known]
        error = "{:.2f} on these, {:.2f} on new points".format(*errors)
        told.append(f"{error} (degree {degree})")
        axes.set_xlabel(f"error: {error}")
        axes.set(title=f"degree {degree}: {verdict}", ylim=(-2.1, 2.1))
    return {"errors": "; ".join(told)}


@picture(10.4)
def bias_variance(drawing: Figure) -> Numbers:
    """Draw fits to 60 noisy samples of one curve, and bias and variance for each degree."""
    truth, random = np.sin(4 * CURVE), np.random.default_rng(0)
    samples = np.array([_noisy(SEEN, 0.6, random) for _ in range(60)]).T
    fits = {degree: _fitted(samples, degree, CURVE) for degree in range(1, 10)}
    *above, below = panels(drawing, 3)
    for axes, degree, verdict in zip(
        above, (1, 9), ("all wrong alike", "each different"), strict=True
    ):
        axes.plot(CURVE, fits[degree][:, :25], color=BLUE, lw=0.9, alpha=0.6)
        axes.plot(CURVE, truth, "--", color=INK, lw=3)
        axes.set(title=f"degree {degree}: {verdict}", ylim=(-2.1, 2.1))
    bias = np.array([np.mean((fit.mean(axis=1) - truth) ** 2) for fit in fits.values()])
    variance = np.array([np.mean(fit.var(axis=1)) for fit in fits.values()])
    below.plot(list(fits), bias, "s-", color=ORANGE, lw=3, ms=9, label="bias²")
    below.plot(list(fits), variance, "o--", color=BLUE, lw=3, ms=9, label="variance")
    below.plot(list(fits), bias + variance, "^:", color=INK, lw=3, ms=9, label="both")
    below.set(xlabel="degree", ylabel="error", xticks=(1, 3, 5, 7, 9), ylim=(0, 0.6))
    below.legend(loc="upper center")
    best = int((bias + variance).argmin())
    return {
        "bias": bias,
        "variance": variance,
        "best": best + 1,
        "lowest": bias[best] + variance[best],
    }


@picture(9.4)
def regularisation(drawing: Figure) -> None:
    """Draw the weights of a linear model of diabetes against the strength of L1 and of L2."""
    x, y = (scale(each) for each in load_diabetes(return_X_y=True))
    _, lasso, _ = lasso_path(x, y, alphas=np.logspace(-3, -0.2, 60))
    ridge = np.array([Ridge(strength).fit(x, y).coef_ for strength in np.logspace(0, 5, 60)]).T
    for axes, weights in zip(panels(drawing, 2), (lasso[:, ::-1], ridge), strict=True):
        axes.axhline(0, color=INK, lw=1)
        axes.plot(weights.T, color=GREY, lw=2)
        axes.plot(weights[2], color=BLUE, lw=4, label="body mass")
        axes.plot(weights[3], "--", color=ORANGE, lw=4, label="pressure")
        axes.set(ylabel="weight", xlabel="stronger →", yticks=(0,))
    drawing.axes[0].set_title("L1 (lasso): one by one becomes 0")
    drawing.axes[1].set_title("L2 (ridge): all shrink, none is 0")
    drawing.axes[1].legend(loc="lower right")


@picture(6.4)
def learning_curve(drawing: Figure) -> Numbers:
    """Draw the accuracy of naive Bayes on written digits against the number of digits it saw."""
    images, digits = load_digits(return_X_y=True)
    scores = np.zeros((3, len(SIZES), 2))
    for seed, row in np.ndindex(scores.shape[:2]):
        order = np.random.default_rng(seed).permutation(len(digits))
        parts = order[: SIZES[row]], order[-500:]
        model = GaussianNB().fit(images[parts[0]], digits[parts[0]])
        scores[seed, row] = [model.score(images[part], digits[part]) for part in parts]
    (axes,), (training, validation) = panels(drawing, 1), scores.mean(axis=0).T
    axes.fill_between(SIZES, validation, training, color=GREY, alpha=0.2)
    axes.plot(SIZES, training, "s--", color=ORANGE, lw=3, ms=10)
    axes.plot(SIZES, validation, "o-", color=BLUE, lw=3, ms=10)
    write(axes, SIZES[-1], training[-1] + 0.05, "training", ha="right")
    write(axes, SIZES[-1], validation[-1] - 0.06, "validation", ha="right")
    axes.set(xlabel="digits seen in training", ylabel="accuracy", ylim=(0.2, 1.05), xscale="log")
    axes.set_xticks(SIZES[::2], SIZES[::2])
    axes.set_yticks((0.2, 0.4, 0.6, 0.8, 1))
    axes.minorticks_off()
    return {"training": training, "validation": validation}


@picture(6.4)
def early_stopping(drawing: Figure) -> Numbers:
    """Draw the loss over the epochs, the best one, and where patience ends."""
    training, validation = _losses()
    best = int(validation.argmin())
    stop = best + PATIENCE
    (axes,) = panels(drawing, 1)
    axes.plot(training, "--", color=ORANGE, lw=4)
    axes.plot(validation[: stop + 1], color=BLUE, lw=4)
    axes.plot(range(stop, EPOCHS), validation[stop:], ":", color=BLUE, lw=3)
    axes.plot(best, validation[best], "*", ms=26, color=GREEN, mec=INK, zorder=5)
    axes.axvline(stop, color=RED, lw=3)
    write(axes, stop + 3, 0.7, "stop", color=RED, fontweight="bold", ha="left")
    write(axes, best, validation[best] - 0.06, "keep", fontweight="bold")
    write(axes, EPOCHS, validation[-1] + 0.04, "validation", ha="right")
    write(axes, EPOCHS, training[-1] + 0.04, "training", ha="right")
    axes.set(xlabel="epoch", ylabel="loss", ylim=(0, 0.78), xticks=(0, 50, 100, 150), yticks=(0,))
    return {"best": best, "stop": stop}


def _losses() -> Floats:
    """Return the loss on 24 noisy points and on 200 others before each epoch, ``(2, epochs)``.

    The model weighs 60 random cosines; an epoch is one step of gradient descent on the 24 points.
    """
    random = np.random.default_rng(0)
    rates, shifts = random.normal(0, 8, WAVES), random.uniform(-np.pi, np.pi, WAVES)
    x = [np.random.default_rng(seed).uniform(-1, 1, size) for seed, size in ((7, 24), (99, 200))]
    y = [_noisy(each, 0.5, random) for each in x]
    features = [np.cos(np.outer(each, rates) + shifts) * np.sqrt(2 / WAVES) for each in x]
    weights, losses = np.zeros(WAVES), np.zeros((2, EPOCHS))
    for epoch in range(EPOCHS):
        errors = [each @ weights - answers for each, answers in zip(features, y, strict=True)]
        losses[:, epoch] = [np.mean(error**2) for error in errors]
        weights -= 0.5 * features[0].T @ errors[0] / len(errors[0])
    return losses


def _noisy(x: Floats, noise: float, random: np.random.Generator) -> Floats:
    noisy: Floats = np.sin(4 * x) + random.normal(0, noise, len(x))
    return noisy


def _fitted(answers: Floats, degree: int, x: Floats) -> Any:
    """Return what polynomials through answers ``(16,)`` or ``(16, fits)`` say at ``x``."""
    weights = np.linalg.lstsq(np.vander(SEEN, degree + 1), answers, rcond=None)[0]
    return np.vander(x, degree + 1) @ weights
