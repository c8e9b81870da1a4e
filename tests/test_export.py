"""Files for others, read back with other libraries."""

import json
from html.parser import HTMLParser

import av
import pysubs2
import pytest

from runthrough import analysis, export
from runthrough.errors import InputError
from runthrough.formats import find_format
from runthrough.library import TakeFolder
from runthrough.resources import resource
from test_cli import refused, run

EVIL = "<script>alert(1)</script> & `code` [link](http://example.org) | pipe"


@pytest.fixture(scope="module")
def sample():
    return TakeFolder(resource("sample")).report()


def evil():
    talk = analysis.transcript_of_sentences([EVIL, "It fails on plastic pipes."], duration_s=20)
    return analysis.review(talk, find_format("lightning-5"))


def test_subtitles_follow_the_common_rules(sample, tmp_path):
    for to in ("srt", "vtt"):
        path = tmp_path / f"talk.{to}"
        path.write_text(export.export_text(sample, to), encoding="utf-8")
        read = pysubs2.load(str(path))
        words = " ".join(event.plaintext.replace("\n", " ") for event in read)
        assert words.split() == [w.text for w in sample.words]
        last = 0
        for event in read:
            lines = event.plaintext.split("\n")
            assert len(lines) <= 2
            assert max(map(len, lines)) <= 42
            assert last <= event.start <= event.end
            last = event.end


def test_no_subtitle_has_to_be_read_faster_than_it_was_spoken_or_twenty_a_second(sample):
    for cue, after in zip(export.cues(sample), [*export.cues(sample)[1:], None], strict=True):
        rate = len(cue.text) / (cue.end_s - cue.start_s)
        crowded = after is not None and cue.end_s >= after.start_s - 0.001
        assert rate <= 20.5 or crowded


def test_html_loads_nothing_and_runs_nothing_of_the_talks(sample):
    page = export.export_text(evil(), "html", [(-0.5, 0.5)] * 10)
    assert "<script>alert" not in page

    class Links(HTMLParser):
        def handle_starttag(self, tag, attributes):
            for name, value in attributes:
                assert name not in ("href", "onclick", "onerror")
                if name == "src":
                    assert "//" not in value

    Links().feed(page)
    assert sample.findings[0].title in export.export_text(sample, "html")


def test_markdown_shows_marks_as_they_were_said():
    text = export.export_text(evil(), "md")
    assert "<script>" not in text.replace("\\<", "")
    assert "\\[link\\]" in text


def test_labels_are_what_audacity_reads(sample):
    for line in export.export_text(sample, "audacity").splitlines():
        start, end, name = line.split("\t")
        assert 0 <= float(start) <= float(end)
        assert name


def test_without_times_there_are_no_subtitles():
    talk = analysis.review(analysis.transcript_of_sentences(["Hello."]), find_format("lightning-5"))
    with pytest.raises(InputError, match="no times"):
        export.export_text(talk, "srt")
    assert "Hello" in export.export_text(talk, "txt")


def test_the_command_writes_every_format_and_the_sound(tmp_path):
    from runthrough.library import Library

    library = Library(tmp_path / "library")
    library.open_sample()
    library.close()
    where = ("--library", str(tmp_path / "library"))
    assert json.loads(run("export", "last", "--to", "json", *where).stdout)["sections"]
    assert "## Findings" in run("export", "last", "--to", "md", *where).stdout
    page = tmp_path / "review.html"
    assert run("export", "last", "--to", "html", "-o", str(page), *where).returncode == 0
    assert "<svg" in page.read_text(encoding="utf-8")
    for ending in ("flac", "opus", "m4a", "wav"):
        sound = tmp_path / f"talk.{ending}"
        done = run("export", "last", "--to", "audio", "-o", str(sound), *where)
        assert done.returncode == 0, done.stderr
        with av.open(str(sound)) as read:
            seconds = sum(f.samples / f.sample_rate for f in read.decode(audio=0))
        assert 150 < seconds < 260
    assert "Choose one of" in refused(run("export", "last", "--to", "docx", *where), 2)
    told = run("export", "last", "--to", "audio", "-o", str(tmp_path / "talk.mid"), *where)
    assert "endings" in refused(told, 2)
