"""The only hop between threads: work runs elsewhere, its outcome arrives in the window's thread.

The core calls plain callbacks from whatever thread it is on. ``run`` turns them into Qt signals
with queued delivery, and passes results and exceptions as objects, never as text.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal, Slot

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Task(QObject):
    """A piece of work under way. Lives in the window's thread."""

    _done = Signal(object)
    _failed = Signal(object)
    _progress = Signal(str, float)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._stop = threading.Event()
        self.on_done: Callable[[Any], None] | None = None
        self.on_failed: Callable[[Exception], None] | None = None
        self.on_progress: Callable[[str, float], None] | None = None
        queued = Qt.ConnectionType.QueuedConnection
        self._done.connect(self._finish, queued)
        self._failed.connect(self._fail, queued)
        self._progress.connect(self._advance, queued)

    def cancel(self) -> None:
        """Ask the work to stop; it ends by raising ``Cancelled``."""
        self._stop.set()

    def cancelled(self) -> bool:
        """Whether the work was asked to stop. Safe to call from the worker."""
        return self._stop.is_set()

    def progress(self, stage: str, fraction: float) -> None:
        """Report progress. Safe to call from the worker."""
        self._progress.emit(stage, fraction)

    @Slot(object)
    def _finish(self, result: object) -> None:
        if self.on_done is not None:
            self.on_done(result)
        self.deleteLater()

    @Slot(object)
    def _fail(self, error: Exception) -> None:
        if self.on_failed is not None:
            self.on_failed(error)
        self.deleteLater()

    @Slot(str, float)
    def _advance(self, stage: str, fraction: float) -> None:
        if self.on_progress is not None:
            self.on_progress(stage, fraction)


class _Work(QRunnable):
    def __init__(self, task: Task, op: Callable[[Task], Any]) -> None:
        super().__init__()
        self._task = task
        self._op = op

    def run(self) -> None:
        try:
            result = self._op(self._task)
        except Exception as error:  # noqa: BLE001 - every failure is handed to the window whole
            self._emit(self._task._failed, error)  # noqa: SLF001 - same module
        else:
            self._emit(self._task._done, result)  # noqa: SLF001 - same module

    @staticmethod
    def _emit(signal: Any, value: object) -> None:
        try:
            signal.emit(value)
        except RuntimeError:
            # The page that asked is gone, and with it everybody who wanted to know.
            return


def run(
    owner: QObject,
    op: Callable[[Task], T],
    *,
    done: Callable[[T], None],
    failed: Callable[[Exception], None],
    progress: Callable[[str, float], None] | None = None,
    pool: QThreadPool | None = None,
) -> Task:
    """Run ``op`` in a worker thread for ``owner`` and report back in the window's thread.

    ``op`` gets the ``Task``, for progress and cancelling. If ``owner`` is destroyed meanwhile,
    nobody is called. ``failed`` must show the error; there is no silent default.
    """
    task = Task(owner)
    task.on_done, task.on_failed, task.on_progress = done, failed, progress
    (pool or QThreadPool.globalInstance()).start(_Work(task, op))
    return task
