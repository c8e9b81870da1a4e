"""The command line: thin hands on the same core that the window drives.

What it prints with ``--json`` is a contract with scripts outside the project.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from runthrough import __version__
from runthrough.cli import show
from runthrough.errors import InputError, LibraryError, RunthroughError
from runthrough.formats import DEFAULT_FORMAT, find_format, load_formats
from runthrough.talk import LONGEST_S, minutes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TextIO

    from runthrough.handout import WritePdf
    from runthrough.library import Library
    from runthrough.settings import Settings
    from runthrough.talk import Report
    from runthrough.transcription.recognizer import Recognizer

_EXIT_DEFECT, _EXIT_USAGE, _EXIT_MISSING, _EXIT_INTERRUPTED = 1, 2, 3, 130
# What a path itself may be refused for, even when it is only asked whether it is there.
_OUT_OF_REACH = (errno.EACCES, errno.EPERM, errno.ENAMETOOLONG)


class _Parser(argparse.ArgumentParser):
    """Complains in one sentence."""

    def error(self, message: str) -> NoReturn:
        name = self.prog
        print(f"{message[:1].upper()}{message[1:]}. See `{name} --help`.", file=sys.stderr)
        sys.exit(_EXIT_USAGE)


def build_parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    from runthrough.handout import FORMATS
    from runthrough.practice.bank import DOMAINS

    shared = _Parser(add_help=False, argument_default=argparse.SUPPRESS)
    shared.add_argument("--library", type=Path, metavar="DIR", help="the library folder to use")
    shared.add_argument("--debug", action="store_true", help="show the traceback of a failure")
    as_json = _Parser(add_help=False, argument_default=argparse.SUPPRESS)
    as_json.add_argument("--json", action="store_true", help="print one JSON document")

    parser = _Parser(
        prog="runthrough",
        description="Rehearse a research talk alone and be told the truth about it. "
        "Without a command the window opens.",
        parents=[shared],
    )
    parser.add_argument("--version", action="version", version=f"runthrough {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=_Parser)

    def add(name: str, do: Callable[[argparse.Namespace], int], text: str) -> _Parser:
        command: _Parser = commands.add_parser(
            name, help=text, description=f"{text[:1].upper()}{text[1:]}.", parents=[shared, as_json]
        )
        command.set_defaults(do=do)
        return command

    command = add("import", _import, "take a recording into the library, transcribe and review it")
    command.add_argument("audio", type=Path, metavar="AUDIO", help="any audio or video file")
    command.add_argument("--talk", metavar="NAME", help="the talk it is a take of")
    command.add_argument("--format", metavar="ID", help="the talk's format; see `formats`")
    command.add_argument("--slides", type=Path, metavar="PDF", help="the talk's slides")
    command.add_argument("--model", metavar="NAME", help="the speech model; see `models`")

    command = add("record", _record, "record a take from the microphone, then review it")
    command.add_argument("--talk", metavar="NAME", default="Untitled talk")
    command.add_argument("--format", metavar="ID")
    command.add_argument("--device", metavar="NAME", default="", help="the microphone's name")
    command.add_argument("--seconds", type=_seconds, metavar="N", help="stop after N seconds")
    command.add_argument("--model", metavar="NAME", help="the speech model; see `models`")

    command = add("analyze", _analyze, "review a transcript that is already text")
    command.add_argument(
        "transcript", metavar="TRANSCRIPT", nargs="?", help=".txt .md .srt .vtt .json, - for input"
    )
    command.add_argument("--format", metavar="ID", default=DEFAULT_FORMAT)
    command.add_argument("--duration", type=_seconds, metavar="SECONDS", help="the talk's length")
    command.add_argument(
        "--jsonl",
        action="store_true",
        help='standard input holds one {"id": …, "text": …} a line; one report a line comes out',
    )

    command = add("answer", _answer, "judge one practice answer, text or audio")
    command.add_argument(
        "file", metavar="FILE", nargs="?", help="text, subtitles or audio; - for standard input"
    )
    command.add_argument(
        "--question", metavar="ID", default="limitations", help="what was asked; see `questions`"
    )
    command.add_argument("--take", metavar="TAKE", help="the take the question is about")
    command.add_argument("--model", metavar="NAME", help="the speech model; see `models`")
    command.add_argument(
        "--jsonl",
        action="store_true",
        help='standard input holds one {"id": …, "text": …} a line; one verdict a line comes out',
    )

    command = add("questions", _questions, "list what an interviewer may ask")
    command.add_argument("--domain", metavar="ID", choices=list(DOMAINS), help="one domain only")
    command.add_argument("--take", metavar="TAKE", help="what would be asked about this take")

    add("formats", _formats, "list the talk formats, with planned time per section")
    add("takes", _takes, "list the takes in the library")
    command = add("show", _show, "print the report of one take")
    command.add_argument("take", metavar="TAKE", help="a take's id, or last")
    command = add("export", _export, "write the review of a take as a file for others")
    command.add_argument("take", metavar="TAKE", help="a take's id, or last")
    command.add_argument("--to", required=True, metavar="FORMAT", help=" ".join(FORMATS))
    command.add_argument(
        "-o",
        dest="path",
        type=Path,
        metavar="PATH",
        help="the file to write; for audio its ending is the format: .flac .wav .opus .m4a",
    )
    command.add_argument(
        "--embed-audio",
        action="store_true",
        help="html only: put the sound into the page instead of a file beside it",
    )

    command = add("models", _models, "list the speech models, or fetch one")
    command.add_argument("action", nargs="?", choices=["get"], help="get NAME downloads a model")
    command.add_argument("name", nargs="?", metavar="NAME")
    command = add(
        "doctor", _doctor, "check this computer: microphone, speakers, display, model, library"
    )
    command.add_argument(
        "--repair",
        action="store_true",
        help="mend what is damaged in the library; nothing is deleted",
    )
    return parser


def run(
    argv: list[str],
    open_window: Callable[[Path | None], int] | None = None,
    write_pdf: WritePdf | None = None,
    load_window: Callable[[], object] = lambda: None,
) -> int:
    """Run the command in ``argv`` and return the exit code; never a traceback unless asked.

    What needs Qt is given: how a window is opened, how a PDF is drawn, and how to try whether a
    window can be loaded.
    """
    if sys.stderr is None:  # closed, or a program without a terminal; print would go elsewhere
        sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - open until the program ends
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    given = argparse.Namespace(write_pdf=write_pdf, load_window=load_window)
    # The window opens sooner without all that the commands need.
    args = build_parser().parse_args(argv, given) if argv else given
    try:
        if not hasattr(args, "do"):
            return _open(args, open_window)
        code: int = args.do(args)
        if sys.stdout is not None:  # closed, or a program without a terminal
            sys.stdout.flush()
    except RunthroughError as error:
        return _fail(args, str(error), error.exit_code)
    except KeyboardInterrupt:
        return _fail(args, "Stopped. What was recorded is kept.", _EXIT_INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output went away; nobody is left to tell.
        _drop(sys.stdout)
        return 0
    except Exception as error:  # noqa: BLE001 - the last place to turn a defect into a sentence
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            _drop(sys.stdout)
            return _fail(args, "The disk is full. Free some space and try again.", _EXIT_MISSING)
        if (
            isinstance(error, OSError)
            and error.errno in _OUT_OF_REACH
            and isinstance(error.filename, str)
        ):
            sentence = f"{error.filename} can't be reached ({error.strerror}). Name another."
            return _fail(args, sentence, _EXIT_USAGE)
        return _fail(
            args,
            f"This is a defect in Runthrough ({type(error).__name__}: {error}). "
            "Run it again with --debug and report what it prints.",
            _EXIT_DEFECT,
        )
    return code


def _drop(stream: TextIO | None) -> None:
    """Let what is not printed yet go nowhere, so that the end of the program does not try again."""
    if stream is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _tell(text: str, begin: str = "", end: str = "\n") -> None:
    """Print on standard error. That its reader went away must not end a recording."""
    try:
        print(begin + show.plain(text), end=end, file=sys.stderr, flush=True)
    except OSError:
        _drop(sys.stderr)


def _fail(args: argparse.Namespace, sentence: str, code: int) -> int:
    if hasattr(args, "debug"):
        _tell(traceback.format_exc(), end="")
    _tell(sentence)
    return code


# --- commands --------------------------------------------------------------------------------


def _open(args: argparse.Namespace, open_window: Callable[[Path | None], int] | None) -> int:
    from runthrough.cli.doctor import has_display

    if open_window is not None and has_display():
        return open_window(getattr(args, "library", None))
    print("There is no display to be reached, so no window opens.")
    print("Here is the sample talk's review instead.\n")
    return _review_sample(args)


def _review_sample(args: argparse.Namespace) -> int:
    """Listen to the sample talk as to any recording, in a library of its own."""
    import tempfile

    from runthrough.errors import ModelError
    from runthrough.library import Library, TakeFolder
    from runthrough.rehearsal import import_recording
    from runthrough.resources import resource

    sample = TakeFolder(resource("sample"))
    fmt = sample.take().format
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            contextlib.closing(Library(Path(folder))) as library,
            _recognizer(args) as recognizer,
        ):
            _, report = import_recording(
                library,
                sample.audio,
                recognizer,
                talk_title="Sample talk",
                format_id=fmt.id,
                progress=_Bar().show,
            )
    except ModelError as error:
        print(f"{error}\nThis is the review that ships with the sample.\n")
        shipped = sample.report()
        if shipped is None:
            raise
        report = shipped
    print(show.report(report))
    print(
        "\nNext: `runthrough import RECORDING` reviews a recording of yours, "
        "`runthrough record` records one."
    )
    return 0


def _import(args: argparse.Namespace) -> int:
    from runthrough.rehearsal import import_recording

    with _library(args) as library, _recognizer(args) as recognizer:
        take, report = import_recording(
            library,
            args.audio,
            recognizer,
            talk_title=args.talk,
            format_id=args.format,
            slides=args.slides,
            progress=_Bar().show,
        )
    if take.problem:
        _tell(take.problem)
    return _print_report(args, report)


def _record(args: argparse.Namespace) -> int:
    from runthrough.rehearsal import TAIL_S, Rehearsal, talk_hotwords

    with _library(args) as library, _recognizer(args) as recognizer:
        known = library.talk_titled(args.talk)
        wanted = args.format or (known.format_id if known else DEFAULT_FORMAT)
        fmt = find_format(wanted, library.root / "formats")
        talk = known or library.new_talk(args.talk, fmt.id)
        rehearsal = Rehearsal(library, talk, talk.planned(fmt), microphone=args.device)
        try:
            rehearsal.open()
            hotwords = talk_hotwords(library, talk)
            rehearsal.begin(recognizer, longest_s=args.seconds, hotwords=hotwords)
            _tell("Recording. Ctrl-C ends the take.")
            warned = ""
            with contextlib.suppress(KeyboardInterrupt):
                # What is said while the take ends is kept too, and counts; but some must have come.
                while rehearsal.failure is None and (
                    args.seconds is None or rehearsal.position_s <= max(0.0, args.seconds - TAIL_S)
                ):
                    time.sleep(0.05)
                    warning = rehearsal.warning()
                    if warning.partition(":")[0] != warned.partition(":")[0]:
                        _tell(warning or "Recording goes on.")
                    warned = warning
            take = rehearsal.finish()
        except BaseException:
            rehearsal.close()
            if known is None and rehearsal.take is None:
                library.forget_talk(talk)
            raise
        if rehearsal.failure is not None and take.duration_s <= 0:
            rehearsal.stop_transcribing()
            library.forget_take(take.id)
            if known is None:
                library.forget_talk(talk)
            raise rehearsal.failure
        if take.problem:
            _tell(take.problem)
        report = rehearsal.review(recognizer, progress=_Bar().show)
    return _print_report(args, report)


def _analyze(args: argparse.Namespace) -> int:
    fmt = find_format(args.format, _own_folder(args, "formats"))
    from runthrough.analysis import review
    from runthrough.cli.lines import each_line, standard_input
    from runthrough.transcripts import MOST_BYTES, parse_transcript, read_transcript

    if args.jsonl:
        from runthrough import wire

        return each_line(
            args,
            args.transcript,
            lambda transcript: wire.report_to_json(review(transcript, fmt)),
            "reviewed",
        )
    if args.transcript is None:
        raise InputError("Name a transcript to review, or - to read it from standard input.")
    if args.transcript == "-":
        data = standard_input().read(MOST_BYTES + 1)
        transcript = parse_transcript(data, "", "Standard input", duration_s=args.duration)
    else:
        transcript = read_transcript(Path(args.transcript), duration_s=args.duration)
    return _print_report(args, review(transcript, fmt))


def _answer(args: argparse.Namespace) -> int:
    from runthrough.cli.answer import answer

    return answer(
        args,
        lambda: _recognizer(args),
        report=_report_of(args, args.take) if args.take else None,
        own_questions=_own_folder(args, "questions"),
    )


def _questions(args: argparse.Namespace) -> int:
    from runthrough.cli.answer import questions
    from runthrough.practice.about_talk import questions_about
    from runthrough.practice.bank import load_questions

    if args.take:
        if args.domain:
            raise InputError("--domain is for the bank, --take for one take. Use one of the two.")
        about = questions_about(_report_of(args, args.take))
        if not about:
            _tell("There is nothing to ask about this take. Choose another with --take.")
        return questions(args, about)
    found, problems = load_questions(_own_folder(args, "questions"))
    for problem in problems:
        _tell(problem)
    return questions(args, [q for q in found.values() if args.domain in (None, q.domain)])


def _formats(args: argparse.Namespace) -> int:
    from runthrough import wire

    formats, problems = load_formats(_own_folder(args, "formats"))
    for problem in problems:
        _tell(problem)
    if hasattr(args, "json"):
        document = {"formats": [wire.format_to_json(fmt) for fmt in formats.values()]}
        print(wire.dumps(document, indent=2))
    else:
        print("\n\n".join(show.talk_format(fmt) for fmt in formats.values()))
    return 0


def _takes(args: argparse.Namespace) -> int:
    from runthrough import wire

    with _library(args) as library:
        takes = library.takes()
        titles = {summary.talk.id: summary.talk.title for summary in library.talks()}
    if hasattr(args, "json"):
        rows = [
            wire.take_to_json(take) | {"talk_title": titles.get(take.talk_id)} for take in takes
        ]
        print(wire.dumps({"takes": rows}, indent=2))
    elif takes:
        print("\n".join(show.take_line(take, titles.get(take.talk_id, "?")) for take in takes))
    else:
        print("No takes yet. Record one with `runthrough record`.")
    return 0


def _show(args: argparse.Namespace) -> int:
    return _print_report(args, _report_of(args, args.take))


def _report_of(args: argparse.Namespace, take_id: str) -> Report:
    """The report of a take; transcribed and judged now if it has none yet."""
    with _library(args) as library:
        take = library.take(take_id)
        report = library.folder(take.id).report()
        if report is None:
            with _recognizer(args) as recognizer:
                from runthrough.rehearsal import review_take

                report = review_take(library, take.id, recognizer, progress=_Bar().show)
    return report


def _export(args: argparse.Namespace) -> int:
    from runthrough import handout, wire

    kind = handout.kind_of(args.to, args.path, sound_inside=args.embed_audio)
    if args.embed_audio and (kind.to != "html" or args.path is None):
        raise InputError("--embed-audio is for --to html with -o PATH.")
    report = _report_of(args, args.take) if kind.needs_review else None
    with _library(args) as library:
        take = library.take(args.take)
        folder = library.folder(take.id)
        if args.path is None and report is not None and kind.to != "pdf":
            if hasattr(args, "json") and kind.to != "json":
                raise InputError(f"--json and {kind.to} can't both be printed. Add -o PATH.")
            text = handout.text(folder, report, kind.to)
            print(show.plain(text) if sys.stdout.isatty() else text, end="")
            return 0
        titles = {summary.talk.id: summary.talk.title for summary in library.talks()}
        name = handout.file_name(titles.get(take.talk_id, ""), take, kind.ending)
        written = handout.write(
            folder,
            kind,
            args.path or handout.free_path(Path(name)),
            report=report,
            write_pdf=args.write_pdf,
            progress=_Bar().show,
        )
    _tell(f"Written: {', '.join(map(str, written))}")
    if hasattr(args, "json"):
        print(wire.dumps({"written": [str(path) for path in written]}))
    return 0


def _models(args: argparse.Namespace) -> int:
    from runthrough import wire
    from runthrough.transcription import models

    if args.action == "get":
        if args.name is None:
            raise InputError("Name the model to download, as in `runthrough models get base.en`.")
        model = models.download(args.name, _Bar().show_bytes)
        if hasattr(args, "json"):
            print(wire.dumps(show.model_to_json(model), indent=2))
        else:
            print(f"{model.name} is ready in {model.folder}.")
        return 0
    found = models.list_models()
    if hasattr(args, "json"):
        print(wire.dumps({"models": [show.model_to_json(model) for model in found]}, indent=2))
    else:
        print("\n".join(show.model_line(model) for model in found))
    return 0


def _doctor(args: argparse.Namespace) -> int:
    from runthrough import wire
    from runthrough.cli.doctor import examine

    if args.repair:
        _repair(args)
    try:
        root: Path | LibraryError = _library_root(args)
    except LibraryError as error:
        root = error
    checks = examine(root, _settings(), args.load_window)
    if hasattr(args, "json"):
        document = {
            "checks": [
                {"id": c.id, "ok": c.ok, "needed": c.needed, "detail": c.detail} for c in checks
            ]
        }
        print(wire.dumps(document, indent=2))
    else:
        for check in checks:
            print(f"{'✓' if check.ok else '✕'} {check.name:<12} {check.detail}")
    return 0 if all(check.ok or not check.needed for check in checks) else _EXIT_MISSING


def _repair(args: argparse.Namespace) -> None:
    from runthrough.library import Library
    from runthrough.repair import repair_library

    with contextlib.closing(Library(_library_root(args))) as library:
        done = repair_library(library)
    for sentence in done or ["Nothing in the library had to be mended."]:
        _tell(sentence)


# --- what several commands need --------------------------------------------------------------


@contextlib.contextmanager
def _library(args: argparse.Namespace) -> Iterator[Library]:
    from runthrough.library import Library
    from runthrough.rehearsal import recover_interrupted

    with contextlib.closing(Library(_library_root(args))) as library:
        for take in recover_interrupted(library):
            _tell(
                f"A take that was cut off is safe: {take.id}, {minutes(take.duration_s)}. "
                "`runthrough show last` reviews the newest."
            )
        yield library


@contextlib.contextmanager
def _recognizer(args: argparse.Namespace) -> Iterator[Recognizer]:
    """Raises ``ModelError`` before anything is read or recorded if there is no model."""
    from runthrough.transcription.models import find_model, verify
    from runthrough.transcription.recognizer import Recognizer

    settings = _settings()
    model = find_model(getattr(args, "model", None) or settings.model or None, settings.language)
    verify(model)
    with Recognizer(model, language=settings.language) as recognizer:
        yield recognizer


def _settings() -> Settings:
    from runthrough.settings import load_settings

    return load_settings(tell=_tell)


def _library_root(args: argparse.Namespace) -> Path:
    """The library that was named, or the one the settings name. Raises ``LibraryError``."""
    from runthrough.library import default_library_root

    given: Path | None = getattr(args, "library", None)
    return given or default_library_root(_settings().library)


def _own_folder(args: argparse.Namespace, name: str) -> Path | None:
    """The user's own formats or questions; what ships does without the library, and that is told.

    A user's own may replace a shipped one, so it would be another answer without a word.
    """
    try:
        return _library_root(args) / name
    except LibraryError as error:
        _tell(str(error))
        return None


def _print_report(args: argparse.Namespace, report: Report) -> int:
    from runthrough import wire

    if hasattr(args, "json"):
        print(wire.dumps(wire.report_to_json(report)))
    else:
        print(show.report(report))
    return 0


def _seconds(text: str) -> float:
    """A length of time from an argument: m:ss or seconds."""
    from runthrough.transcripts import SHORTEST_S

    try:
        whole, _, seconds = text.rpartition(":")
        value = 60 * float(whole or 0) + float(seconds)
    except ValueError:
        value = -1.0
    if not SHORTEST_S <= value < LONGEST_S:
        raise argparse.ArgumentTypeError(f"{text!r} is no length of time; write seconds or m:ss")
    return value


class _Bar:
    """Progress with time left, on a terminal only, and only on standard error."""

    _WIDTH = 30

    def __init__(self) -> None:
        self._stage = ""
        self._began = 0.0
        self._quiet = not sys.stderr.isatty()

    def show(self, stage: str, fraction: float) -> None:
        """Draw ``stage`` at ``fraction`` (0..1)."""
        if self._quiet:
            return
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._began = stage, now
        fraction = min(1.0, max(0.0, fraction))
        filled = round(fraction * self._WIDTH)
        left = ""
        if 0 < fraction < 1:
            left = f"{minutes((now - self._began) * (1 - fraction) / fraction)} left"
        bar = "█" * filled + "·" * (self._WIDTH - filled)
        end = "\n" if fraction >= 1 else ""
        _tell(f"{stage:<22} {bar} {fraction:4.0%} {left:<12}", begin="\r", end=end)

    def show_bytes(self, done: int, total: int) -> None:
        """Draw a download."""
        self.show(f"Downloading {total / 1e6:.0f} MB", done / total if total else 0.0)
