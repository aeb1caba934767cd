"""Take what waits for one receiver, for this process alone; and keep what came of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import exists, or_, select, text
from sqlalchemy.orm import Session, aliased

from booking.country.core.core import Core
from booking.people.webhooks.call import Result
from booking.people.webhooks.signing import secrets_in
from booking.platform.models import WebhookDelivery, WebhookEvent, WebhookSecret, WebhookSubscription
from booking.platform.models.webhook import Answer, DeliveryState, SubscriptionState

BATCH: Final = 500
LEASE: Final = timedelta(minutes=2)
"""How long a receiver is one process's alone; it is free again after this where the process was killed."""
PAUSES: Final = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 30, 2 * 60, 5 * 60, 10 * 60, 14 * 60, 20 * 60, 24 * 60)
)
"""After each refusal of an event, and after each time that a receiver did not answer: about three days in all."""

_WRITE_BACK: Final = text(
    """
    UPDATE webhook_delivery
    SET state = now.state, tries = now.tries, next_at = now.next_at, answer = now.answer, status = now.status,
        milliseconds = now.milliseconds, tried_at = :at
    FROM unnest(CAST(:numbers AS bigint[]), CAST(:states AS text[]), CAST(:tries AS smallint[]),
                CAST(:next_at AS timestamptz[]), CAST(:answers AS text[]), CAST(:statuses AS smallint[]),
                CAST(:milliseconds AS integer[]))
         AS now(number, state, tries, next_at, answer, status, milliseconds)
    WHERE subscription_id = :subscription_id AND event_number = now.number AND webhook_delivery.state = 'waiting'
    """
)


@dataclass(frozen=True, slots=True)
class Letter:
    """An event as it is sent; ``tries`` are those that were refused."""

    number: int
    subject: str
    message_id: str
    body: bytes
    tries: int


@dataclass(frozen=True, slots=True)
class Batch:
    """What is sent to one receiver now, which is this process's alone so long: each subject's events in order."""

    subscription_id: UUID
    held_until: datetime
    url: str
    secrets: Sequence[str]
    subjects: Sequence[Sequence[Letter]]


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one letter."""

    letter: Letter
    result: Result


def list_due(core: Core) -> Sequence[UUID]:
    """Return the subscriptions for which something can be sent now, those whose turn was longest ago first."""
    now = core.clock.now()
    due = exists().where(
        WebhookDelivery.subscription_id == WebhookSubscription.id,
        WebhookDelivery.state == DeliveryState.WAITING,
        WebhookDelivery.next_at <= now,
    )
    with core.sessions() as session:
        return session.scalars(
            select(WebhookSubscription.id)
            .where(*_sendable(now), due)
            .order_by(WebhookSubscription.held_until.asc().nulls_first(), WebhookSubscription.proposed_at)
        ).all()


def claim(core: Core, subscription_id: UUID) -> Batch | None:
    """Take a batch for a receiver; None where nothing is due, or another process sends to it."""
    now = core.clock.now()
    with core.sessions.begin() as session:
        subscription = session.scalars(
            select(WebhookSubscription)
            .where(WebhookSubscription.id == subscription_id, *_sendable(now))
            .with_for_update(skip_locked=True)
        ).one_or_none()
        if subscription is None:
            return None
        letters = _due(session, subscription_id, now)
        if not letters:
            return None
        held_until = subscription.held_until = now + LEASE
        secrets = secrets_in(session, core.vault, subscription_id, now)
        return Batch(subscription_id, held_until, subscription.url, secrets, _by_subject(letters))


def is_active(core: Core, subscription_id: UUID) -> bool:
    """Return whether a receiver is still to be sent anything."""
    wanted = WebhookSubscription.id == subscription_id, WebhookSubscription.state == SubscriptionState.ACTIVE
    with core.sessions() as session:
        return session.scalar(select(WebhookSubscription.id).where(*wanted)) is not None


def write_back(session: Session, subscription_id: UUID, tried: Sequence[Tried], now: datetime) -> None:
    """Keep what came of each letter: taken, to be tried again, or given up after `PAUSES`."""
    if not tried:
        return
    rows = [_outcome(one, now) for one in tried]
    columns: Mapping[str, list[Any]] = {name: [row[name] for row in rows] for name in rows[0]}
    session.execute(_WRITE_BACK, {"subscription_id": subscription_id, "at": now, **columns})


def _outcome(tried: Tried, now: datetime) -> dict[str, object]:
    letter, answer = tried.letter, tried.result.answer
    state, tries, next_at = DeliveryState.WAITING, letter.tries, now
    if answer is Answer.TAKEN:
        state = DeliveryState.TAKEN
    elif answer is Answer.REFUSED and tries >= len(PAUSES):
        state = DeliveryState.GIVEN_UP
    elif answer is Answer.REFUSED:
        next_at, tries = now + PAUSES[tries], tries + 1
    return {
        "numbers": letter.number,
        "states": state.value,
        "tries": tries,
        "next_at": next_at,
        "answers": answer.value,
        "statuses": tried.result.status,
        "milliseconds": tried.result.milliseconds,
    }


def _sendable(now: datetime) -> tuple[Any, ...]:
    """Return the conditions that something can be sent to a subscription now, by whoever takes it."""
    rests, held = WebhookSubscription.rests_until, WebhookSubscription.held_until
    return (
        WebhookSubscription.state == SubscriptionState.ACTIVE,
        or_(rests.is_(None), rests <= now),
        or_(held.is_(None), held <= now),
        exists().where(WebhookSecret.subscription_id == WebhookSubscription.id),
    )


def _due(session: Session, subscription_id: UUID, now: datetime) -> list[Letter]:
    """Return the oldest letters that are due, none of a subject of which an earlier one waits for its next try."""
    earlier = aliased(WebhookDelivery)
    waits_behind = exists().where(
        earlier.subscription_id == subscription_id,
        earlier.subject == WebhookDelivery.subject,
        earlier.event_number < WebhookDelivery.event_number,
        earlier.state == DeliveryState.WAITING,
        earlier.next_at > now,
    )
    rows = session.execute(
        select(WebhookDelivery, WebhookEvent)
        .join(WebhookEvent, WebhookEvent.number == WebhookDelivery.event_number)
        .where(
            WebhookDelivery.subscription_id == subscription_id,
            WebhookDelivery.state == DeliveryState.WAITING,
            WebhookDelivery.next_at <= now,
            ~waits_behind,
        )
        .order_by(WebhookDelivery.event_number)
        .limit(BATCH)
    )
    return [
        Letter(event.number, event.subject, f"evt_{event.id.hex}", body_of(event), delivery.tries)
        for delivery, event in rows
    ]


def body_of(event: WebhookEvent) -> bytes:
    """Return the body that is sent, the same at every try."""
    at = event.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    body = {"type": event.kind, "timestamp": at, "data": event.data}
    return json.dumps(body, separators=(",", ":"), sort_keys=True).encode()


def _by_subject(letters: Sequence[Letter]) -> list[list[Letter]]:
    subjects: dict[str, list[Letter]] = {}
    for letter in letters:
        subjects.setdefault(letter.subject, []).append(letter)
    return list(subjects.values())
