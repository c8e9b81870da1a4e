"""How long the program takes to open, over a bare Qt window with one label.

    xvfb-run -a python benchmarks/opening.py [--runs 12] [--idle 30] [--write]

From the start of the process to a painted window whose event loop turns, in turns with the bare
window, each in a process of its own; and the processor time of the open window when nobody touches
it for ``--idle`` seconds.
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

_BARE = """
import os, sys, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel
def turned():
    window.repaint()
    print(time.time() - float(sys.argv[1]), flush=True)
    os._exit(0)
app = QApplication([])
window = QLabel("Runthrough")
window.resize(1280, 800)
window.show()
QTimer.singleShot(0, turned)
app.exec()
"""
_OURS = """
import os, sys, time
begun = float(sys.argv.pop())
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from runthrough.__main__ import main
def turned():
    for window in QApplication.topLevelWidgets():
        window.repaint()
    print(time.time() - begun, flush=True)
    heavy = {"faster_whisper", "onnxruntime", "av", "soundfile", "pyqtgraph"} & sys.modules.keys()
    print(" ".join(sorted(heavy)), flush=True)
    os._exit(0)
def turn(turning=QApplication.exec):
    QTimer.singleShot(0, turned)
    return turning()
QApplication.exec = staticmethod(turn)
main()
"""
_IDLE = """
import resource, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from runthrough.ui import app
def used():
    now = resource.getrusage(resource.RUSAGE_SELF)
    return now.ru_utime + now.ru_stime
begun = []
def begin():
    begun.append(used())
    QTimer.singleShot(int(float(sys.argv[1]) * 1000), end)
def end():
    print(used() - begun[0], flush=True)
    QApplication.instance().quit()
start = app.MainWindow.start
def started(window):
    start(window)
    QTimer.singleShot(5000, begin)
app.MainWindow.start = started
app.run(Path(sys.argv[2]))
"""


def opened(code: str, environment: dict[str, str]) -> list[str]:
    told = subprocess.run(
        [sys.executable, "-c", code, str(time.time())],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
        timeout=60,
    )
    return told.stdout.splitlines()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=12)
    parser.add_argument("--idle", type=float, default=30.0)
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    (folder / "library").mkdir(mode=0o700)
    settings = folder / "settings.json"
    kept = {"version": 2, "welcomed": True, "library": str(folder / "library")}
    settings.write_text(json.dumps(kept), encoding="utf-8")
    environment = {
        **os.environ,
        "RUNTHROUGH_SETTINGS": str(settings),
        "PYTHONPATH": str(ROOT / "src"),
    }
    # An installed program has its modules compiled.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    opened(_OURS, environment)
    bare, ours, heavy = [], [], ""
    for _ in range(chosen.runs):
        bare.append(float(opened(_BARE, environment)[0]))
        took, heavy = opened(_OURS, environment)
        ours.append(float(took))
    first, second = statistics.median(bare), statistics.median(ours)
    ratio = statistics.median(b / a for a, b in zip(bare, ours, strict=True))
    rows = [
        ("a bare window with a label", f"{first:.2f} s"),
        ("Runthrough", f"{second:.2f} s, {ratio:.1f} × as long"),
        ("heavy modules imported by then", heavy or "none"),
    ]
    if chosen.idle:
        told = subprocess.run(
            [sys.executable, "-c", _IDLE, str(chosen.idle), str(folder / "library")],
            capture_output=True,
            text=True,
            env=environment,
            check=True,
        )
        used = float(told.stdout.split()[-1])
        rows.append(("of a core used while idle", f"{100 * used / chosen.idle:.2f} %"))
    where = machine("PySide6-Essentials")
    print(where)
    for what, figure in rows:
        print(f"  {what:<34} {figure}")
    if chosen.write:
        table = "\n".join(f"| {what} | {figure} |" for what, figure in rows)
        write_figures("opening", f"| opening | median |\n| --- | --- |\n{table}\n\n{where}")


if __name__ == "__main__":
    main()
