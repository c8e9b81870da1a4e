"""What stands beside the transcript of a review: findings, timing, delivery, rigor."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QVBoxLayout,
    QWidget,
)

from runthrough.analysis.delivery import LONG_PAUSE_S, LONG_SENTENCE_WORDS, PAUSE_S
from runthrough.clock import RED_RATIO
from runthrough.export import answers_to, said
from runthrough.talk import (
    PACE_BAND,
    POSSIBLE_LIMIT,
    Answer,
    EventKind,
    Finding,
    Report,
    Severity,
    minutes,
)
from runthrough.ui import theme
from runthrough.ui.widgets.basics import Card, button, heading, label, literal, restyle, unmarked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from runthrough.talk import Event, PaceWindow, SectionVerdict

# A link's text begins so far from its edge, which shows only with the focus.
_LINK_EDGE = 5
# Dots of the pace plot nearer than this, in pixels, would hide its line.
_DOT_ROOM = 9

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


def replace_content(area: QScrollArea, content: QWidget) -> None:
    """Put ``content`` into ``area`` in place of what was there.

    What is in view stays there, and so does the focus if what had it is there again.
    """
    bar = area.verticalScrollBar()
    at = bar.value()
    before = area.widget()
    focused = QApplication.focusWidget()
    place, name = -1, ""
    if before is not None and focused is not None and before.isAncestorOf(focused):
        place, name = _focusable(before).index(focused), focused.accessibleName()
    content.setObjectName("scrolled")
    for made in content.findChildren(QAbstractButton):
        # A click leaves the focus where it is, so that Space plays and pauses after it.
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    area.setWidget(content)
    layout = content.layout()
    if layout is not None:
        layout.activate()
    content.resize(area.viewport().width(), content.sizeHint().height())
    bar.setValue(at)
    if place >= 0:
        there = _focusable(content)
        same = [made for made in there if made.accessibleName() == name]
        new = same[0] if same else there[min(place, len(there) - 1)] if there else area
        new.setFocus(Qt.FocusReason.OtherFocusReason)


def _focusable(content: QWidget) -> list[QWidget]:
    return [w for w in content.findChildren(QWidget) if w.focusPolicy() & Qt.FocusPolicy.TabFocus]


def _column() -> tuple[QWidget, QVBoxLayout]:
    content = QWidget()
    column = QVBoxLayout(content)
    column.setContentsMargins(0, theme.GAP_M, theme.GAP_S, 0)
    column.setSpacing(theme.GAP_M)
    return content, column


def jump_button(at_s: float, about: str, jump: Callable[[float], None]) -> QWidget:
    """A link that hears the take from ``at_s``."""
    made = button(minutes(at_s), role="link", name=f"Hear {minutes(at_s)}: {about}")
    made.setIcon(theme.icon("play", theme.current().accent, 14))
    made.clicked.connect(lambda: jump(at_s))
    return made


# --- findings --------------------------------------------------------------------------------


class FindingCard(Card):
    """One finding. ``answered`` tells the answer, ``None`` to take it back."""

    chosen = Signal(object)  # Finding
    answered = Signal(object, object)  # Finding, Answer or None
    drill_wanted = Signal(str)

    _SIGNS: ClassVar = {
        Severity.HIGH: ("missing", "bad"),
        Severity.MEDIUM: ("thin", "warn"),
        Severity.LOW: ("thin", "neutral"),
        Severity.GOOD: ("covered", "good"),
    }

    def __init__(self, finding: Finding) -> None:
        super().__init__()
        self.finding = finding
        picture, colour = self._SIGNS[finding.severity]
        if finding.answer is not None:
            colour = "neutral"
        sign = QLabel()
        sign.setPixmap(theme.badge(picture, colour))
        sign.setAccessibleName(finding.severity.value)
        sign.setToolTip(finding.severity.value)
        sign.setAlignment(Qt.AlignmentFlag.AlignTop)
        texts = QVBoxLayout()
        texts.setSpacing(4)
        title_role = "soft" if finding.answer is not None else ""
        texts.addWidget(heading(finding.title, role=title_role, wrap=True))
        if finding.answer is None:
            texts.addWidget(label(finding.detail, role="soft", wrap=True))
            for evidence in finding.evidence[:1]:
                if evidence.quote not in finding.detail:
                    texts.addWidget(label(f"“{evidence.quote}”", role="soft", wrap=True))
        else:
            texts.addWidget(label(said(finding, finding.answer), role="soft", wrap=True))
        texts.addLayout(self._actions())
        row = QHBoxLayout()
        row.setSpacing(theme.GAP_M)
        row.addWidget(sign)
        row.addLayout(texts, 1)
        self.body.addLayout(row)

    def _actions(self) -> QHBoxLayout:
        finding = self.finding
        row = QHBoxLayout()
        row.setSpacing(theme.GAP_M)
        row.addSpacing(-_LINK_EDGE)
        if finding.start_s is not None or finding.evidence:
            at = "Show it" if finding.start_s is None else minutes(finding.start_s)
            jump = button(at, role="link", name=f"Go to {at}: {finding.title}")
            jump.setIcon(theme.icon("play", theme.current().accent, 14))
            jump.clicked.connect(lambda: self.chosen.emit(finding))
            row.addWidget(jump)
        if finding.drill is not None and finding.answer is None:
            drill = button("Drill it now →", role="link", name=f"Drill it now: {finding.title}")
            drill.clicked.connect(lambda: self.drill_wanted.emit(finding.drill))
            row.addWidget(drill)
        row.addStretch(1)
        if finding.answer is not None:
            back = button("Take back", role="link", name=f"Take back: {finding.title}")
            back.clicked.connect(lambda: self.answered.emit(finding, None))
            row.addWidget(back)
        elif finding.severity is not Severity.GOOD:
            answer = button("Answer", role="link", name=f"Answer: {finding.title}")
            asks = finding.id == POSSIBLE_LIMIT
            answer.setToolTip("Say whether it is" if asks else "Say that it is not so")
            answer.clicked.connect(
                lambda: self.menu().popup(answer.mapToGlobal(answer.rect().bottomLeft()))
            )
            row.addWidget(answer)
        return row

    def menu(self) -> QMenu:
        """The answers there are to this finding."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        texts = {a: text.capitalize() for a, text in answers_to(self.finding).items()}
        if not self.finding.evidence:
            texts[Answer.THIS_IS_IT] = "This is it: the sentence you clicked in the transcript"
        if self.finding.id.startswith(("time.", "delivery.", "speech.", "recognition.")):
            del texts[Answer.THIS_IS_IT]
        for answer, text in texts.items():
            action = menu.addAction(text)
            action.triggered.connect(lambda _=False, a=answer: self.answered.emit(self.finding, a))
        return menu


def findings_tab(
    report: Report,
    chosen: Callable[[Finding], None],
    answered: Callable[[Finding, Answer | None], None],
    drill: Callable[[str], None],
) -> QWidget:
    """All findings, what is answered last."""
    content, column = _column()
    answers_begun = False
    if not report.findings:
        column.addWidget(_no_finding())
    for finding in report.findings:
        if finding.answer is not None and not answers_begun:
            answers_begun = True
            column.addWidget(label("Answered", role="soft"))
        card = FindingCard(finding)
        card.chosen.connect(chosen)
        card.answered.connect(answered)
        card.drill_wanted.connect(drill)
        column.addWidget(card)
    column.addStretch(1)
    return content


def _no_finding() -> Card:
    """Said as carefully as a finding: what was not found may be there."""
    card = Card()
    row = QHBoxLayout()
    row.setSpacing(theme.GAP_M)
    sign = QLabel()
    sign.setPixmap(theme.badge("covered", "good"))
    sign.setAlignment(Qt.AlignmentFlag.AlignTop)
    texts = QVBoxLayout()
    texts.setSpacing(4)
    texts.addWidget(heading("Nothing stood out", wrap=True))
    note = "The other tabs show what this rests on; a listener may still ask more."
    texts.addWidget(label(note, role="soft", wrap=True))
    row.addWidget(sign)
    row.addLayout(texts, 1)
    card.body.addLayout(row)
    return card


# --- timing ----------------------------------------------------------------------------------


class _SpentOfPlan(QWidget):
    """Spent beside planned: the plan is the frame, what goes over it stands out of the frame.

    ``mild``: nobody planned it in so many words, so going over is never red.
    """

    def __init__(
        self,
        spent_s: float,
        planned_s: float,
        widest_s: float,
        colour: str,
        *,
        mild: bool = False,
    ) -> None:
        super().__init__()
        self._mild = mild
        self._spent_s, self._planned_s, self._widest_s = spent_s, planned_s, widest_s
        self._colour = colour
        self.setFixedHeight(14)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = theme.current()
        scale = (self.width() - 1) / max(self._widest_s, 1.0)
        plan = QRectF(0.5, 0.5, max(2.0, self._planned_s * scale), 13)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.track))
        painter.drawRoundedRect(plan, 3, 3)
        inside = min(self._spent_s, self._planned_s or self._spent_s) * scale
        painter.setBrush(QColor(self._colour))
        painter.drawRoundedRect(QRectF(0.5, 3.5, inside, 7), 2, 2)
        if self._planned_s and self._spent_s > self._planned_s:
            far = self._spent_s > RED_RATIO * self._planned_s and not self._mild
            painter.setBrush(QColor(colours.bad if far else colours.warn))
            over = (self._spent_s - self._planned_s) * scale
            painter.drawRect(QRectF(0.5 + inside, 3.5, over, 7))
        painter.setPen(QPen(QColor(colours.text), 1.5))
        painter.drawLine(QPointF(plan.right(), 0), QPointF(plan.right(), 14))


class _Order(QWidget):
    """Sections as one strip in the order they come, with their names where there is room."""

    def __init__(self, parts: Sequence[tuple[str, str, float]], *, faded: bool) -> None:
        super().__init__()
        self._parts = parts
        self._faded = faded
        self.setFixedHeight(QFontMetrics(theme.scaled(0.8)).height() + 8)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        names = ", ".join(title for _, title, _ in parts)
        self.setAccessibleName(names)
        self.setToolTip(literal(names))

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.scaled(0.8))
        total = sum(seconds for _, _, seconds in self._parts) or 1.0
        at = 0.0
        for section, title, seconds in self._parts:
            width = seconds / total * self.width()
            box = QRectF(at, 0, max(1.0, width - 1), self.height())
            at += width
            colour = QColor(theme.current().section(section))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.current().surface))
            painter.drawRect(box)
            colour.setAlphaF(0.3 if self._faded else 0.5)
            painter.setBrush(colour)
            painter.drawRoundedRect(box, 2, 2)
            if painter.fontMetrics().horizontalAdvance(title) + 6 < box.width():
                painter.setPen(QColor(theme.current().text))
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, title)


def timing_tab(
    report: Report,
    events: Sequence[Event],
    *,
    jump: Callable[[float], None],
    section_chosen: Callable[[str], None],
) -> QWidget:
    """Planned and spent per section and slide, order planned and told."""
    content, column = _column()
    if report.duration_s is None:
        column.addWidget(label("This transcript has no times.", role="soft", wrap=True))
        column.addStretch(1)
        return content
    whole = Card()
    whole.body.addLayout(
        _between("The whole talk", f"{minutes(report.duration_s)} of {minutes(report.planned_s)}")
    )
    whole.body.addWidget(label(_off(report.duration_s, report.planned_s), role="soft"))
    column.addWidget(whole)
    card = Card()
    card.body.setSpacing(4)
    edge = theme.GAP_L - 2 - theme.GAP_S
    card.body.setContentsMargins(edge, theme.GAP_S, edge, theme.GAP_S)
    widest = max((max(s.spent_s, s.planned_s) for s in report.sections), default=1.0)
    for section in report.sections:
        card.body.addWidget(_SectionRow(section, report, widest, section_chosen))
    timed = any(section.timer_s is not None for section in report.sections)
    column.addWidget(card)
    if timed or report.judged:
        whose = "your section timer" if timed else "the sentences heard in each section"
        column.addWidget(label(f"Times are those of {whose}.", role="soft", wrap=True))
    if report.judged:
        order = Card()
        order.body.addWidget(label("Order planned", role="soft"))
        planned = [(s.id, s.title, s.planned_s) for s in report.sections]
        order.body.addWidget(_Order(planned, faded=True))
        order.body.addWidget(label("Order told", role="soft"))
        order.body.addWidget(_Order(_told(report), faded=False))
        column.addWidget(order)
    slides = _slides(events, report.duration_s)
    if slides:
        card = Card()
        card.body.setSpacing(4)
        card.body.addWidget(heading("Slides"))
        longest = max(end - start for _, start, end in slides)
        # Without a plan per slide, an even share is what to compare with.
        even = report.planned_s / max(1, len({page for page, _, _ in slides}))
        for page, start, end in slides:
            row = QHBoxLayout()
            row.addWidget(label(f"Slide {page}", font=theme.scaled(1.0)))
            row.addWidget(jump_button(start, f"slide {page}", jump))
            row.addStretch(1)
            row.addWidget(label(minutes(end - start), font=theme.scaled(1.0)))
            card.body.addLayout(row)
            widest = max(longest, even)
            bar = _SpentOfPlan(end - start, even, widest, theme.current().accent, mild=True)
            bar.setAccessibleName(f"Slide {page}: {minutes(end - start)}")
            card.body.addWidget(bar)
        note = f"The line is an even share of the plan, {minutes(even)} a slide."
        card.body.addWidget(label(note, role="soft", wrap=True))
        column.addWidget(card)
    column.addStretch(1)
    return content


class _SectionLink(QPushButton):
    """A section's name to press. It ends in … where it would push its times out of view."""

    def __init__(self, title: str) -> None:
        super().__init__(unmarked(title))
        self._title = title
        self.setProperty("role", "link")
        self.setAccessibleName(f"Show {title}")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        """As narrow as it must be."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Offer the whole name where some of it does not show."""
        super().resizeEvent(event)
        short = self.width() < self.sizeHint().width()
        self.setToolTip(literal(self._title) if short else "")

    def paintEvent(self, event: QPaintEvent) -> None:
        """As any link, with the name shortened at its end."""
        del event
        option = QStyleOptionButton()
        self.initStyleOption(option)
        painter = QStylePainter(self)
        if self.width() < self.sizeHint().width():
            part = QStyle.SubElement.SE_PushButtonContents
            room = self.style().subElementRect(part, option, self).width()
            shown = painter.fontMetrics().elidedText(self._title, Qt.TextElideMode.ElideRight, room)
            option.text = unmarked(shown)
        painter.drawControl(QStyle.ControlElement.CE_PushButton, option)


class _SectionRow(QFrame):
    """A section's time against its plan; set off when the section is selected."""

    def __init__(
        self,
        section: SectionVerdict,
        report: Report,
        widest_s: float,
        chosen: Callable[[str], None],
    ) -> None:
        super().__init__()
        self.section = section.id
        self.setProperty("role", "row")
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.GAP_S, theme.GAP_S, theme.GAP_S, theme.GAP_S)
        column.setSpacing(4)
        times = f"{report.time_of(section)} of {minutes(section.planned_s)}"
        row = QHBoxLayout()
        row.addSpacing(-_LINK_EDGE)
        name = _SectionLink(section.title)
        name.clicked.connect(lambda: chosen(section.id))
        row.addWidget(name)
        row.addStretch(1)
        row.addWidget(label(times, font=theme.scaled(1.0)))
        column.addLayout(row)
        if not report.has_time(section):
            return
        colour = theme.current().section(section.id)
        bar = _SpentOfPlan(section.spent_s, section.planned_s, widest_s, colour)
        bar.setAccessibleName(f"{section.title}: {times}")
        column.addWidget(bar)
        column.addWidget(label(_off(section.spent_s, section.planned_s), role="soft"))


def select_row(timing: QWidget, section_id: str | None) -> None:
    """Set off one section in a timing tab."""
    for row in timing.findChildren(_SectionRow):
        restyle(row, "row_selected" if row.section == section_id else "row")


def _off(spent_s: float, planned_s: float) -> str:
    over = spent_s - planned_s
    if abs(over) < 1:
        return "as planned"
    return f"{minutes(abs(over))} {'over' if over > 0 else 'under'} the plan"


def _told(report: Report) -> list[tuple[str, str, float]]:
    """Sections in the order heard; neighbouring sentences of one section are one part."""
    titles = {section.id: section.title for section in report.sections}
    parts: list[tuple[str, str, float]] = []
    for sentence in report.sentences:
        if sentence.start_s is None or sentence.end_s is None or sentence.section not in titles:
            continue
        seconds = sentence.end_s - sentence.start_s
        if parts and parts[-1][0] == sentence.section:
            parts[-1] = (*parts[-1][:2], parts[-1][2] + seconds)
        else:
            parts.append((sentence.section, titles[sentence.section], seconds))
    return parts


def _slides(events: Sequence[Event], duration_s: float) -> list[tuple[str, float, float]]:
    """Page, start and end of each time a slide stood on the screen."""
    changes = [e for e in events if e.kind is EventKind.SLIDE]
    ends = [e.at_s for e in changes[1:]] + [duration_s]
    return [(e.value, e.at_s, end) for e, end in zip(changes, ends, strict=False) if end > e.at_s]


def _between(left: str, right: str) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addWidget(heading(left))
    row.addStretch(1)
    row.addWidget(label(right, font=theme.scaled(1.0)))
    return row


# --- delivery --------------------------------------------------------------------------------


class _PaceOverTime(QWidget):
    """Words a minute over the talk, with the band that listeners follow with ease."""

    def __init__(self, pace: Sequence[PaceWindow], duration_s: float) -> None:
        super().__init__()
        self._pace, self._duration_s = pace, duration_s
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        slow = min(w.words_per_minute for w in pace)
        fast = max(w.words_per_minute for w in pace)
        told = f"Pace over time, from {slow:.0f} to {fast:.0f} words a minute"
        self.setAccessibleName(told)
        self.setToolTip(told)

    def sizeHint(self) -> QSize:
        return QSize(300, 130)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = theme.scaled(0.78)
        painter.setFont(font)
        colours = theme.current()
        low, high = PACE_BAND
        fastest = max(max(w.words_per_minute for w in self._pace) * 1.08, high + 35)
        slowest = min(min(w.words_per_minute for w in self._pace) * 0.92, low - 40)
        line = painter.fontMetrics().height()
        left = painter.fontMetrics().horizontalAdvance("000") + 6
        plot = QRectF(left, 4, self.width() - left - 4, self.height() - line - 10)

        def y(rate: float) -> float:
            return plot.bottom() - (rate - slowest) / (fastest - slowest) * plot.height()

        def x(at_s: float) -> float:
            return plot.left() + at_s / max(self._duration_s, 1.0) * plot.width()

        painter.fillRect(
            QRectF(plot.left(), y(high), plot.width(), y(low) - y(high)), QColor(colours.good_soft)
        )
        painter.setPen(QColor(colours.text_soft))
        for rate in PACE_BAND:
            box = QRectF(0, y(rate) - line / 2, left - 5, line)
            painter.drawText(
                box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{rate:.0f}"
            )
        for share, side in ((0.0, Qt.AlignmentFlag.AlignLeft), (1.0, Qt.AlignmentFlag.AlignRight)):
            box = QRectF(plot.left(), plot.bottom() + 3, plot.width(), line)
            painter.drawText(box, side, minutes(share * self._duration_s))
        points = [QPointF(x((w.start_s + w.end_s) / 2), y(w.words_per_minute)) for w in self._pace]
        crowded = len(points) * _DOT_ROOM > plot.width()
        painter.setPen(QPen(QColor(colours.accent), 1.2 if crowded else 2))
        painter.drawPolyline(QPolygonF(points))
        if crowded:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        for point, window in zip(points, self._pace, strict=True):
            outside = not low <= window.words_per_minute <= high
            painter.setBrush(QColor(colours.warn if outside else colours.accent))
            painter.drawEllipse(point, 3, 3)


def delivery_tab(report: Report, *, jump: Callable[[float], None]) -> QWidget:
    """How it was said."""
    content, column = _column()
    delivery = report.delivery
    pace = Card()
    rate = delivery.words_per_minute
    low, high = PACE_BAND
    pace.body.addLayout(
        _between("Words a minute", f"{rate:.0f}" if rate is not None else "unknown")
    )
    if delivery.pace:
        pace.body.addWidget(_PaceOverTime(delivery.pace, report.duration_s or 0.0))
    note = (
        f"{delivery.words:,} words. The band is {low:.0f} to {high:.0f}; long pauses are left out."
    )
    pace.body.addWidget(label(note, role="soft", wrap=True))
    column.addWidget(pace)
    if report.timed and report.words:
        column.addWidget(_pauses(report, jump))
    column.addWidget(_fillers(report, jump))
    habits = [(f"“{phrase}”", f"{count}×", start) for phrase, count, start in delivery.repeats]
    column.addWidget(_list_card("Repeated phrases", habits, "none that stands out", jump))
    hedges = [(f"“{hedge}”", f"{count}×", None) for hedge, count in delivery.hedges[:8]]
    column.addWidget(_list_card("Hedges", hedges, "none", jump))
    terms = [(term, "first used at", start) for term, start in delivery.acronyms_unexplained]
    column.addWidget(_list_card("Acronyms not explained", terms, "none", jump))
    by_index = {s.index: s for s in report.sentences}
    longest = [
        (
            _beginning(by_index[i].text),
            f"{len(by_index[i].text.split())} words",
            by_index[i].start_s,
        )
        for i in delivery.long_sentences
        if i in by_index
    ]
    title = f"Sentences over {LONG_SENTENCE_WORDS} words"
    column.addWidget(_list_card(title, longest, "none", jump))
    column.addStretch(1)
    return content


def _pauses(report: Report, jump: Callable[[float], None]) -> Card:
    delivery = report.delivery
    card = Card()
    card.body.setSpacing(4)
    pauses = delivery.pauses_s
    card.body.addLayout(_between(f"Pauses over {PAUSE_S:.0f} s", str(len(pauses))))
    long = [p for p in pauses if p[1] - p[0] >= LONG_PAUSE_S]
    card.body.addLayout(_pair(f"over {LONG_PAUSE_S:.0f} s", str(len(long))))
    if pauses:
        start, end = max(pauses, key=lambda p: p[1] - p[0])
        card.body.addLayout(_pair("longest", f"{end - start:.1f} s", (start, jump)))
    if delivery.silent_share is not None:
        card.body.addLayout(_pair("share of silence", f"{delivery.silent_share:.0%}"))
    else:
        note = "By the words alone; transcribe it again to hear the pauses in the sound."
        card.body.addWidget(label(note, role="soft", wrap=True))
    return card


def _fillers(report: Report, jump: Callable[[float], None]) -> Card:
    delivery = report.delivery
    card = Card()
    card.body.setSpacing(4)
    per_minute = delivery.fillers_per_minute
    often = f", {per_minute:.1f} a minute" if per_minute is not None else ""
    card.body.addLayout(_between("Fillers heard", f"at least {delivery.filler_count}{often}"))
    first: dict[str, float] = {}
    for filler in delivery.filler_places:
        first.setdefault(filler.text, filler.start_s)
    for word, count in delivery.fillers:
        at = (first[word], jump) if word in first else None
        card.body.addLayout(_pair(f"“{word}”", f"{count}×", at))
    from_sound = sum(filler.from_sound for filler in delivery.filler_places)
    if delivery.heard_fillers:
        note = (
            f"{from_sound} of them only in the sound, where the recogniser wrote nothing. "
            "Short ones are missed, and now and then a drawn-out vowel is taken for one."
        )
    else:
        note = "Recognisers drop most fillers; this take was not searched for them in its sound."
    card.body.addWidget(label(note, role="soft", wrap=True))
    return card


def _list_card(
    title: str,
    rows: Sequence[tuple[str, str, float | None]],
    none: str,
    jump: Callable[[float], None],
) -> Card:
    card = Card()
    card.body.setSpacing(4)
    card.body.addLayout(_between(title, str(len(rows)) if rows else none))
    for name, value, start in rows:
        card.body.addLayout(_pair(name, value, (start, jump) if start is not None else None))
    return card


def _pair(
    name: str, value: str, jump: tuple[float, Callable[[float], None]] | None = None
) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addWidget(label(name, role="soft", wrap=True), 1)
    row.addWidget(label(value, font=theme.scaled(1.0)))
    if jump is not None:
        row.addWidget(jump_button(jump[0], name, jump[1]))
    return row


def _beginning(text: str) -> str:
    words = text.split()
    return "“" + " ".join(words[:7]) + (" …”" if len(words) > 7 else "”")


# --- rigor -----------------------------------------------------------------------------------


def rigor_tab(report: Report, *, show: Callable[[int], None]) -> QWidget:
    """What makes an experiment believable: heard or not, and what a listener would ask."""
    content, column = _column()
    if not report.judged:
        column.addWidget(label("Nothing could be judged.", role="soft", wrap=True))
        column.addStretch(1)
        return content
    for item in sorted(report.rigor, key=lambda item: item.met):
        title, asked = _RIGOR_TITLES[item.id]
        card = Card()
        row = QHBoxLayout()
        sign = QLabel()
        name, colour = ("covered", "good") if item.met else ("unplanned", "neutral")
        sign.setPixmap(theme.badge(name, colour))
        row.addWidget(sign)
        row.addWidget(heading(title), 1)
        heard = "said, by your word" if item.by_speaker else "heard" if item.met else "not heard"
        row.addWidget(label(heard, role="soft"))
        card.body.addLayout(row)
        for evidence in item.evidence[:2]:
            card.body.addWidget(label(f"“{evidence.quote}”", role="soft", wrap=True))
            at = "Show it" if evidence.start_s is None else minutes(evidence.start_s)
            link = button(at, role="link", name=f"Go to {at}: {title}")
            link.setIcon(theme.icon("play", theme.current().accent, 14))
            link.clicked.connect(lambda _=False, i=evidence.sentence: show(i))
            jump = QHBoxLayout()
            jump.addSpacing(-_LINK_EDGE)
            jump.addWidget(link)
            jump.addStretch(1)
            card.body.addLayout(jump)
        if not item.met:
            card.body.addWidget(label(f"A listener would ask: {asked}", role="soft", wrap=True))
        column.addWidget(card)
    column.addStretch(1)
    return content
