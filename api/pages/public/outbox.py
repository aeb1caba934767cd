"""The demonstration's outbox: what phones would have received, and what they send. Production settings forbid it."""

from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import CoreDep
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.show_again import show_again
from booking.country.core.core import Core
from booking.desk.sms_commands.incoming import send_as
from booking.people.reaching.views import outbox as read_outbox
from booking.platform.base.errors import MawidError
from booking.platform.base.fields import known_username

router = APIRouter(prefix="/outbox")


@router.get("")
def outbox(request: Request, core: CoreDep, username: str = "") -> Response:
    """List the latest notices, of one account where a user name is given."""
    return _page(request, core, username)


@router.post("")
def send(request: Request, form: PostedDep, core: CoreDep) -> Response:
    """Send a text message from the phone of an account."""
    username = form.text("username")
    with show_again(lambda error: _page(request, core, username, form, error)):
        send_as(core, username=username, content=form.text("message"))
    return RedirectResponse(f"/outbox?{urlencode({'username': username})}", 303)


def _page(
    request: Request, core: Core, username: str, form: Form | None = None, error: MawidError | None = None
) -> Response:
    return form_page(
        request,
        "public/outbox.html",
        form,
        error,
        lines=read_outbox(core, username=known_username(username)),
        username=username,
        zone=core.pack.country.time_zone,
    )
