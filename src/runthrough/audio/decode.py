"""Turns any recording into the library's sound format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from runthrough.audio.mixing import Mixer
from runthrough.audio.resample import joined
from runthrough.audio.wav import SAMPLE_RATE_HZ, TakeFile, disk_error, unreadable
from runthrough.errors import AudioInputError, Cancelled
from runthrough.files import replacing
from runthrough.talk import LONGEST_S, minutes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from runthrough.audio.wav import Samples

# A file that holds less than it promises by more than this was cut off: encoders round to their
# frames and count a start-up delay, together well below a second.
_MISSING_S = 1.0
_MISSING_SHARE = 0.01
# A jump in the file's own times beyond this means that something is missing there.
_GAP_S = 0.5
# Formats without a length in the file; what is told for them is a guess from the bit rate.
_GUESSED = {"aac", "ac3", "eac3", "amr"}


@dataclass(frozen=True, slots=True)
class Decoded:
    """What was taken from a recording.

    ``duration_s`` is the length of the sound written. ``warning`` is empty, or a sentence for the
    user about what was missing or damaged. ``broke_off``: its end could not be read.
    """

    duration_s: float
    warning: str = ""
    broke_off: bool = False


def decode_to_wav(
    source: Path,
    dest: Path,
    *,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Decoded:
    """Write the sound of ``source``, any audio or video file PyAV reads, to ``dest``.

    Streams: memory does not grow with the length. Channels are mixed down. ``progress`` is called
    with the share done, 0 to 1, where that can be told. A recording that was cut off or damaged is
    taken as far as it goes. ``dest`` appears when it is complete, replaces what was there, and on
    any failure stays as it was. Raises ``AudioInputError``, ``Cancelled`` when ``cancelled``
    returns true, and ``RunthroughError`` where ``dest`` can't be written.
    """
    check(source)
    try:
        with replacing(dest) as part:
            part.unlink(missing_ok=True)  # of a program that was killed
            recording = _Recording(source, progress)
            with TakeFile(part) as file:
                for pcm in recording.samples():
                    if cancelled is not None and cancelled():
                        raise Cancelled(f"Reading {source.name} was cancelled.")
                    file.append(pcm)
                    if file.seconds > LONGEST_S:  # a small file can hold endless sound
                        raise AudioInputError(
                            f"{source.name} is longer than a day. Cut out the talk and import that."
                        )
            if not file.frames:
                raise AudioInputError(_nothing(source))
    except OSError as error:
        raise disk_error(error, dest) from error
    return recording.decoded(file.seconds)


class _Recording:
    """A recording being read: its sound, and afterwards what was wrong with it."""

    def __init__(self, path: Path, progress: Callable[[float], None] | None) -> None:
        self._path = path
        self._progress = progress
        self._promised_s: float | None = None
        # Something could not be read: before other sound, or at the end.
        self._damaged = False
        self._broke_off = False
        self._reached_s = 0.0  # by the file's own times

    def samples(self) -> Iterator[Samples]:
        """The sound in the library's format, in blocks as they are decoded; some are empty."""
        import av

        try:
            # Absolute, so that no part of the name is taken for a protocol; files only, so that a
            # playlist can't make this computer fetch something.
            container = av.open(
                str(self._path.resolve()),
                metadata_errors="ignore",
                options={"protocol_whitelist": "file,crypto,data"},
            )
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise AudioInputError(
                f"{self._path.name} can't be read as sound or video: it is something else, or it "
                "was cut off before its table of contents was written. Play it to check, or save "
                "it again as WAV or MP3."
            ) from error
        with container:
            stream = container.streams.best("audio")
            if stream is None:
                raise AudioInputError(
                    f"There is no sound in {self._path.name}. Choose a recording with sound."
                )
            if container.duration and container.format.name not in _GUESSED:
                self._promised_s = container.duration / 1_000_000  # FFmpeg's own microseconds
            converter = _Converter(av)
            size = self._path.stat().st_size
            packets = container.demux(stream)
            read = failed = 0
            due_s: float | None = None
            began_s: float | None = None
            while True:
                try:
                    packet = next(packets, None)
                except av.error.FFmpegError:
                    self._broke_off = True
                    break
                if packet is None:
                    break
                try:
                    frames: list[Any] = packet.decode()
                except av.error.FFmpegError:
                    self._broke_off = True
                    failed += 1
                    continue
                read += bool(frames)
                if frames and self._broke_off:
                    self._damaged, self._broke_off = True, False
                for frame in frames:
                    if frame.time is not None:
                        self._damaged |= frame.time - (due_s or frame.time) > _GAP_S
                        due_s = frame.time + frame.samples / frame.sample_rate
                        began_s = frame.time if began_s is None else began_s
                        self._reached_s = due_s - began_s
                    yield converter.push(frame)
                if self._progress is not None and packet.pos is not None and packet.pos >= 0:
                    self._progress(min(1.0, packet.pos / size))
            yield converter.flush()
        if failed > read:  # a decoder finds a sound here and there in anything
            raise AudioInputError(_nothing(self._path))
        if self._progress is not None:
            self._progress(1.0)

    def decoded(self, taken_s: float) -> Decoded:
        """What to tell about the file after ``taken_s`` seconds came out of it."""
        promised = self._promised_s or 0.0
        most_s = max(_MISSING_S, _MISSING_SHARE * promised)
        told, warning = minutes(taken_s), ""
        if promised - taken_s > most_s:
            told += f" of {minutes(promised)}"
            if promised - self._reached_s > most_s:
                self._broke_off = True
            else:  # what is missing is missing before the end
                self._damaged = True
        if self._damaged:
            warning = (
                f"{self._path.name} is damaged. {told} could be read and was taken; times may be "
                "off by the parts that are lost."
            )
        elif self._broke_off:
            warning = f"{self._path.name} breaks off. {told} could be read and was taken."
        return Decoded(taken_s, warning, self._broke_off)


class _Converter:
    """Frames of any rate, layout and sample format, changing on the way, to the library's."""

    def __init__(self, av: Any) -> None:
        self._av = av
        self._form: tuple[str, str, int] | None = None
        self._resampler: Any = None
        self._by_hand = False  # FFmpeg has no mix for these channels
        # Two channels are mixed here: FFmpeg would not notice that one is the other upside down.
        self._channels = 1
        self._mixer = Mixer(SAMPLE_RATE_HZ)

    def push(self, frame: Any) -> Samples:
        form = (frame.format.name, frame.layout.name, frame.sample_rate)
        before = np.zeros(0, np.int16)
        if form != self._form:
            before = self.flush()
            self._form, self._by_hand = form, False
            self._resampler = self._new_resampler(frame.layout.nb_channels)
        frame.pts = None  # times that jump must not stop the resampler
        if not self._by_hand:
            try:
                return np.concatenate([before, self._resampled(frame)])
            except self._av.error.ArgumentError:
                self._by_hand = True
                self._resampler = self._new_resampler(1)
        return np.concatenate([before, self._resampled(self._mixed(frame))])

    def flush(self) -> Samples:
        return self._resampled(None)

    def _resampled(self, frame: Any) -> Samples:
        pcm = joined(self._resampler.resample(frame) if self._resampler is not None else [])
        return self._mixer.mix(pcm.reshape(-1, 2)) if self._channels == 2 else pcm

    def _new_resampler(self, channels: int) -> Any:
        self._channels = 2 if channels == 2 else 1
        layout = "stereo" if channels == 2 else "mono"
        return self._av.AudioResampler(format="s16", layout=layout, rate=SAMPLE_RATE_HZ)

    def _mixed(self, frame: Any) -> Any:
        samples = frame.to_ndarray()
        channels = samples if frame.format.is_planar else samples.reshape(frame.samples, -1).T
        mean = channels.mean(axis=0, keepdims=True).astype(samples.dtype)
        mono = self._av.AudioFrame.from_ndarray(mean, frame.format.name, "mono")
        mono.sample_rate = frame.sample_rate
        return mono


def _nothing(source: Path) -> str:
    return (
        f"No sound could be read from {source.name}: it is empty, damaged or protected. Play it to "
        "check, or save it again as WAV or MP3."
    )


def check(source: Path) -> None:
    """Raise what can be said about ``source`` at once, and more plainly than FFmpeg would.

    Raises ``AudioInputError``.
    """
    try:
        # A pipe would be waited for.
        if source.exists() and not source.is_file() and not source.is_dir():
            raise AudioInputError(f"{source} is not a file. Choose a sound or video file.")
        with source.open("rb") as file:
            empty = not file.read(1)
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        raise unreadable(source, error) from error
    if empty:
        raise AudioInputError(f"{source.name} is empty. Choose another recording.")
