"""The country of the demonstration: the pack, with a quota policy under which some must lose."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from booking.antifraud.gate.versions import publish_default_rules, publish_model
from booking.country.catalogue.load import SLOTS_AHEAD, load_catalogue, make_slots
from booking.country.core.core import Core
from booking.country.packs.schema import OfficeSpec, Pack
from booking.country.packs.shares import generate_slots
from booking.entrypoints.demo.people import EXPATRIATES, SECOND_DAY, Applicant
from booking.entrypoints.demo.timetable import Timetable
from booking.platform.models.states import Door, Pool
from fraud import train

DEMAND_FOR_A_PLACE: Final = 2.0
_STEP: Final = Decimal("0.0001")
_KIND_OF_DOOR: Final = {Door.HOME: "branch", Door.ABROAD: "consulate"}
_UNITS_A_PERSON: Final = 1.25
_SPARE: Final = 1.1
_MODEL_ROWS: Final = 30_000


@dataclass(frozen=True, slots=True)
class Demand:
    """Units that honest people will ask for, and units that the counters have on the days of the first draw."""

    asked: Mapping[str, int]
    counters: Mapping[str, int]

    def share(self, kind: str) -> Decimal:
        """Return the share of the counters' time that one kind of office gives to the draw."""
        share = self.asked.get(kind, 0) / DEMAND_FOR_A_PLACE / max(1, self.counters.get(kind, 0))
        return max(_STEP, Decimal(share).quantize(_STEP))


def working_days(people: int) -> int:
    """Return how many working days the first draw reaches."""
    return min(10, max(2, -(-people // 7000)))


@dataclass(frozen=True, slots=True)
class Country:
    """The pack at the size of the play: ``whole`` has all offices, ``stage`` those where it is played."""

    whole: Pack
    stage: Pack


def sized(pack: Pack, timetable: Timetable, people: int) -> Country:
    """Give the country a size that suits so many people: fewer counters, and for few people fewer offices.

    Offices of the pack serve far more people than a small demonstration has. They keep their hours and have counters
    in proportion; where one counter each is still too much, the play is in the largest offices only.
    """
    counters: dict[str, int] = {}
    played: set[str] = set()
    for kind, share in (("branch", 1 - EXPATRIATES), ("consulate", EXPATRIATES)):
        needed = people * share * _UNITS_A_PERSON * (1 - SECOND_DAY) / DEMAND_FOR_A_PLACE
        needed *= _SPARE / float(pack.quotas.shares(kind)[Pool.DRAW])
        there = sorted((one for one in pack.offices if one.kind == kind), key=lambda one: -one.counters)
        units = {one.code: _units(pack, one, timetable) / one.counters for one in there}
        scale = needed / sum(one.counters * units[one.code] for one in there)
        room = 0.0
        for office in there:
            suits = round(office.counters * scale)
            counters[office.code] = max(1, suits)
            if units[office.code] and (suits or room < needed):
                played.add(office.code)
                room += counters[office.code] * units[office.code]
    offices = tuple(office.model_copy(update={"counters": counters[office.code]}) for office in pack.offices)
    return Country(
        pack.model_copy(update={"offices": offices}),
        pack.model_copy(update={"offices": tuple(office for office in offices if office.code in played)}),
    )


def demand(pack: Pack, timetable: Timetable, applicants: Iterable[Applicant]) -> Demand:
    """Count what honest applicants ask for on the first day beside what the counters can do."""
    asked: Counter[str] = Counter()
    for applicant in applicants:
        for ask in applicant.asks:
            if ask.at < timetable.closes and not applicant.kind.hoards:
                asked[_KIND_OF_DOOR[applicant.door]] += ask.units
    counters: Counter[str] = Counter()
    for office in pack.offices:
        counters[office.kind] += _units(pack, office, timetable)
    return Demand(asked, counters)


def _units(pack: Pack, office: OfficeSpec, timetable: Timetable) -> int:
    """Count the units of an office's counters on the days of the first draw."""
    slots = generate_slots(pack, office, timetable.first_day, timetable.last_day)
    return sum(slot.counters for slot in slots) * pack.country.units_per_slot


def scarce(country: Country, wanted: Demand) -> Country:
    """Give the country a first quota policy under which twice as much is asked as the draw has.

    Only the shares of the pools change: the draw (and the instant pool with it) gets as much of the counters' time
    as this many people are worth, and the rest serves people who walk in. The accessible pool stays as it is.
    """
    pools = []
    for split in country.whole.quotas.pools:
        share = min(wanted.share(split.office_kind), split.shares[Pool.DRAW])
        instant = (share * split.shares[Pool.INSTANT] / split.shares[Pool.DRAW]).quantize(_STEP)
        shares = {**split.shares, Pool.DRAW: share, Pool.INSTANT: instant, Pool.WALK_IN: Decimal(0)}
        shares[Pool.WALK_IN] = Decimal(1) - sum(shares.values(), Decimal(0))
        pools.append(split.model_copy(update={"shares": shares}))
    quotas = country.whole.quotas.model_copy(update={"pools": tuple(pools)})
    return Country(country.whole.model_copy(update={"quotas": quotas}), country.stage)


def set_up(core: Core, country: Country, timetable: Timetable, *, seed: int) -> None:
    """Load the pack, make the slots of the play, publish the rules and a model trained on a simulated history."""
    load_catalogue(core, pack=country.whole)
    make_slots(core, pack=country.stage, first=timetable.first_day, last=timetable.later_day)
    publish_default_rules(core)
    publish_model(core, artifact=train(seed, _MODEL_ROWS))


def make_later_slots(core: Core, country: Country, timetable: Timetable) -> None:
    """Make the slots that people need who use the pages after the play: everywhere, from today on."""
    today = timetable.ends.date()
    make_slots(core, pack=country.whole, first=today, last=today + SLOTS_AHEAD)
