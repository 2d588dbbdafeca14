"""Write what the scores say: figures as JSON, tables as Markdown, curves as a picture."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bot.evaluation.dialogues import Talked
from bot.evaluation.questions import OUTCOMES, Answered
from bot.evaluation.reviews import Judged
from models.statistics import wilson_interval

THRESHOLDS = np.linspace(0.0, 0.95, 39)
BINS = 10
MOST_CONFUSIONS = 25
_BLUE, _ORANGE, _GREY = "#0072b2", "#d55e00", "#666666"


def write(
    folder: Path,
    answers: Sequence[Answered],
    talked: Mapping[str, Talked],
    judged: Mapping[str, Judged],
    thresholds: Mapping[str, float],
) -> None:
    """Write ``metrics.json``, ``report.md`` and ``report.png`` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    figures = {**_figures(answers, talked), "reviews": {k: asdict(v) for k, v in judged.items()}}
    (folder / "metrics.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    (folder / "report.md").write_text(_page(answers, talked, judged, figures), encoding="utf-8")
    _draw(answers, thresholds, folder / "report.png")


def _figures(answers: Sequence[Answered], talked: Mapping[str, Talked]) -> dict[str, object]:
    figures: dict[str, object] = {}
    for name, part in _parts(answers).items():
        counts = Counter(answer.outcome for answer in part)
        low, high = wilson_interval(counts["right"], len(part))
        figures[name] = {
            "n": len(part),
            **{outcome: counts[outcome] for outcome in OUTCOMES},
            "right_low": round(low, 4),
            "right_high": round(high, 4),
        }
    figures["calibration_error"] = round(calibration_error(answers), 4)
    for name, result in talked.items():
        figures[name] = {
            "dialogues": result.dialogues,
            "right_dialogues": result.right,
            "turns": result.turns,
            "right_turns": result.right_turns,
        }
    return figures


def _parts(answers: Sequence[Answered]) -> dict[str, list[Answered]]:
    return {
        "questions": [answer for answer in answers if answer.expected],
        "off_topic": [answer for answer in answers if not answer.expected],
    }


def calibration_error(answers: Sequence[Answered]) -> float:
    """Return the expected calibration error of the first choice over ten equal bins."""
    return float(sum(weight * abs(right - said) for said, right, weight in _bins(answers)))


def _bins(answers: Sequence[Answered]) -> list[tuple[float, float, float]]:
    confidence = np.array([answer.confidence for answer in answers])
    right = np.array([answer.first_is_right for answer in answers], dtype=float)
    place = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return [
        (float(confidence[rows].mean()), float(right[rows].mean()), float(rows.mean()))
        for rows in (place == number for number in range(BINS))
        if rows.any()
    ]


def _page(
    answers: Sequence[Answered],
    talked: Mapping[str, Talked],
    judged: Mapping[str, Judged],
    figures: Mapping[str, object],
) -> str:
    lines = [
        "# How well Fathom understands",
        "",
        "Written by `python -m bot evaluate`. People who did not know the code wrote these sets, in"
        " several rounds. Nothing in them was trained on. The weights of follow-ups and the offset"
        " of single sentences were chosen on early rounds, and after each round its failures were"
        " read to find faults in the code, so a stranger's messages may do a little worse.",
        "",
        "| set | messages | " + " | ".join(OUTCOMES) + " |",
        "|---|---|" + "---|" * len(OUTCOMES),
    ]
    for name, part in _parts(answers).items():
        counts = Counter(answer.outcome for answer in part)
        shares = " | ".join(f"{counts[outcome] / len(part):.1%}" for outcome in OUTCOMES)
        lines.append(f"| {name.replace('_', ' ')} | {len(part)} | {shares} |")
    lines += [
        "",
        "*Offered* is a question back with the right topic among its buttons, *asked* one"
        " without it, *declined* the answer that this is outside the subject.",
        f"Expected calibration error of the first choice: {figures['calibration_error']:.3f}.",
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
        "![Calibration, and accuracy against coverage](report.png)",
        "",
        "## Confusions",
        "",
        "| expected | got | times |",
        "|---|---|---|",
    ]
    confusions = Counter(
        (" or ".join(answer.expected) or "off-topic", answer.got)
        for answer in answers
        if answer.outcome == "wrong"
    )
    lines += [
        f"| {expected} | {got} | {count} |"
        for (expected, got), count in confusions.most_common(MOST_CONFUSIONS)
    ]
    return "\n".join(lines) + "\n"


def _draw(answers: Sequence[Answered], thresholds: Mapping[str, float], path: Path) -> None:
    figure = Figure(figsize=(10, 4.2), constrained_layout=True)
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    said, true, _ = zip(*_bins(answers), strict=True)
    left.plot([0, 1], [0, 1], color=_GREY, linestyle=":", label="perfect")
    left.plot(said, true, color=_BLUE, marker="o", label="first choice")
    left.set(xlabel="confidence", ylabel="share that is right", title="Calibration")
    left.legend()
    questions = _parts(answers)["questions"]
    confidence = np.array([answer.confidence for answer in questions])
    is_right = np.array([answer.first_is_right for answer in questions])
    coverage = [(confidence >= threshold).mean() for threshold in THRESHOLDS]
    accuracy = [
        is_right[confidence >= threshold].mean() if (confidence >= threshold).any() else 1.0
        for threshold in THRESHOLDS
    ]
    right.plot(coverage, accuracy, color=_BLUE, marker=".")
    for name, threshold in thresholds.items():
        answered = confidence >= threshold
        point = (answered.mean(), is_right[answered].mean())
        right.plot(*point, color=_ORANGE, marker="D")
        right.annotate(
            f"{name} at {threshold:g}", point, textcoords="offset points", xytext=(-6, -16)
        )
    right.set(
        xlabel="coverage: share of questions answered",
        ylabel="accuracy of the answered",
        title="Accuracy against coverage, by threshold",
    )
    for axes in (left, right):
        axes.grid(alpha=0.3)
    figure.savefig(path, dpi=110)
