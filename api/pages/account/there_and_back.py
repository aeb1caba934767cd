"""How pages send a browser to a sign-in provider, and what it brings back in the address."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response

from api.deps import Visit
from api.pages.shared.forms import begin_session, keep_form, moved
from booking.country.core.session_data import SessionData
from booking.people.accounts.errors import ProviderRefusedError
from booking.people.accounts.provider_sign_in import ELSEWHERE
from booking.platform.models.base import Json


@dataclass(frozen=True, slots=True)
class Back:
    """What a provider adds to the address to which it sends a browser back; "" for what it left out."""

    state: str = ""
    code: str = ""
    iss: str = ""


BackDep = Annotated[Back, Depends()]


def send_there(request: Request, visit: Visit | None, go: Callable[[SessionData], tuple[str, Json]]) -> Response:
    """Send the browser to the address that ``go`` gives, and let its session keep what ``go`` says that it must."""
    address, kept = go(visit.session if visit is not None else begin_session(request))
    keep_form(request, visit, kept)
    return moved(request, address)


def wanted(visit: Visit | None) -> str:
    """Return where a visitor who comes back wanted to go before, "" where nowhere or nobody left here."""
    target: str = visit.session.form.get(ELSEWHERE, {}).get("next", "") if visit is not None else ""
    return target


def session_that_left(visit: Visit | None, back: Back, refusal: type[ProviderRefusedError]) -> SessionData:
    """Return the session of a visitor who comes back; raises ``refusal``.

    It is refused where the provider brings an error instead of a code, or nobody left here.
    """
    if visit is None or not back.code:
        raise refusal
    return visit.session
