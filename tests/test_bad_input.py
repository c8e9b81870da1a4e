"""Whatever a file holds, reading it ends in a plain error or a right result.

Each reader gets made-up text and bytes, and real files with bytes changed, cut out and cut off.
What is read by native code runs in a process of its own, which must live to the end. The examples
are the same in every run.
"""

from __future__ import annotations

import io
import json
import os
import random
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pdfs import slide, write_pdf
from runthrough import export, handout, wire
from runthrough.analysis import review
from runthrough.cli import run, show
from runthrough.errors import FormatError, InputError, LibraryError, RunthroughError
from runthrough.formats import find_format, read_format
from runthrough.library import Library, TakeFolder
from runthrough.practice.bank import read_questions
from runthrough.resources import resource
from runthrough.settings import Settings, load_settings, save_settings
from runthrough.talk import (
    Answer,
    AnswerVerdict,
    Corrections,
    FindingAnswer,
    PracticeAnswer,
    SectionCorrection,
    Talk,
    WordCorrection,
)
from runthrough.transcripts import parse_transcript, read_transcript, transcript_of_line

MEMORY_BYTES = 3 << 30  # a native reader that wants more has no bound
TEXTS = [to for to in handout.FORMATS if to not in ("pdf", "audio")]
REFUSED = (KeyError, TypeError, ValueError, AttributeError)


def examples(count):
    """``count`` examples, the same in every run."""
    return settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


def plain(error):
    """An error as a person reads it: short, and without the insides of the program."""
    told = str(error)
    assert told
    assert "Traceback" not in told
    assert len(told) < 2000
    told.encode()  # can be shown


# --- made-up input -----------------------------------------------------------------------------

NUMBERS = st.one_of(st.integers(), st.floats(), st.just(10**400))
LEAVES = st.one_of(
    st.none(), st.booleans(), NUMBERS, st.text(max_size=20), st.just("\ud800"), st.just("../..")
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
PIECES = st.sampled_from(
    [
        "WEBVTT\n\n",
        "\n",
        "\n\n",
        "1\n",
        "00:00:01,000 --> 00:00:02,000\n",
        "00:01.000 --> 99:99:99.999\n",
        "-1:00:00,000 --> 00:00:00,000\n",
        "00:00:09,000 --> 00:00:01,000\n",
        " --> ",
        "<i>",
        "<",
        "{",
        "{\\an8}",
        "NOTE x\n",
        "STYLE\n",
        "[Script Info]\n",
        "<?xml version='1.0'?>",
        "Hello. It fails on images, e.g. small ones!",
        "…",
        "\u202e\u0301",
        "\x00",
        "\x1c\x85\u2028",
        "😀 We found Dr. Who",
    ]
)


def paths_in(value, path=()):
    """The places in a JSON value at which something else can be put."""
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths_in(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value[:2]):
            yield from paths_in(inner, (*path, index))


def spoiled(value, path, new):
    """A copy of ``value`` with ``new`` at ``path``; ``...`` takes away what is there."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    if len(path) == 1 and new is ...:
        del copy[path[0]]
    else:
        copy[path[0]] = spoiled(value[path[0]], path[1:], new)
    return copy


def with_damage(document):
    """Strategy: ``document`` with one to three of its values another or gone."""
    places = [path for path in paths_in(document) if path]

    @st.composite
    def damaged(draw):
        made = document
        for _ in range(draw(st.integers(1, 3))):
            path = draw(st.sampled_from(places))
            new = draw(st.one_of(st.just(...), VALUES))
            try:
                made = spoiled(made, path, new)
            except (KeyError, IndexError, TypeError, AttributeError):
                continue  # the earlier damage took that place away
        return made

    return damaged()


def mutated(data, number):
    """``data`` with bytes changed, taken out, put in, or cut off; the same for each ``number``."""
    chance = random.Random(number)  # noqa: S311 - repeatable on purpose
    made = bytearray(data)
    for _ in range(chance.choice([1, 4, 30])):
        at = chance.randrange(max(1, min(len(made), chance.choice([64, 2000, 1 << 30]))))
        kind = chance.randrange(5)
        if kind == 0:
            made[at : at + 1] = bytes([chance.randrange(256)])
        elif kind == 1:
            made[at : at + 4] = chance.choice(
                [b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\0\0\0\x80"]
            )
        elif kind == 2:
            del made[at : at + chance.randrange(1, 200)]
        elif kind == 3:
            made[at:at] = chance.randbytes(chance.randrange(1, 40))
        elif number % 3 == 0:
            del made[at:]
    return bytes(made)


# --- transcripts -------------------------------------------------------------------------------


def read_and_judge(data, suffix):
    """Read as `analyze` does, and make everything of it that can be made."""
    try:
        transcript = parse_transcript(data, suffix, "talk", duration_s=60.0)
    except InputError as error:
        plain(error)
        return
    report = review(transcript, find_format("lightning-5"))
    wire.dumps(wire.report_to_json(report)).encode()
    show.report(report).encode()
    for to in TEXTS:
        try:
            export.export_text(report, to).encode()
        except InputError as error:
            plain(error)


@examples(60)
@given(st.lists(st.one_of(PIECES, st.text(max_size=12)), max_size=14), st.data())
def test_any_text_as_a_transcript(pieces, data):
    suffix = data.draw(st.sampled_from([".srt", ".vtt", ".txt", ".md", ".json", ""]))
    encoding = data.draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252", "utf-16-be"]))
    read_and_judge("".join(pieces).encode(encoding, "replace"), suffix)


@examples(40)
@given(st.binary(max_size=300), st.sampled_from([".srt", ".vtt", ".txt", ".json", ""]))
def test_any_bytes_as_a_transcript(data, suffix):
    read_and_judge(data, suffix)


SAMPLE_TRANSCRIPT = json.loads(resource("sample", "transcript.json").read_text("utf-8"))
SAMPLE_TRANSCRIPT["sentences"] = SAMPLE_TRANSCRIPT["sentences"][:3]
SAMPLE_TRANSCRIPT["words"] = SAMPLE_TRANSCRIPT["words"][:3]


@examples(60)
@given(with_damage(SAMPLE_TRANSCRIPT))
def test_a_damaged_transcript_of_ours(document):
    read_and_judge(json.dumps(document).encode(), ".json")


@examples(40)
@given(st.one_of(VALUES, with_damage({"id": 1, "text": "Hello.", "duration": 9, "sentences": []})))
def test_any_line_of_json_lines(document):
    try:
        wire.dumps({"text": [s.text for s in transcript_of_line(document).sentences]}).encode()
    except InputError as error:
        plain(error)


@pytest.mark.parametrize(
    ("suffix", "data"),
    [
        (".txt", b"a" * 100_000_000),
        (".txt", b"word " * 3_000_000),
        (".srt", b"1\n00:00:01,000 --> 00:00:02,000\n" + b"<{" * 900_000),
        (".srt", b"1\n00:00:01,000 --> 00:00:02,000\n" + b"<" * 150 + b"> " * 900_000),
        (".vtt", b"WEBVTT\n\n" + b"-->" * 600_000),
        (".vtt", b"WEBVTT\n\n" + b"\n" * 1_900_000),
        (".json", b"[" * 1_000_000),
        (".json", b'{"a":' * 1_000_000),
        (".json", b"9" * 10_000),
        (".json", b'{"schema":"runthrough.transcript/1","sentences":' + b"1" * 5000 + b"}"),
        (".txt", "ü. ".encode("utf-16") * 200_000),
        (".txt", b"." * 1_900_000),
        (".txt", b"e.g. " * 390_000),
    ],
    ids=lambda value: value if isinstance(value, str) else str(len(value)),
)
def test_huge_transcripts_end_soon(tmp_path, suffix, data):
    path = tmp_path / f"talk{suffix}"
    path.write_bytes(data)
    try:
        read_transcript(path)
    except InputError as error:
        plain(error)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no endless file here")
def test_an_endless_transcript_is_told(capsys):
    with pytest.raises(InputError, match="larger"):
        read_transcript(Path("/dev/zero"))
    assert run(["analyze", "/dev/zero"]) == 2
    assert "larger" in capsys.readouterr().err


# --- formats, questions, settings --------------------------------------------------------------

TOML = st.lists(
    st.one_of(
        st.sampled_from(
            [
                'title = "A talk"\n',
                "[[sections]]\n",
                'id = "problem"\n',
                "id = 3\n",
                "planned_s = 60\n",
                "planned_s = nan\n",
                "planned_s = inf\n",
                f"planned_s = {'9' * 5000}\n",
                "planned_s = 1e400\n",
                "required = 7\n",
                'questions = ["x", 2]\n',
                'domain = "theory"\n',
                "domain = [1]\n",
                "[[question]]\n",
                "question = 3\n",
                'id = "q"\ntext = "Why?"\n',
                '[[question.point]]\nid = "p"\nsays = "x"\nphrasings = ["y"]\n',
                "point = 3\n",
                "seconds = nan\n",
                "a = " + "[" * 3000 + "\n",
                "d = 2026-02-31\n",
                "x = 07:99:00\n",
                '"\\ud800" = 1\n',
                "\ufeff",
                "\r",
                "\x00",
            ]
        ),
        st.text(max_size=10),
    ),
    max_size=12,
)


@examples(100)
@given(TOML)
def test_any_toml_as_a_format_and_as_questions(tmp_path_factory, pieces):
    path = tmp_path_factory.getbasetemp() / "mine.toml"
    path.write_bytes("".join(pieces).encode("utf-8", "surrogatepass"))
    for read in (read_format, read_questions):
        try:
            assert read(path)
        except InputError as error:
            plain(error)
            told = str(error)
        else:
            told = path.name
        assert path.name in told


def test_strange_files_among_formats_are_named_and_passed_over(tmp_path, capsys):
    folder = tmp_path / "library" / "formats"
    folder.mkdir(parents=True)
    (folder / "folder.toml").mkdir()
    (folder / "huge.toml").write_bytes(b"a." * 1_000_000)
    (folder / "latin.toml").write_bytes(b"title = \xfc")
    (folder / "dangling.toml").symlink_to(tmp_path / "nowhere")
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "pipe.toml")
    assert run(["formats", "--library", str(tmp_path / "library")]) == 0
    told = capsys.readouterr()
    assert "interview-20" in told.out
    assert all(f"{path.name} " in told.err for path in folder.iterdir())
    with pytest.raises(FormatError):
        read_format(folder / "huge.toml")


@examples(50)
@given(st.one_of(st.binary(max_size=60), VALUES, with_damage({"theme": "dark", "model": "x"})))
def test_any_settings(tmp_path_factory, value):
    path = tmp_path_factory.getbasetemp() / "settings.json"
    path.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
    found = load_settings(path)
    assert isinstance(found, Settings)
    save_settings(found, path)
    assert load_settings(path) == found


# --- the library's files -----------------------------------------------------------------------

SAMPLE_REPORT = json.loads(resource("sample", "report.json").read_text("utf-8"))
SAMPLE_REPORT["words"] = SAMPLE_REPORT["words"][:2]
SAMPLE_REPORT["sentences"] = SAMPLE_REPORT["sentences"][:4]
SAMPLE_TAKE = json.loads(resource("sample", "take.json").read_text("utf-8"))
NOW = datetime(2026, 1, 1, tzinfo=UTC)
CORRECTIONS = wire.corrections_to_json(
    Corrections(
        (WordCorrection(1.0, 2.0, "a", "b"),),
        (SectionCorrection(1.0, 2.0, "method"),),
        (FindingAnswer("x", Answer.MISHEARD, 2.0),),
    )
)
TALK = wire.talk_to_json(
    Talk("T1", "Talk", "lightning-5", NOW, due=NOW.date(), slide_sections=((1, "method"),))
)
PRACTICE = wire.practice_to_json(
    PracticeAnswer("A1", "q", "theory", "Why?", NOW, "So.", 2.0, AnswerVerdict(()))
)
DOCUMENTS = {
    "report": (SAMPLE_REPORT, wire.report_from_json, wire.report_to_json),
    "take": (SAMPLE_TAKE, wire.take_from_json, wire.take_to_json),
    "corrections": (CORRECTIONS, wire.corrections_from_json, wire.corrections_to_json),
    "talk": (TALK, wire.talk_from_json, wire.talk_to_json),
    "practice": (PRACTICE, wire.practice_from_json, wire.practice_to_json),
}


@pytest.mark.parametrize("name", DOCUMENTS)
@examples(70)
@given(st.data())
def test_a_damaged_document_is_refused_or_whole(name, data):
    document, read, write = DOCUMENTS[name]
    text = json.dumps(data.draw(with_damage(document)))
    try:
        value = read(wire.loads(text))
    except REFUSED:
        return
    # What was taken can be written, read again as the same, and shown.
    written = wire.dumps(write(value))
    written.encode()
    assert wire.dumps(write(read(wire.loads(written)))) == written
    if name == "report":
        show.report(value).encode()
        for to in TEXTS:
            try:
                export.export_text(value, to).encode()
            except InputError as error:
                plain(error)
    elif name == "take":
        show.take_line(value, "Talk").encode()
        assert ".." not in value.id + value.talk_id


@examples(60)
@given(
    st.sampled_from(["take.json", "report.json", "transcript.json", "corrections.json"]),
    st.one_of(
        st.binary(max_size=80), st.sampled_from([b"[" * 10_000, b"{}", b"", b"null", b"1e999"])
    ),
)
def test_damage_in_a_take_costs_at_most_that_file(tmp_path_factory, name, data):
    folder = TakeFolder(tmp_path_factory.mktemp("take"))
    for kept in ("take.json", "report.json", "transcript.json"):
        (folder.path / kept).write_bytes(resource("sample", kept).read_bytes())
    (folder.path / name).write_bytes(data)
    (folder.path / "events.jsonl").write_bytes(data + b'\n{"at": 1, "kind": "mark"}\n')
    (folder.path / "heard.json").write_bytes(data)
    reads = {
        "take.json": folder.take,
        "report.json": folder.report,
        "transcript.json": folder.transcript,
        "corrections.json": folder.corrections,
    }
    for kept, read in reads.items():
        try:
            read()
        except LibraryError as error:
            plain(error)
            assert kept == name
    assert folder.heard() == ()
    assert any(event.at_s == 1 for event in folder.events())


@examples(20)
@given(st.binary(max_size=200), st.sampled_from(["take.json", "report.json"]))
def test_the_command_line_tells_of_a_damaged_take(tmp_path_factory, data, name):
    root = tmp_path_factory.mktemp("damaged")
    library = Library(root)
    take = library.open_sample()
    library.close()
    (root / "takes" / take.id / name).write_bytes(data)
    (root / "index.sqlite3").unlink()
    quietly(["takes", "--library", str(root)])
    quietly(["show", "last", "--library", str(root)])


# --- the command line --------------------------------------------------------------------------


def quietly(arguments, given_bytes=b""):
    """Run a command in this process; it ends with a code and at most plain words."""
    out, err = io.StringIO(), io.StringIO()
    before = sys.stdin, sys.stdout, sys.stderr
    sys.stdin = io.TextIOWrapper(io.BytesIO(given_bytes))
    sys.stdout, sys.stderr = out, err
    try:
        try:
            code = run(arguments)
        except SystemExit as stop:
            code = stop.code
    finally:
        sys.stdin, sys.stdout, sys.stderr = before
    assert code in (0, 2, 3), (arguments, err.getvalue())
    assert "Traceback" not in err.getvalue()
    out.getvalue().encode()
    return out.getvalue()


@examples(60)
@given(
    st.sampled_from([["analyze", "-"], ["analyze", "-", "--json"], ["answer", "-", "--json"]]),
    st.lists(st.one_of(PIECES, st.text(max_size=12)), max_size=10),
)
def test_any_text_given_to_the_command_line(arguments, pieces):
    quietly(arguments, "".join(pieces).encode("utf-8", "replace"))


@examples(30)
@given(
    st.sampled_from(["analyze", "answer"]),
    st.lists(st.one_of(st.binary(max_size=40), VALUES.map(lambda v: json.dumps(v).encode()))),
)
def test_any_lines_given_to_the_command_line(command, lines):
    out = quietly([command, "--jsonl"], b"\n".join(lines))
    for line in out.splitlines():
        json.loads(line)


@examples(30)
@given(st.lists(st.text(max_size=10).filter(lambda t: "\ud800" not in t), max_size=3), st.data())
def test_any_arguments(words, data):
    command = data.draw(st.sampled_from(["analyze", "export", "show", "import", "answer", "x"]))
    quietly([command, *words])


# --- what native code reads --------------------------------------------------------------------

# Reads every file named on its input; a plain error is a result, anything else ends it.
READER = """
import resource, sys
from pathlib import Path
from runthrough.errors import RunthroughError

def sound(path, to):
    from runthrough.audio.decode import decode_to_wav
    decode_to_wav(path, to)

def take(path, to):
    from runthrough.audio.peaks import load_peaks, peaks_path
    from runthrough.audio.wav import duration_s, repair
    duration_s(path)
    load_peaks(path)
    repair(path)

def peaks(path, to):
    from runthrough.audio.peaks import load_peaks, peaks_path
    peaks_path(to).write_bytes(path.read_bytes())
    assert len(load_peaks(to)) == 100

def pdf(path, to):
    from runthrough.slides import SlideFile
    with SlideFile(path) as slides:
        deck = slides.read()
        slides.first_look()
        for one in deck.slides[:2]:
            slides.picture(one, 160, 90)

limit = int(sys.argv[3])
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
read = {"sound": sound, "take": take, "peaks": peaks, "pdf": pdf}[sys.argv[1]]
for line in sys.stdin:
    path = Path(line.rstrip())
    try:
        read(path, Path(sys.argv[2]))
        print("read", path.name, flush=True)
    except RunthroughError as error:
        assert "Traceback" not in str(error)
        print("told", path.name, flush=True)
"""


def read_all(kind, files, folder, to="out.wav"):
    """Read ``files``, bytes by name, in another process; how many were read, and how many told."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", READER, kind, str(folder / to), str(MEMORY_BYTES)],
        input="\n".join(str(folder / name) for name in files),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "src")},
    )
    lines = done.stdout.split("\n")[:-1]
    assert done.returncode == 0, (lines[-1:], len(lines), done.stderr[-3000:])
    assert len(lines) == len(files)
    return sum(line.startswith("read") for line in lines), len(lines)


needs_limits = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="memory is limited where Linux can"
)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    """A second of sound in the forms people have."""
    import av
    import numpy as np

    folder = tmp_path_factory.mktemp("recordings")
    tone = (8000 * np.sin(np.arange(48_000) / 20)).astype(np.int16)
    made = {}
    for name, codec in [
        ("a.wav", "pcm_s16le"),
        ("a.flac", "flac"),
        ("a.mp3", "mp3"),
        ("a.m4a", "aac"),
        ("a.ogg", "libopus"),
        ("a.webm", "libopus"),
        ("a.mkv", "aac"),
        ("a.aiff", "pcm_s16be"),
    ]:
        with av.open(str(folder / name), "w") as out:
            stream = out.add_stream(codec, rate=48_000, layout="mono")
            frame = av.AudioFrame.from_ndarray(tone[None], format="s16", layout="mono")
            frame.sample_rate = 48_000
            resampler = av.AudioResampler(
                format=stream.format, layout="mono", rate=48_000, frame_size=stream.frame_size or 0
            )
            for part in [*resampler.resample(frame), *resampler.resample(None)]:
                out.mux(stream.encode(part))
            out.mux(stream.encode(None))
        made[name] = (folder / name).read_bytes()
    return made


@needs_limits
def test_damaged_recordings(recordings, tmp_path):
    files = {
        f"{number}-{name}": mutated(data, number)
        for number in range(12)
        for name, data in recordings.items()
    }
    files |= {"text.mp3": b"hello", "ones.wav": b"\xff" * 5000, "nothing.flac": b""}
    # A playlist may not make this computer look elsewhere.
    files["list.m3u8"] = b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n"
    files["list.ffconcat"] = b"ffconcat version 1.0\nfile http://127.0.0.1:9/a.wav\n"
    read, told = read_all("sound", files, tmp_path)
    assert 0 < read < told


@needs_limits
def test_damaged_sound_of_takes(recordings, tmp_path):
    import soundfile

    soundfile.write(tmp_path / "ours.wav", [0.0] * 16_000, 16_000, subtype="PCM_16")
    soundfile.write(tmp_path / "ours.flac", [0.0] * 16_000, 16_000)
    whole = {name: (tmp_path / name).read_bytes() for name in ("ours.wav", "ours.flac")}
    files = {
        f"{number}-{name}": mutated(data, number)
        for number in range(25)
        for name, data in whole.items()
    }
    assert read_all("take", files, tmp_path)[0]


@needs_limits
def test_damaged_peaks_are_made_again(tmp_path):
    import numpy as np
    import soundfile

    soundfile.write(tmp_path / "out.wav", [0.0] * 16_000, 16_000, subtype="PCM_16")
    buffer = io.BytesIO()
    np.save(buffer, np.zeros((100, 2), np.int8))
    whole = buffer.getvalue()
    files = {f"{number}.bin": mutated(whole, number) for number in range(40)}
    files["huge.bin"] = whole.replace(b"(100, 2), }      ", b"(10000000000, 2),}")
    files["zip.bin"] = b"PK\x03\x04" + b"\0" * 100
    files["pickle.bin"] = b"\x80\x04K\x01."
    assert read_all("peaks", files, tmp_path) == (len(files), len(files))


def small_pdf(page="/MediaBox [0 0 160 90]", count=1):
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        + f"2 0 obj<</Type/Pages/Kids[3 0 R]/Count {count}>>endobj\n".encode()
        + f"3 0 obj<</Type/Page/Parent 2 0 R {page}>>endobj\n".encode()
        + b"trailer<</Root 1 0 R>>\n"
    )


@needs_limits
def test_damaged_slides(qapp, tmp_path):
    whole = write_pdf(
        tmp_path / "whole.pdf", [slide("Results", "It works"), slide("Limits")]
    ).read_bytes()
    files = {f"{number}.pdf": mutated(whole, number) for number in range(60)}
    for name, page in {
        "zero": "/MediaBox [0 0 0 0]",
        "huge": "/MediaBox [0 0 1e30 1e30]",
        "odd": "/MediaBox [nan 0 -5 -5]",
        "none": "",
        "wide": "/MediaBox [0 0 1e9 0.0001]",
        "loop": "/MediaBox [0 0 9 9] /Annots [3 0 R 3 0 R] /Contents 3 0 R",
    }.items():
        files[f"{name}.pdf"] = small_pdf(page)
    files["pages.pdf"] = small_pdf(count=2_000_000_000)
    files["minus.pdf"] = small_pdf(count=-5)
    files["text.pdf"] = b"hello"
    files["nothing.pdf"] = b""
    read, told = read_all("pdf", files, tmp_path)
    assert 0 < read < told


@needs_limits
def test_damaged_notes_beside_slides(qapp, tmp_path):
    whole = write_pdf(tmp_path / "w.pdf", [slide("Results"), slide("Limits")]).read_bytes()
    notes = [
        b"[notes]\n### \xc2\xb2\nx\n### 1\ny",
        b"[notes]\n### " + b"9" * 5000 + b"\nx",
        b'{"pages": [{"idx": 1e999, "note": "x"}]}',
        b'{"pages": [{"idx": -1, "note": "x"}]}',
        b'{"pages": 3}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"\xff\xfe\x00",
        b"[notes_position]\nnowhere\n[notes]\n",
    ]
    for number, data in enumerate(notes):
        (tmp_path / f"{number}.pdfpc").write_bytes(data)
    files = {f"{number}.pdf": whole for number in range(len(notes))}
    assert read_all("pdf", files, tmp_path) == (len(notes), len(notes))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_nobody_waits_for_a_pipe(tmp_path):
    from runthrough.audio.decode import decode_to_wav
    from runthrough.slides import SlideFile

    pipe = tmp_path / "pipe.wav"
    os.mkfifo(pipe)
    for read in (
        lambda: decode_to_wav(pipe, tmp_path / "out.wav"),
        lambda: SlideFile(pipe),
        lambda: read_format(pipe),
    ):
        with pytest.raises(RunthroughError):
            read()
    assert load_settings(pipe) == Settings()
