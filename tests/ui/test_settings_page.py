"""The settings in the real window, over a real library; only the sound card is made up."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QMessageBox, QPushButton, QRadioButton

from in_front import bring_to_front
from runthrough import handout
from runthrough.drill import Drill
from runthrough.errors import InputError
from runthrough.library import Library
from runthrough.settings import Settings, load_settings, settings_path
from runthrough.transcription import models
from runthrough.ui import theme
from runthrough.ui.main_window import MainWindow, apply_look
from runthrough.ui.sound_check import RECORD_S
from takes import add_take


class Desk:
    """The window with its settings, and whoever changes them."""

    def __init__(self, qtbot, session, sound):
        self.qtbot, self.session, self.sound = qtbot, session, sound
        sound.speakers = ["Speakers"]
        session.change_settings(welcomed=True, theme="light")
        apply_look(session)
        self.window = MainWindow(session)
        self.window.resize(1280, 800)
        bring_to_front(qtbot, self.window)

    @property
    def page(self):
        return self.window.settings

    def open(self):
        # Without a display, a window that was in front does not always stay there.
        bring_to_front(self.qtbot, self.window)
        self.window.go("settings")
        self.until(lambda: self.says("the bar should move"))

    def find(self, kind, name):
        found = [w for w in self.page.findChildren(kind) if w.accessibleName() == name]
        return next((w for w in found if w.isVisible()), None)

    def choose(self, name, value):
        combo = self.find(QComboBox, name)
        combo.setCurrentIndex(combo.findData(value))
        combo.activated.emit(combo.currentIndex())
        QTest.qWait(20)

    def press(self, name):
        self.until(lambda: self.find(QPushButton, name) is not None)
        self.find(QPushButton, name).click()

    def says(self, text, root=None):
        labels = (root or self.page).findChildren(QLabel)
        return any(text in one.text() for one in labels if one.isVisible())

    def listen(self):
        """Hear the loudspeaker out; how many blocks were not silence."""
        heard = 0

        def over():
            nonlocal heard
            if self.sound.opened[-1] == "Speakers":
                heard += self.sound.drain()
            return self.sound.opened[-1] != "Speakers"

        self.until(over)
        return heard

    def until(self, true):
        self.qtbot.waitUntil(lambda: bool(true()), timeout=20_000)


@pytest.fixture
def desk(qtbot, session, sound):
    made = Desk(qtbot, session, sound)
    yield made
    made.window.close()
    made.window.deleteLater()


# --- how it looks ----------------------------------------------------------------------------


def test_the_theme_holds_at_once_and_is_kept(desk):
    desk.open()
    desk.choose("Theme", "dark")
    assert theme.current() is theme.DARK
    assert load_settings().theme == "dark"
    assert desk.page.isVisible(), "one stays where one was"
    desk.choose("Theme", "light")
    assert theme.current() is theme.LIGHT


def test_another_look_loses_nothing_that_was_open(desk):
    take, _ = add_take(desk.session.library)
    desk.window.open_review(take)
    desk.window.go("practice")
    practice = desk.window.practice
    practice._write()
    practice._answer.setPlainText("It fails where")
    asked = practice._question.text()
    desk.open()
    desk.choose("Text size", 150)
    assert desk.window.practice is not practice
    assert desk.window.review.take_id == take.id
    desk.window.go("practice")
    assert desk.window.practice._answer.toPlainText() == "It fails where"
    assert desk.window.practice._question.text() == asked


@pytest.mark.parametrize("percent", [100, 200])
def test_a_list_to_choose_from_shows_its_entries_whole(desk, percent):
    desk.session.change_settings(text_percent=percent)
    desk.window.look_again()
    desk.open()
    for name in ("Theme", "Text size", "Motion", "Language of the talk"):
        combo = desk.find(QComboBox, name)
        desk.page.area.ensureWidgetVisible(combo, 0, 300)
        QTest.mouseClick(combo, Qt.MouseButton.LeftButton)
        view = combo.view()
        desk.until(view.isVisible)
        shown = min(combo.count(), combo.maxVisibleItems())
        QTest.qWait(50)  # what cut it off came after it
        last = view.visualRect(combo.model().index(shown - 1, 0))
        assert last.bottom() < view.viewport().height(), name
        assert combo.count() > shown or view.verticalScrollBar().maximum() == 0
        combo.hidePopup()


def give(desk, text):
    """Type an answer on the practice page and have it judged."""
    practice = desk.window.practice
    practice._write()
    practice._answer.setPlainText(text)
    practice._hand_in()
    desk.until(practice._on.isVisible)


def test_another_look_keeps_the_verdict_and_the_drill(desk):
    desk.session.change_settings(read_aloud=False)
    desk.window.go("practice")
    desk.window.practice.start(Drill.LIMITATIONS)
    give(desk, "It fails on plastic pipes.")
    desk.window.look_again()
    assert desk.says("1 of 3", desk.window.practice._right)
    assert desk.window.practice._on.isVisible()
    desk.window.practice._go_on()
    asked = desk.window.practice._question.text()
    desk.window.look_again()
    assert desk.window.practice._question.text() == asked
    assert "follow-up 1 of 3" in desk.window.practice._bar.subtitle.text()
    assert desk.says("Your first answer", desk.window.practice._right)
    assert desk.window.practice._main.isVisible()
    give(desk, "Because plastic damps the high frequencies.")
    assert desk.says("2 of 3", desk.window.practice._right)
    desk.window.look_again()
    desk.window.practice._end()
    assert desk.says("2 of 3", desk.window.practice._rest)


def test_a_round_goes_on_in_a_moved_library(desk, tmp_path):
    desk.session.change_settings(read_aloud=False)
    old = desk.session.library.root
    desk.window.go("practice")
    desk.window.practice.start(Drill.LIMITATIONS)
    give(desk, "It fails on plastic pipes.")
    desk.open()
    desk.page.folder.move_to(tmp_path / "elsewhere")
    desk.until(lambda: not old.exists() and not desk.page.busy)
    QTest.qWait(30)
    desk.window.go("practice")
    desk.window.practice._go_on()
    give(desk, "Because plastic damps the high frequencies.")
    first, second = desk.session.library.answers()
    assert second.round_id == first.id
    assert not old.exists()


def test_the_systems_theme_is_followed(desk, monkeypatch):
    desk.session.change_settings(theme="system")
    monkeypatch.setattr("runthrough.ui.theme.wanted", lambda _theme: theme.DARK)
    desk.window._scheme_changed()
    assert theme.current() is theme.DARK


def test_another_look_waits_for_an_import(desk, monkeypatch, tmp_path):
    go_on = threading.Event()

    def slow(*_given, **_named):
        go_on.wait(20)
        raise InputError("There is no sound in it.")

    monkeypatch.setattr("runthrough.rehearsal.import_recording", slow)
    monkeypatch.setattr(desk.session, "recognizer", lambda: None)
    talks = desk.window.talks
    talks.import_file(tmp_path / "talk.wav")
    desk.open()
    desk.choose("Theme", "dark")
    assert desk.says("The new look comes when the import is done.", desk.window)
    assert theme.current() is theme.LIGHT
    assert desk.window.talks is talks
    said = []
    desk.window.talks.trouble.connect(said.append)
    go_on.set()
    desk.until(lambda: theme.current() is theme.DARK)
    assert said == ["There is no sound in it."]


def test_another_look_waits_for_a_review_a_correction_and_a_question(desk, monkeypatch):
    take, _ = add_take(desk.session.library)
    go_on = threading.Event()

    def slow(*_given, **_named):
        go_on.wait(20)
        raise InputError("It can't be heard.")

    monkeypatch.setattr("runthrough.ui.review.review_take", slow)
    monkeypatch.setattr(desk.session, "recognizer", lambda: None)
    desk.window.open_review(take)
    review = desk.window.review
    review._transcribe_again()
    desk.open()
    desk.choose("Text size", 150)
    assert desk.says("The new look comes when the review is done.", desk.window)
    review._content.transcript.correct(0)
    go_on.set()
    desk.until(lambda: review._task is None)
    box = QMessageBox(desk.window)
    box.open()
    review._content.transcript.drop_correction()
    desk.window._look_when_free()
    assert desk.window.review is review
    box.close()
    desk.until(lambda: desk.window.review is not review)
    assert desk.window.review.take_id == take.id
    assert not desk.says("The new look", desk.window)


def test_switches_are_the_same_here_and_where_one_rehearses(desk):
    desk.session.library.new_talk("Leaks", "lightning-5")
    desk.open()
    desk.find(QCheckBox, "Nudges").click()
    assert not load_settings().nudges
    desk.window.go("rehearse")
    assert not desk.window.rehearse._setup.nudges.isChecked()
    desk.window.rehearse._setup.captions.click()
    desk.open()
    assert not desk.find(QCheckBox, "Captions").isChecked()


def test_a_choice_that_can_not_be_kept_is_said_and_holds(desk, monkeypatch):
    desk.open()

    def full(*_, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("runthrough.ui.session.save_settings", full)
    desk.find(QCheckBox, "Nudges").click()
    assert desk.says("can't be kept for next time (No space left", desk.window)
    assert not desk.session.settings.nudges


# --- sound -----------------------------------------------------------------------------------


def test_a_sentence_is_recorded_and_heard_back_and_nothing_of_it_stays(desk):
    desk.session.change_settings(speaker="Speakers")
    desk.open()
    assert desk.sound.opened == ["Built-in microphone"]
    desk.press("Record and hear back")
    desk.sound.hear(RECORD_S + 0.5)
    desk.until(lambda: desk.sound.opened[-1] == "Speakers")
    assert desk.listen() > 20
    folder = Path(desk.page._sound._folder.name)
    desk.window.go("talks")
    desk.until(lambda: not desk.sound.streams)
    desk.window.close()
    assert not folder.exists()


def test_the_microphone_is_let_go_on_another_page(desk):
    desk.open()
    assert len(desk.sound.streams) == 1
    desk.window.go("talks")
    desk.until(lambda: not desk.sound.streams)


def test_another_microphone_is_opened_and_kept(desk):
    desk.open()
    desk.choose("Microphone", "Headset")
    desk.until(lambda: desk.sound.opened[-1] == "Headset")
    assert load_settings().microphone == "Headset"


def test_without_a_microphone_a_sentence_says_what_to_do(desk):
    desk.sound.names = []
    desk.window.go("settings")
    desk.until(lambda: desk.says("No microphone was found. Plug one in"))
    desk.sound.names = ["USB microphone"]
    desk.press("Try again: microphone test")
    desk.until(lambda: desk.says("the bar should move"))


def test_the_loudspeaker_is_tried(desk):
    desk.session.change_settings(speaker="Speakers")
    desk.open()
    desk.press("Play a test sound")
    desk.until(lambda: desk.sound.opened[-1] == "Speakers")
    assert desk.listen() > 3


# --- speech models ---------------------------------------------------------------------------


@pytest.fixture
def no_network(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")  # no answer at all takes the hub's own 20 s of tries


def test_models_say_what_they_cost_and_gain(desk, monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    desk.open()
    desk.page.models.look()
    desk.until(lambda: desk.find(QRadioButton, "Speech model tiny.en") is not None)
    assert desk.find(QRadioButton, "Speech model tiny.en").isChecked()
    assert desk.says("about six times the time · 486 MB · MIT licence")
    assert not desk.find(QRadioButton, "Speech model small.en").isEnabled()
    assert desk.find(QRadioButton, "Speech model base") is None, "English has better ones"


def test_a_download_that_fails_is_one_sentence(desk, no_network):
    desk.open()
    desk.page.models.look()
    desk.press("Download base.en")
    desk.until(lambda: desk.says("could not be downloaded"))
    desk.until(lambda: desk.find(QPushButton, "Download base.en") is not None)
    assert desk.session.settings.model == ""


# Read through is the model that is used; one that is cut off shows at once.
@pytest.mark.parametrize("damage", ["cut off", "of the right length"])
def test_a_model_that_is_damaged_can_be_downloaded_again(desk, no_network, tmp_path, damage):
    wanted = models._CATALOGUE[1]
    folder = tmp_path / "hub" / models._cache_name(wanted) / "snapshots" / wanted.revision
    folder.mkdir(parents=True)
    for name, file in wanted.files.items():
        with (folder / name).open("wb") as sparse:
            sparse.truncate(file.size_bytes)
    desk.open()
    desk.page.models.look()
    desk.until(lambda: desk.says("on this computer"))
    assert desk.find(QPushButton, "Download base.en") is None
    if damage == "cut off":
        (folder / "model.bin").write_bytes(b"cut off")
        desk.page.models.look()
    else:
        desk.session.change_settings(model="base.en")
    desk.until(lambda: desk.says("damaged"))
    desk.press("Download base.en")
    desk.until(lambda: desk.says("could not be downloaded"))


def test_a_look_at_the_models_that_is_overtaken_by_a_later_one_changes_nothing(desk, monkeypatch):
    desk.open()
    desk.until(lambda: desk.find(QRadioButton, "Speech model base.en") is not None)
    begun, overtaken, ended = threading.Event(), threading.Event(), threading.Event()
    whole = models.list_models

    def slow():
        begun.set()
        overtaken.wait(20)
        ended.set()
        return []

    monkeypatch.setattr(models, "list_models", slow)
    desk.page.models.look()
    desk.until(begun.is_set)
    monkeypatch.setattr(models, "list_models", whole)
    before = desk.find(QRadioButton, "Speech model base.en")
    desk.page.models.look()
    desk.until(lambda: desk.find(QRadioButton, "Speech model base.en") not in (None, before))
    overtaken.set()
    desk.until(ended.is_set)
    QTest.qWait(200)
    assert desk.find(QRadioButton, "Speech model base.en") is not None


@pytest.mark.parametrize("hashed", [True, False])
def test_a_multilingual_model_that_is_cut_off_can_be_downloaded_again(
    desk, no_network, tmp_path, hashed
):
    wanted = models._MULTILINGUAL[0]
    entry = tmp_path / "hub" / models._cache_name(wanted)
    folder = entry / "snapshots" / "abc"
    for made in (folder, entry / "blobs", entry / "refs"):
        made.mkdir(parents=True)
    (entry / "refs" / "main").write_text("abc")
    for name in wanted.files:
        (folder / name).write_bytes(b"cut off")
    if hashed:  # as where the cache has links
        (folder / "model.bin").rename(entry / "blobs" / ("0" * 64))
        (folder / "model.bin").symlink_to(entry / "blobs" / ("0" * 64))
    desk.open()
    desk.page.models.look()
    desk.until(lambda: desk.says("damaged"))
    desk.press("Download base")
    desk.until(lambda: desk.says("could not be downloaded"))


def test_a_download_is_cancelled_and_goes_on_over_another_look(desk, monkeypatch):
    reached = threading.Event()

    def slow(name, progress, cancelled):
        progress(10, 100)
        reached.set()
        while not cancelled():
            threading.Event().wait(0.01)
        raise models.Cancelled("The download was stopped.")

    monkeypatch.setattr(models, "download", slow)
    desk.open()
    desk.press("Download base.en")
    desk.until(reached.is_set)
    desk.choose("Theme", "dark")
    desk.press("Cancel the download of base.en")
    desk.until(lambda: desk.find(QPushButton, "Download base.en") is not None)
    assert desk.session.download.trouble == ""


def test_what_was_downloaded_is_used(desk, monkeypatch, tmp_path):
    here = replace(models._CATALOGUE[1], source=models.Source.FOUND, folder=tmp_path)

    def arrive(name, progress, cancelled):
        monkeypatch.setattr(models, "list_models", lambda: (here,))
        return here

    monkeypatch.setattr(models, "download", arrive)
    desk.open()
    desk.press("Download base.en")
    desk.until(lambda: desk.session.settings.model == "base.en")
    desk.until(lambda: (row := desk.find(QRadioButton, "Speech model base.en")) and row.isChecked())


def test_a_model_in_a_folder_is_called_unverified(desk, tmp_path):
    desk.open()
    desk.page.models.use_folder(tmp_path)
    assert desk.says("There is no speech model in")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "model.bin").write_bytes(b"weights")
    desk.page.models.use_folder(tmp_path / "own")
    desk.until(lambda: desk.says(f"unverified: {tmp_path / 'own'}"))
    assert load_settings().model == str(tmp_path / "own")


def test_another_language_needs_another_model_and_is_not_judged(desk, monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    desk.open()
    assert not desk.says("Only talks in English are judged")
    desk.choose("Language of the talk", "de")
    assert desk.says("Only talks in English are judged")
    desk.until(lambda: desk.says("needs a multilingual speech model"))
    desk.until(lambda: desk.find(QPushButton, "Download base") is not None)
    assert desk.find(QPushButton, "Download base.en") is None
    assert load_settings().language == "de"


# --- library ---------------------------------------------------------------------------------


def test_the_library_is_moved_and_used_where_it_is_now(desk, tmp_path):
    old = desk.session.library.root
    add_take(desk.session.library)
    desk.open()
    desk.page.folder.move_to(tmp_path / "elsewhere")
    desk.until(lambda: not old.exists())
    desk.until(lambda: not desk.page.busy)
    assert desk.session.library.root == tmp_path / "elsewhere"
    assert load_settings().library == str(tmp_path / "elsewhere")
    QTest.qWait(30)
    desk.window.go("review")
    desk.until(lambda: desk.says("Problem", desk.window) or desk.window.review._report is not None)
    desk.session.library.new_talk("Written in the new place", "lightning-5")
    again = Library(tmp_path / "elsewhere")
    assert {s.talk.title for s in again.talks()} == {"Hearing leaks", "Written in the new place"}
    again.close()


def test_a_move_that_can_not_be_is_told_and_changes_nothing(desk, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine")
    desk.open()
    before = desk.session.library.root
    desk.page.folder.move_to(tmp_path / "full")
    desk.until(lambda: desk.says("is not empty"))
    assert desk.session.library.root == before
    assert load_settings().library == ""
    assert not desk.page.busy


def test_no_library_is_moved_under_a_review(desk, tmp_path):
    desk.open()
    before, reviewed = desk.session.library.root, threading.Event()
    review = desk.session.recognition_pool.submit(reviewed.wait)
    try:
        desk.page.folder.move_to(tmp_path / "elsewhere")
        desk.until(lambda: not desk.page.busy)
        assert desk.says("still being listened to")
        assert desk.session.library.root == before
        assert not (tmp_path / "elsewhere").exists()
    finally:
        reviewed.set()
    assert review.result()
    desk.page.folder.move_to(tmp_path / "elsewhere")
    desk.until(lambda: desk.session.library.root == tmp_path / "elsewhere")


def test_no_library_is_moved_under_an_export_or_a_correction(desk, tmp_path, monkeypatch):
    take, report = add_take(desk.session.library)
    go_on = threading.Event()
    write = handout.write

    def slow(*given, **named):
        go_on.wait(20)
        return write(*given, **named)

    monkeypatch.setattr(handout, "write", slow)
    desk.window.open_review(take)
    review = desk.window.review
    kind = next(kind for kind in handout.KINDS if kind.to == "txt")
    review._exporting.write(kind, take, report, tmp_path / "talk.txt")
    desk.open()
    before = desk.session.library.root
    desk.page.folder.move_to(tmp_path / "elsewhere")
    assert desk.says("The library can be moved when the export is done.")
    assert not desk.page.busy
    go_on.set()
    desk.until(lambda: not review._exporting.under_way)
    assert (tmp_path / "talk.txt").exists()
    review._content.transcript.correct(0)
    desk.page.folder.move_to(tmp_path / "elsewhere")
    assert desk.says("when the correction being typed in Review is done.")
    assert desk.session.library.root == before
    review._content.transcript.drop_correction()
    desk.page.folder.move_to(tmp_path / "elsewhere")
    desk.until(lambda: desk.session.library.root == tmp_path / "elsewhere")


def test_a_move_can_be_stopped_and_nothing_is_recorded_meanwhile(desk, tmp_path, monkeypatch):
    going = threading.Event()

    def endless(source, target, progress, cancelled):
        progress(0, 2_000_000)
        progress(1_000_000, 2_000_000)
        going.set()
        while not cancelled():
            threading.Event().wait(0.01)
        raise models.Cancelled("stopped")

    monkeypatch.setattr("runthrough.ui.settings.copy_library", endless)
    desk.open()
    desk.page.folder.move_to(tmp_path / "elsewhere")
    desk.until(going.is_set)
    desk.until(lambda: desk.says("Moving 1 of 2 MB · about ") and desk.says(" left"))
    desk.window.go("rehearse")
    assert desk.page.isVisible()
    assert desk.says("The library is being moved", desk.window)
    desk.press("Cancel moving the library")
    desk.until(lambda: desk.says("The library stays where it is"))
    desk.window.go("talks")
    assert desk.window.talks.isVisible()


# --- the first time --------------------------------------------------------------------------


@pytest.fixture
def newcomer(qtbot, session, sound):
    apply_look(session)
    window = MainWindow(session)
    window.resize(1280, 800)
    bring_to_front(qtbot, window)
    yield window
    window.close()
    window.deleteLater()


def buttons(window):
    return {b.text(): b for b in window.findChildren(QPushButton) if b.isVisible()}


def test_the_first_time_three_steps_lead_to_the_sample(newcomer, qtbot, session):
    newcomer.start()
    seen = []
    for _ in range(3):
        steps = [x for x in newcomer.findChildren(QLabel) if x.text().startswith("Step")]
        seen.append(steps[0].text())
        name = "Next" if len(seen) < 3 else "Open the sample talk"
        area = {b.text(): b for b in newcomer._first_run.findChildren(QPushButton)}
        area[name].click()
    assert seen == ["Step 1 of 3", "Step 2 of 3", "Step 3 of 3"]
    qtbot.waitUntil(lambda: newcomer.review._report is not None)
    assert newcomer._first_run is None


def test_it_can_be_skipped_and_never_comes_again(newcomer, session):
    newcomer.start()
    buttons(newcomer)["Skip all"].click()
    assert newcomer.talks.isVisible()
    assert load_settings().welcomed
    newcomer.start()
    assert newcomer.talks.isVisible()
    assert json.loads(settings_path().read_text())["welcomed"] is True


def test_who_leaves_it_by_the_sidebar_is_not_asked_again(newcomer, session):
    newcomer.start()
    newcomer.go("practice")
    assert newcomer._first_run is None
    newcomer.start()
    assert newcomer.practice.isVisible()


def test_who_has_settings_is_no_newcomer(qtbot, session, sound):
    settings_path().write_text('{"theme": "light"}')
    assert load_settings().welcomed
    assert not Settings().welcomed


def test_the_recogniser_is_made_anew_for_another_model(session, monkeypatch):
    closed = threading.Event()

    class Old:
        busy = False

        def close(self):
            closed.set()

    session._recognizer = Old()
    session.change_settings(model="base.en")
    assert closed.wait(10)
    assert session._recognizer is None
