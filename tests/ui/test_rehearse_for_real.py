"""A short talk from beginning to end, with slides, jumps and a pause. See ``rehearse_for_real``."""

import pytest
from PySide6.QtWidgets import QApplication

from in_front import bring_to_front
from pdfs import slide, write_pdf
from rehearse_for_real import Key, Speaker, expected_times, moves
from runthrough.library import Library
from runthrough.settings import Settings
from runthrough.talk import EventKind, TakeState
from runthrough.ui import theme
from runthrough.ui.main_window import MainWindow
from runthrough.ui.session import Session
from sounds import sample_speech
from virtual_mic import DEVICE

TITLES = (
    "Hearing leaks", "The problem", "Why it matters", "Our method", "Training", "Experiments",
    "Where it fails",
)  # fmt: skip
# What times on disk may differ from the voice: a key is pressed between blocks of 50 ms.
NEAR_S = 0.3


@pytest.mark.sound
def test_a_talk_with_slides_a_jump_and_a_pause(qtbot, tmp_path, virtual_mic):
    theme.apply(QApplication.instance(), "light")
    session = Session(Library(tmp_path / "library"), Settings(microphone=DEVICE))
    talk = session.library.new_talk("Hearing leaks", "five-part-10")
    pdf = write_pdf(tmp_path / "talk.pdf", [slide(title, "a line") for title in TITLES])
    talk = session.library.attach_slides(talk, pdf)
    window = MainWindow(session)
    qtbot.addWidget(window)
    bring_to_front(qtbot, window)
    window.open_rehearsal(talk)
    page = window.rehearse
    qtbot.waitUntil(lambda: page._slides.title(7) == TITLES[6], timeout=20_000)
    voice = sample_speech(66)
    speaker = Speaker(window, page, virtual_mic)
    speaker.start()
    folder = session.library.folder(page._rehearsal.take.id)
    speaker.speak(
        voice[: 16_000 * 36],
        [(6, Key.Key_PageDown), (12, Key.Key_Space), (18, Key.Key_5), (24, Key.Key_3),
         (30, Key.Key_PageUp)],
    )  # fmt: skip
    assert page._rehearsal.slide == 3
    speaker.pause(3)
    speaker.speak(voice[16_000 * 36 :], [(8, Key.Key_4), (16, Key.Key_PageDown), (24, Key.Key_M)])
    on_disk = folder.events()
    captions = page._captions.lines.text()
    with qtbot.waitSignal(page.finished, timeout=20_000):
        speaker.press(Key.Key_Escape)
    qtbot.waitUntil(lambda: window.review._report is not None, timeout=90_000)

    found = moves(folder)
    # Each key turned a slide; most of them entered another section at the same moment.
    assert [value for _, kind, value in found if kind == "slide"] == [
        "2", "3", "7", "4", "3", "6", "7",
    ]  # fmt: skip
    assert [value for _, kind, value in found if kind == "section"] == [
        "motivation", "limitations", "method", "motivation", "experiments", "limitations",
    ]  # fmt: skip
    wanted = expected_times(folder, speaker.played)
    slides = [at_s for at_s, kind, _ in found if kind == "slide"]
    marks = [e.at_s for e in folder.events() if e.kind is EventKind.MARK]
    off = [told - true for told, true in zip([*slides, *marks], wanted, strict=True)]
    print("off by", [round(o, 3) for o in off])
    assert max(map(abs, off)) <= NEAR_S
    assert on_disk == folder.events(), "events are on disk as they happen"
    kinds = [e.kind for e in on_disk]
    assert kinds.index(EventKind.RESUME) == kinds.index(EventKind.PAUSE) + 1
    take = session.library.take("last")
    assert take.state is TakeState.REVIEWED
    assert 66 <= take.duration_s <= 75
    assert captions
    words = " ".join(s.text for s in window.review._report.sentences).lower()
    assert "good morning" in words
    window.close()
    session.close()
