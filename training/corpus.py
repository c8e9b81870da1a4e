"""Reads the spoken corpus (form: GUIDE.md) and splits it by field into train, tune and test."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from runthrough.analysis.model import PART_NAMES
from runthrough.talk import CONTENT_SECTIONS, RIGOR_ITEMS

if TYPE_CHECKING:
    import random

FOLDER = Path(__file__).parent / "corpus"
SECTIONS = {
    "P": "problem",
    "M": "motivation",
    "R": "related_work",
    "T": "method",
    "E": "experiments",
    "S": "results",
    "L": "limitations",
    "C": "conclusion",
    "O": "other",
}
PARTS, RIGOR = PART_NAMES, RIGOR_ITEMS
# About these shares of the fields are kept to measure on, and to choose thresholds on.
TEST_SHARE, TUNE_SHARE = 0.125, 0.115
# A recognised sentence has a label if at least this share of its words comes from such a sentence.
_SHARE = 0.25
# A talk of fewer sentences is none: nothing more is taken out of it.
FEWEST_SENTENCES = 8


@dataclass(frozen=True)
class Line:
    """One spoken sentence: acceptable sections, limit (0 none, 1 possible, 2 stated), marks.

    ``best`` is the first of them: the best one, where labels were given afterwards. Empty where a
    recogniser's sentence holds parts of several.
    """

    text: str
    sections: frozenset[str]
    limit: int
    parts: frozenset[str]
    rigor: frozenset[str]
    best: str = ""


@dataclass(frozen=True)
class Item:
    """A talk, an answer or a passage. ``source`` is the folder it stands in."""

    source: str
    file: str
    header: dict[str, str]
    lines: tuple[Line, ...] = field(repr=False)

    @property
    def field(self) -> str:
        """The research field, or the file for passages that name none."""
        return self.header.get("field", f"{self.source}/{self.file}").strip().lower()

    @property
    def stretch(self) -> tuple[float, float]:
        """From where to where the lines stand in their talk, as shares of it."""
        first, _, last = self.header.get("of", "0-1").partition("-")
        return float(first), float(last)

    @property
    def is_labelled_afterwards(self) -> bool:
        """Whether the text was written first, by one who did not think of labels."""
        return self.header.get("labelled") == "afterwards"

    @property
    def lacks(self) -> frozenset[str]:
        """Sections a careful listener says are absent."""
        listed = self.header.get("lacks", "").replace("-", "")
        return frozenset(s.strip() for s in listed.split(",") if s.strip())


_LINE = re.compile(r"^([PMRTESLCO](?:/[PMRTESLCO])*)\s*((?:[!?]|[+@]\w+|\s)*)\|\s*(.+)$")


def read(folder: Path = FOLDER) -> list[Item]:
    """Every item of the corpus. Raises ``ValueError`` with file and line where one is malformed."""
    items = []
    for path in sorted(folder.glob("*/*.txt")):
        header: dict[str, str] = {}
        lines: list[Line] = []

        def close(path: Path = path) -> None:
            nonlocal header, lines
            if lines:
                items.append(Item(path.parent.name, path.stem, header, tuple(lines)))
            header, lines = {}, []

        for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            text = raw.strip()
            if not text:
                close()
            elif text.startswith("#"):
                if lines:
                    close()
                for part in text.lstrip("# ").split("|"):
                    key, _, value = part.partition(":")
                    header[key.strip()] = value.strip()
            else:
                lines.append(_line(text, f"{path.name}:{number}"))
        close()
    return items


def _line(text: str, where: str) -> Line:
    match = _LINE.match(text)
    if match is None:
        raise ValueError(f"{where}: {text[:60]!r}")
    letters, marks, spoken = match.groups()
    tags = re.findall(r"[+@]\w+", marks)
    parts = frozenset(t[1:] for t in tags if t[0] == "+")
    rigor = frozenset(t[1:] for t in tags if t[0] == "@")
    if not parts <= set(PARTS) or not rigor <= set(RIGOR):
        raise ValueError(f"{where}: unknown mark in {tags}")
    limit = 2 if "!" in marks else 1 if "?" in marks else 0
    sections = frozenset(SECTIONS[letter] for letter in letters.split("/"))
    return Line(spoken.strip(), sections, limit, parts, rigor, SECTIONS[letters[0]])


def read_recognised() -> list[Item]:
    """Talks as the recogniser wrote them down (see ``recognise.py``); none if there is no file."""
    path = FOLDER.parent / "recognised.jsonl"
    if not path.exists():
        return []
    spoken = {item.header["talk"]: item for item in read() if item.source == "talks"}
    records = [json.loads(raw) for raw in path.read_text(encoding="utf-8").splitlines()]
    return [as_heard(spoken[record["talk"]], record["sentences"]) for record in records]


def as_heard(item: Item, heard: list[str]) -> Item:
    """``item`` in the sentences that were heard, with the labels of those whose words they hold.

    One without any word that was said is left out.
    """
    said = [(w.lower().strip(".,?!"), i) for i, x in enumerate(item.lines) for w in x.text.split()]
    got = [(w.lower().strip(".,?!"), i) for i, text in enumerate(heard) for w in text.split()]
    matcher = SequenceMatcher(None, [w for w, _ in said], [w for w, _ in got], autojunk=False)
    sources: list[Counter[int]] = [Counter() for _ in heard]
    for block in matcher.get_matching_blocks():
        for k in range(block.size):
            sources[got[block.b + k][1]][said[block.a + k][1]] += 1
    lines = []
    for text, source in zip(heard, sources, strict=True):
        told = [item.lines[i] for i, n in source.items() if n >= _SHARE * source.total()]
        if told:
            lines.append(
                Line(
                    text,
                    frozenset().union(*(line.sections for line in told)),
                    max(line.limit for line in told),
                    frozenset().union(*(line.parts for line in told)),
                    frozenset().union(*(line.rigor for line in told)),
                )
            )
    return Item(item.source, item.file, item.header, tuple(lines))


@dataclass
class Talk:
    """A talk to measure on: per sentence its acceptable sections, limit and rigor items.

    Of a section that is neither in ``absent`` nor in ``present`` it is not clear.
    """

    texts: list[str]
    labels: list[set[str]]
    absent: set[str]
    present: set[str]
    limits: list[int] | None = None  # per sentence 0 none, 1 possible, 2 stated; None: not known
    rigor: list[set[str]] | None = None


def own_talk(item: Item) -> Talk:
    labels = [set(line.sections) for line in item.lines]
    told = {s for line in labels for s in line}
    absent = (item.lacks & set(CONTENT_SECTIONS)) - told
    return Talk(
        [line.text for line in item.lines],
        labels,
        absent,
        (told & set(CONTENT_SECTIONS)) - item.lacks,
        [line.limit for line in item.lines],
        [set(line.rigor) for line in item.lines],
    )


def with_sections_taken_out(talks: list[Talk]) -> list[Talk]:
    """``talks``, and each again without what it says of one section, for each that it tells.

    Talks lack few sections, so whether a lack is noticed is measured on few cases; where a section
    was taken out, it is known to be lacking. What joins the sentences before and after is lost
    with it, as when a speaker forgets a slide. Each section is so there once and lacking once: of
    a talk with one taken out it is not asked again about the others.
    """
    made = list(talks)
    for talk in talks:
        limits = talk.limits or [0] * len(talk.texts)
        for section in sorted(talk.present):
            left = [
                i
                for i, labels in enumerate(talk.labels)
                if section not in labels and not (section == "limitations" and limits[i])
            ]
            if len(left) >= FEWEST_SENTENCES:
                texts, labels = [talk.texts[i] for i in left], [talk.labels[i] for i in left]
                made.append(Talk(texts, labels, {section}, set()))
    return made


# A shorter text may still be understood with its words in disorder.
FEWEST_SCRAMBLED_WORDS = 8


def scrambled(texts: list[str], rng: random.Random) -> list[str]:
    """``texts`` with all their words in disorder, which says nothing; empty where it might."""
    words = " ".join(texts).split()
    if len(words) < FEWEST_SCRAMBLED_WORDS:
        return []
    rng.shuffle(words)
    return _as_sentences(words, [len(text.split()) for text in texts], rng)


def salad(words: list[str], different: list[str], rng: random.Random) -> list[str]:
    """Sentences of words drawn anyhow, or of a few again and again.

    From ``words`` each comes as often as it is said, from ``different`` as often as any other.
    """
    lengths = [rng.randint(3, 25) for _ in range(rng.randint(1, 4))]
    if rng.random() < 0.25:
        few = [rng.choice(words) for _ in range(rng.randint(1, 4))]
        return _as_sentences([rng.choice(few) for _ in range(sum(lengths))], lengths, rng)
    share = rng.random()
    drawn = [rng.choice(words if rng.random() < share else different) for _ in range(sum(lengths))]
    return _as_sentences(drawn, lengths, rng)


# So many of the commonest words are kept where others are coined: they are what holds a sentence
# together, and most are no more than that.
KEPT_WORDS = 150


def coined(texts: list[str], words: list[str], kept: set[str], rng: random.Random) -> list[str]:
    """``texts`` with words that there are not, but for those ``kept``.

    "The flonk fails on wet mornels": good grammar that says nothing. A new word is made of one
    word's beginning and another's end. Empty where fewer than half of the words become new.
    """
    said = " ".join(texts).split()
    is_kept = [word.lower().strip(".,?!;:") in kept for word in said]
    if 2 * sum(is_kept) > len(said):
        return []
    made = [
        word if stays else _coin(rng.choice(words), rng.choice(words))
        for word, stays in zip(said, is_kept, strict=True)
    ]
    return _as_sentences(made, [len(text.split()) for text in texts], rng)


def _coin(one: str, other: str) -> str:
    return one[: (len(one) + 1) // 2] + other[len(other) // 2 :]


def commonest(words: list[str]) -> set[str]:
    """The words that are kept where others are coined."""
    counts = Counter(word.lower().strip(".,?!;:") for word in words)
    return {word for word, _ in counts.most_common(KEPT_WORDS)}


def _as_sentences(words: list[str], lengths: list[int], rng: random.Random) -> list[str]:
    """``words`` cut into sentences of such lengths, some as a recogniser writes them."""
    if rng.random() < 0.7:
        words = [word.lower().strip(".,?!;:") or "uh" for word in words]
    ends = list(accumulate(lengths))
    texts = [" ".join(words[end - n : end]) or "uh" for end, n in zip(ends, lengths, strict=True)]
    if rng.random() < 0.6:
        texts = [f"{text[0].upper()}{text[1:]}." for text in texts]
    return texts


def part_of(item: Item) -> str:
    """``train``, ``tune`` or ``test``: decided by the item's field, never by sentence.

    Passages without a field go by the file they stand in.
    """
    if "field" not in item.header:
        return {"4": "test", "9": "tune"}.get(item.file[-1], "train")
    share = hashlib.sha256(item.field.encode()).digest()[0] / 256
    if share < TEST_SHARE:
        return "test"
    return "tune" if share < TEST_SHARE + TUNE_SHARE else "train"


def calibration_error(sure: list[tuple[float, bool]]) -> float:
    """Expected calibration error with ten equal bins (Naeini, Cooper and Hauskrecht, 2015)."""
    confidence, right = np.array(sure).T
    which = np.minimum((confidence * 10).astype(int), 9)
    return sum(
        abs(confidence[which == b].mean() - right[which == b].mean()) * (which == b).mean()
        for b in range(10)
        if (which == b).any()
    )


if __name__ == "__main__":
    found = read()
    for source in sorted({item.source for item in found}):
        own = [item for item in found if item.source == source]
        parts = Counter(part_of(item) for item in own)
        print(f"{source}: {len(own)} items, {sum(len(i.lines) for i in own)} lines, {dict(parts)}")
        lines = [line for item in own for line in item.lines]
        print("  sections", Counter(s for line in lines for s in line.sections).most_common())
        print("  limits", Counter(line.limit for line in lines))
        print("  parts", Counter(p for line in lines for p in line.parts))
        print("  rigor", Counter(r for line in lines for r in line.rigor))
