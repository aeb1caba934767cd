"""Whose document it is, in the words of the country pack."""

from booking.country.packs.fields import Words
from booking.country.packs.schema import CountrySpec
from booking.country.paper.document import Both


def in_both(words: Words) -> Both:
    """Return a pack's words in the two languages of documents."""
    return Both(words["ar"], words["en"])


def foot_of(country: CountrySpec) -> Both:
    """Say whose service made a document."""
    statement, ministry = in_both(country.state.statement), in_both(country.state.ministry)
    return Both(f"موعد – {statement.ar} – {ministry.ar}", f"Mawid – {statement.en} – {ministry.en}")


def page_address(base_url: str, path: str) -> str:
    """Return a page's address as people type it: without its scheme."""
    return base_url.partition("://")[2] + path
