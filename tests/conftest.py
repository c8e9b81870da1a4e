import gc
import os
import sys
import tempfile
import threading
import time

import hypothesis
import pytest

# No test measures time: on a busy computer an example may take as long as it takes.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")

pytest_plugins = ["virtual_mic"]

# Tests open no window on anybody's screen unless asked to.
if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


# The trash is chosen when send2trash is imported, so it is one for all tests.
_DATA = tempfile.TemporaryDirectory(prefix="runthrough-tests-")
os.environ["XDG_DATA_HOME"] = _DATA.name
# What a test's thread still writes once the test is over is nothing of the user's, either.
os.environ["RUNTHROUGH_SETTINGS"] = f"{_DATA.name}/settings.json"
os.environ["RUNTHROUGH_LIBRARY"] = f"{_DATA.name}/library"


@pytest.fixture(autouse=True)
def _nothing_of_the_users(tmp_path_factory, monkeypatch):
    """No test reads or writes the settings, the library or the trash of whoever runs it."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("RUNTHROUGH_SETTINGS", str(home / "settings.json"))
    monkeypatch.setenv("RUNTHROUGH_LIBRARY", str(home / "library"))


# Windows must be freed in this thread, and the collector would run in any; the program sees to
# that in the same way.
gc.disable()
_MUCH = 20_000


@pytest.fixture(autouse=True)
def _garbage_is_collected_here():
    yield
    if gc.get_count()[0] > _MUCH:
        gc.collect()


@pytest.fixture(scope="session", autouse=True)
def no_thread_left():
    """What a test starts ends with it: no thread outlives all tests."""
    before = set(threading.enumerate())
    yield

    def left():
        return [thread.name for thread in threading.enumerate() if thread not in before]

    until = time.monotonic() + 20
    while (running := left()) and time.monotonic() < until:
        gc.collect()
        time.sleep(0.2)
    assert not running
