"""What a command says of an error: one line where its reader can do something about it."""

from importlib import import_module

import pytest
from sqlalchemy.exc import OperationalError

from booking.country.packs.reading import PackError, Problem
from booking.entrypoints.commands.told import TOLD, in_one_line
from booking.platform.base.errors import NotFoundError


@pytest.mark.parametrize("name", sorted(TOLD))
def test_each_error_that_is_told_is_there_under_its_name(name):
    module, _, kind = name.rpartition(".")
    found = getattr(import_module(module), kind)

    assert issubclass(found, Exception)
    assert found.__module__ == module


def test_an_error_of_a_kind_below_one_that_is_told_is_told_by_its_own_name():
    assert in_one_line(NotFoundError("x")) == "NotFoundError: x"


def test_a_server_that_is_away_is_named_and_a_fault_of_ours_is_not_hidden():
    away = OperationalError("SELECT 1", {}, Exception("connection refused\nDETAIL: Salma"))

    assert in_one_line(away) == "OperationalError: the database does not do its part: connection refused"
    assert in_one_line(ZeroDivisionError()) is None


def test_a_fault_of_a_pack_is_told_by_file_and_line_alone():
    assert in_one_line(PackError("syria", [Problem("offices.toml", 3, "no such office")])) == (
        "country pack 'syria' has 1 problem(s):\n  offices.toml:3: no such office"
    )
