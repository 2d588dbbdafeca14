"""Write what the scores say: figures as JSON, tables as Markdown."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from bot.evaluation.dialogues import Talked
from bot.evaluation.questions import OUTCOMES, Answered
from bot.evaluation.reviews import Judged
from models.statistics import wilson_interval

MOST_CONFUSIONS = 25

Answers = Mapping[str, Sequence[Answered]]


def write(
    folder: Path,
    assistant: str,
    answers: Answers,
    talked: Mapping[str, Talked],
    judged: Mapping[str, Judged],
) -> None:
    """Write ``metrics.json`` and ``report.md`` into a folder.

    Args:
        folder: where to write.
        assistant: fingerprint of the assistant that was scored.
        answers: how each set of questions came out.
        talked: how each set of dialogues came out.
        judged: how each kind of opinion came out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    figures = {
        "assistant": assistant,
        "questions": {name: _counts(part) for name, part in answers.items()},
        "dialogues": {name: _talked(part) for name, part in talked.items()},
        "reviews": {name: asdict(part) for name, part in judged.items()},
    }
    (folder / "metrics.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    page = _page(assistant, answers, talked, judged)
    (folder / "report.md").write_text(page, encoding="utf-8")


def _counts(answers: Sequence[Answered]) -> dict[str, float]:
    counts = Counter(answer.outcome for answer in answers)
    low, high = wilson_interval(counts["right"], len(answers))
    outcomes = {outcome: counts[outcome] for outcome in OUTCOMES}
    return {"n": len(answers), **outcomes, "low": round(low, 4), "high": round(high, 4)}


def _talked(result: Talked) -> dict[str, int]:
    return {
        "dialogues": result.dialogues,
        "right": result.right,
        "turns": result.turns,
        "right_turns": result.right_turns,
    }


def _page(
    assistant: str,
    answers: Answers,
    talked: Mapping[str, Talked],
    judged: Mapping[str, Judged],
) -> str:
    lines = [
        "# How well Fathom understands",
        "",
        f"Written by `python -m bot evaluate` for the assistant `{assistant}`. People who had not"
        " seen the examples wrote these sets; nothing in them is trained on. The failures of"
        " *article*, *off topic*, *learners*, *dialogues* and *iris* were read in earlier rounds,"
        " so a stranger's messages may do a little worse there; those of the others were not.",
        "",
        "| questions | n | " + " | ".join(OUTCOMES) + " | right, 95 % interval |",
        "|---|---|" + "---|" * (len(OUTCOMES) + 1),
    ]
    for name, part in answers.items():
        figures = _counts(part)
        shares = " | ".join(f"{figures[outcome] / len(part):.1%}" for outcome in OUTCOMES)
        interval = f"{figures['low']:.0%} to {figures['high']:.0%}"
        lines.append(f"| {name.replace('_', ' ')} | {len(part)} | {shares} | {interval} |")
    lines += [
        "",
        "*Asked* is a question back with the nearest concepts as choices; *declined* says that it"
        " does not know. *Off topic* and *near misses* ought to be declined.",
        "",
        "| dialogues | right | turns | right |",
        "|---|---|---|---|",
        *(
            f"| {name}, {result.dialogues} | {result.right / result.dialogues:.1%}"
            f" | {result.turns} | {result.right_turns / result.turns:.1%} |"
            for name, result in talked.items()
        ),
        "",
        "| opinions on films | texts | verdict right | right side of one half |",
        "|---|---|---|---|",
        *(
            f"| {name.replace('_', ' ')} | {kind.texts} | {kind.right / kind.texts:.1%} | "
            + (f"{kind.right_side / kind.sided:.1%} |" if kind.sided else "|")
            for name, kind in judged.items()
        ),
        "",
        "*Verdict right* counts *unsure* and *no opinion* as verdicts of their own; the last column"
        " counts only texts that take a side.",
        "",
        "## Confusions",
        "",
        "| expected | got | times |",
        "|---|---|---|",
    ]
    confusions = Counter(
        (" or ".join(answer.question.concepts[:3]) or "declined", answer.got)
        for part in answers.values()
        for answer in part
        if answer.outcome == "wrong"
    )
    lines += [
        f"| {expected} | {got.replace('|', ' / ')} | {count} |"
        for (expected, got), count in confusions.most_common(MOST_CONFUSIONS)
    ]
    return "\n".join(lines) + "\n"
