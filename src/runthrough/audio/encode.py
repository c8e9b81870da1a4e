"""Writes a take's sound in the formats people send each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runthrough.audio.wav import SAMPLE_RATE_HZ, disk_error, read_blocks
from runthrough.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

# Codec and container by the file's ending, as FFmpeg names them.
_FORMATS = {
    ".wav": ("pcm_s16le", "wav"),
    ".flac": ("flac", "flac"),
    ".opus": ("libopus", "ogg"),
    ".ogg": ("libopus", "ogg"),
    ".m4a": ("aac", "ipod"),
}
_BLOCK_S = 10.0


def encode(audio: Path, target: Path) -> None:
    """Write ``audio``, a take's sound, to ``target`` in the format its ending tells.

    ``target`` appears when it is complete. Raises ``InputError`` for an unknown ending,
    ``AudioInputError`` if the sound can't be read, and ``RunthroughError`` if the disk won't.
    """
    if target.suffix.lower() not in _FORMATS:
        raise InputError(f"Name the file with one of these endings: {', '.join(_FORMATS)}.")
    import av

    codec, container = _FORMATS[target.suffix.lower()]
    part = target.with_name(target.name + ".part")
    try:
        with av.open(str(part), "w", format=container) as out:
            stream = out.add_stream(codec, rate=SAMPLE_RATE_HZ)
            assert isinstance(stream, av.AudioStream)  # noqa: S101 - follows from the codec
            stream.codec_context.layout = "mono"
            at = 0
            for pcm in read_blocks(audio, _BLOCK_S):
                frame = av.AudioFrame.from_ndarray(pcm.reshape(1, -1), format="s16", layout="mono")
                frame.sample_rate = SAMPLE_RATE_HZ
                frame.pts = at
                at += len(pcm)
                out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
        part.replace(target)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise disk_error(error, target) from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise
