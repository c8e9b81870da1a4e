"""Microphones and loudspeakers: which there are, and streams on them.

PortAudio reads the list of devices once, when it starts, so a microphone plugged in later stays
unknown until it is started again. That would end every open stream; hence all streams are opened
and closed here, and the list is read anew whenever none is open.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from runthrough.audio.wav import SAMPLE_RATE_HZ
from runthrough.errors import AudioDeviceError

if TYPE_CHECKING:
    from collections.abc import Callable

Kind = Literal["input", "output"]

# Windows offers each device through several interfaces. This one has whole names (the others cut
# them at 31 letters) and is the system's own.
_WINDOWS_API = "Windows WASAPI"
_WORDS = {"input": "microphone", "output": "loudspeaker"}

_lock = threading.RLock()
_open_streams = 0


@dataclass(frozen=True, slots=True)
class SoundDevice:
    """A microphone or loudspeaker. ``id`` is PortAudio's and holds until the next listing.

    No two have one ``name``: a second of the same make is called “… (2)”.
    """

    id: int
    name: str
    is_default: bool


def input_devices() -> list[SoundDevice]:
    """The microphones there are now. Raises ``AudioDeviceError`` if PortAudio is missing."""
    return _devices("input")


def output_devices() -> list[SoundDevice]:
    """The loudspeakers there are now. Raises ``AudioDeviceError`` if PortAudio is missing."""
    return _devices("output")


def find(kind: Kind, name: str | None = None) -> SoundDevice:
    """The device of that name, or a part of it that fits one only; without, the system's own.

    Raises ``AudioDeviceError`` if there is none, PortAudio is missing, or the name does not fit.
    """
    devices = _devices(kind)
    if not devices:
        raise AudioDeviceError(
            f"No {_WORDS[kind]} was found. Plug one in, or turn it on in the system's sound "
            "settings, then try again."
        )
    if name is None:
        return next((device for device in devices if device.is_default), devices[0])
    wanted = name.casefold().strip()
    for fits in (
        [device for device in devices if device.name == name],
        [device for device in devices if device.name.casefold() == wanted],
        [device for device in devices if wanted and wanted in device.name.casefold()],
    ):
        if len(fits) == 1:
            return fits[0]
    names = ", ".join(dict.fromkeys(f"“{device.name}”" for device in devices))
    raise AudioDeviceError(
        f"There is no {_WORDS[kind]} called “{name}”. Plug it in, or choose one of: {names}."
    )


def portaudio_version() -> str:
    """PortAudio's own words for what it is. Raises ``AudioDeviceError`` if it is missing."""
    text: str = _portaudio().get_portaudio_version()[1]
    return text


def open_stream(
    kind: Kind,
    name: str | None,
    callback: Callable[..., None],
    finished: Callable[[], None],
    *,
    block_s: float,
    latency_s: float,
) -> tuple[Any, SoundDevice]:
    """Open and start a stream of 16-bit samples, and say on which device.

    The rate is ``SAMPLE_RATE_HZ`` with one channel where the device allows it, otherwise what it
    prefers: ask the stream for ``samplerate`` and ``channels``. ``callback`` is called as
    sounddevice's raw streams call it. Raises ``AudioDeviceError``. End it with ``close_stream``.
    """
    global _open_streams  # noqa: PLW0603 - PortAudio itself is one per process
    with _lock:
        device = find(kind, name)
        sd = _portaudio()
        info = sd.query_devices(device.id)
        api = sd.query_hostapis(info["hostapi"])["name"]
        options = {
            "device": device.id,
            "dtype": "int16",
            "latency": latency_s,
            "callback": callback,
            "finished_callback": finished,
            # The system's own rate conversion; without it only the mixer's rate can be opened.
            "extra_settings": sd.WasapiSettings(auto_convert=True) if api == _WINDOWS_API else None,
        }
        make = sd.RawInputStream if kind == "input" else sd.RawOutputStream
        own_rate = int(info["default_samplerate"])
        problem: Exception | None = None
        for rate, channels in dict.fromkeys(
            [
                (SAMPLE_RATE_HZ, 1),
                (own_rate, 1),
                (SAMPLE_RATE_HZ, 2),
                (own_rate, 2),
                (own_rate, info[f"max_{kind}_channels"]),
            ]
        ):
            try:
                stream = make(
                    samplerate=rate, channels=channels, blocksize=round(rate * block_s), **options
                )
            except sd.PortAudioError as error:
                problem = problem or error
                continue
            try:
                stream.start()
            except sd.PortAudioError as error:
                stream.close()
                problem = problem or error
                continue
            _open_streams += 1
            return stream, device
    raise AudioDeviceError(
        f"The {_WORDS[kind]} “{device.name}” can't be opened ({_reason(problem)}). Close other "
        "programs that use it, check in the system's privacy settings that it may be used, or "
        "choose another."
    ) from problem


def close_stream(stream: Any) -> None:
    """End a stream from ``open_stream`` at once, whatever state its device is in."""
    global _open_streams  # noqa: PLW0603 - as above
    with _lock:
        stream.abort()
        stream.close()
        _open_streams -= 1


def _portaudio() -> Any:
    try:
        import sounddevice
    except ImportError:
        raise
    except Exception as error:  # OSError without the library, sounddevice's own if it won't start
        raise AudioDeviceError(
            "The sound library PortAudio is missing. Install it (Debian and Ubuntu: sudo apt "
            "install libportaudio2; Fedora: sudo dnf install portaudio), then try again."
            if sys.platform.startswith("linux")
            else f"The sound library PortAudio can't be loaded ({error}). Reinstall Runthrough."
        ) from error
    return sounddevice


def _devices(kind: Kind) -> list[SoundDevice]:
    with _lock:
        sd = _portaudio()
        try:
            if not _open_streams:
                # Starting it anew is the only way to see new devices, as its issues say.
                with contextlib.suppress(sd.PortAudioError):  # it did not start the last time
                    sd._terminate()  # noqa: SLF001 - there is no public name for it
                sd._initialize()  # noqa: SLF001 - nor for this
            apis = sd.query_hostapis()
            infos = sd.query_devices()
            default = sd.default.device[kind]
        except sd.PortAudioError as error:
            raise AudioDeviceError(
                f"The system's sound can't be reached ({_reason(error)}). Check that sound works "
                "in other programs, then try again."
            ) from error
    only = next((api for api in apis if api["name"] == _WINDOWS_API and api["devices"]), None)
    if only is not None:
        default = only[f"default_{kind}_device"]
    devices: list[SoundDevice] = []
    seen: Counter[str] = Counter()
    for number, info in enumerate(infos):
        if info[f"max_{kind}_channels"] > 0 and (only is None or number in only["devices"]):
            name = info["name"]
            seen[name] += 1
            if seen[name] > 1:  # two of one make
                name += f" ({seen[name]})"
            devices.append(SoundDevice(number, name, number == default))
    return devices


def _reason(error: Any) -> str:
    """The short text in a ``PortAudioError``, without the call it was met in and its number."""
    if len(error.args) > 2 and error.args[2][2]:
        return str(error.args[2][2])  # the system's own
    return str(error.args[0]).rpartition(": ")[2]
