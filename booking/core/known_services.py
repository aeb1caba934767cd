"""The active services with the index that finds them, kept in memory until their table changes."""

import time
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Final

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from booking.base.db import Sessions
from booking.languages.speech import Languages
from booking.models import Service
from booking.models.states import Door
from booking.packs.catalogue import AgencySpec, GroupSpec
from booking.packs.schema import Pack
from booking.search.index import Entry, Index

LOOK_EVERY_SECONDS: Final = 5.0
"""How long, at most, a process still lists a service that another one has withdrawn or changed."""
_STATE: Final = text("SELECT md5(string_agg(id || ':' || xmin, ',' ORDER BY id)) FROM service")
"""Every change of a row gives it another xmin, no matter who makes it."""


class Catalogue:
    """The active services as they were at one moment, in the order of lists. All threads share them: only read."""

    def __init__(self, services: Sequence[Service], pack: Pack, languages: Languages) -> None:
        self.services = tuple(services)
        self.by_code: Mapping[str, Service] = {service.code: service for service in services}
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


class KnownServices:
    """Gives the catalogue; its table is asked for changes every few seconds, and read again where there are any.

    What is asked for is checked in the database, in the transaction that writes it: this is for showing and finding.
    """

    def __init__(self, pack: Pack, languages: Languages, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._pack, self._languages = pack, languages
        self._monotonic = monotonic
        self._looking = Lock()
        self._next_look = 0.0
        self._state: str | None = None
        self._kept: Catalogue | None = None

    def read(self, sessions: Sessions) -> Catalogue:
        """Return the catalogue; where the last look is some seconds old, one thread looks and others go on."""
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

    def look_again(self) -> None:
        """Look at the next reading: this process has just changed the table."""
        self._next_look = 0.0

    def _look(self, sessions: Sessions) -> Catalogue:
        with sessions() as session:
            state: str | None = session.scalar(_STATE)
            if self._kept is None or state != self._state:
                self._kept, self._state = Catalogue(_active(session), self._pack, self._languages), state
        return self._kept


def _active(session: Session) -> Sequence[Service]:
    return session.scalars(select(Service).where(Service.active).order_by(Service.position, Service.code)).all()


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
