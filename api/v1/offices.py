"""Offices: branches at home and consulates abroad. The same for everyone."""

from typing import Literal

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep
from api.outgoing.caching import CATALOGUE_SECONDS, public
from api.v1.calls.refusals import refusals
from api.v1.calls.values import Bilingual, Code, DoorWord, Out, bilingual
from booking.country.catalogue import views as catalogue
from booking.platform.base.errors import InvalidInputError, NotFoundError
from booking.platform.models import Office
from booking.platform.models.states import Door

router = APIRouter(prefix="/offices", tags=["catalogue"])


class OpeningOut(Out):
    """Weekdays and local hours; ``closes`` is excluded."""

    weekdays: list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]]
    opens: str
    closes: str


class OfficeLine(Out):
    """An office by its code, name and time zone."""

    code: str
    name: Bilingual
    time_zone: str


class OfficeOut(OfficeLine):
    """An office; hours are in its own time zone."""

    door: DoorWord
    region: Bilingual
    address: Bilingual
    latitude: float
    longitude: float
    accessible: bool
    opening: list[OpeningOut]


class OfficesOut(Out):
    """The offices that can be asked for."""

    offices: list[OfficeOut]


@router.get("", response_model=OfficesOut, responses=refusals(InvalidInputError))
def show_all(request: Request, core: CoreDep, door: DoorWord | None = None) -> Response:
    """List the offices, those of one door only where it is given."""
    offices = catalogue.list_offices(core, Door(door) if door else None)
    return public(request, OfficesOut(offices=[office_out(office) for office in offices]), seconds=CATALOGUE_SECONDS)


@router.get("/{code}", response_model=OfficeOut, responses=refusals(InvalidInputError, NotFoundError))
def show(request: Request, core: CoreDep, code: Code) -> Response:
    """Show an office."""
    return public(request, office_out(catalogue.find_office(core, code)), seconds=CATALOGUE_SECONDS)


def office_out(office: Office) -> OfficeOut:
    """Write an office out."""
    return OfficeOut(
        code=office.code,
        name=bilingual(office),
        time_zone=office.time_zone,
        door=office.door.value,
        region=bilingual(office, "region"),
        address=bilingual(office, "address"),
        latitude=office.latitude,
        longitude=office.longitude,
        accessible=office.accessible,
        opening=[
            OpeningOut(weekdays=rule["weekdays"], opens=rule["opens"][:5], closes=rule["closes"][:5])
            for rule in office.opening
        ],
    )


def office_line(office: Office) -> OfficeLine:
    """Write out what tells an office from others."""
    return OfficeLine(code=office.code, name=bilingual(office), time_zone=office.time_zone)
