"""The program's icon in the forms that systems want, drawn from its one SVG by Qt.

Windows takes an .ico and macOS an .icns; both are containers of PNG pictures.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SVG = ROOT / "resources" / "icons" / "runthrough.svg"
# The sizes of the hicolor icon theme, in pixels.
LINUX_SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
WINDOWS_SIZES = (16, 24, 32, 48, 64, 128, 256)
# Apple's names for PNG pictures by their size in pixels; the second of a size is for retina
# screens, where half of it is meant.
MAC_TYPES = (
    (b"icp4", 16),
    (b"ic11", 32),
    (b"icp5", 32),
    (b"ic12", 64),
    (b"ic07", 128),
    (b"ic13", 256),
    (b"ic08", 256),
    (b"ic14", 512),
    (b"ic09", 512),
    (b"ic10", 1024),
)


def png(size: int) -> bytes:
    """The icon as a PNG of ``size`` by ``size`` pixels on a transparent ground."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QBuffer, QIODevice, Qt
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    picture = QImage(size, size, QImage.Format.Format_ARGB32)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    QSvgRenderer(str(SVG)).render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")  # type: ignore[call-overload] # declared as bytes, read as text
    return bytes(buffer.data().data())


def ico(pictures: dict[int, bytes]) -> bytes:
    """A Windows icon of PNG ``pictures`` by their size in pixels, at most 256."""
    header = struct.pack("<HHH", 0, 1, len(pictures))
    start = len(header) + 16 * len(pictures)
    entries, body = b"", b""
    for size, data in pictures.items():
        side = size % 256  # 256 is written as nothing
        entries += struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(data), start + len(body))
        body += data
    return header + entries + body


def icns(pictures: dict[int, bytes]) -> bytes:
    """A macOS icon of PNG ``pictures`` by their size in pixels; every size of ``MAC_TYPES``."""
    body = b"".join(
        kind + struct.pack(">I", 8 + len(pictures[size])) + pictures[size]
        for kind, size in MAC_TYPES
    )
    return b"icns" + struct.pack(">I", 8 + len(body)) + body


def write(folder: Path) -> None:
    """Write ``runthrough.ico``, ``runthrough.icns`` and a theme ``hicolor`` into ``folder``."""
    sizes = {*LINUX_SIZES, *WINDOWS_SIZES, *(size for _, size in MAC_TYPES)}
    drawn = {size: png(size) for size in sorted(sizes)}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "runthrough.ico").write_bytes(ico({size: drawn[size] for size in WINDOWS_SIZES}))
    (folder / "runthrough.icns").write_bytes(icns(drawn))
    for size in LINUX_SIZES:
        place = folder / "hicolor" / f"{size}x{size}" / "apps"
        place.mkdir(parents=True, exist_ok=True)
        (place / "runthrough.png").write_bytes(drawn[size])
    place = folder / "hicolor" / "scalable" / "apps"
    place.mkdir(parents=True, exist_ok=True)
    (place / "runthrough.svg").write_bytes(SVG.read_bytes())
