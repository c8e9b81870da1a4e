"""How soon a section is marked as heard while the talk goes on, and how often wrongly.

    python benchmarks/live_marks.py [--write]

Talks of the corpus whose fields were neither trained nor tuned on are told again, sentence by
sentence at two and a half words a second, and judged every 16 s. A rehearsal judges every 4 s, what
was said two seconds ago and before, and marks limitations when they have stood for half a minute:
that is not counted here. A mark is right if a sentence of its section was said by then. A section
counts as told with its second sentence; the delay is from there to the mark, and a mark that came
before it has a delay below zero.
"""

from __future__ import annotations

import argparse
import statistics
import sys

from common import ROOT, machine, share, write_figures

for folder in ("src", "training"):
    sys.path.insert(0, str(ROOT / folder))

from corpus import Item, part_of, read  # noqa: E402 - the path is set just above

from runthrough.analysis import (  # noqa: E402 - as above
    heard_sections,
    transcript_of_words,
)
from runthrough.formats import find_format  # noqa: E402 - as above
from runthrough.talk import TalkFormat, Word  # noqa: E402 - as above

WORDS_A_SECOND = 2.5
JUDGED_EVERY_S = 16.0
TOLD_WITH = 2  # sentences


def spoken(item: Item) -> list[list[Word]]:
    """The words of each sentence, with the times at which they would be said."""
    at_s, sentences = 0.0, []
    for line in item.lines:
        words = []
        for text in line.text.split():
            words.append(Word(at_s, at_s + 1 / WORDS_A_SECOND, text, 1.0))
            at_s += 1 / WORDS_A_SECOND
        sentences.append(words)
    return sentences


def marks(item: Item, fmt: TalkFormat) -> dict[str, tuple[int, float]]:
    """By section, after how many sentences and at what second it was marked."""
    found: dict[str, tuple[int, float]] = {}
    said: list[Word] = []
    judged_s = 0.0
    sentences = spoken(item)
    for count, words in enumerate(sentences, 1):
        said += words
        end_s = said[-1].end_s
        if end_s - judged_s < JUDGED_EVERY_S and count < len(sentences):
            continue
        judged_s = end_s
        transcript = transcript_of_words(tuple(said), duration_s=end_s, language="en", model="")
        for section in heard_sections(transcript, fmt):
            found.setdefault(section, (count, end_s))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Marks of sections while a talk goes on.")
    parser.add_argument("--write", action="store_true", help="put the figures into the README")
    options = parser.parse_args()
    fmt = find_format("conference-12")
    talks = [i for i in read() if i.source == "talks" and part_of(i) == "test"]
    right = wrong = told = found = 0
    delays = []
    for item in talks:
        marked = marks(item, fmt)
        ends = [words[-1].end_s for words in spoken(item)]
        for section in (s.id for s in fmt.sections):
            own = [n for n, line in enumerate(item.lines) if section in line.sections]
            told += len(own) >= TOLD_WITH
            if section not in marked:
                continue
            count, at_s = marked[section]
            if not any(n < count for n in own):
                wrong += 1
                continue
            right += 1
            if len(own) >= TOLD_WITH:
                found += 1
                delays.append(at_s - ends[own[TOLD_WITH - 1]])
    precision, recall = share(right, right + wrong), share(found, told)
    late = statistics.median(delays), statistics.quantiles(delays, n=10)[-1]
    print(machine("onnxruntime"))
    print(f"{len(talks)} talks; marks that are right {precision}, sections marked {recall}")
    print(f"delay after the second sentence: {late[0]:.0f} s (median), {late[1]:.0f} s (90 %)")
    if options.write:
        write_figures(
            "live-marks",
            f"""
**Marks while you talk** (`benchmarks/live_marks.py`): {len(talks)} invented talks from fields that
nothing was tuned on, judged every {JUDGED_EVERY_S:.0f} s.

| what | measured |
| --- | --- |
| marks that are right | {precision} |
| sections told in two sentences or more that were marked | {recall} |
| after the second sentence | {late[0]:.0f} s (median), {late[1]:.0f} s (90 %) |
""",
        )


if __name__ == "__main__":
    main()
