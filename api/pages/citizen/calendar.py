"""A person's appointments in a calendar of their own: its secret address, and what is read from it."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AccountDep, CoreDep
from api.pages.shared.banners import told
from api.pages.shared.calendars import address_of, send_calendar
from api.pages.shared.forms import PostedDep, form_page
from booking.country.core.core import Core
from booking.people.calendars.views import end_feed, list_feeds, make_feed
from booking.platform.base.errors import ForbiddenError
from booking.platform.models.accounts.reaching import FeedKind

router = APIRouter()


@router.get("/me/calendar")
def show(request: Request, account: AccountDep, core: CoreDep) -> Response:
    """Say whether there is an address, and since when; lead a colleague, who has no appointments, elsewhere."""
    return _page(request, core, account)


@router.post("/me/calendar")
def make_or_end(request: Request, form: PostedDep, account: AccountDep, core: CoreDep) -> Response:
    """Make an address and show it, this once; or take the one that there is back."""
    if form.text("action") == "end":
        end_feed(core, account_id=account.account_id, kind=FeedKind.OWN)
        return told(core.settings, "/me/calendar", "calendar-ended")
    try:
        secret = make_feed(core, account_id=account.account_id, kind=FeedKind.OWN)
    except ForbiddenError:  # a colleague's account has no appointments: the page leads on
        return _page(request, core, account)
    return _page(request, core, account, address_of(core, secret, kind=FeedKind.OWN))


@router.get("/calendar/{secret}.ics")
def calendar(request: Request, secret: str, core: CoreDep) -> Response:
    """Return somebody's appointments to the program that has their address."""
    return send_calendar(request, core, secret, kinds=(FeedKind.OWN,))


def _page(request: Request, core: Core, account: AccountDep, address: str = "") -> Response:
    offered = {one.kind: one.feed for one in list_feeds(core, account.account_id)}
    if FeedKind.OWN not in offered:
        return RedirectResponse("/me/security", 303)
    return form_page(
        request,
        "citizen/calendar.html",
        feed=offered[FeedKind.OWN],
        zone=core.pack.country.time_zone,
        address=address,
    )
