"""Talk formats: the shipped ones and the user's own, read from TOML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runthrough.errors import FormatError
from runthrough.resources import resource
from runthrough.talk import CONTENT_SECTIONS, Section, TalkFormat

if TYPE_CHECKING:
    from pathlib import Path

DEFAULT_FORMAT = "interview-20"
# Longer than any talk; a larger number is a mistake, and would break the clocks.
_MAX_PLANNED_S = 6 * 3600.0
# The largest shipped file is a tenth of it. The parser slows down with the square of some texts.
_MOST_BYTES = 500_000


def load_formats(user_folder: Path | None = None) -> tuple[dict[str, TalkFormat], list[str]]:
    """All formats by id, longest first, and one sentence for each broken file.

    A user's format replaces a shipped one of the same id. A broken one is skipped.
    """
    formats: dict[str, TalkFormat] = {}
    problems: list[str] = []
    for path in (*toml_files(resource("formats")), *toml_files(user_folder)):
        try:
            loaded = read_format(path)
        except FormatError as error:
            problems.append(str(error))
        else:
            formats[loaded.id] = loaded
    return dict(sorted(formats.items(), key=lambda kv: -kv[1].planned_s)), problems


def toml_files(folder: Path | None) -> list[Path]:
    """Those in ``folder``, by name; none where there is no such folder, or none for this user."""
    try:
        return sorted(folder.glob("*.toml")) if folder is not None and folder.is_dir() else []
    except OSError:
        return []


def find_format(format_id: str, user_folder: Path | None = None) -> TalkFormat:
    """The format with that id.

    Raises ``FormatError``, naming the ids there are, if there is none.
    """
    formats, problems = load_formats(user_folder)
    if format_id in formats:
        return formats[format_id]
    known = ", ".join(sorted(formats))
    broken = f" ({' '.join(problems)})" if problems else ""
    raise FormatError(f"There is no talk format “{format_id}”. Choose one of: {known}.{broken}")


def read_format(path: Path) -> TalkFormat:
    """Read one format file. Raises ``FormatError`` with the file's name and the line."""
    text, data = read_toml(path)
    lines = text.splitlines()

    def fail(what: str, section: int | None = None) -> FormatError:
        return FormatError(f"{path.name}, line {_line(lines, section)}: {what}. It is skipped.")

    title = data.get("title")
    if not isinstance(title, str) or not title.strip():
        raise fail('a format needs a title, as in title = "Interview talk"')
    entries = data.get("sections")
    if not isinstance(entries, list) or not entries:
        raise fail("a format needs at least one [[sections]]")
    sections: list[Section] = []
    for number, entry in enumerate(entries):
        if not isinstance(entry, dict):
            raise fail("each section is a [[sections]] table", number)
        sections.append(_section(entry, lambda what, n=number: fail(what, n)))
    ids = [section.id for section in sections]
    for number, section_id in enumerate(ids):
        if section_id in ids[:number]:
            raise fail(f"the section “{section_id}” is there twice", number)
    if not 0 < sum(section.planned_s for section in sections) <= _MAX_PLANNED_S:
        raise fail("the planned time must be more than nothing and at most six hours")
    return TalkFormat(id=path.stem, title=title.strip(), sections=tuple(sections))


def read_toml(path: Path) -> tuple[str, dict[str, Any]]:
    """The text of a TOML file and what it holds. Raises ``FormatError`` with the file's name."""
    try:
        if not path.is_file():  # a pipe would be waited for
            raise FormatError(f"{path.name} is not a file. It is skipped.")
        if path.stat().st_size > _MOST_BYTES:
            raise FormatError(f"{path.name} is too large for what it should hold. It is skipped.")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(f"{path.name} can't be read as text: {error}. It is skipped.") from error
    import tomllib  # the window opens sooner without it

    try:
        return text, tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a number of 5000 digits is a ValueError only
        end = f"at line {text.count(chr(10)) + 1}, the end"
        what = str(error).replace("at end of document", end)
        raise FormatError(f"{path.name} is not valid TOML: {what}. It is skipped.") from error


def _section(entry: dict[str, Any], fail: Any) -> Section:
    section_id = entry.get("id")
    if section_id not in CONTENT_SECTIONS:
        raise fail(f"a section's id is one of {', '.join(CONTENT_SECTIONS)}, not {section_id!r}")
    planned = entry.get("planned_s")
    if (
        isinstance(planned, bool)
        or not isinstance(planned, int | float)
        or not (0 <= planned <= _MAX_PLANNED_S)
    ):
        raise fail(f"“{section_id}” needs planned_s, a number of seconds")
    required = entry.get("required", True)
    if not isinstance(required, bool):
        raise fail(f"“{section_id}”: required is true or false")
    questions = entry.get("questions", [])
    if not isinstance(questions, list) or not all(isinstance(q, str) for q in questions):
        raise fail(f"“{section_id}”: questions is a list of texts")
    title = entry.get("title", section_id.replace("_", " ").capitalize())
    if not isinstance(title, str) or not title.strip():
        raise fail(f"“{section_id}”: title is a text")
    return Section(section_id, title.strip(), float(planned), required, tuple(questions))


def _line(lines: list[str], section: int | None) -> int:
    """The line where section number ``section`` starts (1 for the file as a whole)."""
    starts = [n for n, line in enumerate(lines, 1) if line.strip().startswith("[[sections")]
    return starts[section] if section is not None and section < len(starts) else 1
