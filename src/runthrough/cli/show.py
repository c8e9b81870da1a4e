"""Values as text for a terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from runthrough.export import SIGNS, answered, standing, status_of
from runthrough.talk import (
    NOT_JUDGED,
    Report,
    Status,
    Take,
    TalkFormat,
    minutes,
    spent_of_planned,
)

if TYPE_CHECKING:
    from runthrough.transcription.models import Model

_WIDTH = 88
# What a terminal takes as orders. A transcript or a title may be anybody's.
_CONTROLS = {c: "\ufffd" for c in (*range(0x20), *range(0x7F, 0xA0)) if chr(c) not in "\n\t"}


def plain(text: str) -> str:
    """``text`` without what would steer the terminal it is printed on."""
    return text.translate(_CONTROLS)


def report(review: Report) -> str:
    """The review of a take, as a page to read."""
    lines = []
    title = review.talk_title or "Transcript"
    lines.append(f"{title} · {spent_of_planned(review)}")
    if review.model:
        lines.append(f"Heard with {review.model}.")
    if review.about_times:
        lines.append(review.about_times)
    lines += ["", "Sections"]
    for section in review.sections:
        time = minutes(section.planned_s)
        if review.duration_s is not None:
            time = f"{review.time_of(section)} of {time}"
        optional = "" if section.required else "  (optional)"
        sign, _, word = status_of(section, review).partition(" ")
        lines.append(f"  {sign} {section.title:<14} {word:<8} {time:>14}{optional}")
        if section.evidence and review.judged:
            nearest = "nearest: " if section.status is Status.MISSING else ""
            lines.append(_wrapped(f"{nearest}“{section.evidence[0].quote}”", "      "))
    delivery = review.delivery
    lines += ["", "Delivery"]
    rate = delivery.words_per_minute
    pace = "" if rate is None else f", {rate:.0f} words a minute"
    lines.append(f"  {_count(delivery.words, 'word')}{pace}")
    if delivery.filler_count:
        items = ", ".join(f"{word} {count}" for word, count in delivery.fillers[:5])
        lines.append(f"  at least {_count(delivery.filler_count, 'filler')}: {items}")
    if delivery.pauses_s:
        count, longest = len(delivery.pauses_s), f"{delivery.longest_pause_s:.1f} s"
        several = f"{count} pauses, the longest {longest}"
        lines.append("  " + (several if count > 1 else f"1 pause of {longest}"))
    heard = [item.id.replace("_", " ") for item in review.rigor if item.met]
    lacking = [item.id.replace("_", " ") for item in review.rigor if not item.met]
    lines += ["", "Rigor"]
    if review.judged:
        lines.append(_wrapped(f"heard: {', '.join(heard) or 'nothing'}", "  "))
        lines.append(_wrapped(f"not heard: {', '.join(lacking) or 'nothing'}", "  "))
    else:
        lines.append(f"  {NOT_JUDGED}")
    findings = standing(review)
    lines += ["", f"Findings ({len(findings)})"]
    for finding in findings:
        at = "" if finding.start_s is None else f"  [{minutes(finding.start_s)}]"
        lines.append(f"  {SIGNS[finding.severity]} {finding.title}{at}")
        lines.append(_wrapped(finding.detail, "    "))
        for evidence in finding.evidence[:1]:
            if evidence.quote not in finding.detail:
                lines.append(_wrapped(f"“{evidence.quote}”", "    "))
    if told := answered(review):
        lines += ["", f"Answered ({len(told)})"]
        for finding, said in told:
            lines += [f"  {finding.title}", _wrapped(said, "    ")]
    return plain("\n".join(lines))


def talk_format(fmt: TalkFormat) -> str:
    """A format with its sections."""
    lines = [f"{fmt.id}  {fmt.title}  {minutes(fmt.planned_s)}"]
    for section in fmt.sections:
        optional = "" if section.required else "  optional"
        lines.append(f"  {section.title:<14} {minutes(section.planned_s):>6}{optional}")
    return plain("\n".join(lines))


def take_line(take: Take, talk_title: str) -> str:
    """A take as one line of a list."""
    when = take.started.strftime("%Y-%m-%d %H:%M")
    note = f"  {take.problem}" if take.problem else ""
    return plain(
        f"{take.id}  {when}  {minutes(take.duration_s):>6}  {take.state.value:<11} "
        f"{talk_title} · take {take.number}{note}"
    )


def model_line(model: Model) -> str:
    """A speech model as one line of a list."""
    where = f"`runthrough models get {model.name}`"
    if model.ready:
        where = f"{model.source.value}{'' if model.verifiable else ', unverified'}"
    return f"{model.name:<10} {model.size_bytes / 1e6:>6.0f} MB  {where:<34} {model.about}"


def model_to_json(model: Model) -> dict[str, Any]:
    """A speech model as ``models --json`` prints it."""
    return {
        "name": model.name,
        "about": model.about,
        "source": model.source.value,
        "folder": str(model.folder) if model.folder else None,
        "size_bytes": model.size_bytes,
        "languages": list(model.languages),
        "licence": model.licence,
        "verifiable": model.verifiable,
    }


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _wrapped(text: str, indent: str) -> str:
    return textwrap.fill(text, _WIDTH, initial_indent=indent, subsequent_indent=indent)
