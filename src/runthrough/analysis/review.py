"""The whole judgement in reading order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from runthrough.analysis import corrections as by_speaker
from runthrough.analysis import findings as finding
from runthrough.analysis.delivery import judge_delivery
from runthrough.analysis.limitations import judge_limitations
from runthrough.analysis.model import judge
from runthrough.analysis.rigor import judge_rigor
from runthrough.analysis.sections import (
    judge_sections,
    judge_sentences,
    posteriors,
    told_so_far,
    with_cues,
)
from runthrough.talk import (
    Corrections,
    Event,
    Limitations,
    Report,
    SectionVerdict,
    Status,
    TalkFormat,
    Transcript,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

# The recogniser's words below this probability are as likely wrong as right.
SURE_WORD = 0.5

NOTHING_CORRECTED = Corrections()


def review(
    transcript: Transcript,
    fmt: TalkFormat,
    events: Sequence[Event] = (),
    corrections: Corrections = NOTHING_CORRECTED,
) -> Report:
    """The report on ``transcript`` as a talk of format ``fmt``.

    ``events`` are the take's own; the section timer's word is shown as time spent, never taken
    as proof of what was said. ``corrections`` are the speaker's own and override every judgement.
    """
    transcript = by_speaker.correct_words(transcript, corrections)
    texts = [sentence.text for sentence in transcript.sentences]
    scores = judge(texts)
    likely = posteriors(with_cues(scores.section, texts))
    probabilities = by_speaker.hold_sections(likely, transcript.sentences, corrections)
    sentences = judge_sentences(transcript.sentences, probabilities)
    heard = judge_limitations(sentences, scores)
    limitations = by_speaker.hold_limitations(heard, sentences, corrections)
    sections = tuple(
        _as_sure_as_heard(
            _with_limitations(section, limitations) if section.id == "limitations" else section,
            transcript,
        )
        for section in judge_sections(fmt, sentences, probabilities, events, transcript.duration_s)
    )
    rigor = judge_rigor(sentences, scores)
    delivery = judge_delivery(transcript)
    claimed_sections = by_speaker.claim_sections(sections, corrections)
    claimed_rigor = by_speaker.claim_rigor(rigor, sentences, corrections)
    # What was answered stays on view, beside what is found once the answers are taken in.
    found = finding.find(fmt, transcript, sections, heard, rigor, delivery)
    left = finding.find(fmt, transcript, claimed_sections, limitations, claimed_rigor, delivery)
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


def _with_limitations(section: SectionVerdict, limitations: Limitations) -> SectionVerdict:
    """The section of limitations is told when a limit is stated, wherever in the talk."""
    stated = tuple(e for e in limitations.evidence if e.state == "stated")
    points = [limitations.where, limitations.why, limitations.fix]
    if stated and sum(point.met for point in points) >= 2:
        status, confidence = Status.COVERED, 0.8
    elif limitations.evidence:
        status, confidence = Status.THIN, 0.5
    else:
        status, confidence = Status.MISSING, 0.7
    spans = tuple(
        (e.start_s, e.end_s)
        for e in limitations.evidence
        if e.start_s is not None and e.end_s is not None
    )
    return replace(
        section,
        status=status,
        confidence=confidence,
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
