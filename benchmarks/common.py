"""What several benchmarks need: where the data is, and how sure a share is."""

from __future__ import annotations

import math
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def data_folder() -> Path:
    """The folder of labelled data: ``$RUNTHROUGH_DATA``, or ``shared/data`` beside the checkout.

    Ends the program with a plain sentence if it is not there.
    """
    folder = Path(os.environ.get("RUNTHROUGH_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        sys.exit(f"The labelled data is not at {folder}. Set RUNTHROUGH_DATA to its folder.")
    return folder


def write_figures(name: str, figures: str) -> None:
    """Put ``figures`` (Markdown) into the README between the marks of ``name``."""
    between(ROOT / "README.md", name, figures.strip())


def machine(*packages: str) -> str:
    """One line that says where and with what a figure was taken."""
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}; {versions}"
    )


def between(path: Path, name: str, text: str) -> None:
    """Put ``text`` between the marks ``<!-- name -->`` and ``<!-- /name -->`` of a file."""
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    whole = path.read_text(encoding="utf-8")
    head, found, rest = whole.partition(begin)
    _, closed, tail = rest.partition(end)
    if not (found and closed):
        sys.exit(f"{path} has no {begin} … {end} to write into.")
    path.write_text(f"{head}{begin}\n{text}\n{end}{tail}", encoding="utf-8")


def share(hits: int, count: int) -> str:
    """``hits`` of ``count`` with its exact 95 % interval (Clopper and Pearson, 1934)."""
    if count == 0:
        return "  –  (0)"
    low, high = interval(hits, count)
    return f"{hits / count:.2f} [{low:.2f}, {high:.2f}] ({hits}/{count})"


def interval(hits: int, count: int) -> tuple[float, float]:
    """Clopper-Pearson bounds at 95 %, found by halving."""

    def tail(p: float, upper: bool) -> float:
        wanted = range(hits, count + 1) if upper else range(hits + 1)
        return math.fsum(_binomial(k, count, p) for k in wanted)

    def solve(upper: bool) -> float:
        low, high = 0.0, 1.0
        for _ in range(50):
            middle = (low + high) / 2
            if (tail(middle, upper) < 0.025) == upper:
                low = middle
            else:
                high = middle
        return (low + high) / 2

    return (0.0 if hits == 0 else solve(True), 1.0 if hits == count else solve(False))


def _binomial(k: int, n: int, p: float) -> float:
    if p <= 0:
        return float(k == 0)
    if p >= 1:
        return float(k == n)
    logarithm = (
        math.lgamma(n + 1)
        - math.lgamma(k + 1)
        - math.lgamma(n - k + 1)
        + k * math.log(p)
        + (n - k) * math.log1p(-p)
    )
    return math.exp(logarithm)
