"""The layout of every document: emblem and issuers, title, statement, lines, the code that checks it, and the foot.

The file of a document: PDF/A-2u with title, language, tags and embedded fonts, whose words copy out whole.

A PDF holds glyphs as they lie on the paper. What reads it turns Arabic round letter by letter, and with it the letters
of a ligature: "الأرقام" came out as "األرقام". A ligature therefore says the one character that stands for it in
Unicode, which readers take apart in the right order (Unicode Standard Annex 15, compatibility decomposition). The
library tags images only, so the tags of text are written through its inner functions, here alone.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING, Final

import segno

from booking.country.packs.fields import Words
from booking.country.packs.schema import CountrySpec
from booking.country.paper import typeface

if TYPE_CHECKING:
    from fpdf import FPDF


@dataclass(frozen=True, slots=True)
class Both:
    """The same words in Arabic and English."""

    ar: str
    en: str


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that a document says of somebody or something: a name, and a value beside it."""

    name: Both
    value: Both


@dataclass(frozen=True, slots=True)
class Square:
    """A QR code: what it holds, what it is for, and where to go and what to type without a camera."""

    holds: str
    caption: Both
    page: str
    number: str


@dataclass(frozen=True, slots=True)
class Document:
    """A document: who issues it (the state first), what it is called, what it states, and how it is checked.

    ``emblem`` is an SVG drawing; ``foot`` says whose service made it. The same document is the same file each time, so
    ``made_at`` is an instant of what it is about, not of drawing.
    """

    emblem: str
    issuers: tuple[Both, ...]
    title: Both
    statement: Both | None
    lines: tuple[Line, ...]
    square: Square
    foot: Both
    made_at: datetime


def same(value: str) -> Both:
    """Return a name, number or day, which is written alike in both languages."""
    return Both(value, value)


PROFILE: Final = "PDF/A-2U"
FAMILY: Final = "Plex"
_MOVES: Final = ("kern", "mark", "mkmk")
"""Features of the font that move single glyphs: each begins a piece of text, which readers put in the wrong place."""
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


def new_file(document: Document) -> "FPDF":
    """Begin the file of a document: its profile, title, language, date and fonts."""
    from fpdf import FPDF  # noqa: PLC0415 - it loads a shaper and fonts: half a second that most processes never need
    from fpdf.prefs import ViewerPreferences  # noqa: PLC0415

    pdf = FPDF(format="A4", enforce_compliance=PROFILE)
    title, at = f"{document.title.ar} · {document.title.en}", document.made_at.astimezone(UTC)
    pdf.set_title(title)
    pdf.set_lang("ar")
    pdf.set_creator("Mawid")
    pdf.set_producer("Mawid")
    pdf.set_creation_date(at.replace(microsecond=0))
    pdf.set_xmp_metadata(_METADATA.format(title=escape(title), at=at.isoformat(timespec="seconds")))
    pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)
    pdf.add_font(FAMILY, "", typeface.REGULAR)
    pdf.add_font(FAMILY, "B", typeface.BOLD)
    pdf.set_text_shaping(use_shaping_engine=True, features=dict.fromkeys(_MOVES, False))
    return pdf


@contextmanager
def said(pdf: "FPDF", language: str, kind: str = "P") -> Iterator[None]:
    """Tag the text that is drawn inside as an element of a ``kind`` ("H1", "P"); it stays on one page."""
    mcid = pdf.struct_builder.next_mcid_for_page(pdf.page)
    pdf._add_marked_content(struct_type=f"/{kind}", mcid=mcid)  # noqa: SLF001 - see above
    pdf._out(f"/{kind} <</MCID {mcid} /Lang ({language})>> BDC")  # noqa: SLF001
    yield
    pdf._out("EMC")  # noqa: SLF001


@contextmanager
def ornament(pdf: "FPDF") -> Iterator[None]:
    """Mark what is drawn inside as saying nothing."""
    pdf._out("/Artifact BMC")  # noqa: SLF001 - see above
    yield
    pdf._out("EMC")  # noqa: SLF001


def finish(pdf: "FPDF") -> bytes:
    """Return the file, its ligatures named so that they copy out in order."""
    from fpdf.fonts import TTFFont  # noqa: PLC0415

    for font in pdf.fonts.values():
        for glyph, _ in font.subset.items() if isinstance(font, TTFFont) else ():
            if glyph is not None and isinstance(glyph.unicode, tuple) and glyph.unicode in _LIGATURES:
                glyph.unicode = _LIGATURES[glyph.unicode]
    return bytes(pdf.output())


def _ligatures() -> Mapping[tuple[int, ...], tuple[int]]:
    """Return the Arabic ligatures that Unicode has, by their letters."""
    found: dict[tuple[int, ...], tuple[int]] = {}
    for form in (*range(0xFBEA, 0xFDF0), *range(0xFEF5, 0xFEFD)):
        letters = tuple(ord(one) for one in unicodedata.normalize("NFKC", chr(form)))
        if len(letters) > 1:
            found.setdefault(letters, (form,))
    return found


_LIGATURES: Final = _ligatures()


def in_both(words: Words) -> Both:
    """Return a pack's words in the two languages of documents."""
    return Both(words["ar"], words["en"])


def foot_of(country: CountrySpec) -> Both:
    """Say whose service made a document."""
    statement, ministry = in_both(country.state.statement), in_both(country.state.ministry)
    return Both(f"موعد – {statement.ar} – {ministry.ar}", f"Mawid – {statement.en} – {ministry.en}")


def page_address(base_url: str, path: str) -> str:
    """Return a page's address as people type it: without its scheme."""
    return base_url.partition("://")[2] + path


_MARGIN: Final = 20  # millimetres, as all lengths here
_TOP: Final = 13
_EMBLEM: Final = 20
_NAMES: Final = 42
"""The width of the names of lines."""
_VALUE, _BELOW = 11.5, 9.5
"""The sizes of a line's value in Arabic, and of the English below it."""
_SQUARE: Final = 38
_FOOT: Final = 11
_POINT: Final = 0.3528
_GREEN, _GOLD, _INK, _GREY, _RULE = (6, 56, 44), (181, 155, 91), (20, 20, 20), (85, 85, 85), (205, 205, 205)


def draw_document(document: Document) -> bytes:
    """Draw a document; the same one is the same bytes each time."""
    pdf = new_file(document)
    pdf.set_margin(_MARGIN)
    pdf.set_top_margin(_TOP)
    pdf.set_auto_page_break(auto=False)
    pdf.add_page()
    _head(pdf, document)
    _title(pdf, document)
    for line in document.lines:
        _line(pdf, line, document.foot)
    pdf.ln(3)
    _square(pdf, document.square, document.foot)
    _foot(pdf, document.foot)
    return finish(pdf)


def _head(pdf: "FPDF", document: Document) -> None:
    """Draw the emblem between the names of those who issue the document: English on the left, Arabic on the right."""
    top, width = pdf.get_y(), (pdf.epw - _EMBLEM) / 2 - 4
    with ornament(pdf):
        pdf.image(BytesIO(document.emblem.encode()), x=(pdf.w - _EMBLEM) / 2, y=top, w=_EMBLEM, h=_EMBLEM)
    ends = [top + _EMBLEM]
    for language, left in (("ar", pdf.w - _MARGIN - width), ("en", _MARGIN)):
        pdf.set_y(top + 2)
        for place, issuer in enumerate(document.issuers):
            bold, colour = place > 0, _INK if place else _GREY
            _words(pdf, issuer, language, at=(left, width), size=11, bold=bold, colour=colour)
        ends.append(pdf.get_y())
    pdf.set_y(max(ends) + 4)
    with ornament(pdf):
        pdf.set_draw_color(*_GOLD)
        pdf.set_line_width(0.8)
        pdf.line(_MARGIN, pdf.get_y(), pdf.w - _MARGIN, pdf.get_y())
        pdf.set_line_width(0.2)
    pdf.ln(5)


def _title(pdf: "FPDF", document: Document) -> None:
    whole = (_MARGIN, pdf.epw)
    _words(pdf, document.title, "ar", at=whole, size=21, bold=True, colour=_GREEN, align="C", kind="H1")
    _words(pdf, document.title, "en", at=whole, size=14, colour=_GREEN, align="C", kind="H1")
    pdf.ln(5)
    if document.statement is not None:
        _words(pdf, document.statement, "ar", at=whole, size=13, align="R")
        pdf.ln(1)
        _words(pdf, document.statement, "en", at=whole, size=11, colour=_GREY, align="L")
        pdf.ln(5)
    _rule(pdf)


def _line(pdf: "FPDF", line: Line, foot: Both) -> None:
    """Draw one line: Arabic from the right, English below it from the left; what both say alike stands once.

    Two languages on one height would come out of the file as one mixed sentence: English begins most of a line lower,
    and what is written in Latin letters stands with it.
    """
    alike, beside = line.value.ar == line.value.en, pdf.epw - _NAMES - 4
    width = beside - _NAMES if alike else beside
    _room(pdf, _height(pdf, line.value.ar, width, _VALUE) + _height(pdf, line.value.en, beside, _BELOW) + 4, foot)
    top = pdf.get_y()
    right = (pdf.w - _MARGIN - _NAMES, _NAMES)
    ends = [_words(pdf, line.name, "ar", at=right, size=10.5, colour=_GREY, top=top)]
    value = (pdf.w - _MARGIN - _NAMES - 4 - width, width)
    lower = top + _leading(_VALUE) * 0.75
    latin = alike and line.value.en.isascii() and not line.value.en.isdigit()
    ends.append(_words(pdf, line.value, "ar", at=value, size=_VALUE, bold=True, top=lower - 0.6 if latin else top))
    below = lower if alike else max(ends)
    ends.append(_words(pdf, line.name, "en", at=(_MARGIN, _NAMES), size=9, colour=_GREY, top=below))
    if not alike:
        ends.append(_words(pdf, line.value, "en", at=(_MARGIN + _NAMES + 4, beside), size=_BELOW, top=below))
    pdf.set_y(max(ends) + 0.3)
    _rule(pdf)


def _square(pdf: "FPDF", square: Square, foot: Both) -> None:
    """Draw the QR code in a frame, with what it is for, the page's address and the number to type there."""
    _room(pdf, _SQUARE + 6, foot)
    top, image = pdf.get_y(), BytesIO()
    with ornament(pdf):
        pdf.set_draw_color(*_GOLD)
        pdf.rect(_MARGIN, top, pdf.epw, _SQUARE + 6, style="D", round_corners=True, corner_radius=2)
    segno.make(square.holds, error="m").save(image, kind="png", scale=8, border=2)
    pdf.image(image, x=_MARGIN + 3, y=top + 3, w=_SQUARE, h=_SQUARE, alt_text=f"QR code: {square.caption.en}")
    beside = (_MARGIN + _SQUARE + 8, pdf.epw - _SQUARE - 13)
    pdf.set_y(top + 4)
    _words(pdf, square.caption, "ar", at=beside, size=11, align="R")
    _words(pdf, square.caption, "en", at=beside, size=9.5, colour=_GREY, align="L")
    pdf.ln(1.5)
    for text, size in ((square.page, 11), (square.number, 14)):
        _words(pdf, Both(text, text), "en", at=beside, size=size, bold=True, colour=_GREEN, align="L")
    pdf.set_y(top + _SQUARE + 6)


def _foot(pdf: "FPDF", foot: Both) -> None:
    pdf.set_y(pdf.h - _FOOT - 6)
    _rule(pdf)
    for language in ("ar", "en"):
        _words(pdf, foot, language, at=(_MARGIN, pdf.epw), size=8.5, colour=_GREY, align="C")


def _room(pdf: "FPDF", height: float, foot: Both) -> None:
    """Begin another page where a part does not fit on this one: no part is torn in two."""
    if pdf.get_y() + height > pdf.h - _FOOT - 7:
        _foot(pdf, foot)
        pdf.add_page()


def _rule(pdf: "FPDF") -> None:
    with ornament(pdf):
        pdf.set_draw_color(*_RULE)
        pdf.line(_MARGIN, pdf.get_y(), pdf.w - _MARGIN, pdf.get_y())
    pdf.ln(1.1)


def _words(
    pdf: "FPDF",
    words: Both,
    language: str,
    *,
    at: tuple[float, float],
    size: float,
    bold: bool = False,
    colour: tuple[int, int, int] = _INK,
    align: str = "",
    kind: str = "P",
    top: float | None = None,
) -> float:
    """Write words in one language between ``at`` and so many millimetres on, and go below them; return how far down."""
    text = words.ar if language == "ar" else words.en
    pdf.set_font(FAMILY, "B" if bold else "", size)
    pdf.set_text_color(*colour)
    pdf.set_xy(at[0], pdf.get_y() if top is None else top)
    with said(pdf, language, kind):
        pdf.multi_cell(
            at[1],
            _leading(size),
            text,
            align=align or ("R" if language == "ar" else "L"),
            new_x="LMARGIN",
            new_y="NEXT",
        )
    return float(pdf.get_y())


def _height(pdf: "FPDF", text: str, width: float, size: float) -> float:
    pdf.set_font(FAMILY, "B", size)
    return float(pdf.multi_cell(width, _leading(size), text, dry_run=True, output="HEIGHT"))  # type: ignore[arg-type]


def _leading(size: float) -> float:
    """Return the height of a line of text in millimetres; Arabic needs room above and below."""
    return size * _POINT * 1.38
