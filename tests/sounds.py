"""Sound to speak, and the whole sound of a recording to compare it with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import soundfile

from runthrough.audio.wav import read_blocks
from runthrough.resources import resource

if TYPE_CHECKING:
    from pathlib import Path

    from runthrough.audio.wav import Samples


def sample_speech(seconds: float) -> Samples:
    """How the shipped sample talk begins: shape (samples,), 16 bits, 16 kHz."""
    pcm, rate_hz = soundfile.read(
        resource("sample", "audio.flac"), frames=round(16_000 * seconds), dtype="int16"
    )
    assert rate_hz == 16_000
    return pcm


def sound_of(path: Path) -> Samples:
    """Its samples: shape (samples,), 16 bits."""
    return np.concatenate([np.zeros(0, np.int16), *read_blocks(path, 60.0)])
