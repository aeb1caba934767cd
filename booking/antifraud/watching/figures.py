"""What officers decided about urgent cases, counted by officer, office, reason or helper. No names of applicants."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from booking.antifraud.watching.limits import Standing, standing


class By(StrEnum):
    """What the decisions are counted by."""

    OFFICER = "officer"
    OFFICE = "office"
    REASON = "reason"
    HELPER = "helper"


@dataclass(frozen=True, slots=True)
class Line:
    """The decisions of one officer, office, reason or helper.

    ``key`` is an account's id in hexadecimal, an office's or a reason's code; ``name`` a user name, or the key again.
    ``median`` and ``ninetieth`` are seconds from the sending of a case to its decision.
    """

    key: str
    name: str
    decided: int
    approved: int
    median: float
    ninetieth: float

    @property
    def share(self) -> float:
        """The share of approved cases."""
        return self.approved / self.decided

    def standing(self, target: float) -> Standing:
        """Return where the share lies between the limits around ``target``."""
        return standing(self.approved, self.decided, target)


@dataclass(frozen=True, slots=True)
class Totals:
    """All decisions of a period, in the whole country."""

    decided: int
    approved: int

    @property
    def share(self) -> float:
        """The share of approved cases: what everyone is compared with. 0 where nothing was decided."""
        return self.approved / self.decided if self.decided else 0.0


# The first decision of a case counts, as it was made: an approval with which a second person disagreed or that was
# revoked later is one; what its maker took back within the minute is not.
DECIDED: Final = """
    SELECT d.id, d.officer_id, d.urgent_request_id, d.act = 'approval' AS approved, d.at, u.office_id, u.reason_code,
           u.account_id, u.request_id, greatest(0, extract(epoch FROM d.at - u.submitted_at))::float AS seconds
    FROM urgent_decision d JOIN urgent_request u ON u.id = d.urgent_request_id
    WHERE d.at >= :since AND d.at < :until AND (d.act = 'denial' OR (d.act = 'approval' AND d.position = 1))
      AND NOT EXISTS (
          SELECT FROM urgent_decision undoing
          WHERE undoing.urgent_request_id = d.urgent_request_id AND undoing.act = 'undoing'
            AND undoing.officer_id = d.officer_id AND undoing.at = d.undone_at
      )
"""
_KEYS: Final = {
    By.OFFICER: "replace(officer.id::text, '-', ''), officer.username",
    By.OFFICE: "office.code, office.code",
    By.REASON: "decided.reason_code, decided.reason_code",
    By.HELPER: "replace(applicant.id::text, '-', ''), applicant.username",
}
_JOINS: Final = {
    By.OFFICER: "JOIN account officer ON officer.id = decided.officer_id",
    By.OFFICE: "JOIN office ON office.id = decided.office_id",
    By.REASON: "",
    By.HELPER: """
        JOIN request asked ON asked.id = decided.request_id LEFT JOIN helper ON helper.id = asked.helper_id
        JOIN account applicant ON applicant.id = coalesce(helper.account_id, decided.account_id)
            AND (applicant.registered_helper OR helper.id IS NOT NULL)
    """,
}


def lines(
    session: Session,
    by: By,
    *,
    since: datetime,
    until: datetime,
    office_id: int | None = None,
    elsewhere: bool = False,
) -> list[Line]:
    """Count the decisions of a period, the most decisions first.

    Parameters
    ----------
    office_id
        Only decisions about cases of this office; with ``elsewhere`` only those of all others.
    """
    where = "" if office_id is None else f"WHERE decided.office_id {'<>' if elsewhere else '='} :office"
    statement = f"""
        SELECT {_KEYS[by]}, count(*), count(*) FILTER (WHERE decided.approved),
               percentile_cont(0.5) WITHIN GROUP (ORDER BY decided.seconds),
               percentile_cont(0.9) WITHIN GROUP (ORDER BY decided.seconds)
        FROM ({DECIDED}) decided {_JOINS[by]} {where}
        GROUP BY 1, 2 ORDER BY 3 DESC, 2
    """  # noqa: S608 - made of the constants above
    values = {"since": since, "until": until} | ({} if office_id is None else {"office": office_id})
    return [Line(*row) for row in session.execute(text(statement), values)]


def totals(session: Session, *, since: datetime, until: datetime) -> Totals:
    """Count all decisions of a period."""
    row = session.execute(
        text(f"SELECT count(*), count(*) FILTER (WHERE approved) FROM ({DECIDED}) decided"),  # noqa: S608 - a constant
        {"since": since, "until": until},
    ).one()
    return Totals(row[0], row[1])


def spread(peers: Sequence[Line]) -> tuple[float, float, float] | None:
    """Return the lowest, middle and highest share of some peers; None where so few would name each other."""
    if len(peers) < FEWEST_PEERS:
        return None
    shares = sorted(one.share for one in peers)
    middle = len(shares) // 2
    return shares[0], (shares[middle] + shares[~middle]) / 2, shares[-1]


FEWEST_PEERS: Final = 5
"""Of fewer, each could be recognised."""
