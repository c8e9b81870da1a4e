"""Speak script.txt with an offline voice and write the sample talk's sound.

Needs ``pip install hibari-tts scipy soundfile`` (a Kokoro voice, Apache-2.0; not a dependency of
the program). Usage: ``python training/sample/speak.py resources/sample/audio.flac``
"""

from __future__ import annotations

import sys
from math import gcd
from pathlib import Path

import numpy as np
import soundfile
from hibari import Hibari
from scipy.signal import resample_poly

RATE = 16_000
PAUSE_S = 0.55  # between lines
BREAK_S = 1.3  # at a blank line


def main(target: Path) -> None:
    """Write 16 kHz mono FLAC to ``target``."""
    voice = Hibari()
    factor = gcd(RATE, voice.sample_rate)
    parts = [np.zeros(RATE // 2, dtype=np.float32)]
    for line in (Path(__file__).parent / "script.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        if not line.strip():
            parts.append(np.zeros(round(BREAK_S * RATE), dtype=np.float32))
            continue
        sound = voice(line, speed=0.97, seed=0)
        parts.append(resample_poly(sound, RATE // factor, voice.sample_rate // factor))
        parts.append(np.zeros(round(PAUSE_S * RATE), dtype=np.float32))
    joined = np.concatenate(parts).astype(np.float32)
    joined *= 0.6 / np.abs(joined).max()
    soundfile.write(target, joined, RATE, format="FLAC", subtype="PCM_16")
    print(f"{len(joined) / RATE:.1f} s")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
