"""A part of a file, for who fetches it in several or goes on where a download broke off (RFC 9110, section 14)."""

import re
from typing import Final

from starlette.requests import Request

_ONE: Final = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


def wants_part(request: Request) -> bool:
    """Return whether a caller names a part, which is always one of the file as it is, never of a compressed one."""
    return "range" in request.headers


def part_of(request: Request, tag: str, size: int) -> range | None:
    """Return which bytes of a file a caller wants: none for a part beyond its end; None where all of it is to be sent.

    All of it is sent to who names several parts, a part in another way, or one of a file with another ``tag``.
    """
    found = _ONE.fullmatch(request.headers.get("range", ""))
    first, last = found.groups() if found else ("", "")
    if not (first or last) or request.headers.get("if-range", tag) != tag:
        return None
    if not first:
        return range(max(0, size - int(last)), size)
    if last and int(last) < int(first):
        return None
    return range(int(first), min(size, int(last) + 1) if last else size)
