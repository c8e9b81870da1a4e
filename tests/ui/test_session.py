import wave

import pytest

from runthrough.errors import Cancelled, InputError
from runthrough.library import Library
from runthrough.settings import Settings, load_settings
from runthrough.transcription.recognizer import Recognizer
from runthrough.ui.session import Session
from sounds import sample_speech


def test_a_recogniser_that_can_not_start_is_tried_again(qapp, tmp_path, monkeypatch):
    session = Session(Library(tmp_path / "library"), Settings())

    def no_memory(_recognizer):
        raise OSError(12, "Cannot allocate memory")

    with monkeypatch.context() as patch:
        patch.setattr(Recognizer, "warm", no_memory)
        with pytest.raises(OSError, match="memory"):
            session.recognizer()
    recognizer = session.recognizer()
    assert recognizer.pid is not None
    assert session.recognizer() is recognizer
    session.close()
    assert recognizer.pid is None


def test_a_model_that_is_not_there_is_told(qapp, tmp_path):
    session = Session(Library(tmp_path / "library"), Settings(model="no-such-model"))
    with pytest.raises(InputError, match="no-such-model"):
        session.recognizer()
    session.close()


def test_what_is_being_spoken_is_heard_to_its_end_by_the_recogniser_that_began(qtbot, tmp_path):
    session = Session(Library(tmp_path / "library"), Settings())
    recognizer = session.recognizer()
    audio = tmp_path / "audio.wav"
    following = recognizer.follow(audio)
    session.change_settings(language="de")
    # What is asked of the recogniser meanwhile does not wait for what is spoken.
    session.recognition_pool.submit(lambda: None).result(20)
    samples = sample_speech(4)
    with wave.open(str(audio), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(samples.tobytes())
    following.finish()
    assert following.result(60).words
    qtbot.waitUntil(lambda: recognizer.pid is None, timeout=20_000)
    session.close()


def test_a_recogniser_that_was_given_up_ends_with_the_window(qapp, tmp_path):
    session = Session(Library(tmp_path / "library"), Settings())
    recognizer = session.recognizer()
    following = recognizer.follow(tmp_path / "audio.wav")
    session.change_settings(language="de")
    session.close()
    assert recognizer.pid is None
    with pytest.raises(Cancelled):
        following.result(20)


def test_a_library_moved_in_one_window_is_not_forgotten_by_a_choice_in_another(qapp, tmp_path):
    one, other = (Session(Library(tmp_path / "library"), load_settings()) for _ in range(2))
    one.use_library(Library(tmp_path / "moved"))
    other.change_settings(theme="dark")
    assert load_settings() == Settings(library=str(tmp_path / "moved"), theme="dark")
    one.close()
    other.close()
