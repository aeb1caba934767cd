"""What a request that cannot be read gets for an answer: whole, in two languages, and the last of its connection."""

from http import HTTPStatus
from typing import Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

_WORDS: Final = {
    HTTPStatus.BAD_REQUEST: "هذا الطلب غير مفهوم.\nThis request cannot be understood.\n",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "رأس الطلب أكبر مما يُقبل هنا.\nThis request's head is too large.\n",
    HTTPStatus.REQUEST_TIMEOUT: "لم يصل الطلب كاملاً في الوقت المحدد.\nThe request did not arrive in time.\n",
}
_HEAD: Final = (
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\nconnection: close\r\n"
    b"cache-control: no-store\r\nx-content-type-options: nosniff\r\n\r\n"
)


def refusal(status: HTTPStatus) -> bytes:
    """Return the answer as it is sent; ``status`` is 400, 408 or 431."""
    words = _WORDS[status].encode()
    return STATUS_LINE[status] + _HEAD % len(words) + words
