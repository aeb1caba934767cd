"""The services with the index that finds the active ones, kept in memory until their table changes."""

import time
from collections.abc import Callable, Mapping, Sequence
from threading import Lock

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core.known_rows import KnownRows
from booking.country.core.service_files import ServiceFiles
from booking.country.packs.catalogue import AgencySpec, GroupSpec
from booking.country.packs.schema import Pack
from booking.platform.languages.speech import Languages
from booking.platform.models import Service
from booking.platform.models.states import Door
from booking.platform.search.index import Entry, Index


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
