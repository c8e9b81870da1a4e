"""A package for Debian and Ubuntu of the folder that build.py makes."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent))
import platforms  # noqa: E402 - its folder is known just above

APP_ID = platforms.plist()["CFBundleIdentifier"]
# Opened by its name, so that no file says that it is wanted.
ALWAYS = ("libportaudio.so.2",)


def make(folder: Path, target: Path) -> Path:
    """Make the package of ``folder`` in the folder ``target`` and return its path.

    Raises ``SystemExit`` if a library that is wanted is not on this computer.
    """
    tree = ROOT / "build" / "deb"
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(folder, tree / "usr/lib/runthrough", symlinks=True)
    for source, place in (
        (HERE / "runthrough.desktop", "usr/share/applications/runthrough.desktop"),
        (HERE / f"{APP_ID}.metainfo.xml", f"usr/share/metainfo/{APP_ID}.metainfo.xml"),
        (ROOT / "LICENSE", "usr/share/doc/runthrough/copyright"),
    ):
        (tree / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, tree / place)
    with (tree / "usr/share/doc/runthrough/copyright").open("a", encoding="utf-8") as file:
        file.write("\nThe licences of what it is shipped with: /usr/lib/runthrough/licences\n")
    shutil.copytree(ROOT / "build/icons/hicolor", tree / "usr/share/icons/hicolor")
    (tree / "usr/bin").mkdir()
    (tree / "usr/bin/runthrough").symlink_to("../lib/runthrough/runthrough")
    size = sum(path.lstat().st_size for path in tree.rglob("*") if not path.is_dir())
    about = platforms.project()
    architecture = run("dpkg", "--print-architecture").strip()
    (tree / "DEBIAN").mkdir()
    (tree / "DEBIAN/control").write_text(
        dedent(f"""\
        Package: runthrough
        Version: {platforms.version()}
        Architecture: {architecture}
        Maintainer: {about["authors"][0]["name"]}
        Installed-Size: {size // 1024}
        Depends: {", ".join(depends(folder))}
        Recommends: fonts-inter | fonts-noto-core
        Suggests: speech-dispatcher | espeak-ng
        Section: sound
        Priority: optional
        Description: rehearse a research talk and be told the truth about it
         It records you, transcribes on your own computer, and shows what a careful listener
         would have heard. Everything stays on your computer.
        """),
        encoding="utf-8",
    )
    target.mkdir(exist_ok=True)
    package = target / f"runthrough_{platforms.version()}_{architecture}.deb"
    run("dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(tree), str(package))
    return package


def depends(folder: Path) -> list[str]:
    """The packages with the libraries that are wanted by the files in ``folder`` and not there."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    binaries = [path for path in files if path.open("rb").read(4) == b"\x7fELF"]
    there = {path.name for path in binaries}
    told = run("readelf", "-d", "-V", "-W", *map(str, binaries))
    wanted = {*re.findall(r"NEEDED.*\[(.+)\]", told), *ALWAYS} - there
    listed = run("/sbin/ldconfig", "-p")
    known = dict(re.findall(r"^\s*(\S+) \(.*\) => (\S+)$", listed, re.MULTILINE))
    newest = max(tuple(map(int, one.split("."))) for one in re.findall(r"GLIBC_(2[\d.]+)", told))
    packages = set()
    for name in wanted:
        if name not in known:
            raise SystemExit(f"{name} is wanted and not on this computer. Install it first.")
        path = Path(known[name])
        owner = platforms.owner(path)
        if owner is None:
            raise SystemExit(f"No package owns {path}.")
        packages.add(owner)
    libc = f"libc6 (>= {'.'.join(map(str, newest))})"
    return sorted((packages - {"libc6"}) | {libc})


def run(*command: str) -> str:
    """What ``command`` prints. Raises ``CalledProcessError``."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
