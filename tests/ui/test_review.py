"""The review in real windows over real files: hearing, correcting, answering, comparing."""

from __future__ import annotations

import os
import threading
from dataclasses import replace

import pytest
from on_screen import press, texts
from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QColor, QTextDocument, QWheelEvent
from PySide6.QtWidgets import QApplication, QComboBox, QFrame, QLabel, QPushButton

from in_front import bring_to_front
from runthrough.analysis import transcript_of_words
from runthrough.errors import Cancelled, RecognitionError
from runthrough.library import Library
from runthrough.rehearsal import rejudge
from runthrough.settings import Settings
from runthrough.talk import (
    Answer,
    Corrections,
    Event,
    EventKind,
    Filler,
    Severity,
    Sound,
    Status,
    TakeState,
    WordCorrection,
)
from runthrough.transcription.recognizer import Recognition
from runthrough.ui import theme
from runthrough.ui.review import ReviewPage
from runthrough.ui.session import Session
from runthrough.ui.talk_dialog import TalkDialog
from runthrough.ui.talks import TalksPage
from takes import SPOKEN, add_take, words_of


@pytest.fixture
def session(tmp_path, qapp, sound):
    """``sound``: no test opens a loudspeaker of the computer it runs on."""
    theme.apply(qapp, "light")
    made = Session(Library(tmp_path / "library"), Settings())
    yield made
    made.close()


@pytest.fixture
def shown(qtbot, session):
    """A page with a reviewed take on it, and what was said in trouble."""

    def show(take_id: str) -> ReviewPage:
        page = ReviewPage(session)
        qtbot.addWidget(page)
        page.resize(1200, 800)
        bring_to_front(qtbot, page)
        page.setFocus()
        page.open(take_id)
        qtbot.waitUntil(lambda: page._content.waveform._peaks is not None)
        return page

    return show


def judged(qtbot, page, true):
    qtbot.waitUntil(lambda: not page._under_judgement and true(page._report), timeout=20_000)


def number_of(page, text: str) -> int:
    return next(n for n, w in enumerate(page._report.words) if w.text == text)


def place_of(view, text: str) -> QPoint:
    cursor = view.document().find(text)
    cursor.setPosition(cursor.selectionStart() + 1)
    return view.cursorRect(cursor).center()


# --- the take that is opened -----------------------------------------------------------------


def test_a_review_shows_coverage_words_and_findings(session, shown):
    take, report = add_take(session.library)
    page = shown(take.id)
    text = page._content.transcript.toPlainText()
    for sentence in report.sentences:
        assert sentence.text in text
    assert report.findings[0].title in texts(page)


def test_a_review_dates_its_take_as_the_list_of_talks_does(session, shown):
    take, _ = add_take(session.library)
    session.library.save_take(replace(take, started=take.started.replace(month=3, day=5)))
    assert " · 5 March, " in texts(shown(take.id))


def test_earlier_takes_can_be_chosen_and_deleted(qtbot, session, shown):
    first, _ = add_take(session.library)
    second, _ = add_take(session.library)
    page = shown(second.id)
    assert page._takes.count() == 2
    page._takes.setCurrentIndex(1)
    page._takes.activated.emit(1)
    assert page._take.id == first.id
    page.delete_take()
    assert page._take.id == second.id
    page.delete_take()
    assert "No take to review yet" in texts(page)
    assert session.library.takes() == []
    qtbot.wait(200)


def test_a_review_follows_its_talk_into_another_title_and_into_the_trash(
    qtbot, session, shown, monkeypatch
):
    take, _ = add_take(session.library)
    talks = TalksPage(session)
    qtbot.addWidget(talks)
    page = shown(take.id)

    def retitle(dialog):
        dialog.title.setText("Hearing hydrants")
        return True

    monkeypatch.setattr(TalkDialog, "exec", retitle)
    talks._edit_talk(session.library.talk(take.talk_id))
    assert "Hearing hydrants · " in texts(page)

    def agree():
        box = QApplication.activeModalWidget()
        next(b for b in box.buttons() if b.text() == "Move to trash").click()

    QTimer.singleShot(0, agree)
    talks._delete_talk(session.library.talk(take.talk_id))
    assert "No take to review yet" in texts(page)
    assert page.empty


def test_a_talk_that_is_gone_is_not_rehearsed_again_but_said(qtbot, session, shown):
    take, _ = add_take(session.library)
    page = shown(take.id)
    session.library.delete_talk(take.talk_id)  # as another program does
    with qtbot.waitSignal(page.trouble) as said:
        press(qtbot, page, "Rehearse again")
    assert "There is no talk" in said.args[0]


def test_no_takes_is_a_sentence_not_a_blank(qtbot, session):
    page = ReviewPage(session)
    qtbot.addWidget(page)
    page.show()
    page.open_last()
    assert "No take to review yet" in texts(page)
    with qtbot.waitSignal(page.sample_wanted):
        next(
            b for b in page.findChildren(QPushButton) if b.text() == "Open the sample talk"
        ).click()


# --- correcting ------------------------------------------------------------------------------


def test_corrections_made_while_another_is_judged_are_kept_with_their_takes(
    qtbot, session, shown, monkeypatch
):
    first, _ = add_take(session.library)
    second, _ = add_take(session.library)
    third, _ = add_take(session.library)
    go_on = threading.Event()

    def slow(*arguments):
        go_on.wait(20)
        return rejudge(*arguments)

    monkeypatch.setattr("runthrough.rehearsal.rejudge", slow)
    page = shown(first.id)
    page._correct_word(0, "One")
    page._correct_word(1, "Two")
    page.open(second.id)
    page._correct_word(0, "Three")
    page.open(first.id)  # what is still to be kept counts already
    page._correct_word(2, "Four")
    page.open(third.id)
    go_on.set()
    qtbot.waitUntil(lambda: not page._under_judgement, timeout=20_000)

    def kept(take):
        return [word.said for word in session.library.folder(take.id).corrections().words]

    assert (kept(first), kept(second), kept(third)) == (["One", "Two", "Four"], ["Three"], [])
    said = [word.text for word in session.library.folder(first.id).report().words]
    assert said[:3] == ["One", "Two", "Four"]
    # What is not judged yet when the window closes is judged when the take is opened next.
    go_on.clear()
    page._correct_word(0, "Five")
    page._correct_word(1, "Six")
    qtbot.waitUntil(lambda: kept(third) == ["Five"])
    page.keep_and_close()
    assert kept(third) == ["Five", "Six"]
    go_on.set()
    qtbot.waitUntil(lambda: not page._under_judgement, timeout=20_000)


def test_a_double_clicked_word_is_corrected_and_kept(qtbot, session, shown):
    take, before = add_take(session.library)
    page = shown(take.id)
    view = page._content.transcript
    at = place_of(view, "hydrant at")
    qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert view.editor.text() == "hydrant"
    view.editor.setText("fire hydrant")
    qtbot.keyClick(view.editor, Qt.Key.Key_Return)
    judged(qtbot, page, lambda r: len(r.words) == len(before.words) + 1)
    assert "every fire hydrant at night" in view.toPlainText()
    old = before.words[[w.text for w in before.words].index("hydrant")]
    new = page._report.words[number_of(page, "fire")]
    assert (new.start_s, page._report.words[number_of(page, "hydrant")].end_s) == (
        old.start_s,
        old.end_s,
    )
    # What was heard stays on disk as it was heard; the correction stands beside it.
    folder = session.library.folder(take.id)
    assert "fire" not in (folder.path / "transcript.json").read_text()
    assert "fire hydrant" in (folder.path / "corrections.json").read_text()
    assert "fire" in [w.text for w in folder.report().words]


def test_corrections_are_undone_redone_and_outlive_another_recognition(qtbot, session, shown):
    take, _ = add_take(session.library)
    page = shown(take.id)
    page._content.transcript.word_corrected.emit(number_of(page, "seventeen"), "eighteen")
    judged(qtbot, page, lambda r: "eighteen" in [w.text for w in r.words])
    qtbot.keyClick(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    judged(qtbot, page, lambda r: "seventeen" in [w.text for w in r.words])
    page.redo()
    judged(qtbot, page, lambda r: "eighteen" in [w.text for w in r.words])
    # The same words, a little off in time and with a lost one before, as another model hears them.
    folder = session.library.folder(take.id)
    again = [replace(w, start_s=w.start_s + 0.1) for w in words_of(SPOKEN)[1:]]
    folder.save_transcript(
        transcript_of_words(again, duration_s=take.duration_s, language="en", model="base")
    )
    assert "eighteen" in [w.text for w in rejudge(session.library, take.id).words]


def test_words_after_a_sign_beyond_16_bits_are_still_themselves(qtbot, session, shown):
    take, _ = add_take(session.library)
    page = shown(take.id)
    view = page._content.transcript
    page._correct_word(number_of(page, "welcome"), "\U0001d4d2-learning \U0001f600")
    judged(qtbot, page, lambda r: "\U0001f600" in [w.text for w in r.words])
    for word in ("my", "nobody", "Thank"):
        number = number_of(page, word)
        view.light_word(number)
        assert view.lit_text == word
        assert view.extraSelections()[0].cursor.selectedText() == word
        view.correct(number)
        assert view.editor.text() == word


def test_a_word_that_was_never_said_is_taken_out(qtbot, session, shown):
    take, before = add_take(session.library)
    page = shown(take.id)
    page._content.transcript.word_corrected.emit(number_of(page, "quietest"), "")
    judged(qtbot, page, lambda r: len(r.words) == len(before.words) - 1)
    assert "keeps the minute" in page._content.transcript.toPlainText()


def test_escape_drops_what_was_typed(qtbot, session, shown):
    take, _ = add_take(session.library)
    page = shown(take.id)
    view = page._content.transcript
    view.correct(number_of(page, "seventeen"))
    view.editor.setText("eighty")
    qtbot.keyClick(view.editor, Qt.Key.Key_Escape)
    assert view.editor is None
    assert not page._undo


def test_a_click_elsewhere_keeps_what_was_typed_and_hears_the_word(qtbot, session, shown, sound):
    sound.speakers = ["Built-in speakers"]
    take, _ = add_take(session.library)
    page = shown(take.id)
    view = page._content.transcript
    left = Qt.MouseButton.LeftButton
    qtbot.mouseDClick(view.viewport(), left, pos=place_of(view, "hydrant at"))
    view.editor.setText("pipe")
    qtbot.mouseClick(view.viewport(), left, pos=place_of(view, "nobody"))
    assert view.editor is None
    assert page._player.playing
    assert view.lit_text == "nobody"
    judged(qtbot, page, lambda r: "pipe" in [w.text for w in r.words])


@pytest.mark.parametrize("at", ["transcript", "waveform"])
def test_escape_drops_what_was_typed_from_elsewhere(qtbot, session, shown, at):
    take, _ = add_take(session.library)
    page = shown(take.id)
    view = page._content.transcript
    view.correct(number_of(page, "seventeen"))
    view.editor.setText("eighty")
    elsewhere = getattr(page._content, at)
    elsewhere.setFocus()
    qtbot.keyClick(elsewhere, Qt.Key.Key_Escape)
    assert view.editor is None
    assert not page._undo


def test_a_word_being_typed_stays_when_the_one_before_is_judged(qtbot, session, shown, monkeypatch):
    take, before = add_take(session.library)
    go_on = threading.Event()

    def slow(*arguments):
        go_on.wait(20)
        return rejudge(*arguments)

    monkeypatch.setattr("runthrough.rehearsal.rejudge", slow)
    page = shown(take.id)
    view = page._content.transcript

    def begin(at, typed):
        qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place_of(view, at))
        qtbot.keyClicks(view.editor, typed)

    begin("hydrant at", "fire hydrant")
    qtbot.keyClick(view.editor, Qt.Key.Key_Return)
    begin("seventeen", "eigh")
    with qtbot.waitSignal(session.library_changed, timeout=20_000):
        go_on.set()
    qtbot.keyClicks(view.editor, "teen")
    qtbot.keyClick(view.editor, Qt.Key.Key_Return)
    judged(qtbot, page, lambda r: "eighteen" in [w.text for w in r.words])
    assert len(page._report.words) == len(before.words) + 1
    assert "every fire hydrant at night" in view.toPlainText()
    assert "sees eighteen of nineteen" in view.toPlainText()


def test_what_was_judged_meanwhile_shows_when_the_next_word_is_left_as_it_was(
    qtbot, session, shown
):
    take, _ = add_take(session.library)
    page = shown(take.id)
    view = page._content.transcript
    page._correct_word(number_of(page, "hydrant"), "fire hydrant")
    view.correct(number_of(page, "seventeen"))
    qtbot.waitUntil(lambda: not page._under_judgement, timeout=20_000)
    assert view.editor is not None
    qtbot.keyClick(view.editor, Qt.Key.Key_Escape)
    assert "every fire hydrant at night" in view.toPlainText()
    # What else is corrected does not wait for a field that was left open.
    view.correct(number_of(page, "seventeen"))
    page.undo()
    judged(qtbot, page, lambda r: "fire" not in [w.text for w in r.words])
    assert view.editor is None


def test_a_sentence_is_given_to_a_section_and_everything_follows(qtbot, session, shown):
    take, before = add_take(session.library)
    assert before.limitations.state != "stated"
    page = shown(take.id)
    view = page._content.transcript
    menu = view.menu_at(view.document().find("what the city pays").selectionStart())
    sections = next(a.menu() for a in menu.actions() if a.menu() is not None)
    next(a for a in sections.actions() if a.text() == "Limitations").trigger()
    judged(qtbot, page, lambda r: r.limitations.state == "stated")
    sentence = next(s for s in page._report.sentences if "Another matter" in s.text)
    assert (sentence.section, sentence.confidence) == ("limitations", 1.0)
    assert "section.missing.limitations" not in [f.id for f in page._report.findings]
    # It is the speaker's word, so it holds when the take is judged again.
    assert rejudge(session.library, take.id).limitations.state == "stated"


def test_a_review_that_a_crash_left_behind_its_corrections_is_made_anew(qtbot, session, shown):
    take, report = add_take(session.library)
    word = report.words[3]
    folder = session.library.folder(take.id)
    folder.save_corrections(
        Corrections(words=(WordCorrection(word.start_s, word.end_s, word.text, "greetings"),))
    )
    page = shown(take.id)
    judged(qtbot, page, lambda r: "greetings" in [w.text for w in r.words])
    assert not folder.report_is_behind()


# --- answering -------------------------------------------------------------------------------


def open_finding(page, finding_id):
    return next(f for f in page._report.findings if f.id == finding_id)


def test_what_was_lit_is_not_lit_elsewhere_once_a_correction_moves_the_text(qtbot, session, shown):
    take, _ = add_take(session.library)
    page = shown(take.id)
    view = page._content.transcript
    view.light(2)
    assert view.extraSelections()
    page._belongs(1, "limitations")
    judged(qtbot, page, lambda r: r.sentences[1].section == "limitations")
    lit = [s.cursor.selectedText() for s in view.extraSelections()]
    assert lit == ([view.lit_text] if view.lit_text else [])


def test_corrections_pile_up_no_old_texts(qtbot, session, shown):
    take, _ = add_take(session.library)
    page = shown(take.id)
    view = page._content.transcript
    for section in ("limitations", "results", "method"):
        page._belongs(1, section)
        judged(qtbot, page, lambda r, s=section: r.sentences[1].section == s)
    qtbot.waitUntil(lambda: view.findChildren(QTextDocument) == [view.document()])


def test_an_answer_is_kept_and_can_be_taken_back(qtbot, session, shown):
    take, report = add_take(session.library)
    finding = next(f for f in report.findings if f.severity is not Severity.GOOD)
    page = shown(take.id)
    page._answer(finding, Answer.NOT_A_PROBLEM)
    judged(qtbot, page, lambda r: any(f.answer for f in r.findings))
    assert page._report.findings[-1].id == finding.id
    assert "You said: not a problem." in texts(page)
    told = [f for f in report.findings if f.severity is not Severity.GOOD]
    assert page._content._tabs.tabText(0) == f"Findings {len(told) - 1}"
    assert rejudge(session.library, take.id).findings[-1].answer is Answer.NOT_A_PROBLEM
    press(qtbot, page, f"Take back: {finding.title}")
    judged(qtbot, page, lambda r: not any(f.answer for f in r.findings))


def test_the_focus_stays_where_a_finding_was_answered(qtbot, session, shown):
    take, report = add_take(session.library)
    page = shown(take.id)
    finding = next(f for f in report.findings if f.severity is not Severity.GOOD)
    button = next(
        b for b in page.findChildren(QPushButton) if b.accessibleName().startswith("Answer: ")
    )
    button.setFocus()
    page._answer(finding, Answer.NOT_A_PROBLEM)
    judged(qtbot, page, lambda r: any(f.answer for f in r.findings))
    assert page._content.tabs["Findings"].isAncestorOf(QApplication.focusWidget())


def test_what_the_recogniser_misheard_counts_as_told_by_the_speakers_word(qtbot, session, shown):
    take, report = add_take(session.library, "Good morning. This talk is about water. Thank you.")
    missing = next(f for f in report.findings if f.id.startswith("section.missing."))
    section = missing.id.rpartition(".")[2]
    page = shown(take.id)
    page._answer(missing, Answer.MISHEARD)

    def told(r):
        return any(s.id == section and s.by_speaker for s in r.sections)

    judged(qtbot, page, told)
    assert open_finding(page, missing.id).answer is Answer.MISHEARD
    cell = page._content.coverage._cells[section]
    assert "by your word" in cell.toolTip()


def test_this_is_it_asks_for_the_sentence_where_none_was_found(qtbot, session, shown):
    take, report = add_take(session.library, "Good morning. Water is lost at night. Thank you.")
    missing = next(f for f in report.findings if f.id == "section.missing.problem")
    page = shown(take.id)
    with qtbot.waitSignal(page.trouble) as said:
        page._answer(missing, Answer.THIS_IS_IT)
    assert "Click it in the transcript" in said.args[0]
    page._show_sentence(1)
    page._answer(missing, Answer.THIS_IS_IT)
    judged(qtbot, page, lambda r: r.sentences[1].section == "problem")


@pytest.mark.parametrize("on_s", [1.0, 1.6], ids=["in the pause", "in the next sentence"])
def test_this_is_it_means_the_sentence_that_was_clicked_however_far_it_plays_on(
    qtbot, session, shown, sound, on_s
):
    sound.speakers = ["Built-in speakers"]
    take, report = add_take(session.library)
    missing = next(f for f in report.findings if f.id == "section.missing.limitations")
    page = shown(take.id)
    view = page._content.transcript
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place_of(view, "nobody knows"))
    assert page._player.playing
    page._player.seek(report.sentences[1].end_s + on_s)
    page._follow()
    assert view.lit_sentence != 1
    page._answer(missing, Answer.THIS_IS_IT)
    judged(qtbot, page, lambda r: r.limitations.state == "stated")
    assert page._report.sentences[1].section == "limitations"


def test_a_sentence_clicked_while_the_review_is_made_anew_is_the_one_that_is_meant(
    qtbot, session, shown
):
    take, report = add_take(session.library)
    missing = next(f for f in report.findings if f.id == "section.missing.limitations")
    page = shown(take.id)
    page._correct_word(number_of(page, "welcome"), "hello")
    page._hear_word(number_of(page, "seventeen"))
    judged(qtbot, page, lambda r: "hello" in [w.text for w in r.words])
    page._answer(missing, Answer.THIS_IS_IT)
    judged(qtbot, page, lambda r: r.limitations.state == "stated")
    assert page._report.sentences[5].section == "limitations"


def test_each_sentence_that_may_be_a_limit_is_asked_about_and_all_answers_are_kept(
    qtbot, session, shown
):
    take, _ = add_take(
        session.library,
        "We find leaks by listening to pipes. It finds nine leaks of ten. Perhaps outdoors is "
        "another question. Maybe plastic is a bit of a question. Thank you.",
    )
    page = shown(take.id)
    for _ in range(2):
        asked = open_finding(page, "limitations.possible")
        page._answer(asked, Answer.NOT_A_PROBLEM)
        answered = asked.start_s
        judged(
            qtbot,
            page,
            lambda r, at_s=answered: any(f.answer and f.start_s == at_s for f in r.findings),
        )
    assert page._report.limitations.state == "not_heard"
    assert sum(f.answer is Answer.NOT_A_PROBLEM for f in page._report.findings) == 2
    assert texts(page).count("You said: no, it is none.") == 2


# --- hearing ---------------------------------------------------------------------------------


def test_the_lit_word_is_the_one_at_the_line_and_none_in_a_silence(qtbot, session, shown):
    take, report = add_take(session.library)
    page = shown(take.id)
    for number in (0, 7, len(report.words) - 1):
        page.seek(report.words[number].start_s + 0.05)
        assert page._content.transcript.lit_text == report.words[number].text
    page.seek(report.words[6].end_s + 1.0)
    assert page._content.transcript.lit_text == ""


def test_enter_hears_the_word_at_the_cursor(qtbot, session, shown):
    take, _ = add_take(session.library)
    page = shown(take.id)
    view = page._content.transcript
    cursor = view.document().find("seventeen")
    with qtbot.waitSignal(view.word_chosen) as chosen:
        cursor.setPosition(cursor.selectionStart() + 2)
        view.setTextCursor(cursor)
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert page._report.words[chosen.args[0]].text == "seventeen"
    assert view.lit_text == "seventeen"


def test_keys_move_zoom_and_choose_the_speed(qtbot, session, shown):
    take, _ = add_take(session.library)
    page = shown(take.id)
    wave = page._content.waveform
    qtbot.keyClick(page, Qt.Key.Key_Right)
    qtbot.keyClick(page, Qt.Key.Key_Right)
    assert wave._position_s == pytest.approx(10.0)
    qtbot.keyClick(page._content.transcript, Qt.Key.Key_Left)
    assert wave._position_s == pytest.approx(5.0)
    for _ in range(20):
        qtbot.keyClick(page, Qt.Key.Key_Plus)
    begin, end = wave._from_s, wave._to_s
    assert end - begin == pytest.approx(1.0)
    assert begin <= 5.0 <= end
    qtbot.keyClick(page, Qt.Key.Key_0)
    assert (wave._from_s, wave._to_s) == (0.0, pytest.approx(take.duration_s))
    qtbot.keyClick(page, Qt.Key.Key_Greater)
    assert page._content.chosen_speed == 1.25
    assert page._player.speed == 1.25


def test_space_presses_a_button_that_has_the_focus(qtbot, session, shown):
    take, _ = add_take(session.library)
    page = shown(take.id)
    cell = page._content.coverage._cells["problem"]
    cell.setFocus()
    qtbot.keyClick(cell, Qt.Key.Key_Space)
    assert cell.isChecked()
    assert page._content.waveform._section == "problem"
    assert page._content.transcript._section == "problem"
    rows = page._content.tabs["Timing"].findChildren(QFrame)
    chosen = [row.section for row in rows if row.property("role") == "row_selected"]
    assert chosen == ["problem"]
    assert page._player is None or not page._player.playing


def test_arrows_seek_wherever_the_focus_is_but_among_the_tabs(qtbot, session, shown):
    take, _ = add_take(session.library)
    page = shown(take.id)
    content, wave = page._content, page._content.waveform
    for part in (content.play, content.speed, content.tabs["Findings"], wave):
        before = wave._position_s
        part.setFocus()
        qtbot.keyClick(part, Qt.Key.Key_Right)
        assert wave._position_s == pytest.approx(before + 5.0)
    before = wave._position_s
    bar = content._tabs.tabBar()
    bar.setFocus()
    qtbot.keyClick(bar, Qt.Key.Key_Right)
    assert content._tabs.currentIndex() == 1
    content.search.setFocus()
    qtbot.keyClick(content.search, Qt.Key.Key_Right)
    assert wave._position_s == before


def test_a_click_on_a_control_leaves_space_to_the_player(qtbot, session, shown):
    take, _ = add_take(session.library)
    page = shown(take.id)
    controls = [w for w in page.findChildren(QPushButton) if w.isVisible()]
    assert len(controls) > 8
    within = page._content.findChildren(QPushButton) + page._content.findChildren(QComboBox)
    assert not any(w.focusPolicy() & Qt.FocusPolicy.ClickFocus for w in within)


def test_nothing_plays_on_behind_another_page(qtbot, session, shown, sound):
    sound.speakers = ["Built-in speakers"]
    take, _ = add_take(session.library)
    page = shown(take.id)
    page._hear_word(10)
    assert page._player.playing
    page.hide()
    assert not page._player.playing
    assert not sound.streams


def test_tab_comes_to_the_strip_before_the_player_and_the_findings_after(qtbot, session, shown):
    take, _ = add_take(session.library)
    page = shown(take.id)
    seen = []
    page._again.setFocus()
    for _ in range(24):
        page.focusNextChild()
        seen.append(QApplication.focusWidget().accessibleName())
    first = next(n for n, name in enumerate(seen) if name.startswith("Problem"))
    assert first < seen.index("Play or pause") < seen.index("Transcript") < seen.index("Findings")


def test_a_drag_over_the_waveform_seeks(qtbot, session, shown):
    take, _ = add_take(session.library)
    page = shown(take.id)
    wave = page._content.waveform
    qtbot.mousePress(wave, Qt.MouseButton.LeftButton, pos=QPoint(10, 60))
    qtbot.mouseMove(wave, QPoint(wave.width() // 2, 60))
    qtbot.mouseRelease(wave, Qt.MouseButton.LeftButton, pos=QPoint(wave.width() // 2, 60))
    assert 0 < page._player.position_s < take.duration_s


def test_the_wheel_zooms_around_the_pointer(qtbot, session, shown):
    take, _ = add_take(session.library)
    wave = shown(take.id)._content.waveform
    at = QPointF(wave.width() * 0.75, 60)
    under = wave._seconds(at.x())
    wheel = QWheelEvent(
        at,
        wave.mapToGlobal(at),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(wave, wheel)
    begin, end = wave._from_s, wave._to_s
    assert end - begin < take.duration_s
    assert wave._seconds(at.x()) == pytest.approx(under)


def test_without_a_loudspeaker_it_says_so_and_stays_paused(qtbot, session, shown, sound):
    take, _ = add_take(session.library)
    page = shown(take.id)
    with qtbot.waitSignal(page.trouble) as said:
        qtbot.keyClick(page, Qt.Key.Key_Space)
    assert "loudspeaker" in said.args[0]
    assert not page._player.playing


def test_it_plays_on_when_the_loudspeaker_goes_away(qtbot, session, shown, sound):
    sound.speakers = ["Headset", "Built-in speakers"]
    take, _ = add_take(session.library)
    page = shown(take.id)
    page._hear_word(10)
    assert page._player.playing
    qtbot.waitUntil(lambda: sound.drain() > 0)
    at = page._player.position_s
    sound.speakers = ["Built-in speakers"]
    sound.unplug()
    qtbot.waitUntil(lambda: page._player.playing)
    assert sound.opened[-1] == "Built-in speakers"
    assert page._player.position_s >= at
    sound.speakers = []
    with qtbot.waitSignal(page.trouble) as said:
        sound.unplug()
    assert "loudspeaker" in said.args[0]
    assert not page._player.playing


def test_where_the_sound_was_cut_off_nothing_else_is_played(qtbot, session, sound):
    sound.speakers = ["Headset"]
    take, report = add_take(session.library)
    audio = session.library.folder(take.id).audio
    os.truncate(audio, 44 + 2 * 16_000 * 4)
    page = ReviewPage(session)
    qtbot.addWidget(page)
    page.resize(1200, 800)
    bring_to_front(qtbot, page)
    with qtbot.waitSignal(page.trouble) as said:
        page.open(take.id)
    assert "ends at 0:04" in said.args[0]
    late = number_of(page, "hydrants")
    page._hear_word(late)
    assert not page._player.playing
    assert page._content.transcript.lit_text == "hydrants"
    page._hear_word(0)
    assert page._player.playing
    page._hear_at(report.words[late].start_s)
    assert not page._player.playing, "and what played is not followed from there"
    assert page._content.waveform._position_s == report.words[late].start_s
    wave = page._content.waveform.grab().toImage()
    drawn = QColor(theme.current().wave)
    middle = wave.height() * 5 // 8
    assert not any(
        wave.pixelColor(x, y) == drawn
        for x in range(round(wave.width() * 0.5), wave.width())
        for y in range(middle - 30, middle + 30)
    )


# --- the rest of the page --------------------------------------------------------------------


def test_a_finding_leads_to_its_sentence(session, shown):
    take, report = add_take(session.library)
    finding = next(f for f in report.findings if f.evidence)
    page = shown(take.id)
    page._content.finding_chosen.emit(finding)
    assert page._content.transcript.lit_text == finding.evidence[0].quote


def test_matches_stand_on_the_waveform_and_are_walked_through(qtbot, session, shown):
    take, report = add_take(session.library)
    page = shown(take.id)
    qtbot.keyClick(page, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    search = page._content.search
    qtbot.waitUntil(search.hasFocus)
    qtbot.keyClicks(search, "hydrant")
    starts = [w.start_s for w in report.words if "hydrant" in w.text]
    assert page._content.waveform._matches == starts
    assert "1 of 2 found" in texts(page)
    qtbot.keyClick(search, Qt.Key.Key_Return)
    assert "2 of 2 found" in texts(page)
    search.setText("giraffe")
    assert "no match" in texts(page)
    qtbot.keyClick(search, Qt.Key.Key_Escape)
    assert page._content.waveform._matches == []


def test_fillers_of_the_sound_and_slides_are_shown(qtbot, session, shown):
    sound = Sound(((3.0, 4.2),), 0.2, (Filler(2.8, 3.0, "um", from_sound=True),))
    events = [Event(0.1, EventKind.SLIDE, "1"), Event(9.0, EventKind.SLIDE, "2")]
    take, report = add_take(session.library, events=events, sound=sound)
    assert report.delivery.fillers == (("um", 1),)
    assert report.delivery.pauses_s == ((3.0, 4.2),)
    page = shown(take.id)
    page._content._tabs.setCurrentIndex(2)
    assert "at least 1" in texts(page)
    view = page._content.transcript
    assert "to my [um] talk." in view.toPlainText()
    page.seek(report.words[number_of(page, "nobody")].start_s + 0.1)
    assert view.lit_text == "nobody"
    assert "1 of them only in the sound" in texts(page)
    page._content._tabs.setCurrentIndex(1)
    assert "Slide 2" in texts(page)
    wave = page._content.waveform
    assert any("um" in line for line in wave._about(wave._x(2.9), 60))
    assert "Slide 2" in wave._about(wave._x(9.0), 60)


def test_long_pauses_stand_in_the_text_and_in_no_search_sentence_or_copy(qtbot, session, shown):
    pauses = ((0.7, 4.8), (1.7, 5.9), (6.0, 9.5))
    take, report = add_take(session.library, sound=Sound(pauses, 0.2))
    assert report.delivery.pauses_s == pauses
    view = shown(take.id)._content.transcript
    text = view.toPlainText()
    assert "to my [4.1 s] talk." in text
    assert "[4.2 s] The problem is that" in text
    assert text.count("[") == 2, "not the short one"
    assert [view.find_all(said) for said in ("my talk", "4.1", "4.2 s")] == [1, 0, 0]
    for number in (5, 6, 7, 8):
        view.light_word(number)
        assert view.lit_text == report.words[number].text
    view.light(1)
    assert view.lit_text == report.sentences[1].text
    view.selectAll()
    view.copy()
    copied = QApplication.clipboard().text()
    assert "welcome to my talk." in copied
    assert "[" not in copied


def test_a_long_name_of_a_section_leaves_its_times_in_view(qtbot, session, shown):
    take, report = add_take(session.library)
    named = replace(report.sections[0], title="What the question is, and why nobody has asked it")
    changed = replace(report, sections=(named, *report.sections[1:]))
    session.library.save_report(take.id, changed)
    page = shown(take.id)
    page._content._tabs.setCurrentIndex(1)
    area = page._content.tabs["Timing"]
    qtbot.waitUntil(lambda: area.widget().width() == area.viewport().width())
    name = next(b for b in area.findChildren(QPushButton) if b.text() == named.title)
    qtbot.waitUntil(lambda: name.toolTip() == named.title)


def test_a_take_is_set_beside_another(qtbot, session, shown):
    add_take(session.library, "Good morning. This talk is about water. Thank you.")
    second, _ = add_take(session.library)
    page = shown(second.id)
    menu = page.compare_menu()
    next(a for a in menu.actions() if a.text().startswith("Take 1")).trigger()
    assert "Take 2 beside Take 1" in texts(page)
    assert "▲ better" in texts(page)
    qtbot.keyClick(page._comparison._back, Qt.Key.Key_Escape)
    assert page._stack.currentWidget() is page._content
    qtbot.waitUntil(page.hasFocus)
    page.compare_menu().actions()[0].trigger()
    assert page._comparison._back.hasFocus()
    qtbot.keyClick(page._comparison._back, Qt.Key.Key_Right)
    assert page._player is None


def test_a_review_made_anew_does_not_move_what_is_read(qtbot, session, shown):
    long = " ".join([SPOKEN] * 12)
    take, _ = add_take(session.library, long)
    page = shown(take.id)
    view = page._content.transcript
    bar = view.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    cursor_at = view._word_number(view.cursorForPosition(QPoint(200, 90)).position())
    cursor = view.textCursor()
    cursor.setPosition(view._word_starts[cursor_at])
    view.setTextCursor(cursor)
    before = view.cursorForPosition(QPoint(40, 30)).block().text()
    findings = page._content.tabs["Findings"].verticalScrollBar()
    findings.setValue(findings.maximum())
    at = findings.value()
    page._content.transcript.word_corrected.emit(number_of(page, "welcome"), "hello")
    judged(qtbot, page, lambda r: "hello" in [w.text for w in r.words])
    qtbot.wait(50)
    assert view.cursorForPosition(QPoint(40, 30)).block().text() == before
    assert view.word_at(view.textCursor().position()) == cursor_at
    assert abs(findings.value() - at) <= 2


def test_what_is_heard_shows_while_it_is_heard_and_stays_when_it_breaks_off(
    qtbot, session, shown, monkeypatch
):
    take, _ = add_take(session.library)
    (session.library.folder(take.id).path / "report.json").unlink()
    words = words_of(SPOKEN)

    class BreaksOff:
        """A recogniser that dies half-way, as its process can."""

        def transcribe(self, audio, *, on_words, on_progress, cancelled, hotwords):
            on_words(tuple(words[:20]))
            on_progress(10.0, 20.0)
            raise RecognitionError("The speech recogniser stopped. Try again.")

    monkeypatch.setattr(session, "recognizer", BreaksOff)
    page = shown(take.id)
    qtbot.waitUntil(lambda: "The review failed" in texts(page))
    heard = page._content.transcript.toPlainText()
    assert "nobody knows" in heard
    assert "litre" not in heard
    assert "It was heard up to" in texts(page)
    page._content.transcript.word_chosen.emit(9)
    assert page._player.position_s == pytest.approx(words[9].start_s)
    assert session.library.take(take.id).state is TakeState.FAILED
    # Opened again, it shows what was heard and does not begin by itself.
    page.open(take.id)
    assert "The review failed" in texts(page)
    assert "It was heard up to" in texts(page)
    assert "nobody knows" in page._content.transcript.toPlainText()
    # When it succeeds, nothing is left of the failure.
    monkeypatch.setattr(session, "recognizer", lambda: free(HeardBitByBit(words)))
    page._act_on_notice()
    qtbot.waitUntil(lambda: page._report is not None, timeout=20_000)
    take = session.library.take(take.id)
    assert (take.state, take.problem) == (TakeState.REVIEWED, "")
    assert not session.library.folder(take.id).heard()


def test_a_recording_that_is_gone_is_not_called_safe(qtbot, session, monkeypatch):
    take, _ = add_take(session.library)
    folder = session.library.folder(take.id)
    (folder.path / "report.json").unlink()
    folder.audio.unlink()

    class FindsNoFile:
        def transcribe(self, audio, *, on_words, on_progress, cancelled, hotwords):
            raise RecognitionError(f"There is no file {audio}.")

    monkeypatch.setattr(session, "recognizer", FindsNoFile)
    page = ReviewPage(session)
    qtbot.addWidget(page)
    page.show()
    page.open(take.id)
    qtbot.waitUntil(lambda: "The review failed" in texts(page), timeout=20_000)
    assert "There is no file" in texts(page)
    assert "safe on disk" not in texts(page)


def test_transcribed_again_in_vain_the_review_from_before_stands(
    qtbot, session, shown, monkeypatch
):
    take, report = add_take(session.library)

    class Dies:
        def transcribe(self, audio, *, on_words, on_progress, cancelled, hotwords):
            raise RecognitionError("The speech recogniser stopped. Try again.")

    monkeypatch.setattr(session, "recognizer", Dies)
    page = shown(take.id)
    with qtbot.waitSignal(page.trouble) as said:
        page._transcribe_again()
    assert "from before" in said.args[0]
    assert report.findings[0].title in texts(page)
    assert "unknown" not in [c._unknown for c in page._content.coverage._cells.values()]
    assert session.library.take(take.id).state is TakeState.REVIEWED


class HeardBitByBit:
    """A recogniser whose words come when the test lets them, as they do from a long take."""

    def __init__(self, words):
        self.words = words
        self.allowed = threading.Semaphore(0)
        self.told = 0

    def transcribe(self, audio, *, on_words, on_progress, cancelled, hotwords):
        for at in range(0, len(self.words), 40):
            self.allowed.acquire(timeout=20)
            if cancelled():
                raise Cancelled("Stopped.")
            on_words(tuple(self.words[at : at + 40]))
            on_progress(self.words[at].end_s, self.words[-1].end_s)
            self.told = at + 40
        return Recognition(tuple(self.words), "en", self.words[-1].end_s, "tiny.en")


def free(recognizer):
    """``recognizer`` without anything to wait for."""
    recognizer.allowed.release(1000)
    return recognizer


def test_a_fresh_take_fills_in_and_nothing_moves_under_the_reader(
    qtbot, session, shown, monkeypatch
):
    text = " ".join([SPOKEN] * 6)
    take, _ = add_take(session.library, text)
    (session.library.folder(take.id).path / "report.json").unlink()
    recognizer = HeardBitByBit(words_of(text))
    monkeypatch.setattr(session, "recognizer", lambda: recognizer)
    page = shown(take.id)
    view, strip = page._content.transcript, page._content.coverage

    def hear(times):
        wanted = len(page._heard) + 40 * times
        recognizer.allowed.release(times)
        qtbot.waitUntil(lambda: len(page._heard) >= min(wanted, len(recognizer.words)))
        qtbot.waitUntil(lambda: not page._judging_so_far)

    hear(4)
    bar = view.verticalScrollBar()
    assert (bar.value(), view.textCursor().position()) == (0, 0)
    bar.setValue(40)
    top = view.cursorForPosition(QPoint(40, 30)).position()
    cursor_at = view._word_number(view.cursorForPosition(QPoint(200, 60)).position())
    own = view.textCursor()
    own.setPosition(view._word_starts[cursor_at])
    view.setTextCursor(own)
    cursor = own.position()
    scrolled = bar.value()
    hear(3)
    shown_told = {i for i, cell in strip._cells.items() if "covered" in cell.toolTip()}
    assert shown_told == page._content._told
    assert "missing" not in " ".join(cell.toolTip() for cell in strip._cells.values())
    assert page._content.waveform._report.sentences
    assert (bar.value(), view.textCursor().position()) == (scrolled, cursor)
    assert view.cursorForPosition(QPoint(40, 30)).position() == top
    page.seek(recognizer.words[30].start_s + 0.05)
    assert view.lit_text == recognizer.words[30].text
    view.correct(30)
    assert view.editor is None
    recognizer.allowed.release(100)
    qtbot.waitUntil(lambda: page._report is not None, timeout=20_000)
    assert [w.text for w in page._report.words] == text.split()
    assert view.word_at(view.textCursor().position()) == cursor_at
    view.correct(30)
    assert view.editor is not None


def test_a_take_that_can_not_be_shown_leaves_no_other_in_its_place(qtbot, session, shown):
    first, _ = add_take(session.library)
    second, _ = add_take(session.library)
    (session.library.folder(second.id).path / "report.json").write_text("{")
    page = shown(first.id)
    page.open(second.id)
    assert "This take can't be shown" in texts(page)
    assert "Hearing leaks" not in page._bar.subtitle.text()
    # The other takes of the talk are still at hand.
    assert page._takes.currentData() == second.id
    assert page._takes.isVisible()
    assert not page._export.isVisible()
    page._choose_take(page._takes.findData(first.id))
    assert page.take_id == first.id
    assert page._export.isVisible()
    fresh = ReviewPage(session)
    qtbot.addWidget(fresh)
    fresh.open_last()
    assert fresh.take_id == first.id


def test_a_take_without_a_word_promises_none(qtbot, session, shown, monkeypatch):
    take, _ = add_take(session.library)
    (session.library.folder(take.id).path / "report.json").unlink()

    class HearsNothing:
        def transcribe(self, audio, *, on_words, on_progress, cancelled, hotwords):
            return Recognition((), "en", 20.0, "tiny.en")

    monkeypatch.setattr(session, "recognizer", HearsNothing)
    page = shown(take.id)
    qtbot.waitUntil(lambda: page._report is not None, timeout=20_000)
    assert "No speech was heard" in texts(page)
    for cell in page._content.coverage._cells.values():
        assert "not judged" in cell.toolTip()
        assert cell._status is None
    tabs = page._content.tabs
    times = [w.text() for w in tabs["Timing"].findChildren(QLabel)]
    assert "– of 1:30" in times, "its time is not known either"
    assert "0:00 of 1:30" not in times
    assert "not heard" not in [w.text() for w in tabs["Rigor"].findChildren(QLabel)]
    assert page._content.transcript.placeholderText() == "No words were heard in this take."


def test_a_recogniser_that_begins_again_does_not_tell_everything_twice(
    qtbot, session, shown, monkeypatch
):
    take, _ = add_take(session.library)
    (session.library.folder(take.id).path / "report.json").unlink()
    words = words_of(SPOKEN)

    class BeginsAgain:
        def transcribe(self, audio, *, on_words, on_progress, cancelled, hotwords):
            on_words(tuple(words[:30]))
            on_words(tuple(words[:20]))
            raise RecognitionError("The speech recogniser stopped. Try again.")

    monkeypatch.setattr(session, "recognizer", BeginsAgain)
    page = shown(take.id)
    qtbot.waitUntil(lambda: "The review failed" in texts(page))
    shown_text = page._content.transcript.toPlainText()
    assert shown_text.count("Good morning") == 1
    assert "This matters because" in shown_text
    assert "loses one litre" not in shown_text


def test_a_section_counts_once_two_judgements_found_it_and_stays(qtbot, session, shown):
    take, report = add_take(session.library)
    page = shown(take.id)
    content = page._content
    content.show_take(take, ())

    def hear(*statuses):
        told = [
            replace(s, status=status) for s, status in zip(report.sections, statuses, strict=False)
        ]
        content.show_so_far(replace(report, sections=tuple(told)))
        cells = content.coverage._cells.values()
        return [cell._status.value if cell._status else cell._unknown for cell in cells][:2]

    assert hear(Status.COVERED, Status.MISSING) == ["listening", "listening"]
    assert hear(Status.COVERED, Status.THIN) == ["covered", "listening"]
    assert hear(Status.THIN, Status.COVERED) == ["covered", "listening"]
    content.show_notice(listening=False)
    cells = list(content.coverage._cells.values())
    assert (cells[0]._status, cells[1]._unknown) == (Status.COVERED, "unknown")


def test_a_take_without_a_finding_says_so_without_being_sure(qtbot, session, shown):
    take, report = add_take(session.library)
    session.library.save_report(take.id, replace(report, findings=()))
    page = shown(take.id)
    assert "Nothing stood out" in texts(page)
    assert "may still ask" in texts(page)


def test_what_is_missing_with_doubt_is_so_in_the_strip_and_in_its_finding(qtbot, session, shown):
    opening = "Cities lose a third of their drinking water through leaks that nobody notices. "
    take, report = add_take(session.library, opening + SPOKEN.partition("water is lost. ")[2])
    doubted = [s for s in report.sections if s.doubtful]
    assert doubted, "of a talk that tells a why and hardly a what"
    page = shown(take.id)
    for section in doubted:
        tip = page._content.coverage._cells[section.id].toolTip()
        assert tip == f"{section.title}: missing (or I missed it)"
        finding = open_finding(page, f"section.missing.{section.id}")
        assert finding.title.startswith("I could not find")
        assert finding.detail.startswith("I may have missed ")


def test_a_time_by_the_timer_is_called_that_in_the_strip(qtbot, session, shown):
    events = [Event(0.0, EventKind.SECTION, "problem"), Event(9.0, EventKind.SECTION, "method")]
    take, _ = add_take(session.library, events=events)
    cell = shown(take.id)._content.coverage._cells["problem"]
    for told in (cell.toolTip(), cell.accessibleName()):
        assert told.endswith("0:09 of 1:30 by your timer")
    heard, _ = add_take(session.library)
    cell = shown(heard.id)._content.coverage._cells["problem"]
    assert "timer" not in cell.toolTip() + cell.accessibleName()


def test_a_reader_at_the_beginning_stays_there_when_the_review_comes(
    qtbot, session, shown, monkeypatch
):
    text = " ".join([SPOKEN] * 8)
    take, _ = add_take(session.library, text)
    (session.library.folder(take.id).path / "report.json").unlink()
    recognizer = HeardBitByBit(words_of(text))
    recognizer.allowed.release(100)
    monkeypatch.setattr(session, "recognizer", lambda: recognizer)
    page = shown(take.id)
    qtbot.waitUntil(lambda: page._report is not None, timeout=20_000)
    view = page._content.transcript
    qtbot.wait(50)
    assert view.verticalScrollBar().maximum() > 0
    assert view.verticalScrollBar().value() == 0
