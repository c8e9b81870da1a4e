"""Transcript and format in, report out. Pure: no files but the shipped cues, no clock, no threads.

The same transcript gives the same report, so that it can be measured on thousands of texts.
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
