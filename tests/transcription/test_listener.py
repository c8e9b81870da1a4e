"""What is made of words that the model gave."""

import pytest

from runthrough.talk import Word
from runthrough.transcription.listener import without_repeat


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
