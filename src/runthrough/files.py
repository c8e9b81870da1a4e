"""Files for nobody else on this computer, and files that appear when they are complete."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


# After that nobody is still writing a file that is to be put in place.
_LEFT_OVER_S = 24 * 3600.0


def private(path: str, flags: int) -> int:
    """Opener of a file that nobody else on this computer may read."""
    return os.open(path, flags, 0o600)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """The part to write, beside ``path``, whose place it takes at last.

    Whatever is raised meanwhile, the part goes and ``path`` stays as it was.
    """
    # Nobody else has a part of that name; a whole long name would leave no room for the rest.
    beginning = f".{path.name[:20]}."
    part = path.with_name(f"{beginning}{os.getpid()}-{threading.get_ident()}.tmp")
    remove_left_over(path.parent, rf"{re.escape(beginning)}\d+-\d+\.tmp")
    try:
        yield part
        part.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def remove_left_over(folder: Path, pattern: str) -> None:
    """Remove what a program was writing when it was killed, by names that match ``pattern``."""
    try:
        left = [path for path in folder.iterdir() if re.fullmatch(pattern, path.name)]
    except OSError:
        return
    for path in left:
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime < _LEFT_OVER_S:
                continue
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def sync_folder(folder: Path) -> None:
    """Make the new name in ``folder`` last through a power cut, where the system offers that."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # network drives refuse this for folders
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
