"""What was said is found from the list of talks, and the review opens where it was said."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from in_front import bring_to_front
from runthrough.ui.main_window import MainWindow, apply_look
from takes import add_take


def test_a_sentence_is_found_and_the_review_opens_there(qtbot, session, sound):
    session.change_settings(welcomed=True)
    apply_look(session)
    take = session.library.open_sample()
    sentences = session.library.folder(take.id).report().sentences
    wanted = sentences[len(sentences) // 2]
    window = MainWindow(session)
    qtbot.addWidget(window)
    bring_to_front(qtbot, window)
    window.go("talks")
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    search = window.talks._search
    assert search.field.hasFocus()
    QTest.keyClicks(search.field, wanted.text)
    qtbot.waitUntil(lambda: search.results.count() == 1)
    assert wanted.text in search.results.item(0).text()
    QTest.keyClick(search.field, Qt.Key.Key_Return)
    QTest.keyClick(search.results, Qt.Key.Key_Return)
    qtbot.waitUntil(window.review.isVisible)
    assert window.review._take == take
    assert window.review._content.waveform._position_s == wanted.start_s
    window.go("talks")
    search.results.setFocus()
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not search.results.isVisible())
    QTest.keyClicks(search.field, "xyzzy")
    qtbot.waitUntil(lambda: "No reviewed take has “xyzzy”" in search._none.text())
    window.keep_and_close()


def test_a_sentence_of_a_take_that_can_not_be_shown_is_looked_up_in_no_other(qtbot, session, sound):
    session.change_settings(welcomed=True)
    sound.speakers = ["Speakers"]
    damaged = session.library.open_sample()
    other, _ = add_take(session.library, title="Hearing pipes")
    (session.library.folder(damaged.id).path / "report.json").write_text("{")
    window = MainWindow(session)
    qtbot.addWidget(window)
    bring_to_front(qtbot, window)
    window.open_review(other)
    review = window.review
    review._hear_word(0)
    window.open_moment(damaged, 9.0)
    shown = [one.text() for one in review.findChildren(QLabel) if one.isVisible()]
    assert "This take can't be shown" in shown
    assert any("can't be read" in text for text in shown)
    assert review.take_id == ""
    assert not sound.streams
    # Whoever comes back finds what can be shown.
    window.go("talks")
    window.go("review")
    assert review.take_id == other.id
    window.keep_and_close()


def test_talks_that_come_after_the_first_picture_stand_below_and_stay_out_of_a_search(
    qtbot, session
):
    session.change_settings(welcomed=True)
    session.library.open_sample()
    for number in range(40):
        session.library.new_talk(f"Talk {number}", "conference-12")
    wanted = [f"Rehearse {summary.talk.title}" for summary in session.library.talks()]
    assert len(wanted) == 41
    window = MainWindow(session)
    qtbot.addWidget(window)
    talks = window.talks
    talks._search.field.setText("xyzzy")
    talks._search.field.returnPressed.emit()  # does not wait for more letters
    assert talks._to_come
    bring_to_front(qtbot, window)
    qtbot.waitUntil(lambda: not talks._to_come)

    def rows():
        found = [b for b in talks.findChildren(QPushButton) if b.accessibleName() in wanted]
        return sorted(found, key=lambda row: row.mapTo(talks, row.rect().center()).y())

    assert not [row for row in rows() if row.isVisible()], "what was found stands there alone"
    talks._search.field.clear()
    talks._search.field.returnPressed.emit()  # does not wait for more letters
    qtbot.waitUntil(lambda: all(row.isVisible() for row in rows()))
    qtbot.waitUntil(lambda: [row.accessibleName() for row in rows()] == wanted)
    window.keep_and_close()
