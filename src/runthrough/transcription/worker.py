"""What the recognition process does: loads a model and transcribes what it is told to."""

from __future__ import annotations

import os
import time
import traceback
from typing import TYPE_CHECKING, assert_never

from runthrough.errors import ModelError, RecognitionError, RunthroughError
from runthrough.transcription.cutter import SAMPLE_RATE, Cutter, Piece
from runthrough.transcription.messages import (
    Done,
    Failed,
    Finished,
    Follow,
    Settled,
    Tentative,
    Transcribe,
)
from runthrough.transcription.models import Model, verify
from runthrough.transcription.sound import GrowingFile, read_recording

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from runthrough.transcription.listener import Listener

# How often a growing file is looked at.
_LOOK_S = 0.25
# A guess at the open sound is made once this much is new, and takes at most a quarter of the time.
_GUESS_S = 3.0
_GUESS_SHARE = 4
# While someone is talking, the recorder and the window go first.
_NICENESS = 5


def main(pipe: Connection, model: Model, threads: int) -> None:
    """Load ``model``, then do one job after another until the pipe closes."""
    # Nothing here may use the network; set before huggingface_hub is imported.
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    try:
        listener = _load(model, threads)
    except ModelError as error:
        pipe.send(Failed(error, traceback.format_exc()))
        return
    while True:
        job = pipe.recv()
        if isinstance(job, Finished):
            continue  # of a job that has failed
        try:
            duration_s = _do(job, listener, pipe)
        except RunthroughError as error:
            pipe.send(Failed(error))
        except (EOFError, BrokenPipeError, ConnectionResetError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the parent has to be told
            trouble = RecognitionError(
                f"Speech recognition failed ({error}). The recording is safe; try again, or "
                "choose another speech model."
            )
            pipe.send(Failed(trouble, traceback.format_exc()))
        else:
            pipe.send(Done(listener.language or "en", duration_s))


def _load(model: Model, threads: int) -> Listener:
    from runthrough.transcription.listener import Listener

    verify(model)
    if model.folder is None:
        raise AssertionError("a verified model has a folder")
    try:
        return Listener(model.folder, threads)
    except Exception as error:  # CTranslate2 and tokenizers raise plain RuntimeError and others
        raise ModelError(
            f"The speech model {model.name} can't be loaded ({error}). Choose another one with "
            "--model or in the settings."
        ) from error


def _do(job: Transcribe | Follow, listener: Listener, pipe: Connection) -> float:
    match job:
        case Transcribe():
            return _transcribe(job, listener, pipe)
        case Follow():
            if hasattr(os, "nice") and os.nice(0) < _NICENESS:
                os.nice(_NICENESS)
            return _Following(job, listener, pipe).run()
        case _:
            assert_never(job)


def _transcribe(job: Transcribe, listener: Listener, pipe: Connection) -> float:
    start = round(job.start_s * SAMPLE_RATE)
    blocks, total_s = read_recording(job.audio, start)
    cutter = Cutter(start)

    def settle(pieces: list[Piece]) -> None:
        for piece in pieces:
            words = listener.hear(piece, job.hotwords)
            pipe.send(Settled(words, piece.end_s, total_s))

    for block in blocks:
        settle(cutter.push(block))
    settle(cutter.finish())
    return total_s


class _Following:
    """One file that is followed while it grows."""

    def __init__(self, job: Follow, listener: Listener, pipe: Connection) -> None:
        start = round(job.start_s * SAMPLE_RATE)
        self._job, self._listener, self._pipe = job, listener, pipe
        self._file = GrowingFile(job.audio, start)
        self._cutter = Cutter(start)
        self._guessed = start  # samples up to which the open sound was guessed at
        self._guess_after = time.monotonic()

    def run(self) -> float:
        finished = False
        while True:
            samples = self._file.read()
            if len(samples):
                self._settle(self._cutter.push(samples))
            elif finished:
                break
            # Whatever was written before the word came is read once more after it.
            wait_s = 0 if finished or len(samples) else _LOOK_S
            if self._pipe.poll(wait_s):
                finished = isinstance(self._pipe.recv(), Finished) or finished
            elif self._job.tentative and not len(samples):
                self._guess()
        self._settle(self._cutter.finish())
        return self._file.length_s

    def _settle(self, pieces: list[Piece]) -> None:
        for piece in pieces:
            words = self._listener.hear(piece, self._job.hotwords)
            self._pipe.send(Settled(words, piece.end_s, self._file.length_s))

    def _guess(self) -> None:
        held = self._cutter.held
        end = self._cutter.start + len(held)
        began = time.monotonic()
        if end - self._guessed < _GUESS_S * SAMPLE_RATE or began < self._guess_after:
            return
        words = self._listener.hear(Piece(self._cutter.start, held), self._job.hotwords, beam=1)
        self._pipe.send(Tentative(words))
        self._guessed = end
        now = time.monotonic()
        self._guess_after = now + _GUESS_SHARE * (now - began)
