"""Plays a take, and knows what is being heard at this moment."""

from __future__ import annotations

import math
import threading
from queue import Empty, Full, Queue
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from runthrough.audio import devices
from runthrough.audio.resample import Resampler
from runthrough.audio.tempo import Tempo
from runthrough.audio.wav import SAMPLE_RATE_HZ, duration_s, read_blocks
from runthrough.errors import AudioDeviceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from runthrough.audio.wav import Samples

_BLOCK_S = 0.05
_LATENCY_S = 0.1
# Silence after the end: twice what the system may hold.
_FLUSHED_BY_S = 2 * _LATENCY_S
# Blocks read ahead of the sound: covers a slow disk, and is thrown away at a seek.
_AHEAD = 20
# Slower or faster than this speech is no longer followed.
SLOWEST, FASTEST = 0.5, 2.5
# PortAudio's times are unknown on some systems; a delay beyond this is not believed.
_BELIEVABLE_DELAY_S = 2.0


class Player:
    """Plays ``path``, a file in the library's format. Used from one thread.

    Holds the loudspeaker only while it plays. ``on_end`` is called when the end was heard, with
    None, or when playing broke off, with why. It is called on a thread of the sound system: it must
    return at once and must not call the player.
    """

    def __init__(
        self,
        path: Path,
        *,
        device: str | None = None,
        on_end: Callable[[Exception | None], None] | None = None,
    ) -> None:
        """Raises ``AudioInputError`` if ``path`` can't be read. Needs no loudspeaker yet."""
        self._path = path
        self._device = device
        self._on_end = on_end
        self.duration_s = duration_s(path)
        self._run: _Run | None = None
        self._position_s = 0.0
        self._speed = 1.0

    def play(self) -> None:
        """Go on from ``position_s``, or from the start if that is the end.

        Does nothing if it plays already. Raises ``AudioDeviceError`` without a loudspeaker.
        """
        if self.playing:
            return
        self.pause()
        if self.at_end:
            self._position_s = 0.0
        self._run = _Run(self._path, self._position_s, self._speed, self._device, self._on_end)

    def pause(self) -> None:
        """Stop at once, remember where, and let go of the loudspeaker."""
        if self._run is not None:
            self._position_s = self._run.position_s
            self._run.close()
            self._run = None

    def seek(self, to_s: float) -> None:
        """Go to ``to_s`` (kept within the file); goes on playing if it played."""
        to_s = min(max(0.0, to_s), self.duration_s)
        if self.playing and self._run is not None:
            self._run.seek(to_s)
        else:
            self.pause()
            self._position_s = to_s

    @property
    def speed(self) -> float:
        """How many seconds of the file are heard in one; the pitch stays. 1 at first."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self._speed = min(max(speed, SLOWEST), FASTEST)
        if self.playing and self._run is not None:
            self._run.speed = self._speed
            self._run.seek(self._run.position_s)

    @property
    def playing(self) -> bool:
        """Whether sound is coming out."""
        return self._run is not None and not self._run.over

    @property
    def position_s(self) -> float:
        """The second of the file that is heard now: the system's delay is taken off."""
        return self._run.position_s if self._run is not None else self._position_s

    @property
    def at_end(self) -> bool:
        """Whether no sound is left from ``position_s`` on."""
        return self.position_s >= self.duration_s - _BLOCK_S

    def close(self) -> None:
        """As ``pause``."""
        self.pause()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Run:
    """One stretch of playing: an open stream, fed by one feed after another as the user seeks."""

    def __init__(
        self,
        path: Path,
        from_s: float,
        speed: float,
        device: str | None,
        on_end: Callable[[Exception | None], None] | None,
    ) -> None:
        self.over = False
        self.speed = speed
        self._path = path
        self._on_end = on_end
        self._closing = False
        self._feed: _Feed | None = None
        self._stream, self._device = devices.open_stream(
            "output",
            device,
            self._fill,
            self._finished,
            block_s=_BLOCK_S,
            latency_s=_LATENCY_S,
        )
        self._delay_s = float(self._stream.latency)
        try:
            self.seek(from_s)
        except BaseException:  # the file has gone
            self.close()
            raise

    def seek(self, to_s: float) -> None:
        if self._feed is not None:
            self._feed.stop()
        self._feed = _Feed(
            self._path,
            to_s,
            self.speed,
            round(self._stream.samplerate),
            self._stream.channels,
        )

    @property
    def position_s(self) -> float:
        feed = self._feed
        if feed is None:
            return 0.0
        if self.over or feed.last is None:
            return feed.reached_s
        start_s, heard_at = feed.last
        # The block last handed over is heard later; before that time an earlier one is.
        now_s = start_s + (self._stream.time - heard_at) * feed.speed
        # The system's estimates of its delay jump by milliseconds; a clock must not run backwards.
        feed.shown_s = max(feed.shown_s, min(now_s, feed.reached_s))
        return feed.shown_s

    def close(self) -> None:
        if self._feed is not None:
            self._feed.stop()
        self._closing = True
        devices.close_stream(self._stream)

    def _fill(self, out: Any, _frames: int, times: Any, _status: Any) -> None:
        """PortAudio's callback: hand over the next block, silence if there is none yet."""
        import sounddevice

        feed = self._feed
        block = feed.next() if feed is not None else None
        if feed is None or block is None:
            out[:] = bytes(len(out))
            if feed is not None and feed.ended:
                raise sounddevice.CallbackStop
            return
        start_s, data = block
        out[:] = data
        delay_s = times.outputBufferDacTime - times.currentTime
        if not 0 < delay_s < _BELIEVABLE_DELAY_S:
            delay_s = self._delay_s
        feed.last = (start_s, self._stream.time + delay_s)
        feed.reached_s = min(start_s + _BLOCK_S * feed.speed, feed.end_s)

    def _finished(self) -> None:
        """PortAudio's word that the last block was heard, or that the device has gone."""
        if self._closing:
            return
        self.over = True
        failure: Exception | None = None
        feed = self._feed
        if feed is None or not feed.ended:
            failure = AudioDeviceError(
                f"The loudspeaker “{self._device.name}” went away. "
                "Plug it in again or choose another, then play again."
            )
        elif feed.failure is not None:
            failure = feed.failure
        if self._on_end is not None:
            self._on_end(failure)


class _Feed:
    """Reads ahead from one place in the file, on its own thread.

    ``last`` is the start of the block handed over last and the stream's time at which it is heard;
    ``reached_s`` is where that block ends; ``shown_s`` the latest position told to anyone.
    """

    def __init__(
        self, path: Path, from_s: float, speed: float, rate_hz: int, channels: int
    ) -> None:
        self.speed = speed
        self.from_s = self.reached_s = self.shown_s = from_s
        self.last: tuple[float, float] | None = None
        self.ended = False
        self.failure: Exception | None = None
        self.end_s = duration_s(path)
        self._path = path
        self._rate_hz = rate_hz
        self._channels = channels
        self._stop = threading.Event()
        self._ready: Queue[tuple[float, bytes] | None] = Queue(_AHEAD)
        self._thread = threading.Thread(target=self._read, name="take reader", daemon=True)
        self._thread.start()

    def next(self) -> tuple[float, bytes] | None:
        """The next block and its start in seconds; None while it is late and when all was read."""
        try:
            block = self._ready.get_nowait()
        except Empty:
            return None
        self.ended = block is None
        return block

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _read(self) -> None:
        try:
            for number, pcm in enumerate(self._blocks()):
                data = np.repeat(pcm, self._channels).tobytes()
                if not self._put((self.from_s + number * _BLOCK_S * self.speed, data)):
                    return
        except Exception as error:  # noqa: BLE001 - handed on as an object to whoever plays
            self.failure = error
        self._put(None)

    def _blocks(self) -> Iterator[Samples]:
        """The sound at the device's rate in blocks of one length, the last filled with silence."""
        size = round(self._rate_hz * _BLOCK_S)
        rest = np.zeros(0, np.int16)
        for pcm in self._at_device_rate():
            rest = np.concatenate([rest, pcm])
            while len(rest) >= size:
                yield rest[:size]
                rest = rest[size:]
        if len(rest):
            yield np.pad(rest, (0, size - len(rest)))
        # Not every system plays what it holds when a stream ends: let it hold silence then.
        for _ in range(math.ceil(_FLUSHED_BY_S / _BLOCK_S)):
            yield np.zeros(size, np.int16)

    def _at_device_rate(self) -> Iterator[Samples]:
        blocks = self._at_speed(read_blocks(self._path, _BLOCK_S, self.from_s))
        if self._rate_hz == SAMPLE_RATE_HZ:
            yield from blocks
            return
        resampler = Resampler(SAMPLE_RATE_HZ, self._rate_hz)
        for pcm in blocks:
            yield resampler.push(pcm)
        yield resampler.flush()

    def _at_speed(self, blocks: Iterator[Samples]) -> Iterator[Samples]:
        if self.speed == 1.0:
            yield from blocks
            return
        tempo = Tempo(self.speed)
        for pcm in blocks:
            yield tempo.push(pcm)
        yield tempo.flush()

    def _put(self, block: tuple[float, bytes] | None) -> bool:
        """Wait for room; false if the feed was stopped meanwhile."""
        while not self._stop.is_set():
            try:
                self._ready.put(block, timeout=0.1)
            except Full:
                continue
            return True
        return False
