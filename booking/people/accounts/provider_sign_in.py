"""Staff sign in with their organisation's account (OpenID Connect), where an administrator linked it with theirs.

An account is found by the provider's subject alone, as an administrator entered it: never made, never guessed from an
e-mail address.
"""

from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from booking.country.core import audit, sessions
from booking.country.core.core import Core
from booking.country.core.origin import Origin
from booking.country.core.permissions import is_staff
from booking.country.core.session_data import SessionData
from booking.people.accounts.begin_session import Login, SecondStep, begin, log_in
from booking.people.accounts.elsewhere import Way, come_back, go_there
from booking.people.accounts.errors import AccountClosedError, NotLinkedError
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Account, ProviderSubject
from booking.platform.models.base import Json

if TYPE_CHECKING:
    from booking.people.accounts.oidc_provider import Client, Visitor

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
    from booking.people.accounts.oidc_provider import is_trusted  # noqa: PLC0415 - see `booking.people.accounts.elsewhere`

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
    from booking.people.accounts.oidc_provider import of_staff  # noqa: PLC0415 - see `booking.people.accounts.elsewhere`

    if not is_offered(core):
        raise NotFoundError
    return of_staff(core.settings)
