"""The waveform's outline, computed once and kept beside the sound."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from runthrough.audio.wav import SAMPLE_RATE_HZ, duration_s, read_blocks
from runthrough.files import private, replacing

if TYPE_CHECKING:
    from pathlib import Path

_log = logging.getLogger(__name__)

PEAKS_PER_S = 100
_FRAMES_PER_PEAK = SAMPLE_RATE_HZ // PEAKS_PER_S
_BLOCK_S = 60.0

# Shape (peaks, 2): the lowest and the highest sample of each hundredth of a second, in 8 bits.
Peaks = NDArray[np.int8]


def peaks_path(audio: Path) -> Path:
    """Where the peaks of ``audio`` are kept."""
    return audio.with_suffix(".peaks.npy")


def load_peaks(audio: Path) -> Peaks:
    """The peaks of ``audio``: the stored ones, or computed and stored if there are none that fit.

    Stored ones take milliseconds for an hour of sound; computing streams through the file. Raises
    ``AudioInputError`` for the sound.
    """
    stored = _stored(peaks_path(audio))
    if stored is not None and len(stored) == _count(duration_s(audio)):
        return stored
    parts = [_peaks(pcm) for pcm in read_blocks(audio, _BLOCK_S)]
    peaks = np.concatenate([np.zeros((0, 2), np.int8), *parts])
    _store(peaks, peaks_path(audio))
    return peaks


def columns(
    peaks: Peaks, count: int, start_s: float = 0.0, end_s: float | None = None
) -> NDArray[np.float32]:
    """The outline from ``start_s`` to ``end_s`` in ``count`` equal columns.

    Shape (count, 2): lowest and highest, -1 to 1. Columns beyond the sound are 0.
    """
    if end_s is None:
        end_s = len(peaks) / PEAKS_PER_S
    outline = np.zeros((count, 2), np.float32)
    edges = np.linspace(start_s, end_s, count + 1) * PEAKS_PER_S
    first = np.floor(edges[:-1]).astype(np.int64)
    after = np.maximum(np.ceil(edges[1:]).astype(np.int64), first + 1)
    inside = (first >= 0) & (first < len(peaks))
    if not inside.any():
        return outline
    first, after = first[inside], np.minimum(after[inside], len(peaks))
    # One more row, so that the index after the last peak exists; every second result is the one
    # between a column's end and the next one's start, and is not wanted.
    padded = np.vstack([peaks, np.zeros((1, 2), np.int8)])
    pairs = np.column_stack([first, after]).reshape(-1)
    outline[inside, 0] = np.minimum.reduceat(padded[:, 0], pairs)[::2] / 128
    outline[inside, 1] = np.maximum.reduceat(padded[:, 1], pairs)[::2] / 128
    return outline


def _count(length_s: float) -> int:
    return -(-round(length_s * SAMPLE_RATE_HZ) // _FRAMES_PER_PEAK)


def _peaks(pcm: NDArray[np.int16]) -> Peaks:
    starts = np.arange(0, len(pcm), _FRAMES_PER_PEAK)
    low = np.minimum.reduceat(pcm, starts)
    high = np.maximum.reduceat(pcm, starts)
    return (np.column_stack([low, high]) >> 8).astype(np.int8)


def _stored(path: Path) -> Peaks | None:
    """What is stored at ``path``, or None if it is not there or not what this module stores."""
    try:
        # Mapped, since the file itself says how much memory it wants.
        peaks = np.lib.format.open_memmap(path, mode="r")
    except Exception:  # noqa: BLE001 - numpy parses the header as Python, with all its errors
        return None
    return np.array(peaks) if peaks.dtype == np.int8 and peaks.shape[1:] == (2,) else None


def _store(peaks: Peaks, path: Path) -> None:
    try:
        with replacing(path) as part, open(part, "wb", opener=private) as file:
            np.save(file, peaks)
    except OSError as error:
        _log.warning("The waveform can't be stored and is computed each time: %s", error)
