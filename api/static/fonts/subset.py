"""Make the two files of the pages' typeface from IBM Plex Sans Arabic: only the letters that pages show.

``uv run --with fonttools --with brotli python -m api.static.fonts.subset``. The licence (``OFL.txt``)
reserves the name Plex, so what is changed has another one.
"""
# ruff: noqa: INP001 - a program beside the files that it makes

from pathlib import Path
from typing import Final

from fontTools import subset
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

from booking.country.paper import typeface

BESIDE: Final = Path(__file__).parent
ARABIC: Final = [0x60C, 0x61B, 0x61F, *range(0x621, 0x63B), *range(0x640, 0x653), *range(0x660, 0x66D), 0x670, 0x671]
SORANI: Final = "پچڕژڤکگڵۆیێەھ"
KURMANJI: Final = "çêîşûÇÊÎŞÛ"
SIGNS: Final = "\u00a0«»·±×©–—‘’“”…•€\u200c\u200d\u200e\u200f←→−≤≥"
OF_NAMES: Final = "áãäèéëíñóöúüß"
FEATURES: Final = ["init", "medi", "fina", "isol", "rlig", "liga", "calt", "ccmp", "mark", "mkmk", "kern", "locl"]
NAMES: Final = {1: "Mawid Sans", 3: "Mawid Sans 2", 4: "Mawid Sans", 6: "MawidSans"}


def main() -> None:
    """Write both files beside this one, and which letters they have."""
    for weight, file in (("Regular", typeface.REGULAR), ("SemiBold", typeface.SEMIBOLD)):
        options = subset.Options(flavor="woff2", hinting=False, desubroutinize=True, layout_features=FEATURES)
        options.name_IDs = [0, *NAMES, 13, 14]
        font = subset.load_font(file, options)
        add_s_with_cedilla(font)
        letters = subset.Subsetter(options)
        letters.populate(unicodes=[*range(0x20, 0x7F), *ARABIC, *map(ord, SORANI + KURMANJI + SIGNS + OF_NAMES)])
        letters.subset(font)
        for record in font["name"].names:
            if record.nameID in NAMES:
                record.string = NAMES[record.nameID]
        subset.save_font(font, BESIDE / f"mawid-sans-2-{weight.lower()}.woff2", options)
        (BESIDE / "letters.txt").write_text("".join(map(chr, sorted(font.getBestCmap()))) + "\n", "utf-8")


def add_s_with_cedilla(font: TTFont) -> None:
    """Put ş and Ş together, which Kurmanji needs and the typeface lacks: an s, and the cedilla of ç below it."""
    wide = font["hmtx"]["cedilla"][0]
    for letter, name, code in (("s", "scedilla", 0x15F), ("S", "Scedilla", 0x15E)):
        advance, bearing = font["hmtx"][letter]
        pen = TTGlyphPen(font.getGlyphSet())
        pen.addComponent(letter, (1, 0, 0, 1, 0, 0))
        pen.addComponent("cedilla", (1, 0, 0, 1, round((advance - wide) / 2), 0))
        glyph = pen.glyph()
        glyph.recalcBounds(font["glyf"])
        font.setGlyphOrder([*font.getGlyphOrder(), name])
        font["glyf"][name], font["hmtx"][name] = glyph, (advance, bearing)
        for table in font["cmap"].tables:
            if table.isUnicode():
                table.cmap[code] = name


if __name__ == "__main__":
    main()
