"""Small tables that rarely change, kept in memory until they do."""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Final, Generic, TypeVar

from sqlalchemy import ColumnElement, Text, bindparam, cast, func, literal, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from booking.country.packs.fields import AgencySpec, GroupSpec
from booking.country.packs.schema import Pack
from booking.country.packs.service import ServiceSpec
from booking.platform.base.db import Sessions
from booking.platform.languages.speech import Languages
from booking.platform.models import Office, Service
from booking.platform.models.states import Door
from booking.platform.search.index import Entry, Index

LOOK_EVERY_SECONDS: Final = 5.0
"""How long, at most, a process still shows a row as it was before another process changed it."""
Kept = TypeVar("Kept")


def row_version(model: type[Office | Service]) -> ColumnElement[str]:
    """Return what a row is called that every change gives another name, no matter who makes it.

    Where it stands is a part of it: to a second change in one transaction, and to the first one after a server that
    lost the latest transactions was replaced, the number of the transaction may be no news.
    """
    place, transaction = (cast(literal_column(f"{model.__tablename__}.{one}"), Text) for one in ("ctid", "xmin"))
    return place + transaction


class KnownRows(Generic[Kept]):
    """Gives what is made of a table; it is asked for changes every few seconds, and read again where there are any.

    All threads share what is kept: it is only read.
    """

    def __init__(
        self,
        model: type[Office | Service],
        make: Callable[[Session], Kept],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        row = cast(model.id, Text) + ":" + row_version(model)
        rows = func.string_agg(row, aggregate_order_by(literal(","), model.id))
        self._state_of = select(func.md5(rows)).select_from(model)
        self._make, self._monotonic = make, monotonic
        self._looking = Lock()
        self._next_look = 0.0
        self._state: str | None = None
        self._kept: Kept | None = None

    def read(self, sessions: Sessions) -> Kept:
        """Return what is kept; where the last look is some seconds old, one thread looks and others go on."""
        kept = self._kept
        if kept is not None and self._monotonic() < self._next_look:
            return kept
        if not self._looking.acquire(blocking=kept is None) and kept is not None:
            return kept
        try:
            began = self._monotonic()
            kept = self._look(sessions)
            self._next_look = began + LOOK_EVERY_SECONDS
            return kept
        finally:
            self._looking.release()

    def at_hand(self, sessions: Sessions) -> Kept:
        """Return what is kept, however old: for an event loop, where nobody may wait. Read first where nothing is."""
        kept = self._kept
        return self.read(sessions) if kept is None else kept

    def look_again(self) -> None:
        """Look at the next reading: this process has just changed the table."""
        self._next_look = 0.0

    def _look(self, sessions: Sessions) -> Kept:
        with sessions() as session:
            state = session.scalar(self._state_of)
            if self._kept is None or state != self._state:
                self._kept, self._state = self._make(session), state
        return self._kept


class KnownOffices(KnownRows[Mapping[int, Office]]):
    """Gives every office by its id, also one that is not open any more; for showing alone."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__(Office, lambda session: {one.id: one for one in session.scalars(select(Office))}, monotonic)


MOST: Final = 512
"""Files that are kept; the one that was not asked for longest goes first."""
_ROW: Final = select(Service.spec, row_version(Service)).where(Service.id == bindparam("service_id"))


class ServiceFiles:
    """Gives the file of a service by its row's `booking.country.core.known_rows.row_version`.

    Who reads a case reads the version of its service's row with it, instead of the whole file: a file that was changed
    a moment ago, by whichever process, counts from the next statement on.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[tuple[int, str], ServiceSpec] = OrderedDict()

    def of(self, session: Session, service_id: int, version: str) -> ServiceSpec:
        """Return the file of a service whose row was just read in this session with this version.

        Where no file is kept for it, the row is read, as it is by then.
        """
        with self._lock:
            known = self._kept.get((service_id, version))
            if known is not None:
                self._kept.move_to_end((service_id, version))
                return known
        stored, version = session.execute(_ROW, {"service_id": service_id}).one()
        spec = ServiceSpec.from_stored(stored)
        with self._lock:
            self._kept[service_id, version] = spec
            if len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return spec


class Catalogue:
    """The active services as they were at one moment, in the order of lists. All threads share them: only read.

    ``by_id`` has all others too: what was asked for before may be one that is not offered any more.
    """

    def __init__(self, services: Sequence[Service], pack: Pack, languages: Languages) -> None:
        self.by_id: Mapping[int, Service] = {service.id: service for service in services}
        self.services = tuple(service for service in services if service.active)
        self.by_code: Mapping[str, Service] = {service.code: service for service in self.services}
        self._pack, self._languages = pack, languages
        self._lock = Lock()
        self._indexes: dict[Door | None, Index] = {}

    def of(self, door: Door | None) -> tuple[Service, ...]:
        """Return the services of one door; all where None is given."""
        if door is None:
            return self.services
        return tuple(one for one in self.services if one.is_for(door))

    def find(self, words: str, door: Door | None) -> list[Service]:
        """Find services by words, best first.

        Names count more than the words that the service's file lists for searching, and these more than what the
        description, the group and the agency are called.
        """
        with self._lock:
            if door not in self._indexes:
                self._indexes[door] = Index([_entry(self._pack, self._languages, one) for one in self.of(door)])
        return [self.by_code[code] for code in self._indexes[door].find(words)]


class KnownServices(KnownRows[Catalogue]):
    """Gives the catalogue.

    What is asked for is checked in the database, in the transaction that writes it: this is for showing and finding.
    ``files`` are the services' files by what that transaction reads.
    """

    def __init__(self, pack: Pack, languages: Languages, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__(Service, lambda session: Catalogue(_all(session), pack, languages), monotonic)
        self.files = ServiceFiles()


def _all(session: Session) -> Sequence[Service]:
    return session.scalars(select(Service).order_by(Service.position, Service.code)).all()


def _entry(pack: Pack, languages: Languages, service: Service) -> Entry:
    return Entry(
        code=service.code,
        names=tuple(dict.fromkeys(speech.name(service) for speech in languages.values())),
        other_names=tuple(words for listed in service.spec["search"].values() for words in listed),
        texts=(
            *(speech.pick(service.description_ar, service.description_en) for speech in languages.values()),
            *_called(pack.groups, service.group_code, languages),
            *_called(pack.agencies, service.agency_code, languages),
        ),
    )


def _called(named: Sequence[GroupSpec | AgencySpec], code: str, languages: Languages) -> tuple[str, ...]:
    """Return the names of a group or agency; none where the pack no longer has it."""
    return tuple(speech.said(one.name) for one in named if one.code == code for speech in languages.values())
