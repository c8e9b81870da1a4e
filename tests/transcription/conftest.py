"""Real sound and the real small model; what is not there is skipped with its reason."""

import shutil
import subprocess
import wave

import numpy as np
import pytest

from runthrough.errors import ModelError
from runthrough.transcription.cutter import SAMPLE_RATE
from runthrough.transcription.models import DEFAULT_MODEL, find_model

# What the voice says, with a pause in the middle.
SPOKEN = (
    "We measured the error of the router on twelve datasets.",
    "The result is better on most of them.",
    "The method does not work when the images are small.",
)


@pytest.fixture(scope="session")
def model():
    try:
        return find_model(DEFAULT_MODEL)
    except ModelError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def speech(tmp_path_factory):
    """About 35 s of a synthetic voice: 16 kHz int16 samples, more than one piece long."""
    if shutil.which("espeak-ng") is None:
        pytest.skip("espeak-ng is not installed, so there is no speech to transcribe")
    folder = tmp_path_factory.mktemp("speech")
    parts = []
    for number, sentence in enumerate(SPOKEN):
        path = folder / f"{number}.wav"
        subprocess.run(["espeak-ng", "-s", "140", "-w", path, sentence], check=True)
        with wave.open(str(path)) as file:
            rate = file.getframerate()
            samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
        at = np.arange(0, len(samples) - 1, rate / SAMPLE_RATE)
        parts += [np.interp(at, np.arange(len(samples)), samples), np.zeros(SAMPLE_RATE)]
    once = np.concatenate(parts).astype(np.int16)
    return np.concatenate([once] * 3)


@pytest.fixture
def recording(tmp_path):
    """Write samples as a recording of ours."""

    def write(samples, name="audio.wav"):
        path = tmp_path / name
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(SAMPLE_RATE)
            file.writeframes(samples.astype("<i2").tobytes())
        return path

    return write
