"""What to talk about now: a section's name and its guiding questions, as large as they fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from runthrough.ui import theme

if TYPE_CHECKING:
    from runthrough.talk import Section

# Pixels for the questions, tried from the largest; the title is _TITLE_RATIO times as large.
_SMALLEST_PX = 16
_TITLE_RATIO = 1.5
# Wide enough for some words a line: larger text is not easier to read if every line breaks.
_WIDTH_PER_PX = 13


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of text as it is painted. ``dot``: a question begins here."""

    x: float
    top: float
    text: str
    font: QFont
    dot: bool


class Prompt(QWidget):
    """Title and questions of one section. ``largest_px`` is how tall the questions may get."""

    def __init__(self, largest_px: int) -> None:
        super().__init__()
        self._largest_px = largest_px
        self._section: Section | None = None
        self._lines: list[_Line] = []
        self._top = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """Any size will do."""
        return QSize(320, 240)

    def minimumSizeHint(self) -> QSize:
        """Enough for a title and a short question."""
        return QSize(200, 120)

    def show_section(self, section: Section) -> None:
        """Show another section."""
        if section is self._section:
            return
        self._section = section
        self.setAccessibleName(". ".join((section.title, *section.questions)))
        self._fit()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Find the largest text that fits."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if self._section is None:
            return
        largest = max(_SMALLEST_PX, min(self._largest_px, self.width() // _WIDTH_PER_PX))
        for px in range(largest, _SMALLEST_PX - 1, -1):
            bottom = self._lay_out(self._section, px)
            if bottom <= self.height():
                break
        # Above the middle, where the eye looks first.
        self._top = max(0.0, self.height() - bottom) / 3

    def _lay_out(self, section: Section, px: int) -> float:
        """Break the text into lines at that size; returns where the last one ends."""
        self._lines = []
        top = 0.0
        for number, text in enumerate((section.title, *section.questions)):
            is_title = number == 0
            font = theme.scaled(1.0, weight=QFont.Weight.Bold if is_title else QFont.Weight.Medium)
            font.setPixelSize(round(px * _TITLE_RATIO) if is_title else px)
            x = 0.0 if is_title else px * 0.95
            if number:
                top += px * (0.8 if number == 1 else 0.55)
            spacing = QFontMetricsF(font).height() * (1.05 if is_title else 1.12)
            for position, line in enumerate(_broken(text, font, self.width() - x)):
                self._lines.append(_Line(x, top, line, font, not is_title and position == 0))
                top += spacing
        return top

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the title, and each question after a dot in the section's colour."""
        del event
        if self._section is None:
            return
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for line in self._lines:
            painter.setFont(line.font)
            metrics = QFontMetricsF(line.font)
            baseline = self._top + line.top + metrics.ascent()
            if line.dot:
                radius = metrics.xHeight() * 0.28
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(colours.section(self._section.id)))
                centre = QPointF(radius, baseline - metrics.xHeight() / 2)
                painter.drawEllipse(centre, radius, radius)
            painter.setPen(QColor(colours.text))
            painter.drawText(QPointF(line.x, baseline), line.text)


def _broken(text: str, font: QFont, width: float) -> list[str]:
    """``text`` in lines of at most ``width`` pixels, inside a word only if it is longer."""
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    lines = []
    layout.beginLayout()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(max(1.0, width))
        lines.append(text[line.textStart() : line.textStart() + line.textLength()].rstrip())
    layout.endLayout()
    return lines
