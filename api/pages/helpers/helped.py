"""For people who were helped: follow the request oneself, or withdraw the consent."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AccountDep, CoreDep, OriginDep, VisitDep
from api.pages.shared.forms import Form, PostedDep, form_page, keep_form, moved
from api.pages.shared.references import ReferenceDep
from api.pages.shared.rendering import page
from booking.desk.helpers import take_over
from booking.platform.base.errors import FieldError, InvalidInputError, MawidError, NotFoundError

router = APIRouter()

KEPT = "helped"
LONGEST = 40


@router.get("/helped")
def which_form(request: Request) -> Response:
    """Ask which request, and which phone got the message."""
    return form_page(request, "helpers/helped.html")


@router.post("/helped")
def which_post(request: Request, form: PostedDep, core: CoreDep, origin: OriginDep, visit: VisitDep) -> Response:
    """Send a code to the phone; whether there is such a request is not said."""
    try:
        take_over.send_code(core, reference=form.text("reference"), phone=form.text("phone"), origin=origin)
    except MawidError as error:
        return form_page(request, "helpers/helped.html", form, error)
    keep_form(request, visit, {KEPT: {name: form.text(name)[:LONGEST] for name in ("reference", "phone")}})
    return moved(request, "/helped/next")


@router.get("/helped/next")
def next_form(request: Request, visit: VisitDep) -> Response:
    """Ask for the code and what to do; reference and phone are kept in the session, not in the address."""
    kept = visit.session.form.get(KEPT) if visit else None
    if not kept:
        return RedirectResponse("/helped", 303)
    return form_page(request, "helpers/helped_next.html", {"choice": "take_over"})


@router.post("/helped/next")
def next_post(request: Request, form: PostedDep, core: CoreDep, origin: OriginDep, visit: VisitDep) -> Response:
    """Take the account over, or withdraw the consent."""
    kept = (visit.session.form.get(KEPT) if visit else None) or {"reference": "", "phone": ""}
    try:
        _do(core, form, kept, origin)
    except MawidError as error:
        return form_page(request, "helpers/helped_next.html", form, error)
    keep_form(request, visit, {})
    if form.text("choice") == "withdraw":
        return page(request, "helpers/helped_done.html")
    return moved(request, "/sign-in")


def _do(core: CoreDep, form: Form, kept: dict[str, str], origin: OriginDep) -> None:
    code = form.text("code")
    match form.text("choice"):
        case "withdraw":
            take_over.withdraw_by_code(core, **kept, code=code, origin=origin)
        case "take_over":
            take_over.take_over(
                core,
                **kept,
                code=code,
                username=form.text("username"),
                password=form.text("password"),
                origin=origin,
            )
        case _:
            raise InvalidInputError([FieldError("choice", "choose_one")])


@router.get("/requests/{reference}/helper")
def helper_form(request: Request, reference: ReferenceDep, account: AccountDep, core: CoreDep) -> Response:
    """Ask whether the helper should no longer see the request."""
    helped = take_over.helped_by(core, account_id=account.account_id, reference=reference)
    if helped is None:
        raise NotFoundError
    return form_page(request, "helpers/helped_request.html", reference=reference, helped=helped)


@router.post("/requests/{reference}/helper")
def helper_post(
    request: Request, reference: ReferenceDep, form: PostedDep, account: AccountDep, core: CoreDep
) -> Response:
    """Withdraw the consent."""
    helped = take_over.helped_by(core, account_id=account.account_id, reference=reference)
    if helped is None:
        raise NotFoundError
    try:
        take_over.withdraw_consent(core, account_id=account.account_id, reference=reference)
    except MawidError as error:
        return form_page(request, "helpers/helped_request.html", form, error, reference=reference, helped=helped)
    return RedirectResponse(f"/requests/{reference}", 303)
