"""The computer's clock is set back an hour, then on by a day, while a talk is rehearsed."""

from __future__ import annotations

import datetime as dt
import sys
import time

import pytest
from PySide6.QtWidgets import QApplication, QLabel
from test_rehearse import Stage

from runthrough.drill import Round
from runthrough.practice.bank import load_questions
from runthrough.talk import EventKind
from runthrough.ui import theme
from runthrough.ui.talks import TalksPage
from takes import new_take

HOUR_S, DAY_S = 3600.0, 86_400.0


class Clock:
    """The clock on the wall, as the program sees it."""

    off_s = 0.0

    def set(self, by_s):
        self.off_s += by_s


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    real, real_ns, real_datetime = time.time, time.time_ns, dt.datetime

    class Moved(real_datetime):
        @classmethod
        def now(cls, tz=None):
            return real_datetime.now(tz) + dt.timedelta(seconds=made.off_s)

    monkeypatch.setattr(time, "time", lambda: real() + made.off_s)
    monkeypatch.setattr(time, "time_ns", lambda: real_ns() + round(made.off_s * 1e9))
    for name, module in list(sys.modules.items()):
        ours = name.startswith(("runthrough", "ulid"))
        if ours and getattr(module, "datetime", None) is real_datetime:
            monkeypatch.setattr(module, "datetime", Moved)
    return made


@pytest.fixture
def stage(qtbot, session, sound):
    session.library.new_talk("Sparse routing", "five-part-10")
    made = Stage(qtbot, session, sound)
    yield made
    made.close()


def test_a_take_knows_only_its_own_time(stage, session, clock):
    stage.record()
    stage.speak(3)
    clock.set(-HOUR_S)
    stage.page._go_on()
    stage.speak(4)
    clock.set(DAY_S)
    stage.page._mark()
    stage.speak(2)
    stage.page._go_on()
    stage.speak(1)
    assert "0:03 of" in stage.row(0)
    assert "0:06 of" in stage.row(1)
    assert stage.page._clock.text == "9:50", "of ten minutes, ten seconds are gone"
    stage.page._finish()
    stage.wait(lambda: stage.takes)
    (take,) = stage.takes
    assert take.duration_s == pytest.approx(10, abs=1.5)  # with what the room gave meanwhile
    events = session.library.folder(take.id).events()
    entered = [e.at_s for e in events if e.kind is EventKind.SECTION]
    assert entered == pytest.approx([0, 3, 9], abs=0.2)
    (mark,) = [e.at_s for e in events if e.kind is EventKind.MARK]
    assert mark == pytest.approx(7, abs=0.2)
    assert take.problem == "", "no sound is taken for lost"


def test_what_was_made_later_stands_above(session, clock):
    library = session.library
    routing = library.new_talk("Sparse routing", "five-part-10")
    fmt = session.formats()[0][routing.format_id]
    made = []
    for by_s in (0.0, -HOUR_S, DAY_S, -DAY_S, 0.0):
        clock.set(by_s)
        made.append(new_take(library, routing, fmt).take())
    assert [take.id for take in library.takes()] == [take.id for take in reversed(made)]
    assert [take.number for take in made] == [1, 2, 3, 4, 5]
    assert library.take("last").id == made[-1].id
    leaks = library.new_talk("Hearing leaks", "five-part-10")
    assert library.talks()[0].talk.id == leaks.id
    new_take(library, routing, fmt)
    assert library.talks()[0].talk.id == routing.id
    question = load_questions(library.root / "questions")[0]["limitations"]
    for by_s, said in ((0.0, "First."), (-HOUR_S, "Second.")):
        clock.set(by_s)
        Round(library, question).write(said)
    assert [answer.transcript for answer in library.answers()] == ["First.", "Second."]


@pytest.mark.parametrize("by_s", [-HOUR_S, DAY_S])
def test_the_time_left_of_an_import_is_no_day(qtbot, session, clock, by_s):
    theme.apply(QApplication.instance(), "light")
    page = TalksPage(session)
    qtbot.addWidget(page)
    page.show()
    page._progress.begin("talk.wav")
    page._progress.advance("Reading the recording", 0.1)
    clock.set(by_s)
    page._progress.advance("Reading the recording", 0.5)
    assert any("about 0:00 left" in one.text() for one in page.findChildren(QLabel))
