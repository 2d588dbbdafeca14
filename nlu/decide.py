"""What a message asks for, once every stage has read it: an ordered list of rules decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from models.knowledge import JOINT, Block, library
from nlu.concept import Finding
from nlu.facet import ASIDE, SMALL
from nlu.intents import INTENTS
from nlu.kind import QUESTION, by_intent
from nlu.lab import is_of_lab
from nlu.regression import Ranking
from nlu.talk import IRIS_FORM, REVIEW_FORM, Talk

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
SURE_ANSWER, SURE_OF_NEW = 0.25, 0.5
# What so surely asks what something is asks no small question.
SURE_DEFINITION = 0.95
# So likely must it be that a message is about one of the blocks at all.
SURE_TOPIC = 0.5
# So likely, what was spoken of may answer a small question though another block is likelier.
MAY_STAY = 0.1
SURE_OUTSIDE = 0.8
# So sure is a concept that no kind speaks against it.
SURE_CONCEPT = 0.6
ASKED, A_LITTLE_ASKED = 0.5, 0.1
# These mean something only after an answer, whatever was told.
GOES_ON = ("next", "previous", "repeat", "related")
FOLLOWS = 0.5
MOST_OFFERS = 3
THE_FIELD, THE_ARTICLE = "the field", "the_article"
_ANSWERED_AT_ONCE = ("why", "how", "when", "compare", "symptoms", "strengths", "weaknesses")
# An offer that is so much farther than the best one only distracts.
OFFER_RANGE = 0.25
ANSWERS = ("state_opinion", "out_of_scope", "give_feedback", "inform_measurement")
# So sure a message is no review while one is awaited; so many words are told and not asked.
SURE_INTERRUPTION = 0.6
A_STORY, FEW_WORDS, SOME_WORDS = 25, 9, 2


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
        in_lab: whether the kinds are those of the lab, where each word may be about the model.
        topics: the blocks it is about where it stands, the likeliest first; what their chances
            lack is the chance that it is about none.
    """

    kinds: Ranking
    finding: Finding
    facets: Ranking
    talk: Talk
    answers: Callable[[str], tuple[str, float] | None]
    topics: Ranking
    in_lab: bool = False

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

    def details(self, intent: str) -> dict[str, Any]:
        """What goes with an intent, by the name of the entity."""
        detail = INTENTS[intent].detail
        return {detail: self.detail(intent)} if detail else {}

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
        is_plain = self.facets[0][0] == "definition" and self.facets[0][1] >= SURE_DEFINITION
        found = None if is_plain or is_field else self.answers(block)
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
    def wish(self) -> str | None:
        """What it asks for as a follow-up, if it is one."""
        follows = self.chances.get(FOLLOW_UP, 0.0) >= FOLLOWS
        return self.detail(FOLLOW_UP) if follows else None

    @property
    def asked(self) -> float:
        """The probability that it is a question on the field or a follow-up."""
        return self.chances.get(QUESTION, 0.0) + self.chances.get(FOLLOW_UP, 0.0)

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
        if self.finding.strange and self.finding.probability < ANSWER and not self.stays:
            return False
        return self.chance >= SURE_TOPIC

    def likely(self, block: str) -> float:
        """Return the probability that it is about a block."""
        return dict(self.topics).get(block, 0.0)

    @property
    def subject(self) -> str:
        """The block that it is about: where only a comparison is asked for, the likeliest one."""
        if self.wish == "compare" and not self.named:
            pairs = (name for name, _ in self.topics if library().block(name).is_contrast)
            pair = next(pairs, self.best)
            return pair if self.likely(pair) >= MAY_STAY else self.best
        return self.best

    @property
    def stays(self) -> bool:
        """Whether it is about what was spoken of last."""
        return self.best in self.talk.recent[:1]

    @property
    def chooses(self) -> bool:
        """Whether it asks what to take of two things that were just compared."""
        current = self.talk.current
        return current is not None and current.is_contrast and self.facet in ("compare", "when")

    @cached_property
    def named(self) -> tuple[str, ...]:
        """The concepts that the message names, the likeliest first."""
        return self.finding.named()


def decide(reading: Reading) -> Decision:
    """Return what the first rule that knows an answer says."""
    decisions = (rule(reading) for rule in RULES)
    return next(decision for decision in decisions if decision)


def _of_lab(reading: Reading) -> Decision | None:
    """What is given to the Iris model or asked of it, where the lab is spoken of."""
    ours = [(label, chance) for label, chance in reading.kinds if is_of_lab(label)]
    chance = sum(chance for _, chance in ours)
    if not reading.in_lab or chance < SURE_KIND:
        return None
    kind = max(by_intent(ours).items(), key=lambda each: each[1])[0]
    if kind == "try_iris" and dict(ours)[f"{kind}/{reading.detail(kind)}"] < LIKELY_KIND:
        return None
    return Decision(kind, min(chance, 1.0), "it is about the Iris model", reading.details(kind))


def _other_kind(reading: Reading) -> Decision | None:
    """Small talk, a demonstration, accuracy, help: whatever is no question on the field."""
    kind, finding = reading.kind, reading.finding
    chance = reading.chances[kind]
    if kind in (QUESTION, FOLLOW_UP, "out_of_scope") or chance < SURE_KIND:
        return None
    if reading.in_lab and kind in ("try_iris", "state_opinion"):
        return None  # too unclear what is to be done; an opinion is one on the flower
    if finding.is_bare:
        return None
    opens = INTENTS[kind].demonstrates and reading.talk.shown is None
    sure = SURE_EXPERIMENT if finding.only else SURE_DEMONSTRATION  # "more on feature importance"
    if opens and chance < sure and finding.probability >= ANSWER:
        return None
    changes = kind == "try_iris" and reading.detail(kind) in CHANGES_MODEL
    if opens and changes and chance < SURE_EXPERIMENT:
        return None
    details = reading.details(kind)
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
    if not reading.stays and {*reading.named} - {*current.concepts}:
        return None
    has_side = reading.wish in current.facets or (reading.wish == "picture" and current.picture)
    if reading.wish and (reading.wish not in ASIDE or has_side):
        return None  # "which is better?", "the code please"
    is_talk = INTENTS[reading.kind].answers_at_once
    if asked < (ASKED if talk.form or is_talk else A_LITTLE_ASKED):
        return None
    answer = reading.answer(current.id, SURE_ANSWER if reading.stays else SURE_OF_NEW)
    if answer is None:
        return None
    return _ask(current.id, answer, asked, "a small question on what was spoken of")


def _follow_up(reading: Reading) -> Decision | None:
    """A message that means something only after an answer."""
    chance, talk, wish = reading.chances.get(FOLLOW_UP, 0.0), reading.talk, reading.wish
    if not wish or (reading.finding.strange and not (reading.named or reading.stays)):
        return None
    if not talk.recent and not reading.named and chance > reading.chance:
        return Decision(FOLLOW_UP, chance, "a follow-up to nothing", {"facet": wish})
    if wish in GOES_ON and talk.recent:
        return Decision(FOLLOW_UP, chance, "a follow-up to what was spoken of", _aside(wish, talk))
    if not reading.stays or reading.chooses:
        return None
    if wish in ASIDE and talk.current and {*reading.named} & {*talk.current.concepts}:
        return None  # "can you show me a convolution?" says itself what it is about
    if wish == "other_field" and reading.named:
        return _ask(reading.best, "more", chance, "it holds for both fields")
    if wish in (*ASIDE, "other_field"):
        return Decision(FOLLOW_UP, chance, "a follow-up to what was spoken of", _aside(wish, talk))
    return None


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


def _question(reading: Reading) -> Decision | None:
    """A question whose concept or comparison is clear where it stands."""
    outside = reading.chances.get("out_of_scope", 0.0)
    if not reading.is_clear or (reading.chance < SURE_CONCEPT and outside > SURE_OUTSIDE):
        return None
    block, chance = library().block(reading.subject), reading.likely(reading.subject)
    if block.is_contrast:
        answer = reading.answer(block.id, SURE_OF_NEW) if block.facets else None
        side = answer or (reading.facet if reading.facet in block.facets else "compare")
        named = JOINT.join(_as_named(block.concepts, reading))
        return _ask(named, side, chance, "the comparison is clear")
    side = "definition" if reading.wish == "other_field" else reading.side_of(block.id)
    return _ask(block.id, side, chance, "the concept is clear")


def _as_named(concepts: tuple[str, ...], reading: Reading) -> tuple[str, ...]:
    """Return concepts in the order of the words; those spoken of before come first."""
    named = [link.concept for link in reading.finding.links]
    order = [*(each for each in reading.talk.concepts if each not in named), *named]
    return tuple(sorted(concepts, key=lambda c: order.index(c) if c in order else len(order)))


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
    _of_lab,
    _small_question,
    _other_kind,
    _article,
    _follow_up,
    _question,
    _offer,
    _outside,
)


def _ask(concept: str, facet: str, chance: float, reason: str) -> Decision:
    return Decision(QUESTION, chance, reason, {"concept": concept, "facet": facet})


def _nearest(finding: Finding) -> list[str]:
    least = finding.ranking[0][1] - OFFER_RANGE
    return [block for block, score in finding.ranking if score >= least][:MOST_OFFERS]
