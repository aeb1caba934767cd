"""Whatever a file is called, what it is decides; none brings a web process down, and only plain pages are kept."""

import io
import struct
import zipfile
import zlib
from contextlib import suppress
from uuid import uuid4

import pillow_heif
import pytest
from PIL import Image, ImageDraw

from booking.people.evidence.apart import convert_apart
from booking.people.evidence.checkers import CommandChecker, ContentChecker
from booking.people.evidence.errors import EvidenceUnavailableError
from booking.people.evidence.kinds import Kind, kind_of
from booking.people.evidence.store import EvidenceStore
from booking.platform.base.errors import FieldError
from booking.platform.base.vault import Vault
from booking.platform.files.folder import FolderFiles

pytestmark = pytest.mark.slow


def an_image(kind="JPEG", size=(640, 480), mode="RGB", **options):
    output = io.BytesIO()
    Image.effect_noise(size, 60).convert(mode).save(output, kind, **options)
    return output.getvalue()


def a_zip_bomb():
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", b"\0" * 10_000_000)
    return output.getvalue()


def a_png_of(width, height):
    """A PNG of a few kilobytes that says it is as large as that."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100_000))
        + chunk(b"IEND", b"")
    )


def a_pdf(pages=1, size="200 200", trailer=""):
    kids = " ".join(f"{3 + n} 0 R" for n in range(pages))
    bodies = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>"]
    bodies += [f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {size}] >>"] * pages
    text, offsets = "%PDF-1.4\n", []
    for number, body in enumerate(bodies, 1):
        offsets.append(len(text))
        text += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    start = len(text)
    text += f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n{table}"
    text += f"trailer\n<< /Size {len(bodies) + 1} /Root 1 0 R {trailer}>>\nstartxref\n{start}\n%%EOF\n"
    return text.encode()


def a_pdf_bomb(side):
    """A PDF whose picture is packed twice: a few kilobytes, which are ``side`` times ``side`` bytes."""
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(1_000_000)) for _ in range(side * side // 1_000_000))
    picture = zlib.compress(rows + packer.flush(), 9)
    show = b"q 200 0 0 200 0 0 cm /I Do Q"
    kind = f"/Subtype /Image /Width {side} /Height {side} /ColorSpace /DeviceGray /BitsPerComponent 8".encode()
    page = b"3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Resources << /XObject << /I 5 0 R >> >> "
    return (
        b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
        b"2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n"
        + page
        + b"/Contents 4 0 R >>\nendobj\n4 0 obj\n<< /Length %d >>\nstream\n%b\nendstream\nendobj\n" % (len(show), show)
        + b"5 0 obj\n<< /Type /XObject %b /Filter [/FlateDecode /FlateDecode] /Length %d >>\nstream\n"
        % (kind, len(picture))
        + picture
        + b"\nendstream\nendobj\ntrailer\n<< /Size 6 /Root 1 0 R >>\n%%EOF\n"
    )


def a_heic(size=(320, 240), says=None, **options):
    """A photo as phones write it; ``says`` is the size that its header claims."""
    pillow_heif.register_heif_opener()
    output = io.BytesIO()
    Image.new("RGB", size, (120, 80, 40)).save(output, "HEIF", quality=30, **options)
    photo = output.getvalue()
    if says is None:
        return photo
    head, width_and_height, rest = photo.partition(b"ispe\0\0\0\0")
    return head + width_and_height + struct.pack(">II", *says) + rest[8:]


LOCKED = (
    "/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <" + "41" * 32 + "> /U <" + "42" * 32 + "> >> /ID [<00> <00>] "
)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"MZ\x90\0" + b"\0" * 2000, "executable_file"),
        (b"\x7fELF" + b"\0" * 2000, "executable_file"),
        (a_zip_bomb(), "archive_file"),
        (b"\x1f\x8b\x08" + b"\0" * 100, "archive_file"),
        (b"\0" * 257 + b"ustar\0" + b"\0" * 200, "archive_file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "archive_file"),
        (b"#!/bin/sh\nrm -rf /\n", "script_file"),
        (b"\xef\xbb\xbf  <HTML><script>alert(1)</script>", "script_file"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "script_file"),
        (b"\0\0\0\x18ftypavif" + b"\0" * 100, "unknown_file"),
        (b"GIF89a" + b"\0" * 100, "unknown_file"),
        (b"just words", "unknown_file"),
    ],
)
def test_a_file_that_is_not_a_photo_or_pdf_is_refused_by_its_content(content, reason):
    with pytest.raises(FieldError) as refused:
        ContentChecker().check(content)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (a_png_of(50_000, 50_000), "too_many_pixels"),
        (an_image()[:3000], "damaged_file"),
        (b"\xff\xd8\xff" + b"nothing of the kind" * 50, "damaged_file"),
        (a_png_of(300, 300)[:60], "damaged_file"),
        (a_pdf(11), "too_many_pages"),
        (a_pdf(trailer=LOCKED), "encrypted_pdf"),
        (b"%PDF-1.7\n" + b"\xff" * 2000, "damaged_file"),
        (a_heic(says=(50_000, 50_000)), "too_many_pixels"),
        (a_heic(says=(7000, 7000)), "damaged_file"),
        (a_heic()[:300], "damaged_file"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 100, "damaged_file"),
        (a_pdf()[:60], "damaged_file"),
    ],
)
def test_unreadable_files_and_bombs_are_refused_with_a_reason(content, reason):
    ContentChecker().check(content)
    with pytest.raises(FieldError) as refused:
        convert_apart(content)
    assert refused.value.reason == reason


def test_a_huge_page_of_a_pdf_is_shown_small():
    [page] = convert_apart(a_pdf(size="14400 14400")).pages
    assert max(Image.open(io.BytesIO(page)).size) <= 2400


def test_a_heic_photo_becomes_a_plain_page_without_metadata():
    exif = Image.Exif()
    exif[0x010F] = "SecretPhone"
    photo = a_heic(exif=exif)
    ContentChecker().check(photo)
    [page] = convert_apart(photo).pages
    image = Image.open(io.BytesIO(page))
    assert (kind_of(page), image.size, dict(image.getexif())) == (Kind.JPEG, (320, 240), {})
    assert b"SecretPhone" in photo
    assert b"SecretPhone" not in page


def test_a_pdf_bomb_becomes_a_small_page_or_is_refused():
    bomb = a_pdf_bomb(side=12_000)
    assert len(bomb) < 5000
    with suppress(FieldError):
        [page] = convert_apart(bomb).pages
        assert len(page) < 100_000


def test_only_the_visible_picture_of_a_photo_is_kept():
    exif = Image.Exif()
    exif[0x010F] = "SecretPhone"
    exif[0x0112] = 6  # lies on its side
    photo = an_image(size=(640, 480), exif=exif) + b"PK\x03\x04 and a hidden archive"

    converted = convert_apart(photo)

    [page] = converted.pages
    image = Image.open(io.BytesIO(page))
    assert image.size == (480, 640)
    assert not image.getexif()
    assert b"SecretPhone" not in page
    assert b"hidden archive" not in page
    assert len(converted.fingerprints[0]) == 16


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "LA"), ("PNG", "P"), ("WEBP", "RGBA"), ("JPEG", "CMYK"), ("PNG", "1")]
)
def test_every_kind_of_photo_becomes_a_plain_page(kind, mode):
    [page] = convert_apart(an_image(kind, (40, 30), mode)).pages
    assert kind_of(page) is Kind.JPEG
    assert Image.open(io.BytesIO(page)).mode == "RGB"


def a_lit_sheet(width: int, height: int) -> Image.Image:
    """A photographed sheet: light from one side, lines of text, a dark stamp."""
    sheet = Image.linear_gradient("L").rotate(90).resize((width, height)).convert("RGB")
    pen = ImageDraw.Draw(sheet)
    for line in range(8):
        top = 60 + 60 * line
        pen.rectangle((80, top, 300 + 50 * (line * 3 % 7), top + 24), fill="black")
    pen.ellipse((560, 380, 740, 560), fill="navy")
    return sheet


def test_near_copies_have_nearly_the_same_fingerprint():
    one = a_lit_sheet(800, 600)
    papers = []
    for quality, size in ((95, (800, 600)), (40, (500, 375))):
        output = io.BytesIO()
        one.resize(size).save(output, "JPEG", quality=quality)
        papers.append(int(convert_apart(output.getvalue()).fingerprints[0], 16))
    assert (papers[0] ^ papers[1]).bit_count() <= 8


def test_a_file_is_refused_unless_the_virus_scanner_approves_it():
    CommandChecker(["true"]).check(b"x")
    with pytest.raises(FieldError):
        CommandChecker(["false"]).check(b"x")
    for command in (["sh", "-c", "exit 2"], ["/no/such/scanner"]):
        with pytest.raises(EvidenceUnavailableError):
            CommandChecker(command).check(b"x")


def test_pages_are_encrypted_and_bound_to_their_place(tmp_path):
    store, one, other = EvidenceStore(FolderFiles(tmp_path), Vault(b"secret" * 8)), uuid4(), uuid4()
    store.put(one, 0, b"a page that nobody else reads")
    [file] = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert b"nobody else" not in file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0
    assert store.get(one, 0) == b"a page that nobody else reads"

    moved = tmp_path / other.hex[:2] / f"{other.hex}-0"
    moved.parent.mkdir(exist_ok=True)
    moved.write_bytes(file.read_bytes())
    for evidence, page in ((other, 0), (one, 1)):
        with pytest.raises(EvidenceUnavailableError):
            store.get(evidence, page)
    with pytest.raises(EvidenceUnavailableError):
        EvidenceStore(FolderFiles(tmp_path), Vault(b"another" * 8)).get(one, 0)
