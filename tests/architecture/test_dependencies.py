"""``docs/dependencies.md`` has each direct dependency: why, by whom, under which licence, and what would replace it."""

import re
import tomllib

import pytest

from tests.root import ROOT

PAGE = ROOT / "docs/dependencies.md"
PARTS = ("When it runs", "When it is asked for", "When it is tested")
CELLS = 5


def named(part):
    read = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = {
        "When it runs": read["project"]["dependencies"],
        "When it is asked for": [one for extra in read["project"]["optional-dependencies"].values() for one in extra],
        "When it is tested": read["dependency-groups"]["dev"],
    }
    return sorted(re.split(r"[\[<>=]", one)[0] for one in wanted[part])


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


def test_each_dependency_is_in_the_lock():
    locked = set(
        re.findall(r"^([a-z0-9-]+)(?:\[.*?\])?==", (ROOT / "requirements.txt").read_text("utf-8"), re.MULTILINE)
    )
    assert {*named("When it runs"), *named("When it is asked for")} - locked == set()


def test_the_lock_has_nothing_of_a_dependency_that_is_gone():
    direct = re.compile(
        r"^([a-z0-9-]+)(?:\[.*?\])?==(?:.*\n)(?:    (?!#).*\n)*    # via(?: mawid|\n(?:    #.*\n)*?    #   mawid)",
        re.MULTILINE,
    )
    assert set(direct.findall((ROOT / "requirements.txt").read_text("utf-8"))) == {
        *named("When it runs"),
        *named("When it is asked for"),
    }
