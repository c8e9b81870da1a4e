"""What each system wants to be told of a program: its name, version, icon and what it may use."""

from __future__ import annotations

import plistlib
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
HERE = ROOT / "packaging"
ENTITLEMENTS = HERE / "macos" / "entitlements.plist"
# The file in build/icons that the executable gets; Linux has none inside executables.
ICON = {"win32": "runthrough.ico", "darwin": "runthrough.icns"}.get(sys.platform, "")


def project() -> dict[str, Any]:
    """The table ``project`` of pyproject.toml."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        table: dict[str, Any] = tomllib.load(file)["project"]
    return table


def version() -> str:
    """The project's version."""
    return str(project()["version"])


def plist() -> dict[str, Any]:
    """What macOS is told, with the project's version."""
    with (HERE / "macos" / "Info.plist").open("rb") as file:
        keys: dict[str, Any] = plistlib.load(file)
    return keys | {"CFBundleShortVersionString": version(), "CFBundleVersion": version()}


def version_resource() -> str:
    """What Windows shows as a program's properties, in the form that PyInstaller reads."""
    about = project()
    numbers = [int(part) for part in re.findall(r"\d+", version())[:4]]
    four = tuple(numbers + [0] * (4 - len(numbers)))
    texts = {
        "CompanyName": about["authors"][0]["name"],
        "FileDescription": "Runthrough",
        "FileVersion": version(),
        "InternalName": "runthrough",
        "LegalCopyright": f"© {about['authors'][0]['name']}. {about['license']} licence.",
        "OriginalFilename": "runthrough.exe",
        "ProductName": "Runthrough",
        "ProductVersion": version(),
    }
    strings = ", ".join(f"StringStruct({name!r}, {text!r})" for name, text in texts.items())
    # 0409 is English, 04B0 (1200) is Unicode; 4 is Windows NT, 1 a program.
    return (
        "VSVersionInfo(\n"
        f"  ffi=FixedFileInfo(filevers={four}, prodvers={four}, mask=0x3F, flags=0, OS=0x4,\n"
        "    fileType=0x1, subtype=0, date=(0, 0)),\n"
        f"  kids=[StringFileInfo([StringTable('040904B0', [{strings}])]),\n"
        "    VarFileInfo([VarStruct('Translation', [0x409, 1200])])])\n"
    )


def runtime_hooks() -> list[Path]:
    """What the frozen program runs before its own code."""
    return [HERE / "linux" / "before_start.py"] if sys.platform.startswith("linux") else []


def owner(path: Path) -> str | None:
    """The package of Debian or Ubuntu that the file at ``path`` belongs to, if any.

    Raises ``SystemExit`` on other systems.
    """
    if shutil.which("dpkg-query") is None:
        raise SystemExit("Packages for Linux are made on Debian or Ubuntu; there is no dpkg here.")
    # Where /lib is a link to /usr/lib, packages name their files either way.
    plain = Path("/", *path.parts[2:]) if path.parts[1] == "usr" else path
    for name in (path, plain, Path("/usr", *plain.parts[1:]), path.resolve()):
        found = subprocess.run(
            ["dpkg-query", "-S", str(name)], capture_output=True, text=True, check=False
        )
        if not found.returncode:
            return found.stdout.partition(":")[0]
    return None
