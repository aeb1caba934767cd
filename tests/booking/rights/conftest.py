"""A country with a folder of this test alone, and an owner who proves who they are by the password."""

from dataclasses import replace

import pytest

from booking.accounts.prove_owner import Proof
from booking.core.core import Core
from booking.rights.close import close_account
from tests.country import PASSWORD, an_origin


@pytest.fixture
def core(country: Core, tmp_path) -> Core:
    """A whole country, with an evidence folder of this test alone."""
    return replace(country, settings=country.settings.model_copy(update={"evidence_dir": tmp_path / "evidence"}))


@pytest.fixture
def close(core: Core):
    """Close an account with its password."""

    def act(account_id, password=PASSWORD):
        return close_account(core, account_id=account_id, proof=Proof("", password=password), origin=an_origin())

    return act
