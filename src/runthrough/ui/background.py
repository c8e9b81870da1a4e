"""The only hop between threads: work runs elsewhere, its outcome arrives in the window's thread.

The core calls plain callbacks from whatever thread it is on. ``run`` turns them into one queued
Qt signal, and passes results and exceptions as objects, never as text.
"""

from __future__ import annotations

import threading
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal, Slot
from shiboken6 import isValid

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

T = TypeVar("T")


def to_crash_hook(error: Exception) -> None:
    """For ``failed``, where no page has anything to say: the crash hook tells the user."""
    raise error


class Task:
    """A piece of work under way, as its worker and its owner see it."""

    def __init__(self, owner: QObject, on_progress: Callable[[str, float], None] | None) -> None:
        self._owner = owner
        self._on_progress = on_progress
        self._stop = threading.Event()

    def cancel(self) -> None:
        """Ask the work to stop; it ends by raising ``Cancelled``."""
        self._stop.set()

    def cancelled(self) -> bool:
        """Whether the work was asked to stop."""
        return self._stop.is_set()

    def progress(self, stage: str, fraction: float) -> None:
        """Report progress from the worker."""
        report = self._on_progress
        if report is not None:
            self.tell(lambda: report(stage, fraction))

    def tell(self, what: Callable[[], None]) -> None:
        """Have ``what`` called in the window's thread, unless the owner is gone by then."""
        tell(self._owner, what)


def tell(owner: QObject, what: Callable[[], None]) -> None:
    """Have ``what`` called in the window's thread from any thread, unless ``owner`` is gone."""
    _hop().arrived.emit((owner, what))


class _Hop(QObject):
    """Lives in the window's thread for as long as the program, so that emitting is always safe."""

    arrived = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        app = QCoreApplication.instance()
        if app is not None:  # the first to tell of anything can be another thread
            self.moveToThread(app.thread())
        self.arrived.connect(self._call, Qt.ConnectionType.QueuedConnection)

    @Slot(object)
    def _call(self, message: tuple[QObject, Callable[[], None]]) -> None:
        owner, what = message
        if isValid(owner):
            what()


@cache
def _hop() -> _Hop:
    return _Hop()


def run(
    owner: QObject,
    op: Callable[[Task], T],
    *,
    done: Callable[[T], None],
    failed: Callable[[Exception], None],
    progress: Callable[[str, float], None] | None = None,
    pool: Executor | None = None,
) -> Task:
    """Run ``op`` in a thread of its own, or in ``pool``, and report back in the window's thread.

    ``op`` gets the ``Task``, for progress and cancelling. If ``owner`` is destroyed meanwhile,
    nobody is called. ``failed`` must show the error; there is no silent default. Call it from the
    window's thread.
    """
    _hop()
    task = Task(owner, progress)

    def work() -> None:
        outcome: Any
        try:
            outcome = op(task)
        except Exception as error:  # noqa: BLE001 - every failure is handed to the window whole
            failure = error
            task.tell(lambda: failed(failure))
        else:
            task.tell(lambda: done(outcome))

    if pool is not None:
        pool.submit(work)
    else:
        threading.Thread(target=work, name="runthrough-work", daemon=True).start()
    return task
