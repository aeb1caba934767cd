"""A result on paper: in Arabic and English, with the QR code that anyone can check."""

from datetime import date
from typing import Final
from uuid import UUID

from booking.country.core.core import Core
from booking.country.packs.service import ServiceSpec
from booking.country.paper.document import Both, Document, Line, Square, same
from booking.country.paper.drawing import draw_document
from booking.country.paper.state import foot_of, in_both, page_address
from booking.eservices.online.check import code_of
from booking.eservices.online.content import read_content
from booking.eservices.online.rows import case_spec, own_case, result_for_owner
from booking.platform.base.errors import NotFoundError
from booking.platform.base.references import shown
from booking.platform.models import IssuedResult

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
