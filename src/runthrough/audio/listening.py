"""What the sound of a take tells beyond its words: silences, and fillers no recogniser wrote down.

Recognisers drop "um" and "uh" and stretch the words beside them over the gap. But a filler is easy
to see in the sound: the tongue rests, so its spectrum is that of the neutral vowel, and it hardly
moves for a fifth of a second and longer, while the vowels of words are on their way from one
consonant to the next. What looks so, and is not accounted for by the words around it, is a filler.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from runthrough.audio.wav import SAMPLE_RATE_HZ, read_blocks
from runthrough.errors import Cancelled
from runthrough.talk import Filler, Sound, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

Array = NDArray[np.float32]

_HOP = SAMPLE_RATE_HZ // 100
_WINDOW = 4 * _HOP
_FFT = 1024
_BLOCK_S = 30.0
# Bands of equal width in mel; the neutral vowel's formants lie near 600, 1300 and 2500 Hz
# (Peterson and Barney 1952; higher for small heads), so telephone width is enough.
_BANDS, _LOW_HZ, _HIGH_HZ = 18, 150.0, 4000.0
_F1 = slice(3, 7)  # 520 to 890 Hz
_F2 = slice(9, 11)  # 1380 to 1580 Hz: back vowels have nothing here
_DIP = slice(11, 14)  # 1790 to 2290 Hz: front vowels have their second formant here
# A creaking voice pulses 40 times a second or slower: no shorter average is steady.
_SMOOTH = 7

# In dB. Chosen on read speech (no fillers) and an offline voice's; see benchmarks/fillers.py.
_F1_UNDER_TOP = 4.5
_F2_UNDER_F1 = 17.0
_DIP_UNDER_F1 = 9.0
_UNDER_LOUD = 28.0
_OVER_NOISE = 5.0
_MOVES = 5.5  # between spectra a tenth of a second apart
# In seconds.
_SHORTEST_S = 0.18
_BRIDGED_S = 0.06
# "um" ends in a nasal, whose energy lies below 500 Hz, for at least so long.
_NASAL_S = 0.06

# How long a word takes, by its letters, at a middling rate (Umeda 1975 gives 60 ms a phoneme).
_LETTER_S, _WORD_S = 0.06, 0.05
# So much of a filler's length must be speech that the words beside it do not need.
_UNACCOUNTED = 0.4

# The closed lips of a "p" are no silence: levels are evened out over so many hundredths of a second
# before silences are told, and the room's own noise varies less then. Set so that the shares come
# near those of a voice detector (Silero) on six recordings: off by 0.00 to 0.07, without this by up
# to 0.24 where the room is loud.
_SYLLABLE = 9
_OVER_SMOOTH_NOISE = 4.0
# A silence is told from here on, and counts into the share of silence from there on.
SILENCE_S = 1.0
_SHORT_SILENCE_S = 0.25
# A click or a creak of the chair does not end a silence.
_CLICK_S = 0.08
# The quietest that counts as noise below the loudest speech; below lies digital silence.
_DEEPEST_DB = 45.0
_SPEECH_SHARE = 0.2


class Listening:
    """The sound of one recording, which may still be growing.

    An hour takes 30 MB and some seconds; what was taken in by ``catch_up`` while it was recorded
    need not be waited for in the end.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0  # samples
        self._left: NDArray[np.int16] = np.zeros(_WINDOW // 2, np.int16)
        self._parts: list[Array] = []

    def catch_up(self, *, cancelled: Callable[[], bool] | None = None) -> None:
        """Take in what is new in the recording. Raises ``AudioInputError`` and ``Cancelled``."""
        for pcm in read_blocks(self._path, _BLOCK_S, self._read / SAMPLE_RATE_HZ):
            if cancelled is not None and cancelled():
                raise Cancelled("Listening to the take was cancelled.")
            self._read += len(pcm)
            self._left = np.concatenate([self._left, pcm])
            count = max(0, (len(self._left) - _WINDOW) // _HOP + 1)
            if count:
                self._parts.append(_powers(self._left, count))
                self._left = self._left[count * _HOP :]

    def sound(self, words: Sequence[Word]) -> Sound:
        """What is heard in what was taken in, where ``words`` were recognised."""
        if not self._parts or not words:
            return Sound()
        power = np.concatenate(self._parts)
        speech = _speech(_level(power), _OVER_NOISE)
        if not speech.any():
            return Sound()
        silences, share = _silences(_speech(_level(_blurred(power)), _OVER_SMOOTH_NOISE))
        return Sound(silences, share, tuple(_fillers(power, speech, words)))


def _powers(pcm: NDArray[np.int16], count: int) -> Array:
    """Power per band, shape (count, bands)."""
    frames = np.lib.stride_tricks.sliding_window_view(pcm, _WINDOW)[::_HOP][:count]
    windowed = frames * (np.hanning(_WINDOW) / 32768).astype(np.float32)
    bands = _bands()
    spectrum = np.fft.rfft(windowed, _FFT)[:, : bands.shape[1]]
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    return np.asarray(power @ bands.T, np.float32)


@cache
def _bands() -> Array:
    """Triangles over the bins of the spectrum up to the highest, shape (bands, bins)."""
    edges = _edges()
    bins = np.fft.rfftfreq(_FFT, 1 / SAMPLE_RATE_HZ)
    bins = bins[bins <= _HIGH_HZ]
    rising = (bins - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins) / (edges[2:] - edges[1:-1])[:, None]
    return np.clip(np.minimum(rising, falling), 0, None).astype(np.float32)


def _edges() -> NDArray[np.float64]:
    """Where the bands begin, peak and end, in Hz: band n from the n-th to the n+2nd."""
    low, high = (2595 * np.log10(1 + hz / 700) for hz in (_LOW_HZ, _HIGH_HZ))
    return np.asarray(700 * (10 ** (np.linspace(low, high, _BANDS + 2) / 2595) - 1))


def _level(power: Array) -> Array:
    """Decibels of each frame."""
    return np.asarray(10 * np.log10(power.sum(axis=1) + 1e-9), np.float32)


def _blurred(power: Array) -> Array:
    """The whole power, shape (frames, 1), evened out over a syllable's quiet parts."""
    kernel = np.ones(_SYLLABLE) / _SYLLABLE
    return np.convolve(power.sum(axis=1), kernel, mode="same")[:, None].astype(np.float32)


def _speech(level: Array, over_noise: float) -> NDArray[np.bool_]:
    """Which frames are louder than the room by ``over_noise`` dB or more, clicks left out."""
    quiet, loud = np.percentile(level, [10, 95])
    quiet = max(quiet, loud - _DEEPEST_DB)
    if loud - quiet < 2 * over_noise:
        return np.ones(len(level), bool)  # no silence to be told from speech
    speech = level > quiet + max(over_noise, _SPEECH_SHARE * (loud - quiet))
    for first, after in _runs(speech):
        if after - first < _CLICK_S * 100:
            speech[first:after] = False
    return np.asarray(speech, bool)


def _silences(speech: NDArray[np.bool_]) -> tuple[tuple[tuple[float, float], ...], float]:
    """Silences between the first and last speech, and the share of that time they take."""
    spoken = np.flatnonzero(speech)
    if not len(spoken):
        return (), 0.0
    begin, end = int(spoken[0]), int(spoken[-1]) + 1
    quiet = [(a + begin, b + begin) for a, b in _runs(~speech[begin:end])]
    silent = sum(b - a for a, b in quiet if b - a >= _SHORT_SILENCE_S * 100)
    told = tuple((a / 100, b / 100) for a, b in quiet if b - a >= SILENCE_S * 100)
    return told, silent / (end - begin)


def _fillers(power: Array, speech: NDArray[np.bool_], words: Sequence[Word]) -> list[Filler]:
    kernel = np.ones(_SMOOTH) / _SMOOTH
    smooth = np.empty_like(power)
    for band in range(_BANDS):
        smooth[:, band] = np.convolve(power[:, band], kernel, mode="same")
    level = _level(smooth)
    loud = float(np.percentile(level, 95))
    noise = np.percentile(smooth, 10, axis=0)
    # Without the room's own sound, which would make every vowel look alike.
    clean = 10 * np.log10(np.maximum(smooth - 1.5 * noise, 0.03 * smooth) + 1e-9)
    neutral = _is_neutral(clean) & (level > loud - _UNDER_LOUD)
    neutral &= level > _level(noise[None, :])[0] + _OVER_NOISE
    found: list[Filler] = []
    starts = [word.start_s for word in words]
    ends = [word.end_s for word in words]
    pace = _pace_of(words)
    for first, after in _bridged(_runs(neutral)):
        if after - first < _SHORTEST_S * 100:
            continue
        start_s, end_s = first / 100, after / 100
        low, high = bisect_right(ends, start_s), bisect_left(starts, end_s)
        free_from = ends[low - 1] if low else 0.0
        free_to = starts[high] if high < len(starts) else len(speech) / 100
        spoken_s = float(speech[round(free_from * 100) : round(free_to * 100)].sum()) / 100
        needed_s = pace * sum(_usual_s(word) for word in words[low:high])
        if spoken_s - needed_s < _UNACCOUNTED * (end_s - start_s):
            continue
        text = "um" if _ends_in_nasal(clean, speech, after) else "uh"
        found.append(Filler(start_s, end_s, text, from_sound=True))
    return found


def _is_neutral(clean: Array) -> NDArray[np.bool_]:
    """Which frames have the neutral vowel's spectrum and hold it."""
    first = clean[:, _F1].max(axis=1)
    shape = clean - clean.mean(axis=1, keepdims=True)
    moves = np.full(len(clean), np.inf)
    if len(clean) > 10:
        moves[5:-5] = np.sqrt(np.mean((shape[10:, :15] - shape[:-10, :15]) ** 2, axis=1))
    neutral = (
        (clean.max(axis=1) - first <= _F1_UNDER_TOP)
        & (clean[:, _F2].max(axis=1) >= first - _F2_UNDER_F1)
        & (clean[:, _DIP].mean(axis=1) <= first - _DIP_UNDER_F1)
        & (moves < _MOVES)
    )
    return np.asarray(neutral, bool)


def _ends_in_nasal(clean: Array, speech: NDArray[np.bool_], at: int) -> bool:
    """Whether what follows frame ``at`` is spoken with closed lips."""
    after = slice(at, at + 12)
    low = clean[after, :2].mean(axis=1) > clean[after, 4:].max(axis=1)
    return int((low & speech[after]).sum()) >= _NASAL_S * 100


def _usual_s(word: Word) -> float:
    return _WORD_S + _LETTER_S * sum(letter.isalnum() for letter in word.text)


def _pace_of(words: Sequence[Word]) -> float:
    """How slowly this speaker speaks, 1 is middling."""
    ratios = [(word.end_s - word.start_s) / _usual_s(word) for word in words]
    return float(np.clip(np.median(ratios), 0.7, 1.3))


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _bridged(runs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for first, after in runs:
        if joined and first - joined[-1][1] <= _BRIDGED_S * 100:
            joined[-1] = (joined[-1][0], after)
        else:
            joined.append((first, after))
    return joined
