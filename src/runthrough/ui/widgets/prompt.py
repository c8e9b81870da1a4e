"""What to talk about now: a section and its guiding questions, or what an interviewer asks.

As large as it fits.
"""

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

# Pixels for the questions, tried from the largest; other text is so many times as large.
_SMALLEST_PX = 16
_TITLE_RATIO = 1.5
_BESIDE_RATIO = 0.6
# Wide enough for some words a line: larger text is not easier to read if every line breaks.
_WIDTH_PER_PX = 13


@dataclass(frozen=True, slots=True)
class _Part:
    """One paragraph. ``above`` is the gap before it; sizes are in those of a question."""

    text: str
    ratio: float = 1.0
    weight: QFont.Weight = QFont.Weight.Medium
    above: float = 0.0
    dot: bool = False
    soft: bool = False


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of text as it is painted. ``dot``: a question begins here."""

    x: float
    top: float
    text: str
    font: QFont
    dot: bool
    soft: bool


class Prompt(QWidget):
    """Title and questions of one section, or one question that was asked.

    ``largest_px`` is how tall the questions may get.
    """

    def __init__(self, largest_px: int) -> None:
        super().__init__()
        self._largest_px = largest_px
        self._section_id = ""
        self._parts: tuple[_Part, ...] = ()
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
        self._section_id = section.id
        self._show(
            _Part(section.title, _TITLE_RATIO, QFont.Weight.Bold),
            *(
                _Part(question, above=0.55 if number else 0.8, dot=True)
                for number, question in enumerate(section.questions)
            ),
        )

    def show_asked(self, question: str, why: str) -> None:
        """Show what the interviewer asks, and ``why``, if that is told."""
        beside = [_Part(why, _BESIDE_RATIO, above=0.8, soft=True)] if why else []
        self._show(
            _Part("The interviewer asks", _BESIDE_RATIO, soft=True),
            _Part(question, weight=QFont.Weight.DemiBold, above=0.3),
            *beside,
            _Part("Space: back to the talk", _BESIDE_RATIO, above=0.8, soft=True),
        )

    def _show(self, *parts: _Part) -> None:
        if parts == self._parts:
            return
        self._parts = parts
        self.setAccessibleName(". ".join(part.text for part in parts))
        self._fit()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Find the largest text that fits."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        largest = max(_SMALLEST_PX, min(self._largest_px, self.width() // _WIDTH_PER_PX))
        for px in range(largest, _SMALLEST_PX - 1, -1):
            bottom = self._lay_out(px)
            if bottom <= self.height():
                break
        # Above the middle, where the eye looks first.
        self._top = max(0.0, self.height() - bottom) / 3

    def _lay_out(self, px: int) -> float:
        """Break the text into lines at that size; returns where the last one ends."""
        self._lines = []
        top = 0.0
        for part in self._parts:
            font = theme.scaled(1.0, weight=part.weight)
            font.setPixelSize(max(_SMALLEST_PX, round(px * part.ratio)))
            x = px * 0.95 if part.dot else 0.0
            top += px * part.above
            spacing = QFontMetricsF(font).height() * (1.05 if part.ratio > 1 else 1.12)
            for position, line in enumerate(_broken(part.text, font, self.width() - x)):
                dot = part.dot and position == 0
                self._lines.append(_Line(x, top, line, font, dot, part.soft))
                top += spacing
        return top

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it, each of a section's questions after a dot in the section's colour."""
        del event
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
                painter.setBrush(QColor(colours.section(self._section_id)))
                centre = QPointF(radius, baseline - metrics.xHeight() / 2)
                painter.drawEllipse(centre, radius, radius)
            painter.setPen(QColor(colours.text_soft if line.soft else colours.text))
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
