"""A review as a file for other people and other programs.

Everything comes from the report alone. Text from a talk is escaped wherever it stands in markup,
and the HTML loads nothing from outside.
"""

from __future__ import annotations

import html
import json
import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from runthrough import wire
from runthrough.errors import InputError
from runthrough.resources import resource
from runthrough.talk import Report, SentenceVerdict, Severity, Word, minutes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

# Subtitles follow the common rules (as BBC Subtitle Guidelines and Netflix's timed text style):
# at most two lines of so many characters, read at so many characters a second, shown for so long.
_LINE, _LINES = 42, 2
_CHARACTERS_PER_S = 20.0
_LEAST_S, _MOST_S = 1.0, 7.0
# A silence of this length ends a subtitle.
_SILENCE_S = 1.0
_SIGNS = {Severity.HIGH: "✕", Severity.MEDIUM: "◐", Severity.LOW: "·", Severity.GOOD: "✓"}
_WAVE_WIDTH, _WAVE_HEIGHT = 1000, 80


@dataclass(frozen=True, slots=True)
class Cue:
    """One subtitle. ``text`` has at most two lines."""

    start_s: float
    end_s: float
    text: str


def formats() -> dict[str, str]:
    """The text formats there are, and the ending of their files."""
    return {name: ending for name, (ending, _) in _WRITERS.items()}


def export_text(report: Report, to: str, outline: Sequence[tuple[float, float]] = ()) -> str:
    """``report`` in the format ``to``, one of ``formats()``.

    ``outline`` is the waveform for HTML: lowest and highest, -1 to 1, in equal steps. Raises
    ``InputError`` for an unknown format, and for subtitles of a transcript without times.
    """
    if to not in _WRITERS:
        raise InputError(f"There is no format “{to}”. Choose one of: {', '.join(_WRITERS)}.")
    if to in ("srt", "vtt", "audacity") and (not report.timed or report.duration_s is None):
        raise InputError(f"This transcript has no times, so it can't be written as {to}.")
    if to == "html":
        return _html(report, outline)
    return _WRITERS[to][1](report)


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
    made = []
    for index, group in enumerate(groups):
        text = "\n".join(_lines([w.text for w in group]))
        start_s, end_s = group[0].start_s, group[-1].end_s
        after = groups[index + 1][0].start_s if index + 1 < len(groups) else math.inf
        # Long enough to be read, as far as the next one leaves room.
        wanted_s = max(end_s - start_s, len(text) / _CHARACTERS_PER_S, _LEAST_S)
        made.append(Cue(start_s, max(min(start_s + wanted_s, after), start_s + 0.001), text))
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
    for word in words:
        joined = f"{lines[-1]} {word}".strip()
        if len(joined) <= _LINE or not lines[-1]:
            lines[-1] = joined
        else:
            lines.append(word)
    return lines


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
    for name, sentences in _paragraphs(report):
        start_s, end_s = sentences[0].start_s or 0.0, sentences[-1].end_s or 0.0
        labels.append((start_s, end_s, name))
    labels += [
        (f.start_s, f.end_s if f.end_s is not None else f.start_s, f.title)
        for f in report.findings
        if f.start_s is not None
    ]
    return "".join(
        f"{start:.3f}\t{end:.3f}\t{' '.join(text.split())}\n" for start, end, text in labels
    )


# --- text ------------------------------------------------------------------------------------


def _paragraphs(report: Report) -> Iterator[tuple[str, list[SentenceVerdict]]]:
    """Stretches of one section each, with the section's title."""
    titles = {section.id: section.title for section in report.sections}
    run: list[SentenceVerdict] = []
    for sentence in report.sentences:
        if run and sentence.section != run[-1].section:
            yield titles.get(run[0].section, run[0].section.capitalize()), run
            run = []
        run.append(sentence)
    if run:
        yield titles.get(run[0].section, run[0].section.capitalize()), run


def _txt(report: Report) -> str:
    parts = []
    for name, sentences in _paragraphs(report):
        parts.append(
            f"[{_at(sentences[0].start_s)}{name}]\n{' '.join(s.text for s in sentences)}\n"
        )
    return "\n".join(parts)


def _markdown(report: Report) -> str:
    lines = [f"# {_md(report.talk_title or 'Transcript')}", ""]
    spent = "" if report.duration_s is None else f"{minutes(report.duration_s)} of "
    lines += [f"{spent}{minutes(report.planned_s)} planned.", "", "## Sections", ""]
    lines += ["| section | told | time | planned |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {_md(s.title)} | {s.status.sign} {s.status.value} | {minutes(s.spent_s)} "
        f"| {minutes(s.planned_s)} |"
        for s in report.sections
    ]
    lines += ["", "## Findings", ""]
    for finding in report.findings:
        at = "" if finding.start_s is None else f" ({minutes(finding.start_s)})"
        lines.append(
            f"- {_SIGNS[finding.severity]} **{_md(finding.title)}**{at}: {_md(finding.detail)}"
        )
        lines += [f"  > {_md(e.quote)}" for e in finding.evidence[:2]]
    lines += ["", "## Transcript", ""]
    for name, sentences in _paragraphs(report):
        lines += [f"**{_at(sentences[0].start_s)}{_md(name)}**", ""]
        lines += [_md(" ".join(s.text for s in sentences)), ""]
    return "\n".join(lines)


def _md(text: str) -> str:
    """``text`` with what Markdown and its HTML would read as markup made plain."""
    escaped = " ".join(text.split())
    escaped = re.sub(r"[\\`*_\[\]|#<>&~]", r"\\\g<0>", escaped)
    # A list, a quotation or a heading begins so.
    return re.sub(r"^(\d*)([-+=.)])", r"\1\\\2", escaped)


def _at(seconds: float | None) -> str:
    return "" if seconds is None else f"{minutes(seconds)} "


def _json(report: Report) -> str:
    return json.dumps(wire.report_to_json(report), ensure_ascii=False, indent=2)


# --- HTML ------------------------------------------------------------------------------------


def _html(report: Report, outline: Sequence[tuple[float, float]] = ()) -> str:
    title = html.escape(report.talk_title or "Transcript")
    style = resource("theme", "report.css").read_text(encoding="utf-8")
    script = resource("theme", "report.js").read_text(encoding="utf-8")
    spent = "" if report.duration_s is None else f"{minutes(report.duration_s)} of "
    body = [f"<h1>{title}</h1>", f"<p>{spent}{minutes(report.planned_s)} planned.</p>"]
    if outline:
        body.append(_wave(outline))
    if report.timed and report.duration_s is not None:
        # Plays where the sound lies beside this page under this name.
        body.append('<audio controls preload="none" src="audio.wav"></audio>')
    body.append("<h2>Sections</h2><table><tr><th>section<th>told<th>time<th>planned</tr>")
    body += [
        f"<tr><td>{html.escape(s.title)}<td>{s.status.sign} {s.status.value}"
        f"<td>{minutes(s.spent_s)}<td>{minutes(s.planned_s)}</tr>"
        for s in report.sections
    ]
    body.append("</table><h2>Findings</h2>")
    for finding in report.findings:
        body.append(
            f"<h3>{_SIGNS[finding.severity]} {html.escape(finding.title)} "
            f"{_jump(finding.start_s)}</h3><p>{html.escape(finding.detail)}</p>"
        )
        body += [f"<blockquote>{html.escape(e.quote)}</blockquote>" for e in finding.evidence[:2]]
    body.append("<h2>Transcript</h2>")
    for name, sentences in _paragraphs(report):
        text = html.escape(" ".join(s.text for s in sentences))
        body.append(f"<h3>{html.escape(name)} {_jump(sentences[0].start_s)}</h3><p>{text}</p>")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'; script-src 'unsafe-inline'; media-src 'self' data:\">"
        f"<title>{title}</title><style>{style}</style></head><body>{''.join(body)}"
        f"<script>{script}</script></body></html>\n"
    )


def _jump(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f'<button data-t="{seconds:.2f}">{minutes(seconds)}</button>'


def _wave(outline: Sequence[tuple[float, float]]) -> str:
    middle, step = _WAVE_HEIGHT / 2, _WAVE_WIDTH / len(outline)
    path = "".join(
        f"M{i * step:.1f} {middle - high * middle:.1f}V{middle - low * middle:.1f}"
        for i, (low, high) in enumerate(outline)
    )
    return (
        f'<svg viewBox="0 0 {_WAVE_WIDTH} {_WAVE_HEIGHT}" preserveAspectRatio="none" '
        f'role="img" aria-label="Waveform"><path d="{path}" stroke="currentColor" '
        f'stroke-width="{max(1.0, step):.1f}"/></svg>'
    )


_WRITERS: dict[str, tuple[str, Callable[[Report], str]]] = {
    "md": ("md", _markdown),
    "html": ("html", _html),
    "json": ("json", _json),
    "srt": ("srt", _srt),
    "vtt": ("vtt", _vtt),
    "txt": ("txt", _txt),
    "audacity": ("labels.txt", _audacity),
}
