"""The window's beginning and end.

In order: the application and its theme, the library, the main window on the screen, and only
then what is slow (the recogniser, recovery of takes that a crash left behind).
"""

from __future__ import annotations

import math
import os
import signal
import sys
import threading
import time
import traceback
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QSocketNotifier, Qt, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMessageBox

from runthrough.errors import Cancelled, RunthroughError
from runthrough.files import private
from runthrough.library import WINDOW_LOCK, Library, default_library_root, hold_lock
from runthrough.resources import resource
from runthrough.settings import load_settings
from runthrough.ui import background, theme
from runthrough.ui.main_window import MainWindow
from runthrough.ui.session import Session
from runthrough.ui.widgets.basics import literal

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from filelock import FileLock

# What comes after the first paint waits this long, so as not to hold it up.
_PAINTED_MS = 50
_HAND_OVER_S = 0.001
# What fails twenty times a second is told once; what fails when it is tried again, each time.
_TELL_AGAIN_S = 2.0


def run(library_root: Path | None) -> int:
    """Open the window and return the exit code once it is closed."""
    # A thread that computes hands over this soon when the window's thread wants to go on. Python's
    # own 5 ms add up to a visible hitch where painting has to ask several times.
    sys.setswitchinterval(_HAND_OVER_S)
    app = theme.application(sys.argv[0])
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
    theme.apply(app, settings.theme, text_percent=settings.text_percent)
    window = MainWindow(session)
    for note in notes:
        window.show_trouble(note)
    hook = CrashHook(session, window)
    hook.install()
    window.show()
    window.activateWindow()  # keys reach it even where no window manager gives them
    held: list[FileLock] = []
    QTimer.singleShot(_PAINTED_MS, lambda: background.collect_here(window))
    QTimer.singleShot(_PAINTED_MS, lambda: _claim_and_start(window, held))
    _close_at_ctrl_c(window)
    code: int = app.exec()
    hook.uninstall()
    session.close()
    for lock in held:
        lock.release()
    return code


def _claim_and_start(window: MainWindow, held: list[FileLock]) -> None:
    """Put the lock of the library, also of a moved one, into ``held``; then do what takes time."""
    root = window.session.library.root

    def claimed(lock: FileLock | None) -> None:
        if lock is None and not share(root):
            window.close()
            return
        if lock is not None:
            held.append(lock)
        window.session.library_changed.connect(lambda: _follow(window, held))
        window.start()

    def failed(error: Exception) -> None:
        window.start()
        window.show_error(error)

    background.run(window, lambda _task: claim(root), done=claimed, failed=failed)


def _follow(window: MainWindow, held: list[FileLock]) -> None:
    """Hold the lock of the library where it is now: another window there is to be told so."""
    root = window.session.library.root
    if all(lock.lock_file != str(root / WINDOW_LOCK) for lock in held):
        lock = claim(root)
        if lock is not None:
            held.append(lock)


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


def claim(root: Path) -> FileLock | None:
    """The lock of the window on the library ``root``, or ``None`` if another one holds it."""
    from filelock import Timeout

    try:
        return hold_lock(root / WINDOW_LOCK)
    except Timeout:
        return None


def share(root: Path) -> bool:
    """Ask whether to go on although another window has the library ``root``.

    The recording of neither is in danger.
    """
    box = QMessageBox(QMessageBox.Icon.Warning, "Runthrough", "")
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(
        f"Runthrough is already open with the library {root}. In a second window, corrections "
        "made in the other one can be overwritten. Use the other window, or open this one too."
    )
    other = box.addButton("Use the other window", QMessageBox.ButtonRole.RejectRole)
    box.addButton("Open this one too", QMessageBox.ButtonRole.AcceptRole)
    box.setDefaultButton(other)
    box.exec()
    return box.clickedButton() not in (other, None)


class CrashHook:
    """Writes the details of a defect to a private file and shows in the window where.

    Hears of defects in the window's thread and in others, in Qt's slots, and in finalisers.
    """

    def __init__(self, session: Session, window: MainWindow) -> None:
        self._session = session
        self._window = window
        # What was said of a defect, and when, by ``time.monotonic``.
        self._told: dict[tuple[str, str, int], tuple[str, float]] = {}
        self._before = (sys.excepthook, threading.excepthook, sys.unraisablehook)

    def install(self) -> None:
        """Be the hook of this process."""
        sys.excepthook = self
        threading.excepthook = lambda args: self(
            args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback
        )
        sys.unraisablehook = lambda args: self(
            args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback
        )

    def uninstall(self) -> None:
        """Put back the hooks there were."""
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._before

    def __call__(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """Tell of ``error``, as ``sys.excepthook`` is called."""
        if issubclass(kind, (SystemExit, Cancelled)):
            return
        details = "".join(traceback.format_exception(kind, error, trace))
        print(details, file=sys.stderr)
        last = traceback.extract_tb(trace)[-1:]
        # A sentence that nobody caught is still one for the user.
        sentence = str(error) if isinstance(error, RunthroughError) else ""
        what = sentence or f"Something went wrong in Runthrough ({kind.__name__})."
        place = (what, last[0].filename, last[0].lineno or 0) if last else (what, "", 0)
        now = time.monotonic()
        text, told_at = self._told.get(place, ("", -math.inf))
        self._told[place] = (text, now)
        if now - told_at < _TELL_AGAIN_S:
            return
        if not text:
            where = self._write(details)
            text = f"{what}{where}{'' if sentence else ' What was recorded is safe.'}"
            self._told[place] = (text, now)
        background.tell(self._window, lambda: self._window.show_trouble(text, details))

    def _write(self, details: str) -> str:
        """Keep ``details`` in the library and say where; ``""`` if they can't be kept."""
        moment = f"{datetime.now():%Y%m%d-%H%M%S-%f}"
        path = self._session.library.root / f"defect-{moment}.txt"
        try:
            with open(path, "x", encoding="utf-8", opener=private) as file:
                file.write(details)
        except OSError:
            return ""
        return f" The details are in {path}."
