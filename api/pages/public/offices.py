"""Branches and consulates: all of them, found by words, and a page for each."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep
from api.pages.shared.kept_pages import kept_page
from booking.country.catalogue import views as catalogue
from booking.country.catalogue.views import office_today
from booking.country.core.core import Core
from booking.country.packs.fields import WEEKDAYS
from booking.platform.models import Office
from booking.platform.models.states import Door
from booking.platform.search.index import Entry, Index
from booking.platform.search.spelling import LONGEST_SEARCH

router = APIRouter(prefix="/offices")


@router.get("")
async def offices(request: Request, core: CoreDep, q: str = "") -> Response:
    """List the branches and consulates, or those that somebody's words name, best first."""
    return await kept_page(request, "public/offices.html", lambda: _offices(core, " ".join(q.split())[:LONGEST_SEARCH]))


@router.get("/{code}")
async def office(request: Request, core: CoreDep, code: str) -> Response:
    """Show where an office is, when it is open, what today is like there, and what it does."""
    return await kept_page(request, "public/office.html", lambda: _office(core, code))


def _offices(core: Core, sought: str) -> dict[str, Any]:
    every = catalogue.list_offices(core)
    found = _found(every, sought) if sought else every
    return {
        "sought": sought,
        "branches": [one for one in found if one.door is Door.HOME],
        "consulates": [one for one in found if one.door is Door.ABROAD],
        "weekdays": WEEKDAYS,
    }


def _office(core: Core, code: str) -> dict[str, Any]:
    found = catalogue.find_office(core, code)
    return {
        "office": found,
        "today": office_today(core, found),
        "services": catalogue.list_appointment_services(core, found.door),
        "weekdays": WEEKDAYS,
    }


def _found(every: Sequence[Office], sought: str) -> list[Office]:
    by_code = {one.code: one for one in every}
    index = Index(
        [
            Entry(
                one.code,
                (one.city_ar, one.city_en, one.region_ar, one.region_en),
                (one.name_ar, one.name_en),
                (one.address_ar, one.address_en),
            )
            for one in every
        ]
    )
    return [by_code[code] for code in index.find(sought)]
