"""The home, in real windows over a real library with a real review in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from on_screen import press, texts
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from pdfs import slide, write_pdf
from runthrough.analysis import review
from runthrough.formats import find_format
from runthrough.library import Library
from runthrough.settings import Settings
from runthrough.talk import TakeState, minutes
from runthrough.ui import theme
from runthrough.ui.session import Session
from runthrough.ui.talk_dialog import TalkDialog
from runthrough.ui.talks import TalksPage
from runthrough.ui.widgets.basics import ElidedLabel
from runthrough.ui.widgets.coverage import CoverageChips
from takes import add_take, new_take


@pytest.fixture
def session(tmp_path, qapp):
    theme.apply(qapp, "light")
    made = Session(Library(tmp_path / "library"), Settings())
    yield made
    made.close()


def test_a_talk_whose_take_was_not_judged_is_not_said_to_miss_its_sections(qtbot, session):
    take, _ = add_take(session.library)
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


def test_an_empty_library_says_how_to_begin(qtbot, session):
    page = TalksPage(session)
    qtbot.addWidget(page)
    page.refresh()
    page.show()
    assert "No talks yet" in texts(page)
    assert "nothing is sent anywhere" in texts(page)


def test_a_talk_shows_its_takes_and_its_date(qtbot, session):
    take, _ = add_take(session.library)
    talk = session.library.talk(take.talk_id)
    session.library.save_talk(replace(talk, due=date(2099, 1, 8)))
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
    take, _ = add_take(session.library)
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
