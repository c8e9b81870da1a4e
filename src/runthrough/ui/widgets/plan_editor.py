"""Changing the plan of one talk, and which slides belong to which section."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent, QPen, QValidator
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from runthrough.plan import STEP_S, move_border, set_section
from runthrough.talk import minutes
from runthrough.ui import theme
from runthrough.ui.widgets.basics import ElidedLabel, button, heading, label, scrolling
from runthrough.ui.widgets.setup import PlainChoice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runthrough.talk import TalkFormat
    from runthrough.ui.slide_show import SlideShow

_LONGEST_S = 3 * 3600
_GRIP_PX = 7
# Not every figure is a number: keyboards have a ² too.
_TIME = re.compile("[0-9]{0,3}(:[0-9]{0,2})?")


class PlanDialog(QDialog):
    """The times of a talk's sections: type them, or drag the borders between them."""

    def __init__(self, title: str, fmt: TalkFormat, own: TalkFormat, *, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Plan of the talk")
        self.setMinimumWidth(theme.px(560))
        self._fmt = fmt
        self._planned = tuple(section.planned_s for section in own.sections)
        head = ElidedLabel(title)
        head.setFont(theme.scaled(1.2, weight=QFont.Weight.DemiBold))
        self.bar = PlanBar(fmt)
        self.bar.moved.connect(self._take)
        self.keep_total = QCheckBox("Keep the total: the other sections give way")
        self.keep_total.setChecked(True)
        self.fields: list[MinutesField] = []
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.GAP_M)
        grid.setVerticalSpacing(theme.GAP_S)
        grid.setColumnStretch(1, 1)
        for number, section in enumerate(fmt.sections):
            field = MinutesField(f"{section.title}, planned time")
            field.valueChanged.connect(lambda value, n=number: self._typed(n, value))
            self.fields.append(field)
            grid.addWidget(_Swatch(section.id), number, 0)
            grid.addWidget(label(section.title), number, 1)
            grid.addWidget(field, number, 2)
        self._total = heading(size=1.2)
        last = QHBoxLayout()
        last.addWidget(self.keep_total)
        last.addStretch(1)
        last.addWidget(self._total)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.button(QDialogButtonBox.StandardButton.Save).setProperty("role", "primary")
        again = button("As in the format")
        again.clicked.connect(lambda: self._take([s.planned_s for s in fmt.sections]))
        buttons.addButton(again, QDialogButtonBox.ButtonRole.ResetRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._ok = buttons.button(QDialogButtonBox.StandardButton.Save)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.GAP_L, theme.GAP_L, theme.GAP_L, theme.GAP_L)
        column.setSpacing(theme.GAP_M)
        column.addWidget(head)
        column.addWidget(self.bar)
        column.addLayout(grid)
        column.addLayout(last)
        column.addWidget(buttons)
        self._take(self._planned)

    @property
    def planned_s(self) -> tuple[float, ...]:
        """The plan as it stands, in the sections' order."""
        return self._planned

    def accept(self) -> None:
        """Close, with what is still being typed: on macOS a click takes no focus from a field."""
        for field in self.fields:
            field.interpretText()
        super().accept()

    def _typed(self, index: int, seconds: int) -> None:
        keep = self.keep_total.isChecked()
        self._take(set_section(self._planned, index, seconds, keep_total=keep))

    def _take(self, planned: Sequence[float]) -> None:
        self._planned = tuple(planned)
        self.bar.show_plan(self._planned)
        for field, seconds in zip(self.fields, self._planned, strict=True):
            field.blockSignals(True)
            field.setValue(round(seconds))
            field.blockSignals(False)
        total = sum(self._planned)
        self._total.setText(f"{minutes(total)} in all")
        self._ok.setEnabled(total > 0)


class MinutesField(QSpinBox):
    """A time as m:ss, in steps; plain numbers are minutes."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setRange(0, _LONGEST_S)
        self.setSingleStep(int(STEP_S))
        self.setKeyboardTracking(False)
        self.lineEdit().setTextMargins(theme.GAP_S, 0, theme.GAP_S, 0)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setFont(theme.scaled(1.0))
        self.setMinimumWidth(theme.px(96))
        self.setCorrectionMode(QAbstractSpinBox.CorrectionMode.CorrectToPreviousValue)

    def textFromValue(self, value: int) -> str:
        """Seconds as m:ss."""
        return minutes(value)

    def valueFromText(self, text: str) -> int:
        """Seconds from m:ss, or from minutes alone."""
        whole, colon, rest = text.strip().partition(":")
        seconds = 60 * int(whole or 0)
        return min(seconds + (int(rest or 0) if colon else 0), self.maximum())

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Digits, and at most one colon between them; no more than a time has."""
        good = _TIME.fullmatch(text.strip())
        state = QValidator.State.Acceptable if good else QValidator.State.Invalid
        return state, text, position


class PlanBar(QWidget):
    """All sections side by side, as long as they are planned. Borders between them are dragged."""

    moved = Signal(object)

    def __init__(self, fmt: TalkFormat) -> None:
        super().__init__()
        self._fmt = fmt
        self._planned: tuple[float, ...] = tuple(s.planned_s for s in fmt.sections)
        self._dragged: int | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Plan: the times below are the same")

    def sizeHint(self) -> QSize:
        """A bar that a finger can hit."""
        return QSize(480, 34)

    def show_plan(self, planned: Sequence[float]) -> None:
        """Show other times."""
        self._planned = tuple(planned)
        self.update()

    def borders(self) -> list[float]:
        """Where each section but the last ends, in pixels from the left."""
        total = sum(self._planned) or 1.0
        ends, at = [], 0.0
        for planned in self._planned[:-1]:
            at += planned
            ends.append(at / total * self.width())
        return ends

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the nearest border."""
        self._dragged = self._near(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag it."""
        if self._dragged is not None:
            total = sum(self._planned)
            to_s = event.position().x() / max(1, self.width()) * total
            self.moved.emit(move_border(self._planned, self._dragged, to_s))
        near = self._dragged is not None or self._near(event.position()) is not None
        self.setCursor(Qt.CursorShape.SplitHCursor if near else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        del event
        self._dragged = None

    def _near(self, at: QPointF) -> int | None:
        away = [(abs(x - at.x()), n) for n, x in enumerate(self.borders())]
        found = min(away, default=(float("inf"), 0))
        return found[1] if found[0] <= _GRIP_PX else None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the sections with their times, where there is room for them."""
        del event
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.scaled(0.9, weight=QFont.Weight.DemiBold))
        edges = [0.0, *self.borders(), float(self.width())]
        for number, section in enumerate(self._fmt.sections):
            part = QRectF(edges[number] + 1, 0, edges[number + 1] - edges[number] - 2, 34)
            if part.width() <= 0:
                continue
            painter.setPen(QPen(QColor(colours.section(section.id)), 2))
            painter.setBrush(QColor(colours.surface_raised))
            painter.drawRoundedRect(part.adjusted(1, 1, -1, -1), 6, 6)
            painter.setPen(QColor(colours.text))
            text = minutes(self._planned[number])
            if painter.fontMetrics().horizontalAdvance(text) + 8 < part.width():
                painter.drawText(part, int(Qt.AlignmentFlag.AlignCenter), text)


class _Swatch(QWidget):
    def __init__(self, section_id: str) -> None:
        super().__init__()
        self._section_id = section_id
        self.setFixedSize(12, 12)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.current().section(self._section_id)))
        painter.drawRoundedRect(self.rect(), 3, 3)


class SlideSectionsDialog(QDialog):
    """Which section each slide belongs to: proposed from the titles, changed by hand."""

    def __init__(
        self, show: SlideShow, fmt: TalkFormat, ties: Mapping[int, str], *, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Sections of the slides")
        self.resize(620, 560)
        self._show, self._fmt = show, fmt
        self.ties = dict(ties)
        self.choices: list[PlainChoice] = []
        rows = QWidget()
        grid = QGridLayout(rows)
        grid.setHorizontalSpacing(theme.GAP_M)
        grid.setVerticalSpacing(theme.GAP_S)
        grid.setColumnStretch(1, 1)
        for number in range(1, show.count + 1):
            title = ElidedLabel(show.title(number) or "(no title)")
            choice = PlainChoice()
            choice.setAccessibleName(f"Section of slide {number}, {show.title(number)}")
            choice.addItem("", "")
            for section in fmt.sections:
                choice.addItem(section.title, section.id)
            choice.activated.connect(lambda _=0, n=number: self._tie(n))
            self.choices.append(choice)
            grid.addWidget(label(str(number), role="soft"), number, 0)
            grid.addWidget(title, number, 1)
            grid.addWidget(choice, number, 2)
        grid.setRowStretch(show.count + 1, 1)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.button(QDialogButtonBox.StandardButton.Save).setProperty("role", "primary")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.GAP_L, theme.GAP_L, theme.GAP_L, theme.GAP_L)
        column.setSpacing(theme.GAP_M)
        column.addWidget(
            label(
                "A section goes on until a slide begins another. What is proposed follows from the "
                "titles; choose a section to decide yourself.",
                role="soft",
                wrap=True,
            )
        )
        area = scrolling(rows, "Slides")
        column.addWidget(area, 1)
        column.addWidget(buttons)
        self._offer()

    def _tie(self, number: int) -> None:
        chosen = self.choices[number - 1].currentData()
        if chosen:
            self.ties[number] = chosen
        else:
            self.ties.pop(number, None)
        self._offer()

    def _offer(self) -> None:
        """Say beside each slide what follows from the ties so far."""
        titles = {section.id: section.title for section in self._fmt.sections}
        found = self._show.deck.sections(self._fmt, self.ties)
        before = self._fmt.sections[0].id
        for number, (choice, section) in enumerate(zip(self.choices, found, strict=True), 1):
            proposed = self._show.deck.proposed_section(self._fmt, number, before)
            choice.setItemText(0, f"Proposed: {titles[proposed]}")
            choice.setCurrentIndex(max(0, choice.findData(self.ties.get(number, ""))))
            before = section
