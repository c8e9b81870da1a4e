"""The recognition process with too little memory. Imported by the child that a test starts."""

from __future__ import annotations

import resource
from pathlib import Path

from runthrough.transcription import worker

_main, _load = worker.main, worker._load
# Enough for Python, too little for the libraries and the model.
_FOR_LOADING = 400 << 20
# The first needs more for the libraries that hear a voice, the second for decoding, and is ended.
_FOR_SOUND, _FOR_WORDS = 20 << 20, 80 << 20


def main_without_room_for_the_model(*given):
    _limit(_FOR_LOADING)
    _main(*given)


def main_without_room_for_sound(*given):
    _starve_once_loaded(_FOR_SOUND)
    _main(*given)


def main_without_room_for_words(*given):
    _starve_once_loaded(_FOR_WORDS)
    _main(*given)


def _starve_once_loaded(more_bytes):
    def load(*model):
        loaded = _load(*model)
        _limit(more_bytes)
        return loaded

    worker._load = load


def _limit(more_bytes):
    """Let this process have so much more than it has now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * resource.getpagesize() + more_bytes
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
