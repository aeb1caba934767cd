"""What is said of a step as pages that fit: a USSD screen has few letters, speech has seven keys.

Options are numbered from 1 on each page; 9 leads to the next page and 0 to the main menu.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from booking.people.reaching.notice_text import gsm_places

MORE: Final = "9"
MENU: Final = "0"
MOST_OPTIONS: Final = 7
_SHORTENED: Final = ".."

Fits = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Option:
    """Something to choose: its value, and what is said of it."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a step: its text without keys, and its options by their keys."""

    text: str
    options: tuple[tuple[str, Option], ...]
    more: bool


def on_screen(octets: int) -> Fits:
    """Return what tells whether a text fits a USSD screen of ``octets``, packed in 7 bits where its letters allow it.

    Others are sent in UCS-2, two octets a letter (3GPP TS 23.038).
    """

    def fits(text: str) -> bool:
        places = gsm_places(text)
        if places is None:
            return len(text.encode("utf-16-be")) <= octets
        return places <= octets * 8 // 7

    return fits


def in_speech(_: str) -> bool:
    """Return that a text of any length can be said."""
    return True


def pages_of(heading: str, options: Sequence[Option], *, write: Callable[[Page], str], fits: Fits) -> list[Page]:
    """Cut a step into pages that fit as ``write`` writes them.

    What is too long for a page of its own is shortened: nothing that is shown is longer than what fits.
    """
    text, *others = _chunks(heading, lambda words: fits(write(Page(words, (), more=True))))
    pages: list[Page] = []
    for chunk in others:
        pages.append(Page(text, (), more=True))
        text = chunk
    left = list(options)
    while left or text or not pages:
        taken = _most_options(text, left, write, fits)
        if left and not taken and not text:
            taken = [_shortened(left[0], write, fits)]
        left = left[len(taken) :]
        pages.append(Page(text, _numbered(taken), more=True))
        text = ""
    many = len(pages) > 1
    return [Page(one.text, one.options, more=many) for one in pages]  # the last one leads to the first again


def _chunks(text: str, fits: Fits) -> list[str]:
    """Cut a text before each word that does not fit any more; a word that is too long for a page is cut."""
    chunks, rest = list[str](), text
    while not fits(rest):
        lengths = range(len(rest) - 1, 0, -1)
        most = next((length for length in lengths if fits(rest[:length])), 1)
        end = rest.rfind(" ", 0, most + 1)
        chunks.append(rest[: end if end > 0 else most])
        rest = rest[len(chunks[-1]) :].lstrip(" ")
    return [*chunks, rest]


def _most_options(text: str, options: Sequence[Option], write: Callable[[Page], str], fits: Fits) -> list[Option]:
    """Return the options that fit below a text, with the key for more where some may be left."""
    taken: list[Option] = []
    for option in options[:MOST_OPTIONS]:
        if not fits(write(Page(text, _numbered([*taken, option]), more=True))):
            break
        taken.append(option)
    return taken


def _shortened(option: Option, write: Callable[[Page], str], fits: Fits) -> Option:
    """Shorten what is said of an option until it fits a page of its own."""
    for length in range(len(option.label) - 1, 0, -1):
        shorter = Option(option.value, option.label[:length].rstrip() + _SHORTENED)
        if fits(write(Page("", _numbered([shorter]), more=True))):
            return shorter
    return Option(option.value, "")


def _numbered(options: Sequence[Option]) -> tuple[tuple[str, Option], ...]:
    return tuple((str(number), option) for number, option in enumerate(options, start=1))
