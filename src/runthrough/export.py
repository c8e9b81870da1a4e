"""A review as a file for other people and other programs.

Everything comes from the report alone. Text from a talk is escaped wherever it stands in markup,
and the HTML loads nothing from outside.
"""

from __future__ import annotations

import html
import itertools
import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from runthrough import wire
from runthrough.errors import InputError
from runthrough.resources import resource
from runthrough.talk import (
    POSSIBLE_LIMIT,
    Answer,
    Report,
    SentenceVerdict,
    Severity,
    Word,
    minutes,
    spent_of_planned,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from runthrough.talk import Finding, SectionVerdict

# Subtitles follow the common rules (as BBC Subtitle Guidelines and Netflix's timed text style):
# at most two lines of so many characters, read at so many characters a second, shown for so long.
_LINE, _LINES = 42, 2
_CHARACTERS_PER_S = 20.0
_LEAST_S, _MOST_S = 1.0, 7.0
# A silence of this length ends a subtitle.
_SILENCE_S = 1.0
# Where speech is faster than reading, a subtitle comes so much before its words, or lags behind.
_EARLY_S, _LATE_S = 1.0, 2.0
# Formats that say nothing without times.
NEED_TIMES = ("srt", "vtt", "audacity")
SIGNS = {Severity.HIGH: "✕", Severity.MEDIUM: "◐", Severity.LOW: "·", Severity.GOOD: "✓"}
_WAVE_WIDTH, _WAVE_HEIGHT = 1000, 80
_ANSWERS = {
    Answer.THIS_IS_IT: "this is it",
    Answer.NOT_A_PROBLEM: "not a problem",
    Answer.MISHEARD: "the recogniser misheard",
}
_ANSWERS_TO_POSSIBLE_LIMIT = {
    **_ANSWERS,
    Answer.THIS_IS_IT: "yes, this is it",
    Answer.NOT_A_PROBLEM: "no, it is none",
}


@dataclass(frozen=True, slots=True)
class Cue:
    """One subtitle. ``text`` has at most two lines."""

    start_s: float
    end_s: float
    text: str


def export_text(
    report: Report,
    to: str,
    outline: Sequence[tuple[float, float]] = (),
    *,
    about: str = "",
    sound: str = "",
) -> str:
    """``report`` in the text format ``to``.

    The rest is for HTML: ``outline`` is the waveform, lowest and highest, -1 to 1, in equal steps;
    ``about`` says which take it is; ``sound`` is where the page finds the sound, a file's name
    beside it or a ``data:`` address. Raises ``InputError`` for what needs times of a transcript
    without them.
    """
    if to in NEED_TIMES and (not report.timed or report.duration_s is None):
        raise InputError(f"This transcript has no times, so it can't be written as {to}.")
    if to == "html":
        return _html(report, outline, about, sound)
    return _WRITERS[to](report)


def standing(report: Report) -> list[Finding]:
    """The findings that the speaker has not answered."""
    return [f for f in report.findings if f.answer is None]


def quotes(finding: Finding) -> list[str]:
    """What a finding rests on, in the speaker's words, as far as its detail has not quoted it."""
    return [e.quote for e in finding.evidence[:2] if e.quote not in finding.detail]


def answered(report: Report) -> list[tuple[Finding, str]]:
    """The findings that the speaker answered, each with a sentence that says how."""
    return [(f, said(f, f.answer)) for f in report.findings if f.answer]


def said(finding: Finding, answer: Answer) -> str:
    """The sentence that tells what the speaker answered to ``finding``."""
    return f"You said: {answers_to(finding)[answer]}."


def answers_to(finding: Finding) -> dict[Answer, str]:
    """What a speaker can say to ``finding``, as it stands within a sentence."""
    return _ANSWERS_TO_POSSIBLE_LIMIT if finding.id == POSSIBLE_LIMIT else _ANSWERS


# --- subtitles -------------------------------------------------------------------------------


def cues(report: Report) -> list[Cue]:
    """The words of ``report`` as subtitles, in order, none overlapping the next."""
    groups: list[list[Word]] = []
    for word in (replace(w, text=" ".join(w.text.split())) for w in report.words):
        if not word.text:
            continue
        now = groups[-1] if groups else []
        if now and _fits([*now, word]) and not _ends(now[-1], word):
            now.append(word)
        else:
            groups.append([word])
    made: list[Cue] = []
    free_s = 0.0  # from here on nothing is shown yet
    for index, group in enumerate(groups):
        text = "\n".join(_lines([w.text for w in group]))
        spoken_s = group[0].start_s
        after_s = groups[index + 1][0].start_s if index + 1 < len(groups) else math.inf
        # Counted with the line break, as players and checkers do that know no better.
        to_read_s = len(text) / _CHARACTERS_PER_S
        lacking_s = to_read_s - (after_s - max(spoken_s, free_s))
        start_s = max(free_s, spoken_s - min(max(0.0, lacking_s), _EARLY_S), 0.0)
        end_s = max(group[-1].end_s, start_s + max(to_read_s, _LEAST_S))
        # As far as the next one leaves room; where there is too little, the next one waits.
        end_s = min(end_s, max(after_s, min(start_s + to_read_s, after_s + _LATE_S)))
        made.append(Cue(start_s, max(end_s, start_s + 0.001), text))
        free_s = made[-1].end_s
    return made


def _fits(words: Sequence[Word]) -> bool:
    return (
        len(_lines([w.text for w in words])) <= _LINES
        and words[-1].end_s - words[0].start_s <= _MOST_S
    )


def _ends(last: Word, following: Word) -> bool:
    return last.text.endswith((".", "?", "!")) or following.start_s - last.end_s >= _SILENCE_S


def _lines(words: Sequence[str]) -> list[str]:
    lines = [""]
    for word in (part for long in words for part in _parts(long)):
        joined = f"{lines[-1]} {word}".strip()
        if len(joined) <= _LINE or not lines[-1]:
            lines[-1] = joined
        else:
            lines.append(word)
    return lines


def _parts(word: str) -> list[str]:
    """``word``, cut where it is longer than a line, as an address may be."""
    return [word[at : at + _LINE] for at in range(0, len(word), _LINE)] or [""]


def _srt(report: Report) -> str:
    return "\n".join(
        f"{number}\n{_clock(c.start_s, ',')} --> {_clock(c.end_s, ',')}\n{_plain_srt(c.text)}\n"
        for number, c in enumerate(cues(report), 1)
    )


def _plain_srt(text: str) -> str:
    """``text`` without tags. SubRip has no escapes: an unseen joiner keeps one from being one."""
    return re.sub(r"([<{]|--|\d:\d\d(?=[.,]\d))(?=\S)", "\\1\u2060", text)


def _vtt(report: Report) -> str:
    parts = ["WEBVTT\n"]
    for c in cues(report):
        # In WebVTT these begin tags and entities. Some readers take any times for those of a cue.
        text = re.sub(r"(\d:\d\d)(?=[.,]\d)", "\\1\u2060", c.text)
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        parts.append(f"{_clock(c.start_s, '.')} --> {_clock(c.end_s, '.')}\n{text}\n")
    return "\n".join(parts)


def _clock(seconds: float, point: str) -> str:
    whole = round(seconds * 1000)
    hours, rest = divmod(whole, 3_600_000)
    mins, rest = divmod(rest, 60_000)
    secs, millis = divmod(rest, 1000)
    return f"{hours:02d}:{mins:02d}:{secs:02d}{point}{millis:03d}"


def _audacity(report: Report) -> str:
    """Label track: sections as they were told, then findings."""
    labels = []
    for name, sentences in paragraphs(report):
        start_s, end_s = sentences[0].start_s or 0.0, sentences[-1].end_s or 0.0
        labels.append((start_s, end_s, name))
    labels += [
        (f.start_s, f.end_s if f.end_s is not None else f.start_s, f.title)
        for f in standing(report)
        if f.start_s is not None
    ]
    return "".join(
        f"{start:.3f}\t{end:.3f}\t{' '.join(text.split())}\n" for start, end, text in labels
    )


# --- text ------------------------------------------------------------------------------------


def paragraphs(report: Report) -> Iterator[tuple[str, list[SentenceVerdict]]]:
    """Stretches of one section each, with the section's title."""
    titles = {section.id: section.title for section in report.sections}
    for section, run in itertools.groupby(report.sentences, key=lambda s: s.section):
        # A section may be told that this format does not plan.
        yield titles.get(section, section.replace("_", " ").capitalize()), list(run)


def _txt(report: Report) -> str:
    parts = []
    for name, sentences in paragraphs(report):
        parts.append(
            f"[{_at(sentences[0].start_s)}{name}]\n{' '.join(s.text for s in sentences)}\n"
        )
    if not report.whole:
        parts.append(f"[{_at(report.duration_s)}The recording breaks off]\n")
    return "\n".join(parts)


def _markdown(report: Report) -> str:
    lines = [f"# {_md(report.talk_title or 'Transcript')}", ""]
    lines += [f"{spent_of_planned(report)}. {report.about_times}".strip(), "", "## Sections", ""]
    lines += ["| section | told | time | planned |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {_md(s.title)} | {status_of(s, report)} | {report.time_of(s)} "
        f"| {minutes(s.planned_s)} |"
        for s in report.sections
    ]
    lines += ["", "## Findings", ""]
    for finding in standing(report):
        at = "" if finding.start_s is None else f" ({minutes(finding.start_s)})"
        lines.append(
            f"- {SIGNS[finding.severity]} **{_md(finding.title)}**{at}: {_md(finding.detail)}"
        )
        lines += [f"  > {_md(quote)}" for quote in quotes(finding)]
    if told := answered(report):
        lines += ["", "## Answered", ""]
        lines += [f"- **{_md(finding.title)}**: {said}" for finding, said in told]
    lines += ["", "## Transcript", ""]
    for name, sentences in paragraphs(report):
        lines += [f"**{_at(sentences[0].start_s)}{_md(name)}**", ""]
        lines += [_md(" ".join(s.text for s in sentences)), ""]
    return "\n".join(lines)


def status_of(section: SectionVerdict, report: Report) -> str:
    """Whether ``section`` was told, as a sign and a word."""
    return f"{section.status.sign if report.judged else '–'} {report.told(section)}"


def _md(text: str) -> str:
    """``text`` with what Markdown and its HTML would read as markup made plain."""
    escaped = " ".join(text.split())
    escaped = re.sub(r"[\\`*_\[\]|#<>&~]", r"\\\g<0>", escaped)
    # A list, a quotation or a heading begins so.
    return re.sub(r"^(\d*)([-+=.)])", r"\1\\\2", escaped)


def _at(seconds: float | None) -> str:
    return "" if seconds is None else f"{minutes(seconds)} "


def _json(report: Report) -> str:
    return wire.dumps(wire.report_to_json(report), indent=2)


# --- HTML ------------------------------------------------------------------------------------


def _html(report: Report, outline: Sequence[tuple[float, float]], about: str, sound: str) -> str:
    title = html.escape(report.talk_title or "Transcript")
    style = resource("theme", "report.css").read_text(encoding="utf-8")
    script = resource("theme", "report.js").read_text(encoding="utf-8")
    parts = [html.escape(about)] if about else []
    parts.append(spent_of_planned(report))
    if report.about_times:
        parts.append(report.about_times)
    body = [f"<header><h1>{title}</h1><p>{' · '.join(parts)}</p></header>"]
    if report.timed and report.duration_s:
        body.append(_timeline(report, report.duration_s, outline))
        if sound:
            body.append(f'<audio controls preload="metadata" src="{html.escape(sound)}"></audio>')
    body.append(
        "<h2>Sections</h2><table><thead><tr><th>section<th>told<th>time<th>planned</thead><tbody>"
    )
    body += [
        f'<tr><td><i class="key {html.escape(s.id)}">{number}</i> {html.escape(s.title)}'
        f'<td><span class="{s.status.value if report.judged else ""}">{status_of(s, report)}</span>'
        f"<td>{report.time_of(s)}<td>{minutes(s.planned_s)}</tr>"
        for number, s in enumerate(report.sections, 1)
    ]
    body.append("</tbody></table><h2>Findings</h2>")
    for finding in standing(report):
        body.append(
            f'<section class="{finding.severity.value}"><h3>{SIGNS[finding.severity]} '
            f"{html.escape(finding.title)} {_jump(finding.start_s, plays=bool(sound))}</h3>"
            f"<p>{html.escape(finding.detail)}</p>"
        )
        body += [f"<blockquote>{html.escape(quote)}</blockquote>" for quote in quotes(finding)]
        body.append("</section>")
    if told := answered(report):
        body.append("<h2>Answered</h2>")
        body += [
            f"<section><h3>{html.escape(finding.title)}</h3><p>{said}</p></section>"
            for finding, said in told
        ]
    body.append("<h2>Transcript</h2>")
    for name, sentences in paragraphs(report):
        at = _jump(sentences[0].start_s, plays=bool(sound))
        body.append(f"<h3>{at} {html.escape(name)}</h3><p>")
        body += [_sentence(sentence) for sentence in sentences]
        body.append("</p>")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'; script-src 'unsafe-inline'; media-src 'self' file: data:\">"
        f"<title>{title}</title><style>{style}</style></head><body><main>{''.join(body)}</main>"
        f"<script>{script}</script></body></html>\n"
    )


def _sentence(sentence: SentenceVerdict) -> str:
    text = html.escape(sentence.text)
    if sentence.start_s is None:
        return f"{text} "
    return f'<span data-t="{sentence.start_s:.2f}">{text}</span> '


def _jump(seconds: float | None, *, plays: bool) -> str:
    if seconds is None:
        return ""
    at = minutes(seconds)
    if not plays:
        return f'<span class="at">{at}</span>'
    return f'<button data-t="{seconds:.2f}" aria-label="Play from {at}">{at}</button>'


def bands(
    report: Report, duration_s: float
) -> tuple[list[tuple[str, str, float, float]], list[tuple[str, str, float, float]]]:
    """Planned and heard sections in time: id, title, start and end as shares of the talk.

    The plan is stretched to the talk's length, as in the window.
    """
    total_s = sum(s.planned_s for s in report.sections) or 1.0
    planned, at_s = [], 0.0
    for s in report.sections:
        planned.append((s.id, s.title, at_s / total_s, (at_s + s.planned_s) / total_s))
        at_s += s.planned_s
    heard = [
        (s.id, s.title, start / duration_s, min(1.0, end / duration_s))
        for s in report.sections
        for start, end in s.spans_s
    ]
    return planned, heard


def _timeline(report: Report, duration_s: float, outline: Sequence[tuple[float, float]]) -> str:
    numbers = {s.id: number for number, s in enumerate(report.sections, 1)}

    def row(name: str, of: Sequence[tuple[str, str, float, float]]) -> str:
        cells = "".join(
            f'<i class="{html.escape(i)}" title="{html.escape(title)}" '
            f'style="left:{100 * start:.2f}%;width:{100 * (end - start):.2f}%">'
            f"{numbers[i] if end - start > 0.015 else ''}</i>"  # a sliver has no room for it
            for i, title, start, end in of
        )
        return f'<div class="band"><b>{name}</b><div>{cells}</div></div>'

    planned, heard = bands(report, duration_s)
    marks = "".join(
        f'<u style="left:{100 * f.start_s / duration_s:.2f}%" title="{html.escape(f.title)}">▼</u>'
        for f in standing(report)
        if f.start_s is not None and f.severity is not Severity.GOOD
    )
    return (
        f'<div class="timeline" data-length="{duration_s:.2f}">{row("planned", planned)}'
        f'<div class="wave"><b>▼ finding</b><div>{marks}{_wave(outline)}<s hidden></s></div></div>'
        f"{row('heard', heard)}</div>"
    )


def _wave(outline: Sequence[tuple[float, float]]) -> str:
    if not len(outline):
        return ""
    middle, step = _WAVE_HEIGHT / 2, _WAVE_WIDTH / len(outline)
    # As high as there is room: how loud the microphone was set tells nothing here.
    gain = 0.95 / max(0.05, *(max(-low, high) for low, high in outline))
    path = "".join(
        f"M{i * step:.1f} {middle - gain * high * middle - 0.5:.1f}"
        f"V{middle - gain * low * middle + 0.5:.1f}"
        for i, (low, high) in enumerate(outline)
    )
    return (
        f'<svg viewBox="0 0 {_WAVE_WIDTH} {_WAVE_HEIGHT}" preserveAspectRatio="none" '
        f'role="img" aria-label="Waveform"><path d="{path}" stroke="currentColor" '
        f'stroke-width="{max(0.8, step * 0.7):.1f}"/></svg>'
    )


_WRITERS: dict[str, Callable[[Report], str]] = {
    "md": _markdown,
    "json": _json,
    "srt": _srt,
    "vtt": _vtt,
    "txt": _txt,
    "audacity": _audacity,
}
