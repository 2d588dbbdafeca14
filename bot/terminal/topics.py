"""The topics and what they collide with, as tables in the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from bot.terminal.progress import showing
from bot.topics import COLLISION, standing
from models.knowledge import library

MOST_NEIGHBOURS = 5


def show_all() -> None:
    """List every topic with its group and the number of its questions."""
    table = Table("topic", "title", "group", "questions")
    for topic in library().topics:
        table.add_row(topic.name, topic.title, topic.group, str(len(topic.questions)))
    Console().print(table)


def show_one(name: str) -> None:
    """Show the nearest other topics and the closest questions.

    Raises:
        KnowledgeError: if there is no such topic.
    """
    with showing() as progress:
        progress.add_task("comparing its questions with all others")
        found = standing(name)
    console = Console(highlight=False)
    console.print(
        f"[bold]{found.subject}[/]: {found.questions} questions, as alike among themselves as"
        f" {found.cohesion:.2f} (1 is the same)."
    )
    table = Table("nearest topics", "likeness", "closest questions")
    for neighbour in found.neighbours[:MOST_NEIGHBOURS]:
        score, ours, theirs = neighbour.pairs[0]
        table.add_row(neighbour.subject, f"{neighbour.nearness:.2f}", f"{score:.2f}  {ours}")
        table.add_row("", "", f"      {theirs}")
    console.print(table)
    collisions = [neighbour.subject for neighbour in found.neighbours if neighbour.collides]
    if collisions:
        console.print(
            f"Questions as close as {COLLISION} to those of {', '.join(collisions)} will be"
            " mistaken for each other: make them say what sets the topic apart."
        )
    else:
        console.print(f"No question of another topic is as close as {COLLISION}.")
