"""Reads text aloud with the system's own voice, where it has one.

Qt's text to speech would bring 160 MB of add-ons for what every desktop has as a command.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
from typing import Any

# Read as UTF-8 in so many words: the console's own encoding is another.
_WINDOWS = (
    "Add-Type -AssemblyName System.Speech; "
    "$text = New-Object System.IO.StreamReader([Console]::OpenStandardInput(), "
    "[System.Text.Encoding]::UTF8); "
    "(New-Object System.Speech.Synthesis.SpeechSynthesizer).Speak($text.ReadToEnd())"
)
_CANCELLED_WITHIN_S = 2.0
_QUIET: dict[str, Any] = {
    "stdout": subprocess.DEVNULL,
    "stderr": subprocess.DEVNULL,
    "creationflags": getattr(subprocess, "CREATE_NO_WINDOW", 0),
}
# The text comes on standard input, never in the command, so nothing in it is ever run.
_COMMANDS: dict[str, tuple[list[str], ...]] = {
    "darwin": (["say", "-f", "-"],),
    "win32": (["powershell", "-NoProfile", "-Command", _WINDOWS],),
    "linux": (
        ["spd-say", "--wait", "--pipe-mode"],
        ["espeak-ng", "--stdin"],
        ["espeak", "--stdin"],
    ),
}


def _find_voice() -> list[str] | None:
    """The command that speaks what it is given, ``None`` where there is none."""
    known = _COMMANDS.get(sys.platform, _COMMANDS["linux"])
    return next((command for command in known if shutil.which(command[0])), None)


class Voice:
    """One voice; a new text ends the one before. Speaking goes on beside the program."""

    def __init__(self) -> None:
        self._command = _find_voice()
        self._speaking: subprocess.Popen[bytes] | None = None

    @property
    def can_speak(self) -> bool:
        """Whether the system has a voice."""
        return self._command is not None

    @property
    def speaking(self) -> bool:
        """Whether a text is being read."""
        return self._speaking is not None and self._speaking.poll() is None

    def say(self, text: str) -> None:
        """Begin to read ``text``. Where the voice can't be started, nothing is heard."""
        self.stop()
        if self._command is None:
            return
        with contextlib.suppress(OSError):
            self._speaking = subprocess.Popen(self._command, stdin=subprocess.PIPE, **_QUIET)
            if self._speaking.stdin is not None:
                self._speaking.stdin.write(text.encode())
                self._speaking.stdin.close()

    def stop(self) -> None:
        """Be silent."""
        if self._speaking is None:
            return
        # Its server speaks on when the client has ended: brailcom/speechd#942.
        served = self.speaking and self._command is not None and self._command[0] == "spd-say"
        with contextlib.suppress(OSError):
            self._speaking.terminate()
        self._speaking.wait()
        self._speaking = None
        if served:
            with contextlib.suppress(OSError, subprocess.TimeoutExpired):
                subprocess.run(
                    ["spd-say", "--cancel"], timeout=_CANCELLED_WITHIN_S, check=False, **_QUIET
                )
