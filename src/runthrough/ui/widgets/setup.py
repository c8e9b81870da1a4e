"""What is chosen before a talk: which one, to which format, with which slides and microphone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QVBoxLayout,
    QWidget,
)

from runthrough.ui import theme
from runthrough.ui.widgets.basics import ElidedLabel, button, heading, label, literal, scrolling
from runthrough.ui.widgets.level_meter import LevelMeter
from runthrough.ui.widgets.rehearsal_parts import KeyButton, Notice

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QWheelEvent


class Setup(QWidget):
    """What is rehearsed, with which microphone, and the button that starts."""

    def __init__(self) -> None:
        super().__init__()
        self.talk = Choice("Talk")
        self.format = Choice("Format")
        self.microphone = Choice("Microphone")
        self.level = LevelMeter(width=240, height=12)
        self._format_note = label(role="soft", wrap=True)
        self._format_note.hide()
        self._model_note = label(role="soft", wrap=True)
        self._model_note.hide()
        self._sound = Notice()
        self._trouble = Notice("trouble")
        self.plan = button("Plan…", name="Change the plan of the talk")
        self.slides = SlidesChoice()
        self.count_in = QCheckBox("Count in")
        self.captions = QCheckBox("Captions")
        self.nudges = QCheckBox("Nudges")
        self.interviewer = QCheckBox("Interruptions")
        self.interviewer.setToolTip(
            "An interviewer breaks in with questions about what you say.\n"
            "They are shown and not read aloud: the microphone would record it."
        )
        self.again = button("Try again", name="Try the microphone again")
        self.start = KeyButton("Start", "Space", role="primary", height=48)
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.GAP_M)
        grid.setVerticalSpacing(theme.GAP_M)
        grid.setColumnStretch(1, 1)
        rows: list[tuple[str, QWidget]] = [
            ("Talk", self.talk),
            ("Format", self.format),
            ("", self._format_note),
            ("Slides", self.slides),
            ("Microphone", self.microphone),
            ("Level", self.level),
        ]
        for number, (name, widget) in enumerate(rows):
            if name:
                caption = label(name, role="soft")
                caption.setBuddy(widget)
                top = isinstance(widget, SlidesChoice)
                side = Qt.AlignmentFlag.AlignTop if top else Qt.AlignmentFlag.AlignVCenter
                grid.addWidget(caption, number, 0, side)
            grid.addWidget(widget, number, 1, 1, 1 if widget is self.format else 2)
        grid.addWidget(self.plan, 1, 2)
        switches = QHBoxLayout()
        switches.setSpacing(theme.GAP_M)
        for switch in (self.count_in, self.captions, self.nudges, self.interviewer):
            switch.setAccessibleName(switch.text())
            switches.addWidget(switch)
        switches.addStretch(1)
        # From the first column on: beside the names, four do not fit into a small window.
        grid.addLayout(switches, len(rows), 0, 1, 3)
        self._hint = label(role="soft", wrap=True)
        column = QVBoxLayout()
        column.setSpacing(theme.GAP_M + 4)
        column.addStretch(1)
        column.addWidget(heading("Ready when you are", 1.6, wrap=True))
        column.addWidget(self._hint)
        column.addLayout(grid)
        column.addWidget(self._sound)
        column.addWidget(self._trouble)
        column.addWidget(self.again, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.start)
        column.addWidget(self._model_note)
        column.addStretch(2)
        inner = QWidget()
        inner.setMaximumWidth(theme.px(560))
        inner.setLayout(column)
        column.setContentsMargins(2, 2, 2, 2)
        content = QWidget()
        row = QHBoxLayout(content)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(inner)
        area = scrolling(content, "What to rehearse")
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)

    def opening(self) -> None:
        """The microphone is being opened."""
        self._look("Opening the microphone…", ready=False, trouble="")

    def ready(self) -> None:
        """The microphone is open."""
        self._look("Say a few words: the level should move.", ready=True, trouble="")

    def broken(self, trouble: str) -> None:
        """There is no microphone, and why."""
        self._look("", ready=False, trouble=trouble)

    def _look(self, hint: str, *, ready: bool, trouble: str) -> None:
        self.level.clear()
        self._sound.say("")
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        self._trouble.say(trouble)
        self.again.setVisible(bool(trouble))
        self.start.setVisible(not trouble)
        self.start.setEnabled(ready)

    def say_sound(self, text: str) -> None:
        """Warn about what the microphone gives."""
        self._sound.say(text)

    def say_model(self, text: str) -> None:
        """Say what is wrong with the recogniser."""
        self._model_note.setText(text)
        self._model_note.setVisible(bool(text))

    def say_format(self, text: str) -> None:
        """Say why another format than the talk's own is chosen."""
        self._format_note.setText(text)
        self._format_note.setVisible(bool(text))


class SlidesChoice(QWidget):
    """Which slides the talk has. ``say`` names them; the buttons act on them."""

    def __init__(self) -> None:
        super().__init__()
        self._name = ElidedLabel("None")
        self._trouble = label(role="over", wrap=True)
        self._trouble.hide()
        self.choose = button("Choose PDF…")
        self.sections = button("Sections…", name="Sections of the slides")
        self.remove = button("Remove", name="Remove the slides from the talk")
        row = QHBoxLayout()
        row.setSpacing(theme.GAP_S)
        for one in (self.choose, self.sections, self.remove):
            row.addWidget(one)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP_S)
        column.addWidget(self._name)
        column.addWidget(self._trouble)
        column.addLayout(row)

    def say(self, name: str, *, count: int = 0, trouble: str = "") -> None:
        """Name the slides (``""`` for none), how many they are, or why they can't be shown."""
        slides = "1 slide" if count == 1 else f"{count} slides"
        self._name.setText(f"{name} · {slides}" if count else name or "None: drop a PDF here")
        self._trouble.setText(trouble)
        self._trouble.setVisible(bool(trouble))
        self.choose.setText("Change…" if name else "Choose PDF…")
        self.choose.setAccessibleName("Change the slides" if name else "Choose slides, a PDF")
        self.sections.setVisible(count > 0)
        self.remove.setVisible(bool(name))


class PlainChoice(QComboBox):
    """A list to choose from. The wheel passes it by: who scrolls past it chooses nothing."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to what scrolls around the list."""
        event.ignore()


class Choice(PlainChoice):
    """A list to choose from whose chosen text ends in … where there is no room."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.view().setAccessibleName(name)
        self.setMinimumContentsLength(6)
        self.setSizeAdjustPolicy(self.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the list with its text shortened at the end."""
        del event
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        room = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox,
            option,
            QStyle.SubControl.SC_ComboBoxEditField,
            self,
        )
        shown = self.fontMetrics().elidedText(
            self.currentText(), Qt.TextElideMode.ElideRight, room.width() - 4
        )
        option.currentText = shown
        self.setToolTip(literal(self.currentText()) if shown != self.currentText() else "")
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)


def fill(combo: QComboBox, entries: dict[str, str], chosen: str) -> None:
    """Offer ``entries`` (value to text) with ``chosen`` selected, and tell nobody."""
    combo.clear()
    for value, text in entries.items():
        combo.addItem(text, value)
    combo.setCurrentIndex(max(0, combo.findData(chosen)))


def offer_devices(combo: QComboBox, names: list[str], chosen: str) -> None:
    """Offer microphones or loudspeakers, with the chosen one even if it is not there now."""
    offered = {"": "System default"} | {name: name for name in names}
    offered.setdefault(chosen, f"{chosen} (not found)")
    fill(combo, offered, chosen)
