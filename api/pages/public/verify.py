"""The page that checks a draw on any device, without a network: it is sent as it lies there, and shares no code."""

import re
from functools import cache
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.outgoing.caching import public_bytes
from api.pages.shared.static import read_static

router = APIRouter()

_NAME: Final = "mawid-verify.html"
_HTML: Final = "text/html; charset=utf-8"
_DAY: Final = 24 * 60 * 60
_POLICY: Final = re.compile(rb'<meta http-equiv="Content-Security-Policy" content="([^"]+)">')


@cache
def _policy() -> str:
    """Return the policy that the page states itself, and that nobody frames it."""
    found = _POLICY.search(read_static(_NAME))
    own = found[1].decode() if found else "default-src 'none'"
    return f"{own}; frame-ancestors 'none'"


@router.get("/verify")
def verify(request: Request) -> Response:
    """Show the page."""
    answer = public_bytes(request, read_static(_NAME), _HTML, seconds=_DAY)
    answer.headers["Content-Security-Policy"] = _policy()
    return answer


@router.get(f"/verify/{_NAME}")
def save(request: Request) -> Response:
    """Let the page be kept, to be opened without a network and passed on."""
    answer = verify(request)
    answer.headers["Content-Disposition"] = f'attachment; filename="{_NAME}"'
    return answer
