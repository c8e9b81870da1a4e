"""How often the review is right: sections, missing sections, limitations, answers, rigor.

    python benchmarks/judgement.py

Measured on real conference talks that nothing was trained or tuned on (labels by one reader;
where several are acceptable, any counts), and on the part of the invented spoken corpus whose
fields were never trained on. Every share comes with its exact 95 % interval.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter

from common import ROOT, data_folder, machine, share

sys.path[:0] = [str(ROOT / "src"), str(ROOT / "training")]

from corpus import is_held_out, read  # noqa: E402 - the path is set just above

from runthrough.analysis import review, transcript_of_sentences  # noqa: E402 - as above
from runthrough.formats import find_format  # noqa: E402 - as above
from runthrough.talk import CONTENT_SECTIONS, Report, Status  # noqa: E402 - as above

FORMAT = find_format("conference-12")


def report_on(sentences: list[str]) -> Report:
    # Twelve words in five seconds: only ratios of times matter here.
    words = sum(len(s.split()) for s in sentences)
    return review(transcript_of_sentences(sentences, duration_s=words / 2.4), FORMAT)


def talks() -> None:
    path = data_folder() / "acl_talks" / "talks.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for form, name in (("cased", "clean text"), ("asr", "recogniser output")):
        measure_talks(
            f"Real conference talks, {name}",
            [
                (
                    row[form]["sentences"],
                    [set(labels) for labels in row[form]["labels"]],
                    {s for s, p in row["presence"].items() if p == "absent"},
                    {s for s, p in row["presence"].items() if p == "present"},
                )
                for row in rows
            ],
        )


def own_talks() -> None:
    rows = []
    for item in read():
        if item.source == "talks" and is_held_out(item):
            labels = [set(line.sections) for line in item.lines]
            told = {s for line in labels for s in line}
            lacks = item.lacks & set(CONTENT_SECTIONS)
            rows.append(([line.text for line in item.lines], labels, lacks, told - lacks))
    measure_talks("Invented talks from fields never trained on", rows)


def measure_talks(
    title: str, rows: list[tuple[list[str], list[set[str]], set[str], set[str]]]
) -> None:
    right = count = 0
    per_class: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    missing_said = missing_right = missing_there = always = 0
    false_stated = silent_talks = limits_said = limits_right = limits_there = 0
    for sentences, labels, absent, present in rows:
        report = report_on(sentences)
        for verdict, accepted in zip(report.sentences, labels, strict=True):
            good = verdict.section in accepted
            right += good
            count += 1
            if len(accepted) == 1:
                (only,) = accepted
                per_class[only] += 1
                hits[only] += good
        for section in report.sections:
            if section.id not in absent | present:
                continue
            said = section.status is Status.MISSING
            missing_said += said
            missing_right += said and section.id in absent
            missing_there += section.id in absent
            always += 1
        stated = {e.sentence for e in report.limitations.evidence if e.state == "stated"}
        if "limitations" in absent:
            silent_talks += 1
            false_stated += bool(stated)
        for index, accepted in enumerate(labels):
            limits_said += index in stated
            limits_right += index in stated and "limitations" in accepted
            limits_there += accepted == {"limitations"}
    limits_found = 0
    for sentences, labels, _, _ in rows:
        report = report_on(sentences)
        stated = {e.sentence for e in report.limitations.evidence if e.state == "stated"}
        limits_found += sum(
            i in stated and labels[i] == {"limitations"} for i in range(len(labels))
        )
    print(f"\n{title}: {len(rows)} talks")
    print(f"  sentence accuracy      {share(right, count)}")
    for section, n in per_class.most_common():
        print(f"    {section:<18} {share(hits[section], n)}")
    print(f"  'missing' precision    {share(missing_right, missing_said)}")
    print(f"  'missing' recall       {share(missing_right, missing_there)}")
    print(f"    always 'missing'     {share(missing_there, always)}, recall 1")
    print(f"  limits stated, prec.   {share(limits_right, limits_said)}")
    print(f"  limits stated, recall  {share(limits_found, limits_there)}")
    print(f"  false 'stated' talks   {false_stated} of {silent_talks} that state none")


if __name__ == "__main__":
    began = time.perf_counter()
    print(machine("numpy", "onnxruntime"))
    talks()
    own_talks()
    print(f"\n{time.perf_counter() - began:.1f} s")
