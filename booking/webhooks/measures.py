"""How the telling of events stands, counted for those who run it; no receiver is named."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import case, func, select

from booking.core.core import Core
from booking.models import WebhookDelivery, WebhookEvent, WebhookSubscription
from booking.models.webhook_states import LISTENING, DeliveryState, SubscriptionState

PERIOD: Final = timedelta(hours=1)
STATES: Final = ("well", "failing", "paused")


@dataclass(frozen=True, slots=True)
class Measured:
    """Receivers by `STATES`; deliveries that wait, that were answered within `PERIOD`, by how, and that were given up.

    ``overdue_seconds`` is the age of the oldest event that is not handed out yet, or waits for a receiver which is
    neither paused nor failing.
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
    waits = WebhookDelivery.state == DeliveryState.WAITING
    active = WebhookSubscription.state == SubscriptionState.ACTIVE
    well = WebhookSubscription.failing_since.is_(None)
    of_receivers = (
        select(func.count(), func.min(WebhookEvent.at).filter(well))
        .select_from(WebhookDelivery)
        .join(WebhookSubscription, WebhookSubscription.id == WebhookDelivery.subscription_id)
        .join(WebhookEvent, WebhookEvent.number == WebhookDelivery.event_number)
        .where(waits, active)
    )
    recent = WebhookDelivery.tried_at > now - PERIOD
    with core.sessions() as session:
        receivers = session.execute(
            select(how, func.count()).where(WebhookSubscription.state.in_(LISTENING)).group_by(how)
        )
        counted = {state: count for state, count in receivers}  # noqa: C416 - rows are not pairs to the checker
        waiting, oldest = session.execute(of_receivers).one()
        unseen = session.scalar(select(func.min(WebhookEvent.at)).where(~WebhookEvent.handed_out))
        answers = session.execute(
            select(WebhookDelivery.answer, func.count()).where(recent).group_by(WebhookDelivery.answer)
        )
        by_answer = {answer.value: count for answer, count in answers if answer is not None}
        gone = WebhookDelivery.state == DeliveryState.GIVEN_UP
        given_up = session.scalar(select(func.count()).select_from(WebhookDelivery).where(recent, gone))
    return Measured(
        receivers={state: counted.get(state, 0) for state in STATES},
        waiting=waiting,
        overdue_seconds=max((0.0, *((now - one).total_seconds() for one in (oldest, unseen) if one is not None))),
        answers=by_answer,
        given_up=given_up or 0,
    )
