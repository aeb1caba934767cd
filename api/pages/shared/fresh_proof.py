"""What an open tab alone must not do: the page asks for the second step again, and then shows the form as it was typed.

Guarded are roles, links, second factors and other changes of staff, names behind codes, second approvals and
revocations.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import SignedIn, core_of, visit_of
from api.errors import ProofTooOldError
from api.pages.shared.forms import Form, kept_fields
from booking.accounts.prove_again import is_fresh
from booking.core import sessions
from booking.core.core import Core

PAGE = "/me/security/again"


def require_fresh_proof(core: Core, account: SignedIn, form: Form) -> None:
    """Check that the account proved lately who it is.

    Raises
    ------
    ProofTooOldError
        It did not; `ask_again` keeps the form and asks.
    """
    if not is_fresh(core, account.session):
        raise ProofTooOldError(form.fields)


def ask_again(request: Request, error: Any) -> Response:
    """Keep what was typed in the session, and lead to the page that asks for the second step."""
    visit = visit_of(request)
    if visit is not None:
        resume = {"path": request.url.path, "fields": kept_fields(error.fields)}
        sessions.update_form(core_of(request), visit.token, {**visit.session.form, "resume": resume})
    return RedirectResponse(f"{PAGE}?next={request.url.path}", 303)
