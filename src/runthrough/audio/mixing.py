"""Makes one channel of several."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from runthrough.audio.wav import Samples

# Two channels cancel each other if less than this share of the louder one is left in their mean.
_CANCELLED = 0.1
# Of 16 bits, -60 dBFS: what is quieter is hiss and tells nothing of the voice.
_SOUND_RMS = 32.0


class Mixer:
    """Mixes blocks of one stream, each the mean of its channels.

    A channel that is another one upside down, as from a balanced cable in a stereo socket, leaves
    no mean: from the first block with sound where that shows, the loudest channel is taken alone.
    """

    def __init__(self) -> None:
        self._alone: int | None = None

    def mix(self, channels: Samples) -> Samples:
        """One channel of ``channels``, 16 bits in the shape (samples, channels)."""
        if self._alone is not None:
            alone: Samples = channels[:, self._alone]
            return alone
        sides = channels.T.astype(np.float64, order="C")
        total = sides.sum(axis=0)
        energy = [float(side @ side) for side in sides]
        loudest = max(energy)
        # Half of the sum: the mean of two; of more, those that are silent take nothing away.
        left = float(total @ total) / 4
        if loudest > _SOUND_RMS**2 * len(total) and left < _CANCELLED**2 * loudest:
            self._alone = energy.index(loudest)
            return self.mix(channels)
        mean: Samples = (total / len(sides)).astype(np.int16)
        return mean
