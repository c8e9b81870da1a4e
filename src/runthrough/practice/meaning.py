"""How near two sentences are in meaning, by a small encoder of sentences.

Which model it is, what it was trained on and how good it is stands in
``resources/models/meaning``.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from runthrough.analysis import onnx

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array = NDArray[np.float32]

_LONGEST_TOKENS = 96


def likeness(texts: Sequence[str], others: Sequence[str]) -> Array:
    """Cosine of each of ``texts`` (rows) with each of ``others`` (columns), -1 to 1."""
    if not texts or not others:
        return np.zeros((len(texts), len(others)), np.float32)
    result: Array = np.stack([_vector(t) for t in texts]) @ np.stack([_vector(t) for t in others]).T
    return result


# A bank of a hundred questions has some 2,400 texts; each is read once while it is needed.
@lru_cache(maxsize=8192)
def _vector(text: str) -> Array:
    session, tokenizer = _loaded()
    ids = tokenizer.encode(text).ids[:_LONGEST_TOKENS]
    vector: Array = session.run(
        ["vector"],
        {
            "ids": np.array([ids], dtype=np.int64),
            "mask": np.ones((1, len(ids)), dtype=np.int64),
        },
    )[0][0]
    return vector


@cache
def _loaded() -> tuple[Any, Any]:
    session, tokenizer = onnx.load("meaning")
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return session, tokenizer
