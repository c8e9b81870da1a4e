"""Makes resources/models/meaning/points.json: what makes a spoken sentence meet a key point.

    pip install -e '.[training]'
    python training/points.py

A logistic regression on the likenesses that ``runthrough.practice.judging`` takes, fitted on the
tuning parts of the graded answers in ``benchmarks``. Which of an answer's sentences makes the point
is not graded, so it is found in turns: fit, take the likeliest sentence of each answer, fit again.
All graded answers are to the matter; whether an answer is, ``judging`` asks first.

The weights that are shipped are older than the graded answers about every question's mistakes:
fitted with those too they judge no more points right, and of the second exam's tuning part 10
of 49 answers without any point have a score instead of 6.

What contradicts are all mistakes' phrasings, for every point. Counting only those near the point,
only a mistake that is named, or a mistake less where what only sounds like it is nearer, was no
better on the same parts: each point more that was heard came with one heard that was not made.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "benchmarks")]

from practice import exams_of  # noqa: E402 - set just above
from runthrough import analysis  # noqa: E402 - as above
from runthrough.practice.bank import JudgedBy  # noqa: E402 - as above
from runthrough.practice.judging import EVIDENCE, point_evidence, units  # noqa: E402 - as above

ROUNDS = 6
# How freely the weights may grow (scikit-learn's C). With a tenth of the questions left out in
# turn, .88 of points are right at 0.3, .89 from 1 to 30 and .90 at 100 and 300.
FREEDOM = 30.0


def main() -> None:
    tables, met = [], []
    for _, bank, graded in exams_of("tune"):
        for answer in graded:
            question = bank[answer.question]
            if question.judged_by is JudgedBy.LIMITATIONS:
                continue
            heard = analysis.transcript_of_sentences(analysis.split_text(answer.text))
            said, _ = units([s.text for s in heard.sentences])
            shown, _ = point_evidence(question, said)
            for point, evidence in zip(question.points, shown, strict=True):
                tables.append(evidence)
                met.append(point.id in answer.met)
    likeliest = [int(table[:, EVIDENCE.index("near")].argmax()) for table in tables]
    for _ in range(ROUNDS):
        rows = np.array([table[best] for table, best in zip(tables, likeliest, strict=True)])
        model = LogisticRegression(C=FREEDOM, max_iter=5000).fit(rows, met)
        likeliest = [int(model.decision_function(table).argmax()) for table in tables]
    weights = {n: round(float(w), 3) for n, w in zip(EVIDENCE, model.coef_[0], strict=True)}
    fitted = {"weights": weights, "bias": round(float(model.intercept_[0]), 3)}
    path = ROOT / "resources" / "models" / "meaning" / "points.json"
    path.write_text(json.dumps(fitted, indent=2) + "\n", encoding="utf-8")
    right = np.mean((model.decision_function(rows) > 0) == np.array(met))
    print(f"{len(met)} points of answers, {right:.3f} right on what it was fitted on: {fitted}")


if __name__ == "__main__":
    main()
