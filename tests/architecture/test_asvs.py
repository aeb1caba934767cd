"""The table of OWASP ASVS 5.0: complete, with tests that are there, and the same as its document."""

import ast
from collections.abc import Iterator
from functools import cache

from tests.architecture.asvs import DOCUMENT, GOAL, STATES, document, rows, standard
from tests.support.root import ROOT

SKIPPED = {"skip", "skipif", "xfail"}


def marks(test: ast.FunctionDef) -> Iterator[str]:
    """The names in a test's decorators."""
    for decorator in test.decorator_list:
        yield from (node.attr for node in ast.walk(decorator) if isinstance(node, ast.Attribute))


@cache
def marks_by_test(file: str) -> dict[str, set[str]]:
    """The tests of a file with their marks; empty where there is no such file."""
    path = ROOT / file
    tree = ast.parse(path.read_text(encoding="utf-8") if path.is_file() else "")
    return {one.name: set(marks(one)) for one in tree.body if isinstance(one, ast.FunctionDef)}


def is_run(test: str) -> bool:
    """Whether a test is there and always run, so that the suite fails where it does."""
    file, _, name = test.partition("::")
    found = marks_by_test(file).get(name)
    return found is not None and not found & SKIPPED


def test_the_list_is_the_standards():
    found = list(standard().values())

    assert (len(found), found.count(1), found.count(2)) == (345, 70, 183)  # as the standard counts them


def test_no_requirement_of_level_two_is_missing():
    wanted = {requirement: level for requirement, level in standard().items() if level <= GOAL}

    assert [(row.requirement, row.level) for row in rows()] == list(wanted.items())


def test_each_requirement_names_tests_that_run_or_a_reason():
    assert [test for row in rows() for test in row.tests if not is_run(test)] == []
    assert [row.requirement for row in rows() if not (row.because or (row.state == "met" and row.tests))] == []
    assert {row.state for row in rows()} <= set(STATES)


def test_the_document_shows_the_table():
    assert DOCUMENT.read_text(encoding="utf-8") == document(rows())
