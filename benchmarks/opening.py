"""How long the program takes to open, over a bare Qt window with one label.

    xvfb-run -a python benchmarks/opening.py [--runs 12] [--idle 30] [--write]

From the start of the process to a painted window whose event loop turns, in turns with the bare
window, each in a process of its own, with an empty library and with one of 30 talks of 3 takes;
and the processor time of the open window when nobody touches it for ``--idle`` seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import ROOT, machine, write_figures
from library import fill

# A window answers when it was exposed, which paints it, and its event loop has turned once more.
_WATCH = """
import os, sys, time
begun = float(sys.argv.pop())
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication
class Watch(QObject):
    def eventFilter(self, handle, event):
        if event.type() == QEvent.Type.Expose and handle.isExposed():
            handle.removeEventFilter(self)
            QTimer.singleShot(0, self.answers)
        return False
    def answers(self):
        print(time.time() - begun, flush=True)
        heavy = {"faster_whisper", "onnxruntime", "av", "soundfile"}
        print(" ".join(sorted(heavy & sys.modules.keys())), flush=True)
        QTimer.singleShot(0, finish)
def turn(turning=QApplication.exec):
    for window in QApplication.topLevelWidgets():
        if window.isVisible():
            window.windowHandle().installEventFilter(watch)
    return turning()
watch = Watch()
QApplication.exec = staticmethod(turn)
def finish():
    os._exit(0)
"""
# The rows of the talks that are further down come after that; these are there, and painted.
_COMPLETE = """
def finish():
    page = next(w for w in QApplication.topLevelWidgets() if hasattr(w, "talks")).talks
    if page.complete:
        page.window().repaint()
        print(time.time() - begun, flush=True)
        os._exit(0)
    QTimer.singleShot(2, finish)
"""
_BARE = """
from PySide6.QtWidgets import QLabel
app = QApplication([])
window = QLabel("Runthrough")
window.resize(1280, 800)
window.show()
app.exec()
"""
_OURS = """
from runthrough.__main__ import main
main()
"""
_IDLE = """
import resource
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from runthrough.ui import app
def used():
    now = resource.getrusage(resource.RUSAGE_SELF)
    return now.ru_utime + now.ru_stime
begun = []
def begin():
    begun.append(used())
    QTimer.singleShot(int({idle_s} * 1000), end)
def end():
    print(used() - begun[0], flush=True)
    QApplication.instance().quit()
start = app.MainWindow.start
def started(window):
    start(window)
    QTimer.singleShot(5000, begin)
app.MainWindow.start = started
app.run(None)
"""


TALKS, TAKES = 30, 3


def opened(code: str, library: Path | None = None) -> list[str]:
    """What is printed by ``code`` in a process of its own, whose settings name ``library``."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    # An installed program has its modules compiled.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    if library is not None:
        environment["RUNTHROUGH_SETTINGS"] = str(settings_of(library))
    told = subprocess.run(
        [sys.executable, "-c", code, str(time.time())],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
        timeout=600,
    )
    return told.stdout.splitlines()


def settings_of(library: Path) -> Path:
    return library.with_suffix(".json")


def empty(library: Path) -> Path:
    library.mkdir(mode=0o700)
    kept = {"version": 2, "welcomed": True, "library": str(library)}
    settings_of(library).write_text(json.dumps(kept), encoding="utf-8")
    return library


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=12)
    parser.add_argument("--idle", type=float, default=30.0)
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    new, used = empty(folder / "new"), empty(folder / "used")
    fill(used, TALKS * TAKES, TALKS)
    for library in (new, used):
        opened(_WATCH + _OURS, library)
    # By what is opened: seconds and, over the bare window just before, times as long.
    took: dict[str, list[tuple[float, float]]] = {}
    heavy = ""
    for _ in range(chosen.runs):
        bare = float(opened(_WATCH + _BARE)[0])
        took.setdefault("a bare window with a label", []).append((bare, 1.0))
        answers, heavy = opened(_WATCH + _OURS, new)
        took.setdefault("Runthrough", []).append((float(answers), float(answers) / bare))
        answers, heavy_too, complete = opened(_WATCH + _COMPLETE + _OURS, used)
        heavy = heavy or heavy_too
        for what, at in (
            (f"with {TALKS} talks, as many as show", answers),
            ("and all that can be scrolled to", complete),
        ):
            took.setdefault(what, []).append((float(at), float(at) / bare))
    rows = []
    for what, times in took.items():
        seconds = statistics.median(first for first, _ in times)
        ratio = statistics.median(second for _, second in times)
        rows.append((what, f"{seconds:.2f} s" + (f", {ratio:.1f} × as long" if rows else "")))
    rows.append(("heavy modules imported by then", heavy or "none"))
    if chosen.idle:
        busy_s = float(opened(_IDLE.format(idle_s=chosen.idle), new)[0])
        rows.append(("of a core used while idle", f"{100 * busy_s / chosen.idle:.2f} %"))
    where = machine("PySide6-Essentials")
    print(where)
    for what, figure in rows:
        print(f"  {what:<34} {figure}")
    if chosen.write:
        table = "\n".join(f"| {what} | {figure} |" for what, figure in rows)
        write_figures("opening", f"| opening | median |\n| --- | --- |\n{table}\n\n{where}")


if __name__ == "__main__":
    main()
