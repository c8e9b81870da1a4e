"""Real key presses on the real page, with the real recorder behind it; only the card is made up."""

import gc
import json
import threading
import wave
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QMainWindow,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from in_front import bring_to_front
from runthrough.errors import LibraryError
from runthrough.rehearsal import Phase, recover_interrupted
from runthrough.talk import EventKind, TakeState
from runthrough.ui import rehearse, theme
from runthrough.ui.rehearse import RehearsePage
from sounds import sound_of
from virtual_mic import DEVICE, RATE_HZ

Key = Qt.Key
FORWARD = (Key.Key_Space, Key.Key_Right, Key.Key_Down, Key.Key_PageDown, Key.Key_Return)
BACK = (Key.Key_Left, Key.Key_Up, Key.Key_PageUp)


class Stage:
    """The page in a window, and what a speaker and their room do with it."""

    def __init__(self, qtbot, session, sound):
        self.qtbot, self.session, self.sound = qtbot, session, sound
        theme.apply(QApplication.instance(), "light")
        self.page = RehearsePage(session)
        self.other = QPushButton("Another part of the window")
        self.other_clicks = []
        self.other.clicked.connect(lambda: self.other_clicks.append(1))
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.addWidget(self.other)
        layout.addWidget(self.page, 1)
        self.window = QMainWindow()
        self.window.setCentralWidget(body)
        self.window.resize(1280, 800)
        qtbot.addWidget(self.window)
        bring_to_front(qtbot, self.window)
        self.takes, self.troubles = [], []
        self.page.finished.connect(self.takes.append)
        self.page.trouble.connect(self.troubles.append)

    def press(self, key, window=None):
        """A key press as the system delivers it: to the window, which gives it to the focus."""
        QTest.keyClick((window or self.window).windowHandle(), key)

    def click(self, text):
        found = [b for b in self.page.findChildren(QPushButton) if b.accessibleName() == text]
        (button,) = [b for b in found if b.isVisible()]
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def says(self, text):
        """Whether ``text`` stands somewhere on the page."""
        return any(text in one.text() for one in self.page.findChildren(QLabel) if one.isVisible())

    def wait(self, true):
        """Wait for ``true`` while the room makes a little noise, as rooms do."""

        def check():
            self.sound.hear(0.05, 0.01)
            assert true()

        self.qtbot.waitUntil(check, timeout=20_000)

    def arrive(self):
        """As the window does it."""
        self.page.setFocus()
        self.page.arrive()

    def until_ready(self):
        self.arrive()
        self.wait(self.ready)

    def ready(self):
        return self.page._setup.start.isVisible() and self.page._setup.start.isEnabled()

    def close(self):
        """Close the window while the room goes on making its noise."""
        over = threading.Event()

        def room():
            while not over.wait(0.01):
                self.sound.hear(0.1, 0.01)

        noise = threading.Thread(target=room)
        noise.start()
        self.page.keep_and_close()
        over.set()
        noise.join()

    def record(self):
        self.until_ready()
        self.press(Key.Key_Space)
        assert self.page.busy

    def speak(self, seconds):
        """Speak, and let the page see it."""
        until = self.rehearsal.position_s + seconds
        self.sound.hear(seconds)
        self.qtbot.waitUntil(lambda: self.rehearsal.position_s > until - 0.001, timeout=20_000)
        self.page._tick()

    @property
    def rehearsal(self):
        return self.page._rehearsal

    @property
    def current(self):
        return self.rehearsal.clock.current

    def row(self, number):
        return self.page._outline._rows[number].accessibleName()


@pytest.fixture
def talk(session):
    return session.library.new_talk("Sparse routing", "interview-20")


@pytest.fixture
def stage(qtbot, session, sound):
    stage = Stage(qtbot, session, sound)
    yield stage
    stage.close()
    assert not stage.page._ticker.isActive()
    assert not stage.page._counter.isActive()
    assert not sound.streams, "the microphone stayed open"


# --- before the take -----------------------------------------------------------------------------


def test_the_level_moves_before_anything_is_recorded(stage, session, talk):
    stage.until_ready()
    stage.sound.hear(0.05, 0.5)
    stage.qtbot.waitUntil(lambda: stage.page._setup.level._filled() > 0)
    assert session.library.takes() == []
    assert not stage.page.busy


def test_microphones_are_offered_with_the_systems_own_first(stage, session, talk):
    stage.until_ready()
    box = stage.page._setup.microphone
    offered = [box.itemText(i) for i in range(box.count())]
    assert offered == ["System default", "Built-in microphone", "Headset"]
    box.setCurrentIndex(2)
    box.activated.emit(2)
    stage.wait(lambda: stage.sound.opened[-1] == "Headset" and stage.ready())
    assert session.settings.microphone == "Headset"
    assert len(stage.sound.streams) == 1


def test_a_microphone_that_is_gone_is_told_and_can_be_tried_again(stage, session, talk):
    stage.sound.names.clear()
    stage.arrive()
    stage.wait(lambda: stage.says("No microphone was found"))
    assert not stage.ready()
    stage.sound.names.append("Headset")
    assert stage.page._setup.again.hasFocus()
    stage.press(Key.Key_Space)
    stage.wait(stage.ready)
    assert not stage.says("No microphone was found")
    # The button that was pressed is gone; the next key must not go astray.
    stage.press(Key.Key_Space)
    assert stage.rehearsal.phase is Phase.RECORDING


def test_a_microphone_unplugged_before_the_start_is_told(stage, talk):
    stage.until_ready()
    stage.sound.unplug()
    stage.wait(lambda: stage.says("went away"))
    assert not stage.page.busy


def test_a_clipping_microphone_is_told_before_the_talk(stage, talk):
    stage.until_ready()
    stage.sound.hear(0.05, 1.0)
    stage.qtbot.waitUntil(lambda: stage.says("too loud"))


def test_leaving_closes_the_microphone_and_stops_the_clockwork(stage, talk):
    stage.until_ready()
    stage.page.leave()
    stage.qtbot.waitUntil(lambda: not stage.sound.streams)
    assert not stage.page._ticker.isActive()


def test_leaving_while_the_microphone_opens_closes_it_too(stage, talk):
    stage.page.arrive()
    stage.page.leave()
    stage.page._pool.submit(lambda: None).result()
    assert stage.sound.opened
    assert not stage.sound.streams


def test_the_chosen_talk_and_format_are_rehearsed(stage, session, talk):
    session.library.new_talk("Calibration under shift", "conference-12")
    stage.page.choose(talk)
    stage.until_ready()
    assert stage.page._setup.talk.currentText() == "Sparse routing"
    assert stage.row(3).startswith("Method: 0:00 of 5:00")
    box = stage.page._setup.format
    number = box.findData("lightning-5")
    box.setCurrentIndex(number)
    box.activated.emit(number)
    stage.press(Key.Key_Space)
    assert stage.rehearsal.talk == talk
    assert stage.rehearsal.take.format.id == "lightning-5"
    assert stage.page._clock.text == "5:00"
    assert len(stage.sound.opened) == 1, "choosing opened the microphone anew"


def test_a_talk_whose_format_is_gone_can_still_be_rehearsed(stage, session):
    session.library.new_talk("Old talk", "my-own-format")
    stage.until_ready()
    assert stage.says("“my-own-format” is gone")
    stage.press(Key.Key_Space)
    assert stage.rehearsal.take.format.id == "interview-20"


def test_an_empty_library_offers_an_untitled_talk(stage, session):
    stage.page.arrive()
    assert stage.says("There is no talk to rehearse yet")
    assert not stage.sound.opened
    stage.click("Start with an untitled talk")
    stage.wait(stage.ready)
    assert [s.talk.title for s in session.library.talks()] == ["Untitled talk"]


def test_without_a_speech_model_the_take_is_recorded_and_that_is_said(stage, talk):
    stage.until_ready()
    stage.wait(lambda: stage.says("no speech model"))
    stage.press(Key.Key_Space)
    assert stage.rehearsal.phase is Phase.RECORDING


def test_a_recogniser_follows_the_recording(stage, session, talk, monkeypatch):
    followed = []

    class Recognizer:
        busy = failed = False

        def follow(self, path, **_wishes):
            followed.append(path)
            return self

        def cancel(self):
            followed.append("cancelled")

        def finish(self):
            pass

        def close(self):
            pass

    monkeypatch.setattr(session, "recognizer", Recognizer)
    stage.until_ready()
    stage.wait(lambda: stage.page._recognizer is not None)
    stage.press(Key.Key_Space)
    assert followed == [session.library.folder(stage.rehearsal.take.id).audio]


def test_a_model_that_arrives_while_one_is_ready_makes_the_captions(
    stage, session, talk, monkeypatch
):
    class Recognizer:
        def close(self):
            pass

    stage.until_ready()
    stage.wait(lambda: stage.says("no speech model"))
    made = []
    monkeypatch.setattr(session, "recognizer", lambda: made.append(Recognizer()) or made[-1])
    for count in (1, 2):  # the first one, and another that takes its place
        session.recognizer_changed.emit()
        stage.wait(lambda: made and stage.page._recognizer is made[-1])
        assert len(made) == count
    assert not stage.says("no speech model")


def test_talk_titles_are_shown_as_they_are_written(stage, session):
    session.library.new_talk("<b>Bold</b> &amp; <img src=x>", "interview-20")
    stage.until_ready()
    assert all(
        one.textFormat() is Qt.TextFormat.PlainText
        for one in stage.page.findChildren(QLabel)
        if one.text()
    )


# --- the count-in --------------------------------------------------------------------------------


@pytest.fixture
def counting(stage, session, talk, monkeypatch):
    session.settings = replace(session.settings, count_in=True)
    stage.page._counter.setInterval(20)
    return stage


def test_the_count_in_ends_in_a_recording(counting):
    counting.until_ready()
    counting.press(Key.Key_Space)
    assert counting.page.busy
    assert counting.rehearsal.phase is Phase.COUNTING_IN
    assert counting.says("3")
    counting.wait(lambda: counting.rehearsal.phase is Phase.RECORDING)


def test_escape_cancels_the_count_in_and_nothing_is_left(counting, session):
    counting.page._counter.setInterval(rehearse.COUNT_IN_STEP_MS)
    counting.until_ready()
    counting.press(Key.Key_Space)
    counting.press(Key.Key_Space)  # impatience is no wish
    assert counting.rehearsal.phase is Phase.COUNTING_IN
    counting.press(Key.Key_Escape)
    assert counting.rehearsal.phase is Phase.READY
    assert not counting.page.busy
    assert session.library.takes() == []
    counting.press(Key.Key_Space)
    assert counting.rehearsal.phase is Phase.COUNTING_IN


# --- keys ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [*FORWARD, Key.Key_Enter], ids=lambda key: key.name)
def test_keys_that_go_on(stage, talk, key):
    stage.record()
    stage.press(key)
    assert stage.current == 1
    stage.press(key)
    assert stage.current == 2
    assert stage.row(2).endswith("now")


@pytest.mark.parametrize("key", BACK, ids=lambda key: key.name)
def test_keys_that_go_back(stage, talk, key):
    stage.record()
    stage.press(Key.Key_3)
    stage.press(key)
    assert stage.current == 1


def test_digits_jump_and_those_without_a_section_do_nothing(stage, talk):
    stage.record()
    stage.press(Key.Key_7)
    assert stage.current == 6
    stage.press(Key.Key_9)
    stage.press(Key.Key_PageDown)
    assert stage.current == 6
    stage.press(Key.Key_1)
    stage.press(Key.Key_PageUp)
    assert stage.current == 0


@pytest.mark.parametrize("where", ["_pause", "_finish_button", "other"])
def test_keys_work_wherever_the_focus_is(stage, talk, where):
    stage.record()
    (stage.other if where == "other" else getattr(stage.page, where)).setFocus()
    for key in FORWARD:
        stage.press(key)
    assert stage.current == len(FORWARD)
    assert stage.rehearsal.phase is Phase.RECORDING
    assert stage.other_clicks == []


def test_after_the_take_the_keys_are_the_windows_again(stage, talk):
    stage.record()
    stage.press(Key.Key_Escape)
    stage.wait(lambda: stage.takes)
    stage.other.setFocus()
    stage.press(Key.Key_Space)
    assert stage.other_clicks == [1]


def test_section_changes_are_kept_with_the_take(stage, session, talk):
    stage.record()
    stage.speak(3)
    stage.press(Key.Key_PageDown)
    stage.speak(2)
    stage.press(Key.Key_PageUp)
    stage.press(Key.Key_Escape)
    stage.wait(lambda: stage.takes)
    events = session.library.folder(stage.takes[0].id).events()
    sections = [(e.value, round(e.at_s)) for e in events if e.kind is EventKind.SECTION]
    assert sections == [("problem", 0), ("motivation", 3), ("problem", 5)]


def test_a_click_on_a_section_goes_there(stage, talk):
    stage.record()
    QTest.mouseClick(stage.page._outline._rows[4], Qt.MouseButton.LeftButton)
    assert stage.current == 4


# --- clocks --------------------------------------------------------------------------------------


def test_clocks_count_recorded_sound(stage, talk):
    stage.record()
    stage.speak(65)
    assert stage.page._clock.text == "18:55"
    assert stage.row(0) == "Problem: 1:05 of 2:00, now"
    assert stage.says("0:55 left")


def test_amber_at_the_plan_and_red_beyond_it_are_said_in_words_too(stage, talk):
    stage.record()
    stage.speak(121)
    assert stage.row(0) == "Problem: 2:01 of 2:00, at its plan, now"
    stage.speak(30)
    assert stage.row(0) == "Problem: 2:31 of 2:00, far over its plan, now"
    assert stage.says("+0:31 over")


def test_later_sections_show_what_is_still_affordable(stage, talk):
    stage.record()
    stage.press(Key.Key_7)
    stage.speak(60)
    stage.press(Key.Key_4)
    stage.speak(15 * 60)
    # Four minutes are left for the twelve that later sections and skipped ones still want.
    assert stage.row(4) == "Experiments: 0:00 of 4:00, 1:20 still affordable"
    assert stage.row(6) == "Limitations: 1:00 of 2:00, 1:20 still affordable"
    assert stage.says("what is still affordable")
    assert stage.says("↓1:20")


def test_over_time_is_counted_up_with_a_sign(stage, session):
    session.library.new_talk("Short", "lightning-5")
    stage.record()
    stage.speak(5 * 60 + 20)
    assert stage.page._clock.text == "+0:20"
    assert stage.page._clock.caption == "Over time"


def test_a_pause_stops_all_clocks(stage, session, talk):
    stage.record()
    stage.speak(10)
    stage.press(Key.Key_P)
    assert stage.says("Paused")
    assert stage.page._clock.caption == "Paused: P resumes"
    before = stage.page._clock.text
    stage.sound.hear(30)
    stage.qtbot.waitUntil(lambda: stage.page._level._filled() > 0)
    assert stage.page._clock.text == before
    stage.press(Key.Key_P)
    stage.speak(5)
    assert stage.says("Recording")
    assert stage.page._clock.caption == "Time left"
    stage.press(Key.Key_Escape)
    stage.wait(lambda: stage.takes)
    assert 14.5 < stage.takes[0].duration_s < 17
    kinds = [e.kind for e in session.library.folder(stage.takes[0].id).events()]
    assert kinds == [EventKind.SECTION, EventKind.PAUSE, EventKind.RESUME]


def test_a_dead_microphone_is_told_during_the_talk(stage, talk):
    stage.record()
    stage.speak(1)
    stage.sound.hear(0.1, 0.0)
    stage.qtbot.waitUntil(lambda: stage.rehearsal.level.peak_dbfs < -90)
    stage.page._tick()
    stage.sound.hear(13, 0.0)
    stage.qtbot.waitUntil(lambda: stage.says("Nothing is heard from the microphone"))
    assert stage.page._full._said.text().startswith("Nothing is heard from the microphone")
    stage.speak(1)
    assert not stage.says("Nothing is heard from the microphone")
    assert not stage.page._full._said.text()


# --- the end -------------------------------------------------------------------------------------


def test_escape_finishes_and_hands_over_a_take_that_is_on_disk(stage, session, talk):
    stage.record()
    rehearsal = stage.rehearsal
    stage.speak(4)
    stage.press(Key.Key_Escape)
    stage.wait(lambda: stage.takes)
    (take,) = stage.takes
    assert take.state is TakeState.SAVED
    with wave.open(str(session.library.folder(take.id).audio)) as file:
        assert file.getnframes() / file.getframerate() == pytest.approx(take.duration_s)
    assert take.duration_s >= 4
    assert stage.page.finished_rehearsal is rehearsal
    assert not stage.page.busy
    assert not stage.sound.streams


def test_two_takes_one_after_the_other(stage, session, talk):
    for number in (1, 2):
        stage.record()
        stage.speak(1)
        stage.press(Key.Key_Escape)
        stage.wait(lambda n=number: len(stage.takes) == n)
    assert [take.number for take in stage.takes] == [1, 2]


def test_closing_the_window_keeps_the_take(stage, session, talk):
    stage.record()
    stage.speak(3)
    stage.close()
    (take,) = session.library.takes()
    assert take.state is TakeState.SAVED
    assert take.duration_s >= 3
    assert stage.takes == []


def test_closing_the_window_while_the_take_is_being_saved_keeps_it(stage, session, talk):
    stage.record()
    stage.speak(3)
    stage.press(Key.Key_Escape)
    stage.close()
    (take,) = session.library.takes()
    assert take.state is TakeState.SAVED


def test_nothing_takes_the_page_away_during_a_take(stage, session, talk):
    other = session.library.new_talk("Another", "lightning-5")
    stage.page.choose(talk)
    stage.record()
    stage.page.choose(other)
    stage.page.arrive()
    stage.page.leave()
    session.library_changed.emit()
    stage.speak(1)
    assert stage.rehearsal.phase is Phase.RECORDING
    assert stage.rehearsal.talk == talk


def test_discard_asks_once_and_in_place(stage, session, talk, monkeypatch):
    trashed = []
    monkeypatch.setattr("runthrough.library._to_trash", trashed.append)
    stage.record()
    stage.speak(1)
    folder = session.library.folder(stage.rehearsal.take.id).path
    stage.press(Key.Key_Delete)
    assert stage.says("Move this take to the trash?")
    stage.press(Key.Key_Escape)
    assert not stage.says("Move this take to the trash?")
    assert stage.rehearsal.phase is Phase.RECORDING
    stage.click("Discard take")
    assert trashed == []
    stage.click("Discard")
    stage.wait(stage.ready)
    assert trashed == [folder]
    assert session.library.takes() == []
    assert stage.takes == []
    stage.press(Key.Key_Space)
    assert stage.rehearsal.phase is Phase.RECORDING


@pytest.fixture
def impatient(monkeypatch):
    """Another microphone is waited for half a second and not half a minute."""
    monkeypatch.setattr("runthrough.audio.recorder._ANOTHER_WITHIN_S", 0.5)


def test_the_take_goes_on_from_another_microphone(stage, session, talk):
    stage.record()
    stage.speak(3)
    stage.sound.names[:] = ["Headset"]
    stage.sound.unplug()
    stage.wait(lambda: stage.says("it went on with “Headset”"))
    stage.speak(2)
    assert stage.rehearsal.phase is Phase.RECORDING
    stage.press(Key.Key_Escape)
    stage.wait(lambda: stage.takes)
    (take,) = stage.takes
    assert "sound is missing" in take.problem
    assert take.duration_s >= 5
    (gap,) = [e for e in session.library.folder(take.id).events() if e.kind is EventKind.GAP]
    assert gap.at_s == pytest.approx(3, abs=0.2)
    assert "Headset" in gap.value


def test_a_microphone_that_is_gone_is_told_while_it_is(stage, talk):
    stage.record()
    stage.speak(3)
    stage.sound.names.clear()
    stage.sound.unplug()
    stage.wait(lambda: stage.says("is gone. Plug it or another in"))
    stage.sound.names.append("Desk")
    stage.wait(lambda: stage.says("it went on with “Desk”"))


def test_a_disk_that_gets_full_is_told_before(stage, talk, monkeypatch):
    room = SimpleNamespace(free=32_000 * 60 * 5)
    monkeypatch.setattr("runthrough.audio.recorder.shutil.disk_usage", lambda _: room)
    stage.record()
    stage.speak(3)
    stage.wait(lambda: stage.says("The disk is nearly full: room for 5 more minutes"))


def test_an_unplugged_microphone_stops_keeps_and_offers_the_review(stage, session, talk, impatient):
    stage.record()
    stage.speak(7)
    stage.press(Key.Key_F)
    stage.sound.names.clear()
    stage.sound.unplug()
    stage.wait(lambda: stage.says("is kept"))
    assert not stage.page._full.isVisible()
    assert stage.says("Take 1 stopped at 0:07 and is kept")
    assert stage.says("went away")
    assert not stage.page.busy
    assert stage.takes == []
    stage.click("Review it")
    (take,) = stage.takes
    assert take == session.library.take(take.id)
    assert "went away" in take.problem
    assert take.duration_s == pytest.approx(7, abs=0.2)
    assert stage.page.finished_rehearsal.phase is Phase.SAVED


def test_after_a_failure_another_take_can_be_recorded(stage, session, talk, impatient):
    stage.record()
    stage.speak(2)
    stage.sound.names.clear()
    stage.sound.unplug()
    stage.wait(lambda: stage.says("is kept"))
    stage.sound.names.append("Built-in microphone")
    stage.click("Record again")
    stage.wait(stage.ready)
    stage.press(Key.Key_Space)
    assert stage.rehearsal.take.number == 2


@pytest.mark.parametrize("way", ["another page", "this page"])
def test_a_take_cut_short_and_left_is_none_of_the_next_ones_affair(
    stage, session, talk, impatient, way
):
    stage.record()
    stage.speak(2)
    stage.sound.names.clear()
    stage.sound.unplug()
    stage.wait(lambda: stage.says("Take 1 stopped at 0:02 and is kept"))
    if way == "another page":
        stage.page.leave()
    stage.sound.names.append("Built-in microphone")
    stage.until_ready()
    stage.press(Key.Key_Space)
    stage.sound.unplug()
    stage.qtbot.waitUntil(lambda: stage.says("Nothing was recorded"), timeout=20_000)
    stage.click("Record again")
    stage.wait(stage.ready)
    assert stage.takes == [], "the first take was opened instead"


def test_a_take_without_a_sound_is_not_kept(stage, session, talk, impatient):
    stage.until_ready()
    stage.press(Key.Key_Space)
    stage.sound.unplug()
    stage.qtbot.waitUntil(lambda: stage.says("Nothing was recorded"), timeout=20_000)
    assert session.library.takes() == []


def fill_up(disk, session):
    def refuse(_take):
        raise LibraryError("There is no room left. Free some space.")

    disk.setattr(session.library, "save_take", refuse)


def test_a_take_that_can_not_be_saved_is_tried_again(stage, session, talk, monkeypatch):
    stage.record()
    stage.speak(2)
    with monkeypatch.context() as disk:
        fill_up(disk, session)
        stage.press(Key.Key_Escape)
        stage.wait(lambda: stage.says("There is no room left"))
        assert stage.page.busy, "the window must not be left for another take"
    stage.press(Key.Key_Space)  # the button that saves again has the focus
    stage.wait(lambda: stage.takes)
    assert stage.takes[0].state is TakeState.SAVED
    assert stage.takes[0].duration_s >= 2


def test_a_take_that_was_never_saved_is_recovered(stage, session, talk, monkeypatch):
    stage.record()
    stage.speak(2)
    with monkeypatch.context() as disk:
        fill_up(disk, session)
        stage.press(Key.Key_Escape)
        stage.wait(lambda: stage.says("its next start completes the take"))
        stage.close()
    gc.collect()  # as the program ends, the take's lock does
    (take,) = recover_interrupted(session.library)
    assert take.state is TakeState.SAVED
    assert take.duration_s >= 2


def test_a_recording_that_can_not_start_leaves_no_take(stage, session, talk, monkeypatch):
    stage.until_ready()

    def refuse(_path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("runthrough.audio.recorder.TakeFile", refuse)
    stage.press(Key.Key_Space)
    assert stage.says("no room left")
    assert session.library.takes() == []
    assert not stage.page.busy


# --- full screen ---------------------------------------------------------------------------------


def test_full_screen_has_the_clock_and_all_the_keys(stage, talk):
    stage.record()
    stage.speak(2)
    stage.press(Key.Key_F)
    full = stage.page._full
    stage.qtbot.waitUntil(full.isActiveWindow)
    assert full.isFullScreen()
    assert full._clock.text == stage.page._clock.text
    stage.press(Key.Key_PageDown, full)
    assert stage.current == 1
    assert full._prompt.accessibleName().startswith("Motivation")
    stage.press(Key.Key_P, full)
    assert full._clock.caption == "Paused: P resumes"
    stage.press(Key.Key_F, full)
    assert not full.isVisible()
    assert stage.rehearsal.phase is Phase.PAUSED


def test_what_is_said_in_full_screen_is_said_whole(stage, talk):
    stage.record()
    stage.press(Key.Key_F)
    full = stage.page._full
    stage.qtbot.waitUntil(full.isActiveWindow)
    said = full._said
    full.say("Leave room for limitations.")
    usual = said.font().pointSizeF()
    full.say("The disk is nearly full: room for 9 more minutes of sound. Free some space. " * 3)
    assert said.heightForWidth(said.width()) <= said.height()
    full.say("Leave room for limitations.")
    assert said.font().pointSizeF() == usual


def test_escape_in_full_screen_finishes(stage, talk):
    stage.record()
    stage.speak(1)
    stage.press(Key.Key_F)
    stage.qtbot.waitUntil(stage.page._full.isActiveWindow)
    stage.press(Key.Key_Escape, stage.page._full)
    stage.wait(lambda: stage.takes)
    assert not stage.page._full.isVisible()


def test_closing_the_full_screen_goes_on_recording(stage, talk):
    stage.record()
    stage.press(Key.Key_F)
    stage.page._full.close()
    stage.speak(1)
    assert stage.rehearsal.phase is Phase.RECORDING


# --- for everybody -------------------------------------------------------------------------------


def test_everything_that_takes_the_focus_has_a_name(stage, talk):
    stage.record()
    nameless = [
        widget
        for widget in (stage.page, *stage.page.findChildren(QWidget))
        if widget.focusPolicy() is not Qt.FocusPolicy.NoFocus and not widget.accessibleName()
    ]
    assert nameless == []


# --- with a real microphone ----------------------------------------------------------------------


@pytest.mark.sound
def test_what_is_spoken_into_a_real_microphone_is_in_the_take(qtbot, session, talk, virtual_mic):
    session.change_settings(microphone=DEVICE)
    stage = Stage(qtbot, session, sound=None)
    said = np.random.default_rng(1).integers(1, 20000, 2 * RATE_HZ, dtype=np.int16)
    try:
        stage.arrive()
        qtbot.waitUntil(stage.ready, timeout=20_000)
        virtual_mic.play(said)
        qtbot.waitUntil(lambda: stage.page._setup.level._filled() > 0, timeout=20_000)
        stage.press(Key.Key_Space)
        spoken = virtual_mic.play(said)
        qtbot.waitUntil(spoken.is_set, timeout=20_000)
        stage.press(Key.Key_Escape)
        qtbot.waitUntil(lambda: len(stage.takes) == 1, timeout=20_000)
    finally:
        stage.page.keep_and_close()
    heard = sound_of(session.library.folder(stage.takes[0].id).audio)
    assert said.tobytes() in heard.tobytes()


def test_an_interviewer_breaks_in_and_space_leads_back_to_the_talk(stage, session, talk):
    stage.until_ready()
    stage.page._setup.interviewer.click()
    assert session.settings.interviewer
    stage.press(Key.Key_Space)
    stage.press(Key.Key_4)
    while not stage.rehearsal.is_interrupted:
        stage.speak(60)
        assert stage.rehearsal.position_s < 12 * 60, "nobody asked in twelve minutes"
    asked = next(e for e in stage.rehearsal._folder_now().events() if e.kind is EventKind.QUESTION)
    question = json.loads(asked.value)["text"]
    assert question in stage.page._middle.currentWidget().accessibleName()
    stage.press(Key.Key_F)
    full = stage.page._full
    stage.qtbot.waitUntil(full.isActiveWindow)
    stage.press(Key.Key_B, full)
    assert full._asked.isVisible()
    assert question in full._asked.accessibleName(), "there as large as here"
    method_s = stage.rehearsal.clock.spent_s(asked.at_s)[3]
    stage.speak(30)
    now_s = stage.rehearsal.position_s
    assert now_s > asked.at_s + 29, "the talk's own clock goes on"
    assert stage.rehearsal.clock.spent_s(now_s)[3] == pytest.approx(method_s, abs=0.5)
    stage.press(Key.Key_Space, full)
    assert not stage.rehearsal.is_interrupted
    assert stage.current == 3, "the key led back, and not on"
    assert full._prompt.isVisible()
    assert not full._asked.isVisible()
    assert "interviewer" not in stage.page._middle.currentWidget().accessibleName()
