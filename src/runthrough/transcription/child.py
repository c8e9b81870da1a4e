"""A process of ours that does what may crash, and the pipe to it.

Started with the spawn method, so that it inherits no thread, lock or window; stopping it is
terminating it, whatever native code it is in.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from multiprocessing import connection
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection

_STOP_S = 3.0


class ChildDied(Exception):  # noqa: N818 - told to the user as a RunthroughError by who catches it
    """The child process ended without having been asked to."""


class Child:
    """A running child process. ``main`` gets its end of the pipe, then ``args``."""

    def __init__(self, main: Callable[..., None], *args: object) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_run, args=(main, theirs, *args), daemon=True)
        self._sending = threading.Lock()
        with _interrupts_held_back():
            self._process.start()
        # Ours to close, or the pipe would stay open when the child dies.
        theirs.close()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid or 0

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.is_alive()

    def send(self, message: object) -> None:
        """Send ``message``, from any thread. Raises ``ChildDied``."""
        try:
            with self._sending:
                self._pipe.send(message)
        except OSError as error:
            raise self._died() from error

    def receive(self, timeout_s: float) -> Any:
        """The next message, or ``None`` if none came in time. Raises ``ChildDied``."""
        try:
            # What the child said before it died is still heard.
            if not self._pipe.poll():
                connection.wait([self._pipe, self._process.sentinel], timeout_s)
                if not self._pipe.poll():
                    if self.alive:
                        return None
                    raise self._died()
            return self._pipe.recv()
        except (EOFError, OSError) as error:
            raise self._died() from error

    def stop(self) -> None:
        """End it now. No process is left when this returns."""
        self._process.terminate()
        self._process.join(_STOP_S)
        if self.alive:
            self._process.kill()
            self._process.join()
        self._pipe.close()

    def _died(self) -> ChildDied:
        self._process.join(_STOP_S)
        return ChildDied(f"exit code {self._process.exitcode}")


def _run(main: Callable[..., None], pipe: Connection, *args: object) -> None:
    # Ctrl-C in a terminal reaches the whole process group; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _keep_locks_private()
    # The parent may go away at any time; then there is no one left to tell.
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        main(pipe, *args)


def _keep_locks_private() -> None:
    # tqdm, which the libraries draw their bars with, makes a lock that processes could share; when
    # the child is terminated, the parent would be warned of a leaked semaphore as it exits.
    from tqdm import tqdm

    tqdm.set_lock(threading.RLock())


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)


@contextlib.contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Start the child with Ctrl-C blocked, so that it prints no traceback while it imports."""
    if sys.platform == "win32":
        yield  # there are no signal masks; _run ignores Ctrl-C once it is reached
        return
    from multiprocessing import resource_tracker

    # Starting the tracker unblocks the signal, so have it started before.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
