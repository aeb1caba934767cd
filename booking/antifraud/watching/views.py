"""Who may look at how officers decide, and how far; each look at named colleagues is on record."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from booking.antifraud.watching.limits import FEWEST_PEERS, By, Line, Totals, lines, totals
from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, Reach, reach, require
from booking.country.export.tables import note_taken_in
from booking.platform.base.errors import FieldError, InvalidInputError
from booking.platform.models import Account, Office
from booking.platform.models.states import Role

DEFAULT_DAYS: Final = 90
LONGEST: Final = timedelta(days=732)


@dataclass(frozen=True, slots=True)
class Period:
    """Days of the country, first and last included."""

    first: date
    last: date

    def instants(self, zone: str) -> tuple[datetime, datetime]:
        """Return where it begins, and where it is over."""
        start, end = (datetime.combine(day, time(), ZoneInfo(zone)) for day in (self.first, self.last + _A_DAY))
        return start, end


@dataclass(frozen=True, slots=True)
class Watch:
    """The decisions of a period, as someone may see them.

    ``office`` is None for those who see all. ``peers`` are those of other offices, without their names; empty where
    they are so few that each could be recognised.
    """

    by: By
    period: Period
    office: Office | None
    totals: Totals
    lines: tuple[Line, ...]
    peers: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class OwnFigures:
    """An officer's own decisions beside the nameless ones of all others; ``mine`` is None where there are none."""

    period: Period
    totals: Totals
    mine: Line | None
    peers: tuple[Line, ...]


def period(core: Core, first: date | None, last: date | None) -> Period:
    """Choose the days to look at: those given, or the last ninety; raises InvalidInputError."""
    last = last or core.today()
    first = first or last - timedelta(days=DEFAULT_DAYS - 1)
    if first > last:
        raise InvalidInputError([FieldError("first", "after_last_day")])
    if last - first > LONGEST:
        raise InvalidInputError([FieldError("first", "too_long_a_period")])
    return Period(first, last)


def watch(core: Core, *, officer_id: UUID, by: By, period: Period, downloaded: bool = False) -> Watch:
    """Count the decisions that someone may watch: of the own office, or of every office; the look is on record.

    Raises
    ------
    ForbiddenError
        The account watches no approvals.
    """
    since, until = period.instants(core.pack.country.time_zone)
    with core.sessions.begin() as session:
        officer, office = watcher(session, officer_id)
        own = None if office is None else office.id
        others = by in {By.OFFICER, By.OFFICE} and own is not None
        peers = lines(session, by, since=since, until=until, office_id=own, elsewhere=True) if others else []
        seen = Watch(
            by=by,
            period=period,
            office=office,
            totals=totals(session, since=since, until=until),
            lines=tuple(lines(session, by, since=since, until=until, office_id=own)),
            peers=tuple(peers) if len(peers) >= FEWEST_PEERS else (),
        )
        subject = "every office" if office is None else office.code
        about = {"by": by.value, "first": period.first.isoformat(), "last": period.last.isoformat()}
        if downloaded:
            note_taken_in(session, core, officer, "approvals", rows=len(seen.lines), of=subject, **about)
        else:
            audit.record(session, core, officer, "watch.looked_at", subject, **about)
        return seen


def own_figures(core: Core, *, officer_id: UUID, period: Period) -> OwnFigures:
    """Count an officer's own decisions; raises ForbiddenError."""
    since, until = period.instants(core.pack.country.time_zone)
    with core.sessions() as session:
        require(session.get(Account, officer_id), Permission.DECIDE_URGENT)
        everyone = lines(session, By.OFFICER, since=since, until=until)
        peers = [one for one in everyone if one.key != officer_id.hex]
        return OwnFigures(
            period=period,
            totals=totals(session, since=since, until=until),
            mine=next((one for one in everyone if one.key == officer_id.hex), None),
            peers=tuple(peers) if len(peers) >= FEWEST_PEERS else (),
        )


def watcher(session: Session, officer_id: UUID) -> tuple[Account, Office | None]:
    """Return who watches, and whose office alone (None: every office); raises ForbiddenError."""
    officer = require(session.get(Account, officer_id), Permission.WATCH_APPROVALS)
    far = reach([Role(role) for role in officer.roles], Permission.WATCH_APPROVALS)
    return officer, None if far is Reach.EVERY_OFFICE else session.get_one(Office, officer.office_id)


_A_DAY: Final = timedelta(days=1)
