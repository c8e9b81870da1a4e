"""A talk rehearsed as a speaker does it: real window, keys, recorder and files.

The voice goes through a virtual microphone, so that it is known to the sample when each word was
spoken, and with it when each key was pressed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest

from runthrough.talk import EventKind
from sounds import sound_of
from virtual_mic import RATE_HZ

Key = Qt.Key


def wait(milliseconds):
    """Let the window work. ``QTest.qWait`` would keep Python's other threads from working."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


@dataclass
class Pressed:
    """A key and where in the voice it was pressed, in seconds of the stretch being spoken."""

    key: Qt.Key
    stretch: int
    at_s: float


@dataclass
class Played:
    """What was done: stretches of voice (a pause parts them) and keys."""

    stretches: list[np.ndarray] = field(default_factory=list)
    keys: list[Pressed] = field(default_factory=list)


class Speaker:
    """Speaks into ``mic`` and presses keys in ``window``."""

    def __init__(self, window, page, mic):
        self.window, self.page, self.mic = window, page, mic
        self.played = Played()
        self.looks = []  # called now and then while speaking

    def press(self, key):
        QTest.keyClick(self.window.windowHandle(), key)

    def until(self, true, timeout_s=30.0):
        deadline = time.monotonic() + timeout_s
        while not true():
            assert time.monotonic() < deadline, "it did not come in time"
            wait(20)

    def start(self):
        self.until(lambda: self.page._state.name == "READY")
        self.until(lambda: self.page._recognizer is not None or not self.page._recognizer_wanted)
        self.press(Key.Key_Space)
        self.until(lambda: self.page._state.name == "RECORDING")

    def speak(self, pcm, keys=()):
        """Speak ``pcm`` and press each key at its time, given as (seconds, key)."""
        number = len(self.played.stretches)
        self.played.stretches.append(pcm)
        done = self.mic.play(pcm)
        for at_s, key in keys:
            while self.mic.spoken < at_s * RATE_HZ:
                wait(5)
                for look in self.looks:
                    look()
            self.press(key)
            self.played.keys.append(Pressed(key, number, self.mic.spoken / RATE_HZ))
        while not done.is_set():
            wait(20)
            for look in self.looks:
                look()

    def pause(self, seconds):
        self.press(Key.Key_P)
        self.until(lambda: self.page._state.name == "PAUSED")
        wait(round(seconds * 1000))
        self.press(Key.Key_P)
        self.until(lambda: self.page._state.name == "RECORDING")
        wait(300)


def expected_times(folder, played):
    """Where in the recorded sound each key was pressed, found by the voice itself."""
    sound = sound_of(folder.audio).tobytes()
    starts = []
    for pcm in played.stretches:
        loud = int(np.argmax(np.abs(pcm.astype(np.int32)) > 500))
        probe = pcm[loud : loud + RATE_HZ].astype(np.int16).tobytes()
        found = sound.find(probe)
        while found % 2 and found >= 0:
            found = sound.find(probe, found + 1)
        assert found >= 0, "what was spoken is not in the take"
        starts.append((found // 2 - loud) / RATE_HZ)
    return [starts[p.stretch] + p.at_s for p in played.keys]


def moves(folder):
    """Times and values of section and slide changes, without those with which the take begins."""
    kinds = (EventKind.SECTION, EventKind.SLIDE)
    events = [e for e in folder.events() if e.kind in kinds]
    first = [next((e for e in events if e.kind is kind), None) for kind in kinds]
    return [(e.at_s, e.kind.value, e.value) for e in events if not any(e is f for f in first)]
