"""When a question is due again, by FSRS (the free spaced repetition scheduler).

Nothing is kept but the answers themselves: their ratings are replayed in order, so a rating that
is changed afterwards counts at once.
"""

from __future__ import annotations

from datetime import UTC
from functools import cache
from typing import TYPE_CHECKING

from runthrough.talk import dated

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from fsrs import Scheduler

    from runthrough.talk import PracticeAnswer

AGAIN, HARD, GOOD, EASY = 1, 2, 3, 4
RATING_NAMES = {AGAIN: "Again", HARD: "Hard", GOOD: "Good", EASY: "Easy"}


def rating_of(score: float) -> int:
    """The rating a first answer's score gives; only the speaker calls one easy."""
    if score >= 0.8:
        return GOOD
    return HARD if score >= 0.5 else AGAIN


def due_at(answers: Iterable[PracticeAnswer]) -> dict[str, datetime]:
    """When each question that was ever answered is due, by its id.

    Only the first answer of a round counts: after it, the follow-ups have told what was missing.
    """
    from fsrs import Card, Rating

    cards: dict[str, Card] = {}
    for answer in sorted(answers, key=lambda a: a.at):
        if answer.depth == 0:
            at = answer.at.astimezone(UTC)  # FSRS takes no other
            card = cards.get(answer.question_id) or Card(card_id=1, due=at)
            rating = Rating(answer.rating or rating_of(answer.verdict.score))
            cards[answer.question_id], _ = _scheduler().review_card(card, rating, at)
    return {question_id: card.due for question_id, card in cards.items()}


def is_due(due: datetime, now: datetime) -> bool:
    """Whether the day has come, at whatever hour. ``now`` is in the speaker's own time zone."""
    return _days(due, now) <= 0


def when(due: datetime, now: datetime) -> str:
    """When something is due, as people say it. ``now`` is in the speaker's own time zone."""
    days = _days(due, now)
    if days <= 0:
        return "now"
    if days == 1:
        return "tomorrow"
    if days < 21:
        return f"in {days} days"
    return f"on {dated(due.astimezone(now.tzinfo), '%b')}"


def _days(due: datetime, now: datetime) -> int:
    return (due.astimezone(now.tzinfo).date() - now.date()).days


@cache
def _scheduler() -> Scheduler:
    from fsrs import Scheduler

    # Days, not minutes: whoever missed a point should not hear it again at once.
    return Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
