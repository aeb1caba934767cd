"""A person asks to be let past the draw: why, by when, with which papers; and sees how it goes."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AccountDep, CoreDep, OriginDep, words_of
from api.incoming.upload_threads import in_own_threads, or_show
from api.pages.shared.answers import read_day
from api.pages.shared.banners import told
from api.pages.shared.case_timelines import urgent_steps
from api.pages.shared.evidence_images import image
from api.pages.shared.forms import PostedDep, form_page
from api.pages.shared.references import ReferenceDep, id_of
from api.pages.shared.show_again import show_again
from api.pages.shared.uploads import UploadDep
from booking.country.packs.schema import UrgentReasonSpec
from booking.people.evidence.accept import LARGEST_FILE
from booking.platform.base.errors import FieldError, InvalidInputError, MawidError, NotFoundError
from booking.platform.models.states import LIVE_URGENT_STATES, TAKES_EVIDENCE, UrgentState
from booking.scheduling.requests.views import request_view
from booking.scheduling.urgent.ask import ask_urgent, send_case, withdraw_case
from booking.scheduling.urgent.errors import UrgentExistsError
from booking.scheduling.urgent.evidence import MOST_FILES, add_evidence, finish_upload, read_own_page, remove_evidence
from booking.scheduling.urgent.views import OwnCase, own_case_view

router = APIRouter()


@router.get("/requests/{reference}/urgent")
def show(request: Request, reference: ReferenceDep, account: AccountDep, core: CoreDep, again: str = "") -> Response:
    """Show how the case stands, or ask why it is urgent where there is none (or a new one is wanted)."""
    own = own_case_view(core, account_id=account.account_id, request_reference=reference)
    if own is None or (again == "1" and own.case.state not in LIVE_URGENT_STATES):
        return _ask_page(request, core, account, reference, {})
    if own.case.state is UrgentState.DRAFT:
        return RedirectResponse(f"/requests/{reference}/urgent/evidence", 303)
    return _case_page(request, core, account, reference, own)


@router.post("/requests/{reference}/urgent")
def ask(request: Request, reference: ReferenceDep, form: PostedDep, account: AccountDep, core: CoreDep) -> Response:
    """Begin a case; its papers come next."""
    errors: list[FieldError] = []
    try:
        needed_by = read_day("needed_by", form.text("needed_by"))
    except FieldError as error:
        needed_by = None
        errors.append(error)
    with show_again(
        lambda error: _ask_page(request, core, account, reference, form, error),
        unless={UrgentExistsError: f"/requests/{reference}/urgent"},
    ):
        if errors:
            raise InvalidInputError(errors)
        ask_urgent(
            core,
            account_id=account.account_id,
            request_reference=reference,
            reason=form.text("reason"),
            needed_by=needed_by,
            words=form.text("words"),
        )
    return RedirectResponse(f"/requests/{reference}/urgent/evidence", 303)


@router.get("/requests/{reference}/urgent/evidence")
def evidence_form(request: Request, reference: ReferenceDep, account: AccountDep, core: CoreDep) -> Response:
    """Ask for the papers, one at a time, and list those that have arrived."""
    return _evidence_page(request, core, account, reference)


def _evidence_again(
    error: MawidError, *, request: Request, core: CoreDep, account: AccountDep, reference: str, **_given: Any
) -> Response:
    return _evidence_page(request, core, account, reference, error)


@router.post("/requests/{reference}/urgent/evidence")
@or_show(_evidence_again)
@in_own_threads
def evidence_post(
    *,
    request: Request,
    reference: ReferenceDep,
    upload: UploadDep,
    account: AccountDep,
    core: CoreDep,
    origin: OriginDep,
) -> Response:
    """Keep one paper, which came with the form or before it, in parts; send the case with it where that was pressed."""
    sent, who = upload.form.text("upload"), account.account_id
    with show_again(lambda error: _evidence_page(request, core, account, reference, error)):
        if sent:
            upload_id = id_of(sent)
            finish_upload(core, account_id=who, request_reference=reference, upload_id=upload_id, origin=origin)
        else:
            add_evidence(core, account_id=who, request_reference=reference, content=upload.content, origin=origin)
        if upload.form.text("then") == "send":
            send_case(core, account_id=who, request_reference=reference)
            return told(core.settings, f"/requests/{reference}/urgent", "urgent-sent")
    return told(core.settings, f"/requests/{reference}/urgent/evidence", "paper-added")


@router.get("/requests/{reference}/urgent/evidence/{evidence_id}/{number}")
def evidence_page(
    reference: ReferenceDep, evidence_id: UUID, number: int, account: AccountDep, core: CoreDep
) -> Response:
    """Show a page to the person who sent it."""
    own = own_case_view(core, account_id=account.account_id, request_reference=reference)
    if own is None or evidence_id not in {one.id for one in own.evidence}:
        raise NotFoundError
    return image(read_own_page(core, account_id=account.account_id, evidence_id=evidence_id, page=number))


@router.get("/requests/{reference}/urgent/remove")
def remove_form(reference: ReferenceDep, _account: AccountDep) -> Response:
    """Lead to the list, which has the buttons."""
    return RedirectResponse(f"/requests/{reference}/urgent/evidence", 303)


@router.post("/requests/{reference}/urgent/remove")
def remove(request: Request, reference: ReferenceDep, form: PostedDep, account: AccountDep, core: CoreDep) -> Response:
    """Take a paper back."""
    evidence_id = id_of(form.text("evidence"))
    with show_again(lambda error: _evidence_page(request, core, account, reference, error)):
        remove_evidence(core, account_id=account.account_id, request_reference=reference, evidence_id=evidence_id)
    return told(core.settings, f"/requests/{reference}/urgent/evidence", "paper-removed")


@router.get("/requests/{reference}/urgent/send")
def send_form(reference: ReferenceDep, _account: AccountDep) -> Response:
    """Lead to the list, which has the button."""
    return RedirectResponse(f"/requests/{reference}/urgent/evidence", 303)


@router.post("/requests/{reference}/urgent/send")
def send(request: Request, reference: ReferenceDep, _form: PostedDep, account: AccountDep, core: CoreDep) -> Response:
    """Send the case to the officers."""
    with show_again(lambda error: _evidence_page(request, core, account, reference, error)):
        send_case(core, account_id=account.account_id, request_reference=reference)
    return told(core.settings, f"/requests/{reference}/urgent", "urgent-sent")


@router.get("/requests/{reference}/urgent/withdraw")
def withdraw_form(request: Request, reference: ReferenceDep, account: AccountDep, core: CoreDep) -> Response:
    """Ask whether to take the case back."""
    view = request_view(core, account.account_id, reference)
    return form_page(request, "citizen/urgent_withdraw.html", view=view)


@router.post("/requests/{reference}/urgent/withdraw")
def withdraw(
    request: Request, reference: ReferenceDep, form: PostedDep, account: AccountDep, core: CoreDep
) -> Response:
    """Take the case back; the request stays in the draw."""
    view = request_view(core, account.account_id, reference)
    with show_again(lambda error: form_page(request, "citizen/urgent_withdraw.html", form, error, view=view)):
        withdraw_case(core, account_id=account.account_id, request_reference=reference)
    return told(core.settings, f"/requests/{reference}", "urgent-withdrawn")


def _ask_page(
    request: Request,
    core: CoreDep,
    account: AccountDep,
    reference: str,
    typed: Any,
    error: MawidError | None = None,
) -> Response:
    view = request_view(core, account.account_id, reference)
    return form_page(
        request,
        "citizen/urgent_ask.html",
        typed,
        error,
        view=view,
        reasons=core.pack.urgent_reasons,
        level=core.pack.service_level("urgent"),
    )


def _evidence_page(
    request: Request, core: CoreDep, account: AccountDep, reference: str, error: MawidError | None = None
) -> Response:
    own = own_case_view(core, account_id=account.account_id, request_reference=reference)
    if own is None:
        return RedirectResponse(f"/requests/{reference}/urgent", 303)
    if own.case.state not in TAKES_EVIDENCE:
        return RedirectResponse(f"/requests/{reference}/urgent", 303)
    return form_page(
        request,
        "citizen/urgent_evidence.html",
        {},
        error,
        reference=reference,
        own=own,
        reason=_reason(core, own.case.reason_code),
        most_files=MOST_FILES,
        largest=LARGEST_FILE // (1024 * 1024),
        zone=core.pack.country.time_zone,
    )


def _reason(core: CoreDep, code: str) -> UrgentReasonSpec | None:
    """Find a reason; None where the country's list has lost it since."""
    return next((one for one in core.pack.urgent_reasons if one.code == code), None)


def _case_page(request: Request, core: CoreDep, account: AccountDep, reference: str, own: OwnCase) -> Response:
    return form_page(
        request,
        "citizen/urgent_case.html",
        view=request_view(core, account.account_id, reference),
        own=own,
        reason=_reason(core, own.case.reason_code),
        level=core.pack.service_level(own.case.level) if own.case.level else None,
        zone=core.pack.country.time_zone,
        steps=urgent_steps(own, words_of(request), core.pack.country.time_zone),
    )
