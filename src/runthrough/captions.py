"""What live captions show: words that no longer change, and a tail that still may.

The recogniser guesses at the open end of the speech every second or so, and each guess replaces
the one before. Shown as they come, guesses flicker. So a word is settled on the screen once two
guesses in a row agree on it and on all words before it (LocalAgreement-2 of Macháček, Dabre and
Bojar, "Turning Whisper into Real-Time Transcription System", 2023), and is never touched again;
what a later guess or the final words say otherwise is for the transcript alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runthrough.talk import Word

# Words that come later than this after they were spoken are passed over: what is shown should be
# what is being said. They are in the transcript all the same.
SKIP_S = 8.0
# Two times of one word, from two guesses, differ by at most about this.
_SAME_S = 0.35
GAP = "…"


@dataclass(frozen=True, slots=True)
class Shown:
    """A word on the screen and where it was spoken, in seconds of the take."""

    text: str
    start_s: float
    end_s: float


class Captions:
    """Fed with what the recogniser says; times are seconds of recorded sound."""

    def __init__(self) -> None:
        self.settled: list[Shown] = []
        self.tail: tuple[Shown, ...] = ()
        self._guess: tuple[Shown, ...] = ()
        self._until_s = 0.0  # what was spoken before is settled or passed over
        self._gap: Shown | None = None  # what was passed over and is not shown as a gap yet
        self._seen_s = 0.0  # what was spoken before has been on the screen

    def guess(self, words: Sequence[Word], now_s: float) -> None:
        """Take a guess at the words after the last final ones."""
        new = self._new(words)
        agreed = 0
        while (
            agreed < min(len(new), len(self._guess))
            # The last word of a guess is often cut off in the middle.
            and agreed < len(new) - 1
            and _plain(new[agreed].text) == _plain(self._guess[agreed].text)
        ):
            agreed += 1
        self._settle(new[:agreed], now_s)
        self._guess = self.tail = tuple(new[agreed:])
        if self.tail:
            self._seen_s = max(self._seen_s, self.tail[-1].end_s)

    def final(self, words: Sequence[Word], now_s: float) -> None:
        """Take final words: those not yet on the screen are settled."""
        if not words:
            return
        self._settle(self._new(words), now_s)
        self._until_s = max(self._until_s, words[-1].end_s)
        rest = [word for word in self.tail if word.start_s >= self._until_s - _SAME_S / 2]
        self._guess = self.tail = tuple(rest)

    def _new(self, words: Sequence[Word]) -> list[Shown]:
        """The words after those on the screen."""
        new = [
            Shown(word.text, word.start_s, word.end_s)
            for word in words
            if (word.start_s + word.end_s) / 2 > self._until_s
        ]
        if not (new and self.settled):
            return new
        # The last words shown may come once more, a little later than they did before.
        last = self.settled[-4:]
        for count in range(min(len(last), len(new)), 0, -1):
            again = new[:count]
            if [_plain(w.text) for w in again] == [_plain(w.text) for w in last[-count:]] and all(
                abs(a.start_s - b.start_s) <= _SAME_S
                for a, b in zip(again, last[-count:], strict=True)
            ):
                return new[count:]
        return new

    def _settle(self, words: Sequence[Shown], now_s: float) -> None:
        for word in words:
            if word.end_s > self._seen_s and word.end_s < now_s - SKIP_S:
                self._gap = self._gap or Shown(GAP, word.start_s, word.end_s)
                continue
            if self._gap is not None and self.settled:
                self.settled.append(self._gap)
            self._gap = None
            self.settled.append(word)
        if words:
            self._until_s = max(self._until_s, words[-1].end_s)


def _plain(text: str) -> str:
    return re.sub(r"\W", "", text).casefold()
