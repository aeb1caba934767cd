"""``docs/dependencies.md`` has each direct dependency: why, by whom, under which licence, and what would replace it."""

import re
import tomllib
from functools import reduce

import pytest

from tests.support.root import ROOT

PAGE = ROOT / "docs/dependencies.md"
PARTS = {
    "When it runs": ["project.dependencies"],
    "When it is asked for": ["project.optional-dependencies.s3", "project.optional-dependencies.traces"],
    "When other machines compute": ["project.optional-dependencies.cluster"],
    "When it is tested": ["dependency-groups.dev"],
}
LOCKS = {
    "requirements.txt": ["When it runs", "When it is asked for"],
    "requirements-cluster.txt": ["When it runs", "When it is asked for", "When other machines compute"],
}
CELLS = 5


def named(part):
    read = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found = [one for path in PARTS[part] for one in reduce(dict.__getitem__, path.split("."), read)]
    return sorted(re.split(r"[\[<>=]", one)[0] for one in found)


def rows(part):
    text = PAGE.read_text(encoding="utf-8").split(f"\n## {part}\n")[1].split("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("| ")][1:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize("part", PARTS)
def test_the_page_has_each_dependency_once_and_no_other(part):
    assert sorted(row[0] for row in rows(part)) == named(part)


@pytest.mark.parametrize("part", PARTS)
def test_every_cell_of_the_page_says_something(part):
    assert [row for row in rows(part) if len(row) != CELLS or not all(row)] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_each_dependency_is_in_the_lock(lock):
    locked = set(re.findall(r"^([a-z0-9-]+)(?:\[.*?\])?==", (ROOT / lock).read_text("utf-8"), re.MULTILINE))
    assert {name for part in LOCKS[lock] for name in named(part)} - locked == set()


def test_what_computes_elsewhere_is_the_same_version_as_here():
    pinned = re.compile(r"^([a-z0-9-]+(?:\[.*?\])?==\S+)", re.MULTILINE)
    here, there = (set(pinned.findall((ROOT / lock).read_text("utf-8"))) for lock in LOCKS)
    assert here - there == set()


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_has_nothing_of_a_dependency_that_is_gone(lock):
    direct = re.compile(
        r"^([a-z0-9-]+)(?:\[.*?\])?==(?:.*\n)(?:    (?!#).*\n)*    # via(?: mawid|\n(?:    #.*\n)*?    #   mawid)",
        re.MULTILINE,
    )
    direct = set(direct.findall((ROOT / lock).read_text("utf-8")))
    assert direct == {name for part in LOCKS[lock] for name in named(part)}
