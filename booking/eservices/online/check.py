"""Anyone checks a result: by its whole code, or by the number alone, which shows less."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select

from booking.country.core.attempts import charge
from booking.country.core.core import Core
from booking.country.core.origin import Origin
from booking.country.packs.fields import Words
from booking.country.packs.service import ServiceSpec
from booking.eservices.online.code import (
    LONGEST_TEXT,
    PURPOSE,
    ForgedResultError,
    ResultCode,
    read_result,
    result_key,
    sign_result,
)
from booking.eservices.online.content import Content, read_content
from booking.eservices.online.rows import case_spec
from booking.platform.base.errors import FieldError, InvalidInputError
from booking.platform.base.references import read_reference
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
