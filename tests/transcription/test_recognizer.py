"""The recognition process and the real small model, on a synthetic voice."""

import os
import signal
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from runthrough.audio.wav import SAMPLE_RATE_HZ, TakeFile
from runthrough.errors import AudioInputError, Cancelled
from runthrough.transcription.cutter import Piece
from runthrough.transcription.listener import Heard, Listener
from runthrough.transcription.recognizer import Recognizer

# Said in the first 48 s of the sample talk.
KEY_WORDS = ("pipe", "city", "hydrants", "street", "months", "surface")


@pytest.fixture(scope="module")
def recognizer(model):
    with Recognizer(model) as made:
        yield made


@pytest.fixture(scope="module")
def listener(model):
    return Listener(model.folder, 2)


def plain(words):
    return [word.text.strip(".,").lower() for word in words]


def spoken_into(path, samples, *, speed=5.0):
    """Write ``samples`` as the recorder does, in a thread, ``speed`` times as fast as spoken."""
    block = SAMPLE_RATE_HZ // 5

    def write():
        with TakeFile(path) as file:
            for at in range(0, len(samples), block):
                file.append(samples[at : at + block])
                time.sleep(0.2 / speed)

    thread = threading.Thread(target=write)
    thread.start()
    return thread


def test_words_come_in_order_with_their_times(recognizer, recording, speech):
    settled, told = [], []
    heard = recognizer.transcribe(
        recording(speech),
        on_words=settled.extend,
        on_progress=lambda at_s, total_s: told.append((at_s, total_s)),
    )
    words = heard.words
    assert list(words) == settled
    assert set(KEY_WORDS) <= set(plain(words))
    starts = [word.start_s for word in words]
    assert starts == sorted(starts)
    assert all(word.start_s <= word.end_s <= heard.duration_s for word in words)
    assert heard.duration_s == pytest.approx(len(speech) / SAMPLE_RATE_HZ, abs=0.1)
    assert told[-1][0] == pytest.approx(told[-1][1])


def test_a_recording_that_grows_gives_the_same_words(recognizer, recording, tmp_path, speech):
    guessed = threading.Event()
    path = tmp_path / "growing.wav"
    following = recognizer.follow(path, on_tentative=lambda words: words and guessed.set())
    spoken_into(path, speech).join()
    assert guessed.wait(60), "what is being said is guessed at before it is settled"
    following.finish()
    live = following.result(60).words
    whole = recognizer.transcribe(recording(speech)).words
    assert live == whole


def test_what_waits_when_the_talk_ends_is_heard_all_the_same(recognizer, recording, speech):
    path = recording(np.tile(speech, 4))
    heard = threading.Event()
    following = recognizer.follow(path, on_words=lambda _words: heard.set())
    assert heard.wait(60)
    following.finish()
    assert following.result(120).words == recognizer.transcribe(path).words


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows kills in other ways")
def test_a_child_that_dies_costs_no_word(model, recording, tmp_path, speech):
    path = tmp_path / "growing.wav"
    with Recognizer(model) as recognizer:
        deaths = []

        def kill(words):
            if words and not deaths:
                deaths.append(recognizer.pid)
                os.kill(recognizer.pid, signal.SIGKILL)

        following = recognizer.follow(path, on_words=kill)
        spoken_into(path, speech).join()
        following.finish()
        live = following.result(60).words
        assert deaths
        assert live == recognizer.transcribe(recording(speech)).words


def test_cancelling_ends_the_process_and_the_next_job_starts_another(model, recording, speech):
    path = recording(np.tile(speech, 6))
    with Recognizer(model) as recognizer:
        heard = threading.Event()
        with pytest.raises(Cancelled):
            recognizer.transcribe(path, on_words=lambda _words: heard.set(), cancelled=heard.is_set)
        assert recognizer.pid is None
        assert recognizer.transcribe(recording(speech, "short.wav")).words


def test_what_is_no_recording_is_told_and_the_process_goes_on(recognizer, recording, tmp_path):
    broken = tmp_path / "talk.mp3"
    broken.write_bytes(b"no sound at all")
    with pytest.raises(AudioInputError):
        recognizer.transcribe(broken)
    silence = recording(np.zeros(5 * SAMPLE_RATE_HZ, np.int16))
    assert recognizer.transcribe(silence).words == ()


def test_a_guess_is_about_what_is_heard(listener, speech):
    piece = Piece(7 * SAMPLE_RATE_HZ, speech[: 8 * SAMPLE_RATE_HZ])
    guess, heard = listener.guess(piece), listener.hear(piece).words
    said = plain(heard)
    assert sum(word in said for word in plain(guess)) >= 0.9 * len(said)
    assert all(piece.start_s <= w.start_s <= w.end_s <= piece.end_s for w in guess)
    once = [word for word in heard if said.count(plain([word])[0]) == 1]
    for word in once:
        times = [w.start_s for w in guess if plain([w]) == plain([word])]
        assert not times or abs(times[0] - word.start_s) < 0.5


def test_a_guess_at_silence_or_at_a_cut_word_is_short(listener, speech):
    silence = Piece(0, np.zeros(6 * SAMPLE_RATE_HZ, np.int16))
    assert listener.guess(silence) == ()
    for end in range(1, 12):
        piece = Piece(0, speech[: round(end * 0.7 * SAMPLE_RATE_HZ)])
        assert len(listener.guess(piece)) <= 2 + 5 * end * 0.7


def test_a_piece_is_told_what_was_said_before_it_unless_that_is_doubtful(listener, speech):
    pause = round(24.5 * SAMPLE_RATE_HZ)
    first, second = Piece(0, speech[:pause]), Piece(pause, speech[pause:])
    before = listener.hear(first)
    assert before.tokens
    alone, told = listener.hear(second), listener.hear(second, earlier=[before])
    both = set(plain(told.words)) & set(plain(alone.words))
    assert len(both) >= 0.8 * len(set(plain(alone.words)))
    assert told.words != alone.words  # at least the probabilities
    assert listener.hear(second, earlier=[Heard((), None), before]) == alone
    assert listener.hear(second, earlier=[Heard(()), before]) == told


def test_what_is_said_again_is_written_again(listener, speech):
    piece = Piece(0, speech[: round(24.5 * SAMPLE_RATE_HZ)])
    once = listener.hear(piece)
    assert listener.hear(piece, earlier=[once]) == replace(once, twice=True)


def test_what_was_said_before_is_not_said_again_into_silence(listener, speech):
    said = listener.hear(Piece(0, speech[: 12 * SAMPLE_RATE_HZ]))
    last = speech[12 * SAMPLE_RATE_HZ : 17 * SAMPLE_RATE_HZ]
    quiet = np.random.default_rng(3).normal(0, 30, 10 * SAMPLE_RATE_HZ).astype(np.int16)
    heard = listener.hear(Piece(0, np.concatenate((last, quiet))), earlier=[said])
    assert heard.words[-1].start_s < 6
    assert listener.hear(Piece(0, quiet), earlier=[said]).words == ()
