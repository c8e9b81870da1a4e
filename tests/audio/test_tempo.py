import numpy as np
import pytest

from runthrough.audio.tempo import Tempo
from runthrough.audio.wav import SAMPLE_RATE_HZ


@pytest.mark.parametrize("speed", [0.75, 1.25, 1.5, 1.75, 2.0])
def test_the_length_changes_and_the_pitch_does_not(speed):
    seconds = np.arange(10 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    voice = 6000 * np.sin(2 * np.pi * 220 * seconds) + 3000 * np.sin(2 * np.pi * 660 * seconds)
    pcm = voice.astype(np.int16)
    tempo = Tempo(speed)
    parts = [tempo.push(pcm[at : at + 800]) for at in range(0, len(pcm), 800)]
    heard = np.concatenate([*parts, tempo.flush()])
    assert len(heard) == pytest.approx(len(pcm) / speed, rel=0.01)
    spectrum = np.abs(np.fft.rfft(heard))
    assert np.argmax(spectrum) * SAMPLE_RATE_HZ / len(heard) == pytest.approx(220, abs=2)


def test_sound_keeps_its_place_in_time():
    pcm = np.zeros(20 * SAMPLE_RATE_HZ, np.int16)
    noise = np.random.default_rng(0).integers(-8000, 8000, SAMPLE_RATE_HZ // 4)
    for at_s in (4, 9, 15):
        pcm[at_s * SAMPLE_RATE_HZ : at_s * SAMPLE_RATE_HZ + len(noise)] = noise
    tempo = Tempo(1.5)
    parts = [tempo.push(pcm[at : at + 800]) for at in range(0, len(pcm), 800)]
    heard = np.concatenate([*parts, tempo.flush()])
    loud = np.flatnonzero(np.abs(heard) > 1000) / SAMPLE_RATE_HZ * 1.5
    starts = loud[np.concatenate([[True], np.diff(loud) > 1])]
    # The word lit must be within 50 ms of the sound.
    assert starts == pytest.approx([4, 9, 15], abs=0.05)
