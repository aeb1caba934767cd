"""Services that are found by words, from an index in memory that is made again when the catalogue has changed."""

from collections.abc import Sequence
from functools import lru_cache

from booking.core import Core
from booking.models import Service
from booking.packs.catalogue import AgencySpec, GroupSpec
from booking.packs.schema import Pack
from booking.queries import directory
from booking.search.index import Entry, Index
from booking.states import Door


def find_services(core: Core, text: str, door: Door | None = None) -> list[Service]:
    """Find active services by words, best first; those of one door only where it is given.

    Names count more than the words that the service's file lists for searching, and these more than what the
    description, the group and the agency are called.
    """
    services = directory.list_services(core, door)
    by_code = {service.code: service for service in services}
    index = _index(tuple(_entry(core.pack, service) for service in services))
    return [by_code[code] for code in index.find(text)]


@lru_cache(maxsize=6)
def _index(entries: tuple[Entry, ...]) -> Index:
    return Index(entries)


def _entry(pack: Pack, service: Service) -> Entry:
    return Entry(
        code=service.code,
        names=(service.name_ar, service.name_en),
        other_names=tuple(words for listed in service.spec["search"].values() for words in listed),
        texts=(
            service.description_ar,
            service.description_en,
            *_called(pack.groups, service.group_code),
            *_called(pack.agencies, service.agency_code),
        ),
    )


def _called(named: Sequence[GroupSpec | AgencySpec], code: str) -> tuple[str, ...]:
    """Give the names of a group or agency; none where the pack no longer has it."""
    return tuple(name for one in named if one.code == code for name in one.name.root.values())
