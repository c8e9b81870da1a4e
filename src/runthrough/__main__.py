"""The program's entry: arguments first, and Qt only when a window is wanted."""

from __future__ import annotations

import sys
from multiprocessing import freeze_support
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def main() -> int:
    """Run the command line, which opens the window when no subcommand is given."""
    freeze_support()
    from runthrough.cli import run

    return run(sys.argv[1:], open_window=_open_window)


def _open_window(library_root: Path | None) -> int:
    from runthrough.ui.app import run

    return run(library_root)


if __name__ == "__main__":
    sys.exit(main())
