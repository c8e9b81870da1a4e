import pytest

from fake_microphone import FakeSoundDevice
from runthrough.errors import ModelError
from runthrough.library import Library
from runthrough.settings import Settings
from runthrough.ui.session import Session


@pytest.fixture
def sound(monkeypatch):
    """The sound card. Devices and recorder on top of it are real."""
    fake = FakeSoundDevice("Built-in microphone", "Headset")
    monkeypatch.setattr("runthrough.audio.devices._portaudio", lambda: fake)
    return fake


@pytest.fixture
def session(qapp, tmp_path, monkeypatch):
    library = Library(tmp_path / "library")
    session = Session(library, Settings(count_in=False))

    def none_here():
        raise ModelError("There is no speech model. Get one with `runthrough models get`.")

    # The recogniser has its own tests; without one, everything on the screen must work.
    monkeypatch.setattr(session, "recognizer", none_here)
    yield session
    session.close()
