"""Which section each sentence does the work of, and what that says of the talk as a whole.

Cues give each sentence a score per section, the place in the talk a prior, and a first-order
chain over sections (forward and backward) smooths them. Posteriors are used rather than the one
best path, which wipes out sections of one sentence such as related work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from runthrough.analysis import cues
from runthrough.talk import (
    SENTENCE_SECTIONS,
    Event,
    EventKind,
    Evidence,
    SectionVerdict,
    Sentence,
    SentenceVerdict,
    Status,
    TalkFormat,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

_STRONG, _WEAK = 2.0, 0.6
# No more than this from one sentence's weak cues: three "then"s do not make a method.
_MOST_WEAK = 3
# Where in a talk (0..1) each section is usually told, and how widely that varies.
_USUAL_PLACE = {
    "problem": (0.08, 0.12),
    "motivation": (0.12, 0.15),
    "related_work": (0.2, 0.2),
    "method": (0.4, 0.22),
    "experiments": (0.55, 0.2),
    "results": (0.7, 0.2),
    "limitations": (0.88, 0.2),
    "conclusion": (0.95, 0.07),
    "other": (0.5, 1.0),
}
_STAY = 0.72
# A sentence counts as heard evidence of its section from this posterior on.
EVIDENCE_POSTERIOR = 0.5
# A required section is covered when at least so many sentences carry it …
_COVERED_SENTENCES = 2
# … and they take at least this share of what the plan gives it, in a talk of this length.
_COVERED_SHARE = 0.4
_QUOTES = 3


def posteriors(sentences: Sequence[Sentence]) -> np.ndarray:
    """Probabilities of shape (sentences, ``len(SENTENCE_SECTIONS)``); rows sum to 1."""
    count, classes = len(sentences), len(SENTENCE_SECTIONS)
    if count == 0:
        return np.zeros((0, classes))
    scores = np.array([_cue_scores(sentence.text) for sentence in sentences])
    place = (np.arange(count) + 0.5) / count
    for column, section in enumerate(SENTENCE_SECTIONS):
        usual, spread = _USUAL_PLACE[section]
        scores[:, column] += -0.5 * ((place - usual) / spread) ** 2 * 0.5
    return _smooth(scores)


def judge_sentences(
    sentences: Sequence[Sentence], probabilities: np.ndarray
) -> tuple[SentenceVerdict, ...]:
    """Each sentence with its most probable section."""
    best = probabilities.argmax(axis=1) if len(sentences) else []
    return tuple(
        SentenceVerdict(
            s.index,
            s.start_s,
            s.end_s,
            s.text,
            SENTENCE_SECTIONS[label],
            float(probabilities[row, label]),
        )
        for row, (s, label) in enumerate(zip(sentences, best, strict=True))
    )


def judge_sections(
    fmt: TalkFormat,
    sentences: Sequence[SentenceVerdict],
    probabilities: np.ndarray,
    events: Sequence[Event],
    duration_s: float | None,
) -> tuple[SectionVerdict, ...]:
    """Whether each planned section was told, with its best quotes."""
    timers = timer_seconds(fmt, events, duration_s)
    weights = np.array([_seconds_of(sentence) for sentence in sentences])
    total = float(weights.sum()) or 1.0
    verdicts = []
    for section in fmt.sections:
        column = SENTENCE_SECTIONS.index(section.id)
        own = [s for s in sentences if s.section == section.id]
        heard_s = sum(_seconds_of(s) for s in own)
        sure = [s for s in own if s.confidence >= EVIDENCE_POSTERIOR]
        share = heard_s / total
        planned_share = section.planned_s / fmt.planned_s
        if len(sure) >= _COVERED_SENTENCES and share >= _COVERED_SHARE * planned_share:
            status = Status.COVERED
        elif own:
            status = Status.THIN
        else:
            status = Status.MISSING
        told = float(1 - np.prod(1 - probabilities[:, column])) if len(sentences) else 0.0
        best = sorted(own, key=lambda s: -s.confidence)[:_QUOTES]
        verdicts.append(
            SectionVerdict(
                id=section.id,
                title=section.title,
                required=section.required,
                status=status,
                heard_s=heard_s if duration_s is not None else 0.0,
                timer_s=timers.get(section.id) if timers else None,
                planned_s=section.planned_s,
                confidence=1 - told if status is Status.MISSING else told,
                spans_s=spans(own),
                evidence=tuple(quote(s) for s in sorted(best, key=lambda s: s.index)),
            )
        )
    return tuple(verdicts)


def quote(sentence: SentenceVerdict) -> Evidence:
    """``sentence`` as evidence."""
    return Evidence(sentence.index, sentence.start_s, sentence.end_s, sentence.text)


def spans(sentences: Sequence[SentenceVerdict]) -> tuple[tuple[float, float], ...]:
    """The stretches of time that consecutive ``sentences`` fill."""
    found: list[tuple[float, float]] = []
    last_index = -2
    for sentence in sentences:
        if sentence.start_s is None or sentence.end_s is None:
            continue
        if sentence.index == last_index + 1 and found:
            found[-1] = (found[-1][0], sentence.end_s)
        else:
            found.append((sentence.start_s, sentence.end_s))
        last_index = sentence.index
    return tuple(found)


def timer_seconds(
    fmt: TalkFormat, events: Sequence[Event], duration_s: float | None
) -> dict[str, float]:
    """Seconds the speaker's timer stood on each section; empty where there was no timer."""
    changes = [event for event in events if event.kind is EventKind.SECTION]
    if not changes or duration_s is None:
        return {}
    spent = {section.id: 0.0 for section in fmt.sections}
    ends = [event.at_s for event in changes[1:]] + [duration_s]
    for change, end_s in zip(changes, ends, strict=True):
        if change.value in spent:
            spent[change.value] += max(0.0, end_s - change.at_s)
    return spent


def _seconds_of(sentence: SentenceVerdict) -> float:
    """How long a sentence took; without times, one second for every two and a half words."""
    if sentence.start_s is None or sentence.end_s is None:
        return len(sentence.text.split()) / 2.5
    return sentence.end_s - sentence.start_s


def _cue_scores(text: str) -> list[float]:
    scores = []
    for section in SENTENCE_SECTIONS:
        strong = len(cues.pattern("sections", section, "strong").findall(text))
        weak = len(cues.pattern("sections", section, "weak").findall(text))
        scores.append(_STRONG * min(strong, 2) + _WEAK * min(weak, _MOST_WEAK))
    return scores


def _smooth(scores: np.ndarray) -> np.ndarray:
    """Forward-backward over a chain that mostly stays in a section and may go anywhere."""
    count, classes = scores.shape
    emission = np.exp(scores - scores.max(axis=1, keepdims=True))
    move = np.full((classes, classes), (1 - _STAY) / (classes - 1))
    np.fill_diagonal(move, _STAY)
    forward, backward = np.empty_like(emission), np.ones_like(emission)
    forward[0] = emission[0] / emission[0].sum()
    for i in range(1, count):
        forward[i] = (forward[i - 1] @ move) * emission[i]
        forward[i] /= forward[i].sum()
    for i in range(count - 2, -1, -1):
        backward[i] = move @ (emission[i + 1] * backward[i + 1])
        backward[i] /= backward[i].sum()
    joint = forward * backward
    smoothed: np.ndarray = joint / joint.sum(axis=1, keepdims=True)
    return smoothed
