"""The window's beginning and end.

In order: the application and its theme, the library, the main window on the screen, and only
then what is slow (the recogniser, recovery of takes that a crash left behind).
"""

from __future__ import annotations

import signal
import sys
import traceback
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QMessageBox

from runthrough.errors import RunthroughError
from runthrough.library import Library, default_library_root
from runthrough.resources import resource
from runthrough.settings import load_settings
from runthrough.ui.main_window import MainWindow, apply_look
from runthrough.ui.session import Session
from runthrough.ui.widgets.basics import literal

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType


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
    sys.excepthook = _CrashHook(session, window)
    window.show()
    window.activateWindow()  # keys reach it even where no window manager gives them
    QTimer.singleShot(0, window.start)
    # Python only sees Ctrl-C while it runs, and Qt's loop is not Python.
    signal.signal(signal.SIGINT, lambda *_: window.close())
    wake = QTimer()
    wake.start(250)
    wake.timeout.connect(lambda: None)
    code: int = app.exec()
    session.close()
    return code


class _CrashHook:
    """Writes the details of a defect to a file and says where, once."""

    def __init__(self, session: Session, window: MainWindow) -> None:
        self._session = session
        self._window = window

    def __call__(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        details = "".join(traceback.format_exception(kind, error, trace))
        print(details, file=sys.stderr)
        path = self._session.library.root / f"defect-{datetime.now():%Y%m%d-%H%M%S}.txt"
        try:
            path.write_text(details, encoding="utf-8")
            where = f" The details are in {path}."
        except OSError:
            where = ""
        self._window.show_trouble(
            f"Something went wrong in Runthrough ({kind.__name__}).{where} "
            "What was recorded is safe."
        )
