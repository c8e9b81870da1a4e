"""Whether the system asks for less motion, which Qt does not tell on every system."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

_PATIENCE_S = 1.0
_SPI_GETCLIENTAREAANIMATION = 0x1042  # Windows: "Show animations in Windows"


@cache
def system_reduces() -> bool:
    """Whether the system's own switch asks for less motion; false where it can't be asked."""
    if sys.platform == "win32":
        import ctypes

        on = ctypes.c_int(1)
        ctypes.windll.user32.SystemParametersInfoW(
            _SPI_GETCLIENTAREAANIMATION, 0, ctypes.byref(on), 0
        )
        return not on.value
    if sys.platform == "darwin":
        return _says("defaults", "read", "com.apple.universalaccess", "reduceMotion") == "1"
    gnome = _says("gsettings", "get", "org.gnome.desktop.interface", "enable-animations")
    return gnome == "false" or _kde_stands_still()


def _says(*command: str) -> str:
    import subprocess  # the window opens sooner without it

    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_PATIENCE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()


def _kde_stands_still() -> bool:
    try:
        text = (Path.home() / ".config" / "kdeglobals").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return False
    return "AnimationDurationFactor=0" in text.split()
