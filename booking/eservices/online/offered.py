"""Which services can be asked for online now: only those that somebody, or nobody's judgement, would finish."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.known_rows import row_version
from booking.country.core.permissions import GRANTS, Permission
from booking.country.packs.service import ServiceSpec
from booking.eservices.online.errors import NotOfferedError
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Account, Service

_ONLINE: Final = select(Service.id, row_version(Service)).where(
    Service.code == bindparam("code"), Service.active, Service.delivery != "appointment"
)


def find_online_service(core: Core, code: str) -> tuple[int, ServiceSpec]:
    """Find an active service that is asked for online: its id and its file; raises NotFoundError."""
    with core.sessions.reading() as session:
        found = session.execute(_ONLINE, {"code": code}).one_or_none()
        if found is None:
            raise NotFoundError
        return found.id, core.known_services.files.of(session, *found)


def is_offered(core: Core, spec: ServiceSpec) -> bool:
    """Return whether the service can be asked for online now."""
    with core.sessions() as session:
        return _is_handled(session, spec)


def offered_codes(session: Session, specs: Sequence[ServiceSpec]) -> set[str]:
    """Return the codes of those services that can be asked for online now."""
    staffed = _staffed(session)
    return {one.code for one in specs if one.online and (one.issued_at_once or one.agency in staffed)}


def check_offered(session: Session, spec: ServiceSpec) -> None:
    """Refuse what nobody would handle; raises NotOfferedError."""
    if not _is_handled(session, spec):
        raise NotOfferedError


def _is_handled(session: Session, spec: ServiceSpec) -> bool:
    return spec.online and (spec.issued_at_once or spec.agency in _staffed(session))


def _staffed(session: Session) -> set[str]:
    """Return the agencies with an open account of somebody who handles cases."""
    rows = session.execute(
        select(Account.agency_code, Account.roles).where(Account.agency_code.is_not(None), Account.closed_at.is_(None))
    )
    handlers = {role.value for role in GRANTS[Permission.HANDLE_ONLINE]}
    return {code for code, roles in rows if code and handlers & set(roles)}
