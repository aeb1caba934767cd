"""What a file is, by its content: names and stated types are whatever the sender says."""

from enum import StrEnum
from typing import Final

LOOKED_AT: Final = 1024  # bytes
_HEIF_BRANDS: Final = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"})


class Kind(StrEnum):
    """The kinds that are recognised; the first five are taken as evidence."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    PDF = "application/pdf"
    HEIF = "image/heif"
    EXECUTABLE = "executable"
    ARCHIVE = "archive"
    SCRIPT = "script"
    UNKNOWN = "unknown"


TAKEN: Final = frozenset({Kind.JPEG, Kind.PNG, Kind.WEBP, Kind.HEIF, Kind.PDF})


_BEGINNINGS: Final[tuple[tuple[Kind, tuple[bytes, ...]], ...]] = (
    (Kind.JPEG, (b"\xff\xd8\xff",)),
    (Kind.PNG, (b"\x89PNG\r\n\x1a\n",)),
    (
        Kind.EXECUTABLE,
        (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe"),
    ),
    (
        Kind.ARCHIVE,
        (
            *(b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b"),
            *(b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"MSCF", b"!<arch>", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ),
    ),
)
_SCRIPTS: Final = (b"#!", b"<?php", b"<?xml", b"<!doctype", b"<html", b"<script", b"<svg", b"{\\rtf")


def kind_of(content: bytes) -> Kind:
    """Recognise a file by its first bytes."""
    head = content[:LOOKED_AT]
    for kind, beginnings in _BEGINNINGS:
        if head.startswith(beginnings):
            return kind
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return Kind.WEBP
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        return Kind.HEIF
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_SCRIPTS):
        return Kind.SCRIPT
    if head[257:262] == b"ustar":
        return Kind.ARCHIVE
    return Kind.PDF if b"%PDF-" in head else Kind.UNKNOWN
