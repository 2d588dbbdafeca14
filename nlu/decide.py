"""What a message asks for, once every stage has read it: an ordered list of rules decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from rapidfuzz import fuzz, process

from models.knowledge import JOINT, Block, library
from nlu.concept import Finding
from nlu.facet import ASIDE, SMALL, Ranking
from nlu.intents import INTENTS
from nlu.kind import QUESTION, by_intent
from nlu.names import Names
from nlu.talk import Talk

FOLLOW_UP = "follow_up"
# Thresholds of the probabilities, chosen on development sets.
ANSWER, OFFER = 0.2, 0.15
# So sure, a kind that is no question stands beside a concept that may be meant.
SURE_KIND = 0.5
LIKELY_KIND = 0.35
# Nothing opens a demonstration but a clear wish.
SURE_DEMONSTRATION, SURE_EXPERIMENT = 0.6, 0.85
CHANGES_MODEL = ("split", "another_split", "scale", "unscale", "reset")
# So sure must a side be to be told of a concept that was not defined yet.
SURE_SIDE = 0.4
SURE_ANSWER, SURE_OF_NEW, SURE_OF_NAMED = 0.25, 0.5, 0.7
# So likely must be in a conversation that a message is about one of the blocks at all.
IN_TALK = 0.5
# So likely, what was spoken of may answer a small question though another block is likelier.
MAY_STAY = 0.1
SURE_OUTSIDE = 0.8
# So sure is a concept that no kind speaks against it.
SURE_CONCEPT = 0.6
SURE_CONTRAST = 0.5
ASKED, A_LITTLE_ASKED = 0.5, 0.1
# Without a name these say nothing that could be answered from what was spoken of.
FIELDS = frozenset({"machine_learning", "deep_learning", "neural_network"})
GOES = (*ASIDE, "other_concept", "other_field")
NEEDS_NAME = ("other_concept", "other_field", "compare", "both")
FOLLOWS = 0.5
MOST_OFFERS = 3
THE_FIELD, THE_ARTICLE = "the field", "the_article"
_ANSWERED_AT_ONCE = ("why", "how", "when", "compare", "symptoms", "strengths", "weaknesses")
# An offer that is so much farther than the best one only distracts.
OFFER_RANGE = 0.25
MOST_COMPARED = 3
IRIS_FORM, REVIEW_FORM = "iris_form", "review_form"
ANSWERS = ("state_opinion", "out_of_scope", "give_feedback", "inform_measurement")
# So sure a message is no review while one is awaited; so many words are told and not asked.
SURE_INTERRUPTION = 0.6
A_STORY, FEW_WORDS, SOME_WORDS = 25, 9, 2
# How alike a word of "back to trees" and a name that was spoken of must be, 0 to 100.
RECALLED = 85.0
SHORTEST_RECALLED = 4


@dataclass(frozen=True)
class Decision:
    """What a message asks for.

    Attributes:
        intent: what to do.
        confidence: how sure that is, 0 to 1.
        details: the entities that go with it, by name.
        reason: the rule that decided, for people.
    """

    intent: str
    confidence: float
    reason: str
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """What the stages made of a message.

    Attributes:
        kinds: labels of ``nlu.kind``, the likeliest first.
        finding: what ``nlu.concept`` found.
        facets: facets of ``nlu.facet``, the likeliest first.
        talk: what the conversation is about.
        answers: the nearest answer of a block to a small question, and how sure that is.
        topics: the blocks it is about where it stands, the likeliest first; what their chances
            lack is the chance that it is about none.
    """

    kinds: Ranking
    finding: Finding
    facets: Ranking
    talk: Talk
    answers: Callable[[str], tuple[str, float] | None]
    topics: Ranking

    @cached_property
    def chances(self) -> dict[str, float]:
        """The probability of each intent."""
        return by_intent(self.kinds)

    @property
    def kind(self) -> str:
        """The likeliest intent."""
        return max(self.chances, key=lambda name: self.chances[name])

    def detail(self, intent: str) -> str:
        """The likeliest second half of an intent's labels."""
        return next(label for label, _ in self.kinds if label.startswith(intent)).partition("/")[2]

    @cached_property
    def facet(self) -> str:
        """The side that a question asks for."""
        return self._sides[0][0]

    @cached_property
    def _sides(self) -> Ranking:
        return [each for each in self.facets if each[0] != SMALL]

    def answer(self, block: str, least: float = SURE_ANSWER) -> str | None:
        """The answer of a block to the small question that is asked, if that is clear enough.

        The blocks on the field answer with their definition when they are new.
        """
        is_field = library()[block].area == THE_FIELD and block not in self.talk.recent[:1]
        found = None if is_field else self.answers(block)
        return found[0] if found and found[1] >= least else None

    def side_of(self, block: str) -> str:
        """The side to tell of a block: what is asked for, where that is clear enough.

        A concept that was not spoken of is defined first; the questions that beginners ask about
        the field are answered by the definition of their block.
        """
        found, is_new = library()[block], block not in self.talk.recent[:1]
        if answer := self.answer(block, SURE_OF_NEW if is_new else SURE_ANSWER):
            return answer
        facet, chance = self._sides[0]
        at_once = facet in _ANSWERED_AT_ONCE or facet not in found.facets
        if is_new and found.area == THE_FIELD and at_once:
            return "definition"
        is_plain = chance < SURE_SIDE or (facet == "simple" and facet not in found.facets)
        return "definition" if is_new and is_plain else facet

    @property
    def asked(self) -> float:
        """The probability that it is a question on the field or a follow-up."""
        return self.chances.get(QUESTION, 0.0) + self.chances.get(FOLLOW_UP, 0.0)

    @property
    def is_bare_comparison(self) -> bool:
        """Whether it names one thing to compare with what was spoken of: "vs bagging?"."""
        spoken, only = self.talk.concepts[:1], self.finding.only
        return only is not None and self.compares and bool(spoken) and only != spoken[0]

    @property
    def best(self) -> str:
        """The block it is most likely about."""
        return self.topics[0][0]

    @cached_property
    def chance(self) -> float:
        """The probability that it is about a block."""
        return sum(chance for _, chance in self.topics)

    @property
    def is_clear(self) -> bool:
        """Whether it is likely enough about a block to be answered.

        What a strange word is said of is another thing: "zebranet pooling" is no pooling.
        """
        if self.finding.strange and self.finding.probability < ANSWER:
            return False
        return self.chance >= (IN_TALK if self.talk.recent else ANSWER)

    def likely(self, block: str) -> float:
        """Return the probability that it is about a block."""
        return dict(self.topics).get(block, 0.0)

    @property
    def stays(self) -> bool:
        """Whether it is about what was spoken of last."""
        return self.best in self.talk.recent[:1]

    @property
    def compares(self) -> bool:
        """Whether it asks for a comparison, not a small question on two things."""
        return self.facets[0][0] == "compare"

    @cached_property
    def named(self) -> tuple[str, ...]:
        """The concepts that the message names, the likeliest first."""
        return self.finding.named()


def decide(reading: Reading) -> Decision:
    """Return what the first rule that knows an answer says."""
    decisions = (rule(reading) for rule in RULES)
    return next(decision for decision in decisions if decision)


def _other_kind(reading: Reading) -> Decision | None:
    """Small talk, a demonstration, accuracy, help: whatever is no question on the field."""
    kind, finding = reading.kind, reading.finding
    chance = reading.chances[kind]
    if kind in (QUESTION, FOLLOW_UP, "out_of_scope") or chance < SURE_KIND:
        return None
    in_lab = reading.talk.shown == "flower" and INTENTS[kind].of_lab
    if finding.is_bare and not (in_lab and chance >= SURE_EXPERIMENT):
        return None  # in the lab "seed 7" and "show the confusion matrix" are about the model
    opens = INTENTS[kind].demonstrates and reading.talk.shown is None
    sure = SURE_EXPERIMENT if finding.only else SURE_DEMONSTRATION  # "more on feature importance"
    if opens and chance < sure and finding.probability >= ANSWER:
        return None
    changes = kind == "try_iris" and reading.detail(kind) in CHANGES_MODEL
    if opens and changes and chance < SURE_EXPERIMENT:
        return None
    details: dict[str, Any] = {}
    if INTENTS[kind].detail:
        details[str(INTENTS[kind].detail)] = reading.detail(kind)
    if kind == "learning_path" and reading.named:
        details["concept"] = reading.named[0]
    if kind == "list_topics":
        named = [library()[concept].area for concept in reading.named]
        areas = [area for area in library().areas() if area in finding.text.lower()]
        details["area"] = next(iter([*areas, *named]), None)
    return Decision(kind, chance, f"its kind is {kind}", details)


def _small_question(reading: Reading) -> Decision | None:
    """A small question on what was spoken of: "can it be negative?"."""
    asked, talk, current = reading.asked, reading.talk, reading.talk.current
    if current is None or talk.shown or reading.likely(current.id) < MAY_STAY:
        return None
    if reading.chances.get(FOLLOW_UP, 0.0) >= FOLLOWS:
        wish = reading.detail(FOLLOW_UP)  # "which is better?", "the code please"
        if wish not in ASIDE or wish in current.facets:
            return None
    is_talk = INTENTS[reading.kind].answers_at_once
    if asked < (ASKED if talk.form or is_talk else A_LITTLE_ASKED):
        return None
    answer = reading.answer(current.id, SURE_ANSWER if reading.stays else SURE_OF_NEW)
    if answer is None:
        return None
    return _ask(current.id, answer, asked, "a small question on what was spoken of")


def _answered(reading: Reading) -> Decision | None:
    """A small question that the only block that is named answers, though another is nearer."""
    named = reading.named
    if reading.is_clear or len(named) != 1 or reading.finding.strange:
        return None
    answer = reading.answer(named[0], SURE_OF_NAMED)
    return _ask(named[0], answer, ANSWER, "a small question on what is named") if answer else None


def _follow_up(reading: Reading) -> Decision | None:
    """A message that means something only after an answer."""
    chance, talk, named = reading.chances.get(FOLLOW_UP, 0.0), reading.talk, reading.named
    switches = chance >= FOLLOWS and reading.detail(FOLLOW_UP) == "other_field"
    if reading.is_bare_comparison and not switches:
        spoken = (talk.concepts[0], named[0])
        return _compare(spoken, ANSWER, "compared with what was spoken of")
    if chance < FOLLOWS or (reading.finding.strange and not named):
        return None
    wish = reading.detail(FOLLOW_UP)
    others = [concept for concept in named if concept not in talk.concepts[:1]]
    compares = wish == "compare" or (wish not in ASIDE and reading.compares)
    if compares and (pair := _pair(others, talk)):
        return _compare(pair, chance, "a comparison with what was spoken of")
    if wish == "both":
        pair = tuple(named[:MOST_COMPARED]) if len(named) > 1 else _last_two(talk)
        if pair:
            return _compare(pair, chance, "a comparison of the last two")
    if wish == "back":
        concept = _recalled(reading)
        return _ask(concept, reading.side_of(concept), chance, "back to an earlier concept")
    if not talk.recent:
        if named:
            return _ask(named[0], reading.side_of(named[0]), chance, "a wish, and a name")
        return Decision(FOLLOW_UP, chance, "a follow-up to nothing", {"facet": wish})
    best, current = reading.best, library()[talk.recent[0]]
    is_part = wish in ASIDE and not named and best in current.concepts  # "more" after a contrast
    if wish in GOES and not reading.stays and not is_part:
        side = "definition" if wish == "other_field" else reading.side_of(best)
        return _ask(best, side, chance, "it goes on to another")
    if wish == "other_field" and FIELDS.intersection(named):
        return _ask(reading.best, "more", chance, "it holds for both fields")
    if wish in NEEDS_NAME:
        partner = _partner(talk)
        return _ask(partner, "compare", chance, "the nearest comparison") if partner else None
    return Decision(FOLLOW_UP, chance, "a follow-up to what was spoken of", _aside(wish, talk))


def _aside(wish: str, talk: Talk) -> dict[str, Any]:
    details: dict[str, Any] = {"facet": wish}
    if talk.shown:
        details["about"] = talk.shown
    elif talk.current:
        details["concept"] = _of_contrast(talk.current, wish, talk).id
    return details


def _of_contrast(block: Block, facet: str, talk: Talk) -> Block:
    """Return a contrast's concept that was spoken of last, where the contrast lacks the side."""
    if not block.is_contrast or facet in block.facets or facet not in ASIDE or facet == "more":
        return block
    if facet == "picture" and block.picture:
        return block
    spoken = [name for name in talk.recent if name in block.concepts]
    return library()[(*spoken, *block.concepts)[0]]


def _article(reading: Reading) -> Decision | None:
    """What the article says of a concept."""
    others = [concept for concept in reading.named if concept != THE_ARTICLE]
    if len(others) == len(reading.named) or not others:
        return None
    return _ask(others[0], "article", SURE_KIND, "what the article says of a concept")


def _comparison(reading: Reading) -> Decision | None:
    """Two concepts named by a question that compares."""
    named, best, chance = reading.named, library()[reading.best], reading.topics[0][1]
    if len(named) < 2 or (chance >= SURE_CONCEPT and not set(best.concepts) & set(named)):
        return None  # "are deep learning models a black box"
    if not reading.compares:
        pair = library().contrast(*named[:2])
        return (
            _ask(pair.id, "compare", ANSWER, "two names with a written contrast") if pair else None
        )
    return _compare(named[:MOST_COMPARED], ANSWER, "two names in a question that compares")


def _one_name(reading: Reading) -> Decision | None:
    """One concept named, and nothing else but what is asked of it."""
    only, finding = reading.finding.only, reading.finding
    if only is None or reading.kind not in (QUESTION, FOLLOW_UP):
        return None
    if reading.talk.recent and not finding.is_bare:
        return None
    if _is_part(finding.best, only) and finding.probability >= OFFER:
        return _ask(
            finding.best, reading.side_of(finding.best), ANSWER, "a part of the field named"
        )
    if only != finding.best and finding.probability >= SURE_CONCEPT:
        return None
    chance = max(finding.probability, SURE_KIND)
    return _ask(only, reading.side_of(only), chance, "one name, and what is asked of it")


def _is_part(block: str, field: str) -> bool:
    """Whether a block holds what is asked of one of the two fields: its methods, its uses."""
    found = library()[block]
    return (
        field in FIELDS and found.counterpart is not None and found.field == library()[field].field
    )


def _question(reading: Reading) -> Decision | None:
    """A question whose concept is clear, by itself or where it stands."""
    outside = reading.chances.get("out_of_scope", 0.0)
    if not reading.is_clear or (reading.chance < SURE_CONCEPT and outside > SURE_OUTSIDE):
        return None
    best, chance = reading.best, reading.chance
    return _ask(best, reading.side_of(best), chance, "the concept is clear")


def _offer(reading: Reading) -> Decision | None:
    """A question that is near some concepts, but not clearly about one."""
    if reading.finding.probability < OFFER or reading.kind == "out_of_scope":
        return None
    offers = _nearest(reading.finding)
    chance = reading.finding.probability
    return Decision("nlu_fallback", chance, "near, not clear", {"offers": offers})


def _outside(reading: Reading) -> Decision:
    """Everything else: an unknown name of the field, or outside."""
    outside = reading.chances.get("out_of_scope", 0.0)
    kind, chance = reading.kind, reading.chances[reading.kind]
    if INTENTS[kind].answers_at_once and chance >= LIKELY_KIND:
        return Decision(kind, chance, f"most likely its kind is {kind}")
    if reading.asked >= ASKED:
        offers = _nearest(reading.finding)
        reason = "it asks for something that no block holds"
        return Decision("unknown_name", 1 - reading.finding.probability, reason, {"offers": offers})
    return Decision("out_of_scope", outside, "outside the subject")


def interrupts(reading: Reading, text: str) -> bool:
    """Whether a message that comes while a form waits is something else than its answer."""
    kind = reading.kind
    words = len(text.split())
    if words > A_STORY:
        return False
    unclear = reading.finding.probability < OFFER and not reading.talk.recent
    if reading.talk.form == REVIEW_FORM and unclear and reading.chances.get(QUESTION, 0.0) >= ASKED:
        return False  # what sounds like a question that nothing answers is told, not asked
    if reading.talk.form == IRIS_FORM and kind == "out_of_scope" and words > SOME_WORDS:
        return reading.chances[kind] >= SURE_INTERRUPTION
    asked = (QUESTION, FOLLOW_UP, *(name for name, each in INTENTS.items() if each.is_request))
    if sum(reading.chances.get(name, 0.0) for name in set(asked)) >= SURE_INTERRUPTION:
        return True
    leaves = ("cancel", *(name for name, each in INTENTS.items() if each.answers_at_once))
    left = sum(reading.chances.get(name, 0.0) for name in set(leaves) - set(ANSWERS))
    return words <= FEW_WORDS and left >= SURE_INTERRUPTION


RULES: tuple[Callable[[Reading], Decision | None], ...] = (
    _small_question,
    _other_kind,
    _article,
    _follow_up,
    _answered,
    _comparison,
    _one_name,
    _question,
    _offer,
    _outside,
)


def _ask(concept: str, facet: str, chance: float, reason: str) -> Decision:
    return Decision(QUESTION, chance, reason, {"concept": concept, "facet": facet})


def _compare(concepts: tuple[str, ...], chance: float, reason: str) -> Decision:
    written = library().contrast(*concepts)
    block = written.id if written else JOINT.join(concepts)
    return _ask(block, "compare", chance, reason)


def _pair(others: list[str], talk: Talk) -> tuple[str, ...] | None:
    if len(others) > 1:
        return tuple(others[:2])
    return (talk.concepts[0], others[0]) if others and talk.concepts else None


def _last_two(talk: Talk) -> tuple[str, ...] | None:
    """Return the two sides of the current concept, else the last two that were spoken of."""
    current = talk.current
    if current and current.counterpart and library().contrast(current.id, current.counterpart):
        return (current.id, current.counterpart)
    return talk.concepts[:2] if len(talk.concepts) > 1 else None


def _partner(talk: Talk) -> str | None:
    """Return the first written contrast of what was spoken of."""
    current = talk.current
    found = (block.id for block in library().contrasts if current and current.id in block.concepts)
    return next(found, None)


def _recalled(reading: Reading) -> str:
    """Return which of the concepts spoken of the words name, else what they name at all."""
    spoken = reading.talk.concepts
    if linked := [concept for concept in reading.named if concept in spoken]:
        return linked[0]
    names = {concept: " ".join(library()[concept].names).lower() for concept in spoken}
    for word in Names.words(reading.finding.text):
        near = process.extractOne(word, names, scorer=fuzz.partial_ratio, score_cutoff=RECALLED)
        if near and len(word) >= SHORTEST_RECALLED:
            return str(near[2])
    return (*reading.named, *spoken[1:2], reading.finding.best)[0]


def _nearest(finding: Finding) -> list[str]:
    least = finding.ranking[0][1] - OFFER_RANGE
    return [block for block, score in finding.ranking if score >= least][:MOST_OFFERS]
