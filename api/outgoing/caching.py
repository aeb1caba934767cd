"""Answers that everyone gets alike: cached for a while, and not sent again while they are the same."""

from datetime import timedelta
from hashlib import sha256
from typing import Final

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

CATALOGUE_SECONDS: Final = int(timedelta(minutes=5).total_seconds())
PLACES_SECONDS: Final = 10
DRAW_SECONDS: Final = 30
PUBLISHED_SECONDS: Final = int(timedelta(days=365).total_seconds())

OPEN: Final = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
"""Of answers that pages of other sites may read too."""


def public(request: Request, answer: BaseModel, *, seconds: int) -> Response:
    """Answer with JSON that any cache may keep for ``seconds``."""
    return public_bytes(request, answer.model_dump_json().encode(), "application/json", seconds=seconds)


def public_bytes(request: Request, content: bytes, media_type: str, *, seconds: int) -> Response:
    """Answer with bytes that any cache may keep for ``seconds``; with 304 where the caller has them already."""
    return public_tagged(request, content, tag_of(content), media_type, seconds=seconds)


def tag_of(content: bytes) -> str:
    """Return the ETag of bytes."""
    return f'"{sha256(content).hexdigest()[:32]}"'


def public_tagged(request: Request, content: bytes, tag: str, media_type: str, *, seconds: int) -> Response:
    """Answer with bytes whose tag is known; with 304 where the caller has them already."""
    headers = {"ETag": tag, "Cache-Control": f"public, max-age={seconds}"}
    if is_known(request, tag):
        return Response(status_code=304, headers=headers)
    return Response(content, 200, headers, media_type)


def is_known(request: Request, tag: str) -> bool:
    """Return whether the caller has the answer with this tag already."""
    known = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
    return tag in known or "*" in known
