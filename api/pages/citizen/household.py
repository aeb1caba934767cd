"""The people whom an account acts for."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import AccountDep, CoreDep
from api.pages.shared.answers import birth_date_of
from api.pages.shared.banners import told
from api.pages.shared.forms import PostedDep, form_page
from api.pages.shared.own_origin import safe_path
from api.pages.shared.rendering import page
from api.pages.shared.show_again import show_again
from booking.people.accounts.edit_member import edit_member
from booking.people.accounts.household import Member, add_member, list_members, remove_member
from booking.platform.base.errors import MawidError, NotFoundError

router = APIRouter()


@router.get("/household")
def household(request: Request, account: AccountDep, core: CoreDep) -> Response:
    """List the people."""
    return page(request, "citizen/household.html", members=list_members(core, account_id=account.account_id))


@router.get("/household/add")
def add_form(request: Request, account: AccountDep, core: CoreDep, next: str = "") -> Response:  # noqa: A002
    """Ask for a person's details; the first one is usually the holder of the account."""
    first = not list_members(core, account_id=account.account_id)
    return form_page(
        request, "citizen/household_add.html", {"next": safe_path(next), "relation": "self" if first else ""}
    )


@router.post("/household/add")
def add_post(request: Request, form: PostedDep, account: AccountDep, core: CoreDep) -> Response:
    """Add the person and go back to where they were needed."""
    try:
        add_member(
            core,
            account_id=account.account_id,
            name=form.text("name"),
            national_number=form.text("national_number"),
            birth_date=birth_date_of(form),
            relation=form.text("relation"),
            sure=form.text("sure") == "1",
        )
    except MawidError as error:
        return form_page(request, "citizen/household_add.html", form, error)
    return told(core.settings, safe_path(form.text("next")) or "/household", "person-added")


@router.get("/household/{member_id}/edit")
def edit_form(request: Request, member_id: int, account: AccountDep, core: CoreDep) -> Response:
    """Ask for the name and relation as they should be."""
    member = _member(core, account, member_id)
    typed = {"name": member.name, "relation": member.relation}
    return form_page(request, "citizen/household_edit.html", typed, member=member)


@router.post("/household/{member_id}/edit")
def edit_post(request: Request, member_id: int, form: PostedDep, account: AccountDep, core: CoreDep) -> Response:
    """Correct a person's name or relation."""
    member = _member(core, account, member_id)
    with show_again(lambda error: form_page(request, "citizen/household_edit.html", form, error, member=member)):
        edit_member(
            core,
            account_id=account.account_id,
            member_id=member_id,
            name=form.text("name"),
            relation=form.text("relation"),
        )
    return told(core.settings, "/household", "person-changed")


@router.get("/household/{member_id}/remove")
def remove_form(request: Request, member_id: int, account: AccountDep, core: CoreDep) -> Response:
    """Ask whether to remove a person."""
    return form_page(request, "citizen/household_remove.html", member=_member(core, account, member_id))


@router.post("/household/{member_id}/remove")
def remove_post(request: Request, member_id: int, form: PostedDep, account: AccountDep, core: CoreDep) -> Response:
    """Remove a person."""
    member = _member(core, account, member_id)
    try:
        remove_member(core, account_id=account.account_id, member_id=member_id)
    except MawidError as error:
        return form_page(request, "citizen/household_remove.html", form, error, member=member)
    return told(core.settings, "/household", "person-removed")


def _member(core: CoreDep, account: AccountDep, member_id: int) -> Member:
    for member in list_members(core, account_id=account.account_id):
        if member.id == member_id:
            return member
    raise NotFoundError
