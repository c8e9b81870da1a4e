"""Transcript and format in, report out. Pure: no files but what ships, and no clock.

The same transcript gives the same report, so that it can be measured on thousands of texts. That
two threads read a talk's windows for the judge changes nothing of it.
"""

from __future__ import annotations

from runthrough.analysis.review import heard_sections, interruptions, read_ahead, review
from runthrough.analysis.sentences import (
    split_text,
    transcript_of_sentences,
    transcript_of_words,
)

__all__ = [
    "heard_sections",
    "interruptions",
    "read_ahead",
    "review",
    "split_text",
    "transcript_of_sentences",
    "transcript_of_words",
]
