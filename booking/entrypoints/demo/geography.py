"""Where the synthetic people live, and which offices are near them."""

from typing import Final

import numpy as np

from booking.country.packs.schema import OfficeSpec, Pack
from booking.platform.base.great_circle import great_circle_km
from booking.platform.models.states import Door

_REACHES_ANOTHER: Final = 0.25  # consulate than the nearest
_MOVED_AWAY: Final = 0.12  # live in another region than the one they are registered in


class Geography:
    """The pack's regions weighted by population, and offices by distance."""

    def __init__(self, pack: Pack) -> None:
        regions = [region for region in pack.regions if region.country == pack.country.code]
        branches = [office for office in pack.offices if office.kind == "branch"]
        self._consulates = [office for office in pack.offices if office.kind == "consulate"]
        first = {office.region: office for office in reversed(branches)}
        people = np.array([region.population or 0 if region.code in first else 0 for region in regions], np.float64)
        counters = np.array([office.counters for office in self._consulates], np.float64)
        self._by_population = people / people.sum()
        self._by_counters = counters / counters.sum()
        self._near_region = [_by_distance(first.get(region.code, branches[0]), branches) for region in regions]
        self._near_consulate = [_by_distance(office, self._consulates) for office in self._consulates]

    def region(self, rng: np.random.Generator) -> int:
        """Draw the region where somebody is registered, by population."""
        return int(rng.choice(len(self._near_region), p=self._by_population))

    def number_prefix(self, region: int) -> str:
        """Return the first two digits of the national numbers of a region, as the synthetic register reads them."""
        return f"{region or len(self._near_region):02d}"

    def offices(self, rng: np.random.Generator, door: Door, region: int, *, most: int) -> tuple[OfficeSpec, ...]:
        """Draw up to ``most`` offices, first choice first: the nearest of where they live, then its neighbours."""
        if door is Door.ABROAD:
            near = self._near_consulate[int(rng.choice(len(self._consulates), p=self._by_counters))]
            wanted = 1 + int(rng.random() < _REACHES_ANOTHER)
        else:
            lives = self.region(rng) if rng.random() < _MOVED_AWAY else region
            near = self._near_region[lives]
            wanted = int(rng.choice([1, 2, 3], p=[0.45, 0.3, 0.25]))
        return near[: min(wanted, most)]


def _by_distance(start: OfficeSpec, offices: list[OfficeSpec]) -> tuple[OfficeSpec, ...]:
    return tuple(
        sorted(
            offices,
            key=lambda other: (
                great_circle_km(start.latitude, start.longitude, other.latitude, other.longitude),
                other.code != start.code,
            ),
        )
    )
