"""The page with slides, plans, captions and nudges. See ``test_rehearse`` for the rest."""

import threading

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from test_rehearse import Key, Stage

from in_front import bring_to_front
from pdfs import slide, write_pdf
from runthrough.errors import ModelError
from runthrough.formats import find_format
from runthrough.nudges import FIRST_AFTER_S
from runthrough.rehearsal import Phase
from runthrough.talk import EventKind, Word
from runthrough.ui.talk_dialog import TalkDialog
from runthrough.ui.widgets.basics import ElidedLabel
from runthrough.ui.widgets.plan_editor import PlanDialog, SlideSectionsDialog

TITLES = (
    "Sparse routing",
    "The task",
    "Why it matters",
    "Our method",
    "Training",
    "Where it fails",
)


@pytest.fixture
def pdf(qapp, tmp_path):
    return write_pdf(tmp_path / "routing.pdf", [slide(title, "a line") for title in TITLES])


@pytest.fixture
def talk(session, pdf):
    talk = session.library.new_talk("Sparse routing", "interview-20")
    return session.library.attach_slides(talk, pdf)


@pytest.fixture
def stage(qtbot, session, sound):
    stage = Stage(qtbot, session, sound)
    yield stage
    stage.close()


class Recogniser:
    """Says what a test wants it to say; the real one has tests of its own."""

    busy = failed = False

    def follow(self, _path, *, on_words, on_tentative, hotwords, **_others):
        self.words, self.guess, self.hotwords = on_words, on_tentative, hotwords
        return self

    def cancel(self):
        pass

    def finish(self):
        pass

    def result(self, _timeout_s=None):
        raise ModelError("There is no model.")

    def close(self):
        pass


@pytest.fixture
def recogniser(session, monkeypatch):
    made = Recogniser()
    monkeypatch.setattr(session, "recognizer", lambda: made)
    return made


def said(text, start_s):
    return tuple(
        Word(start_s + i * 0.4, start_s + i * 0.4 + 0.35, word)
        for i, word in enumerate(text.split())
    )


def record(stage):
    stage.until_ready()
    stage.wait(lambda: stage.page._slides.title(6) == TITLES[5])
    stage.press(Key.Key_Space)


def drop(page, *paths):
    files = QMimeData()
    files.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    event = QDropEvent(QPointF(5, 5), copy, files, left, Qt.KeyboardModifier.NoModifier)
    page.dropEvent(event)


# --- slides --------------------------------------------------------------------------------------


def test_keys_turn_slides_and_sections_follow(stage, session, talk):
    record(stage)
    assert stage.says("slide 1 of 6")
    for _ in range(3):
        stage.press(Key.Key_PageDown)
    assert stage.says("slide 4 of 6")
    assert stage.row(3).endswith("now")
    stage.press(Key.Key_PageUp)
    assert stage.row(1).endswith("now")
    stage.press(Key.Key_7)
    assert stage.says("slide 6 of 6")
    assert stage.says("The last slide")
    events = session.library.folder(stage.rehearsal.take.id).events()
    slides = [e.value for e in events if e.kind is EventKind.SLIDE]
    assert slides == ["1", "2", "3", "4", "3", "6"]


def test_the_next_slide_is_drawn_before_it_is_asked_for(stage, talk):
    record(stage)
    shown = stage.page._slides
    stage.qtbot.waitUntil(lambda: shown.picture(2) is not None and shown.picture(6) is not None)
    stage.press(Key.Key_PageDown)
    stage.qtbot.waitUntil(lambda: shown.picture(3) is not None)


def test_blank_and_back_by_keys_and_clickers(stage, talk):
    record(stage)
    view = stage.page._slides_view._current
    for key in (Key.Key_B, Key.Key_Period):
        stage.press(key)
        assert view.accessibleName() == "Slide blank"
        stage.press(key)
        assert view.accessibleName() == "Slide 1: Sparse routing"
    stage.press(Key.Key_F5)
    stage.qtbot.waitUntil(stage.page._full.isActiveWindow)
    assert stage.page._full._slide.isVisible()
    stage.press(Key.Key_PageDown, stage.page._full)
    assert stage.page._full._slide.accessibleName() == "Slide 2: The task"


def test_a_dropped_pdf_becomes_the_slides(stage, session, pdf):
    session.library.new_talk("No slides yet", "interview-20")
    stage.until_ready()
    assert stage.says("None: drop a PDF here")
    drop(stage.page, pdf)
    stage.wait(lambda: stage.says("routing.pdf · 6 slides"))
    stage.click("Remove the slides from the talk")
    stage.wait(lambda: stage.says("None: drop a PDF here"))
    assert pdf.exists()


def test_a_broken_pdf_is_one_sentence_and_the_old_slides_stay(stage, session, talk, tmp_path):
    stage.until_ready()
    stage.wait(lambda: stage.says("routing.pdf · 6 slides"))
    broken = tmp_path / "broken.pdf"
    broken.write_text("no slides at all")
    drop(stage.page, broken)
    stage.wait(lambda: stage.says("broken.pdf can't be read as a PDF"))
    assert stage.says("routing.pdf · 6 slides")
    stage.press(Key.Key_Space)
    assert stage.says("slide 1 of 6")


def test_a_broken_pdf_is_not_told_under_another_talk(stage, session, talk, tmp_path):
    other = session.library.new_talk("Another", "interview-20")
    stage.page.choose(talk)
    stage.until_ready()
    broken = tmp_path / "broken.pdf"
    broken.write_text("no slides at all")
    drop(stage.page, broken)
    stage.page.choose(other)
    stage.wait(lambda: stage.troubles)
    assert "broken.pdf can't be read as a PDF" in stage.troubles[0]
    assert not stage.says("broken.pdf")


@pytest.mark.parametrize("count_in", [False, True])
def test_slides_chosen_just_before_the_start_come_into_the_take(
    stage, session, pdf, count_in, monkeypatch
):
    session.change_settings(count_in=count_in)
    stage.page._counter.setInterval(20)
    session.library.new_talk("No slides yet", "interview-20")
    stage.until_ready()
    begun, attach = threading.Event(), session.library.attach_slides

    def slow(*given):
        begun.wait(20)
        return attach(*given)

    monkeypatch.setattr(session.library, "attach_slides", slow)
    drop(stage.page, pdf)
    stage.press(Key.Key_Space)
    assert stage.page.busy
    begun.set()
    stage.wait(lambda: stage.says("slide 1 of 6"))
    stage.press(Key.Key_PageDown)
    stage.wait(lambda: stage.says("slide 2 of 6"))
    events = session.library.folder(stage.rehearsal.take.id).events()
    assert [e.value for e in events if e.kind is EventKind.SLIDE] == ["1", "2"]


def test_slides_that_are_gone_do_not_stop_a_talk(stage, session, talk):
    session.library.slides(talk).write_bytes(b"damaged")
    stage.until_ready()
    stage.wait(lambda: stage.says("can't be read as a PDF"))
    stage.press(Key.Key_Space)
    stage.press(Key.Key_PageDown)
    assert stage.current == 1


def test_slides_are_tied_to_sections_by_hand(stage, session, talk, monkeypatch):
    stage.until_ready()
    stage.wait(lambda: stage.page._slides.title(6) == TITLES[5])

    def choose(dialog):
        assert dialog.choices[5].itemText(0) == "Proposed: Limitations"
        box = dialog.choices[4]
        box.setCurrentIndex(box.findData("results"))
        box.activated.emit(box.currentIndex())
        assert dialog.choices[5].currentIndex() == 0
        return True

    monkeypatch.setattr(SlideSectionsDialog, "exec", choose)
    stage.click("Sections of the slides")
    assert session.library.talk(talk.id).slide_sections == ((5, "results"),)
    stage.press(Key.Key_Space)
    for _ in range(4):
        stage.press(Key.Key_PageDown)
    assert stage.row(5).endswith("now")


# --- the plan ------------------------------------------------------------------------------------


def test_the_plan_of_a_talk_is_its_own(stage, session, talk, monkeypatch):
    def change(dialog):
        dialog.keep_total.setChecked(False)
        dialog.fields[6].setValue(240)
        return True

    monkeypatch.setattr(PlanDialog, "exec", change)
    stage.until_ready()
    stage.click("Change the plan of the talk")
    assert stage.row(6) == "Limitations: 0:00 of 4:00"
    assert stage.page._clock.text == "22:00"
    stage.press(Key.Key_Space)
    assert stage.rehearsal.take.format.planned_s == 22 * 60
    assert session.library.talk(talk.id).plan_format_id == "interview-20"


def test_the_plan_is_typed_and_dragged(qtbot, qapp):
    fmt = find_format("interview-20")
    dialog = PlanDialog("A talk", fmt, fmt, parent=None)
    qtbot.addWidget(dialog)
    bring_to_front(qtbot, dialog)
    field = dialog.fields[0]
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "3:00")
    QTest.keyClick(field, Qt.Key.Key_Tab)
    assert dialog.planned_s[0] == 180
    assert sum(dialog.planned_s) == fmt.planned_s
    border = dialog.bar.borders()[3]
    at = QPointF(border, 10).toPoint()
    before = dialog.planned_s
    QTest.mousePress(dialog.bar, Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseMove(dialog.bar, QPointF(border + 40, 10).toPoint())
    QTest.mouseRelease(dialog.bar, Qt.MouseButton.LeftButton, pos=at)
    assert dialog.planned_s[3] > before[3]
    assert dialog.planned_s[4] < before[4]
    assert sum(dialog.planned_s) == fmt.planned_s
    # What is typed counts even if saving takes no focus from the field.
    dialog.fields[1].selectAll()
    QTest.keyClicks(dialog.fields[1], "1:00")
    dialog.accept()
    assert dialog.planned_s[1] == 60


@pytest.mark.parametrize("typed", ["²", "99999999999", "9" * 5000, "1:2:3", "x"])
def test_what_is_no_time_is_not_taken_for_one(qtbot, typed):
    fmt = find_format("interview-20")
    dialog = PlanDialog("A talk", fmt, fmt, parent=None)
    qtbot.addWidget(dialog)
    before = dialog.planned_s
    dialog.fields[0].lineEdit().setText(typed)
    dialog.accept()
    assert dialog.planned_s == before


# --- what is heard -------------------------------------------------------------------------------


def test_captions_show_what_is_heard_and_can_be_switched_off(stage, session, talk, recogniser):
    stage.until_ready()
    stage.wait(lambda: stage.page._recognizer is recogniser)
    record(stage)
    stage.speak(4)
    lines = stage.page._captions.lines
    recogniser.guess(said("so instead of scoring", 1.0))
    stage.qtbot.waitUntil(lambda: lines.text() == "so instead of scoring")
    recogniser.guess(said("so instead of scoring every token", 1.0))
    stage.qtbot.waitUntil(lambda: lines.text() == "so instead of scoring every token")
    assert [word.text for word in lines._settled] == ["so", "instead", "of", "scoring"]
    places = [(word.line, word.x) for word in lines._settled]
    recogniser.words(said("so instead off scoring every token", 1.0))
    stage.qtbot.waitUntil(lambda: len(lines._settled) == 6)
    assert [(word.line, word.x) for word in lines._settled[:4]] == places
    stage.press(Key.Key_C)
    assert not stage.page._captions.isVisible()
    assert session.settings.captions is False
    stage.press(Key.Key_C)
    assert stage.page._captions.isVisible()


def test_without_a_recogniser_the_place_of_captions_says_so(stage, talk):
    record(stage)
    assert stage.says("No captions in this take")


def test_captions_that_stop_are_told_and_time_alone_tells_what_is_left(stage, talk, recogniser):
    stage.until_ready()
    stage.wait(lambda: stage.page._recognizer is recogniser)
    record(stage)
    stage.speak(2)
    recogniser.words(said("so instead of scoring", 0.5))
    stage.qtbot.waitUntil(lambda: "scoring" in stage.page._captions.lines.text())
    recogniser.failed = True
    stage.speak(1)
    assert stage.says("The captions stopped.")
    assert not stage.page._pace.isVisible()
    assert stage.rehearsal.phase is Phase.RECORDING
    # Nothing is heard any more, so a section counts as told by its time.
    stage.speak(3 * 60)
    stage.press(Key.Key_PageDown)
    assert "Leave room" not in stage.page._nudge._title.text()


def test_the_talks_terms_reach_the_recogniser(stage, session, talk, recogniser):
    stage.until_ready()
    stage.wait(lambda: stage.page._recognizer is recogniser and stage.page._choosing.hotwords)
    record(stage)
    assert "Sparse" in recogniser.hotwords


def test_sections_are_marked_when_they_were_really_said(
    stage, session, talk, recogniser, monkeypatch
):
    found: set[str] = set()
    judged = []

    def heard(transcript, _fmt):
        judged.append(transcript)
        return set(found)

    monkeypatch.setattr("runthrough.analysis.heard_sections", heard)
    stage.until_ready()
    stage.wait(lambda: stage.page._recognizer is recogniser)
    record(stage)
    stage.speak(12)
    recogniser.words(said("good morning to all of you who came here so early today.", 0.0))
    stage.qtbot.waitUntil(lambda: len(judged) == 1)
    assert "heard" not in stage.row(0)
    found.add("problem")
    recogniser.words(said("the question is whether we can hear a leak.", 6.0))
    stage.qtbot.waitUntil(lambda: "heard" in stage.row(0))
    assert "heard" not in stage.row(1)


def test_limitations_are_marked_only_when_they_stand_while_more_is_said(
    stage, session, talk, recogniser, monkeypatch
):
    judged = []

    def heard(transcript, _fmt):
        judged.append(transcript.words[-1].end_s)
        return {"limitations"}

    monkeypatch.setattr("runthrough.analysis.heard_sections", heard)
    stage.until_ready()
    stage.wait(lambda: stage.page._recognizer is recogniser)
    record(stage)
    row = next(
        i for i, s in enumerate(stage.page._rehearsal.format.sections) if s.id == "limitations"
    )
    for start_s in range(0, 28, 7):
        stage.speak(7)
        recogniser.words(
            said("it fails on plastic pipes and that is bad for us all here.", start_s)
        )
        stage.qtbot.waitUntil(lambda said_s=start_s: bool(judged) and judged[-1] > said_s)
    assert "heard" not in stage.row(row)
    stage.speak(21)
    recogniser.words(said("and one more thing is that it is slow.", 45.0))
    stage.qtbot.waitUntil(lambda: "heard" in stage.row(row))


def test_a_nudge_comes_and_can_be_switched_off_for_good(stage, session, talk):
    record(stage)
    stage.press(Key.Key_1)
    stage.speak(1)
    clock = stage.page._clock.geometry()
    stage.speak(FIRST_AFTER_S + 12 * 60)
    assert stage.says("Leave room for limitations.")
    assert stage.page._clock.geometry() == clock, "a nudge moves no figures"
    assert stage.page._full._said.text() == "Leave room for limitations."
    assert QApplication.activeModalWidget() is None
    stage.page._nudge.off.click()
    stage.speak(1)
    assert not stage.page._nudge.isVisible()
    assert session.settings.nudges is False


@pytest.mark.parametrize("size", [(900, 600), (1280, 800), (1920, 1080)])
def test_nothing_is_cut_off(stage, talk, size):
    stage.window.setFixedSize(size[0], size[1] + 100)
    stage.page.setFixedSize(size[0] - 76, size[1])  # beside the window's list of pages

    def cut_off():
        for one in stage.page.findChildren(QLabel):
            if not one.isVisible() or not one.text() or isinstance(one, ElidedLabel):
                continue
            wanted = one.heightForWidth(one.width()) if one.wordWrap() else one.sizeHint().height()
            whole = one.visibleRegion().boundingRect() == one.rect()
            wide = one.wordWrap() or one.width() >= one.sizeHint().width()
            if not (whole and wide and one.height() >= wanted):
                yield one.text()

    stage.until_ready()
    stage.wait(lambda: stage.page._slides.title(6) == TITLES[5])
    QApplication.processEvents()
    assert list(cut_off()) == []
    stage.press(Key.Key_Space)
    stage.press(Key.Key_1)
    stage.speak(FIRST_AFTER_S + 12 * 60)
    assert stage.says("Leave room for limitations.")
    QApplication.processEvents()
    assert list(cut_off()) == []


def test_marks_are_kept_and_told(stage, session, talk):
    record(stage)
    stage.speak(3)
    stage.press(Key.Key_M)
    assert "marked at 0:03" in stage.page._bar.subtitle.text()
    events = session.library.folder(stage.rehearsal.take.id).events()
    assert [round(e.at_s) for e in events if e.kind is EventKind.MARK] == [3]


# --- where talks are made ------------------------------------------------------------------------


def test_a_new_talk_takes_slides_and_terms(qtbot, session, pdf, tmp_path):
    dialog = TalkDialog(session, parent=None)
    qtbot.addWidget(dialog)
    broken = tmp_path / "broken.pdf"
    broken.write_text("no slides")
    drop(dialog, broken)
    assert "can't be read as a PDF" in dialog._slides_trouble.text()
    drop(dialog, pdf)
    assert dialog.title.text() == "routing"
    dialog.vocabulary.setText("BigBird, Katharopoulos")
    dialog.save()
    (summary,) = session.library.talks()
    assert summary.talk.vocabulary == "BigBird, Katharopoulos"
    assert session.library.slides(summary.talk).read_bytes() == pdf.read_bytes()
    again = TalkDialog(session, summary.talk, parent=None)
    qtbot.addWidget(again)
    again.save()
    assert session.library.talk(summary.talk.id) == summary.talk
