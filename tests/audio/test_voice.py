import os
import sys
import time

import pytest

from runthrough.audio.voice import Voice

# As speech-dispatcher: the client only hands the text to a server, which speaks on without it.
SPD_SAY = """#!/bin/sh
cd "${0%/*}"
case "$*" in
"--wait --pipe-mode") cat > spoken_by_server; exec sleep 60 ;;
--cancel) rm spoken_by_server; echo cancelled >> told ;;
esac
"""


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only on Linux does speech-dispatcher read aloud"
)
def test_stopping_silences_the_server_too(tmp_path, monkeypatch):
    client = tmp_path / "spd-say"
    client.write_text(SPD_SAY)
    client.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    voice = Voice()
    voice.say("What is new here?")
    speech = tmp_path / "spoken_by_server"
    until = time.monotonic() + 20
    while not speech.exists() or speech.read_text() != "What is new here?":
        assert time.monotonic() < until, "never spoken"
        time.sleep(0.01)
    voice.stop()
    voice.stop()
    assert not voice.speaking
    assert not speech.exists()
    assert (tmp_path / "told").read_text() == "cancelled\n"
