"""The first time: is the microphone heard, is there a speech model, and what a review looks like.

Three steps, each of which can be skipped, as can all of them. Nothing is asked that the settings
do not offer later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from runthrough.ui import theme
from runthrough.ui.model_choice import ModelChoice
from runthrough.ui.sound_check import SoundCheck
from runthrough.ui.widgets.basics import Card, Pages, button, heading, label

if TYPE_CHECKING:
    from runthrough.ui.session import Session

_WIDEST = 640
_STEPS = (
    "Can you be heard?",
    "What listens",
    "What you will get",
)
_TEXTS = (
    "Runthrough listens while you rehearse. Everything stays on this computer.",
    (
        "A speech model on this computer writes down what you say. The first one is good for a "
        "start; larger ones hear more and take longer."
    ),
    (
        "The sample talk is three minutes long and has honest flaws: no limitations, experiments "
        "in one breath, an acronym nobody explained. Its review shows what yours will tell you."
    ),
)


class FirstRun(QWidget):
    """Microphone, model, sample talk. ``ended``: on to the talks; else to the sample talk."""

    ended = Signal()
    sample_wanted = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setAccessibleName("Welcome")
        self._sound = SoundCheck(session, speaker=False)
        self._steps = Pages()
        self._steps.addWidget(self._sound)
        self._steps.addWidget(ModelChoice(session, few=True))
        self._steps.addWidget(QWidget())
        self._count = label(role="soft")
        self._title = heading(size=1.6, wrap=True)
        self._text = label(role="soft", wrap=True)
        self._skip = button("Skip all", name="Skip the introduction")
        self._skip.clicked.connect(self.ended)
        self._back = button("Back")
        self._back.clicked.connect(lambda: self._show(self._steps.currentIndex() - 1))
        self._own = button("Start with my own talk")
        self._own.clicked.connect(self.ended)
        self._next = button("Next", role="primary")
        self._next.clicked.connect(self._go_on)
        actions = QHBoxLayout()
        actions.setSpacing(theme.GAP_M)
        actions.addWidget(self._skip)
        actions.addStretch(1)
        for one in (self._back, self._own, self._next):
            actions.addWidget(one)
        card = Card()
        card.setMaximumWidth(theme.px(_WIDEST))
        card.body.setContentsMargins(theme.GAP_XL, theme.GAP_XL, theme.GAP_XL, theme.GAP_XL)
        card.body.setSpacing(theme.GAP_L)
        for part in (self._count, self._title, self._text, self._steps):
            card.body.addWidget(part)
        card.body.addLayout(actions)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(card, 20)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.GAP_XL, theme.GAP_XL, theme.GAP_XL, theme.GAP_XL)
        column.addStretch(1)
        column.addLayout(row)
        column.addStretch(2)

    def arrive(self) -> None:
        """Be shown, from the first step on."""
        self._show(0)

    def keep_and_close(self) -> None:
        """End everything now."""
        self._sound.close_down()

    def _go_on(self) -> None:
        step = self._steps.currentIndex()
        if step + 1 < len(_STEPS):
            self._show(step + 1)
        else:
            self.sample_wanted.emit()

    def _show(self, step: int) -> None:
        last = step == len(_STEPS) - 1
        self._count.setText(f"Step {step + 1} of {len(_STEPS)}")
        self._title.setText(_STEPS[step])
        self._text.setText(_TEXTS[step])
        self._steps.setCurrentIndex(step)
        # A stack is as high as its highest part; the last step has none of its own.
        self._steps.setVisible(not last)
        self._back.setVisible(step > 0)
        self._own.setVisible(last)
        self._skip.setVisible(not last)
        text = "Open the sample talk" if last else "Next"
        self._next.setText(text)
        self._next.setAccessibleName(text)
        self._next.setFocus(Qt.FocusReason.OtherFocusReason)
        if step == 0:
            self._sound.arrive()
        else:
            self._sound.leave()
