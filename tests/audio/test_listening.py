"""Silences and fillers in sounds made for the purpose: vowels with known formants, noise, silence.

How it does on people is measured in benchmarks/fillers.py.
"""

import numpy as np
import pytest

from runthrough.audio.listening import Listening
from runthrough.audio.wav import SAMPLE_RATE_HZ, TakeFile, read_blocks
from runthrough.errors import Cancelled
from runthrough.talk import Word

NEUTRAL = (600, 1300, 2500)
SPREAD = (300, 2300, 3000)  # as in "see"


def vowel(seconds, formants, pitch_hz=110):
    """A pulse train through resonators (Klatt 1980), glottal tilt included."""
    length = round(seconds * SAMPLE_RATE_HZ)
    sound = np.zeros(length)
    sound[:: SAMPLE_RATE_HZ // pitch_hz] = 1.0
    spectrum = np.fft.rfft(sound)
    hz = np.fft.rfftfreq(length, 1 / SAMPLE_RATE_HZ)
    spectrum /= 1 + (hz / 200) ** 1.5
    for formant, width in zip(formants, (80, 100, 150), strict=True):
        spectrum *= formant**2 / np.abs(formant**2 - hz**2 + 1j * width * hz)
    shaped = np.fft.irfft(spectrum, length)
    return shaped / np.abs(shaped).max() * 0.4


def babble(seconds, seed=0):
    """Something like words: vowels that never rest."""
    rng = np.random.default_rng(seed)
    parts = []
    while sum(map(len, parts)) < seconds * SAMPLE_RATE_HZ:
        formants = (rng.uniform(300, 800), rng.uniform(900, 2300), rng.uniform(2400, 3000))
        parts.append(vowel(rng.uniform(0.05, 0.09), formants))
    return np.concatenate(parts)[: round(seconds * SAMPLE_RATE_HZ)]


def listen(path, words, cancelled=None):
    listening = Listening(path)
    listening.catch_up(cancelled=cancelled)
    return listening.sound(words)


def silence(seconds):
    return np.zeros(round(seconds * SAMPLE_RATE_HZ))


def words(begin_s, end_s):
    """Words that need all the time there is."""
    starts = np.arange(begin_s, end_s - 0.3, 0.4)
    return [Word(s, s + 0.4, "seeing") for s in starts.round(3)]


@pytest.fixture
def take(tmp_path):
    def make(*parts):
        sound = np.concatenate(parts)
        sound += np.random.default_rng(3).normal(0, 0.002, len(sound))
        path = tmp_path / "audio.wav"
        with TakeFile(path) as file:
            file.append((sound * 32767).clip(-32768, 32767).astype(np.int16))
        return path

    return make


def test_a_neutral_vowel_between_words_is_a_filler(take):
    path = take(babble(2), silence(0.3), vowel(0.4, NEUTRAL), silence(0.3), babble(2, seed=1))
    (filler,) = listen(path, [*words(0, 2), *words(3, 5)]).fillers
    assert filler.from_sound
    assert filler.start_s == pytest.approx(2.3, abs=0.15)
    assert filler.end_s == pytest.approx(2.7, abs=0.15)


def test_another_vowel_is_none(take):
    path = take(babble(2), silence(0.3), vowel(0.4, SPREAD), silence(0.3), babble(2, seed=1))
    assert listen(path, [*words(0, 2), *words(3, 5)]).fillers == ()


def test_a_neutral_vowel_that_a_word_accounts_for_is_none(take):
    path = take(babble(2), silence(0.3), vowel(0.4, NEUTRAL), silence(0.3), babble(2, seed=1))
    said = [*words(0, 2), Word(2.3, 2.7, "mother"), *words(3, 5)]
    assert listen(path, said).fillers == ()


def test_silences_are_told_from_the_sound_not_from_the_words(take):
    path = take(silence(1), babble(3), silence(2), babble(3, seed=1), silence(1.5))
    stretched = [Word(0.0, 4.0, "before"), Word(4.0, 9.0, "after")]
    sound = listen(path, stretched)
    ((start, end),) = sound.silences_s
    assert (start, end) == (pytest.approx(4.0, abs=0.1), pytest.approx(6.0, abs=0.1))
    assert sound.silent_share == pytest.approx(2 / 8, abs=0.03)


def test_the_quiet_of_a_syllable_in_a_loud_room_is_no_silence(take):
    spoken = [part for n in range(12) for part in (babble(0.25, seed=n), 0.08 * babble(0.2))]
    room = np.random.default_rng(5).normal(0, 0.03, round(12 * 0.45 * SAMPLE_RATE_HZ))
    sound = listen(take(np.concatenate(spoken)[: len(room)] + room), words(0, 5))
    assert sound.silences_s == ()
    assert sound.silent_share < 0.1


def test_a_click_alone_is_no_speech_to_tell_silences_by(take):
    click = np.zeros(SAMPLE_RATE_HZ)
    click[8000] = 0.9
    assert listen(take(click), words(0, 1)).silences_s == ()


def test_noise_alone_and_digital_silence_hold_nothing(take, tmp_path):
    noise = np.random.default_rng(0).normal(0, 0.1, 5 * SAMPLE_RATE_HZ)
    assert listen(take(noise), words(0, 5)).fillers == ()
    with TakeFile(tmp_path / "nothing.wav") as file:
        file.append(np.zeros(3 * SAMPLE_RATE_HZ, np.int16))
    assert listen(tmp_path / "nothing.wav", words(0, 3)).fillers == ()
    assert listen(tmp_path / "nothing.wav", []).silences_s == ()


def test_it_can_be_cancelled(take):
    with pytest.raises(Cancelled):
        listen(take(babble(1)), words(0, 1), cancelled=lambda: True)


def test_a_recording_that_grows_sounds_the_same(take, tmp_path):
    parts = babble(2), silence(0.3), vowel(0.4, NEUTRAL), silence(1.3), babble(4, seed=1)
    whole = take(*parts)
    pcm = np.concatenate(list(read_blocks(whole, 1.0)))
    said = [*words(0, 2), *words(4, 8)]
    grown = Listening(tmp_path / "growing.wav")
    with TakeFile(tmp_path / "growing.wav") as file:
        for at in range(0, len(pcm), 12_345):
            file.append(pcm[at : at + 12_345])
            grown.catch_up()
    sound = listen(whole, said)
    assert grown.sound(said) == sound
    assert sound.silences_s
    assert sound.fillers
