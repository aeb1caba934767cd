"""The country of the demonstration: the pack, with a quota policy under which some must lose."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final

from booking.core import Core
from booking.demo.people import Applicant
from booking.demo.timetable import Timetable
from booking.packs.calendar import generate_slots
from booking.packs.schema import Pack
from booking.services.catalogue import SLOTS_AHEAD, load_catalogue, make_slots
from booking.services.publish_policy import publish_default_rules, publish_model
from booking.states import Door, Pool
from fraud import train

DEMAND_FOR_A_PLACE: Final = 2.0
_STEP: Final = Decimal("0.0001")
_KIND_OF_DOOR: Final = {Door.HOME: "branch", Door.ABROAD: "consulate"}
_MODEL_ROWS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Demand:
    """Units that honest people will ask for, and units that the counters have on the days of the first draw."""

    asked: Mapping[str, int]
    counters: Mapping[str, int]

    def shares(self, kind: str) -> Decimal:
        """Give the share of the counters' time that one kind of office gives to the draw."""
        share = self.asked.get(kind, 0) / DEMAND_FOR_A_PLACE / max(1, self.counters.get(kind, 0))
        return max(_STEP, Decimal(share).quantize(_STEP))


def working_days(pack: Pack, people: int) -> int:
    """Give how many working days the first draw reaches: so many that the pack's own share for draws suffices."""
    share = float(pack.quotas.shares("branch")[Pool.DRAW])
    a_day = sum(office.counters for office in pack.offices if office.kind == "branch") * 24 * share
    return max(2, -(-int(people * 1.1 / DEMAND_FOR_A_PLACE) // int(a_day)))


def demand(pack: Pack, timetable: Timetable, applicants: Iterable[Applicant]) -> Demand:
    """Count what honest applicants ask for on the first day beside what the counters can do."""
    asked: Counter[str] = Counter()
    for applicant in applicants:
        for ask in applicant.asks:
            if ask.at < timetable.closes and not applicant.kind.hoards:
                asked[_KIND_OF_DOOR[applicant.door]] += ask.units
    counters: Counter[str] = Counter()
    for office in pack.offices:
        for slot in generate_slots(pack, office, timetable.first_day, timetable.last_day):
            counters[office.kind] += slot.counters * pack.country.units_per_slot
    return Demand(asked, counters)


def scarce(pack: Pack, wanted: Demand) -> Pack:
    """Give the pack with a first quota policy under which twice as much is asked as the draw has.

    Only the shares of the pools change: the draw (and the instant pool with it) gets as much of the counters' time
    as this many people are worth, and the rest serves people who walk in. The accessible pool stays as it is.
    """
    pools = []
    for split in pack.quotas.pools:
        share = min(wanted.shares(split.office_kind), split.shares[Pool.DRAW])
        instant = (share * split.shares[Pool.INSTANT] / split.shares[Pool.DRAW]).quantize(_STEP)
        shares = {**split.shares, Pool.DRAW: share, Pool.INSTANT: instant, Pool.WALK_IN: Decimal(0)}
        shares[Pool.WALK_IN] = 1 - sum(shares.values())
        pools.append(split.model_copy(update={"shares": shares}))
    return pack.model_copy(update={"quotas": pack.quotas.model_copy(update={"pools": tuple(pools)})})


def set_up(core: Core, pack: Pack, timetable: Timetable, *, seed: int) -> None:
    """Load the pack, make the slots, publish the rules and a model trained on a simulated history."""
    load_catalogue(core, pack=pack)
    make_slots(core, pack=pack, first=timetable.ends.date(), last=timetable.ends.date() + SLOTS_AHEAD)
    publish_default_rules(core)
    publish_model(core, artifact=train(seed, _MODEL_ROWS))
