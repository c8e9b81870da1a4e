"""Set Runthrough up from a checkout, and open it or run its tests. Standard library only.

    python3 packaging/bootstrap.py run     set up what is missing, check the machine, open it
    python3 packaging/bootstrap.py test    set up what is missing, run all checks and tests

Everything goes into .venv in the checkout. A second run finds it and changes nothing. On Debian
and Ubuntu missing system packages are installed where that is allowed, else the line is printed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import venv
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
# Where an environment of the other kind of system has its programs, as of Windows in WSL.
OTHER_BIN, OTHER_SYSTEM = ("bin", "Linux or macOS") if os.name == "nt" else ("Scripts", "Windows")
STAMP = VENV / "set-up.json"
OLDEST_PYTHON = (3, 11)
# Brings pip for this Python; python3-venv does for the system's own, which may be another.
VENV_PACKAGE = f"python3.{sys.version_info[1]}-venv"

# PortAudio for sound, the rest for Qt's window; the PySide6 wheel carries everything else.
SYSTEM_RUN = (
    "libportaudio2",
    "libegl1",
    "libgl1",
    "libglib2.0-0",
    "libfontconfig1",
    "libfreetype6",
    "libxkbcommon-x11-0",
    "libdbus-1-3",
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-image0",
    "libxcb-keysyms1",
    "libxcb-randr0",
    "libxcb-render-util0",
    "libxcb-shape0",
    "libxcb-xinerama0",
    "fonts-inter",
    "fonts-noto-core",
)
# Since Debian 13 and Ubuntu 24.04 some names end so; the plain ones install those.
ENDINGS = ("", "t64")
# A screen, a microphone, sound files and a guard for tests on machines that have none.
SYSTEM_TEST = (
    *SYSTEM_RUN,
    "xvfb",
    "xauth",
    "pulseaudio",
    "pulseaudio-utils",
    "libasound2-plugins",
    "ffmpeg",
    "espeak-ng",
    "strace",  # shows that nothing is connected to
    "desktop-file-utils",
    "appstream",
)
# As modules: their scripts name the Python of the place where the checkout was before.
CHECKS = (
    ("ruff check", ["-m", "ruff", "check", "."]),
    ("ruff format", ["-m", "ruff", "format", "--check", "."]),
    ("mypy", ["-m", "mypy"]),
    ("import-linter", ["-c", "from importlinter.cli import lint_imports_command as c; c()"]),
)


def main() -> int:
    """Do what the arguments ask and return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="run | test")
    commands.add_parser("run", help="open the program, setting it up first if need be")
    commands.add_parser("test", help="run all checks and tests; what follows goes to pytest")
    args, rest = parser.parse_known_args()
    if args.command == "run" and rest:
        parser.error(f"run takes no arguments, not {' '.join(rest)}")
    if sys.version_info < OLDEST_PYTHON:
        print(f"Runthrough needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
        return 3
    testing = args.command == "test"
    system_packages(packages(testing=testing))
    problem = set_up("offline-model,test" if testing else "offline-model")
    if problem:
        print(problem, file=sys.stderr)
        return 3
    return test(rest) if testing else run()


def run() -> int:
    """Say how the machine is, then open the window (or what there is instead of one)."""
    program = [str(PYTHON), "-m", "runthrough"]
    say("Checking this computer")
    # What is missing is told and does not stop: recordings can be imported without a microphone.
    subprocess.run([*program, "doctor"], check=False)
    say(f"Starting. From now on {BIN / 'runthrough'} does too")
    return hand_over(program)


def test(pytest_arguments: list[str]) -> int:
    """Run every check, the tests last, and return the first failure's exit code."""
    failed: list[tuple[str, int]] = []
    for name, command in CHECKS:
        say(name)
        code = subprocess.run([str(PYTHON), *command], cwd=ROOT, check=False)
        if code.returncode:
            failed.append((name, code.returncode))
    say("tests")
    command = [str(PYTHON), "-m", "pytest", *pytest_arguments]
    environment = dict(os.environ)
    if sys.platform.startswith("linux") and not environment.get("DISPLAY"):
        if shutil.which("xvfb-run"):
            screen = "-screen 0 1920x1080x24"
            command = ["xvfb-run", "--auto-servernum", f"--server-args={screen}", *command]
        else:
            environment["QT_QPA_PLATFORM"] = "offscreen"
    if failed:
        print(f"Not in order: {', '.join(name for name, _ in failed)} (see above).", flush=True)
    code = hand_over(command, cwd=ROOT, env=environment)
    return failed[0][1] if failed else code


def hand_over(command: list[str], **how: Any) -> int:
    """Run what all this was for and return its exit code.

    Ctrl-C reaches it too, and it may need a while to keep what it has; ``subprocess`` would kill
    it after a quarter of a second.
    """
    signal.signal(signal.SIGINT, lambda *_: None)
    return subprocess.run(command, check=False, **how).returncode


# --- setting up ------------------------------------------------------------------------------


def set_up(extras: str) -> str:
    """Make the virtual environment and install into it what is missing.

    Returns what is wrong and what to do, or nothing if all is well.
    """
    wanted = {
        "project": hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest(),
        "place": str(ROOT),
    }
    done = read_stamp()
    missing = set(extras.split(",")) - set(done.get("extras", "").split(","))
    version, program_found = state()
    if not version and (VENV / OTHER_BIN).is_dir():
        return (
            f"{VENV} was made on {OTHER_SYSTEM} and can't be used here. Move it away, or use "
            "another checkout on this system, then run this again."
        )
    if version and version < OLDEST_PYTHON:
        return (
            f"{VENV} was made with Python {version[0]}.{version[1]}; Runthrough needs 3.11 or "
            "newer. Move it away, then run this again."
        )
    if version and version != sys.version_info[:2]:
        say(f"Using Python {version[0]}.{version[1]} of {VENV}; move that away for another")
    if program_found and done | wanted == done and not missing:
        return ""
    try:
        return update(extras, wanted, done, new=not version)
    except (OSError, ValueError) as error:
        return (
            f"The virtual environment can't be made in {VENV} ({error}). Put the checkout where "
            "you may write and there is space, then run this again."
        )


def update(extras: str, wanted: dict[str, str], done: dict[str, str], *, new: bool) -> str:
    """Bring the environment from what is ``done`` to what is ``wanted``; as ``set_up``."""
    if new:
        say(f"Making a virtual environment in {VENV}")
        venv.EnvBuilder(clear=True, symlinks=os.name != "nt").create(VENV)
        done = {}
    if not has_pip():
        ensurepip = [str(PYTHON), "-m", "ensurepip", "--upgrade", "--default-pip"]
        if subprocess.run(ensurepip, stdout=subprocess.DEVNULL, check=False).returncode:
            return (
                f"pip can't be put into {VENV}; Python says why above. On Debian and Ubuntu "
                f"install {VENV_PACKAGE}, then run this again."
            )
    extras = ",".join(sorted({*extras.split(","), *done.get("extras", "").split(",")} - {""}))
    say(f"Installing Runthrough with {extras} (a few hundred megabytes the first time)")
    STAMP.unlink(missing_ok=True)  # whoever breaks off here leaves half an installation
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # Who has pip install for the user alone has chosen that for other Pythons; here it can't.
    here = os.environ | {"PIP_USER": "0"}
    install = [*pip, "--editable", f"{ROOT}[{extras}]"]
    failed = subprocess.run(install, env=here, check=False).returncode
    # The path to the sources from there: it is ASCII, whatever the checkout is called (pip writes
    # UTF-8, and Python before 3.13 reads the system's encoding), and right in a copy of it.
    for file in VENV.rglob("*runthrough.pth"):
        file.write_text(os.path.relpath(ROOT / "src", file.parent) + "\n", encoding="utf-8")
    if failed:
        # pip has put back what was there, so that what is not new goes on working.
        if done:
            STAMP.write_text(json.dumps(done), encoding="utf-8")
        return (
            "The installation did not finish; pip says why above. Check the network connection "
            "and run this again: it goes on where it stopped."
        )
    if not state()[1]:
        return f"{PYTHON} does not find what was installed. Delete {VENV}, then run this again."
    STAMP.write_text(json.dumps(wanted | {"extras": extras}), encoding="utf-8")
    return ""


def read_stamp() -> dict[str, str]:
    """What the last complete set-up was for; empty if there was none."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def state() -> tuple[tuple[int, ...], bool]:
    """The version of the environment's Python, and whether it finds the program.

    The version is empty where there is no environment, or one whose Python is gone.
    """
    question = (
        "import importlib.util, os, sys, sysconfig\n"
        # A link to Python may lead to another than the one that all was installed for.
        "if os.path.isdir(sysconfig.get_path('purelib')):\n"
        "    print(*sys.version_info[:2], importlib.util.find_spec('runthrough') and 'runthrough')"
    )
    try:
        # From a folder that has no program in it to be found by chance.
        told = subprocess.run(
            [str(PYTHON), "-c", question], cwd=VENV, capture_output=True, text=True, check=False
        ).stdout.split()
    except OSError:
        return (), False
    return tuple(int(part) for part in told[:2]), told[2:] == ["runthrough"]


def has_pip() -> bool:
    """Whether the environment has a pip that works."""
    pip = [str(PYTHON), "-m", "pip", "--version"]
    return subprocess.run(pip, capture_output=True, check=False).returncode == 0


def packages(*, testing: bool) -> tuple[str, ...]:
    """The Debian packages that are needed."""
    names = SYSTEM_TEST if testing else SYSTEM_RUN
    # Debian's Python comes without ensurepip. An environment that has a pip needs none.
    needed = find_spec("ensurepip") is None and not (state()[0] and has_pip())
    return (*names, VENV_PACKAGE) if needed else names


def system_packages(names: tuple[str, ...]) -> None:
    """Install missing Debian packages, or print the line that does."""
    if not shutil.which("apt-get") or not shutil.which("dpkg-query"):
        return
    missing = not_installed(names)
    if not missing:
        return
    as_root: list[str] | None = []
    if os.geteuid() != 0:
        sudo = shutil.which("sudo")
        allowed = (
            sudo
            and not subprocess.run(
                [sudo, "-n", "true"], capture_output=True, check=False
            ).returncode
        )
        as_root = [sudo, "-n"] if sudo and allowed else None
    line = f"apt-get install --no-install-recommends {' '.join(missing)}"
    if as_root is None:
        print(f"System packages are missing. Install them with:\n\n    sudo {line}\n")
        print("Going on with what works without them.", flush=True)
        return
    say(f"Installing system packages: {' '.join(missing)}")
    quiet = {"stdout": subprocess.DEVNULL}
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    # sudo drops the environment, so it goes through env(1).
    apt = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-y"]
    install = [*apt, "install", "--no-install-recommends"]
    subprocess.run([*apt, "update"], env=environment, check=False, **quiet)
    if subprocess.run([*install, *missing], env=environment, check=False, **quiet).returncode:
        # One unknown name must not keep the others away.
        for name in missing:
            subprocess.run([*install, name], env=environment, check=False, **quiet)
    left = not_installed(tuple(missing))
    if left:
        print(f"These could not be installed: {' '.join(left)}. Going on without.", flush=True)


def not_installed(names: tuple[str, ...]) -> list[str]:
    """Those of the Debian packages ``names`` that are not installed for this architecture."""
    asked = subprocess.run(
        ["dpkg", "--print-architecture"], capture_output=True, text=True, check=False
    )
    told = subprocess.run(
        ["dpkg-query", "-W", "-f=${Package} ${Architecture} ${db:Status-Status}\n"]
        + [f"{name}{ending}" for name in names for ending in ENDINGS],
        capture_output=True,
        text=True,
        check=False,
    )
    there = set(told.stdout.splitlines())
    kinds = (asked.stdout.strip(), "all")
    return [
        name
        for name in names
        if not there & {f"{name}{end} {kind} installed" for end in ENDINGS for kind in kinds}
    ]


def say(what: str) -> None:
    """One line per step."""
    print(f"==> {what}", flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("Stopped. Run this again to go on.")
