"""Which section each sentence does the work of, and what that says of the talk as a whole.

The trained judge gives each sentence probabilities, and cue phrases add a little; a first-order
chain over sections (forward and backward, Rabiner 1989) lets neighbours steady each other.
Posteriors are used rather than the one best path, which wipes out sections of one sentence such
as related work.
"""

from __future__ import annotations

import json
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from runthrough.analysis import cues
from runthrough.resources import resource
from runthrough.talk import (
    CONTENT_SECTIONS,
    SENTENCE_SECTIONS,
    Event,
    EventKind,
    Evidence,
    Section,
    SectionVerdict,
    Sentence,
    SentenceVerdict,
    Status,
    TalkFormat,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from runthrough.analysis.model import Array

# What a strong and a weak cue phrase is worth, in log-odds, and how many weak ones count at most.
_STRONG, _WEAK, _WEAK_MOST = 2.0, 0.6, 3
# The judge has read the phrases too, so they count only in part. Chosen on invented talks that
# it was not trained on.
_CUES = 0.5
# The chain of sections is raised to this power: weaker than talks really are, since the judge has
# already seen the neighbours. Chosen on invented talks that neither was fitted on.
_CHAIN_POWER = 0.5
# The judge has seen the neighbours and the chain counts them again, so posteriors are surer than
# they are right. Raised to this power they are calibrated on talks kept for choosing it.
_SURE_POWER = 0.75
# A section is missing when no sentence is as likely as this to do its work. Some sections are often
# told in a sentence or two, in an aside, or as a plain fact; that the judge is unsure of them does
# not mean that they were not told. So each has its own: one whose F1 is within .03 of the best, on
# invented talks that the judge was not trained on, as they are and with a section taken out, the
# latter weighing so much that a fifth is missing, as it is in real talks (`training/tune.py`).
# With .65 for all, 248 sections of 178 untidy talks were called missing, and 87 were; now 189 are
# called so, and 83 are. In 184 others it was 121 and 105, now 117 and 106. Of method .7 would be
# better by that, but few talks lack one: of 13 more that do not, and 3 that do, it would be said.
_MISSING = {
    "problem": 0.8,
    "motivation": 0.35,
    "related_work": 0.4,
    "method": 0.4,
    "experiments": 0.4,
    "results": 0.9,
}
# From this on it was told for sure; below, it is thin at best.
TOLD = 0.65
# Who says why a thing is worth doing mostly says what is wrong: so much of a sentence's probability
# to be motivation counts for the problem. Else, of 173 untidy talks 34 were told that they lack it,
# and 4 of them do; now 20 are, with these 4. Of the tidy ones, 2 more of 13 that lack it are then
# called thin.
_WHY_TELLS_WHAT = 0.75
# Method and results fill talks: one sentence that sounds like a result is no report of results. So
# they are missing, too, when less of them is expected than this share of the sentences, or so many.
# Chosen on the same talks: of 657 missing ones 563 instead of 511 are found so, and 21 instead of
# 17 that are not missing are called it.
_IN_PASSING = ("method", "results")
_PASSING_SHARE, _PASSING_MOST = 0.045, 2.0
# A section is covered when at least so many sentences are expected in it …
_COVERED_SENTENCES = 1.5
# … and they take at least this share of what the plan gives it, in a talk of this length.
_COVERED_SHARE = 0.4
# In a talk that goes on, a section was said when so many sentences are expected in it and it is not
# missing. Chosen on invented talks that the judge was not trained on, judged every 16 s.
_SAID_SENTENCES = 1.5
# A quote is shown from the first posterior on, the best ones first; what came nearest to a section
# that is missing from the second on.
_QUOTED, _NEAREST = 0.3, 0.1
_QUOTES = 3


def with_cues(section_probabilities: Array, texts: Sequence[str]) -> Array:
    """The judge's probabilities, with what the cue phrases in ``texts`` add to them."""
    if not texts:
        return section_probabilities
    lifted = section_probabilities * np.exp(_CUES * np.array([cue_points(t) for t in texts]))
    result: Array = (lifted / lifted.sum(axis=1, keepdims=True)).astype(np.float32)
    return result


@lru_cache(maxsize=4096)
def cue_points(text: str) -> tuple[float, ...]:
    """Log-odds for each of ``SENTENCE_SECTIONS`` by the phrases in ``resources/cues/sections``."""
    points = []
    for section in SENTENCE_SECTIONS:
        found = _STRONG * bool(cues.pattern("sections", section, "strong").search(text))
        weak = len(cues.pattern("sections", section, "weak").findall(text))
        points.append(found + _WEAK * min(_WEAK_MOST, weak))
    return tuple(points)


def posteriors(section_probabilities: Array, power: float = _CHAIN_POWER) -> Array:
    """``section_probabilities`` of shape (sentences, sections), steadied along the talk.

    ``power`` is how much the usual order of sections counts; 0 is not at all.
    """
    count = len(section_probabilities)
    if count == 0:
        return section_probabilities
    emission = np.maximum(section_probabilities, 1e-6)
    first, move = (usual**power for usual in _usual_order())
    forward, backward = np.empty_like(emission), np.ones_like(emission)
    forward[0] = emission[0] * first
    forward[0] /= forward[0].sum()
    for i in range(1, count):
        forward[i] = (forward[i - 1] @ move) * emission[i]
        forward[i] /= forward[i].sum()
    for i in range(count - 2, -1, -1):
        backward[i] = move @ (emission[i + 1] * backward[i + 1])
        backward[i] /= backward[i].sum()
    joint = forward * backward
    steadied: Array = joint / joint.sum(axis=1, keepdims=True)
    return steadied


@cache
def _usual_order() -> tuple[Array, Array]:
    """How often talks begin with each section, (sections,), and move from one to another.

    Counted by ``training/train.py`` in the invented talks; a row of the second sums to 1.
    """
    text = resource("models", "judge", "chain.json").read_text(encoding="utf-8")
    chain = json.loads(text)
    return np.array(chain["first"], np.float32), np.array(chain["next"], np.float32)


def judge_sentences(
    sentences: Sequence[Sentence], probabilities: Array, told: Collection[str] = ()
) -> tuple[SentenceVerdict, ...]:
    """Each sentence with its most probable section among those that the talk has.

    ``told`` are sections that it has by the speaker's own word.
    """
    missing = missing_sections(probabilities) - set(told)
    among = probabilities.copy()
    among[:, [SENTENCE_SECTIONS.index(section_id) for section_id in missing]] = 0
    best = among.argmax(axis=1) if len(sentences) else []
    sure = probabilities**_SURE_POWER
    sure /= sure.sum(axis=1, keepdims=True)
    return tuple(
        SentenceVerdict(
            s.index,
            s.start_s,
            s.end_s,
            s.text,
            SENTENCE_SECTIONS[label],
            float(sure[row, label]),
        )
        for row, (s, label) in enumerate(zip(sentences, best, strict=True))
    )


def judge_sections(
    fmt: TalkFormat,
    sentences: Sequence[SentenceVerdict],
    probabilities: Array,
    events: Sequence[Event],
    duration_s: float | None,
    told: Collection[str] = (),
) -> tuple[SectionVerdict, ...]:
    """Whether each planned section was told, with its best quotes; ``told`` as above."""
    missing = missing_sections(probabilities) - set(told)
    timers = timer_seconds(fmt, events, duration_s)
    verdicts = []
    for section in fmt.sections:
        column = SENTENCE_SECTIONS.index(section.id)
        own = [s for s in sentences if s.section == section.id]
        likely = probabilities[:, column]
        expected = float(likely.sum())
        best = float(likely.max(initial=0.0))
        if section.id in missing:
            best = float(_telling(probabilities, section.id).max(initial=0.0))
        heard_s = sum(_seconds_of(s) for s in own)
        is_told = best >= TOLD and expected >= _COVERED_SENTENCES
        if section.id in missing:
            status, confidence = Status.MISSING, 1 - best
        elif is_told and has_its_share(section, fmt, sentences):
            status, confidence = Status.COVERED, best
        else:
            status, confidence = Status.THIN, best
        if best < _QUOTED:
            likely = _telling(probabilities, section.id)
        ranked = sorted(sentences, key=lambda s: -likely[s.index])
        shown = [s for s in ranked[:_QUOTES] if likely[s.index] >= _QUOTED]
        if status is Status.MISSING:
            shown = [s for s in ranked[:1] if likely[s.index] >= _NEAREST]
        elif not shown:
            shown = ranked[:1]  # whatever is called told is shown
        verdicts.append(
            SectionVerdict(
                id=section.id,
                title=section.title,
                required=section.required,
                status=status,
                heard_s=heard_s if duration_s is not None else 0.0,
                timer_s=timers.get(section.id) if timers else None,
                planned_s=section.planned_s,
                confidence=confidence,
                spans_s=spans(own),
                evidence=tuple(quote(s) for s in sorted(shown, key=lambda s: s.index)),
            )
        )
    return tuple(verdicts)


def has_its_share(
    section: Section | SectionVerdict, fmt: TalkFormat, sentences: Sequence[SentenceVerdict]
) -> bool:
    """Whether the sentences of ``section`` take enough of those of the talk to cover it."""
    total_s = sum(_seconds_of(sentence) for sentence in sentences)
    heard_s = sum(_seconds_of(s) for s in sentences if s.section == section.id)
    return heard_s >= _COVERED_SHARE * section.planned_s / fmt.planned_s * total_s


def missing_sections(probabilities: Array, least: Mapping[str, float] = _MISSING) -> set[str]:
    """Ids of the sections that no sentence is likely enough to do the work of, or too few.

    ``least`` is how likely one must be, by section.

    Whether limitations are missing is told by ``judge_limitations``: few are stated in a section.
    """
    few = min(_PASSING_MOST, _PASSING_SHARE * len(probabilities))
    missing = set()
    for section_id in set(CONTENT_SECTIONS) - {"limitations"}:
        likely = _telling(probabilities, section_id)
        in_passing = section_id in _IN_PASSING and likely.sum() < few
        if likely.max(initial=0.0) < least[section_id] or in_passing:
            missing.add(section_id)
    return missing


def _telling(probabilities: Array, section_id: str) -> Array:
    """How likely each sentence tells what a section is for, perhaps within another one's work."""
    likely: Array = probabilities[:, SENTENCE_SECTIONS.index(section_id)]
    if section_id == "problem":
        likely = likely + _WHY_TELLS_WHAT * probabilities[:, SENTENCE_SECTIONS.index("motivation")]
    return likely


def told_so_far(fmt: TalkFormat, probabilities: Array) -> set[str]:
    """Ids of the sections whose content was said, in a talk that still goes on.

    Said, not said enough: whether it is thin is only known at the end. Limitations are told by
    ``judge_limitations`` and never here.
    """
    expected = probabilities.sum(axis=0)
    untold = {"limitations"} | missing_sections(probabilities, dict.fromkeys(_MISSING, TOLD))
    return {
        section.id
        for section in fmt.sections
        if section.id not in untold
        and expected[SENTENCE_SECTIONS.index(section.id)] >= _SAID_SENTENCES
    }


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
    """Seconds the speaker's timer stood on each section; empty where there was no timer.

    While an interviewer holds up the talk, it stands on none.
    """
    kinds = (EventKind.SECTION, EventKind.QUESTION, EventKind.ANSWERED)
    changes = [event for event in events if event.kind in kinds]
    if duration_s is None or not any(e.kind is EventKind.SECTION for e in changes):
        return {}
    spent = {section.id: 0.0 for section in fmt.sections}
    ends = [event.at_s for event in changes[1:]] + [duration_s]
    section, asked = "", False
    for change, end_s in zip(changes, ends, strict=True):
        if change.kind is EventKind.SECTION:
            section = change.value
        else:
            asked = change.kind is EventKind.QUESTION
        if section in spent and not asked:
            spent[section] += max(0.0, end_s - change.at_s)
    return spent


def _seconds_of(sentence: SentenceVerdict) -> float:
    """How long a sentence took; without times, one second for every two and a half words."""
    if sentence.start_s is None or sentence.end_s is None:
        return len(sentence.text.split()) / 2.5
    return sentence.end_s - sentence.start_s
