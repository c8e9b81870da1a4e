"""Which sections were told: as small chips in a list, and as the strip above a review."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QSizePolicy, QWidget

from runthrough.talk import (
    CONTENT_SECTIONS,
    NOT_JUDGED,
    Report,
    Section,
    SectionVerdict,
    Status,
    minutes,
)
from runthrough.ui import theme
from runthrough.ui.widgets.basics import Card, literal

if TYPE_CHECKING:
    from collections.abc import Sequence

# Names of sections where there is little room.
SHORT = {
    "problem": "Problem",
    "motivation": "Motivation",
    "related_work": "Related",
    "method": "Method",
    "experiments": "Experim.",
    "results": "Results",
    "limitations": "Limits",
}
_CHIP_HEIGHT = 26
_CELL_LEAST = 84
_SIGN = 14
# From a cell's edge, which shows when it is selected, to its text.
_INSET = 6


def status_colours(status: Status | None) -> tuple[str, str]:
    """Sign and background colour of ``status``; ``None`` where there is nothing to tell."""
    colours = theme.current()
    if status is None:
        return colours.neutral, colours.neutral_soft
    return {
        Status.COVERED: (colours.good, colours.good_soft),
        Status.THIN: (colours.warn, colours.warn_soft),
        Status.MISSING: (colours.bad, colours.bad_soft),
    }[status]


def status_icon(status: Status | None) -> str:
    """The icon of ``status``."""
    return status.value if status is not None else "unplanned"


class CoverageChips(QWidget):
    """Seven chips with sign and name: the last take of a talk at a glance."""

    def __init__(self, coverage: dict[str, Status | None]) -> None:
        super().__init__()
        self._coverage = coverage
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        words = {s: status.value if status else NOT_JUDGED for s, status in coverage.items()}
        told = ", ".join(f"{SHORT[s]} {words.get(s, 'not planned')}" for s in CONTENT_SECTIONS)
        self.setAccessibleName(f"Coverage: {told}")
        self.setToolTip(literal(told))

    def sizeHint(self) -> QSize:
        """Room for seven chips and their names."""
        name = QFontMetrics(theme.scaled(0.82))
        width = max(theme.px(72), name.horizontalAdvance("Motivation") + 6)
        return QSize(7 * width, theme.px(_CHIP_HEIGHT) + 4 + name.height())

    def minimumSizeHint(self) -> QSize:
        """The least width at which names still fit."""
        return QSize(7 * theme.px(56), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw chip, sign and name per section."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.scaled(0.82))
        width = self.width() / len(CONTENT_SECTIONS)
        for number, section in enumerate(CONTENT_SECTIONS):
            status = self._coverage.get(section)
            sign, background = status_colours(status)
            chip = QRectF(number * width, 0, width - 6, theme.px(_CHIP_HEIGHT))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(background))
            painter.drawRoundedRect(chip, 5, 5)
            size = theme.px(_SIGN)
            corner = chip.center() - QPointF(size / 2, size / 2)
            painter.drawPixmap(corner.toPoint(), theme.pixmap(status_icon(status), sign, size))
            painter.setPen(QColor(theme.current().text_soft))
            below = QRectF(chip.left() - 3, chip.bottom() + 2, width, self.height() - chip.height())
            painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, SHORT[section])


class CoverageStrip(Card):
    """The sections of a review side by side; a click or Enter selects one."""

    section_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._row = QGridLayout()
        self._row.setSpacing(theme.GAP_M)
        self._in_row = len(CONTENT_SECTIONS)
        self.body.addLayout(self._row)
        self._cells: dict[str, _Cell] = {}
        # Made now, so that Tab comes to them where the strip stands. No format has more.
        self._room = [_Cell() for _ in CONTENT_SECTIONS]
        for cell in self._room:
            cell.clicked.connect(lambda _=False, c=cell: self.section_chosen.emit(c.section))
        self._lay_out()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the sections into two rows where they have no room in one."""
        super().resizeEvent(event)
        room = self.contentsRect().width() - 2 * theme.GAP_L
        fit = max(2, room // (theme.px(_CELL_LEAST) + theme.GAP_M))
        in_row = len(self._room) if fit >= len(self._room) else min(fit, (len(self._room) + 1) // 2)
        if in_row != self._in_row:
            self._in_row = in_row
            self._lay_out()

    def minimumSizeHint(self) -> QSize:
        """Two sections side by side still tell something."""
        return QSize(2 * theme.px(_CELL_LEAST), super().minimumSizeHint().height())

    def _lay_out(self) -> None:
        for number, cell in enumerate(self._room):
            self._row.removeWidget(cell)
            self._row.addWidget(cell, number // self._in_row, number % self._in_row)
        for column in range(len(self._room)):
            shown = column < min(self._in_row, len(self._cells) or len(self._room))
            self._row.setColumnStretch(column, int(shown))

    def show_plan(self, sections: Sequence[Section], state: str) -> None:
        """Show what is planned before anything is known of it; ``state`` is a word for that."""
        if list(self._cells) != [section.id for section in sections]:
            self._make_cells([section.id for section in sections])
        for section in sections:
            planned = minutes(section.planned_s)
            self._cells[section.id].show_planned(section.title, planned, state)

    def show_report(self, report: Report) -> None:
        """Show the sections of ``report``; without times only whether they were told."""
        if list(self._cells) != [section.id for section in report.sections]:
            self._make_cells([section.id for section in report.sections])
        for section in report.sections:
            self._cells[section.id].show_verdict(section, report)

    def show_so_far(self, sections: tuple[SectionVerdict, ...], told: set[str], state: str) -> None:
        """Show which of ``sections`` were ``told`` in what is heard so far, ``state`` else."""
        for section in sections:
            cell = self._cells.get(section.id)
            if cell is not None:
                cell.show_so_far(section, told=section.id in told, state=state)

    def leave_off(self, state: str) -> None:
        """What is not known will not be known now; ``state`` is a word for that."""
        for cell in self._cells.values():
            cell.leave_off(state)

    def select(self, section_id: str | None) -> None:
        """Set off the cell of one section."""
        for own_id, cell in self._cells.items():
            cell.setChecked(own_id == section_id)

    def _make_cells(self, section_ids: Sequence[str]) -> None:
        self._cells = dict(zip(section_ids, self._room, strict=False))
        for section_id, cell in self._cells.items():
            cell.section = section_id
        for number, cell in enumerate(self._room):
            cell.setVisible(number < len(section_ids))
        self._lay_out()


class _Cell(QAbstractButton):
    def __init__(self) -> None:
        super().__init__()
        self.section = ""
        self._title, self._spent, self._planned = "", "", ""
        self._status: Status | None = None
        self._unknown = ""
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # after a click Space still plays

    def show_planned(self, title: str, planned: str, state: str) -> None:
        self._title, self._spent, self._planned = title, "", planned
        self._unknown = state
        self._status = None
        self.setAccessibleName(f"{title}: not known yet, {planned} planned")
        self.setToolTip(literal(f"{title}: not known yet"))
        self.update()

    def show_so_far(self, section: SectionVerdict, *, told: bool, state: str) -> None:
        self._title = section.title
        self._spent = f"{minutes(section.spent_s)} of "
        self._planned = minutes(section.planned_s)
        self._status, self._unknown = (Status.COVERED if told else None), state
        known = "covered" if told else "not known yet"
        self.setAccessibleName(f"{section.title}: {known}, {self._spent}{self._planned} so far")
        self.setToolTip(literal(f"{section.title}: {known}, by what is heard so far"))
        self.update()

    def leave_off(self, state: str) -> None:
        self._unknown = state
        self.update()

    def show_verdict(self, section: SectionVerdict, report: Report) -> None:
        timed = report.has_time(section)
        self._title = section.title
        self._spent = f"{minutes(section.spent_s)} of " if timed else ""
        self._planned = minutes(section.planned_s)
        self._status = section.status if report.judged else None
        self._unknown = NOT_JUDGED
        told = f"{section.title}: {report.told(section)}"
        # What was heard may be another time than the speaker's own.
        by_timer = " by your timer" if section.timer_s is not None else ""
        sure = f"sure to {section.confidence:.0%}"
        if section.by_speaker:
            sure = "by your word"
        elif section.doubtful:
            sure = "or I missed it"
        times = f"{self._spent}{self._planned}"
        self.setAccessibleName(f"{told}, {times}{by_timer}")
        tip = f"{told} ({sure})" if report.judged else told
        self.setToolTip(literal(f"{tip}, {times}{by_timer}" if by_timer else tip))
        self.update()

    def nextCheckState(self) -> None:
        """Checked is which section is selected; ``CoverageStrip.select`` alone tells."""

    def sizeHint(self) -> QSize:
        line = QFontMetrics(self.font()).height()
        return QSize(theme.px(110), 4 + 6 + line + 6 + line + 6 + 6 + line + 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(_CELL_LEAST), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = QFontMetrics(self.font()).height()
        painter.fillRect(0, 0, self.width(), 4, QColor(colours.section(self.section)))
        if self.underMouse() or self.hasFocus() or self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.selection))
            painter.drawRoundedRect(QRectF(0, 6, self.width(), self.height() - 6), 5, 5)
        if self.hasFocus():
            painter.setPen(QColor(colours.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(0.5, 6.5, self.width() - 1, self.height() - 7), 5, 5)
        top = 10
        painter.setFont(theme.scaled(1.0, weight=QFont.Weight.DemiBold))
        painter.setPen(QColor(colours.text))
        title = painter.fontMetrics().elidedText(
            self._title, Qt.TextElideMode.ElideRight, self.width() - 2 * _INSET
        )
        painter.drawText(
            _INSET, top, self.width() - 2 * _INSET, line, Qt.AlignmentFlag.AlignVCenter, title
        )
        top += line + 6
        sign, background = status_colours(self._status)
        painter.setFont(theme.scaled(0.9, weight=QFont.Weight.Medium))
        word = self._status.value if self._status is not None else self._unknown
        size = theme.px(_SIGN)
        chip_width = size + 8 + painter.fontMetrics().horizontalAdvance(word) + 12
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(background))
        painter.drawRoundedRect(QRectF(_INSET, top, chip_width, line + 6), 9, 9)
        picture = theme.pixmap(status_icon(self._status), sign, size)
        painter.drawPixmap(_INSET + 6, round(top + (line + 6 - size) / 2), picture)
        painter.setPen(QColor(sign))
        painter.drawText(
            _INSET + 10 + size, top, chip_width, line + 6, Qt.AlignmentFlag.AlignVCenter, word
        )
        top += line + 6 + 6
        painter.setFont(theme.scaled(1.0))
        spent, planned = self._spent, self._planned
        painter.setPen(QColor(colours.text))
        painter.drawText(_INSET, top, self.width(), line, Qt.AlignmentFlag.AlignVCenter, spent)
        offset = painter.fontMetrics().horizontalAdvance(spent)
        painter.setPen(QColor(colours.text_soft))
        painter.drawText(
            _INSET + offset, top, self.width(), line, Qt.AlignmentFlag.AlignVCenter, planned
        )
