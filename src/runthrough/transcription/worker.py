"""The recognition process: alone with the native code, told what to do through a pipe.

Started by ``recognizer``. It ends when the pipe closes, so it never outlives the program.
"""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runthrough.talk import Word

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

_RATE_HZ = 16_000
_WAV_HEADER_BYTES = 44
_BLOCK_S = 5.0
# How often a growing file is looked at again.
_LOOK_S = 0.25
# A piece without this much speech is not decoded: silence gives "You", noise gives inventions.
_SPEECH_PROBABILITY = 0.3
_LEAST_SPEECH_S = 0.15
# A word that stands where nobody speaks is an invention.
_SILENT_PROBABILITY = 0.1
_AROUND_WORD_S = 0.4
_VAD_STEP = 512


@dataclass(frozen=True, slots=True)
class Job:
    """Transcribe ``audio``; with ``follow`` it is still being written until ``Ended`` comes."""

    audio: Path
    follow: bool
    hotwords: str
    language: str | None


@dataclass(frozen=True, slots=True)
class Ended:
    """The file that is followed is complete."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The model is loaded."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Words of one piece, and how far the sound is settled."""

    words: tuple[Word, ...]
    done_s: float
    total_s: float


@dataclass(frozen=True, slots=True)
class Done:
    """The job is done."""

    duration_s: float
    language: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The job failed with an expected error."""

    reason: str


def main(pipe: Connection, model_path: str, threads: int) -> None:
    """Load the model and do jobs until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    from faster_whisper import WhisperModel
    from tqdm import tqdm

    # faster-whisper makes a progress bar even where none is shown, and with it a lock between
    # processes, which would be reported as leaked when this process is ended in its work.
    tqdm.set_lock(threading.RLock())
    model = WhisperModel(
        model_path, device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True
    )
    pipe.send(Ready())
    while True:
        try:
            job = pipe.recv()
        except (EOFError, OSError):
            return
        if isinstance(job, Job):
            try:
                _do(model, job, pipe)
            except (BrokenPipeError, EOFError):
                return
            except (OSError, ValueError, RuntimeError) as error:
                pipe.send(Failed(f"{type(error).__name__}: {error}"))


def _do(model: Any, job: Job, pipe: Connection) -> None:
    from runthrough.transcription.cutter import Cutter

    cutter = Cutter()
    taken = 0
    language = job.language or "en"
    for block, total in _blocks(job, pipe):
        taken += len(block)
        for piece in cutter.push(block):
            words = _recognise(model, piece.samples, piece.start_s, job)
            pipe.send(Heard(words, piece.end_s, max(total, taken) / _RATE_HZ))
    for piece in cutter.finish():
        words = _recognise(model, piece.samples, piece.start_s, job)
        pipe.send(Heard(words, piece.end_s, taken / _RATE_HZ))
    pipe.send(Done(taken / _RATE_HZ, language))


def _blocks(job: Job, pipe: Connection) -> Iterator[tuple[NDArray[np.int16], int]]:
    """The sound block by block, with the samples there are in all as far as known."""
    import numpy as np

    if job.audio.suffix != ".wav":
        from faster_whisper import decode_audio

        sound = decode_audio(str(job.audio), sampling_rate=_RATE_HZ)
        yield (sound * 32767).astype(np.int16), len(sound)
        return
    size = round(_BLOCK_S * _RATE_HZ) * 2
    complete = not job.follow
    with job.audio.open("rb") as file:
        # The sizes in the header of a growing file are not to be trusted; the sound starts here
        # in every file that this program writes.
        file.seek(_WAV_HEADER_BYTES)
        rest = b""
        while True:
            data = rest + file.read(size)
            whole = len(data) - len(data) % 2
            rest = data[whole:]
            if whole:
                total = (job.audio.stat().st_size - _WAV_HEADER_BYTES) // 2
                yield np.frombuffer(data[:whole], "<i2"), total
            elif complete:
                return
            elif pipe.poll(_LOOK_S):
                # Only ``Ended`` is sent while a job runs; an EOF ends the process.
                complete = isinstance(pipe.recv(), Ended)


def _recognise(
    model: Any, samples: NDArray[np.int16], start_s: float, job: Job
) -> tuple[Word, ...]:
    import numpy as np

    sound = samples.astype(np.float32) / np.float32(32768)
    speech = _speech(sound)
    step_s = _VAD_STEP / _RATE_HZ
    if (speech > _SPEECH_PROBABILITY).sum() * step_s < _LEAST_SPEECH_S:
        return ()
    segments, _ = model.transcribe(
        sound,
        language=job.language or "en",
        beam_size=5,
        word_timestamps=True,
        condition_on_previous_text=False,
        no_speech_threshold=None,
        hotwords=job.hotwords or None,
    )
    end_s = len(sound) / _RATE_HZ
    words: list[Word] = []
    for segment in segments:
        for word in segment.words or ():
            first = max(0, int((word.start - _AROUND_WORD_S) / step_s))
            last = int((word.end + _AROUND_WORD_S) / step_s) + 1
            near = speech[first:last]
            if near.size and float(near.max()) < _SILENT_PROBABILITY:
                continue
            begin = max(word.start, words[-1].end_s - start_s if words else 0.0)
            end = min(max(word.end, begin), end_s)
            text = word.word.strip()
            if text:
                words.append(
                    Word(
                        start_s + min(float(begin), end_s),
                        start_s + float(end),
                        text,
                        float(word.probability),
                    )
                )
    return tuple(words)


def _speech(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """How likely there is speech, per 32 ms, with quiet recordings made loud first."""
    import numpy as np
    from faster_whisper.vad import get_vad_model

    loud = float(np.percentile(np.abs(sound), 99.5))
    louder = np.clip(sound * np.float32(min(0.3 / max(loud, 1e-4), 30.0)), -1, 1)
    padded = np.pad(louder, (0, -len(louder) % _VAD_STEP))
    probabilities: NDArray[np.float32] = get_vad_model()(padded).ravel()
    return probabilities
