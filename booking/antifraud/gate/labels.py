"""Labels: what became known about a request, written in the transaction in which it became known."""

from uuid import UUID

from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.platform.models import Label
from booking.platform.models.states import LabelKind


def learn(
    session: Session,
    core: Core,
    *,
    request_id: UUID,
    kind: LabelKind,
    value: bool,
    source: str,
    account_id: UUID | None = None,
) -> None:
    """Append a label in the caller's transaction; ``value`` is true for what counts against the request."""
    session.add(
        Label(
            request_id=request_id,
            kind=kind,
            value=value,
            known_at=core.clock.now(),
            source=source,
            account_id=account_id,
        )
    )
