"""What stands round every page: filled once for all who are signed in alike; then a page's own address is put in."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from jinja2.filters import do_urlencode
from markupsafe import Markup

_HERE: Final = secrets.token_hex(16)
_BETWEEN: Final = secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class Somebody:
    """A visitor as pages know them that are kept for all alike: whether they are signed in, and what they may do."""

    account_id: Literal["somebody"] | None
    may: frozenset[str]


class Frame(NamedTuple):
    """The parts round a page."""

    state: Markup
    brand: Markup
    account: Markup
    foot: Markup


class Frames:
    """The frames of one language, each filled when it is first asked for by a page."""

    def __init__(self, fill: Callable[[Mapping[str, Any]], str]) -> None:
        self._fill = fill
        self._kept: dict[Somebody, tuple[str, ...]] = {}

    def get(self, context: Mapping[str, Any]) -> Frame:
        """Return the frame of a page that is filled with ``context``; the page's own link in it is marked as such."""
        session, may = context["session"], frozenset(context["may"])
        somebody = Somebody("somebody" if session and session.account_id else None, may)
        kept = self._kept.get(somebody)
        if kept is None:
            filled = self._fill({"session": somebody, "may": may, "here": _HERE, "path": "", "between": _BETWEEN})
            kept = self._kept[somebody] = tuple(filled.split(_BETWEEN))
        here, link = do_urlencode(context["here"]), f'<a href="{context["path"]}"'
        state, brand, account, foot = (part.replace(_HERE, here) for part in kept)
        account = account.replace(f"{link}>", f'{link} aria-current="page">')
        return Frame(*map(Markup, (state, brand, account, foot)))  # our own templates, and an address that is quoted
