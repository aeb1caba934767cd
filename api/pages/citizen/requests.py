"""A person's requests: where each stands, what to do next, and the few things that can be done with it."""

from datetime import date

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AccountDep, CoreDep, OriginDep, words_of
from api.incoming.costs import PAGE
from api.outgoing.own_file import own_file
from api.pages.shared.banners import told
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.references import ReferenceDep
from api.pages.shared.show_again import show_again
from api.pages.shared.timelines import request_steps
from booking.country.catalogue import views as catalogue
from booking.country.catalogue.views import week_of
from booking.desk.helpers.take_over import helped_by
from booking.desk.plans.views import what_lacks
from booking.platform.base.errors import HoldExpiredError, IllegalMoveError, MawidError
from booking.platform.models.states import WAITING_FOR_DRAW, RequestState
from booking.scheduling.draws.own_receipt import own_receipt
from booking.scheduling.requests.prove import Ways, answer_with_proof, send_challenge, ways_to_pass
from booking.scheduling.requests.review import answer_challenge, appeal, last_day_for_answer
from booking.scheduling.requests.views import OneRequest, RequestView, request_view, request_views
from booking.scheduling.requests.withdraw import withdraw
from booking.scheduling.urgent.ask import MAY_ASK
from booking.scheduling.urgent.views import own_case_view

router = APIRouter()


@router.get("/requests/{reference}")
async def show(
    request: Request, reference: ReferenceDep, account: AccountDep, core: CoreDep, new: str = ""
) -> Response:
    """Show a request with everything that was decided about it."""
    view = await core.together.join(request_views, OneRequest(core, account.account_id, reference))
    if view.is_plain:
        return _shown(request, core, account, view, new=new == "1")
    await request.state.turn.change(PAGE)  # what is looked up beside it waits in a thread
    return await run_in_threadpool(_shown, request, core, account, view, new=new == "1")


def _show(
    request: Request,
    core: CoreDep,
    account: AccountDep,
    reference: str,
    *,
    typed: Form | None = None,
    error: MawidError | None = None,
) -> Response:
    """Show it again, with what is wrong with what was sent."""
    view = request_view(core, account.account_id, reference)
    return _shown(request, core, account, view, typed=typed, error=error)


def _shown(
    request: Request,
    core: CoreDep,
    account: AccountDep,
    view: RequestView,
    *,
    new: bool = False,
    typed: Form | None = None,
    error: MawidError | None = None,
) -> Response:
    """Show what was read; waits for nothing more where that `is_plain`."""
    view, ways = _with_ways(core, account, view)
    owner, reference = account.account_id, view.reference
    lacks = (
        what_lacks(core, account_id=owner, reference=reference)
        if view.must_hold and view.state in WAITING_FOR_DRAW
        else []
    )
    return form_page(
        request,
        "citizen/request.html",
        typed,
        error,
        view=view,
        logged=view.logged,
        ways=ways,
        new=new,
        weekdays=week_of(view.offices, chosen=view.weekdays),
        bands=[band for band in core.pack.country.bands if band.code in view.bands],
        suggestion=_suggestion(core, view),
        lacks=lacks,
        urgent=view.urgent and own_case_view(core, account_id=owner, request_reference=reference),
        may_ask_urgent=view.state in MAY_ASK,
        helped=helped_by(core, account_id=owner, reference=reference) if view.helped else None,
        zone=core.pack.country.time_zone,
        steps=request_steps(view, words_of(request), core.pack.country.time_zone, lacks=bool(lacks)),
        now=core.clock.now(),
        today=core.today(),
    )


@router.get("/requests/{reference}/receipt.json")
def receipt(reference: ReferenceDep, account: AccountDep, core: CoreDep) -> Response:
    """Return the file by which its owner checks what became of a request in its last draw."""
    return own_file(own_receipt(core, account_id=account.account_id, reference=reference))


def _with_ways(core: CoreDep, account: AccountDep, view: RequestView) -> tuple[RequestView, Ways | None]:
    """Return the request and, where it needs a check, the ways to pass it."""
    if view.state is not RequestState.CHALLENGED:
        return view, None
    try:
        token = account.visit.token
        ways = ways_to_pass(core, account_id=account.account_id, session_token=token, reference=view.reference)
    except (IllegalMoveError, HoldExpiredError):  # it was passed, or its time ended, a moment ago
        return request_view(core, account.account_id, view.reference), None
    return view, ways


def _suggestion(core: CoreDep, view: RequestView) -> dict[str, object] | None:
    """Return the office and day that would have given a place, where the last draw found one."""
    found = view.last_draw.explanation.get("suggestion") if view.last_draw else None
    if not found:
        return None
    office = catalogue.shown_office(core, found["office"])
    return None if office is None else {"office": office, "day": found["day"]}


@router.get("/requests/{reference}/challenge")
def challenge_form(reference: ReferenceDep, _account: AccountDep) -> Response:
    """Lead to the request's page, which has the form."""
    return RedirectResponse(f"/requests/{reference}", 303)


@router.post("/requests/{reference}/challenge")
def challenge_post(
    request: Request, reference: ReferenceDep, form: PostedDep, account: AccountDep, core: CoreDep
) -> Response:
    """Answer the challenge with the code from the phone."""
    with show_again(lambda error: _show(request, core, account, reference, typed=form, error=error)):
        answer_challenge(core, account_id=account.account_id, reference=reference, code=form.text("code"))
    return _on(core, account, reference)


def _on(core: CoreDep, account: AccountDep, reference: str) -> Response:
    """Lead to what comes after a passed check: the place that is kept, or the request."""
    view = request_view(core, account.account_id, reference)
    if view.state is RequestState.HELD and view.appointment is not None:
        return RedirectResponse(f"/appointments/{view.appointment.reference}", 303)
    return told(core.settings, f"/requests/{reference}", "check-passed")


@router.get("/requests/{reference}/proof")
def proof_form(reference: ReferenceDep, _account: AccountDep) -> Response:
    """Lead to the request's page, which has the button."""
    return RedirectResponse(f"/requests/{reference}", 303)


@router.post("/requests/{reference}/proof")
def proof_post(
    *, request: Request, reference: ReferenceDep, form: PostedDep, account: AccountDep, core: CoreDep, origin: OriginDep
) -> Response:
    """Answer the challenge with what the device computed."""
    with show_again(lambda error: _show(request, core, account, reference, error=error)):
        answer_with_proof(
            core,
            account_id=account.account_id,
            session_token=account.visit.token,
            reference=reference,
            solution=form.text("solution"),
            origin=origin,
        )
    return _on(core, account, reference)


@router.get("/requests/{reference}/code")
def code_form(reference: ReferenceDep, _account: AccountDep) -> Response:
    """Lead to the request's page, which has the button."""
    return RedirectResponse(f"/requests/{reference}", 303)


@router.post("/requests/{reference}/code")
def code_post(
    *, request: Request, reference: ReferenceDep, form: PostedDep, account: AccountDep, core: CoreDep, origin: OriginDep
) -> Response:
    """Send a code, or another one."""
    with show_again(lambda error: _show(request, core, account, reference, typed=form, error=error)):
        send_challenge(core, account_id=account.account_id, reference=reference, origin=origin)
    return RedirectResponse(f"/requests/{reference}#with-code", 303)


@router.get("/requests/{reference}/withdraw")
def withdraw_form(request: Request, reference: ReferenceDep, account: AccountDep, core: CoreDep) -> Response:
    """Ask whether to withdraw."""
    view = request_view(core, account.account_id, reference)
    return form_page(request, "citizen/request_withdraw.html", view=view)


@router.post("/requests/{reference}/withdraw")
def withdraw_post(
    request: Request, reference: ReferenceDep, form: PostedDep, account: AccountDep, core: CoreDep
) -> Response:
    """Withdraw."""
    view = request_view(core, account.account_id, reference)
    with show_again(lambda error: form_page(request, "citizen/request_withdraw.html", form, error, view=view)):
        withdraw(core, account_id=account.account_id, reference=reference)
    return told(core.settings, f"/requests/{reference}", "withdrawn")


@router.get("/requests/{reference}/appeal")
def appeal_form(request: Request, reference: ReferenceDep, account: AccountDep, core: CoreDep) -> Response:
    """Ask for the objection in the person's own words."""
    view = request_view(core, account.account_id, reference)
    return form_page(request, "citizen/request_appeal.html", view=view, answer_by=_answer_by(core))


@router.post("/requests/{reference}/appeal")
def appeal_post(
    request: Request, reference: ReferenceDep, form: PostedDep, account: AccountDep, core: CoreDep
) -> Response:
    """Keep the objection for an officer."""
    view = request_view(core, account.account_id, reference)
    try:
        appeal(core, account_id=account.account_id, reference=reference, words=form.text("words"))
    except MawidError as error:
        return form_page(request, "citizen/request_appeal.html", form, error, view=view, answer_by=_answer_by(core))
    return told(core.settings, f"/requests/{reference}", "appealed")


def _answer_by(core: CoreDep) -> date:
    with core.sessions() as session:
        return last_day_for_answer(session, core)
