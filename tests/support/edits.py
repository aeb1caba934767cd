"""Changes of requests, as their owners make them."""

from dataclasses import replace

from sqlalchemy import select

from booking.platform.models import Request
from booking.scheduling.requests.change import Change, change_of
from booking.scheduling.requests.edit import Edited, edit
from tests.support.country import an_origin


def now_of(core, reference) -> Change:
    """What a request says now, to be changed."""
    with core.sessions() as session:
        request = session.scalars(select(Request).where(Request.reference == reference)).unique().one()
        return change_of(session, core, request)


def change_request(core, *, account_id, reference, **what) -> Edited:
    """Change some answers of a request and leave the others."""
    change = replace(now_of(core, reference), **what)
    return edit(core, account_id=account_id, reference=reference, change=change, origin=an_origin())
