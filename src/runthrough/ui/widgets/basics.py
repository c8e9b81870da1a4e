"""Small parts that every page is built from."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from runthrough.talk import minutes
from runthrough.ui import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

_TOPBAR_HEIGHT = 58
# What a part of a page needs at least to be read.
_NARROWEST = 260
# How fast something goes is a guess until so much of it is done.
_GUESS_FROM = 0.05
# So that what is named stands in one line down the page.
_CAPTION_WIDTH = 150


class TopBar(QWidget):
    """A page's title, what it is about, and its actions on the right."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setObjectName("topbar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumHeight(theme.px(_TOPBAR_HEIGHT))
        self.title = heading(title, 1.25)
        self.subtitle = ElidedLabel()
        self.subtitle.setProperty("role", "soft")
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(theme.GAP_L + 4, theme.GAP_S, theme.GAP_L + 4, theme.GAP_S)
        self._layout.setSpacing(theme.GAP_M)
        self._layout.addWidget(self.title)
        self._layout.addWidget(self.subtitle, 1)

    def add(self, widget: QWidget) -> None:
        """Put ``widget`` at the right end."""
        self._layout.addWidget(widget)

    def insert_first(self, widget: QWidget) -> None:
        """Put ``widget`` before the title."""
        self._layout.insertWidget(0, widget)


class ElidedLabel(QLabel):
    """One line of plain text that ends in … where there is no room; the tooltip has all of it."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def minimumSizeHint(self) -> QSize:
        """As narrow as it must be."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Offer the whole text where some of it does not show."""
        super().resizeEvent(event)
        self._offer_all()

    def setText(self, text: str) -> None:
        """Show another text; its width is not asked for, so no resize comes of it."""
        super().setText(text)
        self._offer_all()

    def _offer_all(self) -> None:
        full = QFontMetrics(self.font()).horizontalAdvance(self.text())
        self.setToolTip(literal(self.text()) if full > self.width() else "")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the text, shortened at its end."""
        del event
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        # As the text runs: the … of Arabic is at its left. It stays at its side of the label.
        painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        shown = QFontMetrics(self.font()).elidedText(
            self.text(), Qt.TextElideMode.ElideRight, self.width()
        )
        side = self.alignment() | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute
        painter.drawText(self.rect(), int(side), shown)


class Card(QFrame):
    """A white panel with a thin border. ``body`` is its vertical layout."""

    def __init__(self, role: str = "card") -> None:
        super().__init__()
        self.setProperty("role", role)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(
            theme.GAP_L - 2, theme.GAP_M + 2, theme.GAP_L - 2, theme.GAP_M + 2
        )
        self.body.setSpacing(theme.GAP_S)


# Qt's own for "as large as you like".
_ANY = (1 << 24) - 1


@dataclass(slots=True)
class Column:
    """A part of ``Columns``: ``width`` pixels wide, or its ``share`` of the rest if that is 0.

    Where the parts stand one below the other it is at least ``height`` pixels high. Both are at
    the usual text size.
    """

    widget: QWidget
    width: int = 0
    height: int = 0
    share: int = 1


class Columns(QWidget):
    """Parts side by side, or one below the other where there is less than ``limit`` pixels.

    ``below`` is their order then, as indices, what matters most first. All lengths are at the
    usual text size, so large text has the same effect as a small window. ``arranged`` tells that
    ``narrow``, whether they are below each other, is another.
    """

    arranged = Signal()

    def __init__(self, parts: list[Column], *, below: Sequence[int], limit: int) -> None:
        super().__init__()
        self._parts, self._below, self._limit = parts, below, limit
        self.narrow = False
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(theme.GAP_L)
        self._arrange()

    def set_width(self, index: int, width: int) -> None:
        """Make a part that many pixels wide where it stands beside the others."""
        self._parts[index].width = width
        if not self.narrow:
            self._parts[index].widget.setFixedWidth(theme.px(width))

    def set_height(self, index: int, height: int) -> None:
        """Make a part at least so high where it stands below the others."""
        self._parts[index].height = height
        if self.narrow:
            self._parts[index].widget.setMinimumHeight(theme.px(height))

    def hasHeightForWidth(self) -> bool:
        """Not side by side: what scrolls would give it the height it likes, where less will do."""
        return self.narrow and super().hasHeightForWidth()

    def minimumSizeHint(self) -> QSize:
        """As narrow as the widest part: before less is there, they go below each other."""
        size = self._box.minimumSize()
        if not self.narrow and self._box.hasHeightForWidth() and self.width() >= size.width():
            # Texts that break tell otherwise how high they were in their narrowest place.
            size.setHeight(self._box.minimumHeightForWidth(self.width()))
        widest = max(part.widget.minimumSizeHint().width() for part in self._parts)
        return QSize(min(size.width(), max(widest, theme.px(_NARROWEST))), size.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the parts anew where there is more or less room."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()
        # A scroll bar that comes and goes must not turn it to and fro.
        limit = theme.px(self._limit) + (theme.GAP_L if self.narrow else 0)
        if (self.width() < limit) != self.narrow:
            self.narrow = not self.narrow
            self._arrange()
            self.arranged.emit()

    def _arrange(self) -> None:
        for part in self._parts:
            self._box.removeWidget(part.widget)
        way = QBoxLayout.Direction
        self._box.setDirection(way.TopToBottom if self.narrow else way.LeftToRight)
        for index in self._below if self.narrow else range(len(self._parts)):
            part = self._parts[index]
            fixed = part.width and not self.narrow
            part.widget.setMinimumWidth(theme.px(part.width) if fixed else 0)
            part.widget.setMaximumWidth(theme.px(part.width) if fixed else _ANY)
            part.widget.setMinimumHeight(theme.px(part.height) if self.narrow else 0)
            self._box.addWidget(part.widget, 0 if part.width else part.share)
        self.updateGeometry()


def label(
    text: str = "", *, role: str = "", font: QFont | None = None, wrap: bool = False
) -> QLabel:
    """Plain text; never rich, since titles and transcripts are shown with it."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if role:
        made.setProperty("role", role)
    if font is not None:
        made.setFont(font)
    return made


def heading(text: str = "", size: float = 1.0, *, role: str = "", wrap: bool = False) -> QLabel:
    """What a part is called, in bold and ``size`` times as large as text."""
    font = theme.scaled(size, weight=QFont.Weight.DemiBold)
    return label(text, role=role, font=font, wrap=wrap)


def literal(text: str) -> str:
    """``text`` for a tooltip or a message box, which would take tags in it for their own."""
    if "<" not in text and "&" not in text:
        return text
    from html import escape

    return f"<qt>{escape(text)}</qt>"


def utf16_length(text: str) -> int:
    """How long ``text`` is in a Qt document, where an emoji or a script letter counts twice."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def unmarked(text: str) -> str:
    """``text`` for a button or a menu, which would take & for the mark of a key."""
    return text.replace("&", "&&")


def caption(text: str, of: QWidget) -> QLabel:
    """What ``of`` is called, before it."""
    made = label(text, role="soft", wrap=True)
    made.setBuddy(of)
    made.setMinimumWidth(theme.px(_CAPTION_WIDTH))
    return made


def form(parent: QWidget | None = None) -> QFormLayout:
    """Rows of a caption and what it names, one below the other where there is no room."""
    made = QFormLayout(parent)
    made.setContentsMargins(0, 0, 0, 0)
    made.setHorizontalSpacing(theme.GAP_L)
    made.setVerticalSpacing(theme.GAP_M)
    made.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
    made.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    made.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
    return made


def button(text: str, *, role: str = "", name: str = "") -> QPushButton:
    """A button; ``name`` is what a screen reader says where the text is not enough."""
    made = QPushButton(unmarked(text))
    if role:
        made.setProperty("role", role)
    made.setAccessibleName(name or text)
    made.setAutoDefault(False)
    return made


def progress_bar(name: str) -> QProgressBar:
    """How far something is, of 1000, without figures; ``name`` is for a screen reader."""
    made = QProgressBar()
    made.setRange(0, 1000)
    made.setTextVisible(False)
    made.setAccessibleName(name)
    return made


def clear(layout: QLayout) -> None:
    """Take all out of ``layout`` and let go of it."""
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()


def ask_to_trash(parent: QWidget, title: str, text: str) -> bool:
    """Whether the user wants what ``text`` asks about moved to the trash."""
    question = QMessageBox(parent)
    question.setWindowTitle(title)
    question.setTextFormat(Qt.TextFormat.PlainText)
    question.setText(text)
    delete = question.addButton("Move to trash", QMessageBox.ButtonRole.DestructiveRole)
    question.setDefaultButton(question.addButton(QMessageBox.StandardButton.Cancel))
    question.exec()
    return question.clickedButton() is delete


def tab_before(later: QWidget, new: Sequence[QWidget]) -> None:
    """Have the Tab key come to ``new``, which was put in afterwards, just before ``later``."""
    before = later.previousInFocusChain()
    while (
        before is not None
        and before is not later
        and (before in new or not before.focusPolicy() & Qt.FocusPolicy.TabFocus)
    ):
        before = before.previousInFocusChain()
    for one in new:
        if before is not None:
            QWidget.setTabOrder(before, one)
        before = one


def zoom(root: QWidget, times: float) -> None:
    """Make all text in ``root`` that many times as large as it was made. May be called again.

    What is put into it later is made as large with ``zoom_like``.
    """
    root.setProperty("zoom", times)
    # Each by itself: a style sheet keeps widgets from taking over the font of those around them.
    inside = [(widget, widget.font()) for widget in (root, *root.findChildren(QWidget))]
    for widget, font in inside:
        made_pt = widget.property("made_pt") or font.pointSizeF()
        widget.setProperty("made_pt", made_pt)
        font.setPointSizeF(made_pt * times)
        widget.setFont(font)


def zoom_like(root: QWidget, new: QWidget) -> None:
    """Make the text in ``new`` as large as that in ``root``, which it is put into."""
    zoom(new, root.property("zoom") or 1.0)


def restyle(widget: QWidget, role: str) -> None:
    """Give ``widget`` another role and let the stylesheet see it."""
    if widget.property("role") != role:
        widget.setProperty("role", role)
        font = widget.font()
        widget.style().unpolish(widget)
        widget.style().polish(widget)
        widget.setFont(font)  # the style has put back the one it knew first


class TimeLeft:
    """How long work goes on, by how fast its present stage went so far."""

    def __init__(self) -> None:
        self._stage: str | None = None
        self._began = self._share = 0.0  # when, and how much was done already

    def after(self, stage: str, share: float) -> str:
        """For the end of a line that says how far it is; nothing while nobody can know."""
        now = time.monotonic()
        if stage != self._stage or share < self._share:
            self._stage, self._began, self._share = stage, now, share
        done = share - self._share
        if done < _GUESS_FROM or share >= 1:
            return ""
        return f" · about {minutes((now - self._began) * (1 - share) / done)} left"


class Pages(QStackedWidget):
    """One of several widgets at a time, and only as large as that one must be."""

    def __init__(self) -> None:
        super().__init__()
        self.currentChanged.connect(self.updateGeometry)

    def minimumSizeHint(self) -> QSize:
        """What the widget that is shown needs."""
        shown = self.currentWidget()
        return shown.minimumSizeHint() if shown is not None else super().minimumSizeHint()


def reveal(widget: QWidget) -> None:
    """Scroll what is around ``widget`` so that it is seen, once it has its place."""

    def scroll() -> None:
        around = widget.parentWidget()
        while around is not None:
            if isinstance(around, QScrollArea):
                around.ensureWidgetVisible(widget)
            around = around.parentWidget()

    QTimer.singleShot(0, widget, scroll)


def centred(card: QWidget) -> QWidget:
    """``card`` in the middle of an empty page."""
    card.setMaximumWidth(560)
    page = QWidget()
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(card, 3)
    row.addStretch(1)
    column = QVBoxLayout(page)
    column.addStretch(2)
    column.addLayout(row)
    column.addStretch(3)
    return page


def scrolling(content: QWidget, name: str) -> QScrollArea:
    """``content`` in an area that scrolls up and down."""
    content.setObjectName("scrolled")
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setAccessibleName(name)
    area.setWidget(content)
    return area
