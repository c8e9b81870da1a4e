"""The only hop between threads: work runs elsewhere, its outcome arrives in the window's thread.

The core calls plain callbacks from whatever thread it is on. ``run`` turns them into one queued
Qt signal, and passes results and exceptions as objects, never as text.

What Qt made must also end in the window's thread; a window freed in another crashes or hangs the
program. Python frees a thing where the last reference to it goes, and what refers to itself in
whichever thread its collector happens to run. Hence what work refers to is kept here until the
window's thread lets go of it, and ``collect_here`` lets the collector run in that thread alone.
"""

from __future__ import annotations

import gc
import itertools
import threading
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer, Signal, Slot
from shiboken6 import isValid

from runthrough.errors import RunthroughError

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

T = TypeVar("T")

# How often it is seen whether there is enough to collect, and how many new objects are enough. Of
# eleven times ten look at the new alone, which takes a millisecond or two, and of as many more but
# one at what has survived once; only then at all, which takes some ten.
_LOOK_MS = 1000
_ENOUGH = 1000
_TIMES = 10


def to_crash_hook(error: Exception) -> None:
    """For ``failed``, where no page has anything to say: the crash hook tells the user."""
    raise error


def sentence(error: Exception) -> str:
    """What to tell the user of ``error``."""
    if isinstance(error, RunthroughError):
        return str(error)
    return "Something went wrong in Runthrough; what was recorded is safe. Try again."


def raise_defect(error: Exception) -> None:
    """Hand what is not the user's trouble to the crash hook, once the page looks right again."""
    if not isinstance(error, RunthroughError):
        raise error


def tell_trouble(error: Exception, show: Callable[[str], None]) -> None:
    """Have ``show`` say what went wrong; a defect goes to the crash hook."""
    raise_defect(error)
    show(str(error))


class Task:
    """A piece of work under way, as its worker and its owner see it."""

    def __init__(self, owner: QObject, on_progress: Callable[[str, float], None] | None) -> None:
        self.owner = owner
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
        tell(self.owner, what)


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
    number = next(_numbers)
    _jobs[number] = _Job(task, op, done, failed)
    try:
        if pool is not None:
            pool.submit(_work, number)
        else:
            threading.Thread(
                target=_work, args=(number,), name="runthrough-work", daemon=True
            ).start()
    except BaseException:
        del _jobs[number]  # nobody works on it, as in a pool that is shut down
        raise
    return task


@dataclass
class _Job:
    """Work with all that it refers to, which the window's thread takes out of ``_jobs``."""

    task: Task
    op: Callable[[Task], Any]
    done: Callable[[Any], None]
    failed: Callable[[Exception], None]
    outcome: Any = None
    error: Exception | None = None


_jobs: dict[int, _Job] = {}
_numbers = itertools.count()


def _work(number: int) -> None:
    _do(number)  # once it has returned, this thread refers to nothing but a number
    tell(_hop(), partial(_end, number))


def _do(number: int) -> None:
    job = _jobs[number]
    try:
        job.outcome = job.op(job.task)
    except Exception as error:  # noqa: BLE001 - every failure is handed to the window whole
        job.error = error
    except BaseException as error:  # noqa: BLE001 - handed to the window too, or the page would wait for good
        # Such as an exit, or a panic in a library written in Rust. Raised in the window's thread
        # as it is, it would end the program.
        job.error = RuntimeError(f"{type(error).__name__}: {error}")
        job.error.__cause__ = error


def _end(number: int) -> None:
    job = _jobs.pop(number)
    if not isValid(job.task.owner):
        return
    if job.error is not None:
        job.failed(job.error)
    else:
        job.done(job.outcome)


def collect_here(window: QObject) -> None:
    """Have garbage collected in this thread, while ``window`` lives, and in no other.

    What there is now is taken to stay and not looked at again.
    """
    gc.disable()
    gc.freeze()
    timer = QTimer(window)
    timer.timeout.connect(collect)
    timer.start(_LOOK_MS)


def collect() -> None:
    """Collect garbage if there may be enough of it."""
    new, once, twice = gc.get_count()
    if new > _ENOUGH:
        gc.collect(2 if twice > _TIMES else 1 if once > _TIMES else 0)
