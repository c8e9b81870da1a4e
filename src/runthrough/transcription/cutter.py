"""Cuts a stream of sound at its pauses into pieces short enough to recognise in one go.

Whisper hears 30 s at a time. Where a window ends is where words get lost, so the cut is put into
the quietest stretch there is, and each sample belongs to exactly one piece. The same cutter works
on a finished file and on one that is still being recorded: what it decides depends on the sound
since the last cut alone, never on the size of the blocks in which the sound arrives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from runthrough.audio.wav import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    import numpy.typing as npt

    from runthrough.audio.wav import Samples

# The level is measured every 10 ms, which is also Whisper's own frame.
_HOP = SAMPLE_RATE_HZ // 100
# A pause is looked for every so many hops.
_LOOK = 10
# Levels below this are digital silence; it keeps one run of zeros from outweighing real pauses.
_FLOOR_DB = -75.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Lengths in seconds.

    A piece is at most ``max_s`` long. From ``min_s`` on it ends in the first pause of at least
    ``pause_s``; without one it is cut at the quietest place between ``min_s`` and ``max_s``.
    """

    min_s: float = 12.0
    max_s: float = 28.0
    pause_s: float = 1.0


@dataclass(frozen=True, slots=True)
class Piece:
    """``samples`` (int16, mono, 16 kHz) that begin ``start`` samples into the stream."""

    start: int
    samples: Samples

    @property
    def start_s(self) -> float:
        """Where the piece begins, in seconds."""
        return self.start / SAMPLE_RATE_HZ

    @property
    def end_s(self) -> float:
        """Where the piece ends, in seconds."""
        return (self.start + len(self.samples)) / SAMPLE_RATE_HZ


class Cutter:
    """Give it sound with ``push`` and ``finish``; it gives back pieces that join to the same."""

    def __init__(self, start: int = 0, limits: Limits = Limits()) -> None:
        self._start = start
        self._held: Samples = np.zeros(0, np.int16)
        self._levels: list[float] = []  # dB relative to full scale, one per whole hop held
        self._looked = 0  # hops of the held sound already looked at for a pause
        self._min = round(limits.min_s * SAMPLE_RATE_HZ / _HOP)
        self._max = round(limits.max_s * SAMPLE_RATE_HZ / _HOP)
        self._pause = round(limits.pause_s * SAMPLE_RATE_HZ / _HOP)

    @property
    def held(self) -> Samples:
        """The sound since the last cut."""
        return self._held

    @property
    def start(self) -> int:
        """Where the sound since the last cut begins, in samples."""
        return self._start

    def push(self, samples: Samples) -> list[Piece]:
        """Add sound. Returns the pieces that are settled by it, often none."""
        self._held = np.concatenate((self._held, samples))
        pieces = []
        while (cut := self._find_cut()) is not None:
            pieces.append(self._cut(cut * _HOP))
        return pieces

    def finish(self) -> list[Piece]:
        """The sound that is left, as the last piece."""
        return [self._cut(len(self._held))] if len(self._held) else []

    def _cut(self, length: int) -> Piece:
        piece = Piece(self._start, self._held[:length].copy())
        self._start += length
        self._held = self._held[length:].copy()
        self._levels.clear()
        self._looked = 0
        return piece

    def _find_cut(self) -> int | None:
        """How many hops the next piece has, or ``None`` while that is open."""
        self._measure()
        levels = np.array(self._levels)
        for end in range(self._looked + _LOOK, min(len(levels), self._max) + 1, _LOOK):
            self._looked = end
            if end < self._min + self._pause:
                continue
            if levels[end - self._pause : end].max() < _pause_level(levels[:end]):
                return end - self._pause // 2
        if len(levels) < self._max:
            return None
        return self._quietest(levels[: self._max])

    def _measure(self) -> None:
        first = len(self._levels) * _HOP
        whole = (len(self._held) - first) // _HOP
        if whole:
            hops = self._held[first : first + whole * _HOP].reshape(whole, _HOP)
            power = np.mean(np.square(hops.astype(np.float32) / 32768), axis=1)
            self._levels += np.maximum(10 * np.log10(power + 1e-12), _FLOOR_DB).tolist()

    def _quietest(self, levels: npt.NDArray[np.float64]) -> int:
        """The middle of the longest stretch that is about as quiet as it gets."""
        width = 25
        smooth = np.convolve(levels, np.ones(width) / width, mode="same")[self._min :]
        smooth = smooth[: len(smooth) - width // 2]
        quiet = smooth <= smooth.min() + 3
        edges = np.flatnonzero(np.diff(np.concatenate(([False], quiet, [False]))))
        starts, ends = edges[::2], edges[1::2]
        longest = int(np.argmax(ends - starts))
        return self._min + int(starts[longest] + ends[longest]) // 2


def _pause_level(levels: npt.NDArray[np.float64]) -> float:
    low, high = np.percentile(levels, [5, 95])
    return float(low + 0.35 * (high - low))
