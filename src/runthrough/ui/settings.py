"""What can be chosen, and what leaves this computer. Every choice holds at once."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from runthrough.errors import Cancelled
from runthrough.library import Library
from runthrough.moving import Moved, copy_library, remove_old
from runthrough.settings import LANGUAGES, TEXT_SIZES
from runthrough.ui import background, theme
from runthrough.ui.model_choice import ModelChoice
from runthrough.ui.sound_check import SoundCheck
from runthrough.ui.widgets.basics import (
    Card,
    TimeLeft,
    TopBar,
    button,
    caption,
    form,
    heading,
    label,
    progress_bar,
    restyle,
    scrolling,
)
from runthrough.ui.widgets.rehearsal_parts import Notice
from runthrough.ui.widgets.setup import Choice

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtWidgets import QFormLayout

    from runthrough.ui.session import Session

# Longer lines are hard to read.
_WIDEST = 860
_THEMES = {"system": "As the system", "light": "Light", "dark": "Dark"}
_MOTIONS = {"system": "As the system", "reduced": "Reduced"}
_SWITCHES = {
    "count_in": ("Count in", "Three seconds between Start and the recording."),
    "captions": ("Captions", "What is heard shows below the slide while you talk."),
    "nudges": ("Nudges", "One quiet sentence when the time for what is missing runs out."),
    "read_aloud": ("Read questions aloud", "In practice, where the system has a voice."),
}
_LEAVES = (
    "Nothing leaves this computer. Sound, transcripts, reviews and answers are made and kept here; "
    "there is no account, no statistics, and no look for updates.\n\n"
    "The one exception is a speech model, and only when you press Download: it comes from "
    "huggingface.co, which learns that this computer fetched that file, and nothing about your "
    "talks."
)


class SettingsPage(QWidget):
    """One page with all settings. ``look_changed``: theme, text size or motion is another one."""

    look_changed = Signal()
    trouble = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setAccessibleName("Settings")
        self._session = session
        self._shown = False
        self._sound = SoundCheck(session)
        self.models = ModelChoice(session)
        self.folder = LibraryFolder(session)
        self.folder.trouble.connect(self.trouble)
        content = QWidget()
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP_L)
        column.addWidget(_section("Microphone and loudspeaker", self._sound))
        column.addWidget(_section("Speech model", self.models))
        column.addWidget(self._language())
        column.addWidget(self._look())
        column.addWidget(self._behaviour())
        column.addWidget(_section("Library", self.folder))
        column.addWidget(_section("What leaves this computer", label(_LEAVES, wrap=True)))
        column.addStretch(1)
        inner = QWidget()
        inner.setLayout(column)
        inner.setMaximumWidth(theme.px(_WIDEST))
        inner.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(content)
        row.setContentsMargins(theme.GAP_L + 4, theme.GAP_L, theme.GAP_L + 4, theme.GAP_L)
        row.addWidget(inner)
        self.area = scrolling(content, "Settings")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(TopBar("Settings"))
        layout.addWidget(self.area, 1)

    # --- what the window asks ------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether the library is being moved, which nothing may write to meanwhile."""
        return self.folder.moving

    def arrive(self) -> None:
        """Be shown: the microphone's level moves."""
        self._shown = True
        self._show_choices()
        self.models.arrive()
        if QApplication.activeWindow() is not None:
            self._sound.arrive()

    def leave(self) -> None:
        """Another page is shown."""
        self._shown = False
        self._sound.leave()

    def keep_and_close(self) -> None:
        """End everything now; a move of the library that is under way is given up."""
        self.folder.stop()
        self._sound.close_down()

    def changeEvent(self, event: QEvent) -> None:
        """Listen only while the window is in use: a live microphone belongs to what is seen."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.ActivationChange and self._shown:
            self._sound.arrive() if self.isActiveWindow() else self._sound.leave()

    # --- parts -----------------------------------------------------------------------------------

    def _choice(self, name: str, entries: Mapping[Any, str], setting: str) -> QComboBox:
        combo = Choice(name)
        for value, text in entries.items():
            combo.addItem(text, value)
        combo.setCurrentIndex(combo.findData(getattr(self._session.settings, setting)))
        combo.activated.connect(lambda: self._choose(setting, combo.currentData()))
        return combo

    def _choose(self, setting: str, value: object) -> None:
        if value == getattr(self._session.settings, setting):
            return
        self._session.change_settings(**{setting: value})
        if setting in ("theme", "text_percent", "motion"):
            self.look_changed.emit()
        self._show_choices()

    def _show_choices(self) -> None:
        """Other pages have some of the switches, too."""
        settings = self._session.settings
        for name, box in self._boxes.items():
            box.setChecked(getattr(settings, name))
        self._language_note.setVisible(not settings.judged)
        self._language_soft.setVisible(settings.judged)

    def _language(self) -> Card:
        language = self._choice("Language of the talk", LANGUAGES, "language")
        self._language_note = Notice()
        self._language_note.text.setText(
            "Only talks in English are judged. Another one is transcribed and timed, with a "
            "multilingual speech model; what its review says of sections, limits and rigor means "
            "nothing."
        )
        rows = form()
        rows.addRow(caption("Language of the talk", language), language)
        rows.addRow(self._language_note)
        self._language_soft = label(
            "English is judged. Other languages need a multilingual speech model, and are "
            "transcribed and timed but not judged.",
            role="soft",
            wrap=True,
        )
        rows.addRow(self._language_soft)
        return _section("Language", rows)

    def _look(self) -> Card:
        rows = form()
        sizes = {percent: f"{percent} %" for percent in TEXT_SIZES}
        looks: tuple[tuple[str, Mapping[Any, str], str], ...] = (
            ("Theme", _THEMES, "theme"),
            ("Text size", sizes, "text_percent"),
            ("Motion", _MOTIONS, "motion"),
        )
        for name, entries, setting in looks:
            combo = self._choice(name, entries, setting)
            rows.addRow(caption(name, combo), combo)
        return _section("Look", rows)

    def _behaviour(self) -> Card:
        self._boxes: dict[str, QCheckBox] = {}
        column = QVBoxLayout()
        column.setSpacing(theme.GAP_S)
        for setting, (text, about) in _SWITCHES.items():
            box = QCheckBox(text)
            box.setAccessibleName(text)
            box.setAccessibleDescription(about)
            box.clicked.connect(lambda on, name=setting: self._choose(name, on))
            self._boxes[setting] = box
            column.addWidget(box)
            told = label(about, role="soft", wrap=True)
            told.setContentsMargins(theme.GAP_L + 4, 0, 0, theme.GAP_S)
            column.addWidget(told)
        return _section("Rehearsing and practising", column)


class LibraryFolder(QWidget):
    """Where the library is, and the way to move it. ``moved`` says that another one is used.

    ``cut_off`` says what a move would cut off, if there is anything.
    """

    moved = Signal()
    trouble = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.cut_off: Callable[[], str] = str
        self._session = session
        self._task: background.Task | None = None
        self._path = label(wrap=True)
        self._path.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._show = button("Open folder", name="Open the library folder")
        self._show.clicked.connect(self._open_folder)
        self._move = button("Move it…", name="Move the library to another folder")
        self._move.clicked.connect(self._choose)
        self._cancel = button("Cancel", name="Cancel moving the library")
        self._cancel.clicked.connect(self.stop)
        self._bar = progress_bar("Moving the library")
        self._notice = Notice()
        actions = QHBoxLayout()
        actions.setSpacing(theme.GAP_M)
        for one in (self._show, self._move, self._cancel):
            actions.addWidget(one)
        actions.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP_M)
        column.addWidget(
            label(
                "Talks, takes, answers, and your own formats and questions are plain files in one "
                "folder. Moving copies and verifies it before the old one is removed.",
                role="soft",
                wrap=True,
            )
        )
        column.addWidget(self._path)
        column.addWidget(self._bar)
        column.addWidget(self._notice)
        column.addLayout(actions)
        self._look()

    @property
    def moving(self) -> bool:
        """Whether a move is under way."""
        return self._task is not None

    def move_to(self, target: Path) -> None:
        """Move the library to ``target``, an empty or a new folder."""
        if self._task is not None:
            return
        under_way = self.cut_off()
        if under_way:
            self._say(f"The library can be moved when {under_way} is done.", "trouble")
            return
        source = self._session.library.root
        self._left = TimeLeft()
        self._say("")

        def work(task: background.Task) -> tuple[Moved, Library]:
            def told(done: int, total: int) -> None:
                task.progress(f"Moving {done / 1e6:.0f} of {total / 1e6:.0f} MB", done / total)

            self._session.await_recognition()
            moved = copy_library(source, target, told, task.cancelled)
            return moved, Library(moved.target)

        self._task = background.run(
            self, work, done=self._copied, failed=self._failed, progress=self._advance
        )
        self._look()
        self._cancel.setFocus()

    def stop(self) -> None:
        """Give up a move; the library stays where it is."""
        if self._task is not None:
            self._task.cancel()

    def _copied(self, outcome: tuple[Moved, Library]) -> None:
        moved, library = outcome
        self._session.use_library(library)
        self._path.setText(str(library.root))
        self._say("Removing the old folder…")

        def removed(left: str) -> None:
            self._end("")
            if left:
                self.trouble.emit(left)
            self.moved.emit()

        def failed(error: Exception) -> None:
            removed(f"The library is now in {moved.target}. {background.sentence(error)}")
            background.raise_defect(error)

        background.run(self, lambda _task: remove_old(moved), done=removed, failed=failed)

    def _failed(self, error: Exception) -> None:
        if isinstance(error, Cancelled):
            self._end("The move was stopped. The library stays where it is.")
            return
        self._end(background.sentence(error), "trouble")
        background.raise_defect(error)

    def _end(self, text: str, role: str = "notice") -> None:
        self._task = None
        self._look()
        self._say(text, role)
        self._move.setFocus()

    def _say(self, text: str, role: str = "notice") -> None:
        restyle(self._notice, role)
        self._notice.say(text)

    def _advance(self, said: str, fraction: float) -> None:
        self._say(said + self._left.after("", fraction))
        self._bar.setValue(round(fraction * 1000))

    def _look(self) -> None:
        self._path.setText(str(self._session.library.root))
        self._bar.setValue(0)
        self._bar.setVisible(self.moving)
        self._cancel.setVisible(self.moving)
        self._move.setVisible(not self.moving)

    def _choose(self) -> None:
        chosen = QFileDialog.getExistingDirectory(
            self, "An empty folder for the library", str(self._session.library.root.parent)
        )
        if chosen:
            folder = Path(chosen)
            empty = True
            with contextlib.suppress(OSError):  # the move tells that it can't be read
                empty = not any(folder.iterdir())
            # A folder that has something in it gets one of its own for the library.
            self.move_to(folder if empty else folder / "Runthrough")

    def _open_folder(self) -> None:
        folder = self._session.library.root
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self.trouble.emit(f"No program was found that shows folders. The folder is {folder}.")


def _section(title: str, content: QWidget | QFormLayout | QVBoxLayout) -> Card:
    card = Card()
    card.body.setSpacing(theme.GAP_M)
    card.body.addWidget(heading(title, 1.12))
    if isinstance(content, QWidget):
        card.body.addWidget(content)
    else:
        card.body.addLayout(content)
    return card
