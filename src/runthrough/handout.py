"""A take as a file for others: which kinds there are, what they are called, and writing them.

Text is ``export``'s, sound is ``audio.encode``'s; a PDF is drawn by whoever knows how, since the
core knows no Qt.
"""

from __future__ import annotations

import base64
import contextlib
import itertools
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from runthrough.errors import AudioInputError, Cancelled, InputError
from runthrough.export import NEED_TIMES, export_text
from runthrough.files import replacing
from runthrough.talk import dated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from runthrough.library import TakeFolder
    from runthrough.talk import Report, Take

    # Report, waveform outline, what take it is, and the file to write.
    WritePdf = Callable[[Report, Sequence[tuple[float, float]], str, Path], None]

# As many steps as a wide screen or a page of print shows.
_OUTLINE_STEPS = 1000
_LONGEST_NAME = 80
# What file systems take, and what is left of it for the take's number and the ending.
_NAME_BYTES, _AFTER_TITLE_BYTES = 255, 55


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file. ``to`` is its format on the command line, ``ending`` has its dot."""

    to: str
    ending: str
    title: str
    sound_inside: bool = False

    @property
    def needs_review(self) -> bool:
        """Whether it can't be written before the take is reviewed."""
        return self.to != "audio"

    @property
    def needs_times(self) -> bool:
        """Whether it says nothing without times."""
        return self.to in NEED_TIMES


# In the order in which they are offered.
KINDS = (
    Kind("pdf", ".pdf", "Review as PDF"),
    Kind("html", ".html", "Review as web page, sound beside it"),
    Kind("html", ".html", "Review as web page, sound inside", sound_inside=True),
    Kind("md", ".md", "Review as Markdown"),
    Kind("json", ".json", "Review as JSON"),
    Kind("txt", ".txt", "Transcript as text"),
    Kind("srt", ".srt", "Subtitles, SRT"),
    Kind("vtt", ".vtt", "Subtitles, WebVTT"),
    Kind("audacity", ".labels.txt", "Labels for Audacity"),
    Kind("audio", ".m4a", "Sound as M4A"),
    Kind("audio", ".opus", "Sound as Opus"),
    Kind("audio", ".flac", "Sound as FLAC"),
    Kind("audio", ".wav", "Sound as WAV"),
)
FORMATS = tuple(dict.fromkeys(kind.to for kind in KINDS))


def file_name(title: str, take: Take, ending: str) -> str:
    """A name that says what is in the file and that every system takes."""
    plain = "".join(c if c.isalnum() or c in " -_" else " " for c in title)
    plain = " ".join(plain.split())[:_LONGEST_NAME]
    plain = (
        plain.encode()[: _NAME_BYTES - _AFTER_TITLE_BYTES].decode(errors="ignore").strip() or "Talk"
    )
    return f"{plain} - take {take.number}{ending}"


def free_path(path: Path) -> Path:
    """``path``, with a number where there is something already, for a name that nobody chose."""
    for number in itertools.count(1):
        free = path if number == 1 else path.with_stem(f"{path.stem}-{number}")
        if not os.path.lexists(free):
            return free
    raise AssertionError("counting never ends")


def about(take: Take) -> str:
    """Which take it is, for the head of a page."""
    return f"Take {take.number} · {dated(take.started, '%B %Y')}"


def write(
    folder: TakeFolder,
    kind: Kind,
    target: Path,
    *,
    report: Report | None = None,
    write_pdf: WritePdf | None = None,
    progress: Callable[[str, float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> list[Path]:
    """Write the take in ``folder`` to ``target`` and return all files that were written.

    A web page with its sound beside it is two; it has none where the sound is gone or damaged.
    Files appear when they are complete. ``report`` is read from the folder if it is not given;
    ``write_pdf`` is needed for a PDF. Raises ``InputError`` for what can't be written that way or
    there, ``Cancelled``, and what reading the take raises.
    """
    from runthrough.audio.encode import encode

    def far(stage: str) -> Callable[[float], None] | None:
        tell = progress
        return None if tell is None else lambda share: tell(stage, share)

    def write_sound(path: Path, stage: str = "Writing the sound") -> None:
        try:
            encode(folder.audio, path, progress=far(stage), cancelled=cancelled)
        except OSError as error:
            raise _not_written(path, error) from error

    _refuse_long_name(target)
    _refuse_no_file(target)
    if target.is_symlink():
        target = Path(os.path.realpath(target))  # what it leads to is written, and it stays
    if kind.to == "audio":
        write_sound(target)
        return [target]
    report = report or folder.report()
    if report is None:
        raise InputError("This take is not reviewed yet. Open its review first.")
    take = folder.take()
    written = [target]
    if kind.to == "pdf":
        if write_pdf is None:
            raise RuntimeError("a PDF needs somebody to draw it")
        with _complete(target, cancelled) as part:
            write_pdf(report, _outline(folder), about(take), part)
        return written
    outline: Sequence[tuple[float, float]] = ()
    sound = ""
    if kind.to == "html":
        outline = _outline(folder)
        has_times = report.timed and outline and report.duration_s is not None
        if has_times and kind.sound_inside:
            with tempfile.TemporaryDirectory() as place:
                inside = Path(place) / "sound.m4a"
                write_sound(inside, "Adding the sound")
                data = base64.b64encode(inside.read_bytes()).decode("ascii")
            sound = f"data:audio/mp4;base64,{data}"
        elif has_times:
            beside = _beside(target)
            if beside.name.lower() == target.name.lower():
                raise InputError(
                    f"{target.name} would be the page's sound. Name the page with .html."
                )
            write_sound(beside)
            written.append(beside)
            sound = _address(beside.name)
    text = export_text(report, kind.to, outline, about=about(take), sound=sound)
    with _complete(target, cancelled) as part:
        part.write_text(text, encoding="utf-8", newline="\n")
    return written


def text(folder: TakeFolder, report: Report, to: str) -> str:
    """The take in a text format, to be printed; a page to be printed has no sound."""
    outline = _outline(folder) if to == "html" else ()
    return export_text(report, to, outline, about=about(folder.take()))


def kind_of(to: str, target: Path | None, *, sound_inside: bool = False) -> Kind:
    """The kind that ``to`` means on the command line; the sound's format is ``target``'s ending.

    An ending that no sound has is refused by who writes it. Raises ``InputError`` for a format that
    there is not.
    """
    kinds = [kind for kind in KINDS if kind.to == to]
    if not kinds:
        raise InputError(f"There is no format “{to}”. Choose one of: {', '.join(FORMATS)}.")
    ending = target.suffix.lower() if target else ".flac"
    for kind in kinds:
        if kind.ending == ending if to == "audio" else kind.sound_inside == sound_inside:
            return kind
    return kinds[0]


def _refuse_long_name(target: Path) -> None:
    if len(os.fsencode(target.name)) > _NAME_BYTES:
        raise InputError(f"“{target.name}” is too long a name for a file. Choose a shorter one.")


def _refuse_no_file(target: Path) -> None:
    """Say what can't be written to before anything is."""
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return
    except OSError as error:  # as of a folder that may not be entered
        raise _not_written(target, error) from error
    if stat.S_ISDIR(mode):
        raise InputError(f"{target} is a folder. Name a file in it.")
    if not stat.S_ISREG(mode):
        raise InputError(f"{target} is no file but a device or a pipe. Choose another name.")


def _outline(folder: TakeFolder) -> Sequence[tuple[float, float]]:
    """The waveform; none where the sound is gone or damaged, which keeps nobody from the review."""
    from runthrough.audio.peaks import columns, load_peaks

    if not folder.audio.exists():
        return ()
    try:
        peaks = load_peaks(folder.audio)
    except AudioInputError:
        return ()
    rows: list[tuple[float, float]] = columns(peaks, _OUTLINE_STEPS).tolist()
    return rows


def _beside(page: Path) -> Path:
    """Where the sound of ``page`` goes: never over a file that is not this page's own sound."""
    before = page.read_text(encoding="utf-8", errors="replace") if page.is_file() else ""
    for number in itertools.count(1):
        path = page.with_name(f"{page.stem}{'' if number == 1 else f'-{number}'}.m4a")
        _refuse_long_name(path)  # the page's own may have just had room
        if not path.exists() or f'src="{_address(path.name)}"' in before:
            return path
    raise AssertionError("counting never ends")


def _address(name: str) -> str:
    from urllib.parse import quote

    return quote(os.fsencode(name))  # a name may have bytes that are no text


@contextlib.contextmanager
def _complete(target: Path, cancelled: Callable[[], bool] | None) -> Iterator[Path]:
    """What to write for ``target``, which is replaced by it unless ``cancelled``."""
    try:
        with replacing(target) as part:
            yield part
            if cancelled is not None and cancelled():
                raise Cancelled("Writing the file was cancelled.")
    except OSError as error:
        raise _not_written(target, error) from error


def _not_written(target: Path, error: OSError) -> InputError:
    return InputError(
        f"{target} can't be written ({error.strerror or error}). Choose another folder, or free "
        "some space."
    )
