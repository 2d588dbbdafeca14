"""Measure a trained default model and write its folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.review import (
    artifact,
    card,
    decision,
    evaluation,
    network,
    plots,
    policy,
    stance_training,
)
from models.review.crops import LEAST, crops
from models.review.decision import Decision
from models.review.judge import DECISION, POLICY, STANCE, Judge
from models.review.mending import Mender
from models.review.network import Tables
from models.review.ngrams import Floats
from models.review.opinions import Opinion
from models.review.scorer import Scorer
from models.review.stance import Stance
from models.review.teaching import Texts
from models.review.tokens import Ids, Lexicon
from models.review.weighing import Text, Weigher

NAME = "default"
_BATCH = 64
_LAST_WORDS = 20
# A whole review counts so much among the opinions that the decision is chosen on.
_PER_REVIEW = 0.1


def release(
    output: Path,
    lexicon: Lexicon,
    tables: Tables,
    validation: Texts,
    validation_texts: Sequence[str],
    opinions: tuple[Sequence[Opinion], Sequence[Opinion]],
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
    told, apart = opinions
    weigh = Weigher(lexicon, Mender(lexicon), scorer)
    split = [Text.split(opinion.text, lexicon, weigh.mender) for opinion in told]
    meanings = np.stack([scorer.meaning(text.ids) for text in split])
    stance = stance_training.fit(split, meanings, _stances(told), seed)
    decide = _decide(weigh, stance, apart, validation_texts)
    thresholds = policy.Thresholds(
        short=_doubt(weigh, stance, decide, apart),
        long=policy.choose(long, validation.labels),
    )
    judge = Judge(weigh, stance, decide, thresholds, NAME)
    with artifact.writing(output) as partial:
        artifact.save_network(network.build(tables), partial / artifact.MODEL)
        lexicon.write(partial / artifact.VOCABULARY)
        thresholds.write(partial / POLICY)
        stance.write(partial / STANCE)
        judge.decision.write(partial / DECISION)
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


def _decide(
    weigh: Weigher, stance: Stance, apart: Sequence[Opinion], reviews: Sequence[str]
) -> Decision:
    """Choose when to take no side, on opinions and on whole reviews, which all take one."""
    texts = [*(opinion.text for opinion in apart), *reviews]
    seen = np.stack([decision.signals(weighed, stance) for weighed in weigh(texts)])
    stances = np.concatenate([_stances(apart), np.zeros(len(reviews), np.int64)])
    importance = np.repeat([1.0, _PER_REVIEW], [len(apart), len(reviews)])
    return decision.fit(seen, stances, importance)


def _doubt(
    weigh: Weigher, stance: Stance, decide: Decision, apart: Sequence[Opinion]
) -> tuple[float, float]:
    """Choose the doubt about short texts, on the opinions that are said to take a side."""
    sides = {"positive": 1.0, "negative": 0.0}
    logits, labels = [], []
    for opinion, weighed in zip(apart, weigh([each.text for each in apart]), strict=True):
        if decide(decision.signals(weighed, stance)) == "sided":
            logits.append(weighed.logit)
            labels.append(sides.get(opinion.label, 0.5))
    return policy.choose(1 / (1 + np.exp(-np.array(logits))), np.array(labels))


def _stances(opinions: Sequence[Opinion]) -> npt.NDArray[np.int64]:
    return np.array([stance_training.stance_of(opinion) for opinion in opinions], np.int64)


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
