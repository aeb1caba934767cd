"""Hand out what happened: a delivery for each subscription that wants an event and may hear it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, case, delete, func, select, text
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.platform.models import WebhookDelivery, WebhookEvent, WebhookReplay, WebhookSecret, WebhookSubscription
from booking.platform.models.webhook import LISTENING, DeliveryState, SubscriptionState

SLICE: Final = 2_000
"""Events of one transaction."""

MAY_HEAR: Final = (
    "event.kind = ANY (subscription.kinds) AND (subscription.agency_code IS NULL"
    " OR subscription.agency_code = event.agency_code OR event.subject LIKE 'draw/%')"
)
"""SQL: a subscription wants an event, and may hear it. An agency hears of its own cases, and of draws as everyone."""

_HAND_OUT: Final = text(
    f"""
    WITH fresh AS (
        SELECT number FROM webhook_event WHERE NOT handed_out ORDER BY number LIMIT :most FOR UPDATE
    ), event AS (
        UPDATE webhook_event SET handed_out = true FROM fresh WHERE webhook_event.number = fresh.number
        RETURNING webhook_event.number, kind, subject, agency_code
    ), written AS (
        INSERT INTO webhook_delivery (subscription_id, event_number, subject, state, next_at)
        SELECT subscription.id, event.number, event.subject, 'waiting', :now
        FROM event JOIN webhook_subscription subscription
            ON subscription.state IN ('active', 'paused') AND {MAY_HEAR}
        ON CONFLICT DO NOTHING
    )
    SELECT count(*) FROM event
    """  # noqa: S608 - words of this file
)
_AGAIN: Final = text(
    f"""
    WITH event AS (
        SELECT event.number, event.subject
        FROM webhook_event event JOIN webhook_subscription subscription
            ON subscription.id = :subscription_id AND {MAY_HEAR}
        WHERE event.at >= :since AND event.at < :until AND event.number > :position AND event.handed_out
        ORDER BY event.number LIMIT :most
    ), written AS (
        INSERT INTO webhook_delivery (subscription_id, event_number, subject, state, next_at)
        SELECT :subscription_id, number, subject, 'waiting', :now FROM event
        ON CONFLICT (subscription_id, event_number)
        DO UPDATE SET state = 'waiting', tries = 0, next_at = EXCLUDED.next_at
    )
    SELECT count(*), max(number) FROM event
    """  # noqa: S608 - words of this file
)


def hand_out(core: Core) -> int:
    """Hand out all that happened since the last time; return how many events that were.

    An event of a subject is never handed out before an earlier one: whoever changes a subject has its row locked, so
    that events which can be seen lack none before them.
    """
    done = 0
    while True:
        with core.sessions.begin() as session:
            now = core.clock.now()
            handed: int = session.execute(_HAND_OUT, {"most": SLICE, "now": now}).scalar_one()
        done += handed
        if handed < SLICE:
            return done


def again_in(
    session: Session, subscription_id: UUID, *, since: datetime, until: datetime, position: int, now: datetime
) -> tuple[int, int | None]:
    """Let a slice of a period's events wait for a receiver again; return how many, and the number of the last.

    Only events that the subscription wants and may hear, behind ``position``; what waits already is tried at once.
    """
    values = {
        "subscription_id": subscription_id,
        "since": since,
        "until": until,
        "position": position,
        "now": now,
        "most": SLICE,
    }
    count, last = session.execute(_AGAIN, values).one()
    return int(count), last


BATCH: Final = 5_000
"""Events of one transaction."""


def remove_old_events(core: Core) -> int:
    """Remove events older than the settings say, with their deliveries; return how many. Those that wait go too.

    Replays as old and secrets that hold no more go with them.
    """
    before, removed = core.clock.now() - core.settings.webhooks_kept, 0
    old = (
        select(WebhookEvent.number)
        .where(WebhookEvent.at < before)
        .order_by(WebhookEvent.number)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    while True:
        with core.sessions.begin() as session:
            done: int = session.execute(delete(WebhookEvent).where(WebhookEvent.number.in_(old))).rowcount  # type: ignore[attr-defined]
        removed += done
        if done < BATCH:
            break
    with core.sessions.begin() as session:
        session.execute(delete(WebhookReplay).where(WebhookReplay.asked_at < before))
        session.execute(delete(WebhookSecret).where(WebhookSecret.until < core.clock.now()))
    return removed


PERIOD: Final = timedelta(hours=1)
MOST_COUNTED: Final = 10_000
"""Waiting deliveries of one receiver: beyond that only their age says more, and each scrape would read them all."""
STATES: Final = ("well", "failing", "paused")


@dataclass(frozen=True, slots=True)
class Measured:
    """Receivers by `STATES`; deliveries that wait, that were answered within `PERIOD`, by how, and that were given up.

    Of what waits for one receiver no more than `MOST_COUNTED` are counted. ``overdue_seconds`` is the age of the oldest
    event that is not handed out yet, or waits for a receiver which is neither paused nor failing.
    """

    receivers: Mapping[str, int]
    waiting: int
    overdue_seconds: float
    answers: Mapping[str, int]
    given_up: int


def measure(core: Core) -> Measured:
    """Count all of it."""
    now = core.clock.now()
    how = case(
        (WebhookSubscription.state == SubscriptionState.PAUSED, "paused"),
        (WebhookSubscription.failing_since.is_not(None), "failing"),
        else_="well",
    )
    recent = WebhookDelivery.tried_at > now - PERIOD
    with core.sessions() as session:
        receivers = session.execute(
            select(how, func.count()).where(WebhookSubscription.state.in_(LISTENING)).group_by(how)
        )
        counted = {state: count for state, count in receivers}  # noqa: C416 - rows are not pairs to the checker
        waiting, oldest = session.execute(_waiting()).one()
        unseen = session.scalar(
            select(WebhookEvent.at).where(~WebhookEvent.handed_out).order_by(WebhookEvent.number).limit(1)
        )
        answers = session.execute(
            select(WebhookDelivery.answer, func.count()).where(recent).group_by(WebhookDelivery.answer)
        )
        by_answer = {answer.value: count for answer, count in answers if answer is not None}
        gone = WebhookDelivery.state == DeliveryState.GIVEN_UP
        given_up = session.scalar(select(func.count()).select_from(WebhookDelivery).where(recent, gone))
    return Measured(
        receivers={state: counted.get(state, 0) for state in STATES},
        waiting=int(waiting or 0),
        overdue_seconds=max((0.0, *((now - one).total_seconds() for one in (oldest, unseen) if one is not None))),
        answers=by_answer,
        given_up=given_up or 0,
    )


def _waiting() -> Select[Any, datetime]:
    """Count what waits for active receivers, and find the first event that waits for one that does not fail.

    Receiver by receiver, each from the index of what waits for it: the first row, and as many as are counted.
    """
    of_one = (WebhookDelivery.subscription_id == WebhookSubscription.id, WebhookDelivery.state == DeliveryState.WAITING)
    some = select(WebhookDelivery.event_number).where(*of_one).limit(MOST_COUNTED).correlate(WebhookSubscription)
    first = (
        select(WebhookDelivery.event_number)
        .where(*of_one)
        .order_by(WebhookDelivery.event_number)
        .limit(1)
        .correlate(WebhookSubscription)
        .scalar_subquery()
    )
    each = (
        select(
            select(func.count()).select_from(some.subquery()).scalar_subquery().label("waiting"),
            case((WebhookSubscription.failing_since.is_(None), first)).label("first"),
        )
        .where(WebhookSubscription.state == SubscriptionState.ACTIVE)
        .subquery()
    )
    return select(func.sum(each.c.waiting), func.min(WebhookEvent.at)).outerjoin(
        WebhookEvent, WebhookEvent.number == each.c.first
    )
