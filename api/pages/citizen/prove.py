"""One shows that one may ask for a person: which way suits, then one question, then back to where one came from."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AccountDep, CoreDep, OriginDep, SignedIn
from api.pages.shared.banners import told
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.own_origin import safe_path
from api.pages.shared.show_again import show_again
from booking.country.catalogue import views as catalogue
from booking.country.core.core import Core
from booking.country.core.security import Origin
from booking.country.packs.fields import WEEKDAYS
from booking.people.accounts.household import Member, list_members
from booking.people.identity.attest import ShownCode, show_counter_code
from booking.people.identity.prove import prove_by_code, prove_by_guardian, prove_by_serial, send_register_code
from booking.people.identity.state_sign_in import is_offered
from booking.people.identity.views import is_minor
from booking.platform.base.errors import FieldError, MawidError, NotFoundError
from booking.platform.models.identity import IdentityLevel, ProofKind

router = APIRouter(prefix="/household/{member_id}/prove")


class Way(StrEnum):
    """How somebody can show it; the word is in the address."""

    CARD = "card"
    PASSPORT = "passport"
    PHONE = "phone"
    GUARDIAN = "guardian"
    COUNTER = "counter"


BY_STATE: Final = "state"
"""The choice that leads to the state's sign-in, where the settings name one."""
_SERIALS: Final[Mapping[Way, Any]] = {Way.CARD: ProofKind.CARD, Way.PASSPORT: ProofKind.PASSPORT}


@router.get("")
def ways(
    request: Request,
    member_id: int,
    account: AccountDep,
    core: CoreDep,
    next: str = "",  # noqa: A002
    again: str = "",
) -> Response:
    """Say how sure it is that the account may act for the person, what that is for, and ask how to show it.

    ``again``: it is shown already, but the register does not know that any more.
    """
    return _ways_page(request, core, account, member_id, {"next": safe_path(next)}, again=again == "1")


@router.post("")
def chosen(request: Request, member_id: int, form: PostedDep, account: AccountDep, core: CoreDep) -> Response:
    """Go on to the question of the chosen way."""
    way = form.text("way")
    if way == BY_STATE and is_offered(core):
        return RedirectResponse(_with_next("/sign-in/state", form), 303)
    if way not in set(Way):
        error = FieldError("way", "choose_one")
        return _ways_page(request, core, account, member_id, form, error)
    return RedirectResponse(_with_next(f"/household/{member_id}/prove/{way}", form), 303)


@router.get("/{way}")
def question(
    request: Request,
    member_id: int,
    way: Way,
    account: AccountDep,
    core: CoreDep,
    next: str = "",  # noqa: A002
    sent: str = "",
) -> Response:
    """Ask the one question of a way; ``sent``: the register was asked to send a code."""
    typed = {"next": safe_path(next), "step": "code" if sent == "1" else ""}
    return _question_page(request, core, account, member_id, way, typed)


@router.post("/{way}")
def answered(
    request: Request, member_id: int, way: Way, form: PostedDep, account: AccountDep, core: CoreDep, origin: OriginDep
) -> Response:
    """Take the answer: go back to where it was needed, ask for the code, or show what a counter needs."""
    if way is Way.COUNTER:
        code = show_counter_code(core, account_id=account.account_id, member_id=member_id)
        return _question_page(request, core, account, member_id, way, form, code=code)
    with show_again(lambda error: _question_page(request, core, account, member_id, way, form, error)):
        if way is Way.PHONE and form.text("step") != "code":
            send_register_code(core, account_id=account.account_id, member_id=member_id, origin=origin)
            return RedirectResponse(_with_next(f"/household/{member_id}/prove/phone?sent=1", form), 303)
        _prove(core, account, member_id, way, form, origin)
    return told(core.settings, safe_path(form.text("next")) or f"/household/{member_id}/prove", "person-proven")


def _prove(core: Core, account: SignedIn, member_id: int, way: Way, form: Form, origin: Origin) -> None:
    whose: dict[str, Any] = {"account_id": account.account_id, "member_id": member_id, "origin": origin}
    if way is Way.GUARDIAN:
        prove_by_guardian(core, **whose)
        return
    field = "code" if way is Way.PHONE else "serial"
    typed = form.text(field).strip()
    if not typed:
        raise FieldError(field, "missing")
    if way is Way.PHONE:
        prove_by_code(core, code=typed, **whose)
    else:
        prove_by_serial(core, kind=_SERIALS[way], serial=typed, **whose)


def _ways_page(
    request: Request,
    core: Core,
    account: SignedIn,
    member_id: int,
    typed: Mapping[str, Any] | Form,
    error: MawidError | None = None,
    *,
    again: bool = False,
) -> Response:
    member = _member(core, account, member_id)
    shown = member.level.reaches(IdentityLevel.PROVEN)
    return form_page(
        request,
        "citizen/prove.html",
        typed,
        error,
        member=member,
        proven=shown and not again and error is None,
        again=shown,
        minor=is_minor(member.birth_date, core.today()),
        by_state=is_offered(core),
    )


def _question_page(
    request: Request,
    core: Core,
    account: SignedIn,
    member_id: int,
    way: Way,
    typed: Mapping[str, Any] | Form,
    error: MawidError | None = None,
    *,
    code: ShownCode | None = None,
) -> Response:
    member = _member(core, account, member_id)
    template = "serial" if way in _SERIALS else way.value
    return form_page(
        request,
        f"citizen/prove_{template}.html",
        typed,
        error,
        member=member,
        way=way.value,
        code=code,
        offices=catalogue.list_offices(core, account.session.door) if way is Way.COUNTER else (),
        weekdays=WEEKDAYS,
        zone=core.pack.country.time_zone,
    )


def _member(core: Core, account: SignedIn, member_id: int) -> Member:
    for member in list_members(core, account_id=account.account_id):
        if member.id == member_id:
            return member
    raise NotFoundError


def _with_next(path: str, form: Form) -> str:
    there = safe_path(form.text("next"))
    return f"{path}{'&' if '?' in path else '?'}next={quote(there, safe='/')}" if there else path
