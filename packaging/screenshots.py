"""Make the README's pictures from the real window, so that they stay true.

python packaging/screenshots.py

The sample talk is what is seen: its finished review, the same sound rehearsed once more with the
real recogniser, and an answer that leaves something out. The sound card alone is a stand-in. Takes
a few minutes, since the talk is listened to as fast as it is spoken.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "packaging" / "screenshots"
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

from PySide6.QtCore import QEventLoop, QTimer  # noqa: E402 - platform and paths are set just above
from PySide6.QtWidgets import QApplication  # noqa: E402 - as above

import runthrough.audio.devices  # noqa: E402 - as above
from fake_microphone import RATE_HZ, FakeSoundDevice  # noqa: E402 - as above
from pdfs import slide, write_pdf  # noqa: E402 - as above
from runthrough.drill import Drill  # noqa: E402 - as above
from runthrough.library import Library  # noqa: E402 - as above
from runthrough.settings import Settings  # noqa: E402 - as above
from runthrough.ui.main_window import MainWindow, apply_look  # noqa: E402 - as above
from runthrough.ui.session import Session  # noqa: E402 - as above
from sounds import sound_of  # noqa: E402 - as above

if TYPE_CHECKING:
    from collections.abc import Callable

SLIDES = (
    ("Hearing leaks before anybody sees them", "A city loses water, and nobody knows where"),
    ("One liter in five never reaches a tap", "8 months until a leak shows", "900 km, four crews"),
    (
        "A leak never stops; everything else does",
        "A microphone on each hydrant",
        "The quietest moment of every minute",
        "Two hydrants that agree place the leak",
    ),
    ("One district, 40 hydrants, 3 months",),
    ("17 of 19 were real leaks",),
)
SLIDE_SECTIONS = ("problem", "motivation", "method", "experiments", "results")
# When the sample's speaker goes on to the next slide and section, and when the picture is taken.
GOES_ON_S = (34.0, 59.0)
PICTURE_S = 82.0
ANSWER = (
    "It fails on plastic pipes: there we miss half of the leaks. Plastic damps the sound within a "
    "few metres."
)


def wait(seconds: float) -> None:
    """Let the window and its threads work."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def until(true: Callable[[], bool], most_s: float = 60.0) -> None:
    """Wait for ``true``."""
    end = time.monotonic() + most_s
    while not true():
        if time.monotonic() > end:
            sys.exit("What should be on the picture did not come.")
        wait(0.1)


class Pictures:
    """One window, taken page by page."""

    def __init__(self, theme: str, folder: Path, microphone: FakeSoundDevice) -> None:
        self.microphone = microphone
        look = Settings(theme=theme, count_in=False, read_aloud=False, welcomed=True)
        self.session = Session(Library(folder / "library"), look)
        apply_look(self.session)
        self.take = self.session.library.open_sample()
        self.window = MainWindow(self.session)
        self.window.resize(1280, 800)
        self.window.show()

    def save(self, name: str) -> None:
        """The window as it is."""
        self.window.grab().save(str(TARGET / f"{name}.png"))

    def review(self, name: str) -> None:
        """The finished review."""
        self.window.open_review(self.take)
        wait(4)  # the waveform's peaks are read beside the window
        self.save(name)

    def practice(self, name: str) -> None:
        """An answer to the question that interviewers ask first."""
        self.window.go("practice")
        page = self.window.practice
        page.start(Drill.LIMITATIONS)
        page._write()
        page._answer.setPlainText(ANSWER)
        page._hand_in()
        until(lambda: page._on.isVisible() and not page.busy)
        wait(1)
        self.save(name)

    def rehearsal(self, name: str, folder: Path) -> None:
        """In the middle of the talk, heard live."""
        library, page = self.session.library, self.window.rehearse
        talk = library.talk(self.take.talk_id)
        slides = write_pdf(folder / "slides.pdf", [slide(*lines) for lines in SLIDES])
        ties = tuple(enumerate(SLIDE_SECTIONS, 1))
        talk = replace(library.attach_slides(talk, slides), slide_sections=ties)
        library.save_talk(talk)
        page.choose(talk)
        self.window.go("rehearse")
        until(page._setup.start.isEnabled)
        until(lambda: page._recognizer is not None)
        page._begin()
        pcm = sound_of(library.folder(self.take.id).audio)
        marks = [*GOES_ON_S, PICTURE_S]
        began, at = time.monotonic(), 0
        while at < PICTURE_S * RATE_HZ:
            now = round((time.monotonic() - began) * RATE_HZ)
            for stream in list(self.microphone.streams):
                stream.deliver(pcm[at:now])
            at = now
            if at > marks[0] * RATE_HZ:
                marks.pop(0)
                if marks:
                    page._go_on()
            wait(0.05)
        self.save(name)
        page._discard_take()
        until(lambda: not page.busy)

    def close(self) -> None:
        """End everything."""
        self.window.close()
        self.session.close()


def main() -> None:
    """Write the pictures."""
    app = QApplication([])
    TARGET.mkdir(exist_ok=True)
    microphone = FakeSoundDevice("Built-in microphone")
    runthrough.audio.devices._portaudio = lambda: microphone
    for theme in ("light", "dark"):
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            pictures = Pictures(theme, folder, microphone)
            pictures.review(f"review-{theme}")
            if theme == "light":
                pictures.practice("practice-light")
                pictures.rehearsal("rehearse-light", folder)
            pictures.close()
    app.quit()


if __name__ == "__main__":
    main()
