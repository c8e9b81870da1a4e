"""How far captions are behind a voice, what is recorded meanwhile, and how long *Finish* takes.

    python benchmarks/captions.py [--minutes 10] [--finish 20 60] [--write]

A voice speaks passages of the training corpus into a virtual microphone, in real time; the take is
recorded and captioned as in the window, without one. Then again for a quarter of the time while as
many other programs as there are cores do nothing but count. A word's delay is from its end in the
sound, as the finished transcript has it, to when the captions settle it. What was recorded is
compared with what was spoken, sample by sample.

For *Finish*, all but the last minute of a longer talk comes ten times as fast as it was spoken,
from a sound card that is made up; the last minute comes in real time. That the take is as long as
the talk is checked. The voice is synthetic and clean.

Needs the extra ``benchmarks``, for its voice, and PulseAudio.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from common import ROOT, machine, write_figures

sys.path[:0] = [str(ROOT / folder) for folder in ("src", "tests", ".")]

from fake_microphone import FakeSoundDevice  # noqa: E402 - needs the path
from runthrough.audio import devices  # noqa: E402 - needs the path
from runthrough.audio.wav import read_blocks  # noqa: E402 - needs the path
from runthrough.captions import Captions, Shown  # noqa: E402 - needs the path
from runthrough.formats import find_format  # noqa: E402 - needs the path
from runthrough.library import Library  # noqa: E402 - needs the path
from runthrough.rehearsal import Rehearsal  # noqa: E402 - needs the path
from runthrough.transcription.models import find_model  # noqa: E402 - needs the path
from runthrough.transcription.recognizer import Recognizer  # noqa: E402 - needs the path
from virtual_mic import DEVICE, RATE_HZ, VirtualMic  # noqa: E402 - needs the path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from runthrough.talk import Word

_LAST_S = 60.0  # of a talk whose end is measured come in real time
_STEP_S = 0.1
_PACE = 10.0  # of the rest, at which the recogniser keeps up


class Watch:
    """Captions, and when each of their words was settled, in seconds recorded."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        self.settled_at: list[float] = []
        self.changed = 0
        self._captions, self._rehearsal = Captions(), rehearsal
        self._seen: list[Shown] = []

    @property
    def words(self) -> list[Shown]:
        return self._captions.settled

    def final(self, words: Sequence[Word]) -> None:
        self._captions.final(words, self._rehearsal.position_s)
        self._look()

    def guess(self, words: Sequence[Word]) -> None:
        self._captions.guess(words, self._rehearsal.position_s)
        self._look()

    def _look(self) -> None:
        settled, now_s = self._captions.settled, self._rehearsal.position_s
        self.changed += sum(a != b for a, b in zip(self._seen, settled, strict=False))
        self.settled_at += [now_s] * (len(settled) - len(self._seen))
        self._seen = list(settled)

    def delays_s(self, words: Sequence[Word]) -> list[tuple[float, float]]:
        """(end in the sound, delay) of each caption that is also in ``words``."""

        def plain(texts: Sequence[Shown] | Sequence[Word]) -> list[str]:
            return [w.text.strip(".,?!").lower() for w in texts]

        same = SequenceMatcher(None, plain(words), plain(self.words), autojunk=False)
        return [
            (words[a + i].end_s, self.settled_at[b + i] - words[a + i].end_s)
            for a, b, size in same.get_matching_blocks()
            for i in range(size)
        ]


@dataclass
class Run:
    delays_s: list[tuple[float, float]]
    changed: int
    spoken: int
    lost: int

    def row(self, name: str) -> str:
        late = [delay for _, delay in self.delays_s]
        half = self.delays_s[-1][0] / 2
        parts = [[d for at, d in self.delays_s if (at >= half) == later] for later in (False, True)]
        middle, most = np.percentile(late, [50, 95])
        halves = " / ".join(f"{np.percentile(part, 95):.1f}" for part in parts)
        return (
            f"| {name} | {len(late)} | {middle:.1f} s | {most:.1f} s | {halves} s | {self.changed} "
            f"| {self.lost} of {self.spoken} |"
        )


@contextlib.contextmanager
def busy(programs: int) -> Iterator[None]:
    """Other programs that want all the time there is."""
    running = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(programs)
    ]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def speak_into(mic: VirtualMic, pcm: np.ndarray, library: Library, programs: int) -> Run:
    """A take of ``pcm``, spoken in real time."""
    fmt = find_format("conference-12")
    rehearsal = Rehearsal(library, library.new_talk("Captions", fmt.id), fmt, microphone=DEVICE)
    with Recognizer(find_model("tiny.en")) as recognizer:
        recognizer.warm()
        rehearsal.open()
        watch = Watch(rehearsal)
        time.sleep(3)  # as a speaker takes to begin
        with busy(programs):
            rehearsal.begin(recognizer, on_words=watch.final, on_tentative=watch.guess)
            mic.play(pcm).wait()
            time.sleep(1)
            take = rehearsal.finish()
        rehearsal.review(recognizer)
    rehearsal.close()
    folder = library.folder(take.id)
    kept = np.concatenate(list(read_blocks(folder.audio, 60.0)))
    transcript = folder.transcript()
    return Run(watch.delays_s(transcript.words), watch.changed, len(pcm), lost(pcm, kept))


def lost(spoken: np.ndarray, kept: np.ndarray) -> int:
    """Samples of what was spoken that are not where they should be in what was kept."""
    first = np.flatnonzero(kept)[0] - np.flatnonzero(spoken)[0]
    found = kept[max(0, first) :][: len(spoken)]
    return len(spoken) - int(np.count_nonzero(found == spoken[: len(found)]))


def finish_after(pcm: np.ndarray, library: Library, format_id: str) -> tuple[float, int]:
    """Seconds from *Finish* to the review of a talk of ``pcm``, and the words in it."""
    sound = FakeSoundDevice("Microphone")
    real, devices._portaudio = devices._portaudio, lambda: sound
    try:
        fmt = find_format(format_id)
        rehearsal = Rehearsal(library, library.new_talk("Finish", fmt.id), fmt)
        with Recognizer(find_model("tiny.en")) as recognizer:
            recognizer.warm()
            rehearsal.open()
            watch = Watch(rehearsal)
            rehearsal.begin(recognizer, on_words=watch.final, on_tentative=watch.guess)
            slow_from = len(pcm) - round(_LAST_S * RATE_HZ)
            live(sound, pcm[:slow_from], _PACE)
            room = threading.Thread(target=live, args=(sound, pcm[slow_from:], 1.0, True))
            room.start()
            room.join(_LAST_S)
            began = time.perf_counter()
            rehearsal.finish()
            rehearsal.review(recognizer)
            took_s = time.perf_counter() - began
            room.join()
        rehearsal.close()
        if abs(rehearsal.take.duration_s - len(pcm) / RATE_HZ) > 2:
            sys.exit(f"The take has {rehearsal.take.duration_s:.0f} s: sound came too slowly.")
        return took_s, len(library.folder(rehearsal.take.id).transcript().words)
    finally:
        devices._portaudio = real


def live(sound: FakeSoundDevice, pcm: np.ndarray, pace: float, stay: bool = False) -> None:
    """Let the made-up microphone hear ``pcm``, and to ``stay`` silence until it is closed."""
    step = round(_STEP_S * RATE_HZ)
    began, at = time.monotonic(), 0
    while at < len(pcm) or (stay and sound.streams):
        sound.speak(pcm[at : at + step] if at < len(pcm) else np.zeros(step, "<i2"))
        at += step
        time.sleep(max(0.0, began + at / RATE_HZ / pace - time.monotonic()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--finish", type=float, nargs="*", default=[20.0, 60.0])
    parser.add_argument("--write", action="store_true", help="put the figures into README.md")
    chosen = parser.parse_args()
    from rehearse_talk import passages, speak

    def spoken(minutes: float) -> np.ndarray:
        return speak([line for told in passages(minutes).values() for line in told])

    library = Library(Path(tempfile.mkdtemp()) / "library")
    cores = os.cpu_count() or 1
    heads = (
        "captions while",
        "words",
        "delay: median",
        "95 %",
        "95 %, first and second half",
        "settled words that changed",
        "samples lost",
    )
    rows = [f"| {' | '.join(heads)} |", "| --- " * len(heads) + "|"]
    if chosen.minutes:
        mic = VirtualMic()
        for name, minutes, programs in (
            (f"{chosen.minutes:g} minutes are spoken", chosen.minutes, 0),
            (f"{cores} other programs keep {cores} cores busy", chosen.minutes / 4, cores),
        ):
            rows.append(speak_into(mic, spoken(minutes), library, programs).row(name))
            print(rows[-1], flush=True)
        mic.close()
    rows += ["", "| review ready after *Finish* of | seconds |", "| --- | --- |"]
    for minutes in chosen.finish:
        pcm = spoken(minutes)
        fmt = "interview-20" if minutes <= 20 else "interview-45"
        took_s, words = finish_after(pcm, library, fmt)
        rows.append(f"| {len(pcm) / RATE_HZ / 60:.0f} minutes, {words:,} words | {took_s:.1f} |")
        print(rows[-1], flush=True)
    where = f"tiny.en, {machine('faster-whisper', 'ctranslate2')}; load {os.getloadavg()[1]:.1f}"
    print("\n".join([*rows, "", where]))
    if chosen.write:
        write_figures("captions", "\n".join([*rows, "", f"{where}. A synthetic voice."]))


if __name__ == "__main__":
    main()
