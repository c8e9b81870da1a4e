"""Whether the speaker said where their own work fails, and how well."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from runthrough.analysis import cues
from runthrough.analysis.model import LIMIT_NONE, LIMIT_STATED, PART_NAMES, Scores
from runthrough.analysis.sections import quote
from runthrough.talk import SENTENCE_SECTIONS, Evidence, Limitations, Point

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from runthrough.analysis.model import Array
    from runthrough.talk import SentenceVerdict

# Limits are stated where one sentence is as sure as the first to state one, or so many are as sure
# as the last; then every sentence is quoted that is as sure as the last. Who admits one thing often
# admits others, and a false "stated" lets a speaker walk into the interview without limits. The
# longer a talk, the more chances to be wrong about it: of 100 sentences one has to be as sure as
# 0.95, or one in 50 has to be likely. Chosen on invented talks that the judge was not trained on:
# 1 of 41 that state none is called "stated", and 1 of 12 that were labelled afterwards; .59 and
# .56 of the sentences that state one are found, and .86 and .83 of those quoted are one. Were three
# sentences needed instead of two, it would be .55 and .55, .88 and .85.
_SURE, _SEVERAL, _STATED = 0.9, 2, 0.5
_ODDS, _ONE_IN = 5, 50
# A sentence may state one from here on: the mean of two probabilities, that it states one or may,
# and that limitations are what it does the work of. A result told in passing may sound like a
# limit to the first, a promise for the future to the second, few to both. Chosen as the other: of
# 89 talks without limits 70 are told so, and 7 of 94 with some; from 0.7 on it would be 75 and 8.
_POSSIBLE = 0.6
# How sure it is that who plainly calls the own work inferior states a limit.
_PLAIN = 0.95
# "Limitations and future work of this study" has so many words.
_HEADING_WORDS = 7
# From here on each is heard. Who is told to have deflected should have, so that takes more: of
# those told so on invented answers kept for choosing .91 have, and of those who have .73 are told
# so; on those labelled afterwards alone .91 and .77. From 0.75 on it would be .89 and .74.
_HEARD = {"where": 0.3, "why": 0.3, "fix": 0.4, "deflect": 0.8}
# Who states a limit mostly says where it is, too, if only by a number or by what was not tried. So
# a sentence that states one, as likely as the first, tells where from the last on. On the same
# answers .90 instead of .88 of "where" is judged right so, on those labelled afterwards .91 instead
# of .90; in talks with limits .90 instead of .82, and .88 instead of .83.
_ADMITTED, _HINTED = 0.7, 0.03
# Causes and cures stand within so many sentences of the limit they belong to.
_NEAR = 2


def judge_limitations(sentences: Sequence[SentenceVerdict], scores: Scores) -> Limitations:
    """The limits heard in ``sentences``, each quoted, and what is said about them.

    ``sentences`` are those of the talk, which need not be all that ``scores`` has rows for.
    """
    stated_of, possible_of = _likelihoods(sentences, scores)
    evidence = [
        replace(
            quote(sentence),
            state="stated" if is_stated else "possible",
            confidence=float(stated if is_stated else possible),
        )
        for sentence, is_stated, stated, possible in zip(
            sentences, stated_limits(stated_of), stated_of, possible_of, strict=True
        )
        if is_stated or possible >= _POSSIBLE
    ]
    around = near_limits(evidence)
    near = [s for s in sentences if s.index in around]
    states = {e.state for e in evidence}
    return Limitations(
        state="stated" if "stated" in states else "possible" if states else "not_heard",
        evidence=tuple(evidence),
        where=point(near, scores, "where"),
        why=point(near, scores, "why"),
        fix=point(near, scores, "fix"),
        deflections=point(near, scores, "deflect").evidence,
    )


def sure_of_limits(
    limitations: Limitations, sentences: Sequence[SentenceVerdict], scores: Scores
) -> float:
    """How sure it is that limits are stated, that they may be, or else that none is.

    It is as sure as of the likeliest sentence; where none is quoted, as of that being none.
    """
    if limitations.evidence:
        stated = [e for e in limitations.evidence if e.state == limitations.state]
        return max(evidence.confidence or 0.0 for evidence in stated)
    _, possible_of = _likelihoods(sentences, scores)
    # Likelier ones were quoted, and the speaker said that they are none.
    return 1 - float(possible_of[possible_of < _POSSIBLE].max(initial=0.0))


def _likelihoods(sentences: Sequence[SentenceVerdict], scores: Scores) -> tuple[Array, Array]:
    """How likely each sentence states a limit, and how likely it does or may."""
    texts = [sentence.text for sentence in sentences]
    rows = [sentence.index for sentence in sentences]
    about = scores.section[rows, SENTENCE_SECTIONS.index("limitations")]
    stated_of = scores.limit[rows, LIMIT_STATED]
    possible_of = (1 - scores.limit[rows, LIMIT_NONE] + about) / 2
    better, worse = (
        np.array([_plainly(how, text) for text in texts], dtype=bool)
        for how in ("superior", "inferior")
    )
    stated_of, possible_of = np.where(better, 0, stated_of), np.where(better, 0, possible_of)
    stated_of = np.where(worse, np.maximum(stated_of, _PLAIN), stated_of)
    announcing = {place for place, text in enumerate(texts) if announces(text)}
    # A heading read out is no limit itself: then it is asked of what follows, if anything does. Who
    # announces limitations is asked, however little the judge thinks of them.
    headings = {place for place in announcing if _is_heading(texts[place])}
    stated_of[list(headings)] = possible_of[list(headings)] = 0
    headed = {
        place
        for place, sentence in enumerate(sentences)
        if place - 1 in headings and sentence.section != "other"
    }
    asked = list((announcing | headed) - headings)
    possible_of[asked] = np.maximum(possible_of[asked], _POSSIBLE)
    return stated_of, np.maximum(possible_of, stated_of)


def announces(text: str) -> bool:
    """Whether ``text`` says that own limits come now, or calls one that."""
    return cues.pattern("sections", "limitations", "announced").search(text) is not None


def near_limits(limits: Sequence[Evidence]) -> set[int]:
    """Numbers of the sentences in which what is said may be said of one of ``limits``."""
    return {limit.sentence + offset for limit in limits for offset in range(-_NEAR, _NEAR + 1)}


def _is_heading(text: str) -> bool:
    """Whether ``text``, which announces limits, is as short as a heading and tells none itself."""
    told = cues.pattern("sections", "limitations", "told_at_once")
    return len(text.split()) <= _HEADING_WORDS and told.search(text) is None


def _plainly(how: str, text: str) -> bool:
    """Whether the own work is plainly said to be ``superior`` or ``inferior`` to something.

    The judge knows that a comparison is made; which of the two is better it sometimes gets wrong.
    Of 41 superior ones in the corpus none states a limit, one may; none is so plainly inferior.
    """
    comparison = cues.pattern("sections", "limitations", how)
    hedges = cues.pattern("sections", "limitations", "hedges")
    return comparison.search(text) is not None and hedges.search(text) is None


def stated_limits(
    stated_of: Array, sure: float = _SURE, several: int = _SEVERAL
) -> NDArray[np.bool_]:
    """Which sentences of a talk state a limit, of which each does with these probabilities."""
    count = len(stated_of)
    likely: NDArray[np.bool_] = stated_of >= _STATED
    is_sure = (stated_of >= max(sure, 1 - _ODDS / max(count, 1))).any()
    if is_sure or likely.sum() >= max(several, count / _ONE_IN):
        return likely
    return np.zeros_like(likely)


def point(sentences: Sequence[SentenceVerdict], scores: Scores, part: str) -> Point:
    """Whether ``part`` (one of ``PART_NAMES``) is heard in ``sentences``, with the quotes."""
    column = PART_NAMES.index(part)
    told = scores.parts[:, column] >= _HEARD[part]
    if part == "where":
        told |= (scores.limit[:, LIMIT_STATED] >= _ADMITTED) & (scores.parts[:, column] >= _HINTED)
    found = tuple(quote(s) for s in sentences if told[s.index])
    return Point(met=bool(found), evidence=found)
