"""Where questions are practised: hear one, answer aloud or in writing, see the verdict, go on.

The question stays on the screen throughout: listeners forgive a dodge when the question is out of
sight (Rogers and Norton, 2011), and so do speakers.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from enum import Enum, auto
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QHBoxLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from runthrough.audio.voice import Voice
from runthrough.captions import Captions
from runthrough.drill import DRILL_TITLES, Drill, Round, choose, kept_answers
from runthrough.errors import RunthroughError
from runthrough.practice.about_talk import questions_about
from runthrough.practice.bank import (
    ABOUT_TALK,
    ABOUT_TALK_TITLE,
    DOMAINS,
    OWN_WORK,
    load_questions,
)
from runthrough.practice.follow_ups import DEEPEST
from runthrough.practice.schedule import due_at, when
from runthrough.talk import minutes
from runthrough.ui import background, theme
from runthrough.ui.widgets.basics import (
    Card,
    Column,
    Columns,
    Pages,
    TopBar,
    button,
    heading,
    label,
    reveal,
    scrolling,
)
from runthrough.ui.widgets.level_meter import LevelMeter, SoundWatch
from runthrough.ui.widgets.practice_parts import (
    AnswerClock,
    AnswerText,
    DrillEnd,
    KeptAnswer,
    QuestionList,
    Ratings,
    Trend,
    VerdictCard,
    link,
    strong_answer,
)
from runthrough.ui.widgets.rehearsal_parts import KeyButton, Notice
from runthrough.ui.widgets.setup import Choice, fill

if TYPE_CHECKING:
    from pathlib import Path

    from runthrough.audio.player import Player
    from runthrough.practice.bank import Question
    from runthrough.talk import Asked, PracticeAnswer, Report, Take, Word
    from runthrough.transcription.recognizer import Recognizer
    from runthrough.ui.session import Session

_TICK_MS = 50
_LEFT_WIDTH, _RIGHT_WIDTH = 300, 360
# In a page that is not so wide, the three stand one below the other.
_ROOM_FOR_COLUMNS = 960
_LAST_ANSWERS = 5
_SILENCE_S = 5.0
_SILENT = "Nothing is heard from the microphone. Check its switch, or type the answer instead."
_TITLES = {**DOMAINS, ABOUT_TALK: ABOUT_TALK_TITLE}


class _State(Enum):
    EMPTY = auto()  # nothing to ask
    ASKING = auto()  # the question is up; time to think
    STARTING = auto()  # the microphone is being opened
    ANSWERING = auto()
    WRITING = auto()
    JUDGING = auto()
    JUDGED = auto()
    OVER = auto()  # the drill is done


class PracticePage(QWidget):
    """One drill after the other."""

    trouble = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setAccessibleName("Practice")
        self._session = session
        self._state = _State.EMPTY
        self._drill = Drill.DUE
        self._take: Take | None = None
        self._report: Report | None = None
        self._reading: background.Task | None = None  # of the report that a drill begins with
        self._questions: list[Question] = []
        self._index = 0
        self._round: Round | None = None
        self._sound: Path | None = None  # of an answer that is spoken and not judged yet
        self._judging: background.Task | None = None
        self._rounds: dict[str, Round] = {}  # those of this drill with an answer
        self._history: list[PracticeAnswer] = []
        self._kept: list[tuple[Question, Asked]] = []  # spoken, and not judged
        self._recognizer: Recognizer | None = None
        self._recognizer_wanted = False
        self._captions = Captions()
        self._voice = Voice()
        self._player: Player | None = None
        self._watch = SoundWatch(_SILENCE_S, _SILENT)
        self._ticks = 0
        # What touches the microphone happens in the order in which it was asked for.
        self._pool = ThreadPoolExecutor(1, "runthrough-answer")
        self._ticker = QTimer(self)
        self._ticker.setInterval(_TICK_MS)
        self._ticker.timeout.connect(self._tick)
        self._build()
        self._bind_keys()
        session.recognizer_changed.connect(self._forget_recognizer)
        self._enter(_State.EMPTY)

    # --- what the window asks ----------------------------------------------------------------

    def arrive(self) -> None:
        """Be shown: offer what is due, unless a drill is under way."""
        self._want_recognizer()
        if not self.busy:
            self._look_for_kept()
        if self._state in (_State.EMPTY, _State.OVER) and self._reading is None:
            self.start(self._drill)

    def leave(self) -> None:
        """Another page is shown."""
        self._voice.stop()
        self._stop_playing()

    @property
    def busy(self) -> bool:
        """Whether leaving the page would cut an answer off."""
        return self._state in (_State.STARTING, _State.ANSWERING, _State.JUDGING)

    @property
    def unjudged(self) -> Path | None:
        """Where an answer is kept that is being spoken or waits for its verdict."""
        return self._sound

    def start(self, drill: Drill, take: Take | None = None, first: str = "") -> None:
        """Begin ``drill``, with the question ``first`` if it has an id; for a talk on ``take``.

        If none is given, it is on the newest reviewed take of the talk that was asked about last.
        """
        if self.busy:
            return
        self._drill = drill
        if take is not None:
            self._take = take
        self._offer_drills(take)
        self._reading = None
        if drill is Drill.TALK and self._take is not None:
            take_id = self._take.id

            # Another drill may have been begun before it is read.
            def read(report: Report | None) -> None:
                if self._reading is reading:
                    self._with_report(report, first)

            def failed(error: Exception) -> None:
                if self._reading is reading:
                    self._reading = None
                background.tell_trouble(error, self.trouble.emit)

            reading = self._reading = background.run(
                self,
                lambda _task: self._session.library.folder(take_id).report(),
                done=read,
                failed=failed,
            )
        else:
            self._with_report(None, first)

    def stand_like(self, other: PracticePage) -> None:
        """Stand where ``other`` stood, whose place this page takes; what was being typed stays."""
        self._drill, self._take = other._drill, other._take
        if not other._questions or other._state is _State.OVER:
            return
        self._report, self._history = other._report, other._history
        self._questions, self._rounds = other._questions, other._rounds
        self._list.show_questions(self._questions, _TITLES)
        self._offer_drills(self._take)
        self._index, asked = other._index, other._round_now()
        self._list.stand_at(self._index)
        asked.keep_in(self._session.library)
        self._round = asked
        self._put()
        if asked.answers:
            self._show_verdict(asked.answers[-1])
            if other._state is not _State.JUDGED:  # it is asked on about
                self._put()
        self._voice.stop()
        if other._state is _State.WRITING:
            self._write()
            self._answer.setPlainText(other._answer.toPlainText())

    def start_with(self, question_id: str, drill: Drill, take: Take | None = None) -> None:
        """Begin ``drill`` with one of its questions, whether it is due or not."""
        self.start(drill, take, question_id)

    def keep_and_close(self) -> None:
        """End everything now; an answer that is being spoken is kept."""
        self._ticker.stop()
        self._voice.stop()
        self._stop_playing()
        self._cancel()
        # The microphone that is just being opened is let go of once it is open.
        self._pool.shutdown()
        if self._round is not None:
            self._round.stop()

    # --- choosing ----------------------------------------------------------------------------

    def _with_report(self, report: Report | None, asked_for: str) -> None:
        self._report, self._reading = report, None
        bank, problems = load_questions(self._session.library.root / "questions")
        if problems:
            self.trouble.emit(" ".join(problems))
        self._history = self._session.library.answers()
        now = datetime.now().astimezone()
        self._questions = choose(self._drill, bank, self._history, now, report)
        # What was asked for by name is asked even if the drill has no room for it.
        about = questions_about(report) if report is not None else []
        all_there_are = (*self._questions, *about, *bank.values())
        first = next((q for q in all_there_are if q.id == asked_for), None)
        if first is not None:
            self._questions = [first, *(q for q in self._questions if q.id != first.id)]
        self._rounds = {}
        self._list.show_questions(self._questions, _TITLES)
        self._index = 0
        if self._questions:
            self._ask(0)
        else:
            self._enter(_State.EMPTY)

    def _offer_drills(self, asked_for: Take | None) -> None:
        self._drill_choice.blockSignals(True)
        titles = {drill.value: title for drill, title in DRILL_TITLES.items()}
        fill(self._drill_choice, titles, self._drill.value)
        self._drill_choice.blockSignals(False)
        self._offer_talks(asked_for)

    def _offer_talks(self, asked_for: Take | None) -> None:
        """Offer the newest reviewed take of each talk, and ``asked_for`` if it is an older one."""
        self._takes: dict[str, Take] = {}
        names: dict[str, str] = {}
        newest: dict[str, Take] = {}  # by talk
        for summary in self._session.library.talks():
            talk, take = summary.talk, summary.reviewed_take
            if asked_for is not None and asked_for.talk_id == talk.id:
                self._takes[asked_for.id] = asked_for
                names[asked_for.id] = f"{talk.title} · take {asked_for.number}"
            if take is not None:
                newest[talk.id] = self._takes[take.id] = take
                names[take.id] = talk.title
        if self._take is None or self._take.id not in self._takes:
            talk_id = self._take.talk_id if self._take is not None else ""
            self._take = newest.get(talk_id, next(iter(newest.values()), None))
        self._talk_choice.blockSignals(True)
        fill(self._talk_choice, names, self._take.id if self._take else "")
        self._talk_choice.blockSignals(False)
        self._talk_choice.setVisible(self._drill is Drill.TALK and bool(self._takes))

    def _drill_chosen(self) -> None:
        self.start(Drill(self._drill_choice.currentData()))

    def _talk_chosen(self) -> None:
        self.start(Drill.TALK, self._takes.get(self._talk_choice.currentData()))

    def _ask(self, index: int, kept: Asked | None = None) -> None:
        """Put question ``index`` of the drill, or what was asked where ``kept`` was spoken."""
        if self.busy or not 0 <= index < len(self._questions):
            return
        self._stop_round()
        self._index = index
        question = self._questions[index]
        self._round = Round(
            self._session.library,
            question,
            take_id=self._take.id if self._take else "",
            microphone=self._session.settings.microphone,
        )
        if kept is not None:
            self._round.take_up(kept)
        self._list.stand_at(index)
        self._put()

    def _put(self) -> None:
        """Show what is asked now, and read it aloud where that is wanted."""
        asked = self._round_now()
        self._question.setText(asked.asked)
        self._why.setText(asked.question.about)
        self._why.setVisible(bool(asked.question.about) and asked.depth == 0)
        self._who.setText("Interviewer" if asked.depth == 0 else "Interviewer, asking on")
        self._clock.plan(asked.question.seconds)
        # The first answer stays in sight while it is asked on about.
        if asked.depth == 0:
            self._answer.blank()
        self._notice.say("")
        self._enter(_State.ASKING)
        if self._session.settings.read_aloud:
            self._voice.say(asked.asked)

    # --- answering ---------------------------------------------------------------------------

    def _space(self) -> None:
        """What is next: answer, done, go on."""
        focus = QApplication.focusWidget()
        own = (self._main, self._on)
        if isinstance(focus, QAbstractButton) and focus not in own:
            focus.click()
        elif self._state is _State.ASKING:
            self._begin()
        elif self._state is _State.ANSWERING:
            self._done()
        elif self._state is _State.JUDGED:
            self._go_on()

    def _begin(self) -> None:
        if self._state not in (_State.ASKING, _State.JUDGED):
            return
        self._voice.stop()
        self._stop_playing()
        asked = self._round_now()
        self._enter(_State.STARTING)
        self._captions = Captions()
        recognizer = self._recognizer

        def work(_task: background.Task) -> None:
            asked.open()
            asked.begin(recognizer, on_words=self._hear, on_tentative=self._guess)

        def began(_: None) -> None:
            if asked is self._round and asked.is_open:
                self._watch = SoundWatch(_SILENCE_S, _SILENT)
                self._ticks = 0
                self._answer.blank()
                self._sound = asked.sound
                self._enter(_State.ANSWERING)

        def failed(error: Exception) -> None:
            asked.stop()
            self._enter(_State.ASKING)
            self._notice.say(f"{background.sentence(error)} You can also type the answer.")
            background.raise_defect(error)

        background.run(self, work, done=began, failed=failed, pool=self._pool)

    def _hear(self, words: tuple[Word, ...]) -> None:
        background.tell(self, lambda: self._show_words(words, settled=True))

    def _guess(self, words: tuple[Word, ...]) -> None:
        background.tell(self, lambda: self._show_words(words, settled=False))

    def _show_words(self, words: tuple[Word, ...], *, settled: bool) -> None:
        if self._state is not _State.ANSWERING or self._round is None:
            return
        if settled:
            self._captions.final(words, self._round.position_s)
        else:
            self._captions.guess(words, self._round.position_s)
        self._answer.show_captions(self._captions)

    def _done(self) -> None:
        if self._state is _State.ANSWERING:
            self._judge()

    def _judge(self) -> None:
        """Have what was spoken judged."""
        asked, sound = self._round_now(), self._sound
        listener = self._recognizer
        waits = listener is not None and listener.busy and not asked.is_followed

        def work(task: background.Task) -> PracticeAnswer:
            asked.end()
            return asked.finish(self._session.recognizer(), cancelled=task.cancelled)

        def failed(error: Exception) -> None:
            self._not_judged(error, f" What you said is kept in {sound}.")

        self._judging = background.run(
            self, work, done=self._judged, failed=failed, pool=self._pool
        )
        self._enter(_State.JUDGING)
        if waits:
            self._clock.say("Another recording is transcribed first, then this answer.")

    def _cancel(self) -> None:
        """Wait no longer for the verdict on what was spoken."""
        if self._judging is not None:
            self._judging.cancel()
            self._cancel_button.setEnabled(False)
            self._clock.say("Stopping…")

    def _write(self) -> None:
        """Type an answer instead of speaking it."""
        if self._state in (_State.ASKING, _State.JUDGED):
            self._voice.stop()
            self._enter(_State.WRITING)
            self._answer.let_write()

    def _hand_in(self) -> None:
        if self._state is not _State.WRITING:
            return
        text = self._answer.toPlainText().strip()
        if not text:
            self._enter(_State.ASKING)
            return
        asked = self._round_now()
        self._enter(_State.JUDGING)

        def failed(error: Exception) -> None:
            self._enter(_State.WRITING)  # what was typed is still there
            self._answer.setFocus()
            background.tell_trouble(error, self.trouble.emit)

        background.run(self, lambda _task: asked.write(text), done=self._judged, failed=failed)

    def _judged(self, answer: PracticeAnswer) -> None:
        asked = self._round_now()
        self._rounds[asked.question.id] = asked
        self._history.append(answer)
        self._history.sort(key=lambda a: a.id)  # one that was kept is older than some
        self._show_verdict(answer)
        self._look_for_kept()

    def _show_verdict(self, answer: PracticeAnswer) -> None:
        """Show ``answer``, the last one, and what was heard in it and those before it."""
        asked = self._round_now()
        before = [
            a
            for a in self._history
            if a.question_id == answer.question_id
            and a.depth == 0
            and a.round_id < answer.round_id  # ids sort by time
        ]
        number = "first " if answer.depth == 0 and not before else ""
        title = f"Your {number}answer" if answer.depth == 0 else "Your answers so far"
        whole = asked.verdict or answer.verdict
        last = before[-1].verdict if before and answer.depth == 0 else None
        self._verdict.show_verdict(title, whole, last)
        self._answer.show_answer(answer.transcript or "Nothing was heard.", answer.verdict)
        length = f" · {minutes(answer.duration_s)}" if answer.duration_s else ""
        self._answer_title.setText(f"Your answer{length}")
        scores = [a.verdict.score for a in [*before, asked.answers[0]]][-_LAST_ANSWERS:]
        self._trend.show_scores(scores)
        self._ratings.show_rating(asked.answers[0].rating)
        self._clock.move_to(answer.duration_s)
        self._enter(_State.JUDGED)

    def _not_judged(self, error: Exception, kept: str) -> None:
        if self._round is not None:
            self._round.stop()
        self._enter(_State.ASKING)
        self._look_for_kept()
        background.tell_trouble(error, lambda said: self.trouble.emit(f"{said}{kept}"))

    # --- what was kept -----------------------------------------------------------------------

    def _look_for_kept(self) -> None:
        """Offer an answer that the window was closed in, or that could not be judged."""
        if not self.isVisible():  # the window is closed, and maybe the library
            return
        self._kept = kept_answers(self._session.library)
        self._offer_kept()

    def _offer_kept(self) -> None:
        if self._kept:
            self._kept_card.offer(self._kept[0][1], len(self._kept) - 1)
        # Not over an answer that is being given.
        self._kept_card.setVisible(
            bool(self._kept) and not self.busy and self._state is not _State.WRITING
        )

    def _judge_kept(self) -> None:
        question, kept = self._kept[0]
        self._reading = None  # of a drill that would begin over it
        # It comes before the question that is asked now, or after it if that was answered.
        place = self._index
        if self._state is _State.OVER or (self._round is not None and self._round.answers):
            place += 1
        before = [q for q in self._questions[:place] if q.id != question.id]
        after = [q for q in self._questions[place:] if q.id != question.id]
        self._questions = [*before, question, *after]
        self._list.show_questions(self._questions, _TITLES)
        try:
            self._ask(len(before), kept)
        except RunthroughError as error:
            self.trouble.emit(str(error))
            self._put()
            return
        self._voice.stop()
        self._sound = self._session.library.answer_sound(kept.id)
        self._judge()

    def _delete_kept(self) -> None:
        try:
            self._session.library.delete_answer(self._kept[0][1].id)
        except RunthroughError as error:
            self.trouble.emit(str(error))
        self._look_for_kept()

    def _go_on(self) -> None:
        """To the follow-up, or to the next question."""
        if self._state is not _State.JUDGED:
            return
        if self._round_now().ask_on():
            self._put()
        else:
            self._skip()

    def _skip(self) -> None:
        if self.busy:
            return
        if self._index + 1 < len(self._questions):
            self._ask(self._index + 1)
        else:
            self._end()

    def _again(self) -> None:
        if self._state is _State.JUDGED:
            self._round_now().again()
            self._put()

    def _end(self) -> None:
        if self.busy:
            return
        self._stop_round()
        self._enter(_State.OVER)

    def _delete(self) -> None:
        """Move the answer just given to the trash."""
        if self._state is not _State.JUDGED:
            return
        asked = self._round_now()
        gone = asked.answers[-1]
        self._stop_playing()
        try:
            self._session.library.delete_answer(gone.id)
        except RunthroughError as error:
            self.trouble.emit(str(error))
            return
        self._history = [a for a in self._history if a.id != gone.id]
        asked.again()
        self._put()

    def _stop_round(self) -> None:
        self._stop_playing()
        self._voice.stop()
        if self._round is not None:
            self._round.stop()
            self._round = None

    def _round_now(self) -> Round:
        assert self._round is not None  # noqa: S101 - follows from the state
        return self._round

    # --- hearing -----------------------------------------------------------------------------

    def _read_aloud(self) -> None:
        if self._round is not None and self._state in (_State.ASKING, _State.JUDGED):
            self._voice.say(self._round.asked)

    def _read_aloud_switched(self, on: bool) -> None:
        self._session.change_settings(read_aloud=on)
        if not on:
            self._voice.stop()

    def _play(self) -> None:
        """Hear the answer just given, or stop hearing it."""
        if self._player is not None and self._player.playing:
            self._stop_playing()
            return
        if self._state is not _State.JUDGED:
            return
        answer = self._round_now().answers[-1]
        if not answer.has_sound:
            return
        from runthrough.audio.player import Player

        self._voice.stop()
        try:
            self._player = player = Player(
                self._session.library.answer_sound(answer.id),
                device=self._session.settings.speaker or None,
                on_end=lambda failure: background.tell(self, lambda: self._ended(player, failure)),
            )
            player.play()
        except RunthroughError as error:
            self._player = None
            self._notice.say(str(error))

    def _ended(self, player: Player, failure: Exception | None) -> None:
        """The end was heard, or the loudspeaker went away."""
        if player is self._player:
            self._stop_playing()
            if failure is not None:
                self._notice.say(str(failure))

    def _stop_playing(self) -> None:
        if self._player is not None:
            self._player.close()
            self._player = None

    def _forget_recognizer(self) -> None:
        self._recognizer, self._recognizer_wanted = None, False

    def _want_recognizer(self) -> None:
        """Get the recogniser ready, so that an answer is transcribed while it is spoken."""
        if self._recognizer_wanted:
            return
        self._recognizer_wanted = True

        def ready(recognizer: Recognizer) -> None:
            self._recognizer = recognizer

        def failed(error: Exception) -> None:
            self._recognizer_wanted = False
            self._notice.say(f"Answers can be typed for now. {background.sentence(error)}")
            background.raise_defect(error)

        background.run(self, lambda _task: self._session.recognizer(), done=ready, failed=failed)

    def _tick(self) -> None:
        if self._round is None or self._state is not _State.ANSWERING:
            return
        self._ticks += 1
        self._level.feed(self._round.level)
        spoken_s = self._round.position_s
        self._clock.move_to(spoken_s)
        over = self._clock.is_over(spoken_s)
        target = self._clock.target_text
        self._clock.say(
            f"Longer than {target}: come to an end." if over else f"Answer in {target}."
        )
        if self._round.failure is not None:
            # What was said is kept and judged; the reason is told beside it.
            self._notice.say(str(self._round.failure))
            self._done()
            return
        self._notice.say(self._watch.feed(self._round.level, self._ticks * _TICK_MS / 1000))

    # --- what is shown -----------------------------------------------------------------------

    def _build(self) -> None:
        self._bar = TopBar("Practice")
        self._skip_button = button("Skip")
        self._skip_button.clicked.connect(self._skip)
        self._end_button = button("End drill")
        self._end_button.clicked.connect(self._end)
        self._bar.add(self._skip_button)
        self._bar.add(self._end_button)

        left, middle = self._build_left(), self._build_middle()
        columns = Columns(
            [
                Column(left, _LEFT_WIDTH, height=220),
                Column(middle, height=420),
                Column(self._build_right(), _RIGHT_WIDTH, height=320),
            ],
            below=(1, 2, 0),
            limit=_ROOM_FOR_COLUMNS,
        )
        around = QVBoxLayout()
        around.setContentsMargins(theme.GAP_L, theme.GAP_L, theme.GAP_L, theme.GAP_L)
        self._kept_card = KeptAnswer()
        self._kept_card.judge.clicked.connect(self._judge_kept)
        self._kept_card.delete.clicked.connect(self._delete_kept)
        around.setSpacing(theme.GAP_L - 4)
        around.addWidget(self._kept_card)
        around.addWidget(columns, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._bar)
        layout.addLayout(around, 1)

    def _build_left(self) -> QWidget:
        card = Card()
        self._drill_choice = Choice("Drill")
        self._drill_choice.currentIndexChanged.connect(self._drill_chosen)
        self._talk_choice = Choice("Talk to be asked about")
        self._talk_choice.currentIndexChanged.connect(self._talk_chosen)
        self._list = QuestionList()
        self._list.chosen.connect(self._ask)
        card.body.addWidget(self._drill_choice)
        card.body.addWidget(self._talk_choice)
        card.body.addWidget(self._list, 1)
        return card

    def _build_middle(self) -> QWidget:
        asking = Card()
        asking.body.setContentsMargins(theme.GAP_XL, theme.GAP_L, theme.GAP_XL, theme.GAP_L)
        self._who = label("Interviewer", role="soft")
        self._question = heading(size=1.75, wrap=True)
        self._question.setAccessibleName("The question")
        self._why = label(role="soft", wrap=True)
        self._aloud = link("Read aloud again (R)", "Read the question aloud again")
        self._aloud.setIcon(theme.icon("speaker", theme.current().accent, 18))
        self._aloud.clicked.connect(self._read_aloud)
        self._aloud_always = QCheckBox("Read questions aloud")
        self._aloud_always.setChecked(self._session.settings.read_aloud)
        self._aloud_always.toggled.connect(self._read_aloud_switched)
        reading = QHBoxLayout()
        reading.addWidget(self._aloud)
        reading.addStretch(1)
        reading.addWidget(self._aloud_always)
        if not self._voice.can_speak:
            self._aloud.hide()
            self._aloud_always.hide()
        for part in (self._who, self._question, self._why):
            asking.body.addWidget(part)
        asking.body.addLayout(reading)

        timing = Card()
        timing.body.setContentsMargins(theme.GAP_XL, theme.GAP_M, theme.GAP_L, theme.GAP_M)
        self._clock = AnswerClock()
        self._level = LevelMeter(width=90)
        self._main = KeyButton("Answer", "Space", role="primary", height=40)
        self._main.clicked.connect(self._main_clicked)
        row = QHBoxLayout()
        row.setSpacing(theme.GAP_L)
        row.addWidget(self._clock, 1)
        row.addWidget(self._main)
        timing.body.addLayout(row)
        self._level.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._type = link("Type the answer instead (T)", "Type the answer instead")
        self._type.clicked.connect(self._write)
        self._cancel_button = link("Cancel (Esc)", "Cancel the judging of this answer")
        self._cancel_button.clicked.connect(self._cancel)
        below = QHBoxLayout()
        below.setSpacing(theme.GAP_L)
        below.addWidget(self._clock.hint, 1)
        for one in (self._level, self._type, self._cancel_button):
            below.addWidget(one)
        timing.body.addLayout(below)

        self._notice = Notice()
        answer = Card()
        self._answer_title = label("Your answer", role="soft")
        self._play_button = link("▶ Hear it (H)", "Hear your answer")
        self._play_button.clicked.connect(self._play)
        self._delete_button = link("Delete", "Delete this answer")
        self._delete_button.clicked.connect(self._delete)
        head = QHBoxLayout()
        head.addWidget(self._answer_title)
        head.addWidget(self._play_button)
        head.addStretch(1)
        head.addWidget(self._delete_button)
        answer.body.addLayout(head)
        self._answer = AnswerText()
        answer.body.addWidget(self._answer, 1)
        self._on = KeyButton("Next question", "Space", role="primary")
        self._on.clicked.connect(self._go_on)
        self._again_button = KeyButton("Answer again", "A")
        self._again_button.clicked.connect(self._again)
        after = QHBoxLayout()
        after.addStretch(1)
        after.addWidget(self._again_button)
        after.addWidget(self._on)
        answer.body.addLayout(after)

        column = QWidget()
        layout = QVBoxLayout(column)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.GAP_L - 4)
        layout.addWidget(asking)
        layout.addWidget(self._notice)
        layout.addWidget(timing)
        layout.addWidget(answer, 1)
        self._timing_card = timing

        self._rest = DrillEnd()
        self._rest.restart.clicked.connect(lambda: self.start(Drill.MIXED))
        resting = Card()
        resting.body.addWidget(self._rest)
        self._middle = Pages()
        self._middle.addWidget(column)
        self._middle.addWidget(resting)
        return self._middle

    def _build_right(self) -> QWidget:
        self._verdict = VerdictCard()
        strong = Card()
        self._strong_title = heading("What a strong answer has")
        strong.body.addWidget(self._strong_title)
        self._strong = label(role="soft", wrap=True)
        self._source = label(role="soft", wrap=True)
        strong.body.addWidget(self._strong)
        strong.body.addWidget(self._source)
        self._strong_card = strong
        trend = Card()
        trend.body.addWidget(heading("Last five answers"))
        self._trend = Trend()
        trend.body.addWidget(self._trend)
        decides = "How well did it go? This decides when it is asked again."
        trend.body.addWidget(label(decides, role="soft", wrap=True))
        self._ratings = Ratings()
        self._ratings.rated.connect(self._rate)
        trend.body.addWidget(self._ratings)
        self._trend_card = trend
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.GAP_L - 4)
        for card in (self._verdict, strong, trend):
            layout.addWidget(card)
        layout.addStretch(1)
        area = scrolling(content, "Verdict")
        self._right = area
        return area

    def _rate(self, rating: int) -> None:
        if self._round is not None and self._round.answers:
            try:
                self._round.rate(rating)
            except RunthroughError as error:
                self.trouble.emit(str(error))
                return
            first = self._round.answers[0]
            self._history = [first if a.id == first.id else a for a in self._history]

    def _main_clicked(self) -> None:
        if self._state is _State.ASKING:
            self._begin()
        elif self._state is _State.ANSWERING:
            self._done()
        elif self._state is _State.WRITING:
            self._hand_in()

    def _enter(self, state: _State) -> None:
        self._state = state
        if state is not _State.JUDGING:
            self._judging = None
            if state is not _State.ANSWERING:
                self._sound = None
        resting = state in (_State.EMPTY, _State.OVER)
        self._middle.setCurrentIndex(1 if resting else 0)
        judged = state is _State.JUDGED
        answered = self._round is not None and bool(self._round.answers)
        self._right.setVisible(answered and not resting)
        self._trend_card.setVisible(judged)
        for part in (self._play_button, self._delete_button, self._again_button, self._on):
            part.setVisible(judged)
        self._skip_button.setVisible(not resting)
        self._skip_button.setEnabled(not self.busy)
        self._end_button.setVisible(not resting)
        self._end_button.setEnabled(not self.busy)
        self._list.setEnabled(not self.busy)
        self._drill_choice.setEnabled(not self.busy)
        self._talk_choice.setEnabled(not self.busy)
        self._timing_card.setVisible(not judged)
        self._offer_kept()
        self._type.setVisible(state is _State.ASKING)
        self._cancel_button.setVisible(self._judging is not None)
        self._cancel_button.setEnabled(True)
        self._level.setVisible(state is _State.ANSWERING)
        self._main.setEnabled(state in (_State.ASKING, _State.ANSWERING, _State.WRITING))
        if state is _State.ANSWERING:
            self._ticker.start()
            self._main.set_text("Done", "Space")
        else:
            self._ticker.stop()
            writing = state is _State.WRITING
            self._main.set_text(*(("Judge it", "Ctrl+Enter") if writing else ("Answer", "Space")))
        for key in self._keys_while_reading:
            key.setEnabled(state not in (_State.WRITING, _State.EMPTY, _State.OVER))
        self._hand_in_key.setEnabled(state is _State.WRITING)
        if not answered or state in (_State.ANSWERING, _State.WRITING):
            self._answer_title.setText("Your answer")
        self._say_state()
        self._say_where()
        if judged:
            self._show_judged()
        elif state is not _State.WRITING:
            self.setFocus()
        # Whatever was read below it, the question is in sight again, and what is above it if that
        # fits.
        reveal(self._bar)
        reveal(self._rest if resting else self._who)

    def _say_state(self) -> None:
        hints = {
            _State.ASKING: f"Think first. Then {self._clock.target_text}.",
            _State.STARTING: "Opening the microphone…",
            _State.ANSWERING: f"Answer in {self._clock.target_text}.",
            _State.WRITING: "Type as you would say it.",
            _State.JUDGING: "Listening to the last words…",
        }
        self._clock.say(hints.get(self._state, ""))
        if self._state is _State.OVER:
            rounds = [
                (r.question.text, r.verdict, self._comes_back(r.question))
                for r in self._rounds.values()
                if r.verdict is not None
            ]
            nothing = "" if rounds else "No question was answered."
            self._rest.say("That is the drill", nothing, rounds)
        elif self._state is _State.EMPTY:
            told = "There are no questions here."
            if self._report is not None:
                told = "There is nothing to ask about this take. Rehearse its talk, and come back."
            elif self._drill is Drill.TALK:
                told = (
                    "There is nothing to ask about a talk yet. Rehearse one, or open the sample "
                    "talk, and come back."
                )
            self._rest.say("Nothing to ask", told, [])

    def _comes_back(self, question: Question) -> str:
        """When ``question`` is asked again."""
        due = due_at(a for a in self._history if a.question_id == question.id).get(question.id)
        if due is None or question.domain == ABOUT_TALK:
            return ""
        return f"Comes back {when(due, datetime.now().astimezone())}."

    def _say_where(self) -> None:
        parts = [DRILL_TITLES[self._drill]]
        if self._state not in (_State.EMPTY, _State.OVER) and self._questions:
            parts.append(f"question {self._index + 1} of {len(self._questions)}")
            if self._round is not None and self._round.depth:
                parts.append(f"follow-up {self._round.depth} of {DEEPEST}")
        self._bar.subtitle.setText(" · ".join(parts))

    def _show_judged(self) -> None:
        asked = self._round_now()
        answer = asked.answers[-1]
        self._play_button.setVisible(answer.has_sound)
        coming = asked.next_question()
        last = self._index + 1 >= len(self._questions)
        self._on.set_text(
            "Follow-up question" if coming is not None else "End drill" if last else "Next question"
        )
        strong = strong_answer(asked.question)
        source = asked.question.source if asked.question.source != OWN_WORK else ""
        self._strong_title.setText("What a strong answer has" if strong else "To read more")
        self._strong.setText(strong)
        self._strong.setVisible(bool(strong))
        self._source.setText(source)
        self._source.setVisible(bool(source))
        self._strong_card.setVisible(bool(strong or source))
        self._right.verticalScrollBar().setValue(0)
        self._on.setFocus()

    def _bind_keys(self) -> None:
        """Keys of this page; those that are letters rest while an answer is being typed."""

        def bind(keys: str | Qt.Key, act: object) -> QShortcut:
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.setAutoRepeat(False)
            shortcut.activated.connect(act)
            return shortcut

        self._hand_in_key = bind("Ctrl+Return", self._hand_in)
        self._keys_while_reading = [
            bind(Qt.Key.Key_Space, self._space),
            bind(Qt.Key.Key_R, self._read_aloud),
            bind(Qt.Key.Key_T, self._write),
            bind(Qt.Key.Key_H, self._play),
            bind(Qt.Key.Key_A, self._again),
            bind(Qt.Key.Key_Escape, self._cancel),
        ]
