"""Take a file in: checked, converted in a process apart, its pages kept; for urgent and online cases alike."""

from uuid import UUID

from booking.country.core.core import Core
from booking.people.evidence.apart import Converted, convert_apart
from booking.people.evidence.checkers import Checker, CommandChecker, ContentChecker
from booking.people.evidence.errors import EvidenceUnavailableError
from booking.people.evidence.store import EvidenceStore
from booking.people.evidence.turns import own_turn
from booking.platform.base.errors import FieldError, InvalidInputError


def keep_pages(core: Core, store: EvidenceStore, file_id: UUID, content: bytes, *, by: UUID) -> Converted:
    """Keep the pages of a file of the account ``by`` under ``file_id``.

    Raises
    ------
    InvalidInputError
        A checker or the converter refuses the file; nothing is kept.
    EvidenceUnavailableError
        The checker, the converter or the folder does not answer.
    UploadRunningError
        Another file of the account is being looked at; nothing is kept.
    BusyError
        Too many files of others are being looked at; nothing is kept.
    """
    try:
        with own_turn(core, by):
            for checker in _checkers(core):
                checker.check(content)
            converted = convert_apart(content)
    except FieldError as error:
        raise InvalidInputError([error]) from None
    try:
        for number, page in enumerate(converted.pages):
            store.put(file_id, number, page)
    except EvidenceUnavailableError:
        store.remove(file_id, len(converted.pages))
        raise
    return converted


def _checkers(core: Core) -> tuple[Checker, ...]:
    command = core.settings.evidence_check_command
    return (ContentChecker(), CommandChecker(command)) if command else (ContentChecker(),)
