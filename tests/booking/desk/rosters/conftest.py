import pytest

from allocation.rostering.solve import solve


@pytest.fixture(autouse=True)
def _a_short_search(monkeypatch):
    """Let a roster be searched for as long as it takes to find a good one, not to prove that none is better."""
    monkeypatch.setitem(solve.__kwdefaults__, "work", 0.5)
