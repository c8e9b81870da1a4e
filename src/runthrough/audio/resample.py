"""Changes the rate of a stream of sound, block by block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from runthrough.audio.wav import Samples


class Resampler:
    """Turns a stream of one-channel sound at ``from_hz`` into one at ``to_hz``.

    Keeps its state between blocks, so block edges can't be heard. A millisecond or two stay inside
    until ``flush``.
    """

    def __init__(self, from_hz: int, to_hz: int) -> None:
        import av

        self._av = av
        self._from_hz = from_hz
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=to_hz)

    def push(self, pcm: Samples) -> Samples:
        """What is ready after ``pcm``, shape (samples,); it may be nothing yet."""
        if not len(pcm):
            return pcm
        frame = self._av.AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = self._from_hz
        return joined(self._resampler.resample(frame))

    def flush(self) -> Samples:
        """What was still inside. Nothing may be pushed after it."""
        return joined(self._resampler.resample(None))


def joined(frames: list[Any]) -> Samples:
    """The samples of PyAV's packed 16-bit ``frames`` as one array, its channels in turn."""
    parts = [frame.to_ndarray().reshape(-1) for frame in frames if frame is not None]
    return np.concatenate(parts) if parts else np.zeros(0, np.int16)
