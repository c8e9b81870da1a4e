"""Real sound and the real small model; what is not there is skipped with its reason."""

import wave

import pytest
import soundfile

from runthrough.audio.wav import SAMPLE_RATE_HZ
from runthrough.errors import ModelError
from runthrough.resources import resource
from runthrough.transcription.models import DEFAULT_MODEL, find_model


@pytest.fixture(scope="session")
def model():
    try:
        return find_model(DEFAULT_MODEL)
    except ModelError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def speech():
    """48 s of the sample talk: 16 kHz int16 samples, more than one piece long."""
    samples, rate = soundfile.read(
        resource("sample", "audio.flac"), frames=48 * SAMPLE_RATE_HZ, dtype="int16"
    )
    assert rate == SAMPLE_RATE_HZ
    return samples


@pytest.fixture
def recording(tmp_path):
    """Write samples as a recording of ours."""

    def write(samples, name="audio.wav"):
        path = tmp_path / name
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(SAMPLE_RATE_HZ)
            file.writeframes(samples.astype("<i2").tobytes())
        return path

    return write
