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
    with_timer = tuple(replace(s, timer_s=s.planned_s) for s in report.sections)
    report = replace(report, sections=with_timer)
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
        of_times = [row.change for row in rows if row.group == "Timing"]
        assert set(of_times) == {Change.BREAKS_OFF}
        assert len(of_times) > 1, "of the sections too"
        assert by_title(rows, "Findings") == {}


def test_what_may_have_come_after_a_break_is_neither_better_nor_worse(report):
    told, *rest = report.sections
    covered = replace(told, status=Status.COVERED)
    lost = replace(told, status=Status.MISSING)
    before = replace(
        report,
        sections=(covered, *rest),
        findings=(
            Finding("delivery.pause", Severity.LOW, "A silence of 25 seconds", ""),
            Finding("section.thin.method", Severity.MEDIUM, "Method is thin", ""),
        ),
        delivery=Delivery(acronyms_unexplained=(("SNR", None),)),
    )
    part = replace(
        report,
        sections=(lost, *rest),
        findings=(
            Finding("recording.breaks_off", Severity.MEDIUM, "It breaks off", ""),
            Finding("section.missing.problem", Severity.HIGH, "I could not find it", ""),
            Finding("section.missing.method", Severity.HIGH, "I could not find the method", ""),
            Finding("rigor.spread", Severity.MEDIUM, "I heard no spread", ""),
        ),
        delivery=Delivery(),
        whole=False,
    )
    for rows in (compare(before, part), compare(part, before)):
        assert by_title(rows, "Coverage")[told.title].change is Change.BREAKS_OFF
        assert not {Change.BETTER, Change.WORSE} & {row.change for row in rows}
        assert [r.change for r in rows if r.group == "Findings"] == [Change.BREAKS_OFF]
    more = compare(
        replace(before, sections=(lost, *rest)), replace(part, sections=(covered, *rest))
    )
    assert by_title(more, "Coverage")[told.title].change is Change.BETTER, "it was heard"


def test_silence_and_pauses_differ_without_being_better_or_worse(report):
    quiet = Delivery(silent_share=0.3, pauses_s=((10.0, 35.0),))
    before = replace(report, delivery=Delivery(silent_share=0.1))
    rows = by_title(compare(before, replace(report, delivery=quiet)), "Delivery")
    assert rows["Share of silence"].change is Change.OTHER
    assert rows["Longest pause"].change is Change.OTHER


def test_the_timer_is_not_set_beside_what_was_heard(report):
    told, *rest = report.sections
    timed = replace(report, sections=(replace(told, timer_s=told.planned_s), *rest))
    rows = by_title(compare(timed, report), "Timing")
    assert rows[told.title].change is Change.OTHER
    long = Finding(f"time.section.{told.id}", Severity.LOW, "It took long", "")
    rows = compare(replace(timed, findings=(long,)), replace(report, findings=()))
    assert by_title(rows, "Findings") == {}, "without a timer that is not told"


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
    waves = Finding("limitations.deflects", Severity.MEDIUM, "This waves a limit away", "")
    stated, silent = (
        replace(report, findings=(), limitations=replace(report.limitations, state=state))
        for state in ("stated", "not_heard")
    )
    waving = replace(stated, findings=(waves,))
    assert titles(waving, stated)[waves.title].change is Change.BETTER
    assert titles(waving, silent) == titles(silent, waving) == {}
    lost = Finding("section.missing.related_work", Severity.LOW, "No related work", "")
    assert "related_work" not in {s.id for s in report.sections}
    lacking, unplanned = replace(report, findings=(lost,)), replace(report, findings=())
    assert titles(lacking, unplanned) == titles(unplanned, lacking) == {}


@pytest.mark.parametrize("answer", [Answer.NOT_A_PROBLEM, Answer.MISHEARD])
def test_what_was_answered_is_not_mended_by_that(report, answer):
    pause = Finding("delivery.pause", Severity.LOW, "A silence of 25 seconds", "")
    before = replace(report, findings=(pause,))
    after = replace(report, findings=(replace(pause, answer=answer),))
    (row,) = by_title(compare(before, after), "Findings").values()
    assert (row.before, row.after, row.change) == ("found", "answered", Change.SAME)


def test_of_the_whole_time_one_thing_is_said(report):
    early = Finding("time.early", Severity.LOW, "Finished 7:30 early", "")
    over = Finding("time.over", Severity.HIGH, "1:20 over time", "")
    before = replace(report, findings=(early,), duration_s=150.0)
    rows = compare(before, replace(report, findings=(over,), duration_s=680.0))
    assert by_title(rows, "Timing")["The whole talk"].change is Change.BETTER
    assert by_title(rows, "Findings")[over.title].change is Change.BETTER


def test_a_finding_that_became_a_smaller_one_on_the_same_topic_is_better(report):
    missing = Finding("section.missing.method", Severity.HIGH, "I could not find your method", "")
    thin = Finding("section.thin.method", Severity.MEDIUM, "Method is thin", "")
    over = Finding("time.over", Severity.HIGH, "2:00 over time", "")
    early = Finding("time.early", Severity.LOW, "Finished 1:00 early", "")
    first = replace(report, findings=(missing, early), duration_s=540.0)
    second = replace(report, findings=(over, thin), duration_s=720.0)
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
            found = by_title(rows, "Findings")
            assert not {f.title for f in unknown.findings[:1]} & set(found)
            assert {row.change for row in found.values()} <= {Change.SAME}
    slow, fast = (Delivery(words=100, words_per_minute=rate) for rate in (60.0, 150.0))
    for unknown in (foreign, silent):
        rows = compare(replace(unknown, delivery=slow), replace(judged, delivery=fast))
        assert by_title(rows, "Delivery")["Words a minute"].change is Change.OTHER
    timed = tuple(replace(s, timer_s=s.planned_s) for s in foreign.sections)
    rows = by_title(compare(replace(foreign, sections=timed), replace(judged, sections=timed)),
                    "Timing")  # fmt: skip
    assert judged.sections[0].title in rows
