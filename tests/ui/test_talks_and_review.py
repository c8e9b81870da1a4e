"""The home and the review, in real windows over a real library with a real review in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from pdfs import slide, write_pdf
from runthrough.analysis import review, transcript_of_words
from runthrough.formats import find_format
from runthrough.library import Library
from runthrough.settings import Settings
from runthrough.talk import TakeState, Word, minutes
from runthrough.ui import theme
from runthrough.ui.review import ReviewPage
from runthrough.ui.session import Session
from runthrough.ui.talk_dialog import TalkDialog
from runthrough.ui.talks import TalksPage
from runthrough.ui.widgets.basics import ElidedLabel
from runthrough.ui.widgets.coverage import CoverageChips
from takes import new_take

SPOKEN = (
    "Good morning and welcome to my talk. The problem is that nobody knows where water is lost. "
    "This matters because a city loses one litre in five. Our method listens to every hydrant at "
    "night and keeps the quietest minute. We tested it on forty hydrants in one district. We found "
    "that it sees seventeen of nineteen leaks. Thank you."
)


def words_of(text: str) -> list[Word]:
    found, at = [], 0.5
    for word in text.split():
        found.append(Word(at, at + 0.3, word, 0.9))
        at += 1.2 if word.endswith(".") else 0.4
    return found


def add_reviewed_take(library: Library, title: str):
    fmt = find_format("five-part-10")
    talk = library.talk_titled(title) or library.new_talk(title, fmt.id)
    library.save_talk(replace(talk, due=date(2099, 1, 8)))
    folder = new_take(library, talk, fmt)
    words = words_of(SPOKEN)
    duration = words[-1].end_s + 0.5
    noise = np.random.default_rng(0).normal(0, 0.05, round(16_000 * duration))
    soundfile.write(folder.audio, noise.astype(np.float32), 16_000, subtype="PCM_16")
    take = replace(folder.take(), state=TakeState.SAVED, duration_s=duration)
    library.save_take(take)
    transcript = transcript_of_words(words, duration_s=duration, language="en", model="tiny.en")
    folder.save_transcript(transcript)
    report = replace(review(transcript, fmt), take_id=take.id, talk_title=title)
    library.save_report(take.id, report)
    return take, report


@pytest.fixture
def session(tmp_path, qapp):
    theme.apply(qapp, "light")
    made = Session(Library(tmp_path / "library"), Settings())
    yield made
    made.close()


def texts(widget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


def test_a_talk_whose_take_was_not_judged_is_not_said_to_miss_its_sections(qtbot, session):
    take, _ = add_reviewed_take(session.library, "Lecks")
    heard = replace(session.library.folder(take.id).transcript(), language="de")
    session.library.save_report(take.id, review(heard, take.format))
    page = TalksPage(session)
    qtbot.addWidget(page)
    page.refresh()
    (chips,) = page.findChildren(CoverageChips)
    chips.grab()
    assert "Problem not judged, " in chips.accessibleName()
    assert "Related not planned, " in chips.accessibleName()
    assert "missing" not in chips.accessibleName()


def press(qtbot, page, name: str) -> None:
    button = next(b for b in page.findChildren(QPushButton) if b.accessibleName() == name)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_an_empty_library_says_how_to_begin(qtbot, session):
    page = TalksPage(session)
    qtbot.addWidget(page)
    page.refresh()
    page.show()
    assert "No talks yet" in texts(page)
    assert "nothing is sent anywhere" in texts(page)


def test_a_talk_shows_its_takes_and_its_date(qtbot, session):
    take, _ = add_reviewed_take(session.library, "Hearing leaks")
    page = TalksPage(session)
    qtbot.addWidget(page)
    page.refresh()
    page.show()
    assert "1 take, last today" in texts(page)
    assert "on 8 January 2099" in texts(page), "it is not that of this year"
    with qtbot.waitSignal(page.review_wanted) as wanted:
        press(qtbot, page, "Review the last take of Hearing leaks")
    assert wanted.args[0].id == take.id
    with qtbot.waitSignal(page.rehearse_wanted) as wanted:
        press(qtbot, page, "Rehearse Hearing leaks")
    assert wanted.args[0].title == "Hearing leaks"


def test_figures_of_an_older_take_are_told_to_be_so(qtbot, session):
    take, _ = add_reviewed_take(session.library, "Hearing leaks")
    talk = session.library.talk(take.talk_id)
    page = TalksPage(session)
    qtbot.addWidget(page)
    page.refresh()
    page.show()
    assert "take 1" not in texts(page).splitlines()
    folder = new_take(session.library, talk, find_format("five-part-10"))
    saved = replace(folder.take(), state=TakeState.SAVED, duration_s=700.0)
    session.library.save_take(saved)
    page.refresh()
    qtbot.waitUntil(lambda: "2 takes, last today" in texts(page))
    lines = texts(page).splitlines()
    assert lines[lines.index(minutes(take.duration_s)) + 1] == "take 1"


def test_a_long_name_of_the_date_squeezes_nothing(qtbot, session):
    talk = session.library.new_talk("Hearing leaks", "lightning-5")
    long = "The second round of interviews, at nine"
    session.library.save_talk(replace(talk, due=date(2099, 1, 8), due_label=long))
    page = TalksPage(session)
    qtbot.addWidget(page)
    page.resize(1204, 800)
    page.refresh()
    page.show()
    due = next(d for d in page.findChildren(ElidedLabel) if d.text().startswith(long))
    qtbot.waitUntil(lambda: due.width() > 0)
    assert due.toolTip() == f"{long} on 8 January 2099"
    rehearse = next(b for b in page.findChildren(QPushButton) if b.text() == "Rehearse")
    qtbot.waitUntil(lambda: rehearse.width() >= rehearse.minimumSizeHint().width())


def test_another_text_that_is_cut_short_is_offered_whole(qtbot):
    shown = ElidedLabel("Short")
    qtbot.addWidget(shown)
    shown.resize(120, 20)
    shown.show()
    assert shown.toolTip() == ""
    shown.setText("A title that does not fit into so little room")
    assert shown.toolTip() == "A title that does not fit into so little room"
    shown.setText("Short")
    assert shown.toolTip() == ""


def test_a_title_with_markup_is_shown_as_typed(qtbot, session):
    session.library.new_talk("<b>bold</b> & <img src=x>", "lightning-5")
    page = TalksPage(session)
    qtbot.addWidget(page)
    page.refresh()
    page.show()
    assert "<b>bold</b> & <img src=x>" in texts(page)
    for label in page.findChildren(QLabel):
        assert label.textFormat() == Qt.TextFormat.PlainText


def test_the_dialog_makes_and_changes_a_talk(qtbot, session):
    dialog = TalkDialog(session, parent=None)
    qtbot.addWidget(dialog)
    dialog.title.setText("  Sparse   routing ")
    dialog.format.setCurrentIndex(dialog.format.findData("conference-12"))
    dialog.has_date.setChecked(True)
    dialog.save()
    talk = session.library.talks()[0].talk
    assert (talk.title, talk.format_id) == ("Sparse routing", "conference-12")
    assert talk.due is not None
    again = TalkDialog(session, talk, parent=None)
    qtbot.addWidget(again)
    again.title.setText("Dense routing")
    again.save()
    assert [s.talk.title for s in session.library.talks()] == ["Dense routing"]


@pytest.mark.parametrize("made_before", [False, True])
def test_a_talk_whose_slides_can_not_be_copied_is_listed_as_it_is(
    qtbot, session, tmp_path, monkeypatch, made_before
):
    page = TalksPage(session)
    qtbot.addWidget(page)
    page.show()
    pdf = write_pdf(tmp_path / "slides.pdf", [slide("One")])

    def fill_in(dialog):
        dialog.title.setText("Hearing leaks")
        dialog.take_slides(pdf)
        pdf.unlink()
        return True

    monkeypatch.setattr(TalkDialog, "exec", fill_in)
    with qtbot.waitSignal(page.trouble) as said:
        if made_before:
            page._edit_talk(session.library.new_talk("Leaks", "lightning-5"))
        else:
            page._new_talk()
    assert "slides.pdf can't be copied" in said.args[0]
    qtbot.waitUntil(lambda: "Hearing leaks" in texts(page))


def test_the_dialog_keeps_a_format_that_is_missing(qtbot, session):
    talk = session.library.new_talk("Hearing leaks", "mine")
    dialog = TalkDialog(session, talk, parent=None)
    qtbot.addWidget(dialog)
    assert dialog.format.currentText() == "mine (not found)"
    dialog.title.setText("Hearing hydrants")
    dialog.save()
    assert session.library.talk(talk.id).format_id == "mine"


def test_the_dialog_grows_for_what_is_wrong_with_the_slides(qtbot, session, tmp_path):
    no_pdf = tmp_path / "notes.pdf"
    no_pdf.write_text("not a PDF")
    dialog = TalkDialog(session, parent=None)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitExposed(dialog)
    dialog.take_slides(no_pdf)
    assert "notes.pdf can't be read as a PDF" in texts(dialog)
    qtbot.wait(50)
    assert not dialog.notes.geometry().intersects(dialog.vocabulary.geometry())


def test_a_dropped_file_that_is_no_recording_is_one_sentence(qtbot, session, tmp_path):
    page = TalksPage(session)
    qtbot.addWidget(page)
    page.show()
    notes = tmp_path / "notes.txt"
    notes.write_text("not sound")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(notes))])
    with qtbot.waitSignal(page.trouble, timeout=20_000) as said:
        page.dropEvent(
            QDropEvent(
                QPointF(QPoint(10, 10)),
                Qt.DropAction.CopyAction,
                mime,
                Qt.MouseButton.LeftButton,
                Qt.KeyboardModifier.NoModifier,
            )
        )
    assert "notes.txt" in said.args[0]
    assert session.library.talks() == []


def test_a_review_shows_coverage_words_and_findings(qtbot, session):
    take, report = add_reviewed_take(session.library, "Hearing leaks")
    page = ReviewPage(session)
    qtbot.addWidget(page)
    page.resize(1200, 800)
    page.show()
    page.open(take.id)
    shown = page._content.transcript.toPlainText()
    for sentence in report.sentences:
        assert sentence.text in shown
    assert report.findings[0].title in texts(page)
    qtbot.waitUntil(lambda: page._content.waveform._peaks is not None)


def test_a_review_dates_its_take_as_the_list_of_talks_does(qtbot, session):
    take, _ = add_reviewed_take(session.library, "Hearing leaks")
    session.library.save_take(replace(take, started=take.started.replace(month=3, day=5)))
    page = ReviewPage(session)
    qtbot.addWidget(page)
    page.open(take.id)
    page.show()
    assert " · 5 March, " in texts(page)


def test_a_finding_leads_to_its_sentence(qtbot, session):
    take, report = add_reviewed_take(session.library, "Hearing leaks")
    finding = next(f for f in report.findings if f.evidence)
    page = ReviewPage(session)
    qtbot.addWidget(page)
    page.resize(1200, 800)
    page.show()
    page.open(take.id)
    page._content.finding_chosen.emit(finding)
    assert page._content.transcript.lit_text == finding.evidence[0].quote
    qtbot.waitUntil(lambda: page._content.waveform._peaks is not None)


def test_search_counts_and_marks(qtbot, session):
    take, _ = add_reviewed_take(session.library, "Hearing leaks")
    page = ReviewPage(session)
    qtbot.addWidget(page)
    page.show()
    page.open(take.id)
    qtbot.keyClicks(page._content.search, "hydrant")
    assert "2 found" in texts(page)
    page._content.search.setText("giraffe")
    assert "no match" in texts(page)
    qtbot.waitUntil(lambda: page._content.waveform._peaks is not None)


def test_enter_hears_the_word_at_the_cursor(qtbot, session):
    take, _ = add_reviewed_take(session.library, "Hearing leaks")
    page = ReviewPage(session)
    qtbot.addWidget(page)
    page.resize(1200, 800)
    page.show()
    page.open(take.id)
    view = page._content.transcript
    cursor = view.document().find("seventeen")
    with qtbot.waitSignal(view.word_chosen) as chosen:
        cursor.setPosition(cursor.selectionStart() + 2)
        view.setTextCursor(cursor)
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert page._report.words[chosen.args[0]].text == "seventeen"
    assert view.lit_text == "seventeen"
    qtbot.waitUntil(lambda: page._content.waveform._peaks is not None)


def test_earlier_takes_can_be_chosen_and_deleted(qtbot, session):
    first, _ = add_reviewed_take(session.library, "Hearing leaks")
    second, _ = add_reviewed_take(session.library, "Hearing leaks")
    page = ReviewPage(session)
    qtbot.addWidget(page)
    page.show()
    page.open(second.id)
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
    qtbot, session, monkeypatch
):
    take, _ = add_reviewed_take(session.library, "Hearing leaks")
    talks, page = TalksPage(session), ReviewPage(session)
    for one in (talks, page):
        qtbot.addWidget(one)
        one.show()
    page.open(take.id)
    qtbot.waitUntil(lambda: page._content.waveform._peaks is not None)

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


def test_a_talk_without_takes_is_deleted_without_a_word_of_them(qtbot, session):
    talk = session.library.new_talk("Hearing leaks", "lightning-5")
    page = TalksPage(session)
    qtbot.addWidget(page)
    asked = []

    def agree():
        box = QApplication.activeModalWidget()
        asked.append(box.text())
        next(b for b in box.buttons() if b.text() == "Move to trash").click()

    QTimer.singleShot(0, agree)
    page._delete_talk(talk)
    assert asked == ["Move “Hearing leaks” to the trash?"]
    assert session.library.talks() == []


def test_a_talk_that_is_gone_is_not_rehearsed_again_but_said(qtbot, session):
    take, _ = add_reviewed_take(session.library, "Hearing leaks")
    page = ReviewPage(session)
    qtbot.addWidget(page)
    page.show()
    page.open(take.id)
    qtbot.waitUntil(lambda: page._content.waveform._peaks is not None)
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
