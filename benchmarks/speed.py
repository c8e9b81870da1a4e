"""All that is felt of speed, one measurement after another: what waits for what, and for how long.

    xvfb-run -a python benchmarks/speed.py [--write]

Opening, the window's gaps while one speaks, captions and *Finish*, importing, judging, looking up.
Each is a program of its own here and can be run by itself; each needs the machine for itself, and
together they take about an hour. With ``--write`` their figures go into README.md.
Needs what they need: the extra ``benchmarks``, PulseAudio, and a display.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

MOMENTS = {
    "opening, resting": ["opening.py"],
    "speaking: the window": ["gui_gaps.py"],
    "speaking: captions; Finish": ["captions.py"],
    "importing": ["importing.py"],
    "judging": ["judgement.py", "--speed"],
    "looking up": ["library.py"],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="put the figures into README.md")
    chosen = parser.parse_args()
    failed = []
    for moment, (name, *options) in MOMENTS.items():
        print(f"\n=== {moment} ({name})", flush=True)
        command = [sys.executable, Path(__file__).with_name(name), *options]
        if subprocess.run([*command, *["--write"] * chosen.write], check=False).returncode:
            failed.append(name)
    if failed:
        sys.exit(f"Not measured: {', '.join(failed)}.")


if __name__ == "__main__":
    main()
