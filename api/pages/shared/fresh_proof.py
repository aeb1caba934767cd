"""What an open tab alone must not do: the page asks for the second step again, and then shows the form as it was typed.

Guarded are roles, links, second factors and other changes of staff, names behind codes, second approvals, revocations,
each change of how an account signs in, and every file that leaves the site.
"""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AccountDep, CoreDep, SignedIn, core_of, visit_of
from api.errors import ProofTooOldError
from api.pages.shared.forms import PROVE_AGAIN, Form, kept_fields
from booking.country.core import sessions
from booking.country.core.core import Core
from booking.people.accounts.fresh import is_fresh
from booking.people.accounts.second_step import Proof, Ways, ways


def require_fresh_proof(core: Core, account: SignedIn, form: Form) -> None:
    """Check that the account proved lately who it is.

    Raises
    ------
    ProofTooOldError
        It did not; `ask_again` keeps the form and asks.
    """
    if not is_fresh(core, account.session):
        raise ProofTooOldError(form.fields)


async def _may_take_out(account: AccountDep, core: CoreDep) -> None:
    require_fresh_proof(core, account, Form({}))


TakingOutDep = Annotated[None, Depends(_may_take_out)]
"""Of a route that gives away a file, after the guard that says who may have it."""


def ask_again(request: Request, error: Any) -> Response:
    """Keep what was typed in the session, and lead to the page that asks for the second step.

    From there a form comes back as it was; whoever wanted a file is led to the page that offers it, which is above it.
    """
    if request.method == "GET":
        page = request.url.replace(path=request.url.path.rpartition("/")[0])
        return RedirectResponse(f"{PROVE_AGAIN}?{urlencode({'next': f'{page.path}?{page.query}'.rstrip('?')})}", 303)
    visit = visit_of(request)
    if visit is not None:
        resume = {"path": request.url.path, "fields": kept_fields(error.fields)}
        sessions.update_form(core_of(request), visit.token, {**visit.session.form, "resume": resume})
    return RedirectResponse(f"{PROVE_AGAIN}?next={request.url.path}", 303)


def ways_of(core: Core, account: SignedIn) -> Ways:
    """Return how the owner of the account that is signed in can prove it; `proof_forms` shows them."""
    return ways(core, account_id=account.account_id, token=account.visit.token)


def typed_proof(form: Form, account: SignedIn) -> Proof:
    """Return what was sent by one of the forms of `proof_forms`."""
    return Proof(
        account.visit.token,
        credential=form.text("credential"),
        code=form.text("code"),
        password=form.text("password"),
    )
