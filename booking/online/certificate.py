"""A result on paper: PDF/A-2u with embedded fonts, in Arabic and English, with the code that anyone can check."""

from datetime import UTC, date
from html import escape
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import UUID

import segno
from sqlalchemy import select

from booking.base.errors import NotFoundError
from booking.base.references import shown
from booking.core.core import Core
from booking.models import IssuedResult
from booking.online.check import code_of
from booking.online.content import Content, read_content
from booking.online.rows import case_spec, own_case
from booking.packs.service import ServiceSpec

if TYPE_CHECKING:
    from fpdf import FPDF

PROFILE: Final = "PDF/A-2U"
_METADATA: Final = """\
<x:xmpmeta xmlns:x="adobe:ns:meta/">
  <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
    xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
    <rdf:Description rdf:about="" xmp:CreatorTool="Mawid" xmp:CreateDate="{at}" xmp:ModifyDate="{at}"
      xmp:MetadataDate="{at}" pdf:Producer="Mawid">
      <pdfaid:part>2</pdfaid:part>
      <pdfaid:conformance>U</pdfaid:conformance>
      <dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
    </rdf:Description>
  </rdf:RDF>
</x:xmpmeta>"""
"""What the library writes by itself names the moment of drawing, and so is another each time."""
_FAMILY: Final = "Plex"
_MARGIN: Final = 20  # millimetres, as all lengths here
_CODE_SIDE: Final = 48
_INK, _GREY, _LINE = (20, 20, 20), (90, 90, 90), (170, 170, 170)


def own_certificate(core: Core, *, account_id: UUID, reference: str) -> tuple[str, bytes]:
    """Return the result of one's own case as a PDF, with its number; raises NotFoundError."""
    with core.sessions() as session:
        case = own_case(session, account_id, reference, lock=False)
        result = session.scalar(select(IssuedResult).where(IssuedResult.case_id == case.id))
        if result is None:
            raise NotFoundError
        spec = case_spec(case)
    return result.number, make_certificate(core, result, spec)


def make_certificate(core: Core, result: IssuedResult, spec: ServiceSpec) -> bytes:
    """Draw a result; the same result is the same bytes each time."""
    from fpdf import FPDF  # noqa: PLC0415 - it loads a shaper and fonts: half a second that most processes never need

    content = read_content(core.vault, result.id, result.content)
    agency = core.pack.agency(spec.agency)
    pdf = FPDF(format="A4", enforce_compliance=PROFILE)
    _describe(pdf, spec, result)
    _load_fonts(pdf)
    pdf.set_margin(_MARGIN)
    pdf.set_auto_page_break(auto=True, margin=_MARGIN)
    pdf.add_page()
    _heading(pdf, core.pack.country.name["ar"], core.pack.country.name["en"], size=11, colour=_GREY)
    _heading(pdf, agency.name["ar"], agency.name["en"], size=12, colour=_INK)
    pdf.ln(6)
    _heading(pdf, spec.result.name["ar"], spec.result.name["en"], size=19, colour=_INK, bold=True)
    pdf.ln(4)
    _rule(pdf)
    _rows(pdf, _all_rows(result, content))
    pdf.ln(6)
    _check_part(pdf, core, result)
    return bytes(pdf.output())


def check_address(core: Core, result: IssuedResult) -> str:
    """Return the address that the square holds: a browser keeps what is behind the # to itself."""
    return f"{core.settings.base_url}/check#{code_of(core, result)}"


def _all_rows(result: IssuedResult, content: Content) -> list[tuple[str, str, str, str]]:
    number = shown(result.number)
    rows = [(row.name_ar, row.name_en, row.value_ar, row.value_en) for row in content.rows]
    rows.append(("الرقم", "Number", number, number))
    rows.append(("صدر في", "Issued on", _day(result.issued_on), _day(result.issued_on)))
    if result.kind != "appointment":
        until = _day(result.valid_until) if result.valid_until else None
        rows.append(("صالح من", "Valid from", _day(result.valid_from), _day(result.valid_from)))
        rows.append(("صالح حتى", "Valid until", until or "بلا نهاية", until or "no end"))
    return rows


def _describe(pdf: "FPDF", spec: ServiceSpec, result: IssuedResult) -> None:
    title, instant = f"{spec.result.name['ar']} · {spec.result.name['en']}", result.issued_at.astimezone(UTC)
    pdf.set_title(title)
    pdf.set_lang("ar")
    pdf.set_creator("Mawid")
    pdf.set_producer("Mawid")
    pdf.set_creation_date(instant.replace(microsecond=0))
    pdf.set_xmp_metadata(_METADATA.format(title=escape(title), at=instant.isoformat(timespec="seconds")))


def _day(day: date) -> str:
    return f"{day.year:04}-{day.month:02}-{day.day:02}"


def _load_fonts(pdf: "FPDF") -> None:
    import fontpkg_ibm_plex_sans_arabic as plex  # noqa: PLC0415

    folder = Path(plex.__file__).parent / "files"
    pdf.add_font(_FAMILY, "", folder / "IBMPlexSansArabic-Regular.ttf")
    pdf.add_font(_FAMILY, "B", folder / "IBMPlexSansArabic-Bold.ttf")
    pdf.set_text_shaping(use_shaping_engine=True)


def _heading(
    pdf: "FPDF", arabic: str, english: str, *, size: int, colour: tuple[int, int, int], bold: bool = False
) -> None:
    pdf.set_text_color(*colour)
    for text, points in ((arabic, size), (english, size * 0.75)):
        pdf.set_font(_FAMILY, "B" if bold else "", points)
        pdf.multi_cell(0, points * 0.55, text, align="C", new_x="LMARGIN", new_y="NEXT")
    pdf.set_text_color(*_INK)


def _rule(pdf: "FPDF") -> None:
    pdf.set_draw_color(*_LINE)
    pdf.line(_MARGIN, pdf.get_y(), pdf.w - _MARGIN, pdf.get_y())
    pdf.ln(3)


def _rows(pdf: "FPDF", rows: list[tuple[str, str, str, str]]) -> None:
    """Draw each row with its Arabic name on the right, its English one on the left, the answers between."""
    side, middle = 42, pdf.w - 2 * _MARGIN - 84
    for name_ar, name_en, value_ar, value_en in rows:
        top = pdf.get_y()
        ends = []
        pdf.set_text_color(*_GREY)
        pdf.set_font(_FAMILY, "", 10)
        pdf.set_xy(pdf.w - _MARGIN - side, top)
        pdf.multi_cell(side, 6, name_ar, align="R", new_x="LMARGIN", new_y="NEXT")
        ends.append(pdf.get_y())
        pdf.set_xy(_MARGIN, top)
        pdf.multi_cell(side, 6, name_en, align="L", new_x="LMARGIN", new_y="NEXT")
        ends.append(pdf.get_y())
        pdf.set_text_color(*_INK)
        pdf.set_font(_FAMILY, "B", 12)
        pdf.set_xy(_MARGIN + side, top)
        answer = value_ar if value_ar == value_en else f"{value_ar} · {value_en}"
        pdf.multi_cell(middle, 6, answer, align="C", new_x="LMARGIN", new_y="NEXT")
        ends.append(pdf.get_y())
        pdf.set_y(max(ends) + 2)
        _rule(pdf)


def _check_part(pdf: "FPDF", core: Core, result: IssuedResult) -> None:
    """Draw the square, and say what to do with it."""
    image = BytesIO()
    segno.make(check_address(core, result), error="m").save(image, kind="png", scale=8, border=4)
    if pdf.get_y() > pdf.h - _MARGIN - _CODE_SIDE:
        pdf.add_page()
    top = pdf.get_y()
    pdf.image(image, x=_MARGIN, y=top, w=_CODE_SIDE, h=_CODE_SIDE, alt_text="code to check this document")
    pdf.set_font(_FAMILY, "", 10)
    for text, align in (
        ("لا تثق بالورقة وحدها: وجّه كاميرا الهاتف إلى المربع، أو اكتب الرقم في صفحة التحقق.", "R"),
        ("Do not trust the paper alone: point a phone at the square, or type the number on the page of checks.", "L"),
        (f"{core.settings.base_url}/check", "L"),
        (shown(result.number), "L"),
    ):
        pdf.set_x(_MARGIN + _CODE_SIDE + 6)
        pdf.multi_cell(0, 6, text, align=align, new_x="LMARGIN", new_y="NEXT")
    pdf.set_y(max(pdf.get_y(), top + _CODE_SIDE))
