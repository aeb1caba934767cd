"""A form that is refused for no fault of its own is given back in the answer, to be sent again by one button.

It stands in that answer alone: nothing of it is kept here, and no cache may keep it. Passwords and codes are left out.
The key by which a form does its work once goes with it: where that was done and nobody heard it, the key finds it.
"""

from collections.abc import Iterator
from contextlib import suppress
from html import escape
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive

from api.deps import core_of
from api.errors import ForeignOriginError
from api.incoming.bodies import FORM, FORM_TYPE, media_type
from api.pages.shared.forms import ONCE, TOKEN, is_secret
from api.pages.shared.own_origin import check_origin

LARGEST: Final = 24 * 1024
"""Bytes of a form that is given back: the longest text that a citizen types is half of that."""
TYPED: Final = "typed_at_the_door"
"""In the state of a request whose route did not get to read its form: the form's bytes."""
READ: Final = "typed_and_read"
"""The same where the route did, and what it asked next may turn out to be away."""


def may_be_given_back(request: Request) -> bool:
    """Return whether a request has a form of our own pages that is short enough; another site's is not shown."""
    stated = request.headers.get("content-length", "")
    if media_type(request) != FORM_TYPE or not stated.isdecimal() or not 0 < int(stated) <= LARGEST:
        return False
    try:
        check_origin(request, core_of(request).settings.base_url)
    except ForeignOriginError:
        return False
    return True


async def read_typed(request: Request, receive: Receive) -> None:
    """Read the form of a request that is refused before anything read it."""
    if may_be_given_back(request):
        with suppress(ClientDisconnect):  # then nobody reads the answer either
            request.scope["state"][TYPED] = await Request(request.scope, receive).body()


def give_back(request: Request) -> None:
    """Have the answer to a request give back the form that its route has read, where it may be given back."""
    state = request.scope["state"]
    if READ in state:
        state[TYPED] = state[READ]


def hidden_fields(request: Request) -> str:
    """Return the form of a refused request as hidden fields; "" where it has none, or one that cannot be read."""
    body: bytes = request.scope["state"].get(TYPED, b"")
    try:
        pairs = parse_qsl(
            body.decode("ascii", "replace"), keep_blank_values=True, max_num_fields=FORM.most_fields, errors="replace"
        )
    except ValueError:
        return ""
    return "".join(_inputs(pairs))


def _inputs(pairs: list[tuple[str, str]]) -> Iterator[str]:
    for name, value in pairs:
        if name in {TOKEN, ONCE} or not is_secret(name):
            text = escape(value.replace("\0", ""))
            yield f'<input type="hidden" name="{escape(name)}" value="{text}">'
