"""The window as a whole: what happens when it is closed, fails, or is open twice."""

import os
import signal
import stat
import subprocess
import sys
import threading
import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton

from runthrough.talk import TakeState
from runthrough.ui import app
from runthrough.ui.main_window import MainWindow


@pytest.fixture
def window(qtbot, session):
    made = MainWindow(session)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def hook(window, session, monkeypatch):
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    made = app._CrashHook(session, window)
    made.install()
    return made


def told(window):
    return window._trouble._text.text() if window._trouble.isVisible() else ""


def defects(session):
    return sorted(session.library.root.glob("defect-*.txt"))


def fail():
    raise ZeroDivisionError("of the test")


def caught(what):
    try:
        what()
    except ZeroDivisionError as error:
        sys.excepthook(type(error), error, error.__traceback__)


def test_a_defect_is_told_once_with_its_details_in_a_private_file(window, session, hook, capsys):
    caught(fail)
    (file,) = defects(session)
    assert str(file) in told(window)
    assert "of the test" in file.read_text(encoding="utf-8")
    if os.name != "nt":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    (copy,) = [b for b in window.findChildren(QPushButton) if b.text() == "Copy details"]
    copy.click()
    assert "of the test" in QApplication.clipboard().text()
    window._trouble.hide()
    caught(fail)
    assert told(window) == "", "what fails again and again is told once"
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_a_defect_in_a_thread_is_told_too(qtbot, window, session, hook, capsys):
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: "ZeroDivisionError" in told(window))
    assert len(defects(session)) == 1


def test_the_second_window_on_a_library_knows_of_the_first(session):
    first = app._hold(session.library)
    assert first is not None
    assert app._hold(session.library) is None
    first.release()
    again = app._hold(session.library)
    assert again is not None
    again.release()


@pytest.fixture
def recording(qtbot, window, session, sound):
    talk = session.library.new_talk("Sparse routing", "interview-20")
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.open_rehearsal(talk)

    def ready():
        sound.hear(0.05, 0.01)
        assert window.rehearse._setup.start.isEnabled()

    qtbot.waitUntil(ready, timeout=20_000)
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Space)

    def recorded():
        sound.hear(0.5)
        assert window.rehearse._rehearsal.position_s > 2

    qtbot.waitUntil(recorded, timeout=20_000)
    return window


def choose(monkeypatch, text):
    asked = []

    def answer(box):
        asked.append(box.text())
        next(b for b in box.buttons() if b.text() == text).click()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", answer)
    return asked


def close(window, sound):
    """Close it while the room goes on making its noise."""
    over = threading.Event()

    def room():
        while not over.wait(0.01):
            sound.hear(0.1, 0.01)

    noise = threading.Thread(target=room)
    noise.start()
    closed = window.close()
    over.set()
    noise.join()
    return closed


def test_closing_in_a_take_asks_and_can_be_thought_better_of(
    recording, session, sound, monkeypatch
):
    asked = choose(monkeypatch, "Go on recording")
    assert not recording.close()
    assert asked == ["A take is being recorded."]
    assert recording.rehearse.busy
    choose(monkeypatch, "Keep it and close")
    assert close(recording, sound)
    (take,) = session.library.takes()
    assert take.state is TakeState.SAVED
    assert take.duration_s > 2


def test_ctrl_c_closes_the_window(tmp_path):
    if os.name == "nt":
        pytest.skip("a Ctrl-C can't be sent to one process alone on Windows")
    program = subprocess.Popen(
        [sys.executable, "-m", "runthrough", "--library", str(tmp_path / "library")],
        env={**os.environ, "RUNTHROUGH_SETTINGS": str(tmp_path / "settings.json")},
        stderr=subprocess.PIPE,
    )
    lock = tmp_path / "library" / "window.lock"
    deadline = time.monotonic() + 30
    while not lock.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1.0)
    program.send_signal(signal.SIGINT)
    assert program.wait(30) == 0, program.stderr.read()
    program.stderr.close()
