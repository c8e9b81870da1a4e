"""The whole sound of a recording, to compare with what was spoken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from runthrough.audio.wav import read_blocks

if TYPE_CHECKING:
    from pathlib import Path

    from runthrough.audio.wav import Samples


def sound_of(path: Path) -> Samples:
    """Its samples: shape (samples,), 16 bits."""
    return np.concatenate([np.zeros(0, np.int16), *read_blocks(path, 60.0)])
