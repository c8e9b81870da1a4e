"""Package the program so that it runs without a Python: one folder, on Linux also a .deb.

python packaging/build.py [--deb] [--no-smoke]

Needs an environment with the program and the extras offline-model and packaging, and nothing
else; on Linux Debian or Ubuntu with gcc and binutils. The folder is dist/runthrough (on macOS the
application dist/Runthrough.app); packaging/smoke.py tries it at the end.
"""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import icons
import licences
import platforms

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build"
DIST = ROOT / "dist"
FOLDER = DIST / "runthrough"
LINUX = sys.platform.startswith("linux")
# What debuggers want takes 90 MB of these on Linux. Libraries under the LGPL and those with
# others' closed code inside stay as they came.
STRIPPED = (
    "_internal/libpython*",
    "_internal/python3*/lib-dynload/*.so",
    "_internal/av/**/*.so",
    "_internal/ctranslate2/_ext*.so",
    "_internal/tokenizers/*.so",
    "_internal/yaml/*.so",
)
# So many of the biggest parts are shown.
_SHOWN = 12


def main() -> int:
    """Build what the arguments ask for, show its size, try it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--deb", action="store_true", help="make a .deb of the folder, too")
    parser.add_argument("--no-smoke", action="store_true", help="do not try what was made")
    args = parser.parse_args()
    if args.deb and not LINUX:
        parser.error("--deb is for Debian and Ubuntu")
    if importlib.util.find_spec("PyInstaller") is None:
        parser.error("install it first: pip install -e '.[offline-model,packaging]'")
    freeze()
    program = FOLDER / ("runthrough.exe" if sys.platform == "win32" else "runthrough")
    if sys.platform == "darwin":
        program = DIST / "Runthrough.app" / "Contents" / "MacOS" / "runthrough"
    show_sizes(FOLDER)
    if not LINUX:
        print(
            "This folder has x264 and x265 (GPL) inside; read THIRD_PARTY_LICENCES.md before you "
            "pass it on."
        )
    code = 0 if args.no_smoke else smoke(program)
    if args.deb and not code:
        sys.path.insert(0, str(ROOT / "packaging" / "linux"))
        import deb

        package = deb.make(FOLDER, DIST)
        print(f"{package.relative_to(ROOT)}: {package.stat().st_size / 1e6:.0f} MB")
        if not args.no_smoke:
            with tempfile.TemporaryDirectory(prefix="deb-") as place:
                subprocess.run(["dpkg-deb", "-x", str(package), place], check=True)
                code = smoke(Path(place, "usr", "bin", "runthrough"))
    return code


def freeze() -> None:
    """Make the folder."""
    say("Drawing icons")
    icons.write(BUILD / "icons")
    (BUILD / "version.txt").write_text(platforms.version_resource(), encoding="utf-8")
    licences.write_texts(BUILD / "licences")
    say("Gathering the program and what it needs")
    shutil.rmtree(FOLDER, ignore_errors=True)
    subprocess.run(
        [
            *(sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"),
            *("--distpath", str(DIST), "--workpath", str(BUILD / "pyinstaller")),
            str(ROOT / "packaging" / "runthrough.spec"),
        ],
        check=True,
    )
    if LINUX:
        for pattern in STRIPPED:
            for path in FOLDER.glob(pattern):
                if not path.is_symlink():
                    subprocess.run(["strip", "--strip-unneeded", str(path)], check=True)
        sources = (BUILD / "system.txt").read_text(encoding="utf-8").splitlines()
        licences.write_system_texts(map(Path, sources), BUILD / "licences" / "system")
    if sys.platform != "darwin":  # there they lie in the application, which is sealed by now
        shutil.copytree(BUILD / "licences", FOLDER / "licences")


def show_sizes(folder: Path) -> None:
    """Print how big the folder is, and its biggest parts."""
    parts: Counter[str] = Counter()
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            inner = path.relative_to(folder).parts
            parts["/".join(inner[:2] if inner[0] == "_internal" else inner[:1])] += (
                path.stat().st_size
            )
    print(f"{folder.relative_to(ROOT)}: {sum(parts.values()) / 1e6:.0f} MB, the biggest parts:")
    for name, size in parts.most_common(_SHOWN):
        print(f"  {size / 1e6:6.1f} MB  {name}")


def smoke(program: Path) -> int:
    """Try the program and return the exit code of that."""
    say(f"Trying {program}")
    command = [sys.executable, str(ROOT / "packaging" / "smoke.py"), str(program)]
    return subprocess.run(command, check=False).returncode


def say(what: str) -> None:
    """One line per step."""
    print(f"==> {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
