"""Talks and takes on disk: plain files are the truth, SQLite only indexes them.

::

    library/
      talks/01J….json               one talk
      talks/01J…/slides.pdf         its slides, and slides.pdfpc if their notes came beside them
      takes/01J…/take.json          what the take is and how far it has come
      takes/01J…/audio.wav          the sound (the sample talk has audio.flac)
      takes/01J…/events.jsonl       section changes, pauses: appended as they happen
      takes/01J…/transcript.json    words with times
      takes/01J…/heard.json         words up to where the recognition broke off, until it succeeds
      takes/01J…/report.json        the review
      takes/01J…/corrections.json   what the speaker put right in it
      takes/01J…/numbers.json       the few numbers of the review that progress is made of
      takes/01J…/recording.lock     held by the process that records this take
      answers/01J…/answer.json      one practice answer and its verdict
      answers/01J…/audio.wav        how it was spoken
      answers/01J…/asked.json       what it was spoken to, for one that is still to be judged
      formats/*.toml                the user's own talk formats
      questions/*.toml              the user's own practice questions
      index.sqlite3                 can be deleted: it is rebuilt from the folders

Ids are ULIDs, so names sort by time, also when the clock was set back between them. Every file but
the two appended ones is replaced by an atomic rename after fsync, so a reader sees the old or the
new, never half.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import sqlite3
import threading
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platformdirs import user_data_path

from runthrough import wire
from runthrough.errors import LibraryError
from runthrough.files import private, remove_left_over, replacing, sync_folder
from runthrough.resources import resource
from runthrough.talk import (
    Asked,
    Corrections,
    Event,
    PracticeAnswer,
    Report,
    Status,
    Take,
    TakeState,
    Talk,
    TalkFormat,
    Transcript,
    Word,
    whole_text,
)

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from filelock import FileLock

# The index holds nothing that the folders don't, so one of an older version is not migrated but
# kept beside the new one, which is made from the folders.
# 1: talks, takes, answers. 2: with what was said, to be searched. 3: with stamps of the files.
# 4: without copies of talks and answers. 5: no section is missing where nothing was judged.
_INDEX_VERSION = 5

# A stamp is of the files that were read; what was written since has none and is read again.
_SCHEMA = """
CREATE TABLE talks (
    id TEXT PRIMARY KEY,
    json TEXT NOT NULL,
    stamp TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE takes (
    id TEXT PRIMARY KEY,
    talk_id TEXT NOT NULL,
    json TEXT NOT NULL,
    coverage TEXT NOT NULL DEFAULT '{}',
    stamp TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX takes_by_talk ON takes (talk_id, id);
CREATE TABLE answers (
    id TEXT PRIMARY KEY,
    json TEXT NOT NULL,
    stamp TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE VIRTUAL TABLE said USING fts5 (
    take_id UNINDEXED, start_s UNINDEXED, text,
    tokenize = "unicode61 remove_diacritics 2", prefix = "2 3"
);
"""
# What reading a damaged file raises.
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError)
# For how long another process may write the index before it is given up.
_PATIENCE_S = 10.0
_INDEX_HELD = (
    "Another program holds the index of the library. Close what else has opened index.sqlite3, "
    "then try again."
)
# Of SQLite's errors of the disk, those that are no full one.
_BAD_READS = (
    sqlite3.SQLITE_IOERR_READ,
    sqlite3.SQLITE_IOERR_SHORT_READ,
    sqlite3.SQLITE_IOERR_CORRUPTFS,
)
_MOST_HITS = 50
# Held by whoever records or imports a take, in its folder, and by the window that has the library.
RECORDING_LOCK, WINDOW_LOCK = "recording.lock", "window.lock"
# Held by whoever makes the index.
INDEX_LOCK = "index.lock"
# What the sample talk's take is made of; the peaks are its waveform, drawn at once.
_IDS_OF_THE_SAMPLE = ("00SAMPLETALK00000000000000", "00SAMPLETAKE00000000000000")
_OF_THE_SAMPLE = ("take.json", "audio.flac", "audio.peaks.npy", "transcript.json", "report.json")
# Of a take, that are searched: days of talking.
_MOST_SENTENCES = 65_536


def default_library_root(chosen: str = "") -> Path:
    """``$RUNTHROUGH_LIBRARY``, or the ``chosen`` folder, or the platform's for user data.

    Raises ``LibraryError`` if the chosen folder is not there, as on a drive that is not plugged
    in: to begin an empty library in its place would look like a loss.
    """
    if forced := os.environ.get("RUNTHROUGH_LIBRARY"):
        return Path(forced).expanduser()
    if not chosen:
        return user_data_path("runthrough", appauthor=False)
    root = Path(chosen).expanduser()
    if not root.is_dir():
        raise LibraryError(
            f"The library folder {root} is not there. Plug in the drive it is on, or use another "
            "with --library DIR."
        )
    return root


@dataclass(frozen=True, slots=True)
class TalkSummary:
    """A talk as the list shows it.

    ``coverage`` is of the newest reviewed take, by section id; ``None`` where nothing was judged.
    """

    talk: Talk
    take_count: int
    last_take: Take | None
    reviewed_take: Take | None
    coverage: dict[str, Status | None]


@dataclass(frozen=True, slots=True)
class Hit:
    """A sentence that was searched for. ``start_s`` in seconds of the take, if it is known."""

    take: Take
    talk_title: str
    start_s: float | None
    text: str


def hold_lock(path: Path, patience_s: float = 0.0) -> FileLock:
    """The lock ``path``, taken; raises filelock's ``Timeout`` if somebody holds it that long.

    The system frees it on a crash. Some drives, of networks and of FUSE, know no locks: there it is
    not locked, and nothing can be asked.
    """
    from filelock import FileLock, Timeout

    # What is begun in the window's thread may be finished beside it, and the other way round.
    # What filelock falls back to is a file that a crash leaves; a version without that ignores it.
    lock = FileLock(
        path, timeout=patience_s, mode=0o600, thread_local=False, fallback_to_soft=False
    )
    try:
        lock.acquire()
    except Timeout:
        raise
    except (OSError, NotImplementedError):
        # What drives without locks raise. A take is better recorded without one than not at all;
        # who needs to be sure asks ``is_locked``.
        pass
    return lock


def is_id(name: str) -> bool:
    """Whether ``name`` may have been given by us; people's own folders and copies have others."""
    from ulid import ULID

    if name in _IDS_OF_THE_SAMPLE:
        return True
    try:
        ULID.from_str(name).datetime.astimezone()  # some have a year that there is not
    except (ValueError, OverflowError, OSError):
        return False
    return True


class TakeFolder:
    """The files of one take."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def audio(self) -> Path:
        """Where the sound is; ``audio.wav`` unless the take came with a FLAC."""
        flac = self.path / "audio.flac"
        return flac if flac.exists() else self.path / "audio.wav"

    def take(self) -> Take:
        """What the take is. Raises ``LibraryError`` if ``take.json`` is lost or damaged."""
        with _reading(self.path / "take.json", "take"):
            return wire.take_from_json(_read_json(self.path / "take.json"))

    def add_event(self, event: Event) -> None:
        """Append ``event``.

        When this returns a crash of the program can't lose it; a moment later it is on the disk
        itself, which the window can't wait for: that takes up to a tenth of a second.
        """
        line = wire.dumps(wire.event_to_json(event)) + "\n"
        with open(self.path / "events.jsonl", "a", encoding="utf-8", opener=private) as file:
            file.write(line)
            file.flush()
            descriptor = os.dup(file.fileno())
        threading.Thread(target=_to_disk, args=(descriptor,), daemon=True).start()

    def events(self) -> tuple[Event, ...]:
        """All events in order. A last line that a crash cut off is passed over."""
        try:
            text = (self.path / "events.jsonl").read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return ()
        events = []
        for line in text.splitlines():
            with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):
                events.append(wire.event_from_json(wire.loads(line)))
        return tuple(events)

    def save_transcript(self, transcript: Transcript) -> None:
        """Keep ``transcript`` beside the sound. Raises ``LibraryError`` if it can't be written."""
        _write_json(self.path / "transcript.json", wire.transcript_to_json(transcript))
        (self.path / "heard.json").unlink(missing_ok=True)

    def save_heard(self, words: Sequence[Word]) -> None:
        """Keep what was heard before the recognition broke off."""
        if words:
            told = Transcript((), tuple(words), duration_s=words[-1].end_s)
            _write_json(self.path / "heard.json", wire.transcript_to_json(told))

    def heard(self) -> tuple[Word, ...]:
        """What was heard before the recognition broke off, if it did; empty also if damaged."""
        try:
            return wire.transcript_from_json(_read_json(self.path / "heard.json")).words
        except _UNREADABLE:
            return ()

    def transcript(self) -> Transcript | None:
        """The transcript, ``None`` if there is none yet. Raises ``LibraryError`` if damaged."""
        path = self.path / "transcript.json"
        if not path.exists():
            return None
        with _reading(path, "transcript"):
            return wire.transcript_from_json(_read_json(path))

    def report(self) -> Report | None:
        """The review, ``None`` if there is none yet. Raises ``LibraryError`` if damaged."""
        path = self.path / "report.json"
        if not path.exists():
            return None
        with _reading(path, "review"):
            return wire.report_from_json(_read_json(path))

    def save_corrections(self, corrections: Corrections) -> None:
        """Keep what the speaker put right, beside what was heard.

        Raises ``LibraryError`` if it can't be written.
        """
        _write_json(self.path / "corrections.json", wire.corrections_to_json(corrections))

    def corrections(self) -> Corrections:
        """What the speaker put right, nothing at first. Raises ``LibraryError`` if damaged."""
        path = self.path / "corrections.json"
        if not path.exists():
            return Corrections()
        with _reading(path, "corrections"):
            return wire.corrections_from_json(_read_json(path))

    def report_is_behind(self) -> bool:
        """Whether the review does not know of the last correction, as after a crash between."""
        try:
            corrected = (self.path / "corrections.json").stat().st_mtime_ns
            return corrected > (self.path / "report.json").stat().st_mtime_ns
        except FileNotFoundError:
            return False

    def review_stamp(self) -> str:
        """Tells one review of the take from another; empty while there is none."""
        return _stamp(self.path / "report.json")

    def save_numbers(self, numbers: wire.Json, stamp: str) -> None:
        """Keep what was computed from the review whose ``review_stamp`` was ``stamp``."""
        _write_json(self.path / "numbers.json", {"of": stamp, **numbers})

    def numbers(self) -> wire.Json | None:
        """What ``save_numbers`` kept, ``None`` if the review is another one by now."""
        try:
            numbers = _read_json(self.path / "numbers.json")
        except (OSError, ValueError, TypeError):
            return None
        return numbers if numbers.get("of") == self.review_stamp() else None

    def hold(self) -> FileLock:
        """The lock that whoever records this take holds, as ``hold_lock`` takes it."""
        return hold_lock(self.path / RECORDING_LOCK)


# What the index has of each kind, and as of when.
_STAMPS = {
    "talks": "SELECT id, stamp FROM talks",
    "takes": "SELECT id, stamp FROM takes",
    "answers": "SELECT id, stamp FROM answers",
}


class Library:
    """All talks and takes under one folder. Safe to use from several threads.

    Raises ``LibraryError`` when the folder can't be written or comes from a newer version.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._mutex = threading.RLock()
        try:
            root.mkdir(parents=True, exist_ok=True, mode=0o700)
            for folder in ("talks", "takes", "answers", "formats", "questions"):
                (root / folder).mkdir(exist_ok=True, mode=0o700)
            probe = root / f".probe-{os.getpid()}"
            probe.touch(mode=0o600)
            probe.unlink()
        except OSError as error:
            raise LibraryError(
                f"The library folder {root} can't be written ({error.strerror}). "
                "Choose another with --library DIR, or mend its permissions."
            ) from error
        remove_left_over(root / "talks", r"\..*\.tmp")  # notes and slides
        self._db = self._open_index()
        self._sync_index()

    def close(self) -> None:
        """Release the index."""
        with self._mutex:
            self._db.close()

    # --- talks -----------------------------------------------------------------------------

    def new_talk(self, title: str, format_id: str) -> Talk:
        """Add a talk. Raises ``LibraryError`` if the title is empty."""
        title = " ".join(whole_text(title).split())
        if not title:
            raise LibraryError("A talk needs a title.")
        talk = Talk(
            id=self._new_id(),
            title=title,
            format_id=format_id,
            created=datetime.now().astimezone(),
        )
        self.save_talk(talk)
        return talk

    def save_talk(self, talk: Talk) -> None:
        """Write a new or changed talk. Raises ``LibraryError`` if it can't be written."""
        data = wire.talk_to_json(talk)
        # The file last: where the index can't be written, both stay as they were.
        with self._mutex, self._together():
            self._db.execute(
                "INSERT OR REPLACE INTO talks (id, json) VALUES (?, ?)", (talk.id, wire.dumps(data))
            )
            _write_json(self.root / "talks" / f"{talk.id}.json", data)

    def talk(self, talk_id: str) -> Talk:
        """One talk. Raises ``LibraryError`` if it is not there."""
        row = self._row("SELECT json FROM talks WHERE id = ?", talk_id)
        if row is None:
            raise LibraryError(f"There is no talk {talk_id} in {self.root}.")
        return wire.talk_from_json(json.loads(row[0]))

    def talk_titled(self, title: str) -> Talk | None:
        """The newest talk with that title (upper and lower case alike), or ``None``."""
        wanted = " ".join(whole_text(title).split()).casefold()
        talks = [summary.talk for summary in self.talks()]
        return next((talk for talk in talks if talk.title.casefold() == wanted), None)

    def talks(self) -> list[TalkSummary]:
        """All talks, the one last worked on first."""
        with self._mutex:
            talks = self._db.execute("SELECT json FROM talks").fetchall()
            takes = self._db.execute(
                "SELECT talk_id, json, coverage FROM takes ORDER BY id DESC"
            ).fetchall()
        by_talk: dict[str, list[tuple[str, str]]] = {}
        for talk_id, take_json, coverage in takes:
            by_talk.setdefault(talk_id, []).append((take_json, coverage))
        summaries = []
        for (talk_json,) in talks:
            talk = wire.talk_from_json(json.loads(talk_json))
            rows = by_talk.get(talk.id, [])
            # Most often the last take is the one reviewed last.
            last = wire.take_from_json(json.loads(rows[0][0])) if rows else None
            reviewed = next((row for row in rows if row[1] != "{}"), None)
            summaries.append(
                TalkSummary(
                    talk=talk,
                    take_count=len(rows),
                    last_take=last,
                    reviewed_take=(
                        None
                        if reviewed is None
                        else last
                        if reviewed is rows[0]
                        else wire.take_from_json(json.loads(reviewed[0]))
                    ),
                    coverage=(
                        {k: Status(v) if v else None for k, v in json.loads(reviewed[1]).items()}
                        if reviewed
                        else {}
                    ),
                )
            )
        summaries.sort(key=lambda s: s.last_take.id if s.last_take else s.talk.id, reverse=True)
        return summaries

    def delete_talk(self, talk_id: str) -> None:
        """Move a talk and its takes to the system's trash.

        Raises ``LibraryError`` and moves nothing if one of them is being recorded or imported.
        """
        takes = self.takes(talk_id)
        for take in takes:
            self._refuse_in_use(take.id)
        moved = 0
        try:
            for take in takes:
                self._trash_take(take.id)
                moved += 1
            with self._mutex:
                if self._talk_folder(talk_id).exists():
                    _to_trash(self._talk_folder(talk_id))
                _to_trash(self.root / "talks" / f"{talk_id}.json")
                self._db.execute("DELETE FROM talks WHERE id = ?", (talk_id,))
        except LibraryError as error:
            if not moved:
                raise
            raise LibraryError(
                f"{moved} of {len(takes)} takes of the talk went to the trash, the rest stays. "
                f"{error}"
            ) from error
        finally:
            if moved:
                self._erase_words()

    def slides(self, talk: Talk) -> Path | None:
        """Where the talk's slides are, or ``None``."""
        path = self._talk_folder(talk.id) / "slides.pdf"
        return path if talk.slides and path.exists() else None

    def attach_slides(self, talk: Talk, source: Path) -> Talk:
        """Keep a copy of a PDF as the talk's slides; ties to other slides are forgotten.

        Notes that pdfpc keeps beside it come along. Raises ``LibraryError`` if it can't be
        copied; whether it can be shown is for ``slides`` to say.
        """
        folder = self._talk_folder(talk.id)
        making = folder.with_name(f".{talk.id}.tmp")
        try:
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir(mode=0o700)
            _copy(source, making / "slides.pdf")
            notes = source.with_suffix(".pdfpc")
            if notes.is_file():
                _copy(notes, making / "slides.pdfpc")
            folder.mkdir(mode=0o700, exist_ok=True)
            (folder / "slides.pdfpc").unlink(missing_ok=True)
            for made in making.iterdir():
                made.replace(folder / made.name)
            making.rmdir()
        except OSError as error:
            shutil.rmtree(making, ignore_errors=True)
            raise LibraryError(
                f"{source.name} can't be copied into the library ({error.strerror}). "
                "Free some space or choose another file."
            ) from error
        changed = replace(talk, slides=whole_text(source.name), slide_sections=())
        self.save_talk(changed)
        return changed

    def detach_slides(self, talk: Talk) -> Talk:
        """Let the talk have no slides. The copy in the library goes; the source is untouched.

        Raises ``LibraryError`` if the talk can't be written.
        """
        shutil.rmtree(self._talk_folder(talk.id), ignore_errors=True)
        changed = replace(talk, slides="", slide_sections=())
        self.save_talk(changed)
        return changed

    def _talk_folder(self, talk_id: str) -> Path:
        return self.root / "talks" / talk_id

    # --- takes -----------------------------------------------------------------------------

    def begin_take(
        self, talk: Talk, fmt: TalkFormat, source: str = "microphone"
    ) -> tuple[TakeFolder, FileLock]:
        """Begin a take of ``talk``: its folder exists when this returns, and its lock is held.

        Raises ``LibraryError`` and leaves nothing behind if it can't be written.
        """
        with self._mutex:
            numbers = [take.number for take in self.takes(talk.id)]
            take = Take(
                id=self._new_id(),
                talk_id=talk.id,
                number=max(numbers, default=0) + 1,
                started=datetime.now().astimezone(),
                state=TakeState.RECORDING,
                format=fmt,
                source=whole_text(source),
            )
            folder = self.folder(take.id)
            _make_folder(folder.path)
            lock = folder.hold()  # before others can see the take and believe it interrupted
            try:
                self.save_take(take)
            except BaseException:
                lock.release()
                shutil.rmtree(folder.path, ignore_errors=True)
                raise
        return folder, lock

    def save_take(self, take: Take) -> None:
        """Write a new or changed take. Raises ``LibraryError`` if it can't be written."""
        data = wire.take_to_json(take)
        with self._mutex:
            _write_json(self.folder(take.id).path / "take.json", data)
            self._db.execute(
                "INSERT INTO takes (id, talk_id, json) VALUES (?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET json = excluded.json, talk_id = excluded.talk_id",
                (take.id, take.talk_id, wire.dumps(data)),
            )

    def save_report(self, take_id: str, report: Report) -> None:
        """Keep the review of a take and mark the take as reviewed; its ``problem`` stays told.

        Raises ``LibraryError`` if it can't be written.
        """
        folder = self.folder(take_id)
        with self._mutex:
            _write_json(folder.path / "report.json", wire.report_to_json(report))
            self.save_take(replace(folder.take(), state=TakeState.REVIEWED))
            self._db.execute(
                "UPDATE takes SET coverage = ? WHERE id = ?", (_coverage(report), take_id)
            )
            self._index_words(take_id, report)

    def folder(self, take_id: str) -> TakeFolder:
        """The folder of a take, whether it exists or not."""
        return TakeFolder(self.root / "takes" / take_id)

    def take(self, take_id: str) -> Take:
        """One take by id, or the newest by ``last``. Raises ``LibraryError`` if there is none."""
        if take_id == "last":
            row = self._row("SELECT json FROM takes ORDER BY id DESC LIMIT 1")
            if row is None:
                raise LibraryError(
                    f"There are no takes in {self.root} yet. Record one with `runthrough record`."
                )
        else:
            row = self._row("SELECT json FROM takes WHERE id = ?", take_id)
            if row is None:
                raise LibraryError(
                    f"There is no take {take_id!r} in {self.root}. "
                    "`runthrough takes` lists those there are."
                )
        return wire.take_from_json(json.loads(row[0]))

    def takes(self, talk_id: str | None = None) -> list[Take]:
        """Takes, newest first; of one talk if its id is given."""
        query = "SELECT json FROM takes"
        arguments: tuple[str, ...] = ()
        if talk_id is not None:
            query, arguments = query + " WHERE talk_id = ?", (talk_id,)
        with self._mutex:
            rows = self._db.execute(query + " ORDER BY id DESC", arguments).fetchall()
        return [wire.take_from_json(json.loads(row[0])) for row in rows]

    def search(self, text: str) -> list[Hit]:
        """Sentences of all reviewed takes with each word of ``text``, the last one as a beginning.

        Upper and lower case, accents and punctuation make no difference. The newest takes first,
        at most ``_MOST_HITS``.
        """
        words = re.findall(r"[^\W_]+", text)
        if not words:
            return []
        query = " ".join(f'"{word}"' for word in words) + "*"
        with self._mutex:
            rows = self._db.execute(
                "SELECT takes.json, talks.json, said.start_s, said.text FROM said"
                " JOIN takes ON takes.id = said.take_id JOIN talks ON talks.id = takes.talk_id"
                " WHERE said MATCH ? ORDER BY said.rowid DESC LIMIT ?",
                (f"text: ({query})", _MOST_HITS),
            ).fetchall()
        hits = [
            Hit(
                wire.take_from_json(json.loads(take)),
                wire.talk_from_json(json.loads(talk)).title,
                start_s,
                said,
            )
            for take, talk, start_s, said in rows
        ]
        return sorted(hits, key=lambda hit: (hit.take.id, -(hit.start_s or 0.0)), reverse=True)

    def damaged(self) -> list[str]:
        """A sentence for each talk, take and answer that can't be read; the rest is not affected.

        Looks at what the index could not take in, which is quick. ``runthrough doctor --repair``
        looks into each file. What is none by its name is for ``strangers``.
        """
        left_out = self._left_out()
        return sorted(
            [
                *(f"The talk in {p} can't be read." for p in left_out["talk"] if is_id(p.stem)),
                *(
                    f"The take in {p} can't be read; its sound is kept."
                    for p in left_out["take"]
                    if is_id(p.name)
                ),
                *(
                    f"The talk {talk_id} is gone, so its takes are not listed."
                    for talk_id in {take.talk_id for take in self.takes()}
                    if not (self.root / "talks" / f"{talk_id}.json").exists()
                ),
                *(f"The answer in {p} can't be read." for p in left_out["answer"] if is_id(p.name)),
            ]
        )

    def strangers(self) -> list[str]:
        """A sentence for each file or folder that is none of ours by its name, and is left alone.

        Among them are copies of talks, takes and answers that lie beside them.
        """
        left_out = self._left_out()
        return sorted(
            f"{p} is not called as {a_kind} is, so it is not listed; nothing in it is changed."
            for kind, a_kind in (("talk", "a talk"), ("take", "a take"), ("answer", "an answer"))
            for p in left_out[kind]
            if not is_id(p.stem if kind == "talk" else p.name)
        )

    def _left_out(self) -> dict[str, list[Path]]:
        """What of talks, takes and answers is on the disk and not in the index."""
        with self._mutex:
            talks, takes, answers = (
                {row[0] for row in self._db.execute(stamps)} for stamps in _STAMPS.values()
            )
        given = (p.parent for p in (self.root / "answers").glob("*/answer.json"))
        return {
            # The systems' file managers leave hidden ones.
            "talk": [
                p
                for p in (self.root / "talks").glob("*.json")
                if p.stem not in talks and not p.name.startswith(".")
            ],
            "take": [p for p in take_folders(self.root) if p.name not in takes],
            "answer": [p for p in given if p.name not in answers],
        }

    def interrupted_takes(self) -> Iterator[tuple[Take, bool]]:
        """Takes that a crash left in the middle, each held until the next is asked for.

        Beside it whether it is certain that nobody records or imports it now: where the drive
        knows no locks, it is not.
        """
        from filelock import Timeout

        for take in self.takes():
            if take.state is not TakeState.RECORDING:
                continue
            try:
                lock = self.folder(take.id).hold()
            except Timeout:
                continue
            try:
                now = self._as_its_folder_says(take)
                if now.state is TakeState.RECORDING:
                    yield now, lock.is_locked
            finally:
                lock.release()

    def _as_its_folder_says(self, take: Take) -> Take:
        """``take`` as it is now; the index is put right where it is behind.

        It is if another process has just finished the take, and after a power cut or a full disk.
        """
        folder = self.folder(take.id)
        try:
            now = folder.take()
        except LibraryError:
            return take
        if now != take:
            with self._mutex, self._together():
                self._index_take(folder, "")
        return now

    def delete_take(self, take_id: str) -> None:
        """Move a take to the system's trash.

        Raises ``LibraryError`` if it is being recorded or imported, here or by another process.
        """
        self._refuse_in_use(take_id)
        self._trash_take(take_id)
        self._erase_words()

    def _trash_take(self, take_id: str) -> None:
        with self._mutex:
            _to_trash(self.folder(take_id).path)
            self._drop_take(take_id)

    def _refuse_in_use(self, take_id: str) -> None:
        from filelock import Timeout

        folder = self.folder(take_id)
        if not folder.path.exists():
            return
        try:
            folder.hold().release()
        except Timeout as error:
            raise LibraryError(
                "A take of this talk is being recorded or imported. Finish it, then delete."
            ) from error

    def forget_take(self, take_id: str) -> None:
        """Remove a take that never held anything (a failed import), without the trash."""
        with self._mutex:
            shutil.rmtree(self.folder(take_id).path, ignore_errors=True)
            self._drop_take(take_id)

    def forget_talk(self, talk: Talk) -> None:
        """Remove a talk that was made for a take that never held anything.

        It stays if it has got another take meanwhile, or was changed.
        """
        with self._mutex, contextlib.suppress(LibraryError):  # told where it is gone already
            if self.takes(talk.id) or self.talk(talk.id) != talk:
                return
            shutil.rmtree(self._talk_folder(talk.id), ignore_errors=True)
            (self.root / "talks" / f"{talk.id}.json").unlink(missing_ok=True)
            self._db.execute("DELETE FROM talks WHERE id = ?", (talk.id,))

    def open_sample(self) -> Take:
        """The shipped sample talk's take; put into the library if it is not there."""
        shipped = resource("sample")
        sample = TakeFolder(shipped)
        take = sample.take()
        folder = self.folder(take.id)
        with self._mutex:
            # The talk first: whatever breaks off between, the next time makes it whole.
            if not (self.root / "talks" / f"{take.talk_id}.json").exists():
                self.save_talk(wire.talk_from_json(_read_json(shipped / "talk.json")))
            if not (folder.path / "take.json").exists():
                making = folder.path.with_name(f".{take.id}.tmp")
                shutil.rmtree(making, ignore_errors=True)
                making.mkdir(mode=0o700)
                for name in _OF_THE_SAMPLE:
                    _copy(shipped / name, making / name)
                making.rename(folder.path)
                self._index_take(folder, "")
        return take

    # --- practice answers ------------------------------------------------------------------

    def new_answer_folder(self) -> Path:
        """A folder for an answer that is about to be given; its name is the answer's id."""
        folder = self.root / "answers" / self._new_id()
        _make_folder(folder)
        return folder

    def save_answer(self, answer: PracticeAnswer) -> None:
        """Write a new or changed answer. Raises ``LibraryError`` if it can't be written."""
        folder = self.root / "answers" / answer.id
        folder.mkdir(mode=0o700, exist_ok=True)
        data = wire.practice_to_json(answer)
        with self._mutex:
            _write_json(folder / "answer.json", data)
            self._db.execute(
                "INSERT OR REPLACE INTO answers (id, json) VALUES (?, ?)",
                (answer.id, wire.dumps(data)),
            )

    def save_asked(self, asked: Asked) -> None:
        """Keep what an answer is spoken to. Raises ``LibraryError`` if it can't be written."""
        _write_json(self.root / "answers" / asked.id / "asked.json", wire.asked_to_json(asked))

    def unjudged(self) -> list[Asked]:
        """The spoken answers that have no verdict, newest first."""
        with self._mutex:
            judged = {row[0] for row in self._db.execute("SELECT id FROM answers")}
        found = []
        for path in (self.root / "answers").glob("*/asked.json"):
            folder = path.parent
            if folder.name in judged or (folder / "answer.json").exists():
                continue
            with contextlib.suppress(*_UNREADABLE):
                asked = wire.asked_from_json(_read_json(path))
                if asked.id == folder.name and (folder / "audio.wav").exists():
                    found.append(asked)
        return sorted(found, key=lambda asked: asked.id, reverse=True)

    def answers(self) -> list[PracticeAnswer]:
        """All practice answers, oldest first."""
        with self._mutex:
            rows = self._db.execute("SELECT json FROM answers ORDER BY id").fetchall()
        return [wire.practice_from_json(json.loads(row[0])) for row in rows]

    def answer_sound(self, answer_id: str) -> Path:
        """Where the sound of an answer is, whether it exists or not."""
        return self.root / "answers" / answer_id / "audio.wav"

    def delete_answer(self, answer_id: str) -> None:
        """Move an answer and its sound to the system's trash.

        Raises ``LibraryError`` if the trash doesn't take it.
        """
        with self._mutex:
            _to_trash(self.root / "answers" / answer_id)
            self._db.execute("DELETE FROM answers WHERE id = ?", (answer_id,))

    def forget_answer(self, answer_id: str) -> None:
        """Remove an answer that was never given, without the trash."""
        with self._mutex:
            shutil.rmtree(self.root / "answers" / answer_id, ignore_errors=True)
            self._db.execute("DELETE FROM answers WHERE id = ?", (answer_id,))

    # --- index -----------------------------------------------------------------------------

    def rebuild_index(self) -> None:
        """Make the index anew from the folders."""
        with self._mutex, self._together():
            self._db.execute("DELETE FROM talks")
            self._db.execute("DELETE FROM takes")
            self._db.execute("DELETE FROM answers")
            self._db.execute("DELETE FROM said")
            self._sync_index()

    def _open_index(self) -> sqlite3.Connection:
        path = self.root / "index.sqlite3"
        if _index_version(path) == _INDEX_VERSION:
            with contextlib.suppress(sqlite3.DatabaseError), _told():
                return self._connect(path)
        from filelock import Timeout  # which takes a while

        # One start after the other, from before the file is opened: two at once would each set
        # aside the other's new index, or write its log into the old one.
        try:
            lock = hold_lock(self.root / INDEX_LOCK, _PATIENCE_S)
        except Timeout as error:
            raise LibraryError(_INDEX_HELD) from error
        try:
            return self._open_or_make(path)
        finally:
            lock.release()

    def _open_or_make(self, path: Path) -> sqlite3.Connection:
        try:
            with _told():
                return self._connect(path)
        except _OlderIndexError as older:
            aside = path.with_name(f"index.version-{older.args[0]}.sqlite3")
        except sqlite3.DatabaseError:
            aside = path.with_suffix(".damaged")
        # The folders are the truth, so set it aside and index them again.
        with contextlib.suppress(OSError):
            path.replace(aside)
        for leftover in ("-wal", "-shm"):
            path.with_name(path.name + leftover).unlink(missing_ok=True)
        with _told():
            return self._connect(path)

    def _connect(self, path: Path) -> sqlite3.Connection:
        with contextlib.suppress(OSError):  # else told by the connection
            path.touch(mode=0o600)  # the files that SQLite puts beside it become as private
        db = sqlite3.connect(
            path,
            isolation_level=None,
            check_same_thread=False,
            timeout=_PATIENCE_S,
            factory=_Index,
        )
        try:
            version = db.execute("PRAGMA user_version").fetchone()[0]
            db.execute("PRAGMA journal_mode = WAL")
            self._refuse_other(version, db)
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute("PRAGMA secure_delete = ON")  # what is deleted is not readable in the file
            if version == 0:
                with db:
                    db.execute("BEGIN IMMEDIATE")
                    if db.execute("PRAGMA user_version").fetchone()[0] == 0:
                        for statement in _SCHEMA.split(";"):
                            db.execute(statement)
                        db.execute(f"PRAGMA user_version = {_INDEX_VERSION}")
            db.execute("SELECT take_id, start_s, text FROM said LIMIT 1")
            db.execute("SELECT id, json, stamp FROM answers LIMIT 1")
            db.execute("SELECT id, talk_id, json, coverage, stamp FROM takes LIMIT 1")
            found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
        except BaseException:
            db.close()
            raise
        if found != "ok":
            db.close()
            raise sqlite3.DatabaseError(found)
        if os.name == "posix":
            path.chmod(0o600)
        return db

    def _refuse_other(self, version: int, db: sqlite3.Connection) -> None:
        if version > _INDEX_VERSION:
            raise LibraryError(
                f"The library {self.root} was made by a newer Runthrough. "
                "Update the program, or choose another library with --library DIR."
            )
        if 0 < version < _INDEX_VERSION:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # all of it is in the one file
            raise _OlderIndexError(version)

    def _sync_index(self) -> None:
        """Index what on disk is new or changed, and drop what is gone from there.

        What changed and can't be read stays indexed as it was.
        """
        with self._mutex, self._together():
            talks = {p.stem: p for p in (self.root / "talks").glob("*.json")}
            for talk_id, stamp in self._new("talks", {i: _stamp(p) for i, p in talks.items()}):
                with contextlib.suppress(*_UNREADABLE):
                    talk = wire.talk_from_json(_read_json(talks[talk_id]))
                    if talk.id != talk_id:
                        continue  # a copy beside the talk
                    self._db.execute(
                        "INSERT OR REPLACE INTO talks (id, json, stamp) VALUES (?, ?, ?)",
                        (talk_id, wire.dumps(wire.talk_to_json(talk)), stamp),
                    )
            for talk_id in self._gone("talks", talks):
                self._db.execute("DELETE FROM talks WHERE id = ?", (talk_id,))
            folders = {p.name: p for p in take_folders(self.root)}
            stamps = {
                i: f"{_stamp(f'{folder}/take.json')} {_stamp(f'{folder}/report.json')}"
                for i, folder in folders.items()
            }
            for take_id, stamp in self._new("takes", stamps):
                self._index_take(self.folder(take_id), stamp)
            gone = self._gone("takes", folders)
            for take_id in gone:
                self._drop_take(take_id)
            given = {p.parent.name: p for p in (self.root / "answers").glob("*/answer.json")}
            for answer_id, stamp in self._new("answers", {i: _stamp(p) for i, p in given.items()}):
                with contextlib.suppress(*_UNREADABLE):
                    answer = wire.practice_from_json(_read_json(given[answer_id]))
                    if answer.id != answer_id:
                        continue  # a copy beside the answer
                    self._db.execute(
                        "INSERT OR REPLACE INTO answers (id, json, stamp) VALUES (?, ?, ?)",
                        (answer_id, wire.dumps(wire.practice_to_json(answer)), stamp),
                    )
            for answer_id in self._gone("answers", given):
                self._db.execute("DELETE FROM answers WHERE id = ?", (answer_id,))
        if gone:
            self._erase_words()

    def _new(self, table: str, stamps: dict[str, str]) -> list[tuple[str, str]]:
        """Ids and stamps of what is not in the index as it is now, in the order of their time."""
        return sorted(stamps.items() - set(self._db.execute(_STAMPS[table])))

    def _gone(self, table: str, there: Container[str]) -> list[str]:
        ids = (row[0] for row in self._db.execute(_STAMPS[table]))
        return [entry for entry in ids if entry not in there]

    def _index_take(self, folder: TakeFolder, stamp: str) -> None:
        try:
            take = folder.take()
        except LibraryError:
            return
        if take.id != folder.path.name:
            return  # a copy beside the take
        report = None
        with contextlib.suppress(LibraryError):
            report = folder.report()
        coverage = _coverage(report) if report is not None else "{}"
        # Its words are found by its row's number, which an update keeps.
        self._db.execute(
            "INSERT INTO takes (id, talk_id, json, coverage, stamp) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET talk_id = excluded.talk_id, json = excluded.json,"
            " coverage = excluded.coverage, stamp = excluded.stamp",
            (take.id, take.talk_id, wire.dumps(wire.take_to_json(take)), coverage, stamp),
        )
        if report is not None:
            self._index_words(take.id, report)
        else:
            self._drop_words(take.id)

    def _index_words(self, take_id: str, report: Report) -> None:
        """Take in what was said. The take itself must be indexed."""
        with self._mutex, self._together():
            first = self._first_row(take_id)
            self._drop_words(take_id)
            self._db.executemany(
                "INSERT INTO said (rowid, take_id, start_s, text) VALUES (?, ?, ?, ?)",
                [
                    (first + number, take_id, sentence.start_s, sentence.text)
                    for number, sentence in enumerate(report.sentences[:_MOST_SENTENCES])
                ],
            )

    def _drop_take(self, take_id: str) -> None:
        with self._together():
            self._drop_words(take_id)
            self._db.execute("DELETE FROM takes WHERE id = ?", (take_id,))

    def _drop_words(self, take_id: str) -> None:
        first = self._first_row(take_id)
        self._db.execute(
            "DELETE FROM said WHERE rowid >= ? AND rowid < ?", (first, first + _MOST_SENTENCES)
        )

    def _erase_words(self) -> None:
        """Let no byte of the index tell what was said in takes that are gone.

        FTS5 only marks their words as deleted until it merges them with the rest.
        """
        with self._mutex, contextlib.suppress(LibraryError):  # then they go with the next ones
            self._db.execute("INSERT INTO said (said) VALUES ('optimize')")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # later, if others read just now

    def _first_row(self, take_id: str) -> int:
        """Where a take's sentences begin in ``said``, which finds them by number alone."""
        row = self._db.execute("SELECT rowid FROM takes WHERE id = ?", (take_id,)).fetchone()
        return int(row[0]) * _MOST_SENTENCES if row is not None else 0

    @contextlib.contextmanager
    def _together(self) -> Iterator[None]:
        """All or nothing; within another such, a part of it."""
        if self._db.in_transaction:
            yield
            return
        # Not deferred: SQLite waits for another writer only where nothing was read before.
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):  # a full disk has undone it already
                self._db.execute("ROLLBACK")
            raise

    def _new_id(self) -> str:
        """An id that sorts after all others, though the computer's clock may have been set back."""
        from ulid import ULID

        new = str(ULID())
        row = self._row(
            "SELECT max(id) FROM"
            " (SELECT id FROM talks UNION SELECT id FROM takes UNION SELECT id FROM answers)"
        )
        last = row[0] if row is not None else None
        if last is not None and new <= last:
            with contextlib.suppress(ValueError):  # not one of ours
                new = str(ULID.from_timestamp(ULID.from_str(last).milliseconds + 1))
        return new

    def _row(self, query: str, *arguments: str) -> tuple[str, ...] | None:
        with self._mutex:
            row: tuple[str, ...] | None = self._db.execute(query, arguments).fetchone()
        return row


class _Index(sqlite3.Connection):
    """An index that tells in words what is not its own fault."""

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        with _told():
            return super().execute(*arguments)

    def executemany(self, *arguments: Any) -> sqlite3.Cursor:
        with _told():
            return super().executemany(*arguments)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Raises ``LibraryError`` where another program or a full disk keeps from the index.

    What is left of SQLite's errors is damage.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        code = getattr(error, "sqlite_errorcode", 0)
        if code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise LibraryError(_INDEX_HELD) from error
        if code & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR) and code not in _BAD_READS:
            raise LibraryError(
                f"The index of the library can't be written ({error}). Free some space on the "
                "disk that holds the library, then try again."
            ) from error
        raise


def _index_version(path: Path) -> int:
    """The version of an index, which is only looked at; 0 if there is none that can be read."""
    try:
        # Read by SQLite: what is new may be in its log alone, and who closes the file that it has
        # open elsewhere in this process frees its locks.
        with contextlib.closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=0)
        ) as db:
            return int(db.execute("PRAGMA user_version").fetchone()[0])
    except (sqlite3.Error, ValueError):
        return 0


class _OlderIndexError(Exception):
    """The index is of an earlier version, which is its argument."""


def _coverage(report: Report) -> str:
    return wire.dumps({s.id: s.status.value if report.judged else None for s in report.sections})


@contextlib.contextmanager
def _reading(path: Path, what: str) -> Iterator[None]:
    try:
        yield
    except _UNREADABLE as error:
        raise LibraryError(
            f"The {what} in {path.parent} can't be read; the other takes are not affected. "
            "Mend it with `runthrough doctor --repair`. "
            f"({type(error).__name__}: {error})"
        ) from error


def _read_json(path: Path) -> wire.Json:
    data = wire.loads(path.read_bytes())
    if not isinstance(data, dict):
        raise TypeError(f"{path.name} holds no object")
    return data


def _stamp(path: str | Path) -> str:
    """Tells a file from another one of that name; empty where there is none."""
    try:
        status = os.stat(path)  # noqa: PTH116 - of each take at a start; a ``Path`` takes longer
    except OSError:
        return ""
    return f"{status.st_mtime_ns}-{status.st_size}"


def _write_json(path: Path, data: wire.Json) -> None:
    """Replace ``path`` by an atomic rename after fsync."""
    try:
        with replacing(path) as part, open(part, "w", encoding="utf-8", opener=private) as file:
            file.write(wire.dumps(data))
            file.flush()
            os.fsync(file.fileno())
    except FileNotFoundError as error:
        raise LibraryError(
            f"{path.parent} is gone: it was deleted or moved meanwhile. If it should be there, "
            "put it back from the trash."
        ) from error
    except OSError as error:
        raise LibraryError(
            f"{path} can't be written ({error.strerror}). Free some space or mend its permissions."
        ) from error
    sync_folder(path.parent)


def take_folders(root: Path) -> list[Path]:
    """Folders among the takes: the systems' file managers leave files of their own anywhere."""
    with os.scandir(root / "takes") as found:
        return [Path(e) for e in found if not e.name.startswith(".") and e.is_dir()]


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(mode=0o700)
    except OSError as error:
        raise LibraryError(
            f"{path} can't be made ({error.strerror}). Free some space or mend the permissions "
            "of the library."
        ) from error


def _to_disk(descriptor: int) -> None:
    try:
        with contextlib.suppress(OSError):  # the recorder meets the same disk and says so
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as read, open(target, "wb", opener=private) as written:
        shutil.copyfileobj(read, written)
        written.flush()
        os.fsync(written.fileno())


def _to_trash(path: Path) -> None:
    from send2trash import send2trash

    try:
        send2trash(path)
    except OSError as error:
        raise LibraryError(
            f"{path} can't be moved to the trash ({error}). Try again, or delete it with the "
            "system's file manager."
        ) from error
