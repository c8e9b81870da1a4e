"""Shows how the judge's thresholds trade errors, on the part of the corpus kept for choosing them.

    python training/tune.py

The thresholds themselves stand in ``runthrough/analysis``, each with its reason. Never run this on
the test part or on real talks: what is chosen on them can't be measured on them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from corpus import (
    PARTS,
    RIGOR,
    Item,
    calibration_error,
    own_talk,
    part_of,
    read,
    read_recognised,
    with_sections_taken_out,
)

from runthrough.analysis.limitations import stated_limits
from runthrough.analysis.model import judge
from runthrough.analysis.sections import missing_sections, posteriors, with_cues
from runthrough.talk import CONTENT_SECTIONS, SENTENCE_SECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable


def ratio(hits: float, count: float) -> str:
    return f"{hits / count:.2f}" if count else " –  "


def told_limits(stated_of: Iterable[tuple[Item, np.ndarray]]) -> tuple[str, str]:
    """Precision and recall of stated limits, and how many silent texts have a false one."""
    said = right = there = found = silent = false = 0
    for item, stated in stated_of:
        limits = np.array([line.limit for line in item.lines])
        said += stated.sum()
        right += (stated & (limits > 0)).sum()
        there += (limits == 2).sum()
        found += (stated & (limits == 2)).sum()
        silent += not limits.any()
        false += not limits.any() and stated.any()
    return f"{ratio(right, said)} {ratio(found, there)}", f"{false} of {silent}"


def main() -> None:
    items = [i for i in [*read(), *read_recognised()] if part_of(i) == "tune"]
    of = {s: [i for i in items if i.source == s] for s in ("talks", "limits", "answers", "rigor")}
    print({source: len(found) for source, found in of.items()})
    texts = {id(i): [line.text for line in i.lines] for i in items}
    scores = {id(i): judge(texts[id(i)], is_talk=i.source == "talks") for i in items}
    stating = {id(i): scores[id(i)].limit[:, 2] for i in items}
    sections = {id(i): with_cues(scores[id(i)].section, texts[id(i)]) for i in items}

    print("\nchain to the power of: sentence accuracy")
    for power in (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7):
        marks = [
            SENTENCE_SECTIONS[c] in line.sections
            for item in of["talks"]
            for c, line in zip(
                posteriors(sections[id(item)], power).argmax(axis=1), item.lines, strict=True
            )
        ]
        print(f"  {power:.2f}  {np.mean(marks):.3f} ({len(marks)})")

    print("\nmissing where no sentence is as likely as: right of called so, in talks as they are;")
    print("called so where the section was taken out; F1 where these weigh so much that a fifth of")
    print("the sections is missing, as in real talks (talks labelled afterwards | others)")
    rows = []
    for item in of["talks"]:
        for talk in with_sections_taken_out([own_talk(item)]):
            asked = (talk.absent | talk.present) - {"limitations"}  # told by what may state one
            if not asked:
                continue
            is_whole = len(talk.texts) == len(item.lines)
            found = (
                sections[id(item)] if is_whole else with_cues(judge(talk.texts).section, talk.texts)
            )
            likely = posteriors(found)
            rows += [
                (item.is_labelled_afterwards, section, section in talk.absent, is_whole, likely)
                for section in asked
            ]
    for section in sorted({section for _, section, *_ in rows}):
        for least in (0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 0.9):
            each = []
            for afterwards in (True, False):
                own = [row[2:] for row in rows if row[:2] == (afterwards, section)]
                alike = dict.fromkeys(CONTENT_SECTIONS, least)
                said = [row for row in own if section in missing_sections(row[2], alike)]
                right = sum(absent and is_whole for absent, is_whole, _ in said)
                called = sum(is_whole for _, is_whole, _ in said)
                found_out = len(said) - called
                of_out = sum(not is_whole for _, is_whole, _ in own)
                whole = [absent for absent, is_whole, _ in own if is_whole]
                lacking = sum(whole)
                weight = max(0.0, 0.2 * len(whole) - lacking) / (0.8 * of_out)
                hits = right + weight * found_out
                f1 = 2 * hits / (called + weight * found_out + lacking + weight * of_out)
                each.append(f"{right:3}/{called:3}  {found_out:3} of {of_out:3}  F1 {f1:.2f}")
            print(f"  {section:13} {least:4}  {'  |  '.join(each)}")

    print("\nstated from: precision, recall in talks; in passages; silent talks with a false one")
    for least in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        talks, false = told_limits((i, stating[id(i)] >= least) for i in of["talks"])
        passages, _ = told_limits((i, stating[id(i)] >= least) for i in of["limits"])
        print(f"  {least}  {talks}   {passages}   {false}")

    print("\nstated from .5 if one is as sure as: precision, recall; silent talks with a false one")
    for sure in (0.75, 0.8, 0.85, 0.9, 0.95):
        for several in (2, 3, 4):
            talks, false = told_limits(
                (i, stated_limits(stating[id(i)], sure, several)) for i in of["talks"]
            )
            print(f"  {sure} or {several} are  {talks}   {false}")

    print("\nlimitations missing where no sentence may state one from: precision, recall")
    about = SENTENCE_SECTIONS.index("limitations")
    told = []
    for item in of["talks"]:
        there = any(line.limit == 2 or "limitations" in line.sections for line in item.lines)
        if there != ("limitations" in item.lacks):
            found = scores[id(item)]
            told.append(((1 - found.limit[:, 0] + found.section[:, about]).max() / 2, not there))
    most, absent = np.array(told).T
    for least in (0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.8):
        said = most < least
        hit = (said & (absent == 1)).sum()
        print(f"  {least}  {ratio(hit, said.sum())} {ratio(hit, absent.sum())}")

    print("\nparts of answers from: accuracy each; deflection precision, recall")
    gold = np.array(
        [[any(p in x.parts for x in i.lines) for p in PARTS] for i in of["answers"]], bool
    )
    most = np.array([scores[id(i)].parts.max(axis=0) for i in of["answers"]])
    for least in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8):
        said = most >= least
        each = " ".join(f"{x:.2f}" for x in (said == gold).mean(axis=0))
        hit = (said & gold)[:, 3].sum()
        print(f"  {least}  {each}   {ratio(hit, said[:, 3].sum())} {ratio(hit, gold[:, 3].sum())}")

    print("\nrigor from: micro-F1 in passages, in talks")
    for least in (0.3, 0.4, 0.5, 0.6, 0.7):
        row = []
        for source in ("rigor", "talks"):
            hit = said = there = 0
            for item in of[source]:
                gold_of = np.array([any(r in x.rigor for x in item.lines) for r in RIGOR])
                said_of = scores[id(item)].rigor.max(axis=0) >= least
                hit += (gold_of & said_of).sum()
                said += said_of.sum()
                there += gold_of.sum()
            row.append(ratio(2 * hit, said + there))
        print(f"  {least}  {'  '.join(row)}")

    print("\nsharpness of section posteriors (power): calibration error, accuracy")
    for power in (0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 1.0):
        sure = []
        for item in of["talks"]:
            likely = posteriors(sections[id(item)]) ** power
            likely /= likely.sum(axis=1, keepdims=True)
            sure += [
                (each.max(), SENTENCE_SECTIONS[each.argmax()] in line.sections)
                for each, line in zip(likely, item.lines, strict=True)
            ]
        right = np.mean([hit for _, hit in sure])
        print(f"  {power}  {calibration_error(sure):.3f}  {right:.3f}")


if __name__ == "__main__":
    main()
