"""Whether the nine things were said that make an experiment believable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from runthrough.analysis import cues
from runthrough.analysis.sections import quote
from runthrough.talk import RIGOR_ITEMS, RigorItem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from runthrough.analysis.model import Scores
    from runthrough.talk import SentenceVerdict

# An item is met when one sentence shows it with at least this probability. Chosen on invented talks
# that the judge was not trained on.
_MET = 0.5
_QUOTES = 3
_SIGNIFICANCE = RIGOR_ITEMS.index("significance")
# What a plain phrase of ``resources/cues/rigor`` adds to the log-odds of its item. On the tuning
# talks it changes one verdict of 756; it is for what is said too plainly to be missed.
_CUE = 2.0
# "71.2 plus minus 0.3" is a spread at least this surely. Of 51 such sentences in the corpus, beside
# the part for testing, 45 tell one of the speaker's own results; the labels that the judge was
# taught on had missed 20 of them, and so does it.
_SPREAD = 0.8


def with_cues(probabilities: NDArray[np.float32], texts: Sequence[str]) -> NDArray[np.float32]:
    """The judge's probabilities, (sentences, ``RIGOR_ITEMS``), with what plain phrases add."""
    lifted = probabilities.copy()
    for row, text in enumerate(texts):
        if cues.pattern("rigor", "denied").search(text):
            continue
        for column, item in enumerate(RIGOR_ITEMS):
            if item in cues.load("rigor") and cues.pattern("rigor", item).search(text):
                odds = lifted[row, column] / max(1e-6, 1 - lifted[row, column]) * np.exp(_CUE)
                lifted[row, column] = odds / (1 + odds)
        if cues.pattern("rigor", "spread").search(text):
            lifted[row, _SIGNIFICANCE] = max(lifted[row, _SIGNIFICANCE], _SPREAD)
    return lifted


def judge_rigor(sentences: Sequence[SentenceVerdict], scores: Scores) -> tuple[RigorItem, ...]:
    """Each of ``RIGOR_ITEMS``, met or not heard in ``sentences``, with its best quotes.

    ``sentences`` are those of the talk, which need not be all that ``scores`` has rows for.
    """
    items = []
    rows = [s.index for s in sentences]
    likely_of = with_cues(scores.rigor[rows], [s.text for s in sentences])
    for column, item in enumerate(RIGOR_ITEMS):
        likely = likely_of[:, column]
        best = float(likely.max(initial=0.0))
        told = [
            sentences[place] for place in np.argsort(-likely)[:_QUOTES] if likely[place] >= _MET
        ]
        items.append(
            RigorItem(
                item,
                met=best >= _MET,
                confidence=best if best >= _MET else 1 - best,
                evidence=tuple(quote(s) for s in sorted(told, key=lambda s: s.index)),
            )
        )
    return tuple(items)
