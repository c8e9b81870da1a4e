import itertools

import pytest

from runthrough.clock import SectionClock
from runthrough.formats import find_format
from runthrough.nudges import APART_S, FIRST_AFTER_S, Nudges, Pace, Situation
from runthrough.talk import Word

TWENTY = find_format("interview-20")
ALL = {section.id for section in TWENTY.sections}


class Talk:
    """A talk that goes on second by second."""

    def __init__(self, fmt=TWENTY):
        self.fmt, self.clock, self.nudges = fmt, SectionClock(fmt), Nudges()
        self.now_s = 0.0
        self.told = []  # (when, nudge) of each that newly appeared

    def go_on(self, until_s, *, heard=None, pace=130.0, section=None):
        if section is not None:
            self.clock.go(section, self.now_s)
        shown = None
        while self.now_s < until_s:
            self.now_s += 0.5
            before = self.told[-1][1].kind if self.told else None
            shown = self.nudges.feed(
                Situation(
                    self.now_s,
                    self.fmt,
                    self.clock.current,
                    self.clock.spent_s(self.now_s),
                    heard,
                    pace,
                )
            )
            if shown and (not self.shown_last or shown.kind != before):
                self.told.append((self.now_s, shown))
            self.shown_last = shown
        return shown

    shown_last = None


def test_a_talk_that_goes_to_plan_is_left_alone():
    talk = Talk()
    at_s, heard = 0.0, set()
    for number, section in enumerate(TWENTY.sections):
        at_s += section.planned_s
        talk.go_on(at_s - 1, heard=heard, section=number)
        heard = heard | {section.id}
    assert talk.told == []


def test_room_is_asked_for_when_only_the_unheard_fits():
    talk = Talk()
    heard = ALL - {"limitations"}
    assert talk.go_on(1080 - 1, heard=heard, section=3) is None
    shown = talk.go_on(1081, heard=heard)
    assert shown.title == "Leave room for limitations."
    assert shown.detail == "1:59 left; you planned 2:00 for it."


def test_several_unheard_sections_are_named_together():
    talk = Talk()
    shown = talk.go_on(910, heard=ALL - {"results", "limitations"}, section=3)
    assert shown.title == "Leave room for limitations."
    assert shown.detail == "4:50 left for results and limitations; they still need 5:00."


def test_many_unheard_sections_are_counted():
    talk = Talk()
    shown = talk.go_on(900, heard=set(), section=0)
    assert shown.detail.endswith(
        "left for 5 sections that are not told yet; they still need 16:00."
    )


def test_what_sections_still_need_is_less_what_was_spent_on_them():
    talk = Talk()
    talk.go_on(60, heard=ALL - {"results", "limitations"}, section=5)
    shown = talk.go_on(1000, heard=ALL - {"results", "limitations"}, section=3)
    assert shown.detail == "3:20 left for results and limitations; they still need 4:00."


def test_what_is_not_required_needs_no_room():
    talk = Talk()
    assert talk.go_on(1199, heard=ALL - {"related_work"}, section=6) is None


def test_heard_sections_need_no_room():
    assert Talk().go_on(1199, heard=ALL, section=2) is None


def test_without_recognition_the_timers_tell():
    talk = Talk()
    talk.go_on(100, section=6)  # most of its plan was spent on limitations at once
    assert talk.go_on(1150, section=3, pace=None).title.startswith("Leave room for results")


def test_over_time_is_told_once_and_stays():
    talk = Talk()
    assert talk.go_on(1230, heard=ALL).kind == "over"
    assert talk.go_on(1500, heard=ALL).kind == "over"
    assert [nudge.kind for _, nudge in talk.told] == ["over"]


@pytest.mark.parametrize(
    ("pace", "title"), [(180, "Slow down"), (80, "You can go a little faster")]
)
def test_pace_is_told_after_more_than_a_minute(pace, title):
    talk = Talk()
    talk.go_on(100, heard=ALL)
    assert talk.go_on(159, heard=ALL, pace=pace) is None
    shown = talk.go_on(163, heard=ALL, pace=pace)
    assert shown.title.startswith(title)
    assert shown.detail.startswith(f"{pace} words a minute now.")
    assert talk.go_on(175, heard=ALL, pace=130) is None


@pytest.mark.parametrize("pace", [165.4, 99.6])
def test_a_pace_that_is_shown_as_easy_to_follow_is_left_alone(pace):
    assert Talk().go_on(300, heard=ALL, pace=pace) is None


def test_a_pace_that_is_odd_for_half_a_minute_is_nobodys_business():
    talk = Talk()
    for second in range(100, 900, 50):
        talk.go_on(second, heard=ALL, pace=130)
        talk.go_on(second + 40, heard=ALL, pace=190)
    assert talk.told == []


def test_nothing_in_the_first_minute_and_not_more_than_one_in_45_seconds():
    short = find_format("lightning-5")
    talk = Talk(short)
    talk.go_on(400, heard=set(), pace=200)
    times = [when for when, _ in talk.told]
    assert times[0] >= FIRST_AFTER_S
    assert all(b - a >= APART_S for a, b in itertools.pairwise(times))
    assert {nudge.kind for _, nudge in talk.told} >= {"room", "over"}


def test_pace_counts_words_of_the_last_half_minute():
    pace = Pace()
    words = [Word(i * 0.5, i * 0.5 + 0.4, "word") for i in range(200)]
    pace.final(words[:10])
    assert pace.words_per_minute() is None
    pace.final(words[10:100])
    assert pace.words_per_minute() == pytest.approx(120, abs=4)
    pace.guess(words[100:120])
    assert pace.words_per_minute() == pytest.approx(120, abs=4)
    pace.guess(words[100:110])
    pace.final(words[100:200])
    assert pace.words_per_minute() == pytest.approx(120, abs=4)
