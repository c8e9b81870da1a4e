"""What a talk is called, its format, its date, notes, terms and slides, in a dialog."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate
from PySide6.QtWidgets import (
    QCheckBox,
    QDateEdit,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from runthrough.errors import SlidesError
from runthrough.formats import DEFAULT_FORMAT
from runthrough.slides import SlideFile
from runthrough.ui import theme
from runthrough.ui.widgets.basics import ElidedLabel, button, label
from runthrough.ui.widgets.setup import PlainChoice, fill

if TYPE_CHECKING:
    from PySide6.QtGui import QDragEnterEvent, QDropEvent

    from runthrough.talk import Talk
    from runthrough.ui.session import Session


class TalkDialog(QDialog):
    """Title, format, date and notes of a talk. ``save`` writes it after ``exec`` was accepted."""

    def __init__(self, session: Session, talk: Talk | None = None, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._talk = talk
        self.setWindowTitle("Edit talk" if talk else "New talk")
        self.setMinimumWidth(theme.px(480))
        self.title = QLineEdit(talk.title if talk else "")
        self.title.setPlaceholderText("What the talk is called")
        self.title.setMaxLength(200)
        self.format = PlainChoice()
        formats, _ = session.formats()
        offered = {fmt.id: fmt.title for fmt in formats.values()}
        wanted = talk.format_id if talk else DEFAULT_FORMAT
        offered.setdefault(wanted, f"{wanted} (not found)")
        fill(self.format, offered, wanted)
        self.has_date = QCheckBox("There is a date")
        self.has_date.setChecked(talk is not None and talk.due is not None)
        self.due = QDateEdit(QDate.currentDate().addDays(10))
        self.due.setCalendarPopup(True)
        if talk and talk.due:
            self.due.setDate(QDate(talk.due.year, talk.due.month, talk.due.day))
        self.due.setEnabled(self.has_date.isChecked())
        self.has_date.toggled.connect(self.due.setEnabled)
        self.due_label = QLineEdit(talk.due_label if talk else "Interview")
        self.due_label.setMaxLength(40)
        self.due_label.setEnabled(self.has_date.isChecked())
        self.has_date.toggled.connect(self.due_label.setEnabled)
        self.notes = QPlainTextEdit(talk.notes if talk else "")
        self.notes.setPlaceholderText("Abstract or notes (optional)")
        self.notes.setTabChangesFocus(True)
        self.notes.setFixedHeight(theme.px(110))
        self.vocabulary = QLineEdit(talk.vocabulary if talk else "")
        self.vocabulary.setPlaceholderText("Names and terms, with commas between (optional)")
        for widget, name in (
            (self.vocabulary, "Terms for the recogniser"),
            (self.title, "Title"),
            (self.format, "Format"),
            (self.due, "Date"),
            (self.due_label, "What the date is"),
            (self.notes, "Notes"),
        ):
            widget.setAccessibleName(name)
        when = QHBoxLayout()
        when.setSpacing(theme.GAP_S)
        when.addWidget(self.due_label, 1)
        when.addWidget(self.due)
        self._form = form = QFormLayout(self)
        form.setContentsMargins(theme.GAP_L, theme.GAP_L, theme.GAP_L, theme.GAP_L)
        form.setVerticalSpacing(theme.GAP_M)
        form.addRow("Title", self.title)
        form.addRow("Format", self.format)
        form.addRow("", self.has_date)
        form.addRow("Date", when)
        form.addRow("Notes", self.notes)
        form.addRow("Terms", self.vocabulary)
        form.addRow("Slides", self._slides_row(talk))
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._ok = buttons.button(QDialogButtonBox.StandardButton.Save)
        self._ok.setProperty("role", "primary")
        self.title.textChanged.connect(lambda text: self._ok.setEnabled(bool(text.strip())))
        self._ok.setEnabled(bool(self.title.text().strip()))
        form.addRow(buttons)

    def _slides_row(self, talk: Talk | None) -> QVBoxLayout:
        """The slides' name and a button. A PDF can be dropped on the dialog, too."""
        self._slides: Path | None = None  # those chosen here
        self._slides_name = ElidedLabel((talk.slides if talk else "") or "None: drop a PDF here")
        self._slides_trouble = label(role="over", wrap=True)
        self._slides_trouble.hide()
        choose = button("Choose PDF…", name="Choose slides, a PDF")
        choose.clicked.connect(self._choose_slides)
        row = QHBoxLayout()
        row.addWidget(self._slides_name, 1)
        row.addWidget(choose)
        column = QVBoxLayout()
        column.addLayout(row)
        column.addWidget(self._slides_trouble)
        self.setAcceptDrops(True)
        return column

    def _choose_slides(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(
            self, "Choose slides", str(Path.home()), "PDF (*.pdf);;All files (*)"
        )
        if chosen:
            self.take_slides(Path(chosen))

    def take_slides(self, source: Path) -> None:
        """Choose ``source`` as slides if it can be read, or say why not."""
        try:
            SlideFile(source).close()
        except SlidesError as error:
            self._slides_trouble.setText(str(error))
            self._slides_trouble.show()
            self._make_room()
            return
        self._slides = source
        self._slides_name.setText(source.name)
        self._slides_trouble.hide()
        if not self.title.text():
            self.title.setText(source.stem.replace("_", " "))

    def _make_room(self) -> None:
        """Grow for a sentence that has come, which breaks into lines."""
        self._form.activate()
        height = self._form.totalHeightForWidth(self.width())
        self.resize(self.width(), max(self.height(), height))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept a PDF."""
        if dropped_pdf(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take the dropped PDF as slides."""
        source = dropped_pdf(event)
        if source is not None:
            event.acceptProposedAction()
            self.take_slides(source)

    def save(self) -> None:
        """Write what was entered. Raises ``LibraryError``."""
        due = self.due.date().toPython() if self.has_date.isChecked() else None
        assert due is None or isinstance(due, date)  # noqa: S101 - what Qt promises
        library = self._session.library
        title, format_id = self.title.text(), self.format.currentData()
        notes, due_label = self.notes.toPlainText(), self.due_label.text().strip() or "Talk"
        vocabulary = self.vocabulary.text().strip()
        talk = self._talk or library.new_talk(title, format_id)
        changed = replace(
            talk,
            title=" ".join(title.split()),
            format_id=format_id,
            notes=notes,
            due=due,
            due_label=due_label,
            vocabulary=vocabulary,
        )
        library.save_talk(changed)
        if self._slides is not None:
            library.attach_slides(changed, self._slides)


def dropped_pdf(event: QDropEvent) -> Path | None:
    """The first PDF among the files dropped, if there is one."""
    files = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    return next((path for path in files if path.suffix.lower() == ".pdf"), None)
