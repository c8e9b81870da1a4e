from __future__ import annotations

from dataclasses import replace

import pytest

from runthrough.analysis import transcript_of_sentences, transcript_of_words
from runthrough.analysis.delivery import judge_delivery
from runthrough.talk import Filler, Sound, Word


def spoken(text, *, per_minute=120.0, start_s=0.0):
    step_s = 60 / per_minute
    return [
        Word(start_s + i * step_s, start_s + (i + 0.8) * step_s, token, 0.9)
        for i, token in enumerate(text.split())
    ]


def delivery_of(words):
    return judge_delivery(
        transcript_of_words(words, duration_s=words[-1].end_s, language="en", model="tiny.en")
    )


def of_text(*sentences, duration_s=60.0):
    return judge_delivery(transcript_of_sentences(sentences, duration_s=duration_s))


def test_pace_is_words_over_time():
    found = delivery_of(spoken("word " * 240))
    assert found.words_per_minute == pytest.approx(120, rel=0.02)
    assert [w.words_per_minute for w in found.pace] == pytest.approx([120] * 4, rel=0.05)


def test_a_long_pause_is_no_slow_speech():
    first = spoken("word " * 60)
    found = delivery_of([*first, *spoken("word " * 60, start_s=first[-1].end_s + 20)])
    assert found.words_per_minute == pytest.approx(120, rel=0.03)
    ((start, end),) = found.pauses_s
    assert end - start == pytest.approx(20)
    assert found.longest_pause_s == pytest.approx(20)


def test_fillers_are_counted_and_words_that_look_like_them_are_not():
    found = of_text("So, um, we uh measured umbrellas.", "You know, it holds.")
    assert dict(found.fillers) == {"um": 1, "uh": 1, "you know": 1}
    assert found.fillers_per_minute == pytest.approx(3)


def test_fillers_of_the_sound_count_beside_words_that_fit_no_sentence():
    transcript = transcript_of_sentences(["So, uh, we train 1000 nets."], duration_s=60)
    sound = Sound((), 0.2, tuple(Filler(at, at + 0.3, "um", from_sound=True) for at in (3, 9, 20)))
    found = judge_delivery(
        replace(transcript, words=tuple(spoken("So uh we train 1 000 nets")), sound=sound)
    )
    assert dict(found.fillers) == {"um": 3, "uh": 1}


def test_words_that_mean_what_they_say_are_no_fillers():
    found = of_text("This kind of pipe, a sort of valve, as you know.", "It is kind of loud.")
    assert dict(found.fillers) == {"kind of": 1}
    assert dict(found.hedges) == {"kind of": 1}
    found = of_text("It is 5 mm wide, and stood in the ER.", "Well, like, right, we asked.")
    assert dict(found.fillers) == {"well": 1, "like": 1, "right": 1}


@pytest.mark.parametrize(
    ("sentences", "terms"),
    [
        (["The SNR is low here."], ["SNR"]),
        (["The signal to noise ratio, SNR, is low."], []),
        (["We train STEs.", "An STE, short for straight-through estimator, helps."], []),
        (["A graph neural network.", *["Hi there."] * 4, "The GNN is small."], []),
        (["A graph neural network.", *["Hi there."] * 20, "The GNN is small."], ["GNN"]),
        (["Simultaneous localization and mapping.", *["Hi there."] * 20, "SLAM is old."], []),
        (["Get it near noon.", *["Hi there."] * 4, "The GIN is small."], ["GIN"]),
        (["A point of care test.", *["Hi there."] * 4, "The POC is small."], []),
        (["In seven locks.", *["Hi there."] * 4, "The ISL is small."], ["ISL"]),
        (["Small cats sleep.", *["Hi there."] * 4, "The SC is small."], ["SC"]),
        (["Small, cool snow.", *["Hi there."] * 4, "The SCS is small."], ["SCS"]),
        (["The SNR is low.", *["Hi there."] * 4, "A signal to noise ratio."], ["SNR"]),
        (["It is VERY dry, so very.", "We do ALL of it in World War XI on a type VII."], []),
        (["The CI is wide and the DL is deep."], ["CI", "DL"]),
        (["I met a PhD student in the USA in Q3."], []),
        (["WE SHOUT ALL OF THIS."], []),
        (["SNR first, SNR again.", "And SNR once more."], ["SNR"]),
        (["We use a CNN that is small.", "BERT or GPT would do."], ["CNN", "BERT", "GPT"]),
    ],
)
def test_acronyms_that_nobody_explained(sentences, terms):
    assert [term for term, _ in of_text(*sentences).acronyms_unexplained] == terms


def test_an_acronym_has_the_time_of_its_first_use():
    found = of_text("A first sentence of six words.", "The SNR is low in there.", duration_s=12)
    assert found.acronyms_unexplained == (("SNR", 6.0),)


def test_silence_has_no_pace():
    found = of_text()
    assert (found.words, found.words_per_minute, found.pauses_s) == (0, None, ())
