"""Records a take so that nothing spoken is lost.

Two threads besides the caller's. PortAudio's own calls ``_Writer.hear`` with each block, which
copies it into a queue and returns. The writer's thread takes blocks and commands from that queue
in their order and alone touches the file. The queue has no limit: if the disk stalls, the sound
waits in memory. What others see (``position_s``, ``level`` …) the writer alone sets.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from runthrough.audio import devices
from runthrough.audio.resample import Resampler
from runthrough.audio.wav import SAMPLE_RATE_HZ, TakeFile, disk_error
from runthrough.errors import AudioDeviceError

if TYPE_CHECKING:
    from pathlib import Path

    from runthrough.audio.devices import SoundDevice
    from runthrough.audio.wav import Samples

_BLOCK_S = 0.05
# What the system may hold for us when this process gets no turn. More would survive longer
# stalls, but it is also what is lost when the process is killed.
_LATENCY_S = 0.2
# A virtual PulseAudio source was seen to take 2 s to its first block.
_FIRST_BLOCK_WITHIN_S = 6.0
_NEXT_BLOCK_WITHIN_S = 3.0
# How often the writer looks around when no sound comes.
_IDLE_S = 0.2
# After Finish, how much longer than the tail to wait for blocks that no longer come.
_GRACE_S = 1.0

# The quietest level that is told; 16 bits reach down to -96 dBFS.
QUIETEST_DBFS = -100.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Level:
    """How loud the last block was, in dB below full scale; ``clipped`` if it touched full scale."""

    peak_dbfs: float = QUIETEST_DBFS
    rms_dbfs: float = QUIETEST_DBFS
    clipped: bool = False


class Recorder:
    """One take from a microphone. Used once, from one thread.

    ``open`` (the level moves, nothing is written), ``start``, any number of ``pause`` and
    ``resume``, then ``finish``; ``close`` at any time, also twice. If the microphone goes away or
    the disk is full the recording ends by itself: ``failure`` says why, and the file holds what
    came before and is complete.
    """

    def __init__(self, device: str | None = None) -> None:
        """``device`` is a microphone's name as ``devices.find_input`` takes it."""
        self._wanted = device
        self._stream: Any = None
        self._writer: _Writer | None = None

    def open(self) -> SoundDevice:
        """Start listening. Returns the microphone. Raises ``AudioDeviceError``."""
        if self._writer is not None:
            raise RuntimeError("a Recorder is opened once")
        writer = _Writer()
        self._stream, device = devices.open_stream(
            "input",
            self._wanted,
            writer.hear,
            writer.stream_ended,
            block_s=_BLOCK_S,
            latency_s=_LATENCY_S,
        )
        delay_s = float(self._stream.latency) + _BLOCK_S
        writer.begin(device.name, self._stream.samplerate, self._stream.channels, delay_s)
        self._writer = writer
        return device

    def start(self, path: Path) -> None:
        """Begin to write into ``path``.

        Raises ``RunthroughError`` if the file can't be made or is there already, or the
        microphone has gone since ``open``.
        """
        writer = self._opened()
        if writer.failure is not None:
            raise writer.failure
        try:
            file = TakeFile(path)
        except OSError as error:
            raise disk_error(error, path) from error
        writer.start(file)

    def pause(self) -> None:
        """Write no more until ``resume``.

        What was said before this call is still written when it arrives, so ``position_s`` comes to
        rest a quarter of a second later.
        """
        self._opened().pause()

    def resume(self) -> None:
        """Write again."""
        self._opened().resume()

    def finish(self, tail_s: float = 0.5) -> float:
        """Go on for ``tail_s`` (not in a pause), complete the file and let go of the microphone.

        Returns the seconds recorded, once they are safe on the disk. Takes a little longer than
        ``tail_s``. Raises nothing if the recording had failed before: look at ``failure``.
        """
        writer = self._opened()
        writer.finish(tail_s)
        writer.done.wait()
        self.close()
        return writer.position_s

    def close(self) -> None:
        """Let go of the microphone. A recording still going on is completed, without a tail."""
        if self._stream is None or self._writer is None:
            return
        self._writer.closing = True
        devices.close_stream(self._stream)
        self._stream = None
        self._writer.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def position_s(self) -> float:
        """Seconds recorded so far; stands still in a pause. Moves every 50 ms or so."""
        return self._writer.position_s if self._writer else 0.0

    @property
    def level(self) -> Level:
        """The level of the last block, from ``open`` on, also in a pause."""
        return self._writer.level if self._writer else Level()

    @property
    def overflows(self) -> int:
        """How often the system said that it had to drop sound while it was to be recorded."""
        return self._writer.overflows if self._writer else 0

    @property
    def silent_s(self) -> float:
        """For how long every sample has been exactly 0, from ``open`` on, also in a pause.

        A live microphone has noise. Seconds of this mean that it is muted, that the system does
        not let this program hear it, or that the sound server put another source in its place.
        """
        return self._writer.silent_s if self._writer else 0.0

    @property
    def last_block_at(self) -> float | None:
        """When the last block came, by ``time.monotonic``; None before the first."""
        return self._writer.last_block_at if self._writer else None

    @property
    def failure(self) -> Exception | None:
        """Why the recording ended by itself, or None; a ``RunthroughError`` unless a defect."""
        return self._writer.failure if self._writer else None

    def _opened(self) -> _Writer:
        if self._writer is None:
            raise RuntimeError("open() comes first")
        return self._writer


@dataclass(frozen=True, slots=True)
class _Start:
    file: TakeFile


@dataclass(frozen=True, slots=True)
class _Pause:
    pass


@dataclass(frozen=True, slots=True)
class _Resume:
    pass


@dataclass(frozen=True, slots=True)
class _Finish:
    tail_s: float


@dataclass(frozen=True, slots=True)
class _StreamEnded:
    pass


@dataclass(frozen=True, slots=True)
class _End:
    pass


@dataclass(frozen=True, slots=True)
class _Block:
    data: bytes
    overflowed: bool


_Item = _Block | _Start | _Pause | _Resume | _Finish | _StreamEnded | _End


class _Writer:
    """The writer's thread, and the only place where the file is touched."""

    def __init__(self) -> None:
        self.position_s = 0.0
        self.level = Level()
        self.silent_s = 0.0
        self.overflows = 0
        self.last_block_at: float | None = None
        self.failure: Exception | None = None
        # Set when the file is complete, or when there is none and there will be none.
        self.done = threading.Event()
        # Set by the Recorder when it ends the stream itself.
        self.closing = False

        self._queue: SimpleQueue[_Item] = SimpleQueue()
        self._file: TakeFile | None = None
        # Samples still to be written: None is no limit, 0 is a pause.
        self._left: int | None = 0
        self._finish_by: float | None = None

    def begin(self, name: str, rate_hz: float, channels: int, delay_s: float) -> None:
        """Start the thread. ``delay_s``: how long what is spoken takes to arrive here."""
        self._name = name
        self._channels = channels
        self._delay_s = delay_s
        self._rate_hz = round(rate_hz)
        self._resampler = (
            Resampler(self._rate_hz, SAMPLE_RATE_HZ) if self._rate_hz != SAMPLE_RATE_HZ else None
        )
        self._begun_at = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="take writer", daemon=True)
        self._thread.start()

    # --- called on other threads ---------------------------------------------------------------

    def hear(self, data: Any, _frames: int, _times: Any, status: Any) -> None:
        """PortAudio's callback: copy and return."""
        self._queue.put(_Block(bytes(data), bool(status.input_overflow)))

    def stream_ended(self) -> None:
        """PortAudio's word that no more blocks come."""
        self._queue.put(_StreamEnded())

    def start(self, file: TakeFile) -> None:
        self._queue.put(_Start(file))

    def pause(self) -> None:
        self._queue.put(_Pause())

    def resume(self) -> None:
        self._queue.put(_Resume())

    def finish(self, tail_s: float) -> None:
        self._queue.put(_Finish(tail_s))

    def end(self) -> None:
        """Complete what is open and end the thread."""
        self._queue.put(_End())
        self._thread.join()

    # --- the thread ----------------------------------------------------------------------------

    def _run(self) -> None:
        item: _Item | None = None
        while not isinstance(item, _End):
            try:
                item = self._queue.get(timeout=_IDLE_S)
            except Empty:
                item = None
            try:
                if isinstance(item, _Block):
                    self._take(item)
                elif item is not None:
                    self._obey(item)
                self._look_around()
            except OSError as error:
                self._fail(disk_error(error, self._file.path) if self._file else error)
            except Exception as error:  # noqa: BLE001 - a defect must not cost the recording
                _log.exception("The recording stopped because of a defect")
                self._fail(error)

    def _obey(self, command: _Start | _Pause | _Resume | _Finish | _StreamEnded | _End) -> None:
        delay = round(self._delay_s * SAMPLE_RATE_HZ)
        match command:
            case _Start(file):
                if self.done.is_set():  # it failed while the file was being made
                    file.close()
                    return
                self._file = file
                self._left = None
            case _Pause():
                # What was said before the button was pressed is still under way.
                self._left = delay if self._left is None else self._left
            case _Resume() if self._finish_by is None:
                self._left = None
            case _Finish(tail_s):
                tail = round(tail_s * SAMPLE_RATE_HZ)
                self._left = delay + tail if self._left is None else self._left
                self._finish_by = time.monotonic() + self._delay_s + tail_s + _GRACE_S
            case _StreamEnded() if not self.closing:
                self._fail(
                    AudioDeviceError(
                        f"The microphone “{self._name}” went away. {self._kept()}Plug it in again "
                        "or choose another, then record again."
                    )
                )
            case _End():
                self._complete()

    def _take(self, block: _Block) -> None:
        self.last_block_at = time.monotonic()
        pcm = np.frombuffer(block.data, np.int16)
        if self._channels > 1:
            pcm = pcm.reshape(-1, self._channels).mean(axis=1).astype(np.int16)
        self.level = _level(pcm)
        self.silent_s = 0.0 if pcm.any() else self.silent_s + len(pcm) / self._rate_hz
        if self._left == 0 or self._file is None or self.done.is_set():
            return
        self.overflows += block.overflowed
        if self._resampler is not None:
            pcm = self._resampler.push(pcm)
        if self._left is not None:
            pcm = pcm[: self._left]
            self._left -= len(pcm)
        self._write(pcm)

    def _write(self, pcm: Samples) -> None:
        if self._file is None:
            return
        try:
            self._file.append(pcm)
        finally:
            self.position_s = self._file.seconds

    def _look_around(self) -> None:
        """What has to happen whether or not sound comes."""
        now = time.monotonic()
        if self.done.is_set():
            return
        if self._finish_by is not None and (self._left == 0 or now > self._finish_by):
            self._complete()
            return
        since = now - (self.last_block_at or self._begun_at)
        if since > _IDLE_S and self._file is not None:
            self._file.sync()
        patience = _NEXT_BLOCK_WITHIN_S if self.last_block_at else _FIRST_BLOCK_WITHIN_S
        if since > patience and not self.closing:
            self._fail(
                AudioDeviceError(
                    f"The microphone “{self._name}” sends no sound. {self._kept()}Check its "
                    "cable, its switch and the system's privacy settings, or choose another, then "
                    "record again."
                )
            )

    def _kept(self) -> str:
        return "What was recorded before is safe. " if self.position_s else ""

    def _fail(self, error: Exception) -> None:
        if self.failure is None and not self.done.is_set():
            self.failure = error
            self._complete()

    def _complete(self) -> None:
        """Close the file, whole and on the disk; nothing is written after it."""
        if self.done.is_set():
            return
        self._left = 0
        try:
            if self._file is not None:
                if self._resampler is not None and self.failure is None:
                    self._write(self._resampler.flush())
                self._file.close()
        except OSError as error:
            if self.failure is None and self._file is not None:
                self.failure = disk_error(error, self._file.path)
        finally:
            self.done.set()


def _level(pcm: Samples) -> Level:
    if not len(pcm):
        return Level()
    loud = pcm.astype(np.float64) / 32768.0
    peak = float(np.abs(loud).max())
    rms = math.sqrt(float(np.mean(loud * loud)))
    return Level(_dbfs(peak), _dbfs(rms), clipped=peak >= 32767 / 32768)


def _dbfs(amplitude: float) -> float:
    return max(QUIETEST_DBFS, 20 * math.log10(amplitude)) if amplitude > 0 else QUIETEST_DBFS
