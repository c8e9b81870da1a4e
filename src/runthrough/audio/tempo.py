"""Changes how fast speech is, and leaves its pitch as it is."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from runthrough.audio.resample import joined
from runthrough.audio.wav import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from typing import Any

    from runthrough.audio.wav import Samples


class Tempo:
    """Turns a stream of the library's sound into one ``speed`` times as fast (0.5 to 100).

    FFmpeg's ``atempo`` does it, by waveform similarity overlap and add: stretches of some
    hundredths of a second are laid over each other where they fit best. Some of the sound stays
    inside until ``flush``.
    """

    def __init__(self, speed: float) -> None:
        import av

        self._av = av
        self._pushed = 0
        self._graph = av.filter.Graph()
        source = self._graph.add_abuffer(
            sample_rate=SAMPLE_RATE_HZ,
            format="s16",
            layout="mono",
            time_base=Fraction(1, SAMPLE_RATE_HZ),
        )
        tempo = self._graph.add("atempo", f"{speed:.3f}")
        sink = self._graph.add("abuffersink")
        source.link_to(tempo)
        tempo.link_to(sink)
        self._graph.configure()

    def push(self, pcm: Samples) -> Samples:
        """What is ready after ``pcm``, shape (samples,); it may be nothing yet."""
        if not len(pcm):
            return pcm
        frame = self._av.AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE_HZ
        frame.time_base = Fraction(1, SAMPLE_RATE_HZ)
        frame.pts = self._pushed
        self._pushed += len(pcm)
        self._graph.push(frame)
        return self._ready()

    def flush(self) -> Samples:
        """What was still inside. Nothing may be pushed after it."""
        self._graph.push(None)
        return self._ready()

    def _ready(self) -> Samples:
        frames: list[Any] = []
        while True:
            try:
                frames.append(self._graph.pull())
            except (BlockingIOError, EOFError):  # what FFmpeg says for "not yet" and "no more"
                return joined(frames)
