"""What the window does on bad days: a defect, a second window, closing in a take."""

import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
import wave

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QPushButton

from runthrough.errors import Cancelled, LibraryError
from runthrough.library import Library
from runthrough.talk import TakeState
from runthrough.ui.app import CrashHook, _claim_and_start, claim, share
from runthrough.ui.main_window import _LOOK_AGAIN_MS, MainWindow, apply_look
from takes import add_take


@pytest.fixture
def window(qtbot, session, sound):
    session.change_settings(welcomed=True)
    apply_look(session)
    window = MainWindow(session)
    qtbot.addWidget(window)
    window.show()
    yield window
    window.keep_and_close()


@pytest.fixture
def hook(session, window):
    hook = CrashHook(session, window)
    hook.install()
    yield hook
    hook.uninstall()


def shown(window):
    named = [w for w in window.findChildren(QLabel) if w.accessibleName().startswith("Trouble: ")]
    return next((line.text() for line in named if line.isVisible()), "")


def answer(with_text, seen):
    """Press the button ``with_text`` of the box that comes next; ``None``: the default one."""

    def press():
        box = QApplication.activeModalWidget()
        if not isinstance(box, QMessageBox):
            QTimer.singleShot(20, press)
            return
        seen.append((box.text(), box.defaultButton().text()))
        button = next(
            (b for b in box.buttons() if b.text() == with_text),
            box.defaultButton(),
        )
        button.click()

    QTimer.singleShot(0, press)


def in_a_thread(fault):
    thread = threading.Thread(target=fault)
    thread.start()
    thread.join()


def in_a_slot(fault):
    button = QPushButton()
    button.clicked.connect(fault)
    button.click()


@pytest.mark.parametrize("where", [in_a_thread, in_a_slot])
def test_a_defect_is_kept_in_a_private_file_and_told_once(
    qtbot, window, hook, session, where, capsys
):
    def fault(_checked=False):
        raise ZeroDivisionError("a defect")

    where(fault)
    qtbot.waitUntil(lambda: "Something went wrong" in shown(window))
    (path,) = session.library.root.glob("defect-*.txt")
    assert str(path) in shown(window)
    assert "a defect" in path.read_text(encoding="utf-8")
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    copy = next(b for b in window.findChildren(QPushButton) if b.text() == "Copy details")
    assert copy.isVisible()
    copy.click()
    assert "ZeroDivisionError: a defect" in QApplication.clipboard().text()
    assert "a defect" in capsys.readouterr().err
    window.show_trouble("Plain trouble has no details.")
    assert not copy.isVisible()


def test_a_defect_met_again_is_told_again_and_kept_once(
    qtbot, window, hook, session, monkeypatch, capsys
):
    def fault(_checked=False):
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr("runthrough.ui.app._TELL_AGAIN_S", 0.0)
    for _ in range(2):
        in_a_slot(fault)
        qtbot.waitUntil(lambda: "Something went wrong" in shown(window))
        next(b for b in window.findChildren(QPushButton) if b.text() == "Dismiss").click()
        assert not shown(window)
    assert len(list(session.library.root.glob("defect-*.txt"))) == 1


def test_a_defect_at_the_start_is_told(qtbot, window, hook, monkeypatch, capsys):
    def broken(_library):
        raise ZeroDivisionError("in recovery")

    monkeypatch.setattr("runthrough.rehearsal.recover_interrupted", broken)
    window.start()
    qtbot.waitUntil(lambda: "Something went wrong" in shown(window))


def test_a_defect_in_the_list_of_microphones_is_told(
    qtbot, window, hook, session, monkeypatch, capsys
):
    def broken():
        raise ZeroDivisionError("in the list")

    monkeypatch.setattr("runthrough.audio.devices._portaudio", broken)
    talk = session.library.new_talk("Sparse routing", "interview-20")
    window.open_rehearsal(talk)
    qtbot.waitUntil(lambda: "Something went wrong" in shown(window), timeout=20_000)


def ready(qtbot, window, sound):
    def check():
        sound.hear(0.05, 0.01)
        assert window.rehearse._state.name == "READY"

    qtbot.waitUntil(check, timeout=20_000)


def recording(qtbot, window, session, sound):
    window.open_rehearsal(session.library.new_talk("Sparse routing", "interview-20"))
    page = window.rehearse
    ready(qtbot, window, sound)
    page._start()
    sound.hear(2)
    qtbot.waitUntil(lambda: page._rehearsal.position_s > 1.5)


def test_closing_in_a_take_asks_and_goes_on(qtbot, window, session, sound):
    recording(qtbot, window, session, sound)
    seen = []
    answer("Go on recording", seen)
    assert not window.close()
    assert window.rehearse.in_take
    assert window.isVisible()
    ((text, default),) = seen
    assert "being recorded" in text
    assert default == "Keep and close"
    answer(None, seen)
    assert window.close()
    (take,) = session.library.takes()
    assert take.state is TakeState.SAVED
    assert take.duration_s >= 2


def test_a_take_that_can_not_be_saved_can_be_left_to_make_room(
    qtbot, window, session, sound, monkeypatch
):
    recording(qtbot, window, session, sound)
    window.go("talks")
    assert shown(window) == "The take is still being recorded. Finish or discard it first."
    assert window.rehearse.isVisible()
    with monkeypatch.context() as full_disk:

        def refuse(_take):
            raise LibraryError("There is no room left. Free some space.")

        full_disk.setattr(session.library, "save_take", refuse)
        window.rehearse._finish()
        again = window.rehearse._outcome.act
        qtbot.waitUntil(again.isVisible, timeout=20_000)
        window._trouble.dismiss()
        window.go("talks")
        assert window.talks.isVisible()
        assert not shown(window)
    window.open_rehearsal(session.library.new_talk("Another talk", "interview-20"))
    assert again.isVisible(), "another take began before this one was saved"
    assert window.focusWidget() is again
    again.click()
    qtbot.waitUntil(lambda: window._stack.currentWidget() is window._areas.get("review"))
    (take,) = session.library.takes()
    assert take.state is TakeState.SAVED


def test_leaving_in_the_count_in_names_the_key_that_cancels_it(qtbot, window, session, sound):
    session.change_settings(count_in=True)
    window.open_rehearsal(session.library.new_talk("Sparse routing", "interview-20"))
    ready(qtbot, window, sound)
    window.rehearse._start()
    window.go("talks")
    assert shown(window) == "The count-in runs. Esc cancels it."
    window.rehearse._escape()
    qtbot.waitUntil(lambda: not shown(window))
    window.go("talks")
    assert window.talks.isVisible()


def answering(qtbot, window, session, sound):
    """The practice page while an answer is being spoken."""
    session.change_settings(read_aloud=False)
    window.go("practice")
    page = window.practice
    page._begin()
    qtbot.waitUntil(lambda: page._state.name == "ANSWERING", timeout=20_000)
    sound.hear(2)
    qtbot.waitUntil(lambda: page._round.position_s > 1.5)
    return page


def test_why_a_page_can_not_be_left_stays_for_as_long_as_it_is_true(qtbot, window, session, sound):
    page = answering(qtbot, window, session, sound)
    window.go("talks")
    qtbot.wait(2 * _LOOK_AGAIN_MS)
    assert shown(window).startswith("The answer is not judged yet.")
    page._done()

    def told():
        sound.hear(0.1)
        return shown(window)

    qtbot.waitUntil(lambda: told().startswith("There is no speech model."), timeout=20_000)
    qtbot.wait(2 * _LOOK_AGAIN_MS)
    assert shown(window).startswith("There is no speech model."), "what is told since stays"


def test_the_review_of_a_take_is_not_told_that_it_is_still_recorded(qtbot, window, session, sound):
    recording(qtbot, window, session, sound)
    window.go("talks")
    assert shown(window) == "The take is still being recorded. Finish or discard it first."
    window.rehearse._finish()
    qtbot.waitUntil(
        lambda: window._stack.currentWidget() is window._areas.get("review"), timeout=20_000
    )
    assert not shown(window)


def test_closing_in_an_answer_asks_and_keeps_what_was_said(qtbot, window, session, sound):
    page = answering(qtbot, window, session, sound)
    seen = []
    answer("Go on with the answer", seen)
    assert not window.close()
    assert page._state.name == "ANSWERING"
    answer(None, seen)
    assert window.close()
    (path,) = (session.library.root / "answers").glob("*/audio.wav")
    assert all(f"What you said is kept in {path}." in text for text, _ in seen)
    with wave.open(str(path)) as kept:
        assert kept.getnframes() >= 2 * kept.getframerate()
    assert not sound.streams


def test_a_question_of_an_interruption_is_practised(qtbot, window, session):
    session.change_settings(read_aloud=False)
    take, _ = add_take(session.library)
    window.open_review(take)
    window.review.drill_wanted.emit(take, "novelty")
    assert window.practice.isVisible()
    assert window.practice._round.question.id == "novelty"


def test_closing_waits_for_no_import(qtbot, window, session, tmp_path, monkeypatch):
    heard = []

    def endless(*_given, cancelled, **_named):
        while not cancelled():
            time.sleep(0.01)
        heard.append("cancelled")
        raise Cancelled

    monkeypatch.setattr("runthrough.rehearsal.import_recording", endless)
    monkeypatch.setattr(session, "recognizer", lambda: None)
    window.talks.import_file(tmp_path / "talk.wav")
    QTimer.singleShot(0, window.close)
    QApplication.exec()
    qtbot.waitUntil(lambda: heard == ["cancelled"])


def test_a_second_window_on_a_library_says_so(qtbot, tmp_path):
    first = claim(tmp_path)
    assert first is not None
    assert claim(tmp_path) is None
    seen = []
    answer(None, seen)
    assert not share(tmp_path)
    answer("Open this one too", seen)
    assert share(tmp_path)
    assert len(seen) == 2
    assert all("already open" in text for text, _ in seen)
    first.release()
    again = claim(tmp_path)
    assert again is not None
    again.release()


def test_a_moved_library_is_held_where_it_is_now(qtbot, window, session, tmp_path):
    held = []
    _claim_and_start(window, held)
    qtbot.waitUntil(lambda: bool(held))
    moved = tmp_path / "moved"
    session.use_library(Library(moved))
    assert claim(moved) is None
    for lock in held:
        lock.release()


def broken(*_, **__):
    raise ZeroDivisionError("a defect in the background")


@pytest.mark.parametrize(
    "do",
    [
        lambda window, path: window.talks.import_file(path),
        lambda window, _path: window.talks.open_sample(),
    ],
)
def test_a_defect_of_work_in_the_background_is_told(
    qtbot, window, hook, session, tmp_path, monkeypatch, capsys, do
):
    monkeypatch.setattr(session, "recognizer", lambda: None)
    monkeypatch.setattr("runthrough.rehearsal.import_recording", broken)
    monkeypatch.setattr(session.library, "open_sample", broken)
    do(window, tmp_path / "talk.wav")
    qtbot.waitUntil(lambda: "Something went wrong" in shown(window))
    (path,) = session.library.root.glob("defect-*.txt")
    assert "in the background" in path.read_text(encoding="utf-8")


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


OPENED = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from runthrough.__main__ import main

def painted():
    windows = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
    print(len(windows), *sorted(sys.modules))
    windows[0].keep_and_close()

def turn(turning=QApplication.exec):
    QTimer.singleShot(0, painted)
    return turning()

QApplication.exec = staticmethod(turn)
sys.argv = ["runthrough"]
sys.exit(main())
"""


def test_nothing_heavy_is_loaded_before_the_window_is_seen(tmp_path):
    settings = tmp_path / "settings.json"
    library = tmp_path / "library"
    library.mkdir()
    settings.write_text(json.dumps({"version": 2, "welcomed": True, "library": str(library)}))
    done = subprocess.run(
        [sys.executable, "-c", OPENED],
        env={
            **os.environ,
            "RUNTHROUGH_SETTINGS": str(settings),
            "PYTHONPATH": os.pathsep.join(sys.path),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    windows, *modules = done.stdout.split()
    assert windows == "1"
    heavy = {"faster_whisper", "onnxruntime", "av", "soundfile", "sounddevice"}
    assert not (heavy | {"ctranslate2", "huggingface_hub", "numpy"}) & set(modules)


WANTED_AT_ONCE = """
import pathlib, sys, threading
from PySide6.QtWidgets import QApplication
from runthrough.library import Library
from runthrough.settings import Settings
from runthrough.ui.main_window import MainWindow, _load_pages, _recovered
from runthrough.ui.session import Session

app = QApplication(sys.argv)
session = Session(Library(pathlib.Path(sys.argv[1])), Settings())
window = MainWindow(session)
failed = []

def beside(work):
    try:
        work()
    except ImportError as error:
        failed.append(error)

works = (_load_pages, lambda: _recovered(session.library), lambda: window.progress)
threads = [threading.Thread(target=beside, args=(work,)) for work in works[:2]]
for thread in threads:
    thread.start()
beside(works[2])
for thread in threads:
    thread.join()
print(failed)
"""


def test_a_page_wanted_at_once_is_made_while_its_modules_are_imported_beside(tmp_path):
    for attempt in range(3):  # it is a race: without the lock most attempts fail
        done = subprocess.run(
            [sys.executable, "-c", WANTED_AT_ONCE, str(tmp_path / str(attempt))],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert done.stdout.split() == ["[]"]
