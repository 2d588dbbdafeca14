"""Training with something to look at."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from bot.settings import Settings
from bot.terminal.progress import showing
from bot.training import TrainingError, ensure_trained, is_trained

if TYPE_CHECKING:
    from models.review.training import Step


def train_assistant(settings: Settings, force: bool = False) -> None:
    """Train the assistant if its sources changed, telling which component is at work.

    Raises:
        TrainingError: if it cannot be trained; Rasa's own words are in the message.
    """
    if is_trained(settings) and not force:
        return
    rasa_says = io.StringIO()
    with showing() as progress:
        console = progress.console
        console.print("Training Fathom on this machine; this takes a minute or two, once.")
        task = progress.add_task("starting Rasa and TensorFlow")

        def show(step: str) -> None:
            progress.update(task, description=f"training: {step}")
            if not console.is_terminal:
                console.print(f"training: {step}")

        try:
            with contextlib.redirect_stdout(rasa_says):
                ensure_trained(settings, show, force)
        except TrainingError as error:
            raise TrainingError(f"{rasa_says.getvalue()}\n{error}".strip()) from error
        elapsed = progress.tasks[task].elapsed or 0
        console.print(f"Trained in {elapsed:.0f} s.")


def train_review(
    model: str, data: Path | None, encoder: Path | None = None, keep_network: bool = False
) -> None:
    """Train a review model and print what it reaches.

    Raises:
        TrainingError: if the reviews cannot be had or there is no such model.
    """
    from models.review import ReviewModelError
    from models.review.training import train

    with showing(bar=True) as progress:
        tasks = {}

        def show(step: Step) -> None:
            if step.stage not in tasks:
                tasks[step.stage] = progress.add_task(step.stage, total=step.total, news="")
            news = [f"{step.done} of {step.total}"]
            if step.loss is not None:
                news.append(f"loss {step.loss:.4f}")
            if step.accuracy is not None:
                news.append(f"validation accuracy {step.accuracy:.4f}")
            text = ", ".join(news)
            progress.update(tasks[step.stage], completed=step.done, news=text)
            if not progress.console.is_terminal:
                progress.console.print(f"{step.stage}: {text}")

        try:
            metrics = train(model, data, show, encoder=encoder, keep_network=keep_network)
        except (ReviewModelError, ValueError, OSError) as error:
            raise TrainingError(str(error)) from error
    score = metrics.test
    Console().print(f"{model}: accuracy {score.accuracy:.4f} on the {score.n} test reviews")
