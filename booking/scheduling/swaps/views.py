"""What a holder sees of the exchange, and what everyone sees of its nights."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from booking.country.core.core import Core
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Appointment, Office, Request, SwapEntry, SwapNight, SwapOutcome, SwapState, SwapWish
from booking.scheduling.swaps.nights import found
from booking.scheduling.swaps.wish import Choice, may_exchange
from booking.transparency.log.views import ReceiptPlace, receipt_places_in


@dataclass(frozen=True, slots=True)
class OwnSwap:
    """The exchange as the holder of an appointment sees it.

    ``possible``: the appointment can take part. ``running``: a night counts on the wish as it is. ``was_at`` and
    ``was_office``: where the appointment was before the last night that moved it, ``night``; once that is ``done``
    there is a part of it to check. ``chosen``: offices of the choices. ``receipt``: of the wish (64 digits), with where
    it stands in the public log, once that is signed.
    """

    possible: bool
    choices: Sequence[Choice]
    running: bool
    chosen: dict[str, Office]
    was_at: datetime | None
    was_office: Office | None
    night: str | None
    done: bool
    receipt: str | None
    logged: ReceiptPlace | None


@dataclass(frozen=True, slots=True)
class Night:
    """A night as everyone sees it; ``figures`` are empty until it is over, and of one given up tell how many moved."""

    reference: str
    state: SwapState
    decided: bool
    closes_at: datetime
    done_at: datetime | None
    waits_for: str | None
    figures: dict[str, Any]


def own_swap(core: Core, *, account_id: UUID, reference: str) -> OwnSwap:
    """Return what the exchange means for an appointment; raises NotFoundError where the account has none of it."""
    with core.sessions() as session:
        appointment = session.scalar(
            select(Appointment)
            .join(Request, Request.id == Appointment.request_id)
            .where(Appointment.reference == reference, Request.account_id == account_id)
            .options(contains_eager(Appointment.request))
        )
        if appointment is None:
            raise NotFoundError
        row = session.get(SwapWish, appointment.id)
        choices = [Choice.of(one) for one in row.choices] if row else []
        receipt = row.receipt.hex() if row else None
        named = select(Office).where(Office.code.in_({one.office for one in choices}))
        last = session.execute(
            select(SwapEntry, SwapNight.reference, Office, SwapNight.state)
            .join(SwapNight, SwapNight.id == SwapEntry.night_id)
            .join(Office, Office.id == SwapEntry.from_office_id)
            .where(SwapEntry.appointment_id == appointment.id, SwapEntry.outcome == SwapOutcome.MOVED)
            .order_by(SwapNight.closes_at.desc())
            .limit(1)
        ).one_or_none()
        return OwnSwap(
            possible=may_exchange(core, appointment),
            choices=choices,
            running=row is not None and row.night_id is not None,
            chosen={one.code: one for one in session.scalars(named)} if choices else {},
            was_at=last[0].from_starts_at if last else None,
            was_office=last[2] if last else None,
            night=last[1] if last else None,
            done=last is not None and last[3] is SwapState.DONE,
            receipt=receipt,
            logged=receipt_places_in(session, [receipt])[0] if receipt else None,
        )


def list_nights(core: Core, *, most: int = 30) -> list[Night]:
    """Return the newest nights, the newest first."""
    with core.sessions() as session:
        return [
            _night(one) for one in session.scalars(select(SwapNight).order_by(SwapNight.closes_at.desc()).limit(most))
        ]


def night_view(core: Core, reference: str) -> Night:
    """Return a night; raises NotFoundError."""
    with core.sessions() as session:
        return _night(found(session, reference))


def _night(row: SwapNight) -> Night:
    return Night(row.reference, row.state, row.decided, row.closes_at, row.done_at, row.waits_for, dict(row.figures))
