"""Two takes side by side, better and worse marked by sign and word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from runthrough.analysis.compare import Change, Row
from runthrough.ui import theme
from runthrough.ui.widgets.basics import Card, heading, label

if TYPE_CHECKING:
    from collections.abc import Sequence

_SIGNS = {
    Change.BETTER: "▲",
    Change.WORSE: "▼",
    Change.SAME: "=",
    Change.OTHER_PLAN: "–",
    Change.BREAKS_OFF: "–",
    Change.OTHER: "–",
}
_ROLES = {Change.BETTER: "covered", Change.WORSE: "missing"}


class Comparison(QWidget):
    """A table per group of rows."""

    def __init__(self, rows: Sequence[Row], before: str, after: str) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, theme.GAP_S, 0)
        column.setSpacing(theme.GAP_M)
        counts = {change: sum(row.change is change for row in rows) for change in Change}
        told = f"{counts[Change.BETTER]} better, {counts[Change.WORSE]} worse"
        column.addWidget(heading(told, 1.15))
        for group in dict.fromkeys(row.group for row in rows):
            column.addWidget(_table(group, [r for r in rows if r.group == group], before, after))
        column.addStretch(1)


def _table(group: str, rows: Sequence[Row], before: str, after: str) -> Card:
    card = Card()
    grid = QGridLayout()
    grid.setHorizontalSpacing(theme.GAP_L)
    grid.setVerticalSpacing(theme.GAP_S)
    grid.setColumnStretch(0, 4)
    grid.setColumnStretch(1, 2)
    grid.setColumnStretch(2, 2)
    # The same widths in every table, so that takes stand below each other.
    metrics = QFontMetrics(theme.scaled(1.0))
    widest = max(metrics.horizontalAdvance(f"{_SIGNS[change]} {change}") for change in Change)
    grid.setColumnMinimumWidth(3, widest + 10)
    row_height = metrics.height() + 8
    bold = theme.scaled(1.0, weight=QFont.Weight.DemiBold)
    grid.addWidget(label(group, font=bold), 0, 0)
    grid.addWidget(label(before, role="soft"), 0, 1)
    grid.addWidget(label(after, role="soft"), 0, 2)
    for number, row in enumerate(rows, 1):
        grid.addWidget(label(row.title, wrap=True), number, 0)
        before_label = label(row.before, role="soft", font=theme.scaled(1.0), wrap=True)
        grid.addWidget(before_label, number, 1)
        grid.addWidget(label(row.after, font=theme.scaled(1.0), wrap=True), number, 2)
        grid.setRowMinimumHeight(number, row_height)
        mark = QLabel(f"{_SIGNS[row.change]} {row.change.value}")
        mark.setTextFormat(Qt.TextFormat.PlainText)
        mark.setProperty("role", _ROLES.get(row.change, "soft"))
        grid.addWidget(mark, number, 3, Qt.AlignmentFlag.AlignLeft)
    card.body.addLayout(grid)
    return card
