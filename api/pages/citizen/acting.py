"""Who acts for me: the other accounts that act for the people of one's household, and an end to each."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import AccountDep, CoreDep
from api.pages.shared.banners import told
from api.pages.shared.forms import PostedDep, form_page
from api.pages.shared.rendering import page
from booking.country.core.core import Core
from booking.people.identity.acting import end_acting, ends_at_once
from booking.people.identity.views import ActedFor, Acting, people_acted_for
from booking.platform.base.errors import NotFoundError

router = APIRouter(prefix="/me/people-acting-for-me")


@router.get("")
def acting(request: Request, account: AccountDep, core: CoreDep) -> Response:
    """List the people, and for each of those who are proven the other accounts that act for them."""
    return page(
        request,
        "citizen/acting.html",
        people=people_acted_for(core, account_id=account.account_id),
        zone=core.pack.country.time_zone,
    )


@router.get("/{member_id}/{acting_id}")
def end_form(request: Request, member_id: int, acting_id: int, account: AccountDep, core: CoreDep) -> Response:
    """Say what ends, or that a counter decides, and ask once more."""
    mine, other = _pair(core, account, member_id, acting_id)
    return form_page(
        request,
        "citizen/acting_end.html",
        mine=mine,
        other=other,
        at_once=ends_at_once(mine=mine.proved_by, theirs=other.proved_by),
        zone=core.pack.country.time_zone,
    )


@router.post("/{member_id}/{acting_id}")
def end_post(member_id: int, acting_id: int, _form: PostedDep, account: AccountDep, core: CoreDep) -> Response:
    """End it, or ask a counter to."""
    answer = end_acting(core, account_id=account.account_id, member_id=member_id, acting_id=acting_id)
    return told(core.settings, "/me/people-acting-for-me", f"acting-{answer.value}")


def _pair(core: Core, account: AccountDep, member_id: int, acting_id: int) -> tuple[ActedFor, Acting]:
    for person in people_acted_for(core, account_id=account.account_id):
        for other in person.acting:
            if (person.member_id, other.id) == (member_id, acting_id):
                return person, other
    raise NotFoundError
