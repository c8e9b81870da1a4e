"""Reading transcripts that are already text: .txt .md .srt .vtt and our own .json."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from itertools import pairwise
from typing import TYPE_CHECKING

from runthrough import wire
from runthrough.analysis.sentences import (
    split_paragraphs,
    split_text,
    spoken,
    transcript_of_sentences,
)
from runthrough.errors import TranscriptError
from runthrough.talk import LONGEST_S, Sentence, Transcript, Word, whole_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pysubs2 import SSAEvent

# A talk of a day is under a megabyte of text, and some thirty as our own JSON with every word's
# times; a hundred megabytes is some other file.
MOST_BYTES = 32_000_000
_MOST_TEXT = 2_000_000
# What a talk's length may be, given as --duration or in a line; of less no rates can be told.
SHORTEST_S = 0.001
# Subtitles that begin later than this were cut from something longer, or follow a clock that began
# at one hour or ten, as is done in broadcasting.
_BEGINS_LATE_S = 600.0
# A bracket that no other closes soon is none of a tag: taking it for one makes pysubs2 look through
# the whole text again for each.
_STRAY = re.compile(r"<(?![^<>]{0,200}>)|\{(?![^{}]{0,200}\})")
# When the words after it are said, as video sites write it into captions made by machine: a line
# with two of them is taken for the times of a cue.
_WITHIN = re.compile(r"<(?:\d+:)?\d\d:\d\d[.,]\d{3}>")
# What begins a block of WebVTT that is a comment or an appearance, and the line of a cue's times.
_UNSPOKEN = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|$)")
_CUE_TIMES = re.compile(r"^[ \t]*(?:\d+:)?\d\d:\d\d\.\d{2,3}[ \t]*-->", re.MULTILINE)
# What a file begins with whose name does not tell what it is.
_JSON = re.compile(r"\s*\{\s*\"")
_SRT = re.compile(r"\s*(?:\d+[ \t\r]*\n)?\d+:\d\d:\d\d[,.]\d{3}[ \t]*-->[ \t]*\d+:\d\d:\d\d[,.]")
# Of a cue, that rolling captions may show once more.
_MOST_LINES = 4
# How WebVTT writes what would begin a tag.
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});")
_HIDDEN = {"<": "\ue000", "{": "\ue001"}
# With them go the unseen joiners that our own subtitles have in place of escapes.
_SHOWN = str.maketrans({**{hidden: shown for shown, hidden in _HIDDEN.items()}, "\u2060": ""})


def read_transcript(path: Path, *, duration_s: float | None = None) -> Transcript:
    """The transcript in the file at ``path``. Raises ``TranscriptError``."""
    try:
        if path.is_dir():
            raise TranscriptError(f"{path} is a folder. Name a transcript in it.")
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        why = getattr(error, "strerror", None) or error
        raise TranscriptError(f"{path} can't be read ({why}). Check its name.") from error
    return parse_transcript(data, path.suffix.lower(), str(path), duration_s=duration_s)


def parse_transcript(
    data: bytes, suffix: str, name: str, *, duration_s: float | None = None
) -> Transcript:
    """The transcript in ``data``, whose form ``suffix`` tells (".srt"); else it is looked at.

    ``name`` is what errors call it. Raises ``TranscriptError``.
    """
    text = _decode(data)
    known = suffix in (".json", ".srt", ".vtt")
    unnamed = not known and suffix not in (".txt", ".md")
    is_json = suffix == ".json" or (unnamed and _JSON.match(text) is not None)
    if len(data) > (MOST_BYTES if is_json else _MOST_TEXT):
        raise TranscriptError(f"{name} is larger than any talk's transcript. Is it the right file?")
    if not text.strip():
        raise TranscriptError(f"{name} is empty. Nothing to review.")
    if "\x00" in text:
        raise TranscriptError(f"{name} is not text. Use `runthrough import` for recordings.")
    if is_json:
        return _placed(_from_json(text, name), name, duration_s)
    if known or text.startswith("WEBVTT") or _SRT.match(text):
        return _from_subtitles(text, name, duration_s)
    return transcript_of_sentences(split_text(text), duration_s=duration_s)


def transcript_of_line(data: object, *, duration_s: float | None = None) -> Transcript:
    """The transcript in one object of a JSON-lines input: ``text`` or ready ``sentences``.

    ``duration_s`` is for objects that have no ``duration``. Raises ``TranscriptError``.
    """
    if not isinstance(data, dict):
        raise TranscriptError("it is not a JSON object.")
    duration = data.get("duration")
    if duration is None:
        duration = duration_s
    elif (
        isinstance(duration, bool)
        or not isinstance(duration, int | float)
        or not SHORTEST_S <= duration <= LONGEST_S
    ):
        raise TranscriptError(
            f"duration is a number of seconds from {SHORTEST_S} to {LONGEST_S:.0f}."
        )
    sentences = data.get("sentences")
    if sentences is None:
        text = data.get("text")
        if not isinstance(text, str):
            raise TranscriptError("it has neither a text nor sentences.")
        sentences = split_text(text)
    elif not isinstance(sentences, list) or not all(isinstance(s, str) for s in sentences):
        raise TranscriptError("sentences is a list of texts.")
    return transcript_of_sentences([whole_text(s) for s in sentences], duration_s=duration)


def _decode(data: bytes) -> str:
    """Text in whatever encoding editors leave behind."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace").removeprefix("\ufeff")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _from_json(text: str, name: str) -> Transcript:
    try:
        data = wire.loads(text)
        if not isinstance(data, dict):
            raise TypeError("not an object")  # noqa: TRY301 - told with the others below
        transcript = wire.transcript_from_json(data)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise TranscriptError(
            f"{name} is not a transcript or report that Runthrough wrote ({error}). "
            "Save it as plain text or subtitles instead."
        ) from error
    if not transcript.sentences:
        raise TranscriptError(f"{name} holds no sentences. Nothing to review.")
    return transcript


def _placed(transcript: Transcript, name: str, duration_s: float | None) -> Transcript:
    """``transcript`` with its length, and with times that are all there or estimated.

    Words come in order, and the length holds all that is said. ``duration_s`` is for one that has
    no length. Raises ``TranscriptError``.
    """
    length_s = transcript.duration_s or duration_s
    if length_s is not None and length_s < SHORTEST_S:
        raise TranscriptError(f"{name} has a length that no talk has. Correct its duration_s.")
    words = sorted(transcript.words, key=lambda word: word.start_s)
    whole = all(s.start_s is not None and s.end_s is not None for s in transcript.sentences)
    told: list[Word | Sentence] = [*words, *(transcript.sentences if whole else ())]
    if any(not 0 <= (t.start_s or 0) <= (t.end_s or 0) for t in told):
        raise TranscriptError(
            f"{name} has times that run backwards. Save it as plain text instead."
        )
    if told:
        length_s = max(length_s or 0.0, *(t.end_s or 0.0 for t in told))
    placed = replace(transcript, words=tuple(words), duration_s=length_s)
    if whole:
        return placed
    texts = [sentence.text for sentence in transcript.sentences]
    sentences = transcript_of_sentences(texts, duration_s=length_s).sentences
    return replace(placed, sentences=sentences, timed=False)


def _from_subtitles(text: str, name: str, duration_s: float | None) -> Transcript:
    """Cues joined to sentences, each as long as the cues it comes from.

    ``duration_s`` is the talk's length, which may go on after its last cue. Raises
    ``TranscriptError``.
    """
    from pysubs2 import SSAFile
    from pysubs2.exceptions import Pysubs2Error

    is_vtt = text.startswith("WEBVTT")
    if is_vtt:
        text = _cues_alone(text)
    try:
        # Named, since else it would be looked for in all forms that pysubs2 knows, XML among them.
        cues = SSAFile.from_string(
            _STRAY.sub(lambda stray: _HIDDEN[stray[0]], _WITHIN.sub("", text)),
            format_="vtt" if is_vtt else "srt",
        )
    except (Pysubs2Error, ValueError, IndexError, OverflowError) as error:
        raise TranscriptError(f"{name} can't be read as subtitles ({error}).") from error
    heard = _said_once(cues, is_vtt=is_vtt)
    if not heard:
        raise TranscriptError(f"{name} holds no speech. Nothing to review.")
    end_s = max(cue.end for cue, _ in heard) / 1000
    begin_s = heard[0][0].start / 1000
    if begin_s < _BEGINS_LATE_S or (duration_s is not None and end_s <= duration_s):
        begin_s = 0.0
    lines = iter(spoken([line for _, lines in heard for line in lines]))
    paragraphs: list[list[str]] = [[]]
    timed = []  # every token with an even share of its cue's time
    for cue, shown in heard:
        said = [next(lines) for _ in shown]
        for line, begins in said:
            if begins:
                paragraphs.append([])
            paragraphs[-1].append(line)
        tokens = " ".join(line for line, _ in said).split()
        step = max(0, cue.end - cue.start) / 1000 / max(1, len(tokens))
        start = cue.start / 1000 - begin_s
        timed += [(start + i * step, start + (i + 1) * step) for i in range(len(tokens))]
    sentences = []
    position = 0
    for index, sentence in enumerate(split_paragraphs(map(" ".join, paragraphs))):
        count = len(sentence.split())
        first, last = timed[position], timed[position + count - 1]
        sentences.append(Sentence(index, first[0], max(first[0], last[1]), sentence))
        position += count
    last_s = max([end_s - begin_s, *(end for _, end in timed)])
    return Transcript(tuple(sentences), duration_s=max(last_s, duration_s or 0.0))


def _cues_alone(text: str) -> str:
    """WebVTT without comments, appearances and the names of cues, which nobody speaks."""
    kept = ["WEBVTT"]
    for block in re.split(r"\n[ \t\r]*\n", text.replace("\r\n", "\n")):
        times = _CUE_TIMES.search(block)
        if times is not None:
            # pysubs2 takes a number before the next times for their count, also one that is said.
            kept.append("0\n" + block[times.start() :])
        elif not _UNSPOKEN.match(block.lstrip("\n")):
            kept.append(block)
    return "\n\n".join([*kept, "0"])


def _said_once(cues: Iterable[SSAEvent], *, is_vtt: bool) -> list[tuple[SSAEvent, list[str]]]:
    """The cues in order, and of their lines those that are new.

    Captions that roll upwards, as video sites make them by machine, show each line two or three
    times. They are known by most cues beginning with what ended the one before.
    """
    shown = []
    # Players show cues when their time comes, in whatever order they are written.
    for cue in sorted(cues, key=lambda cue: cue.start):
        text = cue.plaintext.translate(_SHOWN)
        text = _ENTITY.sub(lambda e: unescape(e[0]), text) if is_vtt else text
        lines = [line.strip() for line in text.split("\n") if line.strip()]
        if lines:
            shown.append((cue, lines))
    again = [0, *(_repeated(a, b) for (_, a), (_, b) in pairwise(shown))]
    rolls = 2 * sum(map(bool, again)) > len(shown)
    if not rolls:
        return shown
    return [(cue, lines[count:]) for (cue, lines), count in zip(shown, again, strict=True)]


def _repeated(before: list[str], lines: list[str]) -> int:
    """How many of ``lines`` are the last ones of the cue ``before``."""
    most = min(len(before), len(lines), _MOST_LINES)
    return next((n for n in range(most, 0, -1) if before[-n:] == lines[:n]), 0)
