from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runthrough.errors import FormatError
from runthrough.formats import DEFAULT_FORMAT, find_format, load_formats, read_format, toml_files


def test_every_shipped_format_is_whole_and_as_long_as_it_says():
    formats, problems = load_formats()
    assert problems == []
    assert set(formats) == {
        "interview-45",
        "interview-20",
        "conference-12",
        "five-part-10",
        "lightning-5",
    }
    for fmt in formats.values():
        assert fmt.planned_s == 60 * int(fmt.id.rpartition("-")[2])
        assert fmt.sections[-1].id == "limitations"
        for section in fmt.sections:
            assert 2 <= len(section.questions) <= 4
    (related,) = (s for s in formats[DEFAULT_FORMAT].sections if s.id == "related_work")
    assert not related.required


def test_a_users_format_is_added(tmp_path):
    (tmp_path / "mine.toml").write_text(
        'title = "Group meeting"\n[[sections]]\nid = "results"\nplanned_s = 300\n'
    )
    fmt = find_format("mine", tmp_path)
    assert (fmt.title, fmt.planned_s) == ("Group meeting", 300)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\n\ntitle = ", "line 3"),
        ('title = "A"\n', "line 1"),
        ('title = "A"\n\n[[sections]]\nid = "solo"\nplanned_s = 3\n', "line 3"),
        ('title = "A"\n[[sections]]\nid = "method"\n', "line 2"),
        ('title = "A"\n[[sections]]\nid = "method"\nplanned_s = "long"\n', "line 2"),
        ('title = "A"\n[[sections]]\nid = "method"\nplanned_s = nan\n', "line 2"),
        (
            'title = "A"\n[[sections]]\nid = "method"\nplanned_s = 1\n' * 1 + "required = 3\n",
            "line 2",
        ),
        (
            (
                'title = "A"\n[[sections]]\nid = "method"\nplanned_s = 1\n'
                '[[sections]]\nid = "method"\nplanned_s = 1\n'
            ),
            "line 5",
        ),
    ],
)
def test_a_broken_format_is_named_with_its_line_and_skipped(tmp_path, text, line):
    (tmp_path / "broken.toml").write_text(text)
    formats, problems = load_formats(tmp_path)
    assert "broken" not in formats
    assert DEFAULT_FORMAT in formats
    (problem,) = problems
    assert "broken.toml" in problem
    assert line in problem


def test_a_folder_that_may_not_be_looked_into_holds_no_formats(tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    shipped, _ = load_formats()
    for name in ("is_dir", "glob"):
        with monkeypatch.context() as patch:
            patch.setattr(f"pathlib.Path.{name}", lambda path, *_: refuse(path))
            assert toml_files(tmp_path) == []
    assert list(load_formats(tmp_path / "none")[0]) == list(shipped)


def test_an_unknown_format_names_those_there_are():
    with pytest.raises(FormatError, match="conference-12"):
        find_format("opera")


@given(data=st.binary(max_size=300))
def test_any_bytes_are_a_format_or_a_sentence(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("formats") / "any.toml"
    path.write_bytes(data)
    with pytest.raises(FormatError, match=r"any\.toml"):
        read_format(path)
