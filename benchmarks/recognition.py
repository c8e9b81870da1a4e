"""How many words the recogniser loses, next to plain faster-whisper in the same run.

    python benchmarks/recognition.py [--model tiny.en] [--pace 8] [--write] [RECORDING ...]

Hears the real clips of the data folder, the same clips joined into one file with 1.5 s between
them, the shipped sample talk (a synthetic voice: cleaner than people, so an upper bound), and the
RECORDINGs, each of which has its words in a .txt beside it. Four ways: plain faster-whisper with
beam 1 and with beam 5, the Recognizer on the finished file, and the Recognizer on a file that
grows at ``--pace`` times the speed of speech, with captions asked for.

Word errors are counted with jiwer after Whisper's English normaliser. That drops "um" and "uh",
so fillers are counted on the raw words. A run is the most words lost, or made up, in one place.
Time is the time spent on the sound by its length; beside it is the ratio to beam 5 of this run.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import re
import sys
import tempfile
import threading
import time
import wave
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from common import ROOT, data_folder, machine, write_figures

sys.path.insert(0, str(ROOT / "src"))

from runthrough.audio.wav import SAMPLE_RATE_HZ
from runthrough.transcription.models import find_model
from runthrough.transcription.recognizer import Recognizer

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from runthrough.talk import Word
    from runthrough.transcription.models import Model

THREADS = 2
GAP_S = 1.5
# What counts as one filler, however it is spelt.
FILLER = re.compile(r"u+[hm]+|e+r+m?|h+m+|mm+")
WAYS = ("beam 1", "beam 5", "whole", "live")


@dataclass(frozen=True)
class Clip:
    name: str
    kind: str
    path: Path
    said: str
    duration_s: float


@dataclass
class Score:
    words: int = 0
    wrong: int = 0
    deleted: int = 0
    inserted: int = 0
    lost_run: int = 0
    made_up_run: int = 0
    fillers: int = 0
    fillers_kept: int = 0
    fillers_made_up: int = 0
    took_s: float = 0.0
    sound_s: float = 0.0

    def add(self, other: Score) -> None:
        for name, value in vars(other).items():
            mine = getattr(self, name)
            setattr(self, name, max(mine, value) if name.endswith("run") else mine + value)


def score(said: str, heard: str, took_s: float, sound_s: float) -> tuple[Score, list[str]]:
    """The score of one clip, and the passages of three words or more that were lost."""
    import jiwer
    from whisper_normalizer.english import EnglishTextNormalizer

    normalize = EnglishTextNormalizer()
    output = jiwer.process_words(normalize(said), normalize(heard) or "-")
    result = Score(
        words=output.hits + output.substitutions + output.deletions,
        wrong=output.substitutions + output.deletions + output.insertions,
        deleted=output.deletions,
        inserted=output.insertions,
        took_s=took_s,
        sound_s=sound_s,
    )
    lost = []
    for part in output.alignments[0]:
        if part.type == "delete":
            run = output.references[0][part.ref_start_idx : part.ref_end_idx]
            result.lost_run = max(result.lost_run, len(run))
            if len(run) >= 3:
                lost.append(" ".join(run))
        elif part.type == "insert":
            run = output.hypotheses[0][part.hyp_start_idx : part.hyp_end_idx]
            result.made_up_run = max(result.made_up_run, len(run))
    raw = jiwer.process_words(_raw(said), _raw(heard) or "-")
    for part in raw.alignments[0]:
        wanted = raw.references[0][part.ref_start_idx : part.ref_end_idx].count("um")
        got = raw.hypotheses[0][part.hyp_start_idx : part.hyp_end_idx].count("um")
        result.fillers += wanted
        result.fillers_kept += wanted if part.type == "equal" else 0
        result.fillers_made_up += got if part.type != "equal" else 0
    return result, lost


def _raw(text: str) -> str:
    words = re.findall(r"[\w']+", text.lower())
    return " ".join("um" if FILLER.fullmatch(word) else word for word in words)


# --- the sound ---------------------------------------------------------------------------------


def gather(more: list[Path], folder: Path) -> list[Clip]:
    """All clips as 16 kHz WAV files in ``folder``, the joined one last of the real ones."""
    real = [
        (path.stem, path, path.with_suffix(".txt").read_text(encoding="utf-8"))
        for path in sorted((data_folder() / "audio").glob("*.flac"))
    ]
    clips = [_clip(name, "real", _read(path), said, folder) for name, path, said in real]
    gap = np.zeros(round(GAP_S * SAMPLE_RATE_HZ), np.int16)
    joined = np.concatenate([part for _, path, _ in real for part in (_read(path), gap)])
    clips.append(_clip("all joined", "joined", joined, " ".join(s for _, _, s in real), folder))
    script = (ROOT / "training" / "sample" / "script.txt").read_text(encoding="utf-8")
    said = " ".join(line for line in script.splitlines() if not line.startswith("#"))
    sample = ROOT / "resources" / "sample" / "audio.flac"
    clips.append(_clip("sample talk", "synthetic", _read(sample), said, folder))
    for path in more:
        said = path.with_suffix(".txt").read_text(encoding="utf-8")
        clips.append(_clip(path.stem, "given", _read(path), said, folder))
    return clips


def _read(path: Path) -> np.ndarray:
    from faster_whisper import decode_audio

    sound = decode_audio(str(path), sampling_rate=SAMPLE_RATE_HZ)
    return np.clip(np.rint(sound * 32768), -32768, 32767).astype("<i2")


def _clip(name: str, kind: str, samples: np.ndarray, said: str, folder: Path) -> Clip:
    path = folder / f"{name}.wav"
    with wave.open(str(path), "wb") as file:
        _describe(file)
        file.writeframes(samples.tobytes())
    return Clip(name, kind, path, said, len(samples) / SAMPLE_RATE_HZ)


def _describe(file: wave.Wave_write) -> None:
    file.setnchannels(1)
    file.setsampwidth(2)
    file.setframerate(SAMPLE_RATE_HZ)


# --- the ways to hear it -----------------------------------------------------------------------


class Plain:
    """faster-whisper as it comes, in a process of its own so that its memory can be told."""

    def __init__(self, model: Model, beam: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=_plain, args=(theirs, str(model.folder), beam), daemon=True
        )
        self._process.start()
        theirs.close()
        self._pipe.recv()

    def hear(self, clip: Clip) -> tuple[str, float]:
        began = time.perf_counter()
        self._pipe.send(str(clip.path))
        return self._pipe.recv(), time.perf_counter() - began

    @property
    def peak_mb(self) -> float:
        return peak_mb(self._process.pid)

    def close(self) -> None:
        self._pipe.close()
        self._process.join()


def _plain(pipe: Connection, folder: str, beam: int) -> None:
    from faster_whisper import WhisperModel

    model = WhisperModel(
        folder, device="cpu", compute_type="int8", cpu_threads=THREADS, local_files_only=True
    )
    pipe.send("")
    with contextlib.suppress(EOFError):  # the pipe was closed: done
        while True:
            segments, _ = model.transcribe(pipe.recv(), language="en", beam_size=beam)
            pipe.send("".join(segment.text for segment in segments))


class Ours:
    """The Recognizer, on finished files or on growing ones."""

    def __init__(self, model: Model, folder: Path, pace: float | None) -> None:
        self._recognizer = Recognizer(model, THREADS)
        self._recognizer.warm()
        self._folder, self._pace = folder, pace

    def hear(self, clip: Clip) -> tuple[str, float]:
        began = time.perf_counter()
        if self._pace is None:
            words = self._recognizer.transcribe(clip.path).words
        else:
            words = self._follow(clip.path, self._pace)
        return " ".join(word.text for word in words), time.perf_counter() - began

    def _follow(self, path: Path, pace: float) -> tuple[Word, ...]:
        growing = self._folder / "growing.wav"
        growing.unlink(missing_ok=True)
        following = self._recognizer.follow(growing, on_tentative=lambda _: None)
        speaking = threading.Thread(target=_grow, args=(path, growing, pace))
        speaking.start()
        speaking.join()
        following.finish()
        return following.result().words

    @property
    def peak_mb(self) -> float:
        return peak_mb(self._recognizer.pid)

    def close(self) -> None:
        self._recognizer.close()


def _grow(path: Path, growing: Path, pace: float) -> None:
    data = path.read_bytes()
    step = SAMPLE_RATE_HZ  # bytes: half a second of sound
    with growing.open("wb", buffering=0) as file:
        file.write(data[:44])
        for at in range(44, len(data), step):
            file.write(data[at : at + step])
            time.sleep(0.5 / pace)


def peak_mb(pid: int | None) -> float:
    """The most memory that the process ever held; not a number where the system can't tell."""
    status = Path(f"/proc/{pid}/status")
    if pid is None or not status.is_file():
        return float("nan")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
    return int(found[1]) / 1024 if found else float("nan")


# --- the table ---------------------------------------------------------------------------------

HEAD = (
    f"{'':<22}{'way':<8}{'WER %':>6}{'lost':>6}{'run':>5}{'made up':>9}{'run':>5}"
    f"{'fillers':>9}{'made up':>9}{'time':>7}{'ratio':>7}"
)


def line(name: str, way: str, of: Score, base: Score) -> str:
    live = way == "live"
    return (
        f"{name:<22}{way:<8}{100 * of.wrong / of.words:>6.1f}{of.deleted:>6}{of.lost_run:>5}"
        f"{of.inserted:>9}{of.made_up_run:>5}{f'{of.fillers_kept}/{of.fillers}':>9}"
        f"{of.fillers_made_up:>9}"
        + (
            f"{'–':>7}{'–':>7}"  # mostly waits for the file to grow
            if live
            else f"{of.took_s / of.sound_s:>7.3f}{of.took_s / base.took_s:>7.2f}"
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Words lost, errors and time of recognition.")
    parser.add_argument("--model", default="tiny.en")
    parser.add_argument("--pace", type=float, default=8.0, help="how fast the live file grows")
    parser.add_argument("recordings", nargs="*", type=Path, metavar="RECORDING")
    parser.add_argument("--write", action="store_true", help="put the figures into the README")
    options = parser.parse_args()
    model = find_model(options.model)
    print(machine("faster-whisper", "ctranslate2"), f"{model.name}, {THREADS} threads", sep="\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clips = gather(options.recordings, folder)
        makers: dict[str, Callable[[], Plain | Ours]] = {
            "beam 1": lambda: Plain(model, 1),
            "beam 5": lambda: Plain(model, 5),
            "whole": lambda: Ours(model, folder, None),
            "live": lambda: Ours(model, folder, options.pace),
        }
        hearers = {way: makers[way]() for way in WAYS}
        try:
            totals = compare(clips, hearers)
            for way, hearer in hearers.items():
                print(f"peak memory {way:<8}{hearer.peak_mb:7.0f} MB")
        finally:
            for hearer in hearers.values():
                hearer.close()
    if options.write:
        write_figures("recognition", figures(totals, model.name))


NAMES = {
    "beam 1": "faster-whisper, beam 1",
    "beam 5": "faster-whisper, beam 5",
    "whole": "Runthrough, a finished recording",
    "live": "Runthrough, while it is spoken",
}


def figures(totals: dict[tuple[str, str], Score], model: str) -> str:
    """Word errors on real speech, single clips and joined, as a table."""
    minutes = totals["joined", "whole"].sound_s / 60
    rows = [
        "**Recognition** (`benchmarks/recognition.py`): the five real recordings, singly and",
        f"joined into one of {minutes:.1f} minutes, {totals['real', 'whole'].words} words.",
        "",
        "| way | word errors, % | words lost | joined: word errors, % | words lost |",
        "| --- | --- | --- | --- | --- |",
    ]
    for way, name in NAMES.items():
        one, all_ = totals["real", way], totals["joined", way]
        rows.append(
            f"| {name} | {100 * one.wrong / one.words:.1f} | {one.deleted} "
            f"| {100 * all_.wrong / all_.words:.1f} | {all_.deleted} |"
        )
    return "\n".join([*rows, "", f"{model}, {machine('faster-whisper', 'ctranslate2')}."])


def compare(clips: list[Clip], hearers: dict[str, Plain | Ours]) -> dict[tuple[str, str], Score]:
    for hearer in hearers.values():
        hearer.hear(clips[0])  # loading is not timed
    totals: dict[tuple[str, str], Score] = defaultdict(Score)
    print(HEAD)
    differ = []
    for clip in clips:
        texts = {}
        base = Score()
        for way in ("beam 5", *(w for w in WAYS if w != "beam 5")):
            texts[way], took_s = hearers[way].hear(clip)
            found, lost = score(clip.said, texts[way], took_s, clip.duration_s)
            base = found if way == "beam 5" else base
            totals[clip.kind, way].add(found)
            print(line(clip.name, way, found, base), flush=True)
            for passage in lost:
                print(f"{'':<22}lost: {passage}", flush=True)
        if texts["live"] != texts["whole"]:
            differ.append(clip.name)
    for kind in dict.fromkeys(clip.kind for clip in clips):
        for way in WAYS:
            print(line(f"TOTAL {kind}", way, totals[kind, way], totals[kind, "beam 5"]))
    print("live and whole differ in:", ", ".join(differ) or "nothing")
    return totals


if __name__ == "__main__":
    main()
