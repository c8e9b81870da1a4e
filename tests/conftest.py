import os
import sys

import pytest

# Tests open no window on anybody's screen unless asked to.
if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True)
def _nothing_of_the_users(tmp_path_factory, monkeypatch):
    """No test reads or writes the settings or the library of whoever runs it."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("RUNTHROUGH_SETTINGS", str(home / "settings.json"))
    monkeypatch.setenv("RUNTHROUGH_LIBRARY", str(home / "library"))
