"""The model card, written from the figures of the same training."""

from __future__ import annotations

from models.review.evaluation import Metrics, Score

_ABOUT = {
    "default": (
        "Two parts, added. Weighted n-grams: every word, pair and triple of words has a weight, "
        "their sum over the square root of the length counts, and a word within three words "
        "after a negation is another word. Filters: a small convolution over word vectors sees "
        "three words at a time. They learned from whole reviews, from short stretches of them, "
        "from phrases made of the strongest words, plain and negated, from each other's labels of "
        "unlabelled reviews, and from short opinions that were written for this project "
        "(`models/review/opinions.tsv`). How much each counts depends on the length. Rules, not "
        "learning, handle idioms, ratings, rare negations and clauses around "
        '"but" and "although" in short texts, and take a little from the logit of a sentence. '
        "Whether a text takes a side at all, stands between or holds no opinion is told by a third "
        "part, which learned from those opinions alone: its n-grams, the mean of its word vectors, "
        "and a few signs such as whether it asks a question.",
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
    limits = metrics.extra["thresholds"]
    bands = [f"{low:.2f} to {high:.2f} for {name} texts" for name, (low, high) in limits.items()]
    return [
        f"Accuracy on short texts. {'; '.join(figures)}.",
        "",
        f"It is unsure at probabilities of {' and '.join(bands)}; among whole test reviews "
        f"these are {percent(metrics.extra['unsure'])}.",
        "",
    ]


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
