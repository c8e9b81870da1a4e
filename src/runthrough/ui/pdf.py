"""The review on paper: laid out for print, text as text and drawings as drawings.

The page is built of pieces that stay whole (a finding with its quotes, a paragraph with its
heading), each laid out by Qt's rich text and put where there is room.
"""

from __future__ import annotations

import html
import os
import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QMarginsF, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QGuiApplication,
    QPageLayout,
    QPageSize,
    QPainter,
    QPainterPath,
    QPdfWriter,
    QPen,
    QTextDocument,
)

from runthrough.export import SIGNS, answered, bands, paragraphs, quotes, standing, status_of
from runthrough.talk import Severity, minutes, spent_of_planned
from runthrough.ui import theme

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from runthrough.talk import Finding, Report, SentenceVerdict

# Drawn at 96 units an inch, whatever the printer; the writer is finer, so letters sit exactly.
_UNITS_PER_INCH, _DOTS_PER_INCH = 96, 1200
_MARGIN_MM = QMarginsF(20, 18, 20, 20)
_FOOT = 22.0
_WAVE_HEIGHT, _BAND_HEIGHT = 64.0, 16.0
_NAMES_WIDTH = 58.0
# A paragraph of more characters goes on in a new one, so that pages can end in between.
_PARAGRAPH = 700
_PAPER = theme.LIGHT
_STYLE = f"""
p {{ margin: 0; line-height: 130%; }}
.soft {{ color: {_PAPER.text_soft}; }}
h1 {{ font-size: 25px; font-weight: 600; margin: 0; }}
h2 {{ font-size: 17px; font-weight: 600; margin: 0; }}
h3 {{ font-size: 13px; font-weight: 600; margin: 0 0 2px 0; }}
td, th {{ padding: 3px 10px 3px 0; }}
th {{ font-weight: normal; color: {_PAPER.text_soft}; text-align: left; }}
"""
_SEVERITY_COLOURS = {
    Severity.HIGH: _PAPER.bad,
    Severity.MEDIUM: _PAPER.warn,
    Severity.LOW: _PAPER.control,
    Severity.GOOD: _PAPER.good,
}


def draw_without_window(
    report: Report, outline: Sequence[tuple[float, float]], about: str, target: Path
) -> None:
    """As ``draw``, for a program that opens no window and may have no display."""
    if QGuiApplication.instance() is None:
        if sys.platform.startswith("linux"):
            os.environ["QT_QPA_PLATFORM"] = "offscreen"
        app = QGuiApplication(sys.argv[:1])
        draw(report, outline, about, target)
        del app
    else:
        draw(report, outline, about, target)


def draw(report: Report, outline: Sequence[tuple[float, float]], about: str, target: Path) -> None:
    """Write ``report`` to ``target`` as a PDF; on A4, or on Letter where that is used.

    ``outline`` is the waveform as for HTML, ``about`` says which take it is. Raises ``OSError`` if
    ``target`` can't be written. May be called on any thread.
    """
    # Qt only warns of a file that it can't open.
    with target.open("wb"):
        pass
    writer = QPdfWriter(str(target))
    title = report.talk_title or "Transcript"
    writer.setTitle(f"{title}, {about}")
    writer.setCreator("Runthrough")
    writer.setResolution(_DOTS_PER_INCH)
    letter = QLocale.system().measurementSystem() is QLocale.MeasurementSystem.ImperialUSSystem
    size = QPageSize.PageSizeId.Letter if letter else QPageSize.PageSizeId.A4
    writer.setPageLayout(
        QPageLayout(
            QPageSize(size), QPageLayout.Orientation.Portrait, _MARGIN_MM,
            QPageLayout.Unit.Millimeter,
        )
    )  # fmt: skip
    painter = QPainter(writer)
    if not painter.isActive():
        raise OSError(f"{target} can't be drawn to")
    sheet = _Sheet(writer, painter, " · ".join(part for part in (about, title) if part))
    _front(sheet, report, outline, title, about)
    _findings(sheet, report)
    _transcript(sheet, report)
    sheet.end()


class _Sheet:
    """Where the next piece goes. All lengths are in units of 1/96 inch."""

    def __init__(self, writer: QPdfWriter, painter: QPainter, foot: str) -> None:
        self._writer, self.painter, self._foot = writer, painter, foot
        scale = _DOTS_PER_INCH / _UNITS_PER_INCH
        painter.scale(scale, scale)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.width = writer.width() / scale
        self._height = writer.height() / scale - _FOOT
        self.y = 0.0
        self._page = 1

    def space(self, height: float) -> None:
        """Leave room before the next piece, but not at the head of a page."""
        if self.y > 0:
            self.y += height

    def reserve(self, height: float) -> None:
        """Go to the next page if there is no room for so much."""
        if self.y > 0 and self.y + height > self._height:
            self._draw_foot()
            self._writer.newPage()
            self._page += 1
            self.y = 0.0

    def text(self, markup: str, *, left: float = 0.0, bar: str = "", with_next: float = 0) -> None:
        """A piece of rich text, kept whole; ``with_next`` is room for what must not be parted."""
        document = QTextDocument()
        document.setUndoRedoEnabled(False)
        document.setDocumentMargin(0)
        document.setDefaultFont(_font(13))
        document.setUseDesignMetrics(True)
        document.setDefaultStyleSheet(_STYLE)
        document.setHtml(f'<body style="color: {_PAPER.text}">{markup}</body>')
        document.setTextWidth(self.width - left)
        height = document.size().height()
        self.reserve(height + with_next)
        self.painter.save()
        self.painter.translate(left, self.y)
        document.drawContents(self.painter)
        self.painter.restore()
        if bar:
            self.painter.fillRect(QRectF(0, self.y + 1, 3, height - 2), QColor(bar))
        self.y += height

    def end(self) -> None:
        """Finish the last page and the file."""
        self._draw_foot()
        self.painter.end()

    def _draw_foot(self) -> None:
        painter = self.painter
        painter.setFont(_font(10))
        painter.setPen(QColor(_PAPER.text_soft))
        box = QRectF(0, self._height + _FOOT - 14, self.width, 14)
        painter.drawText(box, Qt.AlignmentFlag.AlignRight, str(self._page))
        shown = painter.fontMetrics().elidedText(
            self._foot, Qt.TextElideMode.ElideRight, int(self.width - 50)
        )
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft, shown)


def _font(pixels: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    font = QFont()
    font.setFamilies([*theme.FAMILIES, font.family()])
    font.setPixelSize(pixels)
    font.setWeight(weight)
    # No tabular figures, and no colon shaped by the figures around it: such glyphs can't be copied
    # from a PDF, nor searched for.
    font.setFeature(QFont.Tag("calt"), 0)
    return font


# --- the pieces ------------------------------------------------------------------------------


def _front(
    sheet: _Sheet, report: Report, outline: Sequence[tuple[float, float]], title: str, about: str
) -> None:
    sheet.text(f"<h1>{html.escape(title)}</h1>")
    sheet.space(4)
    facts = [about, spent_of_planned(report)]
    pace, fillers = report.delivery.words_per_minute, report.delivery.fillers_per_minute
    if pace is not None:
        facts.append(f"{pace:.0f} words a minute")
    if fillers is not None and report.judged:
        facts.append(f"at least {fillers:.1f} fillers a minute")
    sheet.text(f'<p class="soft">{html.escape(" · ".join(f for f in facts if f))}</p>')
    if report.timed and report.duration_s:
        sheet.space(14)
        _timeline(sheet, report, report.duration_s, outline)
    sheet.space(16)
    rows = "".join(
        f'<tr><td width="18" style="color: {_ink(s.id)}">■</td><td>{number}. '
        f"{html.escape(s.title)}</td><td>{status_of(s, report)}</td>"
        f"<td>{report.time_of(s) if report.timed else '–'}</td>"
        f"<td>{minutes(s.planned_s)}</td></tr>"
        for number, s in enumerate(report.sections, 1)
    )
    sheet.text(
        '<table width="100%" cellspacing="0"><tr><th width="18"></th><th>section</th><th>told</th>'
        f"<th>time</th><th>planned</th></tr>{rows}</table>"
    )


def _findings(sheet: _Sheet, report: Report) -> None:
    sheet.space(20)
    first = True
    for finding in standing(report):
        if first:
            sheet.text("<h2>Findings</h2>", with_next=70)
            first = False
        sheet.space(10)
        sheet.text(_finding(finding), left=12, bar=_SEVERITY_COLOURS[finding.severity])
    first = True
    for finding, said in answered(report):
        if first:
            sheet.space(20)
            sheet.text("<h2>Answered</h2>", with_next=50)
            first = False
        sheet.space(10)
        text = f"<h3>{html.escape(finding.title)}</h3><p>{said}</p>"
        sheet.text(text, left=12, bar=_PAPER.control)


def _finding(finding: Finding) -> str:
    at = "" if finding.start_s is None else f" · {minutes(finding.start_s)}"
    quoted = "".join(
        f'<p class="soft" style="margin-top: 3px">“{html.escape(quote)}”</p>'
        for quote in quotes(finding)
    )
    return (
        f"<h3>{SIGNS[finding.severity]} {html.escape(finding.title)}"
        f'<span style="font-weight: normal" class="soft">{at}</span></h3>'
        f"<p>{html.escape(finding.detail)}</p>{quoted}"
    )


def _transcript(sheet: _Sheet, report: Report) -> None:
    if not report.sentences:
        return
    sheet.space(22)
    sheet.text("<h2>Transcript</h2>", with_next=60)
    for name, sentences in paragraphs(report):
        sheet.space(10)
        head = f"<h3>{html.escape(name)}</h3>"
        for part in _parts(sentences):
            at = part[0].start_s
            time = "" if at is None else f'<span class="soft">{minutes(at)} </span>'
            words = html.escape(" ".join(s.text for s in part))
            sheet.text(f"{head}<p>{time}{words}</p>")
            sheet.space(3)
            head = ""


def _parts(sentences: Sequence[SentenceVerdict]) -> Iterator[list[SentenceVerdict]]:
    part: list[SentenceVerdict] = []
    for sentence in sentences:
        if part and sum(len(s.text) for s in part) + len(sentence.text) > _PARAGRAPH:
            yield part
            part = []
        part.append(sentence)
    if part:
        yield part


def _timeline(
    sheet: _Sheet, report: Report, duration_s: float, outline: Sequence[tuple[float, float]]
) -> None:
    """Planned sections, the sound with its findings, heard sections, and the minutes."""
    painter = sheet.painter
    wave_top = _BAND_HEIGHT + 14
    height = wave_top + _WAVE_HEIGHT + 4 + _BAND_HEIGHT + 14
    sheet.reserve(height)
    top, left = sheet.y, _NAMES_WIDTH
    wide = sheet.width - left
    numbers = {s.id: str(number) for number, s in enumerate(report.sections, 1)}
    planned, heard = bands(report, duration_s)
    heard_top = top + wave_top + _WAVE_HEIGHT + 4
    for name, y, of in (("planned", top, planned), ("heard", heard_top, heard)):
        _name(painter, name, y, _BAND_HEIGHT)
        painter.fillRect(QRectF(left, y, wide, _BAND_HEIGHT), QColor(_PAPER.track))
        for section, _, start, end in of:
            box = QRectF(left + start * wide, y, max(0.8, (end - start) * wide), _BAND_HEIGHT)
            painter.fillRect(box, QColor(_ink(section)))
            painter.setPen(QPen(QColor("#ffffff"), 0.8))
            painter.drawLine(box.topRight(), box.bottomRight())
            if box.width() > 10:
                painter.setFont(_font(10, QFont.Weight.DemiBold))
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, numbers[section])
    _name(painter, "▼ finding", top + wave_top - 12, 10)
    wave = QRectF(left, top + wave_top, wide, _WAVE_HEIGHT)
    _wave(painter, wave, outline)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(QColor(_PAPER.bad)))
    for finding in standing(report):
        if finding.start_s is not None and finding.severity is not Severity.GOOD:
            x = left + finding.start_s / duration_s * wide
            tip = QPointF(x, wave.top() - 1)
            painter.drawPolygon([tip, tip + QPointF(-4, -7), tip + QPointF(4, -7)])
    painter.setFont(_font(10))
    painter.setPen(QColor(_PAPER.text_soft))
    every_s = next(s for s in (30, 60, 120, 300, 600, 1800, 7200, 14_400) if duration_s / s <= 10)
    for number in range(int(duration_s // every_s) + 1):
        x = left + number * every_s / duration_s * wide
        if x < sheet.width - 14:
            place = QRectF(x - 20 if number else x, heard_top + _BAND_HEIGHT + 2, 40, 12)
            side = Qt.AlignmentFlag.AlignHCenter if number else Qt.AlignmentFlag.AlignLeft
            painter.drawText(place, side, minutes(number * every_s))
    sheet.y += height


def _ink(section: str) -> str:
    """The colour of a section, dark enough for white figures."""
    return QColor(_PAPER.section(section)).darker(135).name()


def _name(painter: QPainter, name: str, y: float, height: float) -> None:
    painter.setFont(_font(10))
    painter.setPen(QColor(_PAPER.text_soft))
    painter.drawText(QRectF(0, y, _NAMES_WIDTH, height), Qt.AlignmentFlag.AlignVCenter, name)


def _wave(painter: QPainter, box: QRectF, outline: Sequence[tuple[float, float]]) -> None:
    if not outline:
        return
    loudest = max(0.05, *(max(-low, high) for low, high in outline))
    step, half = box.width() / len(outline), box.height() / 2
    path = QPainterPath()
    for index, (low, high) in enumerate(outline):
        x = box.left() + index * step
        path.moveTo(x, box.center().y() - high / loudest * half - 0.3)
        path.lineTo(x, box.center().y() - low / loudest * half + 0.3)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(_PAPER.wave), step * 0.7))
    painter.drawPath(path)
