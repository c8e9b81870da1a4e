"""Each operation beside the window fails, is told, and can be done again.

Real window, library, recorder and crash hook; only the sound card is made up. A case says how to
reach an operation and which function of the program breaks under it. It is done three times: broken
by trouble that is expected, broken by a defect, and not broken, which has to work then.
"""

from __future__ import annotations

import ast
import pkgutil
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QLabel, QProgressBar, QPushButton, QRadioButton

import runthrough.ui
from in_front import bring_to_front
from pdfs import slide, write_pdf
from runthrough import handout
from runthrough.audio.wav import TakeFile
from runthrough.drill import Drill
from runthrough.errors import Cancelled, RunthroughError
from runthrough.formats import find_format
from runthrough.talk import TakeState
from runthrough.transcription.models import list_models
from runthrough.transcription.recognizer import Recognition, Recognizer
from runthrough.ui import theme
from runthrough.ui.app import CrashHook, _claim_and_start
from runthrough.ui.main_window import MainWindow
from takes import add_take, new_take, words_of

if TYPE_CHECKING:
    from collections.abc import Callable

SENTENCE = "The test broke it. Mend the test and try again."
SAID = "The problem is that nobody knows where water is lost. It may fail on plastic pipes."
# What stands on a page while something is under way.
UNDER_WAY = (
    "Opening the microphone…", "Looking for speech models…", "Reading ", "Starting", "Saving the",
    "Moving ", "Removing ", "Listening to ", "Writing ", "Playing: ", "Stopping…",
)  # fmt: skip


class Recogniser:
    """The part of the recogniser, which has its own tests: it hears ``SAID`` in any sound."""

    busy = failed = False

    def transcribe(self, _audio, *, on_words=None, **_others):
        words = tuple(words_of(SAID))
        if on_words is not None:
            on_words(words)
        return Recognition(words, "en", words[-1].end_s, "tiny.en")

    def follow(self, _audio, *, on_words, **_others):
        self.words = on_words
        return self

    def finish(self):
        pass

    cancel = close = finish

    def result(self, _timeout_s=None):
        return self.transcribe(None)


class Desk:
    """The window, what is in its library, and whoever works with it."""

    def __init__(self, qtbot, session, sound, monkeypatch, tmp_path):
        self.qtbot, self.session, self.sound = qtbot, session, sound
        self.tmp_path = tmp_path
        self.library = session.library
        self.held = []
        self.recogniser = Recogniser()
        monkeypatch.setattr("runthrough.ui.session.Session.recognizer", lambda _: self.recogniser)
        monkeypatch.delattr(session, "recognizer")
        sound.speakers = ["Speakers"]
        session.change_settings(welcomed=True, theme="light", read_aloud=False)
        self.take, self.report = add_take(self.library)
        self.talk = self.library.talk(self.take.talk_id)
        self.pdf = write_pdf(tmp_path / "talk.pdf", [slide("Sparse routing", "a line")] * 2)
        self.window = MainWindow(session)
        bring_to_front(qtbot, self.window)
        self.hook = CrashHook(session, self.window)
        self.hook.install()

    def __getattr__(self, page):
        """The pages by their names; they are made anew when the look changes."""
        return getattr(self.window, page)

    # --- what is seen ------------------------------------------------------------------------

    def visible(self, kind):
        return [w for w in self.window.findChildren(kind) if w.isVisible()]

    def says(self, text):
        return any(text in one.text() for one in self.visible(QLabel))

    def at_rest(self):
        """Whether nothing says that something is under way."""
        said = [one.text() for one in self.visible(QLabel)]
        # The bar in the practice page is the time of an answer.
        bars = [bar for bar in self.visible(QProgressBar) if not self.practice.isAncestorOf(bar)]
        return not bars and not any(text.startswith(UNDER_WAY) for text in said)

    def until(self, true):
        """Wait for ``true`` while the room makes a little noise."""

        def check():
            self.sound.hear(0.05, 0.01)
            self.sound.drain()
            assert true()

        self.qtbot.waitUntil(check, timeout=10_000)

    def settle(self):
        """Let all that was sent to the window arrive."""
        self.qtbot.wait(30)

    # --- what is done ------------------------------------------------------------------------

    def press(self, name):
        button = next(
            b for b in self.visible(QPushButton) if name in (b.accessibleName(), b.text())
        )
        button.click()

    def arrive(self, page):
        """Go to ``page`` from another one."""
        self.window.go("talks")
        self.settle()
        self.window.go(page)

    def unreviewed(self):
        """A take that is still to be transcribed."""
        folder = new_take(self.library, self.talk, find_format("five-part-10"))
        with TakeFile(folder.audio) as file:
            file.append(np.ones(64_000, np.int16))
        take = replace(folder.take(), state=TakeState.SAVED, duration_s=4.0)
        self.library.save_take(take)
        return take

    def cut_off(self):
        take = self.unreviewed()
        self.library.save_take(replace(take, state=TakeState.RECORDING))

    def rehearse_until_ready(self):
        self.arrive("rehearse")
        self.until(lambda: self.rehearse._state.name == "READY")

    def record(self):
        if self.rehearse.in_take:
            self.rehearse._discard_take()
        else:
            self.arrive("rehearse")
        self.until(lambda: self.rehearse._state.name == "READY" and self.rehearse._recognizer)
        self.rehearse._start()
        self.sound.hear(1)

    def hear_a_section(self):
        self.record()
        self.recogniser.words(tuple(words_of(SAID)))

    def save(self):
        if self.says("not saved completely"):
            self.press("Save again")
        else:
            self.record()
            self.rehearse._finish()

    def discard(self):
        self.record()
        self.rehearse._ask_discard()
        self.rehearse._ask_discard()

    def drill(self):
        self.arrive("practice")
        self.until(lambda: self.practice._state.name == "ASKING")

    def answer(self):
        self.drill()
        self.press("Answer")

    def answer_and_end(self):
        self.answer()
        self.until(lambda: self.practice._state.name == "ANSWERING")
        self.sound.hear(1)
        self.press("Done")

    def type_an_answer(self):
        if self.practice._state.name != "WRITING":
            self.drill()
            self.practice._write()
            self.practice._answer.setPlainText(SAID)
        assert self.practice._answer.toPlainText() == SAID, "what was typed is still there"
        self.practice._hand_in()

    def correct(self):
        self.window.open_review(self.take)
        self.review._correct_word(0, "Bonjour")

    def attach(self):
        self.arrive("rehearse")
        self.rehearse._choosing.attach_slides(self.pdf)

    def attach_and_see(self):
        self.attach()
        self.until(lambda: self.says("2 slides"))

    def read_slides_again(self):
        slides = self.rehearse._slides
        slides.open(self.library.slides(self.library.talk(self.talk.id)))

    def another_recogniser(self):
        self.session._recognizer = Recognizer(list_models()[0])
        self.session._renew_recognizer()

    def export(self):
        self.window.open_review(self.take)
        kind = next(one for one in handout.KINDS if one.to == "txt")
        self.review._exporting.write(kind, self.take, self.report, self.tmp_path / "out.txt")

    def move(self):
        self.talks.refresh()
        assert self.talks._search._find("water"), "the library in use is the open one"
        self.window.go("settings")
        number = len(list(self.tmp_path.glob("place-*")))
        self.settings.folder.move_to(self.tmp_path / f"place-{number}")

    def listen(self):
        self.arrive("settings")
        self.until(lambda: self.settings._sound._state.name == "LISTENING")

    def try_sound(self):
        self.listen()
        self.settings._sound.again.click()
        self.sound.hear(5)

    def download(self):
        self.window.go("settings")
        self.until(lambda: self.settings.models._rows)
        model = next(one for one in list_models() if not one.ready)
        self.session.download.begin(model)


@dataclass(frozen=True)
class Case:
    """``does`` reaches the operation, under which ``breaks`` breaks, at first or ``afterwards``."""

    site: str
    breaks: str
    does: Callable[[Desk], None]
    works: Callable[[Desk], object]
    prepare: Callable[[Desk], object] = lambda _desk: None
    afterwards: bool = False
    instead: Callable[..., object] | None = None  # of the real one, where that needs the network


def _told(text):
    return lambda desk: desk.says(text)


def _reviewed(desk):
    return desk.review._report is not None


CASES = [
    Case("main_window.start", "runthrough.library.Library.damaged",
         lambda d: d.window.start(), _told("can't be read"),
         lambda d: (d.library.root / "talks" / f"01{'X' * 24}.json").write_text("{")),
    Case("main_window.start 2", "runthrough.rehearsal.recover_interrupted",
         lambda d: d.window.start(), _told("A take was cut off"), Desk.cut_off),
    Case("main_window.start 3", "runthrough.ui.main_window._load_pages",
         lambda d: d.window.start(), lambda d: len(d.window._areas) == 6),
    Case("main_window.start 4", "runthrough.ui.motion.system_reduces",
         lambda d: d.window.start(), lambda d: not theme.calm(),
         lambda d: theme.move(QApplication.instance(), reduced=True)),
    Case("app._claim_and_start", "runthrough.ui.app.claim",
         lambda d: _claim_and_start(d.window, d.held),
         lambda d: d.held and d.says("A take was cut off"), Desk.cut_off),
    Case("talks.open_sample", "runthrough.library.Library.open_sample",
         lambda d: d.talks.open_sample(), lambda d: d.review.take_id),
    Case("talks.import_file", "runthrough.rehearsal.import_recording",
         lambda d: d.talks.import_file(d.library.folder(d.take.id).audio), _reviewed),
    Case("model_download.begin", "runthrough.transcription.models.download", Desk.download,
         lambda d: d.session.settings.model, instead=lambda name, *_: next(
             one for one in list_models() if one.name == name)),
    Case("model_choice.look", "runthrough.transcription.models.list_models",
         lambda d: (d.arrive("settings"), d.settings.models.look()),
         lambda d: d.visible(QRadioButton)),
    Case("model_choice._check", "runthrough.transcription.models.can_be_fetched_again",
         lambda d: (d.arrive("settings"), d.settings.models.look()),
         lambda d: d.visible(QRadioButton)),
    Case("live._judge", "runthrough.analysis.heard_sections", Desk.hear_a_section,
         lambda d: d.rehearse._live._judged_s and not d.rehearse._live._judging),
    Case("review._review", "runthrough.ui.review.review_take",
         lambda d: d.window.open_review(d.unreviewed()), _reviewed),
    Case("review._review", "runthrough.ui.review.review_take",
         lambda d: d.review._transcribe_again(),
         lambda d: "plastic" in d.review._report.sentences[-1].text,
         lambda d: d.window.open_review(d.take)),
    Case("review._judge_so_far", "runthrough.ui.review.review",
         lambda d: d.window.open_review(d.unreviewed()), _reviewed),
    Case("review._load_peaks", "runthrough.audio.peaks.load_peaks",
         lambda d: d.window.open_review(d.take),
         lambda d: d.review._content.waveform._peaks is not None),
    Case("review._judge_next", "runthrough.ui.review.correct_take", Desk.correct,
         lambda d: d.review._report.words[0].text == "Bonjour"),
    Case("progress._read_takes", "runthrough.progress.talk_progress",
         lambda d: d.arrive("progress"), _told("1 reviewed take")),
    Case("rehearse._open_microphone", "runthrough.rehearsal.Rehearsal.open",
         lambda d: d.arrive("rehearse"), lambda d: d.rehearse._state.name == "READY"),
    Case("rehearse._close_microphone", "runthrough.rehearsal.Rehearsal.close",
         lambda d: (d.rehearse_until_ready(), d.window.go("talks")),
         lambda d: not d.sound.streams, afterwards=True),
    Case("rehearse._want_recognizer", "runthrough.ui.session.Session.recognizer",
         lambda d: d.arrive("rehearse"), lambda d: d.rehearse._recognizer),
    Case("rehearse._save", "runthrough.rehearsal.Rehearsal.finish", Desk.save, _reviewed),
    Case("rehearse._discard_take", "runthrough.rehearsal.Rehearsal.discard", Desk.discard,
         # What could not be discarded is kept.
         lambda d: [t.state.value for t in d.library.takes()] == ["saved", "saved", "reviewed"]),
    Case("practice.start", "runthrough.library.TakeFolder.report",
         lambda d: d.window.open_drill(d.take, Drill.TALK), lambda d: d.practice._report),
    Case("practice._begin", "runthrough.drill.Round.open", Desk.answer,
         lambda d: d.practice._state.name == "ANSWERING"),
    Case("practice._judge", "runthrough.drill.Round.finish", Desk.answer_and_end,
         lambda d: d.practice._state.name == "JUDGED"),
    Case("practice._hand_in", "runthrough.drill.Round.write", Desk.type_an_answer,
         lambda d: d.practice._state.name == "JUDGED"),
    Case("practice._want_recognizer", "runthrough.ui.session.Session.recognizer",
         lambda d: d.arrive("practice"), lambda d: d.practice._recognizer),
    Case("settings.move_to", "runthrough.ui.settings.copy_library", Desk.move,
         lambda d: d.session.library.root.name == "place-0"),
    Case("settings._copied", "runthrough.ui.settings.remove_old", Desk.move,
         lambda d: d.session.library.root.name == "place-2"),
    Case("sound_check._open", "runthrough.audio.recorder.Recorder.open",
         lambda d: d.arrive("settings"), _told("the bar should move")),
    Case("sound_check._hear_back", "runthrough.audio.recorder.Recorder.finish", Desk.try_sound,
         lambda d: "Speakers" in d.sound.opened),
    Case("sound_check._stop", "runthrough.audio.recorder.Recorder.close",
         lambda d: (d.listen(), d.window.go("talks")), lambda d: not d.sound.streams,
         afterwards=True),
    Case("choosing.attach_slides", "runthrough.library.Library.attach_slides", Desk.attach,
         _told("2 slides")),
    Case("choosing._gather_hotwords", "runthrough.ui.choosing.talk_hotwords",
         lambda d: d.arrive("rehearse"), lambda d: d.rehearse._choosing.hotwords == "Hearing"),
    Case("slide_show.open", "runthrough.ui.slide_show.SlideFile", Desk.attach, _told("2 slides")),
    Case("slide_show.open.opened", "runthrough.slides.SlideFile.read", Desk.attach,
         lambda d: d.rehearse._slides.title(2)),
    Case("slide_show._draw_next", "runthrough.slides.SlideFile.picture", Desk.attach,
         lambda d: d.rehearse._slides.picture(1)),
    Case("slide_show.close_file", "runthrough.slides.SlideFile.close", Desk.read_slides_again,
         lambda d: d.rehearse._slides.title(2), Desk.attach_and_see, afterwards=True),
    Case("session._renew_recognizer", "runthrough.transcription.recognizer.Recognizer.close",
         Desk.another_recogniser, lambda d: d.session._recognizer is None, afterwards=True),
    Case("exporting.write", "runthrough.handout.write", Desk.export,
         lambda d: (d.tmp_path / "out.txt").exists()),
]  # fmt: skip


class _Finder(ast.NodeVisitor):
    """Finds the calls of ``background.run``, named by the functions that they are in."""

    def __init__(self, module):
        self.inside, self.sites = [module], []

    def visit_FunctionDef(self, node):
        self.inside.append(node.name)
        self.generic_visit(node)
        self.inside.pop()

    def visit_Call(self, node):
        if ast.unparse(node.func) == "background.run":
            name = ".".join(self.inside)
            count = sum(site.split()[0] == name for site in self.sites)
            self.sites.append(f"{name} {count + 1}" if count else name)
        elif isinstance(node.func, ast.Attribute) and self.inside[0] != "background":
            assert node.func.attr != "submit", "nobody hears of what fails there"
            if node.func.attr == "result" and ".submit(" in ast.unparse(node.func):
                return  # who waits for it does
        self.generic_visit(node)

    def visit_ImportFrom(self, node):
        names = [alias.asname or alias.name for alias in node.names]
        assert node.module != "runthrough.ui.background", "it is called as background.run"
        assert node.module != "runthrough.ui" or "background" in names or "run" not in names


def test_each_operation_beside_the_window_has_a_case_here():
    folder = Path(runthrough.ui.__file__).parent
    found = []
    for path in sorted(folder.rglob("*.py")):
        finder = _Finder(".".join(path.relative_to(folder).with_suffix("").parts))
        finder.visit(ast.parse(path.read_text(encoding="utf-8")))
        found += finder.sites
    assert found, "nothing was looked through"
    assert set(found) == {case.site for case in CASES}


@pytest.fixture(scope="module")
def _light(qapp):
    theme.apply(qapp, "light")  # takes longer than a window does


@pytest.fixture
def desk(_light, qtbot, session, sound, monkeypatch, tmp_path):
    made = Desk(qtbot, session, sound, monkeypatch, tmp_path)
    yield made
    over = threading.Event()

    def room():
        while not over.wait(0.01):
            sound.hear(0.1, 0.01)

    noise = threading.Thread(target=room)
    noise.start()
    made.window.keep_and_close()
    over.set()
    noise.join()
    made.hook.uninstall()
    for lock in made.held:
        lock.release()
    made.window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.site)
def test_what_fails_is_told_and_can_be_done_again(desk, case, monkeypatch, capsys):
    real = pkgutil.resolve_name(case.breaks)
    case.prepare(desk)
    for kind, text, shown in (
        (RunthroughError, SENTENCE, SENTENCE),
        (RuntimeError, "boom", "Something went wrong in Runthrough (RuntimeError)"),
    ):
        calls = []

        def fail(*given, kind=kind, text=text, calls=calls, **named):
            if case.afterwards:
                real(*given, **named)
            calls.append(given)
            raise kind(text)

        monkeypatch.setattr(case.breaks, fail)
        case.does(desk)
        desk.until(lambda shown=shown: desk.says(shown))
        assert calls
        desk.until(desk.at_rest)
        desk.settle()
        assert desk.says(shown), "it stays until it is dismissed"
        if kind is RuntimeError:
            desk.press("Copy details")
            assert "RuntimeError: boom" in QApplication.clipboard().text()
        if desk.window._trouble.isVisible():
            desk.press("Dismiss")
    defects = list(desk.session.library.root.glob("defect-*.txt"))
    (written,) = [p for p in defects if "RuntimeError: boom" in p.read_text(encoding="utf-8")]
    assert str(written) in QApplication.clipboard().text()
    monkeypatch.setattr(case.breaks, case.instead or real)
    case.does(desk)
    desk.until(lambda: case.works(desk))
    desk.until(desk.at_rest)
    assert not desk.says(SENTENCE)


def test_a_sample_that_fails_leaves_the_import_under_way(desk, monkeypatch):
    going_on = threading.Event()

    def slow(*_given, **_named):
        going_on.wait(10)
        raise RunthroughError("The import is at its end.")

    def fail(_library):
        raise RunthroughError(SENTENCE)

    monkeypatch.setattr("runthrough.rehearsal.import_recording", slow)
    monkeypatch.setattr("runthrough.library.Library.open_sample", fail)
    desk.talks.import_file(desk.library.folder(desk.take.id).audio)
    desk.talks.open_sample()
    desk.until(lambda: desk.says(SENTENCE))
    assert desk.talks._progress.isVisible()
    going_on.set()
    desk.until(lambda: desk.says("The import is at its end."))
    assert not desk.talks._progress.isVisible()


def test_an_import_that_ends_takes_no_other_page_away(desk, monkeypatch):
    going_on = threading.Event()

    def slow(*_given, **_named):
        going_on.wait(10)
        return desk.take, desk.report

    monkeypatch.setattr("runthrough.rehearsal.import_recording", slow)
    desk.talks.import_file(desk.library.folder(desk.take.id).audio)
    fresh = desk.unreviewed()
    desk.window.open_review(fresh)
    going_on.set()
    desk.until(lambda: desk.says("audio.wav is imported. Find its review in Talks."))
    assert desk.review.take_id == fresh.id
    desk.until(lambda: _reviewed(desk))
    desk.window.go("talks")
    desk.talks.import_file(desk.library.folder(desk.take.id).audio)
    desk.until(lambda: desk.review.take_id == desk.take.id)
    assert desk.review.isVisible()


def test_what_waits_for_its_turn_is_cancelled_at_once(desk):
    turn = threading.Event()
    before = desk.session.recognition_pool.submit(turn.wait, 10)
    audio = desk.library.folder(desk.take.id).audio
    desk.talks.import_file(audio)
    assert desk.talks._progress.isVisible()
    desk.press("Cancel the import")
    assert not desk.talks._progress.isVisible()
    desk.window.open_review(desk.unreviewed())
    desk.press("Cancel")
    assert desk.says("Not transcribed yet")
    desk.window.go("talks")
    desk.talks.import_file(audio)  # another one can be begun at once
    assert desk.talks._progress.isVisible()
    turn.set()
    assert before.result()
    desk.until(lambda: _reviewed(desk))
    assert [t.state.value for t in desk.library.takes()] == ["reviewed", "saved", "reviewed"]


def test_a_review_that_was_left_says_nothing_of_the_one_begun_anew(desk, monkeypatch):
    take, tries, go_on = desk.unreviewed(), [], threading.Event()
    hear = desk.recogniser.transcribe

    def transcribe(audio, *, cancelled, **named):
        tries.append(audio)
        if len(tries) == 1:
            while not cancelled():
                go_on.wait(0.01)
            raise Cancelled("stopped")
        go_on.wait(10)
        return hear(audio, **named)

    monkeypatch.setattr(desk.recogniser, "transcribe", transcribe)
    desk.window.open_review(take)
    desk.until(lambda: tries)
    desk.window.open_review(take)
    desk.until(lambda: len(tries) == 2)
    desk.settle()
    assert desk.says("Listening to your take")
    go_on.set()
    desk.until(lambda: _reviewed(desk))
