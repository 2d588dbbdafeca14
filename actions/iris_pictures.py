"""The pictures of the iris model, each with what can be seen in it."""

from __future__ import annotations

from actions.alt import alt
from actions.replies import percent, spoken
from models import iris
from models.iris.text import ks_to_compare

EXAMPLE = iris.Flower(6.0, 2.8, 4.9, 1.65)  # close enough to the border to show a vote
KINDS = ("among", "regions", "accuracy", "confusion", "features", "anatomy", "steps")

Described = tuple[bytes, str]


def votes(answer: iris.Prediction) -> str:
    """Return how many neighbours voted for which species."""
    counted = zip(iris.SPECIES, answer.votes, strict=True)
    return ", ".join(f"{name} {count}" for name, count in counted if count)


class IrisPictures:
    """Draws one recipe, one flower or the example, and a detail; a method for each kind."""

    def __init__(
        self, recipe: iris.Recipe, flower: iris.Flower | None, detail: str | None = None
    ) -> None:
        """Keep what to draw; ``detail`` is the feature to stress, or the values of k."""
        # matplotlib takes a second to import, which no start of the assistant should wait for.
        from models.iris import pictures

        self._pictures = pictures
        self._recipe, self._flower, self._detail = recipe, flower, detail

    def among(self) -> Described:
        """Draw the flower among all."""
        answer = iris.predict(self._flower or EXAMPLE, self._recipe)
        return self._pictures.flower_among_all(answer), alt("among", **_told(answer))

    def regions(self) -> Described:
        """Draw what the model answers where."""
        recipe, flower = self._recipe, self._flower
        areas = self._pictures.areas(recipe, flower)
        shares = {name: percent(share) for name, share in areas.items()}
        seen = alt("regions", k=recipe.k, training=iris.training_size(recipe), **shares)
        if flower:
            seen = alt("regions_flower", plane=seen, **_sizes(flower))
        return self._pictures.decision_regions(recipe, flower), seen

    def accuracy(self) -> Described:
        """Draw how right the model is with each k."""
        possible = ks_to_compare([], False, iris.training_size(self._recipe))
        ks = map(int, self._detail.split(",")) if self._detail else possible
        rows = iris.compare_k(ks, self._recipe)
        ranked = sorted(rows, key=lambda row: row.cross_validation.mean)
        right = [row.correct for row in rows]
        seen = alt(
            "accuracy",
            first=rows[0].k,
            last=rows[-1].k,
            worst=ranked[0].k,
            low=percent(ranked[0].cross_validation.mean, 1),
            best=ranked[-1].k,
            high=percent(ranked[-1].cross_validation.mean, 1),
            total=rows[0].total,
            fewest=min(right),
            most=max(right),
        )
        return self._pictures.accuracy_by_k(rows, self._recipe.k), seen

    def confusion(self) -> Described:
        """Draw which species the model takes for which."""
        score = iris.accuracy(self._recipe)
        counted = zip(iris.SPECIES, score.confusion, strict=True)
        rows = "; ".join(f"{name} {', '.join(map(str, row))}" for name, row in counted)
        return self._pictures.confusion(score), alt("confusion", rows=rows)

    def features(self) -> Described:
        """Draw how much each feature matters."""
        rows = iris.feature_importance(self._recipe)
        losses = ", ".join(f"{spoken(row.feature)} {100 * row.loss:.1f}" for row in rows)
        return self._pictures.importance(rows), alt("features", losses=losses)

    def anatomy(self) -> Described:
        """Draw where each feature is measured."""
        seen = alt("anatomy")
        if self._detail:
            seen = alt("anatomy_stressed", whole=seen, feature=spoken(self._detail))
        return self._pictures.anatomy(self._detail), seen

    def steps(self) -> Described:
        """Draw how the neighbours decide."""
        answer = iris.predict(self._flower or EXAMPLE, self._recipe)
        png = self._pictures.three_steps(answer.flower, self._recipe)
        return png, alt("steps", **_told(answer))


def _told(answer: iris.Prediction) -> dict[str, str]:
    values = {"k": str(answer.recipe.k), "species": answer.species, "votes": votes(answer)}
    return {**values, **_sizes(answer.flower)}


def _sizes(flower: iris.Flower) -> dict[str, str]:
    lengths = [f"{value:g}" for value in flower.values()]
    return {"sepal": " × ".join(lengths[:2]), "petal": " × ".join(lengths[2:])}
