"""What the README names is there."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest

from runthrough.cli import build_parser
from runthrough.formats import find_format

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^runthrough (\w.*)$", README, re.MULTILINE)


def test_files_pictures_and_benchmarks_are_there():
    named = re.findall(r"\]\(([^)#:]+)\)", README)
    named += re.findall(r"((?:benchmarks|packaging|tests|resources)/[\w/.*-]+\.\w+)", README)
    assert len(named) > 20
    assert [name for name in named if not list(ROOT.glob(name))] == []


def test_every_test_that_is_named_exists():
    files = {path.name: path.read_text(encoding="utf-8") for path in ROOT.glob("tests/**/*.py")}
    named = re.findall(r"`[^`]*?(test_\w+)`", README)
    assert len(named) > 5
    everything = "\n".join(files.values())
    missing = [n for n in named if f"def {n}(" not in everything and f"{n}.py" not in files]
    assert missing == []


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_is_understood(line):
    parsed = build_parser().parse_args(shlex.split(line))
    if getattr(parsed, "format", None):
        find_format(parsed.format)


def test_the_order_of_imports_is_the_one_that_is_checked():
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    layers = next(c["layers"] for c in contracts if c["type"] == "layers")
    assert "\n→ ".join(layers) in README
