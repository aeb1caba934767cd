import pytest

from fraud.attackers import Played, World, play
from fraud.attackers.training import trained

SMALL = World(people=2_500, days=21)


@pytest.fixture(scope="package")
def small() -> Played:
    return play(31, SMALL)


@pytest.fixture(scope="package")
def seasons() -> list[Played]:
    """Two seasons judged by rules and a score that was trained on others."""
    world = World(people=3_000)
    model = trained((11, 12, 13), world)
    return [play(seed, world, model=model) for seed in (41, 42)]
