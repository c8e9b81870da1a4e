"""Two takes of one talk side by side: what got better, what got worse."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from runthrough.analysis.findings import BREAKS_OFF
from runthrough.talk import (
    CONTENT_SECTIONS,
    PACE_BAND,
    Answer,
    Delivery,
    Finding,
    Report,
    Severity,
    Status,
    minutes,
)

if TYPE_CHECKING:
    from collections.abc import Callable

# Differences below these are chance, not change: a tenth of the rate, half a filler a minute,
# three points of silence, ten seconds of a section.
_RATE, _FILLERS, _SILENCE, _SECONDS = 0.1, 0.5, 0.03, 10.0
_WEIGHT = {Severity.HIGH: 3, Severity.MEDIUM: 2, Severity.LOW: 1, Severity.GOOD: 0}
# The topic of how long the whole talk took; that of a section's time begins with the other.
_TIME, _SECTION_TIME = "time.whole", "time.section."
# Findings that say something else of the same thing, by what that is.
_TOPICS = {
    "limitations.possible": "section.limitations",
    "limitations.incomplete": "section.limitations",
    "time.over": _TIME,
    "time.early": _TIME,
    "delivery.fast": "delivery.pace",
    "delivery.slow": "delivery.pace",
}
# Findings of the recording: the talk gets neither better nor worse by them.
_OF_RECORDING = ("speech.none", "language.not_judged", BREAKS_OFF)
# How topics begin of what is lacking, which may have come after a break …
LACKING = ("section.", "rigor.", "delivery.acronyms")
# … and of what is heard, which may come after one yet.
_HEARD = ("time.", "delivery.pause", "delivery.acronyms", "limitations.deflects")
_RANK = {Status.MISSING: 0, Status.THIN: 1, Status.COVERED: 2}


class Change(StrEnum):
    """How something stands in the second take beside the first."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "same"
    OTHER_PLAN = "other plan"  # what was spent can't be set beside it
    BREAKS_OFF = "breaks off"  # nor where one of them has no end
    OTHER = "differs"  # what is neither good nor bad, or was measured in another way


@dataclass(frozen=True, slots=True)
class Row:
    """One thing in both takes, in words, and the change from ``before`` to ``after``."""

    group: str
    title: str
    before: str
    after: str
    change: Change


def compare(before: Report, after: Report) -> tuple[Row, ...]:
    """All that can be set side by side: coverage, timing, delivery, findings."""
    return (*_coverage(before, after), *_timing(before, after),
            *_delivery(before, after), *_findings(before, after))  # fmt: skip


def _coverage(before: Report, after: Report) -> list[Row]:
    earlier = {section.id: section for section in before.sections}
    rows = []
    for section in after.sections:
        old = earlier.get(section.id)
        was = "not planned" if old is None else before.told(old)
        change = Change.SAME
        if old is not None and before.judged and after.judged:
            change = _judge(_RANK[section.status] - _RANK[old.status], 0.5)
            change = _if_whole(change, before, after)
        rows.append(Row("Coverage", section.title, was, after.told(section), change))
    return rows


def _timing(before: Report, after: Report) -> list[Row]:
    if before.duration_s is None or after.duration_s is None:
        return []
    whole = before.whole and after.whole
    rows = [
        Row(
            "Timing",
            "The whole talk",
            _of(before.duration_s, before.planned_s),
            _of(after.duration_s, after.planned_s),
            _nearer_in_all(before, after) if whole else Change.BREAKS_OFF,
        )
    ]
    earlier = {section.id: section for section in before.sections}
    for section in after.sections:
        old = earlier.get(section.id)
        if old is not None and before.has_time(old) and after.has_time(section):
            change = _nearer((old.spent_s, old.planned_s), (section.spent_s, section.planned_s))
            if not whole:
                change = Change.BREAKS_OFF
            elif (old.timer_s is None) != (section.timer_s is None):
                change = Change.OTHER
            rows.append(
                Row(
                    "Timing",
                    section.title,
                    _of(old.spent_s, old.planned_s),
                    _of(section.spent_s, section.planned_s),
                    change,
                )
            )
    return rows


def _if_whole(change: Change, before: Report, after: Report) -> Change:
    """``change``, unless what there was less of may have come after a break."""
    less_in = {Change.BETTER: before, Change.WORSE: after}.get(change)
    return change if less_in is None or less_in.whole else Change.BREAKS_OFF


def _nearer_in_all(before: Report, after: Report) -> Change:
    """``_nearer`` of the whole talk."""
    return _nearer(
        (before.duration_s or 0.0, before.planned_s), (after.duration_s or 0.0, after.planned_s)
    )


def _nearer(before: tuple[float, float], after: tuple[float, float]) -> Change:
    """Whether the time spent came nearer to the one planned, if both had the same plan."""
    if before[1] != after[1]:
        return Change.OTHER_PLAN
    return _judge(abs(before[0] - before[1]) - abs(after[0] - after[1]), _SECONDS)


def _of(spent_s: float, planned_s: float) -> str:
    return f"{minutes(spent_s)} of {minutes(planned_s)}"


def _delivery(before: Report, after: Report) -> list[Row]:
    old, new = before.delivery, after.delivery

    def row(
        title: str,
        value: Callable[[Delivery], float | None],
        shown: Callable[[float], str],
        worse: Callable[[float], float] | None,
        least: float,
    ) -> list[Row]:
        a, b = value(old), value(new)
        if a is None or b is None:
            return []
        if worse is None:
            change = Change.SAME if abs(a - b) < least else Change.OTHER
        else:
            change = _judge(worse(a) - worse(b), least)
        return [Row("Delivery", title, shown(a), shown(b), change)]

    low, high = PACE_BAND
    judged = before.judged and after.judged
    rows = row(
        "Words a minute",
        lambda d: d.words_per_minute,
        lambda v: f"{v:.0f}",
        (lambda v: max(0.0, low - v, v - high)) if judged else None,
        _RATE * low,
    )
    # Takes reviewed before fillers were listened for would look better than they were.
    if judged and old.heard_fillers == new.heard_fillers:
        rows += row(
            "Fillers a minute",
            lambda d: d.fillers_per_minute,
            lambda v: f"at least {v:.1f}",
            lambda v: v,
            _FILLERS,
        )
    rows += row("Share of silence", lambda d: d.silent_share, lambda v: f"{v:.0%}", None, _SILENCE)
    rows += row("Longest pause", lambda d: d.longest_pause_s, lambda v: f"{v:.1f} s", None, 1.0)
    if judged:
        rows += row(
            "Acronyms not explained",
            lambda d: float(len(d.acronyms_unexplained)),
            lambda v: f"{v:.0f}",
            (lambda v: v) if before.whole and after.whole else None,
            0.5,
        )
    return rows


def _findings(before: Report, after: Report) -> list[Row]:
    """Findings gone, answered, changed, come and kept; those on one topic are one row.

    What one of the takes would not tell of has neither gone nor come, nor has a time where the
    plan is another.
    """
    old = {topic(f): f for f in before.findings if is_open(f) and _same_time(f, before, after)}
    new = {topic(f): f for f in after.findings if is_open(f) and _same_time(f, before, after)}
    answered = {topic(f) for f in before.findings if f.answer is not None}
    denied = answered_topics(after)
    gone = [
        Row("Findings", f.title, "found", "no longer", Change.BETTER)
        for key, f in old.items()
        if key not in new and key not in denied and _would_be_told(key, before, after)
    ]
    settled = [
        Row("Findings", f.title, "found", "answered", Change.SAME)
        for key, f in old.items()
        if key not in new and key in denied
    ]
    come = [
        Row("Findings", f.title, "not there", "new", Change.WORSE)
        for key, f in new.items()
        if key not in old and key not in answered and _would_be_told(key, after, before)
    ]
    kept, changed = [], []
    for key, f in new.items():
        if key not in old or key in _OF_RECORDING:
            continue
        if old[key].id == f.id:
            kept.append(Row("Findings", f.title, "found", "still", Change.SAME))
        else:
            change = _judge(_WEIGHT[old[key].severity] - _WEIGHT[f.severity], 0.5)
            change = _if_whole(change, before, after)
            if key == _TIME:
                change = _nearer_in_all(before, after)
            changed.append(Row("Findings", f.title, old[key].title, "this instead", change))
    return gone + changed + come + settled + kept


def _same_time(finding: Finding, before: Report, after: Report) -> bool:
    """Whether ``finding`` is of no time, or of one that both takes tell by the same plan."""
    about = topic(finding)
    if about == _TIME:
        return before.whole and after.whole and before.planned_s == after.planned_s
    if not about.startswith(_SECTION_TIME):
        return True
    section = about.removeprefix(_SECTION_TIME)
    old, new = ([s.planned_s for s in r.sections if s.id == section] for r in (before, after))
    return old == new


def _would_be_told(about: str, found_in: Report, other: Report) -> bool:
    """Whether ``other`` would tell of the topic too, if it stood there as in ``found_in``."""
    doubted = not found_in.whole and about.startswith(LACKING)
    return not doubted and not about.startswith(silent_on(other))


def silent_on(report: Report) -> tuple[str, ...]:
    """How the topics begin of which ``report`` tells nothing, however they stand."""
    if not report.judged:
        return ("",)
    of_id = {section.id: section for section in report.sections}
    untimed = (i for i in CONTENT_SECTIONS if i not in of_id or of_id[i].timer_s is None)
    silent = [
        *_OF_RECORDING,
        *(f"section.{i}" for i in CONTENT_SECTIONS if i not in of_id),
        *(f"{_SECTION_TIME}{i}" for i in untimed),
    ]
    # Rigor is asked of told experiments, and nobody waves away what they did not say.
    if "experiments" not in of_id or of_id["experiments"].status is not Status.COVERED:
        silent.append("rigor.")
    if report.limitations.state != "stated":
        silent.append("limitations.deflects")
    if not report.whole:
        silent += _HEARD
    return tuple(silent)


def topic(finding: Finding) -> str:
    """What a finding is about: a section that was missing and is now thin is one topic."""
    kind, _, last = finding.id.rpartition(".")
    if kind in ("section.missing", "section.thin"):
        return f"section.{last}"
    return _TOPICS.get(finding.id, finding.id)


def answered_topics(report: Report) -> set[str]:
    """What was found in ``report`` and called no problem or misheard: by that nothing is mended.

    Who says "this is it" shows where it was told.
    """
    denied = (Answer.NOT_A_PROBLEM, Answer.MISHEARD)
    return {topic(f) for f in report.findings if f.answer in denied}


def is_open(finding: Finding) -> bool:
    """Whether ``finding`` is something to mend that the speaker has not answered."""
    return finding.severity is not Severity.GOOD and finding.answer is None


def _judge(gain: float, least: float) -> Change:
    if abs(gain) < least:
        return Change.SAME
    return Change.BETTER if gain > 0 else Change.WORSE
