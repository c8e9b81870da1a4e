"""The one sound format of the library, written so that a crash costs nothing that was spoken.

A take's sound is ``audio.wav``: 16 kHz, one channel, 16 bits. ``TakeFile`` writes it, ``repair``
mends what a crash left behind, and the readers here follow a file that is still growing. They
take other files of that rate and channel count too (the sample talk is FLAC).

The header of a file being written runs behind: it is brought up to date once per ``SYNC_EVERY_S``.
Every sample after the header counts, whatever the header says, unless the file says itself that
something other than sound follows, which only other programs write.
"""

from __future__ import annotations

import errno
import os
import struct
import time
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from runthrough.errors import AudioInputError, LibraryError, MissingError, RunthroughError
from runthrough.files import private, sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

SAMPLE_RATE_HZ = 16_000
# Sound that is written reaches the disk itself, not only the system's cache, within this time.
SYNC_EVERY_S = 0.5
# RIFF size, format tag (1: PCM), channels, rate, bytes a second, bytes a frame, bits, data size.
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_FORMAT = (b"fmt ", 16, 1, 1, SAMPLE_RATE_HZ, 2 * SAMPLE_RATE_HZ, 2, 16)
# Sizes in a WAV header are 32 bits wide: 37 hours of this format.
_MAX_SIZE = 0xFFFFFFFF

Samples = NDArray[np.int16]


def disk_error(error: OSError, path: Path) -> RunthroughError:
    """``error``, met while writing ``path``, in words for the user."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return MissingError(
            f"There is no room left for {path.name}. Free some space on the disk that holds "
            f"{path.parent}, then try again."
        )
    return LibraryError(
        f"{path} can't be written ({error.strerror or error}). "
        "Check that the folder exists and may be written to, or choose another library folder."
    )


class TakeFile:
    """A take's sound while it is being written. Never overwrites an existing file.

    From the moment it is made the file is a valid WAV file. ``append`` writes without buffering,
    so what it was given survives the end of this process; at least every ``SYNC_EVERY_S`` of
    appending it reaches the disk itself. One thread only. Every method raises the ``OSError`` it
    meets (see ``disk_error``); what was written before stays, and ``close`` still works.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._bytes = 0
        self._synced_bytes = 0
        self._synced_at = time.monotonic()
        # Unbuffered: a write that returned is with the system. x: a recording is never replaced.
        self._file = open(path, "xb", buffering=0, opener=private)  # noqa: SIM115 - until close()
        try:
            self._write(_header(0))
            os.fsync(self._file.fileno())
            sync_folder(path.parent)
        except OSError:
            self._file.close()
            path.unlink(missing_ok=True)
            raise

    @property
    def frames(self) -> int:
        """Whole samples written so far."""
        return self._bytes // 2

    @property
    def seconds(self) -> float:
        """The length of what is written so far."""
        return self.frames / SAMPLE_RATE_HZ

    def append(self, pcm: Samples) -> None:
        """Write ``pcm``, shape (samples,), after what is there."""
        try:
            self._write(pcm.astype("<i2").tobytes())
        finally:  # a full disk may have taken a part
            self._bytes = self._file.tell() - _HEADER.size
        if time.monotonic() - self._synced_at >= SYNC_EVERY_S:
            self.sync()

    def sync(self) -> None:
        """Bring the header up to date and both it and the sound to the disk itself."""
        if self._bytes == self._synced_bytes:
            return
        self._file.seek(0)
        try:
            self._write(_header(self._bytes))
        finally:
            self._file.seek(0, os.SEEK_END)
        os.fsync(self._file.fileno())
        self._synced_bytes = self._bytes
        # From now on: a disk that takes longer would be waited for at every block.
        self._synced_at = time.monotonic()

    def close(self) -> None:
        """Complete the file. A second call does nothing."""
        if self._file.closed:
            return
        try:
            if self._bytes % 2:  # a full disk cut a sample in half
                self._bytes -= 1
                self._file.truncate(_HEADER.size + self._bytes)
            self.sync()
        finally:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write(self, data: bytes) -> None:
        """Write all of ``data``: unbuffered files may take a part at a time."""
        left = memoryview(data)
        while left:
            left = left[self._file.write(left) :]


def repair(path: Path) -> float:
    """Make the header of a ``TakeFile`` that a crash left behind tell the truth.

    Returns the length in seconds. No sample is lost: the file may have any length, 0 included. A
    file that another program wrote is left as it is. Raises ``AudioInputError`` if the file is not
    there, not sound, or can't be changed.
    """
    try:
        with path.open("r+b") as file:
            start = file.read(_HEADER.size)
            # After a power cut the length can be on the disk and the header not yet.
            blank = len(start) < _HEADER.size or not any(start)
            if not blank and not _is_ours(start, file):
                return duration_s(path)
    except OSError as error:
        raise unreadable(path, error) from error
    return write_header(path)


def write_header(path: Path) -> float:
    """Give a ``TakeFile`` the header that fits its length, whatever stands there now.

    Returns the length in seconds. Raises ``AudioInputError`` if the file can't be changed.
    """
    try:
        with path.open("r+b") as file:
            sound_bytes = max(0, _size(file) - _HEADER.size) // 2 * 2
            file.truncate(_HEADER.size + sound_bytes)
            file.seek(0)
            file.write(_header(sound_bytes))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise unreadable(path, error) from error
    return sound_bytes / 2 / SAMPLE_RATE_HZ


def begun(path: Path) -> bool:
    """Whether a ``TakeFile`` at ``path`` is there, with its header, and so can be followed."""
    try:
        return path.stat().st_size >= _HEADER.size
    except FileNotFoundError:
        return False


def duration_s(path: Path) -> float:
    """Seconds of sound in ``path`` at this moment. Raises ``AudioInputError``."""
    with _Source(path) as source:
        return source.frames / SAMPLE_RATE_HZ


def read_blocks(path: Path, block_s: float, start_s: float = 0.0) -> Iterator[Samples]:
    """The sound from ``start_s`` on in blocks of ``block_s``, the last one shorter.

    Shape (samples,), 16 bits. Holds one block at a time. Raises ``AudioInputError``.
    """
    size = max(1, round(block_s * SAMPLE_RATE_HZ))
    at = max(0, round(start_s * SAMPLE_RATE_HZ))
    with _Source(path) as source:
        while len(pcm := source.read(at, size)):
            yield pcm
            at += len(pcm)


class _Source:
    """Random access to a file of the library's rate and channel count."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sound: Any = None
        try:
            self._file: BinaryIO = path.open("rb")
        except OSError as error:
            raise unreadable(path, error) from error
        try:
            start = self._file.read(_HEADER.size)
            if not (len(start) == _HEADER.size and _is_ours(start, self._file)):
                self._sound = self._open_other()
        except OSError as error:
            self._file.close()
            raise unreadable(path, error) from error
        except BaseException:
            self._file.close()
            raise

    def _open_other(self) -> Any:
        import soundfile

        self._file.seek(0)
        try:
            sound = soundfile.SoundFile(self._file)
        except soundfile.SoundFileError as error:
            raise AudioInputError(
                f"{self._path.name} is not a sound file that can be read here. Import it instead."
            ) from error
        if (sound.samplerate, sound.channels) != (SAMPLE_RATE_HZ, 1):
            sound.close()
            raise AudioInputError(
                f"{self._path.name} is not in the library's format (16 kHz, one channel). "
                "Import it instead."
            )
        return sound

    @property
    def frames(self) -> int:
        """Samples there are at this moment."""
        if self._sound is not None:
            return int(self._sound.frames)
        return max(0, _size(self._file) - _HEADER.size) // 2

    def read(self, first: int, count: int) -> Samples:
        """Up to ``count`` samples from number ``first`` on; fewer where the file ends."""
        count = min(count, self.frames - first)
        if count <= 0:
            return np.zeros(0, np.int16)
        if self._sound is not None:
            import soundfile

            try:
                self._sound.seek(first)
                read: Samples = self._sound.read(count, dtype="int16")
            except soundfile.SoundFileError as error:
                raise AudioInputError(
                    f"{self._path} is damaged at {first / SAMPLE_RATE_HZ:.0f} s and can't be read "
                    "further. Import the recording again if you have it elsewhere."
                ) from error
            return read
        self._file.seek(_HEADER.size + 2 * first)
        data = self._file.read(2 * count)
        return np.frombuffer(data, "<i2", count=len(data) // 2).astype(np.int16, copy=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: object, *_: object) -> None:
        if self._sound is not None:
            self._sound.close()
        self._file.close()
        if isinstance(error, OSError):  # the disk failed while it was read
            raise unreadable(self._path, error) from error


def _header(sound_bytes: int) -> bytes:
    riff = min(sound_bytes + _HEADER.size - 8, _MAX_SIZE)
    return _HEADER.pack(
        b"RIFF", riff, b"WAVE", *_FORMAT, b"data", min(sound_bytes, _MAX_SIZE - _HEADER.size)
    )


def _is_ours(start: bytes, file: BinaryIO) -> bool:
    """Whether all that follows the header ``start`` is samples in the library's format."""
    riff, size, wave, *form, data, sound_bytes = _HEADER.unpack(start)
    if (riff, wave, tuple(form), data) != (b"RIFF", b"WAVE", _FORMAT, b"data"):
        return False
    # Sizes that run behind or ahead were left by a crash; both right and something after the
    # sound is another program's file, with a title or the like at its end.
    return not sound_bytes + _HEADER.size < size + 8 <= _size(file)


def _size(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_size


def unreadable(path: Path, error: OSError | ValueError) -> AudioInputError:
    """``error``, met while reading ``path``, in words for the user."""
    if isinstance(error, FileNotFoundError):
        return AudioInputError(f"There is no file {path}. Check its name and folder.")
    is_folder = os.path.isdir(path)  # noqa: PTH112 - a ``Path``'s raises where none may enter
    if isinstance(error, IsADirectoryError) or is_folder:
        return AudioInputError(f"{path} is a folder. Choose a sound or video file.")
    return AudioInputError(
        f"{path} can't be read ({getattr(error, 'strerror', None) or error}). "
        "Check that you may read it, or copy it elsewhere and try again."
    )
