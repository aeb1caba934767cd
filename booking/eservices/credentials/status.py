"""Status lists: which credentials ended before their time, told in bits that name nobody (IETF Token Status List)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import and_, exists, func, or_, select

from booking.country.core.core import Core
from booking.eservices.credentials.bits import pack_bits
from booking.eservices.credentials.keys import issuer_key, published_keys
from booking.eservices.credentials.names import LIST_KIND, LISTS, list_address
from booking.eservices.credentials.sd_jwt import sign
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Appointment, IssuedCredential, IssuedResult
from booking.platform.models.requests.appointment import MOVED
from booking.scheduling.appointments.papers import HAS_PAPERS

FRESH: Final = timedelta(minutes=5)
"""After which somebody with a network should fetch a list again."""
HOLDS: Final = timedelta(hours=48)
"""After which a list counts for nothing: so long can somebody without a network be behind, or be held behind."""
_STEP: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class StatusList:
    """A list as it is now: ``same`` changes when its bits, its hour or the key do, though each signature differs."""

    same: str
    text: str


def status_list(core: Core, number: int) -> StatusList:
    """Return a list, signed; raises NotFoundError for one that has not begun.

    Of all credentials that name a place in it, the bits of those are set whose result was revoked or is over, whose
    appointment is no more or was moved since, and those that their owner ended. Places that no credential has look like
    those that hold.
    """
    with core.sessions() as session:
        if number > (session.scalar(select(func.max(IssuedCredential.list))) or 0):
            raise NotFoundError
        moved = exists().where(MOVED.c.appointment_id == Appointment.id, MOVED.c.made_at >= IssuedCredential.issued_at)
        over = or_(
            IssuedCredential.ended_at.is_not(None),
            IssuedResult.revoked_at.is_not(None),
            IssuedResult.valid_until < core.today(),
            and_(Appointment.id.is_not(None), or_(Appointment.state.not_in(HAS_PAPERS), moved)),
        )
        ended = session.scalars(
            select(IssuedCredential.position)
            .outerjoin(IssuedResult, IssuedResult.id == IssuedCredential.result_id)
            .outerjoin(Appointment, Appointment.id == IssuedCredential.appointment_id)
            .where(IssuedCredential.list == number, over)
        ).all()
    now = int(core.clock.now().timestamp())
    made = now - now % int(_STEP.total_seconds())
    bits, key = pack_bits(ended), issuer_key(core.vault)
    body = {
        "sub": list_address(core.settings.base_url, number),
        "iat": made,
        "exp": made + int(HOLDS.total_seconds()),
        "ttl": int(FRESH.total_seconds()),
        "status_list": bits,
    }
    return StatusList(f"{key.thumbprint()} {made} {bits['lst']}", sign(body, key, kind=LIST_KIND))


def status_lists(core: Core) -> dict[str, Any]:
    """List where all lists lie, for who fetches them before the network is away."""
    with core.sessions() as session:
        newest = session.scalar(select(func.max(IssuedCredential.list))) or 0
    return {"status_lists": [list_address(core.settings.base_url, number) for number in range(newest + 1)]}


def issuer_document(core: Core) -> dict[str, Any]:
    """Describe the issuer: its name, its keys, where its lists are (SD-JWT VC, JWT VC Issuer Metadata)."""
    base = core.settings.base_url
    return {
        "issuer": base,
        "jwks": published_keys(core.vault),
        "status_list_aggregation_endpoint": f"{base}{LISTS}",
    }
