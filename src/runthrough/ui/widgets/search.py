"""Everything that was ever said, searched: a field, and below it the sentences that have it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from runthrough.talk import dated, minutes
from runthrough.ui import theme
from runthrough.ui.widgets.basics import label

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QListWidget, QListWidgetItem

    from runthrough.library import Hit

# A search takes some milliseconds; typing is waited for, so that no letter is held up.
_TYPED_MS = 120


class Search(QWidget):
    """``chosen`` tells of a take and where in it; ``searching`` whether there is text to find."""

    chosen = Signal(object, float)  # Take, seconds
    searching = Signal(bool)

    def __init__(self, find: Callable[[str], list[Hit]]) -> None:
        super().__init__()
        self._find = find
        self._hits: list[Hit] = []
        self.field = QLineEdit()
        self.field.setPlaceholderText("Search what was said in all takes")
        self.field.setAccessibleName("Search what was said in all takes")
        self._none = label(role="soft", wrap=True)
        self._none.hide()
        self._typed = QTimer(self)
        self._typed.setSingleShot(True)
        self._typed.setInterval(_TYPED_MS)
        self._typed.timeout.connect(self._search)
        self.field.textChanged.connect(self._typing)
        self.field.returnPressed.connect(self._enter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP_M)
        column.addWidget(self.field)
        column.addWidget(self._none)
        self._column = column
        shortcut = QShortcut(QKeySequence.StandardKey.Find, self)
        shortcut.activated.connect(self._begin)
        leave = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        leave.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        leave.activated.connect(self.field.clear)

    @cached_property
    def results(self) -> QListWidget:
        """What was found; made for the first search, for the window to open sooner."""
        from PySide6.QtWidgets import QListWidget

        found = QListWidget()
        found.setProperty("role", "questions")
        found.setAccessibleName("Sentences found")
        found.setWordWrap(True)
        found.setSpacing(4)
        found.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        found.setMinimumHeight(theme.px(560))
        found.hide()
        found.itemActivated.connect(self._choose)
        found.itemClicked.connect(self._choose)
        self._column.addWidget(found)
        return found

    def _typing(self) -> None:
        # Its picture is looked for in all of the system's themes, so not before it is of use.
        self.field.setClearButtonEnabled(True)
        self._typed.start()

    def _begin(self) -> None:
        self.field.setFocus()
        self.field.selectAll()

    def _search(self) -> None:
        from PySide6.QtWidgets import QListWidgetItem

        text = self.field.text()
        self._hits = self._find(text)
        self.results.clear()
        for hit in self._hits:
            at = f" · {minutes(hit.start_s)}" if hit.start_s is not None else ""
            when = dated(hit.take.started, "%B %Y")
            about = f"{hit.talk_title} · take {hit.take.number} · {when}{at}"
            self.results.addItem(QListWidgetItem(f"{hit.text}\n{about}"))
        wanted = bool(text.strip())
        self._none.setText("" if self._hits else f"No reviewed take has “{text.strip()}”.")
        self._none.setVisible(wanted and not self._hits)
        self.results.setVisible(bool(self._hits))
        self.searching.emit(wanted)

    def _enter(self) -> None:
        self._typed.stop()
        self._search()
        if self._hits:
            self.results.setFocus()
            self.results.setCurrentRow(0)

    def _choose(self, item: QListWidgetItem) -> None:
        hit = self._hits[self.results.row(item)]
        self.chosen.emit(hit.take, hit.start_s or 0.0)
