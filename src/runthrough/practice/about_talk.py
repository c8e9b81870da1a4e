"""What an interviewer would ask about one talk, by what its review heard and did not hear."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from runthrough.analysis import cues
from runthrough.analysis.findings import without_experiments
from runthrough.errors import InputError
from runthrough.practice.bank import read_questions
from runthrough.resources import resource
from runthrough.talk import Status, minutes

if TYPE_CHECKING:
    from runthrough.practice.bank import Question
    from runthrough.talk import Report


# Figures as they are spoken and written: "40", "forty", "half a point", "tenfold", "doubled".
_NUMBER = re.compile(
    r"\d|\b(?:(?:zero|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|"
    r"thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million)(?:fold)?|half|"
    r"halv(?:e[ds]?|ing)|third|quarter|twice|(?:doubl|tripl|quadrupl)(?:e[ds]?|ing)|dozen|percent|"
    r"(?:an|one) order of magnitude)\b",
    re.IGNORECASE,
)
# A gain that is denied, asked about or supposed is no claim. So it is through the whole clause: "we
# could not show, however, that it ...".
_CLAUSE_ENDS = re.compile(
    r"[,;:](?!\s+(?:\w+,\s+)?(?:that|whether|if)\b)"
    r"|\b(?:and|but|because|since|while|although|though|so(?=\s+\w))\b",
    re.IGNORECASE,
)
_UNCLAIMED = re.compile(
    r"(?:\b(?:not|cannot)|n['’]t)\b(?!\s+(?:only|just|merely|surpris\w+)\b)"
    r"|(?<!\bwith )\bno\b(?!\s+(?:doubt|question|surprise|wonder|longer)\b)"
    r"|\b(?:never|none|nobody|nothing|neither|nor|hardly|fail(?:s|ed)? to|whether|if)\b",
    re.IGNORECASE,
)
# Methods that are named right after it are no riddle: "such as ...", or names in apposition. A name
# that goes on with a verb is none of them: "compared with the baselines, FlowNet is faster".
_NAME = (
    r"(?:the )?(?-i:(?!(?:I|OK|Table|Figure|Section)\b)[a-z]*[A-Z][\w-]*)"
    r"(?: (?-i:[A-Z\d][\w-]*)| et al\.?)*"
)
_NAMED = re.compile(
    r"[\s,:(]*\b(?:such as|namely|including|e\.g\.|for (?:example|instance)|"
    r"like(?! (?:I|we|you|in|this|that)\b))"
    rf"|[\s,:(]+(?:(?:which|that) (?:is|are|were),? )?{_NAME}(?:(?:,|,? and|,? or) {_NAME})*"
    r"(?:\s*[,.;:)]|\s+(?:by|on|in|with)\b|$)",
    re.IGNORECASE,
)
# The order in which an interviewer would ask: what decides most first.
_RIGOR = (
    "ablation",
    "baselines",
    "seeds",
    "significance",
    "negative_result",
    "hypothesis",
    "metrics",
    "data",
    "compute",
)
# Whoever made no experiments is asked this alone.
_WITHOUT_EXPERIMENTS = {"negative_result"}
_MOST_OF_A_KIND = 2
# Claims made here are mostly of others' work or of the world.
_NOT_OWN = ("problem", "motivation", "related_work", "other")


def questions_about(report: Report) -> list[Question]:
    """What to ask about the talk of ``report``, the most telling first.

    What the speaker answered in the review ("not a problem") is not asked; nothing is about a talk
    that was not judged.
    """
    if not report.judged:
        return []
    settled = {f.id for f in report.findings if f.answer is not None}
    settled |= {f"rigor.{item.id}" for item in report.rigor if item.by_speaker}
    if "rigor.spread" in settled:
        settled |= {"rigor.seeds", "rigor.significance"}
    asked: list[Question] = []

    def ask(
        key: str, about: str, at_s: float | None = None, filled: dict[str, str] | None = None
    ) -> None:
        asked.append(template(key, about, at_s, **(filled or {})))

    if report.limitations.state != "stated" and "section.missing.limitations" not in settled:
        heard = report.limitations.state == "possible"
        ask(
            "limitations",
            "Only a hint of a limitation was heard in your talk."
            if heard
            else "No limitation was heard in your talk.",
        )
    unmet = {item.id for item in report.rigor if not item.met}
    if without_experiments(report.sentences, report.sections):
        unmet &= _WITHOUT_EXPERIMENTS
    for item in _RIGOR[:2]:
        if item in unmet and f"rigor.{item}" not in settled:
            ask(f"rigor.{item}", f"{_TITLES[item]} not heard in your talk.")
    asked += _on_sentences(report)
    for item in _RIGOR[2:]:
        if item in unmet and f"rigor.{item}" not in settled:
            ask(f"rigor.{item}", f"{_TITLES[item]} not heard in your talk.")
    for section in report.sections:
        missing = section.status is Status.MISSING
        open_ = missing and f"section.missing.{section.id}" not in settled
        if open_ and f"talk.section.{section.id}" in _templates():
            ask(f"section.{section.id}", f"{section.title} was not heard in your talk.")
    terms = report.delivery.acronyms_unexplained if "delivery.acronyms" not in settled else ()
    for term, at_s in terms[:_MOST_OF_A_KIND]:
        ask("acronym", f"“{term}” was used{_at(at_s)} and not explained.", at_s, {"term": term})
    return asked


def template(key: str, about: str, at_s: float | None = None, **filled: str) -> Question:
    """The question ``talk.<key>``, with ``about`` as its reason and its gaps ``filled``.

    Raises ``InputError`` if there is none of that key.
    """
    found = _templates().get(f"talk.{key}")
    if found is None:
        raise InputError(f"There is no question talk.{key}. Choose one that `questions` lists.")
    # Several questions of one kind are told apart by what they are about.
    name = found.id if not filled else f"{found.id}.{_slug(*filled.values())}"
    text = found.text
    for field, value in filled.items():
        text = text.replace(f"{{{field}}}", value)
    return replace(found, id=name, text=text, about=about, at_s=at_s)


def question_on(text: str, at_s: float | None) -> Question | None:
    """What to ask about the sentence ``text``, if it compares or claims without saying enough."""
    if text.rstrip().endswith("?"):
        return None
    compared = _claimed("vague_comparison", text)
    if any(not _NAMED.match(text, m.end()) for m in compared):
        about = f"A comparison was heard{_at(at_s)}, without the name of what it is compared with."
        return template("comparison", about, at_s, quote=text)
    if _claimed("vague_claim", text) and not _NUMBER.search(text):
        return template(
            "claim", f"A claim was heard{_at(at_s)}, without a number.", at_s, quote=text
        )
    return None


def _claimed(kind: str, text: str) -> list[re.Match[str]]:
    """Where ``text`` has a phrase of that kind and claims it."""
    found = cues.pattern("interview", kind).finditer(text)
    clauses = [(m, _CLAUSE_ENDS.split(text[: m.start()])[-1]) for m in found]
    return [m for m, before in clauses if not _UNCLAIMED.search(before)]


@lru_cache(maxsize=1)
def _templates() -> dict[str, Question]:
    return {q.id: q for q in read_questions(resource("questions", "about_talk.toml"))}


def _on_sentences(report: Report) -> list[Question]:
    """Questions on single sentences, a few of each kind."""
    asked: list[Question] = []
    for sentence in report.sentences:
        question = None
        if sentence.section not in _NOT_OWN:
            question = question_on(sentence.text, sentence.start_s)
        if question is not None:
            kind = question.id.split(".")[1]
            if sum(q.id.split(".")[1] == kind for q in asked) < _MOST_OF_A_KIND:
                asked.append(question)
    return asked


_TITLES = {
    "ablation": "An ablation was",
    "baselines": "A baseline was",
    "seeds": "The number of runs was",
    "significance": "A test or an interval was",
    "negative_result": "Something that was tried and failed was",
    "hypothesis": "An expectation was",
    "metrics": "A measure was",
    "data": "Where the data come from was",
    "compute": "What it costs to run was",
}


def _at(at_s: float | None) -> str:
    return "" if at_s is None else f" at {minutes(at_s)}"


def _slug(*texts: str) -> str:
    words = re.findall(r"[a-z0-9]+", " ".join(texts).lower())
    return "-".join(words[:8])
