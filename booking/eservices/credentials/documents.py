"""What a credential is made of: the result of an online case, or a confirmed appointment; locked as it is given out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.eservices.credentials.sd_jwt import PASS, claim_of
from booking.eservices.online.issue import Content, read_content
from booking.eservices.online.rows import own_case, result_for_owner
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Appointment, IssuedResult, OnlineCase
from booking.platform.models.requests.appointment import MOVED
from booking.scheduling.appointments.papers import HAS_PAPERS
from booking.scheduling.requests.rows import locked_appointment

KINDS: Final = ("certificate", "policy")
"""Of results that become credentials; another kind is a day at an office."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a credential is of, by its id: one of the two."""

    result_id: UUID | None = None
    appointment_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """What a credential of it says.

    ``kind`` is a service's code, or that of passes; ``begins`` and ``until`` in seconds since 1970, until None without
    an end; ``hidden`` what its holder shows or leaves out, of which ``nameless`` is what one without a name still has.
    Credentials given out before ``since`` say what is true no more.
    """

    subject: Subject
    number: str
    kind: str
    begins: int
    until: int | None
    hidden: Mapping[str, Any]
    nameless: tuple[str, ...] = ()
    since: datetime | None = None


def own_result(session: Session, core: Core, *, account_id: UUID, reference: str) -> Document:
    """Lock a case of one's own and read its result.

    Raises
    ------
    NotFoundError
        The case is of another account, or of one that acts for its person no more; or it has no result that is valid
        today or will be.
    """
    case = own_case(session, account_id, reference)
    result = result_for_owner(session, case)
    if result is None or result.kind not in KINDS or result.revoked_at is not None:
        raise NotFoundError
    if result.valid_until is not None and result.valid_until < core.today():
        raise NotFoundError
    zone = ZoneInfo(core.pack.country.time_zone)
    return Document(
        subject=Subject(result_id=result.id),
        number=result.number,
        kind=result.service.code,
        begins=first_second(result.valid_from, zone),
        until=first_second(result.valid_until + timedelta(days=1), zone) if result.valid_until else None,
        hidden=result_claims(result.number, result.issued_on, read_content(core.vault, result.id, result.content)),
    )


def own_pass(session: Session, core: Core, *, account_id: UUID, reference: str) -> Document:
    """Lock an appointment of one's own and read what its pass says: no name, for none was shown before the counter.

    Raises
    ------
    NotFoundError
        The appointment is of another account, not confirmed, or over.
    """
    appointment = locked_appointment(session, reference, account_id=account_id)
    zone = ZoneInfo(appointment.office.time_zone)
    starts = appointment.starts_at.astimezone(zone)
    until = first_second(starts.date() + timedelta(days=1), zone)
    if appointment.state not in HAS_PAPERS or until <= core.clock.now().timestamp():
        raise NotFoundError
    moved = select(func.max(MOVED.c.made_at)).where(MOVED.c.appointment_id == appointment.id)
    services = appointment.request.services
    return Document(
        subject=Subject(appointment_id=appointment.id),
        number=appointment.reference,
        kind=PASS,
        begins=first_second(core.today(), ZoneInfo(core.pack.country.time_zone)),
        until=until,
        hidden={
            "office": {"ar": appointment.office.name_ar, "en": appointment.office.name_en},
            "day": starts.date().isoformat(),
            "time": f"{starts:%H:%M}",
            "service": {
                "ar": "، ".join(one.name_ar for one in services),
                "en": ", ".join(one.name_en for one in services),
            },
            "people": appointment.request.party_size,
            "number": appointment.reference,
        },
        nameless=("office", "day"),
        since=session.scalar(moved),
    )


def reread(session: Session, core: Core, *, account_id: UUID, subject: Subject) -> Document:
    """Lock what an account was offered and read it anew; raises NotFoundError as `own_result` and `own_pass`."""
    if subject.result_id is not None:
        of_result = (
            select(OnlineCase.reference)
            .join(IssuedResult, IssuedResult.case_id == OnlineCase.id)
            .where(IssuedResult.id == subject.result_id)
        )
        return own_result(session, core, account_id=account_id, reference=session.scalars(of_result).one())
    of_pass = select(Appointment.reference).where(Appointment.id == subject.appointment_id)
    return own_pass(session, core, account_id=account_id, reference=session.scalars(of_pass).one())


def result_claims(number: str, issued_on: date, content: Content) -> dict[str, Any]:
    """Return what the holder of a credential of a result shows or leaves out; both languages where they differ."""
    claims: dict[str, Any] = {"holder": content.holder, "number": number, "issued-on": issued_on.isoformat()}
    for row in content.rows:
        same = row.value_ar == row.value_en
        claims[claim_of(row.code)] = row.value_en if same else {"ar": row.value_ar, "en": row.value_en}
    return claims


def first_second(day: date, zone: ZoneInfo) -> int:
    """Return when a day begins there, as JWT counts."""
    return int(datetime.combine(day, time(), zone).timestamp())
