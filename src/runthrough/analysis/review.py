"""The whole judgement in reading order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from runthrough.analysis import findings as finding
from runthrough.analysis.delivery import judge_delivery
from runthrough.analysis.limitations import judge_limitations
from runthrough.analysis.rigor import judge_rigor
from runthrough.analysis.sections import judge_sections, judge_sentences, posteriors
from runthrough.talk import (
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


def review(transcript: Transcript, fmt: TalkFormat, events: Sequence[Event] = ()) -> Report:
    """The report on ``transcript`` as a talk of format ``fmt``.

    ``events`` are the take's own; the section timer's word is shown as time spent, never taken
    as proof of what was said.
    """
    probabilities = posteriors(transcript.sentences)
    sentences = judge_sentences(transcript.sentences, probabilities)
    limitations = judge_limitations(sentences)
    sections = tuple(
        _with_limitations(section, limitations) if section.id == "limitations" else section
        for section in judge_sections(fmt, sentences, probabilities, events, transcript.duration_s)
    )
    rigor = judge_rigor(sentences)
    delivery = judge_delivery(transcript)
    return Report(
        format_id=fmt.id,
        planned_s=fmt.planned_s,
        sentences=sentences,
        sections=sections,
        limitations=limitations,
        rigor=rigor,
        delivery=delivery,
        findings=finding.find(fmt, transcript, sections, limitations, rigor, delivery),
        words=transcript.words,
        duration_s=transcript.duration_s,
        timed=transcript.timed,
        language=transcript.language,
        model=transcript.model,
    )


def heard_sections(transcript: Transcript, fmt: TalkFormat) -> set[str]:
    """Ids of the sections whose content was said so far, in a talk that still goes on."""
    if not transcript.sentences:
        return set()
    report = review(transcript, fmt)
    return {section.id for section in report.sections if section.status is Status.COVERED}


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
