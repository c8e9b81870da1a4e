"""What leaves the computer, seen from outside of the program: nothing."""

from __future__ import annotations

import html
import logging
import os
import re
import shutil
import stat
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
import soundfile

from runthrough.library import Library, TakeFolder
from runthrough.resources import resource
from sounds import sample_speech
from test_cli import refused
from test_cli import run as command

SOURCES = str(Path(__file__).parents[1] / "src")
# What the sample talk says and no program's log would.
SPOKEN = ("water pipe", "good morning")
# Sockets of this computer alone. A netlink socket asks the kernel which addresses there are.
LOCAL = ("AF_UNIX", "AF_NETLINK", "AF_UNSPEC")
CONNECTS = re.compile(r"\b(?:connect|sendto|sendmsg|sendmmsg|bind)\(.*?sa_family=(AF_\w+)")


def works(program, needed):
    """Whether ``program`` is there and does what ``needed`` asks, else why not."""
    if shutil.which(program) is None:
        return f"{program} is not installed"
    tried = subprocess.run(needed, capture_output=True, text=True, check=False, timeout=30)
    return "" if tried.returncode == 0 else f"{program} may not be used here: {tried.stderr[:200]}"


@pytest.fixture
def strace(tmp_path):
    """The beginning of a command that is watched, and what it was seen to connect to."""
    log = tmp_path / "network.log"
    watching = ["strace", "-f", "-qq", "-e", "trace=network", "-o", str(log)]
    if why := works("strace", [*watching, "true"]):
        pytest.skip(why)
    return watching, lambda: CONNECTS.findall(log.read_text(errors="replace"))


@pytest.fixture
def cut_off():
    """The beginning of a command that has no network."""
    if why := works("unshare", ["unshare", "-n", "true"]):
        pytest.skip(why)
    return ["unshare", "-n"]


@pytest.fixture
def short(tmp_path):
    """The beginning of the sample talk."""
    path = tmp_path / "short.wav"
    soundfile.write(path, sample_speech(8), 16_000)
    return path


def whole_way(before, library, speak, heard):
    """Record, review, practise and export; ``before`` begins every command.

    ``speak`` is called when it records, or is a file to import instead; ``heard`` after each.
    """
    environment = {**os.environ, "PYTHONPATH": SOURCES, "PYTHONIOENCODING": "utf-8"}

    def start(*arguments, given=None):
        return subprocess.Popen(
            [*before, sys.executable, "-m", "runthrough", "--library", str(library), *arguments],
            stdin=subprocess.PIPE if given is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            text=True,
            encoding="utf-8",
        )

    def do(*arguments, given=None):
        process = start(*arguments, given=given)
        out, err = process.communicate(given, timeout=240)
        assert process.returncode == 0, err
        heard()
        return out

    if isinstance(speak, Path):
        do("import", str(speak), "--talk", "Leaks", "--format", "lightning-5")
    else:
        process = start("record", "--talk", "Leaks", "--seconds", "8")
        assert "Recording" in process.stderr.readline()
        speak()
        out, err = process.communicate(timeout=240)
        assert process.returncode == 0, err
        heard()
        assert "Sections" in out
    shown = do("show", "last")
    do("questions", "--take", "last")
    answer = do("answer", "-", "--take", "last", given="It fails on plastic pipes.")
    assert "Score" in answer
    for to in ("md", "json", "txt"):
        assert do("export", "last", "--to", to)
    page = library.parent / "page.html"
    do("export", "last", "--to", "html", "-o", str(page))
    do("export", "last", "--to", "audio", "-o", str(library.parent / "talk.flac"))
    return shown, page.read_text(encoding="utf-8")


@pytest.mark.sound
def test_nothing_is_connected_to_from_recording_to_export(virtual_mic, strace, tmp_path):
    watching, connected = strace
    families = []
    shown, _ = whole_way(
        watching,
        tmp_path / "library",
        lambda: virtual_mic.play(sample_speech(8)),
        lambda: families.extend(connected()),
    )
    assert "Sections" in shown
    assert "AF_UNIX" in families  # the sound server: what is watched is seen
    assert set(families) <= set(LOCAL), families


def test_the_guard_sees_a_connection(strace):
    watching, connected = strace
    dial = "import socket; s = socket.socket(); s.settimeout(1); s.connect_ex(('127.0.0.1', 9))"
    subprocess.run([*watching, sys.executable, "-c", dial], check=True, timeout=60)
    assert "AF_INET" in connected()


def test_without_a_network_all_works_but_a_download(cut_off, short, tmp_path):
    _, page = whole_way(cut_off, tmp_path / "library", short, lambda: None)
    assert "Leaks" in page
    environment = {**os.environ, "PYTHONPATH": SOURCES, "HF_HOME": str(tmp_path / "models")}
    environment.pop("HF_HUB_OFFLINE", None)
    told = subprocess.run(
        [*cut_off, sys.executable, "-m", "runthrough", "models", "get", "base.en"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert told.returncode == 3
    assert "can't be reached" in told.stderr
    assert len(told.stderr.strip().splitlines()) == 1


def test_libraries_that_report_their_use_are_told_not_to():
    ask = (
        "import runthrough, huggingface_hub.constants as c; "
        "assert c.HF_HUB_DISABLE_TELEMETRY; print('off')"
    )
    environment = {**os.environ, "PYTHONPATH": SOURCES, "HF_HUB_DISABLE_TELEMETRY": "0"}
    told = subprocess.run(
        [sys.executable, "-c", ask], env=environment, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "off"


# Loads what judges and what recognises, and lives on for longer than reports are held back.
LIVES_ON = """
import sys
import time
from pathlib import Path
import runthrough
from runthrough.analysis.model import judge
from runthrough.practice.meaning import likeness
from runthrough.transcription.models import find_model
from runthrough.transcription.recognizer import Recognizer

if __name__ == "__main__":
    judge(["It fails on plastic pipes."], is_talk=True)
    likeness(["It fails."], ["It breaks."])
    recognizer = Recognizer(find_model(None, "en"), language="en")
    recognizer.transcribe(Path(sys.argv[1]))
    time.sleep(15)
    recognizer.close()
    print("lived")
"""


def test_a_program_that_lives_on_reports_nothing_and_leaves_no_mark(strace, short, tmp_path):
    watching, connected = strace
    program, home = tmp_path / "lives_on.py", tmp_path / "home"
    program.write_text(LIVES_ON, encoding="utf-8")
    home.mkdir()
    environment = {**os.environ, "PYTHONPATH": SOURCES, "HOME": str(home)}
    environment |= {"XDG_CACHE_HOME": str(home / "cache"), "XDG_CONFIG_HOME": str(home / "config")}
    for name in ("ORT_DISABLE_TELEMETRY", "DO_NOT_TRACK", "HF_HUB_DISABLE_TELEMETRY"):
        environment.pop(name, None)
    lived = subprocess.run(
        [*watching, sys.executable, str(program), str(short)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
    )
    assert lived.stdout == "lived\n"
    assert set(connected()) <= set(LOCAL)
    assert [p for p in home.rglob("*") if p.is_file()] == []


# --- files -------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX")
def test_nobody_else_can_read_the_library(short, tmp_path):
    from runthrough.rehearsal import import_recording
    from runthrough.transcription.models import find_model
    from runthrough.transcription.recognizer import Recognizer

    before = os.umask(0o022)
    try:
        library = Library(tmp_path / "library")
        library.open_sample()
        with Recognizer(find_model()) as recognizer:
            take, _ = import_recording(library, short, recognizer, talk_title="A")
        from runthrough.audio.peaks import load_peaks

        load_peaks(library.folder(take.id).audio)
        (tmp_path / "slides.pdf").write_bytes(b"%PDF-1.4")
        library.attach_slides(library.talk(take.talk_id), tmp_path / "slides.pdf")
        open_to_others = [
            str(path.relative_to(library.root))
            for path in [library.root, *library.root.rglob("*")]
            if stat.S_IMODE(path.stat().st_mode) & 0o077
        ]
        library.close()
    finally:
        os.umask(before)
    assert open_to_others == []


# --- what is written for others ----------------------------------------------------------------


class _Loads(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found, self.policy = [], ""

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "meta" and given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"]
        self.found += [
            value
            for name, value in attributes
            if name in ("src", "href", "srcset", "data", "action", "poster", "background")
        ]


def test_an_exported_page_loads_nothing_from_outside(tmp_path):
    from runthrough import export

    page = export.export_text(TakeFolder(resource("sample")).report(), "html", [(-0.5, 0.5)] * 9)
    read = _Loads()
    read.feed(page)
    assert all(not re.match(r"(?!data:)\w+:|//", found) for found in read.found), read.found
    assert "default-src 'none'" in read.policy
    assert "http" not in read.policy
    assert not re.search(r"url\(|@import|https?://", page)


def test_no_log_holds_what_was_said(short, tmp_path, caplog, capsys):
    from runthrough.rehearsal import import_recording
    from runthrough.transcription.models import find_model
    from runthrough.transcription.recognizer import Recognizer

    library = Library(tmp_path / "library")
    with caplog.at_level(logging.DEBUG), Recognizer(find_model()) as recognizer:
        _, report = import_recording(library, short, recognizer, talk_title="Secret name")
    said = " ".join(s.text for s in report.sentences).lower()
    assert all(words in said for words in SPOKEN)
    told = (caplog.text + "".join(capsys.readouterr())).lower()
    assert not any(words in told for words in SPOKEN)
    names = {path.name for path in library.root.rglob("*")}
    assert not any(name.endswith(".log") for name in names)
    library.close()


def test_subtitles_and_labels_can_not_be_broken_out_of(tmp_path):
    from dataclasses import replace

    import pysubs2

    from runthrough import export
    from runthrough.talk import Word

    report = TakeFolder(resource("sample")).report()
    evil = "x\n\n9\n00:00:00,000 --> 99:00:00,000\n<b>shout</b>{\\an8}"
    report = replace(report, words=(Word(0, 1, evil), Word(1, 2, "<i>end</i>")))
    for to in ("srt", "vtt"):
        path = tmp_path / f"talk.{to}"
        path.write_text(export.export_text(report, to), encoding="utf-8")
        cues = pysubs2.load(str(path))
        assert all(cue.end <= 60_000 for cue in cues)
        text = " ".join(cue.plaintext for cue in cues).replace("\u2060", "")
        assert "<b>shout</b>" in "".join(html.unescape(text).split())
    assert "\\<b\\>" in export._md("<b>")
    assert export._md("- a & b").startswith("\\- a \\& b")


def test_a_title_can_not_reach_the_index_or_other_folders(tmp_path):
    title = "x'); DROP TABLE talks; -- ../../../etc/passwd $(reboot) `id`"
    library = Library(tmp_path / "library")
    talk = library.new_talk(title, "lightning-5")
    assert library.talk_titled(title) == talk
    assert library.talk(talk.id).title == title
    library.rebuild_index()
    assert [summary.talk.title for summary in library.talks()] == [title]
    library.close()
    where = ("--library", str(tmp_path / "library"))
    refused(command("show", "'; DROP TABLE takes; --", *where), 2)
    refused(command("export", "../../x", "--to", "md", *where), 2)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["library"]
