from __future__ import annotations

import pytest

from runthrough.analysis import review, transcript_of_words
from runthrough.formats import find_format
from runthrough.talk import Word

SPOKEN = "Guten Tag. Das Problem ist, dass niemand weiß, wo das Wasser bleibt. Danke schön."


def findings(language):
    words = [Word(n * 0.5, n * 0.5 + 0.4, w, 0.9) for n, w in enumerate(SPOKEN.split())]
    transcript = transcript_of_words(
        words, duration_s=words[-1].end_s, language=language, model="base"
    )
    return review(transcript, find_format("lightning-5")).findings


def test_a_talk_in_another_language_is_timed_and_the_review_says_that_it_is_not_judged():
    found = findings("de")
    assert found[0].id == "language.not_judged"
    assert {finding.id.split(".")[0] for finding in found[1:]} <= {"time"}
    assert "missing" not in " ".join(finding.detail for finding in found)


@pytest.mark.parametrize("language", ["en", ""])
def test_english_and_what_nobody_named_is_judged(language):
    found = {finding.id for finding in findings(language)}
    assert "language.not_judged" not in found
    assert any(name.startswith("section.missing") for name in found)
