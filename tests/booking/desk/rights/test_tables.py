"""No table is forgotten: each is in a copy or said why not, and each has an end or a reason to stay."""

import re
from pathlib import Path

import pytest

from booking.desk.rights import erase
from booking.desk.rights.own_rows import OTHERWISE, OWNS
from booking.desk.rights.tables import LEFT, After, tables
from booking.desk.rights.words import column_words
from booking.platform.models import Base
from tests.support.root import ROOT

EMPTIED = {
    *{"account", "person", "helper", "request", "outcome", "verdict", "appeal", "urgent_request", "online_case"},
    "issued_result",
}
"""What `erase_names` and `erase_words` empty; a test of each is in test_erase.py."""
WITH_THEIR_ROWS = {"delivery": "message", "person_key": "household_member", "helper_device": "helper"}


def test_every_table_of_the_models_is_judged():
    assert set(tables()) == set(Base.metadata.tables)


@pytest.mark.parametrize("name", [name for name, table in tables().items() if table.copied])
def test_every_column_of_a_copied_table_is_in_the_copy_or_left_out_for_a_reason(name):
    table = tables()[name]
    said = [*table.copied, *(column for columns in table.left.values() for column in columns)]

    assert sorted(said) == sorted(column.name for column in Base.metadata.tables[name].columns)
    assert set(table.left) <= set(LEFT)
    assert all(table.title)
    assert name in {"account", "person", *OTHERWISE} or OWNS.keys() & set(Base.metadata.tables[name].c.keys())


@pytest.mark.parametrize("name", [name for name, table in tables().items() if not table.copied])
def test_a_table_that_is_not_copied_says_why(name):
    assert tables()[name].not_copied


def test_no_secret_is_copied():
    secret = re.compile("password|secret|hash|grant|credential")

    copied = {f"{name}.{column}" for name, table in tables().items() for column in table.copied}
    assert {column for column in copied if secret.search(column)} == set()


def test_what_is_said_to_go_is_what_the_code_removes_or_empties():
    gone = {name for name, table in tables().items() if table.after is After.GONE}
    emptied = {name for name, table in tables().items() if table.after is After.EMPTIED}

    assert gone == {table.__tablename__ for table in erase.GONE} | set(WITH_THEIR_ROWS)
    assert emptied == EMPTIED


def test_every_copied_column_has_words_in_both_languages():
    names = {"phone", "national_number", "address", "answers", "content", "reasons", "person"}
    for table in tables().values():
        names |= {column.removesuffix("_id") for column in table.copied if not column.endswith("_ciphertext")}

    assert set(column_words()) == names
    assert all(all(words) for words in column_words().values())


def test_the_document_says_the_same_of_every_table():
    text = Path(ROOT / "docs" / "rights.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (\w[\w ]*) \| (.+) \|$", text, re.MULTILINE)

    assert rows == [
        (name, table.after.value.replace("_", " "), table.because)
        for name, table in tables().items()
        if table.copied or table.after is not After.STAYS or not table.not_copied.startswith(("about no", "work of"))
    ]
