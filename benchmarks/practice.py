"""How often a practice answer is judged right, point by point.

    python benchmarks/practice.py [--part tune] [--show] [--write]

Two exams. benchmarks/practice_answers are graded answers to the program's own questions, in other
words than the bank's phrasings; benchmarks/practice_second is a bank and answers by another hand.
A fifth of the questions of the first and half of the second (by a hash of their ids, ``--part
tune``) are what training/points.py fits the judge on; the figures are of the rest.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from common import ROOT, between, machine, share

sys.path.insert(0, str(ROOT / "src"))

from runthrough import analysis
from runthrough.practice.bank import Question, load_questions, read_questions
from runthrough.practice.judging import judge_answer

ANSWERS = Path(__file__).parent / "practice_answers"
SECOND = Path(__file__).parent / "practice_second"
TUNE_SHARE, TUNE_SHARE_SECOND = 0.2, 0.5


@dataclass(frozen=True)
class Graded:
    question: str
    quality: str
    met: frozenset[str]
    mistakes: frozenset[int]
    text: str


def part_of(question: Question, share_to_tune: float = TUNE_SHARE) -> str:
    name = f"{question.domain}-{question.id}"
    first = hashlib.sha256(name.encode()).digest()[0]
    return "tune" if first / 256 < share_to_tune else "test"


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


def read_second() -> tuple[dict[str, Question], list[Graded]]:
    bank = {
        question.id: question
        for path in sorted((SECOND / "questions").glob("*.toml"))
        for question in read_questions(path)
    }
    graded = []
    for path in sorted((SECOND / "answers").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            mistakes = frozenset(place + 1 for place in row["mistakes"])
            met = frozenset(row["met"])
            graded.append(Graded(row["question"], row["quality"], met, mistakes, row["answer"]))
    return bank, graded


def exams_of(part: str) -> list[tuple[str, dict[str, Question], list[Graded]]]:
    """Title, bank and graded answers of each exam, for the questions of ``part``."""
    bank, _ = load_questions()
    second, graded = read_second()
    return [
        ("the program's questions", bank, [g for g in read() if part_of(bank[g.question]) == part]),
        (
            "another's questions",
            second,
            [g for g in graded if part_of(second[g.question], TUNE_SHARE_SECOND) == part],
        ),
    ]


def examine(bank: dict[str, Question], graded: list[Graded], show: bool) -> list[tuple[str, str]]:
    """Each measure with its share."""
    right = count = hit = said = there = 0
    named = named_right = made = 0
    faultless = faultless_named = 0
    hollow = hollow_scored = 0
    astray = astray_scored = 0
    # How an answer is said (plain words, short sentences) is graded in the first exam alone.
    graded_ids = {point for answer in graded for point in answer.met}
    # An answer held against the question of another domain that comes next in the alphabet.
    domains = sorted({q.domain for q in bank.values()})
    first = {d: min(q.id for q in bank.values() if q.domain == d) for d in domains}
    for answer in graded:
        question = bank[answer.question]
        heard = analysis.transcript_of_sentences(analysis.split_text(answer.text))
        verdict = judge_answer(question, heard)
        elsewhere = domains[(domains.index(question.domain) + 1) % len(domains)]
        astray += 1
        astray_scored += judge_answer(bank[first[elsewhere]], heard).score > 0
        own = {point.id for point in question.points}
        for point in verdict.points:
            if point.id not in own | graded_ids:
                continue
            truly = point.id in answer.met
            right += point.met == truly
            hit += point.met and truly
            said += point.met
            there += truly
            count += 1
            if show and point.met != truly:
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
        if not answer.mistakes:
            faultless += 1
            faultless_named += bool(wrong)
        if show and wrong != answer.mistakes:
            print(
                f"mistake     {answer.question}: named {sorted(wrong)}, "
                f"made {sorted(answer.mistakes)}: {answer.text}"
            )
        if not answer.met:
            hollow += 1
            hollow_scored += verdict.score > 0
    return [
        ("points judged right", share(right, count)),
        ("“heard” is right", share(hit, said)),
        ("points made that were heard", share(hit, there)),
        ("mistakes named that were made", share(named_right, named)),
        ("mistakes made that were named", share(named_right, made)),
        ("answers without a mistake, one named", share(faultless_named, faultless)),
        ("answers without any point, score above 0", share(hollow_scored, hollow)),
        ("answers to something else, score above 0", share(astray_scored, astray)),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--part", choices=("test", "tune"), default="test")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--show", action="store_true", help="print what was judged otherwise")
    args = parser.parse_args()
    exams = exams_of(args.part)
    print(machine("numpy", "onnxruntime"))
    columns = []
    for title, questions, graded in exams:
        began = time.perf_counter()
        columns.append(examine(questions, graded, args.show))
        took_s = (time.perf_counter() - began) / len(graded)
        asked = len({g.question for g in graded})
        print(f"{title}: {len(graded)} answers to {asked} questions, {args.part} part")
        for what, figure in columns[-1]:
            print(f"  {what:<42} {figure}")
        print(f"  {took_s:.2f} s an answer")
    if args.write:
        heads = [f"{title}, {len(graded)} answers" for title, _, graded in exams]
        table = [f"| share of | {' | '.join(heads)} |", "| --- |" + " --- |" * len(heads)]
        table += [
            f"| {row[0][0]} | {' | '.join(figure for _, figure in row)} |"
            for row in zip(*columns, strict=True)
        ]
        between(ROOT / "README.md", "practice", "\n".join(table))


if __name__ == "__main__":
    main()
