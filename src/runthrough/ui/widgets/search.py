"""Everything that was ever said, searched: a field, and below it the sentences that have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from runthrough.talk import minutes
from runthrough.ui import theme
from runthrough.ui.widgets.basics import label

if TYPE_CHECKING:
    from collections.abc import Callable

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
        self.field.setClearButtonEnabled(True)
        self._none = label(role="soft", wrap=True)
        self._none.hide()
        self.list = QListWidget()
        self.list.setProperty("role", "questions")
        self.list.setAccessibleName("Sentences found")
        self.list.setWordWrap(True)
        self.list.setSpacing(4)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setMinimumHeight(theme.px(560))
        self.list.hide()
        self._typed = QTimer(self)
        self._typed.setSingleShot(True)
        self._typed.setInterval(_TYPED_MS)
        self._typed.timeout.connect(self._search)
        self.field.textChanged.connect(lambda _text: self._typed.start())
        self.field.returnPressed.connect(self._enter)
        self.list.itemActivated.connect(self._choose)
        self.list.itemClicked.connect(self._choose)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP_M)
        for part in (self.field, self._none, self.list):
            column.addWidget(part)
        shortcut = QShortcut(QKeySequence.StandardKey.Find, self)
        shortcut.activated.connect(self._begin)
        leave = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        leave.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        leave.activated.connect(self.field.clear)

    def _begin(self) -> None:
        self.field.setFocus()
        self.field.selectAll()

    def _search(self) -> None:
        text = self.field.text()
        self._hits = self._find(text)
        self.list.clear()
        for hit in self._hits:
            at = f" · {minutes(hit.start_s)}" if hit.start_s is not None else ""
            about = f"{hit.talk_title} · take {hit.take.number} · {hit.take.started:%d %B %Y}{at}"
            self.list.addItem(QListWidgetItem(f"{hit.text}\n{about}"))
        wanted = bool(text.strip())
        self._none.setText("" if self._hits else f"No reviewed take has “{text.strip()}”.")
        self._none.setVisible(wanted and not self._hits)
        self.list.setVisible(bool(self._hits))
        self.searching.emit(wanted)

    def _enter(self) -> None:
        self._typed.stop()
        self._search()
        if self._hits:
            self.list.setFocus()
            self.list.setCurrentRow(0)

    def _choose(self, item: QListWidgetItem) -> None:
        hit = self._hits[self.list.row(item)]
        self.chosen.emit(hit.take, hit.start_s or 0.0)
