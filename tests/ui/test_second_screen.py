"""Slides full screen on the second screen. Screens can't be added to a running Qt, hence a process.

The screens are those of Qt's own offscreen platform; only the sound card is made up.
"""

import json
import os
import subprocess
import sys

TALK = """
import sys
from pathlib import Path
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
import runthrough.audio.devices as devices
from fake_microphone import FakeSoundDevice
from pdfs import slide, write_pdf
from runthrough.errors import ModelError
from runthrough.library import Library
from runthrough.settings import Settings
from runthrough.ui import theme
from runthrough.ui.main_window import MainWindow
from runthrough.ui.session import Session

def wait(true):
    for _ in range(1000):
        if true():
            return
        sound.hear(0.05, 0.01)
        loop = QEventLoop()
        QTimer.singleShot(10, loop.quit)
        loop.exec()
    raise AssertionError("it did not come")

def none_here():
    raise ModelError("There is no speech model.")

folder = Path(sys.argv[1])
app = QApplication([])
theme.apply(app, "light")
sound = FakeSoundDevice("Microphone")
devices._portaudio = lambda: sound
library = Library(folder / "library")
talk = library.new_talk("A talk", "interview-20")
pdf = write_pdf(folder / "slides.pdf", [slide("First", "a"), slide("Second", "b")])
talk = library.attach_slides(talk, pdf)
session = Session(library, Settings(count_in=False))
session.recognizer = none_here
window = MainWindow(session)
window.show()
window.activateWindow()
window.open_rehearsal(talk)
page, audience = window.rehearse, window.rehearse._audience
wait(lambda: page._setup.start.isEnabled() and page._slides.title(2) == "Second")
assert not audience.isVisible()
QTest.keyClick(window.windowHandle(), Qt.Key.Key_Space)
assert audience.isFullScreen()
assert audience.geometry() == app.screens()[1].geometry()
assert window.isActiveWindow(), "the keys stay with the speaker"
shown = lambda: audience._view.accessibleName()
wait(lambda: page._slides.picture(1) is not None)
middle = lambda: audience.grab().toImage().pixelColor(audience.rect().center()).name()
assert shown() == "Slide 1: First"
wait(lambda: middle() == "#ffffff")
QTest.keyClick(audience.windowHandle(), Qt.Key.Key_PageDown)
assert shown() == "Slide 2: Second", "a clicker works there too"
QTest.keyClick(window.windowHandle(), Qt.Key.Key_B)
assert middle() == "#000000"
QTest.keyClick(window.windowHandle(), Qt.Key.Key_B)
wait(lambda: middle() == "#ffffff")
sound.hear(1, 0.1)
QTest.keyClick(window.windowHandle(), Qt.Key.Key_Escape)
assert not audience.isVisible()
wait(lambda: not page.busy)
window.open_rehearsal(library.new_talk("Without slides", "interview-20"))
wait(lambda: page._setup.start.isEnabled())
page._start()
assert page.in_take and not audience.isVisible()
page._choosing.attach_slides(pdf)
wait(audience.isFullScreen)
window.keep_and_close()
session.close()
print("seen")
"""


def test_slides_are_full_screen_on_the_second_screen(tmp_path):
    screen = {
        "y": 0,
        "width": 1280,
        "height": 800,
        "logicalDpi": 96,
        "logicalBaseDpi": 96,
        "dpr": 1,
    }
    screens = [{"name": "here", "x": 0, **screen}, {"name": "there", "x": 1280, **screen}]
    (tmp_path / "screens.json").write_text(json.dumps({"screens": screens}))
    ran = subprocess.run(
        [sys.executable, "-c", TALK, str(tmp_path)],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "QT_QPA_PLATFORM": "offscreen:configfile=screens.json",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.stdout == "seen\n", ran.stderr
