"""Choosing what to practise, and rounds of questions on a real library."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
import soundfile

from fake_microphone import FakeSoundDevice
from runthrough.drill import Drill, Round, choose, kept_answers
from runthrough.errors import InputError
from runthrough.library import Library
from runthrough.practice.bank import find_question, load_questions
from runthrough.practice.schedule import AGAIN, EASY, GOOD, due_at, when
from runthrough.resources import resource
from runthrough.talk import Asked
from runthrough.transcription.models import find_model
from runthrough.transcription.recognizer import Recognizer

NOW = datetime.now().astimezone()
STRONG = (
    "It fails on plastic pipes because plastic damps the high frequencies, "
    "and a third sensor in the middle would fix that."
)


@pytest.fixture
def library(tmp_path):
    opened = Library(tmp_path / "library")
    yield opened
    opened.close()


def answered(library, question_id, text):
    one = Round(library, find_question(question_id))
    return one.write(text)


def test_an_answer_is_kept_with_its_verdict_and_found_again(library):
    given = answered(library, "limitations", STRONG)
    library.rebuild_index()
    (kept,) = library.answers()
    assert kept == given
    assert kept.verdict.score == 1
    assert kept.rating == GOOD


def test_an_answer_whose_live_transcription_was_given_up_is_transcribed_anew(library, monkeypatch):
    sound = FakeSoundDevice("Built-in microphone")
    monkeypatch.setattr("runthrough.audio.devices._portaudio", lambda: sound)
    sample = resource("sample", "audio.flac")
    samples, _ = soundfile.read(sample, frames=64_000, dtype="int16")
    one = Round(library, find_question("limitations"))
    with Recognizer(find_model()) as closing, Recognizer(find_model()) as new:
        one.open()
        one.begin(closing)
        closing.close()
        sound.speak(samples)
        given = one.finish(new)
    assert given.transcript
    assert given.has_sound


def test_an_answer_that_was_kept_at_closing_is_judged_in_its_round(library, monkeypatch):
    sound = FakeSoundDevice("Built-in microphone")
    monkeypatch.setattr("runthrough.audio.devices._portaudio", lambda: sound)
    samples, _ = soundfile.read(resource("sample", "audio.flac"), frames=64_000, dtype="int16")
    one = Round(library, find_question("limitations"))
    first = one.write("It fails on plastic pipes.")
    assert one.ask_on()
    one.open()
    one.begin()
    sound.speak(samples)
    one.stop()
    assert library.answers() == [first]
    ((question, kept),) = kept_answers(library)
    later = Round(library, question)
    later.take_up(kept)
    assert (later.asked, later.depth) == (one.asked, 1)
    with Recognizer(find_model()) as recognizer:
        given = later.finish(recognizer)
    assert given.transcript
    assert (given.id, given.at, given.round_id) == (kept.id, kept.at, first.id)
    assert (given.asked, given.depth, given.has_sound) == (one.asked, 1, True)
    assert library.answers() == [first, given]
    assert kept_answers(library) == []


def test_an_answer_in_another_language_is_kept_and_not_rated(library, monkeypatch):
    sound = FakeSoundDevice("Built-in microphone")
    monkeypatch.setattr("runthrough.audio.devices._portaudio", lambda: sound)
    samples, _ = soundfile.read(resource("sample", "audio.flac"), frames=64_000, dtype="int16")
    one = Round(library, find_question("limitations"))
    one.open()
    one.begin()
    sound.speak(samples)
    with Recognizer(find_model()) as recognizer:
        heard = recognizer.transcribe
        # As a model of several languages would call it.
        monkeypatch.setattr(
            recognizer, "transcribe", lambda *a, **k: replace(heard(*a, **k), language="de")
        )
        with pytest.raises(InputError, match="Only answers in English"):
            one.finish(recognizer)
    assert (library.answers(), one.verdict) == ([], None)
    assert [question for question, _ in kept_answers(library)] == [one.question]


def test_an_answer_that_was_kept_is_passed_over_where_nothing_tells_its_question(library):
    for said in (b"", b"{}", b"[]"):
        folder = library.new_answer_folder()
        (folder / "audio.wav").write_bytes(b"RIFF")
        (folder / "asked.json").write_bytes(said)
    gone = Asked(library.new_answer_folder().name, "gone", "Gone?", NOW, "", (), "no take")
    library.save_asked(gone)
    library.answer_sound(gone.id).write_bytes(b"RIFF")
    assert kept_answers(library) == []
    assert len(list((library.root / "answers").iterdir())) == 4


def test_a_round_goes_deeper_and_points_once_heard_stay_heard(library):
    one = Round(library, find_question("limitations"))
    one.write("It fails on plastic pipes.")
    assert one.ask_on()
    assert "plastic pipes" in one.asked
    one.write("Because plastic damps the high frequencies.")
    assert [point.met for point in one.verdict.points][:2] == [True, True]
    first, second = library.answers()
    assert (first.depth, second.depth) == (0, 1)
    assert second.round_id == first.id


def test_what_was_weak_comes_back_before_what_was_strong(library):
    weak = answered(library, "limitations", "Fine.")
    strong = answered(library, "not-use", STRONG)
    due = due_at([weak, strong])
    assert due["limitations"] < due["not-use"]
    assert weak.rating == AGAIN


def test_answers_given_in_any_time_zone_are_due_at_the_same_time(library):
    given = answered(library, "limitations", STRONG)
    there = [given.at.astimezone(timezone(timedelta(hours=h))) for h in (-8, 0, 1, 5.5)]
    due = [due_at([replace(given, at=at)])["limitations"] for at in there]
    assert due == due[:1] * 4


def test_the_speaker_may_overrule_the_rating(library):
    one = Round(library, find_question("limitations"))
    before = due_at([one.write(STRONG)])
    one.rate(EASY)
    after = due_at(library.answers())
    assert after["limitations"] > before["limitations"]


def test_due_are_those_whose_day_has_come_and_new_ones_where_nothing_is(library):
    bank, _ = load_questions()
    new = choose(Drill.DUE, bank, [], NOW)
    assert len({q.domain for q in new}) == len(new) == 6
    weak = answered(library, "elbo", "Fine.")
    late = replace(weak, at=NOW - timedelta(days=30))
    assert [q.id for q in choose(Drill.DUE, bank, [late], NOW)] == ["elbo"]


def test_what_was_weak_last_night_is_due_this_morning_and_not_before_midnight(library):
    bank, _ = load_questions()
    here = timezone(timedelta(hours=-8))  # there its day is another than in UTC
    night = datetime(2026, 3, 1, 20, tzinfo=here)
    given = [replace(answered(library, "elbo", "Fine."), at=night)]
    due = due_at(given)["elbo"]
    assert due.astimezone(here) == night + timedelta(days=1)
    morning = night + timedelta(hours=13)
    assert [q.id for q in choose(Drill.DUE, bank, given, morning)] == ["elbo"]
    assert when(due, morning) == "now"
    late = night.replace(hour=23)
    assert "elbo" not in {q.id for q in choose(Drill.DUE, bank, given, late)}
    assert when(due, late) == "tomorrow"


def test_the_limitations_drill_begins_with_the_question_that_always_comes(library):
    bank, _ = load_questions()
    asked = choose(Drill.LIMITATIONS, bank, [], NOW)
    assert asked[0].id == "limitations"
    assert {q.domain for q in asked} == {"limitations"}


def test_a_deleted_answer_is_gone_from_library_and_schedule(library):
    given = answered(library, "limitations", STRONG)
    library.delete_answer(given.id)
    assert library.answers() == []
    assert not library.answer_sound(given.id).parent.exists()
