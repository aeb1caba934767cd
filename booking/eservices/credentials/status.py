"""Status lists: which credentials ended before their time, told in bits that name nobody (IETF Token Status List)."""

import secrets
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.eservices.credentials.documents import Document, Subject
from booking.eservices.credentials.keys import issuer_key, published_keys
from booking.eservices.credentials.sd_jwt import LIST_KIND, LISTS, list_address, sign
from booking.platform.base.errors import NotFoundError
from booking.platform.base.references import decoded, encoded
from booking.platform.models import Appointment, CredentialOffer, IssuedCredential, IssuedResult
from booking.platform.models.requests.appointment import MOVED
from booking.scheduling.appointments.papers import HAS_PAPERS

POSITIONS: Final = 1 << 17
"""Credentials that a list has room for: 16 KB, of which a few hundred bytes are sent while few are ended."""
_LARGEST: Final = 1 << 20


def pack_bits(ended: Iterable[int]) -> dict[str, Any]:
    """Write a list in which these positions are ended and all others are not; the lowest bit of a byte is first."""
    content = bytearray(POSITIONS // 8)
    for position in ended:
        content[position // 8] |= 1 << position % 8
    return {"bits": 1, "lst": encoded(zlib.compress(bytes(content), 9))}


def unpack_bits(packed: Any) -> bytes:
    """Read the bytes of a list of single bits; raises ValueError, also for one that would fill the memory."""
    if not isinstance(packed, dict) or packed.get("bits") != 1 or not isinstance(packed.get("lst"), str):
        raise ValueError("no list of single bits")
    reading = zlib.decompressobj()
    try:
        content = reading.decompress(decoded(packed["lst"]), _LARGEST)
    except zlib.error as error:
        raise ValueError("not compressed as it should be") from error
    if reading.unconsumed_tail or not reading.eof:
        raise ValueError("larger than any list, or cut off")
    return content


def is_set(content: bytes, position: int) -> bool:
    """Return whether a position is ended; raises ValueError for one that the list does not have."""
    if not 0 <= position < len(content) * 8:
        raise ValueError("no such position")
    return bool(content[position // 8] >> position % 8 & 1)


FRESH: Final = timedelta(minutes=5)
"""After which somebody with a network should fetch a list again."""
HOLDS: Final = timedelta(hours=48)
"""After which a list counts for nothing: so long can somebody without a network be behind, or be held behind."""
_STEP: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class StatusList:
    """A list as it is now: ``same`` changes when its bits, its hour or the key do, though each signature differs."""

    same: str
    text: str


def status_list(core: Core, number: int) -> StatusList:
    """Return a list, signed; raises NotFoundError for one that has not begun.

    Of all credentials that name a place in it, the bits of those are set whose result was revoked or is over, whose
    appointment is no more or was moved since, and those that their owner ended. Places that no credential has look like
    those that hold.
    """
    with core.sessions() as session:
        if number > (session.scalar(select(func.max(IssuedCredential.list))) or 0):
            raise NotFoundError
        moved = exists().where(MOVED.c.appointment_id == Appointment.id, MOVED.c.made_at >= IssuedCredential.issued_at)
        over = or_(
            IssuedCredential.ended_at.is_not(None),
            IssuedResult.revoked_at.is_not(None),
            IssuedResult.valid_until < core.today(),
            and_(Appointment.id.is_not(None), or_(Appointment.state.not_in(HAS_PAPERS), moved)),
        )
        ended = session.scalars(
            select(IssuedCredential.position)
            .outerjoin(IssuedResult, IssuedResult.id == IssuedCredential.result_id)
            .outerjoin(Appointment, Appointment.id == IssuedCredential.appointment_id)
            .where(IssuedCredential.list == number, over)
        ).all()
    now = int(core.clock.now().timestamp())
    made = now - now % int(_STEP.total_seconds())
    bits, key = pack_bits(ended), issuer_key(core.vault)
    body = {
        "sub": list_address(core.settings.base_url, number),
        "iat": made,
        "exp": made + int(HOLDS.total_seconds()),
        "ttl": int(FRESH.total_seconds()),
        "status_list": bits,
    }
    return StatusList(f"{key.thumbprint()} {made} {bits['lst']}", sign(body, key, kind=LIST_KIND))


def status_lists(core: Core) -> dict[str, Any]:
    """List where all lists lie, for who fetches them before the network is away."""
    with core.sessions() as session:
        newest = session.scalar(select(func.max(IssuedCredential.list))) or 0
    return {"status_lists": [list_address(core.settings.base_url, number) for number in range(newest + 1)]}


def issuer_document(core: Core) -> dict[str, Any]:
    """Describe the issuer: its name, its keys, where its lists are (SD-JWT VC, JWT VC Issuer Metadata)."""
    base = core.settings.base_url
    return {
        "issuer": base,
        "jwks": published_keys(core.vault),
        "status_list_aggregation_endpoint": f"{base}{LISTS}",
    }


Given: TypeAlias = IssuedCredential | CredentialOffer
ACTION: Final = "wallet"
"""The limits of what brings a document one more place, or leads to it: files and offers."""
MOST_PLACES: Final = 12
"""Credentials of one document that have nothing in common; later ones share places with those from longest ago."""
_TRIES: Final = 8
"""So many places in a row are taken in a list that is about a third full: then another one begins."""


def of_subject(table: type[Given], subject: Subject) -> ColumnElement[bool]:
    """Return the condition that a row is of this result or appointment."""
    if subject.result_id is not None:
        return table.result_id == subject.result_id
    return table.appointment_id == subject.appointment_id


def end_given(session: Session, now: datetime, which: Callable[[type[Given]], ColumnElement[bool]]) -> None:
    """End credentials that were given out, and take back the offers of more, in the caller's transaction.

    Parameters
    ----------
    which
        Returns for each of both tables the condition that a row is meant.
    """
    session.execute(
        update(IssuedCredential)
        .where(which(IssuedCredential), IssuedCredential.ended_at.is_(None))
        .values(ended_at=now)
    )
    session.execute(delete(CredentialOffer).where(which(CredentialOffer)))


def take_place(session: Session, now: datetime, document: Document) -> tuple[int, int]:
    """Give a document, which is locked, one more place, or one of its own again that still says what is true."""
    usable = [of_subject(IssuedCredential, document.subject), IssuedCredential.ended_at.is_(None)]
    if document.since is not None:
        usable.append(IssuedCredential.issued_at > document.since)
    own = session.scalars(
        select(IssuedCredential)
        .where(*usable)
        .order_by(IssuedCredential.issued_at, IssuedCredential.list, IssuedCredential.position)
    ).all()
    if len(own) >= MOST_PLACES:
        own[0].issued_at = now
        session.flush()  # of several that are given at once, each is another one
        return own[0].list, own[0].position
    newest = session.scalar(select(func.max(IssuedCredential.list))) or 0
    whose = {"result_id": document.subject.result_id, "appointment_id": document.subject.appointment_id}
    while True:
        for _ in range(_TRIES):
            position = secrets.randbelow(POSITIONS)
            taken = (
                insert(IssuedCredential)
                .values(list=newest, position=position, issued_at=now, **whose)
                .on_conflict_do_nothing()
                .returning(IssuedCredential.position)
            )
            if session.scalar(taken) is not None:
                return newest, position
        newest += 1


KEPT: Final = timedelta(days=30)
"""How long a place outlives what it stands for: no gate takes a credential whose last day is over, whatever its bit."""


def remove_old_credentials(core: Core) -> int:
    """Remove offers that are over, and places of what ended by its own date some time ago; return how many.

    A result that has no last day keeps its places for good: nothing but their bits ends its credentials. So it is with
    passes of a day from which an appointment was moved to an earlier one, until their own day is over.
    """
    now = core.clock.now()
    later = exists().where(MOVED.c.appointment_id == Appointment.id, MOVED.c.from_starts_at >= now - KEPT)
    old = (
        IssuedCredential.result_id.in_(select(IssuedResult.id).where(IssuedResult.valid_until < core.today() - KEPT)),
        IssuedCredential.appointment_id.in_(select(Appointment.id).where(Appointment.ends_at < now - KEPT, ~later)),
    )
    with core.sessions.begin() as session:
        offers = delete(CredentialOffer).where(CredentialOffer.ends_at <= now).returning(CredentialOffer.id)
        places = delete(IssuedCredential).where(or_(*old)).returning(IssuedCredential.position)
        return sum(len(session.scalars(one).all()) for one in (offers, places))
