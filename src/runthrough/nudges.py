"""One quiet sentence at the right moment of a talk: rules, and nothing of how it is shown."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runthrough.talk import FAST_WPM, SLOW_WPM, called, listed, minutes

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from runthrough.talk import TalkFormat, Word

# A speaker who has just begun knows; one who was told something needs time to act on it.
FIRST_AFTER_S = 60.0
APART_S = 45.0
_PACE_FOR_S = 60.0
# Pace is counted over this long, and not told before there is this much speech to count.
_WINDOW_S = 30.0
_ENOUGH_S = 15.0
# A nudge stays this long even if its cause goes away at once, so that it can be read.
_READ_S = 8.0
# A section under way for this share of its plan is being told, whatever was heard of it.
_TOLD_SHARE = 0.75
# So many characters are read at a glance; more sections than that are counted.
_LONGEST_LIST = 45


@dataclass(frozen=True, slots=True)
class Nudge:
    """What to say: a title and one sentence. ``kind`` is the rule that says it."""

    kind: str
    title: str
    detail: str


class Pace:
    """Words a minute over the last half minute, as far as it is recognised."""

    def __init__(self) -> None:
        self._final: deque[float] = deque()  # when each word began
        self._guessed: list[float] = []
        self._heard_s = 0.0

    def final(self, words: Sequence[Word]) -> None:
        """Add words that won't change."""
        self._final.extend(word.start_s for word in words)
        self._guessed = []
        self._reach(words)

    def guess(self, words: Sequence[Word]) -> None:
        """Replace the guess at what came after the final words."""
        self._guessed = [word.start_s for word in words]
        self._reach(words)

    def words_per_minute(self) -> float | None:
        """The pace, ``None`` while too little is recognised."""
        since = max(0.0, self._heard_s - _WINDOW_S)
        while self._final and self._final[0] < since:
            self._final.popleft()
        length = self._heard_s - since
        if length < _ENOUGH_S:
            return None
        count = len(self._final) + sum(start >= since for start in self._guessed)
        return 60 * count / length

    def _reach(self, words: Sequence[Word]) -> None:
        if words:
            self._heard_s = max(self._heard_s, words[-1].end_s)


@dataclass(frozen=True, slots=True)
class Situation:
    """How the talk stands at ``at_s`` seconds of recorded sound.

    ``spent_s`` is per section in the format's order; ``heard`` are ids of
    sections whose content was said, ``None`` where nothing is recognised and only time tells.
    """

    at_s: float
    format: TalkFormat
    current: int
    spent_s: Sequence[float]
    heard: Collection[str] | None = None
    words_per_minute: float | None = None


class Nudges:
    """Told of the situation some times a second, it says which nudge to show, if any."""

    def __init__(self) -> None:
        self._shown: Nudge | None = None
        self._since_s = -APART_S
        self._odd_pace_since_s: float | None = None
        self._odd_pace = ""

    def feed(self, now: Situation) -> Nudge | None:
        """The nudge to show at this moment."""
        self._watch_pace(now)
        wanted = _over_time(now) or _leave_room(now) or self._pace(now)
        shown = self._shown
        if shown is not None and wanted is not None and wanted.kind == shown.kind:
            self._shown = wanted  # its figures move on
            return wanted
        if shown is not None and now.at_s - self._since_s >= _READ_S:
            # The same is not said twice in a row for a cause that comes and goes.
            self._shown = None
        early = now.at_s < FIRST_AFTER_S
        soon = now.at_s - self._since_s < APART_S
        if wanted is not None and not early and not soon:
            self._shown, self._since_s = wanted, now.at_s
        return self._shown

    def _watch_pace(self, now: Situation) -> None:
        pace = None if now.words_per_minute is None else round(now.words_per_minute)
        odd = (
            "" if pace is None else "fast" if pace > FAST_WPM else "slow" if pace < SLOW_WPM else ""
        )
        if odd != self._odd_pace:
            self._odd_pace = odd
            self._odd_pace_since_s = now.at_s if odd else None

    def _pace(self, now: Situation) -> Nudge | None:
        since_s, pace = self._odd_pace_since_s, now.words_per_minute
        if since_s is None or pace is None or now.at_s - since_s <= _PACE_FOR_S:
            return None
        told = f"{round(pace)} words a minute now."
        if self._odd_pace == "fast":
            return Nudge("fast", "Slow down a little.", f"{told} Leave a pause after what counts.")
        return Nudge("slow", "You can go a little faster.", told)


def _over_time(now: Situation) -> Nudge | None:
    over_s = now.at_s - now.format.planned_s
    if over_s <= 0:
        return None
    return Nudge("over", "Over time.", "Say the one sentence to remember, then stop.")


def _leave_room(now: Situation) -> Nudge | None:
    """Whether the time left is no more than what required sections that are not told yet need."""
    open_ = [
        index
        for index, section in enumerate(now.format.sections)
        if section.required and section.planned_s > 0 and not _told(now, index)
    ]
    later = [index for index in open_ if index != now.current]
    if not later:
        return None
    sections = now.format.sections
    need_s = sum(max(0.0, sections[i].planned_s - now.spent_s[i]) for i in later)
    left_s = now.format.planned_s - now.at_s
    if left_s > need_s:
        return None
    # What comes last is what is lost.
    last = later[-1]
    name = called(sections[last])
    if len(later) == 1:
        detail = f"{minutes(left_s)} left; you planned {minutes(sections[last].planned_s)} for it."
    else:
        others = listed([called(sections[i]) for i in later])
        if len(others) > _LONGEST_LIST:
            others = f"{len(later)} sections that are not told yet"
        detail = f"{minutes(left_s)} left for {others}; they still need {minutes(need_s)}."
    return Nudge("room", f"Leave room for {name}.", detail)


def _told(now: Situation, index: int) -> bool:
    section = now.format.sections[index]
    if now.heard is not None and section.id in now.heard:
        return True
    timed = now.spent_s[index] >= _TOLD_SHARE * section.planned_s
    return timed and (now.heard is None or index == now.current)
