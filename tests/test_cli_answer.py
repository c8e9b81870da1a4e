"""`runthrough answer` as scripts call it."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import soundfile

from runthrough.library import Library
from runthrough.resources import resource
from test_cli import refused, run

SCHEMA = json.loads((Path(__file__).parent / "schema" / "answer-1.json").read_text())
STRONG = (
    "It fails on plastic pipes because plastic damps the high frequencies, "
    "and a third sensor in the middle would fix that."
)
EVASIVE = "Honestly there are no real limitations, it works for everything that we have tried."


def verdict(done):
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    jsonschema.validate(found, SCHEMA)
    return found


def test_a_strong_answer_is_complete_and_nothing_is_asked_on(tmp_path):
    path = tmp_path / "answer.txt"
    path.write_text(STRONG)
    found = verdict(run("answer", str(path), "--question", "limitations", "--json"))
    assert found["score"] == 1
    assert [p["id"] for p in found["points"]] == ["where", "why", "fix"]
    assert found["follow_up"] is None
    assert not found["deflects"]


@pytest.mark.parametrize("name", ["answer", "answer.text", "answer.v2"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_an_answer_is_known_as_text_whatever_it_is_called(tmp_path, name, encoding):
    (tmp_path / name).write_text(f"Voilà. {STRONG}\n", encoding=encoding)
    found = verdict(run("answer", str(tmp_path / name), "--question", "limitations", "--json"))
    assert found["score"] == 1


def test_only_an_answer_in_english_is_judged(tmp_path):
    told = {"schema": "runthrough.transcript/1", "sentences": [{"text": STRONG}]}
    (tmp_path / "answer.json").write_text(json.dumps({**told, "language": "de"}))
    assert "Only answers in English" in refused(run("answer", str(tmp_path / "answer.json")), 2)


def test_waving_it_away_is_quoted_and_pressed_on():
    found = verdict(run("answer", "-", "--json", given=EVASIVE))
    assert (found["score"], found["deflects"], found["deflections"]) == (0, True, [EVASIVE])
    assert found["follow_up"]["id"] == "limitations.deflection"
    assert "no real limitations" in found["follow_up"]["text"]


def test_people_read_it_in_words():
    done = run("answer", "-", given=EVASIVE)
    assert done.returncode == 0
    assert "not heard Where it fails" in done.stdout


def test_many_answers_come_out_in_order():
    lines = [json.dumps({"id": 1, "text": STRONG}), "{", json.dumps({"id": 3, "text": ""})]
    done = run("answer", "--jsonl", "--question", "limitations", given="\n".join(lines))
    first, second, third = [json.loads(line) for line in done.stdout.splitlines()]
    jsonschema.validate(first, SCHEMA)
    jsonschema.validate(third, SCHEMA)
    assert (first["id"], first["score"], third["id"], third["score"]) == (1, 1, 3, 0)
    assert "error" in second


@pytest.mark.parametrize("name", ["answer.flac", "answer"])
def test_an_answer_in_sound_is_listened_to(tmp_path, name):
    sound, rate = soundfile.read(resource("sample", "audio.flac"), frames=16_000 * 8)
    path = tmp_path / name
    soundfile.write(path, sound, rate, format="FLAC")
    found = verdict(run("answer", str(path), "--json"))
    assert "water pipe" in found["transcript"].lower()
    assert found["duration_s"] == 8


def test_what_the_user_got_wrong_is_one_sentence(tmp_path):
    assert "questions" in refused(run("answer", "-", "--question", "nonsense", given="x"), 2)
    assert "can't be read" in refused(run("answer", str(tmp_path / "none.txt")), 2)
    assert "standard input" in refused(run("answer"), 2)
    (tmp_path / "noise.wav").write_bytes(b"no sound at all")
    refused(run("answer", str(tmp_path / "noise.wav")), 2)


def test_a_knowledge_question_is_judged_by_its_points():
    said = (
        "It is a lower bound on the log likelihood: decode well, and keep the codes near the prior."
    )
    found = verdict(run("answer", "-", "--question", "elbo", "--json", given=said))
    assert {p["id"] for p in found["points"] if p["met"]} == {"bound", "two-terms"}
    assert found["follow_up"]["id"].startswith("elbo.")


def test_questions_are_listed_by_domain_and_about_a_take(tmp_path):
    listed = run("questions", "--domain", "engineering")
    assert "bfloat16" in listed.stdout
    assert "limitations of your work" not in listed.stdout
    document = json.loads(run("questions", "--json").stdout)
    assert len(document["questions"]) >= 80
    assert "no takes" in refused(run("questions", "--take", "last"), 2)


def test_a_domain_and_a_take_are_not_asked_for_together(tmp_path):
    library = Library(tmp_path)
    library.open_sample()
    library.close()
    given = ("questions", "--take", "last", "--library", str(tmp_path))
    assert run(*given).returncode == 0
    assert "--domain" in refused(run(*given, "--domain", "engineering"), 2)


def test_no_answer_steers_the_terminal():
    said = "Honestly there are no real \x1b[31mlimitations\x9b2J, it works for everything we tried."
    done = run("answer", "-", given=said)
    assert "limitations" in done.stdout
    assert not {"\x1b", "\x9b"} & set(done.stdout)
