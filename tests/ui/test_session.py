import pytest

from runthrough.errors import InputError
from runthrough.library import Library
from runthrough.settings import Settings
from runthrough.transcription.recognizer import Recognizer
from runthrough.ui.session import Session


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
