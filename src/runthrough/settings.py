"""What the user chose, in one frozen value kept in one JSON file.

The file has a version. One of an older version is upgraded when it is next written, with a copy of
it kept beside it; keys that this version does not know stay in it, so that an older and a newer
program can share it. A damaged file is set aside, and said.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platformdirs import user_config_path

from runthrough import wire
from runthrough.files import replacing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

# Control characters, and halves of characters, which JSON can write and no file can take. Spaces of
# other kinds than the usual one are in names that systems give.
_NO_NAME = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# Far more than settings take.
_MOST_BYTES = 1_000_000
THEMES = ("system", "light", "dark")
MOTIONS = ("system", "reduced")
# Percent of the system's text size. 200 is what WCAG 2.2 asks for (1.4.4).
TEXT_SIZES = (100, 115, 130, 150, 175, 200)
# What the multilingual models know best, by their own published figures, in alphabetical order;
# ENGLISH stands first, since it alone is judged. "" is: find out from the sound.
ENGLISH = "en"
LANGUAGES = {
    ENGLISH: "English",
    "": "Find out from the sound",
    "zh": "Chinese",
    "nl": "Dutch",
    "fr": "French",
    "de": "German",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "pl": "Polish",
    "pt": "Portuguese",
    "ru": "Russian",
    "es": "Spanish",
    "sv": "Swedish",
    "tr": "Turkish",
    "uk": "Ukrainian",
}
# 1: no version in the file. 2: with text size, language, speaker, library and first run.
VERSION = 2


@dataclass(frozen=True, slots=True)
class Settings:
    """Empty names mean the system's or the program's own choice."""

    microphone: str = ""
    speaker: str = ""
    model: str = ""  # a model's name or the folder of one
    language: str = ENGLISH  # one of LANGUAGES
    theme: str = "system"
    text_percent: int = 100
    motion: str = "system"
    count_in: bool = True
    nudges: bool = True
    interviewer: bool = False  # breaks into a rehearsal with questions
    captions: bool = True
    read_aloud: bool = True  # practice questions, where the system has a voice
    library: str = ""  # the folder of the talks and takes
    welcomed: bool = False  # the first run was shown, or skipped

    @property
    def judged(self) -> bool:
        """Whether the talk's language is one that is judged, not only transcribed and timed."""
        return self.language == ENGLISH


_CHOICES = {
    "theme": THEMES,
    "motion": MOTIONS,
    "text_percent": TEXT_SIZES,
    "language": tuple(LANGUAGES),
}


def settings_path() -> Path:
    """``$RUNTHROUGH_SETTINGS``, or a file in the platform's folder for configuration."""
    chosen = os.environ.get("RUNTHROUGH_SETTINGS")
    if chosen:
        return Path(chosen).expanduser()
    return user_config_path("runthrough", appauthor=False) / "settings.json"


def load_settings(
    path: Path | None = None, tell: Callable[[str], None] = lambda _sentence: None
) -> Settings:
    """The kept settings; the default for each key that is absent or has no such value.

    A damaged file is moved aside, and ``tell`` gets a sentence that says where.
    """
    path = path or settings_path()
    try:
        data = _upgraded(_read(path))
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        tell(f"The settings in {path} can't be read ({error.strerror}); the usual ones are used.")
        return Settings()
    except (ValueError, RecursionError):
        tell(_set_aside(path))
        return Settings()
    known = {
        f.name: data[f.name]
        for f in fields(Settings)
        if type(value := data.get(f.name)) is type(f.default) and _is_whole(value)
    }
    for name, choices in _CHOICES.items():
        if name in known and known[name] not in choices:
            del known[name]
    return Settings(**known)


def save_settings(
    settings: Settings, path: Path | None = None, *, only: Collection[str] | None = None
) -> None:
    """Keep ``settings``; keys that this version does not know stay in the file.

    ``only`` names those that were changed: what another window chose meanwhile stays for the rest.
    A file of an older version is copied to ``settings.version-N.json`` first. Raises ``OSError``
    if the file can't be written.
    """
    path = path or settings_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        kept = _read(path)
    except FileNotFoundError:
        kept = {}
    except (ValueError, RecursionError):
        _set_aside(path)
        kept = {}
    version = _version(kept)
    if kept and version < VERSION:
        shutil.copyfile(path, path.with_name(f"{path.stem}.version-{version}{path.suffix}"))
    mine = asdict(settings)
    kept = _upgraded(kept)
    if only is not None:
        kept, mine = mine | kept, {name: mine[name] for name in only}
    data = kept | mine | {"version": max(version, VERSION)}
    with replacing(path) as part:
        # ASCII alone: half a character, which a key of another program may hold, is no UTF-8.
        part.write_text(json.dumps(data, indent=2), encoding="utf-8")


def _is_whole(value: object) -> bool:
    """Whether a text can be the name of something: of a microphone, say, or a folder."""
    return not isinstance(value, str) or _NO_NAME.search(value) is None


def _upgraded(data: dict[str, Any]) -> dict[str, Any]:
    """``data`` as the newest version would have it. What a newer program wrote stays as it is."""
    if data and _version(data) < 2:
        # Who has settings from before has found the way without a first run.
        data = {"welcomed": True} | data
    return data


def _version(data: dict[str, Any]) -> int:
    version = data.get("version", 1)
    return version if type(version) is int and version > 0 else 1


def _read(path: Path) -> dict[str, Any]:
    """Raises ``OSError`` if it can't be read, ``ValueError`` or ``RecursionError`` if damaged."""
    size = path.stat().st_size
    if not path.is_file():
        raise OSError(errno.EINVAL, "it is no file")  # a pipe would never end
    if size > _MOST_BYTES:
        raise ValueError("too long")
    data = wire.loads(path.read_bytes())
    if not isinstance(data, dict):
        raise ValueError("not an object")  # noqa: TRY004 - damaged, like what is no JSON at all
    return data


def _set_aside(path: Path) -> str:
    """Keep a damaged file under another name, and say so."""
    number = 1
    while (aside := path.with_name(f"{path.stem}.damaged-{number}{path.suffix}")).exists():
        number += 1
    try:
        path.replace(aside)
    except OSError as error:
        return f"The settings in {path} are damaged ({error.strerror}); the usual ones are used."
    return f"The settings were damaged; the usual ones are used. The old file is kept as {aside}."
