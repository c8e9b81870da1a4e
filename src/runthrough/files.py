"""Files for nobody else on this computer, and files that appear when they are complete."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def private(path: str, flags: int) -> int:
    """Opener of a file that nobody else on this computer may read."""
    return os.open(path, flags, 0o600)


@contextlib.contextmanager
def replacing(path: Path, part: Path | None = None) -> Iterator[Path]:
    """The ``part`` to write, beside ``path`` if not given; it takes the place of ``path`` at last.

    Whatever is raised meanwhile, ``part`` goes and ``path`` stays as it was.
    """
    part = part or path.with_name(path.name + ".part")
    try:
        yield part
        part.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise


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
