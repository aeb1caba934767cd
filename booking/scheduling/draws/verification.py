"""Check a published draw from its files alone: no database, no secrets, no trust in who published them."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from booking.platform.base.collecting import uncollected
from booking.scheduling.draws import format1, formats
from booking.scheduling.draws.archive import Check, Report, read_archive
from booking.scheduling.draws.files import DRAW
from booking.scheduling.draws.files import MEDIA_TYPES as OF_FORMAT_1
from booking.scheduling.draws.format2 import verification as format2
from booking.scheduling.draws.format2.sample import audit_checks
from booking.scheduling.draws.format2.tables import LEAVES, STATEMENT
from booking.scheduling.draws.format2.tables import MEDIA_TYPES as OF_FORMAT_2
from booking.scheduling.draws.format2.trust import NOBODY, Trust

_NAMES = tuple(name for name in dict.fromkeys((*OF_FORMAT_1, *OF_FORMAT_2)) if name != LEAVES)


def read_folder(folder: Path) -> dict[str, bytes]:
    """Read a draw's files from a folder or a zip, as `verify_files` takes them; those that are missing are left out.

    Raises
    ------
    DamagedFileError
        A file cannot be opened, is larger than any draw's, or changes while it is read; or the zip cannot be read.
    """
    if folder.is_file():
        return read_archive(folder, _NAMES)
    contents = {}
    for name in _NAMES:
        try:
            if not (folder / name).is_file():
                continue
            size = (folder / name).stat().st_size
            formats.check_size(name, size)
            with (folder / name).open("rb") as file:
                contents[name] = file.read(size + 1)
        except OSError as error:
            raise formats.DamagedFileError(f"{name}: {error.strerror}") from error
        if len(contents[name]) != size:
            raise formats.DamagedFileError(f"{name}: it changed while it was read")
    return contents


def verify_files(
    published: Path | Mapping[str, bytes],
    *,
    receipt: bytes | None = None,
    before: Sequence[Path | Mapping[str, bytes]] = (),
    trust: Trust = NOBODY,
) -> Report:
    """Check a draw from its published files.

    Parameters
    ----------
    published
        A folder or a zip with the files, or their contents by name: those for everyone, or those for observers too.
    receipt
        A person's receipt in this draw (32 bytes), or the content of their own receipt's file: also check that this
        request took part.
    before
        The files of earlier draws, with those for observers: also check what everyone's priority follows from.
    trust
        Keys and a checkpoint that were learned elsewhere.

    Returns
    -------
    Report
        Every check with a sentence. Nothing that is wrong in a file raises an error.

    Notes
    -----
    In format 1 the seed's commitment and the root must be the ones that were shown before the draw: the report names
    them, to be compared with the public page, one's own receipt, or a newspaper. In format 2 log and witnesses hold
    both; their keys must be the ones that they publish themselves.
    """

    def checks() -> Iterator[Check]:
        yield from _checks(_contents(published), receipt, [_contents(one) for one in before], trust)

    with uncollected():
        return _told(checks())


def audit_sample(published: Path | Mapping[str, bytes], signature: bytes | None = None) -> Report:
    """Say which lines of a draw an audit opens, and open them where the files of observers are there.

    Parameters
    ----------
    published
        A folder or a zip with the files, or their contents by name.
    signature
        The beacon's for the audit, where it was brought by hand; else that of audit.json counts, if it is there.
    """

    def checks() -> Iterator[Check]:
        contents = _contents(published)
        if STATEMENT not in contents:
            raise formats.DamagedFileError(f"{STATEMENT}: the file is missing; draws in format 1 have no audit")
        yield from audit_checks(contents, signature)

    return _told(checks())


def _told(checks: Iterator[Check]) -> Report:
    """Make checks; nothing that is wrong in a file raises an error."""
    told: list[Check] = []
    try:
        told.extend(checks)
    except formats.DamagedFileError as error:
        told.append((False, str(error)))
    except Exception as error:  # noqa: BLE001 - whatever files make a check stumble over is wrong with the files
        told.append((False, f"a check could not be made: {type(error).__name__}, {formats.shown(str(error))}"))
    return Report(told)


def _contents(published: Path | Mapping[str, bytes]) -> Mapping[str, bytes]:
    return read_folder(published) if isinstance(published, Path) else published


def _checks(
    contents: Mapping[str, bytes], receipt: bytes | None, before: Sequence[Mapping[str, bytes]], trust: Trust
) -> Iterator[Check]:
    if not contents:
        raise formats.DamagedFileError("there is no file of a draw here; from its archive they lie one folder on")
    if STATEMENT not in contents:
        if before or trust != NOBODY:
            raise formats.DamagedFileError(
                f"{DRAW}: files of format 1 are in no log, and no earlier draw leads to them"
            )
        return format1.checks_of(contents, receipt)
    if DRAW in contents:
        raise formats.DamagedFileError(f"{DRAW} and {STATEMENT}: these are files of two formats")
    return format2.checks_of(contents, receipt, before, trust)
