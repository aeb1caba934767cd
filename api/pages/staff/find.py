"""The search above every page of staff: leads to a reference, a page or a colleague, by what the role may open."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import CoreDep, SignedIn, StaffDep
from api.i18n import N_
from api.pages.shared.forms import PostedDep
from api.pages.shared.rendering import page
from api.pages.shared.staff_menu import named
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, allows
from booking.desk.helpers.register import list_helpers
from booking.desk.inbox.find import Sort, find_reference
from booking.people.staff.views import list_colleagues
from booking.platform.base.errors import FieldError
from booking.platform.base.references import read_reference

router = APIRouter(prefix="/staff/find")

_LONGEST: Final = 80
_MOST: Final = 10
_PAGES: Final[Mapping[Sort, tuple[str, str]]] = {
    Sort.REQUEST: ("/desk/reviews/%s", N_("Request for an appointment")),
    Sort.PEOPLE: ("/desk/cases/%s", N_("Question about people or accounts")),
    Sort.QUESTION: ("/desk/watch/cases/%s", N_("Question about approvals")),
    Sort.URGENT: ("/desk/urgent/%s", N_("Urgent case")),
    Sort.ONLINE: ("/desk/online/%s", N_("Online request")),
    Sort.POST: ("/desk/post/%s", N_("Papers by post")),
    Sort.APPOINTMENT: ("/desk/today/%s", N_("Appointment at my office")),
}


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that was found: where it is, and what it is called; ``name`` is a person's or organisation's own."""

    path: str
    words: str
    name: str = ""


@router.get("")
def empty(request: Request, colleague: StaffDep) -> Response:
    """Say what can be looked for."""
    return _found(request, colleague, "", [])


@router.post("")
def find(request: Request, form: PostedDep, colleague: StaffDep, core: CoreDep) -> Response:
    """Lead to the one thing that was meant, else show all that was found; a form, so that no address holds it."""
    text = " ".join(form.text("palette").split())[:_LONGEST]
    hits = list(_hits(request, core, colleague, text)) if text else []
    if len(hits) == 1:
        return RedirectResponse(hits[0].path, 303)
    return _found(request, colleague, text, hits)


def _hits(request: Request, core: Core, colleague: SignedIn, text: str) -> Iterator[Hit]:
    account_id, meant = colleague.account_id, text.casefold()
    try:
        reference = read_reference(text)
    except FieldError:
        reference = ""
    if reference:
        for sort in find_reference(core, account_id=account_id, reference=reference):
            path, words = _PAGES[sort]
            yield Hit(path % reference, words)
    yield from (Hit(way.path, way.words) for way in named(request, colleague.session, meant))
    if _may(colleague, Permission.MANAGE_STAFF):
        found = [one for one in list_colleagues(core) if meant in one.username.casefold()]
        yield from (Hit(f"/admin/staff/{one.account_id}", N_("Colleague"), one.username) for one in found[:_MOST])
    if _may(colleague, Permission.MANAGE_HELPERS):
        helpers = list_helpers(core, by=account_id)
        known = [one for one in helpers if meant in one.organisation.casefold() or meant == one.licence.casefold()]
        yield from (Hit(f"/desk/helpers/{one.id}", N_("Helper"), one.organisation) for one in known[:_MOST])


def _may(colleague: SignedIn, permission: Permission) -> bool:
    return allows(colleague.session.roles, colleague.session.office_id, permission)


def _found(request: Request, colleague: SignedIn, text: str, hits: list[Hit]) -> Response:
    counter = bool(text) and _may(colleague, Permission.SERVE_COUNTER)
    return page(request, "staff/find.html", text=text, hits=hits, counter=counter)
