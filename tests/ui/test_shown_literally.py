"""Whatever a talk, a file or a transcript is called or says, the window shows it as it stands."""

import re
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QListWidget,
    QTextEdit,
    QWidget,
)

from pdfs import slide, write_pdf
from runthrough.drill import Drill
from runthrough.formats import find_format
from runthrough.rehearsal import rejudge
from runthrough.ui import theme
from runthrough.ui.main_window import MainWindow
from runthrough.ui.talk_dialog import TalkDialog
from runthrough.ui.widgets.plan_editor import PlanDialog
from takes import add_take

EVIL = '<b>x</b> & <img src="http://127.0.0.1:9/x.png"> $(reboot) \'; DROP TABLE talks; --'
MARK = "<b>x"
SECTIONS = ("problem", "motivation", "method", "results", "limitations")
FORMAT = f"title = '''{EVIL}'''\n" + "".join(
    f"[[sections]]\nid = \"{section}\"\ntitle = '''{EVIL}'''\nplanned_s = 60\n"
    f"questions = ['''{EVIL}''']\n"
    for section in SECTIONS
)


@pytest.fixture
def window(qtbot, session, sound, tmp_path):
    theme.apply(QApplication.instance(), "light")
    (session.library.root / "formats" / "five-part-10.toml").write_text(FORMAT, encoding="utf-8")
    (session.library.root / "questions" / "mine.toml").write_text(
        f"domain = \"limitations\"\n[[question]]\nid = \"evil\"\ntext = '''{EVIL}'''\n"
        f"source = '''{EVIL}'''\n[[question.point]]\nid = \"p\"\nsays = '''{EVIL}'''\n"
        f"phrasings = ['''{EVIL}''']\n",
        encoding="utf-8",
    )
    assert MARK in find_format("five-part-10", session.library.root / "formats").title
    made = MainWindow(session)
    qtbot.addWidget(made)
    made.show()
    return made


def seen(root):
    """How often the marked text is shown in ``root``; fails where it would not be literal."""
    count = 0
    for widget in [root, *root.findChildren(QWidget)]:
        tip = widget.toolTip()
        assert MARK not in tip, (widget, tip)  # a tooltip takes it for bold
        count += "&lt;b&gt;x" in tip
        if isinstance(widget, QLabel):
            text = widget.text()
            assert widget.textFormat() is Qt.TextFormat.PlainText or MARK not in text, text
            count += MARK in text
        elif isinstance(widget, QAbstractButton):
            check_mark(widget.text())
            count += MARK in widget.text()
        elif isinstance(widget, QTextEdit):
            count += MARK in widget.toPlainText()
            assert "http://127.0.0.1:9" not in re.findall(r"<img[^>]*>", widget.toHtml())
        elif isinstance(widget, QListWidget):
            for row in range(widget.count()):
                told = widget.item(row).toolTip()
                assert MARK not in told
        for action in widget.actions():
            check_mark(action.text())
    return count


def check_mark(text):
    """A single & would be taken for the mark of a key and not be seen."""
    if MARK in text:
        assert not re.search(r"(?<!&)&(?!&)", text), text


def test_hostile_names_are_shown_as_they_stand_in_all_windows(qtbot, window, session, tmp_path):
    spoken = f"The problem is {EVIL}. Our method is {EVIL}. It fails on {EVIL}. Thank you."
    take, _ = add_take(session.library, spoken, title=EVIL)
    fmt = find_format("five-part-10", session.library.root / "formats")
    session.library.save_take(replace(session.library.take(take.id), format=fmt))
    report = rejudge(session.library, take.id)
    take = session.library.take(take.id)
    talk = session.library.talk(take.talk_id)
    assert talk.title == EVIL
    deck = tmp_path / f"{MARK} & .pdf".replace("/", "")
    write_pdf(deck, [slide(EVIL), slide(f"Limitations {EVIL}")])
    talk = session.library.attach_slides(talk, deck)

    window.go("talks")
    assert seen(window.talks)
    window.open_rehearsal(talk)
    qtbot.waitUntil(lambda: seen(window.rehearse) > 0, timeout=20_000)
    window.open_review(take)
    qtbot.waitUntil(lambda: window.review._report is not None, timeout=20_000)
    assert seen(window.review) >= 5
    view = window.review._content.transcript
    assert MARK in view.toPlainText()
    text = view.toPlainText()
    menu = view.menu_at(text.index("&", text.index("The problem is")))
    texts = [action.text() for action in menu.actions()]
    texts += [a.text() for inner in menu.actions() if inner.menu() for a in inner.menu().actions()]
    assert any("&&" in text for text in texts)
    for text in texts:
        assert not re.search(r"(?<!&)&(?!&)", text), text
    session.change_settings(read_aloud=False)
    window.go("practice")
    window.practice.start(Drill.TALK, take)
    qtbot.waitUntil(lambda: seen(window.practice) > 0, timeout=20_000)
    window.show_trouble(f"{EVIL} can't be read.")
    assert seen(window)
    for dialog in (
        TalkDialog(session, talk, parent=window),
        PlanDialog(talk.title, fmt, fmt, parent=window),
    ):
        qtbot.addWidget(dialog)
        dialog.show()
        assert seen(dialog) or isinstance(dialog, TalkDialog)
        dialog.close()
    assert report.talk_title == EVIL
    window.close()
