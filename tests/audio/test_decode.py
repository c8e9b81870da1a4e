import os
import shutil
import socket
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from runthrough.audio.decode import decode_to_wav
from runthrough.audio.wav import SAMPLE_RATE_HZ, duration_s
from runthrough.errors import AudioInputError, Cancelled, LibraryError, MissingError
from sounds import sound_of

SECONDS = 6.0
CONTAINERS = ["wav", "mp3", "m4a", "ogg", "opus", "webm", "flac", "aiff", "wma", "mka", "aac"]

needs_ffmpeg = pytest.mark.skipif(
    shutil.which("ffmpeg") is None, reason="ffmpeg makes the recordings"
)


def ffmpeg(*words):
    subprocess.run(["ffmpeg", "-loglevel", "error", "-y", *map(str, words)], check=True)


@pytest.fixture(scope="session")
def chirp(tmp_path_factory):
    """A stereo recording at 44.1 kHz, the same on both sides: 300 Hz rising to 1200 Hz."""
    path = tmp_path_factory.mktemp("decode") / "chirp.wav"
    time_s = np.arange(round(SECONDS * 44100)) / 44100
    sound = 0.5 * np.sin(2 * np.pi * (300 + 75 * time_s) * time_s)
    soundfile.write(path, np.column_stack([sound, sound]), 44100)
    return path


def agrees(path):
    """How well the file agrees with the chirp, 1 at best, wherever its start is."""
    time_s = np.arange(round(SECONDS * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    wanted = 0.5 * np.sin(2 * np.pi * (300 + 75 * time_s) * time_s)
    sound = sound_of(path) / 32768
    size = len(sound) + len(wanted)
    fit = np.fft.irfft(np.fft.rfft(sound, size) * np.conj(np.fft.rfft(wanted, size)), size)
    return fit.max() / np.sqrt(np.sum(sound**2) * np.sum(wanted**2))


@needs_ffmpeg
@pytest.mark.parametrize("container", CONTAINERS)
def test_whatever_people_record_with(chirp, tmp_path, container):
    source = tmp_path / f"recording.{container}"
    ffmpeg("-i", chirp, source)
    shares = []
    decoded = decode_to_wav(source, tmp_path / "audio.wav", progress=shares.append)
    assert decoded.warning == ""
    assert decoded.duration_s == pytest.approx(SECONDS, abs=0.15)
    assert decoded.duration_s == duration_s(tmp_path / "audio.wav")
    assert soundfile.info(tmp_path / "audio.wav").samplerate == SAMPLE_RATE_HZ
    assert agrees(tmp_path / "audio.wav") > 0.98
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["audio.wav", source.name]


@needs_ffmpeg
@pytest.mark.parametrize("container", ["mp4", "mov", "mkv", "webm", "avi"])
def test_the_sound_of_a_video(chirp, tmp_path, container):
    source = tmp_path / f"screen recording.{container}"
    ffmpeg("-f", "lavfi", "-i", f"testsrc=d={SECONDS}:s=64x48", "-i", chirp, source)
    assert decode_to_wav(source, tmp_path / "audio.wav").warning == ""
    assert agrees(tmp_path / "audio.wav") > 0.98


@needs_ffmpeg
def test_surround_sound_is_mixed_down(chirp, tmp_path):
    ffmpeg("-i", chirp, "-ac", "6", tmp_path / "hall.flac")
    decode_to_wav(tmp_path / "hall.flac", tmp_path / "audio.wav")
    assert agrees(tmp_path / "audio.wav") > 0.98


@pytest.mark.parametrize(("channels", "subtype"), [(9, "FLOAT"), (18, "PCM_16"), (32, "PCM_U8")])
def test_all_channels_of_a_mixing_desk_are_mixed_down(chirp, tmp_path, channels, subtype):
    sound, rate_hz = soundfile.read(chirp)
    desk = np.zeros((len(sound), channels))
    desk[:, [0, -1]] = sound
    soundfile.write(tmp_path / "desk.wav", desk, rate_hz, subtype=subtype)
    assert decode_to_wav(tmp_path / "desk.wav", tmp_path / "audio.wav").warning == ""
    assert duration_s(tmp_path / "audio.wav") == pytest.approx(SECONDS, abs=0.01)
    assert agrees(tmp_path / "audio.wav") > 0.98


@pytest.mark.parametrize("subtype", ["FLOAT", "PCM_16", "PCM_U8"])
def test_channels_that_cancel_each_other_are_heard(chirp, tmp_path, subtype):
    # As from a balanced cable in a stereo socket; the side that is a little louder is taken.
    sound, rate_hz = soundfile.read(chirp)
    pair = np.concatenate([np.zeros((rate_hz, 2)), sound * [-0.9, 1.0]])
    soundfile.write(tmp_path / "balanced.wav", pair, rate_hz, subtype=subtype)
    decode_to_wav(tmp_path / "balanced.wav", tmp_path / "audio.wav")
    assert agrees(tmp_path / "audio.wav") > 0.98
    assert np.abs(sound_of(tmp_path / "audio.wav")).max() == pytest.approx(16384, rel=0.02)


@pytest.mark.parametrize("rumble_s", [0.1, 3.0])
def test_a_rumble_that_cancels_does_not_cost_the_voice(chirp, tmp_path, rumble_s):
    # It is a little louder on the left, and the voice is on the right alone.
    sound, rate_hz = soundfile.read(chirp)
    rumble = 0.01 * np.sin(2 * np.pi * 40 * np.arange(round(rumble_s * rate_hz)) / rate_hz)
    pair = np.concatenate([np.column_stack([rumble, -0.95 * rumble]), sound * [0.0, 1.0]])
    soundfile.write(tmp_path / "hall.wav", pair, rate_hz)
    decode_to_wav(tmp_path / "hall.wav", tmp_path / "audio.wav")
    assert agrees(tmp_path / "audio.wav") > 0.98


def test_a_voice_on_one_side_alone_is_mixed_as_before(chirp, tmp_path):
    sound, rate_hz = soundfile.read(chirp)
    soundfile.write(tmp_path / "left.wav", sound * [1.0, 0.0], rate_hz)
    decode_to_wav(tmp_path / "left.wav", tmp_path / "audio.wav")
    assert np.abs(sound_of(tmp_path / "audio.wav")).max() == pytest.approx(8192, rel=0.02)


def test_channels_that_ffmpeg_has_no_mix_for(chirp, tmp_path):
    soundfile.write(tmp_path / "odd.wav", *soundfile.read(chirp), format="WAVEX")
    wave = bytearray((tmp_path / "odd.wav").read_bytes())
    wave[40:44] = (0x6000).to_bytes(4, "little")  # which loudspeakers: two at the ceiling
    (tmp_path / "odd.wav").write_bytes(wave)
    decode_to_wav(tmp_path / "odd.wav", tmp_path / "audio.wav")
    assert agrees(tmp_path / "audio.wav") > 0.98


@needs_ffmpeg
def test_a_recording_whose_rate_and_channels_change_on_the_way(chirp, tmp_path):
    # As from recorders that go on in the same file when a headset is plugged in.
    parts = []
    for number, options in enumerate([["-ac", "2"], ["-ac", "1", "-ar", "22050"]]):
        part = tmp_path / f"{number}.aac"
        ffmpeg("-i", chirp, *options, part)
        parts.append(part.read_bytes())
    (tmp_path / "both.aac").write_bytes(b"".join(parts))
    decoded = decode_to_wav(tmp_path / "both.aac", tmp_path / "audio.wav")
    assert decoded.duration_s == pytest.approx(2 * SECONDS, abs=0.3)


def test_silence_is_a_recording(tmp_path):
    soundfile.write(tmp_path / "quiet.wav", np.zeros(32000), 16000)
    assert decode_to_wav(tmp_path / "quiet.wav", tmp_path / "audio.wav").duration_s == 2.0


def test_the_librarys_own_format_comes_through_unchanged(tmp_path):
    noise = np.random.default_rng(1).integers(-32768, 32767, 40000, dtype=np.int16)
    soundfile.write(tmp_path / "own.wav", noise, SAMPLE_RATE_HZ)
    decode_to_wav(tmp_path / "own.wav", tmp_path / "audio.wav")
    assert np.array_equal(sound_of(tmp_path / "audio.wav"), noise)


@needs_ffmpeg
@pytest.mark.parametrize(
    ("container", "options"),
    [
        ("mp3", []),
        ("flac", []),
        ("webm", []),
        ("aiff", []),
        ("m4a", ["-movflags", "faststart"]),
    ],
)
def test_a_recording_cut_off_is_taken_as_far_as_it_goes(chirp, tmp_path, container, options):
    source = tmp_path / f"recording.{container}"
    ffmpeg("-i", chirp, *options, source)
    data = source.read_bytes()
    source.write_bytes(data[: len(data) * 6 // 10])
    decoded = decode_to_wav(source, tmp_path / "audio.wav")
    assert "breaks off" in decoded.warning
    assert decoded.broke_off
    assert 0.4 * SECONDS < decoded.duration_s < 0.8 * SECONDS


@needs_ffmpeg
@pytest.mark.parametrize("container", ["wav", "ogg", "wma"])
def test_where_a_cut_can_not_be_told_the_rest_is_still_taken(chirp, tmp_path, container):
    source = tmp_path / f"recording.{container}"
    ffmpeg("-i", chirp, source)
    data = source.read_bytes()
    source.write_bytes(data[: len(data) * 6 // 10])
    decoded = decode_to_wav(source, tmp_path / "audio.wav")
    assert 0.3 * SECONDS < decoded.duration_s < 0.8 * SECONDS


@needs_ffmpeg
@pytest.mark.parametrize("share", [0.05, 0.3])
def test_damage_in_the_middle_is_passed_over_and_told(chirp, tmp_path, share):
    source = tmp_path / "recording.flac"
    ffmpeg("-i", chirp, source)
    data = bytearray(source.read_bytes())
    lost = round(share * len(data))
    data[len(data) // 2 : len(data) // 2 + lost] = bytes(lost)
    source.write_bytes(data)
    decoded = decode_to_wav(source, tmp_path / "audio.wav")
    assert "damaged" in decoded.warning
    assert SECONDS / 2 < decoded.duration_s < SECONDS
    assert not decoded.broke_off, "its end was read"
    source.write_bytes(data[: len(data) * 85 // 100])
    decoded = decode_to_wav(source, tmp_path / "cut.wav")
    assert decoded.broke_off
    assert decoded.warning.count("damaged") == 1


def broken(folder):
    """Files that hold no sound, each with a word of what is said about it."""
    (folder / "empty.wav").touch()
    yield "empty.wav", "is empty"
    soundfile.write(folder / "no samples.wav", np.zeros(0), 16000)
    yield "no samples.wav", "No sound could be read"
    (folder / "header.wav").write_bytes((folder / "no samples.wav").read_bytes()[:40])
    yield "header.wav", "can't be read"
    (folder / "notes.txt").write_text("It was a dark and stormy night.\n" * 99)
    yield "notes.txt", "no sound in"  # FFmpeg takes it for the picture of a text screen
    (folder / "notes.mp3").write_text("It was a dark and stormy night.\n" * 99)
    yield "notes.mp3", "notes.mp3"
    noise = np.random.default_rng(1).bytes(300_000)
    for name in ("noise.bin", "noise.mp3", "noise.mp4", "noise.wav", "noise.aac"):
        (folder / name).write_bytes(noise)
        yield name, "sound"
    (folder / "folder.wav").mkdir()
    yield "folder.wav", "is a folder"
    yield "absent.wav", "no file"
    yield "http://localhost/talk.mp3", "no file"
    (folder / "captions.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nHello\n")
    yield "captions.srt", "no sound"


def test_what_is_not_a_recording(tmp_path):
    folder = tmp_path / "sources"
    folder.mkdir()
    for name, said in broken(folder):
        with pytest.raises(AudioInputError) as caught:
            decode_to_wav(folder / name, tmp_path / "audio.wav")
        assert said in str(caught.value), name
        assert [p.name for p in tmp_path.iterdir()] == ["sources"], name


@needs_ffmpeg
def test_a_video_without_sound_and_one_without_its_table_of_contents(chirp, tmp_path):
    ffmpeg("-f", "lavfi", "-i", "testsrc=d=1:s=64x48", tmp_path / "mute.mp4")
    with pytest.raises(AudioInputError, match="no sound in mute"):
        decode_to_wav(tmp_path / "mute.mp4", tmp_path / "audio.wav")
    ffmpeg("-i", chirp, tmp_path / "cut.m4a")
    data = (tmp_path / "cut.m4a").read_bytes()
    (tmp_path / "cut.m4a").write_bytes(data[: len(data) // 2])
    with pytest.raises(AudioInputError, match="cut off"):
        decode_to_wav(tmp_path / "cut.m4a", tmp_path / "audio.wav")


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="may read anything")
def test_a_recording_that_may_not_be_read(chirp, tmp_path):
    source = tmp_path / "private.wav"
    shutil.copy(chirp, source)
    source.chmod(0)
    with pytest.raises(AudioInputError, match="may read"):
        decode_to_wav(source, tmp_path / "audio.wav")


def test_a_playlist_does_not_make_the_computer_fetch_something(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.5)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/talk.ts"
        (tmp_path / "list.m3u8").write_text(
            f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{address}\n#EXT-X-ENDLIST\n"
        )
        with pytest.raises(AudioInputError):
            decode_to_wav(tmp_path / "list.m3u8", tmp_path / "audio.wav")
        with pytest.raises(TimeoutError):
            server.accept()


def test_cancelling_leaves_nothing_and_what_was_there_stays(chirp, tmp_path):
    shares = []
    with pytest.raises(Cancelled):
        decode_to_wav(
            chirp,
            tmp_path / "audio.wav",
            progress=shares.append,
            cancelled=lambda: bool(shares) and shares[-1] > 0.3,
        )
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "audio.wav").write_bytes(b"precious")
    with pytest.raises(Cancelled):
        decode_to_wav(chirp, tmp_path / "audio.wav", cancelled=lambda: True)
    assert [p.read_bytes() for p in tmp_path.iterdir()] == [b"precious"]


def test_a_disk_that_fills_up_leaves_nothing(chirp, tmp_path, small_disk):
    with small_disk(50_000), pytest.raises(MissingError, match="room"):
        decode_to_wav(chirp, tmp_path / "audio.wav")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_is_not_there(chirp, tmp_path):
    with pytest.raises(LibraryError):
        decode_to_wav(chirp, tmp_path / "nowhere" / "audio.wav")
