"""What is heard during a take: captions, pace, and which sections were really told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from runthrough import analysis
from runthrough.captions import Captions
from runthrough.nudges import Pace
from runthrough.ui import background

if TYPE_CHECKING:
    from collections.abc import Callable

    from runthrough.talk import TalkFormat, Word

# What is judged: final words, and of a guess what was said at least this long ago, since the end
# of a guess is often cut off in the middle.
_GUESSED_UNTIL_S = 2.0
# A mark on limitations has to stand while so much more is said, since what follows tells whose
# limits they were. Measured on invented talks, judged every 16 s: of 15 marks on talks that the
# judge does not know, 7 were wrong at once and 1 of 9 after this time.
_LIMITS_STAND_S = 30.0
# A judgement takes a part of a core for a tenth of a second; the recogniser needs it more.
_JUDGE_EVERY_S = 4.0


class LiveSpeech(QObject):
    """Takes words from the recogniser's thread; ``changed`` comes in the window's.

    ``position_s`` is asked for the seconds recorded by now. One take each: ``stop`` ends it.
    """

    changed = Signal()

    def __init__(self, fmt: TalkFormat, position_s: Callable[[], float]) -> None:
        super().__init__()
        self.captions = Captions()
        self.pace = Pace()
        self.heard: set[str] = set()
        self._format = fmt
        self._position_s = position_s
        self._words: list[Word] = []
        self._guessed: tuple[Word, ...] = ()
        self._judged_s = 0.0  # where the words end that were judged last
        self._judging = False
        self._limits_since_s: float | None = None
        self._stopped = False

    @property
    def words(self) -> tuple[Word, ...]:
        """All that was recognised until now, the guess at its end included."""
        return (*self._words, *self._guessed)

    def on_words(self, words: tuple[Word, ...]) -> None:
        """Words that are final. Called by the recogniser, in its own thread."""
        background.tell(self, lambda: self._final(words))

    def on_tentative(self, words: tuple[Word, ...]) -> None:
        """A guess at what came after them. Called by the recogniser, in its own thread."""
        background.tell(self, lambda: self._guess(words))

    def stop(self) -> None:
        """Take no more."""
        self._stopped = True

    def _final(self, words: tuple[Word, ...]) -> None:
        if self._stopped:
            return
        self._words += words
        self._guessed = ()
        self.captions.final(words, self._position_s())
        self.pace.final(words)
        self.changed.emit()
        self._judge()

    def _guess(self, words: tuple[Word, ...]) -> None:
        if self._stopped:
            return
        self._guessed = words
        self.captions.guess(words, self._position_s())
        self.pace.guess(words)
        self.changed.emit()
        self._judge()

    def _judge(self) -> None:
        until_s = self._guessed[-1].end_s - _GUESSED_UNTIL_S if self._guessed else 0.0
        words = (*self._words, *(word for word in self._guessed if word.end_s <= until_s))
        if self._judging or not words or words[-1].end_s - self._judged_s < _JUDGE_EVERY_S:
            return
        self._judging, self._judged_s = True, words[-1].end_s
        fmt = self._format

        def work(_task: background.Task) -> set[str]:
            transcript = analysis.transcript_of_words(
                words, duration_s=words[-1].end_s, language="en", model=""
            )
            return analysis.heard_sections(transcript, fmt)

        def done(found: set[str]) -> None:
            self._judging = False
            if not self._limits_stand("limitations" in found, words[-1].end_s):
                found.discard("limitations")
            if not self._stopped and not found <= self.heard:
                # What was said stays said, whatever a later judgement makes of it.
                self.heard |= found
                self.changed.emit()
            self._judge()

        # What fails is not tried again (``_judging`` stays): captions go on without marks.
        background.run(self, work, done=done, failed=background.to_crash_hook)

    def _limits_stand(self, found: bool, at_s: float) -> bool:
        """Whether limits have been found in each judgement of the last while."""
        if not found:
            self._limits_since_s = None
            return False
        if self._limits_since_s is None:
            self._limits_since_s = at_s
        return at_s - self._limits_since_s >= _LIMITS_STAND_S
