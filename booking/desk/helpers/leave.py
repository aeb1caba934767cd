"""A person, or a helper, leaves for good: the consents that they gave or hold end."""

from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.messages import tell
from booking.platform.models import Account, Consent, Helper, Request
from booking.platform.models.accounts.helper import ConsentState, HelperState

LEFT: Final = "its owner closed the account"
"""Why a helper who left is suspended, in the words that its office reads."""


def withdraw_consents_in(session: Session, core: Core, account_id: UUID) -> int:
    """Withdraw every consent that an account gave or was asked for; return how many. Nobody is told."""
    return len(_withdraw(session, core, Consent.account_id == account_id))


def stop_helping_in(session: Session, core: Core, account: Account) -> int:
    """Suspend the helper whose account this is, if it is one's; return how many consents of others ended by that.

    Those people keep their requests and are told that the helper does not see them any more.
    """
    helper = session.scalar(select(Helper).where(Helper.account_id == account.id).with_for_update(of=Helper))
    if helper is None:
        return 0
    if helper.state is HelperState.ACTIVE:
        helper.move_to(HelperState.SUSPENDED)
        helper.suspended_reason = LEFT
    account.registered_helper = False
    ended = _withdraw(session, core, Consent.helper_id == helper.id)
    asked = {one.request_id: one.account_id for one in ended if one.request_id is not None}
    for request_id, reference in session.execute(select(Request.id, Request.reference).where(Request.id.in_(asked))):
        tell(session, core, asked[request_id], "consent_withdrawn", reference=reference)
    return len(ended)


def _withdraw(session: Session, core: Core, of: ColumnElement[bool]) -> list[Consent]:
    now = core.clock.now()
    standing = select(Consent).where(of, Consent.state != ConsentState.WITHDRAWN, Consent.ends_at > now)
    found = list(session.scalars(standing.order_by(Consent.id).with_for_update(of=Consent)))
    for consent in found:
        consent.move_to(ConsentState.WITHDRAWN)
        consent.withdrawn_at = now
    return found
