"""A place that was moved is given up once what waited instead of it ends without another one: then that is kept."""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

# The appointment that a request was asked instead of ended at the very instant of that request. One that its office
# could not keep did not move: the request after it was moved no more often. An end that is kept already stays as it is.
_GIVEN_UP: Final = text(
    """
    INSERT INTO outcome (appointment_id, request_id, account_id, device_hash, phone_hash, kind, at)
    SELECT DISTINCT ON (waited.id)
        moved.id, waited.id, waited.account_id, waited.device_hash, waited.phone_hash, 'cancelled', :at
    FROM unnest(CAST(:requests AS uuid[])) AS ended (id)
    JOIN request AS waited ON waited.id = ended.id AND waited.reschedules > 0
    JOIN request_member AS same ON same.request_id = waited.id
    JOIN request_member AS earlier ON earlier.person_id = same.person_id
    JOIN request AS before ON before.id = earlier.request_id AND before.reschedules = waited.reschedules - 1
    JOIN appointment AS moved
        ON moved.request_id = before.id AND moved.ended_at = waited.created_at AND moved.state = 'cancelled'
    ON CONFLICT (appointment_id) DO NOTHING
    """
)


def keep_given_up(session: Session, requests: Collection[UUID], at: datetime) -> None:
    """Keep the ends of the appointments that locked requests were moved from, as these end without another one.

    Whose account a request is in by now gave the place up, for those who are in it still.

    Parameters
    ----------
    requests
        Of requests that were moved: those that their people withdrew, or let their days or their check run out.
    """
    if requests:
        session.execute(_GIVEN_UP, {"requests": list(requests), "at": at})
