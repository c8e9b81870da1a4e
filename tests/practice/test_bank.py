"""The shipped questions, and a user's own."""

import pytest

from runthrough.errors import InputError
from runthrough.practice.bank import DOMAINS, JudgedBy, find_question, load_questions
from runthrough.resources import resource

OWN = """
domain = "theory"
[[question]]
id = "sheaf"
text = "What is a sheaf?"
  [[question.point]]
  id = "gluing"
  says = "Local data that agree can be glued"
  phrasings = ["pieces that fit together give one whole"]
"""


def test_the_shipped_bank_is_whole():
    bank, problems = load_questions()
    assert problems == []
    counts = {d: sum(q.domain == d for q in bank.values()) for d in DOMAINS}
    assert min(counts.values()) >= 12
    assert sum(counts.values()) >= 80
    assert next(iter(bank)) == "limitations"
    for question in bank.values():
        assert question.source
        assert 30 <= question.seconds <= 120
        if question.judged_by is not JudgedBy.LIMITATIONS:
            assert 3 <= len(question.points) <= 6
        for point in question.points:
            assert len(point.phrasings) >= 3
            assert point.ask


def test_every_shipped_question_names_a_mistake_that_is_not_one_of_its_points():
    for question in load_questions()[0].values():
        assert question.mistakes, question.id
        right = {text for point in question.points for text in point.phrasings}
        for mistake in question.mistakes:
            assert len(mistake.phrasings) >= 2, question.id
            assert len(mistake.right) >= 2, question.id
            assert mistake.correction, question.id
            assert not right & set(mistake.phrasings), question.id
            assert not set(mistake.right) & set(mistake.phrasings), question.id


def test_questions_of_ones_own_are_added_and_replace_shipped_ones(tmp_path):
    (tmp_path / "mine.toml").write_text(OWN.replace('sheaf"', 'l1-l2"'))
    bank, problems = load_questions(tmp_path)
    assert problems == []
    assert bank["l1-l2"].text == "What is a sheaf?"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("domain = ", "not valid TOML"),
        ('domain = "cooking"', "domain is one of"),
        ('domain = "theory"', "no [[question]]"),
        (OWN.replace('text = "What is a sheaf?"', ""), "sheaf: text is missing"),
        (OWN.replace('["pieces that fit together give one whole"]', "[]"), "phrasings is empty"),
        (OWN + 'judge = "magic"', "magic"),
        (OWN.replace('id = "sheaf"', 'id = "sheaf"\nseconds = -1'), "seconds is from"),
    ],
)
def test_a_broken_file_is_named_and_the_rest_goes_on(tmp_path, text, told):
    if "magic" in text:
        text = OWN.replace('text = "What', 'judge = "magic"\ntext = "What')
    (tmp_path / "mine.toml").write_text(text)
    bank, problems = load_questions(tmp_path)
    assert len(bank) >= 80
    assert len(problems) == 1
    assert "mine.toml" in problems[0]
    assert told in problems[0]


def test_an_unknown_question_is_one_sentence_with_the_next_step():
    with pytest.raises(InputError, match="`runthrough questions` lists"):
        find_question("nonsense")


def test_user_files_are_kept_apart_from_questions_about_a_talk():
    assert (resource("questions", "about_talk.toml")).is_file()
    assert not any(q.domain == "talk" for q in load_questions()[0].values())
