from __future__ import annotations

import json
import os
import threading
from dataclasses import replace

import pytest

from runthrough.files import replacing
from runthrough.settings import VERSION, Settings, load_settings, save_settings


def test_what_is_saved_is_loaded(tmp_path):
    path = tmp_path / "folder" / "settings.json"
    chosen = Settings(
        microphone="Headset", theme="dark", count_in=False, text_percent=200, language="de"
    )
    save_settings(chosen, path)
    assert load_settings(path) == chosen


@pytest.mark.parametrize(
    "name", ["MacBook\u00a0Pro Microphone", "マイク\u3000内蔵", "میکروفن\u200cها", "Büro 🎙️"]
)
def test_names_as_systems_write_them_are_kept(tmp_path, name):
    path = tmp_path / "settings.json"
    save_settings(Settings(microphone=name), path)
    assert load_settings(path).microphone == name


@pytest.mark.parametrize("name", ["a\nb", "\x00", "\ud800"])
def test_what_can_be_no_name_is_not_taken_for_one(tmp_path, name):
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"microphone": name, "version": VERSION}))
    assert load_settings(path) == Settings()


@pytest.mark.parametrize("text", ["", "{", "[]", "\xff\xfe", "[" * 100_000])
def test_a_damaged_file_is_kept_aside_and_said(tmp_path, text):
    path = tmp_path / "settings.json"
    path.write_bytes(text.encode("latin-1"))
    said = []
    assert load_settings(path, said.append) == Settings()
    aside = tmp_path / "settings.damaged-1.json"
    assert aside.read_bytes() == text.encode("latin-1")
    assert len(said) == 1
    assert str(aside) in said[0]
    # It is said once, and the next damaged one does not take its place.
    assert load_settings(path, said.append) == Settings()
    assert len(said) == 1
    path.write_text("{")
    save_settings(Settings(theme="dark"), path)
    assert (tmp_path / "settings.damaged-2.json").read_text() == "{"
    assert load_settings(path).theme == "dark"


def test_values_that_mean_nothing_give_their_defaults_and_the_rest_stays(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text(
        '{"theme": "plaid", "count_in": "no", "microphone": 3, "text_percent": true, '
        '"language": "xx", "motion": "fast", "captions": false, "version": 2}'
    )
    assert load_settings(path) == Settings(captions=False)


def test_keys_of_other_versions_stay(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"version": VERSION + 1, "from_the_future": 1, "theme": "light"}))
    save_settings(load_settings(path), path)
    data = json.loads(path.read_text())
    assert data["from_the_future"] == 1
    assert data["version"] == VERSION + 1
    assert data["theme"] == "light"
    assert [p.name for p in tmp_path.iterdir()] == ["settings.json"]


def test_half_a_character_in_the_file_does_not_keep_a_change_from_being_saved(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"version": VERSION, "microphone": "a\ud800", "own": "\udc00"}))
    save_settings(Settings(theme="dark"), path, only=["theme"])
    assert load_settings(path) == Settings(theme="dark")
    assert json.loads(path.read_text())["own"] == "\udc00"


def test_of_two_windows_each_keeps_what_it_changed_alone(tmp_path):
    path = tmp_path / "settings.json"
    save_settings(Settings(welcomed=True), path)
    one = other = load_settings(path)
    save_settings(replace(one, library="/moved"), path, only=["library"])
    save_settings(replace(other, theme="dark"), path, only=["theme"])
    assert load_settings(path) == Settings(welcomed=True, library="/moved", theme="dark")
    # Where nothing whole is kept, all of it is.
    path.write_text("{")
    save_settings(replace(one, theme="light"), path, only=["theme"])
    assert load_settings(path) == Settings(welcomed=True, theme="light")


@pytest.mark.parametrize("name", ["settings.json", "ü" * 127])
def test_two_windows_that_save_at_once_do_not_disturb_each_other(tmp_path, name):
    path = tmp_path / name
    with replacing(path) as part, part.open("w") as file:
        file.write('{"theme": ')
        file.flush()
        other = threading.Thread(target=save_settings, args=(Settings(theme="dark"), path))
        other.start()
        other.join()
        assert load_settings(path) == Settings(theme="dark")
        file.write(f'"light", "version": {VERSION}}}')
    assert load_settings(path) == Settings(theme="light")
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_what_a_kill_left_half_written_goes_a_day_later(tmp_path):
    old, new = tmp_path / ".settings.json.7-7.tmp", tmp_path / ".settings.json.8-8.tmp"
    others = tmp_path / ".settings.json.mine.tmp"
    for path in (old, new, others):
        path.write_text("{")
    for path in (old, others):
        os.utime(path, (0, 0))
    save_settings(Settings(), tmp_path / "settings.json")
    assert sorted(tmp_path.iterdir()) == sorted([new, others, tmp_path / "settings.json"])


def test_a_file_of_an_older_version_is_upgraded_with_a_backup(tmp_path):
    path = tmp_path / "settings.json"
    old = '{"microphone": "Headset", "theme": "dark", "own": 1}'
    path.write_text(old)
    loaded = load_settings(path)
    # Whoever has settings has been here before.
    assert loaded == Settings(microphone="Headset", theme="dark", welcomed=True)
    assert path.read_text() == old, "reading changes nothing"
    save_settings(loaded, path)
    assert (tmp_path / "settings.version-1.json").read_text() == old
    assert json.loads(path.read_text())["version"] == VERSION
    assert json.loads(path.read_text())["own"] == 1
    assert load_settings(path) == loaded


def test_a_file_that_can_not_be_read_is_left_alone(tmp_path):
    path = tmp_path / "settings.json"
    path.mkdir()
    said = []
    assert load_settings(path, said.append) == Settings()
    assert "can't be read" in said[0]
    assert path.is_dir()
