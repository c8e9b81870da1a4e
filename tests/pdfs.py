"""PDFs for tests, drawn by Qt or put together by hand."""

from __future__ import annotations

from PySide6.QtCore import QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QPageSize, QPainter, QPdfWriter

WIDE = (160.0, 90.0)  # millimetres, as LaTeX beamer's 16:9


def write_pdf(path, pages, size=WIDE):
    """A PDF whose page n is painted by ``pages[n](painter, width, height)``."""
    writer = QPdfWriter(str(path))
    writer.setPageSize(QPageSize(QSizeF(*size), QPageSize.Unit.Millimeter))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    writer.setResolution(300)
    painter = QPainter(writer)
    for number, paint in enumerate(pages):
        if number:
            writer.newPage()
        paint(painter, writer.width(), writer.height())
    painter.end()
    return path


def slide(title, *lines, colour="#ffffff"):
    """A page with a title and lines below it."""

    def paint(painter, width, height):
        painter.fillRect(QRectF(0, 0, width, height), QColor(colour))
        painter.setPen(QColor("#1d2127"))
        painter.setFont(_font(height * 0.08))
        painter.drawText(
            QRectF(width * 0.06, height * 0.06, width * 0.88, height * 0.22),
            int(Qt.TextFlag.TextWordWrap),
            title,
        )
        painter.setFont(_font(height * 0.055))
        for number, line in enumerate(lines):
            painter.drawText(
                QRectF(width * 0.08, height * (0.34 + 0.12 * number), width * 0.84, height * 0.1),
                0,
                line,
            )

    return paint


def note_page(of, *lines):
    """A page as LaTeX beamer's default template "note page" makes it."""

    def paint(painter, width, height):
        painter.fillRect(QRectF(0, 0, width, height / 4), QColor("#dddddd"))
        painter.setPen(QColor("#1d2127"))
        painter.setFont(_font(height * 0.04))
        painter.drawText(QRectF(width * 0.03, height * 0.05, width * 0.6, height * 0.1), 0, "Talk")
        painter.save()
        painter.translate(width * 0.75, 0)
        painter.scale(0.25, 0.25)
        of(painter, width, height)
        painter.restore()
        painter.setPen(QColor("#1d2127"))
        painter.setFont(_font(height * 0.05))
        for number, line in enumerate(lines):
            painter.drawText(
                QRectF(width * 0.05, height * (0.3 + 0.1 * number), width * 0.9, height * 0.1),
                0,
                line,
            )

    return paint


def beside(left, right):
    """Two pages as one of double width."""

    def paint(painter, width, height):
        for number, part in enumerate((left, right)):
            painter.save()
            painter.translate(number * width / 2, 0)
            part(painter, width / 2, height)
            painter.restore()

    return paint


def write_annotated(path, notes):
    """A PDF with a text annotation on each page, as LaTeX's package pdfpc makes them."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    kids = []
    for number, note in enumerate(notes):
        page = 3 + 2 * number
        kids.append(f"{page} 0 R")
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 454 255] /Annots [{page + 1} 0 R] >>",
            f"<< /Type /Annot /Subtype /Text /F 2 /Rect [0 0 1 1] /Contents ({note}) >>",
        ]
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(kids)}] >>"
    data, starts = b"%PDF-1.5\n", []
    for number, text in enumerate(objects, 1):
        starts.append(len(data))
        data += f"{number} 0 obj {text} endobj\n".encode("latin-1")
    table = "".join(f"{start:010d} 00000 n \n" for start in starts)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    end += f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(data)}\n%%EOF"
    path.write_bytes(data + end.encode())
    return path


def _font(px):
    font = QFont("Inter")
    font.setPixelSize(max(1, round(px)))
    return font
