"""The shipped phrases the review listens for, compiled once."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from typing import Any

from runthrough.resources import resource


@cache
def load(name: str) -> dict[str, Any]:
    """The table in ``resources/cues/<name>.toml``."""
    return tomllib.loads(resource("cues", f"{name}.toml").read_text(encoding="utf-8"))


@cache
def pattern(name: str, *keys: str) -> re.Pattern[str]:
    """One expression that matches any of the phrases at ``keys`` of the table ``name``."""
    found: Any = load(name)
    for key in keys:
        found = found[key]
    return re.compile("|".join(_bordered(phrase) for phrase in found), re.IGNORECASE)


def _bordered(phrase: str) -> str:
    """``phrase`` where whole words match it: "prior" does not in "priority"."""
    head = "" if phrase.startswith(("^", "\\b")) else r"(?<![\w'])"
    return f"(?:{head}(?:{phrase})(?:(?<!\\w)|(?!\\w)))"
