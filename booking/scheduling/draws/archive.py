"""The files of a draw out of a zip, as it was downloaded or packed again; nothing of it is ever written anywhere."""

import re
import struct
import tomllib
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias
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


Check: TypeAlias = tuple[bool, str]
"""Whether it is right, and what was checked or found wrong, in words."""


@dataclass(frozen=True, slots=True)
class Report:
    """All checks of one draw, in order; a check that cannot be made because an earlier one failed is left out."""

    checks: Sequence[Check]

    @property
    def ok(self) -> bool:
        """Whether everything is right."""
        return all(right for right, _ in self.checks)

    def words(self) -> str:
        """Return what was checked and found, a line each."""
        return "\n".join(f"{'passed' if right else 'FAILED'}: {sentence}" for right, sentence in self.checks)


class WrongError(Exception):
    """A check found something wrong; the message says what."""


def made(check: Callable[[], str]) -> Check:
    """Make a check."""
    try:
        return True, check()
    except WrongError as error:
        return False, str(error)


def made_in_turn(checks: Iterable[Callable[[], str]]) -> Iterator[Check]:
    """Make checks until one finds something wrong: what comes after it would prove nothing."""
    for check in checks:
        right, words = made(check)
        yield right, words
        if not right:
            return


FILE: Final = Path(__file__).with_name("arabic.toml")
RIGHT: Final = "صحيح"
WRONG: Final = "خطأ"
_GAP: Final = re.compile(r"{(\w+)}")
_REST: Final = "rest"
_NAMES: Final = {"file": r"[\w.-]+\.(?:json|csv|txt|gz|tlog-proof)"}
"""What may fill a gap, where that is not any text."""


def report_in_arabic(report: Report) -> str:
    """Return what was checked and found, a line each."""
    return "\n".join(f"{RIGHT if right else WRONG}: {in_arabic(sentence)}" for right, sentence in report.checks)


def in_arabic(sentence: str) -> str:
    """Return a sentence of a check in Arabic, as far as it is known in Arabic."""
    for pattern, arabic in _sentences():
        found = pattern.fullmatch(sentence)
        if found is not None:
            filled = found.groupdict()
            if _REST in filled:
                filled[_REST] = in_arabic(filled[_REST])
            return arabic.format_map(filled)
    return f"«{sentence}»"


@cache
def _sentences() -> list[tuple[re.Pattern[str], str]]:
    """Return the sentences as patterns with their Arabic: first those around another one, then those that say most."""
    known: dict[str, str] = tomllib.loads(FILE.read_text(encoding="utf-8"))["sentences"]
    return [(_pattern(known_as), known[known_as]) for known_as in sorted(known, key=_said)]


def _said(sentence: str) -> tuple[bool, int]:
    return f"{{{_REST}}}" not in sentence, -len(_GAP.sub("", sentence))


def _pattern(sentence: str) -> re.Pattern[str]:
    parts = _GAP.split(sentence)
    gaps = (f"(?P<{name}>{_NAMES.get(name, '.+?')})" for name in parts[1::2])
    texts = map(re.escape, parts[::2])
    first = next(texts)
    return re.compile(first + "".join(gap + text for gap, text in zip(gaps, texts, strict=True)), re.DOTALL)
