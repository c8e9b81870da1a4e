"""Make the README's pictures from the real window, so that they stay true.

python packaging/screenshots.py
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "packaging" / "screenshots"
sys.path.insert(0, str(ROOT / "src"))

from PySide6.QtCore import QEventLoop, QTimer  # noqa: E402 - the platform is chosen just above
from PySide6.QtWidgets import QApplication  # noqa: E402 - as above

from runthrough.library import Library  # noqa: E402 - as above
from runthrough.settings import Settings  # noqa: E402 - as above
from runthrough.ui import theme  # noqa: E402 - as above
from runthrough.ui.main_window import MainWindow  # noqa: E402 - as above
from runthrough.ui.session import Session  # noqa: E402 - as above


def wait(seconds: float) -> None:
    """Let the window and its threads work."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def main() -> None:
    """Write light and dark pictures of the sample talk's review and of the home."""
    app = QApplication([])
    TARGET.mkdir(exist_ok=True)
    for name in ("light", "dark"):
        theme.apply(app, name)
        with tempfile.TemporaryDirectory() as folder:
            session = Session(Library(Path(folder)), Settings())
            window = MainWindow(session)
            window.resize(1280, 800)
            window.show()
            take = session.library.open_sample()
            window.talks.refresh()
            wait(0.5)
            window.grab().save(str(TARGET / f"talks-{name}.png"))
            window.open_review(take)
            wait(4)  # the waveform's peaks are read beside the window
            window.grab().save(str(TARGET / f"review-{name}.png"))
            window.close()
            session.close()


if __name__ == "__main__":
    main()
