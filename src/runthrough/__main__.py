"""The program's entry: arguments first, and Qt only when a window is wanted."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from runthrough.talk import Report


def main() -> int:
    """Run the command line, which opens the window when no subcommand is given."""
    if getattr(sys, "frozen", False):
        from multiprocessing import freeze_support

        freeze_support()
    try:
        from runthrough.cli import run

        return run(
            sys.argv[1:],
            open_window=_open_window,
            write_pdf=_write_pdf,
            load_window=_load_window,
        )
    except KeyboardInterrupt:  # before the command began
        print("Stopped.", file=sys.stderr)
        return 130


def _open_window(library_root: Path | None) -> int:
    import gc

    gc.disable()  # what is made until the window is painted stays; ``run`` sees to the rest
    return _load_window()(library_root)


def _load_window() -> Callable[[Path | None], int]:
    from runthrough.errors import MissingError

    try:
        from runthrough.ui.app import run
    except ImportError as error:
        raise MissingError(
            f"Qt, which draws the window, can't be loaded ({error}). Install what is missing; "
            "`runthrough --help` lists what works without a window."
        ) from error
    return run


def _write_pdf(
    report: Report, outline: Sequence[tuple[float, float]], about: str, target: Path
) -> None:
    from runthrough.errors import MissingError

    try:
        from runthrough.ui.pdf import draw_without_window
    except ImportError as error:
        raise MissingError(
            f"Qt, which draws the PDF, can't be loaded ({error}). Export html instead and print it "
            "from a browser, or run `runthrough doctor`."
        ) from error
    draw_without_window(report, outline, about, target)


if __name__ == "__main__":
    sys.exit(main())
