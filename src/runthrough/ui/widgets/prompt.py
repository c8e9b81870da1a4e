"""What to talk about now: a section's name and its guiding questions, as large as they fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from runthrough.ui import theme

if TYPE_CHECKING:
    from runthrough.talk import Section

# Pixels for the questions, tried from the largest; the title is TITLE_RATIO times as large.
_SMALLEST_PX = 16
_TITLE_RATIO = 1.5
_WRAP = int(Qt.TextFlag.TextWordWrap | Qt.TextFlag.TextWrapAnywhere)


class Prompt(QWidget):
    """Title and questions of one section. ``largest_px`` is how tall the questions may get."""

    def __init__(self, largest_px: int) -> None:
        super().__init__()
        self._largest_px = largest_px
        self._section: Section | None = None
        self._lines: list[tuple[QRect, str, bool]] = []
        self._px = _SMALLEST_PX
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
        for px in range(self._largest_px, _SMALLEST_PX - 1, -2):
            self._lines, bottom = self._lay_out(self._section, px)
            self._px = px
            if bottom <= self.height():
                break
        spare = max(0, self.height() - bottom)
        for rect, _, _ in self._lines:
            rect.translate(0, spare // 3)

    def _lay_out(self, section: Section, px: int) -> tuple[list[tuple[QRect, str, bool]], int]:
        lines = []
        top = 0
        indent = round(px * 0.9)
        for number, text in enumerate((section.title, *section.questions)):
            is_title = number == 0
            left = 0 if is_title else indent
            room = QRect(left, top, max(1, self.width() - left), 100_000)
            rect = QFontMetrics(self._font(px, is_title)).boundingRect(room, _WRAP, text)
            rect.setLeft(left)
            rect.setWidth(room.width())
            lines.append((rect, text, is_title))
            top = rect.bottom() + round(px * (0.9 if is_title else 0.65))
        return lines, lines[-1][0].bottom()

    @staticmethod
    def _font(px: int, is_title: bool) -> QFont:
        font = theme.scaled(1.0, weight=QFont.Weight.Bold if is_title else QFont.Weight.Medium)
        font.setPixelSize(round(px * _TITLE_RATIO) if is_title else px)
        return font

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the title, and each question after a dot in the section's colour."""
        del event
        if self._section is None:
            return
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for rect, text, is_title in self._lines:
            painter.setFont(self._font(self._px, is_title))
            if not is_title:
                dot = self._px * 0.3
                middle = rect.top() + painter.fontMetrics().height() / 2
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(colours.section(self._section.id)))
                painter.drawEllipse(1, round(middle - dot / 2), round(dot), round(dot))
            painter.setPen(QColor(colours.text))
            painter.drawText(rect, _WRAP, text)
