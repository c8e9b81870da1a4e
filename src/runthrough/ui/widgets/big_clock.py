"""The time that is left, readable from where the speaker stands."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from runthrough.talk import minutes
from runthrough.ui import theme

_LARGEST_PX = 320
_CAPTION_SHARE = 0.17  # of the height, above and below the figures


class BigClock(QWidget):
    """Counts down to the end of the plan, then up with a sign.

    The figures keep their size and place: there is always room for the sign and for every digit
    that this plan can need.
    """

    def __init__(self, height: int) -> None:
        super().__init__()
        self._height = height
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._planned = 0
        self._elapsed = 0
        self._paused = False
        self._figures = theme.scaled(1.0, weight=QFont.Weight.Bold)
        self._caption = theme.scaled(1.0)
        self._say()

    def sizeHint(self) -> QSize:
        """Any width; the height it was made with."""
        return QSize(240, self._height)

    def minimumSizeHint(self) -> QSize:
        """Small enough for a small window."""
        return QSize(140, min(self._height, 110))

    def plan(self, planned_s: float) -> None:
        """Begin anew with a talk of that length."""
        self._planned, self._elapsed = round(planned_s), 0
        self._fit()
        self._say()
        self.update()

    def move_to(self, elapsed_s: float) -> None:
        """Show the time at ``elapsed_s`` seconds of the talk."""
        elapsed = int(elapsed_s)
        if elapsed != self._elapsed:
            self._elapsed = elapsed
            self._say()
            self.update()

    def show_paused(self, paused: bool) -> None:
        """Say that the time stands still, or no longer."""
        self._paused = paused
        self._say()
        self.update()

    @property
    def text(self) -> str:
        """The figures, with a + once the talk is over its plan."""
        left = self._planned - self._elapsed
        return minutes(left) if left >= 0 else f"+{minutes(-left)}"

    @property
    def caption(self) -> str:
        """What the figures are, and that they stand still if they do."""
        if self._paused:
            return "Paused: P resumes"
        return "Time left" if self._elapsed <= self._planned else "Over time"

    def _say(self) -> None:
        self.setAccessibleName(f"{self.caption} {self.text}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make the figures as large as the place allows."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        widest = f"+{'0' * max(2, len(str(self._planned // 60)))}:00"
        caption_px = max(theme.px(13), min(34.0, self.height() * _CAPTION_SHARE * 0.62))
        self._caption.setPixelSize(round(caption_px))
        probe = QFont(self._figures)
        probe.setPixelSize(100)
        per_px = QFontMetricsF(probe).horizontalAdvance(widest) / 100
        by_width = self.width() / per_px
        by_height = self.height() * (1 - 2 * _CAPTION_SHARE) / 0.95
        # Above and below stay a line and a gap; see paintEvent.
        line = QFontMetricsF(self._caption).height()
        capital = QFontMetricsF(probe).capHeight() / 100
        by_height = min(by_height, (self.height() - 2 * line - 8) / (1.48 * capital))
        self._figures.setPixelSize(round(max(20.0, min(by_width, by_height, _LARGEST_PX))))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw caption, figures, and how much of the plan is gone."""
        del event
        colours = theme.current()
        painter = QPainter(self)
        width, height = float(self.width()), float(self.height())
        figures = QFontMetricsF(self._figures)
        line = QFontMetricsF(self._caption).height()
        # The digits alone, without room for descenders, stand in the middle.
        top = (height - figures.capHeight()) / 2 - (figures.ascent() - figures.capHeight())
        gap = figures.capHeight() * 0.24 + 4
        middle = height / 2
        over = self._elapsed > self._planned
        centre = Qt.AlignmentFlag.AlignHCenter
        painter.setFont(self._caption)
        told = colours.warn if self._paused else colours.bad if over else colours.text_soft
        painter.setPen(QColor(told))
        above = QRectF(0, middle - figures.capHeight() / 2 - gap - line, width, line)
        painter.drawText(above, centre, self.caption)
        painter.setPen(QColor(colours.text_soft))
        below = QRectF(0, middle + figures.capHeight() / 2 + gap, width, line)
        painter.drawText(below, centre, f"{minutes(self._elapsed)} of {minutes(self._planned)}")
        painter.setFont(self._figures)
        painter.setPen(QColor(colours.bad if over else colours.text))
        painter.drawText(QRectF(0, top, width, figures.height()), centre, self.text)
