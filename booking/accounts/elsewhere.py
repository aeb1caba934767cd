"""The way to a sign-in provider and back: what a session keeps meanwhile, and who came back.

Shared by colleagues, who come from their organisation, and citizens, who come from the state.
`booking.accounts.oidc_provider` is imported where it is needed: it loads slowly, and few visitors do.
"""

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from booking.accounts.errors import ProviderRefusedError
from booking.core import sessions, single_use
from booking.core.attempts import charge
from booking.core.core import Core
from booking.core.origin import Origin

if TYPE_CHECKING:
    from booking.accounts.oidc_provider import Client, Visitor

ELSEWHERE: Final = "elsewhere"
"""The field of a session's form that keeps what the way back is checked by, and where it leads (``next``)."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to a provider: ``purpose`` keeps its values from another's, ``return_path`` is where it comes back."""

    purpose: str
    return_path: str


def go_there(core: Core, client: "Client", way: Way, *, token: str, origin: Origin, then: str) -> str:
    """Return the provider's address for the visitor of the session ``token``, which keeps what checks the way back.

    Raises
    ------
    ProviderUnavailableError
        The provider does not answer, or not as one; or too many ask it at once.
    TooManyAttemptsError
        Too many sign-ins were tried from this network or device.
    SessionsUnavailableError
        The session store does not answer.
    """
    from booking.accounts import oidc_provider  # noqa: PLC0415 - see the module

    charge(core, "signin", origin.subjects())
    state = single_use.issue(core, way.purpose, token).hex()
    kept = {"nonce": secrets.token_urlsafe(32), "code_verifier": secrets.token_urlsafe(48)}
    address = oidc_provider.authorization_address(client, state=state, return_to=_return_to(core, way), **kept)
    visit = sessions.read(core, token)
    kept |= {"state": state, "next": then}
    sessions.update_form(core, token, {**(visit.form if visit else {}), ELSEWHERE: kept})
    return address


def come_back(
    core: Core, client: "Client", way: Way, *, token: str, state: str, code: str, issuer: str, origin: Origin
) -> "Visitor":
    """Return who came back to the session ``token`` that left; what it kept is used up.

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
    from booking.accounts import oidc_provider  # noqa: PLC0415 - see the module

    charge(core, "signin", origin.subjects())
    visit = sessions.read(core, token)
    kept = visit.form.get(ELSEWHERE) if visit else None
    if visit is None or kept is None or not secrets.compare_digest(kept["state"].encode(), state.encode()):
        raise ProviderRefusedError
    if not single_use.redeem(core, way.purpose, token, bytes.fromhex(kept["state"])):
        raise ProviderRefusedError
    sessions.update_form(core, token, {name: value for name, value in visit.form.items() if name != ELSEWHERE})
    return oidc_provider.identify(
        core,
        client,
        code=code,
        issuer=issuer,
        nonce=kept["nonce"],
        code_verifier=kept["code_verifier"],
        return_to=_return_to(core, way),
    )


def _return_to(core: Core, way: Way) -> str:
    return core.settings.base_url + way.return_path
