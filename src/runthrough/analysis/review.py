"""The whole judgement in reading order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from runthrough.analysis import corrections as by_speaker
from runthrough.analysis import findings as finding
from runthrough.analysis.delivery import judge_delivery
from runthrough.analysis.limitations import judge_limitations, sure_of_limits
from runthrough.analysis.model import LIMIT_NONE, Scores, judge
from runthrough.analysis.model import read_ahead as read_texts_ahead
from runthrough.analysis.rigor import judge_rigor
from runthrough.analysis.sections import (
    judge_sections,
    judge_sentences,
    posteriors,
    told_so_far,
    with_cues,
)
from runthrough.analysis.sentences import says_something, transcript_of_words
from runthrough.talk import (
    SENTENCE_SECTIONS,
    Corrections,
    Event,
    EventKind,
    Limitations,
    Report,
    SectionVerdict,
    Sentence,
    Status,
    TalkFormat,
    Transcript,
    Word,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runthrough.analysis.model import Array

# The recogniser's words below this probability are as likely wrong as right.
SURE_WORD = 0.5

NOTHING_CORRECTED = Corrections()


def review(
    transcript: Transcript,
    fmt: TalkFormat,
    events: Sequence[Event] = (),
    corrections: Corrections = NOTHING_CORRECTED,
    *,
    whole: bool = True,
) -> Report:
    """The report on ``transcript`` as a talk of format ``fmt``.

    ``events`` are the take's own; the section timer's word is shown as time spent, never taken
    as proof of what was said. ``corrections`` are the speaker's own and override every judgement.
    ``whole`` is false of a recording that breaks off before the talk ended.
    """
    transcript = by_speaker.correct_words(transcript, corrections)
    talk = _talk(transcript.sentences, interruptions(events, transcript.duration_s))
    scores, likely = _read(transcript.sentences, talk)
    probabilities = by_speaker.hold_sections(likely, transcript.sentences, corrections)
    given = by_speaker.sections_given(transcript.sentences, corrections)
    sentences = judge_sentences(transcript.sentences, probabilities, given)
    told = [sentences[i] for i in talk]
    heard = judge_limitations(told, scores)
    limitations = by_speaker.hold_limitations(heard, sentences, scores, corrections)
    sure = sure_of_limits(limitations, told, scores)
    sections = tuple(
        _as_sure_as_heard(
            _with_limitations(section, limitations, sure)
            if section.id == "limitations"
            else section,
            transcript,
        )
        for section in judge_sections(
            fmt, told, probabilities, events, transcript.duration_s, given
        )
    )
    rigor = judge_rigor(told, scores)
    delivery = judge_delivery(transcript)
    claimed_sections = by_speaker.claim_sections(sections, corrections)
    claimed_rigor = by_speaker.claim_rigor(rigor, sentences, corrections)
    # What was answered stays on view, beside what is found once the answers are taken in.
    gaps = finding.of_gaps(events)
    found = (
        *gaps,
        *finding.find(fmt, transcript, told, sections, heard, rigor, delivery, whole=whole),
        *(finding.of_possible_limit(evidence, transcript) for evidence in heard.evidence),
    )
    left = (
        *gaps,
        *finding.find(
            fmt,
            transcript,
            told,
            claimed_sections,
            limitations,
            claimed_rigor,
            delivery,
            whole=whole,
        ),
    )
    return Report(
        format_id=fmt.id,
        planned_s=fmt.planned_s,
        sentences=sentences,
        sections=claimed_sections,
        limitations=limitations,
        rigor=claimed_rigor,
        delivery=delivery,
        findings=by_speaker.answer_findings(left, found, corrections),
        words=transcript.words,
        duration_s=transcript.duration_s,
        timed=transcript.timed,
        language=transcript.language,
        model=transcript.model,
        whole=whole,
    )


def heard_sections(transcript: Transcript, fmt: TalkFormat) -> set[str]:
    """Ids of the sections whose content was said so far, in a talk that still goes on.

    Fast for a transcript that grew by a sentence: what was judged before is remembered.
    """
    texts = [sentence.text for sentence in transcript.sentences]
    scores = judge(texts, is_talk=False)
    probabilities = posteriors(with_cues(scores.section, texts))
    sentences = judge_sentences(transcript.sentences, probabilities)
    heard = told_so_far(fmt, probabilities)
    if judge_limitations(sentences, scores).state == "stated":
        heard.add("limitations")
    return heard & {section.id for section in fmt.sections}


def read_ahead(words: Sequence[Word]) -> None:
    """Do what takes time in a review of ``words``, after which more will come: it is remembered."""
    so_far = transcript_of_words(words, duration_s=0.0, language="", model="")
    # More may be said in the last sentence.
    read_texts_ahead([sentence.text for sentence in so_far.sentences[:-1]])


def interruptions(
    events: Sequence[Event], duration_s: float | None
) -> list[tuple[tuple[float, float], str]]:
    """From when to when, in seconds, an interviewer held up the talk, and what was asked."""
    found: list[tuple[tuple[float, float], str]] = []
    asked: Event | None = None
    for event in events:
        if event.kind is EventKind.QUESTION:
            asked = event
        elif event.kind is EventKind.ANSWERED and asked is not None:
            found.append(((asked.at_s, event.at_s), asked.value))
            asked = None
    if asked is not None and duration_s is not None:
        found.append(((asked.at_s, duration_s), asked.value))
    return found


def _talk(
    sentences: Sequence[Sentence], asked: Sequence[tuple[tuple[float, float], str]]
) -> list[int]:
    """Numbers of the sentences that are the talk.

    An answer to an interviewer is no part of it: it is not read with it, belongs to no section,
    and what it says of limits or of rigor counts for the answer alone. Nor is a sentence without a
    word.
    """

    def is_answer(sentence: Sentence) -> bool:
        if sentence.start_s is None or sentence.end_s is None:
            return False
        middle_s = (sentence.start_s + sentence.end_s) / 2
        return any(start <= middle_s < end for (start, end), _ in asked)

    return [i for i, s in enumerate(sentences) if says_something(s.text) and not is_answer(s)]


def _read(sentences: Sequence[Sentence], talk: Sequence[int]) -> tuple[Scores, Array]:
    """What the judge makes of each sentence, and the posteriors of its section.

    It reads those numbered in ``talk``; the others say nothing.
    """
    texts = [sentences[i].text for i in talk]
    scores = judge(texts)
    likely = posteriors(with_cues(scores.section, texts))
    if len(talk) == len(sentences):
        return scores, likely

    def among_all(rows: Array, elsewhere: int | None) -> Array:
        table = np.zeros((len(sentences), rows.shape[1]), rows.dtype)
        if elsewhere is not None:
            table[:, elsewhere] = 1
        table[talk] = rows
        return table

    other = SENTENCE_SECTIONS.index("other")
    return Scores(
        section=among_all(scores.section, other),
        limit=among_all(scores.limit, LIMIT_NONE),
        parts=among_all(scores.parts, None),
        rigor=among_all(scores.rigor, None),
    ), among_all(likely, other)


def _with_limitations(
    section: SectionVerdict, limitations: Limitations, sure: float
) -> SectionVerdict:
    """The section of limitations is told when a limit is stated, wherever in the talk."""
    stated = tuple(e for e in limitations.evidence if e.state == "stated")
    points = [limitations.where, limitations.why, limitations.fix]
    if stated and sum(point.met for point in points) >= 2:
        status = Status.COVERED
    elif limitations.evidence:
        status = Status.THIN
    else:
        status = Status.MISSING
    spans = tuple(
        (e.start_s, e.end_s)
        for e in limitations.evidence
        if e.start_s is not None and e.end_s is not None
    )
    return replace(
        section,
        status=status,
        confidence=sure,
        evidence=(stated or limitations.evidence)[:3],
        spans_s=spans,
        heard_s=sum(end - start for start, end in spans),
    )


def _as_sure_as_heard(section: SectionVerdict, transcript: Transcript) -> SectionVerdict:
    """What is missing may have been said in words that the recogniser was not sure of."""
    if section.status is not Status.MISSING or not transcript.words:
        return section
    sure = sum(word.probability >= SURE_WORD for word in transcript.words) / len(transcript.words)
    return replace(section, confidence=section.confidence * sure)
