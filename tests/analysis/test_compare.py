from dataclasses import replace

import pytest

from runthrough.analysis import review, transcript_of_sentences
from runthrough.analysis.compare import Change, compare
from runthrough.formats import find_format
from runthrough.talk import Answer, Delivery, Finding, Severity, Status


@pytest.fixture
def report():
    told = transcript_of_sentences(["The problem is water.", "We measured it."], duration_s=600)
    return review(told, find_format("five-part-10"))


def by_title(rows, group):
    return {row.title: row for row in rows if row.group == group}


def test_a_take_beside_itself_is_the_same(report):
    assert {row.change for row in compare(report, report)} == {Change.SAME}


def test_coverage_and_time(report):
    first = report.sections[0]
    missing = replace(first, status=Status.MISSING, heard_s=0.0)
    covered = replace(first, status=Status.COVERED, heard_s=first.planned_s)
    before = replace(report, sections=(missing, *report.sections[1:]), duration_s=700.0)
    after = replace(report, sections=(covered, *report.sections[1:]), duration_s=600.0)
    rows = compare(before, after)
    assert by_title(rows, "Coverage")[first.title].change is Change.BETTER
    assert by_title(rows, "Timing")["The whole talk"].change is Change.BETTER
    back = compare(after, before)
    assert by_title(back, "Coverage")[first.title].change is Change.WORSE


def test_another_plan_is_no_better_time(report):
    longer = tuple(replace(s, planned_s=s.planned_s + 60) for s in report.sections)
    planned_s = report.planned_s + 60 * len(longer)
    before = replace(report, sections=longer, planned_s=planned_s)
    for rows in (compare(before, report), compare(report, before)):
        assert {row.change for row in rows if row.group == "Timing"} == {Change.OTHER_PLAN}
    over = Finding("time.over", Severity.HIGH, "2:00 over time", "")
    early = Finding("time.early", Severity.LOW, "Finished 1:00 early", "")
    long = Finding("time.section.method", Severity.LOW, "Method took 3:00 of 1:00", "")
    late, soon = replace(report, findings=(over, long)), replace(before, findings=(early,))
    for rows in (compare(late, soon), compare(soon, late)):
        assert by_title(rows, "Findings") == {}
    kept = replace(report, findings=(), planned_s=planned_s)  # elsewhere there is more room
    assert set(by_title(compare(late, kept), "Findings")) == {long.title}


def test_a_take_that_breaks_off_has_no_time_to_set_beside_another(report):
    early = Finding("time.early", Severity.LOW, "Finished 5:00 early", "")
    before = replace(report, findings=(early,), duration_s=300.0)
    part = replace(report, findings=(), duration_s=120.0, whole=False)
    for rows in (compare(before, part), compare(part, before)):
        assert by_title(rows, "Timing")["The whole talk"].change is Change.BREAKS_OFF
        assert by_title(rows, "Findings") == {}


def test_pace_is_judged_by_the_band_and_small_changes_are_none(report):
    def at(rate):
        return replace(report, delivery=Delivery(words=100, words_per_minute=rate))

    def change(a, b):
        return by_title(compare(at(a), at(b)), "Delivery")["Words a minute"].change

    assert change(190, 150) is Change.BETTER
    assert change(150, 190) is Change.WORSE
    assert change(110, 160) is Change.SAME
    assert change(168, 172) is Change.SAME


def test_fillers_listened_for_are_not_set_beside_those_that_were_not(report):
    deaf = replace(report, delivery=Delivery(fillers_per_minute=0.1))
    heard = replace(report, delivery=Delivery(fillers_per_minute=4.0, heard_fillers=True))
    assert "Fillers a minute" not in by_title(compare(deaf, heard), "Delivery")


def test_findings_gone_come_and_kept(report):
    def finding(name, severity=Severity.MEDIUM):
        return Finding(name, severity, name, "")

    before = replace(report, findings=(finding("a"), finding("b"), finding("x", Severity.GOOD)))
    after = replace(report, findings=(finding("b"), finding("c")))
    rows = by_title(compare(before, after), "Findings")
    assert {title: row.change for title, row in rows.items()} == {
        "a": Change.BETTER,
        "b": Change.SAME,
        "c": Change.WORSE,
    }


def test_what_could_not_be_judged_has_neither_gone_nor_come(report):
    spread = Finding("rigor.spread", Severity.MEDIUM, "I heard no spread", "…")
    silent = Finding("speech.none", Severity.HIGH, "Nothing was heard", "…")

    def titles(before, after):
        return by_title(compare(before, after), "Findings")

    with_spread = replace(report, findings=(spread,))
    told = tuple(
        replace(s, status=Status.COVERED if s.id == "experiments" else s.status)
        for s in report.sections
    )
    untold = tuple(
        replace(s, status=Status.THIN if s.id == "experiments" else s.status)
        for s in report.sections
    )
    gone = replace(report, findings=(), sections=told)
    assert titles(with_spread, gone)[spread.title].change is Change.BETTER
    assert titles(with_spread, replace(gone, sections=untold)) == {}
    assert spread.title not in titles(with_spread, replace(gone, findings=(silent,)))
    answered = replace(with_spread, findings=(replace(spread, answer=Answer.NOT_A_PROBLEM),))
    assert titles(answered, with_spread) == {}


def test_a_finding_that_became_a_smaller_one_on_the_same_topic_is_better(report):
    missing = Finding("section.missing.method", Severity.HIGH, "I could not find your method", "")
    thin = Finding("section.thin.method", Severity.MEDIUM, "Method is thin", "")
    over = Finding("time.over", Severity.HIGH, "2:00 over time", "")
    early = Finding("time.early", Severity.LOW, "Finished 1:00 early", "")
    first = replace(report, findings=(missing, early))
    second = replace(report, findings=(over, thin))
    rows = by_title(compare(first, second), "Findings")
    assert {title: (row.before, row.change) for title, row in rows.items()} == {
        "Method is thin": ("I could not find your method", Change.BETTER),
        "2:00 over time": ("Finished 1:00 early", Change.WORSE),
    }


def test_a_take_that_could_not_be_judged_is_neither_better_nor_worse():
    fmt = find_format("five-part-10")
    german = ["Das Problem ist das Wasser.", "Wir haben die Rohre am Abend gemessen."]
    english = ["The task is to find where a water pipe leaks.", "We measured forty pipes."]
    foreign = review(replace(transcript_of_sentences(german, duration_s=60), language="de"), fmt)
    silent = review(transcript_of_sentences([""], duration_s=60), fmt)
    judged = review(transcript_of_sentences(english, duration_s=60), fmt)
    for unknown in (foreign, silent):
        for rows in (compare(unknown, judged), compare(judged, unknown)):
            of_sections = [row for row in rows if row.group in ("Coverage", "Timing")]
            assert {row.change for row in of_sections} == {Change.SAME}
            assert all("not judged" in (r.before, r.after) for r in rows if r.group == "Coverage")
            assert not {"Fillers a minute", "Acronyms not explained"} & {r.title for r in rows}
    timed = tuple(replace(s, timer_s=s.planned_s) for s in foreign.sections)
    rows = by_title(compare(replace(foreign, sections=timed), replace(judged, sections=timed)),
                    "Timing")  # fmt: skip
    assert judged.sections[0].title in rows
