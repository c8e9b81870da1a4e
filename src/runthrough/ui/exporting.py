"""The review as a file: which kind, where to, and how far it is, above the review."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from runthrough import handout
from runthrough.errors import Cancelled, RunthroughError
from runthrough.ui import background, theme
from runthrough.ui.widgets.basics import Card, TimeLeft, button, label, progress_bar, restyle

if TYPE_CHECKING:
    from runthrough.handout import Kind
    from runthrough.talk import Report, Take
    from runthrough.ui.session import Session


class Exporting(QWidget):
    """One export at a time: its progress, then where the file is, or what went wrong.

    ``closed`` says that it is gone and that the focus was in it.
    """

    closed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._task: background.Task | None = None
        self._written: list[Path] = []
        self._folder = ""  # where the last file went
        self._text = label(wrap=True)
        self._progress = progress_bar("Progress of the export")
        self._progress.setFixedWidth(180)
        self._show = button("Show in folder")
        self._show.clicked.connect(self._show_in_folder)
        self._end = button("Cancel")
        self._end.clicked.connect(self._cancel_or_close)
        row = QHBoxLayout()
        row.addWidget(self._text, 1)
        for part in (self._progress, self._show, self._end):
            row.addWidget(part)
        self._card = Card()
        self._card.body.addLayout(row)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.GAP_L + 4, theme.GAP_M, theme.GAP_L + 4, 0)
        column.addWidget(self._card)
        self.hide()

    @property
    def under_way(self) -> bool:
        """Whether a file is being written."""
        return self._task is not None

    def menu(self, parent: QWidget, take: Take, report: Report | None) -> QMenu:
        """The kinds of file that there are; those that the take has nothing for are off."""
        menu = QMenu(parent)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        before = handout.KINDS[0]
        for kind in handout.KINDS:
            if kind.to in ("txt", "audio") and before.to != kind.to:
                menu.addSeparator()
            before = kind
            action = menu.addAction(f"{kind.title}…")
            action.setEnabled(
                self._task is None
                and (report is not None or not kind.needs_review)
                and (report is None or report.timed or not kind.needs_times)
            )
            action.triggered.connect(lambda _=False, k=kind: self.ask(k, take, report))
        return menu

    def ask(self, kind: Kind, take: Take, report: Report | None) -> None:
        """Ask where to write it, and do."""
        try:
            title = self._session.library.talk(take.talk_id).title
        except RunthroughError as error:
            self._say(str(error), failed=True)
            return
        documents = QStandardPaths.StandardLocation.DocumentsLocation
        folder = self._folder or QStandardPaths.writableLocation(documents)
        name = handout.file_name(title, take, kind.ending)
        chosen, _ = QFileDialog.getSaveFileName(
            self, kind.title, str(Path(folder) / name), f"{kind.title} (*{kind.ending})"
        )
        if chosen:
            target = Path(chosen)
            if not target.name.lower().endswith(kind.ending):
                target = target.with_name(target.name + kind.ending)
            self.write(kind, take, report, target)

    def write(self, kind: Kind, take: Take, report: Report | None, target: Path) -> None:
        """Write ``take`` to ``target`` beside the window."""
        self._folder = str(target.parent)
        self._written = []
        self._say(f"Writing {target.name}", failed=False)
        self._left = TimeLeft()
        self._progress.setValue(0)
        self._progress.show()
        self._set_end("Cancel")
        folder = self._session.library.folder(take.id)

        def work(task: background.Task) -> list[Path]:
            from runthrough.ui.pdf import draw

            return handout.write(
                folder,
                kind,
                target,
                report=report,
                write_pdf=draw,
                progress=task.progress,
                cancelled=task.cancelled,
            )

        self._task = background.run(
            self, work, done=self._done, failed=self._failed, progress=self._far
        )

    def cancel(self) -> None:
        """Stop what is being written; nothing half-made is left."""
        if self._task is not None:
            self._task.cancel()

    def _far(self, stage: str, share: float) -> None:
        if self._task is not None:
            self._text.setText(f"{stage}, {share:.0%}{self._left.after(stage, share)}")
            self._progress.setValue(round(1000 * share))

    def _done(self, written: list[Path]) -> None:
        self._task = None
        self._written = written
        names = " and ".join(path.name for path in written)
        self._say(f"Written: {names}, in {written[0].parent}", failed=False)
        self._show.show()
        if self._at_hand:
            self._show.setFocus()

    def _failed(self, error: Exception) -> None:
        self._task = None
        if isinstance(error, Cancelled):
            self._close()
            return
        if not isinstance(error, RunthroughError):
            self.hide()
            raise error
        self._say(str(error), failed=True)

    def _say(self, text: str, *, failed: bool) -> None:
        restyle(self._card, "trouble" if failed else "card")
        self._text.setText(text)
        self._text.setAccessibleName(text)
        self._progress.hide()
        self._show.hide()
        self._set_end("Close")
        self.show()

    def _set_end(self, text: str) -> None:
        self._end.setText(text)
        self._end.setAccessibleName(f"{text} the export" if text == "Cancel" else "Close")

    def _cancel_or_close(self) -> None:
        if self._task is not None:
            self.cancel()
        else:
            self._close()

    def _close(self) -> None:
        at_hand = self._at_hand
        self.hide()
        if at_hand:
            self.closed.emit()

    @property
    def _at_hand(self) -> bool:
        """Whether the focus is here. From elsewhere, where one may be typing, it is not taken."""
        return self.window().focusWidget() in (self._end, self._show)

    def _show_in_folder(self) -> None:
        if self._written:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._written[0].parent)))
