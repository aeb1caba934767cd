import tomllib
from typing import Any

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from booking.country.packs.loading import BUILT_IN
from booking.country.packs.reading import line_of_each_path

TEXT = '''\
# a comment with [brackets] and = signs
title = "one # not a comment"

[owner]
name.ar = "علي"
name."with.dot" = 1
long = """
[not.a.header]
key = 1 \\""" still"""
raw = \'\'\'
[[nor.this]]
\'\'\'

[[shops]]
days = [
    "mon",  # first
    [1, 2],
    { opens = 08:00:00, closes = [1] },
]
[[shops.rooms]]
size = 3
[[shops.rooms]]
size = 4
[shops.rooms.door]
wide = true
[[shops]]
days = []
[shops.place]
latitude = -3.5
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2),
        (("owner",), 4),
        (("owner", "name"), 5),
        (("owner", "name", "ar"), 5),
        (("owner", "name", "with.dot"), 6),
        (("owner", "long"), 7),
        (("owner", "raw"), 10),
        (("shops", 0), 14),
        (("shops", 0, "days", 0), 16),
        (("shops", 0, "days", 1, 1), 17),
        (("shops", 0, "days", 2, "closes", 0), 18),
        (("shops", 0, "rooms", 0, "size"), 21),
        (("shops", 0, "rooms", 1), 22),
        (("shops", 0, "rooms", 1, "door", "wide"), 25),
        (("shops", 1), 26),
        (("shops", 1, "days"), 27),
        (("shops", 1, "place", "latitude"), 29),
    ],
)
def test_each_path_has_the_line_where_it_is_written(path, line):
    assert line_of_each_path(TEXT)[path] == line


def test_windows_line_ends_count_once():
    lines = line_of_each_path("a = 1\r\n\r\n[b]\r\nc = 2\r\n")

    assert lines["b", "c"] == 4


@pytest.mark.parametrize("text", ["[a", "a 1", "a =", "= 1", "a = [1", "a = {b = 1"])
def test_text_that_is_not_toml_is_refused_quickly(text):
    with pytest.raises(ValueError, match=r"line 1"):
        line_of_each_path(text)


def _paths(value: Any, path: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    inside: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {path}.union(*(_paths(item, (*path, key)) for key, item in inside))


_KEYS = st.text("ab.\"' é#=[]", min_size=1, max_size=4)
_SCALARS = st.one_of(st.integers(-99, 99), st.booleans(), st.text("x#[]{}\",='\n\\é ", max_size=8), st.dates())
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(_KEYS, _VALUES, max_size=4))
def test_every_path_of_any_document_has_a_line(document):
    text = tomlkit.dumps(document)

    lines = line_of_each_path(text)

    assert set(lines) == _paths(tomllib.loads(text))


@given(st.lists(st.dictionaries(st.sampled_from("abc"), _SCALARS, min_size=1), min_size=1, max_size=4))
def test_each_key_of_a_table_is_on_its_own_line_after_the_header(tables):
    text = tomlkit.dumps({"things": tables})
    rows = text.split("\n")

    for path, line in line_of_each_path(text).items():
        if len(path) == 2:
            assert rows[line - 1] == "[[things]]"
        elif len(path) == 3:
            assert rows[line - 1].startswith(f"{path[2]} = ")


def test_every_path_of_the_syrian_files_has_a_line():
    for file in (BUILT_IN / "syria").rglob("*.toml"):
        text = file.read_text("utf-8")
        assert set(line_of_each_path(text)) == _paths(tomllib.loads(text)), file.name
