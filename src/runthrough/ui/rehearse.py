"""Where a talk is spoken: choose, check the microphone, count in, talk, finish.

All clocks on this page show seconds of recorded sound (``Rehearsal.position_s``), never the
computer's time, so that a pause adds nothing and what is shown is what is in the take.
"""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from enum import Enum, auto
from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, Qt, QTimer, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtWidgets import (
    QApplication,
    QBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from runthrough.errors import AudioDeviceError, RunthroughError
from runthrough.formats import DEFAULT_FORMAT
from runthrough.interruptions import Interviewer, Moment
from runthrough.nudges import Nudges, Situation
from runthrough.rehearsal import Rehearsal
from runthrough.talk import minutes
from runthrough.ui import background, theme
from runthrough.ui.choosing import Choosing
from runthrough.ui.live import LiveSpeech
from runthrough.ui.talk_dialog import dropped_pdf
from runthrough.ui.widgets.basics import Card, Column, Columns, Pages, TopBar, label, reveal, zoom
from runthrough.ui.widgets.big_clock import BigClock
from runthrough.ui.widgets.captions import CaptionCard
from runthrough.ui.widgets.level_meter import SILENT, LevelMeter, Silence, SoundWatch
from runthrough.ui.widgets.pace import PaceCard
from runthrough.ui.widgets.prompt import Prompt
from runthrough.ui.widgets.rehearsal_parts import (
    Countdown,
    Discard,
    Empty,
    FullScreen,
    KeyButton,
    KeyHints,
    Notice,
    Now,
    NudgeCard,
    Outcome,
    Saving,
)
from runthrough.ui.widgets.section_bar import Outline
from runthrough.ui.widgets.setup import Setup, offer_devices
from runthrough.ui.widgets.slide_view import Audience, Slides

if TYPE_CHECKING:
    from collections.abc import Callable

    from runthrough.nudges import Nudge
    from runthrough.talk import Take, Talk, TalkFormat
    from runthrough.transcription.recognizer import Recognizer
    from runthrough.ui.session import Session

COUNT_IN_FROM = 3
COUNT_IN_STEP_MS = 1000
_TICK_MS = 50
# Before the talk a dead microphone should be told soon; in it, people stop to think.
_SILENCE_BEFORE_S = 4.0
_SILENCE_DURING_S = 12.0
_SILENT_DURING = "Nothing is heard from the microphone. Check its switch and its cable."
# The columns at the sides: a share of the page between these widths.
_SIDE_SHARE, _SIDE_LEAST, _SIDE_MOST = 0.25, 224, 560
# In a page larger than this all text is larger too, as it is read from further away.
_TEXT_WIDTH, _TEXT_HEIGHT, _TEXT_MOST = 1204, 800, 1.6
# The clock: a share of the height beyond what stands below it, between these, in pixels.
_CLOCK_SHARE, _BELOW_CLOCK, _CLOCK_LEAST, _CLOCK_MOST = 0.4, 340, 96, 400
# In a page that is not so high, a nudge has no room below the section's questions.
_ROOM_FOR_QUESTIONS = 740
# In a page that is not so wide, the columns stand one below the other.
_ROOM_FOR_COLUMNS = 760
_STAGE_HEIGHT, _SETUP_HEIGHT = 300, 400
# In a page that is not so wide, what is chosen before the talk takes the place of the clock, and
# in a column that is not so wide the keys are left out.
_ROOM_FOR_SETUP, _ROOM_FOR_KEYS = 1000, 276
UNTITLED = "Untitled talk"


class _State(Enum):
    AWAY = auto()  # another page is shown; the microphone is closed
    EMPTY = auto()  # there is no talk to rehearse
    OPENING = auto()
    READY = auto()
    NO_MICROPHONE = auto()
    COUNTING = auto()
    RECORDING = auto()
    PAUSED = auto()
    SAVING = auto()
    CUT_SHORT = auto()  # the microphone or the disk gave up; the take is kept
    UNSAVED = auto()  # the sound is on disk, the take's own file could not be written


_TAKE = (_State.RECORDING, _State.PAUSED)
# Why the page can't be left. It can where a take could not be saved, to make room for it.
_STAY = {
    _State.COUNTING: "The count-in runs. Esc cancels it.",
    _State.RECORDING: "The take is still being recorded. Finish or discard it first.",
    _State.PAUSED: "The take is still being recorded. Finish or discard it first.",
    _State.SAVING: "The take is still being put away. Wait a moment.",
}
_BUSY = (*_STAY, _State.UNSAVED)
_TICKING = (_State.READY, _State.COUNTING, *_TAKE)


class RehearsePage(QWidget):
    """One rehearsal after the other. ``finished`` carries a take that is safe on disk.

    ``finished_rehearsal`` is the rehearsal of that take; its ``review`` uses what was transcribed
    while the talk was being spoken.
    """

    finished = Signal(object)  # Take
    left = Signal()
    trouble = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setAccessibleName("Rehearse")
        self.finished_rehearsal: Rehearsal | None = None
        self._session = session
        self._state = _State.AWAY
        self._rehearsal: Rehearsal | None = None
        self._recognizer: Recognizer | None = None
        self._recognizer_wanted: background.Task | None = None
        self._kept: Take | None = None
        self._ended_because: Exception | None = None
        self._watch = SoundWatch(_SILENCE_BEFORE_S, SILENT)
        self._since_open = QElapsedTimer()
        self._setup = Setup()
        self._choosing = Choosing(session, self._setup)
        self._slides = self._choosing.slides
        self._live: LiveSpeech | None = None
        self._nudges = Nudges()
        self._interviewer: Interviewer | None = None
        self._silence = Silence()
        self._blank = False
        self._count = 0
        # What touches the microphone happens in the order in which it was asked for.
        self._pool = ThreadPoolExecutor(1, "runthrough-microphone")

        self._build()
        self._ticker = QTimer(self)
        self._ticker.setInterval(_TICK_MS)
        self._ticker.timeout.connect(self._tick)
        self._counter = QTimer(self)
        self._counter.setInterval(COUNT_IN_STEP_MS)
        self._counter.timeout.connect(self._count_down)
        hosts = (self, self._full, self._audience)
        self._keys = [key for host in hosts for key in self._bind_keys(host)]
        self._choosing.chosen.connect(self._show_choice)
        self._choosing.slides_changed.connect(self._use_slides)
        self._choosing.trouble.connect(self.trouble)
        self.setAcceptDrops(True)
        session.library_changed.connect(self._library_changed)
        session.recognizer_changed.connect(self._forget_recognizer)
        self._enter(_State.AWAY)

    # --- what the window asks ----------------------------------------------------------------

    def choose(self, talk: Talk) -> None:
        """Rehearse ``talk`` next; does nothing until a take that was begun is saved."""
        if self.busy:
            return
        self._choosing.talk_id = talk.id
        if self._state is not _State.AWAY:
            self._choosing.offer()

    def stand_like(self, other: RehearsePage) -> None:
        """Offer what ``other`` offered, whose place this page takes."""
        self._choosing.talk_id = other._choosing.talk_id

    def arrive(self) -> None:
        """Be shown: open the microphone so that its level moves before anything is recorded."""
        if self._state is _State.UNSAVED:
            self._outcome.act.setFocus()
        if self.busy or self._state in (_State.OPENING, _State.READY):
            return
        if self._kept is not None and self.finished_rehearsal is not None:
            # It is reviewed later, if at all, and the recogniser is wanted for the next take.
            self.finished_rehearsal.stop_transcribing()
            self.finished_rehearsal = None
        self._kept = None
        self._choosing.offer()
        if not self._choosing.talks:
            self._enter(_State.EMPTY)
            return
        self._open_microphone()
        self._want_recognizer()

    def leave(self) -> None:
        """Another page is shown: let go of the microphone, but of no take that is not saved."""
        if not self.busy:
            self._close_microphone()
            self._enter(_State.AWAY)

    def keep_and_close(self) -> None:
        """End everything now. A take that is being recorded is finished and kept."""
        self._ticker.stop()
        self._counter.stop()
        self._leave_full_screen()
        self._audience.hide()
        self._stop_listening()
        self._choosing.close()
        self._pool.shutdown()
        if self._rehearsal is not None:
            # Nobody is left to read a message. The sound is on disk, and the next start makes a
            # take of it that could not be written now.
            with contextlib.suppress(RunthroughError):
                self._rehearsal.close()
            self._rehearsal = None
        self._enter(_State.AWAY)

    @property
    def busy(self) -> bool:
        """Whether closing the page would cut something off: from the count-in until saved."""
        return self._state in _BUSY

    @property
    def stay(self) -> str:
        """Why no other page can be shown now, in a sentence; ``""`` if one can."""
        return _STAY.get(self._state, "")

    @property
    def in_take(self) -> bool:
        """Whether a take is being recorded, or pauses."""
        return self._state in _TAKE

    # --- choosing ----------------------------------------------------------------------------

    def _library_changed(self) -> None:
        if self._state in (_State.READY, _State.OPENING, _State.NO_MICROPHONE):
            self._choosing.offer()

    def _show_choice(self) -> None:
        """Another talk, format or plan is chosen."""
        chosen = self._choosing.choice
        if chosen is None:
            return
        talk, fmt = chosen
        if self._rehearsal is not None and not self.busy:
            self._rehearsal.prepare(talk, fmt)
        self._bar.subtitle.setText(f"{talk.title} · {fmt.title}")
        self._show_plan(fmt)
        self._show_switches()

    # --- slides --------------------------------------------------------------------------------

    def _use_slides(self) -> None:
        """There are other slides, or more is known of them."""
        chosen = self._choosing.choice
        if chosen is None or self._rehearsal is None or self._state is _State.SAVING:
            return
        without = not self._rehearsal.slide
        talk, fmt = chosen
        ties = dict(talk.slide_sections)
        self._rehearsal.use_slides(self._slides.deck.sections(fmt, ties))
        if self._state in _TAKE:
            if without:
                self._open_audience()
            self._middle.setCurrentWidget(self._stage())
            self._show_slide()

    def _show_slide(self) -> None:
        """Show the current slide everywhere, and have those drawn that may come next."""
        rehearsal = self._rehearsal
        number = rehearsal.slide if rehearsal is not None else 0
        if rehearsal is not None and number:
            sections = [section.id for section in rehearsal.format.sections]
            ties = dict(rehearsal.talk.slide_sections)
            of_slides = self._slides.deck.sections(rehearsal.format, ties)
            firsts = tuple(of_slides.index(one) + 1 for one in sections if one in of_slides)
            self._slides.stand_at(number, firsts)
            self._slides_view.show_slide(number, blank=self._blank)
        self._now.show_questions(number > 0)
        self._full.show_slide(number, blank=self._blank)
        self._audience.show_slide(number, blank=self._blank)

    def _stage(self) -> QWidget:
        """What stands in the middle during a take."""
        if self._rehearsal is not None and self._rehearsal.is_interrupted:
            return self._asked
        return self._slides_view if self._slides.count else self._prompt

    def _open_audience(self) -> None:
        """Show slides full screen on the second screen, if there are both."""
        here = self.window().screen()
        other = next((one for one in QGuiApplication.screens() if one is not here), None)
        if other is not None and self._slides.count:
            self._audience.open_on(other)
            self.window().activateWindow()  # some systems have made the new one the active one

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept a PDF while a talk is being chosen."""
        if dropped_pdf(event) is not None and not self.busy and self._choosing.talks:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take the dropped PDF as the talk's slides."""
        source = dropped_pdf(event)
        if source is not None and not self.busy:
            event.acceptProposedAction()
            self._choosing.attach_slides(source)

    # --- switches ------------------------------------------------------------------------------

    def _show_switches(self) -> None:
        settings = self._session.settings
        for box, on in (
            (self._setup.count_in, settings.count_in),
            (self._setup.captions, settings.captions),
            (self._setup.nudges, settings.nudges),
            (self._setup.interviewer, settings.interviewer),
        ):
            box.setChecked(on)

    def _switch(self, **change: bool) -> None:
        """Change a setting and keep it, if it can be kept."""
        self._session.change_settings(**change)
        self._show_switches()
        self._show_captions()

    def _show_captions(self) -> None:
        shown = self._state in _TAKE and self._session.settings.captions
        self._captions.setVisible(shown)

    def _show_plan(self, fmt: TalkFormat) -> None:
        self._outline.show_format(fmt)
        self._hints.show_sections(len(fmt.sections))
        self._clock.plan(fmt.planned_s)
        self._now.show_section(fmt, 0, 0.0, fmt.planned_s, [s.planned_s for s in fmt.sections])
        self._full.show_plan(fmt)

    def _microphone_chosen(self) -> None:
        name = self._setup.microphone.currentData() or ""
        if name == self._session.settings.microphone:
            return
        self._session.change_settings(microphone=name)
        self._open_microphone()

    def _make_untitled(self) -> None:
        try:
            talk = self._session.library.new_talk(UNTITLED, DEFAULT_FORMAT)
        except RunthroughError as error:
            self.trouble.emit(str(error))
            return
        self._choosing.talk_id = talk.id
        self.arrive()

    # --- microphone and recogniser -----------------------------------------------------------

    def _open_microphone(self) -> None:
        self._close_microphone()
        chosen = self._choosing.choice
        if chosen is None:
            return
        rehearsal = Rehearsal(
            self._session.library, *chosen, microphone=self._session.settings.microphone
        )
        self._rehearsal = rehearsal
        self._use_slides()
        self._enter(_State.OPENING)

        def work(_task: background.Task) -> tuple[list[str], AudioDeviceError | None]:
            from runthrough.audio.devices import input_devices

            names: list[str] = []
            try:
                # In this order: a new microphone is only seen while none is open.
                names = [device.name for device in input_devices()]
                rehearsal.open()
            except AudioDeviceError as error:
                return names, error
            return names, None

        def opened(outcome: tuple[list[str], AudioDeviceError | None]) -> None:
            if rehearsal is not self._rehearsal:
                return
            names, problem = outcome
            offer_devices(self._setup.microphone, names, self._session.settings.microphone)
            if problem is None:
                self._since_open.start()
                self._watch = SoundWatch(_SILENCE_BEFORE_S, SILENT)
                self._enter(_State.READY)
            else:
                self._no_microphone(problem)

        def failed(error: Exception) -> None:
            if rehearsal is self._rehearsal:
                self._no_microphone(error)

        background.run(self, work, done=opened, failed=failed, pool=self._pool)

    def _close_microphone(self) -> None:
        """Close the rehearsal that is not recording, after its opening if need be."""
        rehearsal, self._rehearsal = self._rehearsal, None
        self._ticker.stop()
        if rehearsal is not None:
            background.run(
                self,
                lambda _task: rehearsal.close(),
                done=lambda _: None,
                failed=lambda error: background.tell_trouble(error, self.trouble.emit),
                pool=self._pool,
            )

    def _no_microphone(self, error: Exception) -> None:
        self._close_microphone()
        self._setup.broken(background.sentence(error))
        self._enter(_State.NO_MICROPHONE)
        background.raise_defect(error)

    def _forget_recognizer(self) -> None:
        self._recognizer, self._recognizer_wanted = None, None
        # In a take nothing is loaded; it is asked for when the next one is prepared.
        if self._state not in (_State.AWAY, _State.EMPTY, *_TAKE):
            self._want_recognizer()

    def _want_recognizer(self) -> None:
        """Get the recogniser ready, so that the take is transcribed while it is spoken."""
        if self._recognizer_wanted is not None:
            return

        def ready(recognizer: Recognizer) -> None:
            if task is self._recognizer_wanted:  # not one that was given up meanwhile
                self._recognizer = recognizer
                self._setup.say_model("")

        def failed(error: Exception) -> None:
            if task is self._recognizer_wanted:
                self._recognizer_wanted = None
                why = background.sentence(error)
                self._setup.say_model(f"A take can be recorded now and transcribed later. {why}")
            background.raise_defect(error)

        task = self._recognizer_wanted = background.run(
            self, lambda _task: self._session.recognizer(), done=ready, failed=failed
        )

    # --- the take ----------------------------------------------------------------------------

    def _start(self) -> None:
        if self._state is not _State.READY or self._rehearsal is None:
            return
        if not self._session.settings.count_in:
            self._begin()
            return
        self._rehearsal.count_in()
        self._count = COUNT_IN_FROM
        self._countdown.show_number(self._count)
        self._enter(_State.COUNTING)
        self._counter.start()

    def _count_down(self) -> None:
        self._count -= 1
        if self._count > 0:
            self._countdown.show_number(self._count)
        else:
            self._begin()

    def _stop_count_in(self) -> None:
        self._counter.stop()
        if self._rehearsal is not None:
            self._rehearsal.stop_count_in()
        self._enter(_State.READY)

    def _begin(self) -> None:
        self._counter.stop()
        rehearsal = self._rehearsal
        assert rehearsal is not None  # noqa: S101 - follows from the state
        try:
            live = LiveSpeech(rehearsal.format, lambda: rehearsal.position_s)
            rehearsal.begin(
                self._recognizer,
                hotwords=self._choosing.hotwords,
                on_words=live.on_words,
                on_tentative=live.on_tentative,
            )
        except RunthroughError as error:
            self._no_microphone(error)
            return
        take = rehearsal.take
        assert take is not None  # noqa: S101 - begin made it
        self._bar.subtitle.setText(
            f"{rehearsal.talk.title} · take {take.number} · {rehearsal.format.title}"
        )
        self._watch = SoundWatch(_SILENCE_DURING_S, _SILENT_DURING)
        self._listen(live if rehearsal.is_followed else None)
        asks = self._session.settings.interviewer
        self._interviewer = Interviewer(rehearsal.format) if asks else None
        self._silence = Silence()
        self._blank = False
        self._full.show_asked("")
        self._enter(_State.RECORDING)
        self._open_audience()
        self._show_slide()
        self._show_times()

    def _listen(self, live: LiveSpeech | None) -> None:
        """Show what ``live`` hears from now on; ``None``: nothing is transcribed in this take."""
        self._stop_listening()
        self._live = live
        self._nudges = Nudges()
        self._nudge.show_nudge(None)
        self._outline.show_heard(())
        self._pace.show_pace(None)
        self._captions.lines.clear()
        if live is not None:
            live.changed.connect(self._heard)
            self._captions.say("")
        else:
            self._captions.say("No captions in this take: it is transcribed afterwards.")

    def _stop_listening(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _hear_no_more(self) -> None:
        """The recogniser gave up. What was heard stays; from now on only time is told."""
        self._stop_listening()
        self._pace.hide()
        self._captions.say("The captions stopped. The take is recorded and transcribed afterwards.")

    def _heard(self) -> None:
        """Show what was heard newly."""
        if self._live is not None:
            self._captions.lines.show_captions(self._live.captions)
            self._pace.show_pace(self._live.pace.words_per_minute())
            self._outline.show_heard(self._live.heard)

    def _show_nudge(self, at_s: float) -> None:
        rehearsal = self._rehearsal
        assert rehearsal is not None  # noqa: S101 - only called in a take
        live = self._live
        nudge = self._nudges.feed(
            Situation(
                at_s=at_s,
                format=rehearsal.format,
                current=rehearsal.clock.current,
                spent_s=rehearsal.clock.spent_s(at_s),
                heard=live.heard if live is not None else None,
                words_per_minute=live.pace.words_per_minute() if live is not None else None,
            )
        )
        # One thing at a time, and a microphone that hears nothing comes first.
        shown = self._session.settings.nudges and not self._hint.isVisibleTo(self)
        self._nudge.show_nudge(nudge if shown else None)
        if not self._hint.isVisibleTo(self):
            self._full.say(_in_short(nudge) if nudge is not None and shown else "")

    def _warn(self, text: str) -> None:
        """Warn about the microphone during the talk, or no longer."""
        self._hint.say(text)
        self._full.say(text)

    def _go_on(self) -> None:
        # The key that goes on leads back to where the talk was; so does the one that goes back.
        rehearsal = self._rehearsal
        if self._state not in _TAKE or rehearsal is None:
            return
        if self._return_to_talk() or rehearsal.next():
            self._moved()

    def _go_back(self) -> None:
        rehearsal = self._rehearsal
        if self._state not in _TAKE or rehearsal is None:
            return
        if self._return_to_talk() or rehearsal.back():
            self._moved()

    def _go_to(self, index: int) -> None:
        if self._state in _TAKE and self._rehearsal is not None:
            returned = self._return_to_talk()
            if self._rehearsal.go_to(index) or returned:
                self._moved()

    # --- the interviewer -----------------------------------------------------------------------

    def _let_interviewer_ask(self) -> None:
        """Break in, if the interviewer wants to know something now."""
        rehearsal, interviewer = self._rehearsal, self._interviewer
        if rehearsal is None or interviewer is None or not interviewer.is_due(rehearsal.position_s):
            return
        question = interviewer.ask(
            Moment(
                at_s=rehearsal.position_s,
                section=rehearsal.format.sections[rehearsal.clock.current].id,
                words=self._live.words if self._live is not None else (),
                quiet=self._silence.is_quiet,
            )
        )
        if question is None or not rehearsal.interrupt(question):
            return
        self._asked.show_asked(question.text, question.about)
        self._middle.setCurrentWidget(self._stage())
        self._full.show_asked(question.text, question.about)
        self._full.say("")
        self._nudge.show_nudge(None)

    def _return_to_talk(self) -> bool:
        rehearsal = self._rehearsal
        if rehearsal is None or not rehearsal.return_to_talk():
            return False
        if self._interviewer is not None:
            self._interviewer.returned(rehearsal.position_s)
        self._full.show_asked("")
        self._middle.setCurrentWidget(self._stage())
        return True

    def _moved(self) -> None:
        self._show_slide()
        self._show_times()

    def _blank_or_not(self) -> None:
        if self._state in _TAKE and self._slides.count:
            self._blank = not self._blank
            self._show_slide()

    def _captions_or_not(self) -> None:
        if self._state in _TAKE:
            self._switch(captions=not self._session.settings.captions)

    def _mark(self) -> None:
        rehearsal = self._rehearsal
        if self._state in _TAKE and rehearsal is not None and rehearsal.take is not None:
            rehearsal.mark()
            self._bar.subtitle.setText(
                f"{rehearsal.talk.title} · take {rehearsal.take.number} · "
                f"✓ marked at {minutes(rehearsal.position_s)}"
            )

    def _pause_or_resume(self) -> None:
        if self._rehearsal is None:
            return
        if self._state is _State.RECORDING:
            self._rehearsal.pause()
            self._enter(_State.PAUSED)
        elif self._state is _State.PAUSED:
            self._rehearsal.resume()
            self._watch = SoundWatch(_SILENCE_DURING_S, _SILENT_DURING)
            self._enter(_State.RECORDING)

    def _escape(self) -> None:
        if self._state is _State.COUNTING:
            self._stop_count_in()
        elif self._state in _TAKE and self._discard.asking:
            self._discard.ask(False)
        elif self._state in _TAKE:
            self._finish()

    def _finish(self) -> None:
        if self._state in _TAKE:
            self._save(None)

    def _save(self, because: Exception | None) -> None:
        """End the take and keep it. ``because`` is what ended it, unless the speaker did."""
        rehearsal = self._rehearsal
        if rehearsal is None or self._state not in (*_TAKE, _State.UNSAVED):
            return
        self._ended_because = because
        self._saving.say("Saving the take…")
        self._enter(_State.SAVING)

        def work(_task: background.Task) -> Take:
            take = rehearsal.finish()
            if because is not None and take.duration_s <= 0:
                rehearsal.stop_transcribing()
                self._session.library.forget_take(take.id)
            return take

        def saved(take: Take) -> None:
            if rehearsal is not self._rehearsal:
                return  # the window is closed
            self._rehearsal = None
            if because is None:
                self.finished_rehearsal = rehearsal
                self._enter(_State.AWAY)
                self._session.library_changed.emit()
                self.finished.emit(take)
                return
            self._say_cut_short(rehearsal, take, because)
            background.raise_defect(because)

        def failed(error: Exception) -> None:
            if rehearsal is not self._rehearsal:
                return
            self._outcome.say(
                "The take is not saved completely",
                f"{background.sentence(error)} What you said is on disk and is not lost. Other "
                "pages can be used meanwhile. If Runthrough is closed first, its next start "
                "completes the take.",
                "Save again",
            )
            self._enter(_State.UNSAVED)
            background.raise_defect(error)

        background.run(self, work, done=saved, failed=failed, pool=self._pool)

    def _say_cut_short(self, rehearsal: Rehearsal, take: Take, because: Exception) -> None:
        if take.duration_s > 0:
            self.finished_rehearsal, self._kept = rehearsal, take
            title = f"Take {take.number} stopped at {minutes(take.duration_s)} and is kept"
            self._outcome.say(title, background.sentence(because), "Review it", "Record again")
        else:
            self._outcome.say("Nothing was recorded", background.sentence(because), "Record again")
        self._session.library_changed.emit()
        self._enter(_State.CUT_SHORT)

    def _outcome_act(self) -> None:
        if self._state is _State.UNSAVED:
            self._save(self._ended_because)
        elif self._kept is not None:
            take, self._kept = self._kept, None
            self._enter(_State.AWAY)
            self.finished.emit(take)
        else:
            self._record_again()

    def _record_again(self) -> None:
        self._enter(_State.AWAY)
        self.arrive()

    def _ask_discard(self) -> None:
        if self._state not in _TAKE:
            return
        if self._discard.asking:
            self._discard_take()
        else:
            self._leave_full_screen()
            self._discard.ask(True)
            reveal(self._discard)

    def _discard_take(self) -> None:
        rehearsal = self._rehearsal
        if rehearsal is None or self._state not in _TAKE:
            return
        self._saving.say("Moving the take to the trash…")
        self._enter(_State.SAVING)

        def ended(error: Exception | None = None) -> None:
            if rehearsal is not self._rehearsal:
                return
            if error is not None:
                self._close_microphone()  # which keeps a take that is still open
            self._rehearsal = None
            self._session.library_changed.emit()
            self._record_again()
            if error is not None:
                background.tell_trouble(error, self.trouble.emit)

        background.run(
            self,
            lambda _task: rehearsal.discard(),
            done=lambda _: ended(),
            failed=ended,
            pool=self._pool,
        )

    # --- what is shown -----------------------------------------------------------------------

    def _tick(self) -> None:
        rehearsal = self._rehearsal
        if rehearsal is None:
            return
        if rehearsal.failure is not None:
            if self._state in _TAKE:
                self._save(rehearsal.failure)
            else:
                self._counter.stop()
                self._no_microphone(rehearsal.failure)
            return
        level = rehearsal.level
        in_take = self._state in _TAKE
        (self._level if in_take else self._setup.level).feed(level)
        if self._state is _State.RECORDING:
            self._silence.feed(level, rehearsal.position_s)
            self._show_times()
            if self._live is not None and not rehearsal.is_followed:
                self._hear_no_more()
            endangered = rehearsal.warning()
            quiet = self._watch.feed(level, rehearsal.position_s)
            if endangered or not rehearsal.is_interrupted:
                self._warn(endangered or quiet)
            if not rehearsal.is_interrupted:
                self._show_nudge(rehearsal.position_s)
                self._let_interviewer_ask()
        elif self._state is _State.READY:
            self._setup.say_sound(self._watch.feed(level, self._since_open.elapsed() / 1000))

    def _show_times(self) -> None:
        rehearsal = self._rehearsal
        assert rehearsal is not None  # noqa: S101 - only called in a take
        at_s = rehearsal.position_s
        clock = rehearsal.clock
        spent, plan = clock.spent_s(at_s), clock.plan_s(at_s)
        current = clock.current
        fmt = rehearsal.format
        self._clock.move_to(at_s)
        self._outline.show_times(spent, plan, current)
        self._prompt.show_section(fmt.sections[current])
        left_s = fmt.planned_s - at_s
        self._now.show_section(fmt, current, spent[current], left_s, plan)
        if self._full.isVisible():
            self._full.show_times(fmt, current, at_s, spent[current], plan)

    def _enter(self, state: _State) -> None:
        """Be in ``state`` and look like it."""
        self._state = state
        in_take = state in _TAKE
        if state in _TICKING:
            self._ticker.start()
        else:
            self._ticker.stop()
        if not in_take:
            self._leave_full_screen()
            self._audience.hide()
            self._stop_listening()
            self._nudge.show_nudge(None)
            self._discard.ask(False)
            self._warn("")
        if state is not _State.COUNTING:
            self._counter.stop()
        for key in self._keys:
            key.setEnabled(state in (_State.COUNTING, *_TAKE, _State.SAVING))

        page = {
            _State.COUNTING: self._countdown,
            _State.RECORDING: self._stage(),
            _State.PAUSED: self._stage(),
            _State.SAVING: self._saving,
            _State.CUT_SHORT: self._outcome,
            _State.UNSAVED: self._outcome,
            _State.EMPTY: self._empty,
        }.get(state, self._setup)
        # The focus leaves what is about to be hidden; Qt would give it to whatever is next.
        focus = QApplication.focusWidget()
        ours = focus is None or focus is self or self.isAncestorOf(focus)
        going = focus in (self._setup.start, self._setup.again)
        if state in _BUSY or going or (ours and page is not self._middle.currentWidget()):
            self.setFocus()
        self._middle.setCurrentWidget(page)
        self._show_sides()
        title, sign, colour = {
            _State.COUNTING: ("Starting", "record", theme.current().control),
            _State.RECORDING: ("Recording", "record", theme.current().bad),
            _State.PAUSED: ("Paused", "pause", theme.current().warn),
            _State.SAVING: ("Saving", "record", theme.current().control),
        }.get(state, ("Rehearse", "", ""))
        self._bar.title.setText(title)
        self._sign.setVisible(bool(sign))
        if sign:
            self._sign.setPixmap(theme.pixmap(sign, colour, 22))
        self._bar.subtitle.setVisible(state is not _State.EMPTY)
        for widget in (self._mic_caption, self._level, self._pause, self._finish_button):
            widget.setVisible(in_take)
        self._cancel.setVisible(state is _State.COUNTING)
        self._pause.set_text("Resume" if state is _State.PAUSED else "Pause")
        self._discard.setVisible(in_take)
        self._pace.setVisible(in_take and self._live is not None)
        self._now.show_questions(in_take and self._slides.count > 0)
        self._show_captions()
        if not in_take:
            self._outline.show_heard(())
        if state is _State.OPENING:
            self._setup.opening()
        elif state is _State.READY:
            self._level.clear()
            self._setup.ready()
        for clock in (self._clock, self._full):
            clock.show_paused(state is _State.PAUSED)
        first = {
            _State.EMPTY: self._empty.make,
            _State.READY: self._setup.start,
            _State.NO_MICROPHONE: self._setup.again,
            _State.CUT_SHORT: self._outcome.act,
            _State.UNSAVED: self._outcome.act,
        }.get(state)
        if first is not None and self.hasFocus():
            first.setFocus()

    def _show_sides(self) -> None:
        in_take = self._state in _TAKE
        self._left_card.setVisible(self._state is not _State.EMPTY)
        setup = self._middle.currentWidget() is self._setup
        wide = self.width() >= theme.px(_ROOM_FOR_SETUP) or not setup
        self._right.setVisible(self._state is not _State.EMPTY and wide)
        self._columns.set_height(1, _SETUP_HEIGHT if setup else _STAGE_HEIGHT)
        self._hints.setVisible(
            in_take and self._left_card.maximumWidth() >= theme.px(_ROOM_FOR_KEYS)
        )

    def _toggle_full_screen(self) -> None:
        if self._full.isVisible():
            self._leave_full_screen()
        elif self._state in _TAKE and self._rehearsal is not None:
            self._full.open_over(self.window())
            self._show_times()

    def _leave_full_screen(self) -> None:
        if self._full.isVisible():
            self._full.hide()
            self.window().activateWindow()

    # --- keys --------------------------------------------------------------------------------

    def _bind_keys(self, host: QWidget) -> list[QShortcut]:
        """The keys of a take. They come before whatever button or list has the focus.

        Page keys, F5, full stop and Escape are what clickers send.
        """
        key = Qt.Key
        forward = (key.Key_Space, key.Key_Right, key.Key_Down, key.Key_PageDown)
        table: list[tuple[Callable[[], None], tuple[Qt.Key, ...]]] = [
            (self._go_on, (*forward, key.Key_Return, key.Key_Enter)),
            (self._go_back, (key.Key_Left, key.Key_Up, key.Key_PageUp)),
            (self._pause_or_resume, (key.Key_P,)),
            (self._toggle_full_screen, (key.Key_F, key.Key_F5)),
            (self._captions_or_not, (key.Key_C,)),
            (self._blank_or_not, (key.Key_B, key.Key_Period)),
            (self._mark, (key.Key_M,)),
            (self._ask_discard, (key.Key_Delete,)),
            (self._escape, (key.Key_Escape,)),
        ]
        shortcuts = []
        for act, keys in table:
            for one in keys:
                shortcut = QShortcut(QKeySequence(one), host)
                shortcut.activated.connect(act)
                shortcuts.append(shortcut)
        for number in range(9):
            shortcut = QShortcut(QKeySequence(Qt.Key(Qt.Key.Key_1.value + number)), host)
            shortcut.activated.connect(lambda n=number: self._go_to(n))
            shortcuts.append(shortcut)
        for shortcut in shortcuts:
            shortcut.setAutoRepeat(False)
            shortcut.setEnabled(False)
        return shortcuts

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space starts, unless a list or button that has the focus wants it."""
        if event.key() == Qt.Key.Key_Space and self._state is _State.READY:
            self._start()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width between the middle and the sides."""
        super().resizeEvent(event)
        self._share_room()

    def _share_room(self) -> None:
        narrow = self._columns.narrow
        usual_width = self.width() / theme.px(100) * 100
        side = max(_SIDE_LEAST, min(_SIDE_MOST, round(usual_width * _SIDE_SHARE)))
        for column in (0, 2):
            self._columns.set_width(column, side)
        room = min(usual_width / _TEXT_WIDTH, self.height() / theme.px(_TEXT_HEIGHT))
        times = max(1.0, min(_TEXT_MOST, room))
        for part in (
            self._outline,
            self._now,
            self._pace,
            self._nudge,
            self._hint,
            self._captions,
            self._slides_view,
        ):
            zoom(part, times)
        # By the page's height alone: what else comes to the right must not move the figures.
        clock = round((self.height() - _BELOW_CLOCK) * _CLOCK_SHARE)
        clock = max(_CLOCK_LEAST, min(_CLOCK_MOST, clock))
        self._clock.setFixedHeight(theme.px(_CLOCK_LEAST) if narrow else clock)
        way = QBoxLayout.Direction
        beside = self._beside_clock
        beside.setDirection(way.LeftToRight if narrow else way.TopToBottom)
        for place in range(beside.count()):
            beside.setStretch(place, int(narrow))
        low = self.height() < theme.px(_ROOM_FOR_QUESTIONS)
        self._now.leave_out_questions(low or narrow)
        self._show_sides()

    # --- parts -------------------------------------------------------------------------------

    def _build(self) -> None:
        self._bar = TopBar("Rehearse")
        self._sign = QLabel()
        self._bar.insert_first(self._sign)
        self._mic_caption = label("Mic", role="soft")
        self._level = LevelMeter(width=theme.px(120))
        self._pause = KeyButton("Pause", "P")
        self._pause.clicked.connect(self._pause_or_resume)
        self._finish_button = KeyButton("Finish", "Esc", role="danger")
        self._finish_button.clicked.connect(self._finish)
        self._cancel = KeyButton("Cancel", "Esc")
        self._cancel.clicked.connect(self._stop_count_in)
        for widget in (
            self._mic_caption,
            self._level,
            self._pause,
            self._finish_button,
            self._cancel,
        ):
            self._bar.add(widget)

        self._outline = Outline()
        self._outline.section_chosen.connect(self._go_to)
        self._hints = KeyHints()
        self._discard = Discard()
        self._discard.wanted.clicked.connect(self._ask_discard)
        self._discard.yes.clicked.connect(self._discard_take)
        self._discard.no.clicked.connect(lambda: self._discard.ask(False))
        self._left_card = Card()
        self._left_card.body.setContentsMargins(theme.GAP_S, theme.GAP_M, theme.GAP_S, theme.GAP_M)
        self._left_card.body.addWidget(self._outline, 1)
        self._left_card.body.addWidget(self._hints)
        self._left_card.body.addSpacing(theme.GAP_S)
        self._left_card.body.addWidget(self._discard)

        self._setup.microphone.activated.connect(self._microphone_chosen)
        self._setup.again.clicked.connect(self._open_microphone)
        self._setup.start.clicked.connect(self._start)
        self._setup.count_in.clicked.connect(lambda on: self._switch(count_in=on))
        self._setup.captions.clicked.connect(lambda on: self._switch(captions=on))
        self._setup.nudges.clicked.connect(lambda on: self._switch(nudges=on))
        self._setup.interviewer.clicked.connect(lambda on: self._switch(interviewer=on))
        self._countdown = Countdown()
        self._prompt = Prompt(46)
        self._asked = Prompt(46)
        self._slides_view = Slides(self._slides)
        self._saving = Saving()
        self._outcome = Outcome()
        self._outcome.act.clicked.connect(self._outcome_act)
        self._outcome.other.clicked.connect(self._record_again)
        self._empty = Empty()
        self._empty.make.clicked.connect(self._make_untitled)
        self._empty.talks.clicked.connect(self.left)
        self._middle = Pages()
        for page in (
            self._setup,
            self._countdown,
            self._prompt,
            self._asked,
            self._slides_view,
            self._saving,
            self._outcome,
            self._empty,
        ):
            self._middle.addWidget(page)
        middle_card = Card()
        middle_card.body.setContentsMargins(theme.GAP_L, theme.GAP_L, theme.GAP_L, theme.GAP_L)
        middle_card.body.addWidget(self._middle)
        self._captions = CaptionCard()
        centre = QWidget()
        middle = QVBoxLayout(centre)
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(theme.GAP_M + 4)
        middle.addWidget(middle_card, 1)
        middle.addWidget(self._captions)

        self._clock = BigClock(200)
        clock_card = Card()
        clock_card.body.addWidget(self._clock)
        self._now = Now()
        self._pace = PaceCard()
        self._nudge = NudgeCard()
        self._nudge.off.clicked.connect(lambda: self._switch(nudges=False))
        self._hint = Notice()
        self._right = QWidget()
        right = QVBoxLayout(self._right)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(theme.GAP_M + 4)
        self._beside_clock = QVBoxLayout()
        self._beside_clock.setSpacing(theme.GAP_M + 4)
        self._beside_clock.addWidget(clock_card)
        self._beside_clock.addWidget(self._now)
        self._beside_clock.addWidget(self._pace)
        right.addLayout(self._beside_clock)
        right.addWidget(self._nudge)
        right.addWidget(self._hint)
        right.addStretch(1)

        self._columns = Columns(
            [
                Column(self._left_card, _SIDE_LEAST),
                Column(centre, height=_STAGE_HEIGHT),
                Column(self._right, _SIDE_LEAST),
            ],
            below=(2, 1, 0),
            limit=_ROOM_FOR_COLUMNS,
        )
        self._columns.arranged.connect(self._share_room)
        around = QVBoxLayout()
        around.setContentsMargins(theme.GAP_L + 4, theme.GAP_L, theme.GAP_L + 4, theme.GAP_L)
        around.addWidget(self._columns)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._bar)
        layout.addLayout(around, 1)
        self._full = FullScreen(self, self._slides)
        self._audience = Audience(self._slides, self)
        self._full.closed.connect(self._leave_full_screen)


def _in_short(nudge: Nudge) -> str:
    """What to say beside a clock, which tells already that the talk is over time."""
    return nudge.detail if nudge.kind == "over" else nudge.title
