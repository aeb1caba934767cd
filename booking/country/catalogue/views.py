"""What everyone may read: services, offices, draws and their files, and where places can be booked at once."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Integer, Select, cast, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from allocation import Mechanism
from booking.country.core.core import Core
from booking.country.core.published import PIECE, PublishedFile, read_pieces, zipped
from booking.country.packs.fields import WEEKDAYS
from booking.country.policy import limits as policy_limits
from booking.country.policy.limits import DrawLimits
from booking.platform.base.errors import NotFoundError
from booking.platform.models import (
    Appointment,
    Closure,
    Draw,
    DrawFile,
    DrawFilePart,
    Holiday,
    Office,
    OfficeChance,
    QuotaPolicy,
    Service,
    Slot,
    SlotPool,
    WalkIn,
)
from booking.platform.models.offices.office import OfficeKind
from booking.platform.models.requests.draw import Ring
from booking.platform.models.states import AppointmentState, ClosureState, Door, DrawState, Pool, WalkInState


def next_draw(session: Session, now: datetime) -> Draw | None:
    """Return the draw that a request made ``now`` will take part in, if one is announced."""
    return session.scalar(
        select(Draw)
        .where(Draw.state.in_([DrawState.ANNOUNCED, DrawState.OPEN]), Draw.closes_at > now)
        .order_by(Draw.closes_at)
        .limit(1)
    )


def mechanism_of(session: Session, draw: Draw) -> Mechanism:
    """Return how a draw's places are given: by the policy that it closed with; while it is open, by the active one."""
    if draw.closed_at is None:
        limits = policy_limits.find_active_limits(session)
    else:
        limits = session.scalar(select(QuotaPolicy.limits).where(QuotaPolicy.version == draw.policy_version))
    return policy_limits.pick(DrawLimits, limits).mechanism


PART: Final = PIECE
"""Bytes that a row holds at most of a file that is written; a multiple of the hashes of a tree."""


def parts_of(content: bytes) -> Iterator[tuple[int, memoryview]]:
    """Cut a file into what its rows hold, each with the byte at which it starts; the first one may be empty."""
    whole = memoryview(content)
    for start in range(0, max(1, len(content)), PART):
        yield start, whole[start : start + PART]


def read_content(core: Core, draw_id: UUID, name: str) -> Iterator[bytes]:
    """Yield a file piece by piece; no transaction stays open between two of them."""
    place = 0
    for piece in read_pieces(core, DrawFile.content, DrawFile.draw_id == draw_id, DrawFile.name == name):
        yield piece
        place += len(piece)
    while True:
        with core.sessions() as session:
            part = session.get(DrawFilePart, (draw_id, name, place))
        if part is None:
            return
        yield part.content
        place += len(part.content)


def content_in(session: Session, draw_id: UUID, name: str) -> bytes:
    """Return all that a file holds, or nothing where there is no such file."""
    rows = select(DrawFilePart.content).where(DrawFilePart.draw_id == draw_id, DrawFilePart.name == name)
    begin = select(DrawFile.content).where(DrawFile.draw_id == draw_id, DrawFile.name == name)
    return b"".join((*session.scalars(begin), *session.scalars(rows.order_by(DrawFilePart.start))))


def bytes_in(session: Session, draw_id: UUID, name: str, *, start: int, size: int) -> bytes:
    """Return ``size`` bytes of a file from the byte ``start`` on, which must lie in one row."""
    later = DrawFilePart.draw_id == draw_id, DrawFilePart.name == name, DrawFilePart.start <= start
    part = select(_cut(DrawFilePart.content, start - DrawFilePart.start, size)).where(*later)
    found = session.scalar(part.order_by(DrawFilePart.start.desc()).limit(1))
    if found is not None:
        return found
    own = DrawFile.draw_id == draw_id, DrawFile.name == name
    return session.scalars(select(_cut(DrawFile.content, start, size)).where(*own)).one()


def _cut(content: InstrumentedAttribute[bytes], start: int | ColumnElement[int], size: int) -> "ColumnElement[bytes]":
    return func.substring(content, cast(start + 1, Integer), size)


FOR_EVERYONE: Final = (Ring.EVERYONE, Ring.LATER)
"""The rings of files that everyone may read, those of the third once they are there (`models.DrawFile`)."""
FOR_OBSERVERS: Final = (Ring.OBSERVERS,)
"""The ring of files that observers alone may read."""


@dataclass(frozen=True, slots=True)
class SpareOffice:
    """An office with free instant places, and the first time that can be chosen."""

    office: Office
    first: datetime


def list_services(core: Core, door: Door | None = None) -> Sequence[Service]:
    """List the active services, however they are delivered; those of one door only where it is given."""
    return core.known_services.read(core.sessions).of(door)


def find_services(core: Core, words: str, door: Door | None = None) -> list[Service]:
    """Find active services by words, best first; those of one door only where it is given."""
    return core.known_services.read(core.sessions).find(words, door)


def list_appointment_services(core: Core, door: Door | None = None) -> Sequence[Service]:
    """List the active services that have appointments, those of one door only where it is given."""
    return [service for service in list_services(core, door) if service.at_an_office]


def find_service(core: Core, code: str) -> Service:
    """Find an active service; raises NotFoundError."""
    service = core.known_services.read(core.sessions).by_code.get(code)
    if service is None:
        raise NotFoundError
    return service


def find_appointment_service(core: Core, code: str) -> Service:
    """Find an active service that has appointments; raises NotFoundError."""
    service = find_service(core, code)
    if not service.at_an_office:
        raise NotFoundError
    return service


def list_offices(core: Core, door: Door | None = None) -> Sequence[Office]:
    """List the active offices by region, those of one door only where it is given."""
    statement = select(Office).where(Office.active).order_by(Office.kind, Office.id)
    if door is not None:
        statement = statement.where(Office.kind == _kind(door))
    with core.sessions() as session:
        return session.scalars(statement).all()


def find_office(core: Core, code: str) -> Office:
    """Find an active office; raises NotFoundError."""
    with core.sessions() as session:
        office = session.scalar(select(Office).where(Office.code == code, Office.active))
    if office is None:
        raise NotFoundError
    return office


def shown_office(core: Core, code: str) -> Office | None:
    """Return an active office as it is in memory, without a look at the database; None where there is none."""
    offices = core.known_offices.at_hand(core.sessions).values()
    return next((one for one in offices if one.code == code and one.active), None)


def list_draws(core: Core, *, most: int = 50) -> Sequence[Draw]:
    """List the latest draws, newest first."""
    with core.sessions() as session:
        return session.scalars(select(Draw).order_by(Draw.closes_at.desc()).limit(most)).all()


def find_draw(core: Core, reference: str) -> Draw:
    """Find a draw by its reference; raises NotFoundError."""
    with core.sessions() as session:
        draw = session.scalar(select(Draw).where(Draw.reference == reference))
    if draw is None:
        raise NotFoundError
    return draw


def draw_mechanism(core: Core, draw: Draw) -> Mechanism:
    """Return how a draw's places are given."""
    with core.sessions() as session:
        return mechanism_of(session, draw)


def coming_draw(core: Core) -> Draw | None:
    """Return the announced or open draw that closes first; None where none is planned."""
    with core.sessions() as session:
        return session.scalar(
            select(Draw)
            .where(Draw.state.in_([DrawState.ANNOUNCED, DrawState.OPEN]), Draw.closes_at > core.clock.now())
            .order_by(Draw.closes_at)
            .limit(1)
        )


def list_draw_files(core: Core, reference: str) -> list[PublishedFile]:
    """List the files of a draw that are for everyone, by name; none before it is published. Raises NotFoundError."""
    find_draw(core, reference)
    with core.sessions() as session:
        rows = session.execute(_published(reference, FOR_EVERYONE).order_by(DrawFile.name)).all()
    return [_file(core, *row) for row in rows]


def find_draw_file(core: Core, reference: str, name: str) -> PublishedFile:
    """Find a file that is published for everyone; raises NotFoundError, before publication too."""
    with core.sessions() as session:
        return published_in(session, core, reference, name, rings=FOR_EVERYONE)


def published_in(session: Session, core: Core, reference: str, name: str, *, rings: Collection[int]) -> PublishedFile:
    """Find a file of these rings of a published draw; raises NotFoundError."""
    row = session.execute(_published(reference, rings).where(DrawFile.name == name)).one_or_none()
    if row is None:
        raise NotFoundError
    return _file(core, *row)


def _published(reference: str, rings: Collection[int]) -> Select[UUID, str, str, int, str]:
    return (
        select(Draw.id, DrawFile.name, DrawFile.media_type, DrawFile.size, DrawFile.sha256)
        .join(Draw, Draw.id == DrawFile.draw_id)
        .where(Draw.reference == reference, Draw.state == DrawState.PUBLISHED, DrawFile.ring.in_(rings))
    )


def _file(core: Core, draw_id: UUID, name: str, media_type: str, size: int, sha256: str) -> PublishedFile:
    return PublishedFile(name, media_type, size, sha256, lambda: read_content(core, draw_id, name))


def spare_offices(core: Core, *, door: Door, units: Collection[int]) -> dict[int, list[SpareOffice]]:
    """List for each number of units the offices that have times with so many free instant places, earliest first."""
    free = SlotPool.places - SlotPool.taken
    statement = (
        select(Office, *(func.min(Slot.starts_at).filter(free >= one) for one in units))
        .join(Slot, Slot.office_id == Office.id)
        .join(SlotPool, (SlotPool.slot_id == Slot.id) & (SlotPool.pool == Pool.INSTANT))
        .where(Office.active, Office.kind == _kind(door), Slot.starts_at > core.clock.now(), free > 0)
        .group_by(Office.id)
    )
    with core.sessions() as session:
        rows: Sequence[Sequence[Any]] = session.execute(statement).all()
    found = {one: [SpareOffice(row[0], row[n]) for row in rows if row[n]] for n, one in enumerate(units, start=1)}
    return {one: sorted(spare, key=lambda of: (of.first, of.office.id)) for one, spare in found.items()}


def _kind(door: Door) -> OfficeKind:
    return OfficeKind.BRANCH if door is Door.HOME else OfficeKind.CONSULATE


def find_draw_zip(core: Core, reference: str) -> PublishedFile:
    """Return the archive of a published draw, known by the hashes of what it holds.

    Raises
    ------
    NotFoundError
        There is no such draw, or it is not published.
    """
    files = list_draw_files(core, reference)
    if not files:
        raise NotFoundError
    return zipped(f"mawid-draw-{reference}.zip", files, folder=f"{reference}/")


_SUNDAY_FIRST: Final = (6, 0, 1, 2, 3, 4, 5)


def reason_rule(service: Service) -> str:
    """Return when a service needs a reason: "never", "long-valid" or "always"."""
    return str(service.spec["eligibility"]["reason"])


def closed_days_of(office: Office) -> list[int]:
    """List the weekdays on which an office never opens, from Sunday on."""
    return [day for day in _SUNDAY_FIRST if day not in week_of([office])]


def week_of(offices: Iterable[Office], chosen: Collection[int] = range(7)) -> list[int]:
    """List the ``chosen`` weekdays on which any of the offices is open, from Sunday on."""
    days = {WEEKDAYS.index(day) for office in offices for rule in office.opening for day in rule["weekdays"]}
    return [day for day in _SUNDAY_FIRST if day in chosen and (day in days or not days)]


def local_day(office: Office, instant: datetime) -> date:
    """Return the date that an instant has at an office."""
    return instant.astimezone(ZoneInfo(office.time_zone)).date()


def on_day(office: Office, day: date) -> ColumnElement[bool]:
    """Return the condition that an appointment begins on a local day of its office."""
    zone = ZoneInfo(office.time_zone)
    start, end = (datetime.combine(each, time(), zone) for each in (day, day + timedelta(days=1)))
    return (Appointment.office_id == office.id) & (Appointment.starts_at >= start) & (Appointment.starts_at < end)


_AHEAD: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """A day on which an office serves nobody; ``name`` where it is a holiday, by language, else empty."""

    day: date
    name_ar: str
    name_en: str


@dataclass(frozen=True, slots=True)
class OfficeToday:
    """``closes_at`` where the office is open now; ``waiting`` counts parties in the hall, with and without a ticket."""

    closes_at: datetime | None
    waiting: int
    closed_days: Sequence[ClosedDay]


def office_today(core: Core, office: Office) -> OfficeToday:
    """Read an office's day: two counts, and the days of the coming month on which it is closed."""
    now = core.clock.now()
    today = local_day(office, now)
    with core.sessions() as session:
        checked_in = session.scalar(
            select(func.count())
            .select_from(Appointment)
            .where(on_day(office, today), Appointment.state == AppointmentState.CHECKED_IN)
        )
        tickets = session.scalar(
            select(func.count())
            .select_from(WalkIn)
            .where(WalkIn.office_id == office.id, WalkIn.local_day == today, WalkIn.state == WalkInState.WAITING)
        )
        holidays = session.scalars(
            select(Holiday)
            .where(
                Holiday.day.between(today, today + _AHEAD),
                Holiday.office_id.is_(None) | (Holiday.office_id == office.id),
            )
            .order_by(Holiday.day)
        ).all()
        closures = session.scalars(
            select(Closure.local_day).where(
                Closure.office_id == office.id,
                Closure.local_day.between(today, today + _AHEAD),
                Closure.state == ClosureState.APPLIED,
                Closure.counters == 0,
            )
        ).all()
    named = {one.day: ClosedDay(one.day, one.name_ar, one.name_en) for one in holidays}
    closed = named | {day: ClosedDay(day, "", "") for day in closures if day not in named}
    return OfficeToday(
        closes_at=None if today in closed else _closes_at(office, now.astimezone(ZoneInfo(office.time_zone))),
        waiting=(checked_in or 0) + (tickets or 0),
        closed_days=[closed[day] for day in sorted(closed)],
    )


def _closes_at(office: Office, local: datetime) -> datetime | None:
    """Return when the office closes whose rules have it open now; None where it is not."""
    for rule in office.opening:
        opens, closes = (time.fromisoformat(rule[edge]) for edge in ("opens", "closes"))
        if WEEKDAYS[local.weekday()] in rule["weekdays"] and opens <= local.time() < closes:
            return local.replace(hour=closes.hour, minute=closes.minute, second=0, microsecond=0)
    return None


_DAY: Final = "day:"
_BAND: Final = "band:"


class Chance(NamedTuple):
    """How many of a hundred newcomers would have had a place: the lowest, likely and highest number."""

    low: int
    likely: int
    high: int


@dataclass(frozen=True, slots=True)
class OfficeChances:
    """What the last draws say of an office: on any day, by weekday (0 is Monday) and by band of the day."""

    draws: int
    any: Chance
    weekdays: Mapping[int, Chance]
    bands: Mapping[str, Chance]


def chances_of_offices(core: Core) -> dict[str, OfficeChances]:
    """Return the chances by the office's code; offices of which too little is known are left out."""
    statement = select(Office.code, OfficeChance).join(Office, Office.id == OfficeChance.office_id).order_by(Office.id)
    with core.sessions() as session:
        return {code: _read(row) for code, row in session.execute(statement.where(Office.active))}


def _read(row: OfficeChance) -> OfficeChances:
    found = {key: Chance(*chance) for key, chance in row.chances.items()}
    return OfficeChances(
        draws=row.draws,
        any=found["any"],
        weekdays={int(key.removeprefix(_DAY)): one for key, one in found.items() if key.startswith(_DAY)},
        bands={key.removeprefix(_BAND): one for key, one in found.items() if key.startswith(_BAND)},
    )
