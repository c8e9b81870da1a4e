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
# Of sound: a block alone may be shorter than one wave of a rumble, which cancels by chance.
_JUDGED_S = 1.0


class Mixer:
    """Mixes blocks of one stream, each the mean of its channels.

    A channel that is another one upside down, as from a balanced cable in a stereo socket, leaves
    no mean: while that shows in all that was heard lately, the loudest channel is taken alone.
    """

    def __init__(self, rate_hz: int) -> None:
        self._span = round(_JUDGED_S * rate_hz)
        self._alone: int | None = None
        # The energy of each channel and of what their mean leaves: of the span that fills now, of
        # which there are so many samples, and of the one before it.
        self._now = self._before = np.zeros(1)
        self._samples = 0

    def mix(self, channels: Samples) -> Samples:
        """One channel of ``channels``, 16 bits in the shape (samples, channels)."""
        sides = channels.T.astype(np.float64, order="C")
        total = sides.sum(axis=0)
        energy = [float(side @ side) for side in sides]
        if max(energy) > _SOUND_RMS**2 * len(total):
            # Half of the sum: the mean of two; of more, those that are silent take nothing away.
            self._judge(np.array([*energy, float(total @ total) / 4]), len(total))
        if self._alone is not None:
            alone: Samples = channels[:, self._alone]
            return alone
        mean: Samples = (total / len(sides)).astype(np.int16)
        return mean

    def _judge(self, heard: np.ndarray, samples: int) -> None:
        """Choose between the mean and one channel, with a block of sound more."""
        if self._samples >= self._span:
            self._before, self._now, self._samples = self._now, np.zeros(1), 0
        self._now = self._now + heard
        self._samples += samples
        *energy, left = (self._before + self._now).tolist()
        if left >= _CANCELLED**2 * max(energy):
            self._alone = None
        elif self._alone is None:
            self._alone = energy.index(max(energy))
