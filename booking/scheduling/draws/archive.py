"""The files of a draw out of a zip, as it was downloaded or packed again; nothing of it is ever written anywhere."""

import struct
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from booking.scheduling.draws.formats import DamagedFileError, check_size, shown

MOST_BYTES: Final = 1 << 29
MOST_LISTED: Final = 1 << 16
"""Bytes of the list of what a zip holds: a draw's has a few hundred, and each entry becomes an object."""
_ENCRYPTED: Final = 1
_END: Final = struct.Struct("<4s4H2LH")
_LONG_END: Final = b"PK\x06\x07"
_LONG_END_BYTES: Final = 20
_METADATA: Final = "__MACOSX/"


def read_archive(path: Path, names: Collection[str]) -> dict[str, bytes]:
    """Read from a zip the files with some names, in whichever folder they lie; other files are left alone.

    Each is inflated with the bound that such a file has, whatever the zip says of its size.

    Raises
    ------
    DamagedFileError
        It is no zip, or one in a form that no draw comes in; a file is in it twice, damaged, or larger than any draw's.
    """
    try:
        _check_form(path)
        with ZipFile(path) as archive:
            contents: dict[str, bytes] = {}
            for member in archive.infolist():
                name = member.filename.rpartition("/")[2]
                if name not in names or member.filename.startswith(_METADATA):
                    continue
                if name in contents:
                    raise DamagedFileError(f"{name}: it is in the zip twice")
                contents[name] = _inflated(archive, member, name)
    except (BadZipFile, EOFError, OSError, RuntimeError, UnicodeError, zlib.error) as error:
        raise DamagedFileError(f"the zip cannot be read: {shown(str(error))}") from error
    return contents


def _check_form(path: Path) -> None:
    """Refuse what does not end as a small zip does; raises DamagedFileError, OSError."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - _END.size - _LONG_END_BYTES))
        tail = file.read(_END.size + _LONG_END_BYTES)
    end = tail[-_END.size :]
    if len(end) < _END.size or not end.startswith(b"PK\x05\x06"):
        raise DamagedFileError("the file is no zip, or cut off")
    *_, listed, _, comment = _END.unpack(end)
    if size > MOST_BYTES or listed > MOST_LISTED or comment or tail.startswith(_LONG_END):
        raise DamagedFileError("the zip is larger than that of any draw, or has something besides its files")


def _inflated(archive: ZipFile, member: ZipInfo, name: str) -> bytes:
    if member.compress_type not in {ZIP_STORED, ZIP_DEFLATED} or member.flag_bits & _ENCRYPTED:
        raise DamagedFileError(f"{name}: it is packed in another way than a draw's files are")
    check_size(name, member.file_size)
    with archive.open(member) as file:
        content = file.read(member.file_size + 1)
    if len(content) != member.file_size:
        raise DamagedFileError(f"{name}: it is not of the size that the zip says")
    return content
