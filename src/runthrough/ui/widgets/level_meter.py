"""How loud the microphone is, and when that deserves a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from runthrough.ui import theme

if TYPE_CHECKING:
    from runthrough.audio.recorder import Level

# Where the bar begins: a quiet room lies around here, speech between -30 and -10.
_LEFT_DBFS = -60.0
# From here on little room is left before the sound clips; the usual mark of level meters.
_HIGH_DBFS = -6.0
# Below this lies no room, only a switched-off or muted microphone.
_SILENT_DBFS = -70.0
SILENT = (
    "Nothing is heard from the microphone. Say a few words; if the bar stays empty, check its "
    "switch or choose another."
)
# How far the bar falls per update, so that the eye can follow it.
_FALL_DB = 3.0
_CLIP_SHOWN_S = 5.0

# Between sentences the level falls by about 20 dB and more; in a word by less, or for less long.
_PAUSE_DB, _PAUSE_S, _FADES_DB_A_S = 18.0, 0.5, 1.5


class LevelMeter(QWidget):
    """A bar from quiet to full scale. A block at its end lights when the sound clips."""

    def __init__(self, *, width: int = 120, height: int = 8) -> None:
        super().__init__()
        self._size = QSize(width, height)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Microphone level")
        self._shown_dbfs = _LEFT_DBFS
        self._clip_left = 0
        self._drawn = (0, False)

    def sizeHint(self) -> QSize:
        """As wanted by the one who made it."""
        return self._size

    def minimumSizeHint(self) -> QSize:
        """Half as wide still tells something."""
        return QSize(self._size.width() // 2, self._size.height())

    def feed(self, level: Level | None) -> None:
        """Show ``level``; ``None`` is no microphone."""
        peak = _LEFT_DBFS if level is None else max(_LEFT_DBFS, level.peak_dbfs)
        self._shown_dbfs = max(peak, self._shown_dbfs - _FALL_DB, _LEFT_DBFS)
        if level is not None and level.clipped:
            self._clip_left = 20
        else:
            self._clip_left = max(0, self._clip_left - 1)
        drawn = (self._filled(), self._clip_left > 0)
        if drawn != self._drawn:
            self._drawn = drawn
            self.update()

    def clear(self) -> None:
        """Show nothing, at once."""
        self._shown_dbfs, self._clip_left = _LEFT_DBFS, 0
        self._drawn = (0, False)
        self.update()

    def _filled(self) -> int:
        share = (self._shown_dbfs - _LEFT_DBFS) / -_LEFT_DBFS
        return round(share * self._bar_width())

    def _bar_width(self) -> float:
        return max(0.0, self.width() - 2 * self.height() - 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bar and the block for clipping."""
        del event
        colours = theme.current()
        filled, clipped = self._drawn
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        height, width = self.height(), self._bar_width()
        painter.setBrush(QColor(colours.track))
        painter.drawRoundedRect(QRectF(0, 0, width, height), height / 2, height / 2)
        end = QRectF(width + 2, 0, 2 * height, height)
        painter.setBrush(QColor(colours.bad if clipped else colours.track))
        painter.drawRoundedRect(end, height / 4, height / 4)
        high = (_HIGH_DBFS - _LEFT_DBFS) / -_LEFT_DBFS * width
        painter.setBrush(QColor(colours.warn if filled > high else colours.good))
        if filled >= height:
            painter.drawRoundedRect(QRectF(0, 0, filled, height), height / 2, height / 2)


class SoundWatch:
    """Tells a dead or an overdriven microphone from a speaker who is silent for a moment.

    Some microphones send plain nothing while nobody speaks, so silence is told as a question to
    try, not as a defect, and only after ``patience_s``, in the words of ``when_silent``.
    """

    def __init__(self, patience_s: float, when_silent: str) -> None:
        self._patience_s = patience_s
        self._when_silent = when_silent
        self._silent_since_s: float | None = None
        self._clipped_s: float | None = None

    def feed(self, level: Level | None, now_s: float) -> str:
        """What to tell the speaker at ``now_s`` of any clock that only goes forward, or ``""``."""
        if level is None:
            return ""
        if level.clipped:
            self._clipped_s = now_s
        if level.peak_dbfs > _SILENT_DBFS:
            self._silent_since_s = None
        elif self._silent_since_s is None:
            self._silent_since_s = now_s
        if self._clipped_s is not None and now_s - self._clipped_s < _CLIP_SHOWN_S:
            return "The microphone is too loud and distorts. Move away from it or turn it down."
        if self._silent_since_s is not None and now_s - self._silent_since_s >= self._patience_s:
            return self._when_silent
        return ""


class Silence:
    """Whether the speaker has stopped for a moment, by the level beside that of the speech."""

    def __init__(self) -> None:
        self._speech_dbfs = _LEFT_DBFS
        self._spoke_s: float | None = None
        self._now_s = 0.0

    def feed(self, level: Level | None, now_s: float) -> None:
        """Take the level at ``now_s`` of a clock that only goes forward."""
        if level is None:
            return
        # What is loud is remembered for some seconds, so that it follows a softer voice.
        faded = self._speech_dbfs - _FADES_DB_A_S * max(0.0, now_s - self._now_s)
        self._speech_dbfs = max(level.rms_dbfs, faded, _LEFT_DBFS)
        self._now_s = now_s
        if level.rms_dbfs > self._speech_dbfs - _PAUSE_DB:
            self._spoke_s = now_s

    @property
    def is_quiet(self) -> bool:
        """Whether nobody has spoken for the length of a pause between two sentences."""
        return self._spoke_s is not None and self._now_s - self._spoke_s >= _PAUSE_S
