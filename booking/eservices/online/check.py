"""Anyone checks a result: by its whole code, or by the number alone, which shows less."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select

from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.country.core.security import Origin
from booking.country.packs.fields import Words
from booking.country.packs.service import ServiceSpec
from booking.country.paper.drawing import (
    Both,
    Document,
    Line,
    Square,
    draw_document,
    foot_of,
    in_both,
    page_address,
    same,
)
from booking.eservices.online.issue import (
    LONGEST_TEXT,
    PURPOSE,
    Content,
    ForgedResultError,
    ResultCode,
    read_content,
    read_result,
    result_key,
    sign_result,
)
from booking.eservices.online.rows import case_spec, own_case, result_for_owner
from booking.platform.base.errors import FieldError, InvalidInputError, NotFoundError
from booking.platform.base.references import read_reference, shown
from booking.platform.models import IssuedResult, Service

LONGEST_NUMBER: Final = 24


class Standing(StrEnum):
    """How a result stands today."""

    VALID = "valid"
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    REVOKED = "revoked"
    FORGED = "forged"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check shows; ``spec`` is the file it was issued under, ``content`` comes with the whole code only."""

    standing: Standing
    result: IssuedResult | None = None
    service: Service | None = None
    spec: ServiceSpec | None = None
    content: Content | None = None


def issuer_of(core: Core, checked: Checked) -> Words | None:
    """Return who issued a document; None where it is unknown, or its agency left the pack before it ran out."""
    code = None if checked.spec is None else checked.spec.agency
    return next((one.name for one in core.pack.agencies if one.code == code), None)


def check_result(core: Core, text: str, *, origin: Origin) -> Checked:
    """Check what the QR code of a document holds, or its number.

    Raises
    ------
    InvalidInputError
        ``document``: nothing was typed, or a number that cannot exist.
    TooManyAttemptsError
        Somebody tries numbers.
    """
    typed = text.strip()
    if not typed:
        raise InvalidInputError([FieldError("document", "missing")])
    charge(core, "search", origin.subjects())
    if len(typed.rpartition("#")[2]) <= LONGEST_NUMBER:
        try:
            number, whole = read_reference(typed.rpartition("#")[2]), None
        except FieldError as error:
            raise InvalidInputError([FieldError("document", error.reason)]) from None
    else:
        try:
            whole = read_result(typed[-LONGEST_TEXT - 200 :], core.vault.verifier(PURPOSE))
        except ForgedResultError:
            return Checked(Standing.FORGED)
        number = whole.number
    with core.sessions() as session:
        result = session.scalar(select(IssuedResult).where(IssuedResult.number == number))
        if result is None:
            return Checked(Standing.UNKNOWN)
        content = read_content(core.vault, result.id, result.content) if whole else None
        return Checked(_standing(core, result), result, result.service, case_spec(result.case), content)


def code_of(core: Core, result: IssuedResult) -> str:
    """Write the code of a result; the same each time."""
    content = read_content(core.vault, result.id, result.content)
    return sign_result(
        ResultCode(
            number=result.number,
            issued_on=result.issued_on,
            valid_from=result.valid_from,
            valid_until=result.valid_until,
            service=result.service.code,
            holder=content.holder,
            thing=content.thing,
        ),
        result_key(core.vault),
    )


def public_key_pem(core: Core) -> str:
    """Return the key by which everyone can check codes without asking."""
    key = result_key(core.vault).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def revoked_numbers(core: Core) -> dict[str, Any]:
    """List the numbers that were revoked and would still be valid, for those who check without the network."""
    with core.sessions() as session:
        rows = session.execute(
            select(IssuedResult.number, IssuedResult.revoked_at)
            .where(
                IssuedResult.revoked_at.is_not(None),
                IssuedResult.valid_until.is_(None) | (IssuedResult.valid_until >= core.today()),
            )
            .order_by(IssuedResult.number)
        ).all()
    return {
        "made_at": core.clock.now().isoformat(),
        "revoked": [{"number": number, "on": at.date().isoformat()} for number, at in rows if at],
    }


def _standing(core: Core, result: IssuedResult) -> Standing:
    today = core.today()
    if result.revoked_at is not None:
        return Standing.REVOKED
    if today < result.valid_from:
        return Standing.NOT_YET
    if result.valid_until is not None and today > result.valid_until:
        return Standing.EXPIRED
    return Standing.VALID


_CHECK: Final = Both(
    "لا تثق بالورقة وحدها: امسح رمز QR بكاميرا الهاتف، أو اكتب الرقم في صفحة التحقق.",
    "Do not trust the paper alone: point a phone at the QR code, or enter the number on the verification page.",
)
_NO_END: Final = Both("بلا نهاية", "no end")


def own_certificate(core: Core, *, account_id: UUID, reference: str) -> tuple[str, bytes]:
    """Return the result of one's own case as a PDF, with its number.

    Raises
    ------
    NotFoundError
        The account has no such case, or acts for its person no more; or nothing was issued.
    """
    with core.sessions() as session:
        case = own_case(session, account_id, reference, lock=False)
        result = result_for_owner(session, case)
        if result is None:
            raise NotFoundError
        spec = case_spec(case)
    return result.number, make_certificate(core, result, spec)


def make_certificate(core: Core, result: IssuedResult, spec: ServiceSpec) -> bytes:
    """Draw a result; the same result is the same bytes each time."""
    country = core.pack.country
    return draw_document(
        Document(
            emblem=core.pack.emblem,
            issuers=(in_both(country.name), in_both(core.pack.agency(spec.agency).name)),
            title=in_both(spec.result.name),
            statement=None if spec.result.statement is None else in_both(spec.result.statement),
            lines=_lines(core, result),
            square=Square(
                check_address(core, result),
                _CHECK,
                page_address(core.settings.base_url, "/check"),
                shown(result.number),
            ),
            foot=foot_of(country),
            made_at=result.issued_at,
        )
    )


def check_address(core: Core, result: IssuedResult) -> str:
    """Return the address that the QR code holds: a browser keeps what is behind the # to itself."""
    return f"{core.settings.base_url}/check#{code_of(core, result)}"


def _lines(core: Core, result: IssuedResult) -> tuple[Line, ...]:
    content = read_content(core.vault, result.id, result.content)
    lines = [Line(Both(row.name_ar, row.name_en), Both(row.value_ar, row.value_en)) for row in content.rows]
    lines.append(Line(Both("رقم الوثيقة", "Document number"), same(shown(result.number))))
    lines.append(Line(Both("صدرت في", "Issued on"), _day(result.issued_on)))
    if result.kind != "appointment":
        until = _day(result.valid_until) if result.valid_until else _NO_END
        lines.append(Line(Both("صالحة من", "Valid from"), _day(result.valid_from)))
        lines.append(Line(Both("صالحة حتى", "Valid until"), until))
    return tuple(lines)


def _day(day: date) -> Both:
    return same(f"{day.year:04}-{day.month:02}-{day.day:02}")
