"""Puts a damaged library right, as far as its folders tell how. Nothing is deleted.

What can't be read is renamed to ``….damaged`` and made anew: a take from its sound, a header from
the length of the file, a review from the transcript, the index from all of them. A practice answer
can't be made anew. What is not called as a talk, take or answer is none of ours and is left alone.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from ulid import ULID

from runthrough import wire
from runthrough.errors import RunthroughError
from runthrough.formats import DEFAULT_FORMAT, find_format
from runthrough.library import is_id, take_folders
from runthrough.talk import PracticeAnswer, Take, TakeState, Talk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from runthrough.library import Library, TakeFolder

RECOVERED = "Recovered recordings"


def repair_library(library: Library) -> list[str]:
    """Mend all of ``library`` and say what was done, one sentence each; none if all was well.

    Raises ``LibraryError`` if the folder can't be written.
    """
    done = []
    for path in sorted((library.root / "talks").glob("*.json")):
        if not is_id(path.stem):
            continue
        if not _reads(lambda path=path: _talk_in(path)):
            _set_aside(path)
            library.save_talk(_talk(path.stem, f"Recovered talk {path.stem[-4:]}"))
            done.append(f"The talk {path.stem} has lost its title and notes; its takes are there.")
        elif _talk_in(path).id != path.stem:
            library.save_talk(replace(_talk_in(path), id=path.stem))
            done.append(f"The talk {path.stem} had the id of another; it is listed again.")
    for path in sorted(take_folders(library.root)):
        if is_id(path.name):
            done += _mend_take(library, library.folder(path.name))
    for path in sorted((library.root / "answers").glob("*/answer.json")):
        name = path.parent.name
        if not is_id(name):
            continue
        if not _reads(lambda path=path: _answer_in(path)):
            _set_aside(path)
            done.append(f"The answer {name} is lost; its sound is kept, if it had one.")
        elif _answer_in(path).id != name:
            library.save_answer(replace(_answer_in(path), id=name))
            done.append(f"The answer {name} had the id of another; it is listed again.")
    library.rebuild_index()
    homes = {summary.talk.id for summary in library.talks()}
    for take in library.takes():
        if take.talk_id not in homes:
            library.save_take(replace(take, talk_id=_home(library).id))
            done.append(f"The talk of take {take.id} is gone; it is now one of “{RECOVERED}”.")
    return done


def _mend_take(library: Library, folder: TakeFolder) -> list[str]:
    name, done = folder.path.name, []
    for file, read, what in (
        ("transcript.json", folder.transcript, "transcript; it can be made again from the sound"),
        ("report.json", folder.report, "review; it is made again when it is next opened"),
        ("corrections.json", folder.corrections, "corrections"),
    ):
        if not _reads(read):
            _set_aside(folder.path / file)
            done.append(f"Take {name} has lost its {what}.")
    duration_s, said = _mend_sound(folder)
    done += said
    if not _reads(folder.take):
        if (folder.path / "take.json").exists():
            _set_aside(folder.path / "take.json")
        home = _home(library)
        library.save_take(
            Take(
                id=name,
                talk_id=home.id,
                number=1 + max((t.number for t in library.takes(home.id)), default=0),
                started=_made(name),
                state=TakeState.SAVED,
                format=find_format(DEFAULT_FORMAT),
                duration_s=duration_s,
                recovered=True,
            )
        )
        done.append(f"Take {name} has lost what it was; it is now one of “{RECOVERED}”.")
    elif folder.take().id != name:
        library.save_take(replace(folder.take(), id=name))
        done.append(f"Take {name} had the id of another; it is listed again.")
    elif not folder.review_stamp() and folder.take().state is TakeState.REVIEWED:
        library.save_take(replace(folder.take(), state=TakeState.SAVED))
    return done


def _mend_sound(folder: TakeFolder) -> tuple[float, list[str]]:
    """The seconds of its sound, and what had to be done for it."""
    from runthrough.audio.wav import duration_s, write_header

    if not folder.audio.exists():
        return 0.0, []
    with contextlib.suppress(RunthroughError):
        return duration_s(folder.audio), []
    if folder.audio.suffix == ".wav":
        with contextlib.suppress(RunthroughError):
            seconds = write_header(folder.audio)
            return seconds, [f"The sound of take {folder.path.name} has a new header."]
    return 0.0, [f"The sound of take {folder.path.name} can't be read; it is left as it is."]


def _home(library: Library) -> Talk:
    """Where takes go whose talk is not known."""
    found = library.talk_titled(RECOVERED)
    if found is None:
        found = library.new_talk(RECOVERED, DEFAULT_FORMAT)
    return found


def _talk_in(path: Path) -> Talk:
    return wire.talk_from_json(wire.loads(path.read_bytes()))


def _answer_in(path: Path) -> PracticeAnswer:
    return wire.practice_from_json(wire.loads(path.read_bytes()))


def _talk(talk_id: str, title: str) -> Talk:
    return Talk(talk_id, title, DEFAULT_FORMAT, _made(talk_id))


def _made(name: str) -> datetime:
    """When what has the id ``name`` was made; the sample's ids tell no time."""
    try:
        return ULID.from_str(name).datetime.astimezone()
    except ValueError:
        return datetime.now().astimezone()


def _set_aside(path: Path) -> None:
    number, aside = 1, path.with_name(f"{path.name}.damaged")
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.damaged-{number}")
    path.replace(aside)


def _reads(read: Callable[..., object]) -> bool:
    try:
        read()
    except (RunthroughError, OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
    return True
