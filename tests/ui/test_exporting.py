"""Exporting from the review's own button, to real files."""

from __future__ import annotations

import threading

import pypdfium2
import pytest
from PySide6.QtWidgets import QFileDialog, QPushButton

from in_front import bring_to_front
from runthrough import handout
from runthrough.ui.review import ReviewPage


@pytest.fixture
def page(qtbot, session, sound):
    take = session.library.open_sample()
    made = ReviewPage(session)
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    made.open(take.id)
    yield made
    # A test waits for its threads.
    qtbot.waitUntil(lambda: made._exporting._task is None, timeout=30_000)


def choose(page, monkeypatch, title, target):
    """Choose ``title`` in the menu and ``target`` in the dialog; what name was proposed."""
    proposed = []

    def dialog(parent, caption, path, pattern):
        proposed.append(path)
        return (str(target) if target else "", pattern)

    monkeypatch.setattr(QFileDialog, "getSaveFileName", dialog)
    menu = page._exporting.menu(page, page._take, page._report)
    action = next(a for a in menu.actions() if a.text() == f"{title}…")
    assert action.isEnabled()
    action.trigger()
    menu.close()
    return proposed[0]


def buttons(page):
    return [b.text() for b in page._exporting.findChildren(QPushButton) if b.isVisible()]


def test_every_kind_is_written_and_can_be_found(qtbot, page, tmp_path, monkeypatch):
    for number, kind in enumerate(handout.KINDS):
        target = tmp_path / f"{number}{kind.ending}"
        name = choose(page, monkeypatch, kind.title, target)
        assert name.endswith(f"hearing leaks before anybody sees them - take 1{kind.ending}")
        qtbot.waitUntil(lambda: page._exporting._task is None, timeout=60_000)
        assert target.stat().st_size > 100
        assert target.name in page._exporting._text.text()
        assert buttons(page) == ["Show in folder", "Close"]
    assert len(pypdfium2.PdfDocument(str(tmp_path / "0.pdf"))) >= 1
    assert not list(tmp_path.glob("*.tmp"))


def test_an_ending_that_was_left_off_is_added(qtbot, page, tmp_path, monkeypatch):
    choose(page, monkeypatch, "Review as Markdown", tmp_path / "mine")
    qtbot.waitUntil((tmp_path / "mine.md").exists, timeout=20_000)


def test_what_can_not_be_written_is_said_in_place(qtbot, page, tmp_path, monkeypatch):
    for title in ("Review as PDF", "Transcript as text", "Sound as M4A"):
        choose(page, monkeypatch, title, tmp_path / "nowhere" / "file")
        qtbot.waitUntil(lambda: page._exporting._task is None, timeout=20_000)
        assert "can't be written" in page._exporting._text.text()
        assert page._exporting._card.property("role") == "trouble"
        assert buttons(page) == ["Close"]


def test_it_can_be_cancelled(qtbot, page, tmp_path, monkeypatch):
    choose(page, monkeypatch, "Sound as FLAC", tmp_path / "a.flac")
    page._exporting.cancel()
    qtbot.waitUntil(lambda: not page._exporting.isVisible(), timeout=20_000)
    assert not list(tmp_path.glob("a.flac*"))


def test_an_export_that_ends_takes_no_focus_from_elsewhere(qtbot, page, tmp_path, monkeypatch):
    bring_to_front(qtbot, page)
    ended = lambda: page._exporting._task is None  # noqa: E731

    def export():
        choose(page, monkeypatch, "Transcript as text", tmp_path / "talk.txt")

    export()
    page._content.transcript.correct(0)
    qtbot.waitUntil(ended, timeout=20_000)
    assert page._content.transcript.editor.hasFocus()
    page._content.transcript.drop_correction()
    export()
    page._exporting._end.setFocus()
    qtbot.waitUntil(ended, timeout=20_000)
    assert page._exporting._show.hasFocus()


def test_an_export_says_how_long_it_goes_on(qtbot, page, tmp_path, monkeypatch):
    go_on = threading.Event()

    def slow(*given, progress, **named):
        for share in (0.0, 0.5):
            progress("Writing the sound", share)
        go_on.wait(20)
        return [tmp_path / "talk.flac"]

    monkeypatch.setattr(handout, "write", slow)
    choose(page, monkeypatch, "Sound as FLAC", tmp_path / "talk.flac")
    said = "Writing the sound, 50% · about "
    qtbot.waitUntil(lambda: page._exporting._text.text().startswith(said))
    assert page._exporting._text.text().endswith(" left")
    go_on.set()


def test_no_name_is_no_export(page, monkeypatch):
    choose(page, monkeypatch, "Review as PDF", None)
    assert not page._exporting.isVisible()


def test_before_the_review_only_the_sound_can_be_had(page):
    menu = page._exporting.menu(page, page._take, None)
    on = {a.text() for a in menu.actions() if a.isEnabled() and a.text()}
    assert on == {f"{k.title}…" for k in handout.KINDS if k.to == "audio"}
    menu.close()
