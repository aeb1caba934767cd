"""The languages that the reader of a notebook has chosen; its figures and sentences are shown in each of them."""

from typing import Final

from booking.platform.languages.language import WRITTEN

_chosen: Final = list(WRITTEN)


def read_in(*codes: str) -> None:
    """Show what this kernel computes from now on in these languages, in this order.

    Raises
    ------
    ValueError
        None is named.
    """
    if not codes:
        raise ValueError("name a language, such as ar")
    _chosen[:] = codes


def languages_read() -> tuple[str, ...]:
    """Return the codes of the reader's languages: all that the project is written in, until one is chosen."""
    return tuple(_chosen)
