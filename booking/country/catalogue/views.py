"""What everyone may read: services, offices, draws and their files, and where places can be booked at once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from allocation import Mechanism
from booking.country.catalogue.coming_draws import mechanism_of
from booking.country.catalogue.draw_content import read_content
from booking.country.core.core import Core
from booking.country.core.published import PublishedFile
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Draw, DrawFile, Office, Service, Slot, SlotPool
from booking.platform.models.offices.office import OfficeKind
from booking.platform.models.requests.draw import Ring
from booking.platform.models.states import Door, DrawState, Pool

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
