"""Send once more: what was given up, what waits for its next try, or all of a past period; and a test event."""

from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select, update

from booking.country.core.core import Core
from booking.country.core.jobqueue import enqueue
from booking.people.webhooks.catalogue import TEST
from booking.people.webhooks.hand_out import SLICE, again_in
from booking.people.webhooks.signing import ReplayUnderWayError, managed_while, record
from booking.platform.base import fields
from booking.platform.base.errors import FieldError, InvalidInputError, NotFoundError
from booking.platform.models import WebhookDelivery, WebhookEvent, WebhookReplay, WebhookSubscription
from booking.platform.models.webhook import LISTENING, DeliveryState, SubscriptionState

JOB: Final = "replay_events"


def send_test(core: Core, *, by: UUID, subscription_id: UUID) -> None:
    """Send a receiver an event without content, to see whether it answers.

    Raises
    ------
    ForbiddenError
        ``by`` may not manage webhooks.
    NotFoundError
        There is no such subscription for this account.
    NoReceiverError
        Nothing is sent to it: it waits for agreement, is paused, was refused, or ended.
    """
    with core.sessions.begin() as session:
        account, subscription = managed_while(session, by, subscription_id, SubscriptionState.ACTIVE)
        event = WebhookEvent(kind=TEST, subject=f"test/{uuid4().hex}", data={}, handed_out=True)
        session.add(event)
        session.flush()
        session.add(
            WebhookDelivery(
                subscription_id=subscription_id,
                event_number=event.number,
                subject=event.subject,
                next_at=core.clock.now(),
            )
        )
        subscription.rests_until = None
        record(session, core, account, "tested", subscription)


def try_again(core: Core, *, by: UUID, subscription_id: UUID, event_id: UUID | None = None) -> int:
    """Try at once what waits or was given up; return how many events that are.

    Parameters
    ----------
    event_id
        Of one event; None: of all that wait or were given up.

    Raises
    ------
    ForbiddenError
        ``by`` may not manage webhooks.
    NotFoundError
        There is no such subscription for this account, or no such event that it did not take.
    NoReceiverError
        It waits for agreement, was refused, or ended.
    """
    with core.sessions.begin() as session:
        account, subscription = managed_while(session, by, subscription_id, *LISTENING)
        which: list[ColumnElement[bool]] = [
            WebhookDelivery.subscription_id == subscription_id,
            WebhookDelivery.state != DeliveryState.TAKEN,
        ]
        if event_id is not None:
            number = select(WebhookEvent.number).where(WebhookEvent.id == event_id)
            which.append(WebhookDelivery.event_number == number.scalar_subquery())
        again = update(WebhookDelivery).where(*which).execution_options(synchronize_session=False)
        tried: int = session.execute(
            again.values(state=DeliveryState.WAITING, tries=0, next_at=core.clock.now())
        ).rowcount  # type: ignore[attr-defined]
        if event_id is not None and not tried:
            raise NotFoundError
        subscription.rests_until = None
        record(session, core, account, "tried_again", subscription, events=tried)
    return tried


def ask_for_replay(core: Core, *, by: UUID, subscription_id: UUID, since_day: str, until_day: str) -> UUID:
    """Have all events of some days sent to a receiver again, those that it never got too; return the replay's id.

    It gets what it wants and may hear, in the order in which it happened, each under the id that it had.

    Parameters
    ----------
    since_day, until_day
        The first and the last day, in the country's time.

    Raises
    ------
    InvalidInputError
        A day cannot be read, the last one is before the first, or of it nothing is kept any more ("too_early").
    ForbiddenError
        ``by`` may not manage webhooks.
    NotFoundError
        There is no such subscription for this account.
    NoReceiverError
        It waits for agreement, was refused, or ended.
    ReplayUnderWayError
        Past days are being sent already.
    """
    now = core.clock.now()
    since, until = _period(core, since_day, until_day)
    with core.sessions.begin() as session:
        account, subscription = managed_while(session, by, subscription_id, *LISTENING)
        running = select(WebhookReplay.id).where(
            WebhookReplay.subscription_id == subscription_id, WebhookReplay.ended_at.is_(None)
        )
        if session.scalar(running) is not None:  # its row is locked, so nobody begins another meanwhile
            raise ReplayUnderWayError
        replay = WebhookReplay(
            id=uuid4(), subscription_id=subscription_id, since=since, until=until, asked_by=by, asked_at=now
        )
        session.add(replay)
        enqueue(session, JOB, replay_id=str(replay.id))
        period = {"since": since.isoformat(), "until": until.isoformat()}
        record(session, core, account, "replayed", subscription, **period)
        return replay.id


def replay(core: Core, replay_id: UUID) -> None:
    """Let the events of a replay wait again, slice by slice; a killed process goes on where it was.

    Nothing more is put in for a subscription that ended meanwhile.
    """
    while _replay_slice(core, replay_id):
        pass


def _replay_slice(core: Core, replay_id: UUID) -> bool:
    """Put in one slice; return whether there is more."""
    with core.sessions.begin() as session:
        one = session.get(WebhookReplay, replay_id, with_for_update=True)
        if one is None or one.ended_at is not None:
            return False
        now = core.clock.now()
        subscription = session.get_one(WebhookSubscription, one.subscription_id, with_for_update={"read": True})
        if subscription.state not in LISTENING:
            one.ended_at = now
            return False
        count, last = again_in(
            session, one.subscription_id, since=one.since, until=one.until, position=one.position, now=now
        )
        one.events, one.position = one.events + count, last or one.position
        if count < SLICE:
            one.ended_at = now
        return count == SLICE


def _period(core: Core, since_day: str, until_day: str) -> tuple[datetime, datetime]:
    errors: list[FieldError] = []
    zone, days = ZoneInfo(core.pack.country.time_zone), list[date]()
    for name, text in (("since_day", since_day), ("until_day", until_day)):
        with fields.noted(errors):
            days.append(fields.day(name, text))
    fields.raise_all(errors)
    first, last = days
    if last < first:
        raise InvalidInputError([FieldError("until_day", "before_since")])
    last = min(last, core.today())  # what is to come is sent when it comes
    until = datetime.combine(last + timedelta(days=1), time(), zone)
    if until < core.clock.now() - core.settings.webhooks_kept or last < first:
        raise InvalidInputError([FieldError("until_day", "too_early" if first <= last else "before_since")])
    return datetime.combine(first, time(), zone), until
