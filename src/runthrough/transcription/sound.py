"""Reads recordings as blocks of 16 kHz mono samples."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from runthrough.errors import AudioInputError
from runthrough.transcription.cutter import SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from runthrough.transcription.cutter import Samples

# The sound of our own recordings begins here, whatever the header says of its length: it is only
# written when the recording ends.
HEADER_BYTES = 44
_BLOCK = SAMPLE_RATE * 10
# The fields of "fmt ": PCM, one channel, rate, bytes a second, bytes a sample, bits a sample.
_OUR_FORMAT = struct.pack("<HHIIHH", 1, 1, SAMPLE_RATE, 2 * SAMPLE_RATE, 2, 16)


class GrowingFile:
    """The sound of a WAV file that may still be written to."""

    def __init__(self, path: Path, start: int = 0) -> None:
        self._path = path
        self._read = start  # samples read so far

    def read(self, longest_s: float = 10.0) -> Samples:
        """New samples, at most as many seconds; empty if there are none yet."""
        try:
            with self._path.open("rb") as file:
                file.seek(HEADER_BYTES + 2 * self._read)
                data = file.read(2 * round(longest_s * SAMPLE_RATE))
        except FileNotFoundError:
            data = b""
        samples = _samples(data)
        self._read += len(samples)
        return samples

    @property
    def length_s(self) -> float:
        """How much sound the file has by now, in seconds."""
        try:
            size = self._path.stat().st_size
        except FileNotFoundError:
            size = 0
        return max(0, size - HEADER_BYTES) / 2 / SAMPLE_RATE


def read_recording(path: Path, start: int = 0) -> tuple[Iterator[Samples], float]:
    """The samples from ``start`` on in blocks, and the length of the whole in seconds.

    Our own format (WAV, 16 kHz, mono, 16 bit) is read block by block; anything else that PyAV
    can decode is decoded whole. Raises ``AudioInputError``.
    """
    try:
        with path.open("rb") as file:
            found = _find_samples(file)
    except OSError as error:
        raise AudioInputError(f"The recording {path} can't be read: {error.strerror}.") from error
    if found is None:
        samples = _decode(path)
        blocks = (samples[at : at + _BLOCK] for at in range(start, len(samples), _BLOCK))
        return blocks, len(samples) / SAMPLE_RATE
    offset, length = found
    return _blocks(path, offset, start, length), length / SAMPLE_RATE


def _blocks(path: Path, offset: int, start: int, length: int) -> Iterator[Samples]:
    with path.open("rb") as file:
        file.seek(offset + 2 * start)
        while start < length:
            samples = _samples(file.read(2 * min(_BLOCK, length - start)))
            if not len(samples):
                return
            start += len(samples)
            yield samples


def _samples(data: bytes) -> Samples:
    whole = len(data) // 2
    return np.frombuffer(data, "<i2", whole).astype(np.int16)


def _find_samples(file: BinaryIO) -> tuple[int, int] | None:
    """Where the samples begin in bytes and how many there are; ``None`` if not our own format.

    A recording cut short by a crash has a header that knows nothing, too little or too much of
    its length: then the samples go on to the end of the file.
    """
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(12)
    if head[:4] != b"RIFF" or head[8:] != b"WAVE":
        return None
    whole = struct.unpack("<I", head[4:8])[0] + 8 == size
    ours = False
    while len(chunk := file.read(8)) == 8:
        name, told = struct.unpack("<4sI", chunk)
        start = file.tell()
        if name == b"data":
            return (start, (told if whole else size - start) // 2) if ours else None
        if name == b"fmt ":
            ours = file.read(16) == _OUR_FORMAT
        file.seek(start + told + told % 2)
    return None


def _decode(path: Path) -> Samples:
    from faster_whisper import decode_audio

    try:
        sound = decode_audio(str(path), sampling_rate=SAMPLE_RATE)
    except Exception as error:  # PyAV raises many kinds, all for the same reason
        raise AudioInputError(
            f"{path.name} can't be read as a recording. Is it an audio or video file?"
        ) from error
    samples: Samples = np.clip(np.rint(sound * 32768), -32768, 32767).astype(np.int16)
    return samples
