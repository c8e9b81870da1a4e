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

# A section is marked when so many judgements in a row have found it: the first sentences of a
# talk look like much that they are not.
_IN_A_ROW = 2


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
        self._runs: dict[str, int] = {}
        self._judged = 0
        self._judging = False
        self._stopped = False
        self._task = background.Task(self, None)

    def on_words(self, words: tuple[Word, ...]) -> None:
        """Words that are final. Called by the recogniser, in its own thread."""
        self._task.tell(lambda: self._final(words))

    def on_tentative(self, words: tuple[Word, ...]) -> None:
        """A guess at what came after them. Called by the recogniser, in its own thread."""
        self._task.tell(lambda: self._guess(words))

    def stop(self) -> None:
        """Take no more."""
        self._stopped = True

    def _final(self, words: tuple[Word, ...]) -> None:
        if self._stopped:
            return
        self._words += words
        self.captions.final(words, self._position_s())
        self.pace.final(words)
        self.changed.emit()
        self._judge()

    def _guess(self, words: tuple[Word, ...]) -> None:
        if self._stopped:
            return
        self.captions.guess(words, self._position_s())
        self.pace.guess(words)
        self.changed.emit()

    def _judge(self) -> None:
        if self._judging or self._judged == len(self._words):
            return
        self._judging, self._judged = True, len(self._words)
        words, fmt = tuple(self._words), self._format

        def work(_task: background.Task) -> set[str]:
            transcript = analysis.transcript_of_words(
                words, duration_s=words[-1].end_s, language="en", model=""
            )
            return analysis.heard_sections(transcript, fmt)

        def done(found: set[str]) -> None:
            self._judging = False
            self._runs = {section: self._runs.get(section, 0) + 1 for section in found}
            told = {section for section, count in self._runs.items() if count >= _IN_A_ROW}
            if not self._stopped and not told <= self.heard:
                # What was said stays said, whatever a later judgement makes of it.
                self.heard |= told
                self.changed.emit()
            self._judge()

        def failed(error: Exception) -> None:
            # It is not tried again (``_judging`` stays): captions and clocks go on without marks.
            raise error

        background.run(self, work, done=done, failed=failed)
