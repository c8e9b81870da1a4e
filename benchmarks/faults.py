"""What is lost of a recording when something goes wrong under it, in seconds of sound.

Each fault is provoked for real, on a real recorder with a virtual microphone (Linux with
PulseAudio only): the program is killed, stopped and continued, its microphone is unplugged and
plugged in again, its disk (a tmpfs as root, else a limit on file sizes) fills up, its recognition
child is killed. The hours are recorded faster than real time from a sound card that is made up.

    python benchmarks/faults.py [--kills 100] [--at-once 4] [--windows 20] [--hours 6] [--write]
    xvfb-run -a python benchmarks/faults.py --kills 0 --hours 0 --windows 10

Windows are those of the whole program, on the display there is or on none. A count of 0 leaves its
fault out.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

from common import machine, write_figures  # noqa: E402 - needs the path

from fake_microphone import FakeSoundDevice  # noqa: E402 - needs the path
from runthrough.audio import devices  # noqa: E402 - needs the path
from runthrough.audio.recorder import Recorder  # noqa: E402 - needs the path
from runthrough.audio.wav import duration_s, repair  # noqa: E402 - needs the path
from sounds import sound_of  # noqa: E402 - needs the path
from virtual_mic import DEVICE, RATE_HZ, Unavailable, VirtualMic  # noqa: E402 - needs the path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# A child that records into argv[1] from the microphone argv[2].
_CHILD = """
import sys, time
from pathlib import Path
from runthrough.audio.recorder import Recorder
recorder = Recorder(sys.argv[2])
recorder.open()
recorder.start(Path(sys.argv[1]))
while recorder.failure is None:
    time.sleep(0.05)
print(recorder.failure, flush=True)
"""
# The whole program with the arguments after the first, which says what its user does.
_WINDOW = """
import sys
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from runthrough.__main__ import main
from runthrough.ui import app

class Window(app.MainWindow):
    def start(self):
        super().start()
        if records:
            self.open_rehearsal(self.session.library.new_talk("Cut off", "five-part-10"))
        timer = QTimer(self)
        timer.timeout.connect(self.press_space if records else self.look)
        timer.start(50)

    def press_space(self):
        if self.rehearse._state.name == "READY":
            QTest.keyClick(self.rehearse, Qt.Key.Key_Space)

    def look(self):
        if self.talks._recovered.isVisible():
            print(self.talks._recovered._text.text(), flush=True)
            self.close()

records = sys.argv.pop(1) == "record"
app.MainWindow = Window
sys.exit(main())
"""
# Every two milliseconds of the sound have their own value: any sample tells when it was spoken.
_STEP = 2 * RATE_HZ // 1000
_LONGEST_S = 60
_START_WITHIN_S = 60
_LONGEST_KILL_S = 12.0
_MEMORY_KB = 1024


def main() -> None:
    parser = argparse.ArgumentParser(description="Provoke faults in a recording, and count losses.")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--at-once", type=int, default=4, help="takes that are killed together")
    parser.add_argument("--windows", type=int, default=20, help="programs that are killed")
    parser.add_argument("--hours", type=float, default=6.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", action="store_true", help="put the table into the README")
    options = parser.parse_args()
    try:
        mic = VirtualMic()
    except Unavailable as reason:
        raise SystemExit(f"No virtual microphone: {reason}") from reason
    rows = []
    faults: list[Callable[[], tuple[str, str]]] = [
        lambda: child_killed(mic),
        lambda: unplugged(mic),
        lambda: disk_full(mic),
        lambda: stopped(mic),
    ]
    if options.windows:
        faults.insert(0, lambda: windows_killed(mic, options.windows, options.seed))
    if options.kills:
        faults.insert(0, lambda: killed(mic, options.kills, options.at_once, options.seed))
    try:
        for fault in faults:
            mic.plug_again()
            rows.append(fault())
            print(*rows[-1], sep=": ", flush=True)
    finally:
        mic.close()
    if options.hours:
        rows.append(hours(options.hours))
        print(*rows[-1], sep=": ", flush=True)
    table = "| what happened | sound lost |\n| --- | --- |\n"
    table += "".join(f"| {what} | {lost} |\n" for what, lost in rows)
    table += f"\n{machine('sounddevice', 'numpy')}"
    print(table)
    if options.write:
        write_figures("faults", table)


# --- the faults ----------------------------------------------------------------------------------


def killed(mic: VirtualMic, runs: int, at_once: int, seed: int) -> tuple[str, str]:
    """SIGKILL at random moments; several takes record the same microphone at once."""
    moments = random.Random(seed)  # noqa: S311 - no secret
    losses: list[float] = []
    while len(losses) < runs:
        count = min(at_once, runs - len(losses))
        mic.plug_again()
        with contextlib.ExitStack() as stack:
            children = [stack.enter_context(recording()) for _ in range(count)]
            mic.play(counting())

            def kill_one(one: tuple[subprocess.Popen[str], Path], after_s: float) -> float:
                child, path = one
                time.sleep(after_s)
                spoken = mic.spoken
                child.kill()
                child.wait()
                repair(path)
                return lost_of(path, spoken)

            with ThreadPoolExecutor(count) as pool:
                after = [moments.uniform(0.3, _LONGEST_KILL_S) for _ in range(count)]
                losses += pool.map(kill_one, children, after)
        print(f"  killed {len(losses)}: most lost {max(losses):.2f} s", flush=True)
    return (
        f"the program killed at {runs} random moments",
        f"median {statistics.median(losses):.2f} s, most {max(losses):.2f} s",
    )


def windows_killed(mic: VirtualMic, runs: int, seed: int) -> tuple[str, str]:
    """SIGKILL of the whole program while its window records; the next start has to offer it."""
    moments = random.Random(seed)  # noqa: S311 - no secret
    losses: list[float] = []
    for number in range(1, runs + 1):
        mic.plug_again()
        with tempfile.TemporaryDirectory() as name:
            after_s = moments.uniform(0.3, _LONGEST_KILL_S)
            losses.append(lost_of_window(mic, Path(name), after_s))
        print(f"  window {number} after {after_s:.1f} s: {losses[-1]:.2f} s lost", flush=True)
    return (
        f"the window killed at {runs} random moments, each take offered at the next start",
        f"median {statistics.median(losses):.2f} s, most {max(losses):.2f} s",
    )


def lost_of_window(mic: VirtualMic, folder: Path, after_s: float) -> float:
    """Seconds of sound lost by a window that is killed; the take has to be offered after it."""
    from runthrough.library import Library
    from runthrough.settings import Settings, save_settings

    root, settings = folder / "library", folder / "settings.json"
    save_settings(Settings(welcomed=True, count_in=False, microphone=DEVICE), settings)
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "src"),
        "RUNTHROUGH_SETTINGS": str(settings),
    }
    if "DISPLAY" not in os.environ:
        environment["QT_QPA_PLATFORM"] = "offscreen"

    def command(does: str) -> list[str]:
        return [sys.executable, "-c", _WINDOW, does, "--library", str(root)]

    window = subprocess.Popen(command("record"), env=environment)
    try:
        wait_until(lambda: find_sound(root / "takes") is not None, _START_WITHIN_S)
        mic.play(counting())
        time.sleep(after_s)
        spoken = mic.spoken
    finally:
        window.kill()
        window.wait()
    told = subprocess.run(
        command("look"),
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=_START_WITHIN_S,
    ).stdout
    library = Library(root)
    (take,) = library.takes()
    library.close()
    if not (take.recovered and "safe" in told):
        raise SystemExit(f"The take was not offered: {told}")
    return lost_of(library.folder(take.id).audio, spoken)


def child_killed(mic: VirtualMic) -> tuple[str, str]:
    """The recognition child is killed while it follows the take."""
    from runthrough.transcription.models import find_model
    from runthrough.transcription.recognizer import Recognizer

    with tempfile.TemporaryDirectory() as name, Recorder(DEVICE) as recorder:
        path = Path(name) / "audio.wav"
        with Recognizer(find_model()) as recognizer:
            recognizer.warm()
            recorder.open()
            recorder.start(path)
            wait_until(lambda: recorder.position_s > 0.2)
            following = recognizer.follow(path)
            spoken = mic.play(counting()[: 8 * RATE_HZ])
            time.sleep(2)
            victims = children_of(os.getpid(), "spawn_main")
            for victim in victims:
                os.kill(victim, signal.SIGKILL)
            spoken.wait(30)
            following.cancel()
        recorder.finish()
        if not victims:
            raise SystemExit("There was no recognition child to kill.")
        return "the recognition child killed", f"{lost_of(path, 8 * RATE_HZ):.2f} s"


def unplugged(mic: VirtualMic) -> tuple[str, str]:
    """The microphone is unplugged, and plugged in again after three seconds."""
    with tempfile.TemporaryDirectory() as name, Recorder(DEVICE) as recorder:
        path = Path(name) / "audio.wav"
        recorder.open()
        recorder.start(path)
        wait_until(lambda: recorder.position_s > 0.2)
        began, at_s = time.monotonic(), recorder.position_s
        mic.play(counting())
        time.sleep(4)
        before = mic.spoken
        mic.unplug()
        time.sleep(3)
        mic.plug()
        wait_until(lambda: bool(recorder.gaps))
        after = 2 * RATE_HZ
        mic.play(counting()[:after]).wait(20)
        time.sleep(0.5)
        off_s = recorder.position_s - at_s - (time.monotonic() - began)
        recorder.finish()
        lost_s = lost_of(path, before + after)
        (gap,) = recorder.gaps
        lost = f"{lost_s:.2f} s besides the {gap.lost_s:.1f} s without one"
        return (
            "the microphone unplugged, and plugged in again after 3 s",
            f"{lost}; time off by {abs(off_s):.2f} s",
        )


def disk_full(mic: VirtualMic) -> tuple[str, str]:
    """The disk takes no more after a few seconds."""
    mic.play(counting())
    with small_disk() as (folder, limit), recording(folder, limit) as (child, path):
        out, _ = child.communicate(timeout=60)
        kept_s = duration_s(path)
        free_s = free_sound_s(folder) if limit is None else 0.0
        if "no room" not in out:
            raise SystemExit(f"A full disk ended otherwise: {out}")
        sound = sound_of(path)
        values = sound[sound > 0]
        whole = bool(np.all(np.diff(values) <= 1))
    jump = "no" if whole else "a"
    room = f"room for {free_s:.2f} s left unused"
    return "the disk full", f"nothing of the {kept_s:.0f} s before it ({jump} jump; {room})"


def stopped(mic: VirtualMic) -> tuple[str, str]:
    """SIGSTOP for five seconds, as when a laptop sleeps."""
    with recording() as (child, path):
        began, at_s = time.monotonic(), duration_s(path)
        mic.play(counting())
        time.sleep(3)
        child.send_signal(signal.SIGSTOP)
        time.sleep(5)
        child.send_signal(signal.SIGCONT)
        time.sleep(4)
        spoken, lived_s = mic.spoken, time.monotonic() - began
        child.kill()
        child.wait()
        repair(path)
        off_s = duration_s(path) - at_s - lived_s
        return (
            "the program stopped for 5 s and continued",
            f"{lost_of(path, spoken):.2f} s; time off by {abs(off_s):.2f} s",
        )


def hours(wanted: float) -> tuple[str, str]:
    """Hours of sound as fast as the disk takes them, with an eye on the memory."""
    fake = FakeSoundDevice("Made-up microphone")
    real, devices._portaudio = devices._portaudio, lambda: fake
    try:
        with tempfile.TemporaryDirectory(dir=ROOT) as name, Recorder() as recorder:
            path = Path(name) / "audio.wav"
            recorder.open()
            recorder.start(path)
            minutes = round(wanted * 60)
            early = 0
            for minute in range(minutes):
                fake.hear(60.0)
                wait_until(lambda at=60.0 * (minute + 1): recorder.position_s >= at - 0.1, 120)
                if minute == min(9, minutes // 2):
                    early = memory_kb()
            grown = memory_kb() - early
            recorder.finish()
            lost_s = minutes * 60 - duration_s(path)
    finally:
        devices._portaudio = real
    return (
        f"{wanted:g} hours recorded (faster than real time)",
        f"{max(0.0, lost_s):.2f} s; memory grew by {max(0.0, grown / _MEMORY_KB):.1f} MB",
    )


# --- what they share -----------------------------------------------------------------------------


@contextlib.contextmanager
def recording(
    folder: Path | None = None, limit: int | None = None
) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A child that records, once it does; no file of it grows past ``limit`` bytes."""

    def small() -> None:
        if limit is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    with contextlib.ExitStack() as stack:
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        path = folder / "audio.wav"
        child = subprocess.Popen(
            [sys.executable, "-c", _CHILD, str(path), DEVICE],
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=small,  # noqa: PLW1509 - no threads of this process hold locks it needs
        )
        try:
            wait_until(lambda: path.exists() and path.stat().st_size > 44, _START_WITHIN_S)
            yield child, path
        finally:
            child.kill()
            child.wait()
            if child.stdout is not None:
                child.stdout.close()


@contextlib.contextmanager
def small_disk() -> Iterator[tuple[Path, int | None]]:
    """A folder on a disk of 256 kB, or anywhere with the limit a file may grow to."""
    with tempfile.TemporaryDirectory() as name:
        mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", name]
        mounted = (
            os.geteuid() == 0
            and subprocess.run(mount, check=False, capture_output=True).returncode == 0
        )
        try:
            yield Path(name), None if mounted else 256 * 1024
        finally:
            if mounted:
                subprocess.run(["umount", name], check=True)


def free_sound_s(folder: Path) -> float:
    stat = os.statvfs(folder)
    return stat.f_bavail * stat.f_frsize / (2 * RATE_HZ)


def counting() -> np.ndarray:
    """A sound whose samples count themselves."""
    return np.repeat(np.arange(1, _LONGEST_S * RATE_HZ // _STEP, dtype=np.int16), _STEP)


def find_sound(folder: Path) -> Path | None:
    """The recording that a child makes below ``folder``, once it is there and grows."""
    return next((p for p in sorted(folder.rglob("*.wav")) if p.stat().st_size > 44), None)


def lost_of(path: Path, spoken: int) -> float:
    """Seconds of what was spoken that are not in the file."""
    heard = int(np.count_nonzero(sound_of(path) > 0))
    return max(0, spoken - heard) / RATE_HZ


def children_of(parent: int, word: str) -> list[int]:
    """Processes whose parent is ``parent`` and whose command line has ``word``."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            status = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(status[1]) == parent and word in (folder / "cmdline").read_text():
                found.append(int(folder.name))
    return found


def memory_kb() -> int:
    """What this process has in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 1024


def wait_until(true: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise SystemExit("The recording did not do what was waited for.")
        time.sleep(0.01)


if __name__ == "__main__":
    main()
