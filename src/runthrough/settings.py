"""What the user chose, in one frozen value kept in one JSON file."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

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
        if isinstance(data.get(f.name), type(f.default))
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
    temporary.write_text(
        json.dumps(_read(path) | asdict(settings), indent=2, ensure_ascii=False), encoding="utf-8"
    )
    temporary.replace(path)


def _read(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
