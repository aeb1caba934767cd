"""Officers, offices, reasons and helpers with far more approvals than chance explains."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from booking.antifraud.watching.figures import By, Line, Totals, lines, totals
from booking.antifraud.watching.findings import Finding
from booking.antifraud.watching.limits import ALERT_TAIL, at_least
from booking.platform.models import Account

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
