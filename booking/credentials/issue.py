"""A result is given to its owner as a verifiable credential (SD-JWT VC)."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.base.errors import NotFoundError
from booking.core.core import Core
from booking.credentials.bits import POSITIONS
from booking.credentials.keys import issuer_key
from booking.credentials.names import KIND, claim_of, list_address, type_address
from booking.credentials.sd_jwt import show_only, write
from booking.models import IssuedCredential, IssuedResult
from booking.online.content import Content, read_content
from booking.online.rows import own_case

KINDS: Final = ("certificate", "policy")
"""Of results that become credentials; another kind is a day at an office."""
MOST_PLACES: Final = 12
"""Credentials of one result that have nothing in common; later ones share places with those from longest ago."""
_TRIES: Final = 8
"""So many places in a row are taken in a list that is about a third full: then another one begins."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential as a file, and the number of its result."""

    number: str
    text: str


def issue_credential(core: Core, *, account_id: UUID, reference: str, with_name: bool) -> Credential:
    """Make a credential of the result of one's own case; another one each time.

    Parameters
    ----------
    with_name
        Whether all that the document shows comes with it, to be shown or left out by the wallet; else nobody can learn
        more from it than of what kind it is and when it is valid.

    Raises
    ------
    NotFoundError
        The case is of another account, or has no result that is valid today or will be.
    """
    with core.sessions.begin() as session:
        case = own_case(session, account_id, reference)
        result = session.scalar(select(IssuedResult).where(IssuedResult.case_id == case.id))
        today = core.today()
        if result is None or result.kind not in KINDS or result.revoked_at is not None:
            raise NotFoundError
        if result.valid_until is not None and result.valid_until < today:
            raise NotFoundError
        place = _take_place(session, core.clock.now(), result.id)
        text = _write(core, result, place)
    return Credential(result.number, text if with_name else show_only(text, ()))


def hidden_claims(number: str, issued_on: date, content: Content) -> dict[str, Any]:
    """Return what the holder of a credential shows or leaves out; both languages where they differ."""
    claims: dict[str, Any] = {"holder": content.holder, "number": number, "issued-on": issued_on.isoformat()}
    for row in content.rows:
        same = row.value_ar == row.value_en
        claims[claim_of(row.code)] = row.value_en if same else {"ar": row.value_ar, "en": row.value_en}
    return claims


def _write(core: Core, result: IssuedResult, place: tuple[int, int]) -> str:
    base, zone = core.settings.base_url, ZoneInfo(core.pack.country.time_zone)
    number, position = place
    claims: Mapping[str, Any] = {
        "iss": base,
        "vct": type_address(base, result.service.code),
        "iat": _begins(core.today(), zone),  # the day alone: two people who compare credentials learn no moment
        "nbf": _begins(result.valid_from, zone),
        **({"exp": _begins(result.valid_until + timedelta(days=1), zone)} if result.valid_until else {}),
        "status": {"status_list": {"idx": position, "uri": list_address(base, number)}},
    }
    content = read_content(core.vault, result.id, result.content)
    return write(claims, hidden_claims(result.number, result.issued_on, content), issuer_key(core.vault), kind=KIND)


def _take_place(session: Session, now: datetime, result_id: UUID) -> tuple[int, int]:
    """Give a result one more place, or one of its own again; its case is locked."""
    own = session.scalars(
        select(IssuedCredential)
        .where(IssuedCredential.result_id == result_id)
        .order_by(IssuedCredential.issued_at, IssuedCredential.list, IssuedCredential.position)
    ).all()
    if len(own) >= MOST_PLACES:
        own[0].issued_at = now
        return own[0].list, own[0].position
    newest = session.scalar(select(func.max(IssuedCredential.list))) or 0
    while True:
        for _ in range(_TRIES):
            position = secrets.randbelow(POSITIONS)
            taken = (
                insert(IssuedCredential)
                .values(list=newest, position=position, result_id=result_id, issued_at=now)
                .on_conflict_do_nothing()
                .returning(IssuedCredential.position)
            )
            if session.scalar(taken) is not None:
                return newest, position
        newest += 1


def _begins(day: date, zone: ZoneInfo) -> int:
    """Return the first second of a day of the country, as JWT counts."""
    return int(datetime.combine(day, time(), zone).timestamp())
