"""The wheel, built and installed beside nothing but what it needs, and started."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Closes the window once it is on the screen.
OPEN = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
import runthrough
from runthrough.__main__ import main

def seen():
    (window,) = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
    print(window.windowTitle(), runthrough.__file__)
    window.keep_and_close()

def turn(turning=QApplication.exec):
    QTimer.singleShot(500, seen)
    return turning()

QApplication.exec = staticmethod(turn)
sys.argv = ["runthrough"]
sys.exit(main())
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Run Python in an environment with the wheel and, for what it needs, this one's packages."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT],
        check=True,
    )
    (wheel,) = folder.glob("runthrough-*.whl")
    place = folder / "environment"
    venv.EnvBuilder().create(place)
    names = {"base": str(place), "platbase": str(place)}
    packages = Path(sysconfig.get_path("purelib", "venv", vars=names))
    # Only the folder: how this checkout is installed in it does not reach there.
    (packages / "needed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    subprocess.run([*pip, "install", "--no-deps", "--target", packages, wheel], check=True)
    python = Path(sysconfig.get_path("scripts", "venv", vars=names)) / Path(sys.executable).name

    def run(*arguments):
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        settings = folder / "settings.json"
        library = folder / "library"
        library.mkdir(exist_ok=True)
        settings.write_text(json.dumps({"version": 2, "welcomed": True, "library": str(library)}))
        done = subprocess.run(
            [python, "-I", *arguments],
            cwd=folder,
            env={**environment, "RUNTHROUGH_SETTINGS": str(settings)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout, packages

    return run


def test_its_commands_work(installed):
    version, _ = installed("-m", "runthrough", "--version")
    assert f'version = "{version.split()[1]}"' in (ROOT / "pyproject.toml").read_text("utf-8")
    formats, _ = installed("-m", "runthrough", "formats", "--json")
    assert json.loads(formats)["formats"]
    questions, _ = installed("-m", "runthrough", "questions", "--json")
    assert len(json.loads(questions)["questions"]) >= 80


def test_it_judges_with_what_it_carries(installed, tmp_path):
    talk = tmp_path / "talk.txt"
    talk.write_text("Water is lost underground. It fails on plastic pipes, which carry no sound.")
    report, _ = installed("-m", "runthrough", "analyze", str(talk), "--json")
    assert json.loads(report)["findings"]


def test_its_window_opens(installed):
    told, packages = installed("-c", OPEN)
    title, _, place = told.strip().partition(" ")
    assert title == "Runthrough"
    assert Path(place).is_relative_to(packages)
