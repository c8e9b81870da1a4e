import errno
import io
import os
import sys
import wave
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from runthrough.audio import wav
from runthrough.audio.wav import (
    SAMPLE_RATE_HZ,
    SYNC_EVERY_S,
    TakeFile,
    begun,
    disk_error,
    duration_s,
    read_blocks,
    repair,
)
from runthrough.errors import AudioInputError, LibraryError, MissingError
from sounds import sound_of

RAMP = np.arange(-30000, 30000, 7, dtype=np.int16)


def write(path, pcm):
    with TakeFile(path) as file:
        file.append(pcm)
    return path


def test_what_is_written_is_read_back(tmp_path):
    path = write(tmp_path / "audio.wav", RAMP)
    with wave.open(str(path)) as file:
        assert file.getparams()[:4] == (1, 2, SAMPLE_RATE_HZ, len(RAMP))
        assert file.readframes(len(RAMP)) == RAMP.tobytes()
    assert duration_s(path) == len(RAMP) / SAMPLE_RATE_HZ
    assert np.array_equal(sound_of(path), RAMP)


def test_a_recording_is_never_overwritten(tmp_path):
    path = write(tmp_path / "audio.wav", RAMP)
    with pytest.raises(FileExistsError):
        TakeFile(path)
    assert len(sound_of(path)) == len(RAMP)


def test_the_file_is_whole_and_can_be_followed_while_it_grows(tmp_path):
    path = tmp_path / "audio.wav"
    with TakeFile(path) as file:
        assert soundfile.info(path).frames == 0
        assert len(sound_of(path)) == 0
        at = 0
        heard = []
        for part in np.array_split(RAMP, 9):
            file.append(part)
            new = np.concatenate(list(read_blocks(path, 1.0, at / SAMPLE_RATE_HZ)))
            at += len(new)
            heard.append(new)
            assert duration_s(path) == file.seconds == at / SAMPLE_RATE_HZ
        assert np.array_equal(np.concatenate(heard), RAMP)
        file.sync()
        # Other programs see it as well, up to the last time the header was brought up to date.
        assert soundfile.info(path).frames == len(RAMP)


def test_a_file_can_be_followed_once_it_has_its_header(tmp_path):
    path = tmp_path / "audio.wav"
    assert not begun(path)
    whole = write(tmp_path / "whole.wav", RAMP).read_bytes()
    for size, samples in ((0, None), (43, None), (44, 0), (45, 0), (1045, 500), (2044, 1000)):
        path.write_bytes(whole[:size])
        assert begun(path) == (samples is not None)
        if samples is not None:
            assert np.array_equal(sound_of(path), RAMP[:samples])


@pytest.mark.parametrize("told", [0, 1000, 0xFFFFFFFF])
def test_a_header_that_a_crash_left_wrong_hides_nothing(tmp_path, told):
    path = write(tmp_path / "audio.wav", RAMP)
    data = bytearray(path.read_bytes())
    data[4:8] = data[40:44] = told.to_bytes(4, "little")
    path.write_bytes(data)
    assert duration_s(path) == len(RAMP) / SAMPLE_RATE_HZ
    assert np.array_equal(sound_of(path), RAMP)


def test_reading_a_part(tmp_path):
    path = write(tmp_path / "audio.wav", RAMP)
    assert np.array_equal(next(read_blocks(path, 0.1, 0.1)), RAMP[1600:3200])
    assert list(read_blocks(path, 1.0, 100.0)) == []
    assert np.array_equal(next(read_blocks(path, 9e9, -1.0)), RAMP)
    blocks = list(read_blocks(path, 0.1, 0.05))
    assert [len(block) for block in blocks[:-1]] == [1600] * (len(blocks) - 1)
    assert np.array_equal(np.concatenate(blocks), RAMP[800:])


def test_reading_flac(tmp_path):
    path = tmp_path / "audio.flac"
    soundfile.write(path, RAMP, SAMPLE_RATE_HZ)
    assert duration_s(path) == len(RAMP) / SAMPLE_RATE_HZ
    assert np.array_equal(next(read_blocks(path, 0.1, 0.1)), RAMP[1600:3200])
    assert np.array_equal(np.concatenate(list(read_blocks(path, 0.1))), RAMP)


@given(cut=st.integers(0, 44 + 2 * 500), stale=st.integers(0, 0xFFFFFFFF))
def test_repair_loses_no_sample_wherever_a_crash_cut(tmp_path_factory, cut, stale):
    path = tmp_path_factory.mktemp("cut") / "audio.wav"
    write(path, RAMP[:500])
    data = bytearray(path.read_bytes())
    data[4:8] = (stale & 0xFFFFFFFF).to_bytes(4, "little")
    data[40:44] = max(0, stale - 36).to_bytes(4, "little")
    path.write_bytes(data[:cut])
    samples = max(0, cut - 44) // 2
    assert repair(path) == samples / SAMPLE_RATE_HZ
    with wave.open(str(path)) as file:
        assert file.readframes(1000) == RAMP[:samples].tobytes()
    assert soundfile.info(path).frames == samples
    assert repair(path) == samples / SAMPLE_RATE_HZ


def test_repair_after_a_power_cut_that_left_zeros_for_the_header(tmp_path):
    path = write(tmp_path / "audio.wav", RAMP)
    path.write_bytes(bytes(44) + path.read_bytes()[44:])
    assert repair(path) == len(RAMP) / SAMPLE_RATE_HZ
    assert np.array_equal(sound_of(path), RAMP)


def test_a_file_of_another_program_is_read_by_its_own_header_and_left_alone(tmp_path):
    path = write(tmp_path / "audio.wav", RAMP)
    data = bytearray(path.read_bytes()) + b"LIST\x04\x00\x00\x00INFO"
    data[4:8] = (len(data) - 8).to_bytes(4, "little")
    path.write_bytes(data)
    assert np.array_equal(sound_of(path), RAMP)
    assert repair(path) == len(RAMP) / SAMPLE_RATE_HZ
    assert path.read_bytes() == data


@pytest.mark.parametrize("call", [repair, duration_s, sound_of])
def test_files_that_are_no_sound(tmp_path, call):
    text = tmp_path / "notes.txt"
    text.write_text("It was a dark and stormy night. " * 9)
    with pytest.raises(AudioInputError, match=r"notes\.txt"):
        call(text)
    with pytest.raises(AudioInputError, match="no file"):
        call(tmp_path / "absent.wav")
    with pytest.raises(AudioInputError, match="folder"):
        call(tmp_path)
    assert text.read_text().startswith("It was")


@pytest.mark.parametrize("content", [b"", b"no sound here", b"RIFF\x00\x00\x00\x00WAVEfmt "])
def test_a_file_without_a_whole_header_is_no_sound(tmp_path, content):
    path = tmp_path / "audio.wav"
    path.write_bytes(content)
    with pytest.raises(AudioInputError, match=r"audio\.wav"):
        duration_s(path)


def test_another_rate_is_named(tmp_path):
    path = tmp_path / "audio.flac"
    soundfile.write(path, RAMP, 44100)
    with pytest.raises(AudioInputError, match="16 kHz"):
        sound_of(path)


def test_a_full_disk_keeps_what_fitted(tmp_path, small_disk):
    path = tmp_path / "audio.wav"
    file = TakeFile(path)
    file.append(RAMP[:1000])
    with small_disk(44 + 2 * 1500 + 1), pytest.raises(OSError) as caught:
        file.append(RAMP[1000:])
    assert isinstance(disk_error(caught.value, path), MissingError)
    assert file.frames == 1500
    file.close()
    assert np.array_equal(sound_of(path), RAMP[:1500])
    assert soundfile.info(path).frames == 1500


@pytest.mark.parametrize("bad_from", [0, 44, 50_000])
def test_a_disk_that_can_not_be_read_is_told(tmp_path, bad_from):
    class Bad(io.FileIO):
        def read(self, size=-1):
            if self.tell() + size > bad_from:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            return super().read(size)

    class OnBadDisk(type(tmp_path)):
        def open(self, *_):
            return Bad(self)

    path = write(tmp_path / "audio.wav", np.tile(RAMP, 9))
    with pytest.raises(AudioInputError, match="try again"):
        sound_of(OnBadDisk(path))


def test_a_slow_disk_is_not_waited_for_at_every_block(tmp_path, monkeypatch):
    now, synced = [0.0], []

    def fsync(_file):
        now[0] += 2 * SYNC_EVERY_S
        synced.append(now[0])

    monkeypatch.setattr(wav, "time", SimpleNamespace(monotonic=lambda: now[0]))
    path = tmp_path / "audio.wav"
    with TakeFile(path) as file, monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        for block in np.array_split(RAMP, 96):
            now[0] += SYNC_EVERY_S / 8
            file.append(block)
    assert len(synced) == 12
    assert np.array_equal(sound_of(path), RAMP)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="may write anywhere")
def test_a_folder_that_may_not_be_written_to(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError) as caught:
        TakeFile(tmp_path / "audio.wav")
    assert isinstance(disk_error(caught.value, tmp_path), LibraryError)
