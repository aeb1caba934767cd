"""The notices' templates, read from the TOML files beside this one."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any, Final

from booking.platform.languages.language import WRITTEN


class Group(StrEnum):
    """What a notice is to its reader, and so whether they can do without it."""

    CODES = "codes"
    SECURITY = "security"
    DECISIONS = "decisions"
    DEADLINES = "deadlines"
    ANSWERS = "answers"
    REMINDERS = "reminders"
    TIPS = "tips"


SILENCEABLE: Final = frozenset({Group.REMINDERS, Group.TIPS})
"""The rest is about rights, deadlines and the account itself: nobody can be made to miss it."""


class About(StrEnum):
    """What a notice's reference names, and so which page it leads to."""

    ACCOUNT = "account"
    REQUEST = "request"
    APPOINTMENT = "appointment"
    CASE = "case"


@dataclass(frozen=True, slots=True)
class Template:
    """One kind of notice. Texts are by language; ``reply`` says what can be answered by SMS, where that is possible.

    ``page`` is where its reader acts, if that is not the page of what it is about. ``at_once`` is for what cannot wait
    until the morning, ``perishable`` for what is of use only while something can still be done about the appointment.
    """

    group: Group
    about: About
    page: str | None
    at_once: bool
    perishable: bool
    subject: Mapping[str, str]
    sms: Mapping[str, str]
    reply: Mapping[str, str] | None


@cache
def templates() -> Mapping[str, Template]:
    """Read every template, by kind.

    Raises
    ------
    ValueError
        A file is unusable, or two files have one kind.
    """
    found: dict[str, Template] = {}
    for file in sorted(
        resources.files("booking.people.reaching").joinpath("notices").iterdir(), key=lambda one: one.name
    ):
        if not file.name.endswith(".toml"):
            continue
        for kind, entry in tomllib.loads(file.read_text(encoding="utf-8")).items():
            if kind in found:
                raise ValueError(f"{file.name}: {kind} stands in two files")
            try:
                found[kind] = _template(entry)
            except (KeyError, TypeError, ValueError) as error:
                raise ValueError(f"{file.name}: {kind}: {error}") from error
    return found


def _template(entry: dict[str, Any]) -> Template:
    entry = dict(entry)
    made = Template(
        group=Group(entry.pop("group")),
        about=About(entry.pop("about")),
        page=entry.pop("page", None),
        at_once=entry.pop("at_once", False) is True,
        perishable=entry.pop("perishable", False) is True,
        subject=_both(entry.pop("subject")),
        sms=_both(entry.pop("sms")),
        reply=_both(entry.pop("reply")) if "reply" in entry else None,
    )
    if entry:
        raise ValueError(f"unknown: {', '.join(sorted(entry))}")
    return made


def _both(texts: Mapping[str, str]) -> Mapping[str, str]:
    if set(texts) != set(WRITTEN) or not all(isinstance(text, str) and text.strip() for text in texts.values()):
        raise ValueError(f"must have {' and '.join(WRITTEN)}")
    return texts
