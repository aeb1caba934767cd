"""First come, first served, worked out by hand."""

from datetime import UTC, date, datetime, timedelta

from booking.entrypoints.demo.market import first_come_first_served
from booking.entrypoints.demo.people import Applicant, Kind, Person, PlannedAsk
from booking.platform.models.states import Door, Pool
from booking.scheduling.draws.files import BINS, Bin, write_bins

OPENS = datetime(2026, 11, 21, 8, tzinfo=UTC)
DAY = date(2026, 11, 29)


def places(free: int) -> dict[str, bytes]:
    one = Bin(
        office="damascus",
        accessible=True,
        day=DAY,
        band="morning",
        pool=Pool.DRAW,
        starts_at=datetime(2026, 11, 29, 5, tzinfo=UTC),
        slots=(1,),
        free=(free,),
    )
    return {BINS: write_bins([one])}


def someone(key: int, kind: Kind, *, minutes: int, invented: bool = False, cancels: bool = False):
    ask = PlannedAsk(
        key=key,
        at=OPENS + timedelta(minutes=minutes),
        service="passport-renewal",
        people=(0,),
        units=1,
        offices=("damascus",),
        weekdays=frozenset(range(7)),
        bands=frozenset({"morning"}),
        seconds=100.0,
        cancels=cancels,
    )
    person = Person("01000000001", "أمل الخيالية", date(1990, 1, 1), "self", invented)
    applicant = Applicant(
        key, kind, f"user{key}", "+963944000001", "ar", Door.HOME, "10.0.0.1", f"d{key}", OPENS, (person,), (ask,)
    )
    return applicant, ask


def test_machines_are_served_before_people_who_came_earlier():
    asks = [someone(1, Kind.CITIZEN, minutes=1), someone(2, Kind.SCRIPT, minutes=50, invented=True)]

    market = first_come_first_served(places(1), asks, seed=1)

    assert market.served == (1, 0)
    assert market.units == (1, 0)
    assert market.invented == 1
    assert market.hoarded == 1.0


def test_the_earlier_of_two_people_is_served():
    asks = [
        someone(1, Kind.CITIZEN, minutes=9),
        someone(2, Kind.CITIZEN, minutes=3),
        someone(3, Kind.BROKER, minutes=1),
    ]

    market = first_come_first_served(places(2), asks, seed=1)

    assert market.asked == (1, 2)
    assert market.served == (1, 1)


def test_places_given_back_go_to_a_hoarder_who_has_none():
    asks = [
        someone(1, Kind.SCRIPT, minutes=0),
        someone(2, Kind.CITIZEN, minutes=1, cancels=True),
        someone(3, Kind.CITIZEN, minutes=2),
    ]
    late = someone(4, Kind.SCRIPT, minutes=0)

    few = first_come_first_served(places(2), asks, seed=1)
    assert few.resold == 0
    assert few.served == (1, 1)  # the other citizen looked at the right moment

    many = first_come_first_served(places(1), [*asks[1:], late], seed=1)
    assert many.served == (1, 0)
