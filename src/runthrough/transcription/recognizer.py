"""Recognition as the rest of the program sees it: ask, hear words as they come, cancel."""

from __future__ import annotations

import multiprocessing
import os
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from runthrough.errors import Cancelled, RecognitionError
from runthrough.transcription import worker

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess
    from pathlib import Path

    from runthrough.talk import Word
    from runthrough.transcription.models import Model

# How often a waiting caller looks whether it was cancelled.
_LOOK_S = 0.1
_LOADING_WITHIN_S = 120.0
_ENDS_WITHIN_S = 0.3
# The window and the recorder want a core of their own.
_MOST_THREADS = 4


@dataclass(frozen=True, slots=True)
class Recognition:
    """What was recognised in one recording."""

    words: tuple[Word, ...]
    language: str
    duration_s: float
    model: str


class Recognizer:
    """Owns the recognition process, which is started at first use and kept for the next take.

    One job at a time; a second waits. Raises ``RecognitionError`` when the process dies, after
    which the next job starts another.
    """

    def __init__(self, model: Model, threads: int | None = None) -> None:
        self.model = model
        self._threads = threads or min(_MOST_THREADS, os.cpu_count() or 1)
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._busy = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def warm(self) -> None:
        """Start the process and load the model, so that the first job need not wait."""
        with self._busy:
            self._start()

    def close(self) -> None:
        """End the process, whatever it is doing."""
        process, pipe = self._process, self._pipe
        self._process = self._pipe = None
        if pipe is not None:
            pipe.close()
        if process is not None:
            # An idle process ends by itself when the pipe closes.
            process.join(_ENDS_WITHIN_S)
            if process.is_alive():
                process.kill()
                process.join()
            process.close()

    def transcribe(
        self,
        audio: Path,
        *,
        on_words: Callable[[tuple[Word, ...]], None] | None = None,
        on_progress: Callable[[float, float], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
        hotwords: str = "",
    ) -> Recognition:
        """Recognise a complete recording. ``on_progress`` hears seconds done and in all.

        Raises ``Cancelled`` or ``RecognitionError``.
        """
        with self._busy:
            self._send(worker.Job(audio, follow=False, hotwords=hotwords, language=None))
            return self._collect(on_words, on_progress, cancelled)

    def follow(
        self,
        audio: Path,
        *,
        on_words: Callable[[tuple[Word, ...]], None] | None = None,
        hotwords: str = "",
    ) -> Follower:
        """Recognise a recording while it is being written. ``on_words`` is called in a thread."""
        return Follower(self, audio, on_words, hotwords)

    def _start(self) -> None:
        if self._process is not None and self._process.is_alive():
            return
        self.close()
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._process = context.Process(
            target=worker.main,
            args=(theirs, str(self.model.path), self._threads),
            name="runthrough-recognition",
            daemon=True,
        )
        self._process.start()
        theirs.close()
        self._pipe = ours
        if not isinstance(self._receive(None, _LOADING_WITHIN_S), worker.Ready):
            self.close()
            raise RecognitionError("The recogniser did not start. Try again.")

    def _send(self, message: object) -> None:
        self._start()
        assert self._pipe is not None  # noqa: S101 - just started
        try:
            self._pipe.send(message)
        except OSError as error:
            raise self._died() from error

    def _receive(self, cancelled: Callable[[], bool] | None, within_s: float | None = None) -> Any:
        waited = 0.0
        while True:
            pipe = self._pipe
            if pipe is None:
                raise Cancelled("The recogniser was closed.")
            try:
                if pipe.poll(_LOOK_S):
                    return pipe.recv()
            except (EOFError, OSError) as error:
                raise self._died() from error
            waited += _LOOK_S
            if within_s is not None and waited > within_s:
                self.close()
                raise RecognitionError("The recogniser did not answer. Try again.")
            if cancelled is not None and cancelled():
                self.close()
                raise Cancelled("Cancelled. The recording is kept.")

    def _collect(
        self,
        on_words: Callable[[tuple[Word, ...]], None] | None,
        on_progress: Callable[[float, float], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> Recognition:
        words: list[Word] = []
        while True:
            message = self._receive(cancelled)
            if isinstance(message, worker.Heard):
                words += message.words
                if on_words is not None and message.words:
                    on_words(message.words)
                if on_progress is not None:
                    on_progress(message.done_s, message.total_s)
            elif isinstance(message, worker.Done):
                return Recognition(
                    tuple(words), message.language, message.duration_s, self.model.name
                )
            elif isinstance(message, worker.Failed):
                raise RecognitionError(
                    f"The recogniser failed ({message.reason}). The recording is safe; try again."
                )

    def _died(self) -> RecognitionError:
        self.close()
        return RecognitionError(
            "The recogniser stopped unexpectedly. The recording is safe; try again."
        )


class Follower:
    """A recognition that keeps up with a recording. ``finish`` it once the file is complete."""

    def __init__(
        self,
        recognizer: Recognizer,
        audio: Path,
        on_words: Callable[[tuple[Word, ...]], None] | None,
        hotwords: str,
    ) -> None:
        self._recognizer = recognizer
        self._job = worker.Job(audio, follow=True, hotwords=hotwords, language=None)
        self._on_words = on_words
        self._on_progress: Callable[[float, float], None] | None = None
        self._stop = threading.Event()
        self._complete = threading.Event()
        self._outcome: Recognition | Exception | None = None
        self._thread = threading.Thread(target=self._run, name="runthrough-follow", daemon=True)
        self._thread.start()

    def finish(
        self,
        *,
        on_progress: Callable[[float, float], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Recognition:
        """Recognise what is left and return the whole.

        Raises ``RecognitionError`` if the process died meanwhile, or ``Cancelled``.
        """
        self._on_progress = on_progress
        self._complete.set()
        while self._thread.is_alive():
            self._thread.join(_LOOK_S)
            if cancelled is not None and cancelled():
                self._stop.set()
        if isinstance(self._outcome, Recognition):
            return self._outcome
        raise self._outcome or RecognitionError("The recogniser stopped. Try again.")

    def cancel(self) -> None:
        """Stop, and forget what was recognised."""
        self._stop.set()
        self._complete.set()
        self._thread.join()

    def _run(self) -> None:
        recognizer = self._recognizer
        try:
            with recognizer._busy:  # noqa: SLF001 - the two are one unit
                recognizer._send(self._job)  # noqa: SLF001 - as above
                teller = threading.Thread(target=self._tell_end, daemon=True)
                teller.start()
                try:
                    self._outcome = recognizer._collect(  # noqa: SLF001 - as above
                        self._on_words, self._progress, self._stop.is_set
                    )
                finally:
                    self._complete.set()
                    teller.join()
        except Exception as error:  # noqa: BLE001 - handed to whoever calls finish
            self._outcome = error

    def _tell_end(self) -> None:
        self._complete.wait()
        pipe = self._recognizer._pipe  # noqa: SLF001 - as above
        if pipe is not None:
            try:
                pipe.send(worker.Ended())
            except OSError:
                return

    def _progress(self, done_s: float, total_s: float) -> None:
        report = self._on_progress
        if report is not None:
            report(done_s, total_s)
