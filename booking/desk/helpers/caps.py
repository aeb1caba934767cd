"""How much a helper may do: requests in a day and a month, and people at once."""

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.packs.quotas import HelperLimits
from booking.country.policy import limits as policy_limits
from booking.desk.helpers.errors import HelperCapReachedError, PaperCapReachedError, TooManyAtOnceError
from booking.platform.base.errors import FieldError
from booking.platform.base.fields import latin_digits
from booking.platform.models import Consent, Helper, HelperUse
from booking.platform.models.accounts.helper import ConsentState

MOST_AT_ONCE: Final = 500
MOST_A_MONTH: Final = 10_000
_LONGEST: Final = 6
_OPEN: Final = (ConsentState.ASKED, ConsentState.GIVEN)

_TAKE: Final = text("""
    INSERT INTO helper_use (helper_id, period, taken)
    SELECT helper.id, cap.period, 1
    FROM helper CROSS JOIN LATERAL (VALUES (:day, per_day), (:month, per_month)) AS cap (period, most)
    WHERE helper.id = :helper AND helper.state = 'active'
    ON CONFLICT (helper_id, period) DO UPDATE SET taken = helper_use.taken + 1
    WHERE helper_use.taken < (
        SELECT CASE WHEN helper_use.period = :day THEN per_day ELSE per_month END FROM helper WHERE id = :helper)
    RETURNING period
""")

_TAKE_PAPER: Final = text("""
    INSERT INTO helper_use (helper_id, period, taken)
    SELECT CAST(:helper AS uuid), :day, 1 WHERE :most > 0
    ON CONFLICT (helper_id, period) DO UPDATE SET taken = helper_use.taken + 1 WHERE helper_use.taken < :most
    RETURNING period
""")


@dataclass(frozen=True, slots=True)
class Caps:
    """The most that a helper may do."""

    per_day: int
    per_month: int
    at_once: int


@dataclass(frozen=True, slots=True)
class Left:
    """What a helper may still do: requests today and this month, of these on paper today, people at once."""

    today: int
    month: int
    papers: int
    people: int


def read_caps(typed: dict[str, str], errors: list[FieldError]) -> Caps:
    """Read the three caps as typed under the names of `Caps`; what is wrong is added to ``errors``."""
    month = _number("per_month", typed["per_month"], MOST_A_MONTH, errors)
    day = _number("per_day", typed["per_day"], month or MOST_A_MONTH, errors)
    people = _number("at_once", typed["at_once"], MOST_AT_ONCE, errors)
    return Caps(day, month, people)


def take_use(session: Session, core: Core, helper: Helper) -> None:
    """Count one request of a helper, today and this month, by one conditional statement.

    Raises
    ------
    HelperCapReachedError
        One of the two is used up; the caller's transaction must not be committed then.
    """
    day, month = _periods(core.today())
    taken = session.execute(_TAKE, {"helper": helper.id, "day": day, "month": month}).all()
    if len(taken) < 2:  # noqa: PLR2004 - both caps, or none
        raise HelperCapReachedError


def take_paper(session: Session, core: Core, helper: Helper) -> None:
    """Count one request on paper today, beside what `take_use` counts.

    Raises
    ------
    PaperCapReachedError
        As many were sent today as policy allows; nothing is counted.
    PolicyMissingError
        No quota policy is active.
    """
    most = policy_limits.read(session, HelperLimits).helper_papers_per_day
    values = {"helper": helper.id, "day": _papers_of(core.today()), "most": most}
    if session.execute(_TAKE_PAPER, values).one_or_none() is None:
        raise PaperCapReachedError(most)


def take_person(session: Session, core: Core, helper: Helper) -> None:
    """Make sure that one person more may be helped at once, by a helper who does nothing else meanwhile.

    Raises
    ------
    TooManyAtOnceError
        Others come first: their requests are to be sent, or their consent ends within a day.
    """
    if people_now(session, core, helper.id) >= helper.at_once:
        raise TooManyAtOnceError(helper.at_once)


def people_now(session: Session, core: Core, helper_id: UUID) -> int:
    """Count the people whose consent a helper asked for or has, and did not use yet."""
    return (
        session.scalar(
            select(func.count()).where(
                Consent.helper_id == helper_id, Consent.state.in_(_OPEN), Consent.ends_at > core.clock.now()
            )
        )
        or 0
    )


def left(session: Session, core: Core, helper: Helper) -> Left:
    """Return what a helper may still do."""
    day, month = _periods(core.today())
    papers = _papers_of(core.today())
    rows = select(HelperUse.period, HelperUse.taken).where(
        HelperUse.helper_id == helper.id, HelperUse.period.in_([day, month, papers])
    )
    taken = {row.period: row.taken for row in session.execute(rows)}
    today = max(0, helper.per_day - taken.get(day, 0))
    papers_a_day = policy_limits.read(session, HelperLimits).helper_papers_per_day
    return Left(
        today=today,
        month=max(0, helper.per_month - taken.get(month, 0)),
        papers=min(today, max(0, papers_a_day - taken.get(papers, 0))),
        people=max(0, helper.at_once - people_now(session, core, helper.id)),
    )


def _periods(today: date) -> tuple[str, str]:
    return today.isoformat(), today.isoformat()[:7]


def _papers_of(today: date) -> str:
    return f"{today:p%Y%m%d}"


def _number(field: str, typed: str, most: int, errors: list[FieldError]) -> int:
    plain = latin_digits(typed.strip())[:_LONGEST]
    if not (plain.isascii() and plain.isdecimal() and 1 <= int(plain) <= most):
        errors.append(FieldError(field, "no_cap", most=most))
        return 0
    return int(plain)
