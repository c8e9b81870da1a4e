"""Whether the speaker said where their own work fails, and how well."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from runthrough.analysis import cues
from runthrough.analysis.sections import quote
from runthrough.talk import Evidence, Limitations, Point, SentenceVerdict

if TYPE_CHECKING:
    from collections.abc import Sequence

# How much to trust a sentence that admits a limit outright, and one that only hints at it.
_STATED_CONFIDENCE, _POSSIBLE_CONFIDENCE = 0.8, 0.4
# Talks speak of prior work's limits in their first part; an own limit there needs the word "our".
_EARLY = 0.3


def judge_limitations(sentences: Sequence[SentenceVerdict]) -> Limitations:
    """The limits heard in ``sentences``, each quoted, and what is said about them."""
    evidence: list[Evidence] = []
    for sentence in sentences:
        state = _state(sentence, len(sentences))
        if state:
            confidence = _STATED_CONFIDENCE if state == "stated" else _POSSIBLE_CONFIDENCE
            evidence.append(replace(quote(sentence), state=state, confidence=confidence))
    stated = [e for e in evidence if e.state == "stated"]
    near = _around(sentences, stated)
    return Limitations(
        state="stated" if stated else "possible" if evidence else "not_heard",
        evidence=tuple(evidence),
        where=_point(stated, "where"),
        why=_point(near, "why"),
        fix=_point(near, "fix"),
        deflections=tuple(
            quote(s) for s in sentences if cues.pattern("limitations", "deflects").search(s.text)
        ),
    )


def _state(sentence: SentenceVerdict, count: int) -> str:
    text = sentence.text
    if cues.pattern("limitations", "not_ours").search(text):
        return ""
    if sentence.section in ("problem", "motivation", "related_work", "other"):
        return ""
    states = cues.pattern("limitations", "states").search(text)
    early = sentence.index < _EARLY * count
    if states and not early:
        return "stated"
    hints = cues.pattern("limitations", "hints").search(text)
    if (hints or states or sentence.section == "limitations") and not early:
        return "possible"
    return ""


def _around(sentences: Sequence[SentenceVerdict], stated: Sequence[Evidence]) -> list[Evidence]:
    """The stated limits and the sentence on either side of each: causes and cures stand there."""
    wanted = {e.sentence + offset for e in stated for offset in (-1, 0, 1)}
    return [quote(s) for s in sentences if s.index in wanted]


def _point(candidates: Sequence[Evidence], part: str) -> Point:
    found = tuple(
        replace(e, state="", confidence=None)
        for e in candidates
        if cues.pattern("limitations", part).search(e.quote)
    )
    return Point(met=bool(found), evidence=found)
