"""From words or running text to sentences."""

from __future__ import annotations

import operator
import re
from collections import Counter
from typing import TYPE_CHECKING

from runthrough.talk import Sentence, Transcript, Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# A silence this long ends a sentence even where the recogniser wrote no full stop.
_PAUSE_ENDS_SENTENCE_S = 1.5
# Recognisers sometimes write no punctuation at all; nobody reads a paragraph as one sentence.
_LONGEST_SENTENCE_WORDS = 45
# Then it is cut before the likeliest of these words, if any stands between the first and the last
# few: of so many cuts in invented talks without their punctuation .28 fall between two sentences,
# and .05 of those made every 45 words. The likelier ones first, by how often they begin a sentence.
_OPENERS = ("okay", "so", "now", "we", "if", "but", "what", "when", "i", "and")
_SHORTEST_CUT_WORDS = 12
# After these a clause has just begun.
_OPENED = (*_OPENERS, "that", "which", "because", "as", "than", "where", "how", "why", "who", "or")
# Where a sentence has run on for this long, the next silence of _BREATH_S ends it.
_LONG_SENTENCE_WORDS = 25
_BREATH_S = 0.35

_ENDS = re.compile(r"[.!?…][\"'”’)\]]*$")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])"
    r"(?:e\.g|i\.e|et al|etc|cf|vs|figs?|eq|sec|dr|mrs?|ms|prof|approx|(?-i:[A-Z]))\.$",
    re.IGNORECASE,
)

# When a line was said, "[00:00:21]" or "0:21 - 0:25".
_CLOCK = r"(?:\d{1,2}:)?\d{1,2}:\d\d(?:[.,]\d{1,3})?"
_TIME = rf"(?:{_CLOCK}|\[{_CLOCK}\]|\({_CLOCK}\)|<{_CLOCK}>)"
_TIMES = re.compile(rf"^{_TIME}(?: *(?:-->|[-–—]) *{_TIME})?:?(?:\s+(?:[-–—|]\s+)?|$)")
# How captions mark that another speaks now.
_TURN = re.compile(r"^>>+\s*")
_BULLET = re.compile(r"^[-–—*•‣◦▪●○]\s+")
_NAME = re.compile(rf"^(?P<name>[^\W\d_][\w.'’-]*(?: [\w.'’-]+){{0,3}}) ?(?:{_TIME} ?)?:(?:\s+|$)")
_SPEAKER = re.compile(r"speaker[ _]?\w{0,2}", re.IGNORECASE)
# Who writes one of these before a colon says it, or might: it is nobody's name.
_SAID_BEFORE_COLON = re.compile(
    r"(?:problem|motivation|background|introduction|related work|prior work|method|approach|idea"
    r"|data|experiment|evaluation|result|finding|discussion|limitation|limit|conclusion|summary"
    r"|future work|outlook|question|answer|hypothesis|claim|example|note)s?",
    re.IGNORECASE,
)
# A line that only tells of a sound or a part: "[Music]", "(laughs)", "[1:05 Related work]".
_ASIDE = re.compile(r"^(?:\[[^\[\]]{0,60}\]|\(\w+(?: \w+)?\))$")
_HEADING = re.compile(r"^#{1,6}\s+")
_ITEM = re.compile(r"^(\d{1,2})[.)](?:\s+|$)")
_RULE = re.compile(r"(?:-{3,}|={3,}|\*{3,}|_{3,})")


def transcript_of_words(
    words: Sequence[Word], *, duration_s: float, language: str, model: str
) -> Transcript:
    """A transcript with sentences from recognised words, which must be in order of time."""
    sentences: list[Sentence] = []
    current: list[Word] = []

    def close(count: int | None = None) -> None:
        said = current[:count]
        if said:
            text = " ".join(word.text for word in said)
            sentences.append(Sentence(len(sentences), said[0].start_s, said[-1].end_s, text))
            del current[: len(said)]

    for position, word in enumerate(words):
        current.append(word)
        following = words[position + 1] if position + 1 < len(words) else None
        silence_s = following.start_s - word.end_s if following else 0.0
        ended = bool(_ENDS.search(word.text)) and not _is_abbreviation(current)
        if (
            ended
            or silence_s >= _PAUSE_ENDS_SENTENCE_S
            or (len(current) >= _LONG_SENTENCE_WORDS and silence_s >= _BREATH_S)
        ):
            close()
        elif len(current) >= _LONGEST_SENTENCE_WORDS:
            close(_clause([w.text for w in current]))
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


def says_something(text: str) -> bool:
    """Whether there is a word in ``text``: what has none is evidence of nothing."""
    return any(map(str.isalnum, text))


def split_text(text: str) -> list[str]:
    """The sentences that are spoken in a text: they end at full stops and blank lines.

    A heading is one by itself, and so is each item of a list.
    """
    paragraphs: list[list[str]] = [[]]
    number = 0
    lines = re.sub(r"\n\s*\n", "\n\n", text).split("\n")
    for line, (said, begins) in zip(lines, spoken(lines), strict=True):
        heading = _HEADING.match(said)
        told = said[heading.end() :].rstrip("# ") if heading else said
        item = _ITEM.match(told)
        if item and int(item[1]) not in (1, number + 1):
            item = None  # it ends a sentence that was broken there: "in version" / "2. Then"
        if item:
            number, told = int(item[1]), told[item.end() :]
        blank = not line.strip() or _RULE.fullmatch(line.strip())
        if begins or item or heading or blank:
            paragraphs.append([])
        if not blank:
            paragraphs[-1].append(told)
        if heading:
            paragraphs.append([])
    return split_paragraphs(" ".join(paragraph) for paragraph in paragraphs)


def spoken(lines: Sequence[str]) -> list[tuple[str, bool]]:
    """Each of ``lines`` without what nobody speaks, and whether something new begins there.

    Left out are times, names of speakers, bullets and what is told of other sounds. What might be
    speech as well is only left out where several lines have it.
    """
    untimed = _without(_TIMES, [_ASIDE.sub("", line.strip()) for line in lines])
    unturned = [_TURN.sub("", line) for line in untimed]
    bare = _without(_BULLET, unturned)
    names = [_NAME.match(line) for line in bare]
    speakers = _speakers([name["name"] for name in names if name])
    found = []
    speaking = ""
    for line, name, before, after in zip(bare, names, untimed, unturned, strict=True):
        begins = line != before
        said = line
        if name and (name["name"] in speakers or before != after):
            said = line[name.end() :]
            begins |= name["name"] != speaking
            speaking = name["name"]
        found.append((_ASIDE.sub("", said), begins))
    return found


def _without(begin: re.Pattern[str], lines: Sequence[str]) -> Sequence[str]:
    """``lines`` without ``begin``, if several begin with it."""
    rest = [begin.sub("", line) for line in lines]
    return rest if sum(map(operator.ne, lines, rest)) > 1 else lines


def _speakers(names: Sequence[str]) -> set[str]:
    """Those of ``names``, which stand before a colon, that tell who speaks."""
    counts = Counter(
        name
        for name in names
        if not _SAID_BEFORE_COLON.fullmatch(name)
        and all(word[0].isupper() or word[0].isdigit() for word in name.split())
    )
    capitals = {name for name in counts if name.isupper() and not re.search(r"\d", name)}
    if sum(counts[name] for name in capitals) < 2:
        capitals = set()
    return capitals | {n for n, count in counts.items() if count > 1 or _SPEAKER.fullmatch(n)}


def split_paragraphs(paragraphs: Iterable[str]) -> list[str]:
    """The sentences of ``paragraphs``, which hold nothing but speech.

    Long ones, as in text without any punctuation (raw recogniser output), are cut where a clause
    may begin.
    """
    sentences: list[str] = []
    for paragraph in paragraphs:
        current: list[str] = []
        for token in paragraph.split():
            current.append(token)
            if _ENDS.search(token) and not _is_abbreviation_text(" ".join(current[-2:])):
                count = len(current)
            elif len(current) >= _LONGEST_SENTENCE_WORDS:
                count = _clause(current)
            else:
                continue
            sentences.append(" ".join(current[:count]))
            current = current[count:]
        if current:
            sentences.append(" ".join(current))
    return sentences


def _clause(words: Sequence[str]) -> int:
    """How many of ``words`` to cut off, so that a clause may begin with what is left."""
    plain = [word.strip(",;:").lower() for word in words]
    places = [
        place
        for place in range(_SHORTEST_CUT_WORDS, len(words))
        if plain[place] in _OPENERS and plain[place - 1] not in _OPENED
    ]
    return max(places, key=lambda p: (-_OPENERS.index(plain[p]), p), default=len(words))


def _is_abbreviation(words: Sequence[Word]) -> bool:
    return _is_abbreviation_text(" ".join(word.text for word in words[-2:]))


def _is_abbreviation_text(text: str) -> bool:
    return bool(_ABBREVIATION.search(text))
