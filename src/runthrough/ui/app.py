"""The window's beginning and end.

In order: the application and its theme, the library, the main window on the screen, and only
then what is slow (the recogniser, recovery of takes that a crash left behind).
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QSocketNotifier, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QMessageBox

from runthrough.errors import RunthroughError
from runthrough.library import Library, default_library_root
from runthrough.resources import resource
from runthrough.settings import load_settings
from runthrough.ui import background
from runthrough.ui.main_window import MainWindow, apply_look
from runthrough.ui.session import Session
from runthrough.ui.widgets.basics import literal

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from filelock import BaseFileLock


def run(library_root: Path | None) -> int:
    """Open the window and return the exit code once it is closed."""
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Runthrough")
    app.setDesktopFileName("runthrough")
    app.setWindowIcon(QIcon(str(resource("icons", "runthrough.svg"))))
    notes: list[str] = []
    settings = load_settings(tell=notes.append)
    try:
        library = Library(library_root or default_library_root(settings.library))
    except RunthroughError as error:
        QMessageBox.critical(None, "Runthrough", literal(str(error)))
        print(error, file=sys.stderr)
        return error.exit_code
    session = Session(library, settings)
    apply_look(session)
    window = MainWindow(session)
    for note in notes:
        window.show_trouble(note)
    _CrashHook(session, window).install()
    other = _hold(library)
    if other is None:
        window.show_trouble(
            "Another Runthrough has this library open. Both may look at it; record in one only."
        )
    window.show()
    window.activateWindow()  # keys reach it even where no window manager gives them
    QTimer.singleShot(0, window.start)
    _close_at_ctrl_c(window)
    code: int = app.exec()
    session.close()
    if other is not None:
        other.release()
    return code


def _hold(library: Library) -> BaseFileLock | None:
    """The library's lock, or None if another window has it."""
    from filelock import FileLock, Timeout

    lock = FileLock(library.root / "window.lock", mode=0o600)
    try:
        lock.acquire(blocking=False)
    except (Timeout, OSError):
        return None
    return lock


def _close_at_ctrl_c(window: MainWindow) -> None:
    """Close the window at Ctrl-C, which Python sees only while it runs, and Qt's loop is not it."""
    signal.signal(signal.SIGINT, lambda *_: window.keep_and_close())
    if sys.platform == "win32":  # its sockets can't wake the loop for a signal
        wake = QTimer(window)
        wake.timeout.connect(lambda: None)
        wake.start(500)
        return
    read, write = os.pipe()
    for end in (read, write):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    waker = QSocketNotifier(read, QSocketNotifier.Type.Read, window)
    waker.activated.connect(lambda: os.read(read, 64))


class _CrashHook:
    """Writes the details of a defect to a file that is the user's alone, and says where, once."""

    def __init__(self, session: Session, window: MainWindow) -> None:
        self._session = session
        self._window = window
        self._seen: set[tuple[str, str, int]] = set()
        self._task = background.Task(window, None)

    def install(self) -> None:
        """Hear of defects in slots and in threads."""
        sys.excepthook = self
        threading.excepthook = lambda told: self._task.tell(
            lambda: self(told.exc_type, told.exc_value or told.exc_type(), told.exc_traceback)
        )

    def __call__(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        details = "".join(traceback.format_exception(kind, error, trace))
        print(details, file=sys.stderr)
        last = traceback.extract_tb(trace)[-1:]
        where = (kind.__name__, last[0].filename, last[0].lineno or 0) if last else ("", "", 0)
        if where in self._seen:  # what fails twenty times a second is told once
            return
        self._seen.add(where)
        told = f"Something went wrong in Runthrough ({kind.__name__})."
        path = self._session.library.root / f"defect-{datetime.now():%Y%m%d-%H%M%S}.txt"
        try:
            with open(path, "w", encoding="utf-8", opener=_for_the_user_alone) as file:
                file.write(details)
            told += f" The details are in {path}."
        except OSError:
            pass
        self._window.show_trouble(f"{told} What was recorded is safe.", details)


def _for_the_user_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
