import threading
import time

import numpy as np
import pytest

from fake_microphone import FakeSoundDevice
from runthrough.audio import devices
from runthrough.audio.player import Player
from runthrough.audio.wav import TakeFile
from runthrough.errors import AudioDeviceError, AudioInputError
from virtual_mic import DEVICE, RATE_HZ, wait_until

pytestmark = pytest.mark.sound


@pytest.fixture
def counting():
    return np.random.default_rng(1).integers(1, 20000, round(3.02 * RATE_HZ), dtype=np.int16)


@pytest.fixture
def take(tmp_path, counting):
    path = tmp_path / "audio.wav"
    with TakeFile(path) as file:
        file.append(counting)
    return path


def loud_part(sound):
    loud = np.flatnonzero(sound)
    return sound[loud[0] : loud[-1] + 1]


def places_heard(sound, counting):
    """Where in the file what was heard comes from: samples, in the order heard.

    By short windows, none of which comes twice in random numbers. So a gap that the sound system
    of a busy computer makes, or the first moment of a stream that it swallows, costs those windows
    and no others.
    """
    size = 8
    of_file = {counting[i : i + size].tobytes(): i for i in range(len(counting) - size + 1)}
    heard = [of_file.get(sound[i : i + size].tobytes()) for i in range(len(sound) - size + 1)]
    return np.array([place for place in heard if place is not None])


# What a busy computer's sound system may swallow of a stream.
SWALLOWED = round(0.1 * RATE_HZ)


def test_the_whole_file_is_heard(virtual_mic, take, counting):
    ended = threading.Event()
    said = []
    with virtual_mic.heard() as sound:
        player = Player(take, device=DEVICE, on_end=lambda e: (said.append(e), ended.set()))
        assert player.duration_s == 3.02
        player.play()
        assert player.playing
        assert ended.wait(20)
        assert not player.playing
        assert player.position_s == 3.02
        player.close()
    assert said == [None]
    places = places_heard(sound[0], counting)
    assert np.all(np.diff(places) > 0)
    assert len(places) >= len(counting) - SWALLOWED
    assert places[-1] == len(counting) - 8


def test_pause_remembers_where_and_play_goes_on(virtual_mic, take, counting):
    ended = threading.Event()
    with (
        virtual_mic.heard() as sound,
        Player(take, device=DEVICE, on_end=lambda _: ended.set()) as player,
    ):
        player.play()
        wait_until(lambda: player.position_s > 1.0, "a second played")
        player.pause()
        at = player.position_s
        assert 1.0 < at < 2.0
        assert not player.playing
        time.sleep(0.3)
        assert player.position_s == at
        player.play()
        assert ended.wait(20)
    # Nothing was skipped, and what was heard twice is as long as the sound system's delay.
    places = places_heard(sound[0], counting)
    assert len(np.unique(places)) >= len(counting) - 2 * SWALLOWED
    (paused,) = np.flatnonzero(np.diff(places) < 0)
    again = places[paused + 1]
    assert 0 <= again - round(at * RATE_HZ) <= SWALLOWED
    assert places[-1] == len(counting) - 8


def test_the_position_is_what_is_heard(virtual_mic, take, counting):
    with virtual_mic.heard() as sound, Player(take, device=DEVICE) as player:
        player.play()
        positions = []
        while player.playing:
            positions.append(player.position_s)
            time.sleep(0.005)
        assert positions == sorted(positions)
        assert positions[0] < 0.05
        assert max(np.diff(positions)) < 0.5
    assert len(sound[0])


def test_seeking_while_it_plays_and_while_it_does_not(virtual_mic, take, counting):
    ended = threading.Event()
    with (
        virtual_mic.heard() as sound,
        Player(take, device=DEVICE, on_end=lambda _: ended.set()) as player,
    ):
        player.seek(1.0)
        assert player.position_s == 1.0
        assert not player.playing
        player.play()
        wait_until(lambda: player.position_s > 1.3, "something played")
        player.seek(2.5)
        assert player.playing
        assert player.position_s == 2.5
        assert ended.wait(20)
        player.seek(99.0)
        assert player.position_s == 3.02
        player.seek(-1.0)
        assert player.position_s == 0.0
    places = places_heard(sound[0], counting)
    assert 16_000 <= places[0] <= 16_000 + SWALLOWED
    assert np.all(np.diff(places) > 0)
    skipped = int(np.argmax(np.diff(places)))
    assert places[skipped] < 30_000
    assert 40_000 <= places[skipped + 1] <= 40_000 + SWALLOWED
    assert places[-1] == len(counting) - 8


def test_after_the_end_it_plays_from_the_start(virtual_mic, take):
    ended = threading.Event()
    with (
        virtual_mic.heard(),
        Player(take, device=DEVICE, on_end=lambda _: ended.set()) as player,
    ):
        player.seek(2.9)
        player.play()
        assert ended.wait(20)
        ended.clear()
        player.play()
        assert player.position_s < 0.5
        player.seek(2.9)
        assert ended.wait(20)


def test_a_loudspeaker_that_takes_another_rate(virtual_mic, take, counting, monkeypatch):
    import sounddevice as sd

    class Hardware(sd.RawOutputStream):
        def __init__(self, *, samplerate, channels, **options):
            if samplerate == RATE_HZ or channels == 1:
                raise sd.PortAudioError("Error opening RawOutputStream: Invalid rate", -9997)
            super().__init__(samplerate=samplerate, channels=channels, **options)

    monkeypatch.setattr(sd, "RawOutputStream", Hardware)
    ended = threading.Event()
    with (
        virtual_mic.heard() as sound,
        Player(take, device=DEVICE, on_end=lambda _: ended.set()) as player,
    ):
        player.play()
        assert ended.wait(20)
    assert len(loud_part(sound[0])) == pytest.approx(len(counting), abs=0.1 * RATE_HZ)


def test_without_a_loudspeaker(virtual_mic, take, monkeypatch):
    with Player(take, device="Studio speakers") as player:
        with pytest.raises(AudioDeviceError, match="Studio speakers"):
            player.play()
        player.seek(1.0)
        assert (player.playing, player.position_s) == (False, 1.0)
    assert devices.find("output", DEVICE)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(AudioInputError):
        Player(tmp_path / "audio.wav")


def test_a_file_that_has_gone_lets_go_of_the_loudspeaker(take, monkeypatch):
    card = FakeSoundDevice()
    card.speakers = ["Speakers"]
    monkeypatch.setattr(devices, "_portaudio", lambda: card)
    with Player(take) as player:
        take.unlink()
        with pytest.raises(AudioInputError, match="no file"):
            player.play()
        assert not player.playing
    assert card.opened == ["Speakers"]
    assert card.streams == []
