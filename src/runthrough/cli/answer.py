"""`runthrough answer` and `runthrough questions`: one practice answer judged, and what is asked."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runthrough.cli import show
from runthrough.cli.lines import each_line, standard_input
from runthrough.errors import InputError
from runthrough.practice.bank import ABOUT_TALK, ABOUT_TALK_TITLE, DOMAINS, find_question
from runthrough.transcripts import MOST_BYTES, parse_transcript, read_transcript

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from runthrough.practice.bank import Question
    from runthrough.talk import AnswerVerdict, Report, Transcript
    from runthrough.transcription.recognizer import Recognizer

_TEXT = (".txt", ".md", ".srt", ".vtt", ".json")
# Text under such a name, as a page that was saved in place of a recording, is no answer.
_SOUND = (".wav", ".mp3", ".m4a", ".flac", ".ogg", ".opus", ".mp4", ".mov", ".mkv", ".webm", ".aac")


def answer(
    args: argparse.Namespace,
    recognizer: Callable[[], AbstractContextManager[Recognizer]],
    *,
    report: Report | None = None,
    own_questions: Path | None = None,
) -> int:
    """Judge what ``args`` names and print the verdict. Raises ``InputError``.

    ``report`` is that of the take the question is about, ``own_questions`` the user's folder.
    """
    from runthrough import wire
    from runthrough.practice.follow_ups import follow_up
    from runthrough.practice.judging import judge_answer

    question = _question(args.question, report, own_questions)
    if args.jsonl:

        def judged(given: Transcript) -> dict[str, Any]:
            return _to_json(question, given, judge_answer(question, given))

        return each_line(args, args.file, judged, "judged")
    if args.file is None:
        raise InputError("Name the answer's file, text or audio, or - for standard input.")
    transcript = _transcript(args.file, recognizer)
    verdict = judge_answer(question, transcript)
    if hasattr(args, "json"):
        print(wire.dumps(_to_json(question, transcript, verdict)))
        return 0
    print(to_text(verdict))
    asked = follow_up(question, [verdict])
    if asked:
        print(show.plain(f"Next an interviewer would ask: {asked.text}"))
    return 0


def questions(args: argparse.Namespace, found: Sequence[Question]) -> int:
    """Print ``found``, by domain."""
    from runthrough import wire

    if hasattr(args, "json"):
        print(
            wire.dumps(
                {"schema": "runthrough.questions/1", "questions": [_as_json(q) for q in found]}
            )
        )
        return 0
    domain = ""
    for question in found:
        if question.domain != domain:
            domain = question.domain
            print(("" if question is found[0] else "\n") + _title(domain))
        print(show.plain(f"  {question.id:34} {question.text}"))
        if question.about:
            print(show.plain(f"  {'':34} ({question.about})"))
    return 0


def _as_json(question: Question) -> dict[str, Any]:
    return {
        "id": question.id,
        "domain": question.domain,
        "text": question.text,
        "seconds": question.seconds,
        "points": [{"id": p.id, "says": p.says} for p in question.points],
        "source": question.source,
        "about": question.about,
        "at": question.at_s,
    }


def _title(domain: str) -> str:
    return ABOUT_TALK_TITLE if domain == ABOUT_TALK else DOMAINS[domain]


def _question(question_id: str, report: Report | None, own: Path | None) -> Question:
    if report is not None:
        from runthrough.practice.about_talk import questions_about

        about = {q.id: q for q in questions_about(report)}
        if question_id in about:
            return about[question_id]
    return find_question(question_id, own)


def _transcript(
    name: str, recognizer: Callable[[], AbstractContextManager[Recognizer]]
) -> Transcript:
    if name == "-":
        return parse_transcript(standard_input().read(MOST_BYTES + 1), "", "Standard input")
    path = Path(name)
    # What may not be entered counts as not there, and is told when it is read.
    there = os.path.exists(path)  # noqa: PTH110 - a ``Path``'s raises where none may enter
    there = there and not os.path.isdir(path)  # noqa: PTH112 - as above
    if path.suffix.lower() in _TEXT or not there or _is_text(path):
        return read_transcript(path)
    from runthrough.analysis import transcript_of_words
    from runthrough.audio.decode import decode_to_wav

    with tempfile.TemporaryDirectory() as folder, recognizer() as listening:
        sound = Path(folder) / "answer.wav"
        decode_to_wav(path, sound)
        heard = listening.transcribe(sound)
    return transcript_of_words(
        heard.words, duration_s=heard.duration_s, language=heard.language, model=heard.model
    )


def _is_text(path: Path) -> bool:
    """Whether there is text in a file whose name does not tell; recordings are full of controls."""
    if path.suffix.lower() in _SOUND or not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError:
        return True  # whoever reads text tells why it can't be read
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return not any(byte < ord(" ") and byte not in b"\t\n\v\f\r\x1b" for byte in head)


def _to_json(question: Question, transcript: Transcript, verdict: AnswerVerdict) -> dict[str, Any]:
    from runthrough import wire
    from runthrough.practice.follow_ups import follow_up

    asked = follow_up(question, [verdict])
    return wire.answer_to_json(
        question.id,
        " ".join(s.text for s in transcript.sentences),
        transcript.duration_s,
        verdict,
        {"id": asked.id, "text": asked.text} if asked else None,
    )


def to_text(verdict: AnswerVerdict) -> str:
    """For people."""
    lines = [f"Score {verdict.score:.2f}"]
    for point in verdict.points:
        lines.append(f"  {'✓ heard    ' if point.met else '✕ not heard'} {point.says}")
        lines += [f"      “{quote}”" for quote in point.quotes[:2]]
    for mistake in verdict.mistakes:
        lines += [
            f"  ! this sounds like a common mistake: “{mistake.quote}”",
            f"      {mistake.correction}",
        ]
    lines += [f"  ! this may sound like waving it away: “{d}”" for d in verdict.other_deflections]
    return show.plain("\n".join(lines))
