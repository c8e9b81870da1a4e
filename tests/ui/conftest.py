import gc
import time

import pytest
from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from fake_microphone import FakeSoundDevice
from runthrough.errors import ModelError
from runthrough.library import Library
from runthrough.settings import Settings
from runthrough.ui.session import Session


@pytest.fixture
def sound(monkeypatch):
    """The sound card. Devices and recorder on top of it are real."""
    fake = FakeSoundDevice("Built-in microphone", "Headset")
    monkeypatch.setattr("runthrough.audio.devices._portaudio", lambda: fake)
    return fake


@pytest.fixture
def session(qapp, tmp_path, monkeypatch):
    library = Library(tmp_path / "library")
    session = Session(library, Settings(count_in=False))

    def none_here():
        raise ModelError("There is no speech model. Get one with `runthrough models get`.")

    # The recogniser has its own tests; without one, everything on the screen must work.
    monkeypatch.setattr(session, "recognizer", none_here)
    yield session
    session.close()


@pytest.fixture(scope="session", autouse=True)
def no_timer_left(qapp, no_thread_left):
    """What windows start ends with them: no timer outlives all tests."""
    yield

    def left():
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QApplication.processEvents()
        gc.collect()
        timers = [t for t in gc.get_objects() if isinstance(t, QTimer) and isValid(t)]
        return [f"{t.parent()} {t.interval()} ms" for t in timers if t.isActive()]

    until = time.monotonic() + 20
    while (running := left()) and time.monotonic() < until:
        time.sleep(0.2)
    assert not running
