"""What the recognition process is told and what it tells, over its pipe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from runthrough.errors import RunthroughError
    from runthrough.talk import Word


# --- to the process --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Warm:
    """Load the model for ``Follow``. Has no answer: if it fails, the job that needs it tells."""


@dataclass(frozen=True, slots=True)
class Transcribe:
    """Transcribe a finished recording."""

    audio: Path
    hotwords: str = ""


@dataclass(frozen=True, slots=True)
class Follow:
    """Transcribe a WAV file that is still being written, until ``Finished`` comes.

    What was heard up to ``start_s`` in an earlier try is not heard again.
    With ``tentative`` the words since the last settled ones are guessed at now and then.
    """

    audio: Path
    hotwords: str = ""
    start_s: float = 0.0
    tentative: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """The file being followed is complete."""


# --- from the process ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Settled:
    """Words that will not change. Everything before ``until_s`` has been heard.

    ``total_s`` is the length of what there is so far.
    """

    words: tuple[Word, ...]
    until_s: float
    total_s: float


@dataclass(frozen=True, slots=True)
class Tentative:
    """A guess at the words after the settled ones; replaces the guess before."""

    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """The recording has been transcribed to its end."""

    language: str
    duration_s: float


@dataclass(frozen=True, slots=True)
class Failed:
    """It could not be done. ``trace`` is where it happened, empty for expected trouble."""

    error: RunthroughError
    trace: str = ""
