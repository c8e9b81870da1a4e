"""The take in time: planned sections above, the sound with its marks, heard sections below."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from runthrough.talk import EventKind, Report, Section, Severity, minutes
from runthrough.ui import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from PySide6.QtCore import QEvent

    from runthrough.talk import Event, Filler, Finding, Word

_BAND = 12
# Between the planned band and the sound: findings and slides.
_MARKS = 13
_BAR_PITCH = 3  # pixels from one bar of the waveform to the next
# At the nearest there is room for a word's consonants.
_NEAREST_S = 1.0
_ZOOM = 1.6
# Words are written under their sound from this many pixels a second on.
_WORDS_FROM = 55
_WORDS_ROOM = 18
# With the take cut into so many parts, the loudest of this share of them reaches the edge; what is
# louder still is cut off there.
_BARS, _LOUD_SHARE = 400, 0.95
# Fillers nearer than this are drawn as one.
_TOGETHER = 6
# A mark is hit from so many pixels away.
_NEAR = 5


class Waveform(QWidget):
    """``seek_wanted`` tells the second that was clicked or dragged to.

    The wheel with Ctrl zooms around the pointer, without it moves along.
    """

    seek_wanted = Signal(float)
    view_changed = Signal(bool)  # whether less than the whole take is in view

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Waveform: left and right move five seconds, plus and minus zoom")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._planned: Sequence[tuple[str, str, float]] = ()
        self._report: Report | None = None
        self._slides: list[tuple[float, str]] = []
        self._gaps: list[tuple[float, str]] = []
        self._peaks: np.ndarray | None = None
        self._loudest = 0.05
        self._sound_s = 0.0
        self._length_s = 0.0
        self._position_s = 0.0
        self._from_s, self._to_s = 0.0, 0.0
        self._matches: Sequence[float] = ()
        self._section: str | None = None
        self._picture: QPixmap | None = None
        self._word_starts: list[float] = []

    def sizeHint(self) -> QSize:
        """Tall enough to see speech and silence."""
        return QSize(400, 132)

    # --- what is shown ---------------------------------------------------------------------

    def show_take(
        self, sections: Sequence[Section], length_s: float, events: Sequence[Event]
    ) -> None:
        """Begin with a take of which only the plan and the sound's length are known."""
        self._planned = [(s.id, s.title, s.planned_s) for s in sections]
        self._length_s = length_s
        self._slides = [(e.at_s, e.value) for e in events if e.kind is EventKind.SLIDE]
        self._gaps = [(e.at_s, e.value) for e in events if e.kind is EventKind.GAP]
        self._report, self._peaks, self._section = None, None, None
        self._position_s, self._matches, self._word_starts = 0.0, (), []
        self.show_all()

    def show_report(self, report: Report) -> None:
        """Draw what was found. Neither the view nor the playing line moves."""
        self._report = report
        self._word_starts = [word.start_s for word in report.words]
        self._redraw()

    def show_peaks(self, peaks: np.ndarray) -> None:
        """Draw the sound: ``peaks`` as ``audio.peaks`` keeps them, over the whole take."""
        self._peaks = peaks
        # Quiet microphones are drawn as large as loud ones, since what matters is where there is
        # speech; a cough or a knock does not make all else small.
        from runthrough.audio.peaks import PEAKS_PER_S, columns

        self._sound_s = len(peaks) / PEAKS_PER_S
        bars = sorted(abs(columns(peaks, _BARS)).max(axis=1))
        self._loudest = max(float(bars[int(_BARS * _LOUD_SHARE)]), 0.05)
        self._redraw()

    def show_matches(self, times_s: Sequence[float]) -> None:
        """Mark the places where a search found something."""
        self._matches = times_s
        self._redraw()

    def show_section(self, section_id: str | None) -> None:
        """Set off the stretches of one section."""
        self._section = section_id
        self._redraw()

    def move_to(self, position_s: float) -> None:
        """Put the playing line at ``position_s`` and bring it into view."""
        before, after = self._x(self._position_s), self._x(position_s)
        self._position_s = position_s
        if self._zoomed and not self._from_s <= position_s < self._to_s:
            width_s = self._to_s - self._from_s
            self._look(position_s - 0.1 * width_s, position_s + 0.9 * width_s)
        elif before != after:
            for x in (before, after):
                self.update(round(x) - 3, 0, 6, self.height())

    # --- zoom ------------------------------------------------------------------------------

    @property
    def _zoomed(self) -> bool:
        return self._to_s - self._from_s < self._length_s - 1e-6

    def show_all(self) -> None:
        """Show the whole take."""
        self._look(0.0, self._length_s)

    def zoom(self, *, nearer: bool, around_s: float | None = None) -> None:
        """Look closer or from farther away, with ``around_s`` (the playing line) kept in place."""
        if not self._length_s:
            return
        around = self._position_s if around_s is None else around_s
        width = self._to_s - self._from_s
        new = width / _ZOOM if nearer else width * _ZOOM
        new = min(self._length_s, max(min(_NEAREST_S, self._length_s), new))
        share = (around - self._from_s) / width if self._from_s <= around <= self._to_s else 0.5
        self._look(around - share * new, around + (1 - share) * new)

    def _look(self, from_s: float, to_s: float) -> None:
        width = min(to_s - from_s, self._length_s)
        self._from_s = min(max(0.0, from_s), self._length_s - width)
        self._to_s = self._from_s + width
        self.view_changed.emit(self._zoomed)
        self._redraw()

    def _redraw(self) -> None:
        self._picture = None
        self.update()

    # --- input -----------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Seek to the click."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._seek(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Seek along a drag."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._seek(event.position().x())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom with Ctrl, else move along what is zoomed; the page scrolls when nothing is."""
        steps = event.angleDelta().y() or -event.angleDelta().x()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(nearer=steps > 0, around_s=self._seconds(event.position().x()))
        elif self._zoomed:
            shift = -steps / 120 * 0.15 * (self._to_s - self._from_s)
            self._look(self._from_s + shift, self._to_s + shift)
        else:
            event.ignore()

    def event(self, event: QEvent) -> bool:
        """Tell in a tooltip what is under the pointer."""
        if isinstance(event, QHelpEvent) and self._length_s:
            text = "\n".join(self._about(event.pos().x(), event.pos().y()))
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def _seek(self, x: float) -> None:
        if self._length_s:
            self.seek_wanted.emit(min(self._length_s, max(0.0, self._seconds(x))))

    def _about(self, x: float, y: float) -> list[str]:
        at_s = self._seconds(x)
        lines = [minutes(at_s)]
        if y <= _BAND:
            begin = 0.0
            for _, title, planned_s in self._planned_in_talk():
                if begin <= at_s < begin + planned_s:
                    lines[0] = f"Planned here: {title}"
                begin += planned_s
            return lines
        lines += [
            f"Slide {page}" for start, page in self._slides if abs(self._x(start) - x) <= _NEAR
        ]
        lines += [
            f"Sound is missing here, {what}"
            for start, what in self._gaps
            if abs(self._x(start) - x) <= _NEAR
        ]
        report = self._report
        if report is None:
            return lines
        lines += [f.title for f in report.findings if self._hits(f.start_s, x)]
        lines += [
            f"“{f.text}”" + (", heard in the sound only" if f.from_sound else "")
            for f in report.delivery.filler_places
            if self._hits((f.start_s + f.end_s) / 2, x)
        ]
        lines += [
            f"A silence of {end - start:.1f} s"
            for start, end in report.delivery.pauses_s
            if start <= at_s <= end
        ]
        return lines

    def _hits(self, at_s: float | None, x: float) -> bool:
        return at_s is not None and abs(self._x(at_s) - x) <= _NEAR

    # --- drawing ---------------------------------------------------------------------------

    def _x(self, seconds: float) -> float:
        width_s = self._to_s - self._from_s
        return (seconds - self._from_s) / width_s * self.width() if width_s > 0 else 0.0

    def _seconds(self, x: float) -> float:
        return self._from_s + x / max(1, self.width()) * (self._to_s - self._from_s)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw from a picture, which changes only with size, view and content."""
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

    def _draw(self) -> QPixmap:
        ratio = self.devicePixelRatio()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        report = self._report
        if self._length_s:
            self._draw_plan(painter)
            if report is not None:
                self._draw_pauses(painter, report)
            self._draw_sound(painter)
            self._draw_gaps(painter)
            self._draw_slides(painter)
            if report is not None:
                self._draw_heard(painter, report)
                self._draw_fillers(painter, report.delivery.filler_places)
                self._draw_words(painter, report.words)
                self._draw_findings(painter, report.findings)
            self._draw_matches(painter)
        painter.end()
        return picture

    def _top(self) -> float:
        return _BAND + _MARKS

    def _bottom(self) -> float:
        return self.height() - _BAND - 4.0

    def _visible(self, start_s: float, end_s: float) -> bool:
        return end_s >= self._from_s and start_s <= self._to_s

    def _planned_in_talk(self) -> list[tuple[str, str, float]]:
        """The plan stretched to the length of the take, as its bands are drawn."""
        total = sum(planned for _, _, planned in self._planned) or 1.0
        return [(i, t, planned / total * self._length_s) for i, t, planned in self._planned]

    def _draw_plan(self, painter: QPainter) -> None:
        at = 0.0
        for section, _, planned_s in self._planned_in_talk():
            left, right = self._x(at), self._x(at + planned_s)
            at += planned_s
            colour = QColor(theme.current().section(section))
            colour.setAlphaF(0.45 if self._section in (None, section) else 0.15)
            painter.setBrush(colour)
            painter.drawRoundedRect(QRectF(left, 0, max(1.0, right - left - 1), _BAND), 2, 2)

    def _draw_heard(self, painter: QPainter, report: Report) -> None:
        top = self.height() - _BAND
        for sentence in report.sentences:
            start_s, end_s = sentence.start_s, sentence.end_s
            if start_s is None or end_s is None or not self._visible(start_s, end_s):
                continue
            left, right = self._x(start_s), self._x(end_s)
            colour = QColor(theme.current().section(sentence.section))
            if self._section not in (None, sentence.section):
                colour.setAlphaF(0.25)
            elif self._section == sentence.section:
                painter.fillRect(
                    QRectF(left, self._top(), max(1.0, right - left), self._bottom() - self._top()),
                    QColor(colour.red(), colour.green(), colour.blue(), 40),
                )
            painter.setBrush(colour)
            painter.drawRect(QRectF(left, top, max(1.0, right - left), _BAND))

    def _draw_pauses(self, painter: QPainter, report: Report) -> None:
        painter.setBrush(QColor(theme.current().track))
        for start_s, end_s in report.delivery.pauses_s:
            if self._visible(start_s, end_s):
                left, right = self._x(start_s), self._x(end_s)
                height = self._bottom() - self._top()
                painter.drawRect(QRectF(left, self._top(), max(1.0, right - left), height))

    def _draw_gaps(self, painter: QPainter) -> None:
        """Where sound was lost."""
        painter.setPen(QPen(QColor(theme.current().accent), 2, Qt.PenStyle.DashLine))
        for start_s, _ in self._gaps:
            if self._visible(start_s, start_s):
                x = self._x(start_s)
                painter.drawLine(QPointF(x, self._top()), QPointF(x, self._bottom()))
        painter.setPen(Qt.PenStyle.NoPen)

    def _draw_sound(self, painter: QPainter) -> None:
        if self._peaks is None or not len(self._peaks):
            return
        from runthrough.audio.peaks import columns

        painter.setBrush(QColor(theme.current().wave))
        count = max(1, self.width() // _BAR_PITCH)
        outline = abs(columns(self._peaks, count, self._from_s, self._to_s)).max(axis=1)
        outline = outline.clip(0, self._loudest)
        bottom = self._bottom() - (_WORDS_ROOM if self._words_fit() else 0)
        middle = (self._top() + bottom) / 2
        room = (bottom - self._top()) / 2
        # Beyond the end of a file that was cut off there is no sound, and no silence either.
        heard = max(0, math.ceil(self._x(self._sound_s) / _BAR_PITCH))
        for number, height in enumerate(outline[:heard] / self._loudest * room):
            tall = max(0.75, float(height))
            painter.drawRect(QRectF(number * _BAR_PITCH, middle - tall, 1.6, 2 * tall))

    def _draw_slides(self, painter: QPainter) -> None:
        painter.setFont(theme.scaled(0.72))
        findings = self._report.findings if self._report is not None else ()
        # A number that would stand on the one before, or on a finding's mark, is left out.
        taken = [self._x(f.start_s) for f in findings if f.start_s is not None]
        free_from = 0.0
        for start_s, page in self._slides:
            if not self._visible(start_s, start_s):
                continue
            x = self._x(start_s)
            painter.setPen(QPen(QColor(theme.current().control), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(x, _BAND + 2), QPointF(x, self._bottom()))
            width = painter.fontMetrics().horizontalAdvance(page)
            hidden = any(x - _NEAR - 1 < mark < x + width + _NEAR + 3 for mark in taken)
            if x >= free_from and not hidden:
                painter.setPen(QColor(theme.current().text_soft))
                painter.drawText(QPointF(x + 2, _BAND + _MARKS - 2), page)
                free_from = x + width + 8
        painter.setPen(Qt.PenStyle.NoPen)

    def _draw_fillers(self, painter: QPainter, fillers: Sequence[Filler]) -> None:
        """A dot for each; where several fall together, one that grows upwards."""
        painter.setBrush(QColor(theme.current().warn))
        bottom = self._bottom()
        together: Counter[int] = Counter()
        for filler in fillers:
            if self._visible(filler.start_s, filler.end_s):
                together[int(self._x((filler.start_s + filler.end_s) / 2) // _TOGETHER)] += 1
        for place, count in together.items():
            x, tall = (place + 0.5) * _TOGETHER, min(4.8 + 2 * (count - 1), 20.0)
            painter.drawRoundedRect(QRectF(x - 2.4, bottom + 1.4 - tall, 4.8, tall), 2.4, 2.4)

    def _draw_findings(self, painter: QPainter, findings: Sequence[Finding]) -> None:
        colours = theme.current()
        by_severity = {
            Severity.HIGH: colours.bad,
            Severity.MEDIUM: colours.warn,
            Severity.LOW: colours.neutral,
            Severity.GOOD: colours.good,
        }
        for finding in findings:
            if finding.start_s is not None and self._visible(finding.start_s, finding.start_s):
                x, y = self._x(finding.start_s), _BAND + 3.0
                colour = colours.neutral if finding.answer else by_severity[finding.severity]
                painter.setBrush(QColor(colour))
                points = [QPointF(x - 5, y), QPointF(x + 5, y), QPointF(x, y + 8)]
                painter.drawPolygon(QPolygonF(points))

    def _draw_matches(self, painter: QPainter) -> None:
        colours = theme.current()
        for at_s in self._matches:
            if self._visible(at_s, at_s):
                x = self._x(at_s)
                painter.fillRect(
                    QRectF(x - 1, self._top(), 2, self._bottom() - self._top()),
                    QColor(colours.accent),
                )

    def _words_fit(self) -> bool:
        width_s = self._to_s - self._from_s
        return bool(self._word_starts) and width_s > 0 and self.width() / width_s >= _WORDS_FROM

    def _draw_words(self, painter: QPainter, words: Sequence[Word]) -> None:
        if not self._words_fit():
            return
        painter.setFont(theme.scaled(0.82))
        painter.setPen(QColor(theme.current().text_soft))
        first = max(0, bisect_right(self._word_starts, self._from_s) - 1)
        after = bisect_left(self._word_starts, self._to_s)
        free = -1e9
        for word in words[first:after]:
            room = painter.fontMetrics().horizontalAdvance(word.text)
            left = max(self._x((word.start_s + word.end_s) / 2) - room / 2, free + 5)
            free = left + room
            painter.drawText(QPointF(left, self._bottom() - 6), word.text)
        painter.setPen(Qt.PenStyle.NoPen)
