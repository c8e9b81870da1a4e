"""What the practice page is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSizePolicy,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from runthrough.practice.judging import PLAINNESS
from runthrough.practice.schedule import RATING_NAMES
from runthrough.talk import dated, minutes
from runthrough.ui import theme
from runthrough.ui.widgets.basics import (
    Card,
    button,
    clear,
    heading,
    label,
    literal,
    progress_bar,
    scrolling,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runthrough.captions import Captions
    from runthrough.practice.bank import Question
    from runthrough.talk import AnswerVerdict, Asked

_NOT_HEARD = "Not heard."
_MISTAKE = "This sounds like a common mistake"
# A longer quote is cut off here: the whole stands in the answer beside it.
_LONGEST_QUOTE_WORDS = 24
_LINE_PERCENT = 140  # of an answer's lines, as it is read from a little distance
_TREND_HEIGHT = 76
_BORDER = 2  # of a question in the list, as the stylesheet draws it
# A good answer takes from the first to the second of these shares of the question's time.
TARGET = (0.8, 1.2)


class QuestionList(QListWidget):
    """The questions of a drill; the current one is lit. ``chosen`` tells which was clicked."""

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Questions of this drill")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setProperty("role", "questions")
        self.setSpacing(2)
        self.itemClicked.connect(lambda item: self.chosen.emit(self.row(item)))
        self.itemActivated.connect(lambda item: self.chosen.emit(self.row(item)))

    def show_questions(self, questions: Sequence[Question], titles: dict[str, str]) -> None:
        """List ``questions`` with the titles of their domains."""
        self.clear()
        for question in questions:
            item = QListWidgetItem()
            row = _QuestionRow(question.text, question.about or titles[question.domain])
            item.setData(Qt.ItemDataRole.AccessibleTextRole, question.text)
            item.setToolTip(literal(question.text))
            self.addItem(item)
            self.setItemWidget(item, row)
        self._fit()

    def stand_at(self, index: int) -> None:
        """Light the question that is asked."""
        self.setCurrentRow(index)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give each question as many lines as it needs."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        # The list draws its border around the row.
        width = self.viewport().width() - 2 * self.spacing() - 2 * _BORDER
        for index in range(self.count()):
            item = self.item(index)
            row = self.itemWidget(item)
            if row is not None:
                item.setSizeHint(QSize(width, row.heightForWidth(width) + 2 * _BORDER))


class _QuestionRow(QWidget):
    def __init__(self, text: str, domain: str) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.GAP_M, theme.GAP_S + 2, theme.GAP_M, theme.GAP_S + 2)
        layout.setSpacing(2)
        layout.addWidget(label(text, wrap=True, font=theme.scaled(1.0, weight=QFont.Weight.Medium)))
        layout.addWidget(label(domain, role="soft", font=theme.scaled(0.9), wrap=True))
        layout.addStretch(1)


class AnswerClock(QWidget):
    """How long the answer has been, against the length of a good one.

    ``hint`` says it in words. It needs more width than is left here, so the page places it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.figures = label("0:00", font=theme.scaled(2.6, weight=QFont.Weight.Bold))
        self.figures.setMinimumWidth(self.figures.fontMetrics().horizontalAdvance("00:00"))
        self._bar = progress_bar("Length of the answer")
        self.hint = label(role="soft", wrap=True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.GAP_L)
        layout.addWidget(self.figures)
        layout.addWidget(self._bar, 1)
        self._target = (60.0, 90.0)

    def plan(self, seconds: float) -> None:
        """Begin anew with a question whose answer takes about ``seconds``."""
        self._target = (round(seconds * TARGET[0], -1), round(seconds * TARGET[1], -1))
        self.move_to(0.0)

    @property
    def target_text(self) -> str:
        """The length of a good answer, in words."""
        first, last = self._target
        return f"{first:.0f} to {last:.0f} seconds"

    def move_to(self, seconds: float) -> None:
        """Show that the answer is ``seconds`` long."""
        self.figures.setText(minutes(int(seconds)))
        self.figures.setAccessibleName(f"{int(seconds)} seconds")
        self._bar.setValue(min(1000, round(1000 * seconds / self._target[1])))

    def is_over(self, seconds: float) -> bool:
        """Whether an interviewer would begin to look at the clock."""
        return seconds > self._target[1]

    def say(self, text: str) -> None:
        """Say ``text`` in the hint."""
        if text != self.hint.text():
            self.hint.setText(text)


class AnswerText(QTextEdit):
    """An answer: what met a point is marked as good, what deflects or is wrong as bad.

    The marks are underlined too, in two ways, so that colour is not needed to tell them apart.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setAcceptRichText(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("role", "answer")
        self.setFont(theme.scaled(1.1))
        self.setAccessibleName("Your answer")
        self.setTabChangesFocus(True)

    def show_answer(self, text: str, verdict: AnswerVerdict) -> None:
        """Show ``text`` with its marks."""
        self.setReadOnly(True)
        self._set_text(text)
        colours = theme.current()
        marks: list[QTextEdit.ExtraSelection] = []
        good = [quote for point in verdict.points if point.met for quote in point.quotes]
        bad = [*verdict.deflections, *(mistake.quote for mistake in verdict.mistakes)]
        for quotes, soft, line in (
            (good, colours.good_soft, QTextCharFormat.UnderlineStyle.NoUnderline),
            (bad, colours.bad_soft, QTextCharFormat.UnderlineStyle.DashUnderline),
        ):
            for quote in quotes:
                cursor = self.document().find(quote[:200])
                if cursor.isNull():
                    continue
                cursor.setPosition(cursor.selectionStart())
                cursor.movePosition(
                    QTextCursor.MoveOperation.Right, QTextCursor.MoveMode.KeepAnchor, len(quote)
                )
                mark = QTextEdit.ExtraSelection()
                mark.cursor = cursor
                mark.format.setBackground(QColor(soft))
                mark.format.setUnderlineStyle(line)
                mark.format.setUnderlineColor(QColor(colours.bad))
                marks.append(mark)
        self.setExtraSelections(marks)

    def show_captions(self, captions: Captions) -> None:
        """Show what is heard while it is spoken."""
        self.setReadOnly(True)
        self.setExtraSelections([])
        self._set_text(" ".join(word.text for word in (*captions.settled, *captions.tail)))
        self.moveCursor(QTextCursor.MoveOperation.End)

    def let_write(self) -> None:
        """An empty field to type an answer into."""
        self.setExtraSelections([])
        self.clear()
        self.setReadOnly(False)
        self.setFocus()

    def _set_text(self, text: str) -> None:
        self.setPlainText(text)
        lines = QTextBlockFormat()
        lines.setLineHeight(
            _LINE_PERCENT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value
        )
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.mergeBlockFormat(lines)

    def blank(self) -> None:
        """Nothing."""
        self.setReadOnly(True)
        self.setExtraSelections([])
        self.clear()


class VerdictCard(Card):
    """Point by point what was heard, with the quote, and what was not."""

    def __init__(self) -> None:
        super().__init__()
        self.title = heading("Your answer")
        self.score = label(role="soft", font=theme.scaled(0.95))
        head = QHBoxLayout()
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.score)
        self.body.addLayout(head)
        self.body.setSpacing(theme.GAP_M)
        self._rows = QGridLayout()
        self._rows.setColumnStretch(1, 1)
        self._rows.setHorizontalSpacing(theme.GAP_M)
        self._rows.setVerticalSpacing(theme.GAP_M)
        self.body.addLayout(self._rows)

    def show_verdict(
        self, title: str, verdict: AnswerVerdict, before: AnswerVerdict | None
    ) -> None:
        """Show ``verdict``, beside ``before``, the last answer to the same question."""
        self.title.setText(title)
        met = sum(point.met for point in verdict.points)
        compared = ""
        if before is not None and len(before.points) == len(verdict.points):
            compared = f" · last time {sum(p.met for p in before.points)}"
        self.score.setText(f"{met} of {len(verdict.points)}{compared}")
        clear(self._rows)
        known = {point.id: point.met for point in before.points} if before is not None else {}
        for point in verdict.points:
            quote = _quoted(point.quotes[0]) if point.met and point.quotes else ""
            detail = quote if point.met else "" if point.id in PLAINNESS else _NOT_HEARD
            was = known.get(point.id, point.met)
            change = "" if was == point.met else "New." if point.met else "You had it last time."
            parts = [part for part in (detail, change) if part]
            sign, kind = ("covered", "good") if point.met else ("missing", "bad")
            state = "heard: " if point.met else "not heard: "
            self._add(sign, kind, point.says, " ".join(parts), state)
        for mistake in verdict.mistakes:
            self._add(
                "missing",
                "bad",
                f"{_MISTAKE} (half a point less)",
                f"{_quoted(mistake.quote)} {mistake.correction}",
            )
        if verdict.other_deflections:
            quotes = " ".join(_quoted(quote) for quote in verdict.other_deflections)
            self._add("thin", "warn", "This may sound like waving it away", quotes)

    def _add(self, sign: str, kind: str, title: str, detail: str, state: str = "") -> None:
        """A row; ``state`` says what its badge shows, where ``title`` does not."""
        row = self._rows.rowCount()
        badge = QLabel()
        badge.setPixmap(theme.badge(sign, kind))
        badge.setAlignment(Qt.AlignmentFlag.AlignTop)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        head = label(title, wrap=True, font=theme.scaled(1.0, weight=QFont.Weight.Medium))
        head.setAccessibleName(f"{state}{title}")
        texts.addWidget(head)
        if detail:
            texts.addWidget(label(detail, role="soft", wrap=True))
        holder = QWidget()
        holder.setLayout(texts)
        texts.setContentsMargins(0, 0, 0, 0)
        self._rows.addWidget(badge, row, 0, Qt.AlignmentFlag.AlignTop)
        self._rows.addWidget(holder, row, 1)


def _quoted(text: str) -> str:
    words = text.split()
    if len(words) <= _LONGEST_QUOTE_WORDS:
        return f"“{text}”"
    return f"“{' '.join(words[:_LONGEST_QUOTE_WORDS])} …”"


class DrillEnd(QWidget):
    """What came of a drill, or why there is none, and the way to the next."""

    def __init__(self) -> None:
        super().__init__()
        self._title = heading(size=1.6, wrap=True)
        self._told = label(wrap=True, font=theme.scaled(1.1), role="soft")
        rows = QWidget()
        self._rows = QVBoxLayout(rows)
        self._rows.setContentsMargins(0, 0, theme.GAP_S, 0)
        self._rows.setSpacing(theme.GAP_M)
        self._list = scrolling(rows, "What came of the drill")
        self.restart = button("Another drill", role="primary")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(theme.GAP_XL, theme.GAP_XL, theme.GAP_XL, theme.GAP_XL)
        self._column.setSpacing(theme.GAP_M)
        self._column.addWidget(self._title)
        self._column.addWidget(self._told)
        self._column.addWidget(self._list, 1)
        self._column.addWidget(self.restart, 0, Qt.AlignmentFlag.AlignLeft)
        self._column.addStretch(1)

    def say(self, title: str, told: str, rounds: Sequence[tuple[str, AnswerVerdict, str]]) -> None:
        """Say it. A round is its question, what was heard in all of it, and when it comes back."""
        self._title.setText(title)
        self._told.setText(told)
        self._told.setVisible(bool(told))
        clear(self._rows)
        for question, verdict, again in rounds:
            self._rows.addWidget(_RoundRow(question, verdict, again))
        self._rows.addStretch(1)
        self._list.setVisible(bool(rounds))
        self._column.setStretch(self._column.count() - 1, 0 if rounds else 1)


class _RoundRow(QWidget):
    def __init__(self, question: str, verdict: AnswerVerdict, again: str) -> None:
        super().__init__()
        met, asked = sum(p.met for p in verdict.points), len(verdict.points)
        whole = met == asked and not verdict.mistakes
        sign, kind = (
            ("covered", "good") if whole else ("thin", "warn") if met else ("missing", "bad")
        )
        badge = QLabel()
        badge.setPixmap(theme.badge(sign, kind))
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(
            label(question, wrap=True, font=theme.scaled(1.1, weight=QFont.Weight.Medium))
        )
        missed = "; ".join(point.says for point in verdict.points if not point.met)
        lacking = f" Not heard: {missed}." if missed else ""
        texts.addWidget(label(f"{met} of {asked}.{lacking} {again}", role="soft", wrap=True))
        for mistake in verdict.mistakes:
            said = f"{_MISTAKE}: {_quoted(mistake.quote)}"
            texts.addWidget(label(said, role="soft", wrap=True))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GAP_M)
        row.addWidget(badge, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(texts, 1)


class KeptAnswer(Card):
    """An answer that was spoken and not judged, and what can be done with it."""

    def __init__(self) -> None:
        super().__init__("notice")
        self._text = label(wrap=True)
        self.judge = button("Judge it", name="Judge the answer that was kept")
        self.delete = button("Delete", name="Delete the answer that was kept")
        row = QHBoxLayout()
        row.addWidget(self._text, 1)
        row.addWidget(self.judge)
        row.addWidget(self.delete)
        self.body.addLayout(row)
        self.hide()

    def offer(self, asked: Asked, more: int) -> None:
        """Say which one it is, and how many ``more`` there are."""
        others = f" ({more} more like it)" if more else ""
        when = dated(asked.at.astimezone(), "%B, %H:%M")
        self._text.setText(
            f"An answer from {when} was kept and not judged{others}: {_quoted(asked.asked)}"
        )


class Trend(QWidget):
    """The scores of the last answers to one question, the newest on the right."""

    def __init__(self) -> None:
        super().__init__()
        self._scores: tuple[float, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(theme.px(_TREND_HEIGHT))

    def show_scores(self, scores: Sequence[float]) -> None:
        """``scores`` from 0 to 1, oldest first."""
        self._scores = tuple(scores)
        told = ", ".join(f"{score:.0%}" for score in scores)
        self.setAccessibleName(f"Scores of the last answers, oldest first: {told}")
        self.setToolTip(told)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the scores as points on a line, with the newest one's figure."""
        del event
        if not self._scores:
            return
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = theme.scaled(0.85)
        painter.setFont(font)
        figure = painter.fontMetrics().horizontalAdvance("100%") + 12
        room = QRectF(8, 10, self.width() - figure - 8, self.height() - 20)
        painter.setPen(QPen(QColor(colours.track), 1))
        for share in (0.0, 0.5, 1.0):
            y = room.bottom() - share * room.height()
            painter.drawLine(QPointF(room.left() - 8, y), QPointF(room.right() + 8, y))
        step = room.width() / max(1, len(self._scores) - 1)
        places = [
            QPointF(
                room.left() + i * step if len(self._scores) > 1 else room.right(),
                room.bottom() - score * room.height(),
            )
            for i, score in enumerate(self._scores)
        ]
        path = QPainterPath(places[0])
        for place in places[1:]:
            path.lineTo(place)
        painter.setPen(QPen(QColor(colours.accent), 2))
        painter.drawPath(path)
        painter.setBrush(QColor(colours.accent))
        for place in places:
            painter.drawEllipse(place, 3.5, 3.5)
        painter.setPen(QColor(colours.text))
        last = places[-1]
        height = painter.fontMetrics().height()
        top = min(max(0.0, last.y() - height / 2), self.height() - height)
        painter.drawText(
            QRectF(last.x() + 10, top, figure, height),
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
            f"{self._scores[-1]:.0%}",
        )


class Ratings(QWidget):
    """How well it went: what the verdict says, unless the speaker says otherwise."""

    rated = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GAP_S)
        for rating, name in RATING_NAMES.items():
            made = button(name, name=f"Ask again: {name}")
            made.setCheckable(True)
            made.setProperty("role", "segment")
            self._group.addButton(made, rating)
            row.addWidget(made, 1)
        self._group.idClicked.connect(self.rated)

    def show_rating(self, rating: int) -> None:
        """Light ``rating``."""
        found = self._group.button(rating)
        if found is not None:
            found.setChecked(True)


def strong_answer(question: Question) -> str:
    """What a strong answer to ``question`` has, where its verdict does not list that already."""
    if question.points:
        return ""
    return (
        "One concrete place where it fails, with a number. The mechanism behind it. "
        "What it would take to fix, and what that costs."
    )


def link(text: str, name: str = "") -> QPushButton:
    """A button that looks like a link."""
    return button(text, role="link", name=name)
