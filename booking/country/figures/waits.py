"""How long people wait: for a place, for an urgent decision, for a review, for the answer to an appeal."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, select, text

from booking.country.core.core import Core
from booking.platform.models import WaitingTime

WINDOW: Final = timedelta(days=90)
FEWEST: Final = 5
"""Waits from which figures are public: fewer could give somebody away."""

# Each gives the seconds of waits that ended since an instant, and of those that have not ended yet.
_WAITS: Final[Mapping[str, tuple[str, str]]] = {
    "draw": (
        """
        SELECT a.created_at - r.created_at AS wait FROM appointment a JOIN request r ON r.id = a.request_id
        WHERE a.draw_id IS NOT NULL AND a.created_at >= :since
        """,
        "SELECT :now - created_at AS wait FROM request WHERE queue = 'draw' AND state IN ('accepted', 'carried_over')",
    ),
    "urgent": (
        """
        SELECT d.at - u.submitted_at AS wait FROM urgent_decision d JOIN urgent_request u ON u.id = d.urgent_request_id
        WHERE d.at >= :since AND d.undone_at IS NULL AND (d.act = 'denial' OR (d.act = 'approval' AND d.position = 1))
        """,
        """
        SELECT :now - submitted_at AS wait FROM urgent_request
        WHERE state IN ('submitted', 'assigned', 'needs_second')
        """,
    ),
    "review": (
        """
        SELECT v.decided_at - before.decided_at AS wait FROM verdict v CROSS JOIN LATERAL (
            SELECT decided_at FROM verdict WHERE request_id = v.request_id AND decided_at < v.decided_at
            ORDER BY decided_at DESC LIMIT 1
        ) before
        WHERE v.officer_id IS NOT NULL AND v.decided_at >= :since
          AND NOT EXISTS (SELECT FROM appeal WHERE request_id = v.request_id AND decided_at = v.decided_at)
        """,
        """
        SELECT :now - max(v.decided_at) AS wait FROM request r JOIN verdict v ON v.request_id = r.id
        WHERE r.queue = 'officer' AND r.state = 'under_review'
          AND NOT EXISTS (SELECT FROM appeal WHERE request_id = r.id AND state = 'open')
        GROUP BY r.id
        """,
    ),
    "appeal": (
        "SELECT decided_at - created_at AS wait FROM appeal WHERE decided_at >= :since",
        """
        SELECT :now - a.created_at AS wait FROM appeal a JOIN request r ON r.id = a.request_id
        WHERE a.state = 'open' AND r.state = 'under_review'
        """,
    ),
}
WHAT: Final = tuple(_WAITS)


def measure_waits(core: Core) -> int:
    """Measure the waits of the last ninety days and keep them for the public page; return how many kinds there are.

    The longest one counts those who still wait: else people who are never answered would make no figure worse.
    """
    now = core.clock.now()
    since, rows = now - WINDOW, []
    with core.sessions.begin() as session:
        for what, (ended, waiting) in _WAITS.items():
            found = session.execute(
                text(
                    f"""
                    WITH ended AS ({ended}), waiting AS ({waiting})
                    SELECT count(*), coalesce(extract(epoch FROM percentile_cont(0.5) WITHIN GROUP (ORDER BY wait)), 0),
                           coalesce(extract(epoch FROM greatest(max(wait), (SELECT max(wait) FROM waiting))), 0)
                    FROM ended
                    """  # noqa: S608 - made of the constants above
                ),
                {"since": since, "now": now},
            ).one()
            rows.append(
                WaitingTime(
                    what=what,
                    counted=found[0],
                    median=max(0.0, float(found[1])),
                    worst=max(0.0, float(found[2])),
                    since=since,
                    measured_at=now,
                )
            )
        session.execute(delete(WaitingTime))
        session.add_all(rows)
    return sum(row.counted > 0 for row in rows)


def public_waits(core: Core) -> Sequence[WaitingTime]:
    """Return the figures that may be shown to everyone, as the last job left them; too few waits are left out."""
    wanted = select(WaitingTime).where(WaitingTime.counted >= FEWEST)
    found = {row.what: row for row in core.read_older(lambda session: session.scalars(wanted).all())}
    return [found[what] for what in WHAT if what in found]
