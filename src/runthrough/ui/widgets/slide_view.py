"""Slides on the screen: the current one, the next one small, the notes, and the audience's view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QTextBrowser, QVBoxLayout, QWidget

from runthrough.ui import theme
from runthrough.ui.widgets.basics import label

if TYPE_CHECKING:
    from PySide6.QtGui import QPixmap, QScreen

    from runthrough.ui.slide_show import SlideShow

_BLACK = "#000000"


class SlideView(QWidget):
    """One slide, as large as it fits. ``framed`` draws a thin border around it."""

    def __init__(
        self, show: SlideShow, name: str, *, framed: bool = True, in_corner: bool = False
    ) -> None:
        super().__init__()
        self._show = show
        self._name = name
        self._framed = framed
        self._in_corner = in_corner
        self._number = 0
        self._blank = False
        self._scaled: tuple[int, int, QPixmap] | None = None  # source's key, width, picture
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(name)
        show.drawn.connect(self._drawn)

    def sizeHint(self) -> QSize:
        """Any size will do."""
        return QSize(320, 180)

    def minimumSizeHint(self) -> QSize:
        """Small enough for a small window."""
        return QSize(96, 54)

    def show_slide(self, number: int, *, blank: bool = False) -> None:
        """Show slide ``number``; 0 is none; ``blank`` is a black one."""
        if (number, blank) != (self._number, self._blank):
            self._number, self._blank = number, blank
            told = "blank" if blank else f"{number}: {self._show.title(number)}" if number else ""
            self.setAccessibleName(f"{self._name} {told}".strip())
            self.update()

    def _drawn(self, number: int) -> None:
        if number == self._number:
            self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for pictures of that size."""
        super().resizeEvent(event)
        if self.isVisible():
            self._show.fit(self.size() * self.devicePixelRatioF())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the slide, or what stands for it."""
        del event
        painter = QPainter(self)
        colours = theme.current()
        if self._blank:
            place = self._place(QSize(16, 9))
            painter.fillRect(place if self._framed else self.rect(), QColor(_BLACK))
            if self._framed:
                painter.setPen(QColor("#b9bfc8"))
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, "Blank: B shows the slide")
            return
        if not self._number:
            return
        picture = self._show.picture(self._number)
        if picture is None:
            self._paint_waiting(painter)
            return
        place = self._place(picture.size())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(place, self._fitted(picture, place.size()))
        if self._framed:
            painter.setPen(QPen(QColor(colours.border), 1))
            painter.drawRect(place.adjusted(0, 0, -1, -1))

    def _paint_waiting(self, painter: QPainter) -> None:
        place = self._place(QSize(16, 9))
        colours = theme.current()
        painter.setPen(QPen(QColor(colours.border), 1))
        painter.drawRect(place.adjusted(0, 0, -1, -1))
        if self._show.is_broken(self._number):
            painter.setPen(QColor(colours.text_soft))
            text = f"Slide {self._number} can't be drawn"
            painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), text)

    def _place(self, shape: QSize) -> QRect:
        size = shape.scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        return QRect(
            0 if self._in_corner else (self.width() - size.width()) // 2,
            0 if self._in_corner else (self.height() - size.height()) // 2,
            size.width(),
            size.height(),
        )

    def _fitted(self, picture: QPixmap, size: QSize) -> QPixmap:
        """``picture`` in the size it is shown in: scaled once and well, not at each painting."""
        ratio = self.devicePixelRatioF()
        width = round(size.width() * ratio)
        key = picture.cacheKey()
        if self._scaled is None or self._scaled[:2] != (key, width):
            fitted = picture.scaledToWidth(width, Qt.TransformationMode.SmoothTransformation)
            self._scaled = (key, width, fitted)
        return self._scaled[2]


class Slides(QWidget):
    """The current slide with its number, and below it the next one and the notes."""

    def __init__(self, show: SlideShow) -> None:
        super().__init__()
        self._show = show
        self._current = SlideView(show, "Slide")
        self._next = SlideView(show, "Next slide", in_corner=True)
        self._count = label(role="soft", font=theme.scaled(0.95))
        self._next_caption = label("Next", role="soft", font=theme.scaled(0.95))
        self._notes = QTextBrowser()
        self._notes.setAccessibleName("Notes")
        self._notes.setFrameShape(QTextBrowser.Shape.NoFrame)
        self._notes.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._notes.setFont(theme.scaled(1.2))
        self._notes.document().setDocumentMargin(0)
        self._note = ""
        heading = QHBoxLayout()
        heading.addWidget(self._next_caption)
        heading.addStretch(1)
        heading.addWidget(self._count)
        self._below = QHBoxLayout()
        self._below.setSpacing(theme.GAP_L)
        self._below.addWidget(self._next, 2)
        self._below.addWidget(self._notes, 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP_S)
        column.addWidget(self._current, 5)
        column.addLayout(heading)
        column.addLayout(self._below, 2)

    def show_slide(self, number: int, *, blank: bool) -> None:
        """Show slide ``number`` of the show, black if ``blank``."""
        note = self._show.note(number)
        self._current.show_slide(number, blank=blank)
        last = number >= self._show.count
        self._next.show_slide(0 if last else number + 1)
        self._next_caption.setText("The last slide" if last else "Next")
        self._count.setText(f"slide {number} of {self._show.count}")
        if note != self._note:
            self._note = note
            self._notes.setPlainText(note)
        self._notes.setVisible(bool(note))


class Audience(QWidget):
    """Slides full screen for those who listen. Its keys are the page's.

    Closing it by the window's own means ends it for this take.
    """

    def __init__(self, show: SlideShow, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle("Runthrough: slides")
        self.setAccessibleName("Slides for the audience")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._view = SlideView(show, "Slide", framed=False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._view)

    def open_on(self, screen: QScreen) -> None:
        """Cover ``screen``; the window that is worked in keeps the focus."""
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setScreen(screen)
        self.setGeometry(screen.geometry())
        self.showFullScreen()

    def show_slide(self, number: int, *, blank: bool) -> None:
        """Show slide ``number``, or black."""
        self._view.show_slide(number, blank=blank)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Black around the slide."""
        del event
        QPainter(self).fillRect(self.rect(), QColor(_BLACK))
