"""How often the review is right: sections, missing sections, limitations, answers, rigor.

    python benchmarks/judgement.py [--baselines] [--ablation] [--write] [--speed]

Measured on real conference talks that nothing was trained on, though they had a say in which
earlier weights the judge is a mean of (labels by one reader; where several are acceptable, any
counts), and on the part of the invented spoken corpus whose fields were neither trained nor tuned
on. A limit told to be stated counts as right where it may be one, too; only one that is stated
counts as found. Every share comes with its exact 95 % interval.
``--baselines`` adds cue rules and TF-IDF (needs scikit-learn), ``--ablation`` the judge without
cue phrases, the chain over sections, neighbours, and the place in the talk. ``--write`` puts
the figures into the model's card, and the judge's own into README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import resource
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from common import ROOT, between, data_folder, machine, share, write_figures

sys.path[:0] = [str(ROOT / "src"), str(ROOT / "training")]

from corpus import (  # noqa: E402 - the path is set just above
    PARTS,
    RIGOR,
    Item,
    Talk,
    calibration_error,
    coined,
    commonest,
    own_talk,
    part_of,
    read,
    read_recognised,
    salad,
    scrambled,
    with_sections_taken_out,
)

from runthrough.analysis import model, review, transcript_of_sentences  # noqa: E402 - needs the path
from runthrough.analysis.answers import judge_limitations_answer  # noqa: E402 - as above
from runthrough.analysis.limitations import judge_limitations  # noqa: E402 - as above
from runthrough.analysis.model import Scores, judge  # noqa: E402 - as above
from runthrough.analysis.rigor import judge_rigor  # noqa: E402 - as above
from runthrough.analysis.sections import posteriors, with_cues  # noqa: E402 - as above
from runthrough.formats import find_format  # noqa: E402 - as above
from runthrough.talk import (  # noqa: E402 - as above
    CONTENT_SECTIONS,
    SENTENCE_SECTIONS,
    SentenceVerdict,
    Status,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FORMAT = find_format("conference-12")
# Of a set and a measure, each judge's figure: all go into the card, the judge's own into README.
FIGURES: defaultdict[tuple[str, str], dict[str, str]] = defaultdict(dict)
CARD = ROOT / "resources" / "models" / "judge" / "README.md"
JUDGE, READER, ALWAYS = "judge", "second reading", "always “missing”"
WORDS_PER_S = 2.4


def real_talks(form: str) -> list[Talk]:
    path = data_folder() / "acl_talks" / "talks.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        Talk(
            row[form]["sentences"],
            [set(labels) for labels in row[form]["labels"]],
            {s for s in CONTENT_SECTIONS if row["presence"][s] == "absent"},
            {s for s in CONTENT_SECTIONS if row["presence"][s] == "present"},
        )
        for row in rows
    ]


# --- judges ----------------------------------------------------------------------------------


@dataclass
class Verdict:
    sections: list[str]
    confidence: list[float] | None
    missing: set[str]
    stated: set[int]
    rigor: set[str]


def product(texts: list[str]) -> Verdict:
    duration_s = sum(len(t.split()) for t in texts) / WORDS_PER_S
    report = review(transcript_of_sentences(texts, duration_s=duration_s), FORMAT)
    return Verdict(
        [s.section for s in report.sentences],
        [s.confidence for s in report.sentences],
        {s.id for s in report.sections if s.status is Status.MISSING},
        {e.sentence for e in report.limitations.evidence if e.state == "stated"},
        {r.id for r in report.rigor if r.met},
    )


def baseline(judge_of):
    def said(texts: list[str]) -> Verdict:
        found = judge_of(texts)
        stated = {i for i, s in enumerate(found.stated) if s}
        return Verdict(
            found.sections,
            None,
            found.missing,
            stated,
            {r for r, column in zip(RIGOR, found.rigor.T, strict=True) if column.any()},
        )

    return said


def _labels(likely) -> list[str]:
    return [SENTENCE_SECTIONS[i] for i in likely.argmax(axis=1)]


def without_cues(texts: list[str]) -> list[str]:
    return _labels(posteriors(judge(texts).section))


def without_chain(texts: list[str]) -> list[str]:
    return _labels(with_cues(judge(texts).section, texts))


def without_neighbours(texts: list[str]) -> list[str]:
    alone = np.concatenate([judge([t], is_talk=False).section for t in texts])
    return _labels(posteriors(with_cues(alone, texts)))


def without_place(texts: list[str]) -> list[str]:
    return _labels(posteriors(with_cues(judge(texts, is_talk=False).section, texts)))


# --- measures --------------------------------------------------------------------------------


def note(title: str, items: Sequence[object], measure: str, name: str, figure: str) -> None:
    FIGURES[f"{title} ({len(items)})", measure][name] = figure


def by_origin(title: str, items: list[Item], source: str) -> Iterator[tuple[str, list[Item]]]:
    """The ``items`` from ``source`` with ``title``: those of them that came with their labels, and
    those whose labels another reader gave them later, which are harder and more like real ones."""
    own = [item for item in items if item.source == source]
    yield title, [item for item in own if not item.is_labelled_afterwards]
    yield f"{title}, labelled afterwards", [item for item in own if item.is_labelled_afterwards]


def measure_talks(title: str, talks: list[Talk], verdict_of, name: str = JUDGE) -> None:
    full = name == JUDGE
    per_class: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    said_as: Counter[tuple[str, str]] = Counter()
    right = count = said = said_right = absent = judged = 0
    stated_said = stated_right = stated_there = stated_found = silent = false_stated = 0
    rigor_counts = Counter()
    sure: list[tuple[float, bool]] = []
    wrong: Counter[tuple[str, str]] = Counter()
    for talk in talks:
        verdict = verdict_of(talk.texts)
        for i, (section, accepted) in enumerate(zip(verdict.sections, talk.labels, strict=True)):
            good = section in accepted
            right += good
            count += 1
            if verdict.confidence:
                sure.append((verdict.confidence[i], good))
            if len(accepted) == 1:
                (only,) = accepted
                per_class[only] += 1
                hits[only] += good
                said_as[only, section] += 1
        for section in talk.absent | talk.present:
            is_said = section in verdict.missing
            said += is_said
            said_right += is_said and section in talk.absent
            absent += section in talk.absent
            judged += 1
            if is_said != (section in talk.absent):
                wrong[section, "said missing" if is_said else "not said missing"] += 1
        if "limitations" in talk.absent and not any(x == 2 for x in talk.limits or ()):
            silent += 1
            false_stated += bool(verdict.stated)
        limits = talk.limits or [2 * (labels == {"limitations"}) for labels in talk.labels]
        may = [
            limit > 0 or "limitations" in labels
            for limit, labels in zip(limits, talk.labels, strict=True)
        ]
        stated_said += len(verdict.stated)
        stated_right += sum(may[i] for i in verdict.stated)
        stated_there += limits.count(2)
        stated_found += sum(limits[i] == 2 for i in verdict.stated)
        if talk.rigor is not None:
            told = set().union(*talk.rigor)
            rigor_counts["hit"] += len(told & verdict.rigor)
            rigor_counts["false"] += len(verdict.rigor - told)
            rigor_counts["lost"] += len(told - verdict.rigor)
    for measure, figure in (
        ("sentences in the right section", share(right, count)),
        ("“missing” is right", share(said_right, said)),
        ("missing sections found", share(said_right, absent)),
        ("stated limits are limits", share(stated_right, stated_said)),
        ("stated limits found", share(stated_found, stated_there)),
        ("talks without limits, called “stated”", f"{false_stated} of {silent}"),
    ):
        note(title, talks, measure, name, figure)
    note(title, talks, "“missing” is right", ALWAYS, share(absent, judged))
    note(title, talks, "missing sections found", ALWAYS, share(absent, absent))
    print(f"\n{title}, {name}: {len(talks)} talks")
    print(f"  sentence accuracy      {share(right, count)}")
    if full:
        for section, n in per_class.most_common():
            as_others = ", ".join(
                f"{other} {k}"
                for (one, other), k in said_as.most_common()
                if one == section and other != section
            )
            print(f"    {section:<18} {share(hits[section], n)}  {as_others}")
    if sure:
        error = f"{calibration_error(sure):.3f}"
        note(title, talks, "calibration error of a sentence's section", name, error)
        print(f"  calibration error      {error}")
    print(f"  'missing' precision    {share(said_right, said)}")
    print(f"  'missing' recall       {share(said_right, absent)}")
    print(f"    always 'missing'     {share(absent, judged)}, recall 1")
    if full and wrong:
        print("    " + ", ".join(f"{s} {how} {n}" for (s, how), n in wrong.most_common()))
    print(f"  limits stated, prec.   {share(stated_right, stated_said)}")
    print(f"  limits stated, recall  {share(stated_found, stated_there)}")
    print(f"  false 'stated' talks   {false_stated} of {silent} that state none")
    if rigor_counts:
        hit, false, lost = (rigor_counts[k] for k in ("hit", "false", "lost"))
        f1 = 2 * hit / max(1, 2 * hit + false + lost)
        note(title, talks, "rigor items, micro-F1", name, f"{f1:.2f}")
        print(f"  rigor items, micro-F1  {f1:.2f} ({hit})")


def measure_missing(title: str, talks: list[Talk], verdict_of, name: str = JUDGE) -> None:
    """Whether a lack is noticed, where each section was taken out in turn, too."""
    counts: Counter[tuple[str, bool, bool]] = Counter()
    for talk in with_sections_taken_out(talks):
        verdict = verdict_of(talk.texts)
        for section in talk.absent | talk.present:
            counts[section, section in talk.absent, section in verdict.missing] += 1

    def total(absent: bool, said: bool, of: set[str]) -> int:
        return sum(counts[section, absent, said] for section in of)

    every = {section for section, _, _ in counts}
    hit, false, lost = (total(a, s, every) for a, s in ((True, True), (False, True), (True, False)))
    base = share(hit + lost, counts.total())
    for measure, figure, always in (
        ("“missing” is right, each section also taken out", share(hit, hit + false), base),
        (
            "sections missing or taken out, found",
            share(hit, hit + lost),
            share(hit + lost, hit + lost),
        ),
    ):
        note(title, talks, measure, name, figure)
        note(title, talks, measure, ALWAYS, always)
    print(f"\n{title}, sections taken out, {name}")
    print(f"  'missing' precision    {share(hit, hit + false)}, always {base}")
    print(f"  'missing' recall       {share(hit, hit + lost)}")
    for section in sorted(every):
        one, two, three = (
            total(a, s, {section}) for a, s in ((True, True), (False, True), (True, False))
        )
        print(
            f"    {section:<18} precision {share(one, one + two)}  recall {share(one, one + three)}"
        )


def measure_second_reading(title: str, items: list[Item]) -> None:
    """How far two readings of the same texts agree on limits: how clear the labels are.

    ``training/second_reading.txt`` holds the lines that a language model marked, which saw the
    texts and the guide but not the first labels. The texts were written with one, too, so people
    may agree less.
    """
    read_again: dict[str, set[int]] = {}
    path = Path(__file__).parents[1] / "training" / "second_reading.txt"
    for row in path.read_text(encoding="utf-8").splitlines():
        slug, _, marks = row.partition(":")
        read_again[slug] = {int(n) - 1 for n in re.findall(r"(\d+)!", marks)}
    talks = [i for i in items if i.header["talk"] in read_again]
    said = right = there = found = silent = false_stated = 0
    for talk in talks:
        limits = [line.limit for line in talk.lines]
        marked = read_again[talk.header["talk"]]
        said += len(marked)
        right += sum(limits[i] > 0 for i in marked)
        there += limits.count(2)
        found += sum(limits[i] == 2 for i in marked)
        if 2 not in limits and "limitations" in own_talk(talk).absent:
            silent += 1
            false_stated += bool(marked)
    of = f" in {len(talks)} talks"
    note(title, items, "stated limits are limits", READER, share(right, said) + of)
    note(title, items, "stated limits found", READER, share(found, there) + of)
    told = f"{false_stated} of {silent}"
    note(title, items, "talks without limits, called “stated”", READER, told)
    print(f"\nA second reading, {len(talks)} of them")
    print(f"  limits stated, prec.   {share(right, said)}")
    print(f"  limits stated, recall  {share(found, there)}")
    print(f"  false 'stated' talks   {told} that state none")


def measure_passages(items: list[Item], stated_of, name: str) -> None:
    said = right = there = found = 0
    for item in items:
        stated = stated_of([line.text for line in item.lines])
        limits = [line.limit for line in item.lines]
        said += len(stated)
        right += sum(limits[i] > 0 for i in stated)
        there += limits.count(2)
        found += sum(limits[i] == 2 for i in stated)
    title = "Short invented passages"
    note(title, items, "stated limits are limits", name, share(right, said))
    note(title, items, "stated limits found", name, share(found, there))
    print(f"\nShort passages, {name}: {len(items)}")
    print(f"  limits stated, prec.   {share(right, said)}")
    print(f"  limits stated, recall  {share(found, there)}")


def measure_answers(title: str, items: list[Item], parts_of, name: str) -> None:
    gold = np.array([[any(p in line.parts for line in i.lines) for p in PARTS] for i in items])
    said = np.array([parts_of([line.text for line in i.lines]) for i in items])
    print(f"\n{title}, {name}: {len(items)}")
    for column, part in enumerate(PARTS):
        figure = share(int((gold == said)[:, column].sum()), len(items))
        note(title, items, f"“{part}” judged right", name, figure)
        print(f"  {part:<22} {figure}")
    deflects, claims = gold[:, 3], said[:, 3]
    hit = int((deflects & claims).sum())
    right, found = share(hit, int(claims.sum())), share(hit, int(deflects.sum()))
    note(title, items, "deflections are deflections", name, right)
    note(title, items, "deflections found", name, found)
    print(f"  deflection precision   {right}")
    print(f"  deflection recall      {found}")
    hollow = [
        i
        for i, item in enumerate(items)
        if item.header.get("kind") in ("gibberish", "dodge_fluent", "off_topic")
        and not gold[i, :3].any()
    ]
    scored = sum(said[i, :3].any() for i in hollow)
    print(f"  hollow, score above 0  {share(int(scored), len(hollow))}")


def measure_nonsense(items: list[Item], empty: list[Item], parts_of, name: str) -> None:
    """How often what says nothing scores: ``empty`` texts, ``items`` in disorder, words drawn."""
    rng = random.Random(1)  # noqa: S311 - repeatable, no secret
    texts = [[line.text for line in item.lines] for item in items]
    words = [word for text in texts for word in " ".join(text).split()]
    kept = commonest(words)
    title = "Nonsense as answers"
    for kind, made in (
        ("texts written to say nothing", [[line.text for line in item.lines] for item in empty]),
        ("invented answers with their words in disorder", [scrambled(t, rng) for t in texts]),
        ("such answers in words that there are not", [coined(t, words, kept, rng) for t in texts]),
        ("words of such answers drawn anyhow", [salad(words, words, rng) for _ in texts]),
    ):
        told = [text for text in made if text]
        scored = sum(any(parts_of(text)[:3]) for text in told)
        note(title, items, f"{kind}: score above 0", name, share(scored, len(told)))
        print(f"\n{title}, {kind}, {name}: score above 0 {share(scored, len(told))}")


def measure_rigor(items: list[Item], rigor_of, name: str) -> None:
    if not items:
        return
    gold = np.array([[any(r in line.rigor for line in i.lines) for r in RIGOR] for i in items])
    said = np.array([rigor_of([line.text for line in i.lines]) for i in items])
    hit, false, lost = (gold & said).sum(0), (~gold & said).sum(0), (gold & ~said).sum(0)
    f1 = 2 * hit.sum() / max(1, (2 * hit + false + lost).sum())
    note("Invented rigor passages", items, "micro-F1 of nine items", name, f"{f1:.2f}")
    print(f"\nRigor passages, {name}: {len(items)}, micro-F1 {f1:.2f}")
    for column, item in enumerate(RIGOR):
        one, two, three = int(hit[column]), int(false[column]), int(lost[column])
        print(f"  {item:<22} precision {share(one, one + two)}  recall {share(one, one + three)}")


def figures() -> str:
    """What was measured, as a table; shares with their exact 95 % intervals and counts."""
    told = {name for figures_of in FIGURES.values() for name in figures_of}
    names = [n for n in (JUDGE, READER, "cue rules", "TF-IDF", ALWAYS) if n in told]
    rows = [f"| measured on | what | {' | '.join(names)} |", "| --- | --- " + "| --- " * len(names)]
    rows[-1] += "|"
    last = ""
    for (title, measure), of in FIGURES.items():
        shown = " | ".join(of.get(name, "") for name in names)
        rows.append(f"| {title if title != last else ''} | {measure} | {shown} |")
        last = title
    return "\n".join(rows)


def summary() -> str:
    """The judge's own figures: a table for the sets that the same is measured on, a column each."""
    measured: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for (title, measure), of in FIGURES.items():
        measured[title][measure] = of.get(JUDGE, "").partition(" (")[0]
    alike: defaultdict[str, dict[str, dict[str, str]]] = defaultdict(dict)
    for title, figures_of in measured.items():
        alike[next(iter(figures_of))][title] = figures_of
    tables, alone = [], ["| | judge |", "| --- | --- |"]
    for sets in alike.values():
        if len(sets) < 2:
            alone += [f"| {t}: {m} | {f} |" for t, of in sets.items() for m, f in of.items()]
            continue
        measures = dict.fromkeys(m for of in sets.values() for m in of)
        rows = [f"| | {' | '.join(sets)} |", "| --- " * (len(sets) + 1) + "|"]
        for measure in measures:
            cells = " | ".join(of.get(measure, "") for of in sets.values())
            rows.append(f"| {measure} | {cells} |")
        tables.append("\n".join(rows))
    return "\n\n".join([*tables, "\n".join(alone)])


def product_answer(texts: list[str]) -> list[bool]:
    verdict = judge_limitations_answer(transcript_of_sentences(texts))
    return [*(verdict.points[p].met for p in PARTS[:3]), bool(verdict.deflections)]


def _alone(texts: list[str]) -> tuple[list[SentenceVerdict], Scores]:
    """A passage by itself, as the product reads an answer."""
    sentences = [SentenceVerdict(i, None, None, text, "other", 1.0) for i, text in enumerate(texts)]
    return sentences, judge(texts, is_talk=False)


def product_stated(texts: list[str]) -> set[int]:
    found = judge_limitations(*_alone(texts)).evidence
    return {e.sentence for e in found if e.state == "stated"}


def product_rigor(texts: list[str]) -> list[bool]:
    return [item.met for item in judge_rigor(*_alone(texts))]


# What a section of a talk is in an abstract. A result is where abstracts conclude, too.
ROLES = {
    "problem": {"background", "objective"},
    "motivation": {"background"},
    "related_work": {"background"},
    "method": {"method", "objective"},
    "experiments": {"method"},
    "results": {"result"},
    "limitations": {"result", "background"},
    "conclusion": {"result"},
    "other": {"other"},
}


def measure_abstracts() -> None:
    """The yardstick: roles of sentences in written abstracts (CSAbstruct, Cohan et al., 2019)."""
    path = data_folder() / "csabstruct" / "test.jsonl"
    right = count = 0
    for row in path.read_text(encoding="utf-8").splitlines():
        data = json.loads(row)
        said = judge(data["sentences"], is_talk=False).section.argmax(axis=1)
        for column, role in zip(said, data["labels"], strict=True):
            right += role in ROLES[SENTENCE_SECTIONS[column]]
            count += 1
    figure = share(right, count)
    FIGURES["Written abstracts, CSAbstruct's test part", "sentences in a fitting role"] = {
        JUDGE: figure
    }
    print(f"\nWritten abstracts (CSAbstruct): sentences in a fitting role {figure}")


def speed(talks: list[Talk]) -> str:
    """A talk of 45 minutes and one of a third of it, and one new sentence, on one core."""
    texts = [t for talk in talks for t in talk.texts]

    def spoken(minutes: float) -> list[str]:
        chosen: list[str] = []
        words = 0
        while words < minutes * 60 * WORDS_PER_S:
            chosen.append(texts[len(chosen) % len(texts)])
            words += len(chosen[-1].split())
        return chosen

    def took_s(chosen: list[str]) -> float:
        model._read.cache_clear()
        began = time.perf_counter()
        product(chosen)
        return time.perf_counter() - began

    long, short = spoken(45), spoken(15)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    judge(long[:10])
    whole_s = took_s(long)
    if hasattr(os, "sched_setaffinity"):  # elsewhere all figures are of all cores
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    long_s, short_s = took_s(long), took_s(short)
    rounds = 30
    began = time.perf_counter()
    for i in range(rounds):
        judge(long[i : i + 5])
    new_ms = (time.perf_counter() - began) / rounds * 1000
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    rows = [
        "| judging, on one core | |",
        "| --- | --- |",
        f"| 45 minutes of talk, {len(long)} sentences, to the report | {long_s:.2f} s |",
        f"| 15 minutes | {short_s:.2f} s |",
        f"| 45 minutes on all cores | {whole_s:.2f} s |",
        f"| one new sentence with its neighbours | {new_ms:.0f} ms |",
        f"| memory besides the imports | {(after - before) / 1024:.0f} MB |",
        "",
        machine("numpy", "onnxruntime"),
    ]
    print("\n".join(["", *rows]))
    return "\n".join(rows)


def ablation(sets: list[tuple[str, list[Talk]]]) -> str:
    """A table of what each part of the judge adds: sentences right with it, and without."""
    ways = {
        "whole": lambda texts: product(texts).sections,
        "without cues": without_cues,
        "without the order of sections": without_chain,
        "without the place in the talk": without_place,
        "without neighbours": without_neighbours,
    }
    rows = ["| sentences in the right section | " + " | ".join(ways) + " |"]
    rows.append("| --- |" + " --- |" * len(ways))
    for title, talks in sets:
        cells = []
        for way in ways.values():
            marks = [
                said in labels
                for talk in talks
                for said, labels in zip(way(talk.texts), talk.labels, strict=True)
            ]
            cells.append(share(sum(marks), len(marks)))
        rows.append(f"| {title} ({len(talks)}) | " + " | ".join(cells) + " |")
        print(rows[-1])
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--baselines", action="store_true")
    parser.add_argument("--ablation", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--speed", action="store_true", help="how long it takes, nothing else")
    parser.add_argument("--part", choices=("test", "tune"), default="test")
    args = parser.parse_args()
    print(machine("numpy", "onnxruntime"))
    items = read()
    held = [item for item in items if part_of(item) == args.part]
    heard = [item for item in read_recognised() if part_of(item) == args.part]
    clean, raw = real_talks("cased"), real_talks("asr")
    judging = speed(clean)
    if args.write:
        write_figures("judging", judging)
    if args.speed:
        return
    sets = [
        ("Real conference talks, clean text", clean),
        ("Real conference talks, recogniser output", raw),
        *(
            (title, [own_talk(item) for item in told])
            for title, told in by_origin("Invented talks", held, "talks")
        ),
        ("Invented talks, spoken and recognised", [own_talk(i) for i in heard]),
    ]
    if args.part == "tune":
        del sets[:2]
    sets = [(title, talks) for title, talks in sets if talks]
    of = {s: [i for i in held if i.source == s] for s in ("limits", "rigor", "nonsense")}
    for title, talks in sets:
        measure_talks(title, talks, product)
        measure_missing(title, talks, product)
    for title, told in by_origin("Invented talks", held, "talks"):
        measure_second_reading(title, told)
    measure_passages(of["limits"], product_stated, JUDGE)
    answers = list(by_origin("Invented answers about limitations", held, "answers"))
    for title, told in answers:
        measure_answers(title, told, product_answer, JUDGE)
    spoken = [item for _, told in answers for item in told]
    measure_nonsense(spoken, of["nonsense"], product_answer, JUDGE)
    measure_rigor(of["rigor"], product_rigor, JUDGE)
    if args.part == "test":
        measure_abstracts()
    if args.ablation:
        parts = ablation(sets)
        if args.write:
            between(CARD, "ablation", parts)
    if args.baselines:
        from baselines import Rules, TfIdf

        train = [item for item in items if part_of(item) == "train"]
        for one in (Rules(), TfIdf(train)):
            for title, talks in sets:
                measure_talks(title, talks, baseline(one), one.name)
                measure_missing(title, talks, baseline(one), one.name)
            measure_passages(
                of["limits"], lambda t, j=one: {i for i, s in enumerate(j(t).stated) if s}, one.name
            )
            for title, told in answers:
                measure_answers(title, told, lambda t, j=one: j(t).parts.any(axis=0), one.name)
            measure_nonsense(
                spoken, of["nonsense"], lambda t, j=one: j(t).parts.any(axis=0), one.name
            )
            measure_rigor(of["rigor"], lambda t, j=one: j(t).rigor.any(axis=0), one.name)
    if args.write:
        between(CARD, "judgement", figures())
        write_figures("judgement", summary())


if __name__ == "__main__":
    main()
