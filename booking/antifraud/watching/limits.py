"""Control limits of a funnel plot: how far a share may lie from the target by chance alone, exactly.

Spiegelhalter (2005), Funnel plots for comparing institutional performance, Statistics in Medicine 24:1185-1202.

How many questions chance alone opens: honest officers, looked at every night, simulated.

Each night looks again at almost the same ninety days, so one in a thousand does not answer this: an officer who is
looked at often is beyond some limit more often. Officers decide about random cases, each of which has the same
probability of being approved. A question is answered after some days, and from then on only later decisions count, as
`booking.antifraud.watching.alerts` does it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeAlias
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

from booking.platform.models import Account
from booking.platform.models.base import Json


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to ask about.

    Parameters
    ----------
    subjects
        Accounts of applicants or of a helper that it is about.
    concerns
        Officers whose own decisions it is about: they neither see nor answer it.
    office_id
        The office whose supervisors may answer; None for those alone who watch every office.
    evidence
        Figures and codes, without anybody's data; user names of officers are not in it either.
    """

    subjects: tuple[UUID, ...]
    concerns: tuple[UUID, ...]
    office_id: int | None
    evidence: Json


Finder: TypeAlias = Callable[[Session, datetime, datetime], Mapping[str, Finding]]
"""Gives what is found in the decisions from an instant until another one, by a text that stays the same each night."""


WARNING_TAIL: Final = 0.025
"""Beyond the 95 % limits: one of forty lies above them by chance."""
ALERT_TAIL: Final = 0.001
"""Beyond the 99.8 % limits: one of a thousand lies above them by chance."""


class Standing(StrEnum):
    """Where a share lies between its limits."""

    FAR_ABOVE = "far_above"
    ABOVE = "above"
    WITHIN = "within"
    BELOW = "below"
    FAR_BELOW = "far_below"


def at_least(count: int, of: int, share: float) -> float:
    """Return the probability of ``count`` or more of ``of`` when each has the probability ``share``."""
    return float(_probabilities(of, share)[count:].sum())


def at_most(count: int, of: int, share: float) -> float:
    """Return the probability of ``count`` or fewer of ``of`` when each has the probability ``share``."""
    return float(_probabilities(of, share)[: count + 1].sum())


def standing(count: int, of: int, share: float) -> Standing:
    """Return where ``count`` of ``of`` lies; nothing of nothing is within."""
    if of == 0:
        return Standing.WITHIN
    above, below = at_least(count, of, share), at_most(count, of, share)
    if above <= ALERT_TAIL:
        return Standing.FAR_ABOVE
    if below <= ALERT_TAIL:
        return Standing.FAR_BELOW
    return Standing.ABOVE if above <= WARNING_TAIL else Standing.BELOW if below <= WARNING_TAIL else Standing.WITHIN


def lower_limit(of: int, share: float, tail: float) -> float:
    """Return the share below which a count of ``of`` lies exactly when its probability (or less) is at most ``tail``.

    Interpolated between whole counts as in the paper's appendix, so that the curve has no steps; never below 0.
    """
    cumulated = np.cumsum(_probabilities(of, share))
    first = int(np.argmax(cumulated > tail))
    before = float(cumulated[first - 1]) if first else 0.0
    part = (float(cumulated[first]) - tail) / (float(cumulated[first]) - before)
    return max(0.0, (first - part) / of)


def upper_limit(of: int, share: float, tail: float) -> float:
    """Return the share above which a count lies exactly when the probability of it or more is at most ``tail``.

    The mirror image of the lower limit. The paper interpolates one count lower above, where more than ``tail`` lie out.
    """
    return 1.0 - lower_limit(of, 1.0 - share, tail)


def _probabilities(of: int, share: float) -> NDArray[np.float64]:
    """Return the binomial probabilities of 0 ... ``of``, by logarithms, so that thousands do not underflow."""
    counts = np.arange(of + 1)
    if share in {0.0, 1.0}:
        return np.where(counts == of * share, 1.0, 0.0)
    logs = np.zeros(of + 1)
    logs[1:] = np.cumsum(np.log((of - counts[1:] + 1) / counts[1:]))
    probabilities: NDArray[np.float64] = np.exp(logs + counts * np.log(share) + (of - counts) * np.log1p(-share))
    return probabilities


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


WINDOW_DAYS: Final = 90
FEWEST: Final = 10
"""Decisions from which a share is looked at."""
_YEAR: Final = timedelta(days=365)
_FEWEST_BEFORE: Final = 50
"""Decisions about a reason in the year before from which it can be compared with itself."""


def beyond(session: Session, since: datetime, until: datetime) -> dict[str, Finding]:
    """Find who approves beyond the 99.8 % limit around the share of the whole country.

    Reasons differ by their nature, so each is compared with its own share of the year before. An office, a reason or a
    helper is for those who watch every office: a supervisor does not judge the own office.
    """
    found: dict[str, Finding] = {}
    everything = totals(session, since=since, until=until)
    for by in (By.OFFICER, By.OFFICE, By.HELPER):
        for line in lines(session, by, since=since, until=until):
            _look(session, found, by, line, everything, since)
    before = {one.key: one for one in lines(session, By.REASON, since=since - _YEAR, until=since)}
    for line in lines(session, By.REASON, since=since, until=until):
        earlier = before.get(line.key)
        if earlier is not None and earlier.decided >= _FEWEST_BEFORE:
            _look(session, found, By.REASON, line, Totals(earlier.decided, earlier.approved), since)
    return found


def _look(session: Session, found: dict[str, Finding], by: By, line: Line, compared: Totals, since: datetime) -> None:
    probability = at_least(line.approved, line.decided, compared.share)
    if line.decided < FEWEST or probability > ALERT_TAIL:
        return
    officer = session.get_one(Account, UUID(line.key)) if by is By.OFFICER else None
    found[f"{by.value}:{line.key}"] = Finding(
        subjects=(UUID(line.key),) if by is By.HELPER else (),
        concerns=(officer.id,) if officer else (),
        office_id=officer.office_id if officer else None,
        evidence={
            "by": by.value,
            "of": line.key if by in {By.OFFICE, By.REASON} else "",
            "since": since.isoformat(),
            "decided": line.decided,
            "approved": line.approved,
            "compared_decided": compared.decided,
            "compared_approved": compared.approved,
            "probability": probability,
        },
    )


_ANSWERED_AFTER: Final = 3  # days


def false_questions(*, officers: int, days: int, per_day: float, share: float, seed: int) -> float:
    """Return the questions a month (30 days) that some honest officers meet by chance.

    Parameters
    ----------
    officers, days
        How many are simulated, and for how many days after the first full window.
    per_day
        Cases that each decides a day, on average (Poisson).
    share
        The probability that a case is approved.
    """
    rng = np.random.default_rng(seed)
    length = WINDOW_DAYS + days
    decided = rng.poisson(per_day, (officers, length))
    approved = rng.binomial(decided, share)
    decided, approved = (np.pad(each.cumsum(axis=1), ((0, 0), (1, 0))) for each in (decided, approved))
    enough = _smallest_beyond(int((decided[:, -1]).max()), share)
    begins, open_until, opened = np.zeros(officers, dtype=np.int64), np.full(officers, -1), 0
    everyone = np.arange(officers)
    for night in range(WINDOW_DAYS, length):
        begins = np.maximum(begins, night - WINDOW_DAYS)
        n = decided[:, night] - decided[everyone, np.minimum(begins, night)]
        x = approved[:, night] - approved[everyone, np.minimum(begins, night)]
        asked = (open_until < night) & (n >= FEWEST)
        asked &= x >= enough[n]
        opened += int(asked.sum())
        open_until[asked] = night + _ANSWERED_AFTER
        begins[asked] = night + _ANSWERED_AFTER
    return opened * 30 / days


def _smallest_beyond(most: int, share: float) -> NDArray[np.int64]:
    """Return for 0 ... ``most`` decided cases the smallest number of approvals that is beyond the 99.8 % limit."""
    enough = np.zeros(most + 1, dtype=np.int64)
    count = 0
    for of in range(most + 1):
        while at_least(count, of, share) > ALERT_TAIL:
            count += 1
        enough[of] = count
    return enough
