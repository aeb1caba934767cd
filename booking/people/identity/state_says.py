"""What the state's provider says of who signed in there, beside what was typed here of the person with that number.

The register judges what was typed in any case. Comparing it with the provider too finds a number that stands in the
token and is not of whoever signed in: typed into a profile there, or of another field than the settings mean.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

import structlog

from booking.country.core.core import Core
from booking.country.core.register import Identity
from booking.people.accounts.identity import read_national_number
from booking.people.identity.errors import StateDiffersError, StateRefusedError
from booking.platform.base.errors import FieldError
from booking.platform.search.spelling import words_of

_log = structlog.get_logger("mawid.oidc")

_BIRTH_DATE: Final = re.compile(r"(\d{4})(?:-(\d{2})-(\d{2}))?", re.ASCII)
_YEAR_LEFT_OUT: Final = "0000"


def number_of(core: Core, claims: Mapping[str, Any]) -> str:
    """Return the national number that a token holds; raises StateRefusedError where none is readable."""
    try:
        return read_national_number(core, str(claims.get(core.settings.citizen_oidc_number_claim) or ""))
    except FieldError:
        raise _not_told("number") from None


def require_agreement(agree: Collection[str], claims: Mapping[str, Any], member_id: int, typed: Identity) -> None:
    """Refuse a token that says otherwise than what was typed, in a detail of ``agree``: "name", "birth_date".

    Names are compared as words, in any order and usual spelling, with ``name`` and with ``given_name`` and
    ``family_name``; birth dates as far as the provider tells them (OpenID Connect lets it leave out the year, or month
    and day).

    Raises
    ------
    StateDiffersError
        Details differ; all are listed.
    StateRefusedError
        The token lacks a detail, or holds it in no form of OpenID Connect.
    """
    differing = []
    if "name" in agree and sorted(words_of(typed.name)) not in [sorted(words_of(name)) for name in _names(claims)]:
        differing.append(FieldError("name", "state_differs"))
    if "birth_date" in agree and not _fits(claims, typed):
        differing.append(FieldError("birth_date", "state_differs"))
    if differing:
        _log.warning("provider_differs", fields=[one.field for one in differing])
        raise StateDiffersError(member_id, differing)


def _names(claims: Mapping[str, Any]) -> list[str]:
    names = list(_texts(claims, "name"))
    if parts := list(_texts(claims, "given_name", "family_name")):
        names.append(" ".join(parts))
    if not names:
        raise _not_told("name")
    return names


def _fits(claims: Mapping[str, Any], typed: Identity) -> bool:
    told = _BIRTH_DATE.fullmatch(claims["birthdate"]) if isinstance(claims.get("birthdate"), str) else None
    if told is None or told.group() == _YEAR_LEFT_OUT:
        raise _not_told("birthdate")
    year, month, day = typed.birth_date.isoformat().split("-")
    return told[1] in {year, _YEAR_LEFT_OUT} and (told[2], told[3]) in {(month, day), (None, None)}


def _texts(claims: Mapping[str, Any], *names: str) -> Iterator[str]:
    return (claims[name] for name in names if isinstance(claims.get(name), str) and claims[name].strip())


def _not_told(what: str) -> StateRefusedError:
    _log.warning("provider_refused", why=f"it tells no {what} that can be read")
    return StateRefusedError()
