"""The question bank: the shipped questions and the user's own, read from TOML.

A question names what a strong answer has (its points), in several phrasings each, and the
mistakes that are common. Phrasings are what an answer is compared with by meaning, so they are
written as people speak.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from runthrough.errors import InputError
from runthrough.formats import read_toml, toml_files
from runthrough.resources import resource

if TYPE_CHECKING:
    from pathlib import Path

# Titles as the window shows them, in the order of the bank.
DOMAINS = {
    "limitations": "Limitations and honesty",
    "method": "Method of research",
    "theory": "Theory",
    "architectures": "Architectures",
    "engineering": "Engineering",
    "explaining": "Explaining to non-specialists",
}
# Questions about one talk are not of the bank; ``about_talk`` picks them by its review.
ABOUT_TALK = "talk"
ABOUT_TALK_TITLE = "This talk"
_SECONDS = (10.0, 600.0)
# The source of questions that nobody else can answer.
OWN_WORK = "The speaker's own work"


class JudgedBy(StrEnum):
    """What an answer is judged by."""

    LIMITATIONS = "limitations"  # where it fails, why, what would fix it; deflection
    POINTS = "points"  # the question's own points
    EXPLAINING = "explaining"  # its points, and plain words, short sentences, an example


@dataclass(frozen=True, slots=True)
class KeyPoint:
    """One thing a strong answer says.

    ``opposite`` are sentences that say the contrary; ``ask`` is the follow-up where it was not
    heard.
    """

    id: str
    says: str
    phrasings: tuple[str, ...]
    opposite: tuple[str, ...] = ()
    ask: str = ""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A common wrong statement or weak way out, how it is said, and what is right.

    ``right`` are sentences that sound like it and are not it.
    """

    says: str
    phrasings: tuple[str, ...]
    correction: str
    right: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the bank. ``seconds`` is how long a good answer takes."""

    id: str
    domain: str
    text: str
    judged_by: JudgedBy
    points: tuple[KeyPoint, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    seconds: float = 75.0
    source: str = ""
    about: str = ""  # for a question about one talk: why it is asked
    at_s: float | None = None  # … and the place in the take, where there is one


def load_questions(user_folder: Path | None = None) -> tuple[dict[str, Question], list[str]]:
    """All questions by id, in the order of the bank, and one sentence for each broken file.

    A user's question replaces a shipped one of the same id. A broken file is skipped.
    """
    questions: dict[str, Question] = {}
    problems: list[str] = []
    shipped = resource("questions")
    paths = [p for d in DOMAINS if (p := shipped / f"{d}.toml").is_file()]
    for path in (*paths, *toml_files(user_folder)):
        try:
            questions.update((q.id, q) for q in read_questions(path))
        except InputError as error:
            problems.append(str(error))
    return questions, problems


def find_question(question_id: str, user_folder: Path | None = None) -> Question:
    """The question with that id. Raises ``InputError`` if there is none."""
    questions, problems = load_questions(user_folder)
    if question_id in questions:
        return questions[question_id]
    broken = f" ({' '.join(problems)})" if problems else ""
    raise InputError(
        f"There is no question “{question_id}”. `runthrough questions` lists those there are."
        f"{broken}"
    )


def read_questions(path: Path) -> list[Question]:
    """The questions of one file. Raises ``InputError`` that names the file and the question."""
    _, data = read_toml(path)
    domain = data.get("domain")
    if not isinstance(domain, str) or (domain not in DOMAINS and domain != ABOUT_TALK):
        raise InputError(
            f"{path.name}: domain is one of {', '.join(DOMAINS)}, not {domain!r}. It is skipped."
        )
    entries = data.get("question")
    if not isinstance(entries, list) or not entries:
        raise InputError(f"{path.name}: there is no [[question]] in it. It is skipped.")
    found: list[Question] = []
    for number, entry in enumerate(entries, 1):
        name = entry.get("id", f"number {number}") if isinstance(entry, dict) else f"{number}"
        try:
            found.append(_question(entry, domain))
        except (KeyError, TypeError, ValueError) as error:
            what = f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
            raise InputError(f"{path.name}, question {name}: {what}. It is skipped.") from error
    return found


def _question(entry: dict[str, Any], domain: str) -> Question:
    if not isinstance(entry, dict):
        raise TypeError("a question is a [[question]] table")
    judged_by = JudgedBy(_text(entry, "judge", JudgedBy.POINTS.value))
    points = tuple(
        KeyPoint(
            _text(p, "id"),
            _text(p, "says"),
            _texts(p, "phrasings"),
            _texts(p, "opposite", optional=True),
            _text(p, "ask", ""),
        )
        for p in _tables(entry, "point")
    )
    if judged_by is not JudgedBy.LIMITATIONS and not points:
        raise ValueError("a question needs at least one [[question.point]]")
    ids = [point.id for point in points]
    if len(set(ids)) != len(ids):
        raise ValueError("two points have the same id")
    seconds = entry.get("seconds", 75.0)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise TypeError("seconds is a number")
    if not _SECONDS[0] <= seconds <= _SECONDS[1]:
        raise ValueError(f"seconds is from {_SECONDS[0]:.0f} to {_SECONDS[1]:.0f}")
    return Question(
        id=_text(entry, "id"),
        domain=domain,
        text=_text(entry, "text"),
        judged_by=judged_by,
        points=points,
        mistakes=tuple(
            Mistake(
                _text(m, "says"),
                _texts(m, "phrasings"),
                _text(m, "correction"),
                _texts(m, "right", optional=True),
            )
            for m in _tables(entry, "mistake")
        ),
        seconds=float(seconds),
        source=_text(entry, "source", ""),
    )


def _tables(entry: dict[str, Any], key: str) -> list[dict[str, Any]]:
    tables = entry.get(key, [])
    if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
        raise TypeError(f"{key} is a [[question.{key}]] table")
    return tables


def _text(entry: dict[str, Any], key: str, default: str | None = None) -> str:
    value = entry[key] if default is None else entry.get(key, default)
    if not isinstance(value, str) or (default is None and not value.strip()):
        raise TypeError(f"{key} is a text")
    return value.strip()


def _texts(entry: dict[str, Any], key: str, *, optional: bool = False) -> tuple[str, ...]:
    value = entry.get(key, []) if optional else entry[key]
    if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
        raise TypeError(f"{key} is a list of texts")
    if not value and not optional:
        raise ValueError(f"{key} is empty")
    return tuple(v.strip() for v in value)
