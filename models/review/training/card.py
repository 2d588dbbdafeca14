"""The model card, written from the figures of the same training."""

from __future__ import annotations

from models.review.metrics import Metrics, Score

_ABOUT = {
    "default": (
        "Two networks, added. The n-gram network reads every text: each word, pair and triple of "
        "words has a weight, their sum over the square root of the length counts, a word within "
        "three words after a negation is another word, and a small convolution over word vectors "
        "sees three words at a time. It learned from whole reviews, from short stretches of them, "
        "from phrases made of its strongest words, and from its own labels of unlabelled reviews. "
        "The encoder (all-MiniLM-L6-v2, fine-tuned in Keras, served by ONNX Runtime) reads texts "
        "of up to 45 words, and the end of longer ones about which the n-gram network is in doubt. "
        "It learned from stretches of one to three sentences with their review's label, and both "
        "learned from short opinions that were written for this project "
        "(`models/review/training/opinions.tsv`). Its linear head says what each piece of a word "
        "adds to the side and to the stance: a side, neither, or no opinion. How the logits are "
        "added was fitted on texts kept apart, which also calibrates the sum. Only ratings in "
        "numbers and stars, empty texts and other languages are told by rule.",
        "To say whether an English film review is positive or negative, and which words say so. "
        "Not for other languages, other products or anything that matters to a person.",
    ),
    "article": (
        "The network of the article's Keras example: an embedding of 16 numbers a word, their "
        "average, a dense layer of 16, one output. It knows the 10,000 most frequent words and "
        "reads the last 200 of a review. It averages its padding in, so short texts come out "
        "close to undecided.",
        "To show what the article's recipe gives, not to decide anything that matters.",
    ),
}


def percent(value: float) -> str:
    """Write a share as a percentage with two decimals."""
    return f"{100 * value:.2f} %"


def write(metrics: Metrics) -> str:
    """Return the card as Markdown."""
    about, use = _ABOUT[metrics.model]
    rows = [("IMDb test reviews", metrics.test), ("validation reviews", metrics.validation)]
    lines = [
        f"# Review model: {metrics.model}",
        "",
        about,
        "",
        "## Use",
        "",
        use,
        "English film reviews only. Its training reviews carry 1 to 4 or 7 to 10 stars of 10: "
        "it never saw a lukewarm one.",
        "",
        "## Figures",
        "",
        "| measured on | reviews | accuracy | 95 % interval | F1 | AUC | loss | calibration |",
        "|---|---|---|---|---|---|---|---|",
        *(_row(name, result) for name, result in rows),
        "",
        *_short(metrics),
        f"Files: {metrics.size_bytes / 1e6:.2f} MB, {metrics.parameters:,} weights. "
        f"Median answer for a review of 230 words: {metrics.latency_ms:.2f} ms. "
        f"Training took {metrics.seconds:.0f} s with seed {metrics.seed}. "
        f"Times the test reviews were scored for this release: {metrics.test_looks}.",
        "",
        "## Data",
        "",
        "Large Movie Review Dataset v1.0 (Maas et al., 2011), the official split.",
        "",
        *_opinions(metrics),
        *(f"- `{name}`: SHA-256 `{digest}`" for name, digest in sorted(metrics.data.items())),
        "",
        "Versions: "
        + ", ".join(f"{name} {number}" for name, number in metrics.versions.items())
        + ".",
    ]
    return "\n".join(lines) + "\n"


def _short(metrics: Metrics) -> list[str]:
    """Return what is known about short texts and doubt, a paragraph or none."""
    if "short" not in metrics.extra:
        return []
    figures = [f"{name}: {percent(value)}" for name, value in metrics.extra["short"].items()]
    return [
        f"Opinions kept apart. {'; '.join(figures)}.",
        "",
        f"Neither side: {percent(metrics.extra['unsure'])} of the test reviews.",
        "",
        *_cpu(metrics),
    ]


def _cpu(metrics: Metrics) -> list[str]:
    """Return what an answer costs, a paragraph or none."""
    figures = metrics.extra.get("cpu_ms")
    if not figures:
        return []
    told = "; ".join(f"{name}: {value:.1f} ms" for name, value in figures.items())
    return [f"Time of the processor for an answer, the median. {told}.", ""]


def _opinions(metrics: Metrics) -> list[str]:
    """Return what is known about the short opinions, a paragraph or none."""
    count = metrics.extra.get("opinions")
    if count is None:
        return []
    return [
        f"{count:,} short opinions and other short texts written for this project, a tenth of them "
        "kept apart to choose from.",
        "",
    ]


def _row(name: str, score: Score) -> str:
    interval = f"{percent(score.accuracy_low)} to {percent(score.accuracy_high)}"
    return (
        f"| {name} | {score.n:,} | {percent(score.accuracy)} | {interval} | {score.f1:.3f} "
        f"| {score.auc:.3f} | {score.loss:.3f} | {percent(score.ece)} |"
    )
