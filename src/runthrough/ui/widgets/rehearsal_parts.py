"""What the rehearsal page is made of, besides the outline, the clocks and the prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QFont, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from runthrough.talk import minutes
from runthrough.ui import theme
from runthrough.ui.widgets.basics import (
    Card,
    ElidedLabel,
    button,
    clear,
    heading,
    label,
    restyle,
    zoom_like,
)
from runthrough.ui.widgets.big_clock import BigClock
from runthrough.ui.widgets.prompt import Prompt
from runthrough.ui.widgets.section_bar import Spending, SpentBar
from runthrough.ui.widgets.slide_view import SlideView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runthrough.nudges import Nudge
    from runthrough.talk import TalkFormat
    from runthrough.ui.slide_show import SlideShow

# What is said in full screen, in times the usual text: the largest that has room.
_SAID_TIMES = (2.2, 1.8, 1.5, 1.2, 1.0)
_LEFT_ROLES = {Spending.WITHIN: "", Spending.AT_PLAN: "due", Spending.OVER: "over"}


class KeyButton(QPushButton):
    """A button with the key that does the same drawn on it."""

    def __init__(self, text: str, key: str, *, role: str = "", height: int = 36) -> None:
        super().__init__()
        self.setAutoDefault(False)
        self._height = theme.px(height)
        self.setFixedHeight(self._height)
        if role:
            self.setProperty("role", role)
        self._key = key
        self._text = label(text)
        self._cap = label(key, role="key", font=theme.scaled(0.85))
        self._cap.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(14, 0, 12, 0)
        self._row.setSpacing(theme.GAP_S + 2)
        self._row.addStretch(1)
        for part in (self._text, self._cap):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            self._row.addWidget(part)
        self._row.addStretch(1)
        self.set_text(text)

    def set_text(self, text: str, key: str = "") -> None:
        """Say something else on it, and another ``key`` if one is given."""
        self._key = key or self._key
        self._text.setText(text)
        self._cap.setText(self._key)
        self.setAccessibleName(text)
        self.setToolTip(f"{text} ({self._key})")

    def event(self, event: QEvent) -> bool:
        """Keep the height, in whose place a style sheet puts its own least height."""
        handled = super().event(event)
        if event.type() in (QEvent.Type.Polish, QEvent.Type.StyleChange):
            self.setFixedHeight(self._height)
        return handled

    def sizeHint(self) -> QSize:
        """Room for both texts."""
        return QSize(self._row.sizeHint().width(), self.maximumHeight())

    def minimumSizeHint(self) -> QSize:
        """As wide as it wants to be."""
        return self.sizeHint()


class Notice(Card):
    """One sentence that asks for attention, or nothing."""

    def __init__(self, role: str = "notice") -> None:
        super().__init__(role)
        self.text = label(wrap=True)
        self.body.addWidget(self.text)
        self.hide()

    def say(self, text: str) -> None:
        """Say ``text``, or nothing."""
        if text != self.text.text():
            self.text.setText(text)
        self.setVisible(bool(text))


class NudgeCard(Card):
    """The one nudge that is shown, and the way to have no more of them."""

    def __init__(self) -> None:
        super().__init__("notice")
        self._title = heading(size=1.15, wrap=True)
        self._detail = label(wrap=True)
        self.off = button("No more nudges", role="link")
        self.off.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for part in (self._title, self._detail):
            self.body.addWidget(part)
        self.body.addWidget(self.off, 0, Qt.AlignmentFlag.AlignLeft)
        self.hide()

    def show_nudge(self, nudge: Nudge | None) -> None:
        """Show it, or nothing."""
        if nudge is not None:
            _set(self._title, nudge.title)
            _set(self._detail, nudge.detail)
        self.setVisible(nudge is not None)


class Countdown(QWidget):
    """Three, two, one, as large as the place allows."""

    def __init__(self) -> None:
        super().__init__()
        self._number = label(font=theme.scaled(14, weight=QFont.Weight.Bold))
        self._number.setAlignment(Qt.AlignmentFlag.AlignCenter)
        below = label("Look up, breathe, begin.", role="soft", font=theme.scaled(1.4), wrap=True)
        below.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.addStretch(2)
        column.addWidget(self._number)
        column.addWidget(below)
        column.addStretch(3)

    def show_number(self, number: int) -> None:
        """Show the seconds that are left."""
        self._number.setText(str(number))
        self._number.setAccessibleName(f"Starting in {number}")


class Saving(QWidget):
    """What is under way for a moment and can't be stopped."""

    def __init__(self) -> None:
        super().__init__()
        self._text = label(font=theme.scaled(1.4, weight=QFont.Weight.Medium), wrap=True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        bar = QProgressBar()
        bar.setRange(0, 0)
        bar.setTextVisible(False)
        bar.setFixedWidth(theme.px(220))
        bar.setVisible(not theme.calm())
        bar.setAccessibleName("Saving")
        column = QVBoxLayout(self)
        column.setSpacing(theme.GAP_L)
        column.addStretch(1)
        column.addWidget(self._text)
        column.addWidget(bar, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)

    def say(self, text: str) -> None:
        """Say what is under way."""
        self._text.setText(text)


class Outcome(QWidget):
    """What became of a take that did not end as the speaker wished, and what to do."""

    def __init__(self) -> None:
        super().__init__()
        self._title = heading(size=1.6, wrap=True)
        self._why = Notice("trouble")
        self.act = button("Review it", role="primary")
        self.other = button("Record again")
        row = QHBoxLayout()
        row.setSpacing(theme.GAP_M)
        row.addWidget(self.act)
        row.addWidget(self.other)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setSpacing(theme.GAP_M + 4)
        column.addStretch(1)
        column.addWidget(self._title)
        column.addWidget(self._why)
        column.addLayout(row)
        column.addStretch(2)

    def say(self, title: str, why: str, act: str, other: str = "") -> None:
        """Say what happened, and name one or two ways on."""
        self._title.setText(title)
        self._why.say(why)
        for one, text in ((self.act, act), (self.other, other)):
            one.setText(text)
            one.setAccessibleName(text)
            one.setVisible(bool(text))


class Empty(QWidget):
    """No talk yet, and the two ways to one."""

    def __init__(self) -> None:
        super().__init__()
        self.make = button("Start with an untitled talk", role="primary")
        self.talks = button("Go to Talks")
        row = QHBoxLayout()
        row.setSpacing(theme.GAP_M)
        row.addStretch(1)
        row.addWidget(self.make)
        row.addWidget(self.talks)
        row.addStretch(1)
        text = label(
            "There is no talk to rehearse yet: start with an untitled one, or make one in Talks.",
            font=theme.scaled(1.3, weight=QFont.Weight.Medium),
            wrap=True,
        )
        text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setSpacing(theme.GAP_L)
        column.addStretch(1)
        column.addWidget(text)
        column.addLayout(row)
        column.addStretch(2)


class _Next(QWidget):
    """The section after the current one, and the time it can still have."""

    def __init__(self, font: QFont) -> None:
        super().__init__()
        self._title = ElidedLabel()
        self._time = label(role="soft")
        self._title.setProperty("role", "soft")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GAP_M)
        for part, stretch in ((self._title, 1), (self._time, 0)):
            part.setFont(font)
            row.addWidget(part, stretch)

    def show_after(self, fmt: TalkFormat, current: int, plan_s: Sequence[float]) -> None:
        if current + 1 >= len(fmt.sections):
            _set(self._title, "The last section")
            _set(self._time, "")
            return
        section = fmt.sections[current + 1]
        affordable = round(plan_s[current + 1])
        squeezed = affordable < round(section.planned_s)
        _set(self._title, f"Next: {section.title}")
        _set(self._time, f"↓{minutes(affordable)}" if squeezed else minutes(affordable))
        restyle(self._time, "due" if squeezed else "soft")


class Now(Card):
    """The current section: what is left of it, and what comes next."""

    def __init__(self) -> None:
        super().__init__()
        self._title = ElidedLabel()
        self._title.setFont(theme.scaled(1.3, weight=QFont.Weight.DemiBold))
        self._left = heading(size=1.3)
        self._bar = SpentBar(9)
        self._next = _Next(theme.scaled(1.0))
        self._questions = QWidget()
        self._lines = QVBoxLayout(self._questions)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(theme.GAP_S)
        self._asked: tuple[str, ...] = ()
        self._wanted = False
        self._left_out = False
        self._questions.hide()
        row = QHBoxLayout()
        row.setSpacing(theme.GAP_M)
        row.addWidget(self._title, 1)
        row.addWidget(self._left)
        self.body.setSpacing(theme.GAP_M)
        self.body.addLayout(row)
        self.body.addWidget(self._bar)
        self.body.addWidget(self._questions)
        self.body.addWidget(self._next)

    def show_section(
        self,
        fmt: TalkFormat,
        current: int,
        spent_s: float,
        talk_left_s: float,
        plan_s: Sequence[float],
    ) -> None:
        """Show section ``current``: ``spent_s`` in it, ``talk_left_s`` left of the whole talk."""
        section = fmt.sections[current]
        _set(self._title, section.title)
        _set(self._left, section_left(section.planned_s, spent_s, talk_left_s))
        restyle(self._left, _LEFT_ROLES[Spending.of(spent_s, section.planned_s)])
        self._bar.show_spent(section, spent_s)
        self._next.show_after(fmt, current, plan_s)
        self._ask(section.questions)

    def show_questions(self, shown: bool) -> None:
        """Show the section's questions too: where slides stand in their usual place."""
        self._wanted = shown
        self._questions.setVisible(self._wanted and not self._left_out)

    def leave_out_questions(self, left_out: bool) -> None:
        """Show no questions for want of room, or show them again if they are to be shown."""
        self._left_out = left_out
        self.show_questions(self._wanted)

    def _ask(self, questions: tuple[str, ...]) -> None:
        if questions == self._asked:
            return
        self._asked = questions
        clear(self._lines)
        for question in questions:
            line = label(question, role="soft", wrap=True)
            zoom_like(self, line)
            self._lines.addWidget(line)


class FullScreen(QWidget):
    """Only the clock, the section and its slide or questions. Its keys are the page's."""

    closed = Signal()

    def __init__(self, parent: QWidget, show: SlideShow) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle("Runthrough")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Full screen")
        self._prompt = Prompt(64)
        self._asked = Prompt(64)
        self._is_asked = self._has_slides = False
        self._slide = SlideView(show, "Slide")
        self._clock = BigClock(420)
        large = theme.scaled(2.4, weight=QFont.Weight.DemiBold)
        self._section = ElidedLabel()
        self._section.setFont(large)
        self._left = label(font=large)
        now = QHBoxLayout()
        now.setSpacing(theme.GAP_L)
        now.addWidget(self._section, 1)
        now.addWidget(self._left)
        self._bar = SpentBar(14)
        self._next = _Next(theme.scaled(1.9))
        self._said = label(font=_said_font(_SAID_TIMES[0]), role="due")
        self._said.setWordWrap(True)
        self._said.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        # Room for three lines, whether something is said or not: nothing moves when it is.
        self._said.setFixedHeight(3 * self._said.fontMetrics().lineSpacing() + theme.GAP_M)
        right = QVBoxLayout()
        right.setSpacing(theme.GAP_L)
        right.addStretch(1)
        right.addWidget(self._clock, 6)
        right.addLayout(now)
        right.addWidget(self._bar)
        right.addWidget(self._next)
        right.addWidget(self._said)
        right.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(64, 56, 64, 56)
        row.setSpacing(64)
        row.addWidget(self._prompt, 11)
        row.addWidget(self._slide, 15)
        row.addWidget(self._asked, 15)
        row.addLayout(right, 9)
        self.show_slide(0, blank=False)

    def open_over(self, window: QWidget) -> None:
        """Cover the screen that ``window`` is on."""
        self.setGeometry(window.screen().geometry())
        self.showFullScreen()
        self.activateWindow()
        self.setFocus()

    def show_slide(self, number: int, *, blank: bool) -> None:
        """Show slide ``number`` in place of the questions; 0 where there are no slides."""
        self._has_slides = number > 0
        self._slide.show_slide(number, blank=blank)
        self._show_stage()

    def show_asked(self, question: str, why: str = "") -> None:
        """Show what the interviewer asks in their place, or with ``""`` them again."""
        self._is_asked = bool(question)
        self._asked.show_asked(question, why)
        self._show_stage()

    def _show_stage(self) -> None:
        self._slide.setVisible(self._has_slides and not self._is_asked)
        self._prompt.setVisible(not self._has_slides and not self._is_asked)
        self._asked.setVisible(self._is_asked)

    def show_plan(self, fmt: TalkFormat) -> None:
        """Begin anew with a talk of that format."""
        self._clock.plan(fmt.planned_s)

    def show_paused(self, paused: bool) -> None:
        """Say that the take is paused, or no longer."""
        self._clock.show_paused(paused)

    def say(self, text: str) -> None:
        """Say one thing below the clock: a nudge, or that the microphone hears nothing."""
        if text != self._said.text():
            self._said.setText(text)
            self._fit_said()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make what is said as large as it can be."""
        super().resizeEvent(event)
        self._fit_said()

    def _fit_said(self) -> None:
        for times in _SAID_TIMES:
            self._said.setFont(_said_font(times))
            if self._said.heightForWidth(self._said.width()) <= self._said.height():
                break

    def show_times(
        self, fmt: TalkFormat, current: int, at_s: float, spent_s: float, plan_s: Sequence[float]
    ) -> None:
        """Show section ``current`` at ``at_s`` of the talk, ``spent_s`` of it in that section."""
        section = fmt.sections[current]
        self._clock.move_to(at_s)
        self._prompt.show_section(section)
        _set(self._section, section.title)
        _set(self._left, section_left(section.planned_s, spent_s, fmt.planned_s - at_s))
        restyle(self._left, _LEFT_ROLES[Spending.of(spent_s, section.planned_s)])
        self._bar.show_spent(section, spent_s)
        self._next.show_after(fmt, current, plan_s)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing it by the window's own means leaves full screen and nothing more."""
        event.accept()
        self.closed.emit()


def _said_font(times: float) -> QFont:
    return theme.scaled(times, weight=QFont.Weight.DemiBold)


class Discard(QWidget):
    """The button, and in its place the one question it asks."""

    def __init__(self) -> None:
        super().__init__()
        self.asking = False
        self.wanted = KeyButton("Discard take", "Del")
        self.yes = KeyButton("Discard", "Del", role="danger")
        self.no = KeyButton("Keep", "Esc")
        self._question = QWidget()
        asked = QVBoxLayout(self._question)
        asked.setContentsMargins(0, 0, 0, 0)
        asked.setSpacing(theme.GAP_S)
        asked.addWidget(
            label("Move this take to the trash? It is still being recorded.", wrap=True)
        )
        asked.addWidget(self.yes)
        asked.addWidget(self.no)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 0, 10, 0)
        column.addWidget(self.wanted, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._question)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.ask(False)

    def ask(self, asking: bool) -> None:
        """Show the question, or the button again."""
        self.asking = asking
        self.wanted.setVisible(not asking)
        self._question.setVisible(asking)


class KeyHints(QWidget):
    """The keys of a take."""

    def __init__(self) -> None:
        super().__init__()
        self._font = theme.scaled(0.85)
        self._digits = self._key("")
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 0, 10, 0)
        column.setSpacing(theme.GAP_S)
        hints: list[list[tuple[list[QLabel], str]]] = [
            [([self._key("Space"), self._key("PgDn")], "next"), ([self._key("PgUp")], "back")],
            [([self._digits], "section"), ([self._key("F")], "full screen")],
            [
                ([self._key("C")], "captions"),
                ([self._key("B")], "blank"),
                ([self._key("M")], "mark"),
            ],
        ]
        for line in hints:
            row = QHBoxLayout()
            row.setSpacing(5)
            for keys, what in line:
                for key in keys:
                    row.addWidget(key)
                row.addWidget(label(what, role="soft", font=self._font))
                row.addSpacing(theme.GAP_S)
            row.addStretch(1)
            column.addLayout(row)

    def _key(self, text: str) -> QLabel:
        return label(text, role="key", font=self._font)

    def show_sections(self, count: int) -> None:
        """Name the digits that lead somewhere."""
        self._digits.setText("1" if count == 1 else f"1–{count}")


def section_left(planned_s: float, spent_s: float, talk_left_s: float) -> str:
    """What is left of a section; ↓ where the whole talk leaves it less than its plan."""
    left = round(planned_s) - int(spent_s)
    if left < 0:
        return f"+{minutes(-left)} over"
    talk_left = max(0, int(talk_left_s + 0.999))
    if talk_left == 0:
        return "no time left"
    if talk_left < left:
        return f"↓{minutes(talk_left)} left"
    return f"{minutes(left)} left"


def _set(one: QLabel, text: str) -> None:
    if one.text() != text:
        one.setText(text)
