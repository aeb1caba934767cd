"""Who is refused at a door of staff, as a security event: not signed in, not allowed, or too often."""

from typing import Final

from starlette.requests import Request
from starlette.types import Scope

from api.deps import core_of, origin_of
from api.problems.documents import kind_of
from booking.country.core.four_eyes import is_staff
from booking.country.core.security import report
from booking.platform.base.security_events import Outcome

DOORS: Final = ("/desk", "/counter", "/analyst", "/admin", "/helper")
_STATUS: Final = frozenset({401, 403, 429})


def report_refusal(scope: Scope) -> None:
    """Write an event where a call was refused at a page of staff, or anywhere to somebody who is signed in as staff."""
    state = scope.get("state", {})
    error, visitor = state.get("refused"), state.get("visitor")
    if error is None or kind_of(error).status not in _STATUS:
        return
    of_staff = visitor is not None and is_staff(visitor.roles)
    if not (of_staff or scope["path"].startswith(DOORS)):
        return
    request = Request(scope)
    account_id = visitor.account_id if visitor is not None else None
    report(
        core_of(request),
        "door.refused",
        Outcome.FAILURE,
        origin=origin_of(request),
        account_id=account_id,
        reason=error.code,
    )
