"""The frame: sidebar, one page at a time, and a line for trouble."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from runthrough.drill import Drill
from runthrough.errors import Cancelled, RunthroughError
from runthrough.rehearsal import recover_interrupted
from runthrough.ui import background, theme
from runthrough.ui.practice import PracticePage
from runthrough.ui.progress import ProgressPage
from runthrough.ui.rehearse import RehearsePage
from runthrough.ui.review import ReviewPage
from runthrough.ui.talks import TalksPage

if TYPE_CHECKING:
    from runthrough.talk import Take, Talk
    from runthrough.ui.session import Session

_SIDEBAR_WIDTH = 76


class MainWindow(QMainWindow):
    """Talks, Rehearse, Review, Practice and Progress behind a sidebar."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.setWindowTitle("Runthrough")
        self.resize(1280, 800)
        self.setMinimumSize(900, 600)

        self.talks = TalksPage(session)
        self.rehearse = RehearsePage(session)
        self.review = ReviewPage(session)
        self.practice = PracticePage(session)
        self.progress = ProgressPage(session)
        self._pages: dict[str, QWidget] = {
            "talks": self.talks,
            "rehearse": self.rehearse,
            "review": self.review,
            "practice": self.practice,
            "progress": self.progress,
        }
        self._stack = QStackedWidget()
        self._sidebar = _Sidebar(self)
        for name, page in self._pages.items():
            self._stack.addWidget(page)
            button = self._sidebar.add(name, name.capitalize())
            button.clicked.connect(lambda _=False, name=name: self.go(name))
        self._trouble = _TroubleLine()

        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self._trouble)
        right.addWidget(self._stack, 1)
        body = QWidget()
        body.setObjectName("page")
        layout = QHBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._sidebar)
        layout.addLayout(right, 1)
        self.setCentralWidget(body)

        self.talks.rehearse_wanted.connect(self.open_rehearsal)
        self.talks.review_wanted.connect(self.open_review)
        self.rehearse.finished.connect(self._review_finished)
        self.rehearse.left.connect(lambda: self.go("talks"))
        self.review.rehearse_wanted.connect(self.open_rehearsal)
        self.review.drills = True
        self.review.drill_wanted.connect(self.open_drill)
        self.progress.review_wanted.connect(self.open_review)
        self.progress.drill_wanted.connect(self.open_question)
        for page in (self.talks, self.rehearse, self.review, self.practice, self.progress):
            page.trouble.connect(self.show_trouble)
        self._shortcuts()
        self.go("talks")

    def start(self) -> None:
        """What may take a moment, once the window is on the screen."""
        background.run(
            self,
            lambda _task: recover_interrupted(self.session.library),
            done=self._offer_recovered,
            failed=self.show_error,
        )

    def go(self, name: str) -> None:
        """Show the page called ``name``."""
        if self.rehearse.busy and name != "rehearse":
            self.show_trouble("The take is still being recorded. Finish or discard it first.")
            self._sidebar.check("rehearse")
            return
        if self.practice.busy and name != "practice":
            self.show_trouble("The answer is still being recorded. Press Done first.")
            self._sidebar.check("practice")
            return
        self._sidebar.check(name)
        page = self._pages[name]
        self._stack.setCurrentWidget(page)
        page.setFocus()
        if name == "talks":
            self.talks.refresh()
        if name == "review" and self.review.empty:
            self.review.open_last()
        if name == "rehearse":
            self.rehearse.arrive()
        else:
            self.rehearse.leave()
        if name == "practice":
            self.practice.arrive()
        else:
            self.practice.leave()
        if name == "progress":
            self.progress.arrive()
        else:
            self.progress.leave()

    def open_rehearsal(self, talk: Talk) -> None:
        """Rehearse ``talk``."""
        self.rehearse.choose(talk)
        self.go("rehearse")

    def open_review(self, take: Take) -> None:
        """Review ``take``, transcribing it first if need be."""
        self.review.open(take.id)
        self.go("review")

    def open_drill(self, take: Take, drill: str) -> None:
        """Practise ``drill``, which the review of ``take`` asks for."""
        self.practice.start(Drill(drill), take)
        self.go("practice")

    def open_question(self, question_id: str, drill: Drill, take: Take | None) -> None:
        """Practise one question, or all of ``drill`` where none is named."""
        self.practice.start_with(question_id, drill, take)
        self.go("practice")

    def _review_finished(self, take: Take) -> None:
        """Review the take just recorded, with what was transcribed while it was spoken."""
        self.review.open(take.id, self.rehearse.finished_rehearsal)
        self.go("review")

    def show_trouble(self, text: str) -> None:
        """Say ``text`` above the page until it is dismissed."""
        self._trouble.say(text)

    def show_error(self, error: Exception) -> None:
        """Say what ``error`` says; a defect goes to the crash hook."""
        if isinstance(error, Cancelled):
            return
        if not isinstance(error, RunthroughError):
            raise error
        self.show_trouble(str(error))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep what is being recorded; closing asks nothing."""
        self.rehearse.keep_and_close()
        self.practice.keep_and_close()
        self.progress.leave()
        event.accept()

    def _offer_recovered(self, takes: list[Take]) -> None:
        if takes:
            self.talks.offer_recovered(takes)

    def _shortcuts(self) -> None:
        for number, name in enumerate(self._pages, 1):
            action = QAction(self)
            action.setShortcut(QKeySequence(f"Ctrl+{number}"))
            action.triggered.connect(lambda _=False, name=name: self.go(name))
            self.addAction(action)
        leave = QAction(self)
        leave.setShortcut(QKeySequence.StandardKey.Quit)
        leave.triggered.connect(self.close)
        self.addAction(leave)


class _Sidebar(QWidget):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("sidebar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(_SIDEBAR_WIDTH)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QToolButton] = {}
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(5, 12, 5, 12)
        self._layout.setSpacing(6)
        self._layout.addStretch(1)

    def add(self, name: str, title: str) -> QToolButton:
        button = QToolButton()
        button.setText(title)
        button.setAccessibleName(title)
        button.setIcon(theme.icon(name, theme.current().sidebar_text, 22))
        button.setIconSize(QSize(22, 22))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setCheckable(True)
        button.setFont(theme.scaled(0.86))
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.setFixedHeight(58)
        self._group.addButton(button)
        self._buttons[name] = button
        self._layout.insertWidget(len(self._buttons) - 1, button)
        return button

    def check(self, name: str) -> None:
        self._buttons[name].setChecked(True)


class _TroubleLine(QFrame):
    """One sentence with its next step, in place; never a box over the talk."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "trouble")
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._text.setAccessibleName("Trouble")
        dismiss = QPushButton("Dismiss")
        dismiss.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.addWidget(self._text, 1)
        layout.addWidget(dismiss)
        self.hide()

    def say(self, text: str) -> None:
        self._text.setText(text)
        self.show()
