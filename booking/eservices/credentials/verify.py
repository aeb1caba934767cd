"""The check of a credential without the network: from the issuer's keys and status lists that were fetched before."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from booking.eservices.credentials.key_binding import Asked, check_binding
from booking.eservices.credentials.keys import key_set
from booking.eservices.credentials.sd_jwt import (
    KIND,
    LIST_KIND,
    ForgedCredentialError,
    list_address,
    read,
    read_signed,
    type_address,
)
from booking.eservices.credentials.status import is_set, unpack_bits
from booking.platform.base.errors import MawidError

CLOCKS_DIFFER: Final = timedelta(minutes=5)
"""By so much may the clock of who checks be behind."""


class UnknownIssuerError(MawidError):
    """The file with the issuer's keys cannot be read."""

    code = "unknown_issuer"


class Standing(StrEnum):
    """How a credential stands at a moment."""

    VALID = "valid"
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    REVOKED = "revoked"
    UNKNOWN = "unknown"
    """Genuine and in time, but no list that still counts says whether it was revoked."""
    UNBOUND = "unbound"
    """Genuine, but nothing shows that who shows it is who it was given to, and the gate asks for that."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whom a gate trusts: its name, its keys, and the lists that were fetched, by address."""

    name: str
    keys: KeySet
    lists: Mapping[str, "FetchedList"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FetchedList:
    """A status list whose signature holds."""

    bits: bytes
    made_at: datetime
    counts_until: datetime


@dataclass(frozen=True, slots=True)
class Verified:
    """What a genuine credential says.

    ``kind`` is its type's address; ``until`` its end, None without one; ``list_made_at`` how fresh the answer about
    being revoked is; ``chosen`` what its holder shows. ``held`` says whether its holder signed that it is shown now;
    None where it is bound to a key and nobody asked.
    """

    standing: Standing
    kind: str
    until: datetime | None
    list_made_at: datetime | None
    chosen: Mapping[str, Any]
    held: bool | None = False


def read_issuer(document: bytes, lists: Iterable[str] = ()) -> Issuer:
    """Read the issuer's document and the lists that were fetched with it; lists that it did not sign are refused.

    Raises
    ------
    UnknownIssuerError
        The document is none.
    ForgedCredentialError
        A list is forged, damaged, or of another issuer.
    """
    try:
        said = json.loads(document)
        name, keys = str(said["issuer"]), key_set(said["jwks"])
    except (ValueError, KeyError, TypeError, RecursionError, JoseError) as error:
        raise UnknownIssuerError("this is no document of an issuer") from error
    return Issuer(name, keys, dict(_read_list(text, name, keys) for text in lists))


def verify(text: str, issuer: Issuer, *, at: datetime, asked: Asked | None = None) -> Verified:
    """Check a credential, or what somebody shows of one.

    Parameters
    ----------
    asked
        What its holder had to sign. A credential with nothing signed is `Standing.UNBOUND` then, a file that is bound
        to no key too; without it no holder is asked, and whoever has a copy of a credential can show it.

    Raises
    ------
    ForgedCredentialError
        It is none of this issuer's, or its holder signed something else than what was asked.
    """
    shown = read(text, issuer.keys, kind=KIND)
    claims = shown.claims
    if claims.get("iss") != issuer.name or not str(claims.get("vct")).startswith(type_address(issuer.name)):
        raise ForgedCredentialError("it is of another issuer")
    begins, until = _moment(claims, "nbf"), _moment(claims, "exp") if "exp" in claims else None
    try:
        place = claims["status"]["status_list"]
        found = issuer.lists.get(str(place["uri"]))
        ended = found is not None and is_set(found.bits, int(place["idx"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ForgedCredentialError("it does not say where its status stands") from error
    counts = found is not None and found.made_at - CLOCKS_DIFFER <= at < found.counts_until
    if asked is not None and shown.binding:
        check_binding(shown.binding, shown.bound, claims.get("cnf"), asked=asked, at=at)
    held = bool(shown.binding) if asked is not None or "cnf" not in claims else None
    if until is not None and at >= until:
        standing = Standing.EXPIRED
    elif ended:
        standing = Standing.REVOKED
    elif at < begins:
        standing = Standing.NOT_YET
    elif asked is not None and not held:
        standing = Standing.UNBOUND
    else:
        standing = Standing.VALID if counts else Standing.UNKNOWN
    return Verified(standing, str(claims["vct"]), until, found.made_at if found else None, shown.chosen, held)


def _read_list(text: str, name: str, keys: KeySet) -> tuple[str, FetchedList]:
    claims = read_signed(text.strip(), keys, kind=LIST_KIND)
    address = claims.get("sub")
    if not isinstance(address, str) or not address.startswith(list_address(name)):
        raise ForgedCredentialError("a list is of another issuer")
    try:
        bits = unpack_bits(claims.get("status_list"))
    except ValueError as error:
        raise ForgedCredentialError(f"a list cannot be read: {error}") from error
    return address, FetchedList(bits, _moment(claims, "iat"), _moment(claims, "exp"))


def _moment(claims: Mapping[str, Any], name: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(claims[name]), UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
        raise ForgedCredentialError(f"its {name} is no moment") from error
