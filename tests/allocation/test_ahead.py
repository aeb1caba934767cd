"""What a draw runs is compiled before it: a real one, small, finds everything there."""

import sys

import pytest
from numba.core.caching import CacheImpl
from numba.core.registry import CPUDispatcher

from allocation.ahead import STEPS, compile_ahead
from allocation.building.samples import country
from allocation.compiled import compiled as make_compiled
from allocation.solver import solve

pytestmark = pytest.mark.slow


def compiled() -> int:
    """Count the variants of functions that this process has compiled or found on disk."""
    modules = [module for name, module in list(sys.modules.items()) if name.startswith("allocation")]
    found = {one for module in modules for one in vars(module).values() if isinstance(one, CPUDispatcher)}
    return sum(len(one.signatures) for one in found)


def test_after_compiling_ahead_a_draw_compiles_nothing():
    told = []
    compile_ahead(told.append)
    before = compiled()

    solve(country(2_000, seed=5, parties=0.45, mixed_durations=True, pools=True, tiers=3), seconds=1)
    solve(country(2_000, seed=6, parties=0.0), seconds=1)

    assert told == list(range(1, STEPS + 1))
    assert compiled() == before > 10


def test_where_nothing_can_be_written_a_process_compiles_for_itself(monkeypatch):
    monkeypatch.setattr(CacheImpl, "_locator_classes", [])
    assert make_compiled(lambda number: number + 1)(1) == 2
