"""A form whose answers cannot be taken is shown again, with what was typed and what is wrong with it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from booking.people.identity.levels import IdentityLevelError
from booking.platform.base.errors import FieldError, InvalidInputError, MawidError, NotFoundError


class ShownAgainError(Exception):
    """Ends a route with the page that it shows instead of going on; `answer_again` sends it."""

    def __init__(self, page: Response) -> None:
        super().__init__()
        self.page = page


@contextmanager
def show_again(
    page: Callable[[MawidError], Response], *, unless: Mapping[type[MawidError], str] | None = None
) -> Iterator[None]:
    """Show a page where what a form asks for is refused; what is not found or not proven is answered as on every page.

    Parameters
    ----------
    page
        Makes the page from the error: the form again, with what was typed.
    unless
        Errors after which another address is better than the form, as when it was sent twice.
    """
    try:
        yield
    except (NotFoundError, IdentityLevelError):
        raise
    except MawidError as error:
        address = next((there for kind, there in (unless or {}).items() if isinstance(error, kind)), None)
        raise ShownAgainError(page(error) if address is None else RedirectResponse(address, 303)) from None


def at_its_field(error: MawidError, before: str, only: str | None = None) -> MawidError:
    """Return refused answers with the names that their fields have on the page: ``before`` and a code."""
    if not isinstance(error, InvalidInputError):
        return error
    return InvalidInputError(
        [FieldError(f"{before}{only or one.field}", one.reason, **one.values) for one in error.errors]
    )


def answer_again(_request: Request, error: Any) -> Response:
    """Send the page that `show_again` made."""
    page: Response = error.page
    return page
