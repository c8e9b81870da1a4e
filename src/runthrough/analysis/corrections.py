"""What the speaker says of the review, taken as the last word on it.

Everything is found by its time, since words and sentences are numbered anew when a take is
transcribed again. A correction whose place can't be found any more is passed over, not forced.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from runthrough.analysis.findings import INCOMPLETE_LIMIT
from runthrough.analysis.limitations import near_limits, point
from runthrough.analysis.sections import quote
from runthrough.talk import (
    POSSIBLE_LIMIT,
    SENTENCE_SECTIONS,
    Answer,
    Corrections,
    Evidence,
    Finding,
    FindingAnswer,
    Limitations,
    RigorItem,
    SectionVerdict,
    Sentence,
    SentenceVerdict,
    Status,
    Transcript,
    Word,
    WordCorrection,
    first_words,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from runthrough.analysis.model import Scores

# Two recognitions of one recording put the same word this far apart at most, in seconds.
_SAME_WORD_S = 0.5
# And the same sentence's beginning this far.
_SAME_PLACE_S = 1.0
# Findings that the speaker's word can turn into something heard.
_ABSENT_SECTION = ("section.missing.", "section.thin.")
_ABSENT_RIGOR = {
    "rigor.spread": ("seeds", "significance"),
    "rigor.ablation": ("ablation",),
    "rigor.baselines": ("baselines",),
}


def correct_words(transcript: Transcript, corrections: Corrections) -> Transcript:
    """``transcript`` with the corrected words, at the times of what was heard.

    Sentences keep their bounds, so that nothing moves but the word; one left without words goes.
    """
    if not corrections.words or not transcript.words:
        return transcript
    firsts = first_words(transcript.sentences, transcript.words)
    if firsts is None:
        return transcript  # nothing can be placed
    said = _by_word(transcript.words, corrections.words)
    sentences: list[Sentence] = []
    words: list[Word] = []
    for sentence, first in zip(transcript.sentences, firsts, strict=True):
        own = transcript.words[first : first + len(sentence.text.split())]
        new = [part for number, word in enumerate(own, first) for part in said.get(number, [word])]
        if new:
            text = " ".join(word.text for word in new)
            sentences.append(replace(sentence, index=len(sentences), text=text))
            words += new
    return replace(transcript, sentences=tuple(sentences), words=tuple(words))


def _by_word(words: Sequence[Word], corrections: Iterable[WordCorrection]) -> dict[int, list[Word]]:
    """What stands for the word of each number that is corrected."""
    starts = np.array([word.start_s for word in words])
    found: dict[int, list[Word]] = {}
    for correction in corrections:
        low = int(np.searchsorted(starts, correction.start_s - _SAME_WORD_S))
        high = int(np.searchsorted(starts, correction.start_s + _SAME_WORD_S, side="right"))
        heard = _bare(correction.heard)
        same = [n for n in range(low, high) if _bare(words[n].text) == heard]
        if not same:
            continue
        number = min(same, key=lambda n: abs(words[n].start_s - correction.start_s))
        word = words[number]
        parts = correction.said.split()
        step = (word.end_s - word.start_s) / max(1, len(parts))
        found[number] = [
            Word(word.start_s + i * step, word.start_s + (i + 1) * step, part)
            for i, part in enumerate(parts)
        ]
    return found


def _bare(word: str) -> str:
    """``word`` without what another model writes in another way: its case and its marks."""
    return "".join(c for c in word.casefold() if c.isalnum()) or word


def hold_sections(
    probabilities: np.ndarray, sentences: Sequence[Sentence], corrections: Corrections
) -> np.ndarray:
    """``probabilities`` (sentences, sections) with certainty where the speaker said which."""
    wanted = _section_by_sentence(sentences, corrections)
    if not wanted:
        return probabilities
    held = probabilities.copy()
    for row, section in wanted.items():
        held[row] = 0.0
        held[row, SENTENCE_SECTIONS.index(section)] = 1.0
    return held


def sections_given(sentences: Sequence[Sentence], corrections: Corrections) -> set[str]:
    """Ids of the sections that the speaker gave a sentence to: these were told."""
    return set(_section_by_sentence(sentences, corrections).values())


def _section_by_sentence(
    sentences: Sequence[Sentence | SentenceVerdict], corrections: Corrections
) -> dict[int, str]:
    wanted: dict[int, str] = {}
    if not corrections.sections:
        return wanted
    for row, sentence in enumerate(sentences):
        if sentence.start_s is None or sentence.end_s is None:
            continue
        middle_s = (sentence.start_s + sentence.end_s) / 2
        for correction in corrections.sections:
            if (
                correction.start_s <= middle_s <= correction.end_s
                and correction.section in SENTENCE_SECTIONS
            ):
                wanted[row] = correction.section
    return wanted


def hold_limitations(
    heard: Limitations,
    sentences: Sequence[SentenceVerdict],
    scores: Scores,
    corrections: Corrections,
) -> Limitations:
    """``heard`` with what the speaker calls a limitation, and without what they say is none.

    Asked "Is this your limitation?", who calls it no problem says that it is none. To what is not
    heard of a limit, "misheard" is no denial of the limit.
    """
    wanted = _section_by_sentence(sentences, corrections)
    stated = {index for index, section in wanted.items() if section == "limitations"}
    dropped = {index for index, section in wanted.items() if section != "limitations"}
    for answer in corrections.answers:
        if not answer.finding.startswith("limitations.") or answer.at_s is None:
            continue
        asked = answer.finding == POSSIBLE_LIMIT
        denied = answer.answer is Answer.MISHEARD and answer.finding != INCOMPLETE_LIMIT
        for sentence in _at(sentences, answer.at_s):
            if denied or (asked and answer.answer is Answer.NOT_A_PROBLEM):
                dropped.add(sentence.index)
            elif asked:
                stated.add(sentence.index)
    if not stated and not dropped:
        return heard
    known = {e.sentence: e for e in heard.evidence if e.sentence not in dropped}
    for index in stated:
        known[index] = replace(quote(sentences[index]), state="stated", confidence=1.0)
    evidence = tuple(known[index] for index in sorted(known))
    states = {e.state for e in evidence}
    # Of a limit that is none, nothing said beside it is the cause or the cure; of one that the
    # speaker points at, it is.
    around = near_limits(evidence) - dropped
    near = [sentence for sentence in sentences if sentence.index in around]
    return Limitations(
        state="stated" if "stated" in states else "possible" if states else "not_heard",
        evidence=evidence,
        where=point(near, scores, "where"),
        why=point(near, scores, "why"),
        fix=point(near, scores, "fix"),
        deflections=point(near, scores, "deflect").evidence,
    )


def claim_sections(
    sections: Sequence[SectionVerdict], corrections: Corrections
) -> tuple[SectionVerdict, ...]:
    """``sections`` with those covered that the speaker says were told though not heard."""
    claimed = {
        answer.finding.rpartition(".")[2]
        for answer in corrections.answers
        if answer.finding.startswith(_ABSENT_SECTION) and _claims(answer)
    }
    return tuple(
        replace(section, status=Status.COVERED, confidence=1.0, by_speaker=True)
        if section.id in claimed and section.status is not Status.COVERED
        else section
        for section in sections
    )


def claim_rigor(
    rigor: Sequence[RigorItem], sentences: Sequence[SentenceVerdict], corrections: Corrections
) -> tuple[RigorItem, ...]:
    """``rigor`` with those met that the speaker says were told though not heard."""
    claimed: dict[str, tuple[Evidence, ...]] = {}
    for answer in corrections.answers:
        if _claims(answer):
            shown = tuple(quote(s) for s in _at(sentences, answer.at_s))
            for item in _ABSENT_RIGOR.get(answer.finding, ()):
                claimed[item] = shown
    return tuple(
        replace(item, met=True, confidence=1.0, by_speaker=True, evidence=claimed[item.id])
        if item.id in claimed and not item.met
        else item
        for item in rigor
    )


def answer_findings(
    left: Sequence[Finding], found: Sequence[Finding], corrections: Corrections
) -> tuple[Finding, ...]:
    """``left`` with the answers, and of ``found`` what was answered; the answered ones last."""
    now = [replace(f, answer=_answer_to(f, corrections)) for f in left]
    there = {(f.id, f.start_s) for f in now}
    for finding in found:
        answer = _answer_to(finding, corrections)
        if answer is not None and (finding.id, finding.start_s) not in there:
            there.add((finding.id, finding.start_s))
            now.append(replace(finding, answer=answer))
    return tuple(sorted(now, key=lambda f: f.answer is not None))


def _answer_to(finding: Finding, corrections: Corrections) -> Answer | None:
    return next((a.answer for a in corrections.answers if is_answer_to(a, finding)), None)


def is_answer_to(answer: FindingAnswer, finding: Finding) -> bool:
    """Whether ``answer`` was given to ``finding``, and not to one of its kind elsewhere."""
    return answer.finding == finding.id and (
        not finding.evidence
        or answer.at_s is None
        or finding.start_s is None
        or abs(answer.at_s - finding.start_s) <= _SAME_PLACE_S
    )


def _at(sentences: Sequence[SentenceVerdict], at_s: float | None) -> list[SentenceVerdict]:
    """The one sentence that an answer at ``at_s`` is about, if it is still there."""
    if at_s is None:
        return []
    off_s = {s.index: abs(s.start_s - at_s) for s in sentences if s.start_s is not None}
    near = [s for s in sentences if off_s.get(s.index, np.inf) <= _SAME_PLACE_S]
    return [min(near, key=lambda s: off_s[s.index])] if near else []


def _claims(answer: FindingAnswer) -> bool:
    return answer.answer in (Answer.THIS_IS_IT, Answer.MISHEARD)
