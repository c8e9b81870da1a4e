"""A microphone and a loudspeaker without a sound card, for tests and measurements.

A private PulseAudio server offers a source that is fed through a pipe, sample for sample, and, on
request, a sink that is recorded. Nothing of the user's own sound system is touched. Needs Linux
with ``pulseaudio``, ``pactl``, ALSA's plugin for PulseAudio and PortAudio.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pytest

RATE_HZ = 16_000
# PortAudio's name for "what the PulseAudio server calls its default".
DEVICE = "pulse"
_STEP_S = 0.01
_CATCH_UP_S = 0.1


def wait_until(true, what, seconds=20):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"never {what}"
        time.sleep(0.005)


@pytest.fixture(scope="session")
def _virtual_mic_server():
    try:
        server = VirtualMic()
    except Unavailable as reason:
        pytest.skip(str(reason))
    yield server
    server.close()


@pytest.fixture
def virtual_mic(_virtual_mic_server):
    """A plugged-in virtual microphone; the test is skipped, with the reason, where none can be."""
    _virtual_mic_server.plug_again()
    return _virtual_mic_server


class Unavailable(Exception):  # noqa: N818 - says why tests are skipped
    """There can be no virtual microphone here; the text says why."""


class VirtualMic:
    """A running server. ``play`` is what is spoken; between that there is silence, as in a room."""

    def __init__(self) -> None:
        if not sys.platform.startswith("linux"):
            raise Unavailable("virtual microphones need Linux")
        for program in ("pulseaudio", "pactl", "parec"):
            if shutil.which(program) is None:
                raise Unavailable(f"{program} is not installed")
        self._folder = Path(tempfile.mkdtemp(prefix="mic-"))
        self._fifo = self._folder / "mic.fifo"
        self.environment = {
            "PULSE_SERVER": f"unix:{self._folder}/native",
            "PULSE_RUNTIME_PATH": str(self._folder / "run"),
            "PULSE_STATE_PATH": str(self._folder / "state"),
            "PULSE_COOKIE": str(self._folder / "cookie"),
        }
        self._saved = {name: os.environ.get(name) for name in self.environment}
        os.environ.update(self.environment)
        self._log = (self._folder / "log").open("wb")
        self._server = subprocess.Popen(
            [
                "pulseaudio",
                "-n",
                "--daemonize=no",
                "--use-pid-file=no",
                "--exit-idle-time=-1",
                # Shared memory aborts the server now and then: PulseAudio's issue 824.
                "--disable-shm=yes",
                # With these, the system kills the server when the computer is busy.
                "--realtime=no",
                "--high-priority=no",
                f"--load=module-native-protocol-unix socket={self._folder}/native",
            ],
            stdout=self._log,
            stderr=self._log,
        )
        self._feeder: _Feeder | None = None
        self._module = ""
        try:
            self._wait_for_server()
            self.plug()
            self._check_portaudio()
        except BaseException:
            self.close()
            raise

    def plug(self) -> None:
        """Plug the microphone in. It is the default one."""
        self._module = self._pactl(
            "load-module",
            "module-pipe-source",
            "source_name=mic",
            f"file={self._fifo}",
            "format=s16le",
            f"rate={RATE_HZ}",
            "channels=1",
        )
        self._pactl("set-default-source", "mic")
        self._feeder = _Feeder(self._fifo)

    def plug_again(self) -> None:
        """Plug the microphone in if it is not, and let there be silence."""
        if not self._module:
            self.plug()
        elif self._feeder is None:
            self._feeder = _Feeder(self._fifo)
        else:
            self.play(np.zeros(0, np.int16))

    def unplug(self) -> None:
        """Pull the microphone out: its source is gone at once."""
        self._pactl("unload-module", self._module)
        self._module = ""
        self._stop_feeding()

    def silence_the_line(self) -> None:
        """The microphone stays there and sends nothing at all, not even silence."""
        self._stop_feeding()

    def play(self, pcm: np.ndarray) -> threading.Event:
        """Speak ``pcm`` (16 bits, 16 kHz) from now on. The event is set when all was spoken."""
        assert self._feeder is not None
        return self._feeder.play(pcm)

    @property
    def spoken(self) -> int:
        """Samples of the last ``play`` that were spoken so far."""
        assert self._feeder is not None
        return self._feeder.spoken

    @contextlib.contextmanager
    def heard(self):
        """While it lasts there is a loudspeaker, and what comes out is put into the yielded list.

        Only while it lasts: with a second source to go to (the loudspeaker's monitor) the server
        would quietly move a recording there when the microphone is unplugged.
        """
        sink = self._pactl(
            "load-module", "module-null-sink", "sink_name=speaker", f"rate={RATE_HZ}", "channels=1"
        )
        recorder = subprocess.Popen(
            ["parec", "-d", "speaker.monitor", "--format=s16le", f"--rate={RATE_HZ}",
             "--channels=1", "--raw", "--latency-msec=20"],
            stdout=subprocess.PIPE,
        )  # fmt: skip
        sound: list[np.ndarray] = []
        listening = threading.Event()

        def collect() -> None:
            data = bytearray()
            while part := recorder.stdout.read1():
                data += part
                listening.set()
            sound.append(np.frombuffer(data[: len(data) // 2 * 2], np.int16))

        thread = threading.Thread(target=collect)
        thread.start()
        try:
            if not listening.wait(20):
                raise Unavailable("the loudspeaker can't be recorded")
            yield sound
            time.sleep(0.5)  # for what is still between the loudspeaker and the recorder
        finally:
            recorder.terminate()
            recorder.wait()
            thread.join()
            recorder.stdout.close()
            self._pactl("unload-module", sink)

    def close(self) -> None:
        """End the server and put the environment back."""
        self._stop_feeding()
        self._server.terminate()
        self._server.wait()
        self._log.close()
        for name, value in self._saved.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        shutil.rmtree(self._folder, ignore_errors=True)

    def _stop_feeding(self) -> None:
        if self._feeder is not None:
            self._feeder.stop()
            self._feeder = None

    def _pactl(self, *words: str) -> str:
        run = subprocess.run(
            ["pactl", *words], capture_output=True, text=True, timeout=20, check=False
        )
        if run.returncode:
            log = (self._folder / "log").read_text(errors="replace").strip()
            raise Unavailable(f"pactl {words[0]}: {run.stderr.strip()} (the server: {log[-300:]})")
        return run.stdout.strip()

    def _wait_for_server(self) -> None:
        deadline = time.monotonic() + 15
        while True:
            try:
                self._pactl("info")
            except Unavailable:
                if time.monotonic() > deadline or self._server.poll() is not None:
                    raise
                time.sleep(0.05)
            else:
                return

    def _check_portaudio(self) -> None:
        from runthrough.audio.devices import find
        from runthrough.errors import AudioDeviceError

        try:
            find("input", DEVICE)
        except AudioDeviceError as error:
            raise Unavailable(str(error)) from error


class _Feeder:
    """Feeds the pipe at the pace of a clock, on its own thread."""

    def __init__(self, fifo: Path) -> None:
        import fcntl  # not on Windows, where this module must still import
        import select

        self.spoken = 0
        self._sound = np.zeros(0, np.int16)
        self._spoken_all = threading.Event()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._fd = os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        # The server does not read while nobody listens. Sound must not pile up meanwhile.
        fcntl.fcntl(self._fd, fcntl.F_SETPIPE_SZ, select.PIPE_BUF)
        self._thread = threading.Thread(target=self._feed, name="virtual mic", daemon=True)
        self._thread.start()

    def play(self, pcm: np.ndarray) -> threading.Event:
        with self._lock:
            self._sound, self.spoken = pcm.astype("<i2"), 0
            self._spoken_all = threading.Event()
            return self._spoken_all

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()
        os.close(self._fd)

    def _feed(self) -> None:
        last, owed = time.monotonic(), 0.0
        while not self._stop.wait(_STEP_S):
            now = time.monotonic()
            # After a hold-up time goes on from here, as it must not run faster than life.
            owed = min(owed + (now - last) * RATE_HZ, _CATCH_UP_S * RATE_HZ)
            last, due = now, int(owed)
            with self._lock:
                part = self._sound[self.spoken : self.spoken + due]
                data = np.pad(part, (0, due - len(part))).tobytes()
                try:
                    # Less than PIPE_BUF bytes: all of them or none.
                    os.write(self._fd, data)
                except BlockingIOError:
                    continue
                except BrokenPipeError:
                    return  # unplugged
                owed -= due
                self.spoken += len(part)
                if self.spoken == len(self._sound):
                    self._spoken_all.set()
