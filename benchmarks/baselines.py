"""What the judge is compared with: cue phrases alone, and TF-IDF with logistic regression.

Both were written or trained for spoken talks, so they are not straw men: the phrases, in ``rules/``
and those of the product for sections, were its first judge, and TF-IDF reads the same training part
of the corpus.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from corpus import PARTS, RIGOR, Item

from runthrough.analysis.sections import cue_points, posteriors
from runthrough.talk import SENTENCE_SECTIONS

RULES = Path(__file__).parent / "rules"
# Where in a talk (0..1) each section is usually told, and how widely that varies.
USUAL_PLACE = {
    "problem": (0.08, 0.12),
    "motivation": (0.12, 0.15),
    "related_work": (0.2, 0.2),
    "method": (0.4, 0.22),
    "experiments": (0.55, 0.2),
    "results": (0.7, 0.2),
    "limitations": (0.88, 0.2),
    "conclusion": (0.95, 0.07),
    "other": (0.5, 1.0),
}


@dataclass
class Said:
    """What a baseline says: a section and a stated limit per sentence, parts and rigor."""

    sections: list[str]
    stated: list[bool]
    parts: np.ndarray  # (sentences, 4) of bool
    rigor: np.ndarray  # (sentences, 9) of bool

    @property
    def missing(self) -> set[str]:
        return set(SENTENCE_SECTIONS) - set(self.sections)


class Rules:
    """Phrases, the usual place in a talk, and a chain over sections."""

    name = "cue rules"

    def __call__(self, texts: list[str]) -> Said:
        scores = np.array([cue_points(t) for t in texts])
        at = (np.arange(len(texts)) + 0.5) / len(texts)
        for column, section in enumerate(SENTENCE_SECTIONS):
            usual, spread = USUAL_PLACE[section]
            scores[:, column] -= 0.25 * ((at - usual) / spread) ** 2
        likely = np.exp(scores - scores.max(axis=1, keepdims=True))
        likely = posteriors((likely / likely.sum(axis=1, keepdims=True)).astype(np.float32))
        sections = [SENTENCE_SECTIONS[i] for i in likely.argmax(axis=1)]
        not_ours, states = _pattern("limitations", "not_ours"), _pattern("limitations", "states")
        stated = [
            bool(states.search(t)) and not not_ours.search(t) and i >= 0.3 * len(texts)
            for i, t in enumerate(texts)
        ]
        keys = {"where": "where", "why": "why", "fix": "fix", "deflect": "deflects"}
        parts = np.array(
            [[bool(_pattern("limitations", keys[p]).search(t)) for p in PARTS] for t in texts]
        )
        undone = _pattern("rigor", "undone")
        rigor = np.array(
            [
                [
                    bool(_pattern("rigor", "items", r).search(t)) and not undone.search(t)
                    for r in RIGOR
                ]
                for t in texts
            ]
        )
        return Said(sections, stated, parts, rigor)


class TfIdf:
    """Words and pairs of words, logistic regression, trained on ``items``."""

    name = "TF-IDF"

    def __init__(self, items: list[Item]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression

        lines = [(line, item.source) for item in items for line in item.lines]
        self._words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
        x = self._words.fit_transform(line.text for line, _ in lines)

        def fit(rows: list[int], wanted: list) -> LogisticRegression:
            return LogisticRegression(max_iter=1000, class_weight="balanced").fit(x[rows], wanted)

        talks = [i for i, (_, source) in enumerate(lines) if source == "talks"]
        self._section = fit(talks, [lines[i][0].best or min(lines[i][0].sections) for i in talks])
        limits = [i for i, (_, source) in enumerate(lines) if source in ("talks", "limits")]
        self._stated = fit(limits, [lines[i][0].limit == 2 for i in limits])
        answers = [i for i, (_, source) in enumerate(lines) if source in ("answers", "limits")]
        self._parts = [fit(answers, [p in lines[i][0].parts for i in answers]) for p in PARTS]
        rigor = [i for i, (_, source) in enumerate(lines) if source in ("talks", "rigor")]
        self._rigor = [fit(rigor, [r in lines[i][0].rigor for i in rigor]) for r in RIGOR]

    def __call__(self, texts: list[str]) -> Said:
        x = self._words.transform(texts)
        return Said(
            list(self._section.predict(x)),
            list(self._stated.predict(x)),
            np.stack([m.predict(x) for m in self._parts], axis=1),
            np.stack([m.predict(x) for m in self._rigor], axis=1),
        )


@cache
def _table(name: str) -> dict:
    return tomllib.loads((RULES / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def _pattern(name: str, *keys: str) -> re.Pattern[str]:
    found = _table(name)
    for key in keys:
        found = found[key]
    bordered = [p if p.startswith(("^", "\\b")) else rf"(?<![\w'])(?:{p})" for p in found]
    return re.compile("|".join(bordered), re.IGNORECASE)
