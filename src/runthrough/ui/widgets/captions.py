"""Live captions: settled words in the text's colour, the tail that may still change softer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QSize
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from runthrough.ui import theme
from runthrough.ui.widgets.basics import Card, label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runthrough.captions import Captions, Shown

_LINES = 2
_SCALE = 1.3


@dataclass(frozen=True, slots=True)
class _Placed:
    text: str
    line: int
    x: float


class CaptionLines(QWidget):
    """The last lines of what is said.

    A settled word keeps its place in its line; when a line is full the lines move up by one.
    """

    def __init__(self) -> None:
        super().__init__()
        self._settled: list[_Placed] = []
        self._tail: list[_Placed] = []
        self._known: list[Shown] = []
        self._captions: Captions | None = None
        self.setFont(theme.scaled(_SCALE))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Live captions")

    def sizeHint(self) -> QSize:
        """Two lines of text."""
        return QSize(320, round(_LINES * self._line()) + 4)

    def minimumSizeHint(self) -> QSize:
        """As high as it wants to be."""
        return QSize(160, self.sizeHint().height())

    def show_captions(self, captions: Captions) -> None:
        """Show what ``captions`` hold now."""
        if captions is not self._captions or len(captions.settled) < len(self._known):
            self._captions, self._known, self._settled = captions, [], []
        new = captions.settled[len(self._known) :]
        self._settled = self._place(self._settled, new)
        self._known += new
        self._tail = self._place(self._settled, captions.tail)[len(self._settled) :]
        # Lines that have gone up are not needed any more.
        top = self._last_line() - _LINES - 1
        self._settled = [word for word in self._settled if word.line >= top]
        self.setAccessibleDescription(self.text())
        self.update()

    def clear(self) -> None:
        """Show nothing."""
        self._captions, self._known, self._settled, self._tail = None, [], [], []
        self.update()

    def text(self) -> str:
        """What can be read now."""
        first = self._last_line() - _LINES + 1
        return " ".join(w.text for w in (*self._settled, *self._tail) if w.line >= first)

    def _last_line(self) -> int:
        words = self._tail or self._settled
        return words[-1].line if words else 0

    def _place(self, before: Sequence[_Placed], words: Sequence[Shown]) -> list[_Placed]:
        metrics = QFontMetricsF(self.font())
        space = metrics.horizontalAdvance(" ")
        placed = list(before)
        line, x = 0, 0.0
        if placed:
            line = placed[-1].line
            x = placed[-1].x + metrics.horizontalAdvance(placed[-1].text) + space
        for word in words:
            width = metrics.horizontalAdvance(word.text)
            if x > 0 and x + width > self.width():
                line, x = line + 1, 0.0
            placed.append(_Placed(word.text, line, x))
            x += width + space
        return placed

    def _line(self) -> float:
        return QFontMetricsF(self.font()).lineSpacing() * 1.12

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the lines anew: another width is another text to the eye anyway."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._break_anew()

    def changeEvent(self, event: QEvent) -> None:
        """Break the lines anew where the font is another."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange:
            self._break_anew()

    def _break_anew(self) -> None:
        if self._captions is not None:
            captions, self._captions = self._captions, None
            self.show_captions(captions)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the last lines."""
        del event
        colours = theme.current()
        painter = QPainter(self)
        painter.setFont(self.font())
        ascent = QFontMetricsF(self.font()).ascent()
        last = max(self._last_line(), _LINES - 1)
        for words, colour in ((self._settled, colours.text), (self._tail, colours.text_soft)):
            painter.setPen(QColor(colour))
            for word in words:
                row = word.line - (last - _LINES + 1)
                if row >= 0:
                    painter.drawText(QPointF(word.x, row * self._line() + ascent), word.text)


class CaptionCard(Card):
    """The captions with their heading. ``say`` puts a sentence in their place."""

    def __init__(self) -> None:
        super().__init__()
        self.body.addWidget(
            label("Live captions · on this computer", role="soft", font=theme.scaled(0.95))
        )
        self.lines = CaptionLines()
        self._instead = label(role="soft", wrap=True)
        self._instead.hide()
        self.body.addWidget(self.lines)
        self.body.addWidget(self._instead)

    def say(self, text: str) -> None:
        """Say why there are no captions, or show them again."""
        self._instead.setText(text)
        self._instead.setVisible(bool(text))
        self.lines.setVisible(not text)
