"""Train the review models. Nothing that answers imports this package."""

from __future__ import annotations

from pathlib import Path

from models.review import artifact
from models.review.metrics import Metrics
from models.review.progress import Progress, silent

MODELS = ("default", "article")
SEED = 7


def train(
    model: str = "default",
    data: Path | None = None,
    progress: Progress | None = None,
    output: Path | None = None,
    seed: int = SEED,
    encoder: Path | None = None,
    work: Path | None = None,
    keep_network: bool = False,
) -> Metrics:
    """Train a model, measure it once on the test reviews, and replace the stored one.

    An interrupted training leaves the stored model as it was. What the default model has learned
    by then stays in ``work``, and the next run goes on from there.

    Args:
        model: which one; see ``MODELS``.
        data: a folder with the reviews; without it they come from their public source.
        progress: told how far the training is.
        output: the folder to write; without it the one that the package reads.
        seed: of everything random.
        encoder: the published ``model.safetensors`` to begin anew with; without it the stored
            encoder learns on.
        work: folder for what is learned so far; without it ``var/review-training``.
        keep_network: whether the default model keeps its stored n-gram network.

    Raises:
        ReviewModelError: if the reviews or the encoder cannot be had or read.
        ValueError: if there is no such model.
    """
    from models.review.training import article, classifier

    if model not in MODELS:
        raise ValueError(f"There is no review model {model!r}, only {', '.join(MODELS)}")
    told, target = progress or silent, output or artifact.FOLDER / model
    if model == "article":
        return article.train(data, told, target, seed)
    stored = artifact.FOLDER / model
    return classifier.train(
        data,
        encoder or stored / "encoder.onnx",
        told,
        target,
        work or Path("var/review-training"),
        seed,
        network=stored if keep_network else None,
    )
