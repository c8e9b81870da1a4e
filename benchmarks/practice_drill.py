"""A drill spoken for real: the offline voice into a virtual microphone, the window, the recogniser.

    python benchmarks/practice_drill.py [--shots DIR]

Needs Linux with PulseAudio and the package hibari-tts (development only). Four answers to "What are
the limitations of your work?": strong, weak, deflecting, empty. Prints what was heard, the verdict,
and how long after Done it was there.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from common import ROOT, machine

sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

from virtual_mic import RATE_HZ, VirtualMic  # noqa: E402 - set just above

ANSWERS = {
    "strong": (
        "It fails on plastic pipes. Plastic damps the high frequencies, so the two microphones "
        "no longer hear the same sound. A third sensor in the middle would fix that, for about "
        "two hundred euros a street."
    ),
    "weak": "Well, there are some cases where it could be a little better, I suppose.",
    "deflecting": (
        "Honestly I don't think there are any real limitations. It works very well on everything "
        "that we have tried, and the reviewers were happy too."
    ),
    "empty": "",
}


def speak(text: str) -> np.ndarray:
    """The offline voice at the microphone's rate, 16 bit."""
    if not text:
        return np.zeros(3 * RATE_HZ, np.int16)
    from hibari import Hibari
    from scipy.signal import resample_poly

    spoken = np.asarray(Hibari()(text, seed=0), np.float32).ravel()
    return (resample_poly(spoken, 2, 3) * 32767 * 0.6).astype(np.int16)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shots", type=Path, help="a folder for pictures of the window")
    args = parser.parse_args()
    sounds = {name: speak(text) for name, text in ANSWERS.items()}
    folder = Path(tempfile.mkdtemp(prefix="drill-"))
    os.environ["RUNTHROUGH_SETTINGS"] = str(folder / "settings.json")
    microphone = VirtualMic()
    try:
        practise(microphone, sounds, folder, args.shots)
    finally:
        microphone.close()


def practise(microphone, sounds: dict[str, np.ndarray], folder: Path, shots: Path | None) -> None:
    from PySide6.QtCore import QEventLoop, Qt, QTimer
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from runthrough.drill import Drill
    from runthrough.library import Library
    from runthrough.settings import Settings
    from runthrough.ui import theme
    from runthrough.ui.main_window import MainWindow
    from runthrough.ui.session import Session
    from virtual_mic import DEVICE

    app = QApplication([])
    theme.apply(app, "light")
    settings = Settings(theme="light", read_aloud=False, microphone=DEVICE)
    window = MainWindow(Session(Library(folder / "library"), settings))
    window.show()
    window.activateWindow()

    def spin(seconds: float) -> None:
        loop = QEventLoop()
        QTimer.singleShot(round(seconds * 1000), loop.quit)
        loop.exec()

    def until(true) -> None:
        end = time.monotonic() + 60
        while not true() and time.monotonic() < end:
            spin(0.05)
        if not true():
            raise TimeoutError(f"waited for a minute, {page._state}: {page._notice.text.text()}")

    def shot(name: str) -> None:
        if shots is not None:
            shots.mkdir(parents=True, exist_ok=True)
            spin(0.2)
            window.grab().save(str(shots / f"{name}.png"))

    def press() -> None:
        QTest.keyClick(window.windowHandle(), Qt.Key.Key_Space)

    window.go("practice")
    page = window.practice
    until(lambda: page._recognizer is not None)
    print(machine("PySide6-Essentials", "faster-whisper"))
    for name, sound in sounds.items():
        page.start(Drill.LIMITATIONS)
        spin(0.3)
        press()
        until(lambda: page._state.name == "ANSWERING")
        spin(0.5)
        microphone.play(sound)
        spin(len(sound) / RATE_HZ + 0.5)
        shot(f"{name}-speaking")
        began = time.monotonic()
        press()
        until(lambda: page._state.name == "JUDGED")
        took_s = time.monotonic() - began
        answer = page._round.answers[-1]
        met = [point.id for point in answer.verdict.points if point.met]
        print(f"\n{name}: {took_s:.1f} s after Done, {answer.duration_s:.1f} s of sound")
        print(f"  heard: {answer.transcript!r}")
        print(f"  met: {met}, deflections: {list(answer.verdict.deflections)}")
        shot(f"{name}-judged")
        press()
        spin(0.3)
        print(f"  asked next: {page._round.asked if page._round else '-'}")
        shot(f"{name}-next")
    window.close()
    window.session.close()


if __name__ == "__main__":
    main()
