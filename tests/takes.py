"""Takes that nobody records."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from runthrough.analysis import transcript_of_words
from runthrough.audio.wav import TakeFile
from runthrough.formats import find_format
from runthrough.rehearsal import rejudge
from runthrough.talk import TakeState, Word

SPOKEN = (
    "Good morning and welcome to my talk. The problem is that nobody knows where water is lost. "
    "This matters because a city loses one litre in five. Our method listens to every hydrant "
    "at night and keeps the quietest minute. We tested it on forty hydrants in one district. "
    "We found that it sees seventeen of nineteen leaks. Another matter is what the city pays "
    "for a litre. Thank you."
)


def new_take(library, talk, fmt, source="microphone"):
    """The folder of a take that is begun, and let go of at once."""
    folder, lock = library.begin_take(talk, fmt, source)
    lock.release()
    return folder


def words_of(text, doubted=""):
    found, at = [], 0.5
    for word in text.split():
        found.append(Word(at, at + 0.3, word, 0.2 if word == doubted else 0.9))
        at += 1.6 if word.endswith(".") else 0.4
    return found


def add_take(library, text=SPOKEN, *, title="Hearing leaks", events=(), sound=None):
    """A take that is reviewed, and its review."""
    fmt = find_format("five-part-10")
    talk = library.talk_titled(title) or library.new_talk(title, fmt.id)
    folder = new_take(library, talk, fmt)
    words = words_of(text, doubted="hydrant")
    duration = words[-1].end_s + 0.5
    noise = np.random.default_rng(0).normal(0, 1500, round(16_000 * duration))
    with TakeFile(folder.audio) as file:
        file.append(noise.astype(np.int16))
    for event in events:
        folder.add_event(event)
    transcript = transcript_of_words(words, duration_s=duration, language="en", model="tiny.en")
    folder.save_transcript(replace(transcript, sound=sound))
    library.save_take(replace(folder.take(), state=TakeState.TRANSCRIBED, duration_s=duration))
    report = rejudge(library, folder.take().id)
    return folder.take(), report
