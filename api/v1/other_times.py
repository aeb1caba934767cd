"""The exchange: another time that the holder of an appointment would rather have, best first."""

from datetime import date, datetime

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from api.deps import CoreDep
from api.outgoing.own_file import own_file
from api.v1.calls.guards import Caller, StoredReference
from api.v1.calls.refusals import INPUT, NO_BODY, SIGNED_IN, refusals
from api.v1.calls.values import Code, Day, In, Out
from api.v1.offices import OfficeLine, office_line
from booking.platform.base.errors import FieldError, NotFoundError
from booking.scheduling.swaps.errors import NightRunningError, NotExchangedError
from booking.scheduling.swaps.own_part import own_wish
from booking.scheduling.swaps.views import OwnSwap, own_swap
from booking.scheduling.swaps.wish import MOST_CHOICES, MOST_DAYS, Choice, take_back, wish

router = APIRouter(prefix="/appointments/{reference}/other-time", tags=["appointments"])

ONE_WISH = (*SIGNED_IN, FieldError, NotFoundError)


class ChoiceIn(In):
    """Any appointment of an office from one day to another; the first days and times of day are the better ones."""

    office: Code
    first: Day
    last: Day = Field(description=f"Included; a choice has {MOST_DAYS} days at most.")
    bands: list[Code] = Field(default=[], max_length=20, description="Times of day, by code; none are all of them.")


class OtherTimeIn(In):
    """What its holder would rather have. The appointment stays theirs until a night finds something of it."""

    choices: list[ChoiceIn] = Field(max_length=20, description=f"Best first, {MOST_CHOICES} at most.")


class ChoiceOut(Out):
    """One choice of a wish."""

    office: str
    first: date
    last: date
    bands: list[str]


class MovedFromOut(Out):
    """Where an appointment was before the last night that moved it, and which night that was."""

    office: OfficeLine
    starts_at: datetime
    night: str


class OtherTimeOut(Out):
    """What the exchange means for an appointment."""

    possible: bool = Field(description="Whether it can take part: confirmed, drawn, not urgent, two days ahead.")
    running: bool = Field(description="A night counts on the wish as it is; it cannot be changed until that is done.")
    choices: list[ChoiceOut] = Field(description="The wish, best first; empty where there is none.")
    moved_from: MovedFromOut | None
    receipt: str | None = Field(description="Of the wish, as the public log has it; none where there is no wish.")


@router.get("", responses=refusals(*ONE_WISH))
def show(reference: StoredReference, core: CoreDep, caller: Caller) -> OtherTimeOut:
    """Return what the holder of an appointment would rather have, and what the last night brought."""
    return _out(own_swap(core, account_id=caller.account_id, reference=reference))


@router.get(
    "/receipt",
    response_class=Response,
    responses=refusals(*ONE_WISH) | {200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
)
def receipt(reference: StoredReference, core: CoreDep, caller: Caller) -> Response:
    """Return the file by which its owner proves a wish: that a night counted on it as it was made, or left it out.

    Fetch it before the night, once the public log has the receipt. It is for nobody else.
    """
    return own_file(own_wish(core, account_id=caller.account_id, reference=reference))


@router.put("", responses=refusals(*ONE_WISH, *INPUT, NotExchangedError, NightRunningError))
def keep(reference: StoredReference, body: OtherTimeIn, core: CoreDep, caller: Caller) -> OtherTimeOut:
    """Wish for one of some other times. A wish before this one is replaced; the appointment stays as it is."""
    choices = [Choice(one.office, one.first, one.last, tuple(one.bands)) for one in body.choices]
    wish(core, account_id=caller.account_id, reference=reference, choices=choices)
    return show(reference, core, caller)


@router.delete("", status_code=204, responses=refusals(*ONE_WISH, *NO_BODY, NightRunningError))
def end(reference: StoredReference, core: CoreDep, caller: Caller) -> None:
    """Take the wish back; where there is none nothing happens."""
    take_back(core, account_id=caller.account_id, reference=reference)


def _out(own: OwnSwap) -> OtherTimeOut:
    moved = None
    if own.was_at is not None and own.was_office is not None and own.night is not None:
        moved = MovedFromOut(office=office_line(own.was_office), starts_at=own.was_at, night=own.night)
    return OtherTimeOut(
        possible=own.possible,
        running=own.running,
        choices=[
            ChoiceOut(office=one.office, first=one.first, last=one.last, bands=list(one.bands)) for one in own.choices
        ],
        moved_from=moved,
        receipt=own.receipt,
    )
