"""A result is made: once for a case, and for one thing never two that are valid on one day.

The code of a result: a signed, compact text that anyone can check, with the network and without it.

Layout, big-endian: version (1 byte), number (9 ASCII), days since 2020-01-01 of issue, first and last valid day (2
each; 65535: no end), then the service's code, the holder's name and the thing it is for (each: length in 1 byte,
UTF-8), and an Ed25519 signature (64; RFC 8032) over all of it. Written in base64url without padding. One content has
one text.
"""

import json
import struct
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Date, bindparam, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.register import open_national_number
from booking.country.packs.answers import Answer
from booking.country.packs.service import ABOUT_THE_HOLDER, ServiceSpec
from booking.country.packs.service_form import FieldSpec
from booking.eservices.online.rows import case_spec, member_of, read_answers_of, subject_of
from booking.people.identity.levels import require_level
from booking.platform.base.errors import MawidError, NotFoundError
from booking.platform.base.references import decoded, encoded, new_reference
from booking.platform.base.vault import Vault, Verifier
from booking.platform.models import HouseholdMember, IssuedResult, OnlineCase


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a result: the name of the question and the answer, in Arabic and English."""

    code: str
    name_ar: str
    name_en: str
    value_ar: str
    value_en: str


@dataclass(frozen=True, slots=True)
class Content:
    """What a result shows. ``thing`` is what it is for, in Latin digits and codes as they were chosen."""

    holder: str
    thing: str
    rows: tuple[Row, ...]


HOLDER_LABELS: Mapping[str, tuple[str, str]] = {
    "full-name": ("الاسم الكامل", "Full name"),
    "national-number": ("الرقم الوطني", "National number"),
    "birth-date": ("تاريخ الميلاد", "Birth date"),
}
"""What is known of the holder as a document calls it, in Arabic and English."""


def make_content(
    spec: ServiceSpec,
    answers: Mapping[str, Answer],
    *,
    member: HouseholdMember,
    national_number: str,
    more: tuple[Row, ...] = (),
) -> Content:
    """Put together what a result shows, by the service's file; ``more`` comes after it."""
    fields = {field.code: field for field in spec.fields}
    about = {
        "full-name": member.name,
        "national-number": national_number,
        "birth-date": member.birth_date.isoformat(),
    }
    rows = []
    for code in spec.result.shown:
        if code in ABOUT_THE_HOLDER:
            rows.append(Row(code, *HOLDER_LABELS[code], about[code], about[code]))
        elif code in answers:
            rows.append(answer_row(fields[code], answers[code]))
    shown = [answer_row(fields[code], answers[code]).value_ar for code in spec.result.once_for if code in answers]
    return Content(member.name, " ".join(shown), (*rows, *more))


def answer_row(field: FieldSpec, answer: Answer) -> Row:
    """Write one answer as people read it, under what it is called on a document."""
    chosen = next((one.name for one in field.choices if one.code == answer), None)
    if chosen is not None:
        values = chosen["ar"], chosen["en"]
    elif isinstance(answer, bool):
        values = ("نعم", "Yes") if answer else ("لا", "No")
    else:
        plain = str(int(answer)) if isinstance(answer, float) and answer.is_integer() else str(answer)
        values = plain, plain
    name = field.label or field.name
    return Row(field.code, name["ar"], name["en"], *values)


def seal_content(vault: Vault, result_id: UUID, content: Content) -> bytes:
    """Encrypt what a result shows, bound to it."""
    return vault.encrypt(json.dumps(asdict(content), ensure_ascii=False), about_result(result_id))


def read_content(vault: Vault, result_id: UUID, sealed: bytes) -> Content:
    """Read what a result shows; nothing, where it ended and was erased."""
    if not sealed:
        return Content("", "", ())
    stored = json.loads(vault.decrypt(sealed, about_result(result_id)))
    return Content(stored["holder"], stored["thing"], tuple(Row(**row) for row in stored["rows"]))


def about_result(result_id: UUID) -> str:
    """Return what the content of a result is bound to."""
    return f"result {result_id}"


ONE_FOR_A_THING = "ex_issued_result_thing"


class ThingTakenError(MawidError):
    """Another valid result covers this thing on one of these days, until ``until`` (None: without an end)."""

    code = "thing_taken"

    def __init__(self, until: date | None) -> None:
        super().__init__(f"another result is valid until {until}")
        self.until = until


def make_result(
    session: Session, core: Core, case: OnlineCase, *, day: date | None = None, more: tuple[Row, ...] = ()
) -> IssuedResult:
    """Make the result of a locked case, in the caller's transaction; it may go on after an error.

    Parameters
    ----------
    day
        Of an "appointment"; else the file's rules give the period.
    more
        Lines that the officer adds.

    Raises
    ------
    ThingTakenError
        Another valid result is for this thing: of two that are issued at once, the database lets one in.
    NotFoundError
        The person left the household since.
    booking.people.identity.levels.IdentityLevelError
        The person has to be proven first, by the service's file.
    """
    spec, answers, member = case_spec(case), read_answers_of(core.vault, case), member_of(session, case)
    if member is None:
        raise NotFoundError
    require_level([member], spec.identity.issue)
    result_id, now, today = uuid4(), core.clock.now(), core.today()
    first, last = (day, day) if day is not None else period_of(spec, answers, today)
    content = make_content(
        spec, answers, member=member, national_number=open_national_number(core.vault, member.person), more=more
    )
    result = IssuedResult(
        id=result_id,
        number=new_reference(),
        case_id=case.id,
        service_id=case.service_id,
        person_id=case.person_id,
        kind=spec.result.kind,
        content=seal_content(core.vault, result_id, content),
        thing=subject_of(core.vault, spec, answers) or None,
        issued_on=today,
        valid_from=first,
        valid_until=last,
        issued_at=now,
    )
    try:
        with session.begin_nested():
            session.add(result)
            session.flush()
    except IntegrityError as error:
        if ONE_FOR_A_THING not in str(error.orig):
            raise
        raise ThingTakenError(
            _taken_until(session, result.service_id, subject_of(core.vault, spec, answers), first, last)
        ) from None
    return result


def check_thing_is_free(
    session: Session, core: Core, case: OnlineCase, spec: ServiceSpec, answers: dict[str, Answer]
) -> None:
    """Refuse a thing that is taken, before anybody pays for it; raises ThingTakenError."""
    thing = subject_of(core.vault, spec, answers)
    if not thing:
        return
    first, last = period_of(spec, answers, core.today())
    if _overlapping(session, case.service_id, thing, first, last):
        raise ThingTakenError(_taken_until(session, case.service_id, thing, first, last))


def period_of(spec: ServiceSpec, answers: dict[str, Answer], today: date) -> tuple[date, date | None]:
    """Return the first and the last day on which a result is valid; both are included."""
    if spec.result.starts is not None and spec.result.months is not None:
        first = max(date.fromisoformat(str(answers[spec.result.starts])), today)
        return first, months_later(first, int(answers[spec.result.months])) - timedelta(days=1)
    if spec.result.valid_days is None:
        return today, None
    return today, today + timedelta(days=spec.result.valid_days - 1)


def months_later(day: date, months: int) -> date:
    """Return the same day of a later month, or that month's last one."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _overlapping(
    session: Session, service_id: int, thing: bytes, first: date, last: date | None
) -> list[tuple[UUID, date | None]]:
    taken = {"service_id": service_id, "thing": thing, "first": first, "last": last}
    return [(row.id, row.valid_until) for row in session.execute(_OVERLAPPING, taken)]


_OVERLAPPING: Final = select(IssuedResult.id, IssuedResult.valid_until).where(
    IssuedResult.service_id == bindparam("service_id"),
    IssuedResult.thing == bindparam("thing"),
    IssuedResult.revoked_at.is_(None),
    func.daterange(IssuedResult.valid_from, IssuedResult.valid_until, "[]").op("&&")(
        func.daterange(bindparam("first", type_=Date), bindparam("last", type_=Date), "[]")
    ),
)


def _taken_until(session: Session, service_id: int, thing: bytes, first: date, last: date | None) -> date | None:
    ends = [until for _, until in _overlapping(session, service_id, thing, first, last)]
    return None if None in ends or not ends else max(end for end in ends if end is not None)


_FORM: Final = struct.Struct(">B9sHHH")
_VERSION: Final = 1
_EPOCH: Final = date(2020, 1, 1)
_NO_END: Final = 0xFFFF
_SIGNATURE: Final = 64
_LONGEST: Final = 255
LONGEST_TEXT: Final = 1400
PURPOSE: Final = "result signature"


class ForgedResultError(Exception):
    """The text is not a code of a result: damaged, of another version, or not signed by this country."""


@dataclass(frozen=True, slots=True)
class ResultCode:
    """What a code says; both days are included, and without ``valid_until`` it does not end."""

    number: str
    issued_on: date
    valid_from: date
    valid_until: date | None
    service: str
    holder: str
    thing: str


def result_key(vault: Vault) -> Ed25519PrivateKey:
    """Return the key that signs results."""
    return vault.signing_key(PURPOSE)


def sign_result(content: ResultCode, key: Ed25519PrivateKey) -> str:
    """Write and sign a code."""
    days = [_days(content.issued_on), _days(content.valid_from)]
    days.append(_NO_END if content.valid_until is None else _days(content.valid_until))
    body = _FORM.pack(_VERSION, content.number.encode("ascii"), *days)
    for text in (content.service, content.holder, content.thing):
        short = _shortened(text)
        body += bytes([len(short)]) + short
    return encoded(body + key.sign(body))


def read_result(text: str, key: Ed25519PublicKey | Verifier) -> ResultCode:
    """Read a code, alone or behind the ``#`` of an address, and check its signature; raises ForgedResultError."""
    code = text.strip().rpartition("#")[2]
    try:
        if len(code) > LONGEST_TEXT:
            raise ForgedResultError("longer than any code")
        data = decoded(code)
        body, signature = data[:-_SIGNATURE], data[-_SIGNATURE:]
        key.verify(signature, body)
        version, number, issued, first, last = _FORM.unpack(body[: _FORM.size])
        if version != _VERSION:
            raise ForgedResultError(f"codes of version {version} are not known")
        service, holder, thing = _texts(body[_FORM.size :])
        return ResultCode(
            number=number.decode("ascii"),
            issued_on=_day(issued),
            valid_from=_day(first),
            valid_until=None if last == _NO_END else _day(last),
            service=service,
            holder=holder,
            thing=thing,
        )
    except (ValueError, struct.error, IndexError, InvalidSignature) as error:
        raise ForgedResultError("this is no valid code") from error


def _texts(rest: bytes) -> list[str]:
    found = []
    for _ in range(3):
        size = rest[0]
        found.append(rest[1 : 1 + size].decode())
        rest = rest[1 + size :]
    if rest:
        raise ValueError("there is more than it should hold")
    return found


def _shortened(text: str) -> bytes:
    """Cut what is too long for one byte's length at a whole letter."""
    return text.encode()[:_LONGEST].decode(errors="ignore").encode()


def _days(day: date) -> int:
    return (day - _EPOCH).days


def _day(days: int) -> date:
    return _EPOCH + timedelta(days=days)
