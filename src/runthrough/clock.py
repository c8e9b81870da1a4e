"""The section timer: a pure state machine that is told the time and never asks for it.

Times are seconds of recorded sound, so a pause adds nothing and a changed system clock cannot
touch them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runthrough.talk import TalkFormat

# A section is amber from its planned time on and red beyond this multiple of it.
RED_RATIO = 1.25
# A section left after less than this share of its plan was passed over, and may still come.
_SKIPPED = 0.1


@dataclass
class SectionClock:
    """Adds up the time spent in each section; sections may be visited in any order and again."""

    format: TalkFormat
    current: int = 0
    _entered_s: float = 0.0
    _spent_s: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start in the first section with nothing spent."""
        if not self._spent_s:
            self._spent_s = [0.0] * len(self.format.sections)

    def go(self, index: int, at_s: float) -> bool:
        """Enter section ``index`` at ``at_s``; false, and no change, if that is no other one."""
        if index == self.current or not 0 <= index < len(self.format.sections):
            return False
        self._spent_s[self.current] += max(0.0, at_s - self._entered_s)
        self.current, self._entered_s = index, at_s
        return True

    def spent_s(self, at_s: float) -> tuple[float, ...]:
        """Seconds spent in each section up to ``at_s``; their sum is ``at_s``."""
        spent = list(self._spent_s)
        spent[self.current] += max(0.0, at_s - self._entered_s)
        return tuple(spent)

    def plan_s(self, at_s: float) -> tuple[float, ...]:
        """What is affordable per section now, in seconds.

        Sections after the current one, and required ones that were skipped, share the time that is
        left in proportion to their plan; the current one and those told before keep theirs. Never
        more than planned in total, never negative.
        """
        planned = [section.planned_s for section in self.format.sections]
        spent = self.spent_s(at_s)
        later = [
            i
            for i, section in enumerate(self.format.sections)
            if spent[i] < planned[i]
            and (
                i > self.current
                or (i < self.current and section.required and spent[i] < _SKIPPED * planned[i])
            )
        ]
        wanted = sum(planned[i] - spent[i] for i in later)
        if wanted <= 0:
            return tuple(planned)
        here_left = max(0.0, planned[self.current] - spent[self.current])
        left = max(0.0, self.format.planned_s - at_s - here_left)
        share = min(1.0, left / wanted)
        for i in later:
            planned[i] = spent[i] + (planned[i] - spent[i]) * share
        return tuple(planned)
