"""A country with a folder of this test alone, and an owner who proves who they are by the password."""

import pytest

from booking.country.core.core import Core
from booking.desk.rights.close import close_account
from booking.people.accounts.second_step import Proof
from tests.support.country import PASSWORD, an_origin
from tests.support.file_places import with_files_in


@pytest.fixture
def core(country: Core, tmp_path) -> Core:
    """A whole country, with an evidence folder of this test alone."""
    return with_files_in(country, tmp_path / "evidence")


@pytest.fixture
def close(core: Core):
    """Close an account with its password."""

    def act(account_id, password=PASSWORD):
        return close_account(core, account_id=account_id, proof=Proof("", password=password), origin=an_origin())

    return act
