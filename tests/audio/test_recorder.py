import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from fake_microphone import FakeSoundDevice
from runthrough.audio import devices, wav
from runthrough.audio import recorder as recorder_module
from runthrough.audio.recorder import QUIETEST_DBFS, Recorder
from runthrough.audio.wav import repair
from runthrough.errors import AudioDeviceError, LibraryError, MissingError
from sounds import sound_of
from virtual_mic import DEVICE, RATE_HZ, wait_until

pytestmark = pytest.mark.sound


def counting(seconds):
    """Sound whose every sample tells when it was spoken: no two parts of it are alike."""
    return np.random.default_rng(1).integers(1, 20000, round(seconds * RATE_HZ), dtype=np.int16)


def spoken_part(path):
    """What was recorded, without the silence around it."""
    sound = sound_of(path)
    loud = np.flatnonzero(sound)
    return sound[loud[0] : loud[-1] + 1] if len(loud) else sound[:0]


@pytest.fixture
def recorder(virtual_mic, tmp_path):
    recorder = Recorder(DEVICE)
    yield recorder
    recorder.close()


def test_what_is_spoken_is_recorded_sample_for_sample(virtual_mic, recorder, tmp_path):
    assert recorder.open().name == DEVICE
    recorder.start(tmp_path / "audio.wav")
    said = counting(3)
    assert virtual_mic.play(said).wait(20)
    seconds = recorder.finish()
    assert np.array_equal(spoken_part(tmp_path / "audio.wav"), said)
    assert recorder.failure is None
    assert recorder.gaps == ()
    assert seconds == recorder.position_s == soundfile.info(tmp_path / "audio.wav").duration


def test_listing_devices_does_not_disturb_a_recording(virtual_mic, recorder, tmp_path):
    recorder.open()
    recorder.start(tmp_path / "audio.wav")
    said = counting(2)
    spoken = virtual_mic.play(said)
    while not spoken.wait(0.2):
        assert devices.find("input", DEVICE)
    recorder.finish()
    assert np.array_equal(spoken_part(tmp_path / "audio.wav"), said)


def test_before_the_start_the_level_moves_and_nothing_is_written(virtual_mic, recorder, tmp_path):
    recorder.open()
    assert recorder.level.peak_dbfs == QUIETEST_DBFS
    tone = (16384 * np.sin(2 * np.pi * 500 * np.arange(RATE_HZ * 5) / RATE_HZ)).astype(np.int16)
    virtual_mic.play(tone)
    wait_until(lambda: recorder.level.rms_dbfs == pytest.approx(-9.03, abs=0.1), "the tone's level")
    assert recorder.level.peak_dbfs == pytest.approx(-6.02, abs=0.1)
    assert not recorder.level.clipped
    virtual_mic.play(np.full(RATE_HZ * 5, 32767, np.int16))
    wait_until(lambda: recorder.level.clipped, "clipping")
    assert list(tmp_path.iterdir()) == []
    assert recorder.position_s == 0
    assert recorder.finish() == 0
    assert list(tmp_path.iterdir()) == []


def test_a_pause_is_not_recorded_and_stops_the_clock(virtual_mic, recorder, tmp_path):
    recorder.open()
    recorder.start(tmp_path / "audio.wav")
    before, meanwhile, after = np.split(counting(3), 3)
    assert virtual_mic.play(before).wait(20)
    recorder.pause()
    # What was said until the button was pressed still arrives; then the clock stands.
    wait_until(lambda: recorder.position_s > 1.0, "the first part recorded")
    time.sleep(0.5)
    at = recorder.position_s
    assert virtual_mic.play(meanwhile).wait(20)
    time.sleep(0.5)
    assert recorder.position_s == at
    assert recorder.level.peak_dbfs == QUIETEST_DBFS
    recorder.resume()
    assert virtual_mic.play(after).wait(20)
    recorder.finish()
    sound = sound_of(tmp_path / "audio.wav")
    assert np.array_equal(sound[sound != 0], np.concatenate([before, after]))


def test_the_last_half_second_after_finish_is_kept(virtual_mic, recorder, tmp_path):
    recorder.open()
    recorder.start(tmp_path / "audio.wav")
    virtual_mic.play(counting(30))
    wait_until(lambda: recorder.position_s > 1.0, "a second recorded")
    spoken = virtual_mic.spoken
    recorder.finish(tail_s=0.5)
    kept = len(spoken_part(tmp_path / "audio.wav"))
    assert kept >= spoken + 0.5 * RATE_HZ
    assert virtual_mic.spoken < 25 * RATE_HZ


def test_finish_in_a_pause_adds_nothing(virtual_mic, recorder, tmp_path):
    recorder.open()
    recorder.start(tmp_path / "audio.wav")
    wait_until(lambda: recorder.position_s > 0.5, "something recorded")
    recorder.pause()
    time.sleep(1.0)
    at = recorder.position_s
    assert recorder.finish() == at
    assert soundfile.info(tmp_path / "audio.wav").duration == at


def test_close_keeps_what_was_recorded(virtual_mic, recorder, tmp_path):
    recorder.open()
    recorder.start(tmp_path / "audio.wav")
    wait_until(lambda: recorder.position_s > 0.5, "something recorded")
    recorder.close()
    recorder.close()
    assert soundfile.info(tmp_path / "audio.wav").duration == recorder.position_s > 0.5


@pytest.fixture
def impatient(monkeypatch):
    """Another microphone is waited for two seconds and not half a minute."""
    monkeypatch.setattr(recorder_module, "_ANOTHER_WITHIN_S", 2.0)


def test_without_another_microphone_the_recording_ends_and_is_kept(
    virtual_mic, recorder, tmp_path, impatient
):
    recorder.open()
    recorder.start(tmp_path / "audio.wav")
    said = counting(30)
    virtual_mic.play(said)
    wait_until(lambda: recorder.position_s > 1.0, "a second recorded")
    virtual_mic.unplug()
    wait_until(lambda: recorder.failure is not None, "noticed")
    assert isinstance(recorder.failure, AudioDeviceError)
    assert "safe" in str(recorder.failure)
    seconds = recorder.position_s
    assert soundfile.info(tmp_path / "audio.wav").duration == seconds > 1.0
    kept = spoken_part(tmp_path / "audio.wav")
    assert np.array_equal(kept, said[: len(kept)])
    assert recorder.finish() == seconds


def test_the_take_goes_on_from_a_microphone_plugged_in_later(virtual_mic, recorder, tmp_path):
    recorder.open()
    recorder.start(tmp_path / "audio.wav")
    before, after = np.split(counting(4), 2)
    wait_until(lambda: recorder.position_s > 0.2, "something recorded")
    began = time.monotonic() - recorder.position_s
    assert virtual_mic.play(before).wait(20)
    time.sleep(0.4)
    virtual_mic.unplug()
    wait_until(lambda: recorder.is_lost, "noticed")
    time.sleep(1.5)
    virtual_mic.plug()
    wait_until(lambda: recorder.gaps, "another microphone in use")
    assert not recorder.is_lost
    assert virtual_mic.play(after).wait(20)
    recorder.finish()
    lived = time.monotonic() - began
    assert recorder.failure is None
    sound = sound_of(tmp_path / "audio.wav")
    assert np.array_equal(sound[sound != 0], np.concatenate([before, after]))
    (gap,) = recorder.gaps
    assert 1.0 < gap.lost_s < lived
    assert "microphone was gone" in gap.why
    # Time stays true: the file is as long as the recording took.
    assert recorder.position_s == pytest.approx(lived, abs=1.0)


CHILD = """
import sys, time
from pathlib import Path
from runthrough.audio.recorder import Recorder
recorder = Recorder(sys.argv[2])
recorder.open()
recorder.start(Path(sys.argv[1]))
while True:
    time.sleep(0.02)
    print(recorder.position_s, flush=True)
"""


def recording(path):
    """Another program that records to ``path`` and says how far it is."""
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path), DEVICE],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal that stops a program")
def test_a_program_that_was_stopped_keeps_the_time(virtual_mic, tmp_path):
    path = tmp_path / "audio.wav"
    with recording(path) as child:
        try:
            while (before := float(child.stdout.readline())) < 1:
                pass
            began = time.monotonic()
            child.send_signal(signal.SIGSTOP)
            time.sleep(4)
            child.send_signal(signal.SIGCONT)
            while (after := float(child.stdout.readline())) < before + 6:
                pass
            lived = time.monotonic() - began
        finally:
            child.kill()
    assert after - before == pytest.approx(lived, abs=1.0)


def test_a_microphone_unplugged_before_the_start_is_told_at_the_start(
    virtual_mic, recorder, tmp_path
):
    recorder.open()
    virtual_mic.play(counting(1))
    wait_until(lambda: recorder.level.peak_dbfs > QUIETEST_DBFS, "a sound")
    virtual_mic.unplug()
    wait_until(lambda: recorder.failure is not None, "noticed")
    assert "safe" not in str(recorder.failure)
    with pytest.raises(AudioDeviceError):
        recorder.start(tmp_path / "audio.wav")
    assert list(tmp_path.iterdir()) == []


def test_a_microphone_that_falls_silent_without_a_word(virtual_mic, recorder, tmp_path, impatient):
    recorder.open()
    recorder.start(tmp_path / "audio.wav")
    wait_until(lambda: recorder.position_s > 0.5, "something recorded")
    virtual_mic.silence_the_line()
    wait_until(lambda: recorder.failure is not None, "noticed")
    assert "sends no sound" in str(recorder.failure)
    assert soundfile.info(tmp_path / "audio.wav").duration == recorder.position_s > 0.5


def test_a_microphone_plugged_in_again_is_found(virtual_mic, recorder, tmp_path):
    virtual_mic.unplug()
    virtual_mic.plug()
    recorder.open()
    recorder.start(tmp_path / "audio.wav")
    said = counting(1)
    assert virtual_mic.play(said).wait(20)
    recorder.finish()
    assert np.array_equal(spoken_part(tmp_path / "audio.wav"), said)


def test_a_full_disk_ends_the_recording_and_keeps_it(virtual_mic, recorder, tmp_path, small_disk):
    recorder.open()
    recorder.start(tmp_path / "audio.wav")
    said = counting(30)
    virtual_mic.play(said)
    with small_disk(44 + 2 * RATE_HZ + 1):
        wait_until(lambda: recorder.failure is not None, "noticed")
    assert isinstance(recorder.failure, MissingError)
    assert soundfile.info(tmp_path / "audio.wav").duration == recorder.position_s == 1.0
    kept = spoken_part(tmp_path / "audio.wav")
    assert np.array_equal(kept, said[: len(kept)])
    assert recorder.finish() == 1.0


def test_nothing_is_overwritten_and_no_folder_is_invented(virtual_mic, tmp_path):
    (tmp_path / "audio.wav").write_bytes(b"precious")
    with Recorder(DEVICE) as recorder:
        recorder.open()
        with pytest.raises(LibraryError):
            recorder.start(tmp_path / "audio.wav")
    assert (tmp_path / "audio.wav").read_bytes() == b"precious"
    with Recorder(DEVICE) as recorder:
        recorder.open()
        with pytest.raises(LibraryError):
            recorder.start(tmp_path / "nowhere" / "audio.wav")


def test_a_device_that_refuses_our_rate_is_recorded_at_its_own(
    virtual_mic, recorder, tmp_path, monkeypatch
):
    # Sound servers convert every rate, bare hardware does not: only the refusal is made up here,
    # the stream at the other rate is real.
    import sounddevice as sd

    class Hardware(sd.RawInputStream):
        def __init__(self, *, samplerate, channels, **options):
            if samplerate == RATE_HZ or channels == 1:
                raise sd.PortAudioError("Error opening RawInputStream: Invalid sample rate", -9997)
            super().__init__(samplerate=samplerate, channels=channels, **options)

    monkeypatch.setattr(sd, "RawInputStream", Hardware)
    recorder.open()
    recorder.start(tmp_path / "audio.wav")
    time_s = np.arange(2 * RATE_HZ) / RATE_HZ
    chirp = (12000 * np.sin(2 * np.pi * (200 + 300 * time_s) * time_s)).astype(np.int16)
    assert virtual_mic.play(chirp).wait(20)
    recorder.finish()
    assert recorder.gaps == ()
    sound = sound_of(tmp_path / "audio.wav") / 32768
    wanted = chirp / 32768
    # Where the recording fits best, it is the chirp from start to end.
    size = len(sound) + len(wanted)
    fit = np.fft.irfft(np.fft.rfft(sound, size) * np.conj(np.fft.rfft(wanted, size)), size)
    heard = sound[np.argmax(fit) :][: len(wanted)]
    assert len(heard) == len(wanted)
    assert np.corrcoef(heard, wanted)[0, 1] > 0.995


def test_a_device_that_can_not_be_opened_says_so(virtual_mic, recorder, monkeypatch):
    import sounddevice as sd

    def busy(**_):
        raise sd.PortAudioError("Error opening RawInputStream: Device unavailable", -9985)

    monkeypatch.setattr(sd, "RawInputStream", busy)
    with pytest.raises(AudioDeviceError, match="Device unavailable"):
        recorder.open()
    assert devices.find("input", DEVICE)


class Line:
    """A microphone whose sound comes when the test says, and the time that passes with it."""

    def __init__(self):
        self.card = FakeSoundDevice("Microphone")
        self.now = 1000.0

    def speak(self, pcm, late_s=0.0):
        for at in range(0, len(pcm), RATE_HZ // 20):
            self.now += 0.05
            self.now, then = self.now + late_s, self.now
            self.card.speak(pcm[at : at + RATE_HZ // 20])
            self.now = then

    def drop(self, seconds):
        """The system drops sound, and says so with the next block."""
        self.now += seconds
        self.card.dropped = True

    def hand_over(self, pcm):
        """What the system had kept comes at once."""
        for at in range(0, len(pcm), RATE_HZ // 20):
            self.card.speak(pcm[at : at + RATE_HZ // 20])


@pytest.fixture
def line(monkeypatch):
    line = Line()
    monkeypatch.setattr(recorder_module, "time", SimpleNamespace(monotonic=lambda: line.now))
    monkeypatch.setattr(devices, "_portaudio", lambda: line.card)
    return line


def test_channels_of_a_microphone_that_cancel_each_other_are_heard(line, tmp_path, monkeypatch):
    opened = line.card.RawInputStream

    def two_at_least(*, channels, **options):
        if channels == 1:
            raise line.card.PortAudioError("Invalid number of channels", -9998)
        return opened(channels=channels, **options)

    monkeypatch.setattr(line.card, "RawInputStream", two_at_least)
    said = counting(1)
    with Recorder() as recorder:
        recorder.open()
        recorder.start(tmp_path / "audio.wav")
        line.speak(np.column_stack([said, -said]))
    assert np.array_equal(sound_of(tmp_path / "audio.wav"), said)


@pytest.fixture
def take(line, tmp_path):
    with Recorder() as recorder:
        recorder.open()
        recorder.start(tmp_path / "audio.wav")
        yield recorder


def test_sound_that_the_system_drops_leaves_its_time_in_the_take(line, take, tmp_path):
    parts = np.split(counting(5), 5)
    for part in parts[:-1]:
        line.speak(part)
        line.drop(0.9)
    line.speak(parts[-1])
    take.close()
    sound = sound_of(tmp_path / "audio.wav")
    assert np.array_equal(sound[sound != 0], np.concatenate(parts))
    assert take.position_s == pytest.approx(5 + 4 * 0.9, abs=0.1)
    assert [gap.lost_s for gap in take.gaps] == pytest.approx([0.9] * 4, abs=0.1)


def test_many_small_losses_add_up(line, take, tmp_path):
    parts = np.split(counting(10), 10)
    for part in parts[:-1]:
        line.speak(part)
        line.drop(0.15)
    line.speak(parts[-1])
    take.close()
    assert take.position_s == pytest.approx(10 + 9 * 0.15, abs=0.31)
    sound = sound_of(tmp_path / "audio.wav")
    assert np.array_equal(sound[sound != 0], np.concatenate(parts))


def test_where_nothing_was_lost_no_silence_is_put_in(line, take, tmp_path):
    parts = np.split(counting(20), 20)
    for number, part in enumerate(parts):
        line.speak(part, late_s=0.1 * (number % 3))
        line.drop(0)
    take.close()
    assert np.array_equal(sound_of(tmp_path / "audio.wav"), np.concatenate(parts))
    assert take.gaps == ()


@pytest.mark.parametrize("noticed", [True, False])
def test_a_pause_after_a_stall_keeps_what_was_said_before_it(line, take, tmp_path, noticed):
    before, kept, after = np.split(counting(7.5), 3)
    line.speak(before)
    line.now += 2.5
    if noticed:
        line.hand_over(kept)
        take.pause()
    else:
        take.pause()
        line.hand_over(kept)
    line.speak(after)
    take.close()
    sound = sound_of(tmp_path / "audio.wav")
    said = np.concatenate([before, kept])
    assert np.array_equal(sound[: len(said)], said)
    assert len(sound) < len(said) + 0.5 * RATE_HZ
    assert take.gaps == ()


def test_a_pause_after_sound_was_dropped_records_no_more_for_it(line, take, tmp_path):
    before, after = np.split(counting(5), 2)
    line.speak(before)
    line.drop(2.5)
    line.speak(after[: RATE_HZ // 10])
    take.pause()
    line.speak(after[RATE_HZ // 10 :])
    take.close()
    assert take.position_s == pytest.approx(5.1, abs=0.2)


def test_finish_after_a_stall_keeps_what_was_said_before_it(line, take, tmp_path):
    before, kept, after = np.split(counting(7.5), 3)
    line.speak(before)
    line.now += 2.5
    line.hand_over(kept)
    with ThreadPoolExecutor() as pool:
        end = pool.submit(take.finish)
        while not end.done():
            line.speak(after[: RATE_HZ // 20])
            time.sleep(0.01)
    said = np.concatenate([before, kept])
    assert np.array_equal(sound_of(tmp_path / "audio.wav")[: len(said)], said)
    assert take.position_s >= 5.5


def test_a_disk_that_stalls_at_finish_costs_nothing_of_the_tail(line, take, tmp_path, monkeypatch):
    said = counting(3)
    block = RATE_HZ // 20
    stalled, go = threading.Event(), threading.Event()

    def fsync(_file):
        stalled.set()
        assert go.wait(20)
        line.now += 2

    line.speak(said[:RATE_HZ])
    wait_until(lambda: take.position_s == 1, "written")
    with monkeypatch.context() as patch, ThreadPoolExecutor() as pool:
        patch.setattr(wav, "SYNC_EVERY_S", 0)
        patch.setattr(os, "fsync", fsync)
        line.speak(said[RATE_HZ:][:block])
        assert stalled.wait(20)
        end = pool.submit(take.finish)
        wait_until(take._writer._queue.qsize, "pressed")
        line.speak(said[RATE_HZ + block :])
        go.set()
        end.result(20)
    # Half a second of tail and the block that was under way.
    kept = said[: RATE_HZ + block + RATE_HZ // 2 + block]
    assert np.array_equal(sound_of(tmp_path / "audio.wav"), kept)


def test_a_clock_that_jumps_leaves_a_minute_of_silence_at_most(line, take):
    line.speak(counting(1))
    line.card.names.clear()
    line.card.unplug()
    wait_until(lambda: take.is_lost, "noticed")
    line.now += 7200
    wait_until(lambda: take.failure is not None, "given up")
    assert take.position_s == pytest.approx(61, abs=0.1)


def unplug(line, take):
    line.card.names.clear()
    line.card.unplug()
    wait_until(lambda: take.is_lost, "noticed")


def plug(line):
    line.card.names.append("Microphone")
    line.now += 2  # until it is looked for again
    wait_until(lambda: line.card.streams, "opened again")


def resumed(line, take, after, back, folder):
    """The sound of a take that goes on with ``after``, its microphone being ``back`` by then."""
    if back == "in the pause":
        plug(line)
        line.speak(after)
        wait_until(lambda: not take.is_lost, "heard again")
    take.resume()
    if back == "after it":
        time.sleep(0.5)
        plug(line)
    line.speak(after)
    take.close()
    assert take.failure is None
    return sound_of(folder / "audio.wav")


@pytest.mark.parametrize("back", ["in the pause", "after it"])
def test_a_microphone_that_goes_in_a_pause_costs_nothing(line, take, tmp_path, back):
    before, after = np.split(counting(4), 2)
    line.speak(before)
    take.pause()
    unplug(line, take)
    line.now += 7200
    time.sleep(0.5)
    sound = resumed(line, take, after, back, tmp_path)
    assert np.array_equal(sound[sound != 0], np.concatenate([before, after]))
    # ``plug`` takes two seconds.
    lost_s = [2.0] if back == "after it" else []
    assert [gap.lost_s for gap in take.gaps] == pytest.approx(lost_s, abs=0.1)
    assert len(sound) / RATE_HZ == pytest.approx(4 + sum(lost_s), abs=0.1)


@pytest.mark.parametrize("back", ["in the pause", "after it"])
def test_a_pause_while_the_microphone_is_gone_stops_the_clock(line, take, tmp_path, back):
    before, after = np.split(counting(4), 2)
    line.speak(before)
    unplug(line, take)
    line.now += 5
    wait_until(lambda: take.position_s > 6, "silence for what is lost")
    take.pause()
    time.sleep(0.5)
    at = take.position_s
    line.now += 7200
    time.sleep(0.5)
    assert take.position_s == at
    sound = resumed(line, take, after, back, tmp_path)
    assert np.array_equal(sound[sound != 0], np.concatenate([before, after]))
    (gap,) = take.gaps
    assert "microphone was gone" in gap.why
    assert gap.lost_s == pytest.approx(6.5 if back == "after it" else 4.5, abs=0.3)
    assert len(sound) / RATE_HZ == pytest.approx(4 + gap.lost_s, abs=0.1)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_killed_program_loses_less_than_a_second(virtual_mic, tmp_path):
    path = tmp_path / "audio.wav"
    with recording(path) as child:
        try:
            while float(child.stdout.readline()) == 0:
                pass
            said = counting(30)
            virtual_mic.play(said)
            while float(child.stdout.readline()) < 2:
                pass
        finally:
            spoken = virtual_mic.spoken
            child.send_signal(signal.SIGKILL)
    assert repair(path) == soundfile.info(path).duration
    kept = spoken_part(path)
    assert np.array_equal(kept, said[: len(kept)])
    assert spoken - len(kept) < RATE_HZ
