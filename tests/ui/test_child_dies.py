"""The recognition process dies under a talk: real window, recorder, process and small model.

The sound card is made up, and hears the sample talk faster than it was spoken.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from in_front import bring_to_front
from runthrough.errors import ModelError
from runthrough.talk import TakeState
from runthrough.transcription import worker
from runthrough.transcription.models import find_model
from runthrough.ui import theme
from runthrough.ui.main_window import MainWindow
from sounds import sample_speech

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs SIGKILL and /proc")
RATE_HZ = 16_000
SPOKEN_S = 20.0


class Speaker:
    """The window with a rehearsal in it, and who speaks."""

    def __init__(self, qtbot, session, sound):
        self.qtbot, self.session, self.sound = qtbot, session, sound
        self.talk = session.library.new_talk("Hearing leaks", "five-part-10")
        self.voice = sample_speech(SPOKEN_S)
        self.window = MainWindow(session)
        bring_to_front(qtbot, self.window)

    @property
    def page(self):
        return self.window.rehearse

    def start(self):
        self.window.open_rehearsal(self.talk)
        self.until(lambda: self.page._state.name == "READY" and self.page._recognizer is not None)
        self.page._start()

    def speak(self, seconds):
        """The next ``seconds`` of the talk, in a quarter of the time."""
        for _ in range(round(seconds * 4)):
            for stream in self.sound.streams:
                stream.deliver(self.voice[: RATE_HZ // 4])
            self.voice = self.voice[RATE_HZ // 4 :]
            self.qtbot.wait(60)

    def until(self, true):
        def check():
            self.sound.hear(0.05, 0.001)
            assert true()

        self.qtbot.waitUntil(check, timeout=60_000)

    def says(self, text):
        return any(
            text in one.text() for one in self.window.findChildren(QLabel) if one.isVisible()
        )

    def press(self, name):
        found = [b for b in self.window.findChildren(QPushButton) if b.text() == name]
        next(b for b in found if b.isVisible()).click()

    def finish(self):
        self.page._finish()
        self.until(self.window.review.isVisible)

    def is_reviewed_whole(self):
        """Whether the first and the last words are in the review, each once."""
        report = self.window.review._report
        if report is None:
            return False
        (take,) = self.session.library.takes()
        said = " ".join(sentence.text for sentence in report.sentences).lower()
        assert take.state is TakeState.REVIEWED
        assert take.duration_s >= SPOKEN_S
        assert said.count("good morning") == 1
        assert said.count("water pipe") == 1
        assert report.words[-1].end_s > SPOKEN_S - 3
        starts = [word.start_s for word in report.words]
        assert starts == sorted(starts)
        return True

    def kill(self):
        """Kill the recognition process, if there is one now."""
        pid = self.page._recognizer.pid
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):  # it has just ended
                os.kill(pid, signal.SIGKILL)


@pytest.fixture
def speaker(qtbot, session, sound, monkeypatch):
    try:
        find_model()
    except ModelError as error:
        pytest.skip(str(error))
    monkeypatch.delattr(session, "recognizer")  # here the real one is wanted
    theme.apply(QApplication.instance(), "light")
    made = Speaker(qtbot, session, sound)
    yield made
    made.window.keep_and_close()
    made.window.deleteLater()


def test_after_a_kill_the_captions_come_again(speaker):
    speaker.start()
    speaker.speak(8)
    speaker.until(lambda: speaker.page._live.words)
    speaker.kill()
    before = speaker.page._rehearsal.position_s
    speaker.speak(SPOKEN_S - 8)
    assert speaker.page._rehearsal.position_s > before + SPOKEN_S - 8 - 1
    speaker.until(lambda: speaker.page._live.words[-1].end_s > before)
    speaker.finish()
    speaker.until(speaker.is_reviewed_whole)


def test_captions_that_are_killed_again_and_again_are_told_and_nothing_is_lost(speaker):
    speaker.start()
    speaker.speak(8)
    speaker.until(lambda: speaker.page._live.words)
    before = speaker.page._rehearsal.position_s

    def given_up():
        speaker.kill()
        return not speaker.page._rehearsal.is_followed

    speaker.until(given_up)
    speaker.until(lambda: speaker.says("The captions stopped."))
    speaker.speak(SPOKEN_S - 8)
    assert speaker.page._rehearsal.position_s > before + SPOKEN_S - 8 - 1
    assert speaker.page.in_take
    speaker.finish()
    speaker.until(speaker.is_reviewed_whole)


@pytest.mark.parametrize("what", ["the_model", "sound", "words"])
def test_without_memory_the_take_is_kept_and_heard_when_there_is_some(speaker, monkeypatch, what):
    starved_child = pytest.importorskip("starved_child")
    enough = worker.main
    monkeypatch.setattr(worker, "main", getattr(starved_child, f"main_without_room_for_{what}"))
    speaker.start()
    speaker.speak(SPOKEN_S)
    speaker.until(lambda: speaker.says("The captions stopped."))
    assert speaker.page._rehearsal.failure is None
    speaker.finish()
    speaker.until(lambda: speaker.says("The review failed"))
    # Where native code ends the process itself, it is not known why.
    assert speaker.says("There is too little memory") or speaker.says("stopped unexpectedly")
    assert speaker.says("choose a smaller speech model. The recording is safe on disk.")
    (take,) = speaker.session.library.takes()
    assert take.state is TakeState.FAILED
    assert take.duration_s >= SPOKEN_S
    monkeypatch.setattr(worker, "main", enough)
    speaker.press("Try again")
    speaker.until(speaker.is_reviewed_whole)
