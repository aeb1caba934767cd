"""Which services can be asked for online now: only those that somebody, or nobody's judgement, would finish."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.base.errors import NotFoundError
from booking.core.core import Core
from booking.core.permissions import GRANTS, Permission
from booking.models import Account, Service
from booking.online.errors import NotOfferedError
from booking.packs.service import ServiceSpec


def find_online_service(core: Core, code: str) -> tuple[Service, ServiceSpec]:
    """Find an active service that is asked for online, with its file; raises NotFoundError."""
    with core.sessions() as session:
        service = session.scalar(select(Service).where(Service.code == code, Service.active))
    if service is None or not service.online:
        raise NotFoundError
    return service, spec_of(service)


def spec_of(service: Service) -> ServiceSpec:
    """Read the service's file as it was loaded."""
    return ServiceSpec.from_stored(service.spec)


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
