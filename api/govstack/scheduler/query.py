"""What a call of the Scheduler brings: who asks, and ``qry``, an object as JSON in the address.

GovStack gives ``qry`` as a nested object in the style "form", for which OpenAPI says no spelling; JSON is what clients
of it send. Every name is known, or refused by name: nothing that a caller asks for is dropped.
"""

from datetime import UTC, datetime
from typing import Final

from fastapi import Depends
from starlette.requests import Request

from api.govstack.calls import PartT, only_these, switched_on, understood
from api.v1.calls.guards import bearer
from booking.platform.base.errors import FieldError, ForbiddenError, InvalidInputError
from booking.platform.base.fields import near

REQUESTOR, TOKEN, QUERY = "requestor_id", "request_token", "qry"
ME: Final = "me"
"""The only requestor there is: the account whose token comes in ``Authorization``."""
BEARER: Final = "bearer"
"""What ``request_token`` says: that the token is where no address shows it."""


async def requestor(request: Request) -> None:
    """Check who says to ask; the account itself is the token's (`api.v1.calls.guards`).

    Raises
    ------
    FieldError
        One of the two names is missing, or given twice.
    ForbiddenError
        Somebody else is named, or a token stands in the address, where every proxy on the way keeps it.
    """
    if one(request, REQUESTOR) != ME or one(request, TOKEN) != BEARER:
        raise ForbiddenError


CALLER: Final = [Depends(bearer), Depends(switched_on), Depends(requestor)]
"""What each call asks first: whose token it is, then whether the interface is on, then whom the address names."""


def one(request: Request, name: str) -> str:
    """Return a parameter of the address that has to be there once; raises FieldError."""
    values = request.query_params.getlist(name)
    if len(values) != 1 or not values[0]:
        raise FieldError(name, "too_many" if len(values) > 1 else "missing")
    return values[0]


def only(request: Request, *names: str) -> None:
    """Refuse parameters of the address that a call does not have; raises InvalidInputError, naming each."""
    only_these(request, REQUESTOR, TOKEN, *names)


def read(request: Request, kind: type[PartT], *names: str) -> PartT:
    """Read ``qry``; ``names`` are the other parameters that the call has.

    Raises
    ------
    InvalidInputError
        A field is unknown, Mawid has no word for it, or its value is unusable; all are listed by their place.
    FieldError
        ``qry`` is missing, or is not a JSON object.
    api.errors.UnreadableBodyError
        It is deeper or larger than any call needs.
    """
    only(request, QUERY, *names)
    return understood(kind, one(request, QUERY), QUERY)


def wanted(asked: dict[str, bool], of: tuple[str, ...], place: str) -> tuple[str, ...]:
    """Return which details a caller wants: those marked true, or all that there are where nothing is marked.

    Raises
    ------
    InvalidInputError
        Something is wanted that Mawid has no word for, or that is no detail of this.
    """
    marked = [name for name, yes in asked.items() if yes]
    if others := [name for name in marked if name not in of]:
        raise InvalidInputError([FieldError(f"{QUERY}.{place}.{name}", "no_word") for name in others])
    return tuple(marked) or of


def moment(text: str | None, place: str) -> datetime | None:
    """Read an instant (RFC 3339); without an offset, as in GovStack's own examples, it is in UTC. Raises FieldError."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
        near(place, found.date())
    except ValueError:
        raise FieldError(f"{QUERY}.{place}", "unreadable") from None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
