"""Services' files as the database has them, checked once for as long as their row is the same."""

from collections import OrderedDict
from threading import Lock
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from booking.country.core.known_rows import row_version
from booking.country.packs.service import ServiceSpec
from booking.platform.models import Service

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
