"""Who works on online cases, for tests: an agency's officers, and a consulate's clerk."""

import pytest

from booking.platform.models.states import Role
from tests.support.country import a_colleague
from tests.support.online_cases import a_caseworker


@pytest.fixture
def officer(country):
    """An officer of the agency that issues clearance certificates."""
    return a_caseworker(country)


@pytest.fixture
def caseworker(country):
    """An officer of the agency that legalises documents."""
    return a_caseworker(country, "foreign-affairs")


@pytest.fixture
def clerk(country):
    """A clerk of the consulate in Berlin."""
    return a_colleague(country, Role.OFFICER, office="berlin")
