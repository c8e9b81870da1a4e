"""The frame: sidebar, one page at a time, and a line for trouble."""

from __future__ import annotations

import sys
from functools import cached_property
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from runthrough.errors import Cancelled
from runthrough.ui import background, motion, theme
from runthrough.ui.talks import TalksPage
from runthrough.ui.widgets.basics import restyle

if TYPE_CHECKING:
    from runthrough.drill import Drill
    from runthrough.library import Library
    from runthrough.talk import Take, Talk
    from runthrough.ui.first_run import FirstRun
    from runthrough.ui.practice import PracticePage
    from runthrough.ui.progress import ProgressPage
    from runthrough.ui.rehearse import RehearsePage
    from runthrough.ui.review import ReviewPage
    from runthrough.ui.session import Session
    from runthrough.ui.settings import SettingsPage

_PAGES = ("talks", "rehearse", "review", "practice", "progress", "settings")
# Those that want to know whether they are shown: they hold the microphone or look things up.
_TOLD_WHEN_SHOWN = ("rehearse", "practice", "progress", "settings")
# What keeps a page from being left; the rehearsal has a sentence for each of its states.
_BUSY = {
    "rehearse": "",
    "practice": "The answer is not judged yet. Press Done, and wait for its verdict or cancel it.",
    "settings": "The library is being moved. Wait for it, or cancel it first.",
}
# Between one page that is made ahead and the next.
_BETWEEN_PAGES_MS = 250
# What they are made of, in an order in which none takes a frame to import, and what these need.
_MODULES_OF_PAGES = (
    *("widgets.prompt", "widgets.section_bar", "widgets.rehearsal_parts", "widgets.setup"),
    *("widgets.plan_editor", "choosing", "slide_show", "live", "rehearse"),
    *("widgets.review_tabs", "widgets.transcript"),
    *("widgets.waveform", "exporting", "review", "widgets.practice_parts", "practice"),
    *("widgets.plots", "progress", "settings"),
)
_NEEDED_BY_PAGES = (
    *("rehearsal", "slides", "captions", "nudges", "interruptions", "plan", "drill", "progress"),
    *("handout", "moving", "audio.player", "audio.peaks", "audio.voice"),
    *("analysis.corrections", "analysis.compare", "transcription.models"),
)
# Where a package imports its modules, and two threads import one of them each, both would wait for
# each other; Python then gives one of them half a module, and the page could not be made.
_IMPORTING = Lock()
_BETWEEN_MODULES_MS = 20
_SIDEBAR_WIDTH = 76
# How often a look that is held back is tried again, and whether a page can be left is asked.
_LOOK_AGAIN_MS = 500


class MainWindow(QMainWindow):
    """Talks, Rehearse, Review, Practice, Progress and Settings behind a sidebar.

    A page and all that it needs is made when it is first wanted, so that the window opens fast.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._closing = False
        self._held_back = ""  # what is said of a look that has to wait
        self._look_later = QTimer(self)
        self._look_later.setInterval(_LOOK_AGAIN_MS)
        self._look_later.timeout.connect(self._look_when_free)
        self._refusal = ""  # what is said of a page that can't be left yet
        self._refused = QTimer(self)
        self._refused.setInterval(_LOOK_AGAIN_MS)
        self._refused.timeout.connect(self._drop_refusal)
        self.setWindowTitle("Runthrough")
        self.resize(1280, 800)
        self.setMinimumSize(900, 600)
        self._build()
        self._shortcuts()
        self.go("talks")
        session.unkept.connect(self.show_trouble)
        QApplication.styleHints().colorSchemeChanged.connect(self._scheme_changed)

    def _build(self) -> None:
        """Make the frame, in the theme in force, and let go of the pages made before."""
        for name in _PAGES:
            self.__dict__.pop(name, None)
        self._areas: dict[str, QScrollArea] = {}
        self._first_run: FirstRun | None = None
        self._stack = QStackedWidget()
        self._sidebar = _Sidebar(self)
        for name in _PAGES:
            button = self._sidebar.add(name, name.capitalize())
            button.clicked.connect(lambda _=False, name=name: self.go(name))
        self._trouble = _TroubleLine()

        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self._trouble)
        right.addWidget(self._stack, 1)
        body = self._body = QWidget()
        body.setObjectName("page")
        layout = QHBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._sidebar)
        layout.addLayout(right, 1)
        self.setCentralWidget(body)

    # --- the pages -----------------------------------------------------------------------------

    @cached_property
    def talks(self) -> TalksPage:
        """The list of talks."""
        page = TalksPage(self.session)
        page.rehearse_wanted.connect(self.open_rehearsal)
        page.review_wanted.connect(self.open_review)
        page.moment_wanted.connect(self.open_moment)
        page.trouble.connect(self.show_trouble)
        page.news.connect(self.show_news)
        self._add("talks", page)
        return page

    @cached_property
    def rehearse(self) -> RehearsePage:
        """The talk itself."""
        with _IMPORTING:
            from runthrough.ui.rehearse import RehearsePage

        page = RehearsePage(self.session)
        page.finished.connect(self._review_finished)
        page.left.connect(lambda: self.go("talks"))
        page.trouble.connect(self.show_trouble)
        self._add("rehearse", page)
        return page

    @cached_property
    def review(self) -> ReviewPage:
        """What a take was like."""
        with _IMPORTING:
            from runthrough.ui.review import ReviewPage

        page = ReviewPage(self.session)
        page.rehearse_wanted.connect(self.open_rehearsal)
        page.drill_wanted.connect(self.open_drill)
        page.sample_wanted.connect(self._open_sample)
        page.trouble.connect(self.show_trouble)
        self._add("review", page)
        return page

    @cached_property
    def practice(self) -> PracticePage:
        """Questions and answers."""
        with _IMPORTING:
            from runthrough.ui.practice import PracticePage

        page = PracticePage(self.session)
        page.trouble.connect(self.show_trouble)
        self._add("practice", page)
        return page

    @cached_property
    def progress(self) -> ProgressPage:
        """How takes and answers go from one to the next."""
        with _IMPORTING:
            from runthrough.ui.progress import ProgressPage

        page = ProgressPage(self.session)
        page.review_wanted.connect(self.open_review)
        page.drill_wanted.connect(self.open_question)
        page.trouble.connect(self.show_trouble)
        self._add("progress", page)
        return page

    @cached_property
    def settings(self) -> SettingsPage:
        """What can be chosen."""
        with _IMPORTING:
            from runthrough.ui.settings import SettingsPage

        page = SettingsPage(self.session)
        # Once the list that was chosen from is done with it.
        again = Qt.ConnectionType.QueuedConnection
        page.look_changed.connect(self._look_chosen, again)
        page.folder.cut_off = self._under_way
        page.folder.moved.connect(self.look_again, again)
        page.trouble.connect(self.show_trouble)
        self._add("settings", page)
        return page

    def _add(self, name: str, page: QWidget) -> None:
        self._areas[name] = _fitting(page)
        self._stack.addWidget(self._areas[name])

    def _busy_pages(self) -> list[str]:
        return [name for name in _BUSY if name in self._areas and getattr(self, name).busy]

    def _stays(self) -> dict[str, str]:
        """The pages that can't be left now, and why, in a sentence."""
        why = {busy: _BUSY[busy] or self.rehearse.stay for busy in self._busy_pages()}
        return {busy: said for busy, said in why.items() if said}

    def _drop_refusal(self) -> None:
        """Take back why a page can't be left once it is no longer true."""
        if self._refusal in self._stays().values() and self.isVisible():
            return
        self._refused.stop()
        if self._refusal and self._trouble.told[0] == self._refusal:
            self._trouble.dismiss()
        self._refusal = ""

    def _make_rest(self) -> None:
        """Make one page that nobody has looked at yet, while nothing else is to be done.

        First its modules, one at a time: what is Qt's must be made known in this thread. Qt for
        Python has crashed where another thread did while this one painted.
        """
        if not self.isVisible():
            return
        module = next((m for m in _MODULES_OF_PAGES if f"runthrough.ui.{m}" not in sys.modules), "")
        if module:
            import_module(f"runthrough.ui.{module}")
            QTimer.singleShot(_BETWEEN_MODULES_MS, self, self._make_rest)
            return
        missing = next((name for name in _PAGES if name not in self._areas), None)
        if missing is not None:
            getattr(self, missing)
            QTimer.singleShot(_BETWEEN_PAGES_MS, self, self._make_rest)

    def start(self) -> None:
        """What may take a moment, once the window is on the screen."""
        if not self.session.settings.welcomed:
            self._welcome()
        background.run(
            self,
            lambda _task: self.session.library.damaged(),
            done=self._tell_damage,
            failed=self.show_error,
        )
        background.run(
            self,
            lambda _task: _recovered(self.session.library),
            done=self._offer_recovered,
            failed=self.show_error,
        )
        background.run(
            self,
            lambda _task: _load_pages(),
            done=lambda _: self._make_rest(),
            failed=self.show_error,
        )
        background.run(
            self,
            lambda _task: motion.system_reduces(),
            done=lambda _: apply_motion(self.session),
            failed=self.show_error,
        )

    def go(self, name: str) -> None:
        """Show the page called ``name``."""
        for busy, why in self._stays().items():
            if busy != name:
                self.show_trouble(why)
                self._refusal = why
                self._refused.start()
                self._sidebar.check(busy)
                return
        self._drop_refusal()
        self._end_first_run()
        self._sidebar.check(name)
        page = getattr(self, name)
        self._stack.setCurrentWidget(self._areas[name])
        page.setFocus()
        if name == "talks":
            self.talks.refresh()
        if name == "review" and self.review.empty:
            self.review.open_last()
        for other in self._areas:
            if other in _TOLD_WHEN_SHOWN and other != name:
                getattr(self, other).leave()
        if name in _TOLD_WHEN_SHOWN:
            page.arrive()

    # --- how it looks ------------------------------------------------------------------------

    def look_again(self) -> None:
        """Make all pages anew, as the settings want them to look now, and stand where one stood."""
        if not self.isVisible():  # closed since it was asked for
            return
        name = next(n for n, area in self._areas.items() if area is self._stack.currentWidget())
        focus = QApplication.focusWidget()
        named = focus.accessibleName() if focus is not None else ""
        before = {made: getattr(self, made) for made in self._areas}
        scrolled = self.settings.area.verticalScrollBar().value()
        trouble = self._trouble.told
        self._keep_pages()
        self.setUpdatesEnabled(False)  # nothing half-made is seen
        apply_look(self.session)
        self._build()
        self._body.show()
        if trouble[0]:
            self.show_trouble(*trouble)
        if "review" in before and before["review"].take_id:
            self.review.open(before["review"].take_id)
        for made in ("rehearse", "practice"):
            if made in before:
                getattr(self, made).stand_like(before[made])
        self.go(name)
        self.setUpdatesEnabled(True)
        for widget in self._areas[name].findChildren(QWidget):
            if named and widget.accessibleName() == named and widget.isVisibleTo(self):
                widget.setFocus()
                break
        bar = self.settings.area.verticalScrollBar()
        QTimer.singleShot(0, bar, lambda: bar.setValue(scrolled))

    def _look_when_free(self) -> None:
        """Look again as soon as nothing is cut off by it."""
        if self._under_way() and self.isVisible():
            self._look_later.start()
            return
        self._look_later.stop()
        if self._held_back and self._trouble.told[0] == self._held_back:
            self._trouble.dismiss()
        self.look_again()

    def _under_way(self) -> str:
        """What making the pages anew would cut off, if there is anything."""
        if self._busy_pages() or self._first_run is not None:
            return "what is under way"
        if QApplication.activeModalWidget() is not None:
            return "what is asked"
        if self.talks.importing:
            return "the import"
        return self.review.under_way if "review" in self._areas else ""

    def _look_chosen(self) -> None:
        """Another look was chosen in the settings."""
        self._look_when_free()
        if self._look_later.isActive():
            self._held_back = f"The new look comes when {self._under_way()} is done."
            self.show_news(self._held_back)

    def _scheme_changed(self) -> None:
        """The system has become light or dark."""
        if theme.wanted(self.session.settings.theme) is not theme.current():
            self._look_when_free()

    # --- the first time ----------------------------------------------------------------------

    def _welcome(self) -> None:
        """Three steps that can be skipped, and that never come again."""
        from runthrough.ui.first_run import FirstRun

        self.session.change_settings(welcomed=True)
        self._first_run = FirstRun(self.session)
        self._first_run.ended.connect(lambda: self.go("talks"))
        self._first_run.sample_wanted.connect(self._open_sample)
        self._welcome_area = _fitting(self._first_run)
        self._stack.addWidget(self._welcome_area)
        self._stack.setCurrentWidget(self._welcome_area)
        self._first_run.arrive()

    def _open_sample(self) -> None:
        self.go("talks")
        self.talks.open_sample()

    def _end_first_run(self) -> None:
        if self._first_run is not None:
            self._first_run.keep_and_close()
            self._stack.removeWidget(self._welcome_area)
            self._welcome_area.deleteLater()
            self._first_run = None

    # --- going elsewhere ---------------------------------------------------------------------

    def open_rehearsal(self, talk: Talk) -> None:
        """Rehearse ``talk``."""
        self.rehearse.choose(talk)
        self.go("rehearse")

    def open_review(self, take: Take) -> None:
        """Review ``take``, transcribing it first if need be."""
        self.review.open(take.id)
        self.go("review")

    def open_moment(self, take: Take, at_s: float) -> None:
        """Review ``take`` from ``at_s`` seconds on."""
        self.open_review(take)
        if self.review.take_id == take.id:
            self.review.seek(at_s)

    def open_drill(self, take: Take, drill: str) -> None:
        """Practise ``drill``, or the question of that id, which the review of ``take`` names."""
        with _IMPORTING:
            from runthrough.drill import Drill

        if drill in set(Drill):
            self.practice.start(Drill(drill), take)
        else:
            self.practice.start_with(drill, Drill.MIXED, take)
        self.go("practice")

    def open_question(self, question_id: str, drill: Drill, take: Take | None) -> None:
        """Practise one question, or all of ``drill`` where none is named."""
        self.practice.start_with(question_id, drill, take)
        self.go("practice")

    def _review_finished(self, take: Take) -> None:
        """Review the take just recorded, with what was transcribed while it was spoken."""
        self.review.open(take.id, self.rehearse.finished_rehearsal)
        self.go("review")

    def show_trouble(self, text: str, details: str = "") -> None:
        """Say ``text`` above the page until it is dismissed; ``details`` can be copied."""
        self._trouble.say(text, details)

    def show_news(self, text: str) -> None:
        """Say ``text``, which is no trouble, above the page until it is dismissed."""
        self._trouble.say(text, role="card")

    def show_error(self, error: Exception) -> None:
        """Say what ``error`` says; a defect goes to the crash hook."""
        if not isinstance(error, Cancelled):
            background.tell_trouble(error, self.show_trouble)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep what is being recorded; in a take or an answer, ask first."""
        if not self._closing and not self._may_close():
            event.ignore()
            return
        self._keep_pages()
        event.accept()

    def keep_and_close(self) -> None:
        """Close without asking; what is being recorded is kept."""
        self._closing = True
        self.close()

    def _may_close(self) -> bool:
        if "rehearse" in self._areas and self.rehearse.in_take:
            return self._ask_to_close(
                "A take is being recorded. End it, keep it and close Runthrough?", "Go on recording"
            )
        unjudged = self.practice.unjudged if "practice" in self._areas else None
        return unjudged is None or self._ask_to_close(
            "An answer is being recorded or judged. Close Runthrough without its verdict? "
            f"What you said is kept in {unjudged}. Practice offers to judge it next time.",
            "Go on with the answer",
        )

    def _ask_to_close(self, text: str, go_on: str) -> bool:
        """Whether to end what is under way, which goes on while this is asked."""
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Runthrough")
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(text)
        keep = box.addButton("Keep and close", QMessageBox.ButtonRole.AcceptRole)
        stay = box.addButton(go_on, QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        box.setEscapeButton(stay)
        box.exec()
        return box.clickedButton() is keep

    def _keep_pages(self) -> None:
        """End what the pages do; nothing that was recorded is lost."""
        self._end_first_run()
        for name in self._areas:
            if name == "progress":
                self.progress.leave()
            elif name != "talks":
                getattr(self, name).keep_and_close()

    def _tell_damage(self, damaged: list[str]) -> None:
        if damaged:
            more = f" ({len(damaged) - 1} more like it)" if len(damaged) > 1 else ""
            self.show_trouble(f"{damaged[0]}{more} `runthrough doctor --repair` mends it.")

    def _offer_recovered(self, takes: list[Take]) -> None:
        if takes:
            self.talks.offer_recovered(takes)

    def _shortcuts(self) -> None:
        for number, name in enumerate(_PAGES, 1):
            action = QAction(self)
            action.setShortcut(QKeySequence(f"Ctrl+{number}"))
            action.triggered.connect(lambda _=False, name=name: self.go(name))
            self.addAction(action)
        leave = QAction(self)
        leave.setShortcut(QKeySequence.StandardKey.Quit)
        leave.triggered.connect(self.close)
        self.addAction(leave)


def _load_pages() -> None:
    """Import what the pages need and is not Qt's, so that making them takes less."""
    with _IMPORTING:
        for name in _NEEDED_BY_PAGES:
            import_module(f"runthrough.{name}")


def _recovered(library: Library) -> list[Take]:
    """The takes that a crash cut off. What it needs is imported beside the window's thread."""
    with _IMPORTING:
        from runthrough.rehearsal import recover_interrupted

    return recover_interrupted(library)


def apply_look(session: Session) -> None:
    """Put the theme, the text size and the motion of the settings in force."""
    theme.apply(_app(), session.settings.theme, text_percent=session.settings.text_percent)
    apply_motion(session)


def apply_motion(session: Session) -> None:
    """Put the motion of the settings and the system, asked the first time, in force."""
    reduced = session.settings.motion == "reduced" or motion.system_reduces()
    theme.move(_app(), reduced=reduced)


def _app() -> QApplication:
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        raise TypeError("there is no application to look like anything")
    return app


def _fitting(page: QWidget) -> QScrollArea:
    """``page`` in the window's size; where it does not fit, as with large text, it scrolls."""
    area = QScrollArea()
    area.setObjectName("fitting")
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(page)
    return area


class _Sidebar(QWidget):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("sidebar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(theme.px(_SIDEBAR_WIDTH))
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
        button.setIconSize(QSize(theme.px(22), theme.px(22)))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setCheckable(True)
        button.setFont(theme.scaled(0.86))
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.setFixedHeight(theme.px(58))
        self._group.addButton(button)
        self._buttons[name] = button
        # What is about the program stands apart from what is about talks.
        at = self._layout.count() if name == "settings" else len(self._buttons) - 1
        self._layout.insertWidget(at, button)
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
        self.told = ("", "")  # what is shown, and its details
        self._copy = QPushButton("Copy details")
        self._copy.clicked.connect(lambda: QApplication.clipboard().setText("\n\n".join(self.told)))
        dismiss = QPushButton("Dismiss")
        dismiss.clicked.connect(self.dismiss)
        layout = QHBoxLayout(self)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._copy)
        layout.addWidget(dismiss)
        self.hide()

    def say(self, text: str, details: str = "", *, role: str = "trouble") -> None:
        restyle(self, role)
        self._text.style().polish(self._text)  # its colour is the frame's affair
        self.told = (text, details)
        self._text.setText(text)
        kind = "Trouble" if role == "trouble" else "News"
        self._text.setAccessibleName(f"{kind}: {text}")
        self._copy.setVisible(bool(details))
        self.show()

    def dismiss(self) -> None:
        self.told = ("", "")
        self.hide()
