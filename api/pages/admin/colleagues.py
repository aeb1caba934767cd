"""Colleagues' accounts, for administrators: who works here, in which role, and what ends when someone leaves."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AdministratorDep, CoreDep, SignedIn, WordsDep
from api.pages.shared.banners import told
from api.pages.shared.forms import Form, PostedDep, as_form, form_page
from api.pages.shared.fresh_proof import require_fresh_proof
from api.pages.shared.references import id_in_path
from api.pages.shared.show_again import show_again
from booking.country.catalogue.views import list_offices
from booking.country.core import sessions
from booking.country.core.core import Core
from booking.people.staff import change
from booking.people.staff.propose import propose
from booking.people.staff.views import Colleague, find_colleague, list_colleagues, list_waiting
from booking.people.staff.wanted import Wanted
from booking.platform.base.errors import MawidError
from booking.platform.models.accounts.person import StaffChangeKind
from booking.platform.models.states import Role

router = APIRouter(prefix="/admin/staff")

STAFF_ROLES = [role for role in Role if role not in {Role.CITIZEN, Role.HELPER}]
_AT_ONCE: Final[Mapping[str, Callable[..., None]]] = {"close": change.close_account, "sessions": change.end_sessions}
_PROPOSED: Final[Mapping[str, StaffChangeKind]] = {
    "open": StaffChangeKind.OPEN,
    "second_factor": StaffChangeKind.SECOND_FACTOR,
    "subject": StaffChangeKind.PROVIDER,
    "person": StaffChangeKind.PERSON,
}

AccountId = Annotated[UUID, id_in_path("account_id")]


@router.get("")
def colleagues(request: Request, _administrator: AdministratorDep, core: CoreDep) -> Response:
    """List everyone who works here, and the changes that wait for a second administrator."""
    return _colleagues_page(request, core)


@router.post("")
def search(request: Request, form: PostedDep, _administrator: AdministratorDep, core: CoreDep) -> Response:
    """List those whose user name or office holds a text; a form, so that no address holds it."""
    return _colleagues_page(request, core, form)


@router.get("/new")
def new_form(request: Request, _administrator: AdministratorDep, core: CoreDep) -> Response:
    """Ask for a new colleague's account."""
    return _new_page(request, core)


@router.post("/new")
def new_post(
    request: Request, form: PostedDep, administrator: AdministratorDep, core: CoreDep, words: WordsDep
) -> Response:
    """Propose the account; its password is chosen by its owner alone, with a code sent to the phone."""
    require_fresh_proof(core, administrator, form)
    wanted = replace(
        _work(form),
        username=form.text("username"),
        phone=form.text("phone"),
        language=words.language.code,
        name=form.text("name"),
        national_number=form.text("national_number"),
        birth_date=form.text("birth_date"),
    )
    with show_again(lambda error: _new_page(request, core, form, error)):
        change_id = propose(
            core,
            by=administrator.account_id,
            kind=StaffChangeKind.CREATE,
            reason=form.text("reason"),
            wanted=wanted,
        )
    return RedirectResponse(f"/admin/staff/changes/{change_id}", 303)


@router.get("/{account_id}")
def colleague_form(request: Request, account_id: AccountId, administrator: AdministratorDep, core: CoreDep) -> Response:
    """Show one colleague, with what can be changed."""
    return _colleague_page(request, core, administrator, account_id)


@router.post("/{account_id}")
def colleague_post(
    request: Request, form: PostedDep, account_id: AccountId, administrator: AdministratorDep, core: CoreDep
) -> Response:
    """Take something away at once, with which their sessions end; propose whatever gives more."""
    require_fresh_proof(core, administrator, form)
    by, reason, asked = administrator.account_id, form.text("reason"), form.text("change")
    with show_again(lambda error: _colleague_page(request, core, administrator, account_id, form, error)):
        if asked in _AT_ONCE:
            _AT_ONCE[asked](core, by=by, account_id=account_id, reason=reason)
            return told(core.settings, f"/admin/staff/{account_id}", "staff-changed")
        kind, wanted = _PROPOSED.get(asked, StaffChangeKind.ROLES), _work(form)
        if kind is StaffChangeKind.PERSON:
            wanted = _person(form)
        elif kind is StaffChangeKind.PROVIDER:
            wanted = Wanted(subject=form.text("subject"))
        elif kind is not StaffChangeKind.ROLES:
            wanted = Wanted()
        change_id = propose(core, by=by, kind=kind, reason=reason, account_id=account_id, wanted=wanted)
    return RedirectResponse(f"/admin/staff/changes/{change_id}", 303)


def _colleagues_page(request: Request, core: Core, form: Form | None = None) -> Response:
    text = " ".join(form.text("text").split()).casefold() if form else ""
    everyone = list_colleagues(core)
    found = [one for one in everyone if any(text in name.casefold() for name in _names(one))]
    return form_page(
        request, "admin/colleagues.html", form, colleagues=found, all=len(everyone), waiting=list_waiting(core)
    )


def _names(one: Colleague) -> Iterator[str]:
    yield one.username
    if one.office is not None:
        yield from (one.office.name_ar, one.office.name_en)


def _colleague_page(
    request: Request,
    core: Core,
    administrator: SignedIn,
    account_id: UUID,
    form: Form | None = None,
    error: MawidError | None = None,
) -> Response:
    colleague = find_colleague(core, account_id)
    office_code = colleague.office.code if colleague.office else ""
    known = {
        "roles": colleague.roles,
        "office_code": office_code,
        "agency_code": colleague.agency or "",
        "subject": colleague.subject,
    }
    return form_page(
        request,
        "admin/colleague.html",
        as_form(known) if form is None else form,
        error,
        colleague=colleague,
        own=colleague.account_id == administrator.account_id,
        live=len(sessions.list_all(core, colleague.account_id)),
        offices=_offices(core),
        agencies=core.pack.agencies,
        staff_roles=STAFF_ROLES,
        provider=core.settings.oidc_issuer or "",
    )


def _new_page(request: Request, core: Core, form: Form | None = None, error: MawidError | None = None) -> Response:
    return form_page(
        request,
        "admin/colleague_new.html",
        form,
        error,
        offices=_offices(core),
        agencies=core.pack.agencies,
        staff_roles=STAFF_ROLES,
    )


def _work(form: Form) -> Wanted:
    return Wanted(
        roles=tuple(role for role in STAFF_ROLES if role.value in form.every("roles")),
        office_code=form.text("office_code") or None,
        agency_code=form.text("agency_code") or None,
    )


def _person(form: Form) -> Wanted:
    return Wanted(
        name=form.text("name"),
        national_number=form.text("national_number"),
        birth_date=form.text("birth_date"),
    )


def _offices(core: Core) -> list[tuple[str, str, str]]:
    """List offices by code, with both names."""
    return [(office.code, office.name_ar, office.name_en) for office in list_offices(core)]
