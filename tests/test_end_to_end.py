"""The main job as a user does it: real window, real recorder, real recogniser, real files.

Speech is the shipped sample talk, spoken into a virtual microphone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from in_front import bring_to_front
from runthrough.library import Library
from runthrough.rehearsal import import_recording, review_take
from runthrough.resources import resource
from runthrough.settings import Settings
from runthrough.talk import EventKind, TakeState
from runthrough.transcription.models import find_model
from runthrough.transcription.recognizer import Recognizer
from runthrough.ui import theme
from runthrough.ui.main_window import MainWindow
from runthrough.ui.session import Session
from sounds import sample_speech

SAMPLE = resource("sample", "audio.flac")


@pytest.fixture(scope="module")
def recognizer():
    with Recognizer(find_model()) as made:
        yield made


def test_a_recording_that_breaks_off_is_called_that_after_its_review_too(tmp_path, recognizer):
    whole = SAMPLE.read_bytes()
    (tmp_path / "talk.flac").write_bytes(whole[: len(whole) // 10])
    library = Library(tmp_path / "library")
    take, _ = import_recording(library, tmp_path / "talk.flac", recognizer)
    assert take.state is TakeState.REVIEWED
    assert "breaks off" in take.problem
    library.close()


def test_the_sample_talk_gets_the_verdicts_that_ship_with_it(tmp_path, recognizer):
    library = Library(tmp_path / "library")
    take, found = import_recording(
        library, SAMPLE, recognizer, talk_title="Again", format_id="lightning-5"
    )
    shipped = json.loads(resource("sample", "report.json").read_text(encoding="utf-8"))
    assert take.state is TakeState.REVIEWED
    statuses = {s.id: s.status.value for s in found.sections}
    assert statuses == {s["id"]: s["status"] for s in shipped["sections"]}
    assert found.limitations.state == shipped["limitations"]["state"] == "not_heard"
    assert statuses["limitations"] == "missing"
    assert statuses["experiments"] in ("thin", "missing")  # one breath long
    assert statuses["method"] == statuses["results"] == "covered"
    assert "SNR" in [term for term, _ in found.delivery.acronyms_unexplained]
    assert found.delivery.filler_count >= 3
    library.close()


def test_that_a_recording_breaks_off_is_still_told_with_its_review(tmp_path, recognizer):
    library = Library(tmp_path / "library")
    data = SAMPLE.read_bytes()
    half = tmp_path / "half.flac"
    half.write_bytes(data[: len(data) // 10])
    take, _ = import_recording(library, half, recognizer)
    assert take.state is TakeState.REVIEWED
    assert "half.flac breaks off" in take.problem
    library.save_take(replace(take, source="microphone", problem="The microphone went away."))
    review_take(library, take.id, recognizer)
    assert library.take(take.id).problem == "", "it was told when it happened"
    library.close()


def test_the_sample_opens_from_its_files_and_only_once(tmp_path):
    library = Library(tmp_path / "library")
    take = library.open_sample()
    assert library.open_sample().id == take.id
    assert len(library.takes()) == len(library.talks()) == 1
    report = library.folder(take.id).report()
    assert report is not None
    assert report.limitations.state == "not_heard"
    assert library.talks()[0].coverage
    library.close()


@pytest.mark.sound
def test_rehearse_and_review_in_the_window(qtbot, tmp_path, virtual_mic, monkeypatch):
    theme.apply(QApplication.instance(), "light")
    session = Session(Library(tmp_path / "library"), Settings(count_in=False))
    talk = session.library.new_talk("Hearing leaks", "five-part-10")
    window = MainWindow(session)
    # Where the test fails in the take, nobody is there to be asked whether to close.
    qtbot.addWidget(window, before_close_func=MainWindow.keep_and_close)
    bring_to_front(qtbot, window)
    window.open_rehearsal(talk)
    page = window.rehearse
    qtbot.waitUntil(lambda: page._state.name == "READY", timeout=20_000)
    qtbot.waitUntil(lambda: page._recognizer is not None, timeout=60_000)
    qtbot.keyClick(page, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: page._state.name == "RECORDING", timeout=10_000)
    spoken = virtual_mic.play(sample_speech(16.0))
    qtbot.wait(6_000)
    qtbot.keyClick(page, Qt.Key.Key_PageDown)
    qtbot.waitUntil(spoken.is_set, timeout=60_000)
    with qtbot.waitSignal(page.finished, timeout=120_000):
        qtbot.keyClick(page, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.review._report is not None, timeout=120_000)
    take = session.library.take("last")
    folder = session.library.folder(take.id)
    assert take.state is TakeState.REVIEWED
    assert take.duration_s >= 16
    entered = [e for e in folder.events() if e.kind is EventKind.SECTION]
    assert [e.value for e in entered] == ["problem", "motivation"]
    assert 4 <= entered[1].at_s <= 9
    words = " ".join(s.text for s in window.review._report.sentences).lower()
    assert "good morning" in words
    assert "water pipe" in words
    qtbot.waitUntil(lambda: window.review._content.waveform._peaks is not None, timeout=30_000)
    window.close()
    session.close()


@pytest.mark.sound
def test_a_microphone_that_sends_nothing_leaves_no_take(virtual_mic, tmp_path):
    library = tmp_path / "library"
    virtual_mic.silence_the_line()
    run = subprocess.run(
        [sys.executable, "-m", "runthrough", "--library", str(library), "record", "--seconds", "2"],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 3, run.stderr
    assert "sends no sound" in run.stderr
    assert not [*(library / "takes").iterdir(), *(library / "talks").iterdir()]


@pytest.mark.sound
@pytest.mark.skipif(not hasattr(os, "fork"), reason="SIGKILL is tried where it exists")
def test_a_killed_recording_is_found_again_with_all_but_a_second(virtual_mic, tmp_path):
    library = tmp_path / "library"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "src")}
    program = [sys.executable, "-m", "runthrough", "--library", str(library)]
    recording = subprocess.Popen(
        [*program, "record", "--talk", "Cut off"],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert recording.stderr is not None
    assert "Recording" in recording.stderr.readline()
    virtual_mic.play(sample_speech(20.0))
    time.sleep(4)
    heard_s = virtual_mic.spoken / 16_000
    recording.kill()
    recording.communicate()
    listed = subprocess.run(
        [*program, "takes", "--json"], env=environment, capture_output=True, text=True, check=True
    )
    (take,) = json.loads(listed.stdout)["takes"]
    assert take["state"] == "saved"
    assert take["recovered"]
    assert take["duration_s"] >= heard_s - 1.0
    assert "is safe" in listed.stderr
