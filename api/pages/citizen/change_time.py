"""Change an appointment to another free time: choose one, read what is given up for it, confirm: all or nothing."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Final, TypeAlias

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api.deps import AccountDep, CoreDep, OriginDep, words_of
from api.pages.citizen.free_times import chosen_day, free_by_day, strip
from api.pages.shared.banners import told
from api.pages.shared.clocks import other_zone
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.references import ReferenceDep
from booking.country.catalogue import views as catalogue
from booking.country.catalogue.views import SpareOffice
from booking.country.core.core import Core
from booking.country.places.views import open_slots
from booking.people.reaching.recipients import own_zone
from booking.platform.base.errors import MawidError, NotFoundError, SlotFullError, VerdictError
from booking.platform.models.states import Door
from booking.scheduling.appointments.change_time import change_time, to_change
from booking.scheduling.requests.views import AppointmentView, appointment_view

router = APIRouter(prefix="/appointments/{reference}/time")

_LARGEST: Final = 2**63 - 1


async def _slot_of(slot_id: int) -> int:
    """Read the slot in an address; a number that none can have is as unknown as a wrong one."""
    if not 0 < slot_id <= _LARGEST:
        raise NotFoundError
    return slot_id


SlotDep: TypeAlias = Annotated[int, Depends(_slot_of)]


@router.get("")
def choose(
    *,
    request: Request,
    reference: ReferenceDep,
    account: AccountDep,
    core: CoreDep,
    office: str = "",
    day: str = "",
) -> Response:
    """Show the free times of an office, that of the appointment unless another one is named, and other offices."""
    return _choose(request, core, account, reference, typed={"office": office, "day": day})


@router.get("/{slot_id}")
def confirm(
    request: Request, reference: ReferenceDep, slot_id: SlotDep, account: AccountDep, core: CoreDep
) -> Response:
    """Say what is taken and what is given up for it, with the button."""
    needed = to_change(core, account_id=account.account_id, reference=reference)
    with core.sessions() as session:
        found = open_slots(session, door=needed.door, units=needed.units, now=core.clock.now(), slot_id=slot_id)
    if not found:
        return _choose(request, core, account, reference, typed={}, error=SlotFullError())
    [slot] = found
    own = own_zone(core, account.account_id)
    return form_page(
        request,
        "citizen/change_time_confirm.html",
        view=appointment_view(core, account.account_id, reference),
        needed=needed,
        slot=slot,
        own_zone=other_zone(slot.starts_at, slot.office, own),
        key=secrets.token_urlsafe(16),
    )


@router.post("/{slot_id}")
def change(
    *,
    request: Request,
    reference: ReferenceDep,
    slot_id: SlotDep,
    form: PostedDep,
    account: AccountDep,
    core: CoreDep,
    origin: OriginDep,
) -> Response:
    """Change to it; the key in the form makes a second click the same change.

    Nothing is typed here, so for how long the page was open says nothing of anybody.
    """
    own = account.account_id
    try:
        changed = change_time(
            core,
            account_id=own,
            reference=reference,
            slot_id=slot_id,
            origin=replace(origin, seconds=None),
            begins=_instant(form.text("before")),
            idempotency_key=form.text("key")[:80] or None,
        )
    except NotFoundError:
        raise
    except MawidError as error:
        return _choose(request, core, account, reference, typed=form, error=error)
    return told(core.settings, f"/appointments/{changed.reference}", "changed")


def _instant(text: str) -> datetime | None:
    """Read when the appointment begins, as the page said it; what is no instant says nothing."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _choose(
    request: Request,
    core: Core,
    account: AccountDep,
    reference: str,
    *,
    typed: dict[str, str] | Form,
    error: MawidError | None = None,
) -> Response:
    form = typed if isinstance(typed, Form) else Form({name: [text] for name, text in typed.items()})
    needed = to_change(core, account_id=account.account_id, reference=reference)
    view = appointment_view(core, account.account_id, reference)
    spare = catalogue.spare_offices(core, door=needed.door, units=[needed.units])[needed.units]
    office = catalogue.find_office(core, form.text("office") or _first_office(core, view, needed.door, spare))
    if office.door is not needed.door:
        raise NotFoundError
    own = own_zone(core, account.account_id)
    by_day = free_by_day(core, door=needed.door, office=office, units=needed.units)
    day = chosen_day(by_day, form.text("day"))
    return form_page(
        request,
        "citizen/change_time.html",
        form,
        error,
        view=view,
        office=office,
        strip=strip(words_of(request), by_day, day, {"office": office.code}),
        day=day,
        times=[
            (slot, other_zone(slot.starts_at, office, own))
            for slot in (by_day[day] if day else ())
            if slot.slot_id not in needed.has
        ],
        others=[one for one in spare if one.office.code != office.code],
        reasons=error.reasons if isinstance(error, VerdictError) else [],
    )


def _first_office(core: Core, view: AppointmentView, door: Door, spare: Sequence[SpareOffice]) -> str:
    """Return the appointment's office, or the first of its door where it is at a branch, on a visit home."""
    if view.office.door is door:
        return view.office.code
    return spare[0].office.code if spare else catalogue.list_offices(core, door)[0].code
