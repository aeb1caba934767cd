"""What people hold that was issued here, as the registers tell of what was issued elsewhere."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import Uuid, select
from sqlalchemy.orm import Session

from booking.country.core.register import Holding
from booking.platform.base.arrays import any_named
from booking.platform.models import IssuedResult, Service

_ISSUED: Final = (
    select(IssuedResult.person_id, Service.code, IssuedResult.issued_on, IssuedResult.valid_until)
    .join(Service, Service.id == IssuedResult.service_id)
    .where(
        IssuedResult.person_id == any_named("people", Uuid),
        IssuedResult.revoked_at.is_(None),
        IssuedResult.kind != "appointment",
    )
    .order_by(IssuedResult.issued_on)
)


def held_by(session: Session, people: Collection[UUID]) -> dict[UUID, tuple[Holding, ...]]:
    """Return the certificates and policies of people that were not revoked, whatever their days."""
    rows = session.execute(_ISSUED, {"people": list(people)}).all()
    found: dict[UUID, tuple[Holding, ...]] = {}
    for person_id, code, issued, until in rows:
        found[person_id] = (*found.get(person_id, ()), Holding(code, issued, until))
    return found
