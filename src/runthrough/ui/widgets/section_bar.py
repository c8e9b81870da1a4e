"""Sections against their plan: the outline at the side and the bar in each row."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from runthrough.clock import RED_RATIO
from runthrough.talk import minutes
from runthrough.ui import theme
from runthrough.ui.widgets.basics import label, literal, zoom_like

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from runthrough.talk import Section, TalkFormat

_BAR = 6
_PAD = 10
# Shares of the height of a line of text.
_SWATCH = 0.6
_SIGN = 0.66


class Spending(StrEnum):
    """How a section's time stands against its plan."""

    WITHIN = "within the plan"
    AT_PLAN = "at its plan"
    OVER = "far over its plan"

    @classmethod
    def of(cls, spent_s: float, planned_s: float) -> Spending:
        """Amber from the plan on, red beyond ``RED_RATIO`` of it."""
        if spent_s < max(planned_s, 1.0):  # nothing planned is not over before it is visited
            return cls.WITHIN
        return cls.OVER if spent_s > planned_s * RED_RATIO else cls.AT_PLAN

    def colour(self, within: str) -> str:
        """The colour to paint with; ``within`` where all is well."""
        colours = theme.current()
        return {"AT_PLAN": colours.warn, "OVER": colours.bad}.get(self.name, within)


def paint_bar(
    painter: QPainter,
    rect: QRectF,
    colour: str,
    spent_s: float,
    planned_s: float,
    affordable_s: float,
) -> None:
    """Draw spent against planned.

    Over the plan the whole bar is what was spent and a gap shows where the plan ended. What of
    the plan is no longer affordable is hatched.
    """
    colours = theme.current()
    radius = rect.height() / 2
    spending = Spending.of(spent_s, planned_s)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colours.track))
    painter.drawRoundedRect(rect, radius, radius)
    if affordable_s < planned_s - 0.5 and planned_s > 0:
        cut = QRectF(rect)
        cut.setLeft(rect.left() + rect.width() * affordable_s / planned_s)
        painter.setBrush(QBrush(QColor(colours.control), Qt.BrushStyle.BDiagPattern))
        painter.drawRect(cut)
    painter.setBrush(QColor(spending.colour(colour)))
    share = min(1.0, spent_s / planned_s) if planned_s > 0 else float(spent_s >= 1)
    filled = rect.width() * share
    if filled >= 1:
        done = QRectF(rect.left(), rect.top(), max(filled, rect.height()), rect.height())
        painter.drawRoundedRect(done, radius, radius)
    if spent_s > planned_s > 0:
        at = rect.left() + rect.width() * planned_s / spent_s
        painter.setBrush(QColor(colours.surface))
        painter.drawRect(QRectF(at - 1.5, rect.top() - 1, 3, rect.height() + 2))


def paint_sign(painter: QPainter, rect: QRectF, spending: Spending) -> None:
    """Draw what says the same without colour: an open triangle at the plan, a filled one over."""
    colour = QColor(spending.colour(theme.current().text))
    triangle = QPolygonF(
        [
            QPointF(rect.center().x(), rect.top() + 1),
            QPointF(rect.right() - 0.5, rect.bottom() - 1),
            QPointF(rect.left() + 0.5, rect.bottom() - 1),
        ]
    )
    painter.setPen(QPen(colour, 1.6, j=Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(colour if spending is Spending.OVER else Qt.BrushStyle.NoBrush)
    painter.drawPolygon(triangle)


@dataclass(frozen=True, slots=True)
class _Shown:
    """All that a row's picture depends on, so that it is painted only when that changes."""

    spent: int
    planned: int
    affordable: int
    filled_px: int
    current: bool


class SpentBar(QWidget):
    """One section's bar, larger than in the outline."""

    def __init__(self, height: int = 8) -> None:
        super().__init__()
        self.setFixedHeight(height)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._section: Section | None = None
        self._spent_s = 0.0
        self._drawn = (0, Spending.WITHIN)

    def show_spent(self, section: Section, spent_s: float) -> None:
        """Show ``spent_s`` of ``section``'s plan."""
        drawn = (
            round(self.width() * spent_s / max(section.planned_s, 1.0)),
            Spending.of(spent_s, section.planned_s),
        )
        if section is not self._section or drawn != self._drawn:
            self._section, self._spent_s, self._drawn = section, spent_s, drawn
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bar."""
        del event
        if self._section is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        planned = self._section.planned_s
        colour = theme.current().section(self._section.id)
        paint_bar(painter, QRectF(self.rect()), colour, self._spent_s, planned, planned)


class Outline(QWidget):
    """All sections with what is spent of what is planned. A click on a row asks to go there."""

    section_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[_Row] = []
        heading = QHBoxLayout()
        heading.setContentsMargins(_PAD, 0, _PAD, 0)
        small = theme.scaled(0.88)
        heading.addWidget(label("Section", role="soft", font=small))
        heading.addStretch(1)
        heading.addWidget(label("spent / planned", role="soft", font=small))
        self._list = QVBoxLayout()
        self._list.setSpacing(3)
        self._note = label("↓ what is still affordable", role="soft", font=small)
        self._note.setContentsMargins(_PAD, 0, _PAD, 0)
        self._note.setAlignment(Qt.AlignmentFlag.AlignRight)
        keep = self._note.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self._note.setSizePolicy(keep)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.GAP_S)
        layout.addLayout(heading)
        layout.addLayout(self._list)
        layout.addWidget(self._note)
        layout.addStretch(1)

    def show_format(self, fmt: TalkFormat) -> None:
        """Lay out the sections of ``fmt`` with nothing spent."""
        for row in self._rows:
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = []
        for number, section in enumerate(fmt.sections):
            row = _Row(section, number)
            row.clicked.connect(lambda _=False, n=number: self.section_chosen.emit(n))
            self._rows.append(row)
            zoom_like(self, row)
            self._list.addWidget(row)
        self.show_times([0.0] * len(self._rows), [s.planned_s for s in fmt.sections], None)

    def show_times(
        self, spent_s: Sequence[float], affordable_s: Sequence[float], current: int | None
    ) -> None:
        """Show the times of all sections in their order; ``current`` is the one being told."""
        squeezed = False
        for number, row in enumerate(self._rows):
            row.show_times(spent_s[number], affordable_s[number], current=number == current)
            squeezed = squeezed or row.squeezed
        self._note.setVisible(squeezed)

    def show_heard(self, heard: Collection[str]) -> None:
        """Mark the sections whose content was said."""
        for row in self._rows:
            row.show_heard(row.section_id in heard)


class _Row(QAbstractButton):
    """Keys jump to it; so it takes no focus of its own and no key from the talk."""

    def __init__(self, section: Section, number: int) -> None:
        super().__init__()
        self._section = section
        self._number = number
        self._spent_s = 0.0
        self._heard = False
        self._affordable_s = section.planned_s
        self._shown = _Shown(0, round(section.planned_s), round(section.planned_s), 0, False)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._say()

    def sizeHint(self) -> QSize:
        return QSize(240, self._line() + _BAR + 7 + 20)

    def _scaled(self, times: float, *, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * times)
        font.setWeight(weight)
        return theme.numbers(font)

    def _line(self) -> int:
        """The height of a line of text; signs and swatches grow with it."""
        return QFontMetrics(self._scaled(1.05)).height()

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height() - 10)

    @property
    def section_id(self) -> str:
        return self._section.id

    def show_heard(self, heard: bool) -> None:
        if heard != self._heard:
            self._heard = heard
            self._say()
            self.update()

    @property
    def squeezed(self) -> bool:
        """Whether less than planned is affordable."""
        return self._shown.affordable < self._shown.planned

    def show_times(self, spent_s: float, affordable_s: float, *, current: bool) -> None:
        planned_s = self._section.planned_s
        shown = _Shown(
            spent=int(spent_s),
            planned=round(planned_s),
            affordable=round(affordable_s),
            filled_px=round(self.width() * spent_s / max(planned_s, 1.0)),
            current=current,
        )
        self._spent_s, self._affordable_s = spent_s, affordable_s
        if shown != self._shown:
            self._shown = shown
            self._say()
            self.update()

    def _say(self) -> None:
        shown = self._shown
        told = f"{self._section.title}: {minutes(shown.spent)} of {minutes(shown.planned)}"
        if self.squeezed:
            told += f", {minutes(shown.affordable)} still affordable"
        spending = Spending.of(self._spent_s, self._section.planned_s)
        if spending is not Spending.WITHIN:
            told += f", {spending}"
        if self._heard:
            told += ", heard"
        if shown.current:
            told += ", now"
        if told != self.accessibleName():
            self.setAccessibleName(told)
            self.setToolTip(literal(f"{told} (key {self._number + 1})"))

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        colours = theme.current()
        shown = self._shown
        spending = Spending.of(self._spent_s, self._section.planned_s)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if shown.current:
            painter.setPen(QPen(QColor(colours.accent), 2))
            painter.setBrush(QColor(colours.selection))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)
        line = self._line()
        swatch = line * _SWATCH
        inner = QRectF(self.rect()).adjusted(_PAD, 0, -_PAD, 0)
        top = (self.height() - line - 7 - _BAR) / 2
        first = QRectF(inner.left(), top, inner.width(), line)

        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.section(self._section.id)))
        painter.drawRoundedRect(
            QRectF(inner.left(), first.center().y() - swatch / 2, swatch, swatch), 3, 3
        )
        left = self._paint_times(painter, first, spending)
        weight = QFont.Weight.DemiBold if shown.current else QFont.Weight.Medium
        painter.setFont(self._scaled(1.05, weight=weight))
        painter.setPen(QColor(colours.text))
        title = first.adjusted(swatch + 8, 0, 0, 0)
        title.setRight(left - 6)
        metrics = painter.fontMetrics()
        width = metrics.horizontalAdvance(self._section.title)
        sign = self._heard_sign(int(title.width()) - width)
        if sign:
            title.setRight(title.right() - QFontMetrics(self._scaled(0.92)).horizontalAdvance(sign))
        shown_title = metrics.elidedText(
            self._section.title, Qt.TextElideMode.ElideRight, int(title.width())
        )
        painter.drawText(title, Qt.AlignmentFlag.AlignVCenter, shown_title)
        if sign:
            painter.setFont(self._scaled(0.92))
            painter.setPen(QColor(colours.good))
            title.setLeft(title.left() + metrics.horizontalAdvance(shown_title))
            title.setRight(left)
            painter.drawText(title, Qt.AlignmentFlag.AlignVCenter, sign)
        bar = QRectF(inner.left(), first.bottom() + 7, inner.width(), _BAR)
        paint_bar(
            painter,
            bar,
            colours.section(self._section.id),
            self._spent_s,
            self._section.planned_s,
            self._affordable_s,
        )

    def _heard_sign(self, room: int) -> str:
        """The sign of a section that was heard, with its word where there is room for it."""
        if not self._heard:
            return ""
        with_word = "  ✓ heard"
        fits = QFontMetrics(self._scaled(0.92)).horizontalAdvance(with_word) <= room
        return with_word if fits else " ✓"

    def _paint_times(self, painter: QPainter, line: QRectF, spending: Spending) -> float:
        """Draw spent and planned at the right end; returns where they begin."""
        colours = theme.current()
        shown = self._shown
        visited = shown.spent > 0 or shown.current
        over = spending is not Spending.WITHIN
        plan = f"↓{minutes(shown.affordable)}" if self.squeezed else minutes(shown.planned)
        pieces = [
            (plan, colours.warn if self.squeezed else colours.text_soft),
            (" / ", colours.text_soft),
            (
                minutes(shown.spent),
                spending.colour(colours.text if visited else colours.text_soft),
            ),
        ]
        weight = QFont.Weight.DemiBold if over or self.squeezed else QFont.Weight.Normal
        painter.setFont(self._scaled(1.05, weight=weight))
        right = line.right()
        for text, colour in pieces:
            width = painter.fontMetrics().horizontalAdvance(text)
            painter.setPen(QColor(colour))
            painter.drawText(
                QRectF(right - width, line.top(), width + 1, line.height()),
                Qt.AlignmentFlag.AlignVCenter,
                text,
            )
            right -= width
        if over:
            size = line.height() * _SIGN
            right -= size + 5
            sign = QRectF(right, line.center().y() - size / 2, size, size)
            paint_sign(painter, sign, spending)
        return right
