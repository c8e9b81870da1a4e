"""Writes a take's sound in the formats people send each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runthrough.audio.wav import SAMPLE_RATE_HZ, duration_s, read_blocks
from runthrough.errors import Cancelled, InputError
from runthrough.files import replacing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# Codec, container (as FFmpeg names them) and bits a second by the file's ending. The rates are
# enough for one voice; 0 is for what is not compressed with loss.
_FORMATS = {
    ".wav": ("pcm_s16le", "wav", 0),
    ".flac": ("flac", "flac", 0),
    ".opus": ("libopus", "ogg", 32_000),
    ".ogg": ("libopus", "ogg", 32_000),
    ".m4a": ("aac", "ipod", 64_000),
}
_BLOCK_S = 10.0


def encode(
    audio: Path,
    target: Path,
    *,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> None:
    """Write ``audio``, a take's sound, to ``target`` in the format its ending tells.

    ``target`` appears when it is complete; ``progress`` is called with the share done. Raises
    ``InputError`` for an unknown ending, ``AudioInputError`` if the sound can't be read,
    ``Cancelled``, and ``OSError`` if the disk won't.
    """
    if target.suffix.lower() not in _FORMATS:
        raise InputError(f"Name the file with one of these endings: {', '.join(_FORMATS)}.")
    import av

    codec, container, bits_per_s = _FORMATS[target.suffix.lower()]
    with replacing(target) as part:
        length = max(1.0, duration_s(audio) * SAMPLE_RATE_HZ)
        # The index first, so that a browser can begin before it has the end.
        options = {"movflags": "+faststart"} if container == "ipod" else {}
        with av.open(str(part), "w", format=container, options=options) as out:
            stream = out.add_stream(codec, rate=SAMPLE_RATE_HZ)
            assert isinstance(stream, av.AudioStream)  # noqa: S101 - follows from the codec
            stream.codec_context.layout = "mono"
            if bits_per_s:
                stream.bit_rate = bits_per_s
            if codec == "aac":
                stream.codec_context.options = {"aac_coder": "fast"}
            at = 0
            for pcm in read_blocks(audio, _BLOCK_S):
                if cancelled is not None and cancelled():
                    raise Cancelled("Writing the sound was cancelled.")
                frame = av.AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout="mono")
                frame.sample_rate = SAMPLE_RATE_HZ
                frame.pts = at
                at += len(pcm)
                out.mux(stream.encode(frame))
                if progress is not None:
                    progress(min(1.0, at / length))
            out.mux(stream.encode(None))
