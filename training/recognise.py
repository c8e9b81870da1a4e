"""Pass a part of the corpus through a voice and the recogniser: what the judge really gets to read.

    python training/recognise.py --talks 40
    python training/recognise.py --files f1 f2 f3 --talks 36

Speaks whole talks with an offline voice (the extra ``benchmarks``), adds a little room
noise, has the program's own recogniser write them down, and cuts them into sentences as the
program does. Adds to ``recognised.jsonl`` the talks that are not in it yet; ``corpus.py`` labels
what stands there.
A voice is clearer than a person; these errors are a lower bound.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from math import gcd
from pathlib import Path

import numpy as np
import soundfile

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(Path(__file__).parent)]

from corpus import Item, read, read_recognised  # noqa: E402 - the path is set just above

from runthrough.analysis import transcript_of_words  # noqa: E402 - as above
from runthrough.transcription.models import find_model  # noqa: E402 - as above
from runthrough.transcription.recognizer import Recognizer  # noqa: E402 - as above

RATE = 16_000
TARGET = Path(__file__).parent / "recognised.jsonl"


def speak(item: Item, voice, rng: random.Random) -> np.ndarray:
    from scipy.signal import resample_poly

    factor = gcd(RATE, voice.sample_rate)
    speed = rng.uniform(0.95, 1.25)
    parts = []
    for line in item.lines:
        sound = voice(line.text, speed=speed, seed=rng.randint(0, 9))
        parts.append(resample_poly(sound, RATE // factor, voice.sample_rate // factor))
        parts.append(np.zeros(round(rng.choice([0.15, 0.3, 0.3, 0.6, 1.0]) * RATE)))
    sound = np.concatenate(parts)
    sound *= 0.5 / np.abs(sound).max()
    noise = np.random.default_rng(rng.randint(0, 1 << 30)).normal(0, 1, len(sound))
    return (sound + noise * 10 ** (rng.uniform(-60, -38) / 20)).astype(np.float32)


def main() -> None:
    from hibari import Hibari

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--talks", type=int, default=40)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--files", nargs="*", help="only talks of these files of the corpus")
    args = parser.parse_args()
    rng = random.Random(args.seed)
    done = {item.header["talk"] for item in read_recognised()}
    items = [
        item
        for item in read()
        if item.source == "talks"
        and item.header["talk"] not in done
        and (not args.files or item.file in args.files)
    ]
    chosen = rng.sample(items, min(args.talks, len(items)))
    voice = Hibari()
    with (
        tempfile.TemporaryDirectory() as folder,
        Recognizer(find_model()) as recognizer,
        TARGET.open("a", encoding="utf-8") as out,
    ):
        for number, item in enumerate(chosen, 1):
            sound = speak(item, voice, rng)
            path = Path(folder) / "talk.wav"
            soundfile.write(path, sound, RATE, subtype="PCM_16")
            found = recognizer.transcribe(path)
            transcript = transcript_of_words(
                found.words, duration_s=found.duration_s, language="en", model=found.model
            )
            texts = [s.text for s in transcript.sentences]
            record = {"talk": item.header["talk"], "sentences": texts}
            out.write(json.dumps(record, ensure_ascii=False) + "\n")
            out.flush()
            print(f"{number}/{len(chosen)} {item.field}: {len(texts)} sentences", flush=True)


if __name__ == "__main__":
    main()
