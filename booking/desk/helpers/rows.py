"""Find helpers and consents as those who act may see them: what is another helper's counts as unknown."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core.four_eyes import Permission, require
from booking.desk.helpers.errors import HelperSuspendedError
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Account, Consent, Helper
from booking.platform.models.accounts.helper import HelperState


def helper_of(session: Session, account_id: UUID) -> Helper:
    """Return the helper whose account this is; raises ForbiddenError, or NotFoundError if it never registered."""
    require(session.get(Account, account_id), Permission.HELP_PEOPLE)
    helper = session.scalar(select(Helper).where(Helper.account_id == account_id))
    if helper is None:
        raise NotFoundError
    return helper


def active_helper(session: Session, account_id: UUID, *, alone: bool = False) -> Helper:
    """Return the helper whose account this is, kept from being suspended until the caller's transaction ends.

    Parameters
    ----------
    alone
        What the helper does elsewhere waits meanwhile.

    Raises
    ------
    HelperSuspendedError
        The helper is suspended.
    ForbiddenError
        The account is not a helper's.
    NotFoundError
        The helper was never registered.
    """
    require(session.get(Account, account_id), Permission.HELP_PEOPLE)
    statement = select(Helper).where(Helper.account_id == account_id)
    lock = {"key_share": True} if alone else {"read": True}
    helper = session.scalar(statement.with_for_update(of=Helper, **lock))
    if helper is None:
        raise NotFoundError
    if helper.state is not HelperState.ACTIVE:
        raise HelperSuspendedError
    return helper


def consent_of(session: Session, helper: Helper, consent_id: UUID, *, locked: bool = False) -> Consent:
    """Return one of the helper's consents, locked for a change or not; raises NotFoundError."""
    statement = select(Consent).where(Consent.id == consent_id, Consent.helper_id == helper.id)
    consent = session.scalar(statement.with_for_update() if locked else statement)
    if consent is None:
        raise NotFoundError
    return consent
