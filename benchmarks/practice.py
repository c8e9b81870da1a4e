"""How often a practice answer is judged right, point by point.

    python benchmarks/practice.py [--part tune] [--write]

The exam is benchmarks/practice_answers: graded answers in other words than the bank's phrasings,
which are all the judge was built on. A fifth of the questions (by a hash of their ids) was looked
at while thresholds were chosen (``--part tune``); the figures are of the rest.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from common import ROOT, between, machine, share

sys.path.insert(0, str(ROOT / "src"))

from runthrough import analysis
from runthrough.practice.bank import Question, load_questions
from runthrough.practice.judging import judge_answer

ANSWERS = Path(__file__).parent / "practice_answers"
TUNE_SHARE = 0.2


@dataclass(frozen=True)
class Graded:
    question: str
    quality: str
    met: frozenset[str]
    mistakes: frozenset[int]
    text: str


def part_of(question: Question) -> str:
    name = f"{question.domain}-{question.id}"
    first = hashlib.sha256(name.encode()).digest()[0]
    return "tune" if first / 256 < TUNE_SHARE else "test"


def read() -> list[Graded]:
    found = []
    for path in sorted(ANSWERS.glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                question, quality, met, mistakes, text = (x.strip() for x in line.split(" | ", 4))
                found.append(
                    Graded(
                        question,
                        quality,
                        frozenset(x.strip() for x in met.split(",") if x.strip() != "-"),
                        frozenset(int(x) for x in mistakes.split(",") if x.strip() != "-"),
                        text,
                    )
                )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--part", choices=("test", "tune"), default="test")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--show", action="store_true", help="print what was judged otherwise")
    args = parser.parse_args()
    bank, _ = load_questions()
    graded = [g for g in read() if part_of(bank[g.question]) == args.part]
    right = count = hit = said = there = 0
    named = named_right = made = 0
    hollow = hollow_scored = 0
    began = time.perf_counter()
    for answer in graded:
        question = bank[answer.question]
        heard = analysis.transcript_of_sentences(analysis.split_text(answer.text))
        verdict = judge_answer(question, heard)
        for point in verdict.points:
            truly = point.id in answer.met
            right += point.met == truly
            hit += point.met and truly
            said += point.met
            there += truly
            count += 1
            if args.show and point.met != truly:
                how = "wrongly met " if point.met else "not heard   "
                print(f"{how}{answer.question}.{point.id}: {point.quotes or answer.text}")
        wrong = {
            i
            for i, m in enumerate(question.mistakes, 1)
            if any(h.says == m.says for h in verdict.mistakes)
        }
        named += len(wrong)
        named_right += len(wrong & answer.mistakes)
        made += len(answer.mistakes)
        if args.show and wrong != answer.mistakes:
            print(
                f"mistake     {answer.question}: named {sorted(wrong)}, "
                f"made {sorted(answer.mistakes)}: {answer.text}"
            )
        if not answer.met:
            hollow += 1
            hollow_scored += verdict.score > 0
    took_s = time.perf_counter() - began
    print(machine("numpy", "onnxruntime"))
    rows = [
        ("points judged right", share(right, count)),
        ("“heard” is right", share(hit, said)),
        ("points made that were heard", share(hit, there)),
        ("mistakes named that were made", share(named_right, named)),
        ("mistakes made that were named", share(named_right, made)),
        ("answers without any point, score above 0", share(hollow_scored, hollow)),
    ]
    print(
        f"{len(graded)} answers to {len({g.question for g in graded})} questions, {args.part} part"
    )
    for what, figure in rows:
        print(f"  {what:<42} {figure}")
    print(f"  {took_s / len(graded):.2f} s an answer")
    if args.write:
        table = [f"| {len(graded)} graded answers | share |", "| --- | --- |"]
        table += [f"| {what} | {figure} |" for what, figure in rows]
        between(ROOT / "README.md", "practice", "\n".join(table))


if __name__ == "__main__":
    main()
