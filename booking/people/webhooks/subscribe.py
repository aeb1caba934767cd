"""Another system subscribes: an agency's supervisor alone for its own cases, else two administrators together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.four_eyes import (
    ChangeOverError,
    Permission,
    SecondAdministratorNeededError,
    may_be_second,
    require,
)
from booking.people.webhooks.call import find, read_url
from booking.people.webhooks.catalogue import offered
from booking.people.webhooks.signing import (
    AddressInsideError,
    TooManySubscriptionsError,
    managed,
    managed_while,
    manager,
    record,
)
from booking.platform.base import fields
from booking.platform.base.errors import FieldError, InvalidInputError
from booking.platform.models import Account, WebhookSecret, WebhookSubscription
from booking.platform.models.webhook import LISTENING, PauseReason, SubscriptionState

LONGEST_NAME: Final = 120
MOST: Final = 20
"""Subscriptions of an agency, or of all cases, that are not over: each multiplies what is sent."""
_LIVE: Final = (SubscriptionState.PROPOSED, *LISTENING)


def subscribe(core: Core, *, by: UUID, name: str, url: str, kinds: Sequence[str], reason: str) -> UUID:
    """Subscribe a system to events; return the subscription's id.

    That of an agency hears of the agency's cases and of draws, and holds at once. One of an administrator hears of all
    cases, and waits for another administrator. Nothing is sent before there is a secret
    (`booking.people.webhooks.signing`).

    Parameters
    ----------
    name
        What people call the system.
    url
        Where events are sent: of https, outside our network or in one that the settings allow.
    kinds
        Names of events, of those that `booking.people.webhooks.catalogue.offered` offers.

    Raises
    ------
    InvalidInputError
        A field is unusable: missing, not an address of https, leading inside ("inside"), or no event that this account
        may subscribe to.
    ForbiddenError
        ``by`` may not manage webhooks.
    TooManySubscriptionsError
        There are `MOST` already.
    """
    asked = _read(core, name=name, url=url, reason=reason)
    _refuse_inside(core, asked.url)
    with core.sessions.begin() as session:
        account, agency = manager(session, by)
        if not kinds or not set(kinds) <= {one.name for one in offered(agency=agency is not None)}:
            raise InvalidInputError([FieldError("kinds", "unknown" if kinds else "missing")])
        _refuse_many(session, agency)
        now = core.clock.now()
        subscription = WebhookSubscription(
            id=uuid4(),
            name=asked.name,
            url=asked.url,
            kinds=sorted(set(kinds)),
            agency_code=agency,
            reason=asked.reason,
            state=SubscriptionState.PROPOSED if agency is None else SubscriptionState.ACTIVE,
            proposed_by=by,
            proposed_at=now,
        )
        session.add(subscription)
        session.flush()
        about = {"url": asked.url, "kinds": subscription.kinds, "agency": agency, "reason": asked.reason}
        record(session, core, account, "proposed" if agency is None else "subscribed", subscription, **about)
        return subscription.id


def agree(core: Core, *, by: UUID, subscription_id: UUID) -> None:
    """Let a proposed system hear of all cases, as a second administrator.

    Raises
    ------
    ForbiddenError
        ``by`` is not an administrator, or who proposed it is not one any more.
    SecondAdministratorNeededError
        The person ``by`` proposed it, with this account or another one.
    ChangeOverError
        It was decided already.
    NotFoundError
        There is no such proposal.
    """
    with core.sessions.begin() as session:
        require(session.get(Account, by), Permission.MANAGE_STAFF)
        account, subscription = _proposal(session, by, subscription_id)
        require(session.get(Account, subscription.proposed_by), Permission.MANAGE_STAFF)
        if not may_be_second(session, core, by, subscription.proposed_by):
            raise SecondAdministratorNeededError
        _decide(core, subscription, SubscriptionState.ACTIVE, by)
        record(session, core, account, "agreed", subscription, proposed_by=str(subscription.proposed_by))


def refuse(core: Core, *, by: UUID, subscription_id: UUID) -> None:
    """Refuse a proposal, or take one's own back; raises as `agree`, save that one administrator is enough."""
    with core.sessions.begin() as session:
        account, subscription = _proposal(session, by, subscription_id)
        _decide(core, subscription, SubscriptionState.REFUSED, by)
        record(session, core, account, "refused", subscription)


def pause(core: Core, *, by: UUID, subscription_id: UUID) -> None:
    """Send nothing more for the time being; what happens meanwhile is kept for it.

    Raises
    ------
    ForbiddenError
        ``by`` may not manage webhooks.
    NotFoundError
        There is no such subscription for this account.
    NoReceiverError
        It is not active.
    """
    with core.sessions.begin() as session:
        account, subscription = managed_while(session, by, subscription_id, SubscriptionState.ACTIVE)
        subscription.pause(PauseReason.BY_HAND, at=core.clock.now())
        record(session, core, account, "paused", subscription)


def resume(core: Core, *, by: UUID, subscription_id: UUID) -> None:
    """Send again, what waits first; raises as `pause`, where it is not paused."""
    with core.sessions.begin() as session:
        account, subscription = managed_while(session, by, subscription_id, SubscriptionState.PAUSED)
        subscription.resume()
        record(session, core, account, "resumed", subscription)


def end(core: Core, *, by: UUID, subscription_id: UUID, reason: str) -> None:
    """Send it nothing ever again, a replay that is under way included; its secrets hold no more.

    What a worker has in hand it asks about each second (`booking.people.webhooks.send`).

    Raises
    ------
    InvalidInputError
        There is no reason, or one that is too long.
    ForbiddenError
        ``by`` may not manage webhooks.
    NotFoundError
        There is no such subscription for this account.
    NoReceiverError
        It ended already, or never began.
    """
    reason = fields.words("reason", reason)
    with core.sessions.begin() as session:
        account, subscription = managed_while(session, by, subscription_id, *LISTENING)
        subscription.end(at=core.clock.now())
        its = update(WebhookSecret).where(WebhookSecret.subscription_id == subscription_id)
        session.execute(its.values(until=core.clock.now()))
        record(session, core, account, "ended", subscription, reason=reason)


@dataclass(frozen=True, slots=True)
class _Asked:
    name: str
    url: str
    reason: str


def _read(core: Core, *, name: str, url: str, reason: str) -> _Asked:
    """Read the form; raises InvalidInputError with all that is wrong with it."""
    errors: list[FieldError] = []
    name, url = name.strip(), url.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        errors.append(FieldError("name", "missing" if not name else "too_long" if name.isprintable() else "unreadable"))
    with fields.noted(errors):
        read_url(url, core.settings)
    try:
        reason = fields.words("reason", reason)
    except InvalidInputError as error:
        errors.extend(error.errors)
    fields.raise_all(errors)
    return _Asked(name, url, reason)


def _refuse_inside(core: Core, url: str) -> None:
    """Refuse a name that leads inside now; one that nobody knows yet is no reason: each call looks again."""
    try:
        find(read_url(url, core.settings), core.settings)
    except AddressInsideError:
        raise InvalidInputError([FieldError("url", "inside")]) from None
    except OSError:
        return


def _refuse_many(session: Session, agency: str | None) -> None:
    same = WebhookSubscription.agency_code.is_not_distinct_from(agency)
    counted = select(func.count()).where(WebhookSubscription.state.in_(_LIVE), same)
    if (session.scalar(counted) or 0) >= MOST:
        raise TooManySubscriptionsError


def _proposal(session: Session, by: UUID, subscription_id: UUID) -> tuple[Account, WebhookSubscription]:
    account, subscription = managed(session, by, subscription_id)
    if subscription.state is not SubscriptionState.PROPOSED:
        raise ChangeOverError
    return account, subscription


def _decide(core: Core, subscription: WebhookSubscription, state: SubscriptionState, by: UUID) -> None:
    subscription.move_to(state)
    subscription.decided_by, subscription.decided_at = by, core.clock.now()
