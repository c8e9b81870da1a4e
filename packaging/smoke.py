"""Does the program work as it is packaged? Records, transcribes, reviews, opens its window.

python packaging/smoke.py [PROGRAM]

Without PROGRAM it is the one that packaging/build.py made. On Linux the window opens on a screen
of its own, and what is recorded is spoken into a virtual microphone. Prints what passed; exits
with 1 at the first failure.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile
from platforms import version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[1]
BUILT = ROOT / "dist" / "runthrough" / ("runthrough.exe" if os.name == "nt" else "runthrough")
SAMPLE = ROOT / "resources" / "sample" / "audio.flac"
SPOKEN_S = 16.0
# What the sample talk says in that time.
WORDS = ("good morning", "water pipe")
PATIENCE_S = 180.0
# A window that has drawn itself shows at least that many colours.
COLOURS = 50


class FailedError(Exception):
    """The packaged program did not do what it should."""


@dataclass
class Smoke:
    """The ``program`` that is tried, and a home of its own in ``folder``."""

    program: Path
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def start(self, *arguments: str, **how: Any) -> subprocess.Popen[str]:
        """Start the program."""
        return subprocess.Popen(
            [str(self.program), "--library", str(self.folder / "library"), *arguments],
            # Not the checkout's Python nor anything else of whoever builds.
            env={k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "RUNTHROUGH"))}
            | self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            cwd=self.folder,
            **how,
        )

    def run(self, *arguments: str, given: str = "", fails: bool = False) -> str:
        """Run the program to its end and return what it printed. Raises ``FailedError``."""
        running = self.start(*arguments, stdin=subprocess.PIPE)
        printed, told = running.communicate(given, timeout=PATIENCE_S)
        if bool(running.returncode) != fails or "Traceback" in told:
            raise FailedError(f"{' '.join(arguments)}: exit code {running.returncode}: {told}")
        return told if fails else printed


def main() -> int:
    """Try one thing after another."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("program", nargs="?", type=Path, default=BUILT)
    program = parser.parse_args().program.absolute()
    if not program.is_file():
        parser.error(f"there is no {program}; make it with packaging/build.py")
    with tempfile.TemporaryDirectory(prefix="smoke-") as name:
        smoke = Smoke(program, Path(name))
        smoke.environment = {
            "RUNTHROUGH_SETTINGS": str(Path(name, "settings.json")),
            "HOME": name,
            "XDG_CACHE_HOME": str(Path(name, "cache")),
        }
        steps: tuple[Callable[[Smoke], str], ...] = (
            started,
            recorded,
            imported,
            exported,
            practised,
            fetched,
            window_opened,
        )
        for step in steps:
            begun = time.monotonic()
            try:
                what = step(smoke)
            except (FailedError, subprocess.TimeoutExpired) as error:
                print(f"FAILED   {step.__name__}: {error}", flush=True)
                return 1
            print(f"passed   {what} ({time.monotonic() - begun:.1f} s)", flush=True)
    return 0


def started(smoke: Smoke) -> str:
    """It starts, is of this version and carries its own model."""
    told = smoke.run("--version").strip()
    expect(told == f"runthrough {version()}", f"it calls itself {told}")
    models = json.loads(smoke.run("models", "--json"))["models"]
    bundled = [model["name"] for model in models if model["source"] == "bundled"]
    expect(bundled == ["tiny.en"], f"it carries the models {bundled}")
    return f"starts, version {version()}, with the speech model tiny.en"


def recorded(smoke: Smoke) -> str:
    """It records, and a process of its own makes the words of it."""
    sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "src")]
    from virtual_mic import (  # type: ignore[import-not-found] # found through the line above
        RATE_HZ,
        Unavailable,
        VirtualMic,
    )

    try:
        microphone = VirtualMic()
    except Unavailable as reason:
        return f"(not tried: recording, {reason})"
    speech, _ = soundfile.read(SAMPLE, frames=round(SPOKEN_S * RATE_HZ), dtype="int16")
    with contextlib.closing(microphone), watched(smoke.program) as children:
        running = smoke.start(
            "record", "--talk", "Smoke", "--format", "five-part-10", "--json",
            "--seconds", str(SPOKEN_S + 2), stdin=subprocess.DEVNULL,
        )  # fmt: skip
        first = running.stderr.readline() if running.stderr else ""
        if "Recording" in first:
            microphone.play(speech)
        printed, told = running.communicate(timeout=PATIENCE_S)
    if running.returncode:
        raise FailedError(f"record: exit code {running.returncode}: {first}{told}")
    words = checked(json.loads(printed))
    expect(bool(children), "no process for the recognition was seen")

    def name(path: Path) -> str:
        return path.name.partition(".so")[0]

    ours = {name(path) for path in smoke.program.resolve().parent.rglob("*.so*")}
    strays = {path for paths in children.values() for path in paths if name(path) in ours}
    expect(not strays, f"it does not take these from its folder: {sorted(map(str, strays))}")
    shown = checked(json.loads(smoke.run("show", "last", "--json")))
    expect(shown == words, f"{words} words were recognised, {shown} are shown")
    return f"records {SPOKEN_S:.0f} s, recognises {words} words in its child process, reviews them"


def imported(smoke: Smoke) -> str:
    """It reads a compressed recording, recognises and reviews it."""
    short = smoke.folder / "short.flac"
    sound, rate = soundfile.read(SAMPLE, frames=round(SPOKEN_S * 16_000), dtype="int16")
    soundfile.write(short, sound, rate)
    words = checked(json.loads(smoke.run("import", str(short), "--talk", "Smoke", "--json")))
    return f"imports a recording, recognises {words} words, reviews them"


def exported(smoke: Smoke) -> str:
    """It writes the forms that need Qt, FFmpeg and libsndfile."""
    for kind, ending, start in (
        ("pdf", "pdf", b"%PDF"),
        ("html", "html", b"<!"),
        ("audio", "opus", b"OggS"),
        ("audio", "m4a", b"\0\0\0"),
        ("audio", "flac", b"fLaC"),
    ):
        target = smoke.folder / f"review.{ending}"
        smoke.run("export", "last", "--to", kind, "-o", str(target))
        expect(target.read_bytes().startswith(start), f"{target.name} is no {ending}")
    return "exports PDF, HTML, Opus, M4A and FLAC"


def practised(smoke: Smoke) -> str:
    """It judges an answer, which needs both of its small models."""
    answer = "It fails on long documents. It does so because the window of attention is short."
    verdict = json.loads(
        smoke.run("answer", "-", "--question", "limitations", "--json", given=answer)
    )
    met = {point["id"]: point["met"] for point in verdict["points"]}
    expect(met["where"], f"it heard {met}")
    return "judges an answer"


def fetched(smoke: Smoke) -> str:
    """What downloads models is there; without a network it says so, and nothing else."""
    before = dict(smoke.environment)
    nowhere = "http://127.0.0.1:9"
    smoke.environment |= {"HF_ENDPOINT": nowhere, "HTTPS_PROXY": nowhere, "NO_PROXY": ""}
    told = smoke.run("models", "get", "base.en", fails=True)
    smoke.environment = before
    expect("can't be reached" in told, told)
    return "would fetch a larger model"


def window_opened(smoke: Smoke) -> str:
    """Its window draws itself and ends well when asked to."""
    if not sys.platform.startswith("linux"):
        running = smoke.start(stdin=subprocess.DEVNULL)
        time.sleep(10)
        expect(running.poll() is None, "the window closed by itself")
        running.terminate()
        running.communicate(timeout=PATIENCE_S)
        return "opens its window"
    with screen(smoke.folder) as (display, picture):
        smoke.environment |= {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
        smoke.environment |= {"WAYLAND_DISPLAY": ""}
        running = smoke.start(stdin=subprocess.DEVNULL)
        colours, until = 0, time.monotonic() + 60
        while colours < COLOURS and running.poll() is None and time.monotonic() < until:
            time.sleep(0.5)
            colours = len(np.unique(pixels(picture)))
        time.sleep(2)  # until all of it is drawn
        shot = ROOT / "build" / "smoke.png"
        save(pixels(picture), shot)
        running.send_signal(signal.SIGINT)
        _, told = running.communicate(timeout=PATIENCE_S)
    expect(colours >= COLOURS, f"the screen stayed empty: {told}")
    expect(running.returncode == 0, f"the window's exit code is {running.returncode}: {told}")
    expect(not told.strip(), f"the window complains: {told}")
    return f"opens its window (picture: {shot.relative_to(ROOT)}) and closes it"


def expect(so: bool, otherwise: str) -> None:
    """Go on if it is ``so``. Raises ``FailedError`` that says what is there ``otherwise``."""
    if not so:
        raise FailedError(otherwise)


def checked(report: dict[str, Any]) -> int:
    """The number of words in a report of what the sample talk says first."""
    expect(report["schema"] == "runthrough.report/1", f"its form is {report['schema']}")
    text = " ".join(sentence["text"] for sentence in report["sentences"]).lower()
    expect(all(word in text for word in WORDS), f"it heard: {text}")
    expect(bool(report["sections"]), "there is no review")
    return len(report["words"])


@contextlib.contextmanager
def watched(program: Path) -> Iterator[dict[int, set[Path]]]:
    """The processes of the recognition that ran meanwhile: by their ids the system's libraries."""
    seen: dict[int, set[Path]] = {}
    home = str(program.resolve().parent)
    done = threading.Event()

    def look() -> None:
        while not done.wait(0.2):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    its = path.with_name("exe").resolve() == program.resolve()
                    if its and b"--multiprocessing-fork" in path.read_bytes().split(b"\0"):
                        lines = path.with_name("maps").read_text().splitlines()
                        paths = {line.split()[-1] for line in lines if ".so" in line}
                        system = {Path(name) for name in paths if not name.startswith(home)}
                        seen.setdefault(int(path.parent.name), set()).update(system)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


@contextlib.contextmanager
def screen(folder: Path) -> Iterator[tuple[str, Path]]:
    """A screen that nobody sees: its name and the file with its picture. Needs Xvfb."""
    if shutil.which("Xvfb") is None:
        raise FailedError("Xvfb is missing. Install xvfb, then run this again.")
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x800x24", "-fbdir", str(folder),
         "-nolisten", "tcp"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    try:
        with os.fdopen(read, encoding="ascii") as number:
            display = f":{number.readline().strip()}"
        yield display, folder / "Xvfb_screen0"
    finally:
        server.terminate()
        server.wait()


def pixels(picture: Path) -> np.ndarray:
    """The screen as rows of 0x00RRGGBB, from the file (of X's window dump) that Xvfb keeps."""
    data = picture.read_bytes()
    # Whole numbers of 32 bits, most significant byte first; X11/XWDFile.h.
    header = np.frombuffer(data, ">u4", 25)
    size, width, height, per_line, colours = (int(header[i]) for i in (0, 4, 5, 12, 19))
    start = size + 12 * colours
    order = "<u4" if header[7] == 0 else ">u4"
    lines = np.frombuffer(data, order, per_line // 4 * height, start).reshape(height, -1)
    return lines[:, :width] & 0xFFFFFF


def save(rows: np.ndarray, target: Path) -> None:
    """Write a picture of the screen."""
    from PySide6.QtGui import QImage

    height, width = rows.shape
    data = np.ascontiguousarray(rows, np.uint32).tobytes()
    target.parent.mkdir(exist_ok=True)
    QImage(data, width, height, QImage.Format.Format_RGB32).save(str(target))


if __name__ == "__main__":
    sys.exit(main())
