"""The whole judgement with the shipped model: what is plain must come out right.

How often it is right on what is not plain is measured in ``benchmarks/judgement.py``.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from runthrough.analysis import (
    cues,
    heard_sections,
    read_ahead,
    review,
    transcript_of_sentences,
    transcript_of_words,
)
from runthrough.analysis.answers import judge_limitations_answer
from runthrough.analysis.findings import find
from runthrough.analysis.model import _read
from runthrough.analysis.sections import judge_sections, judge_sentences
from runthrough.formats import find_format
from runthrough.practice.bank import find_question
from runthrough.practice.judging import judge_answer
from runthrough.talk import (
    SENTENCE_SECTIONS,
    Delivery,
    Event,
    EventKind,
    Severity,
    Status,
    Word,
    gap_event,
)

FORMAT = find_format("conference-12")
OPENING = [
    "Hello everyone, my name is Ada, and I will present our work on leak detection.",
    "The task is to find where a water pipe leaks from the sound that it makes.",
    "Formally, we are given recordings of two microphones and want the position of the leak.",
]
MOTIVATION = [
    "Cities lose a third of their drinking water through leaks that nobody notices.",
    "Digging in the wrong place costs the operator thousands of euros every time.",
]
RELATED = [
    "Previous work by Gao and colleagues correlates the two signals, but assumes steel pipes."
]
METHOD = [
    "We propose a network that takes both spectrograms and predicts the delay between them.",
    "The network has four convolutional layers, followed by an attention block.",
    "We train it with a loss that ignores the frequencies which the pipe damps.",
]
EXPERIMENTS = [
    "We evaluate on recordings of 212 real leaks from three cities.",
    "As baselines we use cross-correlation and a random forest.",
    "Every experiment was repeated with five random seeds.",
]
RESULTS = [
    "Our network finds 87 percent of the leaks within one metre, and correlation finds 61 percent.",
    "Without the attention block the accuracy drops by nine points.",
    "The difference is significant with p below 0.01.",
]
LIMITS = [
    "Our method does not work on plastic pipes.",
    "That is because plastic damps everything above 200 hertz, so nothing is left to compare.",
    "Placing a third sensor between the two would fix that.",
]
CLOSING = [
    "To summarise, we presented a network that finds leaks in metal pipes.",
    "Thank you for your attention.",
]
WHOLE = [*OPENING, *MOTIVATION, *RELATED, *METHOD, *EXPERIMENTS, *RESULTS, *LIMITS, *CLOSING]
WITHOUT_LIMITS = [s for s in WHOLE if s not in LIMITS]


def report_on(texts, events=()):
    duration_s = sum(len(t.split()) for t in texts) / 2.4
    return review(transcript_of_sentences(texts, duration_s=duration_s), FORMAT, events)


def statuses(report):
    return {s.id: s.status for s in report.sections}


def test_a_whole_talk_lacks_nothing():
    report = report_on(WHOLE)
    assert Status.MISSING not in statuses(report).values()
    assert report.limitations.state == "stated"
    assert LIMITS[0] in [e.quote for e in report.limitations.evidence]
    assert {"baselines", "ablation", "seeds", "significance"} <= {
        r.id for r in report.rigor if r.met
    }


@pytest.mark.parametrize(
    ("section", "sentences"),
    [
        ("problem", OPENING[1:]),
        ("motivation", MOTIVATION),
        ("related_work", RELATED),
        ("method", METHOD),
        ("experiments", EXPERIMENTS),
        ("results", RESULTS),
        ("limitations", LIMITS),
    ],
)
def test_what_is_left_out_is_missed(section, sentences):
    report = report_on([s for s in WHOLE if s not in sentences])
    assert [id_ for id_, status in statuses(report).items() if status is Status.MISSING] == [
        section
    ]
    finding = next(f for f in report.findings if f.id == f"section.missing.{section}")
    assert finding.title.startswith("I could not find")
    # Who says why a thing is worth doing half says what it is.
    assert ("I may have missed that. " in finding.detail) == (section == "problem")
    required = next(s.required for s in report.sections if s.id == section)
    assert finding.severity.value == ("high" if required else "low")


def test_a_title_of_ones_own_stands_in_a_finding_as_it_was_written():
    sections = tuple(
        replace(s, title="Why BERT needs it") if s.id == "motivation" else s
        for s in FORMAT.sections
    )
    report = review(
        transcript_of_sentences([*METHOD, *CLOSING], duration_s=60.0),
        replace(FORMAT, sections=sections),
    )
    said = {f.id: f"{f.title} {f.detail}" for f in report.findings}
    assert "I could not find “Why BERT needs it”" in said["section.missing.motivation"]
    assert "the problem" in said["section.missing.problem"]
    assert "problem, “Why BERT needs it”" in said["time.early"]


@pytest.mark.parametrize(
    ("likely", "id_", "title"),
    [
        (0.2, "section.missing.motivation", "I could not find"),
        (0.6, "section.thin.motivation", "I am not sure that I heard"),
        (0.8, "section.thin.motivation", "Only one sentence on the motivation"),
    ],
)
def test_what_came_nearest_is_told_and_what_may_be_it_is_not_called_missing(likely, id_, title):
    near = "Today somebody walks along the pipe with a microphone."
    transcript = transcript_of_sentences([OPENING[1], near], duration_s=20)
    probabilities = np.zeros((2, len(SENTENCE_SECTIONS)), np.float32)
    probabilities[:, SENTENCE_SECTIONS.index("problem")] = 1.0, 1 - likely
    probabilities[1, SENTENCE_SECTIONS.index("motivation")] = likely
    sentences = judge_sentences(transcript.sentences, probabilities)
    report = report_on([OPENING[1], near])
    verdicts = judge_sections(FORMAT, sentences, probabilities, (), 20)
    found = find(
        FORMAT,
        transcript,
        sentences,
        verdicts,
        report.limitations,
        report.rigor,
        report.delivery,
    )
    told = next(f for f in found if f.id.endswith(".motivation"))
    assert told.id == id_
    assert told.title.startswith(title)
    assert near in told.detail + "".join(e.quote for e in told.evidence)


def test_time_is_the_reason_for_what_is_thin_only_where_it_is():
    clause = "whether the sound of a pipe that nobody has seen for forty years can tell us"
    one = f"The question that we ask in this work is {', '.join([clause] * 3)} where it leaks."
    found = {f.id: f for f in report_on([OPENING[0], one, *WHOLE[3:]]).findings}
    thin = found["section.thin.problem"]
    assert thin.title == "Only one sentence on the problem was heard"
    assert "one sentence" not in thin.detail
    long = [*WHOLE[:6], *METHOD * 12, *WHOLE[9:]]
    found = {f.id: f for f in report_on(long).findings}
    assert found["section.thin.experiments"].title.startswith("Experiments took about 0:12 of")
    measured = replace(transcript_of_sentences(long, duration_s=600.0), timed=True)
    found = {f.id: f for f in review(measured, FORMAT).findings}
    assert found["section.thin.experiments"].title.startswith("Experiments took 0:")
    timer = [Event(0.0, EventKind.SECTION, "problem"), Event(9.0, EventKind.SECTION, "experiments")]
    found = {f.id: f for f in report_on(long, timer).findings}
    title = "Only about 0:12 was heard of your experiments; you planned 1:45"
    assert found["section.thin.experiments"].title == title
    found = {f.id: f for f in review(transcript_of_sentences(long), FORMAT).findings}
    title = "Little of the talk was about your experiments"
    assert found["section.thin.experiments"].title == title


def test_there_is_room_for_what_is_missing_only_if_it_fits_in():
    without = [s for s in WHOLE if s not in (*MOTIVATION, *METHOD)]

    def early(duration_s):
        report = review(transcript_of_sentences(without, duration_s=duration_s), FORMAT)
        missing = {s.id for s in report.sections if s.status is Status.MISSING}
        assert missing == {"motivation", "method"}  # planned at 1:15 and 3:30
        return next(f.detail for f in report.findings if f.id == "time.early")

    assert early(435) == "Enough room for the missing motivation and method."
    assert early(436).startswith(
        "Not enough for the missing motivation and method: you planned 4:45"
    )


def test_what_may_have_been_told_is_thin_however_much_of_it_there_is():
    likely = np.zeros((20, len(SENTENCE_SECTIONS)), np.float32)
    likely[:, SENTENCE_SECTIONS.index("related_work")] = 0.6
    likely[:, SENTENCE_SECTIONS.index("other")] = 0.4
    transcript = transcript_of_sentences(MOTIVATION[:1] * 20, duration_s=200)
    sentences = judge_sentences(transcript.sentences, likely)
    verdicts = judge_sections(FORMAT, sentences, likely, (), 200)
    assert next(v for v in verdicts if v.id == "related_work").status is Status.THIN


def test_who_says_why_is_not_told_to_lack_the_problem():
    likely = np.zeros((3, len(SENTENCE_SECTIONS)), np.float32)
    likely[:, SENTENCE_SECTIONS.index("problem")] = 0.02, 0.25, 0.0
    likely[:, SENTENCE_SECTIONS.index("motivation")] = 0.05, 0.75, 0.1
    likely[:, SENTENCE_SECTIONS.index("other")] = 0.93, 0.0, 0.9
    said = ["Hello.", "Cities don't know where their potholes are.", "Thank you."]
    sentences = judge_sentences(transcript_of_sentences(said, duration_s=20).sentences, likely)
    verdicts = judge_sections(FORMAT, sentences, likely, (), 20)
    problem = next(v for v in verdicts if v.id == "problem")
    assert problem.status is Status.THIN
    assert [e.quote for e in problem.evidence] == said[1:2]


def test_no_sentence_is_given_to_a_section_that_is_missing():
    likely = np.zeros((3, len(SENTENCE_SECTIONS)), np.float32)
    likely[:, SENTENCE_SECTIONS.index("problem")] = 0.9, 0.23, 0.9
    likely[:, SENTENCE_SECTIONS.index("motivation")] = 0.1, 0.24, 0.1
    for section in ("method", "conclusion", "other"):
        likely[1, SENTENCE_SECTIONS.index(section)] = 0.53 / 3
    transcript = transcript_of_sentences(MOTIVATION[:1] * 3, duration_s=30)
    sentences = judge_sentences(transcript.sentences, likely)
    verdicts = judge_sections(FORMAT, sentences, likely, (), 30)
    motivation = next(v for v in verdicts if v.id == "motivation")
    assert (motivation.status, motivation.heard_s) == (Status.MISSING, 0)
    assert {s.section for s in sentences} == {"problem"}


@pytest.mark.parametrize(
    ("section", "told", "status"),
    [
        ("results", 1, Status.MISSING),
        ("results", 3, Status.COVERED),
        ("related_work", 1, Status.THIN),  # others' work may be told in passing
    ],
)
def test_one_sentence_of_forty_is_no_report_of_results(section, told, status):
    likely = np.zeros((40, len(SENTENCE_SECTIONS)), np.float32)
    likely[:, SENTENCE_SECTIONS.index("other")] = 1
    likely[:told] = 0
    likely[:told, SENTENCE_SECTIONS.index(section)] = 1
    transcript = transcript_of_sentences(RESULTS[:1] * 40, duration_s=300)
    sentences = judge_sentences(transcript.sentences, likely)
    verdicts = judge_sections(FORMAT, sentences, likely, (), 300)
    found = next(v for v in verdicts if v.id == section)
    assert found.status is status
    if status is Status.MISSING:  # a doubt, and what came nearest to it is shown
        assert found.confidence < 0.5
        assert found.evidence[0].sentence == 0


@pytest.mark.parametrize("spread", ["plus minus 0.3", "plus or minus .3", "± 0.3"])
def test_a_number_plus_or_minus_a_number_is_a_spread(spread):
    told = f"On Python we get 71.2 {spread}, where CodeBERT has 69.8."
    met = {r.id: [e.quote for e in r.evidence] for r in report_on([told]).rigor if r.met}
    assert met["significance"] == [told]


def test_a_study_without_a_system_has_a_method_in_what_it_tested():
    study = [
        "We made forty pages in three versions, without errors, with a few, and with many.",
        "Each reader saw every page once, and told us how sure they were of what they had read.",
        "Sixty two readers took part, and we excluded four of them who knew the pages.",
    ]
    talk = [*OPENING, *MOTIVATION, *study, *RESULTS, *LIMITS, *CLOSING]
    assert statuses(report_on(talk))["method"] is not Status.MISSING
    neither = [s for s in talk if s not in study]
    assert statuses(report_on([*neither[:5], *LIMITS, *CLOSING]))["method"] is Status.MISSING


def test_without_limits_there_is_none_and_a_drill_is_offered():
    report = report_on(WITHOUT_LIMITS)
    assert report.limitations.state == "not_heard"
    finding = next(f for f in report.findings if f.id == "section.missing.limitations")
    assert finding.drill == "limitations"


def asked_limit(report):
    return next(f for f in report.findings if f.id == "limitations.possible")


def test_limitations_that_are_announced_are_asked_about_however_they_sound():
    told = "Limitations and future work: the proposed network is a refinement of correlation."
    report = report_on([*WITHOUT_LIMITS[:-1], told, CLOSING[-1]])
    assert told in [e.quote for e in report.limitations.evidence]
    asked = asked_limit(report)
    assert asked.severity is Severity.MEDIUM
    assert asked.detail.startswith(f"You announced limitations; I am not sure that “{told}” is one")
    heading, fact = "Limitations and future work.", "All pipes were from one street."
    report = report_on([*WITHOUT_LIMITS[:-1], heading, fact, CLOSING[-1]])
    quoted = [e.quote for e in report.limitations.evidence]
    assert fact in quoted
    assert heading not in quoted
    others = "The limitation of earlier work is that it is built for steel pipes."
    report = report_on([*OPENING, others, *WITHOUT_LIMITS[3:]])
    assert report.limitations.state == "not_heard"


def test_the_limit_that_is_quoted_is_the_one_that_says_where():
    limits = [
        "We did not try plastic pipes.",
        "In summer it misses every second leak, because sprinklers run at night and sound alike.",
        "A second microphone would tell them apart.",
    ]
    report = review(transcript_of_sentences([*OPENING, *METHOD, *limits]), FORMAT)
    told = next(f for f in report.findings if f.id == "limitations.complete")
    assert report.limitations.evidence[0].sentence < told.evidence[0].sentence
    assert told.evidence[0].quote == limits[1]


def test_limitations_are_as_sure_as_the_sentence_that_tells_them():
    def section(report):
        return next(s for s in report.sections if s.id == "limitations")

    whole = report_on(WHOLE)
    stated = [e.confidence for e in whole.limitations.evidence if e.state == "stated"]
    assert section(whole).confidence == max(stated)
    told = "Limitations and future work: the proposed network is a refinement of correlation."
    asked = report_on([*WITHOUT_LIMITS[:-1], told, CLOSING[-1]])
    assert section(asked).confidence == max(e.confidence for e in asked.limitations.evidence)
    without, silent = report_on(WITHOUT_LIMITS), report_on([])
    assert {section(r).status for r in (without, silent)} == {Status.MISSING}
    assert 0.4 < section(without).confidence < section(silent).confidence == 1


def test_a_heading_is_no_limit():
    heading = "Limitations of our method."
    report = report_on([*WITHOUT_LIMITS[:-1], heading, "It fails on plastic pipes.", CLOSING[-1]])
    assert report.limitations.state == "stated"
    assert heading not in [e.quote for e in report.limitations.evidence]


@pytest.mark.parametrize(
    "end",
    [
        ["Limitations."],
        ["Limitations, okay.", "Thank you for your attention."],
        ["Limitations of our method.", "Limitations.", "Questions?"],
    ],
)
def test_a_heading_with_nothing_under_it_tells_no_limit(end):
    report = report_on([*WITHOUT_LIMITS[:-1], *end])
    assert report.limitations.state == "not_heard"
    told = next(f for f in report.findings if f.id == "section.missing.limitations")
    assert told.severity is Severity.HIGH


@pytest.mark.parametrize(
    "told",
    [
        "One limitation is the small sample.",
        "Limitations: only metal pipes.",
        "So, limitations, we only tried metal.",
    ],
)
def test_a_limit_told_in_as_few_words_as_a_heading_is_asked_about(told):
    for after in (CLOSING, [RESULTS[1], *CLOSING]):
        report = report_on([*WITHOUT_LIMITS[:-2], told, *after])
        assert told in [e.quote for e in report.limitations.evidence]


def test_what_an_interviewer_is_told_is_no_part_of_the_talk():
    told = [
        "One limitation of our method is that it needs metal pipes.",
        "Our method is slower than the old one.",
        "It was 71.2 plus or minus 0.3.",
    ]
    texts = [*OPENING, *METHOD, *told, *CLOSING]
    before = len(OPENING) + len(METHOD)
    spoken = transcript_of_sentences(texts, duration_s=600.0)
    events = [
        Event(spoken.sentences[before].start_s, EventKind.QUESTION, "own-weakness"),
        Event(spoken.sentences[before + len(told)].start_s, EventKind.ANSWERED, ""),
    ]
    report = review(spoken, FORMAT, events)
    assert report.limitations.state == "not_heard"
    assert not next(r for r in report.rigor if r.id == "significance").met
    without = review(spoken, FORMAT)
    assert without.limitations.state == "stated"
    assert next(r for r in without.rigor if r.id == "significance").met


@pytest.mark.parametrize(
    ("table", "keys", "text"),
    [
        ("explaining", ["jargon"], "A rocket is a priority of corporate clients."),
        ("explaining", ["explained_by"], "We minimise the mean squared error."),
        ("sections", ["motivation", "weak"], "There is a button on it."),
        ("sections", ["other", "strong"], "I'm not convinced of it."),
    ],
)
def test_a_cue_is_a_whole_word(table, keys, text):
    assert cues.pattern(table, *keys).search(text) is None


def test_being_better_is_no_limit_and_being_worse_is_one():
    plain = [
        "We tested it on forty leaks in the town of Ulm.",
        "The results show that we found thirty-six of the forty leaks.",
        "{}",
        "Thank you for your attention.",
    ]
    for claim, state in (
        ("As you can see in this table, our method is much faster than the old one.", "not_heard"),
        ("As you can see in this table, our method is much slower than the old one.", "stated"),
        ("Our method is slower than the old one.", "stated"),
    ):
        report = report_on([text.format(claim) for text in plain])
        assert report.limitations.state == state


def test_a_sentence_without_a_word_is_evidence_of_nothing():
    limits = [part for limit in LIMITS for part in (limit, "", " … ")]
    talk = [*OPENING, *MOTIVATION, *METHOD, *EXPERIMENTS, *RESULTS, *limits]
    report = review(transcript_of_sentences(talk, duration_s=600), FORMAT)
    assert [s.text for s in report.sentences] == talk
    assert all(s.section == "other" for s in report.sentences if s.text in ("", " … "))
    heard = report.limitations
    assert all(e.quote in LIMITS for e in heard.evidence)
    for found in (heard.where, heard.why, heard.fix, *report.sections, *report.rigor):
        assert all(e.quote.strip(" …") for e in found.evidence)
    answer = judge_limitations_answer(transcript_of_sentences(limits))
    assert all(e.quote in LIMITS for point in answer.points.values() for e in point.evidence)
    silence = review(transcript_of_sentences(["", " "], duration_s=600), FORMAT)
    assert [finding.id for finding in silence.findings] == ["speech.none"]


def test_the_timer_is_evidence_and_no_proof():
    duration_s = sum(len(t.split()) for t in WITHOUT_LIMITS) / 2.4
    events = [
        Event(0.0, EventKind.SECTION, "problem"),
        Event(duration_s - 40, EventKind.SECTION, "limitations"),
    ]
    report = report_on(WITHOUT_LIMITS, events)
    assert report.limitations.state == "not_heard"
    finding = next(f for f in report.findings if f.id == "section.missing.limitations")
    assert "0:40" in finding.detail


def test_words_that_were_hardly_heard_make_the_verdict_less_sure():
    def heard_with(probability):
        words = [
            Word(i * 0.4, i * 0.4 + 0.3, word, probability)
            for i, word in enumerate(" ".join(WITHOUT_LIMITS).split())
        ]
        transcript = transcript_of_words(
            words, duration_s=words[-1].end_s, language="en", model="tiny.en"
        )
        return review(transcript, FORMAT)

    sure, unsure = heard_with(0.95), heard_with(0.3)
    assert statuses(sure) == statuses(unsure)
    section = {s.id: s for s in sure.sections}["limitations"]
    doubtful = {s.id: s for s in unsure.sections}["limitations"]
    assert doubtful.confidence < section.confidence
    assert "recognition.doubtful" in {f.id for f in unsure.findings}


def test_every_covered_or_thin_section_shows_what_was_heard():
    for texts in (WHOLE, WITHOUT_LIMITS, CLOSING, METHOD):
        for section in report_on(texts).sections:
            assert (section.status is Status.MISSING) or section.evidence
            for evidence in section.evidence:
                assert evidence.quote == texts[evidence.sentence]


@pytest.mark.parametrize("texts", [[], [""], ["..."], ["uh"], ["word " * 400], ["水が漏れる"]])
def test_odd_texts_are_judged_without_failing(texts):
    report = report_on(texts)
    assert len(report.sentences) == len(texts)
    assert report.limitations.state == "not_heard"


def test_the_same_transcript_gives_the_same_report():
    assert report_on(WHOLE) == report_on(WHOLE)


def test_a_talk_of_another_format_is_judged_by_its_sections():
    transcript = transcript_of_sentences(WHOLE, duration_s=300)
    report = review(transcript, replace(FORMAT, sections=FORMAT.sections[-1:]))
    assert [s.id for s in report.sections] == ["limitations"]


def answer(*texts):
    return judge_answer(find_question("limitations"), transcript_of_sentences(texts))


def test_one_sentence_with_all_three_scores_full():
    verdict = answer(
        "It fails on plastic pipes because plastic damps the high frequencies, "
        "and a third sensor in the middle would fix that."
    )
    assert verdict.score == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Fine.",
        "Colourless green attention layers sleep furiously in the latent manifold of gradients.",
        "We are very happy with the work and the reviewers loved it.",
    ],
)
def test_what_says_nothing_scores_nothing(text):
    assert answer(text).score == 0


def test_who_admits_a_weakness_of_the_study_says_where_it_is():
    said = [
        "The survey is self-reported, so people probably overstate how often they read policies.",
        "They want to look responsible in front of a researcher.",
    ]
    assert judge_limitations_answer(transcript_of_sentences(said)).points["where"].met


def test_waving_it_away_is_named_and_quoted():
    text = "Honestly, there are no real limitations, it works for everything we have tried."
    verdict = answer(text)
    assert verdict.deflections == (text,)
    assert verdict.score == 0


def test_while_the_talk_goes_on_sections_are_heard_one_after_another():
    heard = []
    for count in range(1, len(WHOLE) + 1):
        texts = WHOLE[:count]
        transcript = transcript_of_sentences(texts, duration_s=20.0 * count)
        sentences = tuple(
            replace(s, start_s=20.0 * i, end_s=20.0 * (i + 1))
            for i, s in enumerate(transcript.sentences)
        )
        heard.append(heard_sections(replace(transcript, sentences=sentences), FORMAT))
    assert heard[0] == set()
    assert "limitations" not in heard[WHOLE.index(LIMITS[0]) - 1]
    assert {"experiments", "results"} <= heard[-1]
    assert "results" not in heard[WHOLE.index(EXPERIMENTS[0])]


@pytest.mark.parametrize(
    ("rate", "ids"),
    [
        (165.3, []),
        (165.6, ["delivery.fast"]),
        (99.8, []),
        (99.4, ["delivery.slow"]),
    ],
)
def test_a_pace_is_judged_as_it_is_shown(rate, ids):
    delivery = Delivery(words=100, words_per_minute=rate)
    assert [f.id for f in findings_on(delivery)] == ids


@pytest.mark.parametrize(
    ("words", "model", "told"),
    [(10, "", None), (100, "", "Written text leaves out some"), (100, "base", "The recogniser")],
)
def test_fillers_are_told_of_enough_words_and_by_whom_they_are_left_out(words, model, told):
    delivery = Delivery(words=words, fillers=(("um", 5),), fillers_per_minute=5.0)
    found = [f.detail for f in findings_on(delivery, model)]
    assert len(found) == (told is not None)
    assert all(f"“um” 5×. {told}" in detail for detail in found)


def test_who_gave_a_text_without_words_is_not_sent_to_the_microphone():
    silence = transcript_of_sentences([""], duration_s=60)
    for model, told in (("base", "Check the microphone"), ("", "Check that it is the right file")):
        (finding,) = review(replace(silence, model=model), FORMAT).findings
        assert told in finding.detail


@pytest.mark.parametrize(
    ("count", "told"), [(6, "A, B, C, D, E, F. Say each"), (7, "A, B, C, D, E, F … Say each")]
)
def test_acronyms_are_listed_in_a_sentence(count, told):
    (finding,) = findings_on(
        Delivery(acronyms_unexplained=tuple((t, 1.0) for t in "ABCDEFG"[:count]))
    )
    assert finding.detail.startswith(told)


def findings_on(delivery, model=""):
    report = report_on(WHOLE)
    transcript = replace(transcript_of_sentences(WHOLE), model=model)
    found = find(
        FORMAT,
        transcript,
        report.sentences,
        report.sections,
        report.limitations,
        report.rigor,
        delivery,
    )
    return [f for f in found if f.id.startswith("delivery.")]


def test_where_sound_was_lost_is_told():
    lost = gap_event(12.0, 8.0, "the program got no sound")
    first = report_on(WHOLE, (lost, Event(1, EventKind.GAP, "x"))).findings[0]
    assert first.title == "8 s of sound are missing"
    assert "the program got no sound" in first.detail
    assert (first.start_s, first.end_s) == (12.0, 20.0)
    short = report_on(WHOLE, (gap_event(12.0, 1.2, "no sound"),)).findings[0]
    assert short.title == "1 s of sound is missing"


def test_that_a_recording_breaks_off_stands_before_what_seems_to_be_missing():
    told = transcript_of_sentences(WHOLE[:2], duration_s=120)
    first, *rest = review(told, FORMAT, whole=False).findings
    assert first.title == "The recording breaks off at 2:00"
    assert any(f.id.startswith("section.missing.") for f in rest)
    german = review(replace(told, language="de"), FORMAT, whole=False)
    assert first.title in [f.title for f in german.findings]


def test_what_was_read_ahead_is_judged_the_same():
    talk = [*WHOLE * 6, *LIMITS]
    words = [
        Word(0.4 * at, 0.4 * at + 0.3, text, 0.9) for at, text in enumerate(" ".join(talk).split())
    ]
    transcript = transcript_of_words(words, duration_s=words[-1].end_s, language="en", model="")
    _read.cache_clear()
    at_once = review(transcript, FORMAT)
    _read.cache_clear()
    for until in range(100, len(words), 100):
        read_ahead(words[:until])
    known = _read.cache_info().misses
    assert review(transcript, FORMAT) == at_once
    # Of each of the two cuts the window that was open, and the one that began since.
    assert _read.cache_info().misses - known <= 4
