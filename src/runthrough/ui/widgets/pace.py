"""How fast the speaker talks, against what an audience can follow."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from runthrough.talk import FAST_WPM, SLOW_WPM
from runthrough.ui import theme
from runthrough.ui.widgets.basics import Card, heading, label, restyle

_LEAST_WPM, _MOST_WPM = 60.0, 220.0


class PaceCard(Card):
    """Words a minute as a number and as a place on a band."""

    def __init__(self) -> None:
        super().__init__()
        self._value = label(font=theme.scaled(1.1))
        self._band = _Band()
        row = QHBoxLayout()
        row.addWidget(heading("Pace", 1.1))
        row.addStretch(1)
        row.addWidget(self._value)
        self.body.addLayout(row)
        self.body.addWidget(self._band)
        self.show_pace(None)

    def show_pace(self, words_per_minute: float | None) -> None:
        """Show the pace; ``None`` while it is not known."""
        pace = None if words_per_minute is None else round(words_per_minute)
        if pace is None:
            text, role = "–", "soft"
        elif pace > FAST_WPM:
            text, role = f"{pace} wpm, fast", "due"
        elif pace < SLOW_WPM:
            text, role = f"{pace} wpm, slow", "due"
        else:
            text, role = f"{pace} wpm", ""
        if self._value.text() != text:
            self._value.setText(text)
            self._value.setAccessibleName(f"Pace {text}")
            restyle(self._value, role)
            self._band.show_pace(pace)


class _Band(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._pace: int | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(160, 14)

    def show_pace(self, pace: int | None) -> None:
        self._pace = pace
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        bar = QRectF(0, 3, self.width(), 8)
        painter.setBrush(QColor(colours.warn_soft))
        painter.drawRoundedRect(bar, 4, 4)
        left, right = self._x(SLOW_WPM), self._x(FAST_WPM)
        painter.setBrush(QColor(colours.good_soft))
        painter.drawRect(QRectF(left, bar.top(), right - left, bar.height()))
        painter.setBrush(QColor(colours.control))
        for edge in (left, right):
            painter.drawRect(QRectF(edge - 0.5, bar.top(), 1, bar.height()))
        if self._pace is not None:
            painter.setBrush(QColor(colours.text))
            painter.drawRect(QRectF(self._x(self._pace) - 1.5, 0, 3, 14))

    def _x(self, pace: float) -> float:
        share = (min(max(pace, _LEAST_WPM), _MOST_WPM) - _LEAST_WPM) / (_MOST_WPM - _LEAST_WPM)
        return 1.5 + share * (self.width() - 3)
