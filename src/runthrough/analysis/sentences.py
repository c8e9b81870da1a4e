"""From words or running text to sentences."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from runthrough.talk import Sentence, Transcript, Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# A silence this long ends a sentence even where the recogniser wrote no full stop.
_PAUSE_ENDS_SENTENCE_S = 1.5
# Recognisers sometimes write no punctuation at all; nobody reads a paragraph as one sentence.
_LONGEST_SENTENCE_WORDS = 45
# Where a sentence has run on for this long, the next silence of _BREATH_S ends it.
_LONG_SENTENCE_WORDS = 25
_BREATH_S = 0.35

_ENDS = re.compile(r"[.!?…][\"'”’)\]]*$")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])"
    r"(?:e\.g|i\.e|et al|etc|cf|vs|figs?|eq|sec|dr|mrs?|ms|prof|no|approx|[A-Z])\.$",
    re.IGNORECASE,
)


def transcript_of_words(
    words: Sequence[Word], *, duration_s: float, language: str, model: str
) -> Transcript:
    """A transcript with sentences from recognised words, which must be in order of time."""
    sentences: list[Sentence] = []
    current: list[Word] = []

    def close() -> None:
        if current:
            text = " ".join(word.text for word in current)
            sentences.append(Sentence(len(sentences), current[0].start_s, current[-1].end_s, text))
            current.clear()

    for position, word in enumerate(words):
        current.append(word)
        following = words[position + 1] if position + 1 < len(words) else None
        silence_s = following.start_s - word.end_s if following else 0.0
        ended = bool(_ENDS.search(word.text)) and not _is_abbreviation(current)
        if (
            ended
            or silence_s >= _PAUSE_ENDS_SENTENCE_S
            or (len(current) >= _LONG_SENTENCE_WORDS and silence_s >= _BREATH_S)
            or len(current) >= _LONGEST_SENTENCE_WORDS
        ):
            close()
    close()
    return Transcript(
        sentences=tuple(sentences),
        words=tuple(words),
        duration_s=duration_s,
        timed=True,
        language=language,
        model=model,
    )


def transcript_of_sentences(texts: Iterable[str], *, duration_s: float | None = None) -> Transcript:
    """A transcript of sentences that are already split and have no times.

    With ``duration_s`` times are estimated from word counts, as if the pace were even.
    """
    kept = list(texts)
    counts = [max(1, len(text.split())) for text in kept]
    total = sum(counts)
    sentences = []
    done = 0
    for index, (text, count) in enumerate(zip(kept, counts, strict=True)):
        start = end = None
        if duration_s is not None:
            start, end = duration_s * done / total, duration_s * (done + count) / total
        sentences.append(Sentence(index, start, end, text))
        done += count
    return Transcript(sentences=tuple(sentences), duration_s=duration_s, timed=False)


def split_text(text: str) -> list[str]:
    """Running text as sentences: at full stops and blank lines, long ones cut at their middle.

    Text without any punctuation (raw recogniser output) is cut every so many words.
    """
    sentences: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text):
        current: list[str] = []
        for token in paragraph.split():
            current.append(token)
            if (_ENDS.search(token) and not _is_abbreviation_text(" ".join(current[-2:]))) or len(
                current
            ) >= _LONGEST_SENTENCE_WORDS:
                sentences.append(" ".join(current))
                current = []
        if current:
            sentences.append(" ".join(current))
    return sentences


def _is_abbreviation(words: Sequence[Word]) -> bool:
    return _is_abbreviation_text(" ".join(word.text for word in words[-2:]))


def _is_abbreviation_text(text: str) -> bool:
    return bool(_ABBREVIATION.search(text))
