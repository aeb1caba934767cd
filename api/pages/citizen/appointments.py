"""An appointment: confirm it, show its pass, put it into a calendar, move it, give it up."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AccountDep, CoreDep, OriginDep, WordsDep
from api.pages.shared.answers import residence_of
from api.pages.shared.banners import told
from api.pages.shared.clocks import other_zone
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.keeping import end_of_day, let_keep
from api.pages.shared.references import ReferenceDep
from api.pages.shared.rendering import page
from api.pages.shared.wallet_offers import offer_or_end
from booking.country.core.core import Core
from booking.desk.counter.closing_views import open_move
from booking.desk.counter.moves import refuse_move
from booking.desk.hall.views import wait_of_appointment
from booking.eservices.credentials.give import end_pass
from booking.eservices.credentials.offer import offer_pass
from booking.people.reaching.recipients import own_zone
from booking.platform.base.errors import MawidError
from booking.platform.models.states import AppointmentState, Door
from booking.scheduling.appointments.change_time import live_instead
from booking.scheduling.appointments.papers import appointment_calendar, appointment_pass
from booking.scheduling.appointments.reserve import confirm_hold
from booking.scheduling.appointments.respond import cancel, confirm, is_movable, move
from booking.scheduling.requests.views import AppointmentView, appointment_view
from booking.scheduling.swaps.views import own_swap

router = APIRouter(prefix="/appointments/{reference}")

WAITS: Final = (AppointmentState.CONFIRMED, AppointmentState.CHECKED_IN)


@router.get("")
def show(request: Request, reference: ReferenceDep, account: AccountDep, core: CoreDep) -> Response:
    """Show an appointment and what can be done with it."""
    return _show(request, core, account, appointment_view(core, account.account_id, reference))


def _show(
    request: Request,
    core: Core,
    account: AccountDep,
    view: AppointmentView,
    typed: Form | None = None,
    error: MawidError | None = None,
) -> Response:
    now, over = core.clock.now(), view.state is AppointmentState.CANCELLED
    return form_page(
        request,
        "citizen/appointment.html",
        typed,
        error,
        view=view,
        now=now,
        move=open_move(core, account_id=account.account_id, reference=view.reference),
        swap=own_swap(core, account_id=account.account_id, reference=view.reference),
        movable=is_movable(core, view),
        instead=live_instead(core, account_id=account.account_id, reference=view.reference) if over else None,
        residence=residence_of(view.office.door),
        own_zone=_own_zone(core, account, view),
        wait=wait_of_appointment(core, account.account_id, view.reference) if _today(view, now) else None,
        level=core.pack.service_level(view.level) if view.level else None,
    )


def _today(view: AppointmentView, now: datetime) -> bool:
    """Return whether the hall can say more: the appointment's people are expected today, or are there."""
    zone = ZoneInfo(view.office.time_zone)
    return view.state in WAITS and view.starts_at.astimezone(zone).date() == now.astimezone(zone).date()


def _own_zone(core: Core, account: AccountDep, view: AppointmentView) -> str:
    """Return the reader's own zone where their clock differs from the consulate's; at a branch they are there."""
    if view.office.door is Door.HOME:
        return ""
    return other_zone(view.starts_at, view.office, own_zone(core, account.account_id))


@router.get("/confirm")
def confirm_form(reference: ReferenceDep, _account: AccountDep) -> Response:
    """Lead to the appointment's page, which has the button."""
    return RedirectResponse(f"/appointments/{reference}", 303)


@router.post("/confirm")
def confirm_post(
    request: Request, reference: ReferenceDep, form: PostedDep, account: AccountDep, core: CoreDep
) -> Response:
    """Keep the offered or held place."""
    view = appointment_view(core, account.account_id, reference)
    keep = confirm_hold if view.held else confirm
    try:
        keep(core, account_id=account.account_id, reference=reference)
    except MawidError as error:
        return _show(request, core, account, view, form, error)
    return told(core.settings, f"/appointments/{reference}", "confirmed")


@router.get("/cancel")
def cancel_form(request: Request, reference: ReferenceDep, account: AccountDep, core: CoreDep) -> Response:
    """Ask whether to give the appointment up."""
    view = appointment_view(core, account.account_id, reference)
    return form_page(request, "citizen/appointment_cancel.html", view=view, movable=is_movable(core, view))


@router.post("/cancel")
def cancel_post(
    request: Request, reference: ReferenceDep, form: PostedDep, account: AccountDep, core: CoreDep
) -> Response:
    """Give it up."""
    return _end(
        request,
        core,
        account,
        reference,
        form,
        act=cancel,
        template="citizen/appointment_cancel.html",
        target=f"/appointments/{reference}",
    )


@router.get("/move")
def move_form(request: Request, reference: ReferenceDep, account: AccountDep, core: CoreDep) -> Response:
    """Ask whether to go back into the draw."""
    return form_page(
        request, "citizen/appointment_move.html", view=appointment_view(core, account.account_id, reference)
    )


@router.post("/move")
def move_post(
    request: Request, reference: ReferenceDep, form: PostedDep, account: AccountDep, core: CoreDep
) -> Response:
    """Return it up and take part in the next draw with the priority it had."""
    return _end(
        request, core, account, reference, form, act=move, template="citizen/appointment_move.html", target=None
    )


@router.get("/refuse")
def refuse_form(reference: ReferenceDep, _account: AccountDep) -> Response:
    """Lead to the appointment's page, which has the button."""
    return RedirectResponse(f"/appointments/{reference}", 303)


@router.post("/refuse")
def refuse_post(
    request: Request, reference: ReferenceDep, form: PostedDep, account: AccountDep, core: CoreDep
) -> Response:
    """Refuse the place to which the office moved the appointment."""
    try:
        again = refuse_move(core, account_id=account.account_id, reference=reference)
    except MawidError as error:
        return _show(request, core, account, appointment_view(core, account.account_id, reference), form, error)
    return told(core.settings, f"/requests/{again}", "move-refused")


def _end(
    request: Request,
    core: Core,
    account: AccountDep,
    reference: str,
    form: Form,
    *,
    act: Callable[..., Any],
    template: str,
    target: str | None,
) -> Response:
    view = appointment_view(core, account.account_id, reference)
    try:
        result = act(core, account_id=account.account_id, reference=reference)
    except MawidError as error:
        return form_page(request, template, form, error, view=view, movable=is_movable(core, view))
    return told(core.settings, target or f"/requests/{result}", "cancelled" if target else "moved")


@router.get("/pass")
def show_pass(
    request: Request, reference: ReferenceDep, account: AccountDep, core: CoreDep, words: WordsDep
) -> Response:
    """Show the pass of a confirmed appointment, to be printed or shown on the phone."""
    drawn = appointment_pass(core, account.account_id, reference)
    view = appointment_view(core, account.account_id, reference)
    qr = Markup(drawn.svg)  # noqa: S704 - our own drawing, nothing typed is in it
    now = core.clock.now()
    response = page(
        request,
        "citizen/pass.html",
        view=view,
        qr=qr,
        residence=residence_of(view.office.door),
        kept_at=words.instant(now, view.office.time_zone),
    )
    let_keep(response, account, end_of_day(view.starts_at, view.office.time_zone) - now)
    return response


@router.get("/wallet")
def wallet_form(reference: ReferenceDep, _account: AccountDep) -> Response:
    """Lead to the appointment's page, which has the form."""
    return RedirectResponse(f"/appointments/{reference}", 303)


@router.post("/wallet")
def wallet(
    request: Request, reference: ReferenceDep, form: PostedDep, account: AccountDep, origin: OriginDep
) -> Response:
    """Offer the pass to a wallet, or end what wallets have of it."""
    back, own = f"/appointments/{reference}", account.account_id
    return offer_or_end(
        request, form, origin, account_id=own, reference=reference, back=back, offer=offer_pass, end=end_pass
    )


@router.get("/calendar.ics")
def calendar(reference: ReferenceDep, account: AccountDep, core: CoreDep, words: WordsDep) -> Response:
    """Return the appointment as a calendar file."""
    content = appointment_calendar(core, account.account_id, reference, language=words.language.code)
    headers = {"Content-Disposition": f'attachment; filename="{reference}.ics"'}
    return Response(content, media_type="text/calendar; charset=utf-8", headers=headers)
