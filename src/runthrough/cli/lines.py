"""What ``--jsonl`` does: one JSON object a line comes in, one a line goes out, in that order."""

from __future__ import annotations

import sys
from typing import IO, TYPE_CHECKING, Any

from runthrough import wire
from runthrough.errors import InputError, TranscriptError
from runthrough.transcripts import MOST_BYTES, transcript_of_line

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from runthrough.talk import Transcript


def standard_input() -> IO[bytes]:
    """Raises ``InputError`` where a program was started without one."""
    if sys.stdin is None:
        raise InputError("Standard input is closed. Name a file instead, or open it.")
    return sys.stdin.buffer


def each_line(
    args: argparse.Namespace, file: str | None, do: Callable[[Transcript], wire.Json], done: str
) -> int:
    """Print what ``do`` makes of each line of standard input; ``done`` is how errors call that.

    A line that can't be read gives an error with its id, and the rest goes on. Raises
    ``InputError`` if a ``file`` is named.
    """
    if file not in (None, "-"):
        raise InputError(f"--jsonl reads standard input and no file. Add < before {file}.")
    for line in _lines():
        line_id: Any = None
        try:
            if len(line) >= MOST_BYTES:
                raise TranscriptError("it is longer than any talk.")
            data = wire.loads(line)
            if isinstance(data, dict):
                line_id = _id(data.get("id"))
            transcript = transcript_of_line(data, duration_s=getattr(args, "duration", None))
            found = wire.dumps({"id": line_id, **do(transcript)})
        except (ValueError, InputError) as error:
            found = wire.dumps({"id": line_id, "error": f"This line can't be {done}: {error}"})
        # Whoever waits for each answer before asking on gets it.
        print(found, flush=True)
    return 0


def _lines() -> Iterator[bytes]:
    """Lines that are not empty; of one that is too long only its beginning."""
    given = standard_input()
    while line := given.readline(MOST_BYTES):
        rest = line
        while len(rest) == MOST_BYTES and not rest.endswith(b"\n"):
            rest = given.readline(MOST_BYTES)
        if line.strip():
            yield line


def _id(value: Any) -> Any:
    """``value``, if it can be given back. Raises ``ValueError`` for NaN and the like."""
    try:
        wire.dumps({"id": value})
    except (ValueError, RecursionError) as error:
        raise ValueError("its id can't be written as JSON") from error
    return value
