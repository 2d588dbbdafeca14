"""Train the review models. Nothing that answers imports this package."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from models.review import NAMES, artifact
from models.review.artifact import Metrics

# Of everything random.
SEED = 7


class Step(NamedTuple):
    """One piece of news from a training."""

    stage: str  # what is being done, a short noun
    done: int  # how many units of the stage are finished
    total: int  # how many there are
    loss: float | None = None  # training loss so far, if there is one
    accuracy: float | None = None  # on the validation reviews, 0 to 1, if there is one


Progress = Callable[[Step], None]
Item = TypeVar("Item")
_PACE = 1000


def told(items: Sequence[Item], stage: str, progress: Progress) -> Iterator[Item]:
    """Give items one after the other and tell how many are done."""
    for number, item in enumerate(items, 1):
        yield item
        if number % _PACE == 0 or number == len(items):
            progress(Step(f"{stage} {len(items):,} texts", number, len(items)))


def train(
    model: str,
    data: Path | None,
    progress: Progress,
    output: Path | None = None,
    encoder: Path | None = None,
    keep_network: bool = False,
) -> Metrics:
    """Train a model, measure it once on the test reviews, and replace the stored one.

    An interrupted training leaves the stored model as it was. What the default model has learned
    by then stays in ``var/review-training``, and the next run goes on from there.

    Args:
        model: "default" or "article".
        data: a folder with the reviews; without it they come from their public source.
        progress: told how far the training is.
        output: the folder to write; without it the one that the package reads.
        encoder: the published ``model.safetensors`` to begin anew with; without it the stored
            encoder learns on.
        keep_network: whether the default model keeps its stored n-gram network.

    Raises:
        ReviewModelError: if the reviews or the encoder cannot be had or read.
        ValueError: if there is no such model.
    """
    if model not in NAMES:
        raise ValueError(f"There is no review model {model!r}, only {', '.join(NAMES)}")
    stored = artifact.FOLDER / model
    output = output or stored
    if model == "article":
        from models.review.training import article

        return article.train(data, progress, output)
    from models.review.training import default

    source, work = encoder or stored / "encoder.onnx", Path("var/review-training")
    kept = stored if keep_network else None
    return default.train(data, source, progress, output, work, kept=kept)
