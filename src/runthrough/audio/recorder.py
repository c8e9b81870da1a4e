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
    from collections.abc import Callable
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
# How often a microphone is looked for once it is gone.
_LOOK_EVERY_S = 1.0
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


@dataclass(frozen=True, slots=True)
class Gap:
    """From ``start_s`` to ``end_s`` of the take nothing was heard; then ``microphone`` was."""

    start_s: float
    end_s: float
    microphone: str


@dataclass(frozen=True, slots=True)
class _Heard:
    """A microphone as it is heard. ``delay_s``: how long what is spoken takes to arrive."""

    name: str
    rate_hz: int
    channels: int
    delay_s: float

    @classmethod
    def of(cls, stream: Any, name: str) -> _Heard:
        delay_s = float(stream.latency) + _BLOCK_S
        return cls(name, round(stream.samplerate), stream.channels, delay_s)


class Recorder:
    """One take from a microphone. Used once, from one thread.

    ``open`` (the level moves, nothing is written), ``start``, any number of ``pause`` and
    ``resume``, then ``finish``; ``close`` at any time, also twice. If the disk is full, or the
    microphone goes away and no other comes in time, the recording ends by itself: ``failure`` says
    why, and the file holds what came before and is complete.
    """

    def __init__(self, device: str | None = None, *, patience_s: float = 0.0) -> None:
        """``device`` is a microphone's name as ``devices.find_input`` takes it.

        If it goes away while a take is written, for ``patience_s`` it or else any other is looked
        for; until then silence is written, so that times stay true.
        """
        self._wanted = device
        self._patience_s = patience_s
        # Of the stream, which the thread that looks for another microphone changes, too.
        self._lock = threading.Lock()
        self._stream: Any = None
        self._writer: _Writer | None = None

    def open(self) -> SoundDevice:
        """Start listening. Returns the microphone. Raises ``AudioDeviceError``."""
        if self._writer is not None:
            raise RuntimeError("a Recorder is opened once")
        writer = _Writer(self._patience_s, self._look_for_another)
        self._stream, device = self._listen(self._wanted, writer)
        writer.begin(_Heard.of(self._stream, device.name))
        self._writer = writer
        return device

    def _listen(self, name: str | None, writer: _Writer) -> tuple[Any, SoundDevice]:
        return devices.open_stream(
            "input",
            name,
            writer.hear,
            writer.stream_ended,
            block_s=_BLOCK_S,
            latency_s=_LATENCY_S,
        )

    def _look_for_another(self, writer: _Writer) -> None:
        """Let go of a microphone that went away; open it again, or another. In its own thread."""
        with self._lock:
            if self._stream is not None:
                devices.close_stream(self._stream)
                self._stream = None
        names = dict.fromkeys((self._wanted, None))
        while not writer.done.wait(_LOOK_EVERY_S):
            for name in names:
                with self._lock:
                    if writer.closing or writer.done.is_set():
                        return
                    try:
                        self._stream, device = self._listen(name, writer)
                    except AudioDeviceError:
                        continue
                    writer.found(_Heard.of(self._stream, device.name))
                    return

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
        writer = self._writer
        if writer is None or writer.closing:
            return
        with self._lock:
            writer.closing = True
            if self._stream is not None:
                devices.close_stream(self._stream)
                self._stream = None
        writer.end()

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
    def lost(self) -> str:
        """What to tell the speaker while no microphone is there; empty while one is."""
        return self._writer.lost if self._writer else ""

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """The stretches of silence that stand for what no microphone heard, that are over."""
        return tuple(self._writer.gaps) if self._writer else ()

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
class _Found:
    heard: _Heard


@dataclass(frozen=True, slots=True)
class _End:
    pass


@dataclass(frozen=True, slots=True)
class _Block:
    data: bytes
    overflowed: bool


_Item = _Block | _Start | _Pause | _Resume | _Finish | _StreamEnded | _Found | _End


class _Writer:
    """The writer's thread, and the only place where the file is touched."""

    def __init__(self, patience_s: float, look_for_another: Callable[[_Writer], None]) -> None:
        self.position_s = 0.0
        self.lost = ""
        self.gaps: list[Gap] = []
        self.level = Level()
        self.silent_s = 0.0
        self.overflows = 0
        self.last_block_at: float | None = None
        self.failure: Exception | None = None
        # Set when the file is complete, or when there is none and there will be none.
        self.done = threading.Event()
        # Set by the Recorder when it ends the stream itself.
        self.closing = False

        self._patience_s = patience_s
        self._look_for_another = look_for_another
        # Where in the take the microphone went away, and when, by time.monotonic.
        self._lost_from: tuple[float, float] | None = None
        self._queue: SimpleQueue[_Item] = SimpleQueue()
        self._file: TakeFile | None = None
        self._missing = AudioDeviceError("The microphone went away.")
        # Samples still to be written: None is no limit, 0 is a pause.
        self._left: int | None = 0
        self._finish_by: float | None = None

    def begin(self, heard: _Heard) -> None:
        """Start the thread."""
        self._hears(heard)
        self._thread = threading.Thread(target=self._run, name="take writer", daemon=True)
        self._thread.start()

    def _hears(self, heard: _Heard) -> None:
        self._name = heard.name
        self._channels = heard.channels
        self._delay_s = heard.delay_s
        self._rate_hz = heard.rate_hz
        self._resampler = (
            Resampler(self._rate_hz, SAMPLE_RATE_HZ) if self._rate_hz != SAMPLE_RATE_HZ else None
        )
        self._begun_at = time.monotonic()
        self.last_block_at = None

    # --- called on other threads ---------------------------------------------------------------

    def hear(self, data: Any, _frames: int, _times: Any, status: Any) -> None:
        """PortAudio's callback: copy and return."""
        self._queue.put(_Block(bytes(data), bool(status.input_overflow)))

    def stream_ended(self) -> None:
        """PortAudio's word that no more blocks come."""
        self._queue.put(_StreamEnded())

    def found(self, heard: _Heard) -> None:
        """Another microphone is heard from now on."""
        self._queue.put(_Found(heard))

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

    def _obey(
        self, command: _Start | _Pause | _Resume | _Finish | _StreamEnded | _Found | _End
    ) -> None:
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
            case _StreamEnded() if not self.closing and self._lost_from is None:
                self._miss(
                    f"The microphone “{self._name}” went away.",
                    "Plug it in again or choose another, then record again.",
                )
            case _Found(heard):
                self._go_on(heard)
            case _End():
                self._complete()

    def _take(self, block: _Block) -> None:
        self.last_block_at = time.monotonic()
        pcm = np.frombuffer(block.data, np.int16)
        if self._channels > 1:
            pcm = pcm.reshape(-1, self._channels).mean(axis=1).astype(np.int16)
        self.level = _level(pcm)
        self.silent_s = 0.0 if pcm.any() else self.silent_s + len(pcm) / self._rate_hz
        if self._left == 0 or self._file is None or self.done.is_set() or self._lost_from:
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
        if self._lost_from is not None:
            self._keep_time(now)
            return
        patience = _NEXT_BLOCK_WITHIN_S if self.last_block_at else _FIRST_BLOCK_WITHIN_S
        if since > patience and not self.closing:
            self._miss(
                f"The microphone “{self._name}” sends no sound.",
                "Check its cable, its switch and the system's privacy settings, or choose "
                "another, then record again.",
            )

    def _miss(self, what: str, advice: str) -> None:
        """The microphone is gone: wait for one, if a take is being written, else it is over."""
        error = AudioDeviceError(f"{what} {self._kept()}{advice}")
        if self._file is None or self.done.is_set() or not self._patience_s or self._finish_by:
            self._fail(error)
            return
        self._missing = error
        if self._resampler is not None and self._left is None:
            self._write(self._resampler.flush())
        self._lost_from = (self.position_s, self.last_block_at or time.monotonic())
        self.level = Level()
        self.lost = f"{what} Nothing is recorded until one is plugged in; the clock goes on."
        threading.Thread(
            target=self._look_for_another, args=(self,), name="microphone search", daemon=True
        ).start()

    def _keep_time(self, now: float) -> None:
        """Write silence up to now, so that what is said later stands at its true time."""
        assert self._lost_from is not None  # noqa: S101 - asked for by the callers
        start_s, since = self._lost_from
        if self._left is None:
            missing = round((start_s + now - since - self.position_s) * SAMPLE_RATE_HZ)
            if missing > 0:
                self._write(np.zeros(missing, np.int16))
        else:  # in a pause time stands still
            self._lost_from = (self.position_s, now)
        if now - since > self._patience_s:
            self._fail(self._missing)

    def _go_on(self, heard: _Heard) -> None:
        if self._lost_from is None or self.done.is_set():
            return
        self._keep_time(time.monotonic())
        if self.done.is_set():
            return
        start_s, _ = self._lost_from
        self._hears(heard)
        self.gaps.append(Gap(start_s, self.position_s, heard.name))
        self._lost_from, self.lost = None, ""

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
        self._lost_from, self.lost = None, ""
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
