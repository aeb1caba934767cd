"""Where a notice leads: its page's address, short in a text message and whole in a letter."""

from collections.abc import Mapping
from typing import Final

from booking.people.reaching.templates import About, templates
from booking.platform.base.references import shown
from booking.platform.models.base import Json

SHORT: Final[Mapping[str, str]] = {"r": "requests", "a": "appointments", "c": "online/cases"}
"""One letter for each kind of page that a reference has: text messages are paid by their length."""
_LETTERS: Final[Mapping[About, str]] = {About.REQUEST: "r", About.APPOINTMENT: "a", About.CASE: "c"}
_ACCOUNT: Final = "/me/security"


def page_of(kind: str, values: Json) -> str:
    """Return the path of the page on which a notice's reader reads more, or acts."""
    template, reference = templates()[kind], values.get("reference")
    if template.page is not None:
        return template.page
    if template.about is About.ACCOUNT or reference is None:
        return _ACCOUNT
    return f"/{SHORT[_LETTERS[template.about]]}/{reference}"


def short_link(kind: str, values: Json, base_url: str) -> str:
    """Return a page's address as short as phones still open it: without a scheme, its reference readable."""
    host, template, reference = base_url.partition("://")[2], templates()[kind], values.get("reference")
    if template.page is not None or template.about is About.ACCOUNT or reference is None:
        return host + page_of(kind, values)
    return f"{host}/{_LETTERS[template.about]}/{shown(reference)}"
