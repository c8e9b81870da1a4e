"""The words of one talk that a recogniser may not expect: names, acronyms, technical terms."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# faster-whisper keeps at most 223 tokens of hotwords and cuts off what is more; a technical term
# is three to four tokens, a token about three characters of one.
_MOST_CHARS = 600
_WORD = re.compile(r"[^\W\d_][\w]*(?:[-–'’/+.][\w]+)*\+*")
# Beginnings of sentences and headings are in capitals too; these are seldom terms.
_COMMON = frozenset(
    """
    a about after again all also an and are as at be because been before best between both but
    by can conclusion conclusions could do does each end even every experiment experiments few
    figure first for from future get give given has have here how however i idea if in into is
    it its just know large learn less like limitation limitations long make many may method
    methods model models more most motivation much my need new next no not now of on one only or
    other our outline over page paper part plan problem question questions related result
    results same see setup should show shows slide slides small so some still such table take
    talk task text than thank thanks that the their them then there these they thing things this
    those three time to today together too two under up us use used using very was we well were
    what when where which while who why will with without word words work works would year years
    you your
    """.split()  # noqa: SIM905 - a list of so many words is no longer read
)


def hotwords(
    user_terms: str = "", title: str = "", notes: str = "", slide_texts: Iterable[str] = ()
) -> str:
    """Terms for the recogniser, the user's own first, then the most term-like and frequent.

    ``user_terms`` are separated by commas or lines. At most what the recogniser can take in.
    """
    chosen: dict[str, str] = {}  # by their plain form, as they are to be written
    for term in re.split(r"[,;\n]", user_terms):
        if term.strip():
            chosen.setdefault(term.strip().casefold(), " ".join(term.split()))
    counts: Counter[str] = Counter()
    forms: dict[str, str] = {}
    scores: dict[str, float] = {}
    for weight, text in ((2.0, title), (1.0, notes), *((1.0, text) for text in slide_texts)):
        for word in _words(text):
            told = _oddness(word)
            plain = word.casefold()
            counts[plain] += 1
            if told > 0:
                scores[plain] = max(scores.get(plain, 0.0), told * weight)
                # "Router" at the beginning of a line is "router".
                forms[plain] = min(forms.get(plain, word), word, key=_capitals)
    for plain in sorted(scores, key=lambda p: (-scores[p] * min(counts[p], 4) ** 0.5, p)):
        chosen.setdefault(plain, forms[plain])
    told_terms: list[str] = []
    length = 0
    for term in chosen.values():
        length += len(term) + 2
        if length > _MOST_CHARS:
            break
        told_terms.append(term)
    return ", ".join(told_terms)


def _words(text: str) -> list[str]:
    return [word.strip(".-–'’/") for word in _WORD.findall(text)]


def _capitals(word: str) -> tuple[int, int]:
    return sum(char.isupper() for char in word[1:]) == 0, sum(char.isupper() for char in word)


def _oddness(word: str) -> float:
    """How likely a word is a term that a recogniser misspells; 0 for common words."""
    if len(word) < 3 and not word.isupper():
        return 0.0
    if word.casefold() in _COMMON or word.casefold().removesuffix("s") in _COMMON:
        return 0.0
    inner = sum(char.isupper() for char in word[1:])
    if inner or any(char.isdigit() for char in word):
        return 3.0  # BERT, LoRA, GPT-2, ResNet50
    if "-" in word or "–" in word:
        return 1.5  # straight-through, Gumbel-softmax
    if word[0].isupper():
        return 1.5  # Mahalanobis, and every word that begins a line
    return 1.0 if len(word) >= 9 else 0.0
