"""A small country made of rows: a few offices, slots and requests, without the forms and the gate."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.platform.base.clock import SettableClock
from booking.platform.base.references import new_reference
from booking.platform.models import (
    Account,
    Appointment,
    AppointmentPlaces,
    Office,
    Person,
    Request,
    RequestMember,
    RequestOffice,
    Service,
    Slot,
    SlotPool,
)
from booking.platform.models.offices.office import OfficeKind
from booking.platform.models.states import Door, Pool, RequestState
from booking.scheduling.draws import draw as draws
from booking.scheduling.requests.receipt import WishRow, receipt_of

FIRST_DAY = date(2026, 11, 8)  # a Sunday
NOW = datetime(2026, 11, 1, 6, tzinfo=UTC)
BANDS = ("morning", "midday")
SLOTS_A_BAND = 2


@dataclass
class World:
    """Offices by code, and the core that works on them."""

    core: Core
    clock: SettableClock
    services: dict[int, int] = field(default_factory=dict)
    offices: dict[str, int] = field(default_factory=dict)
    first_day: date = FIRST_DAY

    def office(self, code: str, *, accessible: bool = False, abroad: bool = False) -> None:
        """Add an office; its place on the map follows from how many there are."""
        with self.core.sessions.begin() as session:
            office = Office(
                code=code,
                kind=OfficeKind.CONSULATE if abroad else OfficeKind.BRANCH,
                name_ar=code,
                name_en=code,
                region_code="r",
                region_ar="r",
                region_en="r",
                latitude=33.0 + len(self.offices),
                longitude=36.0,
                time_zone="Asia/Damascus",
                counters=2,
                accessible=accessible,
                opening=[],
            )
            session.add(office)
            session.flush()
            self.offices[code] = office.id

    def slots(self, code: str, day: date, places: Mapping[Pool, Sequence[int]]) -> list[int]:
        """Add a day's slots, half hours from nine; two make a band. ``places`` by pool, one number a slot."""
        ids = []
        with self.core.sessions.begin() as session:
            for number in range(max(map(len, places.values()))):
                starts_at = datetime(day.year, day.month, day.day, 6, tzinfo=UTC) + timedelta(minutes=30) * number
                slot = Slot(
                    office_id=self.offices[code],
                    local_day=day,
                    band=BANDS[number // SLOTS_A_BAND],
                    starts_at=starts_at,
                    ends_at=starts_at + timedelta(minutes=30),
                    counters=2,
                )
                session.add(slot)
                session.flush()
                ids.append(slot.id)
                session.add_all(
                    SlotPool(slot_id=slot.id, pool=pool, places=counts[number], taken=0)
                    for pool, counts in places.items()
                    if number < len(counts)
                )
        return ids

    def service(self, units: int) -> Service:
        """Return the service of so many units a person; it is made when it is new."""
        with self.core.sessions.begin() as session:
            if units not in self.services:
                service = Service(
                    code=f"service-{units}",
                    delivery="appointment",
                    group_code="group",
                    agency_code="agency",
                    exclusive_group=f"group-{units}",
                    name_ar="s",
                    name_en="s",
                    description_ar="",
                    description_en="",
                    units=units,
                    audience="both",
                    maximum_wait_days=45,
                    spec={},
                )
                session.add(service)
                session.flush()
                self.services[units] = service.id
            return session.get_one(Service, self.services[units])

    def ask(
        self,
        *offices: str,
        party: int = 1,
        units: int = 1,
        first_day: date = FIRST_DAY,
        last_day: date | None = None,
        weekdays: int = 127,
        bands: Sequence[str] = BANDS,
        needed_by: date | None = None,
        accessible: bool = False,
        lost: int = 0,
        state: RequestState = RequestState.ACCEPTED,
        person: UUID | None = None,
        abroad: bool = False,
    ) -> str:
        """Store one request in the given state and return its reference."""
        service = self.service(units)
        with self.core.sessions.begin() as session:
            account = _account()
            people = [_person() for _ in range(party)]
            session.add_all([account, *people])
            session.flush()
            door = Door.ABROAD if abroad else Door.HOME
            nonce = secrets.token_bytes(16)
            row = WishRow(
                service=service.code,
                party=party,
                units=units * party,
                offices=offices,
                first_day=first_day,
                last_day=last_day,
                weekdays=weekdays,
                bands=tuple(bands),
                needed_by=needed_by,
                accessible=accessible,
                door=door.value,
                nonce=nonce,
            )
            ids = [person or people[0].id, *(each.id for each in people[1:])]
            request = Request(
                reference=new_reference(),
                account_id=account.id,
                service_id=service.id,
                door=door,
                state=state,
                party_size=party,
                units=units * party,
                first_day=first_day,
                last_day=last_day,
                weekdays=weekdays,
                bands=",".join(sorted(bands)),
                needed_by=needed_by,
                accessible=accessible,
                lost_draws=lost,
                owed_turns=lost,
                lasting_draws=lost,
                nonce=nonce,
                receipt=receipt_of(row),
                device_hash=b"d",
                network_hash=b"n",
                phone_hash=b"p",
                created_at=self.clock.now(),
                offices=[RequestOffice(rank=rank, office_id=self.offices[code]) for rank, code in enumerate(offices)],
                members=[
                    RequestMember(
                        person_id=member,
                        position=position,
                        exclusive_group=service.exclusive_group,
                        units=units,
                        live=True,
                    )
                    for position, member in enumerate(ids)
                ],
            )
            session.add(request)
            return request.reference

    def ask_with_office(self, **wish: Any) -> str:
        """Ask for an office that has no slots."""
        self.office("empty")
        return self.ask("empty", **wish)

    def add_person(self, session: Session) -> UUID:
        """Add a person and give the id."""
        person = _person()
        session.add(person)
        session.flush()
        return person.id

    def request(self, reference: str) -> Request:
        """Read a request."""
        with self.core.sessions() as session:
            return session.scalars(select(Request).where(Request.reference == reference)).one()

    def requests(self) -> Sequence[Request]:
        """Read all requests."""
        with self.core.sessions() as session:
            return session.scalars(select(Request)).all()

    def draw(self, reference: str = "d1", *, days: int = 7) -> str:
        """Announce and open a draw over the days from FIRST_DAY, and go to its closing time."""
        opens_at = self.clock.now()
        draws.announce(
            self.core,
            reference=reference,
            opens_at=opens_at,
            closes_at=opens_at + timedelta(hours=1),
            horizon_first=FIRST_DAY,
            horizon_last=FIRST_DAY + timedelta(days=days - 1),
        )
        draws.open_draw(self.core, reference)
        self.clock.advance(timedelta(hours=1))
        return reference

    def closed(self, reference: str = "d1", *, days: int = 7) -> str:
        """Announce, open and close a draw."""
        self.draw(reference, days=days)
        draws.close(self.core, reference)
        return reference

    def published(self, reference: str = "d1", *, days: int = 7) -> dict[str, bytes]:
        """Go through a whole draw and give its published files."""
        self.closed(reference, days=days)
        draws.run(self.core, reference)
        draws.publish(self.core, reference)
        return self.files(reference)

    def files(self, reference: str = "d1") -> dict[str, bytes]:
        """Return the contents of a published draw's files."""
        return {name: file.content for name, file in draws.files(self.core, reference).items()}

    def states(self, references):
        return [self.request(reference).state for reference in references]

    def appointment_of(self, reference):
        with self.session() as session:
            return session.scalars(
                select(Appointment).join(Request).where(Request.reference == reference, Appointment.state == "offered")
            ).one_or_none()

    def places_of(self, reference):
        with self.session() as session:
            return session.execute(
                select(AppointmentPlaces.slot_id, AppointmentPlaces.pool, AppointmentPlaces.places)
                .join(Appointment)
                .join(Request)
                .where(Request.reference == reference)
                .order_by(AppointmentPlaces.slot_id)
            ).all()

    def session(self) -> Session:
        """Open a session to look at rows."""
        return self.core.sessions()


def _account() -> Account:
    name = uuid4().hex
    return Account(
        username=name,
        password_hash="x",
        phone_ciphertext=b"x",
        phone_hash=b"x",
        language="en",
        door=Door.HOME,
        roles=["citizen"],
        created_at=NOW,
    )


def _person() -> Person:
    return Person(
        national_number_ciphertext=b"x",
        national_number_hash=uuid4().bytes,
        birth_date=date(1990, 1, 1),
        created_at=NOW,
    )
