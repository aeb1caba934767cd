"""A process of its own that turns one file into plain JPEG pages: whatever the file does, it does it here.

``python -I -m booking.people.evidence.convert`` reads the file on its input. Its output is one line of JSON, then the
pages' bytes one after the other. The line is ``{"pages": [sizes], "fingerprints": [...]}`` or ``{"refused":
"reason"}``, and says in ``missing`` which guards this machine does not offer. Before a library looks at the file, the
process has given up network, files but fonts, rights and new processes (`booking.people.evidence.confine`); a gigabyte
of memory and some seconds are left to it.
"""

import io
import json
import os
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from booking.people.evidence.confine import confine
from booking.people.evidence.kinds import Kind, kind_of

if TYPE_CHECKING:
    from PIL.Image import Image

MEMORY: Final = 1 << 30  # bytes of address space
CPU_SECONDS: Final = 20
NICENESS: Final = 10
"""Pages come first: people wait for them by the thousand, and for a file alone."""
MOST_PIXELS: Final = {
    Kind.JPEG: 250_000_000,
    Kind.PNG: 40_000_000,
    Kind.WEBP: 40_000_000,
    Kind.HEIF: 50_000_000,
}
"""A JPEG is decoded at a fraction of its size, so the largest phone cameras fit; the others are decoded whole.

HEIC comes from phones, whose usual cameras have 12 and 48 million pixels.
"""
LONGEST_SIDE: Final = 2400  # pixels of a page that is kept: small print of a full A4 page can be read
MOST_PAGES: Final = 10
QUALITY: Final = 85
POINTS_TO_PIXELS: Final = 2.5  # 180 dots an inch
MOST_OUTPUT: Final = 64 << 20  # bytes; ten full pages of print have some 15 MB
FONTS: Final = tuple(map(Path, ("/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/X11/fonts")))
"""Where PDFium looks for what a document names and does not bring."""


class RefusedError(Exception):
    """The file cannot be taken; the message is the reason of a FieldError."""


def main() -> None:
    """Convert what comes in, and say how it went."""
    limit()
    content = sys.stdin.buffer.read()
    kind = kind_of(content)
    import_all_for(kind)
    missing = confine(FONTS, threads=kind is Kind.HEIF)
    try:
        pages, fingerprints = convert(content)
    except RefusedError as refused:
        sys.stdout.write(json.dumps({"refused": str(refused), "missing": missing}) + "\n")
        return
    said = {"pages": [len(page) for page in pages], "fingerprints": fingerprints, "missing": missing}
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()
    for page in pages:
        sys.stdout.buffer.write(page)


def convert(content: bytes) -> tuple[list[bytes], list[str]]:
    """Return a file's pages as JPEG without metadata, and a fingerprint of each.

    Raises
    ------
    RefusedError
        ``damaged_file``, ``too_many_pixels``, ``encrypted_pdf``, ``too_many_pages``.
    """
    kind = kind_of(content)
    try:
        images = list(_pdf_pages(content) if kind is Kind.PDF else _photo(content, kind))
    except MemoryError:
        raise RefusedError("too_many_pixels") from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, ArithmeticError, RuntimeError):
        raise RefusedError("damaged_file") from None
    return [_as_jpeg(image) for image in images], [_fingerprint(image) for image in images]


def _photo(content: bytes, kind: Kind) -> Iterator["Image"]:
    from PIL import Image, ImageOps  # noqa: PLC0415 - only this process ever needs it

    Image.MAX_IMAGE_PIXELS = None  # the limits here are refused with a reason
    if kind not in MOST_PIXELS:
        raise RefusedError("unknown_file")
    if kind is Kind.HEIF:
        _learn_heif()
    with Image.open(io.BytesIO(content), formats=[kind.name]) as image:
        if image.width * image.height > MOST_PIXELS[kind]:
            raise RefusedError("too_many_pixels")
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        image.load()
        turned = ImageOps.exif_transpose(image)
    if turned.mode in {"RGBA", "LA", "PA"} or "transparency" in turned.info:
        clear = turned.convert("RGBA")
        turned = Image.new("RGB", clear.size, "white")
        turned.paste(clear, mask=clear.getchannel("A"))
    plain = turned.convert("RGB")
    plain.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    yield plain


def _learn_heif() -> None:
    """Teach Pillow to read HEIC: the first picture alone, one thread, nothing but its pixels."""
    import pillow_heif  # noqa: PLC0415 - only this process ever needs it

    pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)


def _pdf_pages(content: bytes) -> Iterator["Image"]:
    import pypdfium2 as pdfium  # noqa: PLC0415 - only this process ever needs it
    from pypdfium2 import raw  # noqa: PLC0415

    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        raise RefusedError("encrypted_pdf" if "password" in str(error).lower() else "damaged_file") from None
    try:
        if raw.FPDF_GetSecurityHandlerRevision(document) != -1:
            raise RefusedError("encrypted_pdf")
        if not 0 < len(document) <= MOST_PAGES:
            raise RefusedError("too_many_pages" if len(document) else "damaged_file")
        for page in document:
            width, height = page.get_size()
            if not (width > 0 and height > 0):
                raise RefusedError("damaged_file")
            scale = min(POINTS_TO_PIXELS, LONGEST_SIDE / max(width, height))
            yield page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
    except pdfium.PdfiumError:
        raise RefusedError("damaged_file") from None
    finally:
        document.close()


def _as_jpeg(image: "Image") -> bytes:
    output = io.BytesIO()
    image.save(output, "JPEG", quality=QUALITY, optimize=True)
    return output.getvalue()


def _fingerprint(image: "Image") -> str:
    """Return 64 bits that near copies share: is each cell of a 9 x 8 grid darker than its right neighbour? (dHash)."""
    cells = list(image.convert("L").resize((9, 8)).tobytes())
    bits = 0
    for row in range(8):
        for column in range(8):
            bits = bits << 1 | (cells[row * 9 + column] < cells[row * 9 + column + 1])
    return f"{bits:016x}"


def import_all_for(kind: Kind) -> None:
    """Load now what reading this kind needs, also what libraries load when they first use it: later no file opens."""
    if kind not in {*MOST_PIXELS, Kind.PDF}:
        return
    from PIL import Image, ImageOps, MpoImagePlugin, TiffImagePlugin, WebPImagePlugin  # noqa: F401, PLC0415

    Image.preinit()
    if kind is Kind.HEIF:
        _learn_heif()
    if kind is Kind.PDF:
        import pypdfium2  # noqa: F401, PLC0415


def limit() -> None:
    """Bound what this process may take, whatever it is told to do."""
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_OUTPUT, MOST_OUTPUT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
