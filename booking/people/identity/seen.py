"""What an officer types who compared a person's face with their documents."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

from booking.country.core.core import Core
from booking.country.core.register import Agreement, Identity, Match
from booking.people.identity.levels import NotInRegisterError
from booking.platform.base import fields
from booking.platform.base.errors import FieldError, InvalidInputError
from booking.platform.base.fields import noted

DOCUMENTS: Final = ("identity_card", "passport", "military_card", "civil_record", "family_book")
"""Kinds of documents that are compared with a face, or with a child and its parent."""
LONGEST_REASON: Final = 500
LONGEST_CODE: Final = 20


@dataclass(frozen=True, slots=True)
class Compared:
    """What was seen and is decided, read."""

    documents: frozenset[str]
    name: str
    born: date
    reason: str
    code: str
    end: frozenset[int]


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen and is decided, as it was typed.

    Parameters
    ----------
    documents
        The kinds that were compared, of `DOCUMENTS`.
    name, birth_date
        As they stand in the document.
    reason
        In the officer's words, for the audit log.
    code
        What the person's own page shows (`booking.people.identity.attest`), or "" where no account becomes
        theirs.
    end
        Entries of the accounts that do not act for the person any more (`booking.people.identity.views.Acting.id`).
    """

    documents: Collection[str]
    name: str
    birth_date: date | str
    reason: str
    code: str = ""
    end: Collection[int] = ()

    def read(self, core: Core) -> Compared:
        """Read the fields; raises InvalidInputError with all that are unusable."""
        errors: list[FieldError] = []
        name, born = "", fields.EARLIEST_BIRTH
        reason, code = self.reason.strip(), fields.latin_digits(self.code.strip())
        with noted(errors):
            name = fields.name(self.name)
        with noted(errors):
            born = fields.birth_date(self.birth_date, today=core.today())
        documents = frozenset(self.documents) & frozenset(DOCUMENTS)
        if not documents:
            errors.append(FieldError("documents", "no_document"))
        if not reason or len(reason) > LONGEST_REASON:
            errors.append(FieldError("reason", "missing" if not reason else "too_long"))
        fields.raise_all(errors)
        return Compared(documents, name, born, reason, code[:LONGEST_CODE], frozenset(self.end))


def require_agreement(core: Core, identity: Identity) -> None:
    """Ask the register whether a document fits.

    Raises
    ------
    InvalidInputError
        ``name`` or ``birth_date`` "register_differs": the register knows the number's holder otherwise.
    NotInRegisterError
        The register knows no such living person.
    booking.country.core.register.RegisterAwayError
        The register does not answer.
    """
    match = core.register.match(identity)
    if errors := differing(match):
        raise InvalidInputError(errors)
    if match.person is not Agreement.YES:
        raise NotInRegisterError


def differing(match: Match) -> list[FieldError]:
    """Return which of name and birth date the register knows otherwise, for the officer who holds the document."""
    answers = {"name": match.name, "birth_date": match.birth_date}
    return [FieldError(field, "register_differs") for field, answer in answers.items() if answer is Agreement.NO]
