import json
import time

import pytest

from pdfs import beside, note_page, slide, write_annotated, write_pdf
from runthrough.errors import SlidesError
from runthrough.formats import find_format
from runthrough.slides import SlideFile, section_of_title

TITLES = (
    "Sparse routing for long documents",
    "The task: answer from a whole report",
    "Why it matters now",
    "Prior work scores every token",
    "A learned router picks k blocks per query",
    "How it is trained",
    "Datasets and baselines",
    "What we found",
    "Where it fails",
    "Thank you",
)
pytestmark = pytest.mark.usefixtures("qapp")


def read(path):
    with SlideFile(path) as file:
        return file.read()


def locked_pdf(path):
    """A PDF with a password: the standard encryption dictionary is enough for a reader to ask."""
    key = "00" * 32
    body = (
        b"%PDF-1.4\n1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\n"
        b"2 0 obj << /Type /Pages /Count 1 /Kids [3 0 R] >> endobj\n"
        b"3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 10 10] >> endobj\n"
        b"4 0 obj << /Filter /Standard /V 1 /R 2 /P -4 /O <" + key.encode() + b"> /U <"
        b"" + key.encode() + b"> >> endobj\n"
        b"trailer << /Root 1 0 R /Encrypt 4 0 R /ID [<00><00>] /Size 5 >>\n%%EOF"
    )
    path.write_bytes(body)
    return path


def test_titles_and_texts(tmp_path):
    deck = read(write_pdf(tmp_path / "talk.pdf", [slide(t, "a line", "another") for t in TITLES]))
    assert [s.title for s in deck.slides] == list(TITLES)
    assert "another" in deck.slides[3].text
    assert all(s.note == "" for s in deck.slides)


def test_a_title_of_two_lines_is_whole(tmp_path):
    title = "What the router learns when the documents are longer than any it was trained on"
    deck = read(write_pdf(tmp_path / "talk.pdf", [slide(title, "text")]))
    assert deck.slides[0].title == title


def test_a_picture_fits_and_shows_the_page(tmp_path):
    path = write_pdf(tmp_path / "talk.pdf", [slide("Red", colour="#ff0000"), slide("Plain")])
    with SlideFile(path) as file:
        picture = file.picture(file.first_look().slides[0], 800, 800)
        assert picture is not None
        assert (picture.width, picture.height) in {(800, 450), (801, 450), (800, 451), (801, 451)}
        assert picture.pixels[:3] == b"\x00\x00\xff"
    assert file.picture(file.first_look().slides[0], 10, 10) is None


def test_beamer_notes_beside_the_slides(tmp_path):
    first, second = slide("First things", "one", "two"), slide("Then others", "three")
    pages = [
        beside(first, note_page(first, "Greet the host.", "Smile.")),
        beside(second, note_page(second, "Slow down here.")),
    ]
    path = write_pdf(tmp_path / "talk.pdf", pages, size=(320.0, 90.0))
    with SlideFile(path) as file:
        deck = file.read()
        assert [s.title for s in deck.slides] == ["First things", "Then others"]
        assert deck.slides[0].note == "Greet the host.\nSmile."
        picture = file.picture(deck.slides[0], 640, 480)
        assert abs(picture.width / picture.height - 16 / 9) < 0.02
        assert abs(picture.width - 640) <= 1


def test_beamer_notes_on_the_left(tmp_path):
    first, second = slide("First things", "one", "two"), slide("Then others", "three")
    pages = [
        beside(note_page(first, "Greet the host."), first),
        beside(note_page(second, "Slow down here."), second),
    ]
    deck = read(write_pdf(tmp_path / "talk.pdf", pages, size=(320.0, 90.0)))
    assert [s.title for s in deck.slides] == ["First things", "Then others"]
    assert deck.slides[1].note == "Slow down here."


def test_beamer_note_pages_between_the_slides(tmp_path):
    first, second = slide("First things", "one", "two"), slide("Then others", "three", "four")
    pages = [first, note_page(first, "Greet the host."), second, second]
    deck = read(write_pdf(tmp_path / "talk.pdf", pages))
    assert [s.page for s in deck.slides] == [0, 2, 3]
    assert [s.note for s in deck.slides] == ["Greet the host.", "", ""]


def test_notes_of_pdfpc_beside_the_file(tmp_path):
    path = write_pdf(tmp_path / "talk.pdf", [slide(t) for t in TITLES[:3]])
    side = path.with_suffix(".pdfpc")
    side.write_text("[file]\ntalk.pdf\n[notes]\n### 1\nHello.\n\\# one\n### 3\nStop.\n")
    assert [s.note for s in read(path).slides] == ["Hello.\n# one", "", "Stop."]
    pages = [{"idx": 1, "label": "2", "overlay": 0, "note": "Look up."}, {"idx": 77, "note": "x"}]
    side.write_text(json.dumps({"pdfpcFormat": 2, "pages": pages}))
    assert [s.note for s in read(path).slides] == ["", "Look up.", ""]
    for damage in ("{", "[notes", "\0\1", '{"pages": 3}', '{"pages": [1]}'):
        side.write_text(damage)
        assert [s.note for s in read(path).slides] == ["", "", ""]


def test_notes_of_pdfpc_in_the_pdf(tmp_path):
    deck = read(write_annotated(tmp_path / "talk.pdf", ["Say hello.", "Look up."]))
    assert [s.note for s in deck.slides] == ["Say hello.", "Look up."]


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda p: p.write_bytes(b"%PDF-1.7 and then nothing"), "can't be read as a PDF"),
        (lambda p: p.write_bytes(b""), "can't be read as a PDF"),
        (lambda p: p.write_text("a letter"), "can't be read as a PDF"),
        (locked_pdf, "locked with a password"),
        (lambda p: None, "There is no file"),
    ],
)
def test_what_is_no_readable_pdf_is_one_sentence(tmp_path, make, what):
    path = tmp_path / "talk.pdf"
    make(path)
    with pytest.raises(SlidesError, match=what) as told:
        SlideFile(path)
    assert "talk.pdf" in str(told.value)


def test_three_hundred_pages_open_at_once(tmp_path):
    pages = [slide(f"Slide {n}", *(f"line {k} of it" for k in range(5))) for n in range(300)]
    path = write_pdf(tmp_path / "talk.pdf", pages)
    began = time.perf_counter()
    with SlideFile(path) as file:
        picture = file.picture(file.first_look().slides[0], 800, 450)
        shown_s = time.perf_counter() - began
        deck = file.read()
        read_s = time.perf_counter() - began
    assert picture is not None
    assert len(deck.slides) == 300
    print(f"first slide after {shown_s * 1000:.0f} ms, all read after {read_s * 1000:.0f} ms")


def test_sections_are_proposed_from_titles_and_tied_by_hand(tmp_path):
    deck = read(write_pdf(tmp_path / "talk.pdf", [slide(t) for t in TITLES]))
    fmt = find_format("interview-20")
    assert deck.sections(fmt, {}) == (
        "problem", "problem", "motivation", "related_work", "related_work", "method",
        "experiments", "results", "limitations", "limitations",
    )  # fmt: skip
    tied = deck.sections(fmt, {5: "method", 10: "results", 2: "no such section"})
    assert tied[4] == "method"
    assert tied[9] == "results"
    assert tied[1] == "problem"


def test_titles_that_tell_their_section():
    told = {
        "Limitations": "limitations",
        "When does this break down?": "limitations",
        "Related work": "related_work",
        "Experimental setup": "experiments",
        "Results on long documents": "results",
        "Ablation": "results",
        "Our approach": "method",
        "Motivation": "motivation",
        "Problem statement": "problem",
        "Thank you": None,
        "": None,
    }
    assert {title: section_of_title(title) for title in told} == told
