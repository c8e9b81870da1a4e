from dataclasses import replace

import pytest

from runthrough import wire
from runthrough.analysis import review, transcript_of_sentences, transcript_of_words
from runthrough.analysis.corrections import correct_words
from runthrough.formats import find_format
from runthrough.talk import (
    Answer,
    Corrections,
    Filler,
    FindingAnswer,
    SectionCorrection,
    Sound,
    Status,
    Word,
    WordCorrection,
)

TEXT = "We use soft max here. It works. The soft part may fail at night."


@pytest.fixture
def transcript():
    words = [Word(i * 0.5, i * 0.5 + 0.4, text, 0.8) for i, text in enumerate(TEXT.split())]
    return transcript_of_words(words, duration_s=30.0, language="en", model="tiny.en")


def correction(transcript, number, said):
    word = transcript.words[number]
    return WordCorrection(word.start_s, word.end_s, word.text, said)


def test_one_word_becomes_several_within_its_time(transcript):
    made = correct_words(transcript, Corrections(words=(correction(transcript, 2, "a very soft"),)))
    new = made.words[2:5]
    assert [w.text for w in new] == ["a", "very", "soft"]
    assert (new[0].start_s, new[-1].end_s) == (1.0, pytest.approx(1.4))
    assert made.sentences[0].text == "We use a very soft max here."
    assert made.sentences[0].start_s == transcript.sentences[0].start_s
    assert all(w.probability == 1.0 for w in new)


def test_a_sentence_without_words_goes_and_the_others_are_numbered_anew(transcript):
    gone = tuple(correction(transcript, n, "") for n in (5, 6))
    made = correct_words(transcript, Corrections(words=gone))
    assert [s.text for s in made.sentences] == [
        "We use soft max here.",
        "The soft part may fail at night.",
    ]
    assert [s.index for s in made.sentences] == [0, 1]


def test_only_the_word_that_was_meant_is_changed(transcript):
    """ "soft" comes twice; and what another recogniser hears differently is left alone."""
    made = correct_words(transcript, Corrections(words=(correction(transcript, 8, "hard"),)))
    assert [w.text for w in made.words].count("soft") == 1
    other = replace(correction(transcript, 8, "hard"), heard="loft")
    assert correct_words(transcript, Corrections(words=(other,))) == transcript


def test_a_corrected_word_stays_so_where_another_model_sets_other_marks(transcript):
    kept = Corrections(
        words=(correction(transcript, 4, "there."), correction(transcript, 8, "hard"))
    )
    text = "we use soft max Here, it works. The Soft, part may fail at night."
    words = [Word(i * 0.5 + 0.1, i * 0.5 + 0.4, w) for i, w in enumerate(text.split())]
    other = transcript_of_words(words, duration_s=30.0, language="en", model="base.en")
    said = [word.text for word in correct_words(other, kept).words]
    assert (said[4], said[8]) == ("there.", "hard")


def test_a_section_given_by_the_speaker_holds_and_can_deny_a_limit(transcript):
    fmt = find_format("five-part-10")
    last = transcript.sentences[2]

    def given(section):
        kept = (SectionCorrection(last.start_s, last.end_s, section),)
        return review(transcript, fmt, (), Corrections(sections=kept))

    assert given("limitations").limitations.state == "stated"
    assert given("limitations").limitations.evidence[-1].quote == last.text
    assert given("method").limitations.state == "not_heard"
    assert given("method").sentences[2].section == "method"


def test_one_sentence_that_the_speaker_gives_to_a_section_is_enough_for_it():
    """However long the talk is, of which one sentence alone would be no account of a method."""
    texts = [
        f"{text}, number {n}."
        for n, text in enumerate(["We had lunch in Boston at noon", "Patients wait for days"] * 24)
    ]
    talk = transcript_of_sentences(texts, duration_s=600.0)
    fmt = find_format("interview-20")
    own = talk.sentences[20]
    kept = Corrections(sections=(SectionCorrection(own.start_s, own.end_s, "method"),))

    def method(report):
        return next(s for s in report.sections if s.id == "method")

    assert method(review(talk, fmt)).status is Status.MISSING
    report = review(talk, fmt, (), kept)
    assert report.sentences[20].section == "method"
    told = method(report)
    assert told.status is not Status.MISSING
    assert own.text in [e.quote for e in told.evidence]


def test_what_was_said_of_a_limit_goes_with_it():
    limit, cause, cure = (
        "Our method does not work on plastic pipes.",
        "That is because plastic damps everything above 200 hertz.",
        "Placing a third sensor between the two would fix that.",
    )
    text = f"We listen to water pipes at night. We found most leaks. {limit} {cause} {cure}"
    words = [Word(i * 0.5, i * 0.5 + 0.4, word, 0.9) for i, word in enumerate(text.split())]
    talk = transcript_of_words(words, duration_s=40.0, language="en", model="tiny.en")
    fmt = find_format("five-part-10")
    heard = review(talk, fmt).limitations
    assert heard.fix.met
    denied = tuple(
        SectionCorrection(e.start_s, e.end_s, "method")
        for e in heard.evidence
        if e.quote != cure and e.start_s is not None
    )
    left = review(talk, fmt, (), Corrections(sections=denied)).limitations
    assert left.state == "not_heard"
    assert not any(point.met for point in (left.where, left.why, left.fix))
    assert left.deflections == ()


def said(text):
    words = [Word(i * 0.5, i * 0.5 + 0.4, word, 0.9) for i, word in enumerate(text.split())]
    return transcript_of_words(words, duration_s=40.0, language="en", model="tiny.en")


def test_that_more_was_said_of_a_limit_does_not_take_it_away():
    limit = "Our method does not work on plastic pipes."
    talk = said(f"We listen to water pipes at night. We found most leaks. {limit} Thank you.")
    fmt = find_format("five-part-10")
    asked = next(f for f in review(talk, fmt).findings if f.id == "limitations.incomplete")
    answers = (FindingAnswer(asked.id, Answer.MISHEARD, asked.start_s),)
    limitations = review(talk, fmt, (), Corrections(answers=answers)).limitations
    assert [e.quote for e in limitations.evidence] == [limit]


def test_this_is_it_is_said_of_one_sentence():
    talk = said(
        "We find leaks by listening to pipes. It finds nine leaks of ten. Okay. "
        "So about limitations, plastic. Thank you."
    )
    fmt = find_format("five-part-10")
    asked = next(f for f in review(talk, fmt).findings if f.id == "limitations.possible")
    answers = (FindingAnswer(asked.id, Answer.THIS_IS_IT, asked.start_s),)
    limitations = review(talk, fmt, (), Corrections(answers=answers)).limitations
    assert [e.quote for e in limitations.evidence if e.state == "stated"] == [
        asked.evidence[0].quote
    ]


def test_of_a_limit_that_the_speaker_points_at_the_cure_is_heard():
    cure = "Replacing the rod by a longer one would let us work in snow."
    talk = said(f"We listen to water pipes at night. It finds nine leaks of ten. {cure} Thank you.")
    fmt = find_format("five-part-10")
    sentence = next(s for s in talk.sentences if s.text == cure)
    given = (SectionCorrection(sentence.start_s, sentence.end_s, "limitations"),)
    limitations = review(talk, fmt, (), Corrections(sections=given)).limitations
    assert limitations.state == "stated"
    assert [e.quote for e in limitations.fix.evidence] == [cure]


def test_an_answer_is_for_that_sentence_and_not_for_another(transcript):
    fmt = find_format("five-part-10")
    report = review(transcript, fmt)
    finding = next(f for f in report.findings if f.id.startswith("section.missing"))
    answered = review(
        transcript,
        fmt,
        (),
        Corrections(answers=(FindingAnswer(finding.id, Answer.MISHEARD),)),
    )
    section = next(s for s in answered.sections if finding.id.endswith(s.id))
    assert (section.status, section.by_speaker) == (Status.COVERED, True)
    assert [f.id for f in answered.findings if f.answer] == [finding.id]
    assert sorted(f.id for f in answered.findings) == sorted(f.id for f in report.findings)


def test_everything_is_read_back_as_written(transcript):
    made = Corrections(
        words=(correction(transcript, 2, "hard"),),
        sections=(SectionCorrection(1.0, 2.0, "method"),),
        answers=(
            FindingAnswer("time.over", Answer.NOT_A_PROBLEM),
            FindingAnswer("x", Answer.MISHEARD, 3.5),
        ),
    )
    assert wire.corrections_from_json(wire.corrections_to_json(made)) == made
    heard = replace(transcript, sound=Sound(((1.0, 2.5),), 0.25, (Filler(3.0, 3.3, "um", True),)))
    assert wire.transcript_from_json(wire.transcript_to_json(heard)) == heard
    report = review(heard, find_format("five-part-10"), (), made)
    again = wire.report_from_json(wire.report_to_json(report))
    assert again.delivery.filler_places == report.delivery.filler_places
    assert [f.answer for f in again.findings] == [f.answer for f in report.findings]
    with pytest.raises(ValueError, match="schema"):
        wire.corrections_from_json({"schema": "runthrough.corrections/9"})


def test_a_limit_that_may_be_one_is_asked_about_until_it_is_one_or_none_is_left():
    said = (
        "We find leaks by listening to pipes. It finds nine leaks of ten. Perhaps outdoors "
        "is another question. Maybe plastic is a bit of a question. Thank you."
    )
    words = [Word(i * 0.5, i * 0.5 + 0.4, text, 0.9) for i, text in enumerate(said.split())]
    heard = transcript_of_words(words, duration_s=30.0, language="en", model="tiny.en")
    answers = []

    def answered():
        report = review(heard, find_format("five-part-10"), (), Corrections(answers=tuple(answers)))
        asked = [f for f in report.findings if f.id == "limitations.possible"]
        return report, [f for f in asked if f.answer is None], [f for f in asked if f.answer]

    for count in range(2):
        report, [asked], done = answered()
        assert report.limitations.state == "possible"
        assert len(done) == count
        answers.append(FindingAnswer(asked.id, Answer.NOT_A_PROBLEM, asked.start_s))
        last = asked.evidence[0].quote
    report, asked, done = answered()
    assert report.limitations.state == "not_heard"
    assert (len(asked), len(done)) == (0, 2)
    assert report.findings[0].id == "section.missing.limitations"

    answers[1] = replace(answers[1], answer=Answer.THIS_IS_IT)
    report, asked, done = answered()
    assert report.limitations.state == "stated"
    assert [e.quote for e in report.limitations.evidence] == [last]
