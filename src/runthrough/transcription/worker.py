"""What the recognition process does: loads a model and transcribes what it is told to."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import time
import traceback
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
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
    Warm,
)
from runthrough.transcription.models import Model, verify
from runthrough.transcription.sound import GrowingFile, read_recording

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from runthrough.talk import Word
    from runthrough.transcription.listener import Listener

# How often a growing file is looked at.
_LOOK_S = 0.1
# A guess at the open sound is made once this much is new, and guessing takes at most two thirds of
# the time. Captions are to be on the screen two seconds after the voice.
_GUESS_S = 0.5
_GUESS_SHARE = 0.5
# A guess costs more the longer the sound is. Beyond the first of these lengths, words that ended
# before the last seconds are guessed at no more.
_GUESS_LONGEST_S, _GUESS_LAST_S = 10.0, 5.0
# Further behind than this (more than a piece), captions skip to what is being said now.
_BEHIND_S = 30.0
# glibc's malloc.h.
_M_ARENA_MAX = -8
# While someone is talking, the recorder and the window go first.
_NICENESS = 5


def main(pipe: Connection, model: Model, threads: int, language: str = "") -> None:
    """Do one job after another with ``model``, which the first one loads, until the pipe closes."""
    # Nothing here may use the network; set before huggingface_hub is imported.
    os.environ["HF_HUB_OFFLINE"] = "1"
    _keep_memory_together()
    listeners = _Listeners(model, threads, language)
    while True:
        job = pipe.recv()
        if isinstance(job, Finished):
            continue  # of a job that has failed
        if isinstance(job, Warm):
            with contextlib.suppress(RunthroughError):
                listeners.for_one_piece()
            continue
        try:
            duration_s = _do(job, listeners, pipe)
        except ModelError as error:
            pipe.send(Failed(error, traceback.format_exc()))
        except RunthroughError as error:
            pipe.send(Failed(error))
        except (EOFError, BrokenPipeError, ConnectionResetError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the parent has to be told
            trouble = _starved(error) or RecognitionError(
                f"Speech recognition failed ({error}). The recording is safe; try again, or "
                "choose another speech model."
            )
            pipe.send(Failed(trouble, traceback.format_exc()))
        else:
            pipe.send(Done(listeners.language or "en", duration_s))


def _starved(error: Exception) -> RecognitionError | None:
    """What to say of ``error`` if it means that there is too little memory."""
    # MKL, CTranslate2, Python and the loader of libraries each have words of their own for it.
    words = ("alloc", "failed to map segment", "start new thread")
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, MemoryError) or any(word in str(cause) for word in words):
            return RecognitionError(
                "There is too little memory for speech recognition. The recording is safe: close "
                "other programs and try again, or choose a smaller speech model."
            )
        cause = cause.__cause__ or cause.__context__
    return None


def _keep_memory_together() -> None:
    """Have glibc use one heap: one for each thread kept 150 MB that nothing used any more."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # another C library than glibc
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


class _Listeners:
    """The model, loaded for the kind of job at hand; one copy is held at a time.

    One piece is heard soonest with all threads at work on it. A file is heard soonest with a
    thread for each of several pieces: a decoder that writes word after word leaves a second
    thread idle for much of the time (measured on two cores, tiny.en: 1.7 times the speed).
    """

    def __init__(self, model: Model, threads: int, language: str) -> None:
        self._model, self.threads, self._language = model, threads, language
        self._listener: Listener | None = None
        self._workers = 0

    @property
    def language(self) -> str:
        return self._listener.language if self._listener else ""

    def for_one_piece(self) -> Listener:
        return self._get(workers=1)

    def for_many_pieces(self) -> Listener:
        return self._get(workers=self.threads)

    def _get(self, workers: int) -> Listener:
        if self._listener is None or workers != self._workers:
            self._listener = None  # before the next one takes its place in memory
            self._listener = _load(self._model, self.threads // workers, workers, self._language)
            self._workers = workers
        self._listener.begin()
        return self._listener


def _load(model: Model, threads: int, workers: int, language: str) -> Listener:
    from runthrough.transcription.listener import Listener

    verify(model)
    if model.folder is None:
        raise AssertionError("a verified model has a folder")
    try:
        return Listener(model.folder, threads, workers, language)
    except Exception as error:  # CTranslate2 and tokenizers raise plain RuntimeError and others
        raise _starved(error) or ModelError(
            f"The speech model {model.name} can't be loaded ({error}). Choose another one with "
            "--model or in the settings."
        ) from error


def _do(job: Transcribe | Follow, listeners: _Listeners, pipe: Connection) -> float:
    match job:
        case Transcribe():
            return _transcribe(job, listeners, pipe)
        case Follow():
            if hasattr(os, "nice") and os.nice(0) < _NICENESS:
                os.nice(_NICENESS)
            return _Following(job, listeners.for_one_piece(), pipe).run()
        case _:
            assert_never(job)


def _transcribe(job: Transcribe, listeners: _Listeners, pipe: Connection) -> float:
    """Hear a file, as many pieces at once as there are threads; they are settled in order."""
    listener = listeners.for_many_pieces()
    start = round(job.start_s * SAMPLE_RATE)
    blocks, total_s = read_recording(job.audio, start)
    cutter = Cutter(start)
    under_way: deque[tuple[Piece, Future[tuple[Word, ...]]]] = deque()

    def settle(left: int) -> None:
        while len(under_way) > left:
            piece, words = under_way.popleft()
            pipe.send(Settled(words.result(), piece.end_s, total_s))

    with ThreadPoolExecutor(listeners.threads, "piece") as pool:

        def hear(pieces: list[Piece]) -> None:
            for piece in pieces:
                under_way.append((piece, pool.submit(listener.hear, piece, job.hotwords)))
                # The first voice settles which language the rest is in. After it, so many pieces
                # wait that no thread does, and so few that memory does not grow with the file.
                settle(2 * listeners.threads if listener.language else 0)

        for block in blocks:
            hear(cutter.push(block))
        hear(cutter.finish())
        settle(0)
    return total_s


class _Following:
    """One file that is followed while it grows."""

    def __init__(self, job: Follow, listener: Listener, pipe: Connection) -> None:
        start = round(job.start_s * SAMPLE_RATE)
        self._job, self._listener, self._pipe = job, listener, pipe
        self._file = GrowingFile(job.audio, start)
        self._cutter = Cutter(start)
        self._guessed = start  # samples up to which the open sound was guessed at
        self._kept: tuple[Word, ...] = ()  # guessed before, and not guessed at again
        self._guess_from = start
        self._guess_after = time.monotonic()

    def run(self) -> float:
        finished = False
        while True:
            samples = self._file.read()
            if len(samples):
                self._settle(self._cutter.push(samples))
                if self._job.tentative and not finished:
                    self._skip_ahead()
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
        held, start = self._cutter.held, self._cutter.start
        if start + len(held) - self._guessed < _GUESS_S * SAMPLE_RATE:
            return
        self._guess_from = max(self._guess_from, start)
        self._kept = tuple(w for w in self._kept if w.start_s >= start / SAMPLE_RATE)
        piece = Piece(self._guess_from, held[self._guess_from - start :])
        words = self._guess_at(piece)
        if words is None:
            return
        told = (*self._kept, *words)
        self._pipe.send(Tentative(told))
        if len(piece.samples) > _GUESS_LONGEST_S * SAMPLE_RATE:
            old = [word for word in words if word.end_s <= piece.end_s - _GUESS_LAST_S]
            self._kept = told[: len(self._kept) + len(old)]
            last_s = old[-1].end_s if old else piece.end_s - _GUESS_LAST_S
            self._guess_from = max(piece.start, round(last_s * SAMPLE_RATE))

    def _skip_ahead(self) -> None:
        """Guess at the last seconds there are, if what is being settled is far behind them."""
        end = round(self._file.length_s * SAMPLE_RATE)
        if end - self._cutter.start - len(self._cutter.held) < _BEHIND_S * SAMPLE_RATE:
            return
        start = end - round(_GUESS_LAST_S * SAMPLE_RATE)
        words = self._guess_at(Piece(start, GrowingFile(self._job.audio, start).read()))
        if words is not None:
            self._pipe.send(Tentative(words))

    def _guess_at(self, piece: Piece) -> tuple[Word, ...] | None:
        """The words in ``piece``, or ``None`` if it is too early for another guess."""
        began = time.monotonic()
        if began < self._guess_after:
            return None
        words = self._listener.guess(piece, self._job.hotwords)
        self._guessed = piece.start + len(piece.samples)
        now = time.monotonic()
        self._guess_after = now + _GUESS_SHARE * (now - began)
        return words
