"""A place that was moved is given up once what waited instead of it ends without another one: then that is kept."""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

# The appointment that a request was asked instead of ended at the very instant of that request. One that its office
# could not keep did not move: the request after it was moved no more often. An end that is kept already stays as it is.
# ``places`` are those that the chain had from there on, of which the first counts only where it had no other. A free
# time that a place was changed for counts in its stead, so nothing before it does, also where the clock stood still.
_GIVEN_UP: Final = text(
    """
    WITH RECURSIVE chain AS (
        SELECT id AS last, id AS request_id, created_at, reschedules, CAST(NULL AS uuid) AS appointment_id,
            (SELECT count(*) FROM appointment WHERE request_id = request.id) AS places
        FROM request WHERE id = ANY(CAST(:requests AS uuid[]))
        UNION ALL
        SELECT after.last, before.request_id, before.created_at, before.reschedules, before.appointment_id,
            after.places + 1
        FROM chain AS after CROSS JOIN LATERAL (
            SELECT request.id AS request_id, request.created_at, request.reschedules, moved.id AS appointment_id
            FROM request_member AS same
            JOIN request_member AS earlier ON earlier.person_id = same.person_id
            JOIN request ON request.id = earlier.request_id AND request.reschedules = after.reschedules - 1
            JOIN appointment AS moved ON moved.request_id = request.id
                AND moved.ended_at = after.created_at AND moved.state = 'cancelled'
            WHERE same.request_id = after.request_id LIMIT 1) AS before
        WHERE after.reschedules > 0 AND NOT EXISTS (SELECT FROM appointment AS free
            WHERE free.request_id = after.request_id AND free.draw_id IS NULL AND free.urgent_request_id IS NULL)
    )
    INSERT INTO outcome (appointment_id, request_id, account_id, device_hash, phone_hash, kind, at)
    SELECT chain.appointment_id, last.id, last.account_id, last.device_hash, last.phone_hash, 'cancelled', :at
    FROM chain JOIN request AS last ON last.id = chain.last
    WHERE chain.appointment_id IS NOT NULL AND (chain.places = 1 OR EXISTS (
        SELECT FROM chain AS earlier WHERE earlier.last = chain.last AND earlier.places > chain.places))
    ON CONFLICT (appointment_id) DO NOTHING
    """
)


def keep_given_up(session: Session, requests: Collection[UUID], at: datetime) -> None:
    """Keep the ends of the appointments that locked requests were moved from, as these are given up.

    Of several places one after another all count but the first: to move once is everybody's. Whose account a request
    is in by now gave the places up, for those who are in it still.

    Parameters
    ----------
    requests
        Of requests that were moved: those that their people withdrew, or let their days or their check run out, or
        whose own place they cancelled or left unconfirmed.
    """
    if requests:
        session.execute(_GIVEN_UP, {"requests": list(requests), "at": at})
