"""The secrets with which events are signed: made here, shown once, sealed, replaced while the old one still holds."""

import secrets
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, case, or_, select, update
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.people.webhooks.errors import NoReceiverError
from booking.people.webhooks.manage import managed, record
from booking.platform.base.errors import ForbiddenError
from booking.platform.base.vault import Vault
from booking.platform.models import Account, WebhookSecret, WebhookSubscription
from booking.platform.models.webhook import LISTENING

OVERLAP: Final = timedelta(days=2)
"""How long the secret before still signs too, so that a receiver can take the new one in at its leisure."""
_BYTES: Final = 32


def make_secret(core: Core, *, by: UUID, subscription_id: UUID, at_once: bool = False) -> str:
    """Make a secret and return it, as `whsec_` and base64; it can never be read again.

    Parameters
    ----------
    at_once
        The secret before ends now, for somebody else may have it; else it signs too for `OVERLAP`.

    Raises
    ------
    ForbiddenError
        ``by`` may not manage webhooks, or the subscription is of an agency that is not theirs: who has the secret can
        speak in our name to the agency's system.
    NotFoundError
        There is no such subscription for this account.
    NoReceiverError
        It waits for agreement, was refused, or ended.
    """
    made = f"whsec_{b64encode(secrets.token_bytes(_BYTES)).decode()}"
    now, secret_id = core.clock.now(), uuid4()
    with core.sessions.begin() as session:
        account, subscription = managed(session, by, subscription_id)
        _refuse_others(account, subscription)
        if subscription.state not in LISTENING:
            raise NoReceiverError
        _end_others(session, subscription_id, now, now if at_once else now + OVERLAP)
        sealed = core.vault.encrypt(made, about_secret(secret_id))
        session.add(WebhookSecret(id=secret_id, subscription_id=subscription_id, ciphertext=sealed, made_at=now))
        record(session, core, account, "secret_made", subscription, at_once=at_once)
    return made


def about_secret(secret_id: UUID) -> str:
    """Return what a sealed secret is bound to."""
    return f"webhook secret {secret_id}"


def secrets_in(session: Session, vault: Vault, subscription_id: UUID, now: datetime) -> Sequence[str]:
    """Return the secrets that sign for a receiver now, the latest first."""
    rows = session.scalars(
        select(WebhookSecret)
        .where(WebhookSecret.subscription_id == subscription_id, holds_at(now))
        .order_by(WebhookSecret.made_at.desc())
    )
    return [vault.decrypt(row.ciphertext, about_secret(row.id)) for row in rows]


def _refuse_others(account: Account, subscription: WebhookSubscription) -> None:
    if subscription.agency_code is not None and subscription.agency_code != account.agency_code:
        raise ForbiddenError


def _end_others(session: Session, subscription_id: UUID, now: datetime, until: datetime) -> None:
    """Let the secret before end at ``until``, and one that was ending already now: two hold at most."""
    session.execute(
        update(WebhookSecret)
        .where(WebhookSecret.subscription_id == subscription_id, holds_at(now))
        .values(until=case((WebhookSecret.until.is_(None), until), else_=now))
        .execution_options(synchronize_session=False)
    )


def holds_at(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a secret signs at a time."""
    return or_(WebhookSecret.until.is_(None), WebhookSecret.until > now)
