"""How long looking something up takes in a library of 2,000 takes.

    xvfb-run -a python benchmarks/library.py [--takes 2000] [--write]

The takes are talks of the corpus with their sentences in another order each, so that no two are
alike, in 40 talks of 50 takes. Measured are the list of talks as the window shows it, a review
opened until it is painted, searches as they are typed, and opening the library itself.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from common import ROOT, machine, write_figures

for folder in ("src", "."):
    sys.path.insert(0, str(ROOT / folder))

TALKS, WORDS_A_SECOND = 40, 2.4


def fill(root: Path, count: int, talk_count: int = TALKS) -> None:
    """Write ``count`` reviewed takes, as the program would, but without waiting for the disk."""
    from training.corpus import read

    from runthrough import analysis, wire
    from runthrough.formats import find_format
    from runthrough.library import Library
    from runthrough.talk import TakeState

    fmt = find_format("conference-12")
    chance = random.Random(11)  # noqa: S311 - the same library in every run
    scripts = [[line.text for line in item.lines] for item in read() if item.source == "talks"]
    reports = []
    for script in scripts[:20]:
        duration_s = sum(len(text.split()) for text in script) / WORDS_A_SECOND
        heard = analysis.transcript_of_sentences(script, duration_s=duration_s)
        reports.append((heard, analysis.review(heard, fmt)))
    library = Library(root)
    talks = [library.new_talk(f"Talk {number}", fmt.id) for number in range(talk_count)]
    pattern, lock = library.begin_take(talks[0], fmt)
    lock.release()
    first = pattern.take()
    library.close()
    for number in range(count):
        heard, report = reports[number % len(reports)]
        texts = [s.text for s in report.sentences]
        chance.shuffle(texts)
        sentences = tuple(
            replace(s, text=f"{text} {number}")
            for s, text in zip(report.sentences, texts, strict=True)
        )
        take_id = f"01J{number:023d}"
        take = replace(
            first,
            id=take_id,
            talk_id=talks[number % talk_count].id,
            number=number // talk_count + 1,
            state=TakeState.REVIEWED,
            duration_s=heard.duration_s or 0.0,
        )
        place = root / "takes" / take_id
        place.mkdir()
        for name, data in (
            ("take", wire.take_to_json(take)),
            ("transcript", wire.transcript_to_json(heard)),
            ("report", wire.report_to_json(replace(report, sentences=sentences, take_id=take_id))),
        ):
            (place / f"{name}.json").write_text(wire.dumps(data), encoding="utf-8")


def middle(times: list[float]) -> str:
    return f"{statistics.median(times) * 1000:.0f} ms (most {max(times) * 1000:.0f})"


def timed(what) -> float:
    began = time.perf_counter()
    what()
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--takes", type=int, default=2000)
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    os.environ["RUNTHROUGH_SETTINGS"] = str(folder / "settings.json")
    fill(folder / "library", chosen.takes)

    from PySide6.QtWidgets import QApplication

    from runthrough.library import Library
    from runthrough.settings import Settings
    from runthrough.ui.main_window import MainWindow, apply_look
    from runthrough.ui.session import Session

    app = QApplication([])
    first_s = timed(lambda: Library(folder / "library").close())
    again_s = timed(lambda: Library(folder / "library").close())
    library = Library(folder / "library")
    session = Session(library, Settings(welcomed=True))
    apply_look(session)
    window = MainWindow(session)
    window.show()
    app.processEvents()

    def painted(what) -> float:
        def all_of_it() -> None:
            what()
            window.repaint()
            app.processEvents()

        return timed(all_of_it)

    def list_anew() -> None:
        window.talks._shown = ([], {})  # else only what is another than before is made
        window.go("talks")

    lists = [painted(list_anew) for _ in range(10)]
    takes = random.Random(5).sample(library.takes(), 10)  # noqa: S311 - the same in every run
    reviews = [painted(lambda take=take: window.open_review(take)) for take in takes]
    words = ("limitation", "the", "fails when", "accuracy 17", "we", "nothing like this at all")
    searches = [timed(lambda word=word: library.search(word)) for word in words for _ in range(5)]
    rows = [
        (f"the list of {TALKS} talks made, painted", middle(lists)),
        ("a review opened, painted", middle(reviews)),
        ("a search of all transcripts", middle(searches)),
        ("the library opened", f"{again_s * 1000:.0f} ms"),
        ("its index made anew", f"{first_s:.1f} s"),
    ]
    where = machine("PySide6-Essentials")
    print(where)
    print(f"{chosen.takes} takes")
    for what, took in rows:
        print(f"  {what:<32} {took}")
    if chosen.write:
        table = "\n".join(f"| {what} | {took} |" for what, took in rows)
        write_figures(
            "library",
            f"| in a library of {chosen.takes:,} takes | median |\n| --- | --- |\n{table}\n\n"
            f"{where}",
        )
    window.close()
    session.close()


if __name__ == "__main__":
    main()
