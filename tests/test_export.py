"""Files for others, read back with other libraries."""

import base64
import json
import os
import re
import shutil
import sys
from dataclasses import replace
from html.parser import HTMLParser

import av
import pypdfium2
import pysubs2
import pytest

from runthrough import analysis, export, handout
from runthrough.cli import show
from runthrough.errors import Cancelled, InputError
from runthrough.formats import find_format
from runthrough.library import TakeFolder
from runthrough.resources import resource
from runthrough.talk import Answer, Severity, Word
from test_cli import refused, run

EVIL = "<script>alert(1)</script> & `code` [link](http://example.org) | pipe"


@pytest.fixture(scope="module")
def sample():
    return TakeFolder(resource("sample")).report()


def evil():
    talk = analysis.transcript_of_sentences([EVIL, "It fails on plastic pipes."], duration_s=20)
    return analysis.review(talk, find_format("lightning-5"))


def printed(report, path):
    from runthrough.ui import pdf

    pdf.draw(report, (), "Take 1", path)
    with pypdfium2.PdfDocument(path) as paper:
        return "".join(p.get_textpage().get_text_range() for p in paper)


def test_estimated_times_are_called_so_wherever_times_are_shown(sample):
    said = "Times are estimated from word counts."
    for page in (
        show.report,
        *(lambda r, to=to: export.export_text(r, to) for to in ("md", "html")),
    ):
        assert page(evil()).count(said) == 1
        assert said not in page(sample)
        assert said not in page(replace(evil(), duration_s=None))


def test_that_a_recording_breaks_off_is_said_wherever_its_review_is_shown(qapp, tmp_path):
    from runthrough.ui import pdf

    fmt = find_format("lightning-5")
    talk = analysis.transcript_of_sentences(["The problem is water."], duration_s=125)
    whole = analysis.review(talk, fmt)
    part = analysis.review(talk, fmt, whole=False)

    def pages(report):
        pdf.draw(report, (), "Take 1", tmp_path / "review.pdf")
        with pypdfium2.PdfDocument(tmp_path / "review.pdf") as paper:
            yield paper[0].get_textpage().get_text_range()
        yield show.report(report)
        yield from (export.export_text(report, to) for to in ("md", "html"))

    for page in pages(part):
        assert "2:05 of 5:00 planned; the recording breaks off" in page
        assert "The recording breaks off at 2:05" in page
        assert "What seems to be missing may have come after." in page
    assert "[2:05 The recording breaks off]" in export.export_text(part, "txt")
    for page in (*pages(whole), export.export_text(whole, "txt")):
        assert "breaks off" not in page


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


def test_of_what_could_not_be_judged_nothing_is_called_missing(qapp, tmp_path):
    from runthrough.ui import pdf

    fmt = find_format("lightning-5")
    silent = analysis.review(analysis.transcript_of_sentences([""], duration_s=20), fmt)

    def pages(report):
        pdf.draw(replace(report, timed=True), (), "Take 1", tmp_path / "review.pdf")
        with pypdfium2.PdfDocument(tmp_path / "review.pdf") as paper:
            printed = paper[0].get_textpage().get_text_range()
        html = export.export_text(report, "html").partition("</style>")[2]
        table = printed[printed.index("planned", printed.index("told")) :]
        return export.export_text(report, "md"), html, show.report(report), table

    for page in pages(silent):
        assert "not judged" in page
        assert "missing" not in page
        assert "not heard" not in page
        table = page.partition("Findings")[0]
        assert "0:00" not in table, "nor how long it took"
        assert "–" in table.replace("– not judged", "")
    timed = tuple(replace(s, timer_s=7.0) for s in silent.sections)
    for page in pages(replace(silent, sections=timed)):
        assert "0:07" in page


def test_no_subtitle_has_to_be_read_faster_than_twenty_characters_a_second(sample, tmp_path):
    for to in ("srt", "vtt"):
        path = tmp_path / f"talk.{to}"
        path.write_text(export.export_text(sample, to), encoding="utf-8")
        for event in pysubs2.load(str(path)):
            assert len(event.plaintext) / (event.duration / 1000) <= 20.05


def spoken(text, words_per_minute, *, pause_every=0, pause_s=0.0):
    """``text`` as a report whose words follow each other without a breath, but for the pauses."""
    made, at = [], 0.0
    for number, word in enumerate(text.split(), 1):
        made.append(Word(at, at + 60 / words_per_minute, word))
        at = made[-1].end_s + (pause_s if pause_every and number % pause_every == 0 else 0.0)
    talk = analysis.transcript_of_words(made, duration_s=at, language="en", model="")
    return analysis.review(talk, find_format("lightning-5"))


def test_fast_speech_borrows_time_from_the_silence_around_it(tmp_path):
    # 230 words a minute is about 25 characters a second: as fast as speakers rush.
    said = "Our network compares neighbouring hydrants throughout every single night. " * 6
    report = spoken(said, 230, pause_every=9, pause_s=1.5)
    path = tmp_path / "fast.srt"
    path.write_text(export.export_text(report, "srt"), encoding="utf-8")
    shown = list(pysubs2.load(str(path)))
    assert " ".join(e.plaintext.replace("\n", " ") for e in shown).split() == said.split()
    last = 0
    for event in shown:
        assert len(event.plaintext) / (event.duration / 1000) <= 20.05
        assert event.start >= last
        last = event.end


def test_subtitles_never_lag_far_behind_a_speaker_who_takes_no_breath():
    report = spoken("extraordinarily complicated characterisations " * 40, 300)
    starts = [w.start_s for w in report.words]
    at = 0
    for cue in export.cues(report):
        assert cue.start_s <= starts[at] + 2.01
        at += len(cue.text.split())


def test_an_address_longer_than_a_line_is_cut():
    report = spoken("See https://example.org/" + "a" * 60 + " for more.", 120)
    for cue in export.cues(report):
        assert max(map(len, cue.text.split("\n"))) <= 42


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
    assert "url(" not in page
    assert "@import" not in page
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


def test_what_the_speaker_answered_no_longer_stands(sample, qapp, tmp_path):
    marked = [f for f in sample.findings if f.start_s is not None and f.severity != Severity.GOOD]
    (asked,) = [f for f in sample.findings if f.id == "section.missing.limitations"]
    answers = {f.id: Answer.NOT_A_PROBLEM for f in (*marked, asked)}
    findings = [replace(f, answer=answers.get(f.id)) for f in sample.findings]
    report = replace(sample, findings=tuple(findings))
    left = len(findings) - len(answers)
    assert marked
    assert left

    page = export.export_text(report, "html")
    assert "<u " in export.export_text(sample, "html")
    assert "<u " not in page
    assert marked[0].title not in export.export_text(report, "audacity")
    paper = printed(report, tmp_path / "review.pdf")
    for text in (page, export.export_text(report, "md"), show.report(report), paper):
        head, answered = text.split("Findings", 1)[1].split("Answered", 1)
        assert asked.title not in head
        assert asked.title in answered
        assert "You said: not a problem." in answered
    assert f"Findings ({left})" in show.report(report)
    assert "Answered" not in export.export_text(sample, "md")


def test_a_section_that_is_not_planned_has_its_name(sample):
    kept = tuple(s for s in sample.sections if s.id != "related_work")
    told = replace(sample.sentences[0], section="related_work")
    report = replace(sample, sections=kept, sentences=(told,))
    assert [name for name, _ in export.paragraphs(report)] == ["Related work"]


def test_a_quote_stands_once(sample, qapp, tmp_path):
    evidence = replace(sample.sections[0].evidence[0], quote="Wide pipes fail.")
    detail = "You said “Wide pipes fail.” Tell why."
    found = replace(sample.findings[0], detail=detail, evidence=(evidence,), answer=None)
    report = replace(sample, findings=(found,), sentences=())
    pages = [export.export_text(report, to) for to in ("md", "html")]
    for page in (*pages, printed(report, tmp_path / "review.pdf")):
        assert page.partition("Findings")[2].count("Wide pipes fail.") == 1
    other = replace(report, findings=(replace(found, detail="Tell why."),))
    assert "> Wide pipes fail." in export.export_text(other, "md")


def test_fillers_on_paper_are_at_least_so_many_and_none_where_nothing_was_judged(
    sample, qapp, tmp_path
):
    report = replace(sample, delivery=replace(sample.delivery, fillers_per_minute=0.2))
    assert "at least 0.2 fillers a minute" in printed(report, tmp_path / "review.pdf")
    foreign = replace(sample.findings[0], id="language.not_judged")
    report = replace(report, findings=(foreign,))
    assert "fillers a minute" not in printed(report, tmp_path / "review.pdf")


def test_a_question_is_answered_by_no(sample):
    asked = replace(sample.findings[0], id="limitations.possible", answer=Answer.NOT_A_PROBLEM)
    assert "You said: no, it is none." in show.report(replace(sample, findings=(asked,)))


def test_one_of_something_is_said_as_one(sample):
    delivery = replace(sample.delivery, words=1, fillers=(("um", 1),), pauses_s=((3.0, 5.0),))
    text = show.report(replace(sample, delivery=delivery))
    assert "  1 word," in text
    assert "at least 1 filler: um 1" in text
    assert "  1 pause of 2.0 s" in text


def test_without_times_there_are_no_subtitles():
    talk = analysis.review(analysis.transcript_of_sentences(["Hello."]), find_format("lightning-5"))
    with pytest.raises(InputError, match="no times"):
        export.export_text(talk, "srt")
    assert "Hello" in export.export_text(talk, "txt")


def seconds_of(sound):
    with av.open(str(sound)) as read:
        return sum(f.samples / f.sample_rate for f in read.decode(audio=0))


def test_a_web_page_shows_the_plan_the_sound_and_what_was_heard(sample):
    page = export.export_text(sample, "html", [(-0.1, 0.1)] * 10, about="Take 1", sound="a b.m4a")
    assert page.count('class="band"') == 2
    for section in sample.sections:
        assert f'title="{section.title}"' in page
    assert "▼" in page
    assert 'src="a b.m4a"' in page
    for sentence in sample.sentences:
        assert f'data-t="{sentence.start_s:.2f}"' in page


def test_half_made_files_do_not_stay(tmp_path):
    folder = TakeFolder(resource("sample"))
    for kind in handout.KINDS:
        target = tmp_path / f"talk{kind.ending}"
        with pytest.raises(Cancelled):
            handout.write(
                folder,
                kind,
                target,
                write_pdf=lambda report, outline, about, path: path.write_text("half"),
                cancelled=lambda: True,
            )
    assert list(tmp_path.iterdir()) == []


def test_a_page_s_sound_never_replaces_somebody_s_recording(tmp_path):
    folder = TakeFolder(resource("sample"))
    kind = handout.kind_of("html", None)
    mine = tmp_path / "talk.m4a"
    mine.write_bytes(b"my recording")
    for _ in range(2):  # a page that is written again keeps its sound's name
        page, sound = handout.write(folder, kind, tmp_path / "talk.html")
        assert sound.name == "talk-2.m4a"
        assert 'src="talk-2.m4a"' in page.read_text(encoding="utf-8")
    assert mine.read_bytes() == b"my recording"


# Names of files are bytes on Linux alone.
@pytest.mark.skipif(sys.platform != "linux", reason="no such file can be made elsewhere")
def test_a_page_whose_name_is_no_text_leads_to_its_sound(tmp_path):
    target = tmp_path / os.fsdecode(b"t\xff lk.html")
    for _ in range(2):  # the second time it knows its own sound
        page, sound = handout.write(
            TakeFolder(resource("sample")), handout.kind_of("html", None), target
        )
        assert 'src="t%FF%20lk.m4a"' in page.read_text(encoding="utf-8")
        assert os.fsencode(sound.name) == b"t\xff lk.m4a"


@pytest.mark.parametrize("sound", [None, b"RIFF and no more"])
def test_a_review_whose_sound_is_gone_or_damaged_is_exported_without_it(tmp_path, sound):
    folder = TakeFolder(tmp_path / "take")
    shutil.copytree(resource("sample"), folder.path, ignore=shutil.ignore_patterns("audio*"))
    if sound is not None:
        folder.audio.write_bytes(sound)
    kind = handout.kind_of("html", None)
    assert handout.write(folder, kind, tmp_path / "talk.html") == [tmp_path / "talk.html"]
    page = (tmp_path / "talk.html").read_text(encoding="utf-8")
    assert "I could not find any limitations" in page
    assert "<audio" not in page


def test_names_that_every_system_takes():
    take = TakeFolder(resource("sample")).take()
    assert handout.file_name('a/b\\c: "what?"', take, ".pdf") == "a b c what - take 1.pdf"
    assert handout.file_name("???", take, ".md") == "Talk - take 1.md"
    assert len(handout.file_name("long " * 100, take, ".md")) < 110
    # As many bytes as file systems take, with what is added while it is written.
    name = handout.file_name("水道管の漏れを聞く" * 30, take, ".labels.txt")
    assert len(f"{name}.part".encode()) <= 255
    assert name.startswith("水道管の漏れを聞く")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such pipes, nor links for all")
def test_links_lead_to_the_file_and_pipes_stay(tmp_path):
    folder = TakeFolder(resource("sample"))
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    (tmp_path / "real.md").write_text("old", encoding="utf-8")
    (tmp_path / "link.md").symlink_to("real.md")
    handout.write(folder, handout.kind_of("md", None), tmp_path / "link.md")
    assert (tmp_path / "link.md").is_symlink()
    assert "Limitations" in (tmp_path / "real.md").read_text("utf-8")
    for to in ("md", "html", "pdf"):
        with pytest.raises(InputError, match="pipe"):
            handout.write(folder, handout.kind_of(to, pipe), pipe)
    assert pipe.is_fifo()
    assert len(list(tmp_path.iterdir())) == 3


def test_a_name_too_long_is_said_as_such(tmp_path):
    folder = TakeFolder(resource("sample"))
    for to, ending in (("md", ".md"), ("html", ".html"), ("audio", ".flac")):
        target = tmp_path / ("a" * 300 + ending)
        with pytest.raises(InputError, match="too long a name"):
            handout.write(folder, handout.kind_of(to, target), target)


def test_a_name_as_long_as_the_system_takes_is_written(tmp_path):
    folder = TakeFolder(resource("sample"))
    for to, ending in (("md", ".md"), ("html", ".html"), ("audio", ".wav")):
        target = tmp_path / ("a" * (255 - len(ending)) + ending)
        assert target in handout.write(folder, handout.kind_of(to, target), target)
        assert target.exists()
    page = tmp_path / ("b" * 252)
    with pytest.raises(InputError, match=r"m4a” is too long a name"):
        handout.write(folder, handout.kind_of("html", page), page)
    assert not page.exists()


def test_sound_that_can_not_be_written_is_a_sentence_with_what_to_do(tmp_path):
    target = tmp_path / "nowhere" / "talk.opus"
    with pytest.raises(InputError, match=r"can.t be written .* Choose another folder"):
        handout.write(TakeFolder(resource("sample")), handout.kind_of("audio", target), target)


@pytest.mark.parametrize("kind", handout.KINDS, ids=lambda k: f"{k.to}{k.ending}{k.sound_inside}")
def test_a_folder_is_refused_before_anything_is_written(tmp_path, kind):
    target = tmp_path / f"mine{kind.ending}"
    target.mkdir()
    with pytest.raises(InputError, match="is a folder"):
        handout.write(TakeFolder(resource("sample")), kind, target)
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("name", ["page.m4a", "page.M4A"])
def test_a_page_is_not_written_over_its_own_sound(tmp_path, name):
    target = tmp_path / name
    with pytest.raises(InputError, match=r"\.html"):
        handout.write(TakeFolder(resource("sample")), handout.kind_of("html", target), target)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="may enter any folder")
@pytest.mark.parametrize("to", ["md", "html", "audio"])
def test_a_folder_that_may_not_be_entered_is_said_as_such(tmp_path, to):
    target = tmp_path / "closed" / "talk.flac"
    target.parent.mkdir(mode=0)
    with pytest.raises(InputError, match="Permission denied"):
        handout.write(TakeFolder(resource("sample")), handout.kind_of(to, target), target)


def test_without_a_name_the_command_writes_over_no_file(tmp_path, monkeypatch):
    from runthrough.library import Library

    library = Library(tmp_path / "library")
    library.open_sample()
    library.close()
    monkeypatch.chdir(tmp_path)
    written = []
    for to in ("pdf", "pdf", "audio"):
        done = run("export", "last", "--to", to, "--json", "--library", str(tmp_path / "library"))
        written += json.loads(done.stdout)["written"]
    title = "Sample hearing leaks before anybody sees them"
    endings = [".pdf", "-2.pdf", ".flac"]
    assert written == [f"{title} - take 1{ending}" for ending in endings]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*written, "library"])


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
    text = page.read_text(encoding="utf-8")
    assert "<svg" in text
    assert 'src="review.m4a"' in text
    assert 150 < seconds_of(tmp_path / "review.m4a") < 260
    whole = tmp_path / "whole.html"
    done = run("export", "last", "--to", "html", "--embed-audio", "-o", str(whole), *where)
    assert done.returncode == 0, done.stderr
    inside = re.search(r'src="data:audio/mp4;base64,([^"]+)"', whole.read_text(encoding="utf-8"))
    (tmp_path / "inside.m4a").write_bytes(base64.b64decode(inside[1]))
    assert 150 < seconds_of(tmp_path / "inside.m4a") < 260
    assert not (tmp_path / "whole.m4a").exists()
    told = run("export", "last", "--to", "md", "--embed-audio", *where)
    assert "--embed-audio" in refused(told, 2)
    assert "-o" in refused(run("export", "last", "--to", "md", "--json", *where), 2)
    words = str(tmp_path / "talk.txt")
    done = run("export", "last", "--to", "txt", "--json", "-o", words, *where)
    assert json.loads(done.stdout) == {"written": [words]}
    paper = tmp_path / "review.pdf"
    assert run("export", "last", "--to", "pdf", "-o", str(paper), *where).returncode == 0
    read = pypdfium2.PdfDocument(str(paper))
    printed = "".join(p.get_textpage().get_text_range() for p in read)
    assert "I could not find any limitations" in printed
    assert "2:50 of 5:00 planned" in printed
    assert "Thank you, I am happy to take questions." in printed
    nowhere = tmp_path / "nowhere" / "review.pdf"
    told = run("export", "last", "--to", "pdf", "-o", str(nowhere), *where)
    assert "can't be written" in refused(told, 2)
    for ending in ("flac", "opus", "m4a", "wav"):
        sound = tmp_path / f"talk.{ending}"
        done = run("export", "last", "--to", "audio", "-o", str(sound), *where)
        assert done.returncode == 0, done.stderr
        assert 150 < seconds_of(sound) < 260
    assert "Choose one of" in refused(run("export", "last", "--to", "docx", *where), 2)
    told = run("export", "last", "--to", "audio", "-o", str(tmp_path / "talk.mid"), *where)
    assert "endings" in refused(told, 2)


def test_a_web_page_has_buttons_only_where_there_is_something_to_play(sample):
    silent = export.export_text(sample, "html")
    assert "<button" not in silent
    assert '<span class="at">1:54</span>' in silent
    playing = export.export_text(sample, "html", sound="talk.m4a")
    assert 'aria-label="Play from 1:54">1:54</button>' in playing


def luminance(colour):
    if len(colour) == 4:
        colour = "#" + "".join(2 * digit for digit in colour[1:])
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_a_web_page_can_be_read_in_light_and_dark():
    style = resource("theme", "report.css").read_text(encoding="utf-8")
    themes = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    assert len(themes) == 2
    for theme in themes:
        colours = dict(re.findall(r"--([\w-]+): (#\w+);", theme))
        for text, ground in (
            *(("text", on) for on in ("paper", "page", "lit")),
            *((name, "paper") for name in ("soft", "accent", "bad")),
            *((name, f"{name}-soft") for name in ("good", "warn", "bad")),
        ):
            assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
        assert contrast(colours["wave"], colours["paper"]) >= 3
    sections = re.findall(r"\.(\w+) \{ background: (#\w+);", style)
    assert len(sections) == 7
    for name, ground in sections:
        assert contrast("#fff", ground) >= 4.5, name
