"""Whatever is written into a pack, loading it ends in a pack or in a list of problems."""

import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from booking.country.packs.loading import BUILT_IN, load_pack
from booking.country.packs.reading import KeyPath, PackError, Problem
from tests.support.effort import examples

SYRIA = BUILT_IN / "syria"
FILES = sorted(path.relative_to(SYRIA).as_posix() for path in SYRIA.rglob("*.toml"))
JUNK = st.sampled_from(
    [None, "", "x" * 3000, "\u202e", -1, 10**30, 1.5, float("nan"), True, [], [[]], {}, {"a": 1}, [1]]
)


def _paths(value: Any, path: KeyPath = ()) -> list[KeyPath]:
    inside: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [path] if path else []
    for key, item in inside:
        found += _paths(item, (*path, key))
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("pack")


@pytest.mark.slow
@settings(
    max_examples=examples(12, nightly=40),
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_any_value_gives_a_pack_or_problems_with_lines(folder, data):
    shutil.copytree(SYRIA, folder, dirs_exist_ok=True)
    file = data.draw(st.sampled_from(FILES))
    document = tomllib.loads((SYRIA / file).read_text("utf-8"))
    *way, key = data.draw(st.sampled_from(_paths(document)))
    inside: Any = document
    for step in way:
        inside = inside[step]
    junk = data.draw(JUNK)
    if junk is None:
        del inside[key]
    else:
        inside[key] = junk
    text = tomlkit.dumps(document)
    (folder / file).write_text(text, "utf-8")
    problems = _problems_of(folder)

    assert problems is None or problems
    assert all(1 <= problem.line <= text.count("\n") + 1 for problem in problems or () if problem.file == file)


def _problems_of(folder: Path) -> tuple[Problem, ...] | None:
    try:
        load_pack(folder)
    except PackError as error:
        return error.problems
    return None
