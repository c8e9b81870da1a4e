"""Moves a library to another folder, so that nothing is lost wherever it breaks off.

Everything is copied into a folder beside the new place, read back and compared, and only then
given the new name; the old library stays whole until the program uses the new one. What is then
removed is only what was copied and has not changed since.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from filelock import Timeout

from runthrough.errors import Cancelled, LibraryError
from runthrough.library import INDEX_LOCK, RECORDING_LOCK, WINDOW_LOCK, hold_lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_READ_BYTES = 1 << 20
# Room to leave on the disk, in bytes.
_SPARE = 50_000_000
# What changed while it was copied is copied again, so many times.
_ROUNDS = 3
# Only indexes the folders: it is made anew in the new place.
_INDEX = "index.sqlite3"
# Held by whoever uses the folder, for as long as they do.
_LOCKS = (RECORDING_LOCK, WINDOW_LOCK, INDEX_LOCK)


@dataclass(frozen=True, slots=True)
class _Stamp:
    """What tells whether a file has changed."""

    size_bytes: int
    modified_ns: int


@dataclass(frozen=True, slots=True)
class Moved:
    """A library that is complete in ``target`` and still complete in ``source``."""

    source: Path
    target: Path
    files: dict[str, _Stamp]


def copy_library(
    source: Path,
    target: Path,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Moved:
    """Copy the library in ``source`` to ``target``, which must be absent or empty, and verify it.

    ``progress`` is told bytes copied and bytes in all. ``source`` is not changed. Raises
    ``LibraryError`` if it can't be done or a take is being recorded, ``Cancelled``, and leaves
    nothing at ``target`` then.
    """
    source, target = source.expanduser().absolute(), target.expanduser().absolute()
    making = target.with_name(f".{target.name}.moving")
    try:
        _check(source, target)
        shutil.rmtree(making, ignore_errors=True)  # of a move that broke off
        making.mkdir(parents=True, mode=0o700)
        copied = _copy_all(source, making, progress, cancelled)
        if target.exists():
            target.rmdir()
        making.rename(target)
    except OSError as error:
        raise LibraryError(
            f"The library can't be copied to {target} ({error.strerror}). It stays where it is; "
            "choose another folder or make room."
        ) from error
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return Moved(source, target, copied)


def remove_old(moved: Moved) -> str:
    """Remove the old library once the new one is in use.

    Returns a sentence for the user if something stays there: what could not be removed, or what
    came or changed after it was copied. Empty if nothing stays.
    """
    for name, stamp in moved.files.items():
        path = moved.source / name
        with contextlib.suppress(OSError):
            if _stamp(path) == stamp:
                path.unlink()
    for name in (_INDEX, f"{_INDEX}-wal", f"{_INDEX}-shm"):
        with contextlib.suppress(OSError):
            (moved.source / name).unlink(missing_ok=True)
    for path in sorted(moved.source.rglob("*"), reverse=True):
        with contextlib.suppress(OSError):
            if path.name in _LOCKS:
                path.unlink()
            elif path.is_dir() and not path.is_symlink():
                path.rmdir()
    with contextlib.suppress(OSError):
        moved.source.rmdir()
    if moved.source.exists() and (any(_files(moved.source)) or any(_links(moved.source))):
        return (
            f"The library is now in {moved.target}. Some files stayed in {moved.source}, since "
            "they were changed or could not be removed; look at them and delete them yourself."
        )
    return ""


def _check(source: Path, target: Path) -> None:
    if _is_inside(target, source) or _is_inside(source, target):
        raise LibraryError(
            "The new folder can't be the library's own, or one inside or around it. "
            "Choose another folder."
        )
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise LibraryError(f"{target} is not empty. Choose an empty or a new folder.")
    for link in _links(source):
        raise LibraryError(
            f"{link} is a link, so what it leads to would stay behind. Put the folder itself in "
            "its place, or remove the link if it leads nowhere; then move the library."
        )
    for lock in source.glob(f"takes/*/{RECORDING_LOCK}"):
        try:
            hold_lock(lock).release()
        except Timeout as error:
            raise LibraryError(
                "A take is being recorded in this library. Finish it, then move the library."
            ) from error
    needed = sum(_stamp(source / name).size_bytes for name in _files(source))
    around = target
    while not around.exists() and around != around.parent:  # a drive may not be there
        around = around.parent
    if shutil.disk_usage(around).free < needed + _SPARE:
        raise LibraryError(
            f"There is too little room in {around}: the library needs {needed / 1e6:.0f} MB. "
            "Make room or choose another folder."
        )


def _is_inside(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _copy_all(
    source: Path,
    making: Path,
    progress: Callable[[int, int], None],
    cancelled: Callable[[], bool],
) -> dict[str, _Stamp]:
    """Copy until nothing is new. A file that changed since it was copied is copied again."""
    copied: dict[str, _Stamp] = {}
    done = 0
    for _ in range(_ROUNDS):
        there = {name: _stamp(source / name) for name in _files(source)}
        for name in copied.keys() - there.keys():
            (making / name).unlink()
            del copied[name]
        new = {name: stamp for name, stamp in there.items() if copied.get(name) != stamp}
        if not new:
            for folder in source.rglob("*"):
                if folder.is_dir():
                    (making / folder.relative_to(source)).mkdir(exist_ok=True, mode=0o700)
            return copied
        total = done + sum(stamp.size_bytes for stamp in new.values())
        for name, stamp in new.items():
            (making / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            for read in _copy(source / name, making / name):
                if cancelled():
                    raise Cancelled("Moving the library was stopped. It stays where it is.")
                done += read
                progress(min(done, total), total)
            copied[name] = stamp
    raise LibraryError(
        "The library changes while it is copied. Close other programs that use it, then try again."
    )


def _copy(source: Path, target: Path) -> Iterator[int]:
    """Copy one file and read it back; yields the bytes that were copied. Raises ``OSError``."""
    wanted = hashlib.sha256()
    with source.open("rb") as read, target.open("wb") as write:
        while block := read.read(_READ_BYTES):
            wanted.update(block)
            write.write(block)
            yield len(block)
        write.flush()
        os.fsync(write.fileno())
    shutil.copystat(source, target)  # a review older than its corrections is known by its time
    found = hashlib.sha256()
    with target.open("rb") as again:
        while block := again.read(_READ_BYTES):
            found.update(block)
            yield 0
    if found.digest() != wanted.digest():
        raise LibraryError(
            f"{target.name} did not arrive whole in {target.parent}. The library stays where it "
            "is; check the disk, or choose another folder."
        )


def _files(folder: Path) -> Iterator[str]:
    """The names of all files that are to be moved, from ``folder`` on."""
    for path in folder.rglob("*"):
        own = path.parent == folder and path.name.startswith((_INDEX, ".probe-"))
        if path.is_file() and not own and path.name not in _LOCKS:
            yield path.relative_to(folder).as_posix()


def _links(folder: Path) -> Iterator[Path]:
    """What a move can't take along: links to folders, and links to nothing."""
    return (path for path in folder.rglob("*") if path.is_symlink() and not path.is_file())


def _stamp(path: Path) -> _Stamp:
    status = path.stat()
    return _Stamp(status.st_size, status.st_mtime_ns)
