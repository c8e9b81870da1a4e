"""The truth about a take, and a way into it."""

from __future__ import annotations

import time
from bisect import bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QTabBar,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from runthrough.analysis import review, transcript_of_words
from runthrough.analysis.compare import compare
from runthrough.analysis.corrections import is_answer_to
from runthrough.errors import AudioDeviceError, Cancelled, RunthroughError
from runthrough.rehearsal import correct_take, review_take
from runthrough.talk import (
    Answer,
    Corrections,
    Delivery,
    Finding,
    FindingAnswer,
    Limitations,
    Report,
    SectionCorrection,
    SentenceVerdict,
    Severity,
    Status,
    Take,
    TakeState,
    WordCorrection,
    dated,
    minutes,
)
from runthrough.ui import background, theme
from runthrough.ui.exporting import Exporting
from runthrough.ui.widgets.basics import (
    Card,
    ElidedLabel,
    Pages,
    TimeLeft,
    TopBar,
    ask_to_trash,
    button,
    centred,
    heading,
    label,
    progress_bar,
    scrolling,
)
from runthrough.ui.widgets.comparison import Comparison
from runthrough.ui.widgets.coverage import CoverageStrip
from runthrough.ui.widgets.review_tabs import (
    delivery_tab,
    findings_tab,
    replace_content,
    rigor_tab,
    select_row,
    timing_tab,
)
from runthrough.ui.widgets.setup import Choice, PlainChoice
from runthrough.ui.widgets.transcript import TranscriptView
from runthrough.ui.widgets.waveform import Waveform

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from runthrough.audio.player import Player
    from runthrough.rehearsal import Rehearsal
    from runthrough.talk import Event, Section, Talk, Word
    from runthrough.ui.session import Session

# The spoken word is lit within 50 ms of its sound: two looks in that time.
_PLAYING_MS = 20
# What is lit now is on the screen a look and a frame later: look ahead by that.
_AHEAD_S = 0.025
_STEP_S = 5.0
_SPEEDS = (0.75, 1.0, 1.25, 1.5, 1.75, 2.0)
_SIDE_WIDTH = 410
# The search field's words are readable from here on; the hint beside it gives way.
_SEARCH_WIDTH = 200
# In a page that is not so wide, the review is below the words; each is at least so high.
_ROOM_FOR_SIDE, _LEAST_HEIGHT, _NARROWEST = 720, 140, 480
# Between words nothing is lit from this long a silence on.
_UNLIT_S = 0.3
# A loudspeaker that goes away again within this time has no other to go on with.
_AGAIN_S = 3.0
_HINT = "click a word to hear it · double-click to correct it"
_HINT_SO_FAR = "click a word to hear it"
# What stands for a section's status while there is none.
_LISTENING, _UNKNOWN = "listening", "unknown"
# While a take is heard it is judged anew when so many times the words are there: in all that costs
# about as much as judging it ten times.
_GROWTH = 1.1


class ReviewPage(QWidget):
    """One take: coverage, sound, transcript, findings."""

    rehearse_wanted = Signal(object)  # Talk
    drill_wanted = Signal(object, str)  # Take, drill
    sample_wanted = Signal()
    trouble = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("page")
        self._session = session
        self._take: Take | None = None
        self._unreadable = False  # why the take wanted is not shown stands in its place
        self._report: Report | None = None
        self._held_back: Report | None = None  # comes when the word being typed is done
        self._events: tuple[Event, ...] = ()
        self._task: background.Task | None = None
        self._heard: list[Word] = []
        self._judging_so_far = False
        self._judged_so_far = 0  # words
        self._word_starts: list[float] = []
        self._chosen: int | None = None  # the sentence last gone to; the lit one plays on
        self._player: Player | None = None
        self._broke_off: list[Exception] = []  # filled on the sound system's thread
        self._resumed_at = -_AGAIN_S
        self._corrections = Corrections()
        self._undo: list[Corrections] = []
        self._redo: list[Corrections] = []
        self._judged_with = self._corrections
        # By the id of the take: what is still to be kept and judged, and what is just now.
        self._to_judge: dict[str, Corrections] = {}
        self._under_judgement: dict[str, Corrections] = {}

        self._bar = TopBar("Review")
        self._takes = Choice("Takes of this talk")
        self._takes.setMinimumContentsLength(12)
        self._takes.activated.connect(self._choose_take)
        self._compare = button("Compare", name="Compare with another take")
        self._compare.clicked.connect(self._offer_comparisons)
        self._exporting = Exporting(session)
        self._exporting.closed.connect(self.setFocus)
        self._export = button("Export…", name="Export this take")
        self._export.clicked.connect(self._offer_exports)
        self._more = button("", name="More about this take")
        self._more.setIcon(theme.icon("more"))
        self._more.clicked.connect(
            lambda: self.more_menu().popup(self._more.mapToGlobal(self._more.rect().bottomLeft()))
        )
        self._again = button("Rehearse again", role="primary")
        self._again.clicked.connect(self._rehearse_again)
        for action in (self._takes, self._compare, self._export, self._more, self._again):
            self._bar.add(action)

        self._message = _Notice()
        self._no_take = centred(self._message)
        self._message.act.connect(self.sample_wanted)
        self._content = _Content()
        self._content.notice.act.connect(self._act_on_notice)
        transcript = self._content.transcript
        transcript.word_chosen.connect(self._hear_word)
        transcript.word_corrected.connect(self._correct_word)
        transcript.section_wanted.connect(self._belongs)
        transcript.correcting.connect(self._pause)
        transcript.corrected.connect(self._show_held_back)
        self._content.waveform.seek_wanted.connect(self.seek)
        self._content.play.clicked.connect(self._toggle_playing)
        self._content.speed.activated.connect(self._change_speed)
        self._content.coverage.section_chosen.connect(self._show_section)
        self._content.finding_chosen.connect(self._hear_finding)
        self._comparison = _ComparisonPage()
        self._stack = Pages()
        self._comparison.left.connect(self._leave_comparison)
        for part in (self._no_take, self._content, self._comparison):
            self._stack.addWidget(part)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._bar)
        layout.addWidget(self._exporting)
        layout.addWidget(self._stack, 1)
        self._clock = QTimer(self)
        self._clock.setTimerType(Qt.TimerType.PreciseTimer)
        self._clock.setInterval(_PLAYING_MS)
        self._clock.timeout.connect(self._follow)
        for keys, what in (
            (QKeySequence.StandardKey.Find, self._content.search.setFocus),
            (QKeySequence.StandardKey.FindNext, lambda: self._content.next_match(1)),
            (QKeySequence.StandardKey.FindPrevious, lambda: self._content.next_match(-1)),
            (QKeySequence.StandardKey.Undo, self.undo),
            (QKeySequence.StandardKey.Redo, self.redo),
            # Not left to keyPressEvent alone, since buttons take arrows to move the focus.
            (Qt.Key.Key_Left, lambda: self._step(-_STEP_S)),
            (Qt.Key.Key_Right, lambda: self._step(_STEP_S)),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(what)
        session.library_changed.connect(self._library_changed)
        self._say_empty()

    @property
    def empty(self) -> bool:
        """Whether there is neither a take on the page nor why it can't be shown."""
        return self._take is None and not self._unreadable

    @property
    def take_id(self) -> str:
        """The id of the take on the page, empty without one."""
        return self._take.id if self._take is not None else ""

    @property
    def under_way(self) -> str:
        """What another page in this one's place would cut off, if there is anything."""
        if self._content.transcript.editor is not None:
            return "the correction being typed in Review"
        if self._exporting.under_way:
            return "the export"
        playing = self._player is not None and self._player.playing
        return "the review" if self._task is not None or self._under_judgement or playing else ""

    def keep_and_close(self) -> None:
        """End everything now. A take that is being transcribed is so at the next look at it."""
        self._exporting.cancel()
        self._leave_take()
        while self._to_judge:  # they are judged when the take is opened next
            take_id, corrections = self._to_judge.popitem()
            try:
                self._session.library.folder(take_id).save_corrections(corrections)
            except RunthroughError as error:
                self.trouble.emit(f"The correction was not kept. {error}")

    def open_last(self) -> None:
        """Show the newest take that can be shown, if there is one."""
        for take in self._session.library.takes():
            if take.state is TakeState.RECORDING:
                continue  # or not saved completely; its page says so
            self.open(take.id)
            if self._take is not None:
                return

    def open(self, take_id: str, rehearsal: Rehearsal | None = None) -> None:
        """Show a take; transcribe and judge it first if that is still to be done.

        ``rehearsal`` is the one that just recorded it, which may have transcribed most of it.
        """
        folder = self._session.library.folder(take_id)
        take = None
        try:
            take = self._session.library.take(take_id)
            talk = self._session.library.talk(take.talk_id)
            report = folder.report()
            under_way = self._under_judgement | self._to_judge
            corrections = under_way[take_id] if take_id in under_way else folder.corrections()
        except RunthroughError as error:
            self._leave_take()
            self._say_unreadable(take, str(error))
            return
        self._leave_take()
        self._take, self._report, self._held_back = take, None, None
        self._unreadable = False
        self._events = folder.events()
        self._corrections = self._judged_with = corrections
        self._undo, self._redo = [], []
        self._bar.title.setText(f"Take {take.number}")
        self._say_talk(talk, take)
        self._offer_takes(take)
        self._compare.setVisible(self._takes.count() > 1)
        for action in (self._export, self._more, self._again):
            action.show()
        self._heard, self._word_starts, self._chosen = [], [], None
        self._content.show_take(take, self._events)
        self._stack.setCurrentWidget(self._content)
        self._load_peaks(take)
        if report is not None:
            self._show(report)
            if take.problem:
                self.trouble.emit(take.problem)
            if folder.report_is_behind():
                self._judge_with(corrections)
        elif take.state is TakeState.FAILED:
            # Not again by itself: what fails may take minutes to do so.
            self._content.show_notice(listening=False)
            self._heard = list(folder.heard())
            self._word_starts = [word.start_s for word in self._heard]
            if self._heard:
                self._content.show_heard(_heard_so_far(take, self._heard))
            text = f"{take.problem}{self._safe()}{self._heard_up_to()}"
            self._content.notice.offer("The review failed", text, "Try again")
        else:
            self._review(rehearsal)

    def _say_talk(self, talk: Talk, take: Take) -> None:
        self._bar.subtitle.setText(
            f"{talk.title} · {minutes(take.duration_s)} · {dated(take.started, '%B, %H:%M')}"
        )

    def _library_changed(self) -> None:
        """The take may have been deleted with its talk, or the talk have another title."""
        take = self._take
        if take is None:
            return
        try:
            self._say_talk(self._session.library.talk(take.talk_id), take)
        except RunthroughError:
            self._leave_take()
            self._to_judge.pop(take.id, None)
            self._say_empty()

    def _leave_take(self) -> None:
        self._stop_playing()
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _offer_takes(self, shown: Take) -> None:
        """List the talk's takes, so that earlier ones can be looked at."""
        takes = self._session.library.takes(shown.talk_id)
        self._takes.clear()
        for take in takes:
            self._takes.addItem(_about(take), take.id)
        self._takes.setCurrentIndex(self._takes.findData(shown.id))
        self._takes.setVisible(len(takes) > 1)

    def _choose_take(self, index: int) -> None:
        take_id = self._takes.itemData(index)
        if self._take is None or take_id != self._take.id:
            self.open(take_id)

    def more_menu(self) -> QMenu:
        """What else can be done with the take."""
        menu = QMenu(self._more)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        undo = menu.addAction("Undo the last correction", self.undo)
        undo.setEnabled(bool(self._undo))
        redo = menu.addAction("Redo it", self.redo)
        redo.setEnabled(bool(self._redo))
        every = menu.addAction("Take back all corrections", self._take_back_all)
        every.setEnabled(self._corrections != Corrections())
        menu.addSeparator()
        menu.addAction("Transcribe it again", self._transcribe_again)
        menu.addAction("Delete this take…", self._delete)
        return menu

    def _offer_exports(self) -> None:
        if self._take is not None:
            menu = self._exporting.menu(self._export, self._take, self._report)
            menu.popup(self._export.mapToGlobal(self._export.rect().bottomLeft()))

    def _transcribe_again(self) -> None:
        if self._take is not None and self._task is None:
            self._review()

    def _delete(self) -> None:
        take = self._take
        if take is None:
            return
        asked = f"Move take {take.number} ({minutes(take.duration_s)}) to the trash?"
        if ask_to_trash(self, "Delete take", asked):
            self.delete_take()

    def delete_take(self) -> None:
        """Move the take on the page to the trash and show the one before it, if there is one."""
        take = self._take
        if take is None:
            return
        self._leave_take()
        try:
            self._session.library.delete_take(take.id)
        except RunthroughError as error:
            self.trouble.emit(str(error))
            return
        self._to_judge.pop(take.id, None)
        left = self._session.library.takes(take.talk_id)
        if left:
            self.open(left[0].id)
        else:
            self._say_empty()
        self._session.library_changed.emit()

    # --- transcribing ----------------------------------------------------------------------

    def _review(self, rehearsal: Rehearsal | None = None) -> None:
        """Transcribe and judge. What was heard shows as it comes; the sound can be played."""
        take = self._take
        assert take is not None  # noqa: S101 - only called with a take on the page
        self._heard, self._word_starts = [], []
        self._judging_so_far, self._judged_so_far = False, 0
        self._content.notice.working("Listening to your take", "The recording is safe on disk.")
        self._content.show_notice(listening=True)

        def work(task: background.Task) -> Report:
            recognizer = self._session.recognizer()
            if rehearsal is not None:
                return rehearsal.review(
                    recognizer,
                    progress=task.progress,
                    on_words=lambda words: task.tell(lambda: self._hear(task, words)),
                    cancelled=task.cancelled,
                )
            return review_take(
                self._session.library,
                take.id,
                recognizer,
                progress=task.progress,
                on_words=lambda words: task.tell(lambda: self._hear(task, words)),
                cancelled=task.cancelled,
            )

        def failed(error: Exception) -> None:
            if task is self._task:
                self._failed(error)
            else:  # another take is on the page, or this one is reviewed anew
                background.raise_defect(error)

        def advance(stage: str, fraction: float) -> None:
            if task is self._task:
                self._content.notice.advance(stage, fraction)

        task = self._task = background.run(
            self,
            work,
            done=lambda report: self._reviewed(take.id, report),
            failed=failed,
            progress=advance,
            pool=self._session.recognition_pool,
        )

    def _hear(self, task: background.Task, words: Sequence[Word]) -> None:
        """Show what is heard so far, below what is being read. A new try leaves the old text."""
        take = self._take
        if task is not self._task or take is None:
            return
        if words and self._heard and words[0].start_s < self._heard[-1].start_s:
            self._heard = []  # the recogniser had to begin again
            self._judged_so_far = 0
        self._heard += words
        if self._report is None:
            self._word_starts = [word.start_s for word in self._heard]
            self._content.show_heard(_heard_so_far(take, self._heard))
            self._judge_so_far(task)

    def _judge_so_far(self, task: background.Task) -> None:
        """Show which sections were told by what is heard of the take; one judgement at a time."""
        take, words = self._take, tuple(self._heard)
        if take is None or self._judging_so_far or len(words) <= _GROWTH * self._judged_so_far:
            return
        self._judging_so_far, self._judged_so_far = True, len(words)
        events, corrections = self._events, self._corrections

        def work(_task: background.Task) -> Report:
            transcript = transcript_of_words(
                words, duration_s=take.duration_s, language="", model=""
            )
            return review(transcript, take.format, events, corrections)

        def done(report: Report) -> None:
            self._judging_so_far = False
            if task is self._task and self._report is None:
                self._content.show_so_far(report)
                self._judge_so_far(task)

        # What fails is not tried again with the next words (``_judging_so_far`` stays).
        background.run(self, work, done=done, failed=background.to_crash_hook)

    def _reviewed(self, take_id: str, report: Report) -> None:
        if self._take is not None and self._take.id == take_id:
            self._task = None
            self._take = self._session.library.take(take_id)
            self._show(report)
            self._session.library_changed.emit()
            if self._take.problem:
                self.trouble.emit(self._take.problem)

    def _failed(self, error: Exception) -> None:
        self._task = None
        if self._report is not None:
            # It was transcribed again in vain; the review from before still stands.
            self._show(self._report)
            background.raise_defect(error)
            if not isinstance(error, Cancelled):
                self.trouble.emit(f"{error} The review shown is the one from before.")
            return
        notice = self._content.notice
        self._content.show_notice(listening=False)
        so_far = f"{self._safe()}{self._heard_up_to()}"
        if isinstance(error, Cancelled):
            notice.offer("Not transcribed yet", so_far.strip(), "Transcribe it now")
        elif isinstance(error, RunthroughError):
            notice.offer("The review failed", f"{error}{so_far}", "Try again")
        else:
            notice.offer("The review failed", so_far.strip(), "Try again")
            raise error

    def _safe(self) -> str:
        """That the recording is there, if it is."""
        there = self._take and self._session.library.folder(self._take.id).audio.exists()
        return " The recording is safe on disk." if there else ""

    def _heard_up_to(self) -> str:
        return f" It was heard up to {minutes(self._heard[-1].end_s)}." if self._heard else ""

    def _act_on_notice(self) -> None:
        if self._task is not None:
            # At once: one that waits for its turn hears of it only then.
            self._task.cancel()
            self._failed(Cancelled())
        elif self._take is not None:
            self._review()

    def _say_empty(self) -> None:
        self._say(
            "No take to review yet",
            "Rehearse a talk or import a recording, and its review appears here. The sample talk "
            "shows what it will tell you.",
            "Open the sample talk",
        )

    def _say_unreadable(self, take: Take | None, why: str) -> None:
        """Nothing of another take stands where one was wanted that can't be shown."""
        self._say("This take can't be shown", why, "")
        self._unreadable = True
        if take is not None:
            self._offer_takes(take)
            self._bar.title.setText(f"Take {take.number}")

    def _say(self, title: str, text: str, action: str) -> None:
        """Say why no take is on the page."""
        self._take = self._report = self._held_back = None
        self._unreadable = False
        self._content.transcript.drop_correction()
        self._bar.title.setText("Review")
        self._bar.subtitle.setText("")
        for one in (self._takes, self._compare, self._export, self._more, self._again):
            one.hide()
        self._stack.setCurrentWidget(self._no_take)
        self._message.offer(title, text, action)

    # --- showing ---------------------------------------------------------------------------

    def _show(self, report: Report) -> None:
        """Show a review, the first of this take or one made anew; nothing read moves away.

        Not while a word is being typed: its number is that of the review shown.
        """
        if self._content.transcript.editor is not None:
            self._held_back = report
            self._content.hide_notice()
            return
        chosen_s = self._start_of(self._chosen) if self._chosen is not None else None
        self._report = report
        self._chosen = self._sentence_at(chosen_s + 0.01) if chosen_s is not None else None
        self._word_starts = [word.start_s for word in report.words]
        self._content.show_report(report, self._corrections)
        tabs = self._content.tabs
        findings = findings_tab(report, self._hear_finding, self._answer, self._drill)
        replace_content(tabs["Findings"], findings)
        replace_content(
            tabs["Timing"],
            timing_tab(report, self._events, jump=self._hear_at, section_chosen=self._show_section),
        )
        self._content.select_again()
        replace_content(tabs["Delivery"], delivery_tab(report, jump=self._hear_at))
        replace_content(tabs["Rigor"], rigor_tab(report, show=self._hear_sentence))
        if self._player is not None and self._player.playing:
            self._light(self._player.position_s)

    def _show_held_back(self) -> None:
        report, self._held_back = self._held_back, None
        if report is not None:
            self._show(report)

    def _load_peaks(self, take: Take) -> None:
        audio = self._session.library.folder(take.id).audio

        def peaks(_task: background.Task) -> np.ndarray:
            from runthrough.audio.peaks import load_peaks

            return load_peaks(audio)

        background.run(
            self,
            peaks,
            done=lambda found: self._show_peaks(take.id, found),
            failed=self._no_peaks,
        )

    def _no_peaks(self, error: Exception) -> None:
        background.raise_defect(error)
        self.trouble.emit(f"The sound of this take can't be read, so it can't be played. {error}")

    def _show_peaks(self, take_id: str, peaks: np.ndarray) -> None:
        take = self._take
        if take is None or take.id != take_id:
            return
        self._content.waveform.show_peaks(peaks)
        from runthrough.audio.peaks import PEAKS_PER_S

        ends_s = len(peaks) / PEAKS_PER_S
        if take.lost_its_end(ends_s):
            self.trouble.emit(
                f"The sound of take {take.number} ends at {minutes(ends_s)}; the rest of its "
                f"{minutes(take.duration_s)} is lost."
            )

    def _show_section(self, section_id: str) -> None:
        """Select a section everywhere and go to its first sentence; again to let go of it."""
        selected = self._content.select_section(section_id)
        for sentence in self._report.sentences if self._report and selected else ():
            if sentence.section == section_id:
                self._show_sentence(sentence.index)
                return

    def _show_sentence(self, index: int) -> None:
        start = self._start_of(index)
        if start is not None:
            self._go(start)
        self._content.transcript.light(index)
        self._chosen = self._content.transcript.lit_sentence

    def _start_of(self, index: int) -> float | None:
        if self._report is None or not 0 <= index < len(self._report.sentences):
            return None
        return self._report.sentences[index].start_s

    def _sentence_at(self, position_s: float) -> int:
        starts = [s.start_s or 0.0 for s in self._report.sentences] if self._report else []
        return max(0, bisect_right(starts, position_s) - 1)

    def _drill(self, drill: str) -> None:
        if self._take is not None:
            self._stop_playing()
            self.drill_wanted.emit(self._take, drill)

    def _offer_comparisons(self) -> None:
        menu = self.compare_menu()
        menu.popup(self._compare.mapToGlobal(self._compare.rect().bottomLeft()))

    def compare_menu(self) -> QMenu:
        """The reviewed takes that this one can be set beside."""
        menu = QMenu(self._compare)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        shown = self._take
        library = self._session.library
        for take in library.takes(shown.talk_id) if shown is not None else []:
            if shown is None or take.id == shown.id:
                continue
            about = _about(take)
            reviewed = bool(library.folder(take.id).review_stamp())
            action = menu.addAction(about if reviewed else f"{about} · not reviewed yet")
            action.setEnabled(reviewed)
            action.triggered.connect(lambda _=False, t=take: self._compare_with(t))
        return menu

    def _compare_with(self, other: Take) -> None:
        if self._report is None or self._take is None:
            self.trouble.emit("This take is still being reviewed. Compare it when that is done.")
            return
        try:
            report = self._session.library.folder(other.id).report()
        except RunthroughError as error:
            self.trouble.emit(str(error))
            return
        if report is None:
            self.trouble.emit(f"Take {other.number} has no review yet. Open it to make one.")
            return
        self._pause()
        pair = [(other, report), (self._take, self._report)]
        pair.sort(key=lambda p: p[0].number)
        rows = compare(pair[0][1], pair[1][1])
        names = [f"Take {take.number}" for take, _ in pair]
        self._comparison.show_rows(Comparison(rows, *names), f"{names[1]} beside {names[0]}")
        self._stack.setCurrentWidget(self._comparison)

    def _leave_comparison(self) -> None:
        self._stack.setCurrentWidget(self._content)
        self.setFocus()  # for the keys of the player

    # --- putting right ---------------------------------------------------------------------

    def _correct_word(self, number: int, said: str) -> None:
        report = self._report
        if report is None:
            return
        word = report.words[number]
        middle = (word.start_s + word.end_s) / 2
        known = next((c for c in self._corrections.words if c.start_s <= middle <= c.end_s), None)
        if known is None:
            new = WordCorrection(word.start_s, word.end_s, word.text, said)
        else:
            parts = known.said.split()
            step = (known.end_s - known.start_s) / max(1, len(parts))
            place = min(len(parts) - 1, int((middle - known.start_s) / step) if step else 0)
            parts[place : place + 1] = said.split()
            new = replace(known, said=" ".join(parts))
        words = [c for c in self._corrections.words if c != known]
        if new.said != new.heard:
            words.append(new)
        self._change(replace(self._corrections, words=tuple(words)))

    def _belongs(self, index: int, section: str) -> None:
        """Keep that a sentence belongs to a section."""
        report = self._report
        if report is None:
            return
        sentence = report.sentences[index]
        start_s, end_s = sentence.start_s, sentence.end_s
        if start_s is None or end_s is None:
            self.trouble.emit("This transcript has no times, so it can't be corrected.")
            return
        middle = (start_s + end_s) / 2
        others = [c for c in self._corrections.sections if not c.start_s <= middle <= c.end_s]
        new = SectionCorrection(start_s, end_s, section)
        self._change(replace(self._corrections, sections=(*others, new)))

    def _answer(self, finding: Finding, answer: Answer | None) -> None:
        """Keep the answer to a finding; ``None`` takes it back."""
        at_s = finding.start_s if finding.evidence else None
        if answer is Answer.THIS_IS_IT and not finding.evidence:
            index, self._chosen = self._chosen, None
            if index is None:
                self.trouble.emit(
                    "Which sentence is it? Click it in the transcript, then answer again."
                )
                return
            kind, _, section = finding.id.rpartition(".")
            if kind in ("section.missing", "section.thin"):
                self._belongs(index, section)
                return
            at_s = self._start_of(index)
        others = [a for a in self._corrections.answers if not is_answer_to(a, finding)]
        new = [] if answer is None else [FindingAnswer(finding.id, answer, at_s)]
        self._change(replace(self._corrections, answers=(*others, *new)))

    def _change(self, corrections: Corrections) -> None:
        if corrections != self._corrections:
            self._undo.append(self._corrections)
            self._redo.clear()
            self._judge_with(corrections)

    def undo(self) -> None:
        """Take back the last correction."""
        if self._undo:
            self._redo.append(self._corrections)
            self._judge_with(self._undo.pop())

    def redo(self) -> None:
        """Make the correction again that was taken back last."""
        if self._redo:
            self._undo.append(self._corrections)
            self._judge_with(self._redo.pop())

    def _take_back_all(self) -> None:
        self._change(Corrections())

    def _judge_with(self, corrections: Corrections) -> None:
        """Keep ``corrections`` and judge anew; one at a time, of each take the last one wins."""
        # A field that is still open was left for what is corrected now.
        self._content.transcript.drop_correction()
        self._corrections = corrections
        if self._take is not None:
            self._to_judge[self._take.id] = corrections
            self._judge_next()

    def _judge_next(self) -> None:
        if self._under_judgement or not self._to_judge:
            return
        take_id = next(iter(self._to_judge))
        corrections = self._to_judge.pop(take_id)
        self._under_judgement = {take_id: corrections}
        background.run(
            self,
            lambda _task: correct_take(self._session.library, take_id, corrections),
            done=lambda report: self._judged(take_id, corrections, report),
            failed=lambda error: self._not_judged(take_id, error),
        )

    def _judged(self, take_id: str, corrections: Corrections, report: Report) -> None:
        self._under_judgement = {}
        self._session.library_changed.emit()
        if self._take is not None and self._take.id == take_id:
            self._judged_with = corrections
            if take_id not in self._to_judge:
                self._show(report)
        self._judge_next()

    def _not_judged(self, take_id: str, error: Exception) -> None:
        self._under_judgement = {}
        self._to_judge.pop(take_id, None)
        if self._take is not None and self._take.id == take_id:
            self._corrections = self._judged_with
        self._judge_next()
        background.raise_defect(error)
        self.trouble.emit(f"The correction was not kept. {error}")

    # --- hearing ---------------------------------------------------------------------------

    def _hear_finding(self, finding: Finding) -> None:
        if finding.evidence:
            self._hear_sentence(finding.evidence[0].sentence)
        elif finding.start_s is not None:
            self._hear_at(finding.start_s)

    def _hear_sentence(self, index: int) -> None:
        self._show_sentence(index)
        if self._start_of(index) is not None:
            self._play_from_here()

    def _hear_word(self, number: int) -> None:
        report = self._report
        words = report.words if report is not None else self._heard
        if 0 <= number < len(words):
            self._go(words[number].start_s)
            self._content.transcript.light_word(number)
            self._chosen = self._content.transcript.lit_sentence
            self._play_from_here()

    def _hear_at(self, position_s: float) -> None:
        self._content.transcript.follow_again()
        self._go(position_s)
        self._content.transcript.light(self._sentence_at(position_s))
        self._chosen = self._content.transcript.lit_sentence
        self._play_from_here()

    def seek(self, position_s: float) -> None:
        """Go to ``position_s`` of the take that is shown, and light what is said there."""
        self._content.transcript.follow_again()
        self._go(position_s)
        self._light(position_s, follow=True)
        self._chosen = self._content.transcript.lit_sentence

    def _go(self, position_s: float) -> None:
        """Move the sound and the line; what is lit is the caller's."""
        player = self._open_player()
        if player is not None:
            player.seek(position_s)
        self._content.waveform.move_to(position_s)
        self._content.show_time(position_s)

    def _step(self, by_s: float) -> None:
        if self._stack.currentWidget() is not self._content:
            return
        player = self._open_player()
        if self._take is not None and player is not None:
            self.seek(min(self._take.duration_s, max(0.0, player.position_s + by_s)))

    def _toggle_playing(self) -> None:
        if self._player is not None and self._player.playing:
            self._pause()
        elif self._take is not None:
            self._content.transcript.follow_again()
            self._play()

    def _pause(self) -> None:
        if self._player is not None:
            self._player.pause()
        self._content.show_playing(playing=False)
        self._clock.stop()

    def _play_from_here(self) -> None:
        """Play what was gone to; nothing where the sound ends before it."""
        if self._player is not None and self._player.at_end:
            self._pause()
        else:
            self._play()

    def _play(self) -> None:
        player = self._open_player()
        if player is None:
            return
        self._broke_off.clear()
        try:
            player.play()
        except AudioDeviceError as error:
            self._pause()
            self.trouble.emit(str(error))
            return
        self._content.show_playing(playing=True)
        self._clock.start()

    def _open_player(self) -> Player | None:
        if self._player is None and self._take is not None:
            from runthrough.audio.player import Player

            try:
                self._player = Player(
                    self._session.library.folder(self._take.id).audio,
                    device=self._session.settings.speaker or None,
                    on_end=self._ended,
                )
            except RunthroughError as error:
                self.trouble.emit(str(error))
            else:
                self._player.speed = self._content.chosen_speed
        return self._player

    def _ended(self, failure: Exception | None) -> None:
        """Called on the sound system's thread."""
        if failure is not None:
            self._broke_off.append(failure)

    def _follow(self) -> None:
        """Move the line and the lit word with the sound."""
        if self._player is None:
            return
        position_s = self._player.position_s
        self._content.waveform.move_to(position_s)
        self._content.show_time(position_s)
        self._light(position_s + _AHEAD_S * self._player.speed, follow=True)
        if not self._player.playing:
            self._pause()  # which lets go of the loudspeaker
            if self._broke_off:
                self._go_on_elsewhere(self._broke_off.pop())

    def _go_on_elsewhere(self, failure: Exception) -> None:
        """The loudspeaker went away: go on with what the system offers instead."""
        now = time.monotonic()
        if isinstance(failure, AudioDeviceError) and now - self._resumed_at > _AGAIN_S:
            self._resumed_at = now
            self._play()
        else:
            self.trouble.emit(str(failure))

    def _light(self, position_s: float, *, follow: bool = False) -> None:
        """Light the word heard at ``position_s``, none in a silence."""
        words = self._heard if self._report is None else self._report.words
        if not self._word_starts:
            return
        number: int | None = bisect_right(self._word_starts, position_s) - 1
        if number is not None and (number < 0 or position_s > words[number].end_s + _UNLIT_S):
            number = None
        self._content.transcript.light_word(number, follow=follow)

    def _change_speed(self) -> None:
        if self._player is not None:
            self._player.speed = self._content.chosen_speed

    def _stop_playing(self) -> None:
        self._clock.stop()
        if self._player is not None:
            self._player.close()
            self._player = None
        self._content.show_playing(playing=False)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing plays on behind another page or a closed window."""
        self._pause()
        self._unreadable = False  # one comes back to a take that can be shown
        super().hideEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space plays, arrows move, < and > change the speed, + - 0 zoom."""
        content = self._content
        if self._stack.currentWidget() is self._comparison:
            if event.key() == Qt.Key.Key_Escape:
                self._leave_comparison()
            return
        key = event.key()
        if key == Qt.Key.Key_Space:
            self._toggle_playing()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._step(-_STEP_S if key == Qt.Key.Key_Left else _STEP_S)
        elif key in (Qt.Key.Key_Less, Qt.Key.Key_Greater):
            content.step_speed(1 if key == Qt.Key.Key_Greater else -1)
            self._change_speed()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            content.waveform.zoom(nearer=key != Qt.Key.Key_Minus)
        elif key == Qt.Key.Key_0:
            content.waveform.show_all()
        elif key == Qt.Key.Key_Escape:  # the field over a word, when it has not the focus
            content.transcript.drop_correction()
        else:
            super().keyPressEvent(event)

    def _rehearse_again(self) -> None:
        if self._take is None:
            return
        try:
            talk = self._session.library.talk(self._take.talk_id)
        except RunthroughError as error:
            self.trouble.emit(str(error))
            return
        self._stop_playing()
        self.rehearse_wanted.emit(talk)


def _about(take: Take) -> str:
    when = dated(take.started, "%b, %H:%M")
    return f"Take {take.number} · {when} · {minutes(take.duration_s)}"


def _heard_so_far(take: Take, words: Sequence[Word]) -> Report:
    """What is heard of a take as a report without any judgement."""
    transcript = transcript_of_words(words, duration_s=take.duration_s, language="", model="")
    return Report(
        format_id=take.format.id,
        planned_s=take.format.planned_s,
        sentences=tuple(
            SentenceVerdict(s.index, s.start_s, s.end_s, s.text, "", 0.0)
            for s in transcript.sentences
        ),
        sections=(),
        limitations=Limitations(),
        rigor=(),
        delivery=Delivery(),
        findings=(),
        words=transcript.words,
        duration_s=take.duration_s,
    )


class _Notice(Card):
    """How far the review is, or why there is none and what to do."""

    act = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.body.setSpacing(theme.GAP_M)
        self._title = heading(size=1.2, wrap=True)
        self._text = label(role="soft", wrap=True)
        self._progress = progress_bar("Progress of the review")
        self._button = button("Cancel")
        self._button.clicked.connect(self.act)
        for widget in (self._title, self._text, self._progress):
            self.body.addWidget(widget)
        self.body.addWidget(self._button, 0, Qt.AlignmentFlag.AlignLeft)
        self._left = TimeLeft()

    def working(self, title: str, text: str) -> None:
        self._set(title, text, "Cancel")
        self._left = TimeLeft()
        self._progress.setValue(0)
        self._progress.show()

    def advance(self, stage: str, fraction: float) -> None:
        left = self._left.after(stage, fraction)
        self._text.setText(f"{stage}, {fraction:.0%}{left}. The recording is safe on disk.")
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


class _ComparisonPage(QWidget):
    """Two takes side by side, and the way back."""

    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._title = heading(size=1.2)
        back = button("Back to the review")
        back.clicked.connect(self.left)
        self._area = scrolling(QWidget(), "Comparison of two takes")
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(back)
        layout = QVBoxLayout(self)
        margin = theme.GAP_L + 4
        layout.setContentsMargins(margin, theme.GAP_L, margin, theme.GAP_L)
        layout.setSpacing(theme.GAP_M)
        layout.addLayout(head)
        layout.addWidget(self._area, 1)
        self._back = back

    def show_rows(self, comparison: Comparison, title: str) -> None:
        comparison.setObjectName("scrolled")
        self._title.setText(title)
        self._area.setWidget(comparison)
        self._back.setFocus()


class _Content(QWidget):
    """A take: its sound, its words, and beside them the review or how far it is."""

    finding_chosen = Signal(object)  # Finding

    def __init__(self) -> None:
        super().__init__()
        self.coverage = CoverageStrip()
        self.waveform = Waveform()
        self.search = _SearchField()
        self._matches = label(role="soft")
        self.search.setMinimumWidth(theme.px(_SEARCH_WIDTH))
        self._hint = ElidedLabel(_HINT)
        self._hint.setProperty("role", "soft")
        self._hint.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.transcript = TranscriptView()
        self.search.textChanged.connect(self._search)
        self.search.step_wanted.connect(self.next_match)
        self.search.left.connect(self.transcript.setFocus)
        words = Card()
        find = QHBoxLayout()
        find.setSpacing(theme.GAP_M)
        find.addWidget(self.search, 1)
        find.addWidget(self._matches)
        find.addWidget(self._hint)
        words.body.addLayout(find)
        words.body.addWidget(self.transcript, 1)

        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP_M + 2)
        column.addWidget(self._player_card())
        column.addWidget(words, 1)
        self._side = QStackedWidget()
        self.notice = _Notice()
        waiting = QWidget()
        above = QVBoxLayout(waiting)
        above.setContentsMargins(0, 0, 0, 0)
        above.addWidget(self.notice)
        above.addStretch(1)
        self._tabs = _Tabs()
        self._tabs.setAccessibleName("Findings, timing, delivery and rigor")
        self._tabs.setDocumentMode(True)
        self._tabs.tabBar().setDrawBase(False)
        self._tabs.tabBar().setAccessibleName("Findings, timing, delivery and rigor")
        self.tabs = {
            name: scrolling(QWidget(), name) for name in ("Findings", "Timing", "Delivery", "Rigor")
        }
        for area in self.tabs.values():
            area.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for name, area in self.tabs.items():
            self._tabs.addTab(area, name)
        self._side.addWidget(waiting)
        self._side.addWidget(self._tabs)
        self.transcript.setMinimumHeight(theme.px(_LEAST_HEIGHT))
        self._side.setMinimumHeight(theme.px(_LEAST_HEIGHT))
        self._halves = halves = QSplitter(Qt.Orientation.Horizontal)
        halves.setChildrenCollapsible(False)
        halves.setHandleWidth(theme.GAP_L)
        halves.addWidget(left)
        halves.addWidget(self._side)
        halves.setStretchFactor(0, 1)
        halves.setSizes([890, theme.px(_SIDE_WIDTH)])
        layout = QVBoxLayout(self)
        margin = theme.GAP_L + 4
        layout.setContentsMargins(margin, theme.GAP_L, margin, theme.GAP_L)
        layout.setSpacing(theme.GAP_M + 2)
        layout.addWidget(self.coverage)
        layout.addWidget(halves, 1)
        self._duration_s = 0.0
        self._selected: str | None = None
        self._sections: Sequence[Section] = ()
        self._covered: set[str] = set()  # by the last judgement of what is heard so far
        self._told: set[str] = set()  # by two of them
        for part in (*self.findChildren(QPushButton), self.speed):
            # A click leaves the focus where it is, so that Space plays and pauses after it.
            part.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.show_playing(playing=False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the review below the words where there is no room beside them."""
        super().resizeEvent(event)
        beside = self.width() >= theme.px(_ROOM_FOR_SIDE)
        way = Qt.Orientation.Horizontal if beside else Qt.Orientation.Vertical
        if way is not self._halves.orientation():
            self._halves.setOrientation(way)

    def minimumSizeHint(self) -> QSize:
        """As narrow as its widest part, since the review can go below the words."""
        size = super().minimumSizeHint()
        return QSize(min(size.width(), theme.px(_NARROWEST)), size.height())

    def _player_card(self) -> Card:
        self.play = button("", name="Play or pause")
        self.play.setToolTip("Play or pause (Space)")
        self._time = label(font=theme.scaled(1.05))
        self.speed = PlainChoice()
        self.speed.setAccessibleName("Speed")
        self.speed.setToolTip("Speed (< and >)")
        for speed in _SPEEDS:
            self.speed.addItem(f"{speed:g}×", speed)
        self.speed.setCurrentIndex(_SPEEDS.index(1.0))
        farther = button("−", name="Zoom out")
        farther.setToolTip("Zoom out (−)")
        farther.clicked.connect(lambda: self.waveform.zoom(nearer=False))
        nearer = button("+", name="Zoom in")
        nearer.setToolTip("Zoom in (+), or Ctrl and the wheel")
        nearer.clicked.connect(lambda: self.waveform.zoom(nearer=True))
        self._whole = button("Whole take", role="link")
        self._whole.setToolTip("Show the whole take (0)")
        self._whole.clicked.connect(self.waveform.show_all)
        self._whole.hide()
        self.waveform.view_changed.connect(self._whole.setVisible)
        card = Card()
        head = QHBoxLayout()
        for widget in (self.play, self._time, self.speed):
            head.addWidget(widget)
        legend = ElidedLabel("plan above, heard below · ▼ finding · ● filler · shaded pause")
        legend.setProperty("role", "soft")
        legend.setAlignment(Qt.AlignmentFlag.AlignRight)
        legend.setFont(theme.scaled(0.85))
        head.addWidget(legend, 1)
        for widget in (self._whole, farther, nearer):
            head.addWidget(widget)
        card.body.addLayout(head)
        card.body.addWidget(self.waveform)
        return card

    def show_take(self, take: Take, events: Sequence[Event]) -> None:
        """Begin with a take of which nothing is known but its sound and its plan."""
        self._duration_s = take.duration_s
        self._selected = None
        self._sections = take.format.sections
        self._covered, self._told = set(), set()
        self.coverage.show_plan(self._sections, _UNKNOWN)
        self.coverage.select(None)
        self.waveform.show_take(take.format.sections, take.duration_s, events)
        self.search.clear()
        self.transcript.forget()
        self._tabs.setCurrentIndex(0)
        for area in self.tabs.values():
            area.verticalScrollBar().setValue(0)
        self.show_time(0.0)

    def show_notice(self, *, listening: bool) -> None:
        """Put the notice where the review will be, or is until it is made again."""
        self._side.setCurrentIndex(0)
        if listening:
            self._covered, self._told = set(), set()
            self.coverage.show_plan(self._sections, _LISTENING)
        else:
            self.coverage.leave_off(_UNKNOWN)
        self._hint.setText(_HINT_SO_FAR)
        self.transcript.setPlaceholderText(
            "The words appear here as they are heard."
            if listening
            else "No words yet: this take is not transcribed."
        )

    def hide_notice(self) -> None:
        """Put the review there again."""
        self._hint.setText(_HINT)
        self._side.setCurrentIndex(1)

    def show_heard(self, so_far: Report) -> None:
        """Show the words that are recognised so far."""
        self.transcript.show_more(so_far)
        if self.search.text():
            self._mark(self.search.text(), show=False)

    def show_so_far(self, report: Report) -> None:
        """Show the sections by what is heard so far; what was told once stays told.

        A section counts when two judgements in a row found it: the first sentences of a talk look
        like much that they are not. Nothing is missing before all is heard.
        """
        covered = {s.id for s in report.sections if s.status is Status.COVERED}
        self._told |= covered & self._covered
        self._covered = covered
        self.coverage.show_so_far(report.sections, self._told, _LISTENING)
        self.waveform.show_report(replace(report, findings=(), delivery=Delivery()))

    def show_report(self, report: Report, corrections: Corrections) -> None:
        """Show the review; what is looked at stays in view."""
        self.coverage.show_report(report)
        self.waveform.show_report(report)
        self.transcript.show_report(
            report, [(c.start_s, c.end_s) for c in corrections.words if c.said]
        )
        if self.search.text():
            self._mark(self.search.text(), show=False)
        told = [f for f in report.findings if f.severity is not Severity.GOOD and f.answer is None]
        self._tabs.setTabText(0, f"Findings {len(told)}")
        self.transcript.setPlaceholderText("No words were heard in this take.")
        self.hide_notice()

    def select_section(self, section_id: str) -> bool:
        """Set off a section in strip and waveform; false if it was and is let go."""
        self._selected = None if self._selected == section_id else section_id
        self.coverage.select(self._selected)
        self.waveform.show_section(self._selected)
        self.transcript.show_section(self._selected)
        select_row(self.tabs["Timing"], self._selected)
        return self._selected is not None

    def select_again(self) -> None:
        """Set off the selected section in what was made anew."""
        select_row(self.tabs["Timing"], self._selected)

    def show_time(self, position_s: float) -> None:
        text = f"{minutes(position_s)} / {minutes(self._duration_s)}"
        if self._time.text() != text:
            self._time.setText(text)

    def show_playing(self, *, playing: bool) -> None:
        self.play.setIcon(theme.icon("pause" if playing else "play"))

    @property
    def chosen_speed(self) -> float:
        speed: float = self.speed.currentData()
        return speed

    def step_speed(self, by: int) -> None:
        index = min(max(0, self.speed.currentIndex() + by), self.speed.count() - 1)
        self.speed.setCurrentIndex(index)

    def next_match(self, step: int) -> None:
        self.transcript.next_match(step)
        self._say_matches(len(self.transcript.match_times_s))

    def _search(self, text: str) -> None:
        self._mark(text, show=True)

    def _mark(self, text: str, *, show: bool) -> None:
        count = self.transcript.find_all(text, show=show)
        self.waveform.show_matches(self.transcript.match_times_s)
        self._hint.setVisible(not text)
        self._say_matches(count)

    def _say_matches(self, count: int) -> None:
        text = self.search.text()
        place = self.transcript.shown_match
        shown = f"{count} found" if place < 0 else f"{place + 1} of {count} found"
        if not count:
            shown = "no match"
        self._matches.setText("" if len(text.strip()) < 2 else shown)


class _Tabs(QTabWidget):
    """Tabs whose arrow keys are their own, though the page has shortcuts on them."""

    def __init__(self) -> None:
        super().__init__()
        self.setTabBar(_TabBar())


class _TabBar(QTabBar):
    def event(self, event: QEvent) -> bool:
        if (
            event.type() is QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right)
        ):
            event.accept()
            return True
        return super().event(event)


class _SearchField(QLineEdit):
    """Enter goes to the next match, Shift+Enter to the one before, Escape ends the search."""

    step_wanted = Signal(int)
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setPlaceholderText("Search this transcript")
        self.setAccessibleName("Search this transcript")
        self.setClearButtonEnabled(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self.step_wanted.emit(-1 if back else 1)
        elif event.key() == Qt.Key.Key_Escape:
            self.clear()
            self.left.emit()
        else:
            super().keyPressEvent(event)
