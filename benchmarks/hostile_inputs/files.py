"""Parsers of files: those of a draw in two verifiers, zips, tables, pictures, documents."""

import gzip
import io
import os
import tempfile
import zipfile
from functools import cache
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pillow_heif
from PIL import Image

from benchmarks.hostile_inputs.target import MIB, Target, typed
from booking.people.evidence.convert import MEMORY, RefusedError, convert
from booking.people.evidence.kinds import kind_of
from booking.scheduling.draws.archive import read_archive
from booking.scheduling.draws.files import MEDIA_TYPES
from booking.scheduling.draws.format2.own_receipt import read_own_receipt
from booking.scheduling.draws.format2.tables import AUDIT, PROOFS
from booking.scheduling.draws.formats import DamagedFileError
from booking.scheduling.draws.verification import verify_files
from fraud.tables.dates import read_dates
from fraud.tables.errors import TableError
from fraud.tables.reading import read_table
from tests.standalone.audits import audit_file
from tests.standalone.program import Folder, part
from tests.standalone.republishing import Publisher
from tests.support.draw_files import Drawn, invented_draw

SUFFIXES: Final = (".csv", ".tsv.gz", ".zip", ".parquet", ".txt")


@cache
def _drawn() -> Drawn:
    return invented_draw(8)


@cache
def _publisher() -> Publisher:
    return Publisher(_drawn())


@cache
def _names() -> list[str]:
    return sorted({*_drawn().files, AUDIT})


def _changed(data: bytes) -> dict[str, bytes]:
    """Put the input in the place of a file of a draw: named by its first byte; the second says what fits it again.

    What is packed is packed here, or no mutation would get behind the checksum of the packing.
    """
    name, how = _names()[data[0] % len(_names())], data[1] % 3
    content = gzip.compress(data[2:], 1, mtime=0) if name.endswith(".gz") else data[2:]
    if how == 0 or name in {AUDIT, *PROOFS.values()}:
        return _drawn().files | {name: content}
    return dict(_publisher().republished({name: content}, statement=how == 2))


def _by_mawid(data: bytes) -> None:
    try:
        files = _changed(data)
    except Exception:  # noqa: BLE001 - nonsense that even its publisher could not state again
        files = _drawn().files | {_names()[data[0] % len(_names()) if data else 0]: data[2:]}
    report = verify_files(files)
    if any(words.startswith("a check could not be made") for _, words in report.checks):
        raise AssertionError(report.checks)


def _by_program(data: bytes) -> None:
    try:
        files = _changed(data)
    except Exception:  # noqa: BLE001 - as above
        return
    list(part("verify_draw").checked(Folder(files)))


def _in_format_1(data: bytes) -> None:
    """Give all files of a draw in the first format, one after the other between lines of their own."""
    parts = data.split(b"\n====\n")
    files = dict(zip(MEDIA_TYPES, parts, strict=False))
    report = verify_files({name: gzip.compress(one, 1) if name.endswith(".gz") else one for name, one in files.items()})
    if any(words.startswith("a check could not be made") for _, words in report.checks):
        raise AssertionError(report.checks)


@cache
def _file(suffix: str) -> Path:
    return Path(tempfile.mkdtemp(prefix="mawid-hostile-")) / f"one{suffix}"


def _archive(data: bytes) -> None:
    _file(".zip").write_bytes(data)
    read_archive(_file(".zip"), set(MEDIA_TYPES))


def _table(data: bytes) -> None:
    file = _file(SUFFIXES[data[0] % len(SUFFIXES)] if data else ".csv")
    file.write_bytes(data[1:])
    read_table(file)


def _dates(data: bytes) -> None:
    words = pd.Series(typed(data).split("\n")[:50], dtype=object)
    for day_first in (True, False):
        read_dates(words, day_first=day_first)


def _convert(data: bytes) -> None:
    kind_of(data)
    convert(data)


def _picture(form: str, **options: Any) -> bytes:
    made = io.BytesIO()
    pillow_heif.register_heif_opener()
    Image.new("RGB", (24, 16), "navy").save(made, form, **options)
    return made.getvalue()


def _zip(name: str, content: bytes, how: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", how) as archive:
        archive.writestr(name, content)
    return made.getvalue()


def _draw_seeds() -> tuple[bytes, ...]:
    files = _drawn().files | {AUDIT: audit_file(_drawn().files)}
    plain = {name: gzip.decompress(one) if name.endswith(".gz") else one for name, one in files.items()}
    return tuple(
        bytes([number, how]) + plain[name] for number, name in enumerate(_names()) for how in (0, 1, 2) if name in plain
    )


TABLE: Final = "يوم;نتيجة;مكتب\n2026-11-01;1;دمشق\n2026-11-02;0;حلب\n"
PDF: Final = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 90 90]/Contents 4 0 R>>endobj\n"
    b"4 0 obj<</Length 22>>stream\n0 0 m 90 90 l S 0 0 9 re\nendstream endobj\ntrailer<</Root 1 0 R/Size 5>>\n%%EOF"
)


def targets() -> tuple[Target, ...]:
    """Return the targets; the draw that they change is invented first, which takes some seconds."""
    draws = _draw_seeds()
    wrong = part("strict_reading").WrongError
    return (
        Target("draws", _by_mawid, (), draws, (b'"', b"null", b",", b"-1", b"9223372036854775807"), longest=1 << 14),
        Target("draws-program", _by_program, (wrong, Exception), draws, (b'"', b"null", b","), longest=1 << 14),
        Target("draws-1", _in_format_1, (), (b"\n====\n".join([b"{}", b"", b"bin\n", b"a\n"]),), (b"\n====\n", b"{")),
        Target(
            "own-receipts",
            read_own_receipt,
            (ValueError,),
            (_drawn().own_receipt(0), _drawn().own_receipt(1, decided=False)),
            (b'"', b"null", b":", b"[", b"\n"),
        ),
        Target("zips", _archive, (DamagedFileError,), (_zip("plan.csv", b"a,b\n1,2\n"), _zip("x/seed.txt", b"1"))),
        Target(
            "tables",
            _table,
            (TableError,),
            (
                b"\0" + TABLE.encode(),
                b"\0" + TABLE.encode("cp1256"),
                b"\0" + TABLE.encode("utf-16"),
                b"\1" + gzip.compress(TABLE.encode()),
                b"\2" + _zip("one.csv", TABLE.encode()),
                b"\2" + _zip("one.csv", TABLE.encode(), zipfile.ZIP_LZMA),
                b"\2" + _zip("أ.csv", TABLE.encode(), zipfile.ZIP_BZIP2),
                b"\3PAR1",
                b'\4"a","b"\n"1,\n2","3"\n',
            ),
            (b";", b",", b"\t", b'"', b'""', b"\r\n", b"\xff\xfe", b"\xef\xbb\xbf"),
        ),
        Target(
            "dates",
            _dates,
            (),
            (b"2026-11-01\n3/4/1950\n12 Nov 2026\nSun Nov  1 06:00:00 2026\n20261101T0600Z", "٣/٤/١٩٥٠".encode()),
            (b"T", b"Z", b"+14:00", b"am", b"Nov", "صفر".encode(), "\u2212".encode(), b"0000", b"99999"),
            longest=2048,
        ),
        Target(
            "pictures",
            _convert,
            (RefusedError,),
            (
                *(_picture(form) for form in ("JPEG", "PNG", "WEBP", "HEIF")),
                *(_picture("JPEG", progressive=True), _picture("WEBP", lossless=True)),
            ),
            memory=MEMORY,
        ),
        Target(
            "documents",
            _convert,
            (RefusedError,),
            (PDF,),
            (b"/Kids", b"/Count", b"/MediaBox", b"stream", b"/Filter", b"/FlateDecode", b"/Encrypt", b"0 R", b"obj"),
            longest=1 << 13,
            memory=MEMORY + os.sysconf("SC_PAGE_SIZE") + 200 * MIB,
        ),
    )
