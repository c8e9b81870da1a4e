"""The whole take at a glance: planned sections above, the sound, heard sections below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from runthrough.talk import Report, minutes
from runthrough.ui import theme

if TYPE_CHECKING:
    import numpy as np

_BAND = 12
_STEP_S = 5.0
_BAR_PITCH = 3  # pixels from one bar of the waveform to the next


class Waveform(QWidget):
    """``seek_wanted`` tells the second that was clicked or reached with the arrow keys."""

    seek_wanted = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Waveform and sections; arrow keys move five seconds")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._report: Report | None = None
        self._peaks: np.ndarray | None = None
        self._length_s = 0.0
        self._position_s = 0.0
        self._picture: QPixmap | None = None

    def sizeHint(self) -> QSize:
        """Tall enough to see speech and silence."""
        return QSize(400, 120)

    def show_report(self, report: Report) -> None:
        """Draw the bands of ``report``; the sound follows with ``show_peaks``."""
        self._report = report
        self._length_s = report.duration_s or 0.0
        self._peaks, self._position_s, self._picture = None, 0.0, None
        self.update()

    def show_peaks(self, peaks: np.ndarray) -> None:
        """Draw the sound: ``peaks`` as ``audio.peaks`` keeps them, over the whole take."""
        self._peaks, self._picture = peaks, None
        self.update()

    def move_to(self, position_s: float) -> None:
        """Put the playing line at ``position_s``."""
        before, after = self._x(self._position_s), self._x(position_s)
        self._position_s = position_s
        if before != after:
            for x in (before, after):
                self.update(round(x) - 3, 0, 6, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw from a picture of the waveform, which changes only with size and content."""
        del event
        if self._picture is None or self._picture.size() != self.size() * self.devicePixelRatio():
            self._picture = self._draw()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        if self._length_s:
            x = self._x(self._position_s)
            painter.fillRect(QRectF(x - 0.75, 0, 1.5, self.height()), QColor(theme.current().text))
        if self.hasFocus():
            painter.setPen(QColor(theme.current().accent))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Seek to the click."""
        self._seek(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Seek along a drag."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._seek(event.position().x())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right move five seconds."""
        step = {Qt.Key.Key_Left: -_STEP_S, Qt.Key.Key_Right: _STEP_S}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.seek_wanted.emit(min(self._length_s, max(0.0, self._position_s + step)))

    def _seek(self, x: float) -> None:
        if self._length_s:
            share = min(1.0, max(0.0, x / max(1, self.width())))
            self.seek_wanted.emit(share * self._length_s)
            self.setToolTip(minutes(share * self._length_s))

    def _x(self, seconds: float) -> float:
        return seconds / self._length_s * self.width() if self._length_s else 0.0

    def _draw(self) -> QPixmap:
        ratio = self.devicePixelRatio()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if self._report is not None and self._length_s:
            self._draw_plan(painter, self._report)
            self._draw_heard(painter, self._report)
        self._draw_sound(painter)
        painter.end()
        return picture

    def _draw_plan(self, painter: QPainter, report: Report) -> None:
        at = 0.0
        for section in report.sections:
            width = section.planned_s / (report.planned_s or 1.0) * self.width()
            colour = QColor(theme.current().section(section.id))
            colour.setAlphaF(0.45)
            painter.setBrush(colour)
            painter.drawRoundedRect(QRectF(at, 0, max(1.0, width - 1), _BAND), 2, 2)
            at += width

    def _draw_heard(self, painter: QPainter, report: Report) -> None:
        top = self.height() - _BAND
        for sentence in report.sentences:
            if sentence.start_s is None or sentence.end_s is None:
                continue
            left, right = self._x(sentence.start_s), self._x(sentence.end_s)
            painter.setBrush(QColor(theme.current().section(sentence.section)))
            painter.drawRect(QRectF(left, top, max(1.0, right - left), _BAND))

    def _draw_sound(self, painter: QPainter) -> None:
        if self._peaks is None or not len(self._peaks):
            return
        from runthrough.audio.peaks import columns

        painter.setBrush(QColor(theme.current().wave))
        outline = abs(columns(self._peaks, max(1, self.width() // _BAR_PITCH))).max(axis=1)
        # Quiet microphones are drawn as large as loud ones: what matters is where there is speech.
        loudest = max(float(outline.max()), 0.05)
        middle = self.height() / 2
        room = middle - _BAND - 4
        for number, height in enumerate(outline / loudest * room):
            tall = max(1.0, float(height))
            painter.drawRect(QRectF(number * _BAR_PITCH, middle - tall, 1.6, 2 * tall))
