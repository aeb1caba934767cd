"""Services asked for online: where they begin, where each case stands, taking it back, the result on paper."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AccountDep, CoreDep, OriginDep, words_of
from api.outgoing.own_file import own_credential, own_pdf
from api.pages.shared.banners import told
from api.pages.shared.case_timelines import case_steps, post_steps
from api.pages.shared.forms import PostedDep, form_page
from api.pages.shared.references import ReferenceDep
from api.pages.shared.show_again import show_again
from api.pages.shared.wallet_offers import offer_or_end
from booking.country.core.core import Core
from booking.eservices.credentials.give import end_result, issue_credential
from booking.eservices.credentials.offer import offer_result
from booking.eservices.online.answer import CaseForm
from booking.eservices.online.begin import begin_case_form, find_online_service, is_offered, residence_of
from booking.eservices.online.check import own_certificate
from booking.eservices.online.send import CAN_WITHDRAW, withdraw_case
from booking.eservices.online.views import CaseView, own_view
from booking.people.accounts.household import list_members
from booking.platform.base.errors import MawidError
from booking.platform.models.online.case import IN_OWN_HANDS, OnlineState

router = APIRouter(prefix="/online")


@router.get("/services/{code}")
def begin_form(request: Request, code: str, account: AccountDep, core: CoreDep) -> Response:
    """Say what is needed and ask who it is for."""
    return _begin_page(request, core, account, code)


@router.post("/services/{code}")
def begin(request: Request, code: str, form: PostedDep, account: AccountDep, core: CoreDep) -> Response:
    """Begin a draft, or go on with the one that there is."""
    chosen = form.numbers("person")
    with show_again(lambda error: _begin_page(request, core, account, code, form, error)):
        asked = begin_case_form(
            core, account_id=account.account_id, service=code, member_id=chosen[-1] if chosen else None
        )
    if asked.unanswered is not None:
        return RedirectResponse(question_address(asked, asked.unanswered), 303)
    return RedirectResponse(f"/online/cases/{asked.case.reference}", 303)


@router.get("/cases/{reference}")
def show(request: Request, reference: ReferenceDep, account: AccountDep, core: CoreDep) -> Response:
    """Show where a case stands; one in its owner's hands goes on at the first open question."""
    view = own_view(core, account_id=account.account_id, reference=reference)
    if view.case.state is OnlineState.DRAFT:
        return RedirectResponse(next_step(view), 303)
    return case_page(request, core, view)


@router.get("/cases/{reference}/withdraw")
def withdraw_form(request: Request, reference: ReferenceDep, account: AccountDep, core: CoreDep) -> Response:
    """Ask whether to take a case back."""
    view = own_view(core, account_id=account.account_id, reference=reference)
    return form_page(request, "online/withdraw.html", view=view)


@router.post("/cases/{reference}/withdraw")
def withdraw(
    request: Request, reference: ReferenceDep, form: PostedDep, account: AccountDep, core: CoreDep
) -> Response:
    """Take a case back."""
    view = own_view(core, account_id=account.account_id, reference=reference)
    try:
        withdraw_case(core, account_id=account.account_id, reference=reference)
    except MawidError as error:
        return form_page(request, "online/withdraw.html", form, error, view=view)
    return told(core.settings, "/me", "online-withdrawn")


@router.get("/cases/{reference}/result.pdf")
def result(reference: ReferenceDep, account: AccountDep, core: CoreDep) -> Response:
    """Return the result on paper."""
    number, pdf = own_certificate(core, account_id=account.account_id, reference=reference)
    return own_pdf(pdf, number)


@router.get("/cases/{reference}/credential")
def credential_form(reference: ReferenceDep, account: AccountDep, core: CoreDep) -> Response:
    """Lead to the page of the case, where the form is."""
    own_view(core, account_id=account.account_id, reference=reference)
    return RedirectResponse(f"/online/cases/{reference}", 303)


@router.post("/cases/{reference}/credential")
def credential(
    reference: ReferenceDep, form: PostedDep, account: AccountDep, core: CoreDep, origin: OriginDep
) -> Response:
    """Give the result as a credential for a wallet: all that it shows, or only that there is one."""
    given = issue_credential(
        core,
        account_id=account.account_id,
        reference=reference,
        with_name=form.text("shows") == "all",
        origin=origin,
    )
    return own_credential(given.text, given.number)


@router.get("/cases/{reference}/wallet")
def wallet_form(reference: ReferenceDep, account: AccountDep, core: CoreDep) -> Response:
    """Lead to the page of the case, where the form is."""
    return credential_form(reference, account, core)


@router.post("/cases/{reference}/wallet")
def wallet(
    request: Request, reference: ReferenceDep, form: PostedDep, account: AccountDep, origin: OriginDep
) -> Response:
    """Offer the result to a wallet, or end what wallets and files have of it."""
    return offer_or_end(
        request,
        form,
        origin,
        account_id=account.account_id,
        reference=reference,
        back=f"/online/cases/{reference}",
        offer=offer_result,
        end=end_result,
    )


def next_step(view: CaseView) -> str:
    """Return the address of the first step that is not done: a question, the papers, the originals, or the review."""
    base = f"/online/cases/{view.case.reference}"
    if view.unanswered is not None:
        return question_address(view, view.unanswered)
    if any(one.required and not view.of_paper(one.code) for one in view.wanted):
        return f"{base}/papers"
    if view.choice_missing:
        return f"{base}/originals"
    return f"{base}/review"


def question_address(asked: CaseForm, code: str) -> str:
    """Return the address of the page with a question."""
    first = asked.parts[asked.part_of(code)][0].code
    return f"/online/cases/{asked.case.reference}/questions/{first}"


def case_page(request: Request, core: Core, view: CaseView, error: MawidError | None = None) -> Response:
    """Show where a case stands."""
    words = words_of(request)
    return form_page(
        request,
        "online/case.html",
        {},
        error,
        view=view,
        agency=core.pack.agency(view.spec.agency),
        go_on=next_step(view) if view.case.state in IN_OWN_HANDS else "",
        can_withdraw=view.case.state in CAN_WITHDRAW,
        zone=core.pack.country.time_zone,
        steps=case_steps(view, words, core.pack.country.time_zone),
        posted=post_steps(view, words),
    )


def _begin_page(
    request: Request, core: Core, account: AccountDep, code: str, typed: Any = None, error: MawidError | None = None
) -> Response:
    _, spec = find_online_service(core, code)
    members = list_members(core, account_id=account.account_id)
    known = {"person": members[0].id} if len(members) == 1 else {}
    return form_page(
        request,
        "online/begin.html",
        known if typed is None else typed,
        error,
        spec=spec,
        agency=core.pack.agency(spec.agency),
        residence=residence_of(account.session.door),
        members=members,
        offered=is_offered(core, spec),
        before=[(one, core.pack.service(one.service) if one.service else None) for one in spec.prerequisites],
    )
