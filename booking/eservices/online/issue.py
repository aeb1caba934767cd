"""A result is made: once for a case, and for one thing never two that are valid on one day."""

from calendar import monthrange
from datetime import date, timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import Date, bindparam, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.sealed import open_national_number
from booking.country.packs.answers import Answer
from booking.country.packs.service import ServiceSpec
from booking.eservices.online.content import Row, make_content, seal_content
from booking.eservices.online.rows import case_spec, member_of, read_answers_of, subject_of
from booking.people.identity.levels import require_level
from booking.platform.base.errors import MawidError, NotFoundError
from booking.platform.base.references import new_reference
from booking.platform.models import IssuedResult, OnlineCase

ONE_FOR_A_THING = "ex_issued_result_thing"


class ThingTakenError(MawidError):
    """Another valid result covers this thing on one of these days, until ``until`` (None: without an end)."""

    code = "thing_taken"

    def __init__(self, until: date | None) -> None:
        super().__init__(f"another result is valid until {until}")
        self.until = until


def make_result(
    session: Session, core: Core, case: OnlineCase, *, day: date | None = None, more: tuple[Row, ...] = ()
) -> IssuedResult:
    """Make the result of a locked case, in the caller's transaction; it may go on after an error.

    Parameters
    ----------
    day
        Of an "appointment"; else the file's rules give the period.
    more
        Lines that the officer adds.

    Raises
    ------
    ThingTakenError
        Another valid result is for this thing: of two that are issued at once, the database lets one in.
    NotFoundError
        The person left the household since.
    booking.people.identity.errors.IdentityLevelError
        The person has to be proven first, by the service's file.
    """
    spec, answers, member = case_spec(case), read_answers_of(core.vault, case), member_of(session, case)
    if member is None:
        raise NotFoundError
    require_level([member], spec.identity.issue)
    result_id, now, today = uuid4(), core.clock.now(), core.today()
    first, last = (day, day) if day is not None else period_of(spec, answers, today)
    content = make_content(
        spec, answers, member=member, national_number=open_national_number(core.vault, member.person), more=more
    )
    result = IssuedResult(
        id=result_id,
        number=new_reference(),
        case_id=case.id,
        service_id=case.service_id,
        person_id=case.person_id,
        kind=spec.result.kind,
        content=seal_content(core.vault, result_id, content),
        thing=subject_of(core.vault, spec, answers) or None,
        issued_on=today,
        valid_from=first,
        valid_until=last,
        issued_at=now,
    )
    try:
        with session.begin_nested():
            session.add(result)
            session.flush()
    except IntegrityError as error:
        if ONE_FOR_A_THING not in str(error.orig):
            raise
        raise ThingTakenError(
            _taken_until(session, result.service_id, subject_of(core.vault, spec, answers), first, last)
        ) from None
    return result


def check_thing_is_free(
    session: Session, core: Core, case: OnlineCase, spec: ServiceSpec, answers: dict[str, Answer]
) -> None:
    """Refuse a thing that is taken, before anybody pays for it; raises ThingTakenError."""
    thing = subject_of(core.vault, spec, answers)
    if not thing:
        return
    first, last = period_of(spec, answers, core.today())
    if _overlapping(session, case.service_id, thing, first, last):
        raise ThingTakenError(_taken_until(session, case.service_id, thing, first, last))


def period_of(spec: ServiceSpec, answers: dict[str, Answer], today: date) -> tuple[date, date | None]:
    """Return the first and the last day on which a result is valid; both are included."""
    if spec.result.starts is not None and spec.result.months is not None:
        first = max(date.fromisoformat(str(answers[spec.result.starts])), today)
        return first, months_later(first, int(answers[spec.result.months])) - timedelta(days=1)
    if spec.result.valid_days is None:
        return today, None
    return today, today + timedelta(days=spec.result.valid_days - 1)


def months_later(day: date, months: int) -> date:
    """Return the same day of a later month, or that month's last one."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _overlapping(
    session: Session, service_id: int, thing: bytes, first: date, last: date | None
) -> list[tuple[UUID, date | None]]:
    taken = {"service_id": service_id, "thing": thing, "first": first, "last": last}
    return [(row.id, row.valid_until) for row in session.execute(_OVERLAPPING, taken)]


_OVERLAPPING: Final = select(IssuedResult.id, IssuedResult.valid_until).where(
    IssuedResult.service_id == bindparam("service_id"),
    IssuedResult.thing == bindparam("thing"),
    IssuedResult.revoked_at.is_(None),
    func.daterange(IssuedResult.valid_from, IssuedResult.valid_until, "[]").op("&&")(
        func.daterange(bindparam("first", type_=Date), bindparam("last", type_=Date), "[]")
    ),
)


def _taken_until(session: Session, service_id: int, thing: bytes, first: date, last: date | None) -> date | None:
    ends = [until for _, until in _overlapping(session, service_id, thing, first, last)]
    return None if None in ends or not ends else max(end for end in ends if end is not None)
