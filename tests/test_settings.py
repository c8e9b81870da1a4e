from __future__ import annotations

import json

import pytest

from runthrough.settings import Settings, load_settings, save_settings


def test_what_is_saved_is_loaded(tmp_path):
    path = tmp_path / "folder" / "settings.json"
    chosen = Settings(microphone="Headset", theme="dark", count_in=False)
    save_settings(chosen, path)
    assert load_settings(path) == chosen


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"theme": "plaid", "count_in": "no", "microphone": 3}']
)
def test_a_damaged_file_gives_the_defaults(tmp_path, text):
    path = tmp_path / "settings.json"
    path.write_text(text)
    assert load_settings(path) == Settings()


def test_keys_of_other_versions_stay(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text('{"from_the_future": 1, "theme": "light"}')
    save_settings(load_settings(path), path)
    assert json.loads(path.read_text())["from_the_future"] == 1
