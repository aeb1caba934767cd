"""No statement leaves anything on a connection beyond its transaction: behind a pooler the next would meet it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.root import ROOT

STATES = {
    "lock of a session": r"pg_(?:try_)?advisory_(?:lock|unlock)",
    "setting of a session": r"\A\s*SET\s+(?:SESSION\s+)?(?!LOCAL\b|CONSTRAINTS\b|TRANSACTION\b)[a-z_]+\s*(?:=|TO\b)",
    "setting that outlives the transaction": r"set_config\([^()]*,\s*false\s*\)",
    "table that outlives the transaction": r"CREATE\s+(?:LOCAL\s+)?TEMP(?:ORARY)?\s+TABLE(?![^;]*ON COMMIT DROP)",
    "cursor that outlives the transaction": r"WITH\s+HOLD",
    "statement that is prepared by name": r"^\s*PREPARE\s",
    "listener": r"^\s*(?:UN)?LISTEN\s",
    "library that is loaded": r"^\s*LOAD\s+'",
}

WORDS = re.compile("advisory|SET|set_config|TEMP|HOLD|PREPARE|LISTEN|LOAD")
"""Each state has one of them, and few texts of the programs have any."""

ALLOWED = {
    ("booking/operations/worker/life.py", "listener"),  # past the pooler
}


def found_in(text: str) -> set[str]:
    """Return what a statement would leave behind."""
    if not WORDS.search(text):
        return set()
    statements = text.split(";")
    return {
        state
        for state, pattern in STATES.items()
        if any(re.search(pattern, part, re.MULTILINE | re.DOTALL) for part in statements)
    }


def texts_of(file: Path) -> Iterator[str]:
    """Yield what stands in quotes in a program, but for its documentation."""
    source = file.read_text(encoding="utf-8")
    if not WORDS.search(source):
        return
    tree = ast.parse(source)
    documented = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented:
            yield node.value


def test_no_statement_leaves_anything_on_a_connection():
    left = {
        (str(file.relative_to(ROOT)), state)
        for package in ("booking", "api")
        for file in (ROOT / package).rglob("*.py")
        if "migrations" not in file.parts  # the owner's, past the pooler
        for text in texts_of(file)
        for state in found_in(text)
    }

    assert left == ALLOWED


@pytest.mark.parametrize(
    ("statement", "state"),
    [
        ("SELECT pg_try_advisory_lock(:lock)", "lock of a session"),
        ("SET lock_timeout = 0; SELECT 1", "setting of a session"),
        ("SET SESSION work_mem TO '1GB'", "setting of a session"),
        ("SELECT set_config('work_mem', :much, false)", "setting that outlives the transaction"),
        ("CREATE TEMPORARY TABLE asked (id int)", "table that outlives the transaction"),
        ("DECLARE rows CURSOR WITH HOLD FOR SELECT 1", "cursor that outlives the transaction"),
        ("LISTEN jobs", "listener"),
    ],
)
def test_each_state_of_a_session_is_found(statement, state):
    assert found_in(statement) == {state}


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT pg_advisory_xact_lock(:lock)",
        "SET LOCAL statement_timeout = 0",
        "SELECT set_config('lock_timeout', :limit, true)",
        "UPDATE slot SET taken = taken + 1",
        "WITH some AS (SELECT 1) UPDATE slot SET taken = taken + 1",
        "CREATE TEMPORARY TABLE asked ON COMMIT DROP AS SELECT 1",
    ],
)
def test_what_ends_with_the_transaction_is_not(statement):
    assert found_in(statement) == set()
