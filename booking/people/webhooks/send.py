"""Send what happened to those who want to know: at least once each, and each subject's events in their order."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import exists, or_, select, text
from sqlalchemy.orm import Session, aliased

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.messages import tell
from booking.people.webhooks.call import Caller, Result
from booking.people.webhooks.hand_out import hand_out
from booking.people.webhooks.signing import secrets_in
from booking.platform.base.webhooks import signed_headers
from booking.platform.models import WebhookDelivery, WebhookEvent, WebhookSecret, WebhookSubscription
from booking.platform.models.webhook import Answer, DeliveryState, PauseReason, SubscriptionState

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


_log = structlog.get_logger("mawid.webhooks")

RECEIVERS: Final = 8
"""Receivers that are sent to at once; one that hangs keeps back no other, until all of them hang."""
SENT_WITHIN: Final = timedelta(seconds=15)
"""How long a batch is sent: then a slow receiver's turn is over, and what is left waits for its next one."""
TURN: Final = 45.0
"""Seconds of one receiver's turn in a run of the job, which is done by the time that the next one is due."""
LOOKS_EVERY: Final = 1.0
"""Seconds after which a receiver that was paused or removed is known to be so by whoever sends to it."""
FAILS_AFTER: Final = 5
"""Refusals in a row, of different subjects, after which the fault is taken to be the receiver's."""
FAILING_FOR: Final = timedelta(days=3)
"""After so long without taking anything, a receiver is paused, and its owner is told."""
_SYSTEM: Final = "mawid"


def send_waiting(core: Core) -> int:
    """Hand out what happened, and send what waits and is due; return how many events were taken."""
    hand_out(core)
    until = time.monotonic() + TURN
    with ThreadPoolExecutor(RECEIVERS) as turns:
        return sum(turns.map(lambda one: _take_turn(core, one, until), list_due(core)))


def _take_turn(core: Core, subscription_id: UUID, until: float) -> int:
    """Send to one receiver until nothing is due, it fails, or its turn is over."""
    taken = 0
    while time.monotonic() < until and (batch := claim(core, subscription_id)) is not None:
        sender = _Sender(core, batch)
        tried = sender.send_all()
        _keep(core, batch, tried, failed=sender.failed)
        taken += sum(one.result.answer is Answer.TAKEN for one in tried)
        if sender.stopped or sender.failed is not None:
            break
    return taken


class _Sender:
    """Sends one batch by some threads, each with a connection of its own."""

    def __init__(self, core: Core, batch: Batch) -> None:
        self._core, self._batch, self._lock = core, batch, Lock()
        self._began = self._looked = time.monotonic()
        self._refusals = 0
        self.stopped = False
        """Nothing more may be sent: the receiver was paused or removed, or the batch takes too long."""
        self.failed: Answer | None = None
        """Why nothing more is worth sending to the receiver now."""

    def send_all(self) -> list[Tried]:
        """Send what there is; return what came of each letter that was tried."""
        subjects = iter(self._batch.subjects)
        calls = min(self._core.settings.webhook_calls, len(self._batch.subjects))
        with ThreadPoolExecutor(calls) as threads:
            return [tried for lane in threads.map(lambda _: self._lane(subjects), range(calls)) for tried in lane]

    def _lane(self, subjects: Iterator[Sequence[Letter]]) -> list[Tried]:
        tried: list[Tried] = []
        caller = Caller(self._batch.url, self._core.settings)
        try:
            while True:
                with self._lock:
                    letters = next(subjects, ())
                if not letters:
                    return tried
                for letter in letters:
                    if self._is_over():
                        return tried
                    result = self._send(caller, letter)
                    tried.append(Tried(letter, result))
                    if result.answer is not Answer.TAKEN:
                        break  # the next one of the subject waits for this one
        finally:
            caller.close()

    def _send(self, caller: Caller, letter: Letter) -> Result:
        headers = signed_headers(
            *self._batch.secrets, message_id=letter.message_id, body=letter.body, at=self._core.clock.now()
        )
        result = caller.post(letter.body, headers | {"Content-Type": "application/json", "User-Agent": "mawid"})
        with self._lock:
            if result.answer is Answer.TAKEN:
                self._refusals = 0
            elif result.answer is Answer.REFUSED:
                self._refusals += 1
                if self._refusals >= FAILS_AFTER:
                    self.failed = self.failed or Answer.REFUSED
            else:
                self.failed = self.failed or result.answer
        return result

    def _is_over(self) -> bool:
        now = time.monotonic()
        with self._lock:
            look = now - self._looked > LOOKS_EVERY
            if look:
                self._looked = now
        late = now - self._began > SENT_WITHIN.total_seconds()
        if late or (look and not is_active(self._core, self._batch.subscription_id)):
            self.stopped = True
        return self.stopped or self.failed is not None


def _keep(core: Core, batch: Batch, tried: Sequence[Tried], *, failed: Answer | None) -> None:
    """Keep what came of a batch, let a receiver that fails rest, and pause one that has failed for days."""
    now = core.clock.now()
    with core.sessions.begin() as session:
        subscription = session.get_one(WebhookSubscription, batch.subscription_id, with_for_update=True)
        write_back(session, batch.subscription_id, tried, now)
        if subscription.held_until == batch.held_until:
            subscription.held_until = now
        if any(one.result.answer is Answer.TAKEN for one in tried):
            subscription.took()
        elif tried:
            subscription.failing_since = subscription.failing_since or now
        if failed is not None:
            subscription.rests_until = now + PAUSES[min(subscription.failures, len(PAUSES) - 1)]
            subscription.failures += 1
            _log.warning("a receiver of events fails", subscription=str(subscription.id), answer=failed.value)
        because = _pause_reason(subscription, failed, now)
        if because is not None and subscription.state is SubscriptionState.ACTIVE:
            _pause(session, core, subscription, because, now)


def _pause_reason(subscription: WebhookSubscription, failed: Answer | None, now: datetime) -> PauseReason | None:
    if failed is Answer.GONE:
        return PauseReason.GONE
    since = subscription.failing_since
    return PauseReason.FAILING if since is not None and now - since >= FAILING_FOR else None


def _pause(
    session: Session, core: Core, subscription: WebhookSubscription, because: PauseReason, now: datetime
) -> None:
    """Send it nothing until somebody resumes it; its owner is told."""
    subscription.pause(because, at=now)
    audit.append(
        session,
        at=now,
        actor=_SYSTEM,
        action="webhook.paused",
        subject=str(subscription.id),
        details={"receiver": subscription.name, "because": because.value},
    )
    tell(session, core, subscription.proposed_by, "webhook_paused")
