"""How a step is written for each way: a USSD screen, speech, a text message."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from booking.country.core.security import By
from booking.desk.telephone.screens import MENU, MORE, Fits, Page, in_speech, on_screen
from booking.desk.telephone.turn import Turn
from booking.people.reaching.notice_text import count_segments

MOST_PARTS: Final = 2
"""Parts of a text message that a step may take: each costs money."""
_BEFORE: Final = "Mawid: "
"""As long as what the notice says before a step, in any language."""


@dataclass(frozen=True, slots=True)
class Medium:
    """How a page is written, and what of that fits."""

    write: Callable[[Page], str]
    fits: Fits


def medium_of(turn: Turn, *, takes_digits: bool) -> Medium:
    """Return how this turn's steps are written.

    Parameters
    ----------
    takes_digits
        Several digits are awaited, which a caller ends with the hash key.
    """
    if turn.call.by is By.VOICE:
        return Medium(lambda page: _spoken(turn, page, takes_digits=takes_digits), in_speech)
    if turn.call.by is By.SMS:
        return Medium(lambda page: _written(turn, page), lambda text: count_segments(_BEFORE + text) <= MOST_PARTS)
    return Medium(lambda page: _written(turn, page), on_screen(turn.core.settings.ussd_octets))


def _written(turn: Turn, page: Page) -> str:
    phrases = turn.dialogue.phrases
    ways = [f"{MORE} {turn.said(phrases.more)}"] * page.more + [f"{MENU} {turn.said(phrases.menu)}"] * _has_menu(turn)
    lines = [page.text, *(f"{key} {option.label}" for key, option in page.options), " ".join(ways)]
    return "\n".join(line for line in lines if line)


def _spoken(turn: Turn, page: Page, *, takes_digits: bool) -> str:
    phrases = turn.dialogue.phrases
    keys = [(option.label, key) for key, option in page.options]
    keys += [(turn.said(phrases.more), MORE)] * page.more + [(turn.said(phrases.menu), MENU)] * _has_menu(turn)
    press = phrases.press[turn.memory.language]
    text = f"{page.text} {turn.said(phrases.typed)}" if takes_digits else page.text
    return " ".join([text, *(press.format(label=label, key=key) for label, key in keys)]).strip()


def _has_menu(turn: Turn) -> bool:
    """Return whether there is a menu to go back to: there is none before somebody showed who they are."""
    return turn.memory.account is not None and turn.memory.step != turn.dialogue.main
