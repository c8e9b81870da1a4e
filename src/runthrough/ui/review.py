"""The truth about a take, and a way into it."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFont, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QMessageBox,
    QProgressBar,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from runthrough.errors import AudioDeviceError, Cancelled, RunthroughError
from runthrough.rehearsal import review_take
from runthrough.talk import Finding, Report, Severity, Take, minutes
from runthrough.ui import background, theme
from runthrough.ui.widgets.basics import Card, ElidedLabel, TopBar, button, label, scrolling
from runthrough.ui.widgets.coverage import CoverageStrip
from runthrough.ui.widgets.transcript import TranscriptView
from runthrough.ui.widgets.waveform import Waveform

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from runthrough.audio.player import Player
    from runthrough.rehearsal import Rehearsal
    from runthrough.ui.session import Session

_PLAYING_MS = 40
_SIDE_WIDTH = 420
_RIGOR_TITLES = {
    "hypothesis": ("A hypothesis", "What did you expect, and what would have proved you wrong?"),
    "baselines": ("Baselines", "What is it compared with, and is that fair?"),
    "ablation": ("An ablation", "How do you know which part makes the difference?"),
    "metrics": ("Metrics", "What exactly is measured?"),
    "significance": ("Significance or spread", "Could the difference be chance?"),
    "seeds": ("Several runs", "How many runs stand behind each number?"),
    "negative_result": ("A negative result", "What did you try that did not work?"),
    "compute": ("Compute", "What did it take to run?"),
    "data": ("Data", "Which data, how much, split how?"),
}


class ReviewPage(QWidget):
    """One take: coverage, sound, transcript, findings."""

    rehearse_wanted = Signal(object)  # Talk
    trouble = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("page")
        self._session = session
        self._take: Take | None = None
        self._report: Report | None = None
        self._task: background.Task | None = None
        self._player: Player | None = None

        self._bar = TopBar("Review")
        self._takes = QComboBox()
        self._takes.setAccessibleName("Takes of this talk")
        self._takes.activated.connect(self._choose_take)
        self._more = button("", name="More about this take")
        self._more.setIcon(theme.icon("more"))
        menu = QMenu(self._more)
        menu.addAction("Transcribe it again", self._transcribe_again)
        menu.addAction("Delete this take…", self._delete)
        self._more.clicked.connect(
            lambda: menu.popup(self._more.mapToGlobal(self._more.rect().bottomLeft()))
        )
        self._again = button("Rehearse again", role="primary")
        self._again.clicked.connect(self._rehearse_again)
        for action in (self._takes, self._more, self._again):
            self._bar.add(action)

        self._message = _Message()
        self._message.act.connect(self._act_on_message)
        self._content = _Content()
        self._content.transcript.sentence_chosen.connect(self._hear_sentence)
        self._content.waveform.seek_wanted.connect(self._seek)
        self._content.play.clicked.connect(self._toggle_playing)
        self._content.coverage.section_chosen.connect(self._show_section)
        self._content.finding_chosen.connect(self._show_sentence_at)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._message)
        self._stack.addWidget(self._content)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._bar)
        layout.addWidget(self._stack, 1)
        self._clock = QTimer(self)
        self._clock.setInterval(_PLAYING_MS)
        self._clock.timeout.connect(self._follow)
        space = QShortcut(QKeySequence(Qt.Key.Key_Space), self)
        space.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        space.activated.connect(self._toggle_playing)
        search = QShortcut(QKeySequence.StandardKey.Find, self)
        search.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        search.activated.connect(self._content.search.setFocus)
        self._say_empty()

    @property
    def empty(self) -> bool:
        """Whether there is no take on the page."""
        return self._take is None

    def open_last(self) -> None:
        """Show the newest take, if there is one."""
        takes = self._session.library.takes()
        if takes:
            self.open(takes[0].id)

    def open(self, take_id: str, rehearsal: Rehearsal | None = None) -> None:
        """Show a take; transcribe and judge it first if that is still to be done.

        ``rehearsal`` is the one that just recorded it, which may have transcribed most of it.
        """
        self._stop_playing()
        if self._task is not None:
            self._task.cancel()
            self._task = None
        try:
            take = self._session.library.take(take_id)
            talk = self._session.library.talk(take.talk_id)
            report = self._session.library.folder(take_id).report()
        except RunthroughError as error:
            self.trouble.emit(str(error))
            return
        self._take, self._report = take, None
        self._bar.title.setText(f"Take {take.number}")
        self._bar.subtitle.setText(
            f"{talk.title} · {minutes(take.duration_s)} · {take.started:%d %B, %H:%M}"
        )
        self._offer_takes(take)
        if report is not None:
            self._show(report)
        else:
            self._review(rehearsal)

    def _offer_takes(self, shown: Take) -> None:
        """List the talk's takes, so that earlier ones can be looked at."""
        takes = self._session.library.takes(shown.talk_id)
        self._takes.clear()
        for take in takes:
            about = f"Take {take.number} · {take.started:%d %b, %H:%M} · {minutes(take.duration_s)}"
            self._takes.addItem(about, take.id)
        self._takes.setCurrentIndex(self._takes.findData(shown.id))
        self._takes.setVisible(len(takes) > 1)
        self._more.show()
        self._again.show()

    def _choose_take(self, index: int) -> None:
        take_id = self._takes.itemData(index)
        if self._take is None or take_id != self._take.id:
            self.open(take_id)

    def _transcribe_again(self) -> None:
        if self._take is not None and self._task is None:
            self._stop_playing()
            self._review()

    def _delete(self) -> None:
        take = self._take
        if take is None:
            return
        question = QMessageBox(self)
        question.setWindowTitle("Delete take")
        question.setTextFormat(Qt.TextFormat.PlainText)
        question.setText(f"Move take {take.number} ({minutes(take.duration_s)}) to the trash?")
        delete = question.addButton("Move to trash", QMessageBox.ButtonRole.DestructiveRole)
        question.setDefaultButton(question.addButton(QMessageBox.StandardButton.Cancel))
        question.exec()
        if question.clickedButton() is delete:
            self.delete_take()

    def delete_take(self) -> None:
        """Move the take on the page to the trash and show the one before it, if there is one."""
        take = self._take
        if take is None:
            return
        self._stop_playing()
        if self._task is not None:
            self._task.cancel()
            self._task = None
        try:
            self._session.library.delete_take(take.id)
        except RunthroughError as error:
            self.trouble.emit(str(error))
            return
        self._session.library_changed.emit()
        left = self._session.library.takes(take.talk_id)
        if left:
            self.open(left[0].id)
        else:
            self._say_empty()

    # --- transcribing ----------------------------------------------------------------------

    def _review(self, rehearsal: Rehearsal | None = None) -> None:
        take = self._take
        assert take is not None  # noqa: S101 - only called with a take on the page
        self._stack.setCurrentWidget(self._message)
        self._message.working("Listening to your take", "The recording is safe on disk.")

        def work(task: background.Task) -> Report:
            recognizer = self._session.recognizer()
            if rehearsal is not None:
                return rehearsal.review(
                    recognizer, progress=task.progress, cancelled=task.cancelled
                )
            return review_take(
                self._session.library,
                take.id,
                recognizer,
                progress=task.progress,
                cancelled=task.cancelled,
            )

        self._task = background.run(
            self,
            work,
            done=lambda report: self._reviewed(take.id, report),
            failed=self._failed,
            progress=self._message.advance,
            pool=self._session.recognition_pool,
        )

    def _reviewed(self, take_id: str, report: Report) -> None:
        if self._take is not None and self._take.id == take_id:
            self._task = None
            self._show(report)

    def _failed(self, error: Exception) -> None:
        self._task = None
        if isinstance(error, Cancelled):
            self._message.offer(
                "Not transcribed yet", "The recording is safe on disk.", "Transcribe it now"
            )
            return
        if not isinstance(error, RunthroughError):
            self._message.offer("The review failed", "The recording is safe on disk.", "Try again")
            raise error
        self._message.offer(
            "The review failed", f"{error} The recording is safe on disk.", "Try again"
        )

    def _act_on_message(self) -> None:
        if self._task is not None:
            self._task.cancel()
        elif self._take is not None:
            self._review()

    def _say_empty(self) -> None:
        self._take = self._report = None
        self._bar.title.setText("Review")
        self._bar.subtitle.setText("")
        for action in (self._takes, self._more, self._again):
            action.hide()
        self._stack.setCurrentWidget(self._message)
        self._message.offer(
            "No take to review yet",
            "Rehearse a talk or import a recording, and its review appears here.",
            "",
        )

    # --- showing ---------------------------------------------------------------------------

    def _show(self, report: Report) -> None:
        self._report = report
        self._content.show_report(report)
        self._stack.setCurrentWidget(self._content)
        take = self._take
        assert take is not None  # noqa: S101 - a report belongs to the take on the page
        if take.problem:
            self.trouble.emit(take.problem)
        audio = self._session.library.folder(take.id).audio

        def peaks(_task: background.Task) -> np.ndarray:
            from runthrough.audio.peaks import load_peaks

            return load_peaks(audio)

        background.run(
            self,
            peaks,
            done=lambda found: self._show_peaks(take.id, found),
            failed=lambda error: self.trouble.emit(
                f"The sound of this take can't be read, so it can't be played ({error})."
            ),
        )

    def _show_peaks(self, take_id: str, peaks: np.ndarray) -> None:
        if self._take is not None and self._take.id == take_id:
            self._content.waveform.show_peaks(peaks)

    def _show_section(self, section_id: str) -> None:
        """Go to the first sentence of a section."""
        for sentence in self._report.sentences if self._report else ():
            if sentence.section == section_id:
                self._show_sentence(sentence.index)
                return

    def _show_sentence_at(self, finding: Finding) -> None:
        if finding.evidence:
            self._show_sentence(finding.evidence[0].sentence)
        elif finding.start_s is not None:
            self._show_sentence(self._sentence_at(finding.start_s))

    def _show_sentence(self, index: int) -> None:
        self._content.transcript.light(index)
        start = self._start_of(index)
        if start is not None:
            self._content.waveform.move_to(start)
            self._content.show_time(start)
            if self._player is not None:
                self._player.seek(start)

    def _start_of(self, index: int) -> float | None:
        if self._report is None or not 0 <= index < len(self._report.sentences):
            return None
        return self._report.sentences[index].start_s

    def _sentence_at(self, position_s: float) -> int:
        starts = [s.start_s or 0.0 for s in self._report.sentences] if self._report else []
        return max(0, bisect_right(starts, position_s) - 1)

    # --- hearing ---------------------------------------------------------------------------

    def _hear_sentence(self, index: int) -> None:
        self._show_sentence(index)
        start = self._start_of(index)
        if start is not None and self._open_player():
            assert self._player is not None  # noqa: S101 - just opened
            self._player.seek(start)
            self._play()

    def _seek(self, position_s: float) -> None:
        self._content.waveform.move_to(position_s)
        self._content.show_time(position_s)
        self._content.transcript.light(self._sentence_at(position_s))
        if self._open_player():
            assert self._player is not None  # noqa: S101 - just opened
            self._player.seek(position_s)

    def _toggle_playing(self) -> None:
        if self._report is None or not self._open_player():
            return
        assert self._player is not None  # noqa: S101 - just opened
        if self._player.playing:
            self._player.pause()
            self._content.show_playing(playing=False)
            self._clock.stop()
        else:
            self._play()

    def _play(self) -> None:
        assert self._player is not None  # noqa: S101 - callers open it
        try:
            self._player.play()
        except AudioDeviceError as error:
            self.trouble.emit(str(error))
            return
        self._content.show_playing(playing=True)
        self._clock.start()

    def _open_player(self) -> bool:
        if self._player is None and self._take is not None:
            from runthrough.audio.player import Player

            try:
                self._player = Player(self._session.library.folder(self._take.id).audio)
            except RunthroughError as error:
                self.trouble.emit(str(error))
        return self._player is not None

    def _follow(self) -> None:
        """Move the line and the lit sentence with the sound."""
        if self._player is None:
            return
        position_s = self._player.position_s
        self._content.waveform.move_to(position_s)
        self._content.show_time(position_s)
        self._content.transcript.light(self._sentence_at(position_s), scroll=False)
        if not self._player.playing:
            self._content.show_playing(playing=False)
            self._clock.stop()

    def _stop_playing(self) -> None:
        self._clock.stop()
        if self._player is not None:
            self._player.close()
            self._player = None
        self._content.show_playing(playing=False)

    def _rehearse_again(self) -> None:
        if self._take is not None:
            self._stop_playing()
            self.rehearse_wanted.emit(self._session.library.talk(self._take.talk_id))


class _Message(QWidget):
    """What stands where the review will be: progress, or why there is none and what to do."""

    act = Signal()

    def __init__(self) -> None:
        super().__init__()
        card = Card()
        card.setMaximumWidth(560)
        margin = theme.GAP_XL
        card.body.setContentsMargins(margin, margin, margin, margin)
        card.body.setSpacing(theme.GAP_M)
        self._title = label(font=theme.scaled(1.3, weight=QFont.Weight.DemiBold))
        self._text = label(role="soft", wrap=True)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setRange(0, 1000)
        self._progress.setAccessibleName("Progress of the review")
        self._button = button("Cancel")
        self._button.clicked.connect(self.act)
        for widget in (self._title, self._text, self._progress):
            card.body.addWidget(widget)
        card.body.addWidget(self._button, 0, Qt.AlignmentFlag.AlignLeft)
        layout = QVBoxLayout(self)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(card, 3)
        row.addStretch(1)
        layout.addStretch(2)
        layout.addLayout(row)
        layout.addStretch(3)

    def working(self, title: str, text: str) -> None:
        self._set(title, text, "Cancel")
        self._progress.setValue(0)
        self._progress.show()

    def advance(self, stage: str, fraction: float) -> None:
        self._text.setText(f"{stage}, {fraction:.0%}. The recording is safe on disk.")
        self._progress.setValue(round(1000 * fraction))

    def offer(self, title: str, text: str, action: str) -> None:
        self._set(title, text, action)
        self._progress.hide()

    def _set(self, title: str, text: str, action: str) -> None:
        self._title.setText(title)
        self._text.setText(text)
        self._button.setText(action)
        self._button.setAccessibleName(action)
        self._button.setVisible(bool(action))


class _Content(QWidget):
    """The finished review."""

    finding_chosen = Signal(object)  # Finding

    def __init__(self) -> None:
        super().__init__()
        self.coverage = CoverageStrip()
        self.play = button("", name="Play or pause")
        self.play.setToolTip("Play or pause (Space)")
        self._time = label(font=theme.scaled(1.05))
        self.waveform = Waveform()
        player = Card()
        head = QHBoxLayout()
        head.addWidget(self.play)
        head.addWidget(self._time)
        head.addStretch(1)
        head.addWidget(label("planned sections above, heard sections below", role="soft"))
        player.body.addLayout(head)
        player.body.addWidget(self.waveform)

        self.search = QLineEdit()
        self.search.setPlaceholderText("Search this transcript")
        self.search.setAccessibleName("Search this transcript")
        self.search.setClearButtonEnabled(True)
        self._matches = label(role="soft")
        self.transcript = TranscriptView()
        self.search.textChanged.connect(self._search)
        words = Card()
        find = QHBoxLayout()
        find.addWidget(self.search, 1)
        find.addWidget(self._matches)
        words.body.addLayout(find)
        words.body.addWidget(self.transcript, 1)

        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP_M + 2)
        column.addWidget(player)
        column.addWidget(words, 1)
        self._tabs = QTabWidget()
        self._tabs.setAccessibleName("Findings, timing, delivery and rigor")
        self._tabs.setDocumentMode(True)
        self._tabs.tabBar().setDrawBase(False)
        self._tabs.tabBar().setAccessibleName("Findings, timing, delivery and rigor")
        halves = QSplitter(Qt.Orientation.Horizontal)
        halves.setChildrenCollapsible(False)
        halves.setHandleWidth(theme.GAP_L)
        halves.addWidget(left)
        halves.addWidget(self._tabs)
        halves.setStretchFactor(0, 1)
        halves.setSizes([900, _SIDE_WIDTH])
        layout = QVBoxLayout(self)
        margin = theme.GAP_L + 4
        layout.setContentsMargins(margin, theme.GAP_L, margin, theme.GAP_L)
        layout.setSpacing(theme.GAP_M + 2)
        layout.addWidget(self.coverage)
        layout.addWidget(halves, 1)
        self._duration_s = 0.0
        self.show_playing(playing=False)

    def show_report(self, report: Report) -> None:
        self._duration_s = report.duration_s or 0.0
        self.coverage.show_sections(report.sections, timed=report.duration_s is not None)
        self.waveform.show_report(report)
        self.search.clear()
        self.transcript.show_report(report)
        self.show_time(0.0)
        while self._tabs.count():
            page = self._tabs.widget(0)
            self._tabs.removeTab(0)
            if page is not None:
                page.deleteLater()
        told = [f for f in report.findings if f.severity is not Severity.GOOD]
        self._add_tab(_findings(report, self.finding_chosen.emit), f"Findings {len(told)}")
        self._add_tab(_timing(report), "Timing")
        self._add_tab(_delivery(report), "Delivery")
        self._add_tab(_rigor(report), "Rigor")

    def show_time(self, position_s: float) -> None:
        self._time.setText(f"{minutes(position_s)} / {minutes(self._duration_s)}")

    def show_playing(self, *, playing: bool) -> None:
        self.play.setIcon(theme.icon("pause" if playing else "play"))

    def _add_tab(self, content: QWidget, title: str) -> None:
        self._tabs.addTab(scrolling(content, title), title)

    def _search(self, text: str) -> None:
        count = self.transcript.find_all(text)
        shown = "" if len(text.strip()) < 2 else "no match" if not count else f"{count} found"
        self._matches.setText(shown)


def _column() -> tuple[QWidget, QVBoxLayout]:
    content = QWidget()
    column = QVBoxLayout(content)
    column.setContentsMargins(0, theme.GAP_M, theme.GAP_S, 0)
    column.setSpacing(theme.GAP_M)
    return content, column


def _findings(report: Report, chosen: Callable[[Finding], None]) -> QWidget:
    content, column = _column()
    for finding in report.findings:
        column.addWidget(_FindingCard(finding, chosen))
    column.addStretch(1)
    return content


class _FindingCard(Card):
    _SIGNS: ClassVar = {
        Severity.HIGH: ("missing", "bad"),
        Severity.MEDIUM: ("thin", "warn"),
        Severity.LOW: ("thin", "neutral"),
        Severity.GOOD: ("covered", "good"),
    }

    def __init__(self, finding: Finding, chosen: Callable[[Finding], None]) -> None:
        super().__init__()
        picture, colour = self._SIGNS[finding.severity]
        sign = QLabel()
        sign.setPixmap(theme.badge(picture, colour))
        sign.setAccessibleName(finding.severity.value)
        sign.setToolTip(finding.severity.value)
        sign.setAlignment(Qt.AlignmentFlag.AlignTop)
        texts = QVBoxLayout()
        texts.setSpacing(4)
        texts.addWidget(
            label(finding.title, font=theme.scaled(1.0, weight=QFont.Weight.DemiBold), wrap=True)
        )
        texts.addWidget(label(finding.detail, role="soft", wrap=True))
        for evidence in finding.evidence[:1]:
            if evidence.quote not in finding.detail:
                texts.addWidget(label(f"“{evidence.quote}”", role="soft", wrap=True))
        if finding.start_s is not None or finding.evidence:
            at = "Show it" if finding.start_s is None else minutes(finding.start_s)
            jump = button(at, role="link", name=f"Go to {at}: {finding.title}")
            jump.setIcon(theme.icon("play", theme.current().accent, 14))
            jump.clicked.connect(lambda: chosen(finding))
            texts.addWidget(jump, 0, Qt.AlignmentFlag.AlignLeft)
        row = QHBoxLayout()
        row.setSpacing(theme.GAP_M)
        row.addWidget(sign)
        row.addLayout(texts, 1)
        self.body.addLayout(row)


def _timing(report: Report) -> QWidget:
    content, column = _column()
    if report.duration_s is None:
        column.addWidget(label("This transcript has no times.", role="soft", wrap=True))
    for section in report.sections if report.duration_s is not None else ():
        card = Card()
        row = QHBoxLayout()
        row.addWidget(label(section.title, font=theme.scaled(1.0, weight=QFont.Weight.DemiBold)))
        row.addStretch(1)
        times = f"{minutes(section.spent_s)} of {minutes(section.planned_s)}"
        row.addWidget(label(times, font=theme.scaled(1.0)))
        card.body.addLayout(row)
        bar = QProgressBar()
        bar.setTextVisible(False)
        bar.setRange(0, 1000)
        share = section.spent_s / section.planned_s if section.planned_s else 0.0
        bar.setValue(min(1000, round(1000 * share)))
        bar.setAccessibleName(f"{section.title}: {times}")
        colour = theme.current().section(section.id)
        bar.setStyleSheet(f"QProgressBar::chunk {{ background: {colour}; }}")
        card.body.addWidget(bar)
        over = section.spent_s - section.planned_s
        if abs(over) >= 1:
            word = "over" if over > 0 else "under"
            card.body.addWidget(label(f"{minutes(abs(over))} {word} the plan", role="soft"))
        column.addWidget(card)
    if any(section.timer_s is not None for section in report.sections):
        column.addWidget(label("Times are those of your section timer.", role="soft", wrap=True))
    elif report.duration_s is not None:
        column.addWidget(
            label("Times are those of the sentences heard in each section.", role="soft", wrap=True)
        )
    column.addStretch(1)
    return content


def _delivery(report: Report) -> QWidget:
    content, column = _column()
    delivery = report.delivery
    rows = [("Words", f"{delivery.words:,}")]
    if delivery.words_per_minute is not None:
        rows.append(("Words a minute", f"{delivery.words_per_minute:.0f}"))
    if delivery.pace:
        slow = min(window.words_per_minute for window in delivery.pace)
        fast = max(window.words_per_minute for window in delivery.pace)
        rows.append(("Slowest and fastest half minute", f"{slow:.0f} and {fast:.0f}"))
    rows.append(("Fillers heard", f"at least {delivery.filler_count}"))
    rows.extend((f"    {word}", str(count)) for word, count in delivery.fillers)
    if report.timed and report.words:
        rows.append(("Pauses over a second", str(len(delivery.pauses_s))))
        rows.append(("Longest pause", f"{delivery.longest_pause_s:.1f} s"))
    terms = ", ".join(term for term, _ in delivery.acronyms_unexplained)
    rows.append(("Acronyms not explained", terms or "none"))
    card = Card()
    card.body.setSpacing(theme.GAP_M)
    for name, value in rows:
        row = QHBoxLayout()
        row.addWidget(label(name, role="soft"))
        shown = ElidedLabel(value)
        shown.setFont(theme.scaled(1.0, weight=QFont.Weight.DemiBold))
        shown.setAlignment(Qt.AlignmentFlag.AlignRight)
        row.addWidget(shown, 1)
        card.body.addLayout(row)
    column.addWidget(card)
    column.addStretch(1)
    return content


def _rigor(report: Report) -> QWidget:
    content, column = _column()
    for item in report.rigor:
        title, asked = _RIGOR_TITLES[item.id]
        card = Card()
        row = QHBoxLayout()
        sign = QLabel()
        name, colour = ("covered", "good") if item.met else ("unplanned", "neutral")
        sign.setPixmap(theme.badge(name, colour))
        row.addWidget(sign)
        row.addWidget(label(title, font=theme.scaled(1.0, weight=QFont.Weight.DemiBold)), 1)
        row.addWidget(label("heard" if item.met else "not heard", role="soft"))
        card.body.addLayout(row)
        shown = f"“{item.evidence[0].quote}”" if item.evidence else f"A listener asks: {asked}"
        card.body.addWidget(label(shown, role="soft", wrap=True))
        column.addWidget(card)
    column.addStretch(1)
    return content
