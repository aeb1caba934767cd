"""Subscriptions, what waits for each, and what came of each event, as those see them who may manage them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from booking.country.core.core import Core
from booking.people.webhooks.signing import holds_at, manager
from booking.platform.base.errors import NotFoundError
from booking.platform.models import (
    Account,
    WebhookDelivery,
    WebhookEvent,
    WebhookReplay,
    WebhookSecret,
    WebhookSubscription,
)
from booking.platform.models.webhook import LISTENING, Answer, DeliveryState, PauseReason, SubscriptionState

SHOWN: Final = 100
"""Deliveries and replays that are shown at once."""
_PROPOSER, _DECIDER = aliased(Account), aliased(Account)


@dataclass(frozen=True, slots=True)
class Receiver:
    """A subscription; ``waiting`` and ``given_up`` count events.

    ``own`` says whether the reader proposed it, ``signs`` whether they may make its secrets.
    """

    id: UUID
    name: str
    url: str
    kinds: tuple[str, ...]
    agency_code: str | None
    reason: str
    state: SubscriptionState
    paused_because: PauseReason | None
    paused_at: datetime | None
    proposed_by: str
    decided_by: str
    own: bool
    signs: bool
    secrets: int
    failing_since: datetime | None
    rests_until: datetime | None
    waiting: int
    given_up: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of one event; ``at`` is when it happened."""

    id: UUID
    kind: str
    subject: str
    at: datetime
    state: DeliveryState
    tries: int
    next_at: datetime
    answer: Answer | None
    status: int | None
    milliseconds: int | None
    tried_at: datetime | None


@dataclass(frozen=True, slots=True)
class Replayed:
    """A replay that was asked for."""

    asked_at: datetime
    asked_by: str
    since: datetime
    until: datetime
    events: int
    ended_at: datetime | None


def list_receivers(core: Core, *, by: UUID) -> list[Receiver]:
    """List the subscriptions that an account may manage, those that are not over first; raises ForbiddenError."""
    with core.sessions() as session:
        account, agency = manager(session, by)
        live = WebhookSubscription.state.in_([SubscriptionState.PROPOSED, *LISTENING])
        rows = session.execute(_subscriptions(agency).order_by(~live, WebhookSubscription.proposed_at.desc()))
        return _receivers(session, core, account, rows.all())


def find_receiver(core: Core, *, by: UUID, subscription_id: UUID) -> Receiver:
    """Return one of them; raises ForbiddenError, or NotFoundError where there is none for this account."""
    with core.sessions() as session:
        account, agency = manager(session, by)
        rows = session.execute(_subscriptions(agency).where(WebhookSubscription.id == subscription_id)).all()
        if not rows:
            raise NotFoundError
        (receiver,) = _receivers(session, core, account, rows)
        return receiver


def list_sent(
    core: Core, *, by: UUID, subscription_id: UUID, state: DeliveryState | None = None
) -> tuple[Receiver, Sequence[Sent]]:
    """Return a subscription and what came of its latest events, at most `SHOWN`; raises as `find_receiver`."""
    receiver = find_receiver(core, by=by, subscription_id=subscription_id)
    which = [WebhookDelivery.subscription_id == subscription_id]
    if state is not None:
        which.append(WebhookDelivery.state == state)
    with core.sessions() as session:
        rows = session.execute(
            select(WebhookDelivery, WebhookEvent)
            .join(WebhookEvent, WebhookEvent.number == WebhookDelivery.event_number)
            .where(*which)
            .order_by(WebhookDelivery.event_number.desc())
            .limit(SHOWN)
        ).all()
    return receiver, [
        Sent(
            id=event.id,
            kind=event.kind,
            subject=event.subject,
            at=event.at,
            state=one.state,
            tries=one.tries,
            next_at=one.next_at,
            answer=one.answer,
            status=one.status,
            milliseconds=one.milliseconds,
            tried_at=one.tried_at,
        )
        for one, event in rows
    ]


def list_replays(core: Core, *, by: UUID, subscription_id: UUID) -> list[Replayed]:
    """List the replays of a subscription, the latest first; raises as `find_receiver`."""
    find_receiver(core, by=by, subscription_id=subscription_id)
    with core.sessions() as session:
        rows = session.execute(
            select(WebhookReplay, Account.username)
            .join(Account, Account.id == WebhookReplay.asked_by)
            .where(WebhookReplay.subscription_id == subscription_id)
            .order_by(WebhookReplay.asked_at.desc())
            .limit(SHOWN)
        ).all()
    return [Replayed(one.asked_at, name, one.since, one.until, one.events, one.ended_at) for one, name in rows]


def _subscriptions(agency: str | None) -> Select[WebhookSubscription, str, str]:
    statement = (
        select(WebhookSubscription, _PROPOSER.username, func.coalesce(_DECIDER.username, ""))
        .join(_PROPOSER, _PROPOSER.id == WebhookSubscription.proposed_by)
        .outerjoin(_DECIDER, _DECIDER.id == WebhookSubscription.decided_by)
    )
    return statement if agency is None else statement.where(WebhookSubscription.agency_code == agency)


def _receivers(session: Session, core: Core, account: Account, rows: Sequence[Any]) -> list[Receiver]:
    ids = [one.id for one, _, _ in rows]
    waiting = _count(session, ids, DeliveryState.WAITING)
    given_up = _count(session, ids, DeliveryState.GIVEN_UP)
    signing = _secrets(session, ids, core.clock.now())
    return [
        Receiver(
            id=one.id,
            name=one.name,
            url=one.url,
            kinds=tuple(one.kinds),
            agency_code=one.agency_code,
            reason=one.reason,
            state=one.state,
            paused_because=one.paused_because,
            paused_at=one.paused_at,
            proposed_by=proposer,
            decided_by=decider,
            own=one.proposed_by == account.id,
            signs=one.agency_code in {None, account.agency_code},
            secrets=signing.get(one.id, 0),
            failing_since=one.failing_since,
            rests_until=one.rests_until,
            waiting=waiting.get(one.id, (0, None))[0],
            given_up=given_up.get(one.id, (0, None))[0],
            oldest_at=waiting.get(one.id, (0, None))[1],
        )
        for one, proposer, decider in rows
    ]


def _count(session: Session, ids: Sequence[UUID], state: DeliveryState) -> Mapping[UUID, tuple[int, datetime | None]]:
    rows = session.execute(
        select(WebhookDelivery.subscription_id, func.count(), func.min(WebhookEvent.at))
        .join(WebhookEvent, WebhookEvent.number == WebhookDelivery.event_number)
        .where(WebhookDelivery.subscription_id.in_(ids), WebhookDelivery.state == state)
        .group_by(WebhookDelivery.subscription_id)
    )
    return {subscription: (count, oldest) for subscription, count, oldest in rows}


def _secrets(session: Session, ids: Sequence[UUID], now: datetime) -> Mapping[UUID, int]:
    rows = session.execute(
        select(WebhookSecret.subscription_id, func.count())
        .where(WebhookSecret.subscription_id.in_(ids), holds_at(now))
        .group_by(WebhookSecret.subscription_id)
    )
    return {subscription: count for subscription, count in rows}  # noqa: C416 - rows are not pairs to the checker
