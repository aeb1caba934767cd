"""What comes to an office in calendars of those who work there: secret addresses, and what is read from them."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import CoreDep, CounterDep
from api.pages.shared.banners import told
from api.pages.shared.calendars import address_of, send_calendar
from api.pages.shared.forms import PostedDep, form_page
from api.pages.shared.fresh_proof import require_fresh_proof
from booking.country.core.core import Core
from booking.people.calendars.views import OF_STAFF, end_feed, list_feeds, make_feed
from booking.platform.base.errors import NotFoundError
from booking.platform.models.accounts.reaching import FeedKind

router = APIRouter()


@router.get("/desk/calendar")
def show(request: Request, officer: CounterDep, core: CoreDep) -> Response:
    """Show which calendars the officer may have, and which addresses there are."""
    return _page(request, core, officer)


@router.post("/desk/calendar")
def make_or_end(request: Request, form: PostedDep, officer: CounterDep, core: CoreDep) -> Response:
    """Make an address and show it, this once, to whom proved lately who they are; or take one back."""
    kind = _kind(form.text("kind"))
    if form.text("action") == "end":
        end_feed(core, account_id=officer.account_id, kind=kind)
        return told(core.settings, "/desk/calendar", "calendar-ended")
    require_fresh_proof(core, officer, form)
    secret = make_feed(core, account_id=officer.account_id, kind=kind)
    return _page(request, core, officer, address_of(core, secret, kind=kind))


@router.get("/calendar/office/{secret}.ics")
def calendar(request: Request, secret: str, core: CoreDep) -> Response:
    """Return what comes to an office to the program that has the address."""
    return send_calendar(request, core, secret, kinds=OF_STAFF)


def _page(request: Request, core: Core, officer: CounterDep, address: str = "") -> Response:
    offered = [one for one in list_feeds(core, officer.account_id) if one.kind in OF_STAFF]
    return form_page(
        request, "counter/calendar.html", offered=offered, zone=core.pack.country.time_zone, address=address
    )


def _kind(text: str) -> FeedKind:
    """Return the kind that a button names; raises NotFoundError."""
    try:
        kind = FeedKind(text)
    except ValueError:
        raise NotFoundError from None
    if kind not in OF_STAFF:
        raise NotFoundError
    return kind
