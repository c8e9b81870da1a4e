"""What is made of words that the model gave."""

import numpy as np
import pytest

from runthrough.talk import Word
from runthrough.transcription.listener import hides_others, without_repeat


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        (
            "So. Our method is a router. Our Method is a Router.",
            "So. Our method is a router.",
        ),
        ("It is very very small.", "It is very very small."),
        ("We train, we test, and we train again.", "We train, we test, and we train again."),
        ("", ""),
    ],
)
def test_a_guess_does_not_end_with_what_it_has_just_said(told, kept):
    words = [Word(0.3 * i, 0.3 * i + 0.2, text, 0.9) for i, text in enumerate(told.split())]
    assert " ".join(word.text for word in without_repeat(words)) == kept


@pytest.mark.parametrize(
    ("text", "lasts_s", "hides"),
    [("the", 2.4, True), ("the", 0.3, False), ("96.5%", 1.7, False), ("NLLB", 1.6, False)],
)
def test_a_word_that_lasts_too_long_hides_others(text, lasts_s, hides):
    voice = np.ones(200, bool)  # 6.4 s
    assert hides_others(voice, Word(1.0, 1.0 + lasts_s, text, 0.9)) is hides


def test_a_word_before_a_pause_hides_none():
    voice = np.ones(200, bool)
    voice[45:110] = False
    assert not hides_others(voice, Word(1.0, 3.5, "the", 0.9))
