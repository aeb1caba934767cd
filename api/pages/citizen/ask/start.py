"""Where asking begins: the services behind each of the two doors, before anyone signs in."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep, WordsDep
from api.pages.shared.rendering import page
from booking.country.catalogue import views as catalogue
from booking.country.catalogue.districts import consulates_of, countries_served
from booking.country.catalogue.views import closed_days_of, week_of
from booking.platform.models.states import Door

router = APIRouter()


@router.get("/ask")
def at_home(request: Request, core: CoreDep) -> Response:
    """Ask which service, and say what asking takes, before anyone signs in."""
    return page(
        request,
        "citizen/ask/start.html",
        draw=catalogue.coming_draw(core),
        services=catalogue.list_appointment_services(core, Door.HOME),
        zone=core.pack.country.time_zone,
    )


@router.get("/abroad")
def from_abroad(request: Request, core: CoreDep, words: WordsDep, country: str = "") -> Response:
    """Ask which service, say what asking from abroad takes, and which consulates serve a country."""
    served = countries_served(core)
    chosen = country if country in served else ""
    consulates = consulates_of(core, chosen) if chosen else []
    return page(
        request,
        "citizen/ask/abroad.html",
        countries=sorted(served, key=words.country),
        lives_in=chosen,
        consulates=[(one, week_of([one]), closed_days_of(one)) for one in consulates],
        now=core.clock.now(),
        draw=catalogue.coming_draw(core),
        services=catalogue.list_appointment_services(core, Door.ABROAD),
        zone=core.pack.country.time_zone,
    )
