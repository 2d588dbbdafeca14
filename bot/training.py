"""Train the assistant when, and only when, its sources changed."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bot.settings import ROOT, FathomError, Settings

Progress = Callable[[str], None]

SOURCES = (
    "config.yml",
    "domain.yml",
    "nlu",
    "models/encoder",
    "models/knowledge.py",
    "requirements.txt",
)
# What decides how it answers: what it is made from, its actions and every model.
BEHAVIOUR = ("config.yml", "domain.yml", "nlu", "actions", "models", "requirements.txt")
_IGNORED = ("__pycache__",)


class TrainingError(FathomError):
    """The assistant could not be trained from its sources."""


def source_files(root: Path = ROOT, sources: Sequence[str] = SOURCES) -> Iterator[Path]:
    """Yield every file that the trained assistant is made from, in a fixed order."""
    for source in sources:
        path = root / source
        if path.is_dir():
            yield from sorted(
                file
                for file in path.rglob("*")
                if file.is_file() and not any(part in _IGNORED for part in file.parts)
            )
        elif path.exists():
            yield path


def fingerprint(root: Path = ROOT, sources: Sequence[str] = SOURCES) -> str:
    """Return a name for the present state of the sources."""
    digest = hashlib.sha256()
    for file in source_files(root, sources):
        digest.update(str(file.relative_to(root)).encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def archive_path(settings: Settings) -> Path:
    """Return where the assistant that belongs to the present sources is, or will be.

    One that was trained in the tree, as a container image holds it, serves every home.
    """
    name = f"{fingerprint()}.tar.gz"
    own, shipped = (folder / "assistant" / name for folder in (settings.home, ROOT / "var"))
    return shipped if shipped.exists() and not own.exists() else own


def is_trained(settings: Settings) -> bool:
    """Whether the assistant of the present sources exists."""
    return archive_path(settings).exists()


def ensure_trained(
    settings: Settings, progress: Progress | None = None, force: bool = False
) -> Path:
    """Return the archive of the trained assistant, training it if it is missing.

    Args:
        settings: says where archives are kept.
        progress: called with the name of each step as it starts.
        force: train even if the sources are unchanged.

    Raises:
        TrainingError: if Rasa finds the training data or the configuration unusable.
    """
    archive = archive_path(settings)
    if archive.exists() and not force:
        return archive
    archive = settings.home / "assistant" / archive.name
    from rasa.model_training import train

    from bot import logs

    logs.configure()

    steps = _Steps(progress or (lambda step: None))
    logger = logging.getLogger("rasa.engine.training.hooks")
    level = logger.level
    logger.addHandler(steps)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        result = train(
            domain=str(ROOT / "domain.yml"),
            config=str(ROOT / "config.yml"),
            training_files=str(ROOT / "nlu"),
            output=str(archive.parent),
            fixed_model_name=archive.name.removesuffix(".tar.gz"),
            # Rasa's own cache knows the components' configuration but not our code and weights.
            force_training=True,
        )
    finally:
        logger.removeHandler(steps)
        logger.setLevel(level)
        logger.propagate = True
    if result.code or not archive.exists():
        raise TrainingError("The assistant could not be trained; `python -m bot check` says why")
    archive.chmod(0o600)
    for old in archive.parent.glob("*.tar.gz"):
        if old != archive:
            old.unlink(missing_ok=True)
    return archive


class _Steps(logging.Handler):
    """Turn Rasa's log lines about components into progress."""

    def __init__(self, progress: Progress) -> None:
        super().__init__(logging.INFO)
        self._progress = progress

    def emit(self, record: logging.LogRecord) -> None:
        begins, _, rest = record.getMessage().partition(" '")
        if begins.startswith("Starting"):
            self._progress(rest.partition("'")[0])
