import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from runthrough.audio.wav import SAMPLE_RATE_HZ
from runthrough.transcription.cutter import Cutter, Limits

# Short pieces, so that little sound makes many.
LIMITS = Limits(min_s=0.5, max_s=1.2, pause_s=0.2)


def cut(samples, sizes, limits=LIMITS, start=0):
    cutter, pieces, at = Cutter(start, limits), [], 0
    for size in sizes:
        pieces += cutter.push(samples[at : at + size])
        at += size
    pieces += cutter.push(samples[at:])
    return pieces + cutter.finish()


def talk(seed, seconds):
    """Bursts of noise with pauses of many lengths between them."""
    random = np.random.default_rng(seed)
    parts, length = [np.zeros(0)], 0
    while length < seconds * SAMPLE_RATE_HZ:
        loud = random.normal(0, 4000, int(random.uniform(0.1, 1.5) * SAMPLE_RATE_HZ))
        quiet = random.normal(
            0, random.choice([0, 3, 60]), int(random.uniform(0, 0.6) * SAMPLE_RATE_HZ)
        )
        parts += [loud, quiet]
        length += len(loud) + len(quiet)
    return np.concatenate(parts).clip(-32768, 32767).astype(np.int16)


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 10_000),
    seconds=st.floats(0, 6),
    sizes=st.lists(st.integers(0, 20_000), max_size=30),
)
def test_pieces_partition_the_stream_whatever_the_blocks(seed, seconds, sizes):
    samples = talk(seed, seconds)
    pieces = cut(samples, sizes)
    assert np.array_equal(np.concatenate([np.zeros(0), *(p.samples for p in pieces)]), samples)
    starts = np.cumsum([0, *(len(piece.samples) for piece in pieces)])[:-1]
    assert [piece.start for piece in pieces] == list(starts)
    assert all(0 < len(piece.samples) <= LIMITS.max_s * SAMPLE_RATE_HZ for piece in pieces)
    assert all(len(piece.samples) >= LIMITS.min_s * SAMPLE_RATE_HZ for piece in pieces[:-1])
    whole = cut(samples, [len(samples)])
    assert [piece.start for piece in whole] == [piece.start for piece in pieces]


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 10_000), take=st.integers(0, 6))
def test_cutting_can_be_taken_up_again_after_any_piece(seed, take):
    samples = talk(seed, 8)
    pieces = cut(samples, [])
    start = pieces[min(take, len(pieces) - 1)].start
    again = cut(samples[start:], [], start=start)
    assert [piece.start for piece in again] == [p.start for p in pieces if p.start >= start]


def test_it_cuts_in_the_pause():
    random = np.random.default_rng(0)
    loud = random.normal(0, 4000, SAMPLE_RATE_HZ * 14).astype(np.int16)
    quiet = random.normal(0, 20, SAMPLE_RATE_HZ * 2).astype(np.int16)
    pieces = cut(np.concatenate([loud, quiet, loud]), [1600] * 300, Limits())
    assert 14 < pieces[0].end_s < 16


def test_continuous_speech_is_cut_where_it_is_quietest():
    random = np.random.default_rng(0)
    sound = random.normal(0, 4000, SAMPLE_RATE_HZ * 40)
    sound[20 * SAMPLE_RATE_HZ : int(20.3 * SAMPLE_RATE_HZ)] *= 0.3
    pieces = cut(sound.astype(np.int16), [8000] * 100, Limits())
    assert 20 <= pieces[0].end_s <= 20.3


def test_silence_is_cut_too():
    pieces = cut(np.zeros(SAMPLE_RATE_HZ * 100, np.int16), [16000] * 100, Limits())
    assert sum(len(piece.samples) for piece in pieces) == SAMPLE_RATE_HZ * 100
    assert len(pieces) > 3
