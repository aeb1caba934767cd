"""The way to a sign-in provider and back: what the visitor's session must keep meanwhile, and who came back.

Shared by colleagues, who come from their organisation, and citizens, who come from the state. The session of who has
not signed in is a sealed cookie, so who leaves and does not come back leaves nothing here.
`booking.people.accounts.oidc_provider` is imported where it is needed: it loads slowly, and few visitors do.
"""

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog

from booking.country.core import single_use
from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.country.core.origin import Origin
from booking.country.core.session_data import SessionData
from booking.people.accounts.errors import ProviderRefusedError
from booking.platform.models.base import Json

if TYPE_CHECKING:
    from booking.people.accounts.oidc_provider import Client, Visitor

_log = structlog.get_logger("mawid.oidc")

_STATE_BYTES: Final = 32
ELSEWHERE: Final = "elsewhere"
"""The field of a session's form that keeps what the way back is checked by, where it leads (``next``), and from when to
when (``left_at``, ``until``, in seconds)."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to a provider: ``purpose`` keeps its values from another's, ``return_path`` is where it comes back."""

    purpose: str
    return_path: str


def go_there(
    core: Core, client: "Client", way: Way, *, session: SessionData, origin: Origin, then: str, anew: bool = False
) -> tuple[str, Json]:
    """Return the provider's address for a visitor, and the form that their session must keep: it checks the way back.

    Parameters
    ----------
    then
        The path where the visitor wants to go, or "".
    anew
        The visitor shall sign in there once more, even if they are signed in; `signed_in_since` says whether they did.

    Raises
    ------
    ProviderUnavailableError
        The provider does not answer, or not as one; or too many ask it at once.
    TooManyAttemptsError
        Too many sign-ins were tried from this network or device.
    """
    from booking.people.accounts import oidc_provider  # noqa: PLC0415 - see the module

    charge(core, "signin", origin.subjects())
    state, left_at = secrets.token_hex(_STATE_BYTES), int(core.clock.now().timestamp())
    until = left_at + core.settings.otp_lifetime.total_seconds()
    kept = {"nonce": secrets.token_urlsafe(32), "code_verifier": secrets.token_urlsafe(48)}
    address = oidc_provider.authorization_address(
        client, state=state, return_to=_return_to(core, way), anew=anew, **kept
    )
    elsewhere = {"state": state, "left_at": left_at, "until": until, "next": then, **kept}
    return address, {**session.form, ELSEWHERE: elsewhere}


def come_back(
    core: Core, client: "Client", way: Way, *, session: SessionData, state: str, code: str, issuer: str, origin: Origin
) -> "Visitor":
    """Return who came back to the session that left; what it kept is used up as soon as the provider names somebody.

    Before that nothing is written here: anybody can come back with an invented code, as often as the limits let them.

    Raises
    ------
    ProviderRefusedError
        The way back does not belong to this session, was used before, or the provider's token does not hold.
    ProviderUnavailableError
        The provider does not answer, or not as one; or too many ask it at once.
    TooManyAttemptsError
        Too many sign-ins were tried from this network or device.
    SessionsUnavailableError
        The session store does not answer.
    """
    from booking.people.accounts import oidc_provider  # noqa: PLC0415 - see the module

    charge(core, "signin", origin.subjects())
    kept = session.form.get(ELSEWHERE)
    if kept is None or not secrets.compare_digest(kept["state"].encode(), state.encode()):
        raise ProviderRefusedError
    if kept["until"] <= core.clock.now().timestamp():
        raise ProviderRefusedError
    visitor = oidc_provider.identify(
        core,
        client,
        code=code,
        issuer=issuer,
        nonce=kept["nonce"],
        code_verifier=kept["code_verifier"],
        return_to=_return_to(core, way),
    )
    if not single_use.spend(core, way.purpose, session.csrf, bytes.fromhex(state)):
        raise ProviderRefusedError
    return visitor


def signed_in_since(session: SessionData, visitor: "Visitor") -> bool:
    """Return whether who came back signed in at the provider after they left here, not at some time before.

    On a computer that many use the provider may still know who sat there before. The address that asks for a new
    sign-in is in the visitor's hands; when they signed in stands in the signed token.
    """
    from booking.people.accounts.oidc_provider import CLOCKS_DIFFER  # noqa: PLC0415 - see the module

    at, left_at = visitor.claims.get("auth_time"), session.form[ELSEWHERE]["left_at"]
    signed_in = isinstance(at, int | float) and at >= left_at - CLOCKS_DIFFER
    if not signed_in:
        _log.warning("provider_refused", why="its token has no auth_time" if at is None else "the sign-in is older")
    return signed_in


def _return_to(core: Core, way: Way) -> str:
    return core.settings.base_url + way.return_path
