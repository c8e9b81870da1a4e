"""An interviewer who breaks into a rehearsal: when, with what question, and what came of it.

Interviewers do not wait for the last slide. Practising that means being asked about what was just
said, answering, and finding the way back with the clock running on. Pure: told how the talk
stands, it says what to ask.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from runthrough import analysis, wire
from runthrough.analysis.delivery import judge_delivery
from runthrough.errors import InputError
from runthrough.practice.about_talk import question_on, template
from runthrough.practice.bank import find_question
from runthrough.practice.judging import judge_answer
from runthrough.talk import (
    AnswerVerdict,
    Event,
    EventKind,
    Finding,
    Report,
    Severity,
    Status,
    Transcript,
    minutes,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runthrough.practice.bank import Question
    from runthrough.talk import TalkFormat, Word

# How often, by the plan: three times in a talk of this length and more, else twice; in a talk that
# is shorter than the second, never. The times share the plan evenly.
_THREE_FROM_S, _NONE_BELOW_S = 900.0, 240.0
# Never in the first minute, nor in the last one of the plan.
_FREE_S = 60.0
# A speaker who has just come back from a question needs this long to be back in the talk.
_APART_S = 90.0
# It waits for a pause, but no longer than this.
_PATIENCE_S = 20.0
# What was said longer ago is no longer "just said".
_JUST_SAID_S = 40.0
_LAST_WORDS = 200
# A sentence of fewer words is not quoted.
_QUOTED_WORDS = 5

# What is asked in a section when nothing that was said calls for a question.
_GENERAL = {
    "problem": "talk.section.motivation",
    "motivation": "novelty",
    "related_work": "talk.section.related_work",
    "method": "architecture-or-data",
    "experiments": "talk.rigor.baselines",
    "results": "talk.rigor.seeds",
    "limitations": "next-failure",
    "conclusion": "open-problem",
}
_OTHERWISE = "generalise"
# In these sections claims are mostly of others' work or of the world.
_NOT_OWN = ("problem", "motivation", "related_work")


@dataclass(frozen=True, slots=True)
class Moment:
    """How the talk stands at ``at_s`` seconds of recorded sound.

    ``words`` are all that were recognised until now; ``quiet`` says that nobody speaks.
    """

    at_s: float
    section: str
    words: Sequence[Word]
    quiet: bool


class Interviewer:
    """Fed with moments, it says what to ask now, if anything."""

    def __init__(self, fmt: TalkFormat) -> None:
        planned = fmt.planned_s
        count = 0 if planned < _NONE_BELOW_S else 2 if planned < _THREE_FROM_S else 3
        self._due = [planned * (number + 1) / (count + 1) for number in range(count)]
        self._last_s = planned - _FREE_S
        self._free_from_s = _FREE_S
        self._asked: set[str] = set()  # kinds

    def is_due(self, at_s: float) -> bool:
        """Whether a question is due, so that it is worth looking for one."""
        self._due = [due for due in self._due if due <= self._last_s]
        return (
            bool(self._due)
            and at_s >= max(self._due[0], self._free_from_s)
            and at_s <= self._last_s
        )

    def ask(self, now: Moment) -> Question | None:
        """The question to break in with at this moment; ``returned`` is to be told of its end."""
        if not self.is_due(now.at_s):
            return None
        if not now.quiet and now.at_s < max(self._due[0], self._free_from_s) + _PATIENCE_S:
            return None
        self._due.pop(0)
        question = self._on_what_was_said(now) or self._general(now.section)
        self._asked.add(_kind(question.id))
        return question

    def returned(self, at_s: float) -> None:
        """The speaker went back to the talk at ``at_s``."""
        self._free_from_s = at_s + _APART_S

    def _on_what_was_said(self, now: Moment) -> Question | None:
        words = tuple(now.words[-_LAST_WORDS:])
        if not words or now.section in _NOT_OWN:
            return None
        said = analysis.transcript_of_words(
            words, duration_s=words[-1].end_s, language="en", model=""
        )
        for sentence in reversed(said.sentences):
            if sentence.end_s is None or sentence.end_s < now.at_s - _JUST_SAID_S:
                break
            if len(sentence.text.split()) < _QUOTED_WORDS:
                continue
            question = question_on(sentence.text, sentence.start_s)
            if question is not None and _kind(question.id) not in self._asked:
                return question
        for term, at_s in judge_delivery(said).acronyms_unexplained:
            just_said = at_s is not None and at_s >= now.at_s - _JUST_SAID_S
            if just_said and "talk.acronym" not in self._asked:
                return template("acronym", f"“{term}” was used and not explained.", at_s, term=term)
        return None

    def _general(self, section: str) -> Question:
        for wanted in (_GENERAL.get(section, _OTHERWISE), _OTHERWISE, "where-fails"):
            if _kind(wanted) not in self._asked:
                break
        return find(wanted)


def find(question_id: str) -> Question:
    """The question of that id, of the bank or about a talk. Raises ``InputError`` if none is."""
    if question_id.startswith("talk."):
        return template(_kind(question_id).removeprefix("talk."), "")
    return find_question(question_id)


def _kind(question_id: str) -> str:
    """The id without what it is about: ``talk.claim.it-is-much-faster`` is a ``talk.claim``."""
    parts = question_id.split(".")
    if parts[0] != "talk":
        return question_id
    return ".".join(parts[:3] if parts[1] in ("rigor", "section") else parts[:2])


# --- afterwards ------------------------------------------------------------------------------


def asked_event(at_s: float, question: Question) -> Event:
    """The event that says what was asked at ``at_s``."""
    told = {"id": question.id, "text": question.text, "about": question.about}
    return Event(at_s, EventKind.QUESTION, wire.dumps(told))


@dataclass(frozen=True, slots=True)
class Interruption:
    """What was asked from ``start_s`` to ``end_s``, and what the answer was worth."""

    start_s: float
    end_s: float
    question: Question
    verdict: AnswerVerdict | None  # none where its language is not judged


def with_interruptions(report: Report, transcript: Transcript, events: Sequence[Event]) -> Report:
    """``report`` with a finding for each interruption, and one for what all of them cost."""
    found = [
        _judged(asked, (start_s, end_s), transcript)
        for (start_s, end_s), asked in analysis.interruptions(events, report.duration_s)
    ]
    told = [one for one in found if one is not None]
    if not told:
        return report
    findings = [_cost(told, report), *(_finding(n, one) for n, one in enumerate(told, 1))]
    good = [f for f in report.findings if f.severity is Severity.GOOD]
    others = [f for f in report.findings if f.severity is not Severity.GOOD]
    return replace(report, findings=(*others, *findings, *good))


def _judged(asked: str, span_s: tuple[float, float], said: Transcript) -> Interruption | None:
    try:
        told = wire.loads(asked)
        question = replace(find(str(told["id"])), text=str(told["text"]))
    except (ValueError, KeyError, TypeError, InputError):
        return None  # a line that something damaged, or a question that there is no more
    start_s, end_s = span_s
    words = tuple(w for w in said.words if start_s <= (w.start_s + w.end_s) / 2 < end_s)
    answer = analysis.transcript_of_words(
        words, duration_s=end_s, language=said.language, model=said.model
    )
    try:
        verdict = judge_answer(question, answer)
    except InputError:
        verdict = None
    return Interruption(start_s, end_s, question, verdict)


def _finding(number: int, one: Interruption) -> Finding:
    verdict = one.verdict or AnswerVerdict(())
    met = [p for p in verdict.points if p.met]
    missed = [p.says for p in verdict.points if not p.met]
    parts = [] if one.verdict else ["It is not judged, since it was not in English."]
    if met:
        quotes = [quote for point in met for quote in point.quotes]
        heard = f" (“{quotes[0]}”)" if quotes else ""
        parts.append(f"Heard: {'; '.join(p.says for p in met)}{heard}.")
    if missed:
        parts.append(f"Not heard: {'; '.join(missed)}.")
    wrong, waved_away = verdict.mistakes, verdict.other_deflections
    parts += [f"“{m.quote}” sounds like a common mistake: {m.correction}" for m in wrong]
    if waved_away:
        parts.append(f"That sounded like waving it away: “{waved_away[0]}”.")
    flawless = one.verdict is not None and not (missed or wrong or waved_away)
    weak = one.verdict is not None and not met
    return Finding(
        id=f"interruption.{number}",
        severity=Severity.GOOD if flawless else Severity.MEDIUM if weak else Severity.LOW,
        title=f"Asked at {minutes(one.start_s)}: {one.question.text}",
        detail=f"Your answer took {minutes(one.end_s - one.start_s)}. {' '.join(parts)}",
        start_s=one.start_s,
        end_s=one.end_s,
        drill=None if one.question.id.startswith("talk.") else one.question.id,
    )


def _cost(told: Sequence[Interruption], report: Report) -> Finding:
    cost_s = sum(one.end_s - one.start_s for one in told)
    times = {1: "once", 2: "twice"}.get(len(told), f"{len(told)} times")
    detail = f"The questions took {minutes(cost_s)} of the talk's time."
    over_s = round((report.duration_s or 0.0) - report.planned_s)
    if over_s > 0:
        detail += f" It ended {minutes(over_s)} after its plan."
    severity = Severity.LOW
    limits = next((s for s in report.sections if s.id == "limitations" and report.judged), None)
    if limits is not None and (limits.by_speaker or report.limitations.state == "stated"):
        starts = [e.start_s for e in report.limitations.evidence if e.state == "stated"]
        after = any(start is not None and start >= told[-1].end_s for start in starts)
        detail += " Your limitations were still told" + (" after them." if after else ".")
    elif limits is not None:
        missing = limits.status is Status.MISSING
        severity = Severity.HIGH if missing else Severity.MEDIUM
        detail += (
            f" I {'could not find' if missing else 'am not sure that I heard'} your limitations in "
            "the talk: when time is taken from you, cut a result and keep them."
        )
    return Finding(
        id="interruption.cost",
        severity=severity,
        title=f"You were interrupted {times}",
        detail=detail,
        start_s=told[0].start_s,
    )
