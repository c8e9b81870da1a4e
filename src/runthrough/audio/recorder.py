"""Records a take so that nothing spoken is lost.

Two threads besides the caller's. PortAudio's own calls ``_Writer.hear`` with each block, which
copies it into a queue and returns. The writer's thread takes blocks and commands from that queue
in their order and alone touches the file. The queue has no limit: if the disk stalls, the sound
waits in memory. What others see (``position_s``, ``level`` …) the writer alone sets.
"""

from __future__ import annotations

import logging
import math
import shutil
import threading
import time
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from runthrough.audio import devices
from runthrough.audio.mixing import Mixer
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
# Blocks this far apart mean that sound may have been lost between them, even if the system does
# not say so.
_STALL_S = 1.0
# After a stall what the system had kept comes at once; then it shows how much is missing.
_SETTLE_S = 0.3
# Less than this is the jitter of the blocks' arrival, not lost sound.
_LEAST_GAP_S = 0.3
# A missing microphone is waited for this long, and looked for this often.
_ANOTHER_WITHIN_S = 30.0
_LOOK_AGAIN_S = 1.0
# Silence for what was lost, at most: a computer that slept all night leaves no night in the take.
_LONGEST_SILENCE_S = 60.0
# How often the room on the disk is looked at.
_ROOM_EVERY_S = 5.0

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
    """Sound that was lost at ``at_s``; the take has silence there, so that its time stays true.

    The silence is as long as what was lost, ``lost_s``, but a minute at most.
    """

    at_s: float
    lost_s: float
    why: str


class Recorder:
    """One take from a microphone. Used once, from one thread.

    ``open`` (the level moves, nothing is written), ``start``, any number of ``pause`` and
    ``resume``, then ``finish``; ``close`` at any time, also twice. If the microphone goes away, or
    sends nothing, the recording goes on from the same one or the system's own as soon as there is
    one, with silence in between and a ``Gap``. If there is none for half a minute, or the disk is
    full, the recording ends by itself: ``failure`` says why, and the file holds what came before
    and is complete.
    """

    def __init__(self, device: str | None = None) -> None:
        """``device`` is a microphone's name as ``devices.find`` takes it."""
        self._wanted = device
        self._writer: _Writer | None = None

    def open(self) -> SoundDevice:
        """Start listening. Returns the microphone. Raises ``AudioDeviceError``."""
        if self._writer is not None:
            raise RuntimeError("a Recorder is opened once")
        writer = _Writer(self._wanted)
        device = writer.begin()
        self._writer = writer
        return device

    def start(self, path: Path, *, longest_s: float | None = None) -> None:
        """Begin to write into ``path``, ``longest_s`` at most; what comes later is not kept.

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
        writer.start(file, None if longest_s is None else round(longest_s * SAMPLE_RATE_HZ))

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
        if self._writer is not None:
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
    def microphone(self) -> str:
        """The name of the microphone that is heard now; another than at first after a gap."""
        return self._writer.name if self._writer else ""

    @property
    def is_lost(self) -> bool:
        """Whether the microphone is gone at this moment, and another is being looked for."""
        return self._writer is not None and self._writer.lost_since is not None

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Where sound was lost, in their order."""
        return tuple(self._writer.gaps) if self._writer else ()

    @property
    def room_s(self) -> float | None:
        """Seconds of sound that still fit on the disk; None before the start."""
        return self._writer.room_s if self._writer else None

    @property
    def failure(self) -> Exception | None:
        """Why the recording ended by itself, or None; a ``RunthroughError`` unless a defect.

        Told once the file is complete, so that whoever hears of it can open it.
        """
        writer = self._writer
        return writer.failure if writer is not None and writer.done.is_set() else None

    def _opened(self) -> _Writer:
        if self._writer is None:
            raise RuntimeError("open() comes first")
        return self._writer


@dataclass(frozen=True, slots=True)
class _Start:
    file: TakeFile
    most: int | None


@dataclass(frozen=True, slots=True)
class _Pause:
    at: float


@dataclass(frozen=True, slots=True)
class _Resume:
    pass


@dataclass(frozen=True, slots=True)
class _Finish:
    tail_s: float
    at: float


@dataclass(frozen=True, slots=True)
class _StreamEnded:
    stream: int


@dataclass(frozen=True, slots=True)
class _End:
    pass


@dataclass(frozen=True, slots=True)
class _Block:
    stream: int
    data: bytes
    overflowed: bool
    at: float


_Item = _Block | _Start | _Pause | _Resume | _Finish | _StreamEnded | _End


class _Writer:
    """The writer's thread, and the only place where the file is touched."""

    def __init__(self, wanted: str | None) -> None:
        self._wanted = wanted
        self.name = ""
        self.gaps: list[Gap] = []
        # By ``time.monotonic``; None while all is well.
        self.lost_since: float | None = None
        self.room_s: float | None = None
        self.position_s = 0.0
        self.level = Level()
        # When the last block came, by ``time.monotonic``.
        self._last_block_at: float | None = None
        self.failure: Exception | None = None
        # Set when the file is complete, or when there is none and there will be none.
        self.done = threading.Event()
        self._queue: SimpleQueue[_Item] = SimpleQueue()
        self._file: TakeFile | None = None
        self._most: int | None = None  # samples in the file
        # Samples still to be written: None is no limit, 0 is a pause.
        self._left: int | None = 0
        self._finish_by: float | None = None

        self._stream: Any = None
        self._streams = 0  # opened so far; blocks and ends of earlier ones count no more
        self._resampler: Resampler | None = None
        # After a stall: the blocks that are not written yet, and since when.
        self._held: list[Samples] = []
        self._held_since: float | None = None
        self._held_s = 0.0
        # Since when, and how much sound came since, to tell whether it still comes in a rush.
        self._window_at, self._window_s = 0.0, 0.0
        # When the first block came, and the sound that came since or is known to be lost.
        self._first_at: float | None = None
        self._received_s = 0.0
        self._stalled_at = 0.0  # when the last block before the stall came
        # Lost in earlier stalls, each too short for a gap of its own.
        self._owed_s = 0.0
        self._filled_s = 0.0  # silence written since
        self._gap_at_s = 0.0
        self._tried_at = 0.0
        self._took_at = 0.0  # when the last block was taken from the queue
        self._reason = ("", "")
        self._moved = False  # the microphone was opened anew
        self._looked_at_room = -math.inf

    def begin(self) -> SoundDevice:
        """Open the microphone and start the thread. Raises ``AudioDeviceError``."""
        device = self._open(self._wanted)
        self._thread = threading.Thread(target=self._run, name="take writer", daemon=True)
        self._thread.start()
        return device

    def _open(self, wanted: str | None) -> SoundDevice:
        self._streams += 1
        number = self._streams

        def hear(data: Any, _frames: int, _times: Any, status: Any) -> None:
            """PortAudio's callback: copy and return."""
            self._queue.put(
                _Block(number, bytes(data), bool(status.input_overflow), time.monotonic())
            )

        def ended() -> None:
            """PortAudio's word that no more blocks come."""
            self._queue.put(_StreamEnded(number))

        self._stream, device = devices.open_stream(
            "input", wanted, hear, ended, block_s=_BLOCK_S, latency_s=_LATENCY_S
        )
        self.name = device.name
        self._channels = self._stream.channels
        # How long what is spoken takes to arrive here.
        self._delay_s = float(self._stream.latency) + _BLOCK_S
        self._rate_hz = round(self._stream.samplerate)
        self._mixer = Mixer(self._rate_hz)
        self._resampler = (
            Resampler(self._rate_hz, SAMPLE_RATE_HZ) if self._rate_hz != SAMPLE_RATE_HZ else None
        )
        self._opened_at = time.monotonic()
        self._heard_since_open = False
        return device

    # --- called on other threads ---------------------------------------------------------------

    def start(self, file: TakeFile, most: int | None) -> None:
        self._queue.put(_Start(file, most))

    def pause(self) -> None:
        self._queue.put(_Pause(time.monotonic()))

    def resume(self) -> None:
        self._queue.put(_Resume())

    def finish(self, tail_s: float) -> None:
        self._queue.put(_Finish(tail_s, time.monotonic()))

    def end(self) -> None:
        """Complete what is open, end the thread and let go of the microphone."""
        self._queue.put(_End())
        self._thread.join()
        self._let_go()

    def _let_go(self) -> None:
        if self._stream is not None:
            self._streams += 1  # what it says of its own end is no news
            stream, self._stream = self._stream, None
            devices.close_stream(stream)

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
        match command:
            case _Start(file, most):
                if self.done.is_set():  # it failed while the file was being made
                    file.close()
                    return
                self._file, self._most = file, most
                self._left = None
            case _Pause(at):
                self._left = self._under_way(at) if self._left is None else self._left
            case _Resume() if self._finish_by is None:
                self._left = None
            case _Finish(tail_s, at):
                self._left = self._under_way(at, tail_s) if self._left is None else self._left
                self._finish_by = time.monotonic() + self._delay_s + tail_s + _GRACE_S
            case _StreamEnded(number) if number == self._streams:
                self._lose("went away", "Plug it in again or choose another, then record again.")
            case _End():
                self._complete()

    def _under_way(self, at: float, tail_s: float = 0.0) -> int:
        """The samples to be written yet of what was said until ``at`` and ``tail_s`` longer."""
        wanted_s = self._delay_s + tail_s
        if self.lost_since is None:
            # In a stall it is all that was said since; ``_settle`` takes off what proves lost.
            since_s = at - (self._last_block_at or at)
            wanted_s += max(0.0, min(since_s, self._missing_s(at)) - _BLOCK_S)
        if self._held_since is not None:
            wanted_s += self._held_s + max(0.0, self._lost_s() - self._filled_s)
        return round(wanted_s * SAMPLE_RATE_HZ)

    def _take(self, block: _Block) -> None:
        if block.stream != self._streams:
            return
        before, self._last_block_at = self._last_block_at, block.at
        self._took_at = time.monotonic()
        self._heard_since_open = True
        lost, self.lost_since = self.lost_since is not None, None
        pcm = np.frombuffer(block.data, np.int16)
        if self._channels > 1:
            pcm = self._mixer.mix(pcm.reshape(-1, self._channels))
        self.level = _level(pcm)
        length_s = len(pcm) / self._rate_hz
        if self._first_at is None:
            self._first_at = block.at - length_s
        self._received_s += length_s
        if self._left == 0 or self._file is None or self.done.is_set():
            if self._filled_s:  # it came back in a pause
                self._tell_gap(self._filled_s)
                self._received_s += self._filled_s
            self._filled_s, self._owed_s, self._moved = 0.0, 0.0, False
            return
        if self._resampler is not None:
            pcm = self._resampler.push(pcm)
        stalled = before is not None and block.at - before - length_s > _STALL_S
        stalled |= block.overflowed
        if self._held_since is None and (stalled or lost) and self.position_s:
            self._held_since, self._held_s = block.at, 0.0
            self._window_at, self._window_s = block.at, 0.0
            self._stalled_at = before or block.at
            if not self._filled_s:
                self._gap_at_s = self.position_s
        if self._held_since is None:
            self._keep(pcm)
            return
        self._held.append(pcm)
        self._held_s += length_s
        self._window_s += length_s
        window_s = block.at - self._window_at
        if window_s >= _SETTLE_S:
            # While more comes than is spoken, the system still hands over what it had kept.
            if self._window_s < 2 * window_s or self._missing_s(block.at) <= 0:
                self._settle()
            self._window_at, self._window_s = block.at, 0.0

    def _settle(self) -> None:
        """Write what came after a stall, behind as much silence as sound is missing."""
        if self._held_since is None:
            return
        lost_s = self._lost_s()
        held, self._held, self._held_since = self._held, [], None
        if self._left is not None:
            unheard_s = max(0.0, lost_s - self._filled_s)
            self._left = max(0, self._left - round(unheard_s * SAMPLE_RATE_HZ))
        self._owed_s = lost_s
        if lost_s >= _LEAST_GAP_S or self._filled_s or self._moved:
            self._received_s += lost_s
            self._owed_s = 0.0
            self._fill(min(lost_s, _LONGEST_SILENCE_S))
            self._tell_gap(max(lost_s, self._filled_s))
        self._filled_s, self._moved = 0.0, False
        for pcm in held:
            self._keep(pcm)

    def _tell_gap(self, lost_s: float) -> None:
        why = (
            f"the microphone was gone; it went on with “{self.name}”"
            if self._moved
            else "the program got no sound"
        )
        self.gaps.append(Gap(self._gap_at_s, lost_s, why))

    def _lost_s(self) -> float:
        """How much sound is missing before what is held, with what is owed of earlier stalls."""
        now = self._last_block_at or 0.0
        since_s = now - self._stalled_at - self._held_s
        return max(0.0, min(self._owed_s + since_s, self._missing_s(now)))

    def _missing_s(self, now: float) -> float:
        """How much less sound came than time passed; a pause and lost sound that is known count."""
        return now - (self._first_at or now) - self._received_s

    def _fill(self, until_s: float) -> None:
        """Make the silence of the gap ``until_s`` long; what is there already counts."""
        missing = round((until_s - self._filled_s) * SAMPLE_RATE_HZ)
        if missing > 0:
            self._filled_s = until_s
            self._write(np.zeros(missing, np.int16))

    def _keep(self, pcm: Samples) -> None:
        if self._left is not None:
            pcm = pcm[: self._left]
            self._left -= len(pcm)
        self._write(pcm)

    def _write(self, pcm: Samples) -> None:
        if self._file is None:
            return
        try:
            room = None if self._most is None else self._most - self._file.frames
            self._file.append(pcm[:room])
        finally:
            self.position_s = self._file.seconds

    def _look_around(self) -> None:
        """What has to happen whether or not sound comes."""
        now = time.monotonic()
        if self.done.is_set():
            return
        if self._finish_by is not None and (
            self._left == 0
            # What came while the disk stalled is written first.
            or (now > self._finish_by and self._queue.empty())
        ):
            self._complete()
            return
        if self._file is not None and now - self._looked_at_room > _ROOM_EVERY_S:
            self._looked_at_room = now
            self.room_s = _room_s(self._file.path)
        # A block that waited for a slow disk is no sign of a microphone that is gone.
        last = max(self._took_at, self._opened_at)
        if now - last > _IDLE_S and self._file is not None:
            self._file.sync()
        if self.lost_since is not None:
            self._look_for_another(now)
            return
        patience = _NEXT_BLOCK_WITHIN_S if self._heard_since_open else _FIRST_BLOCK_WITHIN_S
        # A stall of this thread is none of the microphone's: what came meanwhile is read first.
        if now - last > patience and self._queue.empty():
            self._lose(
                "sends no sound",
                "Check its cable, its switch and the system's privacy settings, or choose another, "
                "then record again.",
            )

    def _lose(self, what: str, advice: str) -> None:
        """No more comes from the microphone: look for another, or end if nothing is recorded."""
        self._reason = (f"The microphone “{self.name}” {what}. ", advice)
        if self._file is None or not self.position_s or self._finish_by is not None:
            self._give_up()
        elif not self.done.is_set() and self.lost_since is None:
            if self._held_since is not None:
                self._settle()
            self.lost_since = time.monotonic()
            self._tried_at = 0.0
            self._gap_at_s = self.position_s

    def _look_for_another(self, now: float) -> None:
        if self._left is not None and self._finish_by is None:
            # In a pause nothing is lost, and it may last. What was said before comes no more.
            self._left = 0
            self.lost_since = now
            self._received_s += self._missing_s(now) - self._filled_s
        else:
            # Time goes on without sound. The last half second waits for what may still come.
            lost_s = min(now - (self._last_block_at or now), self._missing_s(now)) - 0.5
            self._fill(min(lost_s, _LONGEST_SILENCE_S))
        if now - (self.lost_since or now) > _ANOTHER_WITHIN_S:
            self._give_up()
            return
        heard_soon = self._stream is not None and self._moved
        wait_s = _FIRST_BLOCK_WITHIN_S if heard_soon else _LOOK_AGAIN_S
        if now - self._tried_at < wait_s:
            return
        self._let_go()
        for name in dict.fromkeys((self._wanted, None)):
            try:
                self._open(name)
            except AudioDeviceError:
                continue
            self._moved = True
            break
        self._tried_at = time.monotonic()

    def _give_up(self) -> None:
        self.lost_since = None
        what, advice = self._reason
        self._fail(AudioDeviceError(f"{what}{self._kept()}{advice}"))

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
        try:
            if self._file is not None:
                if self._held_since is not None:
                    self._settle()
                if self._resampler is not None and self.failure is None:
                    self._write(self._resampler.flush())
                self._file.close()
        except OSError as error:
            if self.failure is None and self._file is not None:
                self.failure = disk_error(error, self._file.path)
        finally:
            self._left = 0
            self.done.set()


def _room_s(path: Path) -> float | None:
    try:
        return shutil.disk_usage(path.parent).free / (2 * SAMPLE_RATE_HZ)
    except OSError:
        return None  # an odd file system; the recording itself tells when it is full


def _level(pcm: Samples) -> Level:
    if not len(pcm):
        return Level()
    loud = pcm.astype(np.float64) / 32768.0
    peak = float(np.abs(loud).max())
    rms = math.sqrt(float(np.mean(loud * loud)))
    return Level(_dbfs(peak), _dbfs(rms), clipped=peak >= 32767 / 32768)


def _dbfs(amplitude: float) -> float:
    return max(QUIETEST_DBFS, 20 * math.log10(amplitude)) if amplitude > 0 else QUIETEST_DBFS
