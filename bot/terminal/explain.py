"""Say what each stage of understanding made of a message, and which rule decided."""

from __future__ import annotations

import tarfile
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bot.settings import Settings
from bot.training import ensure_trained
from models.knowledge import KnowledgeError, library
from nlu.guard import MessageGuard, decide
from nlu.talk import Talk
from nlu.understand import Stages, Understood

MOST_SHOWN = 5


def stages(settings: Settings) -> Stages:
    """Return the stages of the trained assistant, read from its archive."""
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(ensure_trained(settings)) as archive:
            members = [file for file in archive.getmembers() if file.name.endswith(".npz")]
            for member in members:
                member.name = Path(member.name).name
                archive.extract(member, folder)
        return Stages.load(Path(folder))


def explain(settings: Settings, text: str, after: str | None = None) -> None:
    """Print what a message is understood as, ``after`` a block was told if one is given.

    Raises:
        KnowledgeError: if there is no such block.
    """
    if after is not None and after not in library():
        raise KnowledgeError(f"there is no block {after!r}; `python -m bot concepts` lists them")
    console = Console(highlight=False)
    if intent := decide(text, MessageGuard.get_default_config()["max_characters"]):
        console.print(f"The guard decides: [bold]{intent}[/]")
        return
    talk = Talk((after,) if after else ())
    console.print(_table(stages(settings).read(text, talk)))


def _table(found: Understood) -> Table:
    reading, decision = found.reading, found.decision
    table = Table("stage", "what it made of the message", show_lines=True)
    kinds = sorted(reading.chances.items(), key=lambda kind: -kind[1])
    kind = "kind, in the lab" if reading.in_lab else "kind"
    table.add_row(kind, "\n".join(f"{p:.2f} {name}" for name, p in kinds[:MOST_SHOWN]))
    finding = reading.finding
    table.add_row("text, slips mended", finding.text)
    table.add_row("names", ", ".join(finding.named()) or "none")
    ranking = "\n".join(f"{score:.2f} {block}" for block, score in finding.ranking[:MOST_SHOWN])
    table.add_row("concept", f"{ranking}\nthe first is meant: {finding.probability:.2f}")
    seen = ", ".join(f"{name} {value:.2f}" for name, value in finding.features.items())
    table.add_row("why so sure", seen)
    table.add_row("facet", "\n".join(f"{p:.2f} {name}" for name, p in reading.facets[:MOST_SHOWN]))
    spoken = reading.talk.recent[:1]
    for block in dict.fromkeys((*spoken, finding.best)):
        if answer := reading.answers(block):
            told = library()[block].facets[answer[0]]
            table.add_row(f"answer of {block}", f"{answer[1]:.2f} {told}")
    stays = f"\nit stays with {spoken[0]}: {reading.stays:.2f}" if spoken else ""
    table.add_row("conversation", (", ".join(reading.talk.recent) or "nothing yet") + stays)
    details = ", ".join(f"{name} {value}" for name, value in decision.details.items())
    table.add_row("decision", f"{decision.intent}: {decision.reason}\n{details}")
    values = ", ".join(f"{entity['entity']} {entity['value']}" for entity in found.entities)
    table.add_row("with numbers", f"{found.intent}\n{values}")
    return table
