"""A sound to test a loudspeaker with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from runthrough.audio.wav import SAMPLE_RATE_HZ, TakeFile

if TYPE_CHECKING:
    from pathlib import Path

# A rising fifth, soft enough for headphones: in Hz, seconds, and share of full scale.
_NOTES_HZ = (440.0, 660.0)
_NOTE_S = 0.45
_LOUD = 0.25


def write_chime(path: Path) -> None:
    """Write two soft notes to ``path``, a new file. Raises ``OSError``."""
    at_s = np.arange(round(_NOTE_S * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    # Swells in a fiftieth of a second and dies away, so that it does not click.
    shape = np.minimum(1.0, at_s / 0.02) * np.exp(-4 * at_s / _NOTE_S)
    shape *= np.minimum(1.0, (_NOTE_S - at_s) / 0.02)
    notes = [_LOUD * shape * np.sin(2 * np.pi * hz * at_s) for hz in _NOTES_HZ]
    file = TakeFile(path)
    try:
        file.append((np.concatenate(notes) * 32767).astype(np.int16))
    finally:
        file.close()
