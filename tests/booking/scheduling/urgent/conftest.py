"""Officers and an evidence folder for the tests of urgency."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

import pytest

from booking.country.core.core import Core
from booking.platform.models.states import Role
from tests.support.country import a_colleague
from tests.support.file_places import with_files_in
from tests.support.urgent_cases import Case, a_quick_case_with_officers


@pytest.fixture
def core(country: Core, tmp_path) -> Core:
    """A whole country, with an evidence folder of this test alone."""
    return with_files_in(country, tmp_path / "evidence")


@pytest.fixture
def officer(core: Core) -> UUID:
    """A clerk in Damascus."""
    return a_colleague(core, Role.OFFICER, office="damascus")


@pytest.fixture
def supervisor(core: Core) -> UUID:
    """A supervisor in Damascus."""
    return a_colleague(core, Role.SUPERVISOR, office="damascus")


@pytest.fixture
def a_case(core: Core) -> Callable[..., Case]:
    """Make a case that waits for an officer in Damascus."""
    return partial(a_quick_case_with_officers, core)
