"""The trained judge: what each sentence is about, read together with its neighbours.

A small encoder reads windows of consecutive sentences. For every sentence it gives probabilities
of its section, of a limit of the speaker's own work, of where / why / fix / deflection, and of
the rigor items. How it was trained and how good it is stands in ``resources/models/judge``.
"""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from runthrough.analysis import onnx
from runthrough.resources import resource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float32]

# These shape the model's input: changing one means training anew.
WINDOW_TOKENS = 360
CONTEXT = 2  # sentences on either side that a window shares with its neighbours
LONGEST_SENTENCE_TOKENS = 64
PLACE = 4
SECTIONS, LIMITS, PARTS, RIGOR = 9, 3, 4, 9
PART_NAMES = ("where", "why", "fix", "deflect")
LIMIT_NONE, LIMIT_POSSIBLE, LIMIT_STATED = 0, 1, 2
# So many words, of which so few are different, are a recogniser that is stuck. Of the corpus'
# sentences as long, none has less than half of its words different.
_STUCK_WORDS, _STUCK_SHARE = 12, 0.2
# A speaker waits for a whole talk to be read, when the recogniser is done: then two cores may work.
_READERS = min(2, os.cpu_count() or 1)


@dataclass(frozen=True, slots=True)
class Scores:
    """Probabilities, one row per sentence; ``section`` and ``limit`` rows sum to 1.

    Columns: ``section`` as ``talk.SENTENCE_SECTIONS``; ``limit`` none, possible, stated;
    ``parts`` as ``PART_NAMES``; ``rigor`` as ``talk.RIGOR_ITEMS``.
    """

    section: Array
    limit: Array
    parts: Array
    rigor: Array


def judge(texts: Sequence[str], *, is_talk: bool = True) -> Scores:
    """Read ``texts``, consecutive sentences of one talk, each to its 64th token (some 50 words).

    ``is_talk`` is false where their place in a talk says nothing: in an answer, and in a talk
    that still goes on.
    """
    count = len(texts)
    if count == 0:
        empty = [np.zeros((0, n), np.float32) for n in (SECTIONS, LIMITS, PARTS, RIGOR)]
        return Scores(*empty)
    encoded = _encoded(texts)
    places = np.array([place(i, count, is_talk=is_talk) for i in range(count)], np.float32)
    rows = np.zeros((count, SECTIONS + LIMITS + PARTS + RIGOR), dtype=np.float32)
    # Where windows overlap, each counts by how much it shows of a sentence's neighbours.
    weights = np.zeros((count, 1), dtype=np.float32)
    spans = [span for start in _starts(is_talk) for span in windows(_lengths(encoded), start=start)]
    with ThreadPoolExecutor(_READERS if is_talk else 1, "judge") as pool:
        read = pool.map(lambda span: _read(tuple(encoded[slice(*span)])), spans)
        for (first, last), states in zip(spans, read, strict=True):
            within = np.arange(last - first)
            context = 1 + np.minimum(within, within[::-1])[:, np.newaxis]
            rows[first:last] += context * _scores(states, places[first:last])
            weights[first:last] += context
    rows /= weights
    section, limit, parts, rigor = np.split(rows, np.cumsum([SECTIONS, LIMITS, PARTS]), axis=1)
    judged = Scores(_softmax(section), _softmax(limit), _sigmoid(parts), _sigmoid(rigor))
    stuck = [row for row, text in enumerate(texts) if _is_stuck(text)]
    judged.limit[stuck] = np.eye(LIMITS, dtype=np.float32)[LIMIT_NONE]
    judged.parts[stuck] = judged.rigor[stuck] = 0
    return judged


def read_ahead(texts: Sequence[str]) -> None:
    """Read of ``texts``, the sentences of a talk that still goes on, what more of it won't change.

    ``judge`` then need not read it again. An hour that was read so is judged in a fifth of the
    time.
    """
    encoded = _encoded(texts)
    for start in _starts(is_talk=True):
        for span in windows(_lengths(encoded), start=start)[:-1]:
            _read(tuple(encoded[slice(*span)]))


def _starts(is_talk: bool) -> tuple[int, ...]:
    """How many tokens less fit into the first window, each time that sentences are read.

    A talk is read twice, cut elsewhere: what stands at the end of a window is surer in the other.
    On talks kept for choosing, .90 instead of .86 of the sections called missing were.
    """
    return (0, WINDOW_TOKENS // 2) if is_talk else (0,)


def _encoded(texts: Sequence[str]) -> list[tuple[int, ...]]:
    """Each sentence as the numbers of its tokens, of which there is at least one."""
    _, _, tokenizer = _loaded()
    nothing = (tokenizer.token_to_id("[SEP]"),)
    return [
        tuple(one.ids[:LONGEST_SENTENCE_TOKENS]) or nothing
        for one in tokenizer.encode_batch(list(texts), add_special_tokens=False)
    ]


def _lengths(encoded: Sequence[tuple[int, ...]]) -> list[int]:
    return [len(ids) for ids in encoded]


def _is_stuck(text: str) -> bool:
    """Whether a recogniser said the same again and again; what that claims was never said."""
    words = text.lower().split()
    return len(words) >= _STUCK_WORDS and len(set(words)) < _STUCK_SHARE * len(words)


def windows(
    lengths: Sequence[int], *, start: int = 0, context: int = CONTEXT
) -> list[tuple[int, int]]:
    """First and one past the last sentence of each window, for sentences of so many tokens.

    Neighbours overlap by twice ``context``; ``start`` tokens less fit into the first window.
    """
    found = []
    first, budget = 0, WINDOW_TOKENS - start
    while first < len(lengths):
        last, tokens = first, 1
        while last < len(lengths) and (tokens + lengths[last] + 1 <= budget or last == first):
            tokens += lengths[last] + 1
            last += 1
        found.append((first, last))
        if last == len(lengths):
            break
        first, budget = max(first + 1, last - 2 * context), WINDOW_TOKENS
    return found


def place(index: int, count: int, *, is_talk: bool) -> tuple[float, ...]:
    """Whether the place in a talk is known, the share of the way, and how near the two ends."""
    if not is_talk:
        return (0.0,) * PLACE
    return (1.0, (index + 0.5) / count, math.exp(-index / 3), math.exp(-(count - 1 - index) / 3))


# While a talk goes on, all windows but the last stay as they were. A window's states take 25 kB.
@lru_cache(maxsize=512)
def _read(encoded: tuple[tuple[int, ...], ...]) -> Array:
    """What the encoder makes of a window of sentences, shape (sentences, its width)."""
    session, _, tokenizer = _loaded()
    separator = tokenizer.token_to_id("[SEP]")
    ids = [tokenizer.token_to_id("[CLS]")]
    spans = []
    for sentence in encoded:
        spans.append((len(ids), len(ids) + len(sentence)))
        ids += [*sentence, separator]
    pool = np.zeros((1, len(encoded), len(ids)), dtype=np.float32)
    for row, (begin, end) in enumerate(spans):
        pool[0, row, begin:end] = 1 / (end - begin)
    states: Array = session.run(
        ["states"],
        {
            "ids": np.array([ids], dtype=np.int64),
            "mask": np.ones((1, len(ids)), dtype=np.int64),
            "pool": pool,
        },
    )[0][0]
    return states


def _scores(states: Array, places: Array) -> Array:
    """The four heads side by side: scores of sentences read so that stand at such places."""
    _, heads, _ = _loaded()
    mixed = np.tanh(np.hstack([states, places]) @ heads["mix.weight"].T + heads["mix.bias"])
    scores: Array = mixed @ heads["head.weight"].T + heads["head.bias"]
    return scores


@cache
def _loaded() -> tuple[Any, dict[str, Array], Any]:
    """The encoder, the weights of what comes after it, and the tokenizer."""
    session, tokenizer = onnx.load("judge")
    return session, dict(np.load(resource("models", "judge", "heads.npz"))), tokenizer


def _softmax(scores: Array) -> Array:
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True)).astype(np.float32)
    result: Array = shifted / shifted.sum(axis=1, keepdims=True)
    return result


def _sigmoid(scores: Array) -> Array:
    result: Array = (1 / (1 + np.exp(-scores))).astype(np.float32)
    return result
