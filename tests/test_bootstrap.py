"""Setting up from a checkout: the real script in a small checkout, with real environments."""

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import venv
from pathlib import Path

import pytest

BOOTSTRAP = Path(__file__).parents[1] / "packaging" / "bootstrap.py"
BIN = "Scripts" if os.name == "nt" else "bin"

PYPROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "runthrough"
version = "0.1.0"
dependencies = []
[project.optional-dependencies]
offline-model = []
[project.scripts]
runthrough = "runthrough.__main__:main"
[tool.hatch.build]
dev-mode-dirs = ["src"] # else another package makes the path file
[tool.hatch.build.targets.wheel]
packages = ["src/runthrough"]
"""
# Hatchling, and not from the network.
BACKEND = f"""\
import sys
sys.path.extend({[path for path in sys.path if path.endswith("-packages")]!r})
from hatchling.build import *

def get_requires_for_build_editable(config_settings=None):
    return []
"""
PROGRAM = """\
import sys, time
from pathlib import Path

def main():
    print("runs in", Path(__file__).parents[2].name, *sys.argv[1:], flush=True)
    if sys.argv[1:] or not Path("take").exists():
        return 0
    try:
        print("recording", flush=True)
        time.sleep(60)
    except KeyboardInterrupt:
        time.sleep(1)  # it takes a while to finish a take
        Path("take").write_text("kept")
        return 130

if __name__ == "__main__":
    sys.exit(main())
"""


@pytest.fixture
def checkout(tmp_path):
    root = tmp_path / "checkout"
    (root / "packaging").mkdir(parents=True)
    shutil.copy(BOOTSTRAP, root / "packaging")
    (root / "src" / "runthrough").mkdir(parents=True)
    (root / "src" / "runthrough" / "__init__.py").touch()
    (root / "src" / "runthrough" / "__main__.py").write_text(PROGRAM)
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / "backend.py").write_text(BACKEND)
    return root


def command(root):
    return [sys.executable, str(root / "packaging" / "bootstrap.py"), "run"]


def surroundings(root):
    """No network, and nothing in the PATH, so no apt-get either."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "PYTHON"))}
    return environment | {"PATH": str(root.parent), "PIP_NO_INDEX": "1"}


def run(root, *under, **more):
    """What ``run`` says in the checkout at ``root``, with ``more`` around it, and its exit code."""
    done = subprocess.run(
        [*under, *command(root)],
        cwd=root.parent,
        env=surroundings(root) | more,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout, done.returncode


def starts(root):
    """What the program says that the last line of a set-up speaks of."""
    script = root / ".venv" / BIN / "runthrough"
    return subprocess.run(
        [script], cwd=root.parent, capture_output=True, text=True, check=True
    ).stdout


def packages(root):
    return next(path for path in root.rglob("site-packages") if path.is_dir())


@pytest.fixture
def module(checkout):
    """The script of the checkout, to be asked for its parts."""
    spec = importlib.util.spec_from_file_location(
        "bootstrap_here", checkout / "packaging" / "bootstrap.py"
    )
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


# --- the environment --------------------------------------------------------------------------


def test_a_second_run_changes_nothing_and_an_update_that_fails_keeps_what_was_there(checkout):
    said, code = run(checkout)
    assert (code, said.count("Installing")) == (0, 1)
    assert "runs in checkout doctor" in said
    said, code = run(checkout)
    assert (code, said.count("Installing")) == (0, 0)

    (packages(checkout) / "torch").mkdir()
    stamp = json.loads((checkout / ".venv" / "set-up.json").read_text())
    newer = PYPROJECT.replace("dependencies = []", 'dependencies = ["nowhere-to-be-found"]', 1)
    (checkout / "pyproject.toml").write_text(newer)
    for _ in range(2):
        said, code = run(checkout)
        assert (code, said.count("Installing")) == (3, 1)
        assert "did not finish" in said
        assert "Making" not in said
        assert (packages(checkout) / "torch").is_dir()
        assert "runs in checkout" in starts(checkout)
        assert json.loads((checkout / ".venv" / "set-up.json").read_text()) == stamp

    (checkout / "pyproject.toml").write_text(PYPROJECT)
    assert run(checkout)[1] == 0


def test_an_environment_made_by_hand_is_used_as_it_is(checkout):
    venv.EnvBuilder(symlinks=os.name != "nt").create(checkout / ".venv")  # without a pip
    (packages(checkout) / "torch").mkdir()
    said, code = run(checkout)
    assert code == 0, said
    assert "Making" not in said
    assert (packages(checkout) / "torch").is_dir()
    assert "runs in checkout" in starts(checkout)


def test_a_pip_that_installs_for_the_user_elsewhere_installs_here(checkout):
    (checkout.parent / "pip.conf").write_text("[install]\nuser = true\n")
    said, code = run(checkout, PIP_CONFIG_FILE=str(checkout.parent / "pip.conf"), PIP_USER="1")
    assert code == 0, said
    assert "runs in checkout doctor" in said


@pytest.mark.skipif(os.name == "nt", reason="stands in for Python with a script")
def test_an_environment_of_an_older_python_is_not_emptied(checkout):
    python = checkout / ".venv" / BIN / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\necho 3 9 None\n")
    python.chmod(0o755)
    said, code = run(checkout)
    assert code == 3
    assert "was made with Python 3.9" in said
    assert python.exists()


def test_an_environment_of_the_other_system_is_not_emptied(checkout):
    python = checkout / ".venv" / ("bin" if os.name == "nt" else "Scripts") / "python.exe"
    python.parent.mkdir(parents=True)
    python.write_bytes(b"MZ")
    said, code = run(checkout)
    assert code == 3
    assert "was made on" in said
    assert "Move it away" in said
    assert python.exists()


@pytest.mark.skipif(os.name == "nt", reason="Python is copied there")
def test_an_environment_whose_python_is_gone_is_made_anew(checkout):
    (checkout / ".venv" / BIN).mkdir(parents=True)
    (checkout / ".venv" / BIN / "python").symlink_to(checkout / "gone")
    said, code = run(checkout)
    assert code == 0, said
    assert "Making" in said


def test_a_checkout_that_is_copied_or_moved_runs_its_own_program(checkout):
    assert run(checkout)[1] == 0
    copy = checkout.with_name("copy")
    shutil.copytree(checkout, copy, symlinks=True)
    said, code = run(copy)
    assert code == 0, said
    assert "runs in copy doctor" in said
    assert "runs in copy" in starts(copy)
    assert "runs in checkout" in starts(checkout)
    shutil.rmtree(checkout)
    copy.rename(checkout.with_name("moved"))
    said, code = run(checkout.with_name("moved"))
    assert code == 0, said
    assert "runs in moved doctor" in said
    assert "runs in moved" in starts(checkout.with_name("moved"))


def test_a_program_that_is_no_longer_found_is_installed_again(checkout):
    assert run(checkout)[1] == 0
    for path in packages(checkout).glob("*runthrough.pth"):
        path.unlink()
    said, code = run(checkout)
    assert code == 0, said
    assert "runs in checkout doctor" in said


@pytest.mark.skipif(os.name == "nt", reason="takes the language of C for one without the letters")
def test_a_folder_may_have_any_name_in_any_language(checkout):
    checkout = checkout.rename(checkout.with_name("Präsentationen 発表"))
    said, code = run(checkout)
    assert code == 0, said
    # What Windows does before Python 3.13: paths are read in the system's encoding.
    plain = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    found = subprocess.run(
        [checkout / ".venv" / BIN / "python", "-c", "import runthrough"],
        cwd=checkout.parent,
        env=surroundings(checkout) | plain,
        capture_output=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr


# --- the end ----------------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="sends what a terminal sends at Ctrl-C")
def test_ctrl_c_leaves_the_program_time_to_keep_its_take(checkout):
    take = checkout.parent / "take"
    take.touch()
    with subprocess.Popen(
        command(checkout),
        cwd=checkout.parent,
        env=surroundings(checkout),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as started:
        for line in started.stdout:
            if line == "recording\n":
                os.killpg(started.pid, signal.SIGINT)
    assert started.returncode == 130
    assert take.read_text() == "kept"


# --- what is told -----------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX sets the limit")
def test_a_place_that_can_not_be_written_is_told_as_that(checkout):
    said, code = run(checkout, "/bin/sh", "-c", 'ulimit -f 0 && exec "$@"', "sh")
    assert code == 3
    assert "where you may write" in said
    assert "python3-venv" not in said
    assert "Traceback" not in said


def test_a_python_without_pip_gets_the_package_of_its_own_version(module, monkeypatch, capfd):
    assert module.packages(testing=False) == module.SYSTEM_RUN
    monkeypatch.setitem(sys.modules, "ensurepip", None)  # as Debian has it
    package = f"python3.{sys.version_info[1]}-venv"
    assert module.packages(testing=True) == (*module.SYSTEM_TEST, package)
    (module.ROOT / "ensurepip.py").write_text("raise SystemExit('there is none')")
    monkeypatch.setenv("PYTHONPATH", str(module.ROOT))
    assert package in module.set_up("offline-model")
    assert "there is none" in capfd.readouterr().err
    # Whatever Python has one is not asked for the package again.
    monkeypatch.delenv("PYTHONPATH")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    assert module.set_up("offline-model") == ""
    assert module.packages(testing=False) == module.SYSTEM_RUN


# --- Debian's packages ------------------------------------------------------------------------


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Let dpkg read a list of packages, architectures and states of the test's own."""
    if shutil.which("dpkg-query") is None:
        pytest.skip("dpkg is not installed")
    native = subprocess.run(
        ["dpkg", "--print-architecture"], capture_output=True, text=True, check=True
    ).stdout.strip()
    (tmp_path / "dpkg" / "info").mkdir(parents=True)
    (tmp_path / "dpkg" / "updates").mkdir()
    (tmp_path / "dpkg" / "info" / "format").write_text("1\n")
    monkeypatch.setenv("DPKG_ADMINDIR", str(tmp_path / "dpkg"))

    def write(*packages):
        (tmp_path / "dpkg" / "status").write_text(
            "\n".join(
                f"Package: {name}\nStatus: {wish} ok {state}\nArchitecture: {kind or native}\n"
                f"Multi-Arch: {'foreign' if kind == 'all' else 'same'}\nVersion: 1\n"
                "Maintainer: N. N. <n@example.org>\nDescription: one\n"
                for name, kind, wish, state in packages
            )
        )

    return write


def test_a_library_counts_that_is_installed_for_this_architecture(module, installed):
    there = ("install", "installed")
    other = "s390x"
    installed(
        ("libgl1", "", *there),
        ("libgl1", other, *there),
        ("libegl1", other, *there),
        ("fonts-inter", "all", *there),
        ("libglib2.0-0t64", "", *there),
        ("libdbus-1-3", "", "deinstall", "config-files"),
    )
    names = ("libgl1", "libegl1", "fonts-inter", "libglib2.0-0", "libdbus-1-3", "libfreetype6")
    assert module.not_installed(names) == ["libegl1", "libdbus-1-3", "libfreetype6"]


def test_what_qt_itself_needs_is_among_the_packages(module):
    assert {"libglib2.0-0", "libfontconfig1", "libfreetype6"} <= set(module.SYSTEM_RUN)
