"""The progress page in the real window over a real library."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
import sounddevice
import soundfile
from on_screen import texts
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QMessageBox, QPushButton, QTableWidget, QWidget

from runthrough.drill import Drill
from runthrough.practice.bank import load_questions
from runthrough.talk import AnswerVerdict, Finding, PointHeard, PracticeAnswer, Severity
from runthrough.ui import theme
from runthrough.ui.main_window import MainWindow, apply_look
from runthrough.ui.progress import ProgressPage, _Share
from runthrough.ui.widgets.plots import CoverageRows, FillersPlot, TakePlot
from takes import new_take


def add_takes(library, count):
    sample = library.open_sample()
    report = library.folder(sample.id).report()
    talk = library.talk(sample.talk_id)
    for _ in range(count - 1):
        take = new_take(library, talk, sample.format).take()
        library.save_report(take.id, replace(report, take_id=take.id))
    return library.takes(sample.talk_id)


def add_answer(library, question, days_ago=10, *, sound=False):
    folder = library.new_answer_folder()
    if sound:
        soundfile.write(folder / "audio.wav", np.zeros(1600), 16_000, subtype="PCM_16")
    points = tuple(PointHeard(p.id, p.says, True) for p in question.points)
    answer = PracticeAnswer(
        folder.name, question.id, question.domain, question.text,
        datetime.now().astimezone() - timedelta(days=days_ago), "What was said.", 30.0,
        AnswerVerdict(points), folder.name, has_sound=sound,
    )  # fmt: skip
    library.save_answer(answer)
    return answer


def show(qtbot, session, *, practice=False):
    page = ProgressPage(session)
    qtbot.addWidget(page)
    page.resize(1280, 800)
    page.show()
    if practice:
        page._sides[1].click()
    else:
        page.arrive()
    qtbot.waitUntil(lambda: page._reading is None, timeout=20_000)
    return page


def press(page, text):
    found = [
        b for b in page.findChildren(QPushButton) if b.isVisible() and b.text().startswith(text)
    ]
    found[0].click()


def table(page, name):
    return next(t for t in page.findChildren(QTableWidget) if t.accessibleName() == name)


def cells(found):
    return [
        [found.item(r, c).text() for c in range(found.columnCount())]
        for r in range(found.rowCount())
    ]


def test_without_takes_it_says_what_will_be_here(qtbot, session):
    page = show(qtbot, session)
    assert "No takes yet" in texts(page)
    with qtbot.waitSignal(page.drill_wanted):
        press(page, "Practise")


@pytest.mark.parametrize("count", [1, 2, 50])
def test_every_plot_answers_its_question_and_leads_to_the_take(qtbot, session, count):
    takes = add_takes(session.library, count)
    page = show(qtbot, session)
    assert "Do I end on time?" in texts(page)
    plots = [*page.findChildren(TakePlot), *page.findChildren(CoverageRows)]
    assert len(plots) == 6
    for plot in plots:
        assert plot.accessibleName().endswith("?")
        assert plot.accessibleDescription().endswith(".")
        plot.grab()
        with qtbot.waitSignal(page.review_wanted) as wanted:
            qtbot.keyClick(plot, Qt.Key.Key_Home)
            qtbot.keyClick(plot, Qt.Key.Key_Return)
        assert wanted.args[0].id in {takes[0].id, takes[-1].id}
    plot = page.findChildren(TakePlot)[0]
    last = QPointF(plot.middle(count - 1), plot.height() / 2).toPoint()
    with qtbot.waitSignal(page.review_wanted) as wanted:
        qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=last)
    assert wanted.args[0].id == takes[0].id


def test_takes_of_one_day_have_one_date(qtbot, session):
    takes = add_takes(session.library, 3)  # the newest first
    year = datetime.now().year
    day = takes[0].started.replace(year=year, month=5, day=3)
    days = [day, day, day]

    def told():
        for take, started in zip(takes, days, strict=True):
            session.library.save_take(replace(take, started=started))
        return show(qtbot, session)._bar.subtitle.text()

    assert told() == "3 reviewed takes, 3 May"
    days[-1] = day.replace(day=1)
    assert told() == "3 reviewed takes, 1 May to 3 May"
    days[-1] = day.replace(year=year - 1)
    assert told() == f"3 reviewed takes, 3 May {year - 1} to 3 May"
    days = [day.replace(year=year - 1)] * 3
    assert told() == f"3 reviewed takes, 3 May {year - 1}"


def test_while_takes_are_read_it_says_so(qtbot, session):
    add_takes(session.library, 2)
    page = show(qtbot, session, practice=True)
    page._sides[0].click()
    assert "Reading the takes" in texts(page)
    assert not any(b.isVisible() for b in page._empty.findChildren(QPushButton))
    qtbot.waitUntil(lambda: page._stack.currentWidget() is page._plots.area)


def test_the_same_numbers_stand_in_a_table(qtbot, session):
    takes = add_takes(session.library, 3)
    page = show(qtbot, session)
    page._as_table.click()
    found = table(page, "Numbers of the takes")
    assert found.isVisible()
    rows = cells(found)
    assert [row[0] for row in rows] == ["3", "2", "1"]
    assert "Limitations" in rows[0][-1]
    rate = page._takes[-1].fillers_per_minute
    assert rows[0][5] == f"at least {rate:.1f}"
    plot = page.findChild(FillersPlot)
    qtbot.keyClick(plot, Qt.Key.Key_End)
    assert plot.accessibleDescription().endswith(f"at least {rate:.1f} fillers a minute")
    found.setCurrentCell(2, 0)
    with qtbot.waitSignal(page.review_wanted) as wanted:
        found.cellActivated.emit(2, 0)
    assert wanted.args[0].id == takes[-1].id


def test_a_take_that_could_not_be_judged_is_not_called_bad(qtbot, session):
    takes = add_takes(session.library, 2)
    folder = session.library.folder(takes[0].id)
    german = Finding("language.not_judged", Severity.HIGH, "Only talks in English are judged", "")
    session.library.save_report(takes[0].id, replace(folder.report(), findings=(german,)))
    page = show(qtbot, session)
    assert texts(page).count("he last take that could be judged") == 3
    numbers = {plot.accessibleName(): len(plot.takes) for plot in page.findChildren(TakePlot)}
    assert numbers["Do I end on time?"] == 2
    assert numbers["Do I say where it fails?"] == numbers["Do the findings get solved?"] == 1
    page._as_table.click()
    last = cells(table(page, "Numbers of the takes"))[0]
    assert (last[6], last[-1]) == ("not judged", "not judged")
    session.library.save_report(takes[1].id, replace(folder.report(), take_id=takes[1].id))
    page._as_table.click()
    page.arrive()
    qtbot.waitUntil(lambda: "No take could be judged." in texts(page), timeout=20_000)
    for plot in (*page.findChildren(TakePlot), *page.findChildren(CoverageRows)):
        plot.grab()
        for key in (Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Return):
            qtbot.keyClick(plot, key)


def test_a_question_starts_its_drill_in_the_window(qtbot, session, sound):
    bank, _ = load_questions(None)
    question = [q for q in bank.values() if q.domain == "theory"][5]
    add_answer(session.library, question)
    window = MainWindow(session)
    qtbot.addWidget(window)
    window.show()
    window.go("progress")
    page = window.progress
    page._sides[1].click()
    found = table(page, "Questions that were answered")
    assert cells(found)[0][0] == question.text
    found.cellClicked.emit(0, 0)
    assert window.practice.isVisible()
    assert window.practice._drill is Drill.MIXED
    assert window.practice._questions[0].id == question.id
    assert window.practice._question.text() == question.text
    window.close()


def test_answers_are_heard_and_deleted_from_the_history(qtbot, session, sound, monkeypatch):
    bank, _ = load_questions(None)
    question = next(iter(bank.values()))
    add_answer(session.library, question, 12)
    kept = add_answer(session.library, question, 3, sound=True)
    page = show(qtbot, session, practice=True)
    found = table(page, "Questions that were answered")
    assert cells(found)[0][2] == "2"
    found.cellClicked.emit(0, 4)
    history = page._practice._history
    assert history.isVisible()
    assert texts(history).count("What was said.") == 2
    hear = [b for b in history.findChildren(QPushButton) if b.text() == "▶ Hear it"]
    assert len(hear) == 1
    with qtbot.waitSignal(page.trouble):
        hear[0].click()  # without a loudspeaker
    sound.speakers = ["Headset"]
    hear[0].click()
    assert hear[0].text() == "■ Stop"
    hear[0].click()
    assert hear[0].text() == "▶ Hear it"
    hear[0].click()

    def over():
        try:
            sound.drain()
        except sounddevice.CallbackStop:
            sound.unplug()  # as PortAudio says that a stream is over
        return hear[0].text() == "▶ Hear it"

    qtbot.waitUntil(over)
    assert not sound.streams

    asked = []

    def answer_box(box, which):
        asked.append(box.text())
        monkeypatch.setattr(box, "clickedButton", lambda: which(box))

    def cancel(box):
        answer_box(box, lambda b: b.defaultButton())

    def move(box):
        answer_box(box, lambda b: next(x for x in b.buttons() if x is not b.defaultButton()))

    def delete():
        names = [b for b in history.findChildren(QPushButton) if b.text() == "Delete"]
        names[0].click()

    monkeypatch.setattr(QMessageBox, "exec", cancel)
    delete()
    assert len(session.library.answers()) == 2
    monkeypatch.setattr(QMessageBox, "exec", move)
    delete()
    assert "its sound" in asked[-1]
    assert kept.id not in {a.id for a in session.library.answers()}
    assert cells(found)[0][2] == "1"


def test_what_is_due_later_today_is_due_and_answers_are_counted_by_the_bank(
    qtbot, session, monkeypatch
):
    bank, _ = load_questions(None)
    question = next(iter(bank.values()))
    answer = add_answer(session.library, question)
    evening = datetime(2027, 3, 1, 17).astimezone()
    session.library.save_answer(replace(answer, at=evening, rating=1))

    class Morning(datetime):
        @classmethod
        def now(cls, tz=None):
            return evening + timedelta(hours=16)

    monkeypatch.setattr("runthrough.ui.progress.datetime", Morning)
    page = show(qtbot, session, practice=True)
    assert "1 question is due now." in texts(page)
    with qtbot.waitSignal(page.drill_wanted) as wanted:
        press(page, "Practise what is due")
    assert wanted.args == ["", Drill.DUE, None]
    assert f"1 answer to 1 question, 1 of the bank's {len(bank)}" in texts(page)
    for name in ("talk.acronym.ctc", "talk.limitations"):
        add_answer(session.library, replace(question, id=name, domain="talk"))
    add_answer(session.library, replace(question, id="taken-out"))
    page.arrive()
    assert f"4 answers to 4 questions, 1 of the bank's {len(bank)}" in texts(page)
    answered = {row[0]: row[3] for row in cells(table(page, "Score by domain"))}
    of_domain = sum(q.domain == question.domain for q in bank.values())
    assert f"1 of {of_domain}" in answered.values()
    assert "2" in answered.values()


def test_questions_about_a_talk_are_not_called_due(qtbot, session):
    bank, _ = load_questions(None)
    question = next(iter(bank.values()))
    add_answer(session.library, replace(question, id="talk.limitations", domain="talk"), 30)
    add_answer(session.library, question, 20)
    page = show(qtbot, session, practice=True)
    assert "1 question is due now." in texts(page)
    found = table(page, "Questions that were answered")
    assert [row[3] for row in cells(found)] == ["now", "–"]
    found.cellClicked.emit(0, 4)
    assert "1 answer · due now" in texts(page._practice._history)
    found.cellClicked.emit(1, 4)
    assert "due" not in texts(page._practice._history)
    domains = {row[0]: row[4] for row in cells(table(page, "Score by domain"))}
    assert domains["About your talks"] == "–"


def test_practice_before_the_first_answer_offers_questions(qtbot, session):
    page = show(qtbot, session, practice=True)
    assert "No question was answered yet" in texts(page)
    with qtbot.waitSignal(page.drill_wanted) as wanted:
        press(page, "Practise")
    assert wanted.args == ["", Drill.DUE, None]


@pytest.mark.parametrize("theme_name", ["light", "dark"])
def test_everything_that_takes_the_focus_has_a_name(qtbot, qapp, session, theme_name):
    theme.apply(qapp, theme_name)
    add_takes(session.library, 3)
    bank, _ = load_questions(None)
    add_answer(session.library, next(iter(bank.values())), sound=True)
    page = show(qtbot, session, practice=True)
    table(page, "Questions that were answered").cellClicked.emit(0, 4)
    nameless = [
        widget
        for widget in page.findChildren(QWidget)
        if widget.focusPolicy() is not Qt.FocusPolicy.NoFocus and not widget.accessibleName()
    ]
    assert nameless == []


def test_it_works_without_a_mouse(qtbot, session):
    add_takes(session.library, 50)
    page = show(qtbot, session)
    rows = page.findChildren(CoverageRows)[0]
    rows.setFocus()
    qtbot.keyClick(rows, Qt.Key.Key_End)
    assert "Take 1:" in rows.accessibleDescription()
    last_row = rows.mapTo(page, QPoint(0, rows.height() - 10))
    assert last_row.y() < page.height()  # it has scrolled to where it can be seen


@contextmanager
def text_of(session, percent):
    session.change_settings(text_percent=percent)
    apply_look(session)
    try:
        yield
    finally:
        session.change_settings(text_percent=100)
        apply_look(session)


@pytest.mark.parametrize(("percent", "columns"), [(100, 2), (200, 1)])
def test_with_large_text_plots_stand_below_each_other(qtbot, session, percent, columns):
    add_takes(session.library, 3)
    with text_of(session, percent):
        page = show(qtbot, session)
        plots = page.findChildren(TakePlot)

        def lefts():
            return {plot.mapTo(page, QPoint(0, 0)).x() for plot in plots}

        qtbot.waitUntil(lambda: len(lefts()) == columns)


def test_no_section_s_name_is_cut_and_every_sign_is_explained(qtbot, session):
    add_takes(session.library, 12)
    page = show(qtbot, session)
    rows = page.findChild(CoverageRows)
    page.resize(1204, 800)  # beside the sidebar of a window of 1280
    qtbot.waitUntil(lambda: rows.headings()[1] == "Motiv.")
    assert rows.headings()[-1] == "Limits"
    assert not any(name.endswith("…") for name in rows.headings())
    page.resize(1800, 800)
    qtbot.waitUntil(lambda: rows.headings()[-1] == "Limitations")
    assert "– not planned" in texts(page)


def test_with_large_text_no_row_of_practice_is_cut(qtbot, session):
    bank, _ = load_questions(None)
    for question in list(bank.values())[::10]:
        add_answer(session.library, question)
    with text_of(session, 150):
        page = show(qtbot, session, practice=True)
        page.resize(1166, 700)
        domains = table(page, "Score by domain")
        questions = table(page, "Questions that were answered")
        row = questions.verticalHeader().defaultSectionSize()
        qtbot.waitUntil(lambda: questions.viewport().height() >= 5 * row)
        for width in (1166, 400):
            page._practice._left.setFixedWidth(width)
            qtbot.waitUntil(lambda w=width: domains.width() < w)
            across = domains.horizontalScrollBar()
            qtbot.waitUntil(lambda w=width, bar=across: bar.isVisible() is (w == 400))
            rows = domains.verticalHeader().length()
            qtbot.waitUntil(lambda high=rows: domains.viewport().height() >= high)
        questions.cellClicked.emit(0, 4)
        assert page._practice._history.isVisible()
        assert not questions.isVisible(), "there is no room for both"


def test_a_short_bar_is_as_long_as_its_share(qtbot):
    lengths = []
    for share in (0.05, 0.12, 0.25):
        bar = _Share(share)
        qtbot.addWidget(bar)
        bar.resize(64, 24)
        picture = bar.grab().toImage()
        accent = QColor(theme.current().accent)
        line = [picture.pixelColor(x, 12) for x in range(picture.width())]
        lengths.append(line.count(accent))
    assert lengths == sorted(set(lengths))
