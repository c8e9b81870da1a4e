from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runthrough.clock import SectionClock
from runthrough.formats import find_format

FIVE = find_format("five-part-10")


def test_time_adds_up_over_visits():
    clock = SectionClock(FIVE)
    assert clock.go(1, 60)
    assert clock.go(0, 90)
    assert clock.go(3, 100)
    assert clock.spent_s(130) == (70, 30, 0, 30, 0)


def test_going_nowhere_changes_nothing():
    clock = SectionClock(FIVE)
    assert not clock.go(0, 10)
    assert not clock.go(-1, 10)
    assert not clock.go(5, 10)
    assert clock.spent_s(10) == (10, 0, 0, 0, 0)


def test_on_plan_the_plan_stays():
    clock = SectionClock(FIVE)
    clock.go(1, 90)
    assert clock.plan_s(90) == tuple(s.planned_s for s in FIVE.sections)


def test_time_lost_is_taken_from_what_is_left_in_proportion():
    clock = SectionClock(FIVE)  # 90 90 180 150 90
    clock.go(1, 300)
    plan = clock.plan_s(300)
    assert plan[1] == 90
    assert sum(plan[2:]) == pytest.approx(600 - 300 - 90)
    assert plan[2] / plan[4] == pytest.approx(180 / 90)


def test_when_all_is_spent_nothing_is_left_and_nothing_is_negative():
    clock = SectionClock(FIVE)
    clock.go(1, 700)
    assert clock.plan_s(900)[2:] == (0, 0, 0)


@given(st.lists(st.tuples(st.integers(-1, 5), st.floats(0, 300))))
def test_spent_time_is_the_time_that_passed(visits):
    clock, now = SectionClock(FIVE), 0.0
    for section, seconds in visits:
        now += seconds
        clock.go(section, now)
    assert sum(clock.spent_s(now)) == pytest.approx(now)
    assert all(plan >= 0 for plan in clock.plan_s(now))


def test_a_required_section_that_was_skipped_shares_what_is_left():
    clock = SectionClock(FIVE)
    clock.go(1, 2)  # passed over the first
    plan = clock.plan_s(200)
    left_s = FIVE.planned_s - 200
    still_to_come = (plan[0] - 2) + sum(plan[2:])
    assert still_to_come == pytest.approx(left_s)
    assert 2 < plan[0] < FIVE.sections[0].planned_s


def test_a_section_that_was_told_is_not_planned_again():
    clock = SectionClock(FIVE)
    clock.go(1, 60)
    assert clock.plan_s(400)[0] == FIVE.sections[0].planned_s
