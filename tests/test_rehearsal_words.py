"""Words heard during a take reach its review; the recogniser and the sound card are made up."""

import contextlib
import errno
import os
import time
from dataclasses import replace

import numpy as np
import pytest

from fake_microphone import FakeSoundDevice
from runthrough import cli, wire
from runthrough.audio.wav import TakeFile
from runthrough.errors import Cancelled, LibraryError, RecognitionError
from runthrough.formats import find_format
from runthrough.library import Library
from runthrough.rehearsal import Rehearsal, import_recording, recover_interrupted, review_take
from runthrough.talk import TakeState, Word
from runthrough.transcription.recognizer import Recognition
from takes import new_take

FIRST = (Word(0.1, 0.3, "Our"), Word(0.3, 0.5, "method"))
LAST = (Word(0.6, 0.8, "works."),)


class Follows:
    """Hears ``FIRST`` during the take and ``LAST`` at its end, unless it dies before."""

    busy = False

    def __init__(self, *, dies: bool) -> None:
        self._dies = dies

    def follow(self, audio, *, on_words, on_progress, on_tentative, hotwords):
        self._tell = on_words
        self.hotwords = hotwords
        on_words(FIRST)
        self.busy = True
        return self

    def finish(self) -> None:
        self.busy = False

    def result(self, timeout_s):
        if self._dies:
            raise RecognitionError("The speech recogniser stopped. Try again.")
        self._tell(LAST)
        return Recognition(FIRST + LAST, "en", 1.0, "tiny.en")

    def transcribe(self, audio, *, on_words, on_progress, cancelled, hotwords):
        self.hotwords = hotwords
        on_words(FIRST + LAST)
        return Recognition(FIRST + LAST, "en", 1.0, "tiny.en")


@pytest.fixture
def sound(monkeypatch):
    fake = FakeSoundDevice("Microphone")
    monkeypatch.setattr("runthrough.audio.devices._portaudio", lambda: fake)
    return fake


@pytest.fixture
def library(tmp_path):
    made = Library(tmp_path / "library")
    yield made
    made.close()


@pytest.fixture
def rehearsal(library, sound):
    talk = library.new_talk("A talk", "interview-20")
    made = Rehearsal(library, talk, find_format("interview-20"))
    made.open()
    yield made
    made.close()


@pytest.mark.parametrize(("dies", "told"), [(False, [FIRST, LAST]), (True, [FIRST, FIRST + LAST])])
def test_the_review_is_told_what_was_heard_during_the_talk_first(rehearsal, sound, dies, told):
    recognizer = Follows(dies=dies)
    live, heard = [], []
    rehearsal.begin(recognizer, on_words=live.append)
    sound.hear(1.0)
    rehearsal.finish()
    report = rehearsal.review(recognizer, on_words=heard.append)
    assert live[0] == FIRST
    assert heard == told
    assert [word.text for word in report.words] == ["Our", "method", "works."]


@pytest.mark.parametrize("full", [False, True])
def test_a_take_that_is_not_reviewed_at_once_keeps_nobody_from_the_recogniser(
    library, rehearsal, sound, monkeypatch, full
):
    def no_room(_take):
        raise LibraryError("No room. Free some space.")

    recognizer = Follows(dies=False)
    rehearsal.begin(recognizer)
    sound.hear(1.0)
    if full:
        with monkeypatch.context() as patched:
            patched.setattr(library, "save_take", no_room)
            with pytest.raises(LibraryError):
                rehearsal.finish()
    else:
        rehearsal.finish()
    assert not recognizer.busy


def test_a_take_that_is_still_recorded_is_not_reviewed_by_another(library, rehearsal, sound):
    recognizer = Follows(dies=False)
    rehearsal.begin()
    sound.hear(1.0)
    with pytest.raises(LibraryError, match=r"being recorded.*Finish it"):
        review_take(library, library.take("last").id, recognizer)
    assert library.take("last").state is TakeState.RECORDING
    assert library.folder(rehearsal.finish().id).report() is None


def test_a_take_is_recorded_on_a_drive_without_locks(rehearsal, sound, monkeypatch):
    fcntl = pytest.importorskip("fcntl")

    def no_locks(*_):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", no_locks)
    rehearsal.begin()
    sound.hear(1.0)
    assert rehearsal.finish().duration_s > 0


def test_what_was_heard_is_kept_when_the_listening_is_cancelled(library, rehearsal, sound):
    rehearsal.begin()
    sound.hear(1.0)
    take = rehearsal.finish()
    with pytest.raises(Cancelled):
        review_take(library, take.id, Follows(dies=False), cancelled=lambda: True)
    assert library.folder(take.id).heard() == FIRST + LAST
    assert library.take(take.id) == take


def test_who_is_heard_in_part_is_not_told_to_have_ended_early(library):
    talk = library.new_talk("A talk", "interview-20")
    folder = new_take(library, talk, find_format("interview-20"), source="talk.flac")
    with TakeFile(folder.audio) as file:
        file.append(np.ones(2 * 16_000, np.int16))

    def of_time(**changes):
        library.save_take(replace(folder.take(), state=TakeState.SAVED, duration_s=2.0, **changes))
        report = review_take(library, folder.path.name, Follows(dies=False))
        return [f.id for f in report.findings if f.id.startswith("time.")]

    assert of_time() == ["time.early"]
    assert of_time(problem="talk.flac is damaged. 0:02 could be read and was taken.") == [
        "time.early"
    ], "its end was read"
    assert of_time(broke_off=True) == []
    old = wire.take_to_json(folder.take())
    del old["broke_off"]
    assert wire.take_from_json({**old, "state": "reviewed"}).broke_off, "as its problem told then"
    assert not wire.take_from_json({**old, "state": "reviewed", "problem": ""}).broke_off


def test_a_take_that_ended_by_itself_is_not_told_to_have_ended_early(
    library, rehearsal, sound, monkeypatch
):
    monkeypatch.setattr("runthrough.audio.recorder._ANOTHER_WITHIN_S", 0.2)
    rehearsal.begin()
    sound.hear(1.0)
    sound.unplug()
    deadline = time.monotonic() + 20
    while rehearsal.failure is None and time.monotonic() < deadline:
        time.sleep(0.01)
    take = rehearsal.finish()
    assert take.broke_off
    report = rehearsal.review(Follows(dies=False))
    assert not any(f.id in ("time.early", "time.kept") for f in report.findings)
    again = library.folder(take.id)
    assert again.take().broke_off
    assert not again.report().whole


def test_a_take_that_a_crash_cut_off_is_not_told_to_have_ended_early(library):
    talk = library.new_talk("A talk", "interview-20")
    folder = new_take(library, talk, find_format("interview-20"))
    with TakeFile(folder.audio) as file:
        file.append(np.ones(2 * 16_000, np.int16))
    (take,) = recover_interrupted(library)
    report = review_take(library, take.id, Follows(dies=False))
    assert not any(f.id in ("time.early", "time.kept") for f in report.findings)


def test_a_take_whose_sound_could_not_be_read_after_a_crash_gets_its_length_later(library):
    talk = library.new_talk("A talk", "interview-20")
    folder = new_take(library, talk, find_format("interview-20"))
    folder.audio.mkdir()
    assert recover_interrupted(library) == []
    assert folder.take().state is TakeState.FAILED
    folder.audio.rmdir()
    with TakeFile(folder.audio) as file:
        file.append(np.ones(2 * 16_000, np.int16))
    assert review_take(library, folder.path.name, Follows(dies=False)).duration_s == 2.0
    os.truncate(folder.audio, 44 + 16_000)
    report = review_take(library, folder.path.name, Follows(dies=False))
    assert not any(f.id in ("time.early", "time.kept") for f in report.findings)
    assert report.duration_s == 0.5, "as long as what is left of its sound"
    assert folder.take().duration_s == 2.0, "by which one sees that some is lost"


@pytest.fixture
def own(library):
    """A talk with a plan and a word of its own."""
    talk = library.new_talk("My own", "interview-20")
    plan = {"vocabulary": "Mahalanobis", "plan_s": (("problem", 600.0),)}
    library.save_talk(replace(talk, **plan, plan_format_id="interview-20"))
    return library.talk(talk.id)


def planned(take):
    return next(s.planned_s for s in take.format.sections if s.id == "problem")


@pytest.fixture
def speaks(sound, monkeypatch):
    """The recogniser of the command line; two seconds are spoken once it listens."""

    class Speaks(Follows):
        def follow(self, audio, **wishes):
            sound.hear(2.0)
            return super().follow(audio, **wishes)

    recognizer = Speaks(dies=False)
    monkeypatch.setattr(cli, "_recognizer", lambda _args: contextlib.nullcontext(recognizer))
    return recognizer


def test_a_take_from_the_command_line_follows_the_plan_and_the_words_of_its_talk(
    library, own, speaks, capsys
):
    given = ["record", "--talk", "my own", "--seconds", "1", "--library", str(library.root)]
    assert cli.run(given) == 0, capsys.readouterr().err
    (take,) = library.takes(own.id)
    assert planned(take) == 600
    assert "Mahalanobis" in speaks.hotwords


def test_whoever_stops_reading_the_messages_stops_no_recording(
    library, speaks, monkeypatch, capsys
):
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as unread:
        monkeypatch.setattr("sys.stderr", unread)
        assert cli.run(["record", "--seconds", "1", "--library", str(library.root)]) == 0
    (take,) = library.takes()
    assert take.duration_s == 1
    assert "Our method works." in capsys.readouterr().out


def test_so_many_seconds_are_no_more_with_what_is_said_while_the_take_ends(library, speaks):
    # Two seconds are spoken: with the half second at the end they are enough.
    assert cli.run(["record", "--seconds", "2.2", "--library", str(library.root)]) == 0
    (take,) = library.takes()
    assert (take.duration_s, take.problem) == (2.0, "")
    # With two more they are too many, and the take is as long as was asked for.
    assert cli.run(["record", "--seconds", "1.4", "--library", str(library.root)]) == 0
    assert library.takes()[0].duration_s == 1.4


def test_a_recording_that_is_imported_follows_the_plan_of_its_talk(library, own, tmp_path):
    with TakeFile(tmp_path / "talk.wav") as file:
        file.append(np.ones(16_000, np.int16))
    source, recognizer = tmp_path / "talk.wav", Follows(dies=False)
    take, report = import_recording(library, source, recognizer, talk_title="my own")
    assert planned(take) == 600
    assert report.planned_s == take.format.planned_s
    other, _ = import_recording(
        library, source, recognizer, talk_title="my own", format_id="conference-12"
    )
    assert other.format.planned_s == 720
