"""Send what happened to those who want to know: at least once each, and each subject's events in their order."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Lock
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.messages import tell
from booking.people.webhooks.call import Caller, Result
from booking.people.webhooks.claim import PAUSES, Batch, Letter, Tried, claim, is_active, list_due, write_back
from booking.people.webhooks.hand_out import hand_out
from booking.platform.base.webhooks import signed_headers
from booking.platform.models import WebhookSubscription
from booking.platform.models.webhook import Answer, PauseReason, SubscriptionState

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
