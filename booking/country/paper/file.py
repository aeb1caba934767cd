"""The file of a document: PDF/A-2u with title, language, tags and embedded fonts, whose words copy out whole.

A PDF holds glyphs as they lie on the paper. What reads it turns Arabic round letter by letter, and with it the letters
of a ligature: "الأرقام" came out as "األرقام". A ligature therefore says the one character that stands for it in
Unicode, which readers take apart in the right order (Unicode Standard Annex 15, compatibility decomposition). The
library tags images only, so the tags of text are written through its inner functions, here alone.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC
from html import escape
from typing import TYPE_CHECKING, Final

from booking.country.paper import typeface
from booking.country.paper.document import Document

if TYPE_CHECKING:
    from fpdf import FPDF

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
