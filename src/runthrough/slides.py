"""Slides from a PDF: pictures of pages, titles, the speaker's notes, and their sections.

PDFium does the reading. It must not be used by two threads at once, so every call goes through
one lock; whoever wants pictures without waiting asks from a thread of its own.

Notes are found where presentation programs put them: in pdfpc's side file (its older text form
and JSON), attached to the PDF or beside it; in text annotations, which is how LaTeX's ``pdfpc``
package embeds them; and on LaTeX beamer's note pages, between the slides or on the other half of
each page.
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from runthrough.errors import SlidesError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from runthrough.talk import TalkFormat

# What of a page is shown: left, bottom, right, top as shares of its width and height.
Area = tuple[float, float, float, float]
WHOLE: Area = (0.0, 0.0, 1.0, 1.0)
_LEFT: Area = (0.0, 0.0, 0.5, 1.0)
_RIGHT: Area = (0.5, 0.0, 1.0, 1.0)
_TOP: Area = (0.0, 0.5, 1.0, 1.0)
_BOTTOM: Area = (0.0, 0.0, 1.0, 0.5)
_NOTES_AT = {
    "left": (_RIGHT, _LEFT),
    "right": (_LEFT, _RIGHT),
    "top": (_BOTTOM, _TOP),
    "bottom": (_TOP, _BOTTOM),
}
# Two 4:3 slides side by side are 2.67 times as wide as high; the widest single slide is 16:9.
_TWO_WIDE = 2.4
# Beamer's note page shows its slide, scaled to a quarter, in the upper right corner, beside a
# heading of the same height (beamerinnerthemedefault.sty, template "note page").
_CORNER = 0.25
# So much of a slide's words in that corner make the page a note page.
_SAME_WORDS = 0.7
# A line of the title is at least this share of the tallest line in the upper part of the slide.
_TITLE_HEIGHT = 0.85
_TITLE_ABOVE = 0.4
_TITLE_CHARS = 120
_LARGEST_PX = 4096
# A file can claim any number of pages, and any size of notes.
_MOST_PAGES = 2000
_MOST_CHARS = 100_000
_MOST_SIDE_BYTES = 5_000_000
_PDFIUM = threading.Lock()


@dataclass(frozen=True, slots=True)
class Slide:
    """One slide: ``area`` of the PDF's page ``page`` (from 0), and what stands on it."""

    page: int
    area: Area = WHOLE
    title: str = ""
    text: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Deck:
    """All slides in order. ``chapters`` are the PDF's bookmarks: title by slide (from 0)."""

    slides: tuple[Slide, ...]
    chapters: tuple[tuple[int, str], ...] = ()

    def sections(self, fmt: TalkFormat, ties: Mapping[int, str]) -> tuple[str, ...]:
        """The section of each slide.

        ``ties`` are made by hand: section by slide number (from 1). A slide without one has the
        section that is proposed.
        """
        known = {section.id for section in fmt.sections}
        current = fmt.sections[0].id
        found = []
        for number in range(1, len(self.slides) + 1):
            tied = ties.get(number)
            current = tied if tied in known else self.proposed_section(fmt, number, current)
            found.append(current)
        return tuple(found)

    def proposed_section(self, fmt: TalkFormat, number: int, before: str) -> str:
        """The section of slide ``number`` (from 1) where ``before`` is that of the slide before.

        Its title tells, else the chapter that begins with it, else it goes on with ``before``. The
        first slide's title is the talk's, and tells nothing.
        """
        known = {section.id for section in fmt.sections}
        title = self.slides[number - 1].title if number > 1 else ""
        chapter = next((text for at, text in self.chapters if at == number - 1), "")
        proposals = (section_of_title(title), section_of_title(chapter))
        return next((one for one in proposals if one in known), before)


@dataclass(frozen=True, slots=True)
class Picture:
    """A rendered slide: 32 bits a pixel, blue first, the fourth byte unused."""

    width: int
    height: int
    stride: int
    pixels: bytes


class SlideFile:
    """An open PDF. Safe to use from several threads; close it, or use it as a context manager.

    Raises ``SlidesError`` if it can't be read.
    """

    def __init__(self, path: Path) -> None:
        import pypdfium2

        self.path = path
        self._pdf: Any = None
        try:
            if not path.is_file():
                raise SlidesError(f"There is no file {path.name}. Choose the slides again.")
            with _PDFIUM:
                self._pdf = pypdfium2.PdfDocument(path)
                self._pdf.get_page_size(0)  # else there is nothing to show
                self.page_count = len(self._pdf)
        except (pypdfium2.PdfiumError, ValueError, OSError) as error:
            self.close()
            raise SlidesError(_why(path, error)) from error
        if self.page_count > _MOST_PAGES:
            self.close()
            raise SlidesError(
                f"{path.name} has {self.page_count} pages, more than any talk's slides. "
                "Choose another PDF."
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file. Pictures asked for afterwards are ``None``."""
        with _PDFIUM:
            if self._pdf is not None:
                self._pdf.close()
                self._pdf = None

    def first_look(self) -> Deck:
        """The slides without their texts, at once: pages of double width are cut in two."""
        area = _LEFT if self._is_double() else WHOLE
        return Deck(tuple(Slide(page, area) for page in range(self.page_count)))

    def read(self, cancelled: Callable[[], bool] = lambda: False) -> Deck:
        """Titles, texts and notes of all slides; takes about a millisecond for each page."""
        side = self._side_file()
        pages = []
        for number in range(self.page_count):
            if cancelled():
                return self.first_look()
            pages.append(self._read_page(number))
        areas = _NOTES_AT.get(side.position) or self._halves(pages)
        slides: list[Slide] = []
        of_page: dict[int, int] = {}
        for number, page in enumerate(pages):
            lines = page.within(areas[0] if areas else WHOLE)
            notes = [page.note]
            if areas:
                notes.append(_note_text(page.within(areas[1]), lines))
            elif slides and _is_note_page(lines, slides[-1].text):
                note = _joined(slides[-1].note, _note_text(lines, []), page.note)
                slides[-1] = replace(slides[-1], note=note)
                of_page[number] = len(slides) - 1
                continue
            of_page[number] = len(slides)
            area = areas[0] if areas else WHOLE
            slides.append(Slide(number, area, _title(lines), _text(lines), _joined(*notes)))
        for number, note in side.notes(self._labels()).items():
            if number in of_page:
                at = of_page[number]
                # The side file is what the speaker wrote last.
                slides[at] = replace(slides[at], note=note)
        return Deck(tuple(slides), self._chapters(of_page))

    def picture(self, slide: Slide, width: int, height: int) -> Picture | None:
        """``slide`` as large as it fits into ``width`` by ``height`` pixels.

        ``None`` for a page that can't be drawn, or when the file is closed.
        """
        left, bottom, right, top = slide.area
        with _PDFIUM, _passing_over():
            if self._pdf is None:
                return None
            page = self._pdf[slide.page]
            try:
                _drop_note_signs(page)
                wide, high = page.get_size()
                scale = min(width / (wide * (right - left)), height / (high * (top - bottom)))
                scale = min(scale, _LARGEST_PX / max(wide, high))
                bitmap = page.render(
                    scale=scale,
                    crop=(left * wide, bottom * high, (1 - right) * wide, (1 - top) * high),
                    prefer_bgrx=True,
                )
                return Picture(bitmap.width, bitmap.height, bitmap.stride, bytes(bitmap.buffer))
            finally:
                page.close()
        return None

    # --- inside --------------------------------------------------------------------------------

    def _is_double(self) -> bool:
        with _PDFIUM:
            if self._pdf is None:
                return False
            width, height = self._pdf.get_page_size(0)
        return bool(height > 0 and width / height >= _TWO_WIDE)

    def _read_page(self, number: int) -> _Page:
        found = _Page([], "")
        with _PDFIUM, _passing_over():
            if self._pdf is None:
                return found
            page = self._pdf[number]
            try:
                found = _Page(_lines(page), _annotations(page))
            finally:
                page.close()
        return found

    def _halves(self, pages: Sequence[_Page]) -> tuple[Area, Area] | None:
        """Where slide and notes are on pages of double width.

        The notes are on the right unless the small slide is seen on the left.
        """
        if not pages or not self._is_double():
            return None
        on_left = on_right = 0
        for page in pages:
            left, right = page.within(_LEFT), page.within(_RIGHT)
            on_right += _is_note_page(right, _text(left))
            on_left += _is_note_page(left, _text(right))
        return _NOTES_AT["left" if on_left > on_right else "right"]

    def _labels(self) -> list[str]:
        with _PDFIUM:
            if self._pdf is None:
                return []
            return [self._pdf.get_page_label(n) for n in range(self.page_count)]

    def _chapters(self, of_page: Mapping[int, int]) -> tuple[tuple[int, str], ...]:
        chapters = []
        with _PDFIUM, _passing_over():
            if self._pdf is None:
                return ()
            for mark in self._pdf.get_toc(max_depth=2):
                target = mark.get_dest()
                page = target.get_index() if target is not None else None
                if page is not None and page in of_page:
                    chapters.append((of_page[page], " ".join(mark.get_title().split())))
        return tuple(chapters)

    def _side_file(self) -> _SideFile:
        """What pdfpc keeps: beside the PDF, else attached to it."""
        beside = self.path.with_suffix(".pdfpc")
        with contextlib.suppress(OSError):
            if beside.is_file():  # a pipe would be waited for
                with beside.open("rb") as file:
                    return _parse_side_file(file.read(_MOST_SIDE_BYTES))
        with _PDFIUM, _passing_over():
            if self._pdf is None:
                return _SideFile()
            for number in range(self._pdf.count_attachments()):
                attached = self._pdf.get_attachment(number)
                if attached.get_name().lower().endswith(".pdfpc"):
                    return _parse_side_file(bytes(attached.get_data()))
        return _SideFile()


# --- reading pages -------------------------------------------------------------------------------


def _passing_over() -> contextlib.suppress:
    """Pass over what PDFium can't do with one page; the others are still good."""
    import pypdfium2

    # Sizes of nothing or beyond all numbers are arithmetic's business.
    return contextlib.suppress(pypdfium2.PdfiumError, ValueError, ArithmeticError)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of text. Its place and height are shares of the page's width and height."""

    text: str
    left: float
    bottom: float
    height: float


@dataclass(frozen=True, slots=True)
class _Page:
    lines: list[_Line]
    note: str

    def within(self, area: Area) -> list[_Line]:
        """The lines that begin in ``area``, with places as shares of that area."""
        left, bottom, right, top = area
        return [
            _Line(
                line.text,
                (line.left - left) / (right - left),
                (line.bottom - bottom) / (top - bottom),
                line.height / (top - bottom),
            )
            for line in self.lines
            if left <= line.left < right and bottom <= line.bottom < top
        ]


def _lines(page: Any) -> list[_Line]:
    """All lines on ``page``, put together from where its characters are.

    PDFium's own line breaks fall into words where a page was drawn scaled.
    """
    width, height = page.get_size()
    words = page.get_textpage()
    try:
        lines: list[_Growing] = []
        gap = False
        for index, char in enumerate(words.get_text_range()[:_MOST_CHARS]):
            if char.isspace() or not char.isprintable():
                gap = True
                continue
            box = words.get_charbox(index, loose=True)
            if not lines or not lines[-1].add(char, box, after_gap=gap):
                lines.append(_Growing(char, box))
            gap = False
    finally:
        words.close()
    return [line.done(width, height) for line in lines]


class _Growing:
    """A line to which characters are added. Boxes are left, bottom, right, top in points."""

    def __init__(self, char: str, box: tuple[float, float, float, float]) -> None:
        self._text = char
        self._left, self._bottom, self._right, top = box
        self._height = max(top - self._bottom, 0.1)

    def add(self, char: str, box: tuple[float, float, float, float], *, after_gap: bool) -> bool:
        """Take ``char`` in; false if it stands in another line or is of another size."""
        left, bottom, right, top = box
        size = self._height
        step = left - self._right
        if (
            abs(bottom - self._bottom) > 0.3 * size
            or abs(top - bottom - size) > 0.3 * size
            or not -0.6 * size < step < 1.5 * size
        ):
            return False
        self._text += f" {char}" if after_gap and step > 0.02 * size else char
        self._right = right
        return True

    def done(self, width: float, height: float) -> _Line:
        return _Line(self._text, self._left / width, self._bottom / height, self._height / height)


def _annotations(page: Any) -> str:
    """The text annotations of a page, which pdfpc shows as notes."""
    import ctypes

    import pypdfium2.raw as pdfium

    notes = []
    for number in range(pdfium.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium.FPDFPage_GetAnnot(page, number)
        if pdfium.FPDFAnnot_GetSubtype(annotation) == pdfium.FPDF_ANNOT_TEXT:
            size = pdfium.FPDFAnnot_GetStringValue(annotation, b"Contents", None, 0)
            buffer = (ctypes.c_ushort * (size // 2))()
            pdfium.FPDFAnnot_GetStringValue(annotation, b"Contents", buffer, size)
            notes.append(bytes(buffer).decode("utf-16-le", "ignore").rstrip("\0"))
        pdfium.FPDFPage_CloseAnnot(annotation)
    return _joined(*(note.replace("\r\n", "\n").replace("\r", "\n") for note in notes))


def _drop_note_signs(page: Any) -> None:
    """Forget the yellow signs of notes, so that they are not drawn over the slide."""
    import pypdfium2.raw as pdfium

    for number in reversed(range(pdfium.FPDFPage_GetAnnotCount(page))):
        annotation = pdfium.FPDFPage_GetAnnot(page, number)
        kind = pdfium.FPDFAnnot_GetSubtype(annotation)
        pdfium.FPDFPage_CloseAnnot(annotation)
        if kind in (pdfium.FPDF_ANNOT_TEXT, pdfium.FPDF_ANNOT_POPUP):
            pdfium.FPDFPage_RemoveAnnot(page, number)


def _title(lines: Sequence[_Line]) -> str:
    """The tallest text in the upper part, all lines of it."""
    upper = [line for line in lines if line.bottom >= _TITLE_ABOVE and _has_letters(line.text)]
    if not upper:
        return ""
    tallest = max(line.height for line in upper)
    title: list[_Line] = []
    for line in upper:
        tall = line.height >= _TITLE_HEIGHT * tallest
        near = not title or abs(title[-1].bottom - line.bottom) < 2 * tallest
        if tall and near:
            title.append(line)
        elif title:
            break
    return " ".join(line.text for line in title)[:_TITLE_CHARS]


def _is_note_page(lines: Sequence[_Line], slide_text: str) -> bool:
    """Whether the small picture of a slide with ``slide_text`` is in the upper right corner."""
    wanted = _words(slide_text)
    if not wanted:
        return False
    corner: set[str] = set()
    for line in lines:
        if line.left >= 1 - 1.1 * _CORNER and line.bottom >= 1 - 1.1 * _CORNER:
            corner |= _words(line.text)
    return len(wanted & corner) >= _SAME_WORDS * len(wanted)


def _note_text(lines: Sequence[_Line], slide_lines: Sequence[_Line]) -> str:
    """What is written below the heading of a note page, or on all of one without a heading."""
    if slide_lines and not _is_note_page(lines, _text(slide_lines)):
        return _text(lines)
    return "\n".join(line.text for line in lines if line.bottom < 1 - _CORNER)


def _text(lines: Sequence[_Line]) -> str:
    return "\n".join(line.text for line in lines)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w{2,}", text.casefold()))


def _has_letters(text: str) -> bool:
    return sum(char.isalpha() for char in text) >= 2


def _joined(*parts: str) -> str:
    return "\n\n".join(part.strip() for part in parts if part.strip())


# --- pdfpc's file --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _SideFile:
    """Notes by page (from 0), or by overlay group (from 0) as older versions count."""

    by_page: tuple[tuple[int, str], ...] = ()
    by_group: tuple[tuple[int, str], ...] = ()
    position: str = ""

    def notes(self, labels: Sequence[str]) -> dict[int, str]:
        """The notes by page. Pages that follow each other under one label are one group."""
        notes = dict(self.by_page)
        groups: list[list[int]] = []
        for page, name in enumerate(labels):
            if not name or page == 0 or name != labels[page - 1]:
                groups.append([])
            groups[-1].append(page)
        for number, note in self.by_group:
            if 0 <= number < len(groups):
                notes |= dict.fromkeys(groups[number], note)
        return {page: note for page, note in notes.items() if note.strip()}


def _parse_side_file(data: bytes) -> _SideFile:
    """Read pdfpc's file; one that is damaged holds no notes."""
    text = data.decode("utf-8", "replace")
    if text.lstrip().startswith("{"):
        with contextlib.suppress(
            ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError
        ):
            known = json.loads(text)
            notes = [
                (int(page["idx"]), str(page["note"]).strip())
                for page in known.get("pages", [])
                if page.get("note")
            ]
            position = str(known.get("beamerNotePosition") or known.get("notesPosition") or "")
            return _SideFile(by_page=tuple(notes), position=position.lower())
        return _SideFile()
    sections = re.split(r"^\[([A-Za-z_]+)\]\s*$", text, flags=re.MULTILINE)
    parts = dict(zip(sections[1::2], sections[2::2], strict=False))
    notes = []
    for block in re.split(r"^### ", parts.get("notes", ""), flags=re.MULTILINE)[1:]:
        number, _, note = block.partition("\n")
        if re.fullmatch(r"[0-9]{1,6}", number.strip()):
            plain = re.sub(r"^\\#", "#", note, flags=re.MULTILINE).strip()
            notes.append((int(number) - 1, plain))
    position = parts.get("notes_position", "").strip().lower()
    return _SideFile(by_group=tuple(notes), position=position)


def _why(path: Path, error: Any) -> str:
    import pypdfium2.raw as pdfium

    if getattr(error, "err_code", None) == pdfium.FPDF_ERR_PASSWORD:
        return (
            f"{path.name} is locked with a password. Save a copy without one and choose that "
            "instead."
        )
    if isinstance(error, OSError):
        return f"{path.name} can't be read ({error.strerror or error}). Choose the slides again."
    return f"{path.name} can't be read as a PDF. Export your slides as a PDF again and choose it."


# --- sections ------------------------------------------------------------------------------------

# What slides of a section are called, the clearer word first.
_NAMES = {
    "limitations": (
        r"limitation|fail(s|ed|ure|ing)?\b|caveat|threats to validity|shortcoming|"
        r"does(n.t| not) work|breaks? down|weakness|where .* (ends|stops)"
    ),
    "related_work": (
        r"related|prior (work|art)|previous (work|approach)|background|state of the art|"
        r"existing (work|method|approach)|literature|what others"
    ),
    "experiments": (
        r"experiment|evaluation|set-?up|data ?sets?\b|baselines?|benchmark|protocol|"
        r"how we (test|measur|evaluat)|metrics"
    ),
    "results": r"result|findings?|ablation|comparison|performance|accuracy|what we (found|saw)",
    "motivation": r"motivat|why (now|it matters|this matters|care|should)|impact|stakes|relevance",
    "method": (
        r"how .* (trained|built|works)|method|approach|architecture|algorithm|"
        r"our (model|idea|system)|model\b|training|the idea|overview of"
    ),
    "problem": r"problem|task\b|research question|the question|introduction|setting|challenge|goal",
}


def section_of_title(title: str) -> str | None:
    """The section that a slide or chapter with that title belongs to, if its title tells."""
    told = title.casefold()
    return next((name for name, words in _NAMES.items() if re.search(rf"\b({words})", told)), None)
