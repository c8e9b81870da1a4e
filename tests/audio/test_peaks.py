import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runthrough.audio.peaks import PEAKS_PER_S, columns, load_peaks, peaks_path
from runthrough.audio.wav import SAMPLE_RATE_HZ, TakeFile
from runthrough.errors import AudioInputError


@pytest.fixture
def take(tmp_path):
    """130.005 seconds of silence with one click up and one click down."""
    pcm = np.zeros(round(130.005 * SAMPLE_RATE_HZ), np.int16)
    pcm[20 * SAMPLE_RATE_HZ] = 32767
    pcm[100 * SAMPLE_RATE_HZ + 7] = -32768
    path = tmp_path / "audio.wav"
    with TakeFile(path) as file:
        file.append(pcm)
    return path


def test_each_hundredth_of_a_second_has_its_lowest_and_highest_sample(take):
    peaks = load_peaks(take)
    assert peaks.shape == (13001, 2)
    assert peaks.dtype == np.int8
    assert peaks[2000].tolist() == [0, 127]
    assert peaks[10000].tolist() == [-128, 0]
    assert np.count_nonzero(peaks) == 2


def test_they_are_stored_and_taken_from_there(take):
    first = load_peaks(take)
    stored = peaks_path(take)
    before = stored.stat().st_mtime_ns
    assert np.array_equal(load_peaks(take), first)
    assert stored.stat().st_mtime_ns == before
    assert sorted(p.name for p in take.parent.iterdir()) == ["audio.peaks.npy", "audio.wav"]


@pytest.mark.parametrize("content", [b"", b"rubbish", b"\x93NUMPY\x01\x00rubbish"])
def test_damaged_or_outdated_ones_are_computed_again(take, content):
    first = load_peaks(take)
    peaks_path(take).write_bytes(content)
    assert np.array_equal(load_peaks(take), first)
    np.save(peaks_path(take), first[:-500])
    assert np.array_equal(load_peaks(take), first)
    np.save(peaks_path(take), first.astype(np.int64))
    assert load_peaks(take).dtype == np.int8


def test_a_full_disk_keeps_nobody_from_the_waveform(take, small_disk):
    first = load_peaks(take)
    peaks_path(take).unlink()
    with small_disk(1000):
        assert np.array_equal(load_peaks(take), first)
    assert [p.name for p in take.parent.iterdir()] == ["audio.wav"]


def test_a_take_without_sound(tmp_path):
    TakeFile(tmp_path / "audio.wav").close()
    peaks = load_peaks(tmp_path / "audio.wav")
    assert peaks.shape == (0, 2)
    assert not columns(peaks, 10).any()
    with pytest.raises(AudioInputError):
        load_peaks(tmp_path / "absent.wav")


def test_no_click_is_lost_however_few_columns_there_are(take):
    peaks = load_peaks(take)
    for count in (1, 3, 800, 13001, 40000):
        outline = columns(peaks, count)
        assert outline.shape == (count, 2)
        assert outline.min() == -1.0
        assert outline.max() == pytest.approx(127 / 128)
    assert columns(peaks, 13, 0.0, 130.0)[2, 1] > 0.9


def test_a_part_and_what_lies_outside(take):
    peaks = load_peaks(take)
    assert columns(peaks, 100, 19.5, 20.5)[50, 1] > 0.9
    assert not columns(peaks, 100, 30.0, 90.0).any()
    assert not columns(peaks, 10, 200.0, 300.0).any()
    half = columns(peaks, 10, -130.0, 130.0)
    assert not half[:5].any()
    assert half[5:, 1].max() > 0.9


@given(
    st.lists(st.integers(-128, 127), min_size=1, max_size=60),
    st.integers(1, 90),
    st.floats(0, 0.7),
    st.floats(0.001, 0.7),
)
def test_columns_are_what_a_plain_loop_finds(values, count, start_s, length_s):
    peaks = np.column_stack([values, values]).astype(np.int8)
    outline = columns(peaks, count, start_s, start_s + length_s)
    edges = np.linspace(start_s, start_s + length_s, count + 1) * PEAKS_PER_S
    for column in range(count):
        first = int(np.floor(edges[column]))
        part = values[first : max(int(np.ceil(edges[column + 1])), first + 1)]
        assert outline[column, 0] * 128 == (min(part) if part else 0)
        assert outline[column, 1] * 128 == (max(part) if part else 0)
