"""An officer who approves the same household, phone, device, ring or helper again and again, or the own relatives."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from booking.antifraud.watching.limits import ALERT_TAIL, DECIDED, Finding, at_least

FEWEST: Final = 3
"""Approvals of linked people from which they are looked at."""
FEWEST_RELATIVES: Final = 2

# Who asked with a consent is the helper, whose account ever it is; a helper's own account is not a household.
_GROUPS: Final = text(
    f"""
    WITH approved AS (
        SELECT decided.officer_id, decided.office_id, decided.urgent_request_id AS case_id, decided.account_id,
               r.phone_hash, r.device_hash, a.registered_helper, asking_helper(r) AS helper
        FROM ({DECIDED}) decided
        JOIN request r ON r.id = decided.request_id JOIN account a ON a.id = decided.account_id
        WHERE decided.approved
    ), linked AS (
        SELECT *, 1 AS rank, 'helper' AS link, replace(helper::text, '-', '') AS which
        FROM approved WHERE helper IS NOT NULL
        UNION ALL
        SELECT *, 2, 'household', replace(account_id::text, '-', '') FROM approved WHERE NOT registered_helper
        UNION ALL
        SELECT *, 3, 'phone', encode(phone_hash, 'hex') FROM approved WHERE phone_hash <> ''
        UNION ALL
        SELECT *, 4, 'device', encode(device_hash, 'hex') FROM approved WHERE device_hash <> ''
        UNION ALL
        SELECT approved.*, 5, 'ring', c.reference FROM approved JOIN review_case c ON c.kind = 'ring'
            AND (c.state = 'open' OR c.decision = 'reselling') AND c.subjects @> ARRAY[approved.account_id]
    ), counted AS (
        SELECT office_id, officer_id, rank, link, which, count(DISTINCT case_id) AS approvals,
               array_agg(DISTINCT account_id) AS accounts, array_agg(DISTINCT case_id) AS cases
        FROM linked GROUP BY 1, 2, 3, 4, 5
    ), shares AS (
        SELECT office_id, officer_id, count(*) / sum(count(*)) OVER (PARTITION BY office_id) AS share
        FROM approved GROUP BY 1, 2
    ), everyones AS (
        SELECT office_id, link, which, count(DISTINCT case_id) AS approvals FROM linked GROUP BY 1, 2, 3
    )
    SELECT counted.*, everyones.approvals AS everyones, shares.share::float AS share
    FROM counted JOIN everyones USING (office_id, link, which) JOIN shares USING (office_id, officer_id)
    WHERE counted.approvals >= :fewest
    ORDER BY rank, which, officer_id
    """  # noqa: S608 - made of constants
)
# Nobody decides an own case; who became a relative later, or was not known as one, is found here.
_RELATIVES: Final = text(
    f"""
    SELECT decided.officer_id, decided.office_id, array_agg(DISTINCT decided.account_id) AS accounts,
           array_agg(DISTINCT decided.urgent_request_id) AS cases
    FROM ({DECIDED}) decided
    WHERE decided.approved AND is_own_request(decided.officer_id, decided.request_id)
    GROUP BY 1, 2 HAVING count(DISTINCT decided.urgent_request_id) >= :fewest
    """  # noqa: S608 - made of constants
)


def linked(session: Session, since: datetime, until: datetime) -> dict[str, Finding]:
    """Find officers whose approvals concentrate on linked people beyond what chance explains.

    Were the cases of a group handed out like all others at the office, an officer's part of its approvals would be as
    the officer's part of all approvals there: a binomial count, of which so many or more have a probability of at most
    one in a thousand. Of several links behind the same cases the closest is named. Relatives need no chance.
    """
    period = {"since": since, "until": until}
    found: dict[str, Finding] = {}
    seen: set[tuple[object, ...]] = set()
    for row in session.execute(_GROUPS, period | {"fewest": FEWEST}):
        probability = at_least(row.approvals, row.everyones, row.share)
        same = (row.officer_id, *sorted(row.cases))
        if probability <= ALERT_TAIL and same not in seen:
            seen.add(same)
            figures = {"of": row.everyones, "share": row.share, "probability": probability}
            found[f"{row.officer_id.hex}:{row.link}:{row.which[:32]}"] = _finding(row, since, row.link, figures)
    for row in session.execute(_RELATIVES, period | {"fewest": FEWEST_RELATIVES}):
        found[f"{row.officer_id.hex}:relative"] = _finding(row, since, "relative", {})
    return found


def _finding(row: Row[Any], since: datetime, link: str, figures: dict[str, float]) -> Finding:
    return Finding(
        subjects=tuple(sorted(row.accounts)),
        concerns=(row.officer_id,),
        office_id=row.office_id,
        evidence={"link": link, "since": since.isoformat(), "approved": len(row.cases), **figures},
    )
