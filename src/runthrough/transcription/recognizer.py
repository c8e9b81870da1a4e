"""Speech to words, in a process of its own: what happens to it does not happen to the recording."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, assert_never

from runthrough.errors import Cancelled, RecognitionError
from runthrough.transcription import worker
from runthrough.transcription.child import Child, ChildDied
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

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from runthrough.talk import Word
    from runthrough.transcription.models import Model

    OnWords = Callable[[tuple[Word, ...]], None]
    OnProgress = Callable[[float, float], None]

# How often it is looked whether a job was cancelled.
_LOOK_S = 0.1
# More threads than this gain nothing with the small models.
_MAX_THREADS = 4
# A live transcription is given up after this many deaths in a row that got no further.
_MAX_DEATHS = 3
# How long a callback may hold up closing.
_CLOSE_S = 5.0


@dataclass(frozen=True, slots=True)
class Recognition:
    """What was said in a recording of ``duration_s`` seconds, as ``model`` heard it."""

    words: tuple[Word, ...]
    language: str
    duration_s: float
    model: str


class Recognizer:
    """Owns the recognition process, which starts with the first job and serves the next ones too.

    One job at a time, from any thread: ``transcribe`` waits for the one before, ``follow`` must
    not be called while ``busy``.
    ``threads`` is how many processor threads recognition may use, by default what the computer
    has, at most four. ``language`` is the code of what is spoken, empty to find out from the sound;
    a model of one language hears that one. Use it as a context manager, or ``close`` it.
    """

    def __init__(self, model: Model, threads: int | None = None, *, language: str = "") -> None:
        self._model = model
        self._language = language
        self._threads = threads or min(_MAX_THREADS, _processors())
        self._child: Child | None = None
        self._busy = threading.Lock()
        self._closed = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The id of the recognition process, ``None`` while there is none."""
        child = self._child
        return child.pid if child is not None and child.alive else None

    @property
    def busy(self) -> bool:
        """Whether a job is under way."""
        return self._busy.locked()

    def warm(self) -> None:
        """Start loading the model, so that ``follow`` begins at once. Does not wait for it."""
        if self._busy.acquire(blocking=False):
            try:
                self._start().send(Warm())
            except ChildDied:
                pass  # the job that needs it starts another and tells
            finally:
                self._busy.release()

    def close(self) -> None:
        """End the process. A job that is running ends as cancelled. May be called again."""
        self._closed.set()
        waited = self._busy.acquire(timeout=_CLOSE_S)
        self._stop()
        if waited:
            self._busy.release()

    def transcribe(
        self,
        audio: Path,
        *,
        on_words: OnWords | None = None,
        on_progress: OnProgress | None = None,
        cancelled: Callable[[], bool] | None = None,
        hotwords: str = "",
    ) -> Recognition:
        """Transcribe a take's finished sound. Callbacks are called in the calling thread.

        ``on_words`` gets the words as they are settled, ``on_progress`` the seconds heard so far
        and the seconds there are. ``hotwords`` are terms that may come up.

        Raises ``AudioInputError`` if the recording can't be read, ``ModelError`` if the model
        can't, ``RecognitionError`` if the process died (a new one starts with the next job), and
        ``Cancelled`` soon after ``cancelled()`` turned true; then no process is left.
        """
        cancelled = cancelled or (lambda: False)
        progress = _Progress(on_words, None, on_progress)
        self._take(cancelled)
        try:
            done = self._converse(Transcribe(audio, hotwords), progress, cancelled)
        except ChildDied as death:
            raise _died() from death
        finally:
            self._busy.release()
        return progress.result(done, self._model)

    def follow(
        self,
        audio: Path,
        *,
        on_words: OnWords | None = None,
        on_tentative: OnWords | None = None,
        on_progress: OnProgress | None = None,
        hotwords: str = "",
    ) -> Following:
        """Transcribe a recording while it is being written. Returns at once.

        ``audio`` is a WAV file as the recorder writes it: 16 kHz, mono, 16 bit, the sound from
        byte 44 on; it need not exist yet. Callbacks as in ``transcribe``, but called in a thread
        of the ``Following``. ``on_tentative`` gets a guess at the words since the last settled
        ones, every few seconds: it replaces the guess before, and settled words replace it.
        The settled words are the same as ``transcribe`` gives for the finished file.
        """
        progress = _Progress(on_words, on_tentative, on_progress)
        self._take()
        return Following(
            lambda cancelled, finished: self._follow(audio, hotwords, progress, cancelled, finished)
        )

    # --- inside -------------------------------------------------------------------------------

    def _take(self, cancelled: Callable[[], bool] | None = None) -> None:
        """Become the one job; wait for that if ``cancelled`` can end the waiting."""
        while not self._closed.is_set():
            if self._busy.acquire(timeout=_LOOK_S):
                return
            if cancelled is None:
                raise RuntimeError("A recognizer does one job at a time.")
            if cancelled():
                raise Cancelled("Transcription was stopped. The recording is safe.")
        raise RuntimeError("This recognizer is closed.")

    def _start(self) -> Child:
        if self._child is None or not self._child.alive:
            self._stop()
            self._child = Child(worker.main, self._model, self._threads, self._language)
        return self._child

    def _stop(self) -> None:
        if self._child is not None:
            self._child.stop()
            self._child = None

    def _follow(
        self,
        audio: Path,
        hotwords: str,
        progress: _Progress,
        cancelled: Callable[[], bool],
        finished: Callable[[], bool],
    ) -> Recognition:
        """Follow ``audio`` to its end. If the process dies, another takes up where it stopped."""
        deaths = 0
        try:
            while True:
                before_s = progress.until_s
                job = Follow(audio, hotwords, before_s, progress.wants_guesses)
                try:
                    done = self._converse(job, progress, cancelled, finished)
                except ChildDied as death:
                    deaths = deaths + 1 if progress.until_s == before_s else 1
                    if deaths == _MAX_DEATHS:
                        raise _died() from death
                else:
                    return progress.result(done, self._model)
        finally:
            self._busy.release()

    def _converse(
        self,
        job: Transcribe | Follow,
        progress: _Progress,
        cancelled: Callable[[], bool],
        finished: Callable[[], bool] | None = None,
    ) -> Done:
        """Have one job done. Raises ``ChildDied`` besides what the child reports."""
        done: Done | None = None
        try:
            child = self._start()
            child.send(job)
            while done is None:
                if cancelled() or self._closed.is_set():
                    raise Cancelled("Transcription was stopped. The recording is safe.")
                if finished is not None and finished():
                    child.send(Finished())
                    finished = None
                message: Settled | Tentative | Done | Failed | None = child.receive(_LOOK_S)
                match message:
                    case None:
                        pass
                    case Settled():
                        progress.settle(message)
                    case Tentative():
                        progress.guess(message)
                    case Done():
                        done = message
                    case Failed():
                        if message.trace:
                            message.error.add_note(message.trace)
                        raise message.error
                    case _:
                        assert_never(message)
        finally:
            # A process in the middle of a job is of no use to the next one.
            if done is None:
                self._stop()
        return done


class Following:
    """A recording that is transcribed while it is being written. Made by ``Recognizer.follow``."""

    def __init__(
        self, work: Callable[[Callable[[], bool], Callable[[], bool]], Recognition]
    ) -> None:
        self._work = work
        self._finished, self._cancelled = threading.Event(), threading.Event()
        self._outcome: Recognition | Exception | None = None
        self._thread = threading.Thread(target=self._run, name="recognition", daemon=True)
        self._thread.start()

    @property
    def failed(self) -> bool:
        """Whether it has ended too soon, and nothing more will be heard."""
        return isinstance(self._outcome, Exception)

    def finish(self) -> None:
        """Say that the file is complete. Returns at once; ``result`` waits for the rest."""
        self._finished.set()

    def cancel(self) -> None:
        """Stop and forget. ``result`` then raises ``Cancelled``."""
        self._cancelled.set()

    def result(self, timeout_s: float | None = None) -> Recognition:
        """Wait for the end, after ``finish``, and return all that was heard.

        Raises what ``Recognizer.transcribe`` raises, and ``TimeoutError`` if there is still more
        to hear after ``timeout_s``.
        """
        self._thread.join(timeout_s)
        if self._outcome is None:
            raise TimeoutError("The recording is still being transcribed.")
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome

    def _run(self) -> None:
        try:
            self._outcome = self._work(self._cancelled.is_set, self._finished.is_set)
        except Exception as error:  # noqa: BLE001 - whatever it is, result() raises it
            self._outcome = error


class _Progress:
    """Collects what is heard and passes it on."""

    def __init__(
        self,
        on_words: OnWords | None,
        on_tentative: OnWords | None,
        on_progress: OnProgress | None,
    ) -> None:
        self._on_words, self._on_tentative = on_words, on_tentative
        self._on_progress = on_progress
        self._words: list[Word] = []
        self.until_s = 0.0

    @property
    def wants_guesses(self) -> bool:
        return self._on_tentative is not None

    def settle(self, message: Settled) -> None:
        self._words += message.words
        self.until_s = message.until_s
        if message.words and self._on_words is not None:
            self._on_words(message.words)
        if self._on_progress is not None:
            self._on_progress(message.until_s, message.total_s)

    def guess(self, message: Tentative) -> None:
        if self._on_tentative is not None:
            self._on_tentative(message.words)

    def result(self, done: Done, model: Model) -> Recognition:
        return Recognition(tuple(self._words), done.language, done.duration_s, model.name)


def _died() -> RecognitionError:
    return RecognitionError(
        "Speech recognition stopped unexpectedly. The recording is safe: try again, and if it "
        "happens again, choose a smaller speech model."
    )


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
