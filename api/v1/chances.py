"""How likely an appointment is at each office, as the last draws showed. The same for everyone."""

from datetime import datetime
from typing import Literal

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep
from api.outgoing.caching import CATALOGUE_SECONDS, public
from api.v1.calls.refusals import refusals
from api.v1.calls.values import DoorWord, Out
from booking.country.catalogue import views as catalogue
from booking.country.catalogue.views import Chance, OfficeChances, chances_of_offices
from booking.country.packs.fields import WEEKDAYS
from booking.platform.base.errors import InvalidInputError
from booking.platform.models.states import Door

router = APIRouter(prefix="/chances", tags=["catalogue"])

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class ChanceOut(Out):
    """Of 100 people who ask for the first time, how many would have had a place: lowest, likely, highest number.

    In steps of five. About nine next draws of ten fall into the range. It promises nothing.
    """

    low: int
    likely: int
    high: int


class OfficeChancesOut(Out):
    """An office, from how many draws; null where too few requests named it to say anything.

    ``any`` is for a person who can come on every day and at every time, ``weekdays`` and ``bands`` for one who can
    come then alone.
    """

    office: str
    draws: int
    any: ChanceOut | None
    weekdays: dict[Weekday, ChanceOut]
    bands: dict[str, ChanceOut]


class ChancesOut(Out):
    """The chances at each office, and when the coming draw closes: its result comes soon after."""

    result_after: datetime | None
    offices: list[OfficeChancesOut]


@router.get("", response_model=ChancesOut, responses=refusals(InvalidInputError))
def show(request: Request, core: CoreDep, door: DoorWord | None = None) -> Response:
    """List how likely an appointment is at each office, those of one door only where it is given."""
    known, draw = chances_of_offices(core), catalogue.coming_draw(core)
    offices = catalogue.list_offices(core, Door(door) if door else None)
    answer = ChancesOut(
        result_after=draw.closes_at if draw else None,
        offices=[_office(office.code, known.get(office.code)) for office in offices],
    )
    return public(request, answer, seconds=CATALOGUE_SECONDS)


def _office(code: str, known: OfficeChances | None) -> OfficeChancesOut:
    if known is None:
        return OfficeChancesOut(office=code, draws=0, any=None, weekdays={}, bands={})
    return OfficeChancesOut(
        office=code,
        draws=known.draws,
        any=_chance(known.any),
        weekdays={WEEKDAYS[day]: _chance(one) for day, one in known.weekdays.items()},
        bands={band: _chance(one) for band, one in known.bands.items()},
    )


def _chance(chance: Chance) -> ChanceOut:
    return ChanceOut(low=chance.low, likely=chance.likely, high=chance.high)
