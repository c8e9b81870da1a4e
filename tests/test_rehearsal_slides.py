"""Slides and sections during a take; only the sound card is made up."""

import os
import signal
import subprocess
import sys
from contextlib import closing

import pytest

from fake_microphone import FakeSoundDevice
from runthrough.formats import find_format
from runthrough.library import Library
from runthrough.rehearsal import Rehearsal, recover_interrupted
from runthrough.talk import EventKind

SECTIONS = ("problem", "problem", "motivation", "method", "method", "results")


@pytest.fixture
def rehearsal(tmp_path, monkeypatch):
    sound = FakeSoundDevice("Microphone")
    monkeypatch.setattr("runthrough.audio.devices._portaudio", lambda: sound)
    library = Library(tmp_path / "library")
    talk = library.new_talk("A talk", "interview-20")
    made = Rehearsal(library, talk, find_format("interview-20"))
    made.open()
    yield made
    made.close()
    library.close()


def noted(rehearsal):
    folder = rehearsal._folder_now()
    return [e.value for e in folder.events() if e.kind in (EventKind.SECTION, EventKind.SLIDE)]


def section(rehearsal):
    return rehearsal.format.sections[rehearsal.clock.current].id


def test_sections_follow_slides_and_both_are_noted(rehearsal):
    rehearsal.use_slides(SECTIONS)
    rehearsal.begin()
    for _ in range(3):
        assert rehearsal.next()
    assert (rehearsal.slide, section(rehearsal)) == (4, "method")
    assert rehearsal.back()
    assert noted(rehearsal) == [
        "problem", "1", "2", "3", "motivation", "4", "method", "3", "motivation",
    ]  # fmt: skip


def test_a_jump_to_a_section_shows_its_first_slide(rehearsal):
    rehearsal.use_slides(SECTIONS)
    rehearsal.begin()
    assert rehearsal.go_to(3)
    assert (rehearsal.slide, section(rehearsal)) == (4, "method")
    assert rehearsal.next()
    assert not rehearsal.go_to(3), "it is the current one"
    assert rehearsal.slide == 5


def test_a_section_without_slides_can_be_visited_and_left(rehearsal):
    rehearsal.use_slides(SECTIONS)
    rehearsal.begin()
    rehearsal.go_to(6)
    assert (rehearsal.slide, section(rehearsal)) == (1, "limitations")
    assert rehearsal.next()
    assert (rehearsal.slide, section(rehearsal)) == (2, "problem")
    rehearsal.go_to(6)
    assert rehearsal.back()
    assert (rehearsal.slide, section(rehearsal)) == (2, "problem")


def test_after_the_last_slide_come_the_sections_that_have_none(rehearsal):
    rehearsal.use_slides(SECTIONS)
    rehearsal.begin()
    for _ in range(5):
        rehearsal.next()
    assert rehearsal.slide == 6
    assert rehearsal.next()
    assert (rehearsal.slide, section(rehearsal)) == (6, "limitations")
    assert not rehearsal.next()
    assert not rehearsal.show_slide(7)


def test_slides_that_are_read_late_do_not_move_the_timer(rehearsal):
    rehearsal.begin()
    rehearsal.next()
    rehearsal.use_slides(SECTIONS)
    assert (rehearsal.slide, section(rehearsal)) == (1, "motivation")
    assert noted(rehearsal) == ["problem", "motivation", "1"]


def test_marks_are_noted(rehearsal):
    rehearsal.mark()
    rehearsal.begin()
    rehearsal.mark()
    kinds = [e.kind for e in rehearsal._folder_now().events()]
    assert kinds == [EventKind.SECTION, EventKind.MARK]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="a kill is tried where there is one")
def test_a_crash_loses_no_event(tmp_path):
    library = tmp_path / "library"
    died = subprocess.run(
        [sys.executable, "-c", DIES, str(library)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
        timeout=60,
    )
    assert died.returncode == -signal.SIGKILL
    with closing(Library(library)) as again:
        (take,) = recover_interrupted(again)
        events = again.folder(take.id).events()
    assert [(e.kind, e.value) for e in events] == [
        (EventKind.SECTION, "problem"),
        (EventKind.SLIDE, "1"),
        (EventKind.SLIDE, "2"),
        (EventKind.MARK, ""),
        (EventKind.PAUSE, ""),
        (EventKind.RESUME, ""),
        (EventKind.SECTION, "limitations"),
    ]
    assert take.duration_s > 2


DIES = """
import os, signal, sys, time
from pathlib import Path
import runthrough.audio.devices as devices
from fake_microphone import FakeSoundDevice
from runthrough.formats import find_format
from runthrough.library import Library
from runthrough.rehearsal import Rehearsal

sound = FakeSoundDevice("Microphone")
devices._portaudio = lambda: sound
library = Library(Path(sys.argv[1]))
rehearsal = Rehearsal(library, library.new_talk("A", "interview-20"), find_format("interview-20"))
rehearsal.open()
rehearsal.use_slides(["problem", "problem", "method"])
rehearsal.begin()
sound.hear(3, 0.1)
while rehearsal.position_s < 2.9:
    time.sleep(0.01)
rehearsal.next()
rehearsal.mark()
rehearsal.pause()
rehearsal.resume()
rehearsal.go_to(6)
os.kill(os.getpid(), signal.SIGKILL)
"""
