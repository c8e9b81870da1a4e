"""How the takes of a talk and the answers to questions go over time.

A report of an hour's talk has thousands of words, and progress needs twenty numbers of it. They are
kept beside the report, so that a talk with hundreds of takes is read in moments.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runthrough.analysis.compare import LACKING, answered_topics, is_open, silent_on, topic
from runthrough.analysis.findings import TALK_EARLY, TALK_OVER
from runthrough.errors import Cancelled, LibraryError
from runthrough.practice.bank import ABOUT_TALK, DOMAINS
from runthrough.practice.schedule import due_at, is_due
from runthrough.talk import (
    FAST_WPM,
    SLOW_WPM,
    PracticeAnswer,
    Report,
    Status,
    Take,
    listed,
    minutes,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from runthrough.library import Library
    from runthrough.practice.bank import Question
    from runthrough.wire import Json

LIMITATIONS_WORDS = {"stated": "stated", "possible": "perhaps", "not_heard": "not heard"}
_NONE_JUDGED = "No take could be judged."
# Changed when the kept numbers change their meaning: those of another version are made anew.
_VERSION = 3


# --- a talk ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TakeNumbers:
    """What progress needs of one reviewed take.

    Rates are ``None`` where the take had no times or no words. ``sections`` has id, title and
    whether it was told, in the order of the plan. ``open_findings`` is what there was to mend, by
    topic; ``solved`` what there was in the judged take before and would be found if it still were.
    ``limitations`` is ``stated``, ``possible`` or ``not_heard``. Where ``judged`` is false,
    no speech was heard or none in English, and neither sections nor limitations mean anything.
    """

    take: Take
    planned_s: float
    duration_s: float | None
    words_per_minute: float | None
    fillers_per_minute: float | None
    sections: tuple[tuple[str, str, Status], ...]
    limitations: str
    open_findings: tuple[str, ...]
    solved: tuple[str, ...] = ()
    judged: bool = True

    @property
    def over_s(self) -> float | None:
        """Seconds beyond the plan, negative below it."""
        return None if self.duration_s is None else self.duration_s - self.planned_s


def talk_progress(
    library: Library,
    talk_id: str,
    *,
    progress: Callable[[str, float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[list[TakeNumbers], list[str]]:
    """The reviewed takes of a talk, oldest first, and a sentence for each that can't be read.

    What is not kept yet is computed from the reports and kept. Raises ``Cancelled``.
    """
    takes = library.takes(talk_id)[::-1]
    made: list[TakeNumbers] = []
    problems: list[str] = []
    for number, take in enumerate(takes):
        if cancelled is not None and cancelled():
            raise Cancelled("Reading the takes was cancelled.")
        if progress is not None:
            progress("Reading the takes", number / len(takes))
        try:
            data = _numbers(library, take)
        except LibraryError as error:
            problems.append(str(error))
            continue
        if data is not None:
            last = next((t for t in reversed(made) if t.judged), None)
            made.append(_of_json(take, data, last))
    return made, problems


def _numbers(library: Library, take: Take) -> Json | None:
    folder = library.folder(take.id)
    kept = folder.numbers()
    if kept is not None and kept.get("version") == _VERSION:
        return kept
    stamp = folder.review_stamp()
    report = folder.report()
    if report is None:
        return None
    made = numbers_of(report)
    with contextlib.suppress(LibraryError):  # it only saves time
        folder.save_numbers(made, stamp)
    return made


def numbers_of(report: Report) -> Json:
    """The few numbers of ``report``, as they are kept."""
    # Who says that limits were told, though they were not heard, is believed here too.
    stated = any(s.id == "limitations" and s.by_speaker for s in report.sections)
    return {
        "version": _VERSION,
        "planned_s": report.planned_s,
        "duration_s": report.duration_s if report.timed else None,
        "words_per_minute": report.delivery.words_per_minute,
        "fillers_per_minute": report.delivery.fillers_per_minute,
        "sections": [[s.id, s.title, s.status.value] for s in report.sections],
        "limitations": "stated" if stated else report.limitations.state,
        "judged": report.judged,
        "open": sorted({topic(f) for f in report.findings if is_open(f)}),
        "answered": sorted(answered_topics(report)),
        "silent_on": list(silent_on(report)),
    }


def _of_json(take: Take, data: Json, last: TakeNumbers | None) -> TakeNumbers:
    still = tuple(data["open"])
    solved = set(last.open_findings if last else ()) - {*still, *data["answered"]}
    solved = {about for about in solved if not about.startswith(tuple(data["silent_on"]))}
    if last and _breaks_off(last):
        solved = {about for about in solved if not about.startswith(LACKING)}
    if last and last.planned_s != data["planned_s"]:
        solved = {about for about in solved if not about.startswith("time.")}
    return TakeNumbers(
        take=take,
        planned_s=data["planned_s"],
        duration_s=data["duration_s"],
        words_per_minute=data["words_per_minute"],
        # Where no words were heard, or none in English, none of them could be a filler.
        fillers_per_minute=data["fillers_per_minute"] if data["judged"] else None,
        sections=tuple((i, title, Status(status)) for i, title, status in data["sections"]),
        limitations=data["limitations"],
        open_findings=still,
        solved=tuple(sorted(solved)),
        judged=data["judged"],
    )


# --- what the numbers say, each as the answer to one question ------------------------------------


def time_answer(takes: Sequence[TakeNumbers]) -> str:
    """Answer “Do I end on time?”, within the limits that the review itself calls kept."""
    timed = [t for t in takes if t.duration_s is not None and t.planned_s > 0]
    if not timed:
        return "No take has times yet."
    told = f"The last take {over_words(timed[-1])}."
    timed = [t for t in timed if not _breaks_off(t)]
    if len(timed) < 2:
        return told
    kept = sum(_kept_time(t) for t in timed)
    return f"{told} {kept} of {len(timed)} takes kept the time."


def over_words(take: TakeNumbers) -> str:
    """How far from its plan a take ended."""
    over = take.over_s
    if over is None:
        return "has no times"
    if _breaks_off(take) and (over < 0 or _kept_time(take)):
        return "breaks off before its end"
    if _kept_time(take):
        return "ended on time"
    return f"ended {minutes(abs(over))} {'over' if over > 0 else 'early'}"


def _breaks_off(take: TakeNumbers) -> bool:
    return take.duration_s is not None and take.take.breaks_off(take.duration_s)


def _kept_time(take: TakeNumbers) -> bool:
    spent = take.duration_s or 0.0
    return take.planned_s * TALK_EARLY <= spent <= take.planned_s * TALK_OVER


def coverage_answer(takes: Sequence[TakeNumbers]) -> str:
    """Answer “What do I leave out?”."""
    judged = [take for take in takes if take.judged]
    if not judged:
        return _NONE_JUDGED
    missing = [title for _, title, told in judged[-1].sections if told is Status.MISSING]
    thin = [title for _, title, told in judged[-1].sections if told is Status.THIN]
    last = _last_judged(takes)
    if _breaks_off(judged[-1]) and (missing or thin):
        told = f"{last} breaks off; what was left out may have come after."
    elif missing:
        told = f"{last} left out: {', '.join(missing)}."
        told += f" Thin: {', '.join(thin)}." if thin else ""
    elif thin:
        told = f"{last} was thin on: {', '.join(thin)}."
    else:
        told = f"{last} told every section."
    return told + _most_often_left_out([t for t in judged if not _breaks_off(t)])


def _most_often_left_out(takes: Sequence[TakeNumbers]) -> str:
    planned: dict[str, list[Status]] = {}
    titles: dict[str, str] = {}
    for take in takes:
        for section, title, status in take.sections:
            planned.setdefault(section, []).append(status)
            titles[section] = title
    # How often it was left out; of as many times, those of fewer takes that planned it are more.
    often = {
        section: (statuses.count(Status.MISSING), -len(statuses))
        for section, statuses in planned.items()
        if len(statuses) > 1 and Status.MISSING in statuses
    }
    if not often:
        return ""
    most = max(often.values())
    names = listed([titles[section] for section, times in often.items() if times == most])
    of_all = "" if -most[1] == len(takes) else " that planned it"
    return f" Most often left out: {names}, in {most[0]} of {-most[1]} takes{of_all}."


def _last_judged(takes: Sequence[TakeNumbers]) -> str:
    return "The last take" if takes[-1].judged else "The last take that could be judged"


def pace_answer(takes: Sequence[TakeNumbers]) -> str:
    """Answer “Do I speak too fast?”."""
    paced = [t for t in takes if t.judged and t.words_per_minute is not None]
    if not paced:
        return "No take has times yet." if any(t.judged for t in takes) else _NONE_JUDGED
    pace = round(paced[-1].words_per_minute or 0.0)
    last = "the last take" if paced[-1] is takes[-1] else "the last take whose pace could be judged"
    how = "fast" if pace > FAST_WPM else "slow" if pace < SLOW_WPM else "easy to follow"
    return (
        f"{pace} words a minute in {last}, which is {how} (easy: {SLOW_WPM:.0f} to {FAST_WPM:.0f})."
    )


def fillers_answer(takes: Sequence[TakeNumbers]) -> str:
    """Answer “Do fillers get fewer?”."""
    counted = [t for t in takes if t.fillers_per_minute is not None]
    if not counted:
        return "No take has times yet." if any(t.judged for t in takes) else _NONE_JUDGED
    first, last = counted[0], counted[-1]
    counts = " in which they could be counted"
    told = f"At least {last.fillers_per_minute:.1f} a minute in the last take"
    told += "" if last is takes[-1] else counts
    if len(counted) == 1:
        return f"{told}."
    told += f", {first.fillers_per_minute:.1f} in the first"
    return f"{told}." if first is takes[0] or counts in told else f"{told}{counts}."


def limitations_answer(takes: Sequence[TakeNumbers]) -> str:
    """Answer “Do I say where it fails?”."""
    judged = [take for take in takes if take.judged]
    if not judged:
        return _NONE_JUDGED
    last = _last_judged(takes)
    told = {
        "stated": f"{last} stated limitations.",
        "possible": f"{last} may have stated limitations; its review asks you.",
        "not_heard": f"No limitations were heard in {last[0].lower()}{last[1:]}"
        + (", which breaks off." if _breaks_off(judged[-1]) else "."),
    }[judged[-1].limitations]
    stated = sum(t.limitations == "stated" for t in judged)
    # Those of a take that breaks off may have come after.
    known = sum(t.limitations == "stated" or not _breaks_off(t) for t in judged)
    return f"{told} {stated} of {known} takes stated them." if known > 1 else told


def findings_answer(takes: Sequence[TakeNumbers]) -> str:
    """Answer “Do the findings get solved?”."""
    judged = [take for take in takes if take.judged]
    if not judged:
        return _NONE_JUDGED
    last, name = judged[-1], _last_judged(takes)
    told = f"{count(len(last.open_findings), 'finding')} open in {name[0].lower()}{name[1:]}"
    if len(judged) == 1:
        return f"{told}."
    return f"{told}; {len(last.solved)} solved since the one before."


def count(number: int, what: str) -> str:
    """So many of ``what``."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


# --- practice --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class QuestionProgress:
    """A question that was answered. ``answers`` has all of them, follow-ups too, oldest first.

    Only what is ``in_bank`` comes back by itself when it is due.
    """

    id: str
    text: str
    domain: str
    answers: tuple[PracticeAnswer, ...]
    due: datetime
    in_bank: bool

    @property
    def first_answers(self) -> tuple[PracticeAnswer, ...]:
        """The answers to the question itself; only they are scored and scheduled."""
        return tuple(a for a in self.answers if a.depth == 0)

    @property
    def last_score(self) -> float:
        """How good the newest answer was, 0 to 1."""
        return self.first_answers[-1].verdict.score


@dataclass(frozen=True, slots=True)
class DomainProgress:
    """A domain of questions. ``score`` is the mean of the last scores, ``None`` without any.

    ``questions`` is how many the bank has, ``None`` where they depend on the talk; ``answered``
    counts those it still has.
    """

    id: str
    title: str
    score: float | None
    answered: int
    due: int
    questions: int | None


def practice_progress(
    answers: Sequence[PracticeAnswer], bank: Mapping[str, Question], now: datetime
) -> tuple[list[DomainProgress], list[QuestionProgress]]:
    """The domains in the order of the bank, and the questions that were answered, first due first.

    Those that do not come back by themselves stand last. A question that is no longer in the bank
    keeps the words it was asked in.
    """
    due = due_at(answers)
    by_question: dict[str, list[PracticeAnswer]] = {}
    for answer in sorted(answers, key=lambda a: a.at):
        by_question.setdefault(answer.question_id, []).append(answer)
    questions = [
        QuestionProgress(
            id=question_id,
            text=_text(question_id, given, bank),
            domain=given[-1].domain,
            answers=tuple(given),
            due=due[question_id],
            in_bank=question_id in bank,
        )
        for question_id, given in by_question.items()
        # Follow-ups whose first answer was deleted are no answer to the question.
        if question_id in due
    ]
    questions.sort(key=lambda q: (not q.in_bank, q.due))
    domains = []
    for domain, title in {**DOMAINS, ABOUT_TALK: "About your talks"}.items():
        own = [q for q in questions if q.domain == domain]
        scores = [q.last_score for q in own]
        in_bank = {q.id for q in bank.values() if q.domain == domain}
        about_talk = domain == ABOUT_TALK
        domains.append(
            DomainProgress(
                id=domain,
                title=title,
                score=sum(scores) / len(scores) if scores else None,
                answered=len(own) if about_talk else sum(q.id in in_bank for q in own),
                due=sum(q.in_bank and is_due(q.due, now) for q in own),
                questions=None if about_talk else len(in_bank),
            )
        )
    return domains, questions


def _text(question_id: str, given: Sequence[PracticeAnswer], bank: Mapping[str, Question]) -> str:
    if question_id in bank:
        return bank[question_id].text
    return next((a.asked for a in reversed(given) if a.depth == 0), given[-1].asked)
