from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runthrough.analysis import transcript_of_sentences, transcript_of_words
from runthrough.analysis.sentences import split_text
from runthrough.talk import Word

TOKENS = st.lists(st.sampled_from(["so", "we", "e.g.", "route.", "it?", "3.4", "Dr.", "J.", "x!"]))


def words(text, gap_s=0.1):
    """Words of 0.3 s each, one after another."""
    return [
        Word(i * (0.3 + gap_s), i * (0.3 + gap_s) + 0.3, token, 0.9)
        for i, token in enumerate(text.split())
    ]


def heard(made):
    duration_s = made[-1].end_s if made else 0.0
    return transcript_of_words(made, duration_s=duration_s, language="en", model="tiny.en")


def texts(transcript):
    return [s.text for s in transcript.sentences]


def test_full_stops_end_sentences_and_abbreviations_do_not():
    made = words("We use e.g. rain gauges. See Fig. 3 of Dr. Lee. Does it hold?")
    assert texts(heard(made)) == [
        "We use e.g. rain gauges.",
        "See Fig. 3 of Dr. Lee.",
        "Does it hold?",
    ]
    assert texts(heard(words("The answer is no. We ran it, a. Then b."))) == [
        "The answer is no.",
        "We ran it, a.",
        "Then b.",
    ]


def test_a_long_silence_ends_a_sentence_without_a_full_stop():
    made = [Word(0, 0.3, "first", 0.9), Word(4, 4.3, "second", 0.9)]
    assert texts(heard(made)) == ["first", "second"]


def test_a_sentence_has_the_times_of_its_words():
    made = heard(words("One two. Three four."))
    assert [(s.start_s, s.end_s) for s in made.sentences] == [
        (made.words[0].start_s, made.words[1].end_s),
        (made.words[2].start_s, made.words[3].end_s),
    ]


@given(TOKENS, st.floats(0.01, 3))
def test_no_word_is_lost_between_words_and_sentences(tokens, gap_s):
    made = heard(words(" ".join(tokens), gap_s))
    assert " ".join(texts(made)).split() == tokens
    assert [s.index for s in made.sentences] == list(range(len(made.sentences)))


@given(TOKENS)
def test_no_word_is_lost_between_text_and_sentences(tokens):
    assert " ".join(split_text(" ".join(tokens))).split() == tokens


def test_text_without_punctuation_is_cut():
    assert max(len(s.split()) for s in split_text("word " * 500)) <= 45


def test_text_without_punctuation_is_cut_where_a_clause_begins():
    said = (
        "the main issue is in small catchments under ten square kilometres where the forecast "
        "comes too late because the radar only updates every fifteen minutes and the water is "
        "already down by then so with the new five minute product we could gain enough lead time"
    )
    heard = transcript_of_words(words(said), duration_s=30.0, language="en", model="tiny.en")
    cut = [s.text for s in heard.sentences]
    assert cut == split_text(said)
    assert [s.split()[0] for s in cut] == ["the", "so"]
    assert " ".join(cut) == said
    assert heard.sentences[0].end_s < heard.sentences[1].start_s


def test_a_blank_line_ends_a_sentence():
    assert split_text("A title\n\nThe first sentence.") == ["A title", "The first sentence."]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("[0:03] SPEAKER: We ask why\n[0:07] SPEAKER: it leaks.", ["We ask why it leaks."]),
        ("0:03\nWe ask why\n0:07\nit leaks.", ["We ask why it leaks."]),
        ("Ann Lee: We ask.\nBo: Why?\nAnn Lee: It leaks.\nBo: Oh.", ["We ask.", "Why?"]),
        ("ANNA: We ask\nBEN: Why", ["We ask", "Why"]),
        ("1. Problem: it leaks\n2. It costs a lot", ["Problem: it leaks", "It costs a lot"]),
        ("# Leaks\nWe ask why.\n- It costs\n- It rots", ["Leaks", "We ask why.", "It costs"]),
        ("[1:05 Problem]\nIt leaks.\n[Music]\n(laughs)\nIt rots.", ["It leaks.", "It rots."]),
    ],
)
def test_what_is_written_and_not_spoken_is_in_no_sentence(text, sentences):
    assert split_text(text)[: len(sentences)] == sentences


@pytest.mark.parametrize(
    "text",
    [
        "Result: it fails.\nLimitations: it leaks.",
        "Result: it fails.\nResult: it leaks.",
        "RESULTS: it fails.\nMETHOD: we wait.",
        "It leaks in version\n2. Then it does not.",
        "At\n10:30 it leaks.",
        "It leaks\n- but only a little.",
    ],
)
def test_what_may_be_spoken_stays(text):
    assert " ".join(split_text(text)).split() == text.split()


def test_times_are_estimated_from_the_length_of_the_talk():
    made = transcript_of_sentences(["one two three", "four"], duration_s=8.0)
    assert [(s.start_s, s.end_s) for s in made.sentences] == [(0, 6), (6, 8)]
    assert not made.timed


def test_without_a_length_there_are_no_times():
    made = transcript_of_sentences(["one two three", ""])
    assert [(s.start_s, s.end_s) for s in made.sentences] == [(None, None), (None, None)]
