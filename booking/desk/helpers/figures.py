"""How helpers' requests end, each helper against all others: shares beyond chance are a question, not a finding."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from booking.antifraud.gate.signed_paper import PAPER_NOT_ACCEPTED
from booking.antifraud.watching.limits import Standing, standing
from booking.country.core.core import Core
from booking.platform.models.requests.appointment import kind_as_of

WINDOW: Final = timedelta(days=90)

_FIGURES: Final = text(
    f"""
    SELECT r.helper_id AS helper, count(c.id) AS requests,
           count(c.id) FILTER (WHERE c.paper_reference IS NULL) AS by_code,
           count(c.id) FILTER (WHERE first.decision = 'review' AND c.paper_reference IS NULL) AS reviewed,
           count(c.id) FILTER (WHERE first.decision = 'refuse') AS refused,
           count(*) FILTER (WHERE ended.kind IN ('served', 'no_show')) AS awaited,
           count(*) FILTER (WHERE ended.kind = 'no_show') AS missed,
           count(*) FILTER (WHERE c.state = 'withdrawn') AS withdrawn,
           count(*) FILTER (WHERE c.paper_reference IS NOT NULL AND by_officer.decided) AS papers,
           count(*) FILTER (WHERE c.paper_reference IS NOT NULL AND by_officer.bad_paper) AS papers_not_accepted
    FROM request r
    LEFT JOIN LATERAL (
        SELECT decision FROM verdict v WHERE v.request_id = r.id ORDER BY v.decided_at, v.id LIMIT 1
    ) first ON true
    LEFT JOIN LATERAL (
        SELECT {kind_as_of("o", ":now")} AS kind FROM outcome o WHERE o.request_id = r.id ORDER BY o.at DESC LIMIT 1
    ) ended ON true
    LEFT JOIN consent c ON c.request_id = r.id
    LEFT JOIN LATERAL (
        SELECT true AS decided, bool_or(v.reasons @> '[{{"code": "{PAPER_NOT_ACCEPTED.code}"}}]') AS bad_paper
        FROM verdict v WHERE v.request_id = r.id AND v.officer_id IS NOT NULL HAVING count(*) > 0
    ) by_officer ON true
    WHERE r.helper_id IS NOT NULL AND r.created_at >= :since
    GROUP BY r.helper_id
    """  # noqa: S608 - made of our own words
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A count of one helper among so many, beside the share of all other helpers; None where there is none."""

    count: int
    of: int
    others: float | None

    @property
    def standing(self) -> Standing | None:
        """Return where the share lies between the limits of chance; None where nothing can be compared."""
        return standing(self.count, self.of, self.others) if self.of and self.others is not None else None


@dataclass(frozen=True, slots=True)
class HelperFigures:
    """What became of a helper's requests in the last ninety days.

    Of one that went on as another, with another time or in another draw, what was asked first counts, and how the last
    one ended. On a signed paper every request is looked at: ``reviewed`` is of the others, ``papers`` of papers that
    were decided.
    """

    requests: int
    missed: Figure
    reviewed: Figure
    refused: Figure
    withdrawn: Figure
    papers: Figure


def helper_figures(session: Session, core: Core, helper_id: UUID) -> HelperFigures:
    """Count one helper's requests against those of all others."""
    now = core.clock.now()
    rows = session.execute(_FIGURES, {"now": now, "since": now - WINDOW}).mappings().all()

    def figure(what: str, of: str) -> Figure:
        mine = [row for row in rows if row["helper"] == helper_id]
        theirs = [row for row in rows if row["helper"] != helper_id]
        others = sum(row[of] for row in theirs)
        share = sum(row[what] for row in theirs) / others if others else None
        return Figure(sum(row[what] for row in mine), sum(row[of] for row in mine), share)

    requests = sum(row["requests"] for row in rows if row["helper"] == helper_id)
    return HelperFigures(
        requests=requests,
        missed=figure("missed", "awaited"),
        reviewed=figure("reviewed", "by_code"),
        refused=figure("refused", "requests"),
        withdrawn=figure("withdrawn", "requests"),
        papers=figure("papers_not_accepted", "papers"),
    )
