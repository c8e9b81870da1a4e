"""Plots over the takes of a talk. Each is the answer to one question.

Nothing is told by colour alone: what is over the plan is hatched, states have their signs, and the
page shows the same numbers as a table.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from runthrough.analysis.findings import FILLERS_PER_MINUTE
from runthrough.progress import LIMITATIONS_WORDS, over_words
from runthrough.talk import FAST_WPM, SLOW_WPM, Status, dated, minutes
from runthrough.ui import theme
from runthrough.ui.widgets.coverage import SHORT, status_colours, status_icon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runthrough.progress import TakeNumbers

_HEIGHT = 190
# Two takes stand side by side, not at the two ends of the card.
_WIDEST_STEP = 64.0
_WIDEST_BAR = 26.0
_DOT = 3.5
# Names above columns that have no room for the title; the tooltip of a row has it.
_SHORTEST = {**SHORT, "motivation": "Motiv."}


class _Takes(QWidget):
    """Takes that mouse and keys go over. A click or Enter on one chooses it."""

    chosen = Signal(str)  # take id
    _back, _on = Qt.Key.Key_Up, Qt.Key.Key_Down

    def __init__(self, question: str) -> None:
        super().__init__()
        self.takes: Sequence[TakeNumbers] = ()  # as they are gone over
        self._at = -1  # the take under the cursor
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(question)

    def show_takes(self, takes: Sequence[TakeNumbers], answer: str) -> None:
        """Show ``takes``, oldest first; ``answer`` is what they say, for those who do not see."""
        self.takes = takes
        self._at = -1
        self.setAccessibleDescription(answer)
        self.updateGeometry()
        self.update()

    # What kinds of pictures differ in. Each has its own of these two; Qt's metaclass leaves no room
    # for an abstract base class.

    def _index_at(self, position: QPointF) -> int:
        """The take at ``position``, else -1."""
        raise NotImplementedError

    def _words(self, index: int) -> str:
        """What is shown of a take, in words."""
        raise NotImplementedError

    def _outside(self) -> int:
        """Where the arrows come from when they are on no take: from beside the newest."""
        return -1

    def _move_to(self, index: int) -> None:
        if index != self._at:
            self._at = index
            if index >= 0:
                self.setAccessibleDescription(self._words(index))
            self.update()

    def _go_to(self, index: int) -> None:
        """Move to where a key leads."""
        self._move_to(index)

    def _draw_focus(self, painter: QPainter) -> None:
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.current().accent), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 5, 5)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light the take under the mouse."""
        self._move_to(self._index_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Put the light out, unless it is the keyboard's."""
        if not self.hasFocus():
            self._move_to(-1)
        super().leaveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose the take that is clicked."""
        index = self._index_at(event.position())
        if event.button() is Qt.MouseButton.LeftButton and index >= 0:
            self.chosen.emit(self.takes[index].take.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go from take to take, Enter chooses."""
        last = len(self.takes) - 1
        at = self._at if self._at >= 0 else self._outside()
        moves = {
            self._back: max(0, at - 1),
            self._on: min(last, at + 1),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        key = Qt.Key(event.key())
        if key in moves and self.takes:
            self._go_to(moves[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and 0 <= self._at <= last:
            self.chosen.emit(self.takes[self._at].take.id)
        else:
            super().keyPressEvent(event)


class TakePlot(_Takes):
    """One value over the takes, oldest on the left."""

    _back, _on = Qt.Key.Key_Left, Qt.Key.Key_Right

    def __init__(self, question: str) -> None:
        super().__init__(question)
        self.setMinimumWidth(220)

    # What a plot differs in.

    def told(self, take: TakeNumbers) -> str:
        """What the plot shows of one take, in words."""
        raise NotImplementedError

    def draw(self, painter: QPainter, room: QRectF) -> None:
        """Draw all takes into ``room``."""
        raise NotImplementedError

    def scale_words(self) -> Sequence[str]:
        """What stands on the left, to know how wide that is."""
        return ("000",)

    # The same for all.

    def sizeHint(self) -> QSize:
        """As high as every plot of the page."""
        return QSize(320, _HEIGHT + QFontMetrics(theme.scaled(0.85)).height())

    def middle(self, index: int) -> float:
        """Where take ``index`` stands."""
        return self._room().left() + (index + 0.5) * self.step

    @property
    def step(self) -> float:
        """From one take to the next."""
        return min(_WIDEST_STEP, self._room().width() / max(1, len(self.takes)))

    def _room(self) -> QRectF:
        small = QFontMetrics(theme.scaled(0.85))
        left = max(small.horizontalAdvance(word) for word in self.scale_words()) + 10
        below = small.height() + 4
        return QRectF(left, 8, max(1, self.width() - left - 14), self.height() - below - 10)

    def _index_at(self, position: QPointF) -> int:
        index = math.floor((position.x() - self._room().left()) / self.step)
        return index if 0 <= index < len(self.takes) else -1

    def _outside(self) -> int:
        return len(self.takes)

    def _words(self, index: int) -> str:
        take = self.takes[index]
        when = dated(take.take.started, "%b")
        return f"Take {take.take.number}, {when}: {self.told(take)}"

    def line(self, painter: QPainter, room: QRectF, y: float, word: str) -> None:
        """A line of the scale with its word on the left."""
        painter.setPen(QPen(QColor(theme.current().track), 1))
        painter.drawLine(QPointF(room.left(), y), QPointF(room.right(), y))
        painter.setPen(QColor(theme.current().text_soft))
        height = painter.fontMetrics().height()
        painter.drawText(
            QRectF(0, y - height / 2, room.left() - 7, height),
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
            word,
        )

    def limit(
        self, painter: QPainter, room: QRectF, y: float, word: str, *, below: bool = False
    ) -> None:
        """A dashed line with what it means at its right end."""
        colours = theme.current()
        painter.setPen(QPen(QColor(colours.control), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(room.left(), y), QPointF(room.right(), y))
        height = painter.fontMetrics().height()
        free = room.width() - len(self.takes) * self.step
        if free < painter.fontMetrics().horizontalAdvance(word) + 4:
            return  # the legend tells it
        painter.setPen(QColor(colours.text_soft))
        box = QRectF(room.left(), y + 1 if below else y - height - 1, room.width() - 2, height)
        painter.drawText(box, Qt.AlignmentFlag.AlignRight, word)

    def curve(self, painter: QPainter, points: Sequence[QPointF | None]) -> None:
        """A line through ``points`` with a dot at each; ``None`` breaks it."""
        colours = theme.current()
        path = QPainterPath()
        before = None
        for point in points:
            if point is not None:
                if before is None:
                    path.moveTo(point)
                else:
                    path.lineTo(point)
            before = point
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(colours.accent), 2))
        painter.drawPath(path)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.accent))
        radius = _DOT if self.step > 9 else 2.0
        for point in points:
            if point is not None:
                painter.drawEllipse(point, radius, radius)

    def value(self, painter: QPainter, x: float, y: float, word: str) -> None:
        """The number of the last take, beside or above its mark, on the card's own colour."""
        colours = theme.current()
        painter.save()
        painter.setFont(theme.scaled(0.9))
        metrics = painter.fontMetrics()
        width, height = metrics.horizontalAdvance(word) + 6, metrics.height()
        if self.step < width:  # it would lie on the marks beside it; the sentence above tells it
            painter.restore()
            return
        left = min(max(0.0, x - width / 2), self.width() - width)
        box = QRectF(left, max(0.0, y - height - 6), width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.surface))
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(QColor(colours.text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, word)
        painter.restore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the cursor, the plot and the takes' numbers below."""
        del event
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.scaled(0.85))
        room = self._room()
        if self._at >= 0:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.selection))
            width = max(self.step, 4.0)
            painter.drawRoundedRect(
                QRectF(self.middle(self._at) - width / 2, room.top(), width, room.height()), 3, 3
            )
        if self.takes:
            self.draw(painter, room)
        self._draw_numbers(painter, room)
        if self._at >= 0:
            self._draw_words(painter, room)
        self._draw_focus(painter)

    def _draw_numbers(self, painter: QPainter, room: QRectF) -> None:
        painter.setFont(theme.scaled(0.85))
        painter.setPen(QColor(theme.current().text_soft))
        widest = painter.fontMetrics().horizontalAdvance("000") + 8
        every = max(1, math.ceil(widest / self.step))
        height = painter.fontMetrics().height()
        last = len(self.takes) - 1
        for index in range(last, -1, -every):
            box = QRectF(self.middle(index) - widest / 2, room.bottom() + 5, widest, height)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(self.takes[index].take.number))
        # What they number, where there is room; on the left stands the scale's lowest word.
        left = self.middle(last) + widest / 2 + 4
        if left + painter.fontMetrics().horizontalAdvance("take") < room.right():
            box = QRectF(left, room.bottom() + 5, room.right() - left, height)
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft, "take")

    def _draw_words(self, painter: QPainter, room: QRectF) -> None:
        """What the take under the cursor shows, on the side where the cursor is not."""
        colours = theme.current()
        painter.setFont(theme.scaled(0.9))
        metrics = painter.fontMetrics()
        words = metrics.elidedText(
            self._words(self._at), Qt.TextElideMode.ElideRight, int(room.width()) - 16
        )
        box = QRectF(room.left(), 1, metrics.horizontalAdvance(words) + 14, metrics.height() + 8)
        if self.middle(self._at) < box.right() + self.step:
            box.moveRight(room.right())
        painter.setPen(QPen(QColor(colours.border), 1))
        painter.setBrush(QColor(colours.surface_raised))
        painter.drawRoundedRect(box, 5, 5)
        painter.setPen(QColor(colours.text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)


class TimePlot(TakePlot):
    """How long each take was, as a bar, against its plan, a line across it."""

    def told(self, take: TakeNumbers) -> str:
        """Length, plan and difference."""
        if take.duration_s is None:
            return f"no times, {minutes(take.planned_s)} planned"
        length = f"{minutes(take.duration_s)} of {minutes(take.planned_s)}"
        return f"{length}, {over_words(take)}"

    def _most(self) -> float:
        return max(max(t.planned_s, t.duration_s or 0.0) for t in self.takes) or 1.0

    def scale_words(self) -> Sequence[str]:
        """The longest time."""
        return (minutes(self._most() if self.takes else 0.0),)

    def draw(self, painter: QPainter, room: QRectF) -> None:
        """Bars; what is beyond the plan is hatched."""
        colours = theme.current()
        most = self._most() * 1.12

        def y(seconds: float) -> float:
            return room.bottom() - room.height() * seconds / most

        step_s = _round_step(most / 4, (60, 120, 180, 300, 600, 900, 1800))
        for number in range(int(most // step_s) + 1):
            self.line(painter, room, y(number * step_s), minutes(number * step_s))
        wide = min(_WIDEST_BAR, max(2.0, self.step * 0.6))
        for index, take in enumerate(self.takes):
            x = self.middle(index) - wide / 2
            painter.setPen(Qt.PenStyle.NoPen)
            if take.duration_s is not None:
                kept = min(take.duration_s, take.planned_s)
                painter.setBrush(QColor(colours.accent))
                painter.drawRect(QRectF(x, y(kept), wide, room.bottom() - y(kept)))
                if take.duration_s > take.planned_s:
                    over = QRectF(x, y(take.duration_s), wide, y(kept) - y(take.duration_s))
                    hatched(painter, _slim(over), colours.bad, colours.bad_soft)
            painter.setPen(QPen(QColor(colours.text), 2))
            half = min(self.step / 2, wide / 2 + 4)
            level = y(take.planned_s)
            painter.drawLine(
                QPointF(self.middle(index) - half, level), QPointF(self.middle(index) + half, level)
            )
        last = self.takes[-1]
        if last.duration_s is not None:
            top, plan = y(last.duration_s), y(last.planned_s)
            if 0 <= top - plan < QFontMetrics(theme.scaled(0.9)).height() + 8:
                top = plan  # there is no room for it below the plan
            self.value(painter, self.middle(len(self.takes) - 1), top, minutes(last.duration_s))


class PacePlot(TakePlot):
    """Words a minute, against the band that is easy to follow."""

    def told(self, take: TakeNumbers) -> str:
        """The pace."""
        pace = take.words_per_minute
        return "no times" if pace is None else f"{pace:.0f} words a minute"

    def draw(self, painter: QPainter, room: QRectF) -> None:
        """The band between two named lines, and the curve."""
        paces = [t.words_per_minute for t in self.takes]
        known = [p for p in paces if p is not None]
        least = min([SLOW_WPM - 20, *known])
        most = max([FAST_WPM + 20, *known]) + 8

        def y(pace: float) -> float:
            return room.bottom() - room.height() * (pace - least) / (most - least)

        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.current().good_soft))
        painter.drawRect(QRectF(room.left(), y(FAST_WPM), room.width(), y(SLOW_WPM) - y(FAST_WPM)))
        for pace in (FAST_WPM, SLOW_WPM):
            self.line(painter, room, y(pace), f"{pace:.0f}")
        self.limit(painter, room, y(FAST_WPM), "fast above")
        self.limit(painter, room, y(SLOW_WPM), "slow below", below=True)
        self.curve(
            painter,
            [None if p is None else QPointF(self.middle(i), y(p)) for i, p in enumerate(paces)],
        )
        if paces[-1] is not None:
            self.value(painter, self.middle(len(paces) - 1), y(paces[-1]) - 2, f"{paces[-1]:.0f}")


class FillersPlot(TakePlot):
    """Fillers a minute."""

    def told(self, take: TakeNumbers) -> str:
        """The rate."""
        rate = take.fillers_per_minute
        if rate is None:
            return "no times" if take.judged else "not judged"
        return f"at least {rate:.1f} fillers a minute"

    def draw(self, painter: QPainter, room: QRectF) -> None:
        """The curve over a scale from nothing."""
        rates = [t.fillers_per_minute for t in self.takes]
        most = max([FILLERS_PER_MINUTE, *(r for r in rates if r is not None)]) * 1.25

        def y(rate: float) -> float:
            return room.bottom() - room.height() * rate / most

        step = _round_step(most / 4, (1, 2, 5, 10, 20, 50))
        for number in range(int(most // step) + 1):
            self.line(painter, room, y(number * step), f"{number * step:g}")
        self.limit(painter, room, y(FILLERS_PER_MINUTE), "noticed above")
        self.curve(
            painter,
            [None if r is None else QPointF(self.middle(i), y(r)) for i, r in enumerate(rates)],
        )
        if rates[-1] is not None:
            self.value(painter, self.middle(len(rates) - 1), y(rates[-1]) - 2, f"{rates[-1]:.1f}")


class LimitationsPlot(TakePlot):
    """Whether limitations were stated, as signs on three lines."""

    _STATES = (
        ("stated", Status.COVERED),
        ("possible", Status.THIN),
        ("not_heard", Status.MISSING),
    )

    def told(self, take: TakeNumbers) -> str:
        """The state."""
        return f"limitations {LIMITATIONS_WORDS[take.limitations]}"

    def scale_words(self) -> Sequence[str]:
        """The states."""
        return tuple(LIMITATIONS_WORDS.values())

    def draw(self, painter: QPainter, room: QRectF) -> None:
        """A sign per take; where they stand close, a plain mark."""
        rows = {}
        for row, (state, status) in enumerate(self._STATES):
            rows[state] = (room.top() + (row + 0.5) * room.height() / 3, status)
            self.line(painter, room, rows[state][0], LIMITATIONS_WORDS[state])
        high = theme.px(24)
        wide = min(high, int(self.step))
        for index, take in enumerate(self.takes):
            y, status = rows[take.limitations]
            box = QRectF(self.middle(index) - wide / 2, y - high / 2, wide, high)
            draw_status(painter, box, status)


class FindingsPlot(TakePlot):
    """What there is to mend, filled, and what was solved since the take before, in outline."""

    def told(self, take: TakeNumbers) -> str:
        """Both counts."""
        return f"{len(take.open_findings)} open, {len(take.solved)} solved since the take before"

    def draw(self, painter: QPainter, room: QRectF) -> None:
        """Bars on each other."""
        colours = theme.current()
        most = max(3, *(len(t.open_findings) + len(t.solved) for t in self.takes), 3) * 1.15

        def y(count: float) -> float:
            return room.bottom() - room.height() * count / most

        step = _round_step(most / 4, (1, 2, 5, 10, 20))
        for number in range(int(most // step) + 1):
            self.line(painter, room, y(number * step), f"{number * step:g}")
        wide = min(_WIDEST_BAR, max(2.0, self.step * 0.6))
        for index, take in enumerate(self.takes):
            x, still = self.middle(index) - wide / 2, len(take.open_findings)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.accent))
            painter.drawRect(QRectF(x, y(still), wide, room.bottom() - y(still)))
            if take.solved:
                top = y(still + len(take.solved))
                box = _slim(QRectF(x, top, wide, y(still) - top)).adjusted(0.75, 0, -0.75, 0)
                painter.setBrush(QColor(colours.good_soft))
                painter.setPen(QPen(QColor(colours.good), 1.5))
                painter.drawRect(box)
        last = self.takes[-1]
        top = y(len(last.open_findings) + len(last.solved))
        word = f"{len(last.open_findings)} open"
        self.value(painter, self.middle(len(self.takes) - 1), top, word)


class CoverageRows(_Takes):
    """A strip per take, the newest on top: which sections were told."""

    moved_to = Signal(int)  # how far down the row is that the keys have moved to

    def __init__(self, question: str) -> None:
        super().__init__(question)
        self._columns: dict[str, str] = {}

    def show_takes(self, takes: Sequence[TakeNumbers], answer: str) -> None:
        """Show ``takes``, oldest first."""
        self._columns = {}
        for take in reversed(takes):
            for section, title, _ in take.sections:
                self._columns.setdefault(section, title)
        super().show_takes(takes[::-1], answer)

    def sizeHint(self) -> QSize:
        """As high as its rows."""
        return QSize(320, self._head() + self._row() * len(self.takes) + 4)

    def minimumSizeHint(self) -> QSize:
        """A narrow window still shows every sign."""
        return QSize(self._left() + 28 * max(1, len(self._columns)), self.sizeHint().height())

    def _row(self) -> int:
        return QFontMetrics(theme.scaled(0.9)).height() + 10

    def _head(self) -> int:
        return QFontMetrics(theme.scaled(0.85)).height() + 8

    def _wide(self) -> float:
        return (self.width() - self._left() - 4) / max(1, len(self._columns))

    def headings(self) -> list[str]:
        """The name above each column; a short one where the title has no room."""
        names, room = [], int(self._wide() - 4)
        metrics = QFontMetrics(theme.scaled(0.85))
        for section, title in self._columns.items():
            name = title if metrics.horizontalAdvance(title) <= room else _SHORTEST[section]
            names.append(metrics.elidedText(name, Qt.TextElideMode.ElideRight, room))
        return names

    def _left(self) -> int:
        return QFontMetrics(theme.scaled(0.9)).horizontalAdvance("Take 000 · 30 Sep") + 12

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows that are to be seen."""
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, row, head = self._left(), self._row(), self._head()
        wide = self._wide()
        if event.rect().top() <= head:
            painter.setFont(theme.scaled(0.85))
            painter.setPen(QColor(colours.text_soft))
            for number, shown in enumerate(self.headings()):
                box = QRectF(left + number * wide, 0, wide - 4, head - 4)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, shown)
        first = max(0, (event.rect().top() - head) // row)
        last = min(len(self.takes), (event.rect().bottom() - head) // row + 1)
        painter.setFont(theme.scaled(0.9))
        for index in range(first, last):
            take, top = self.takes[index], head + index * row
            if index == self._at:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(colours.selection))
                painter.drawRoundedRect(QRectF(2, top, self.width() - 4, row), 4, 4)
            painter.setPen(QColor(colours.text))
            name = f"Take {take.take.number} · {dated(take.take.started, '%b')}"
            painter.drawText(QRectF(6, top, left, row), Qt.AlignmentFlag.AlignVCenter, name)
            told = {section: status for section, _, status in take.sections}
            for number, section in enumerate(self._columns):
                box = QRectF(left + number * wide, top + 3, wide - 4, row - 6)
                draw_status(painter, box, told.get(section))
        self._draw_focus(painter)

    def _words(self, index: int) -> str:
        take = self.takes[index]
        told = ", ".join(f"{title} {status.value}" for _, title, status in take.sections)
        return f"Take {take.take.number}: {told}"

    def _index_at(self, position: QPointF) -> int:
        index = math.floor((position.y() - self._head()) / self._row())
        return index if 0 <= index < len(self.takes) else -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light the row and say what it shows."""
        super().mouseMoveEvent(event)
        told = f"{self._words(self._at)}\nClick opens its review." if self._at >= 0 else ""
        self.setToolTip(told)

    def _go_to(self, index: int) -> None:
        super()._go_to(index)
        self.moved_to.emit(self._head() + index * self._row() + self._row() // 2)


def draw_status(painter: QPainter, box: QRectF, status: Status | None) -> None:
    """A chip with the sign of ``status``; a thin one where there is no room for a sign."""
    sign, soft = status_colours(status)
    painter.setPen(Qt.PenStyle.NoPen)
    if box.width() < 14:
        painter.setBrush(QColor(sign))
        painter.drawRect(QRectF(box.center().x() - 1.5, box.top() + 4, 3, box.height() - 8))
        return
    painter.setBrush(QColor(soft))
    painter.drawRoundedRect(box, 5, 5)
    size = min(theme.px(14), int(min(box.width(), box.height())) - 2)
    picture = theme.pixmap(status_icon(status), sign, size)
    painter.drawPixmap(QPointF(box.center().x() - size / 2, box.center().y() - size / 2), picture)


def hatched(painter: QPainter, box: QRectF, line: str, ground: str) -> None:
    """A box that can be told from a filled one without colour."""
    painter.save()
    painter.setPen(QPen(QColor(line), 1.2))
    painter.setBrush(QColor(ground))
    painter.drawRect(box.adjusted(0.6, 0.6, -0.6, 0))
    painter.setBrush(QBrush(QColor(line), Qt.BrushStyle.BDiagPattern))
    painter.drawRect(box.adjusted(0.6, 0.6, -0.6, 0))
    painter.restore()


def _slim(box: QRectF) -> QRectF:
    """``box``, thinner than the bar below it where there is no room for hatching or an outline."""
    if box.width() >= 6:
        return box
    return QRectF(box.center().x() - 0.9, box.top(), 1.8, box.height())


def _round_step(least: float, steps: Sequence[float]) -> float:
    """The first of ``steps`` that is at least ``least``, else the last."""
    return next((step for step in steps if step >= least), steps[-1])
