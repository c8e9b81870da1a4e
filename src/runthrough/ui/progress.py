"""How it goes over time: the takes of a talk, and the answers to questions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from runthrough import progress
from runthrough.drill import Drill
from runthrough.errors import Cancelled, RunthroughError
from runthrough.practice.bank import ABOUT_TALK, load_questions
from runthrough.practice.schedule import when
from runthrough.talk import Status, dated, dated_from_now, minutes
from runthrough.ui import background, theme
from runthrough.ui.widgets.basics import (
    Card,
    TopBar,
    ask_to_trash,
    button,
    centred,
    heading,
    label,
    scrolling,
)
from runthrough.ui.widgets.plots import (
    CoverageRows,
    FillersPlot,
    FindingsPlot,
    LimitationsPlot,
    PacePlot,
    TakePlot,
    TimePlot,
)
from runthrough.ui.widgets.practice_parts import Trend, link
from runthrough.ui.widgets.setup import Choice, fill

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from runthrough.audio.player import Player
    from runthrough.library import TalkSummary
    from runthrough.progress import DomainProgress, QuestionProgress, TakeNumbers
    from runthrough.talk import PracticeAnswer
    from runthrough.ui.session import Session

# From this width on, at the usual text size, plots stand two beside each other.
_TWO_COLUMNS = 900
# Below this width, at the usual text size, a question's history takes the place of the list.
_BESIDE = 980
# So much of the coverage is seen before it scrolls.
_COVERAGE_HEIGHT = 230
# So many questions are seen before they scroll.
_LEAST_ROWS = 5
_TALK = 0


class ProgressPage(QWidget):
    """Takes of a talk, or practice; plots, or the same numbers as a table."""

    review_wanted = Signal(object)  # Take
    drill_wanted = Signal(str, object, object)  # question id or "", Drill, Take or None
    trouble = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setAccessibleName("Progress")
        self._session = session
        self._talk_id = ""
        self._talks: dict[str, TalkSummary] = {}
        self._takes: list[TakeNumbers] = []
        self._reading: background.Task | None = None
        self._shown = False

        self._bar = TopBar("Progress")
        self._talk_choice = Choice("Talk")
        self._talk_choice.setMinimumWidth(260)
        self._talk_choice.activated.connect(self._talk_chosen)
        self._as_table = button("Numbers as a table")
        self._as_table.setCheckable(True)
        self._as_table.setProperty("role", "segment")
        self._as_table.setMinimumWidth(self._as_table.sizeHint().width() + 24)
        self._as_table.toggled.connect(self._switch)
        sides = QButtonGroup(self)
        self._sides: list[QPushButton] = []
        for number, name in enumerate(("Talk", "Practice")):
            side = button(name, name=f"Progress of {'a talk' if number == _TALK else 'practice'}")
            side.setCheckable(True)
            side.setProperty("role", "segment")
            side.setMinimumWidth(max(90, side.sizeHint().width() + 24))  # bold when it is on
            sides.addButton(side, number)
            self._sides.append(side)
        self._sides[_TALK].setChecked(True)
        sides.idClicked.connect(lambda _: self.arrive())
        for part in (self._talk_choice, self._as_table, *self._sides):
            self._bar.add(part)

        self._empty = _Empty()
        self._empty.act.connect(self._act)
        self._plots = _Plots()
        self._plots.chosen.connect(self._open)
        self._table = _TakeTable()
        self._table.chosen.connect(self._open)
        self._practice = _Practice(session)
        self._practice.drill_wanted.connect(self._drill)
        self._practice.trouble.connect(self.trouble)
        self._practice.changed.connect(self._load_practice)
        self._stack = QStackedWidget()
        for page in (self._empty.page, self._plots.area, self._table, self._practice):
            self._stack.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._bar)
        layout.addWidget(self._stack, 1)
        session.library_changed.connect(self._look_again)

    # --- what the window asks ----------------------------------------------------------------

    def arrive(self) -> None:
        """Be shown: read what there is, beside the window."""
        self._shown = True
        if self._sides[_TALK].isChecked():
            self._practice.leave()
            self._load_talk()
        else:
            self._load_practice()

    def leave(self) -> None:
        """Another page is shown."""
        self._shown = False
        self._practice.leave()
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def _look_again(self) -> None:
        if self._shown:
            self.arrive()

    # --- a talk ------------------------------------------------------------------------------

    def _load_talk(self) -> None:
        talks = [s for s in self._session.library.talks() if s.take_count]
        self._talks = {s.talk.id: s for s in talks}
        if self._talk_id not in self._talks:
            reviewed = [s.talk.id for s in talks if s.reviewed_take is not None]
            self._talk_id = next(iter([*reviewed, *self._talks]), "")
        fill(self._talk_choice, {s.talk.id: s.talk.title for s in talks}, self._talk_id)
        self._talk_choice.setVisible(bool(talks))
        self._read_takes()

    def _talk_chosen(self) -> None:
        self._talk_id = self._talk_choice.currentData()
        self._read_takes()

    def _read_takes(self) -> None:
        talk_id = self._talk_id
        if self._reading is not None:
            self._reading.cancel()
        if not talk_id:
            self._reading = None
            self._show_takes([])
            return
        library = self._session.library
        if self._stack.currentWidget() in (self._empty.page, self._practice):
            # Not what stood there before, and no button that means something else.
            self._empty.say("Reading the takes", "Their numbers appear here in a moment.")
            self._stack.setCurrentWidget(self._empty.page)

        def done(found: tuple[list[TakeNumbers], list[str]]) -> None:
            if task is self._reading:
                self._reading = None
                self._show_takes(found[0])
                if found[1]:
                    self.trouble.emit(" ".join(found[1]))

        def failed(error: Exception) -> None:
            if task is self._reading:
                self._reading = None
                self._bar.subtitle.setText("")
                self._empty.say("The takes could not be read", "")
            if not isinstance(error, Cancelled):
                background.tell_trouble(error, self.trouble.emit)

        def far(stage: str, share: float) -> None:
            if task is self._reading:
                self._bar.subtitle.setText(f"{stage}, {share:.0%}")

        task = self._reading = background.run(
            self,
            lambda task: progress.talk_progress(
                library, talk_id, progress=task.progress, cancelled=task.cancelled
            ),
            done=done,
            failed=failed,
            progress=far,
        )

    def _show_takes(self, takes: list[TakeNumbers]) -> None:
        self._takes = takes
        summary = self._talks.get(self._talk_id)
        self._bar.subtitle.setText(_how_many(takes))
        self._as_table.setVisible(bool(takes))
        if takes:
            self._plots.show_takes(takes)
            self._table.show_takes(takes)
            self._switch()
        else:
            self._empty.offer(summary)
            self._stack.setCurrentWidget(self._empty.page)

    def _switch(self) -> None:
        """Plots or the table, as is chosen."""
        table = self._as_table.isChecked()
        if not self._sides[_TALK].isChecked():
            return
        self._stack.setCurrentWidget(self._table if table else self._plots.area)

    def _open(self, take_id: str) -> None:
        take = next((t.take for t in self._takes if t.take.id == take_id), None)
        if take is not None:
            self.review_wanted.emit(take)

    def _act(self) -> None:
        summary = self._talks.get(self._talk_id)
        if summary is None:
            self.drill_wanted.emit("", Drill.DUE, None)
        elif summary.last_take is not None:
            self.review_wanted.emit(summary.last_take)

    # --- practice ----------------------------------------------------------------------------

    def _load_practice(self) -> None:
        self._talk_choice.hide()
        self._as_table.hide()
        bank, problems = load_questions(self._session.library.root / "questions")
        if problems:
            self.trouble.emit(" ".join(problems))
        now = datetime.now().astimezone()
        domains, questions = progress.practice_progress(self._session.library.answers(), bank, now)
        given = sum(len(q.first_answers) for q in questions)
        # Questions about a talk, or taken out of the bank since, are none of the bank's.
        of_bank = sum(q.id in bank for q in questions)
        self._bar.subtitle.setText(
            f"{progress.count(given, 'answer')} to {progress.count(len(questions), 'question')}, "
            f"{of_bank} of the bank's {len(bank)}"
            if given
            else ""
        )
        self._practice.show_progress(domains, questions, now)
        self._stack.setCurrentWidget(self._practice)

    def _drill(self, question: QuestionProgress | None) -> None:
        if question is None:
            self.drill_wanted.emit("", Drill.DUE, None)
            return
        take = None
        drill = Drill.LIMITATIONS if question.domain == "limitations" else Drill.MIXED
        if question.domain == ABOUT_TALK:
            drill = Drill.TALK
            try:
                take = self._session.library.take(question.answers[-1].take_id)
            except RunthroughError:
                self.trouble.emit("The take that this question is about was deleted.")
                return
        self.drill_wanted.emit(question.id, drill, take)


def _how_many(takes: Sequence[TakeNumbers]) -> str:
    if not takes:
        return ""
    if len(takes) == 1:
        return "1 reviewed take"
    first, last = takes[0].take.started, takes[-1].take.started
    days = dated_from_now(last)
    if first.date() != last.date():
        days = f"{dated_from_now(first)} to {days}"
    return f"{len(takes)} reviewed takes, {days}"


class _Empty(Card):
    """Why there is nothing to see, and what to do."""

    act = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._title = heading(size=1.2, wrap=True)
        self._text = label(role="soft", wrap=True)
        self._button = button("Practise a question", role="primary")
        self._button.clicked.connect(self.act)
        self.body.setSpacing(theme.GAP_M)
        self.body.addWidget(self._title)
        self.body.addWidget(self._text)
        self.body.addWidget(self._button, 0, Qt.AlignmentFlag.AlignLeft)
        self.page = centred(self)

    def say(self, title: str, text: str) -> None:
        """Say how it stands, where there is nothing to do about it here."""
        self._title.setText(title)
        self._text.setText(text)
        self._button.hide()

    def offer(self, summary: TalkSummary | None) -> None:
        """Say what is missing: takes at all, or a review of them."""
        self._button.show()
        if summary is None:
            self._title.setText("No takes yet")
            self._text.setText(
                "Rehearse a talk or import a recording. From the first take on, this page shows "
                "whether you end on time, what you leave out, and what gets better."
            )
            self._button.setText("Practise a question")
        else:
            self._title.setText("No review yet")
            self._text.setText(
                f"“{summary.talk.title}” has a recording but no review. Open it to have it "
                "transcribed; its numbers then appear here."
            )
            self._button.setText("Open its review")
        self._button.setAccessibleName(self._button.text())


@dataclass(frozen=True, slots=True)
class _Question:
    """A plot's card: the question, what answers it in words, and what is drawn."""

    plot: TakePlot | CoverageRows
    answer: Callable[[Sequence[TakeNumbers]], str]
    legend: str = ""
    of_judged: bool = False  # a take that could not be judged says nothing of it


class _Plots(QWidget):
    """Six questions about the takes of a talk."""

    chosen = Signal(str)  # take id

    def __init__(self) -> None:
        super().__init__()
        self._cards: list[tuple[Card, _Question]] = []
        self._coverage = QScrollArea()
        self._answers: dict[str, QLabel] = {}
        self._grid = QGridLayout(self)
        margin = theme.GAP_L + 4
        self._grid.setContentsMargins(margin, theme.GAP_L, margin, theme.GAP_L)
        self._grid.setSpacing(theme.GAP_M + 2)
        self._columns = 0
        for asked in (
            _Question(
                TimePlot("Do I end on time?"),
                progress.time_answer,
                "bar: spoken · line: planned · hatched: over",
            ),
            _Question(
                CoverageRows("What do I leave out?"),
                progress.coverage_answer,
                "✓ covered · ◐ thin · ✕ missing · – not planned · "
                "a click opens the review, everywhere",
                of_judged=True,
            ),
            _Question(
                LimitationsPlot("Do I say where it fails?"),
                progress.limitations_answer,
                of_judged=True,
            ),
            _Question(
                FindingsPlot("Do the findings get solved?"),
                progress.findings_answer,
                "filled: open · outlined: solved since the take before",
                of_judged=True,
            ),
            _Question(
                PacePlot("Do I speak too fast?"),
                progress.pace_answer,
                "words a minute · dashed: fast above, slow below",
            ),
            _Question(
                FillersPlot("Do fillers get fewer?"),
                progress.fillers_answer,
                "fillers a minute, at least · dashed: noticed above",
            ),
        ):
            self._cards.append((self._card(asked), asked))
            asked.plot.chosen.connect(self.chosen)
        self.area = scrolling(self, "Plots of the takes")
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._arrange(1)

    def _card(self, asked: _Question) -> Card:
        card = Card()
        name = asked.plot.accessibleName()
        head = QHBoxLayout()
        head.addWidget(heading(name, 1.1))
        head.addStretch(1)
        card.body.addLayout(head)
        answer = label(role="soft", wrap=True)
        self._answers[name] = answer
        card.body.addWidget(answer)
        if isinstance(asked.plot, CoverageRows):
            # Many takes scroll here, so that the other plots stay in sight.
            area = QScrollArea()
            area.setWidgetResizable(True)
            area.setFrameShape(QFrame.Shape.NoFrame)
            area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            area.setAccessibleName("Coverage of each take")
            asked.plot.setObjectName("scrolled")
            area.setWidget(asked.plot)
            asked.plot.moved_to.connect(lambda y: area.ensureVisible(0, y))
            self._coverage = area
            card.body.addWidget(area, 1)
        else:
            card.body.addStretch(1)
            card.body.addWidget(asked.plot)
        if asked.legend:
            small = label(asked.legend, role="soft", font=theme.scaled(0.85), wrap=True)
            card.body.addWidget(small)
        return card

    def show_takes(self, takes: Sequence[TakeNumbers]) -> None:
        """Show ``takes``, at least one, oldest first."""
        for _, asked in self._cards:
            told = asked.answer(takes)
            self._answers[asked.plot.accessibleName()].setText(told)
            shown = [t for t in takes if t.judged] if asked.of_judged else takes
            asked.plot.show_takes(shown, told)
            if isinstance(asked.plot, CoverageRows):
                high = asked.plot.sizeHint().height() + 2
                self._coverage.setMinimumHeight(min(high, _COVERAGE_HEIGHT))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """One column or two, as there is room."""
        super().resizeEvent(event)
        self._arrange(2 if self.width() >= theme.px(_TWO_COLUMNS) else 1)

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for number, (card, _) in enumerate(self._cards):
            self._grid.addWidget(card, number // columns, number % columns)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1 if columns > 1 else 0)
        self._grid.setRowStretch(len(self._cards), 1)


class _Table(QTableWidget):
    """A table that is read, not written."""

    def __init__(self, name: str, columns: Sequence[str]) -> None:
        super().__init__(0, len(columns))
        self.setAccessibleName(name)
        self.setHorizontalHeaderLabels(list(columns))
        self.verticalHeader().hide()
        self.setShowGrid(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("role", "numbers")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setFont(theme.scaled(1.0))
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setDefaultAlignment(
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        )
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 14)

    def height_of(self, rows: int) -> int:
        """How high it is with so many rows."""
        head = self.horizontalHeader().sizeHint().height()
        return head + rows * self.verticalHeader().defaultSectionSize() + 4

    def put(self, row: int, texts: Sequence[str]) -> list[QTableWidgetItem]:
        """Fill a row."""
        items = [QTableWidgetItem(text) for text in texts]
        for column, item in enumerate(items):
            self.setItem(row, column, item)
        return items


class _TakeTable(QWidget):
    """The numbers of all plots, a take per row, the newest first."""

    chosen = Signal(str)  # take id

    def __init__(self) -> None:
        super().__init__()
        self._table = _Table(
            "Numbers of the takes",
            (
                "Take",
                "When",
                "Spoken",
                "Planned",
                "Words a minute",
                "Fillers a minute",
                "Limitations",
                "Open",
                "Solved",
                "Left out",
            ),
        )
        self._table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._table.horizontalHeader().setStretchLastSection(True)
        self._table.cellClicked.connect(lambda row, _: self._choose(row))
        self._table.cellActivated.connect(lambda row, _: self._choose(row))
        card = Card()
        card.body.addWidget(self._table)
        card.body.addWidget(label("A click or Enter opens the review of a take.", role="soft"))
        layout = QVBoxLayout(self)
        margin = theme.GAP_L + 4
        layout.setContentsMargins(margin, theme.GAP_L, margin, theme.GAP_L)
        layout.addWidget(card)
        self._ids: list[str] = []

    def show_takes(self, takes: Sequence[TakeNumbers]) -> None:
        """Show ``takes``, oldest first."""
        self._ids = [t.take.id for t in takes[::-1]]
        self._table.setRowCount(len(takes))
        for row, t in enumerate(takes[::-1]):
            left_out = [title for _, title, told in t.sections if told is Status.MISSING]
            self._table.put(
                row,
                (
                    f"{t.take.number}",
                    dated(t.take.started, "%b %Y, %H:%M"),
                    "–" if t.duration_s is None else minutes(t.duration_s),
                    minutes(t.planned_s),
                    "–" if t.words_per_minute is None else f"{t.words_per_minute:.0f}",
                    _at_least(t.fillers_per_minute),
                    progress.LIMITATIONS_WORDS[t.limitations] if t.judged else "not judged",
                    f"{len(t.open_findings)}",
                    f"{len(t.solved)}",
                    (", ".join(left_out) or "nothing") if t.judged else "not judged",
                ),
            )

    def _choose(self, row: int) -> None:
        if 0 <= row < len(self._ids):
            self.chosen.emit(self._ids[row])


def _at_least(rate: float | None) -> str:
    return "–" if rate is None else f"at least {rate:.1f}"


class _Practice(QWidget):
    """What is due, how each domain goes, and every question with its history."""

    drill_wanted = Signal(object)  # QuestionProgress, or None for what is due
    changed = Signal()
    trouble = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._questions: Sequence[QuestionProgress] = ()
        self._opened = ""
        due = Card()
        due.body.addWidget(heading("What is due?", 1.1))
        self._due = label(wrap=True, role="soft")
        self._due_button = button("Practise what is due", role="primary")
        self._due_button.clicked.connect(lambda: self.drill_wanted.emit(None))
        row = QHBoxLayout()
        row.addWidget(self._due, 1)
        row.addWidget(self._due_button)
        due.body.addLayout(row)

        weak = Card()
        weak.body.addWidget(heading("Where am I weak?", 1.1))
        self._domains = _Table("Score by domain", ("Domain", "Last scores", "", "Answered", "Due"))
        self._domains.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        head = self._domains.horizontalHeader()
        head.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        # All its rows are seen; where its columns have no room, the bar below takes no row's place.
        self._domains.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._domains.horizontalScrollBar().rangeChanged.connect(self._fit_domains)
        weak.body.addWidget(self._domains)

        self._list_card = Card()
        self._list_card.body.addWidget(heading("How does each question go?", 1.1))
        self._list_card.body.addWidget(
            label("Click a question to practise it, History to hear its answers.", role="soft")
        )
        self._list = _Table(
            "Questions that were answered", ("Question", "Last", "Answers", "Due", "")
        )
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        head = self._list.horizontalHeader()
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._list.cellClicked.connect(self._clicked)
        self._list.cellActivated.connect(self._clicked)
        self._list_card.body.addWidget(self._list, 1)

        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP_M + 2)
        column.addWidget(due)
        column.addWidget(weak)
        column.addWidget(self._list_card, 1)
        column.addStretch(0)
        self._column, self._left = column, left
        self._history = _History(session)
        self._history.deleted.connect(self.changed)
        self._history.closed.connect(self._close_history)
        self._history.trouble.connect(self.trouble)
        self._history.practise.connect(lambda: self._practise(self._opened))
        self._history.hide()
        halves = QSplitter(Qt.Orientation.Horizontal)
        halves.setChildrenCollapsible(False)
        halves.setHandleWidth(theme.GAP_L)
        halves.addWidget(left)
        halves.addWidget(self._history)
        halves.setStretchFactor(0, 3)
        halves.setStretchFactor(1, 2)
        halves.setSizes([720, 440])
        layout = QVBoxLayout(self)
        margin = theme.GAP_L + 4
        layout.setContentsMargins(margin, theme.GAP_L, margin, theme.GAP_L)
        layout.addWidget(halves)

    def leave(self) -> None:
        """Nothing plays on behind another page."""
        self._history.stop_playing()

    def show_progress(
        self,
        domains: Sequence[DomainProgress],
        questions: Sequence[QuestionProgress],
        now: datetime,
    ) -> None:
        """Show how practice goes, as it is at ``now``."""
        self._questions = questions
        due = sum(d.due for d in domains)
        if due:
            self._due.setText(f"{due} question{'s are' if due > 1 else ' is'} due now.")
        elif questions:
            coming = next((q for q in questions if q.in_bank), None)
            next_due = f" The next question is due {when(coming.due, now)}." if coming else ""
            self._due.setText(f"Nothing is due now.{next_due} You can go on with new ones.")
        else:
            self._due.setText(
                "No question was answered yet. Answer one, and what was weak comes back in a "
                "few days; this page shows how it goes."
            )
        self._due_button.setText("Practise what is due" if due else "Practise new questions")
        self._due_button.setAccessibleName(self._due_button.text())
        self._show_domains([d for d in domains if d.questions or d.answered])
        self._list_card.setVisible(bool(questions))
        self._column.setStretch(2, 1 if questions else 0)
        self._column.setStretch(3, 0 if questions else 1)
        self._list.setRowCount(len(questions))
        self._list.setMinimumHeight(self._list.height_of(min(_LEAST_ROWS, len(questions))))
        accent = QColor(theme.current().accent)
        for row, q in enumerate(questions):
            items = self._list.put(
                row,
                (
                    q.text,
                    f"{q.last_score:.0%}",
                    f"{len(q.first_answers)}",
                    when(q.due, now) if q.in_bank else "–",
                    "History",
                ),
            )
            items[0].setToolTip(f"{q.text}\nPractise this question")
            for item in (items[0], items[-1]):
                item.setForeground(accent)
        opened = next((q for q in questions if q.id == self._opened), None)
        if opened is None:
            self._close_history()
        else:
            self._history.show_question(opened, now)

    def _show_domains(self, domains: Sequence[DomainProgress]) -> None:
        self._domains.setRowCount(len(domains))
        for row, d in enumerate(domains):
            of = "" if d.questions is None else f" of {d.questions}"
            score = "–" if d.score is None else f"{d.score:.0%}"
            self._domains.put(row, (d.title, score, "", f"{d.answered}{of}", f"{d.due or '–'}"))
            self._domains.setCellWidget(row, 2, _Share(d.score))
        self._fit_domains()

    def _fit_domains(self) -> None:
        across = self._domains.horizontalScrollBar()
        height = self._domains.height_of(self._domains.rowCount())
        self._domains.setFixedHeight(
            height + (across.sizeHint().height() if across.maximum() else 0)
        )

    def _clicked(self, row: int, column: int) -> None:
        if not 0 <= row < len(self._questions):
            return
        question = self._questions[row]
        if column == 0:
            self._practise(question.id)
        else:
            self._opened = question.id
            self._history.show()
            self._fit()
            self._history.show_question(question, datetime.now().astimezone())

    def _practise(self, question_id: str) -> None:
        found = next((q for q in self._questions if q.id == question_id), None)
        if found is not None:
            self._history.stop_playing()
            self.drill_wanted.emit(found)

    def _close_history(self) -> None:
        self._opened = ""
        self._history.stop_playing()
        self._history.hide()
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """List and history beside each other, if there is room."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self._left.setVisible(self._history.isHidden() or self.width() >= theme.px(_BESIDE))


class _History(Card):
    """The answers to one question, newest first: read, heard, deleted."""

    deleted = Signal()
    closed = Signal()
    practise = Signal()
    trouble = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._player: Player | None = None
        self._playing: QPushButton | None = None
        self.setMinimumWidth(300)
        self._title = heading(size=1.1, wrap=True)
        self._about = label(role="soft", wrap=True)
        self._trend = Trend()
        again = button("Practise this question", role="primary")
        again.clicked.connect(self.practise)
        away = button("Close", name="Close the history")
        away.clicked.connect(self.closed)
        acts = QHBoxLayout()
        acts.addWidget(again)
        acts.addWidget(away)
        acts.addStretch(1)
        self._area = scrolling(QWidget(), "Answers to this question")
        for part in (self._title, self._about, self._trend):
            self.body.addWidget(part)
        self.body.addLayout(acts)
        self.body.addWidget(self._area, 1)

    def show_question(self, question: QuestionProgress, now: datetime) -> None:
        """Show the answers to ``question``."""
        self.stop_playing()
        self._title.setText(question.text)
        due = f" · due {when(question.due, now)}" if question.in_bank else ""
        self._about.setText(f"{progress.count(len(question.first_answers), 'answer')}{due}")
        self._trend.show_scores([a.verdict.score for a in question.first_answers][-20:])
        content = QWidget()
        content.setObjectName("scrolled")
        column = QVBoxLayout(content)
        column.setContentsMargins(0, theme.GAP_S, theme.GAP_S, 0)
        column.setSpacing(theme.GAP_M)
        for answer in reversed(question.answers):
            column.addWidget(self._answer(answer))
        column.addStretch(1)
        self._area.setWidget(content)

    def _answer(self, answer: PracticeAnswer) -> QWidget:
        when = dated(answer.at, "%b %Y, %H:%M")
        length = f" · {minutes(answer.duration_s)}" if answer.duration_s else " · typed"
        met = sum(point.met for point in answer.verdict.points)
        head = QHBoxLayout()
        head.setSpacing(theme.GAP_M)
        head.addWidget(heading(when))
        head.addWidget(label(f"{met} of {len(answer.verdict.points)}{length}", role="soft"))
        head.addStretch(1)
        acts = QHBoxLayout()
        acts.setSpacing(theme.GAP_M)
        if answer.has_sound:
            hear = link("▶ Hear it", f"Hear the answer of {when}")
            hear.clicked.connect(lambda: self._hear(answer, hear))
            acts.addWidget(hear)
        delete = link("Delete", f"Delete the answer of {when}")
        delete.clicked.connect(lambda: self._ask_to_delete(answer))
        acts.addWidget(delete)
        acts.addStretch(1)
        block = QWidget()
        column = QVBoxLayout(block)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        if answer.depth:
            column.addWidget(label(f"Asked on: {answer.asked}", role="soft", wrap=True))
        column.addWidget(label(answer.transcript or "Nothing was heard.", wrap=True))
        column.addLayout(acts)
        return block

    def _hear(self, answer: PracticeAnswer, pressed: QPushButton) -> None:
        """Play an answer; a second press on the same one stops it."""
        same = self._playing is pressed and self._player is not None and self._player.playing
        self.stop_playing()
        if same:
            return
        from runthrough.audio.player import Player

        try:
            self._player = player = Player(
                self._session.library.answer_sound(answer.id),
                device=self._session.settings.speaker or None,
                on_end=lambda failure: background.tell(self, lambda: self._ended(player, failure)),
            )
            player.play()
        except RunthroughError as error:
            self.stop_playing()
            self.trouble.emit(str(error))
            return
        self._playing = pressed
        pressed.setText("■ Stop")

    def _ended(self, player: Player, failure: Exception | None) -> None:
        """The end was heard, or the loudspeaker went away."""
        if player is self._player:
            self.stop_playing()
            if failure is not None:
                self.trouble.emit(str(failure))

    def stop_playing(self) -> None:
        """Be silent."""
        if self._player is not None:
            self._player.close()
            self._player = None
        if self._playing is not None:
            self._playing.setText("▶ Hear it")
            self._playing = None

    def _ask_to_delete(self, answer: PracticeAnswer) -> None:
        sound = " and its sound" if answer.has_sound else ""
        when = dated(answer.at, "%B, %H:%M")
        asked = f"Move the answer of {when}{sound} to the trash?"
        if ask_to_trash(self, "Delete answer", asked):
            self.delete(answer.id)

    def delete(self, answer_id: str) -> None:
        """Move an answer to the trash."""
        self.stop_playing()
        try:
            self._session.library.delete_answer(answer_id)
        except RunthroughError as error:
            self.trouble.emit(str(error))
            return
        self.deleted.emit()


class _Share(QWidget):
    """A share as a bar; the number stands beside it."""

    def __init__(self, share: float | None) -> None:
        super().__init__()
        self._share = share

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bar on its track."""
        del event
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        track = QRectF(4, self.height() / 2 - 4, self.width() - 16, 8)
        painter.setBrush(QColor(colours.track))
        painter.drawRoundedRect(track, 4, 4)
        if self._share:
            # Cut, not drawn smaller: a bar with round ends is never shorter than they are.
            painter.setClipRect(QRectF(track.topLeft(), QSizeF(track.width() * self._share, 8)))
            painter.setBrush(QColor(colours.accent))
            painter.drawRoundedRect(track, 4, 4)
