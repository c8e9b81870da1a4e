"""What an interviewer asks next: what the answer lacked, in the speaker's own words.

A round is one question and at most three follow-ups. Points that were heard stay heard through
the round, and mistakes too; deflection is pressed on once, politely.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runthrough.practice.bank import JudgedBy
from runthrough.practice.judging import PLAINNESS
from runthrough.talk import AnswerVerdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runthrough.practice.bank import Question

DEEPEST = 3
_LONGEST_QUOTE_WORDS = 16
_ASK_LIMITS = {
    "where": "Where exactly does it fail? Name one case in which you would not trust it.",
    "why": "Why does it fail there?",
    "fix": "What would fix it, and what would that cost?",
}
_PRESS = "Suppose you had to name one case in which it fails: which one, and why?"
_PRESS_NAMED = "Suppose it did matter to somebody: {}?"
_PRESS_FOR = {"why": "why does it fail there", "fix": "what would fix it"}
_DOUBT = "Are you sure? What makes you think so?"
_ASK_PLAIN = {
    "plain_words": "I don't know all of those words. Can you say it without them?",
    "short_sentences": "I lost you half-way. Can you say it again in two or three short sentences?",
    "example": "Can you give me one example from everyday life?",
}


@dataclass(frozen=True, slots=True)
class FollowUp:
    """``id`` is the question's, a dot, and what it asks for; ``text`` is what is asked."""

    id: str
    text: str


def follow_up(
    question: Question, verdicts: Sequence[AnswerVerdict], asked: Sequence[str] = ()
) -> FollowUp | None:
    """What is asked after ``verdicts``, those of the round so far, oldest first.

    ``asked`` has the ids of the follow-ups so far; none is asked for twice. None where nothing is
    left open, where who was asked for a place of failing still names none, and after ``DEEPEST``
    follow-ups.
    """
    if not verdicts or len(asked) >= DEEPEST:
        return None
    last = verdicts[-1]
    points = combined(question, verdicts).points
    lacking = [point.id for point in points if not point.met]
    if not any(point.met for point in points):
        # Of an answer without content it is not known how plain it is.
        lacking = [point_id for point_id in lacking if point_id not in PLAINNESS]
    # A mistake about limitations is a way around the question too.
    evading = question.judged_by is JudgedBy.LIMITATIONS
    if evading and "where" in lacking:
        lacking = ["where"]  # as long as no place is named, nothing fails "there"
    ways: list[tuple[str, str, str]] = []
    wrong = [mistake.quote for mistake in last.mistakes]
    around = [*last.deflections, *(wrong if evading else [])]
    if around and lacking:
        wanted = ", and ".join(_PRESS_FOR[name] for name in lacking if name in _PRESS_FOR)
        press = _PRESS_NAMED.format(wanted) if wanted else _PRESS
        ways.append(("deflection", around[0], press))
    if wrong and not evading:
        ways.append(("mistake", wrong[0], _DOUBT))
    heard = [point.quotes[0] for point in last.points if point.met and point.quotes]
    said = heard[0] if heard else ""
    ways += [(point_id, said, _ask(question, point_id)) for point_id in lacking]
    for name, quote, text in ways:
        if f"{question.id}.{name}" not in asked:
            return FollowUp(f"{question.id}.{name}", _quoting(quote, text))
    return None


def combined(question: Question, verdicts: Sequence[AnswerVerdict]) -> AnswerVerdict:
    """What was heard in a whole round: what was said in any of its answers was said."""
    first = verdicts[0]
    # What is said of plainness is known from an answer that met something.
    judged = next((v for v in reversed(verdicts) if any(p.met for p in v.points)), first)
    points = []
    for index, point in enumerate(judged.points):
        met = next((v.points[index] for v in verdicts if v.points[index].met), point)
        points.append(met)
    # Each mistake once, as it was said last.
    mistakes = {m.says: m for v in verdicts for m in v.mistakes}
    if question.judged_by is JudgedBy.LIMITATIONS and any(p.met for p in points if p.id == "where"):
        mistakes = {}  # what is said instead of a limit is no mistake beside one
    deflections = dict.fromkeys(d for v in verdicts for d in v.deflections)
    return AnswerVerdict(tuple(points), tuple(mistakes.values()), tuple(deflections))


def _ask(question: Question, point_id: str) -> str:
    if question.judged_by is JudgedBy.LIMITATIONS:
        return _ASK_LIMITS[point_id]
    if point_id in _ASK_PLAIN:
        return _ASK_PLAIN[point_id]
    point = next(p for p in question.points if p.id == point_id)
    return point.ask or f"Can you say more about this: {point.says}"


def _quoting(said: str, ask: str) -> str:
    words = said.split()
    if not words:
        return ask
    if len(words) > _LONGEST_QUOTE_WORDS:
        said = " ".join(words[:_LONGEST_QUOTE_WORDS]) + " …"
    return f"You said: “{said}” {ask}"
