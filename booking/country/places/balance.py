"""Whether pools of slots count what appointments and tickets hold: nothing is given twice, and nothing is lost."""

from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

_OVERSOLD: Final = text("SELECT count(*) FROM slot_pool WHERE taken > places OR taken < 0")
_UNBALANCED: Final = text(
    """
    WITH held AS (
        SELECT slot_id, pool, sum(places) AS places FROM (
            SELECT p.slot_id, p.pool, p.places FROM appointment_places p JOIN appointment a ON a.id = p.appointment_id
            WHERE a.state NOT IN ('lapsed', 'cancelled')
            UNION ALL SELECT slot_id, 'walk_in', places FROM walk_in WHERE state <> 'gone'
        ) one GROUP BY slot_id, pool
    )
    SELECT count(*) FROM slot_pool s FULL JOIN held USING (slot_id, pool)
    WHERE coalesce(s.taken, 0) <> coalesce(held.places, 0)
    """
)


def count_oversold(session: Session) -> int:
    """Count pools of which more places are taken than there are; 0 is right."""
    return int(session.scalar(_OVERSOLD) or 0)


def count_unbalanced(session: Session) -> int:
    """Count pools that count other places as taken than appointments and tickets hold; 0 is right."""
    return int(session.scalar(_UNBALANCED) or 0)
