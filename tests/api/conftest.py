"""Fixtures of the web layer: the application on a fresh core, and a client that behaves like a browser."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.main import create_app
from booking.clock import SettableClock
from booking.core import Core, open_core
from booking.settings import Settings


@pytest.fixture
def app(core: Core) -> FastAPI:
    """The application on this test's own core."""
    return create_app(core)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """A browser that has not been here before, and shows redirects instead of following them."""
    with TestClient(app, base_url="http://localhost:8000", follow_redirects=False) as client:
        yield client


@pytest.fixture
def core(database_url: str, redis_url: str, clock: SettableClock) -> Iterator[Core]:
    """A core on an empty database, whose passwords cost nothing."""
    settings = Settings(
        _env_file=None,
        secret_key="a secret of the tests, long enough to be one",
        password_hash_memory_kib=64,
        password_hash_rounds=1,
        show_outbox=True,
    )
    with open_core(settings, database_url=database_url, redis_url=redis_url, clock=clock, pool_size=4) as core:
        yield core
