"""How the telling of events stands, counted for those who run it; no receiver is named."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, case, func, select

from booking.country.core.core import Core
from booking.platform.models import WebhookDelivery, WebhookEvent, WebhookSubscription
from booking.platform.models.webhook import LISTENING, DeliveryState, SubscriptionState

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
