import wave

import numpy as np
import pytest

from runthrough.errors import AudioInputError
from runthrough.transcription.cutter import SAMPLE_RATE
from runthrough.transcription.sound import GrowingFile, read_recording

SAMPLES = (np.sin(np.arange(25 * SAMPLE_RATE) / 20) * 9000).astype(np.int16)


def read(path, start=0):
    blocks, length_s = read_recording(path, start)
    return np.concatenate([np.zeros(0, np.int16), *blocks]), length_s


def test_our_own_format_is_read_exactly(recording):
    samples, length_s = read(recording(SAMPLES))
    assert np.array_equal(samples, SAMPLES)
    assert length_s == 25


def test_it_can_be_read_from_the_middle(recording):
    samples, length_s = read(recording(SAMPLES), 300_001)
    assert np.array_equal(samples, SAMPLES[300_001:])
    assert length_s == 25


@pytest.mark.parametrize("told", [0, 1000, 0xFFFFFFFF])
def test_a_header_that_a_crash_left_wrong_loses_nothing(recording, told):
    path = recording(SAMPLES)
    data = bytearray(path.read_bytes())
    data[4:8] = data[40:44] = told.to_bytes(4, "little")
    path.write_bytes(data)
    assert np.array_equal(read(path)[0], SAMPLES)


def test_what_follows_the_sound_is_not_sound(recording):
    path = recording(SAMPLES[:1000])
    data = bytearray(path.read_bytes() + b"LIST\x04\x00\x00\x00abcd")
    data[4:8] = (len(data) - 8).to_bytes(4, "little")
    path.write_bytes(data)
    assert np.array_equal(read(path)[0], SAMPLES[:1000])


def test_other_formats_are_decoded(tmp_path):
    path = tmp_path / "other.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(44_100)
        file.writeframes(bytes(4 * 44_100))
    samples, length_s = read(path)
    assert not samples.any()
    assert length_s == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("content", [b"", b"no sound here", b"RIFF\x00\x00\x00\x00WAVEfmt "])
def test_what_is_no_recording_is_said_to_be_none(tmp_path, content):
    path = tmp_path / "notes.wav"
    path.write_bytes(content)
    with pytest.raises(AudioInputError, match=r"notes\.wav"):
        read(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(AudioInputError, match=r"gone\.wav"):
        read(tmp_path / "gone.wav")


def test_a_growing_file_gives_what_is_new(recording):
    whole = recording(SAMPLES).read_bytes()
    path = recording(SAMPLES[:0], "growing.wav")
    growing = GrowingFile(path)
    assert not len(growing.read())
    with path.open("ab") as file:
        file.write(whole[44:1045])  # half a sample too many
        file.flush()
        assert np.array_equal(growing.read(), SAMPLES[:500])
        assert not len(growing.read())
        file.write(whole[1045:2044])
    assert np.array_equal(growing.read(), SAMPLES[500:1000])
    assert growing.length_s == 1000 / SAMPLE_RATE


def test_a_file_that_is_not_there_yet_has_no_sound(tmp_path):
    growing = GrowingFile(tmp_path / "soon.wav")
    assert not len(growing.read())
    assert growing.length_s == 0
