"""How much of what was spoken is lost when the program is killed in the middle of a recording?

Starts a real child process that records from a virtual microphone, speaks a sound whose samples
count themselves, kills the child with SIGKILL at a random moment, repairs the file, and compares
what is in it with what had been spoken when the kill was sent. Linux with PulseAudio only.

    python benchmarks/kill_recording.py [--runs 20] [--longest 12] [-- COMMAND ...]

COMMAND records to the file named by {path} from the microphone named by {device}, or anywhere
below the folder {folder}; without one, the Recorder is used directly.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

from runthrough.audio.wav import repair  # noqa: E402 - needs the path
from sounds import sound_of  # noqa: E402 - needs the path
from virtual_mic import DEVICE, RATE_HZ, Unavailable, VirtualMic  # noqa: E402 - needs the path

_CHILD = """
import sys, time
from pathlib import Path
from runthrough.audio.recorder import Recorder
recorder = Recorder(sys.argv[2])
recorder.open()
recorder.start(Path(sys.argv[1]))
while recorder.failure is None:
    time.sleep(0.1)
"""
# Every two milliseconds of the sound have their own value: any sample tells when it was spoken.
_STEP = 2 * RATE_HZ // 1000
_LONGEST_S = 60
_START_WITHIN_S = 60


def counting() -> np.ndarray:
    return np.repeat(np.arange(1, _LONGEST_S * RATE_HZ // _STEP, dtype=np.int16), _STEP)


def find_sound(folder: Path) -> Path | None:
    """The recording that the child makes below ``folder``, once it is there and grows."""
    return next((p for p in sorted(folder.rglob("*.wav")) if p.stat().st_size > 44), None)


def run_once(mic: VirtualMic, command: list[str], after_s: float) -> tuple[float, float, int]:
    """Seconds spoken before the kill, seconds of it lost, and places where the sound jumps."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        words = {"path": str(folder / "audio.wav"), "device": DEVICE, "folder": name}
        with subprocess.Popen(
            [word.format(**words) for word in command],
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
            start_new_session=True,
        ) as child:
            try:
                deadline = time.monotonic() + _START_WITHIN_S
                while (path := find_sound(folder)) is None:
                    if child.poll() is not None or time.monotonic() > deadline:
                        raise SystemExit("The command did not begin to record.")
                    time.sleep(0.02)
                mic.play(counting())
                time.sleep(after_s)
            finally:
                spoken = mic.spoken
                child.send_signal(signal.SIGKILL)
                child.wait()
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)  # what it may have started
        repair(path)
        sound = sound_of(path)
        values = sound[sound > 0]
        wanted = counting()[: len(values)]
        jumps = int(np.count_nonzero(np.diff(values) > 1))
        if len(values) and not np.array_equal(values, wanted):
            jumps = max(jumps, 1)
        # What is lost is counted, not only the end: every sample spoken and not in the file.
        return spoken / RATE_HZ, max(0, spoken - len(values)) / RATE_HZ, jumps


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Kill a recording at random moments and measure what is lost."
    )
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--longest", type=float, default=12.0, help="seconds before the kill")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("command", nargs="*", help="records to {path} or below {folder}")
    options = parser.parse_args()
    command = options.command or [sys.executable, "-c", _CHILD, "{path}", "{device}"]
    moments = random.Random(options.seed)  # noqa: S311 - no secret
    try:
        mic = VirtualMic()
    except Unavailable as reason:
        raise SystemExit(f"No virtual microphone: {reason}") from reason
    losses = []
    try:
        for number in range(1, options.runs + 1):
            mic.plug_again()
            spoken_s, lost_s, jumps = run_once(mic, command, moments.uniform(0.3, options.longest))
            losses.append(lost_s)
            print(
                f"run {number:2}: spoken {spoken_s:6.3f} s, lost {lost_s:.3f} s"
                + (f", {jumps} jumps in the sound" if jumps else ""),
                flush=True,
            )
    finally:
        mic.close()
    print(f"lost: median {statistics.median(losses):.3f} s, most {max(losses):.3f} s")


if __name__ == "__main__":
    main()
