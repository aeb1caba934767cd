"""The worker of pytest-xdist that this process is, and what belongs to it alone."""

import os
from pathlib import Path

import pytest

VALKEY_DATABASES = 15
"""Databases of the run's Valkey that workers use; the server has 16, and the first one stays empty."""


def worker_number() -> int:
    """Return this worker's number from 0 on; 0 where tests run in one process."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


def valkey_database() -> int:
    """Return the number of this worker's database in the run's Valkey."""
    return 1 + worker_number() % VALKEY_DATABASES


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """Return the folder of this run that all its workers share."""
    own = factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
