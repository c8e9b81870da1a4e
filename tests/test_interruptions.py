"""An interviewer breaks in at the right moments, and what was answered is no part of the talk."""

import itertools
from dataclasses import replace

import pytest

from runthrough.analysis import interruptions, review, transcript_of_words
from runthrough.formats import find_format
from runthrough.interruptions import Interviewer, Moment, asked_event, find, with_interruptions
from runthrough.talk import Event, EventKind, Severity, Status, Word, minutes

TWELVE = find_format("conference-12")
TWENTY = find_format("interview-20")


def words(text, start_s, pace=2.5):
    found, at_s = [], start_s
    for word in text.split():
        found.append(Word(round(at_s, 2), round(at_s + 1 / pace, 2), word))
        at_s += 1 / pace
    return found


def asked(fmt, *, section="results", say="", quiet=True, takes_s=30.0):
    """(when, question) of all that is asked in a talk that goes to its plan."""
    interviewer, found, at_s = Interviewer(fmt), [], 0.0
    while at_s < fmt.planned_s:
        at_s += 0.5
        said = words(say, at_s - len(say.split()) / 2.5) if say else []
        question = interviewer.ask(Moment(at_s, section, said, quiet))
        if question is not None:
            found.append((at_s, question))
            at_s += takes_s
            interviewer.returned(at_s)
    return found


@pytest.mark.parametrize(("fmt", "count"), [(TWELVE, 2), (TWENTY, 3)])
def test_it_breaks_in_two_or_three_times_well_apart_and_never_at_the_ends(fmt, count):
    times = [at for at, _ in asked(fmt)]
    assert len(times) == count
    assert times[0] >= 60
    assert times[-1] <= fmt.planned_s - 60
    assert all(b - a >= 90 for a, b in itertools.pairwise(times))


def test_a_talk_of_three_minutes_is_left_alone():
    lightning = TWELVE.with_plan([s.planned_s / 4 for s in TWELVE.sections])
    assert asked(lightning) == []


def test_it_asks_about_what_was_just_said_and_quotes_it():
    said = "Our new scheduler is much faster than it was before on all of the machines."
    questions = [q for _, q in asked(TWELVE, say=said)]
    assert "much faster" in questions[0].text
    assert questions[0].about


def test_no_kind_of_question_comes_twice():
    said = "Our new scheduler is much faster than it was before on all of the machines."
    kinds = [".".join(q.id.split(".")[:2]) for _, q in asked(TWENTY, say=said)]
    assert len(set(kinds)) == len(kinds) == 3


def test_a_claim_in_the_motivation_is_not_the_speakers_own():
    said = "Older schedulers are much slower than anybody would like them to be today."
    first = asked(TWELVE, section="motivation", say=said)[0][1]
    assert "much slower" not in first.text


def test_it_waits_for_a_pause_but_not_for_ever():
    prompt = [at for at, _ in asked(TWELVE)]
    talking = [at for at, _ in asked(TWELVE, quiet=False)]
    assert talking[0] - prompt[0] == pytest.approx(20, abs=1)


def test_what_is_asked_is_found_again_by_its_id():
    for _, question in [*asked(TWENTY), *asked(TWENTY, say="It is much faster than before by far")]:
        assert find(question.id).points == question.points


TALK = (
    "The task is to find where a water pipe leaks from the sound that it makes. "
    "We propose a network that takes both spectrograms and predicts the delay. "
    "Our network finds 87 percent of the leaks within one metre."
)
ANSWER = (
    "Our method does not work on plastic pipes. "
    "That is because plastic damps everything above 200 hertz. "
    "Placing a third sensor between the two would fix that."
)


def interrupted(
    answer=ANSWER,
    back="To summarise, we presented a network that finds leaks.",
    question="where-fails",
):
    before = words(TALK, 0.0)
    start_s = before[-1].end_s + 1.0
    during = words(answer, start_s + 2.0)
    end_s = (during[-1].end_s if during else start_s) + 1.0
    after = words(back, end_s + 1.0)
    spoken = (*before, *during, *after)
    said = transcript_of_words(spoken, duration_s=spoken[-1].end_s, language="en", model="")
    question = replace(find(question), text="Where does it fail?")
    events = (
        Event(0.0, EventKind.SECTION, "method"),
        asked_event(start_s, question),
        Event(end_s, EventKind.ANSWERED),
    )
    return said, events, end_s - start_s


def test_an_answer_is_no_part_of_the_talk():
    said, events, _ = interrupted()
    report = review(said, TWELVE, events)
    assert report.limitations.state == "not_heard"
    assert {s.section for s in report.sentences if "plastic" in s.text} == {"other"}
    assert review(said, TWELVE).limitations.state == "stated"  # without the interviewer it is


def test_the_sections_timer_stands_while_the_interviewer_asks():
    said, events, took_s = interrupted()
    with_, without = review(said, TWELVE, events), review(said, TWELVE, events[:1])
    method = [next(s for s in r.sections if s.id == "method").timer_s for r in (without, with_)]
    assert method[0] - method[1] == pytest.approx(took_s)


def test_the_review_tells_what_each_interruption_cost_and_was_worth():
    said, events, took_s = interrupted()
    asked_at = minutes(events[1].at_s)
    report = with_interruptions(review(said, TWELVE, events), said, events)
    cost = next(f for f in report.findings if f.id == "interruption.cost")
    assert cost.severity is Severity.HIGH  # the talk itself never came to its limitations
    assert "could not find your limitations" in cost.detail
    answer = next(f for f in report.findings if f.id == "interruption.1")
    assert answer.title == f"Asked at {asked_at}: Where does it fail?"
    assert "plastic pipes" in answer.detail
    assert (answer.end_s or 0) - (answer.start_s or 0) == pytest.approx(took_s)


def test_in_another_language_no_answer_and_no_limits_are_judged():
    said, events, _ = interrupted()
    said = replace(said, language="de")
    report = with_interruptions(review(said, TWELVE, events), said, events)
    found = {f.id: f for f in report.findings}
    assert "limitations" not in found["interruption.cost"].detail
    assert found["interruption.cost"].severity is Severity.LOW
    assert found["interruption.1"].severity is Severity.LOW
    assert "not judged" in found["interruption.1"].detail
    assert "eard:" not in found["interruption.1"].detail


@pytest.mark.parametrize(
    ("back", "severity", "told"),
    [
        ("One limitation is the small sample.", Severity.MEDIUM, "am not sure that I heard your"),
        ("Our method does not work on plastic pipes.", Severity.LOW, "still told after them."),
    ],
)
def test_limitations_are_called_told_only_where_the_review_calls_them_stated(back, severity, told):
    said, events, _ = interrupted(back=back)
    report = with_interruptions(review(said, TWELVE, events), said, events)
    cost = next(f for f in report.findings if f.id == "interruption.cost")
    assert cost.severity is severity
    assert told in cost.detail


@pytest.mark.parametrize(("over_s", "told"), [(0.4, False), (0.6, True)])
def test_a_talk_is_over_its_plan_where_the_time_that_is_shown_is(over_s, told):
    said, events, _ = interrupted()
    report = replace(review(said, TWELVE, events), duration_s=TWELVE.planned_s + over_s)
    found = with_interruptions(report, said, events).findings
    cost = next(f for f in found if f.id == "interruption.cost")
    assert ("after its plan" in cost.detail) == told
    assert "0:00" not in cost.detail


def test_an_answer_that_waves_its_limit_away_is_not_good():
    away = " Honestly there are no real limitations, so it does not matter at all."
    for answer, severity in ((ANSWER, Severity.GOOD), (ANSWER + away, Severity.LOW)):
        said, events, _ = interrupted(answer=answer)
        report = with_interruptions(review(said, TWELVE, events), said, events)
        found = next(f for f in report.findings if f.id == "interruption.1")
        assert found.severity is severity
        assert "Not heard:" not in found.detail
        assert ("waving it away" in found.detail) == (severity is Severity.LOW)


def test_a_mistake_in_an_answer_is_no_fact():
    wrong = "L2 makes most of the weights exactly zero."
    said, events, _ = interrupted(answer=wrong, question="l1-l2")
    found = with_interruptions(review(said, TWELVE, events), said, events).findings
    answer = next(f for f in found if f.id == "interruption.1")
    assert f"“{wrong}” sounds like a common mistake: " in answer.detail


def test_of_a_talk_that_was_not_judged_no_limitations_are_missed():
    said, events, _ = interrupted()
    said = replace(said, language="de")
    found = with_interruptions(review(said, TWELVE, events), said, events).findings
    cost = next(f for f in found if f.id == "interruption.cost")
    assert cost.severity is Severity.LOW
    assert "limitations" not in cost.detail


def test_silence_scores_nothing():
    said, events, _ = interrupted(answer="")
    report = with_interruptions(review(said, TWELVE, events), said, events)
    answer = next(f for f in report.findings if f.id == "interruption.1")
    assert answer.severity is Severity.MEDIUM
    assert "Heard:" not in answer.detail.replace("Not heard:", "")


def test_a_talk_that_ended_in_a_question_ends_the_question_too():
    said, events, _ = interrupted()
    assert interruptions(events[:2], said.duration_s)[0][0][1] == said.duration_s


def test_a_talk_without_an_interviewer_is_as_it_was():
    said, events, _ = interrupted()
    report = review(said, TWELVE, events[:1])
    assert with_interruptions(report, said, events[:1]) is report
    assert any(s.status is not Status.MISSING for s in report.sections)
