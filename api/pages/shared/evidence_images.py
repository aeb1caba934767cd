"""Evidence as an image in the browser: shown, never kept, and able to do nothing."""

from typing import Final

from starlette.responses import Response

from booking.people.evidence.accept import Page

_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "no-store",
    "Content-Disposition": 'inline; filename="page.jpg"',
}


def image(page: Page) -> Response:
    """Return a page as an image."""
    return Response(page.content, media_type=page.media_type, headers=_HEADERS)
