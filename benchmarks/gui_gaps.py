"""For how long the window does not answer while a talk is recorded, captioned and judged.

A voice speaks passages of the training corpus into a virtual microphone; the real window records,
its recogniser runs in its child process, and what was said is judged. A timer of 4 ms looks how
long the event loop was away between two turns. Beside it, in a process of its own and at the same
time, a bare window with one label does nothing but have the same timer: what it misses is the
system's doing, which shares two cores between all that runs.

Needs what ``benchmarks/rehearse_talk.py`` needs, or a recording of speech to be spoken instead:
``xvfb-run -a python benchmarks/gui_gaps.py [--minutes 10] [--sound FILE] [--where] [--write]``
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from common import ROOT, machine, write_figures
from rehearse_talk import FORMAT, RATE, Turns, passages, speak

for folder in ("src", "tests", "."):
    sys.path.insert(0, str(ROOT / folder))

SLIDE_S = 30.0  # a new slide or section after so long, as in a talk
TARGETS_MS = (16, 50)


def voice(minutes: float, sound: Path | None) -> np.ndarray:
    """16-bit sound, again and again from its beginning until it is long enough."""
    if sound is None:
        lines = [line for section in passages(minutes).values() for line in section]
        # Not in the window's process: the voice leaves threads behind.
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            pcm = pool.submit(speak, lines).result()
    else:
        import soundfile

        pcm, rate = soundfile.read(sound, dtype="int16")
        if rate != RATE or pcm.ndim != 1:
            sys.exit(f"{sound} is not of one channel with {RATE} samples a second.")
    wanted = int(minutes * 60 * RATE)
    return np.tile(pcm, -(-wanted // len(pcm)))[:wanted]


def bare() -> None:
    """A window with a label, until a line comes in; then prints its gaps, in milliseconds."""
    from PySide6.QtCore import QSocketNotifier
    from PySide6.QtWidgets import QApplication, QLabel

    app = QApplication([])
    label = QLabel("Runthrough")
    label.resize(1280, 800)
    label.show()
    turns = Turns(where=False)
    notifier = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)
    notifier.activated.connect(lambda *_: app.quit())
    turns.start()
    app.exec()
    print(" ".join(f"{gap * 1000:.2f}" for gap in turns.gaps_s))


def row(name: str, gaps_ms: list[float]) -> str:
    """A line of the table: shares within the targets, the 99.9 % and the longest."""
    gaps = np.array(gaps_ms)
    within = [f"{np.mean(gaps <= target):.3%}" for target in TARGETS_MS]
    return (
        f"| {name} | {within[0]} | {int(np.sum(gaps > TARGETS_MS[1]))} | "
        f"{np.percentile(gaps, 99.9):.0f} ms | {gaps.max():.0f} ms | {len(gaps):,} |"
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--minutes", type=float, default=10.0)
    arguments.add_argument(
        "--sound", type=Path, help="a recording to be spoken, of one channel and 16 kHz"
    )
    arguments.add_argument("--where", action="store_true", help="tell where time went; costs some")
    arguments.add_argument("--bare", action="store_true", help=argparse.SUPPRESS)
    arguments.add_argument("--write", action="store_true", help="put the figures into README.md")
    chosen = arguments.parse_args()
    if chosen.bare:
        bare()
        return
    folder = Path(tempfile.mkdtemp())
    os.environ["RUNTHROUGH_SETTINGS"] = str(folder / "settings.json")
    pcm = voice(chosen.minutes, chosen.sound)

    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from rehearse_for_real import Key, Speaker, wait
    from runthrough.formats import find_format
    from runthrough.library import Library
    from runthrough.settings import Settings
    from runthrough.talk import minutes
    from runthrough.ui import app as app_module
    from runthrough.ui import background, theme
    from runthrough.ui.main_window import MainWindow
    from runthrough.ui.session import Session
    from virtual_mic import DEVICE, VirtualMic

    sys.setswitchinterval(app_module._HAND_OVER_S)
    app = QApplication([])
    theme.apply(app, "light")
    library = Library(folder / "library")
    talk = library.new_talk("Ten minutes", FORMAT)
    session = Session(library, Settings(microphone=DEVICE, count_in=False, welcomed=True))
    mic = VirtualMic()
    window = MainWindow(session)
    window.show()
    background.collect_here(window)  # as the program does
    window.activateWindow()
    QTest.qWaitForWindowExposed(window)
    window.start()
    window.open_rehearsal(talk)
    page = window.rehearse
    speaker = Speaker(window, page, mic)
    speaker.until(lambda: page._recognizer is not None)
    beside = subprocess.Popen(
        [sys.executable, __file__, "--bare"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    wait(3000)
    turns = Turns(where=chosen.where)
    speaker.start()
    turns.start()
    sections = len(find_format(FORMAT).sections)
    length_s = len(pcm) / RATE
    times = np.arange(SLIDE_S, length_s, max(SLIDE_S, length_s / sections))
    speaker.speak(pcm, [(float(at), Key.Key_PageDown) for at in times])
    turns.stop()
    bare_text, _ = beside.communicate("\n")
    taken_s = page._rehearsal.position_s
    words, marks = len(page._live.words), len(page._live.heard)
    speaker.press(Key.Key_Escape)
    speaker.until(lambda: window.review._report is not None, timeout_s=120)
    print(f"{minutes(taken_s)} recorded, {words} words recognised, {marks} sections marked")
    table = "\n".join(
        [
            "| window | within 16 ms | over 50 ms | 99.9 % | longest | turns |",
            "| --- | --- | --- | --- | --- | --- |",
            row("a bare one with a label, at the same time", [float(g) for g in bare_text.split()]),
            row("Runthrough, recording and captioning", [gap * 1000 for gap in turns.gaps_s]),
        ]
    )
    print(table)
    for place, long in sorted(turns.where.items(), key=lambda w: -sum(w[1]))[:20]:
        print(f"    {len(long):4} × up to {max(long) * 1000:3.0f} ms  {place}")
    where = f"{machine('PySide6-Essentials', 'faster-whisper')}; load {os.getloadavg()[1]:.1f}"
    print(where)
    if chosen.write:
        write_figures(
            "gui-gaps",
            f"""
**While you talk** (`benchmarks/gui_gaps.py`): how long the window's event loop is away between two
turns of a 4 ms timer, while {minutes(taken_s)} of speech in a virtual microphone are recorded,
captioned ({words} words) and judged ({marks} sections marked).

{table}

{where}.
""",
        )
    window.close()
    session.close()
    mic.close()


if __name__ == "__main__":
    main()
