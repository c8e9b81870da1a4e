"""Whether the nine things were said that make an experiment believable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runthrough.analysis.sections import quote
from runthrough.talk import RIGOR_ITEMS, RigorItem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runthrough.analysis.model import Scores
    from runthrough.talk import SentenceVerdict

# An item is met when one sentence shows it with at least this probability. Chosen on invented talks
# that the judge was not trained on.
_MET = 0.3
_QUOTES = 3


def judge_rigor(sentences: Sequence[SentenceVerdict], scores: Scores) -> tuple[RigorItem, ...]:
    """Each of ``RIGOR_ITEMS``, met or not heard, with its best quotes."""
    items = []
    for column, item in enumerate(RIGOR_ITEMS):
        likely = scores.rigor[:, column]
        best = float(likely.max(initial=0.0))
        told = sorted(
            (s for s in sentences if likely[s.index] >= _MET), key=lambda s: -likely[s.index]
        )[:_QUOTES]
        items.append(
            RigorItem(
                item,
                met=best >= _MET,
                confidence=best if best >= _MET else 1 - best,
                evidence=tuple(quote(s) for s in sorted(told, key=lambda s: s.index)),
            )
        )
    return tuple(items)
