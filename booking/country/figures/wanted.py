"""What someone wants to see: a period of whole days, perhaps one office, one service, one draw."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.platform.base.errors import FieldError, InvalidInputError, NotFoundError
from booking.platform.models import Draw, Office, Service

LONGEST: Final = timedelta(days=731)
USUAL: Final = timedelta(days=13)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The days ``first`` to ``last`` at the country's capital; codes of an office, a service and a draw, "" for all.

    Raises
    ------
    InvalidInputError
        ``last`` is before ``first``, or the period is longer than two years.
    """

    first: date
    last: date
    office: str = ""
    service: str = ""
    draw: str = ""

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise InvalidInputError([FieldError("first", "after_last_day")])
        if self.last - self.first > LONGEST:
            raise InvalidInputError([FieldError("first", "too_long_a_period")])

    @property
    def days(self) -> list[date]:
        """Every day of the period."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    def values(self, session: Session, *, zone: str, now: datetime) -> Mapping[str, Any]:
        """Return what the statements need; raises NotFoundError for an unknown office, service or draw."""
        country = ZoneInfo(zone)
        return {
            "zone": zone,
            "now": now,
            "first_day": self.first,
            "last_day": self.last,
            "first": datetime.combine(self.first, time(), country),
            "until": datetime.combine(self.last + timedelta(days=1), time(), country),
            "office": _found(session, select(Office.id).where(Office.code == self.office), self.office),
            "service": _found(session, select(Service.id).where(Service.code == self.service), self.service),
            "draw": _found(session, select(Draw.id).where(Draw.reference == self.draw), self.draw),
        }


def _found(session: Session, statement: Any, code: str) -> Any:
    found = session.scalar(statement) if code else None
    if code and found is None:
        raise NotFoundError
    return found
