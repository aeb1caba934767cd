"""The last page of asking: check the answers and send them, once."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final, NamedTuple, cast

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AccountDep, CoreDep, OriginDep, SignedIn, words_of
from api.pages.citizen.ask import drafts
from api.pages.citizen.ask.progress import Asking, door_of
from api.pages.citizen.ask.where import ANSWERS
from api.pages.shared.answers import wish_of
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.office_chances import office_chances
from booking.country.catalogue import views as catalogue
from booking.country.catalogue.views import reason_rule, week_of
from booking.country.core.core import Core
from booking.country.core.together import answer_of
from booking.people.accounts.household import list_members
from booking.platform.base.errors import MawidError
from booking.scheduling.requests.ask import ask_in_loop
from booking.scheduling.urgent.ask import MAY_ASK

router = APIRouter()

PAGE_OF_FIELD: Final = {
    "service": "",
    "people": "/people",
    "reason": "/people#reason",
    "also": "/also",
    "offices": "/where#first",
    **{name: f"/where#{name}" for name in ANSWERS if name != "offices"},
}
"""Where each answer is changed, below the address of the door."""


@router.get("/review")
def review_form(request: Request, account: AccountDep, core: CoreDep) -> Response:
    """Show all answers before they are sent, and what does not fit any more: a day is over, an office closed."""
    asking = Asking(request, core, account)
    if (elsewhere := asking.missing(before="review")) is not None:
        return elsewhere
    stale: MawidError | None = None
    try:
        asking.check(*PAGE_OF_FIELD)
    except MawidError as error:
        stale = error
    return _review_page(request, asking, secrets.token_urlsafe(16), stale)


@router.post("/review")
async def review_post(
    request: Request, form: PostedDep, account: AccountDep, core: CoreDep, origin: OriginDep
) -> Response:
    """Send the request, together with others; the key in the form makes a second click the same request."""
    key = form.text("key")[:80] or secrets.token_urlsafe(16)
    asking = cast("Asking | Response", await core.together.join(_open_all, _Posted(request, core, account, key)))
    if isinstance(asking, Response):
        return asking
    try:
        asked = await ask_in_loop(
            core,
            account_id=account.account_id,
            wish=wish_of(asking.draft, asking.door),
            origin=replace(origin, seconds=_seconds(asking, core.clock.now())),
            idempotency_key=key,
        )
    except MawidError as error:
        return await core.together.join(_show_all, _Refused(request, asking, secrets.token_urlsafe(16), error, form))
    sent = drafts.Sent(drafts.Owner(core, account.account_id, asking.door), key, asked.reference)
    await core.together.join(drafts.finish_drafts, sent)
    sooner = form.text("sooner") == "yes" and asked.state in MAY_ASK
    return RedirectResponse(f"/requests/{asked.reference}{'/urgent' if sooner else '?new=1'}", 303)


class _Posted(NamedTuple):
    """A form that came, with its key."""

    request: Request
    core: Core
    account: SignedIn
    key: str


class _Refused(NamedTuple):
    """What the page of a form that was refused is made of, as `_review_page` takes it."""

    request: Request
    asking: Asking
    key: str
    error: MawidError
    typed: Form


def _open_all(posted: Sequence[_Posted]) -> list[Asking | Response | Exception]:
    """Read the answers behind forms that came together: each to be asked, or where to go instead."""
    owners = [drafts.Owner(one.core, one.account.account_id, door_of(one.request)) for one in posted]
    kept = drafts.read_drafts(owners)
    return [
        found if isinstance(found, Exception) else answer_of(partial(_opened, one, found))
        for one, found in zip(posted, kept, strict=True)
    ]


def _opened(posted: _Posted, kept: drafts.Draft) -> Asking | Response:
    asking = Asking(posted.request, posted.core, posted.account, kept=kept)
    if (reference := asking.sent.get(posted.key)) is not None:
        return RedirectResponse(f"/requests/{reference}", 303)
    return asking.missing(before="review") or asking


def _show_all(refused: Sequence[_Refused]) -> list[Response | Exception]:
    """Show refused forms again, one after the other: many of them take few threads, and none of those of pages."""
    return [answer_of(partial(_review_page, *one)) for one in refused]


def _review_page(
    request: Request, asking: Asking, key: str, error: MawidError | None = None, typed: Form | None = None
) -> Response:
    service = asking.service
    if service is None:
        return RedirectResponse(asking.base, 303)
    chosen = asking.draft["people"]
    wish, offices = wish_of(asking.draft, asking.door), asking.offices
    members = list_members(asking.core, account_id=asking.account_id)
    return form_page(
        request,
        "citizen/ask/review.html",
        typed,
        error,
        key=key,
        service=service,
        people=[m for m in members if m.id in chosen],
        reason=next((r for r in service.spec["reasons"] if r["code"] == wish.reason), None),
        needs_reason=reason_rule(service) != "never",
        further=asking.visit(members)[1:],
        can_add=asking.further,
        offices=offices,
        chances=office_chances(asking.core, words_of(request), offices),
        weekdays=[day for day in week_of(offices) if day in wish.weekdays],
        bands=[band for band in asking.core.pack.country.bands if band.code in wish.bands],
        wish=wish,
        draw=catalogue.coming_draw(asking.core),
        zone=asking.core.pack.country.time_zone,
        anchors={field: f"{asking.base}{page}" for field, page in PAGE_OF_FIELD.items()},
        **asking.context("review"),
    )


def _seconds(asking: Asking, now: datetime) -> float:
    started = datetime.fromisoformat(asking.draft["started"])
    return (now - started).total_seconds()
