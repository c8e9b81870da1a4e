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

import numpy as np

from runthrough.audio.wav import SAMPLE_RATE_HZ, begun, duration_s, read_blocks
from runthrough.errors import ModelError, RecognitionError, RunthroughError
from runthrough.transcription.cutter import Cutter, Piece
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

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from pathlib import Path

    from runthrough.audio.wav import Samples
    from runthrough.talk import Word
    from runthrough.transcription.listener import Heard, Listener

# So much is read at a time.
_BLOCK_S = 10.0
# How often a growing file is looked at.
_LOOK_S = 0.1
# A guess at the open sound is made once this much is new, and guessing takes at most two thirds of
# the time. Captions are to be on the screen two seconds after the voice.
_GUESS_S = 0.5
_GUESS_SHARE = 0.5
# A guess costs more the longer the sound is. Beyond the first of these lengths, words that ended
# before the last seconds are guessed at no more.
_GUESS_LONGEST_S, _GUESS_LAST_S = 10.0, 5.0
# So many pieces wait to be heard, besides those that the last sound was cut into.
_MOST_WAITING = 2
# What a piece is told depends on so many pieces before it, about a quarter of an hour.
_TOLD_PIECES = 60
_NONE: Samples = np.zeros(0, np.int16)
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
                listeners.for_following()
            continue
        try:
            length_s = _do(job, listeners, pipe)
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
            pipe.send(Done(listeners.language or "en", length_s))


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

    Someone who talks is heard soonest with all threads at work on a piece, and as many on a guess
    beside it. A file is heard soonest with a thread for each of several pieces: a decoder that
    writes word after word leaves a second thread idle for much of the time (measured on two cores,
    tiny.en: 1.7 times the speed).
    """

    def __init__(self, model: Model, threads: int, language: str) -> None:
        self._model, self.threads, self._language = model, threads, language
        self._listener: Listener | None = None
        self._loaded = (0, 0)

    @property
    def language(self) -> str:
        return self._listener.language if self._listener else ""

    def for_following(self) -> Listener:
        return self._get(threads=self.threads, workers=2)

    def for_many_pieces(self) -> Listener:
        return self._get(threads=1, workers=self.threads)

    def _get(self, threads: int, workers: int) -> Listener:
        if self._listener is None or (threads, workers) != self._loaded:
            self._listener = None  # before the next one takes its place in memory
            self._listener = _load(self._model, threads, workers, self._language)
            self._loaded = (threads, workers)
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
            return _Following(job, listeners.for_following(), pipe, listeners.threads).run()
        case _:
            assert_never(job)


def _transcribe(job: Transcribe, listeners: _Listeners, pipe: Connection) -> float:
    """Hear a file, as many pieces at once as there are threads; they are settled in order."""
    listener = listeners.for_many_pieces()
    total_s = duration_s(job.audio)
    cutter = Cutter()
    in_turn = _InTurn(listener, job.hotwords, listeners.threads)
    under_way: deque[tuple[Piece, Future[Heard]]] = deque()

    def settle(left: int) -> None:
        while len(under_way) > left:
            piece, heard = under_way.popleft()
            pipe.send(Settled(heard.result().words, piece.end_s, total_s))

    with ThreadPoolExecutor(listeners.threads, "piece") as pool:

        def hear(pieces: list[Piece]) -> None:
            for piece in pieces:
                under_way.append((piece, in_turn.hear(piece, pool)))
                # The first voice settles which language the rest is in. After it, so many pieces
                # wait that no thread does, and so few that memory does not grow with the file.
                settle(2 * listeners.threads if listener.language else 0)

        for block in read_blocks(job.audio, _BLOCK_S):
            hear(cutter.push(block))
        hear(cutter.finish())
        settle(0)
    return total_s


class _InTurn:
    """Has pieces heard in the order in which they were said, up to ``at_once`` at a time.

    Each is told what was said up to the piece that is so many before it: the same words come out
    whether a file grows or is complete.
    """

    def __init__(self, listener: Listener, hotwords: str, at_once: int) -> None:
        self._listener, self._hotwords, self._at_once = listener, hotwords, at_once
        self._asked: deque[Future[Heard]] = deque(maxlen=at_once + _TOLD_PIECES)

    def hear(self, piece: Piece, pool: ThreadPoolExecutor) -> Future[Heard]:
        """Ask ``pool``, which does first what it was asked first."""
        earlier = list(self._asked)[: 1 - self._at_once or None]
        self._asked.append(pool.submit(self._hear, piece, earlier))
        return self._asked[-1]

    def _hear(self, piece: Piece, earlier: list[Future[Heard]]) -> Heard:
        # One that failed is told of by whoever waits for it.
        told = [heard.result() for heard in reversed(earlier) if not heard.exception()]
        return self._listener.hear(piece, self._hotwords, told)


class _Following:
    """One file that is followed while it grows.

    Pieces are heard in a thread of their own, so that guesses at what is being said go on
    meanwhile: what is heard is the transcript and may take its time, a guess may not.
    """

    def __init__(self, job: Follow, listener: Listener, pipe: Connection, threads: int) -> None:
        start = round(job.start_s * SAMPLE_RATE_HZ)
        self._job, self._listener, self._pipe = job, listener, pipe
        self._read = start  # samples read so far
        self._cutter = Cutter(start)
        self._in_turn = _InTurn(listener, job.hotwords, threads)
        self._under_way: deque[tuple[Piece, Future[Heard]]] = deque()
        self._guessed = start  # samples up to which the sound was guessed at
        self._kept: tuple[Word, ...] = ()  # guessed before, and not guessed at again
        self._guess_from = start
        self._guess_after = time.monotonic()

    def run(self) -> float:
        finished = False
        with ThreadPoolExecutor(1, "piece") as pool:
            while True:
                # What can't be heard yet stays in the file: memory does not grow.
                room = finished or len(self._under_way) < _MOST_WAITING
                samples = _growing(self._job.audio, self._read, _BLOCK_S) if room else _NONE
                self._read += len(samples)
                over = finished and not len(samples)
                for piece in self._cutter.finish() if over else self._cutter.push(samples):
                    self._under_way.append((piece, self._in_turn.hear(piece, pool)))
                self._settle(wait=finished)
                if over:
                    return self._length_s
                # Whatever was written before the word came is read once more after it.
                if self._pipe.poll(0 if finished or len(samples) else _LOOK_S):
                    finished = isinstance(self._pipe.recv(), Finished) or finished
                elif self._job.tentative and not finished:
                    self._guess()

    @property
    def _length_s(self) -> float:
        return duration_s(self._job.audio) if begun(self._job.audio) else 0.0

    def _settle(self, *, wait: bool) -> None:
        """Send what has been heard, in order; all of it if ``wait``."""
        while self._under_way and (wait or self._under_way[0][1].done()):
            piece, heard = self._under_way.popleft()
            self._pipe.send(Settled(heard.result().words, piece.end_s, self._length_s))
            self._kept = tuple(w for w in self._kept if w.start_s >= piece.end_s)
            self._guess_from = max(self._guess_from, piece.start + len(piece.samples))

    def _guess(self) -> None:
        """Guess at the sound since the last settled words, or at its last seconds."""
        end, began = round(self._length_s * SAMPLE_RATE_HZ), time.monotonic()
        if end - self._guessed < _GUESS_S * SAMPLE_RATE_HZ or began < self._guess_after:
            return
        if end - self._guess_from > 2 * _GUESS_LONGEST_S * SAMPLE_RATE_HZ:
            # Far behind: captions skip to what is being said now.
            self._guess_from, self._kept = end - round(_GUESS_LAST_S * SAMPLE_RATE_HZ), ()
        samples = _growing(self._job.audio, self._guess_from, 2 * _GUESS_LONGEST_S)
        piece = Piece(self._guess_from, samples)
        words = self._listener.guess(piece, self._job.hotwords)
        self._guessed = piece.start + len(samples)
        now = time.monotonic()
        self._guess_after = now + _GUESS_SHARE * (now - began)
        told = (*self._kept, *words)
        self._pipe.send(Tentative(told))
        if len(samples) > _GUESS_LONGEST_S * SAMPLE_RATE_HZ:
            old = [word for word in words if word.end_s <= piece.end_s - _GUESS_LAST_S]
            self._kept = told[: len(self._kept) + len(old)]
            last_s = old[-1].end_s if old else piece.end_s - _GUESS_LAST_S
            self._guess_from = max(piece.start, round(last_s * SAMPLE_RATE_HZ))


def _growing(audio: Path, start: int, longest_s: float) -> Samples:
    """The sound there is by now from sample ``start`` on; none before the file is begun."""
    if not begun(audio):
        return _NONE
    return next(read_blocks(audio, longest_s, start / SAMPLE_RATE_HZ), _NONE)
