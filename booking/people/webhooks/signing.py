"""The secrets with which events are signed: made here, shown once, sealed, replaced while the old one still holds."""

import secrets
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, case, or_, select, update
from sqlalchemy.orm import Session

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, Reach, reach, require
from booking.platform.base.errors import ForbiddenError, MawidError, NotFoundError
from booking.platform.base.vault import Vault
from booking.platform.models import Account, WebhookSecret, WebhookSubscription
from booking.platform.models.states import Role
from booking.platform.models.webhook import LISTENING, SubscriptionState


class AddressInsideError(MawidError):
    """A receiver's name leads to an address that nothing is sent to; the message names no address."""

    code = "address_inside"


class NoReceiverError(MawidError):
    """Nothing is sent to this subscription (any more): it waits for agreement, was refused, or ended."""

    code = "no_receiver"


class ReplayUnderWayError(MawidError):
    """Past days are being sent to this system already; one replay at a time."""

    code = "replay_under_way"


class TooManySubscriptionsError(MawidError):
    """The agency, or the country, has as many subscriptions as it may."""

    code = "too_many_subscriptions"


def manager(session: Session, account_id: UUID) -> tuple[Account, str | None]:
    """Return who manages webhooks, and the agency whose alone these may be; None: they may be of all.

    Raises
    ------
    ForbiddenError
        The account may not, or supervises the cases of no agency.
    """
    account = require(session.get(Account, account_id), Permission.MANAGE_WEBHOOKS)
    if reach([Role(role) for role in account.roles], Permission.MANAGE_WEBHOOKS) is Reach.EVERY_OFFICE:
        return account, None
    if account.agency_code is None:
        raise ForbiddenError
    return account, account.agency_code


def check_manager(core: Core, *, by: UUID) -> None:
    """Raise ForbiddenError for an account that may manage no webhooks at all; see `manager`."""
    with core.sessions() as session:
        manager(session, by)


def managed(session: Session, account_id: UUID, subscription_id: UUID) -> tuple[Account, WebhookSubscription]:
    """Return who manages a subscription, and the subscription, locked.

    Raises
    ------
    ForbiddenError
        The account may not manage webhooks.
    NotFoundError
        There is none, or it is not for this account to manage.
    """
    account, agency = manager(session, account_id)
    subscription = session.get(WebhookSubscription, subscription_id, with_for_update=True)
    if subscription is None or agency not in {None, subscription.agency_code}:
        raise NotFoundError
    return account, subscription


def managed_while(
    session: Session, account_id: UUID, subscription_id: UUID, *states: SubscriptionState
) -> tuple[Account, WebhookSubscription]:
    """Return what `managed` does, of a subscription in one of these states.

    Raises
    ------
    ForbiddenError
        The account may not manage webhooks.
    NotFoundError
        There is none, or it is not for this account to manage.
    NoReceiverError
        It is in another state.
    """
    account, subscription = managed(session, account_id, subscription_id)
    if subscription.state not in states:
        raise NoReceiverError
    return account, subscription


def record(
    session: Session, core: Core, who: Account, action: str, subscription: WebhookSubscription, /, **details: object
) -> None:
    """Put on record what somebody did with a subscription."""
    audit.record(session, core, who, f"webhook.{action}", str(subscription.id), receiver=subscription.name, **details)


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
