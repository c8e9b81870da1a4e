"""Progress from real folders: numbers over takes, and practice from kept answers."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from runthrough import analysis, progress
from runthrough.analysis.compare import topic
from runthrough.errors import Cancelled
from runthrough.library import Library
from runthrough.practice.bank import load_questions
from runthrough.talk import (
    Answer,
    AnswerVerdict,
    Finding,
    PointHeard,
    PracticeAnswer,
    Severity,
    Status,
    TakeState,
)
from takes import new_take

NOW = datetime(2027, 3, 1, 12).astimezone()


@pytest.fixture
def library(tmp_path):
    made = Library(tmp_path / "library")
    yield made
    made.close()


def add_take(library, **changes):
    """A take more of the sample talk, with its review changed."""
    sample = library.open_sample()
    report = library.folder(sample.id).report()
    talk = library.talk(sample.talk_id)
    take = new_take(library, talk, sample.format).take()
    library.save_report(take.id, replace(report, take_id=take.id, **changes))
    return take


def answer(question_id, day, heard, *, domain="theory", depth=0, number=0):
    points = tuple(PointHeard(str(i), "", i < heard) for i in range(4))
    at = NOW + timedelta(days=day)
    return PracticeAnswer(
        f"{question_id}{day}{number}", question_id, domain, "asked", at, "said", 60.0,
        AnswerVerdict(points), f"{question_id}{day}0", depth,
    )  # fmt: skip


def test_takes_in_order_with_what_was_solved(library):
    sample = library.open_sample()
    report = library.folder(sample.id).report()
    first_open = [f for f in report.findings if f.severity != "good"]
    add_take(library, findings=tuple(f for f in report.findings if f is not first_open[0]))
    answered = replace(first_open[1], answer=Answer.NOT_A_PROBLEM)
    add_take(library, findings=(answered,), duration_s=report.planned_s * 1.5)
    told = topic(answered)
    takes, problems = progress.talk_progress(library, sample.talk_id)
    assert problems == []
    assert [t.take.number for t in takes] == [1, 2, 3]
    assert takes[0].solved == ()
    assert len(takes[1].solved) == 1
    assert takes[2].open_findings == ()
    assert told in takes[1].open_findings
    assert set(takes[2].solved) == set(takes[1].open_findings) - {told}, "answered is not mended"
    assert takes[2].over_s == pytest.approx(report.planned_s * 0.5)
    assert progress.over_words(takes[2]).endswith("over")
    assert "over" in progress.time_answer(takes)
    assert progress.findings_answer(takes).startswith("0 findings open")


def test_the_numbers_follow_the_review_when_it_is_made_anew(library):
    sample = library.open_sample()
    progress.talk_progress(library, sample.talk_id)
    folder = library.folder(sample.id)
    assert folder.numbers() is not None
    report = folder.report()
    told = tuple(replace(s, status=Status.COVERED) for s in report.sections)
    library.save_report(sample.id, replace(report, sections=told))
    assert folder.numbers() is None
    takes, _ = progress.talk_progress(library, sample.talk_id)
    assert {status for _, _, status in takes[0].sections} == {Status.COVERED}
    assert progress.coverage_answer(takes) == "The last take told every section."


def test_what_is_thin_or_could_not_be_judged_is_not_called_told_or_left_out(library):
    sample = library.open_sample()
    report = library.folder(sample.id).report()
    doubted = tuple(replace(s, status=Status.THIN) for s in report.sections)
    titles = ", ".join(s.title for s in doubted)
    limits = replace(report.limitations, state="possible")
    add_take(library, sections=doubted, limitations=limits)
    takes, _ = progress.talk_progress(library, sample.talk_id)
    assert f"The last take was thin on: {titles}." in progress.coverage_answer(takes)
    transcript = analysis.transcript_of_sentences(["Wir suchen Lecks in Rohren."], duration_s=60)
    german = analysis.review(replace(transcript, language="de"), sample.format)
    add_take(library, sections=german.sections, limitations=german.limitations,
             findings=german.findings)  # fmt: skip
    takes, _ = progress.talk_progress(library, sample.talk_id)
    coverage = progress.coverage_answer(takes)
    assert coverage.startswith(f"The last take that could be judged was thin on: {titles}.")
    assert "in 1 of 2 takes" in coverage
    told = progress.limitations_answer(takes)
    assert told.startswith("The last take that could be judged may have stated limitations")
    assert takes[-1].solved == ()
    found = f"{len(takes[1].open_findings)} findings open in the last take that could be judged; "
    assert progress.findings_answer(takes).startswith(found)
    assert "in the last take whose pace could be judged" in progress.pace_answer(takes)
    for answer_of in (progress.findings_answer, progress.pace_answer):
        assert answer_of(takes[-1:]) == "No take could be judged."
    assert progress.coverage_answer(takes[-1:]) == "No take could be judged."
    assert progress.limitations_answer(takes[-1:]) == "No take could be judged."
    add_take(library)
    takes, _ = progress.talk_progress(library, sample.talk_id)
    assert takes[-1].solved == ()


def test_a_take_that_breaks_off_ended_neither_early_nor_on_time(library):
    sample = library.open_sample()
    planned_s = sample.format.planned_s
    for length_s in (30.0, planned_s):
        part = add_take(library, duration_s=length_s)
        library.save_take(
            replace(part, state=TakeState.REVIEWED, duration_s=length_s, broke_off=True)
        )
    takes, _ = progress.talk_progress(library, sample.talk_id)
    assert [progress.over_words(t) for t in takes[1:]] == ["breaks off before its end"] * 2
    assert progress.time_answer(takes) == "The last take breaks off before its end."
    lost = replace(takes[0].take, duration_s=takes[0].duration_s + 20)
    assert progress.over_words(replace(takes[0], take=lost)) == "breaks off before its end"


def test_early_is_not_mended_by_breaking_off_nor_by_another_plan(library):
    sample = library.open_sample()
    report = library.folder(sample.id).report()
    early = "time.early"
    assert early in [f.id for f in report.findings]
    rest = tuple(f for f in report.findings if f.id != early)
    part = add_take(library, findings=rest, whole=False)
    library.save_take(replace(part, state=TakeState.REVIEWED, broke_off=True))
    add_take(library)
    add_take(library, findings=rest, planned_s=report.duration_s)
    add_take(library)
    add_take(library, findings=rest)
    takes, _ = progress.talk_progress(library, sample.talk_id)
    assert [t.solved for t in takes] == [(), (), (), (), (), ("time.whole",)]


def test_a_take_that_breaks_off_left_nothing_out_for_sure(library):
    sample = library.open_sample()
    report = library.folder(sample.id).report()
    lost = tuple(replace(s, status=Status.MISSING) for s in report.sections)
    missing = tuple(
        Finding(f"section.missing.{s.id}", Severity.HIGH, "Not found", "") for s in lost
    )
    part = add_take(library, sections=lost, findings=missing, whole=False)
    library.save_take(replace(part, state=TakeState.REVIEWED, broke_off=True))
    takes, _ = progress.talk_progress(library, sample.talk_id)
    told = progress.coverage_answer(takes)
    assert told == "The last take breaks off; what was left out may have come after."
    told = progress.limitations_answer(takes)
    assert told == "No limitations were heard in the last take, which breaks off."
    covered = tuple(replace(s, status=Status.COVERED) for s in lost)
    add_take(library, sections=covered, findings=())
    takes, _ = progress.talk_progress(library, sample.talk_id)
    assert takes[-1].solved == (), "what came after the break was not lacking"
    assert "Most often left out: Limitations, in 1 of 2 takes." in progress.coverage_answer(takes)
    assert progress.limitations_answer(takes).endswith(" 0 of 2 takes stated them.")


def test_what_could_not_be_found_any_more_is_not_solved(library):
    sample = library.open_sample()
    report = library.folder(sample.id).report()
    findings = tuple(
        Finding(name, Severity.MEDIUM, name, "")
        for name in ("rigor.spread", "limitations.deflects", "section.missing.motivation",
                     "time.section.motivation")
    )  # fmt: skip
    stated = replace(report.limitations, state="stated")

    def take(experiments, limitations=report.limitations, findings=(), planned=report.sections):
        sections = tuple(
            replace(s, timer_s=1.0, status=experiments if s.id == "experiments" else s.status)
            for s in planned
        )
        add_take(library, sections=sections, limitations=limitations, findings=findings)

    take(Status.COVERED, stated, findings)
    take(Status.MISSING, planned=[s for s in report.sections if s.id != "motivation"])
    take(Status.COVERED, stated, findings)
    take(Status.COVERED, stated)
    takes, _ = progress.talk_progress(library, sample.talk_id)
    assert takes[-3].solved == ()
    assert set(takes[-1].solved) == {
        "rigor.spread", "limitations.deflects", "section.motivation", "time.section.motivation"
    }  # fmt: skip


def test_limits_that_the_speaker_says_were_told_are_stated(library):
    sample = library.open_sample()
    report = library.folder(sample.id).report()
    claimed = tuple(
        replace(s, status=Status.COVERED, by_speaker=s.id == "limitations") for s in report.sections
    )
    add_take(library, sections=claimed)
    takes, _ = progress.talk_progress(library, sample.talk_id)
    assert [t.limitations for t in takes] == ["not_heard", "stated"]
    assert progress.limitations_answer(takes).startswith("The last take stated limitations. 1 of 2")


def test_what_is_left_out_is_counted_of_the_takes_that_planned_it(library):
    sample = library.open_sample()
    report = library.folder(sample.id).report()

    def take(*lost, without=None):
        sections = tuple(
            replace(s, status=Status.MISSING if s.id in lost else Status.COVERED)
            for s in report.sections
            if s.id != without
        )
        add_take(library, sections=sections)

    def often():
        takes, _ = progress.talk_progress(library, sample.talk_id)
        return progress.coverage_answer(takes[1:]).partition("Most often left out: ")[2]

    take("motivation", "method")
    assert often() == "", "of one take"
    take(without="motivation")
    assert often() == "Method, in 1 of 2 takes."
    take("motivation", "method")
    assert often() == "Motivation, in 2 of 2 takes that planned it."
    take("method")
    take("motivation")
    assert often() == "Motivation, in 3 of 4 takes that planned it."
    take("method", "results", without="motivation")
    take("method", "results", without="motivation")
    take("results")
    take("results")
    take("results", "method", without="motivation")
    assert often() == "Method, in 6 of 10 takes."
    take("results")
    assert often() == "Method and Results, in 6 of 11 takes."


def test_a_damaged_review_costs_only_itself(library):
    sample = library.open_sample()
    broken = add_take(library)
    (library.folder(broken.id).path / "report.json").write_text("{")
    takes, problems = progress.talk_progress(library, sample.talk_id)
    assert [t.take.id for t in takes] == [sample.id]
    assert "can't be read" in problems[0]


def test_a_take_without_times_has_no_rates(library):
    sample = library.open_sample()
    report = library.folder(sample.id).report()
    quiet = replace(report.delivery, words_per_minute=None, fillers_per_minute=None)
    untimed = add_take(library, timed=False, delivery=quiet)
    takes, _ = progress.talk_progress(library, sample.talk_id)
    last = [t for t in takes if t.take.id == untimed.id]
    assert last[0].duration_s is None
    for told in (progress.time_answer, progress.pace_answer, progress.fillers_answer):
        assert told(last) == "No take has times yet."


@pytest.mark.parametrize(("rate", "how"), [(165.3, "easy"), (99.6, "easy"), (165.6, "fast")])
def test_a_pace_is_judged_as_it_is_shown(library, rate, how):
    sample = library.open_sample()
    report = library.folder(sample.id).report()
    add_take(library, delivery=replace(report.delivery, words_per_minute=rate))
    takes, _ = progress.talk_progress(library, sample.talk_id)
    shown = f"{rate:.0f} words a minute in the last take, which is {how}"
    assert progress.pace_answer(takes).startswith(shown)


def test_a_take_without_words_has_neither_pace_nor_fillers_to_tell_of(library):
    sample = library.open_sample()
    silent = analysis.review(analysis.transcript_of_sentences([""], duration_s=60), sample.format)
    unheard = {"delivery": silent.delivery, "findings": silent.findings}
    rate = library.folder(sample.id).report().delivery.fillers_per_minute
    add_take(library, **unheard)
    takes, _ = progress.talk_progress(library, sample.talk_id)
    assert "in the last take whose pace could be judged, which is" in progress.pace_answer(takes)
    told = f"At least {rate:.1f} a minute in the last take in which they could be counted"
    assert progress.fillers_answer(takes) == f"{told}."
    report = library.folder(sample.id).report()
    add_take(library, delivery=replace(report.delivery, fillers_per_minute=9.5))
    takes, _ = progress.talk_progress(library, sample.talk_id)
    assert takes[1].fillers_per_minute is None, "and its place in the curve is empty"
    told = f"At least 9.5 a minute in the last take, {rate:.1f} in the first."
    assert progress.fillers_answer(takes) == told
    assert progress.fillers_answer(takes[1:]) == "At least 9.5 a minute in the last take."
    later = progress.fillers_answer([*takes[1:], takes[0]])
    assert later.endswith("9.5 in the first in which they could be counted.")
    assert progress.fillers_answer(takes[1:2]) == "No take could be judged."


def test_reading_can_be_cancelled(library):
    sample = library.open_sample()
    with pytest.raises(Cancelled):
        progress.talk_progress(library, sample.talk_id, cancelled=lambda: True)


def test_practice_by_domain_and_question():
    bank, _ = load_questions(None)
    theory = [q.id for q in bank.values() if q.domain == "theory"]
    answers = [
        answer(theory[0], 0, 1),
        answer(theory[0], 3, 4),
        answer(theory[0], 3, 4, depth=1, number=1),
        answer(theory[1], 1, 0),
        answer("gone", 2, 2, domain="limitations"),
    ]
    domains, questions = progress.practice_progress(answers, bank, NOW + timedelta(days=4))
    by_id = {q.id: q for q in questions}
    assert [len(by_id[theory[0]].answers), len(by_id[theory[0]].first_answers)] == [3, 2]
    assert by_id[theory[0]].last_score == 1.0
    assert by_id[theory[0]].text == bank[theory[0]].text
    assert by_id["gone"].text == "asked"
    assert [q.id for q in questions] == [theory[1], theory[0], "gone"], "what is due comes first"
    found = {d.id: d for d in domains}
    assert found["theory"].score == pytest.approx(0.5)
    assert found["theory"].answered == 2
    assert found["theory"].questions == len(theory)
    assert found["theory"].due == sum(q.due <= NOW + timedelta(days=4) for q in questions
                                      if q.domain == "theory")  # fmt: skip
    assert found["engineering"].score is None
    assert by_id["gone"].due <= NOW + timedelta(days=4)
    assert found["limitations"].due == 0, "what is no longer in the bank is not asked"


def test_without_answers_there_is_nothing_to_show():
    bank, _ = load_questions(None)
    domains, questions = progress.practice_progress([], bank, NOW)
    assert questions == []
    assert all(d.score is None and d.due == 0 for d in domains)


def test_follow_ups_whose_answer_was_deleted_are_passed_over():
    bank, _ = load_questions(None)
    _, questions = progress.practice_progress([answer("x", 0, 1, depth=1)], bank, NOW)
    assert questions == []
