"""Processes of one installation that is this test's alone, files too."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from booking.country.core.core import Core
from booking.platform.base.clock import SettableClock
from tests.booking.operations.keys.processes import started

Process = Callable[..., AbstractContextManager[Core]]


@pytest.fixture
def process(database_url: str, redis_url: str, clock: SettableClock, tmp_path: Path) -> Process:
    """Start a process with these secrets on an empty database."""
    return lambda *secrets, **changes: started(
        database_url, redis_url, clock, *secrets, evidence_dir=tmp_path / "evidence", **changes
    )


@pytest.fixture
def in_country(country_url: str, redis_url: str, clock: SettableClock, tmp_path: Path) -> Process:
    """Start a process with these secrets on a whole country."""
    return lambda *secrets: started(country_url, redis_url, clock, *secrets, evidence_dir=tmp_path / "evidence")
