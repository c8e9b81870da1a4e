"""The home: all talks, and the ways to begin."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QFont
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from runthrough.errors import Cancelled, LibraryError
from runthrough.talk import Report, Take, Talk, dated_from_now, minutes
from runthrough.ui import background, theme
from runthrough.ui.widgets.basics import (
    Card,
    Column,
    Columns,
    ElidedLabel,
    TimeLeft,
    TopBar,
    ask_to_trash,
    button,
    clear,
    heading,
    label,
    progress_bar,
    scrolling,
    tab_before,
)
from runthrough.ui.widgets.coverage import CoverageChips
from runthrough.ui.widgets.search import Search

if TYPE_CHECKING:
    from collections.abc import Callable

    from runthrough.library import TalkSummary
    from runthrough.ui.session import Session
    from runthrough.ui.talk_dialog import TalkDialog


# The window opens with as many rows as it shows at its first size; the others come after that, a
# few at a time, so that it answers meanwhile.
_ROWS_AT_FIRST, _ROWS_AT_A_TIME = 7, 12
_PAINTED_MS = 50
# In a list that is not so wide, a talk's coverage and its buttons stand below its name.
_ROOM_FOR_ROW = 960


class TalksPage(QWidget):
    """The list of talks. Recordings can be dropped anywhere on it."""

    rehearse_wanted = Signal(object)  # Talk
    review_wanted = Signal(object)  # Take
    moment_wanted = Signal(object, float)  # Take, seconds
    trouble = Signal(str)
    news = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._session = session
        self._import: background.Task | None = None
        self._shown: tuple[list[TalkSummary], dict[str, str]] | None = None
        self._to_come: list[TalkSummary] = []
        self._search: Search | None = None
        self._searching = False

        bar = TopBar("Talks")
        sample = button("Open the sample talk")
        sample.clicked.connect(self.open_sample)
        bring = button("Import recording…", name="Import recording")
        bring.clicked.connect(self._choose_recording)
        new = button("New talk", role="primary")
        new.clicked.connect(self._new_talk)
        for action in (sample, bring, new):
            bar.add(action)

        self._progress = _ImportProgress()
        self._progress.cancel.clicked.connect(self._cancel_import)
        self._recovered = _Recovered()
        self._recovered.review.connect(self.review_wanted)
        self._list = QVBoxLayout()
        self._list.setSpacing(theme.GAP_M + 4)
        content = QWidget()
        column = self._column = QVBoxLayout(content)
        column.setContentsMargins(theme.GAP_L + 4, theme.GAP_L, theme.GAP_L + 4, theme.GAP_L)
        column.setSpacing(theme.GAP_M + 4)
        column.addWidget(self._recovered)
        column.addWidget(self._progress)
        column.addLayout(self._list)
        column.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(bar)
        layout.addWidget(scrolling(content, "Talks"), 1)
        session.library_changed.connect(self.refresh)
        app = QCoreApplication.instance()
        if app is not None:  # the end of the program does not wait for a whole recording
            app.aboutToQuit.connect(self._cancel_import)

    def refresh(self) -> None:
        """Show the library as it is now."""
        summaries = self._session.library.talks()
        titles: dict[str, str] = {}
        if summaries:
            formats, problems = self._session.formats()
            titles = {name: fmt.title for name, fmt in formats.items()}
            for problem in problems:
                self.trouble.emit(problem)
        shown = (summaries, titles)
        if shown == self._shown:
            return
        at_first = _ROWS_AT_FIRST if self._shown is None else len(summaries)
        self._shown = shown
        clear(self._list)
        for summary in summaries[:at_first]:
            self._list.addWidget(self._row(summary, titles))
        self._to_come = summaries[at_first:]
        if self._to_come:
            QTimer.singleShot(_PAINTED_MS, self, self._add_rows)
        if not summaries:
            self._list.addWidget(_Welcome())
        self._offer_search(any(summary.take_count for summary in summaries))
        note = Card()
        line = QHBoxLayout()
        line.addWidget(heading("Everything stays on this computer."))
        line.addWidget(
            label(
                "Recordings, transcripts and reviews are kept in your library folder; nothing is "
                "sent anywhere.",
                role="soft",
                wrap=True,
            ),
            1,
        )
        note.body.addLayout(line)
        self._list.addWidget(note)

    def _row(self, summary: TalkSummary, titles: dict[str, str]) -> _TalkRow:
        row = _TalkRow(summary, titles.get(summary.talk.format_id, summary.talk.format_id))
        row.rehearse.connect(self.rehearse_wanted)
        row.review.connect(self.review_wanted)
        row.edit.connect(self._edit_talk)
        row.delete.connect(self._delete_talk)
        return row

    def _add_rows(self) -> None:
        """Add some of the talks that are still to come, before the note at the end."""
        if not self._to_come or self._shown is None:
            return
        for summary in self._to_come[:_ROWS_AT_A_TIME]:
            row = self._row(summary, self._shown[1])
            row.setHidden(self._searching)
            self._list.insertWidget(self._list.count() - 1, row)
        del self._to_come[:_ROWS_AT_A_TIME]
        QTimer.singleShot(0, self, self._add_rows)

    def _offer_search(self, wanted: bool) -> None:
        if self._search is None and wanted:
            self._search = Search(self._session.library.search)
            self._search.chosen.connect(self.moment_wanted)
            self._search.searching.connect(self._show_list)
            self._column.insertWidget(self._column.indexOf(self._list), self._search)
            first = self._list.itemAt(0)
            row = first.widget() if first is not None else None
            if row is not None:
                tab_before(row, [self._search.field])
        if self._search is not None:
            self._search.setVisible(wanted)

    def _show_list(self, searching: bool) -> None:
        """The talks, or what was found instead of them."""
        self._searching = searching
        for place in range(self._list.count()):
            item = self._list.itemAt(place)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.setVisible(not searching)

    def offer_recovered(self, takes: list[Take]) -> None:
        """Say that takes cut off by a crash are safe, and offer their review."""
        self._recovered.offer(takes)
        self.refresh()

    # --- what the buttons do ---------------------------------------------------------------

    def _new_talk(self) -> None:
        from runthrough.ui.talk_dialog import TalkDialog

        self._ask_and_save(TalkDialog(self._session, parent=self))

    def _ask_and_save(self, dialog: TalkDialog) -> None:
        if dialog.exec():
            self._guard(dialog.save)
            # Where the slides can't be copied, the talk is made and changed all the same.
            self._session.library_changed.emit()

    def _edit_talk(self, talk: Talk) -> None:
        from runthrough.ui.talk_dialog import TalkDialog

        self._ask_and_save(TalkDialog(self._session, talk, parent=self))

    def _delete_talk(self, talk: Talk) -> None:
        takes = len(self._session.library.takes(talk.id))
        noun = "take" if takes == 1 else "takes"
        with_takes = f" and its {takes} {noun}" if takes else ""
        asked = f"Move “{talk.title}”{with_takes} to the trash?"
        if ask_to_trash(self, "Delete talk", asked):
            self._guard(lambda: self._session.library.delete_talk(talk.id))
            self._session.library_changed.emit()

    def open_sample(self) -> None:
        """Show the review of the sample talk, putting it into the library if it is not there."""
        background.run(
            self,
            lambda _task: self._session.library.open_sample(),
            done=self.review_wanted.emit,
            failed=lambda error: background.tell_trouble(error, self.trouble.emit),
        )

    def _choose_recording(self) -> None:
        from PySide6.QtWidgets import QFileDialog

        chosen, _ = QFileDialog.getOpenFileName(
            self,
            "Import a recording",
            str(Path.home()),
            "Recordings (*.wav *.mp3 *.m4a *.flac *.ogg *.opus *.mp4 *.mov *.mkv *.webm *.aac)"
            ";;All files (*)",
        )
        if chosen:
            self.import_file(Path(chosen))

    def import_file(self, source: Path) -> None:
        """Take a recording into the library, and open its review if this page is still shown."""
        if self._import is not None:
            self.trouble.emit("One recording is still being read. Try again when it is done.")
            return
        self._progress.begin(source.name)

        def work(task: background.Task) -> tuple[Take, Report]:
            from runthrough.rehearsal import import_recording

            return import_recording(
                self._session.library,
                source,
                self._session.recognizer(),
                progress=task.progress,
                cancelled=task.cancelled,
            )

        def imported(result: tuple[Take, Report]) -> None:
            wanted = self._end_import(task)
            if wanted and self.isVisible():
                self.review_wanted.emit(result[0])
            elif wanted:  # nothing takes the page away on which something else is done
                self.news.emit(f"{source.name} is imported. Find its review in Talks.")

        def failed(error: Exception) -> None:
            if self._end_import(task) and not isinstance(error, Cancelled):
                background.tell_trouble(error, self.trouble.emit)
            else:
                background.raise_defect(error)

        def advance(stage: str, fraction: float) -> None:
            if task is self._import:
                self._progress.advance(stage, fraction)

        task = self._import = background.run(
            self,
            work,
            done=imported,
            failed=failed,
            progress=advance,
            pool=self._session.recognition_pool,
        )

    @property
    def importing(self) -> bool:
        """Whether a recording is being read."""
        return self._import is not None

    def _cancel_import(self) -> None:
        """Let go of the import at once: one that waits for its turn hears of it only then."""
        if self._import is not None:
            self._import.cancel()
            self._end_import(self._import)

    def _end_import(self, task: background.Task) -> bool:
        """Show that ``task`` is over; false if it was let go before."""
        self.refresh()
        if task is not self._import:
            return False
        self._import = None
        self._progress.hide()
        return True

    def _guard(self, do: Callable[[], None]) -> None:
        """Do something to the library and say what went wrong, if anything did."""
        try:
            do()
        except LibraryError as error:
            self.trouble.emit(str(error))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept files."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Import the first dropped file; a PDF is the slides of a new talk."""
        from runthrough.ui.talk_dialog import TalkDialog, dropped_pdf

        slides = dropped_pdf(event)
        if slides is not None:
            event.acceptProposedAction()
            dialog = TalkDialog(self._session, parent=self)
            dialog.take_slides(slides)
            self._ask_and_save(dialog)
            return
        files = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            event.acceptProposedAction()
            self.import_file(Path(files[0]))


class _TalkRow(Card):
    rehearse = Signal(object)
    review = Signal(object)
    edit = Signal(object)
    delete = Signal(object)

    def __init__(self, summary: TalkSummary, format_title: str) -> None:
        super().__init__()
        talk = summary.talk
        names = QVBoxLayout()
        names.setSpacing(3)
        title = ElidedLabel(talk.title)
        title.setFont(theme.scaled(1.12, weight=QFont.Weight.DemiBold))
        names.addWidget(title)
        about = ElidedLabel(format_title)
        about.setProperty("role", "soft")
        names.addWidget(about)
        state = QHBoxLayout()
        state.setSpacing(0)
        takes = "No takes yet"
        if summary.last_take is not None:
            noun = "take" if summary.take_count == 1 else "takes"
            takes = f"{summary.take_count} {noun}, last {spoken_date(summary.last_take.started)}"
        state.addWidget(label(takes, role="soft"))
        if talk.due is not None:
            state.addWidget(label(" · ", role="soft"))
            due = ElidedLabel(f"{talk.due_label} on {dated_from_now(talk.due)}")
            due.setProperty("role", "due")
            state.addWidget(due, 1)
        else:
            state.addStretch(1)
        names.addLayout(state)

        row = QHBoxLayout()
        row.setSpacing(theme.GAP_L)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        reviewed = summary.reviewed_take or summary.last_take
        length = label(minutes(reviewed.duration_s) if reviewed else "–", font=theme.scaled(1.3))
        length.setAlignment(Qt.AlignmentFlag.AlignCenter)
        length.setMinimumWidth(theme.px(80))
        figures = QVBoxLayout()
        figures.setSpacing(0)
        figures.addStretch(1)
        figures.addWidget(length)
        if reviewed is not None and reviewed != summary.last_take:
            # Beside a button that opens the last one, it is told whose length and coverage it is.
            of = label(f"take {reviewed.number}", role="soft")
            of.setAlignment(Qt.AlignmentFlag.AlignCenter)
            figures.addWidget(of)
        figures.addStretch(1)
        row.addLayout(figures)
        to_review = button("Review", name=f"Review the last take of {talk.title}")
        to_review.setEnabled(summary.last_take is not None)
        take = summary.last_take
        to_review.clicked.connect(lambda: self.review.emit(take))
        to_rehearse = button("Rehearse", role="primary", name=f"Rehearse {talk.title}")
        to_rehearse.clicked.connect(lambda: self.rehearse.emit(talk))
        more = button("", name=f"More about {talk.title}")
        more.setIcon(theme.icon("more"))
        menu = QMenu(more)
        menu.addAction("Edit…", lambda: self.edit.emit(talk))
        menu.addAction("Delete…", lambda: self.delete.emit(talk))
        more.clicked.connect(lambda: menu.popup(more.mapToGlobal(more.rect().bottomLeft())))
        for action in (to_review, to_rehearse, more):
            row.addWidget(action)
        told, rest = QWidget(), QWidget()
        told.setLayout(names)
        names.setContentsMargins(0, 0, 0, 0)
        rest.setLayout(row)
        self.body.addWidget(
            Columns(
                [
                    Column(told, share=5),
                    Column(CoverageChips(summary.coverage), share=6),
                    Column(rest, share=1),
                ],
                below=(0, 1, 2),
                limit=_ROOM_FOR_ROW,
            )
        )


class _Welcome(Card):
    def __init__(self) -> None:
        super().__init__()
        self.body.setContentsMargins(theme.GAP_XL, theme.GAP_XL, theme.GAP_XL, theme.GAP_XL)
        self.body.addWidget(heading("No talks yet", 1.4))
        self.body.addWidget(
            label(
                "Make a new talk and rehearse it, bring a recording (a button above, or drop the "
                "file here), or open the sample talk to see what a review tells you.",
                role="soft",
                wrap=True,
            )
        )


class _ImportProgress(Card):
    def __init__(self) -> None:
        super().__init__()
        self._text = ElidedLabel()
        self._bar = progress_bar("Import progress")
        self.cancel = button("Cancel", name="Cancel the import")
        self._name = ""
        row = QHBoxLayout()
        texts = QVBoxLayout()
        texts.addWidget(self._text)
        texts.addWidget(self._bar)
        row.addLayout(texts, 1)
        row.addWidget(self.cancel)
        self.body.addLayout(row)
        self.hide()

    def begin(self, name: str) -> None:
        self._name = name
        self._left = TimeLeft()
        self.advance("Starting", 0.0)
        self.show()

    def advance(self, stage: str, fraction: float) -> None:
        self._text.setText(f"{stage}: {self._name}{self._left.after(stage, fraction)}")
        self._bar.setValue(round(fraction * 1000))


class _Recovered(Card):
    review = Signal(object)

    def __init__(self) -> None:
        super().__init__("notice")
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._open = button("Review it")
        later = button("Later")
        later.clicked.connect(self.hide)
        self._open.clicked.connect(self._go)
        row = QHBoxLayout()
        row.addWidget(self._text, 1)
        row.addWidget(self._open)
        row.addWidget(later)
        self.body.addLayout(row)
        self._takes: list[Take] = []
        self.hide()

    def offer(self, takes: list[Take]) -> None:
        self._takes = takes
        newest = takes[0]
        others = f" (and {len(takes) - 1} more)" if len(takes) > 1 else ""
        self._text.setText(
            f"A take was cut off {spoken_date(newest.started)}. Its "
            f"{minutes(newest.duration_s)} are safe{others}."
        )
        self.show()

    def _go(self) -> None:
        self.hide()
        self.review.emit(self._takes[0])


def spoken_date(when: datetime) -> str:
    """``when`` as people say it: today, yesterday, on Friday, on 3 March."""
    days = (datetime.now().astimezone().date() - when.date()).days
    if days == 0:
        return "today"
    if days == 1:
        return "yesterday"
    if 1 < days < 7:
        return f"on {when:%A}"
    return f"on {dated_from_now(when)}"
