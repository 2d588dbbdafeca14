"""Measure a trained default model and write its folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from models.review import artifact, card, evaluation, network, plots, policy
from models.review.crops import LEAST, crops
from models.review.judge import POLICY, Judge
from models.review.mending import Mender
from models.review.network import Tables
from models.review.ngrams import Floats
from models.review.scorer import Scorer
from models.review.teaching import Texts
from models.review.tokens import Ids, Lexicon

NAME = "default"
_BATCH = 64
_LAST_WORDS = 20


def release(
    output: Path,
    lexicon: Lexicon,
    tables: Tables,
    validation: Texts,
    read_test: Callable[[], Texts],
    *,
    seed: int,
    seconds: float,
    data: Mapping[str, str],
    history: Mapping[str, list[float]],
    extra: Mapping[str, Any],
) -> evaluation.Metrics:
    """Choose the thresholds, write the model, score the test reviews once, write the rest."""
    scorer = Scorer(tables)
    pieces, owners = crops(validation.ids, seed + 3)
    short, long = probabilities(scorer, pieces), probabilities(scorer, validation.ids)
    thresholds = policy.Thresholds(
        short=policy.choose(short, validation.labels[owners]),
        long=policy.choose(long, validation.labels),
    )
    judge = Judge(lexicon, Mender(lexicon), scorer, thresholds, NAME)
    with artifact.writing(output) as partial:
        artifact.save_network(network.build(tables), partial / artifact.MODEL)
        lexicon.write(partial / artifact.VOCABULARY)
        thresholds.write(partial / POLICY)
        test = read_test()
        found = probabilities(scorer, test.ids)
        ends = probabilities(scorer, [ids[-_LAST_WORDS:] for ids in test.ids])
        metrics = evaluation.Metrics(
            model=NAME,
            test=evaluation.score(found, test.labels),
            validation=evaluation.score(long, validation.labels),
            size_bytes=sum(path.stat().st_size for path in partial.iterdir()),
            parameters=_count(tables),
            latency_ms=evaluation.median_latency(
                lambda text: judge([text]), evaluation.typical_text(lexicon.words)
            ),
            seconds=seconds,
            seed=seed,
            data=data,
            versions=evaluation.library_versions(),
            extra={
                **extra,
                "history": history,
                "short": {
                    f"the last {_LAST_WORDS} words of the test reviews": evaluation.accuracy(
                        ends, test.labels
                    ),
                    f"{LEAST} or more words of the validation reviews": evaluation.accuracy(
                        short, validation.labels[owners]
                    ),
                },
                "thresholds": {"short": list(thresholds.short), "long": list(thresholds.long)},
                "unsure": float(
                    np.mean((found > thresholds.long[0]) & (found < thresholds.long[1]))
                ),
            },
        )
        metrics.write(partial / artifact.METRICS)
        (partial / artifact.CARD).write_text(card.write(metrics), encoding="utf-8")
        plots.draw(partial, found, test.labels, metrics.test)
        plots.draw_stages(partial, history)
    return metrics


def probabilities(scorer: Scorer, texts: Sequence[Ids]) -> Floats:
    """Return the probability of a positive review for each list of word ids."""
    logits = [
        evidence.logit
        for start in range(0, len(texts), _BATCH)
        for evidence in scorer.explain(texts[start : start + _BATCH])
    ]
    result: Floats = (1 / (1 + np.exp(-np.array(logits)))).astype(np.float32)
    return result


def _count(tables: Tables) -> int:
    """Count the weights that are not zero."""
    arrays = (tables.weights, tables.vectors, tables.kernel, tables.threshold)
    return sum(int(np.count_nonzero(array)) for array in (*arrays, tables.mean, tables.highest))
