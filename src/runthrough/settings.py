"""What the user chose, in one frozen value kept in one JSON file."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from runthrough import wire

# Far more than settings take.
_MOST_BYTES = 1_000_000
THEMES = ("system", "light", "dark")


@dataclass(frozen=True, slots=True)
class Settings:
    """Empty names mean the system's or the program's own choice."""

    microphone: str = ""
    model: str = ""
    theme: str = "system"
    count_in: bool = True
    nudges: bool = True
    interviewer: bool = False  # breaks into a rehearsal with questions
    captions: bool = True
    read_aloud: bool = True  # practice questions, where the system has a voice


def settings_path() -> Path:
    """``$RUNTHROUGH_SETTINGS``, or a file in the platform's folder for configuration."""
    chosen = os.environ.get("RUNTHROUGH_SETTINGS")
    if chosen:
        return Path(chosen).expanduser()
    return user_config_path("runthrough", appauthor=False) / "settings.json"


def load_settings(path: Path | None = None) -> Settings:
    """The kept settings; the defaults where the file is absent, damaged, or has no such key."""
    data = _read(path or settings_path())
    known = {
        f.name: data[f.name]
        for f in fields(Settings)
        if isinstance(value := data.get(f.name), type(f.default)) and _is_whole(value)
    }
    if known.get("theme", "system") not in THEMES:
        del known["theme"]
    return Settings(**known)


def save_settings(settings: Settings, path: Path | None = None) -> None:
    """Keep ``settings``; keys that this version does not know stay in the file.

    Raises ``OSError`` if the file can't be written.
    """
    path = path or settings_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_text(json.dumps(_read(path) | asdict(settings), indent=2), encoding="utf-8")
    temporary.replace(path)


def _is_whole(value: object) -> bool:
    """Whether a text has no halves of characters, which JSON can write and no file can take."""
    return not isinstance(value, str) or value.isprintable() or not value


def _read(path: Path) -> dict[str, Any]:
    try:
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return {}
        data = wire.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}
