from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pypdfium2
import pytest

from runthrough import wire
from runthrough.analysis import review, transcript_of_sentences
from runthrough.audio.peaks import load_peaks, peaks_path
from runthrough.audio.wav import TakeFile
from runthrough.errors import Cancelled, LibraryError
from runthrough.formats import find_format
from runthrough.library import Library, hold_lock
from runthrough.moving import copy_library
from runthrough.rehearsal import import_recording, recover_interrupted
from runthrough.repair import repair_library
from runthrough.talk import AnswerVerdict, Event, EventKind, PracticeAnswer, TakeState
from takes import new_take

FIVE = find_format("five-part-10")


@pytest.fixture
def library(tmp_path):
    made = Library(tmp_path / "library")
    yield made
    made.close()


def reviewed_take(library: Library, title: str = "Leaks"):
    talk = library.talk_titled(title) or library.new_talk(title, FIVE.id)
    folder = new_take(library, talk, FIVE)
    library.save_take(replace(folder.take(), state=TakeState.SAVED, duration_s=60.0))
    transcript = transcript_of_sentences(["We built a thing.", "It works."], duration_s=60)
    folder.save_transcript(transcript)
    library.save_report(folder.take().id, review(transcript, FIVE))
    return folder


def practice_answer(library: Library) -> PracticeAnswer:
    answer = PracticeAnswer(
        library.new_answer_folder().name,
        "why-so-small",
        "statistics",
        "Why so few?",
        datetime.now().astimezone(),
        "We had no more.",
        12.0,
        AnswerVerdict(()),
    )
    library.save_answer(answer)
    return answer


def test_talks_and_takes_survive_a_restart(library):
    folder = reviewed_take(library)
    library.close()
    again = Library(library.root)
    (summary,) = again.talks()
    assert summary.talk.title == "Leaks"
    assert summary.take_count == 1
    assert summary.coverage == {s.id: s.status for s in folder.report().sections}
    assert again.take("last").state is TakeState.REVIEWED
    assert again.folder(folder.take().id).report() == folder.report()
    again.close()


def test_what_was_not_judged_is_not_listed_as_missing(library):
    folder = reviewed_take(library)
    report = review(replace(folder.transcript(), language="de"), FIVE)
    library.save_report(folder.take().id, report)
    for _ in range(2):
        (summary,) = library.talks()
        assert summary.reviewed_take == folder.take()
        assert summary.coverage == {section.id: None for section in report.sections}
        library.rebuild_index()


def test_a_drive_that_can_not_sync_folders_holds_a_library_too(library, monkeypatch):
    sync = os.fsync

    def refuse_folders(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", refuse_folders)
    assert reviewed_take(library).report() is not None


def test_takes_are_numbered_and_their_ids_sort_by_time(library):
    ids = [reviewed_take(library).take().id for _ in range(3)]
    assert ids == sorted(ids)
    assert [take.number for take in library.takes()] == [3, 2, 1]
    assert library.take("last").id == ids[-1]


def test_the_index_is_rebuilt_when_it_is_damaged_or_gone(library):
    folder = reviewed_take(library)
    library.close()
    index = library.root / "index.sqlite3"
    for damage in (lambda: index.write_bytes(b"not a database" * 500), index.unlink):
        damage()
        again = Library(library.root)
        assert [t.id for t in again.takes()] == [folder.take().id]
        found = {s.id: s.status for s in folder.report().sections}
        assert again.talks()[0].coverage == found
        again.close()


def test_an_index_that_another_program_holds_is_not_taken_for_damaged(library, monkeypatch):
    reviewed_take(library)
    library.close()
    monkeypatch.setattr("runthrough.library._PATIENCE_S", 0.1)
    with contextlib.closing(sqlite3.connect(library.root / "index.sqlite3")) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(LibraryError, match="Another program"):
            Library(library.root)
    assert not (library.root / "index.damaged").exists()
    again = Library(library.root)
    assert len(again.takes()) == 1
    again.close()


def test_two_starts_at_once_after_an_update_share_one_new_index(library, monkeypatch):
    talk = library.new_talk("Leaks", FIVE.id)
    library._db.execute("PRAGMA user_version = 3")
    library.close()
    connect, others = Library._connect, []

    def meet(self, path):
        """Another start comes when this one has seen the old index and not yet set it aside."""
        try:
            return connect(self, path)
        except Exception:  # passed on below, whatever it is
            if not others:
                others.append(None)
                start = threading.Thread(target=lambda: others.append(Library(library.root)))
                start.start()
                start.join(1.0)  # unless it waits for this one
                others[0] = start
            raise

    monkeypatch.setattr(Library, "_connect", meet)
    with contextlib.closing(Library(library.root)) as one:
        start, other = others[0].join() or others
        assert not start.is_alive()
        with contextlib.closing(other):
            changed = replace(talk, title="Hydrants")
            other.save_talk(changed)
            assert one.talk(talk.id) == changed
            assert one._db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    (aside,) = library.root.glob("index.version-*.sqlite3")
    with contextlib.closing(sqlite3.connect(aside)) as old:
        assert old.execute("PRAGMA user_version").fetchone()[0] == 3


def test_an_index_that_is_being_made_for_too_long_is_told_in_words(library, monkeypatch):
    library.close()
    (library.root / "index.sqlite3").unlink()
    monkeypatch.setattr("runthrough.library._PATIENCE_S", 0.1)
    lock = hold_lock(library.root / "index.lock")
    with pytest.raises(LibraryError, match="Another program"):
        Library(library.root)
    lock.release()
    Library(library.root).close()


def test_an_index_that_a_power_cut_set_back_follows_the_files(library):
    folder = reviewed_take(library)
    take, talk = folder.take(), library.talks()[0].talk
    answer = practice_answer(library)
    library.close()
    index = library.root / "index.sqlite3"
    before = index.read_bytes()
    with contextlib.closing(Library(library.root)) as after:
        talk = replace(talk, title="Hydrants", notes="An hour of notes.")
        after.save_talk(talk)
        after.save_take(replace(take, duration_s=61.0))
        said = transcript_of_sentences(["We dug a hole.", "It is deep."], duration_s=61)
        after.save_report(take.id, review(said, FIVE))
        answer = replace(answer, rating=3)
        after.save_answer(answer)
    index.write_bytes(before)
    with contextlib.closing(Library(library.root)) as again:
        assert again.talk(talk.id) == talk
        assert again.takes() == [replace(take, duration_s=61.0)]
        assert again.answers() == [answer]
        assert [hit.text for hit in again.search("hole")] == ["We dug a hole."]
        assert again.search("thing") == []


def test_a_talk_damaged_since_keeps_what_the_index_knows_of_it(library):
    talk = replace(library.new_talk("Leaks", FIVE.id), notes="An hour of notes.")
    library.save_talk(talk)
    library.close()
    (library.root / "talks" / f"{talk.id}.json").write_text("{")
    with contextlib.closing(Library(library.root)) as again:
        assert again.talk(talk.id) == talk


def test_a_talk_that_the_index_can_not_take_stays_as_it_was(library):
    talk = library.new_talk("Leaks", FIVE.id)
    library._db.execute("PRAGMA busy_timeout = 100")
    with contextlib.closing(
        sqlite3.connect(library.root / "index.sqlite3", isolation_level=None)
    ) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LibraryError, match="Another program"):
            library.save_talk(replace(talk, notes="An hour of notes."))
    file = library.root / "talks" / f"{talk.id}.json"
    assert json.loads(file.read_text()) == wire.talk_to_json(library.talk(talk.id))


def test_the_takes_of_an_index_made_anew_are_in_the_order_of_their_time(library):
    talk = library.new_talk("Leaks", FIVE.id)
    takes = [new_take(library, talk, FIVE).take() for _ in range(20)]
    library.rebuild_index()
    rows = library._db.execute("SELECT id FROM takes ORDER BY rowid").fetchall()
    assert [row[0] for row in rows] == [take.id for take in takes], "the search ends with the old"


@pytest.fixture
def another_writer(library):
    """Another program that writes the index and takes a moment for it."""
    with contextlib.closing(
        sqlite3.connect(
            library.root / "index.sqlite3", isolation_level=None, check_same_thread=False
        )
    ) as other:
        done = threading.Timer(0.5, other.execute, ["COMMIT"])

        def write():
            other.execute("BEGIN IMMEDIATE")
            done.start()

        yield write
        done.join()


def test_an_index_that_another_program_is_writing_is_waited_for(library, another_writer):
    kept, lost = reviewed_take(library).take(), reviewed_take(library).take()
    another_writer()
    library.forget_take(lost.id)
    assert library.takes() == [kept]


def test_a_start_while_another_program_writes_the_index_misses_no_take(library, another_writer):
    take = reviewed_take(library).take()
    library._db.execute("DELETE FROM takes")
    another_writer()
    with contextlib.closing(Library(library.root)) as again:
        assert again.takes() == [take]
        assert again.search("thing")


def test_an_index_without_room_is_told_in_words_and_takes_in_again_later(library):
    folder = reviewed_take(library)
    pages = library._db.execute("PRAGMA page_count").fetchone()[0]
    library._db.execute(f"PRAGMA max_page_count = {pages}")
    report = folder.report()
    long = replace(report, sentences=report.sentences * 4000)
    with pytest.raises(LibraryError, match="Free some space"):
        library.save_report(folder.take().id, long)
    library._db.execute("PRAGMA max_page_count = 1000000")
    library.save_report(folder.take().id, long)
    assert library.search("thing")
    assert not library._db.in_transaction


def test_a_take_whose_talk_is_gone_is_told_of_and_other_programs_files_are_not(library):
    folder = reviewed_take(library)
    (library.root / "takes" / "desktop.ini").write_text("[.ShellClassInfo]")
    library.rebuild_index()
    assert library.damaged() == []
    (library.root / "talks" / f"{folder.take().talk_id}.json").unlink()
    library.rebuild_index()
    (told,) = library.damaged()
    assert folder.take().talk_id in told
    repair_library(library)
    assert library.damaged() == []
    assert [summary.take_count for summary in library.talks()] == [1]


def test_a_take_deleted_while_it_is_reviewed_is_not_called_a_full_disk(library):
    folder = reviewed_take(library)
    transcript = folder.transcript()
    library.delete_take(folder.path.name)
    with pytest.raises(LibraryError, match="deleted or moved meanwhile"):
        folder.save_transcript(transcript)


def test_a_take_that_finds_no_room_leaves_nothing_behind(library, monkeypatch, tmp_path):
    from runthrough import library as module

    recording = tmp_path / "talk.wav"
    recording.write_bytes(b"RIFF")
    write = module._write_json

    def full(path, data):
        if path.name == "take.json":
            raise LibraryError("no room")
        write(path, data)

    monkeypatch.setattr(module, "_write_json", full)
    with pytest.raises(LibraryError, match="no room"):
        import_recording(library, recording, None)
    assert [*(library.root / "takes").iterdir()] == []
    assert library.talks() == []
    monkeypatch.undo()
    (library.root / "takes").rmdir()
    with pytest.raises(LibraryError, match="Free some space"):
        new_take(library, library.new_talk("Leaks", FIVE.id), FIVE)


def test_what_can_not_be_written_leaves_nothing_behind(library):
    talk = library.new_talk("Leaks", FIVE.id)
    with pytest.raises(UnicodeError):
        library.save_talk(replace(talk, notes="\udcff"))
    assert [p.name for p in (library.root / "talks").iterdir()] == [f"{talk.id}.json"]
    with pytest.raises(UnicodeError):
        new_take(library, talk, replace(FIVE, title="\udcff"))
    assert [*(library.root / "takes").iterdir()] == []


@pytest.mark.parametrize("meanwhile", ["recorded", "changed", "deleted"])
def test_an_import_that_is_cancelled_leaves_what_was_done_with_its_talk(
    library, tmp_path, meanwhile
):
    recording = tmp_path / "talk.wav"
    with TakeFile(recording) as file:
        file.append(np.ones(30 * 16_000, np.int16))
    kept = []

    def use(_stage, _fraction):
        if kept:
            return
        talk = library.talks()[0].talk
        kept.append(talk)
        if meanwhile == "recorded":
            new_take(library, talk, FIVE)
        elif meanwhile == "changed":
            kept[0] = replace(talk, notes="An hour of notes.")
            library.save_talk(kept[0])
        else:
            library._db.execute("DELETE FROM talks")

    with pytest.raises(Cancelled):
        import_recording(library, recording, None, progress=use, cancelled=lambda: bool(kept))
    assert [summary.talk for summary in library.talks()] == kept[: meanwhile != "deleted"]
    assert len(library.takes()) == (meanwhile == "recorded")


def test_an_import_with_slides_keeps_notes_made_meanwhile(library, tmp_path):
    recording, slides = tmp_path / "talk.wav", tmp_path / "slides.pdf"
    with TakeFile(recording) as file:
        file.append(np.ones(16_000, np.int16))
    with pypdfium2.PdfDocument.new() as pages:
        pages.new_page(160, 90)
        pages.save(slides)

    def write(stage, _fraction):
        if stage == "Reading the recording":
            library.save_talk(replace(library.talks()[0].talk, notes="An hour of notes."))

    class Unheard:
        def transcribe(self, *_given, **_named):
            raise Cancelled("It was stopped.")

    with pytest.raises(Cancelled):
        import_recording(library, recording, Unheard(), slides=slides, progress=write)
    (summary,) = library.talks()
    assert (summary.talk.notes, summary.talk.slides) == ("An hour of notes.", "slides.pdf")


def test_a_damaged_take_costs_only_itself(library):
    lost, kept = reviewed_take(library), reviewed_take(library)
    kept_id = kept.take().id
    (lost.path / "take.json").write_text("{")
    library.rebuild_index()
    assert [take.id for take in library.takes()] == [kept_id]
    with pytest.raises(LibraryError, match="other takes are not affected"):
        lost.take()


def test_a_copy_of_a_take_beside_it_adds_nothing_to_what_is_found(library):
    folder = reviewed_take(library)
    shutil.copytree(folder.path, folder.path.with_name(f"{folder.path.name} copy"))
    for _ in range(2):
        with contextlib.closing(Library(library.root)) as again:
            assert again.takes() == [folder.take()]
            assert len(again.search("thing")) == 1
            assert again.damaged() == []
            assert len(again.strangers()) == 1


@pytest.mark.skipif(
    not sys.platform.startswith("linux"),
    reason="elsewhere this would fill the trash of who runs the tests",
)
@pytest.mark.parametrize("name", ["{} (copy)", "{}.sync-conflict-20260101-120000-ABCDEFG"])
def test_a_copy_of_a_talk_or_answer_beside_it_is_not_taken_for_another(library, name):
    take = reviewed_take(library).take()
    talk = library.talks()[0].talk
    answer = practice_answer(library)
    talk_file = library.root / "talks" / f"{talk.id}.json"
    talk_copy = talk_file.with_stem(name.format(talk.id))
    shutil.copy(talk_file, talk_copy)
    answer_copy = library.root / "answers" / name.format(answer.id)
    shutil.copytree(library.root / "answers" / answer.id, answer_copy)
    for _ in range(2):
        with contextlib.closing(Library(library.root)) as again:
            assert [summary.talk for summary in again.talks()] == [talk]
            assert again.answers() == [answer]
            assert again.damaged() == []
            answers, talks = again.strangers()
            assert f"{answer_copy} is not called as an answer is" in answers
            assert f"{talk_copy} is not called as a talk is" in talks
            assert repair_library(again) == []
            renamed = replace(talk, title="Hydrants")
            again.save_talk(renamed)
            assert [summary.talk for summary in again.talks()] == [renamed]
            again.save_talk(talk)
    library.delete_answer(answer.id)
    library.delete_talk(take.talk_id)
    assert talk_copy.exists()
    assert answer_copy.exists()
    with contextlib.closing(Library(library.root)) as again:
        assert again.talks() == []
        assert again.answers() == []


def test_a_copy_of_a_talk_that_an_earlier_version_had_listed_is_no_longer(library):
    talk = library.new_talk("Leaks", FIVE.id)
    talk_file = library.root / "talks" / f"{talk.id}.json"
    copy = talk_file.with_stem(f"{talk.id} (copy)")
    shutil.copy(talk_file, copy)
    status = copy.stat()
    library._db.execute(
        "INSERT INTO talks (id, json, stamp) VALUES (?, ?, ?)",
        (copy.stem, copy.read_text(), f"{status.st_mtime_ns}-{status.st_size}"),
    )
    library._db.execute("PRAGMA user_version = 3")
    library.close()
    with contextlib.closing(Library(library.root)) as again:
        assert [summary.talk for summary in again.talks()] == [talk]


@pytest.mark.parametrize("field", ["slide_sections", "plan_s"])
def test_a_talk_with_a_list_for_a_table_costs_only_itself(library, field):
    reviewed_take(library, "Kept")
    lost = library.new_talk("Lost", FIVE.id)
    path = library.root / "talks" / f"{lost.id}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {field: []}))
    library.rebuild_index()
    assert [summary.talk.title for summary in library.talks()] == ["Kept"]
    assert [sentence for sentence in library.damaged() if lost.id in sentence]


def test_an_event_cut_off_by_a_crash_is_passed_over(library):
    folder = reviewed_take(library)
    folder.add_event(Event(1.5, EventKind.SECTION, "method"))
    with (folder.path / "events.jsonl").open("a") as file:
        file.write('{"at": 2.0, "ki')
    assert folder.events() == (Event(1.5, EventKind.SECTION, "method"),)


def test_a_disk_that_syncs_no_event_is_no_defect(library, monkeypatch):
    folder, uncaught = reviewed_take(library), []

    def refuse(_descriptor):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", refuse)
    monkeypatch.setattr(threading, "excepthook", uncaught.append)
    before = threading.enumerate()
    folder.add_event(Event(1.5, EventKind.MARK))
    for thread in threading.enumerate():
        if thread not in before:
            thread.join()
    assert uncaught == []
    assert folder.events() == (Event(1.5, EventKind.MARK),)


def test_a_sample_that_was_half_put_there_is_made_whole(library, monkeypatch):
    def full(_talk):
        raise LibraryError("no room")

    with monkeypatch.context() as patched:
        patched.setattr(library, "save_talk", full)
        with pytest.raises(LibraryError, match="no room"):
            library.open_sample()
    take = library.open_sample()
    assert [summary.talk.id for summary in library.talks()] == [take.talk_id]
    (library.root / "talks" / f"{take.talk_id}.json").unlink()
    with contextlib.closing(Library(library.root)) as again:
        again.open_sample()
        assert [summary.take_count for summary in again.talks()] == [1]
        assert again.damaged() == []


def test_the_sample_brings_its_waveform(library):
    audio = library.folder(library.open_sample().id).audio
    brought = np.load(peaks_path(audio))
    peaks_path(audio).unlink()
    assert np.array_equal(load_peaks(audio), brought)


def test_copies_reach_the_disk_before_they_are_put_in_place(library, monkeypatch):
    synced, sync = [], os.fsync

    def note(descriptor):
        synced.append(os.fstat(descriptor).st_ino)
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    folder = library.folder(library.open_sample().id)
    assert {path.stat().st_ino for path in folder.path.iterdir()} <= set(synced)


def test_only_a_take_that_nobody_records_is_interrupted(library):
    talk = library.new_talk("Leaks", FIVE.id)
    folder = new_take(library, talk, FIVE)
    hold = (
        "import sys; from pathlib import Path; from runthrough.library import TakeFolder;"
        "lock = TakeFolder(Path(sys.argv[1])).hold();"
        "print('held', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", hold, str(folder.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "src")},
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    assert [*library.interrupted_takes()] == []
    other.kill()
    other.communicate()
    assert [*library.interrupted_takes()] == [(folder.take(), True)]


def test_an_interrupted_take_is_made_whole_and_an_empty_one_goes(library):
    talk = library.new_talk("Leaks", FIVE.id)
    spoken, empty = new_take(library, talk, FIVE), new_take(library, talk, FIVE)
    with TakeFile(spoken.audio) as file:
        file.append(np.ones(16_000, np.int16))
    data = spoken.audio.read_bytes()
    spoken.audio.write_bytes(data[:40] + b"\xff\xff\xff\x7f" + data[44:])
    (take,) = recover_interrupted(library)
    assert (take.id, take.duration_s, take.recovered) == (spoken.take().id, 1.0, True)
    assert take.state is TakeState.SAVED
    assert not empty.path.exists()
    assert recover_interrupted(library) == []


def test_a_take_that_has_just_been_begun_is_not_taken_for_interrupted(library, monkeypatch):
    from runthrough import library as module

    talk = library.new_talk("Leaks", FIVE.id)
    write, found = module._write_json, []

    def look(path, data):
        write(path, data)
        with contextlib.closing(Library(library.root)) as other:
            found.append(other.take("last"))
            recover_interrupted(other)

    with monkeypatch.context() as patched:
        patched.setattr(module, "_write_json", look)
        folder, lock = library.begin_take(talk, FIVE)
    assert [take.state for take in found] == [TakeState.RECORDING]
    assert folder.take() == found[0]
    lock.release()


def test_an_interrupted_take_is_held_while_it_is_made_whole(library):
    talk = library.new_talk("Leaks", FIVE.id)
    for _ in range(2):
        new_take(library, talk, FIVE)
    with contextlib.closing(Library(library.root)) as other:
        for take, _ in library.interrupted_takes():
            assert take.id not in [left.id for left, _ in other.interrupted_takes()]
        assert len([*other.interrupted_takes()]) == 2


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS])
def test_a_drive_without_locks_holds_a_library_too(library, monkeypatch, tmp_path, number):
    fcntl = pytest.importorskip("fcntl")

    def no_locks(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", no_locks)
    talk = library.new_talk("Leaks", FIVE.id)
    spoken, lock = library.begin_take(talk, FIVE)
    begun = new_take(library, talk, FIVE)
    with TakeFile(spoken.audio) as file:
        file.append(np.ones(16_000, np.int16))
    assert [take.id for take in recover_interrupted(library)] == [spoken.take().id]
    assert begun.take().state is TakeState.RECORDING, "it may be another's"
    assert not lock.is_locked
    lock.release()
    assert copy_library(library.root, tmp_path / "new").target.is_dir()


def test_one_take_that_cannot_be_mended_does_not_keep_the_others_from_it(library):
    talk = library.new_talk("Leaks", FIVE.id)
    lost, scrambled, whole = (new_take(library, talk, FIVE) for _ in range(3))
    lost.audio.mkdir()
    for folder in (scrambled, whole):
        with TakeFile(folder.audio) as file:
            file.append(np.ones(16_000, np.int16))
    scrambled.audio.write_bytes(b"\xa5" * 44 + scrambled.audio.read_bytes()[44:])
    found = {take.id: take.duration_s for take in recover_interrupted(library)}
    assert found == {scrambled.take().id: 1.0, whole.take().id: 1.0}
    assert lost.take().state is TakeState.FAILED
    assert "audio.wav" in lost.take().problem
    assert recover_interrupted(library) == []


def test_what_was_finished_is_not_taken_for_interrupted_by_an_index_that_is_behind(library):
    talk = library.new_talk("Leaks", FIVE.id)
    folder = new_take(library, talk, FIVE, source="talk.mp4")
    imported = folder.take()
    data = json.loads((folder.path / "take.json").read_text())
    (folder.path / "take.json").write_text(json.dumps(data | {"state": "saved", "duration_s": 5}))
    assert recover_interrupted(library) == []
    assert folder.take().state is TakeState.SAVED
    assert library.take(imported.id) == folder.take()


@pytest.mark.skipif(
    not sys.platform.startswith("linux"),
    reason="elsewhere this would fill the trash of who runs the tests",
)
def test_deleting_moves_to_the_trash(library):
    folder = reviewed_take(library)
    talk = library.talks()[0].talk
    library.delete_talk(talk.id)
    assert library.talks() == []
    assert library.takes() == []
    assert not folder.path.exists()
    trash = Path(os.environ["XDG_DATA_HOME"]) / "Trash" / "files"
    trashed = [*trash.iterdir()] if trash.exists() else [*library.root.parents[0].rglob(".Trash*")]
    assert any(path.name.startswith(folder.path.name) for path in trashed)


def test_a_talk_whose_second_take_the_trash_refuses_is_told_what_went(library, monkeypatch):
    import send2trash

    takes = [reviewed_take(library).take() for _ in range(3)]
    trash = send2trash.send2trash

    def refuse(path):
        if path.name == takes[1].id:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        trash(path)

    monkeypatch.setattr(send2trash, "send2trash", refuse)
    with pytest.raises(LibraryError, match=r"1 of 3 takes .* file manager") as told:
        library.delete_talk(takes[0].talk_id)
    assert "Nothing was deleted" not in str(told.value)
    assert [take.id for take in library.takes()] == [takes[1].id, takes[0].id]


@pytest.mark.parametrize("how", ["take", "talk", "file manager"])
def test_the_index_keeps_no_word_of_what_was_deleted(library, how):
    kept = reviewed_take(library)
    notes = "" if how == "take" else "With Zyzzyva Holdings."
    talk = replace(library.new_talk("A merger", FIVE.id), notes=notes)
    library.save_talk(talk)
    folder = new_take(library, talk, FIVE)
    said = transcript_of_sentences(["We buy Zyzzyva Holdings.", "It works."], duration_s=60)
    library.save_report(folder.path.name, review(said, FIVE))
    assert len(library.search("zyzzyva")) == 1
    if how == "take":
        library.delete_take(folder.path.name)
    elif how == "talk":
        library.delete_talk(talk.id)
    else:
        shutil.rmtree(folder.path)
        (library.root / "talks" / f"{talk.id}.json").unlink()
        with contextlib.closing(Library(library.root)):
            pass
    files = [*library.root.glob("index.sqlite3*")]
    assert files
    for file in files:
        assert b"yzzyva" not in file.read_bytes(), file.name
    assert library.search("zyzzyva") == []
    assert [hit.take.id for hit in library.search("works")] == [kept.path.name]


def test_a_take_that_is_being_recorded_cannot_be_deleted_by_another_window(library):
    reviewed_take(library)
    talk = library.talks()[0].talk
    recorded = new_take(library, talk, FIVE)
    lock = recorded.hold()
    for delete in (
        lambda: library.delete_talk(talk.id),
        lambda: library.delete_take(recorded.path.name),
    ):
        with pytest.raises(LibraryError, match="is being recorded"):
            delete()
    lock.release()
    assert library.talks()[0].take_count == 2
    library.delete_talk(talk.id)
    assert library.talks() == []


def test_files_are_private(library):
    if os.name != "posix":
        pytest.skip("permissions are other things elsewhere")
    folder = reviewed_take(library)
    folder.add_event(Event(0.0, EventKind.MARK))
    for path in (library.root, folder.path):
        assert path.stat().st_mode & 0o077 == 0
    for path in (folder.path / name for name in ("take.json", "report.json", "events.jsonl")):
        assert path.stat().st_mode & 0o077 == 0


def test_a_library_from_a_newer_version_is_refused(library):
    library._db.execute("PRAGMA user_version = 99")
    library.close()
    with pytest.raises(LibraryError, match="newer"):
        Library(library.root)


def test_a_talk_needs_a_title(library):
    with pytest.raises(LibraryError, match="title"):
        library.new_talk("   ", FIVE.id)


def test_what_a_report_says_survives_the_disk(library):
    report = reviewed_take(library).report()
    assert report is not None
    data = json.loads(wire.dumps(wire.report_to_json(report)))
    assert wire.report_to_json(wire.report_from_json(data)) == data


def test_slides_are_kept_with_their_talk(tmp_path):
    library = Library(tmp_path / "library")
    talk = library.new_talk("With slides", "interview-20")
    source = tmp_path / "my talk.pdf"
    source.write_bytes(b"%PDF-1.5 whatever")
    source.with_suffix(".pdfpc").write_text("[notes]\n### 1\nHello.\n")
    assert library.slides(talk) is None
    talk = library.attach_slides(talk, source)
    kept = library.slides(talk)
    assert kept is not None
    assert kept.read_bytes() == source.read_bytes()
    assert kept.with_suffix(".pdfpc").exists()
    assert library.talk(talk.id).slides == "my talk.pdf"
    source.with_suffix(".pdfpc").unlink()
    talk = library.attach_slides(talk, source)
    assert not kept.with_suffix(".pdfpc").exists()
    talk = library.detach_slides(talk)
    assert library.slides(talk) is None
    assert source.exists()
    with pytest.raises(LibraryError, match=r"gone\.pdf can't be copied"):
        library.attach_slides(talk, tmp_path / "gone.pdf")
    assert library.slides(library.talk(talk.id)) is None
    library.close()


def test_notes_and_slides_that_a_kill_left_half_written_go_a_day_later(library):
    talk = library.new_talk("Leaks", FIVE.id)
    talks = library.root / "talks"
    old, new = talks / f".{talk.id}.json.7-7.tmp", talks / f".{talk.id}.json.8-8.tmp"
    making = talks / f".{talk.id}.tmp"
    making.mkdir()
    for path in (making / "slides.pdf", old, new):
        path.write_bytes(b"An hour of notes.")
    for path in (making, old):
        os.utime(path, (0, 0))
    with contextlib.closing(Library(library.root)) as again:
        assert again.talk(talk.id) == talk
    assert sorted(talks.iterdir()) == sorted([new, talks / f"{talk.id}.json"])


def test_a_talks_own_plan_and_ties_are_kept(tmp_path):
    library = Library(tmp_path / "library")
    talk = replace(
        library.new_talk("Planned", "interview-20"),
        vocabulary="Mahalanobis",
        slide_sections=((3, "method"), (9, "limitations")),
        plan_s=(("problem", 90.0), ("limitations", 240.0)),
        plan_format_id="interview-20",
    )
    library.save_talk(talk)
    library.rebuild_index()
    assert library.talk(talk.id) == talk
    fmt = find_format("interview-20")
    usual = {section.id: section for section in fmt.sections}
    planned = {section.id: section for section in talk.planned(fmt).sections}
    assert planned["limitations"].planned_s == 240
    assert planned["method"] == usual["method"]
    other = find_format("conference-12")
    assert talk.planned(other) is other
    library.close()
