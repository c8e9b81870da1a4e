"""Whether the nine things were said that make an experiment believable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runthrough.analysis import cues
from runthrough.analysis.sections import quote
from runthrough.talk import RIGOR_ITEMS, RigorItem, SentenceVerdict

if TYPE_CHECKING:
    from collections.abc import Sequence

_MET_CONFIDENCE, _NOT_HEARD_CONFIDENCE = 0.75, 0.6
_QUOTES = 3
# Others' datasets and baselines are told of there.
_NOT_ABOUT_OWN_EXPERIMENTS = ("motivation", "related_work", "other")


def judge_rigor(sentences: Sequence[SentenceVerdict]) -> tuple[RigorItem, ...]:
    """Each of ``RIGOR_ITEMS``, met or not heard, with its first quotes."""
    undone = cues.pattern("rigor", "undone")
    own = [
        s
        for s in sentences
        if s.section not in _NOT_ABOUT_OWN_EXPERIMENTS and not undone.search(s.text)
    ]
    items = []
    for item in RIGOR_ITEMS:
        told = [s for s in own if cues.pattern("rigor", "items", item).search(s.text)]
        items.append(
            RigorItem(
                item,
                met=bool(told),
                confidence=_MET_CONFIDENCE if told else _NOT_HEARD_CONFIDENCE,
                evidence=tuple(quote(s) for s in told[:_QUOTES]),
            )
        )
    return tuple(items)
