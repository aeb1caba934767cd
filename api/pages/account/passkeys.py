"""The passkeys of an account: added, named and removed by their owner."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.deps import AccountDep, CoreDep, OriginDep, SignedIn
from api.pages.account.device_words import device_words
from api.pages.shared.banners import told
from api.pages.shared.forms import Form, PostedDep, as_form, form_page
from api.pages.shared.references import id_in_path
from api.pages.shared.show_again import show_again
from booking.country.core.core import Core
from booking.people.accounts import passkeys
from booking.platform.base.errors import MawidError

router = APIRouter(prefix="/me/security/passkeys")


PasskeyId = Annotated[UUID, id_in_path("passkey_id")]


@router.get("")
def add_form(request: Request, account: AccountDep, core: CoreDep) -> Response:
    """Let the browser make a passkey."""
    passkeys.require_may_change(core, account_id=account.account_id, token=account.visit.token)
    return _add_page(request, core, account, as_form({"passkey_name": device_words(request)}))


@router.post("")
def add_post(request: Request, form: PostedDep, account: AccountDep, core: CoreDep, origin: OriginDep) -> Response:
    """Keep the passkey that the browser made."""
    try:
        passkeys.add(
            core,
            account_id=account.account_id,
            token=account.visit.token,
            credential=form.text("credential"),
            name=form.text("passkey_name"),
            origin=origin,
        )
    except MawidError as error:
        return _add_page(request, core, account, form, error)
    return told(core.settings, "/me/security", "passkey-added")


@router.get("/{passkey_id}/remove")
def remove_form(request: Request, passkey_id: PasskeyId, account: AccountDep, core: CoreDep) -> Response:
    """Ask whether to remove a passkey."""
    return _remove_page(request, core, account, passkey_id)


@router.post("/{passkey_id}/remove")
def remove_post(
    request: Request, _form: PostedDep, passkey_id: PasskeyId, account: AccountDep, core: CoreDep
) -> Response:
    """Remove it."""
    with show_again(lambda error: _remove_page(request, core, account, passkey_id, error)):
        passkeys.remove(core, account_id=account.account_id, token=account.visit.token, passkey_id=passkey_id)
    return told(core.settings, "/me/security", "passkey-removed")


def _add_page(request: Request, core: Core, account: SignedIn, form: Form, error: MawidError | None = None) -> Response:
    options = passkeys.offer_new(core, account_id=account.account_id, token=account.visit.token)
    return form_page(request, "account/passkey_add.html", form, error, passkey=options)


def _remove_page(
    request: Request, core: Core, account: SignedIn, passkey_id: UUID, error: MawidError | None = None
) -> Response:
    passkey = passkeys.find_passkey(core, account_id=account.account_id, passkey_id=passkey_id)
    return form_page(request, "account/passkey_remove.html", None, error, passkey=passkey)
