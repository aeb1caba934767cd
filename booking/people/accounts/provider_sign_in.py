"""Staff sign in with their organisation's account (OpenID Connect), where an administrator linked it with theirs.

An account is found by the provider's subject alone, as an administrator entered it: never made, never guessed from an
e-mail address.

The way to a sign-in provider and back: what the visitor's session must keep meanwhile, and who came back.

Shared by colleagues, who come from their organisation, and citizens, who come from the state. The session of who has
not signed in is a sealed cookie, so who leaves and does not come back leaves nothing here.
`booking.people.accounts.oidc_provider` is imported where it is needed: it loads slowly, and few visitors do.
"""

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog
from sqlalchemy import select

from booking.country.core import audit, sessions
from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.country.core.four_eyes import is_staff
from booking.country.core.security import Origin
from booking.country.core.session_data import SessionData
from booking.people.accounts.begin_session import Login, SecondStep, begin, log_in
from booking.people.accounts.errors import AccountClosedError, NotLinkedError, ProviderRefusedError
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Account, ProviderSubject
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
    if not sessions.spend(core, way.purpose, session.csrf, bytes.fromhex(state)):
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


WAY: Final = Way("sign-in elsewhere", "/sign-in/staff/return")


def is_offered(core: Core) -> bool:
    """Return whether the settings name a provider."""
    return core.settings.oidc_issuer is not None


def begin_elsewhere(core: Core, *, session: SessionData, origin: Origin, then: str = "") -> tuple[str, Json]:
    """Return the provider's address for a visitor, and what their session must keep: it checks the way back.

    Parameters
    ----------
    then
        The path where the visitor wants to go, or "".

    Raises
    ------
    NotFoundError
        No provider is set.
    ProviderUnavailableError
        The provider does not answer, or not as one; or too many ask it at once.
    TooManyAttemptsError
        Too many sign-ins were tried from this network or device.
    """
    return go_there(core, _client(core), WAY, session=session, origin=origin, then=then)


def return_from_elsewhere(
    core: Core, *, session: SessionData, state: str, code: str, issuer: str, origin: Origin, device: str = ""
) -> Login | SecondStep:
    """Begin the session, or the second step, of the visitor whom the provider sent back; on record.

    The second step follows unless the settings trust what the provider says of its own.

    Raises
    ------
    ProviderRefusedError
        The way back does not belong to this session, was used before, or the provider's token does not hold.
    NotLinkedError
        No administrator linked this subject with a colleague, which goes on record with the subject; or the colleague's
        roles or office changed meanwhile.
    AccountClosedError
        The colleague's account is closed; this goes on record.
    NotFoundError
        No provider is set.
    ProviderUnavailableError
        The provider does not answer, or not as one; or too many ask it at once.
    TooManyAttemptsError
        Too many sign-ins were tried from this network or device.
    SessionsUnavailableError
        The session store does not answer.
    """
    from booking.people.accounts.oidc_provider import is_trusted  # noqa: PLC0415 - see `booking.people.accounts.provider_sign_in`

    client = _client(core)
    visitor = come_back(core, client, WAY, session=session, state=state, code=code, issuer=issuer, origin=origin)
    trusted = is_trusted(client, visitor)
    account = _account(core, visitor)
    begun = log_in(core, account, device) if trusted else begin(core, account, device)
    # As after a password: what changed in between ended the sessions that it found, and this one sees it now.
    try:
        _require_unchanged(account, _account(core, visitor))
        _record(
            core, account, "sign_in.by_provider", {"acr": visitor.acr, "amr": list(visitor.amr), "trusted": trusted}
        )
    except BaseException:
        sessions.delete(core, begun.token)
        raise
    return begun


def _account(core: Core, visitor: "Visitor") -> Account:
    """Find the open account of a colleague that an administrator linked with the subject."""
    linked = select(Account).join(ProviderSubject, ProviderSubject.account_id == Account.id)
    with core.sessions() as session:
        account = session.scalar(
            linked.where(ProviderSubject.issuer == visitor.issuer, ProviderSubject.subject == visitor.subject)
        )
    if account is None or not is_staff(account.roles):
        _record(core, None, "sign_in.not_linked", {"subject": visitor.subject})
        raise NotLinkedError
    if account.closed_at is not None:
        _record(core, account, "sign_in.closed", {})
        raise AccountClosedError
    return account


def _require_unchanged(before: Account, now: Account) -> None:
    if (before.id, before.roles, before.office_id) != (now.id, now.roles, now.office_id):
        raise NotLinkedError


def _record(core: Core, account: Account | None, action: str, details: Json) -> None:
    with core.sessions.begin() as session:
        audit.append(
            session,
            at=core.clock.now(),
            actor=account.username if account else "provider",
            account_id=account.id if account else None,
            action=action,
            subject=str(account.id) if account else "",
            details=details,
        )


def _client(core: Core) -> "Client":
    from booking.people.accounts.oidc_provider import of_staff  # noqa: PLC0415 - see `booking.people.accounts.provider_sign_in`

    if not is_offered(core):
        raise NotFoundError
    return of_staff(core.settings)
