"""What was said is found from the list of talks, and the review opens where it was said."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from in_front import bring_to_front
from runthrough.ui.main_window import MainWindow, apply_look


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
