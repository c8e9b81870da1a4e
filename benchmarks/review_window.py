"""How fast the review of a long take is drawn, in the real widgets.

    python benchmarks/review_window.py [MINUTES] [--write]

Prints milliseconds: the waveform from stored peaks to a picture, the transcript laid out, one step
of scrolling, one lit word, and words added while a take is heard. Sixty minutes unless told;
``--write`` puts the figures into README.md.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

import numpy as np
from common import machine, write_figures
from PySide6.QtWidgets import QApplication

from runthrough.analysis import review, transcript_of_words
from runthrough.audio.peaks import load_peaks
from runthrough.audio.wav import TakeFile
from runthrough.formats import find_format
from runthrough.resources import resource
from runthrough.talk import Word
from runthrough.transcripts import read_transcript
from runthrough.ui import theme
from runthrough.ui.widgets.transcript import TranscriptView
from runthrough.ui.widgets.waveform import Waveform

REPEATS = 7


def words_for(minutes: float) -> list[Word]:
    """The sample talk said over and over, at 150 words a minute."""
    said = [
        word
        for sentence in read_transcript(resource("sample", "transcript.json")).sentences
        for word in sentence.text.split()
    ]
    chance = random.Random(0)  # noqa: S311 - the same words each time
    count = round(150 * minutes)
    return [
        Word(0.4 * n, 0.4 * n + 0.3, said[n % len(said)], chance.choice((0.3, 0.9, 0.9, 0.9)))
        for n in range(count)
    ]


def usual(act) -> float:
    """The median of some repeats, in milliseconds."""
    times = []
    for number in range(REPEATS):
        begin = time.perf_counter()
        act(number)
        times.append(1000 * (time.perf_counter() - begin))
    return sorted(times)[REPEATS // 2]


def main(minutes: float, *, write: bool) -> None:
    app = QApplication([])
    theme.apply(app, "light")
    fmt = find_format("interview-45")
    words = words_for(minutes)
    length_s = 60 * minutes
    report = review(transcript_of_words(words, duration_s=length_s, language="en", model=""), fmt)
    measured: dict[str, float] = {}
    print(machine("PySide6-Essentials"))
    print(f"{minutes:.0f} minutes, {len(words)} words, {len(report.sentences)} sentences")
    with tempfile.TemporaryDirectory() as folder:
        audio = Path(folder) / "audio.wav"
        noise = np.random.default_rng(0).normal(0, 3000, 960_000).astype(np.int16)
        with TakeFile(audio) as file:
            for _ in range(round(minutes)):
                file.append(noise)
        load_peaks(audio)  # computed once, at the take's first review
        wave = Waveform()
        wave.resize(1200, 132)
        wave.show()
        wave.show_take(fmt.sections, length_s, ())
        wave.show_report(report)

        def draw(_number: int) -> None:
            wave.show_peaks(load_peaks(audio))
            wave.grab()

        measured["waveform from stored peaks"] = usual(draw)

        def zoom(number: int) -> None:
            wave.zoom(nearer=number % 2 == 0, around_s=length_s / 2)
            wave.grab()

        measured["waveform zoomed"] = usual(zoom)
    view = TranscriptView()
    view.resize(800, 500)
    view.show()

    def lay_out(_number: int) -> None:
        view.show_report(report)
        view.grab()

    measured["transcript laid out"] = usual(lay_out)
    bar = view.verticalScrollBar()

    def scroll(number: int) -> None:
        bar.setValue(bar.maximum() // 2 + 60 * number)
        view.grab()

    measured["a step of scrolling"] = usual(scroll)

    def light(number: int) -> None:
        view.light_word(len(words) // 2 + number, follow=True)
        view.grab()

    measured["a word lit"] = usual(light)
    before = replace(report, sentences=report.sentences[:-REPEATS], words=report.words)
    view.forget()
    view.show_more(before)

    def hear(number: int) -> None:
        end = len(report.sentences) - REPEATS + number + 1
        view.show_more(replace(report, sentences=report.sentences[:end]))
        view.grab()

    measured["a sentence more is heard"] = usual(hear)
    for what, took_ms in measured.items():
        print(f"{what:28}{took_ms:7.1f} ms")
    if write:
        write_figures("review-window", figures(minutes, len(words), measured))
        print("Written into README.md.")


def figures(minutes: float, words: int, measured: dict[str, float]) -> str:
    rows = "\n".join(f"| {what} | {took_ms:.0f} ms |" for what, took_ms in measured.items())
    return f"""
**The review of a long take** (`benchmarks/review_window.py`): {minutes:.0f} minutes of sound and
{words:,} words in the real widgets, the median of {REPEATS}, each until it is drawn.

| what | takes |
| --- | --- |
{rows}

{machine("PySide6-Essentials")}.
"""


if __name__ == "__main__":
    told = [word for word in sys.argv[1:] if word != "--write"]
    main(float(told[0]) if told else 60.0, write="--write" in sys.argv)
