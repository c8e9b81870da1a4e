"""How it was said: pace, fillers, pauses, acronyms."""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

from runthrough.analysis import cues
from runthrough.talk import Delivery, Filler, PaceWindow, Sentence, Transcript, Word, first_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# A silence between two words counts as a pause from here on.
PAUSE_S = 1.0
# And one that listeners begin to wonder about from here on.
LONG_PAUSE_S = 4.0
# Longer silences are thinking or a demonstration, not slow speech; pace leaves them out.
_PACE_SKIPS_S = 3.0
_PACE_WINDOW_S = 30.0
# A phrase of so many words that comes so often without being the talk's own term is a habit.
_REPEAT_WORDS, _REPEAT_TIMES = (3, 5), 4
# Nobody can hear a sentence of more words in one breath.
LONG_SENTENCE_WORDS = 40

_SMALL_WORDS = frozenset(
    ("a", "an", "and", "by", "for", "in", "of", "on", "or", "the", "to", "with")
)
# Words that begin with given letters come by chance: with two in every talk, with three in one of
# seven of an hour (of 35 common acronyms, in talks of the corpus), but in few of so many sentences.
_TELLING_LETTERS, _SURELY_TELLING = 3, 4
_SOON = 10
# "BERT", "STE", "GPT-4", "CNNs"; not "k-NN", not "I", not "A", not "Q3".
_ACRONYM = re.compile(r"(?<![\w-])([A-Z]{2,7})(?:s|-?\d{1,3})?(?![\w])")
# As far as things are numbered so; from 40 on most are acronyms, as CI and DL.
_NUMERAL = re.compile(r"X{0,3}(?:IX|IV|V?I{0,3})")


def judge_delivery(transcript: Transcript) -> Delivery:
    """Rates and counts of how ``transcript`` was spoken, by its sound where there is word of it."""
    text = " ".join(sentence.text for sentence in transcript.sentences)
    count = len(transcript.words) or len(text.split())
    pauses = _pauses(transcript)
    spoken_s = transcript.duration_s
    if transcript.words:
        spoken_s = max(1.0, _without_long_pauses(transcript.words, pauses))
    rate = 60 * count / spoken_s if spoken_s and count else None
    sound = transcript.sound
    firsts = first_words(transcript.sentences, transcript.words)
    places = _places(transcript, firsts or ())
    counts = Counter(filler.text for filler in places)
    if firsts is None:
        counts += Counter(match["filler"].lower() for match in _fillers(text))
    minutes = (transcript.duration_s or 0) / 60
    return Delivery(
        words=count,
        words_per_minute=rate,
        pace=_pace(transcript.words, pauses),
        fillers=tuple(counts.most_common()),
        fillers_per_minute=sum(counts.values()) / minutes if minutes > 0 else None,
        pauses_s=pauses,
        acronyms_unexplained=_acronyms(transcript.sentences),
        filler_places=places,
        heard_fillers=sound is not None,
        silent_share=sound.silent_share if sound is not None else None,
        hedges=_hedges(text),
        repeats=_repeats(transcript.sentences),
        long_sentences=tuple(
            s.index
            for s in transcript.sentences
            if len(s.text.split()) > LONG_SENTENCE_WORDS and s.text.rstrip()[-1:] in ".?!"
        ),
    )


def _pauses(transcript: Transcript) -> tuple[tuple[float, float], ...]:
    """The silences, from the sound if it was listened to: words' times often hide them."""
    if transcript.sound is not None:
        return tuple(p for p in transcript.sound.silences_s if p[1] - p[0] >= PAUSE_S)
    return tuple(
        (a.end_s, b.start_s)
        for a, b in itertools.pairwise(transcript.words)
        if b.start_s - a.end_s >= PAUSE_S
    )


def _without_long_pauses(words: Sequence[Word], pauses: Sequence[tuple[float, float]]) -> float:
    """Seconds from the first word to the last without the long pauses between them."""
    first_s, last_s = words[0].start_s, words[-1].end_s
    silent = sum(
        max(0.0, min(end, last_s) - max(start, first_s))
        for start, end in pauses
        if end - start > _PACE_SKIPS_S
    )
    return last_s - first_s - silent


def _pace(words: Sequence[Word], pauses: Sequence[tuple[float, float]]) -> tuple[PaceWindow, ...]:
    """Rate per window of half a minute; windows with next to no speech are left out."""
    if not words:
        return ()
    windows = []
    end_of_talk = words[-1].end_s
    start = 0.0
    starts = [word.start_s for word in words]
    while start < end_of_talk:
        end = min(start + _PACE_WINDOW_S, end_of_talk)
        inside = words[bisect_left(starts, start) : bisect_left(starts, end)]
        if len(inside) > 1:
            spoken = _without_long_pauses(inside, pauses)
            if spoken >= _PACE_WINDOW_S / 6:
                windows.append(PaceWindow(start, end, 60 * len(inside) / spoken))
        start += _PACE_WINDOW_S
    return tuple(windows)


def _places(transcript: Transcript, firsts: Sequence[int]) -> tuple[Filler, ...]:
    """Fillers with their times: those written as words, and those only heard."""
    words = transcript.words
    found: list[Filler] = []
    for sentence, first in zip(transcript.sentences, firsts, strict=False):
        for match in _fillers(sentence.text):
            at, to = match.span("filler")
            head = first + sentence.text[:at].count(" ")
            tail = head + sentence.text[at:to].count(" ")
            found.append(Filler(words[head].start_s, words[tail].end_s, match["filler"].lower()))
    heard = transcript.sound.fillers if transcript.sound is not None else ()
    found += [
        filler
        for filler in heard
        if not any(f.start_s < filler.end_s and filler.start_s < f.end_s for f in found)
    ]
    return tuple(sorted(found, key=lambda filler: filler.start_s))


def _fillers(text: str) -> Iterator[re.Match[str]]:
    for pattern in _filler_patterns():
        yield from (m for m in pattern.finditer(text) if m["filler"] != "ER")  # that is a place


@cache
def _filler_patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Fillers that count wherever they stand, and those that count between commas only."""
    table = cues.load("delivery")
    always = "|".join(map(_as_filler, table["fillers_always"]))
    set_off = "|".join(re.escape(filler) for filler in table["fillers_set_off"])
    return (
        re.compile(rf"(?<![\w'-])(?P<filler>{always})(?![\w'-])", re.IGNORECASE),
        re.compile(rf"(?:^|[,.?!]\s+)(?P<filler>{set_off})(?=,)", re.IGNORECASE),
    )


def _as_filler(phrase: str) -> str:
    """An expression for ``phrase`` but where it means what it says."""
    before = cues.load("delivery")["no_filler_after"].get(phrase, ())
    return "".join(rf"(?<!\b{word} )" for word in before) + re.escape(phrase)


def _hedges(text: str) -> tuple[tuple[str, int], ...]:
    """Words that take back what is said, most frequent first."""
    counts: Counter[str] = Counter()
    for hedge in cues.load("delivery")["hedges"]:
        said = rf"(?<![\w'-]){_as_filler(hedge)}(?![\w'-])"
        counts[hedge] += len(re.findall(said, text, re.IGNORECASE))
    return tuple((hedge, n) for hedge, n in counts.most_common() if n)


def _repeats(sentences: Sequence[Sentence]) -> tuple[tuple[str, int, float | None], ...]:
    """Habitual phrases ("so what we do is"): of small words, longest first, none inside another."""
    small = set(cues.load("delivery")["phrase_words"])
    shortest, longest = _REPEAT_WORDS
    counts: Counter[tuple[str, ...]] = Counter()
    first: dict[tuple[str, ...], float | None] = {}
    for sentence in sentences:
        tokens = re.findall(r"[a-z']+", sentence.text.lower())
        for size in range(shortest, longest + 1):
            for at in range(len(tokens) - size + 1):
                phrase = tuple(tokens[at : at + size])
                if all(word in small for word in phrase):
                    counts[phrase] += 1
                    first.setdefault(phrase, sentence.start_s)
    kept: list[tuple[str, ...]] = []
    often = [p for p, n in counts.items() if n >= _REPEAT_TIMES]
    for phrase in sorted(often, key=lambda p: (-len(p), -counts[p])):
        text = f" {' '.join(phrase)} "
        if not any(text in f" {' '.join(longer)} " for longer in kept):
            kept.append(phrase)
    kept.sort(key=lambda p: -counts[p])
    return tuple((" ".join(p), counts[p], first[p]) for p in kept[:8])


def _acronyms(sentences: Sequence[Sentence]) -> tuple[tuple[str, float | None], ...]:
    """Acronyms never spelled out near any use or before it, at their first use."""
    common = set(cues.load("delivery")["common_acronyms"])
    first: dict[str, float | None] = {}
    explained: set[str] = set()
    before: list[str] = []
    # What is only emphasised, "VERY", is mostly said without stress too, or carries nothing.
    words = {w for s in sentences for w in re.findall(r"(?<![\w'’])[a-z]+(?![\w'’])", s.text)}
    words.update(cues.load("delivery")["phrase_words"])
    for number, sentence in enumerate(sentences):
        for match in _ACRONYM.finditer(sentence.text):
            term = match.group(1)
            if (
                term in common
                or term.lower() in words
                or _NUMERAL.fullmatch(term)
                or sentence.text.isupper()
            ):
                continue
            first.setdefault(term, sentence.start_s)
            around = " ".join(s.text for s in sentences[max(0, number - 1) : number + 2])
            if (
                _was_named(term, before)
                or _spelled_out(term, around)
                or re.search(
                    rf"\b{term}s?,? (?:{'|'.join(cues.load('delivery')['explained_by'])})", around
                )
            ):
                explained.add(term)
        before.append(_names(sentence.text))
    return tuple((term, start) for term, start in first.items() if term not in explained)


def _names(text: str) -> str:
    """First letters of the words of ``text``, with a stop for each that no name is made of.

    Twice: small words may lend theirs, in lower case, or not.
    """
    within = _SMALL_WORDS - {"a", "an", "the"}
    stops = set(cues.load("delivery")["phrase_words"]) - within
    letters = ""
    for word in re.findall(r"[A-Za-z']+|[^\w\s'-]", text):
        small = word.lower() in within
        stop = word.lower() in stops or (word.isupper() and not small)
        letters += "." if stop else word[0].lower() if small else word[0].upper()
    return f"{letters}.{re.sub('[a-z]', '', letters)}."


def _was_named(term: str, before: Sequence[str]) -> bool:
    """Whether ``before``, the ``_names`` of what was said, has one of ``term`` not by chance."""
    if len(term) < _TELLING_LETTERS:
        return False
    name = rf"{term[0]}(?i:{term[1:-1]}){term[-1]}"
    near = before if len(term) >= _SURELY_TELLING else before[-_SOON:]
    return re.search(name, "".join(near)) is not None


def _spelled_out(term: str, text: str) -> bool:
    """Whether consecutive words of ``text`` begin with the letters of ``term``.

    Small words may lend a letter ("point of care", POC) or not ("signal to noise ratio", SNR).
    """
    words = [w.lower() for w in re.findall(r"[A-Za-z]+", text) if w != term]
    telling = [w for w in words if w not in _SMALL_WORDS]
    return any(term.lower() in "".join(w[0] for w in chosen) for chosen in (words, telling))
