"""A library with bytes flipped, cut off and lost: what is left is shown, and what can be is mended.

``RUNTHROUGH_DAMAGES=300`` tries as many random places; the tests alone try fewer.
"""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from dataclasses import replace

import numpy as np
import pytest

from runthrough.analysis import review, transcript_of_sentences
from runthrough.audio.wav import TakeFile, duration_s
from runthrough.cli.doctor import _library
from runthrough.errors import LibraryError, RunthroughError
from runthrough.formats import find_format
from runthrough.library import Library
from runthrough.repair import RECOVERED, repair_library
from runthrough.talk import AnswerVerdict, Event, EventKind, PracticeAnswer, TakeState
from takes import new_take

FIVE = find_format("five-part-10")
PLACES = int(os.environ.get("RUNTHROUGH_DAMAGES", "60"))
TAKES = 20


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A library of 20 takes of five talks."""
    root = tmp_path_factory.mktemp("damage") / "library"
    library = Library(root)
    noise = np.random.default_rng(3).integers(-900, 900, 16_000).astype(np.int16)
    for number in range(TAKES):
        title = f"Talk {number % 5}"
        talk = library.talk_titled(title) or library.new_talk(title, FIVE.id)
        folder = new_take(library, talk, FIVE)
        with TakeFile(folder.audio) as file:
            file.append(noise)
        folder.add_event(Event(0.0, EventKind.SECTION, "problem"))
        said = [f"We built machine number {number}.", "It fails when it rains."]
        transcript = transcript_of_sentences(said, duration_s=1.0)
        folder.save_transcript(transcript)
        library.save_take(replace(folder.take(), state=TakeState.SAVED, duration_s=1.0))
        library.save_report(folder.take().id, review(transcript, FIVE))
    library.close()
    return root


@pytest.fixture
def root(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "library")


def look_at_everything(root):
    """Open it as the window does, and look at all there is; what can't be read is counted."""
    library = Library(root)
    try:
        library.talks()
        library.search("machine")
        problems = len(library.damaged())
        for take in library.takes():
            folder = library.folder(take.id)
            for read in (folder.take, folder.transcript, folder.report, folder.corrections):
                try:
                    read()
                except LibraryError:
                    problems += 1
            try:
                duration_s(folder.audio)
            except RunthroughError:
                problems += 1
            folder.events()
        return len(library.takes()), problems
    finally:
        library.close()


def damage(root, chance):
    """Flip, cut off or delete something of a random file. Returns what was done."""
    files = sorted(p for p in root.rglob("*") if p.is_file() and p.suffix != ".lock")
    path = chance.choice(files)
    what = chance.choice(("flip", "cut", "delete"))
    data = bytearray(path.read_bytes())
    if what == "delete" or not data:
        path.unlink()
        return f"{path.name} deleted"
    place = chance.randrange(len(data)) if chance.random() < 0.7 else chance.randrange(48)
    place = min(place, len(data) - 1)
    if what == "cut":
        path.write_bytes(data[:place])
    else:
        data[place] ^= 1 << chance.randrange(8)
        path.write_bytes(data)
    return f"{what} {path.name} at {place}"


def test_damage_anywhere_costs_at_most_that_one_thing(whole, tmp_path):
    chance = random.Random(20)  # noqa: S311 - the same places in every run
    for number in range(PLACES):
        root = shutil.copytree(whole, tmp_path / str(number))
        done = damage(root, chance)
        takes, problems = look_at_everything(root)
        assert takes >= TAKES - 1, done
        assert problems <= 2, done  # a lost take.json is one more that the index still has
        library = Library(root)
        repair_library(library)
        assert repair_library(library) == [], f"{done}: mended twice"
        library.close()
        takes, problems = look_at_everything(root)
        assert takes >= TAKES - 1, done
        assert problems == (done == "audio.wav deleted"), done  # no repair brings sound back
        shutil.rmtree(root)


def test_a_take_that_lost_what_it_was_keeps_its_sound(root):
    library = Library(root)
    lost = library.takes()[3]
    (library.folder(lost.id).path / "take.json").write_bytes(b"\0\0")
    library.rebuild_index()
    (told,) = library.damaged()
    assert "its sound is kept" in told
    (done,) = repair_library(library)
    assert RECOVERED in done
    found = library.take(lost.id)
    assert found.duration_s == pytest.approx(1.0)
    assert library.talk(found.talk_id).title == RECOVERED
    assert library.damaged() == []
    library.close()


def test_folders_that_are_no_takes_are_left_alone_and_so_is_the_library(root):
    before = Library(root)
    ids = [take.id for take in before.takes()]
    before.close()
    for name in ("New folder", "New folder 2", f"{ids[0]} (copy)", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"):
        (root / "takes" / name).mkdir()
    shutil.copy(root / "takes" / ids[0] / "take.json", root / "takes" / f"{ids[0]} (copy)")
    (root / "talks" / "._New.json").write_bytes(b"\0\5\x16\7")
    found = {p: p.read_bytes() for p in root.glob("ta*/**/*") if p.is_file()}
    library = Library(root)
    for _ in range(2):
        assert library.damaged() == []
        assert len(library.strangers()) == 4
        assert repair_library(library) == []
        assert [take.id for take in library.takes()] == ids
    assert {p: p.read_bytes() for p in root.glob("ta*/**/*") if p.is_file()} == found
    library.close()


def test_the_check_of_the_computer_names_folders_that_are_no_takes(root):
    (root / "takes" / "New folder").mkdir()
    check = _library(root)
    assert check.ok
    assert "New folder" in check.detail
    assert "--repair" not in check.detail


def test_a_take_with_the_id_of_another_is_listed_again(root):
    library = Library(root)
    take = library.takes()[3]
    path = library.folder(take.id).path / "take.json"
    path.write_text(path.read_text().replace(take.id, f"{take.id[:-4]}AAAA"))
    library.rebuild_index()
    assert len(library.damaged()) == 1
    (done,) = repair_library(library)
    assert take.id in done
    assert library.take(take.id) == take
    assert library.damaged() == []
    library.close()


def test_a_talk_and_an_answer_with_the_id_of_another_are_listed_again(root):
    library = Library(root)
    talk = library.talks()[0].talk
    answer = PracticeAnswer(
        library.new_answer_folder().name,
        "why-so-small",
        "statistics",
        "Why so few?",
        talk.created,
        "We had no more.",
        12.0,
        AnswerVerdict(()),
    )
    library.save_answer(answer)
    for path in (root / "talks" / f"{talk.id}.json", root / "answers" / answer.id / "answer.json"):
        name = talk.id if path.parent.name == "talks" else answer.id
        path.write_text(path.read_text().replace(name, f"{name[:-4]}AAAA"))
    library.rebuild_index()
    assert len(library.damaged()) == 2
    assert len(repair_library(library)) == 2
    assert library.talk(talk.id) == talk
    assert library.answers() == [answer]
    assert library.damaged() == []
    library.close()


def test_an_answer_that_can_not_be_read_is_set_aside_and_no_longer_complained_of(root):
    library = Library(root)
    lost = library.new_answer_folder()
    for damage in (b"{", b"[1]"):
        (lost / "answer.json").write_bytes(damage)
        assert len(library.damaged()) == 1
        (done,) = repair_library(library)
        assert lost.name in done
        assert library.damaged() == []
    kept = [(lost / name).read_bytes() for name in ("answer.json.damaged", "answer.json.damaged-2")]
    assert kept == [b"{", b"[1]"], "nothing is deleted"
    library.close()


def test_a_header_is_made_anew_from_the_length(root):
    library = Library(root)
    audio = library.folder(library.takes()[0].id).audio
    sound = audio.read_bytes()
    audio.write_bytes(b"\xff" * 44 + sound[44:])
    with pytest.raises(RunthroughError):
        duration_s(audio)
    (done,) = repair_library(library)
    assert "new header" in done
    assert audio.read_bytes() == sound
    library.close()


def test_an_index_of_an_earlier_version_is_kept_and_made_anew(root):
    library = Library(root)
    takes = library.takes()
    library.close()
    index = root / "index.sqlite3"
    index.unlink()
    db = sqlite3.connect(index)  # as version 0.1 made it
    db.executescript(
        "CREATE TABLE talks (id TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT;"
        "CREATE TABLE takes (id TEXT PRIMARY KEY, talk_id TEXT NOT NULL, json TEXT NOT NULL,"
        " coverage TEXT NOT NULL DEFAULT '{}') STRICT;"
        "CREATE INDEX takes_by_talk ON takes (talk_id, id);"
        "PRAGMA user_version = 1;"
    )
    db.close()
    again = Library(root)
    assert again.takes() == takes
    assert len(again.search("machine")) == TAKES
    assert (root / "index.version-1.sqlite3").exists()
    again.close()


def test_what_was_said_is_found_whatever_is_asked(root):
    library = Library(root)
    (hit,) = library.search("Machine NUMBER 7")
    assert hit.talk_title == "Talk 2"
    assert hit.text == "We built machine number 7."
    assert len(library.search("fail")) == TAKES, "the last word may be a beginning"
    assert library.search("machine rains") == [], "all in one sentence"
    for odd in ('"', "NEAR(", "a AND", "*", "said:", "' OR 1=1 --", "-", "", "ß", "text:machine"):
        library.search(odd)
    library.forget_take(hit.take.id)
    assert library.search("machine number 7") == []
    library.close()


def test_a_damaged_sample_is_mended_as_any_other_take(root):
    library = Library(root)
    sample = library.open_sample()
    library.close()
    for name in ("take.json", "report.json"):
        (root / "takes" / sample.id / name).write_text("{broken")
    (root / "index.sqlite3").unlink()
    library = Library(root)
    assert any(sample.id in sentence for sentence in library.damaged())
    assert library.strangers() == []
    assert len(repair_library(library)) == 2
    assert sample.id in [take.id for take in library.takes()]
    library.close()
