"""How it was said: pace, fillers, pauses, acronyms."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from typing import TYPE_CHECKING

from runthrough.analysis import cues
from runthrough.talk import Delivery, PaceWindow, Sentence, Transcript, Word

if TYPE_CHECKING:
    from collections.abc import Sequence

# A silence between two words counts as a pause from here on.
PAUSE_S = 1.0
# Longer silences are thinking or a demonstration, not slow speech; pace leaves them out.
_LONG_PAUSE_S = 3.0
_PACE_WINDOW_S = 30.0
# A comfortable rate for listeners, in words a minute.
PACE_BAND = (100.0, 165.0)

# "BERT", "STE", "k-NN", "GPT-4", "CNNs"; not "I", not "A", not "Q3".
_ACRONYM = re.compile(r"(?<![\w-])([A-Z]{2,7})(?:s|-?\d{1,3})?(?![\w])")
# An expansion stands within so many words of the acronym's first use.
_NEAR_WORDS = 14


def judge_delivery(transcript: Transcript) -> Delivery:
    """Rates and counts of how ``transcript`` was spoken."""
    text = " ".join(sentence.text for sentence in transcript.sentences)
    count = len(transcript.words) or len(text.split())
    spoken_s = transcript.duration_s
    if transcript.words:
        spoken_s = max(1.0, _without_long_pauses(transcript.words))
    rate = 60 * count / spoken_s if spoken_s and count else None
    fillers = _fillers(text)
    minutes = (transcript.duration_s or 0) / 60
    return Delivery(
        words=count,
        words_per_minute=rate,
        pace=_pace(transcript.words),
        fillers=fillers,
        fillers_per_minute=sum(n for _, n in fillers) / minutes if minutes > 0 else None,
        pauses_s=tuple(
            (a.end_s, b.start_s)
            for a, b in zip(transcript.words, transcript.words[1:], strict=False)
            if b.start_s - a.end_s >= PAUSE_S
        ),
        acronyms_unexplained=_acronyms(transcript.sentences),
    )


def _without_long_pauses(words: Sequence[Word]) -> float:
    silent = sum(
        b.start_s - a.end_s
        for a, b in itertools.pairwise(words)
        if b.start_s - a.end_s > _LONG_PAUSE_S
    )
    return words[-1].end_s - words[0].start_s - silent


def _pace(words: Sequence[Word]) -> tuple[PaceWindow, ...]:
    """Rate per window of half a minute; windows with next to no speech are left out."""
    if not words:
        return ()
    windows = []
    end_of_talk = words[-1].end_s
    start = 0.0
    while start < end_of_talk:
        end = min(start + _PACE_WINDOW_S, end_of_talk)
        inside = [w for w in words if start <= w.start_s < end]
        if len(inside) > 1:
            spoken = _without_long_pauses(inside)
            if spoken >= _PACE_WINDOW_S / 6:
                windows.append(PaceWindow(start, end, 60 * len(inside) / spoken))
        start += _PACE_WINDOW_S
    return tuple(windows)


def _fillers(text: str) -> tuple[tuple[str, int], ...]:
    counts: Counter[str] = Counter()
    table = cues.load("delivery")
    lowered = text.lower()
    for filler in table["fillers_always"]:
        counts[filler.lower()] += len(
            re.findall(rf"(?<![\w'-]){filler.lower()}(?![\w'-])", lowered)
        )
    for filler in table["fillers_set_off"]:
        counts[filler.lower()] += len(re.findall(rf"(?:^|[,.?!]\s+){filler.lower()},", lowered))
    return tuple((filler, n) for filler, n in counts.most_common() if n)


def _acronyms(sentences: Sequence[Sentence]) -> tuple[tuple[str, float | None], ...]:
    """Acronyms never spelled out near any use, at their first use."""
    common = set(cues.load("delivery")["common_acronyms"])
    first: dict[str, float | None] = {}
    explained: set[str] = set()
    for number, sentence in enumerate(sentences):
        for match in _ACRONYM.finditer(sentence.text):
            term = match.group(1)
            if term in common or sentence.text.isupper():
                continue
            first.setdefault(term, sentence.start_s)
            around = " ".join(s.text for s in sentences[max(0, number - 1) : number + 2])
            if _spelled_out(term, around) or re.search(
                rf"\b{term}s?,? (?:{'|'.join(cues.load('delivery')['explained_by'])})", around
            ):
                explained.add(term)
    return tuple((term, start) for term, start in first.items() if term not in explained)


def _spelled_out(term: str, text: str) -> bool:
    """Whether consecutive words of ``text`` begin with the letters of ``term``."""
    words = [w for w in re.findall(r"[A-Za-z]+", text) if w != term]
    initials = "".join(word[0].lower() for word in words)
    return term.lower() in initials
