"""Who may manage which subscriptions: an administrator all of them, a supervisor of an agency those of the agency."""

from uuid import UUID

from sqlalchemy.orm import Session

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.permissions import Permission, Reach, reach, require
from booking.people.webhooks.errors import NoReceiverError
from booking.platform.base.errors import ForbiddenError, NotFoundError
from booking.platform.models import Account, WebhookSubscription
from booking.platform.models.states import Role
from booking.platform.models.webhook import SubscriptionState


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
