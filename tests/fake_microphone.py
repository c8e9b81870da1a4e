"""A sound card that speaks when a test says so: PortAudio's part, with its real call shape.

Everything behind it is the real thing: devices, recorder, files. Sound arrives as fast as the test
gives it, so a twenty-minute talk takes a second.
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import sounddevice

RATE_HZ = 16_000


class PortAudioError(Exception):
    """As sounddevice raises it."""


class FakeSoundDevice:
    """Stands for the module ``sounddevice``. ``names`` are the microphones there are.

    ``speakers`` may be set too; devices are numbered with the microphones first.
    """

    PortAudioError = PortAudioError

    def __init__(self, *names: str) -> None:
        self.names = list(names)
        self.speakers: list[str] = []
        self.streams: list[_Stream] = []
        self.default = SimpleNamespace(device={"input": 0, "output": -1})
        self.opened: list[str] = []
        self.dropped = False  # the next block comes with the word that sound before it was dropped

    def RawInputStream(self, **options):
        if options["device"] >= len(self.names):
            raise PortAudioError("Error opening RawInputStream: Invalid device", -9996)
        stream = _Stream(self, **options)
        self.streams.append(stream)
        self.opened.append(self.names[options["device"]])
        return stream

    def RawOutputStream(self, **options):
        number = options["device"] - len(self.names)
        if not 0 <= number < len(self.speakers):
            raise PortAudioError("Error opening RawOutputStream: Invalid device", -9996)
        stream = _Stream(self, **options)
        stream.plays = True
        self.streams.append(stream)
        self.opened.append(self.speakers[number])
        return stream

    def query_hostapis(self, index=None):
        api = {
            "name": "ALSA",
            "devices": list(range(len(self.names) + len(self.speakers))),
            "default_input_device": 0 if self.names else -1,
            "default_output_device": len(self.names) if self.speakers else -1,
        }
        return api if index is not None else (api,)

    def query_devices(self, index=None, kind=None):
        infos = [
            {
                "name": name,
                "index": number,
                "hostapi": 0,
                "max_input_channels": int(number < len(self.names)),
                "max_output_channels": int(number >= len(self.names)),
                "default_samplerate": 44_100.0,
            }
            for number, name in enumerate(self.names + self.speakers)
        ]
        return infos if index is None else infos[index]

    def get_portaudio_version(self):
        return 0x130600, "PortAudio V19 (fake)"

    def _initialize(self) -> None:
        self.default.device["input"] = 0 if self.names else -1
        self.default.device["output"] = len(self.names) if self.speakers else -1

    def _terminate(self) -> None:
        assert not self.streams, "the list of devices was read anew under an open stream"

    # --- what a test does ------------------------------------------------------------------------

    def hear(self, seconds: float, loud: float = 0.3) -> None:
        """Let every open microphone hear noise of that peak, 1.0 being full scale."""
        noise = np.random.default_rng(1).uniform(-loud, loud, RATE_HZ)
        noise[0] = loud
        pcm = np.resize(
            np.clip(noise * 32768, -32768, 32767).astype("<i2"), round(seconds * RATE_HZ)
        )
        self.speak(pcm)

    def speak(self, pcm: np.ndarray) -> None:
        """Let every open microphone hear ``pcm``: 16 bits, 16 kHz."""
        for stream in list(self.streams):
            if not stream.plays:
                stream.deliver(pcm)

    def drain(self) -> int:
        """Have every open loudspeaker take its next block; how many blocks were not silence."""
        return sum(stream.take() for stream in list(self.streams) if stream.plays)

    def unplug(self) -> None:
        """Pull out the microphone or loudspeaker that is open."""
        for stream in list(self.streams):
            stream.finished_callback()


class _Stream:
    latency = 0.0
    plays = False

    def __init__(
        self,
        owner,
        *,
        device,
        dtype,
        samplerate,
        channels,
        blocksize,
        latency,
        callback,
        finished_callback,
        extra_settings,
    ):
        assert dtype == "int16"
        self._owner = owner
        self._blocks = 0
        self.samplerate, self.channels, self._blocksize = samplerate, channels, blocksize
        self._callback, self.finished_callback = callback, finished_callback

    def start(self) -> None:
        pass

    def deliver(self, pcm) -> None:
        for at in range(0, len(pcm), self._blocksize):
            block = pcm[at : at + self._blocksize]
            status = SimpleNamespace(input_overflow=self._owner.dropped)
            self._owner.dropped = False
            self._callback(block.tobytes(), len(block), None, status)

    @property
    def time(self) -> float:
        return self._blocks * self._blocksize / self.samplerate

    def take(self) -> bool:
        out = bytearray(2 * self._blocksize * self.channels)
        times = SimpleNamespace(outputBufferDacTime=self.time + 0.01, currentTime=self.time)
        try:
            self._callback(memoryview(out), self._blocksize, times, None)
        except sounddevice.CallbackStop:  # as PortAudio ends it: what is out is still heard
            self.finished_callback()
        self._blocks += 1
        return any(out)

    def abort(self) -> None:
        self.finished_callback()

    def close(self) -> None:
        self._owner.streams.remove(self)
