"""Talks, takes, reviews and answers as JSON and back, for the disk and for scripts.

The report's form is a contract with scripts outside the project (schema
``runthrough.report/1``): fields may be added, never renamed or removed. It is also how a review
is kept on disk, so reading takes what writing made, of this and earlier versions.
"""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, date, datetime
from typing import Any

from runthrough.talk import (
    Answer,
    AnswerVerdict,
    Asked,
    Corrections,
    Delivery,
    Event,
    EventKind,
    Evidence,
    Filler,
    Finding,
    FindingAnswer,
    Limitations,
    MistakeHeard,
    PaceWindow,
    Point,
    PointHeard,
    PracticeAnswer,
    Report,
    RigorItem,
    Section,
    SectionCorrection,
    SectionVerdict,
    Sentence,
    SentenceVerdict,
    Severity,
    Sound,
    Status,
    Take,
    TakeState,
    Talk,
    TalkFormat,
    Transcript,
    Word,
    WordCorrection,
    whole_text,
)

REPORT_SCHEMA = "runthrough.report/1"
TRANSCRIPT_SCHEMA = "runthrough.transcript/1"
CORRECTIONS_SCHEMA = "runthrough.corrections/1"
ANSWER_SCHEMA = "runthrough.answer/1"
PRACTICE_SCHEMA = "runthrough.practice/1"
ASKED_SCHEMA = "runthrough.asked/1"

Json = dict[str, Any]

# Seconds, counts and shares beyond this are damage: thirty years.
_LARGEST = 1e9
# Ids become names of files and folders, and must not lead elsewhere.
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def dumps(value: Json, *, indent: int | None = None) -> str:
    """``value`` as strict JSON text: UTF-8 as spoken, no NaN."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)


def loads(text: str | bytes) -> Any:
    """The value in JSON ``text``, UTF-8. Raises ``ValueError`` for anything that is none."""
    try:
        return json.loads(text.decode("utf-8-sig") if isinstance(text, bytes) else text)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error


def _time(seconds: float | None) -> float | None:
    """Milliseconds are finer than any recogniser; more digits only make files long."""
    return None if seconds is None or not math.isfinite(seconds) else round(seconds, 3)


# --- report ----------------------------------------------------------------------------------


def report_to_json(report: Report) -> Json:
    """The contract's document for ``report``."""
    return {
        "schema": REPORT_SCHEMA,
        "take": report.take_id,
        "talk": report.talk_title,
        "format": report.format_id,
        "duration_s": _time(report.duration_s),
        "planned_s": report.planned_s,
        "timed": report.timed,
        "whole": report.whole,
        "model": report.model,
        "language": report.language,
        "sentences": [
            {
                "i": s.index,
                "start": _time(s.start_s),
                "end": _time(s.end_s),
                "text": s.text,
                "section": s.section,
                "confidence": round(s.confidence, 3),
            }
            for s in report.sentences
        ],
        "sections": [
            {
                "id": s.id,
                "title": s.title,
                "required": s.required,
                "status": s.status.value,
                "seconds": _time(s.spent_s),
                "heard_s": _time(s.heard_s),
                "timer_s": _time(s.timer_s),
                "planned_s": _time(s.planned_s),
                "spans": [[_time(start), _time(end)] for start, end in s.spans_s],
                "confidence": round(s.confidence, 3),
                "evidence": [_evidence_to_json(e) for e in s.evidence],
                "by_speaker": s.by_speaker,
            }
            for s in report.sections
        ],
        "limitations": {
            "state": report.limitations.state,
            "evidence": [_evidence_to_json(e) for e in report.limitations.evidence],
            "where": _point_to_json(report.limitations.where),
            "why": _point_to_json(report.limitations.why),
            "fix": _point_to_json(report.limitations.fix),
            "deflects": bool(report.limitations.deflections),
            "deflections": [_evidence_to_json(e) for e in report.limitations.deflections],
        },
        "rigor": [
            {
                "id": r.id,
                "met": r.met,
                "confidence": round(r.confidence, 3),
                "evidence": [_evidence_to_json(e) for e in r.evidence],
                "by_speaker": r.by_speaker,
            }
            for r in report.rigor
        ],
        "delivery": _delivery_to_json(report.delivery),
        "findings": [
            {
                "id": f.id,
                "severity": f.severity.value,
                "title": f.title,
                "detail": f.detail,
                "start": _time(f.start_s),
                "end": _time(f.end_s),
                "drill": f.drill,
                "evidence": [_evidence_to_json(e) for e in f.evidence],
                "answer": f.answer.value if f.answer else None,
            }
            for f in report.findings
        ],
        "words": [_word_to_json(w) for w in report.words],
    }


def report_from_json(data: Json) -> Report:
    """The report that ``report_to_json`` wrote.

    Raises ``KeyError``, ``TypeError`` or ``ValueError`` if ``data`` is no such document.
    """
    if data["schema"] != REPORT_SCHEMA:
        raise ValueError(f"unknown schema {data['schema']!r}")
    limitations = data["limitations"]
    return Report(
        take_id=_maybe_text(data["take"]),
        talk_title=_maybe_text(data["talk"]),
        format_id=_text(data["format"]),
        duration_s=_number(data["duration_s"]),
        planned_s=_real(data["planned_s"]),
        timed=bool(data.get("timed", True)),
        whole=bool(data.get("whole", True)),
        model=_text(data["model"]),
        language=_text(data["language"]),
        sentences=tuple(
            SentenceVerdict(
                i,
                _number(s["start"]),
                _number(s["end"]),
                _text(s["text"]),
                _text(s["section"]),
                _real(s["confidence"]),
            )
            for i, s in enumerate(data["sentences"])
        ),
        sections=tuple(
            SectionVerdict(
                id=_text(s["id"]),
                title=_text(s.get("title", s["id"])),
                required=bool(s["required"]),
                status=Status(s["status"]),
                heard_s=_real(s.get("heard_s", s["seconds"])),
                timer_s=_number(s.get("timer_s")),
                planned_s=_real(s["planned_s"]),
                spans_s=_spans(s["spans"]),
                confidence=_real(s["confidence"]),
                evidence=_evidence_from_json(s["evidence"]),
                by_speaker=bool(s.get("by_speaker", False)),
            )
            for s in data["sections"]
        ),
        limitations=Limitations(
            state=_text(limitations["state"]),
            evidence=_evidence_from_json(limitations["evidence"]),
            where=_point_from_json(limitations["where"]),
            why=_point_from_json(limitations["why"]),
            fix=_point_from_json(limitations["fix"]),
            deflections=_evidence_from_json(limitations["deflections"]),
        ),
        rigor=tuple(
            RigorItem(
                _text(r["id"]),
                bool(r["met"]),
                _real(r["confidence"]),
                _evidence_from_json(r["evidence"]),
                bool(r.get("by_speaker", False)),
            )
            for r in data["rigor"]
        ),
        delivery=_delivery_from_json(data["delivery"]),
        findings=tuple(
            Finding(
                id=_text(f["id"]),
                severity=Severity(f["severity"]),
                title=_text(f["title"]),
                detail=_text(f["detail"]),
                start_s=_number(f["start"]),
                end_s=_number(f["end"]),
                drill=_maybe_text(f["drill"]),
                evidence=_evidence_from_json(f.get("evidence", [])),
                answer=Answer(f["answer"]) if f.get("answer") else None,
            )
            for f in data["findings"]
        ),
        words=tuple(_word_from_json(w) for w in data["words"]),
    )


def _evidence_to_json(evidence: Evidence) -> Json:
    data: Json = {
        "sentence": evidence.sentence,
        "start": _time(evidence.start_s),
        "end": _time(evidence.end_s),
        "quote": evidence.quote,
    }
    if evidence.state:
        data["state"] = evidence.state
    if evidence.confidence is not None:
        data["confidence"] = round(evidence.confidence, 3)
    return data


def _evidence_from_json(items: list[Json]) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(
            _whole(e["sentence"]),
            _number(e["start"]),
            _number(e["end"]),
            _text(e["quote"]),
            _text(e.get("state", "")),
            _number(e.get("confidence")),
        )
        for e in items
    )


def _point_to_json(point: Point) -> Json:
    return {"met": point.met, "evidence": [_evidence_to_json(e) for e in point.evidence]}


def _point_from_json(data: Json) -> Point:
    return Point(bool(data["met"]), _evidence_from_json(data["evidence"]))


def _delivery_to_json(delivery: Delivery) -> Json:
    per_minute = delivery.fillers_per_minute
    rate = delivery.words_per_minute
    return {
        "words": delivery.words,
        "words_per_minute": None if rate is None else round(rate, 1),
        "pace": [
            {
                "start": _time(w.start_s),
                "end": _time(w.end_s),
                "words_per_minute": round(w.words_per_minute, 1),
            }
            for w in delivery.pace
        ],
        "fillers": {
            "count": delivery.filler_count,
            "per_minute": None if per_minute is None else round(per_minute, 2),
            "items": dict(delivery.fillers),
            "listened": delivery.heard_fillers,
            "places": [_filler_to_json(filler) for filler in delivery.filler_places],
        },
        "pauses": {
            "count": len(delivery.pauses_s),
            "longest_s": _time(delivery.longest_pause_s),
            "items": [[_time(start), _time(end)] for start, end in delivery.pauses_s],
        },
        "acronyms_unexplained": [
            {"term": term, "start": _time(start)} for term, start in delivery.acronyms_unexplained
        ],
        "silent_share": (
            None if delivery.silent_share is None else round(delivery.silent_share, 3)
        ),
        "hedges": dict(delivery.hedges),
        "repeats": [
            {"phrase": phrase, "count": count, "start": _time(start)}
            for phrase, count, start in delivery.repeats
        ],
        "long_sentences": list(delivery.long_sentences),
    }


def _delivery_from_json(data: Json) -> Delivery:
    fillers = data["fillers"]
    return Delivery(
        words=_whole(data["words"]),
        words_per_minute=_number(data["words_per_minute"]),
        pace=tuple(
            PaceWindow(_real(w["start"]), _real(w["end"]), _real(w["words_per_minute"]))
            for w in data["pace"]
        ),
        fillers=_counts(fillers["items"]),
        fillers_per_minute=_number(fillers["per_minute"]),
        pauses_s=_spans(data["pauses"]["items"]),
        acronyms_unexplained=tuple(
            (_text(a["term"]), _number(a["start"])) for a in data["acronyms_unexplained"]
        ),
        filler_places=tuple(_filler_from_json(f) for f in fillers.get("places", [])),
        heard_fillers=bool(fillers.get("listened", False)),
        silent_share=_number(data.get("silent_share")),
        hedges=_counts(data.get("hedges", {})),
        repeats=tuple(
            (_text(r["phrase"]), _whole(r["count"]), _number(r["start"]))
            for r in data.get("repeats", [])
        ),
        long_sentences=tuple(_whole(i) for i in data.get("long_sentences", [])),
    )


def _counts(items: Json) -> tuple[tuple[str, int], ...]:
    return tuple((_text(text), _whole(count)) for text, count in items.items())


def _spans(items: list[Any]) -> tuple[tuple[float, float], ...]:
    return tuple((_real(start), _real(end)) for start, end in items)


def _filler_to_json(filler: Filler) -> Json:
    return {
        "start": _time(filler.start_s),
        "end": _time(filler.end_s),
        "text": filler.text,
        "from_sound": filler.from_sound,
    }


def _filler_from_json(data: Json) -> Filler:
    return Filler(
        _real(data["start"]),
        _real(data["end"]),
        _text(data["text"]),
        bool(data["from_sound"]),
    )


# --- transcript ------------------------------------------------------------------------------


def transcript_to_json(transcript: Transcript) -> Json:
    """A transcript as it is kept beside the sound, and as ``analyze`` reads it back."""
    data: Json = {
        "schema": TRANSCRIPT_SCHEMA,
        "duration_s": _time(transcript.duration_s),
        "timed": transcript.timed,
        "model": transcript.model,
        "language": transcript.language,
        "sentences": [
            {"i": s.index, "start": _time(s.start_s), "end": _time(s.end_s), "text": s.text}
            for s in transcript.sentences
        ],
        "words": [_word_to_json(w) for w in transcript.words],
    }
    if transcript.sound is not None:
        data["sound"] = {
            "silences": [[_time(start), _time(end)] for start, end in transcript.sound.silences_s],
            "silent_share": round(transcript.sound.silent_share, 3),
            "fillers": [_filler_to_json(filler) for filler in transcript.sound.fillers],
        }
    return data


def transcript_from_json(data: Json) -> Transcript:
    """A transcript from its own JSON or from a report's.

    Raises ``KeyError``, ``TypeError`` or ``ValueError`` if ``data`` is neither.
    """
    if data.get("schema") not in (TRANSCRIPT_SCHEMA, REPORT_SCHEMA):
        raise ValueError(f"unknown schema {data.get('schema')!r}")
    duration = _number(data.get("duration_s"))
    return Transcript(
        sentences=tuple(
            Sentence(i, _number(s.get("start")), _number(s.get("end")), _text(s["text"]))
            for i, s in enumerate(data["sentences"])
        ),
        words=tuple(_word_from_json(w) for w in data.get("words", [])),
        duration_s=duration,
        timed=bool(data.get("timed", True)),
        language=_text(data.get("language", "en")),
        model=_text(data.get("model", "")),
        sound=_sound_from_json(data["sound"]) if data.get("sound") else None,
    )


def _sound_from_json(data: Json) -> Sound:
    return Sound(
        silences_s=_spans(data["silences"]),
        silent_share=_real(data["silent_share"]),
        fillers=tuple(_filler_from_json(f) for f in data["fillers"]),
    )


def _number(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("a number is not one")
    if not abs(value) <= _LARGEST:  # not a number is not either
        raise ValueError("a number is too large")
    return float(value)


def _real(value: Any) -> float:
    number = _number(value)
    if number is None:
        raise TypeError("a number is missing")
    return number


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _LARGEST:
        raise TypeError("a whole number is not one")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is not one")
    return value if value.isascii() else whole_text(value)


def _maybe_text(value: Any) -> str | None:
    return None if value is None else _text(value)


def _id(value: Any) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise ValueError("an id is not one")
    return value


def _when(value: Any) -> datetime:
    when = datetime.fromisoformat(value)
    return when if when.tzinfo is not None else when.replace(tzinfo=UTC)


def _word_to_json(word: Word) -> Json:
    return {
        "start": _time(word.start_s),
        "end": _time(word.end_s),
        "text": word.text,
        "probability": round(word.probability, 3),
    }


def _word_from_json(data: Json) -> Word:
    return Word(
        _real(data["start"]),
        _real(data["end"]),
        _text(data["text"]),
        _real(data.get("probability", 1.0)),
    )


# --- library files ---------------------------------------------------------------------------


def format_to_json(fmt: TalkFormat) -> Json:
    """A format as the command line prints it and a take keeps it."""
    return {
        "id": fmt.id,
        "title": fmt.title,
        "planned_s": fmt.planned_s,
        "sections": [
            {
                "id": s.id,
                "title": s.title,
                "planned_s": s.planned_s,
                "required": s.required,
                "questions": list(s.questions),
            }
            for s in fmt.sections
        ],
    }


def format_from_json(data: Json) -> TalkFormat:
    """The format that ``format_to_json`` wrote."""
    return TalkFormat(
        id=_text(data["id"]),
        title=_text(data["title"]),
        sections=tuple(
            Section(
                _text(s["id"]),
                _text(s["title"]),
                _real(s["planned_s"]),
                bool(s["required"]),
                tuple(_text(q) for q in s["questions"]),
            )
            for s in data["sections"]
        ),
    )


def talk_to_json(talk: Talk) -> Json:
    """A talk as its folder keeps it."""
    return {
        "id": talk.id,
        "title": talk.title,
        "format": talk.format_id,
        "created": talk.created.isoformat(),
        "notes": talk.notes,
        "due": talk.due.isoformat() if talk.due else None,
        "due_label": talk.due_label,
        "vocabulary": talk.vocabulary,
        "slides": talk.slides,
        "slide_sections": {str(number): section for number, section in talk.slide_sections},
        "plan_s": dict(talk.plan_s),
        "plan_format": talk.plan_format_id,
    }


def talk_from_json(data: Json) -> Talk:
    """The talk that ``talk_to_json`` wrote."""
    due = data.get("due")
    return Talk(
        id=_id(data["id"]),
        title=_text(data["title"]),
        format_id=_text(data["format"]),
        created=_when(data["created"]),
        notes=_text(data.get("notes", "")),
        due=date.fromisoformat(due) if due else None,
        due_label=_text(data.get("due_label", "Talk")),
        vocabulary=_text(data.get("vocabulary", "")),
        slides=_text(data.get("slides", "")),
        slide_sections=tuple(
            (int(number), _text(section))
            for number, section in data.get("slide_sections", {}).items()
        ),
        plan_s=tuple(
            (_text(section), _number(planned) or 0.0)
            for section, planned in data.get("plan_s", {}).items()
        ),
        plan_format_id=_text(data.get("plan_format", "")),
    )


def take_to_json(take: Take) -> Json:
    """A take as its folder keeps it, and as ``runthrough takes`` prints it."""
    return {
        "id": take.id,
        "talk": take.talk_id,
        "number": take.number,
        "started": take.started.isoformat(),
        "state": take.state.value,
        "format": format_to_json(take.format),
        "duration_s": _time(take.duration_s),
        "source": take.source,
        "problem": take.problem,
        "recovered": take.recovered,
        "broke_off": take.broke_off,
    }


def take_from_json(data: Json) -> Take:
    """The take that ``take_to_json`` wrote."""
    state, source = TakeState(data["state"]), _text(data.get("source", "microphone"))
    problem = _text(data.get("problem", ""))
    # Before it was kept, the only problem of a recording of elsewhere was that some was missing.
    in_part = source != "microphone" and state is not TakeState.FAILED and bool(problem)
    return Take(
        id=_id(data["id"]),
        talk_id=_id(data["talk"]),
        number=_whole(data["number"]),
        started=_when(data["started"]),
        state=state,
        format=format_from_json(data["format"]),
        duration_s=_number(data["duration_s"]) or 0.0,
        source=source,
        problem=problem,
        recovered=bool(data.get("recovered", False)),
        broke_off=bool(data.get("broke_off", in_part)),
    )


def event_to_json(event: Event) -> Json:
    """One line of a take's events."""
    return {"at": _time(event.at_s), "kind": event.kind.value, "value": event.value}


def event_from_json(data: Json) -> Event:
    """The event that ``event_to_json`` wrote."""
    return Event(_real(data["at"]), EventKind(data["kind"]), _text(data.get("value", "")))


def corrections_to_json(corrections: Corrections) -> Json:
    """What a speaker put right, as the take's folder keeps it."""
    return {
        "schema": CORRECTIONS_SCHEMA,
        "words": [
            {"start": _time(w.start_s), "end": _time(w.end_s), "heard": w.heard, "said": w.said}
            for w in corrections.words
        ],
        "sections": [
            {"start": _time(s.start_s), "end": _time(s.end_s), "section": s.section}
            for s in corrections.sections
        ],
        "answers": [
            {"finding": a.finding, "answer": a.answer.value, "at": _time(a.at_s)}
            for a in corrections.answers
        ],
    }


def corrections_from_json(data: Json) -> Corrections:
    """What ``corrections_to_json`` wrote.

    Raises ``KeyError``, ``TypeError`` or ``ValueError`` if ``data`` is no such document.
    """
    if data["schema"] != CORRECTIONS_SCHEMA:
        raise ValueError(f"unknown schema {data['schema']!r}")
    return Corrections(
        words=tuple(
            WordCorrection(_real(w["start"]), _real(w["end"]), _text(w["heard"]), _text(w["said"]))
            for w in data["words"]
        ),
        sections=tuple(
            SectionCorrection(_real(s["start"]), _real(s["end"]), _text(s["section"]))
            for s in data["sections"]
        ),
        answers=tuple(
            FindingAnswer(_text(a["finding"]), Answer(a["answer"]), _number(a["at"]))
            for a in data["answers"]
        ),
    )


# --- practice --------------------------------------------------------------------------------


def answer_to_json(
    question_id: str,
    transcript: str,
    duration_s: float | None,
    verdict: AnswerVerdict,
    follow_up: Json | None,
) -> Json:
    """The contract's document for one answer."""
    return {
        "schema": ANSWER_SCHEMA,
        "question": question_id,
        "duration_s": _time(duration_s),
        "transcript": transcript,
        **_verdict_to_json(verdict),
        "follow_up": follow_up,
    }


def practice_to_json(answer: PracticeAnswer) -> Json:
    """An answer as it is kept."""
    return {
        "schema": PRACTICE_SCHEMA,
        "id": answer.id,
        "question": answer.question_id,
        "domain": answer.domain,
        "asked": answer.asked,
        "at": answer.at.isoformat(),
        "transcript": answer.transcript,
        "duration_s": _time(answer.duration_s),
        **_verdict_to_json(answer.verdict),
        "round": answer.round_id,
        "depth": answer.depth,
        "take": answer.take_id,
        "rating": answer.rating,
        "sound": answer.has_sound,
    }


def practice_from_json(data: Json) -> PracticeAnswer:
    """The answer that ``data`` holds.

    Raises ``KeyError``, ``TypeError`` or ``ValueError`` if ``data`` is no such document.
    """
    if data["schema"] != PRACTICE_SCHEMA:
        raise ValueError(f"unknown schema {data['schema']!r}")
    return PracticeAnswer(
        id=_id(data["id"]),
        question_id=_text(data["question"]),
        domain=_text(data["domain"]),
        asked=_text(data["asked"]),
        at=_when(data["at"]),
        transcript=_text(data["transcript"]),
        duration_s=_real(data["duration_s"]),
        verdict=AnswerVerdict(
            points=tuple(
                PointHeard(
                    _text(p["id"]),
                    _text(p["says"]),
                    bool(p["met"]),
                    tuple(_text(q) for q in p["evidence"]),
                )
                for p in data["points"]
            ),
            mistakes=tuple(
                MistakeHeard(_text(m["says"]), _text(m["correction"]), _text(m["quote"]))
                for m in data["mistakes"]
            ),
            deflections=tuple(_text(d) for d in data["deflections"]),
        ),
        round_id=_text(data["round"]),
        depth=_whole(data["depth"]),
        take_id=_text(data["take"]),
        rating=_whole(data["rating"]),
        has_sound=bool(data["sound"]),
    )


def asked_to_json(asked: Asked) -> Json:
    """What an answer is spoken to, as it is kept."""
    return {
        "schema": ASKED_SCHEMA,
        "id": asked.id,
        "question": asked.question_id,
        "asked": asked.asked,
        "at": asked.at.isoformat(),
        "round": asked.round_id,
        "followed": list(asked.followed),
        "take": asked.take_id,
    }


def asked_from_json(data: Json) -> Asked:
    """What ``data`` holds; raises as ``practice_from_json`` does."""
    if data["schema"] != ASKED_SCHEMA:
        raise ValueError(f"unknown schema {data['schema']!r}")
    return Asked(
        id=_id(data["id"]),
        question_id=_text(data["question"]),
        asked=_text(data["asked"]),
        at=_when(data["at"]),
        round_id=_text(data["round"]),
        followed=tuple(_text(f) for f in data["followed"]),
        take_id=_text(data["take"]),
    )


def _verdict_to_json(verdict: AnswerVerdict) -> Json:
    return {
        "score": round(verdict.score, 2),
        "points": [
            {"id": p.id, "says": p.says, "met": p.met, "evidence": list(p.quotes)}
            for p in verdict.points
        ],
        "mistakes": [
            {"says": m.says, "correction": m.correction, "quote": m.quote} for m in verdict.mistakes
        ],
        "deflects": bool(verdict.deflections),
        "deflections": list(verdict.deflections),
    }
