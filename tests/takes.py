"""Takes that nobody records."""

from __future__ import annotations


def new_take(library, talk, fmt, source="microphone"):
    """The folder of a take that is begun, and let go of at once."""
    folder, lock = library.begin_take(talk, fmt, source)
    lock.release()
    return folder
