"""Hand out what happened: a delivery for each subscription that wants an event and may hear it."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from booking.country.core.core import Core

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
