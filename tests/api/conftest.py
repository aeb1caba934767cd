"""Fixtures of the web layer: the application on a fresh core, and a client that behaves like a browser."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.main import create_app
from booking.country.core.core import Core


@pytest.fixture
def app(core: Core) -> FastAPI:
    """The application on this test's own core."""
    return create_app(core)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """A browser that has not been here before, and shows redirects instead of following them."""
    with TestClient(app, base_url="http://localhost:8000", follow_redirects=False) as client:
        yield client
