import os
import subprocess
import sys

import pytest

from fake_microphone import FakeSoundDevice, PortAudioError
from runthrough.audio import devices
from runthrough.errors import AudioDeviceError
from virtual_mic import DEVICE

pytestmark = pytest.mark.sound


def test_the_systems_own_microphone_and_loudspeaker(virtual_mic):
    names = [device.name for device in devices.input_devices()]
    assert DEVICE in names
    assert [device.is_default for device in devices.input_devices()].count(True) == 1
    assert devices.find("input") in devices.input_devices()
    assert devices.find("output") in devices.output_devices()
    assert "PortAudio" in devices.portaudio_version()


def test_a_name_is_found_in_any_case_and_by_a_part_that_fits_one(virtual_mic):
    assert devices.find("input", "PULSE").name == DEVICE
    assert devices.find("input", "puls").name == DEVICE


@pytest.mark.parametrize("name", ["Studio microphone", "", " "])
def test_a_name_that_does_not_fit_says_which_there_are(virtual_mic, name):
    with pytest.raises(AudioDeviceError, match=f"“{DEVICE}”"):
        devices.find("input", name)


def test_two_microphones_of_one_make_can_both_be_chosen(monkeypatch):
    monkeypatch.setattr(devices, "_portaudio", lambda: FakeSoundDevice("USB", "Other", "USB"))
    assert [one.name for one in devices.input_devices()] == ["USB", "Other", "USB (2)"]
    assert devices.find("input", "USB").id == 0
    assert devices.find("input", "USB (2)").id == 2


def test_sound_that_could_not_be_reached_is_tried_again(monkeypatch):
    class Card(FakeSoundDevice):
        """PortAudio's count of starts, with a sound system that is away."""

        away, started = True, True

        def _initialize(self):
            if self.away:
                raise PortAudioError("Error initializing PortAudio: Host error", -9999)
            self.started = True

        def _terminate(self):
            if not self.started:
                raise PortAudioError("Error terminating PortAudio: Not initialized", -10000)
            self.started = False

    card = Card("Microphone")
    monkeypatch.setattr(devices, "_portaudio", lambda: card)
    for _ in range(2):
        with pytest.raises(AudioDeviceError, match="Host error"):
            devices.input_devices()
    card.away = False
    assert devices.find("input").name == "Microphone"


def ask_in_a_process(code, **environment):
    """PortAudio is loaded once per process, so what is missing is missed in a fresh one."""
    code = (
        "from runthrough.audio import devices\n"
        "from runthrough.errors import AudioDeviceError\n"
        f"{code}\n"
        "try: devices.find('input')\n"
        "except AudioDeviceError as error: print(error)\n"
    )
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True, text=True, timeout=60, check=True,
        env={**os.environ, "PYTHONPATH": "src", **environment},
    ).stdout  # fmt: skip


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other wheels carry PortAudio")
def test_without_portaudio_the_package_to_install_is_named():
    said = ask_in_a_process("import ctypes.util; ctypes.util.find_library = lambda name: None")
    assert "libportaudio2" in said


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="sound servers differ")
def test_without_a_microphone():
    pytest.importorskip("sounddevice", exc_type=OSError)
    said = ask_in_a_process("", PULSE_SERVER="unix:/nowhere")
    if not said:
        pytest.skip("this computer has a microphone of its own")
    assert "No microphone was found" in said
