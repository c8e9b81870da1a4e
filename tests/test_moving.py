from __future__ import annotations

import errno
import os
import threading
from typing import TYPE_CHECKING

import pytest

from runthrough import moving
from runthrough.errors import Cancelled, LibraryError
from runthrough.formats import DEFAULT_FORMAT
from runthrough.library import Library, default_library_root
from runthrough.moving import copy_library, remove_old

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def old(tmp_path):
    """A library with a talk, the sample take, and a file of the user's own."""
    library = Library(tmp_path / "old")
    library.new_talk("Sparse routing", DEFAULT_FORMAT)
    library.open_sample()
    (library.root / "formats" / "own.toml").write_text("# mine")
    library.close()
    return library.root


def contents(root: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(p.relative_to(root)): (p.read_bytes(), p.stat().st_mtime_ns)
        for p in root.rglob("*")
        if p.is_file() and not p.name.startswith(("index.sqlite3", "index.lock"))
    }


def test_a_moved_library_is_whole_and_the_old_one_goes_at_the_end(old, tmp_path):
    before = contents(old)
    told = []
    moved = copy_library(old, tmp_path / "new", lambda done, total: told.append((done, total)))
    assert contents(old) == before, "the old one stays until the new one is in use"
    assert contents(moved.target) == before
    assert told[-1][0] == told[-1][1]
    library = Library(moved.target)
    assert [s.talk.title for s in library.talks()].count("Sparse routing") == 1
    assert library.takes()
    library.close()
    assert remove_old(moved) == ""
    assert not old.exists()


def test_an_empty_folder_is_taken_and_a_full_one_refused(old, tmp_path):
    (tmp_path / "empty").mkdir()
    assert copy_library(old, tmp_path / "empty").target == tmp_path / "empty"
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine")
    with pytest.raises(LibraryError, match="not empty"):
        copy_library(old, tmp_path / "full")
    assert (tmp_path / "full" / "thesis.txt").read_text() == "mine"


@pytest.mark.parametrize("where", ["old", "old/inside", "."])
def test_the_new_folder_is_neither_inside_nor_around_the_old_one(old, tmp_path, where):
    with pytest.raises(LibraryError, match="another folder"):
        copy_library(old, tmp_path / where)


def test_while_a_take_is_recorded_nothing_is_moved(old, tmp_path):
    library = Library(old)
    take = library.takes()[0]
    lock = library.folder(take.id).hold()
    with pytest.raises(LibraryError, match="being recorded"):
        copy_library(old, tmp_path / "new")
    lock.release()
    library.close()
    assert not (tmp_path / "new").exists()


def test_a_take_finished_in_another_thread_than_it_was_begun_in_holds_nothing_up(old, tmp_path):
    library = Library(old)
    lock = library.folder(library.takes()[0].id).hold()
    finish = threading.Thread(target=lock.release)
    finish.start()
    finish.join()
    library.close()
    assert copy_library(old, tmp_path / "new").target.is_dir()


@pytest.mark.parametrize("leads", ["elsewhere", "nowhere"])
def test_a_folder_that_is_a_link_is_not_left_behind_silently(old, tmp_path, leads):
    (old / "takes").rename(tmp_path / "elsewhere")
    (old / "takes").symlink_to(tmp_path / leads)
    with pytest.raises(LibraryError, match=r"takes is a link.*then move"):
        copy_library(old, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_file_that_is_a_link_is_moved_and_a_folder_linked_later_is_told_of(old, tmp_path):
    own = old / "formats" / "own.toml"
    own.rename(tmp_path / "own.toml")
    own.symlink_to(tmp_path / "own.toml")
    moved = copy_library(old, tmp_path / "new")
    assert (moved.target / "formats" / "own.toml").read_text() == "# mine"
    (old / "later").symlink_to(tmp_path)
    assert "stayed in" in remove_old(moved)
    assert (tmp_path / "own.toml").exists()


def test_cancelling_leaves_everything_as_it_was(old, tmp_path):
    before = contents(old)
    seen = []
    with pytest.raises(Cancelled):
        copy_library(
            old,
            tmp_path / "new",
            lambda done, _total: seen.append(done),
            lambda: len(seen) > 2,
        )
    assert contents(old) == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["old"]


def test_a_full_disk_leaves_everything_as_it_was(old, tmp_path, monkeypatch):
    before = contents(old)
    synced = []

    def full(number):
        synced.append(number)
        if len(synced) == 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(moving.os, "fsync", full)
    with pytest.raises(LibraryError, match=r"No space left.*stays where it is"):
        copy_library(old, tmp_path / "new")
    assert contents(old) == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["old"]


def test_a_folder_that_can_not_be_looked_at_is_told_in_a_sentence(old, tmp_path):
    with pytest.raises(LibraryError, match="stays where it is"):
        copy_library(old, tmp_path / ("n" * 300))


def test_a_lock_that_is_held_is_neither_moved_nor_complained_of(old, tmp_path, monkeypatch):
    (old / "window.lock").touch()
    moved = copy_library(old, tmp_path / "new")
    assert not (moved.target / "window.lock").exists()
    unlink = type(old).unlink

    def held(path, missing_ok=False):
        if path.name == "window.lock":
            raise PermissionError("in use, as Windows says")
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(type(old), "unlink", held)
    assert remove_old(moved) == ""


def test_too_little_room_is_told_before_anything_is_copied(old, tmp_path, monkeypatch):
    monkeypatch.setattr(moving, "_SPARE", 1 << 62)
    with pytest.raises(LibraryError, match="too little room"):
        copy_library(old, tmp_path / "new")


def test_a_file_that_does_not_arrive_whole_stops_the_move(old, tmp_path, monkeypatch):
    monkeypatch.setattr(
        moving.shutil, "copystat", lambda _source, target: target.write_bytes(b"other")
    )
    with pytest.raises(LibraryError, match="did not arrive whole"):
        copy_library(old, tmp_path / "new")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["old"]


def test_what_changes_while_it_is_copied_is_copied_again(old, tmp_path):
    own = old / "formats" / "own.toml"
    changes = iter(["# changed", "# changed once more"])

    def change(_done, _total):
        if (text := next(changes, None)) is not None:
            own.write_text(text)

    moved = copy_library(old, tmp_path / "new", change)
    assert (moved.target / "formats" / "own.toml").read_text() == own.read_text()


def test_what_came_after_the_copy_is_not_removed(old, tmp_path):
    moved = copy_library(old, tmp_path / "new")
    (old / "formats" / "own.toml").write_text("# changed later")
    (old / "notes.txt").write_text("came later")
    assert "stayed in" in remove_old(moved)
    assert sorted(contents(old)) == ["formats/own.toml", "notes.txt"]


def test_what_a_broken_move_left_is_no_obstacle(old, tmp_path):
    (tmp_path / ".new.moving" / "takes").mkdir(parents=True)
    (tmp_path / ".new.moving" / "takes" / "half").write_text("half")
    moved = copy_library(old, tmp_path / "new")
    assert contents(moved.target) == contents(old)
    assert not (tmp_path / ".new.moving").exists()


def test_a_chosen_folder_that_is_gone_is_not_made_anew(tmp_path, monkeypatch):
    monkeypatch.delenv("RUNTHROUGH_LIBRARY")
    with pytest.raises(LibraryError, match="is not there"):
        default_library_root(str(tmp_path / "unplugged"))
    assert default_library_root(str(tmp_path)) == tmp_path
    monkeypatch.setenv("RUNTHROUGH_LIBRARY", str(tmp_path / "forced"))
    assert default_library_root(str(tmp_path)) == tmp_path / "forced"
