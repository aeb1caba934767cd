"""What the civil and passport registers answer: whether words fit a number, what proves a person, and facts then.

A register hands out nothing for a number alone. `Register.match` says whether what somebody typed fits, field by
field, and never what would fit. A *grant* is what the register gives for a proof: whoever has it may ask for facts
about that one number until the register takes it back. Mawid keeps grants sealed, shows them to nobody, and makes
none itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, Literal, Protocol

from booking.platform.base.errors import MawidError
from booking.platform.models.identity import ProofKind

MOST_PEOPLE: Final = 100
"""About whom one question may be."""


class RegisterAwayError(MawidError):
    """The register did not answer in time, or in a way that its contract does not know; nothing is known from it."""

    code = "register_away"


class Agreement(StrEnum):
    """Whether something typed fits what the register knows; ``UNKNOWN``: it does not know that of this number."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody says a number belongs to; the number is normalised."""

    number: str
    name: str
    birth_date: date


@dataclass(frozen=True, slots=True)
class Match:
    """How the register judges an `Identity`.

    ``person``: YES where all of it is one living person, UNKNOWN where it has no such number. The fields are for
    officers and for the gate; whoever typed them is only told whether all of it fits.
    """

    person: Agreement
    name: Agreement
    birth_date: Agreement


@dataclass(frozen=True, slots=True)
class Holding:
    """The result of a service that a person holds; ``valid_until`` None: without an end."""

    service: str
    issued: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class RegisterFacts:
    """What the registers know of a person, for whoever has a grant.

    ``passport_valid_until`` is None for someone who never had a passport; ``region`` is the code of the region where
    the person is registered. ``gender`` is None where no register says. ``listed`` names the registers of duties that
    list the person ("conscription"), ``held`` what other agencies issued to them.
    """

    passport_valid_until: date | None
    application_pending: bool
    region: str
    gender: Literal["female", "male"] | None = None
    listed: frozenset[str] = frozenset()
    held: tuple[Holding, ...] = ()

    def passport_days_left(self, today: date) -> int:
        """Count the days until the passport ends, 0 once it has; -1 without a passport."""
        if self.passport_valid_until is None:
            return -1
        return max(0, (self.passport_valid_until - today).days)


class Register(Protocol):
    """The door to the national registers; every method may raise `RegisterAwayError`.

    A register that is away never makes anybody less than they are: levels that were reached stay, new ones wait.
    """

    def match(self, identity: Identity) -> Match:
        """Judge whether number, name and birth date are one living person."""

    def prove(self, identity: Identity, kind: Literal[ProofKind.CARD, ProofKind.PASSPORT], serial: str) -> str | None:
        """Return a grant where the identity matches and the serial is of that person's valid document; else None."""

    def prove_guardian(self, identity: Identity, *, guardian: str, grant: str) -> str | None:
        """Return a grant where the identity matches a minor whose guardian has this number and grant; else None."""

    def send_code(self, identity: Identity) -> str | None:
        """Let the register send a code to the phone that it has of this person.

        Returns
        -------
        str or None
            A handle for `check_code`; None where the identity does not match or no phone is known, which callers must
            not tell apart from a sent code.
        """

    def check_code(self, identity: Identity, *, handle: str, code: str) -> str | None:
        """Return a grant for the code that came, once; else None."""

    def attest(
        self, identity: Identity, kind: Literal[ProofKind.PROVIDER, ProofKind.OFFICER], *, by: str
    ) -> str | None:
        """Return a grant for a proof that Mawid itself saw and puts on record; None where no such person lives.

        Parameters
        ----------
        by
            Who saw it, as a reference that the register can ask about: never a name.
        """

    def facts(self, number: str, grant: str) -> RegisterFacts | None:
        """Return what is known of a person; None where the grant is not, or no longer, one for this number."""

    def facts_of_many(self, asked: Sequence[tuple[str, str]]) -> list[RegisterFacts | None]:
        """Do what `facts` does for up to `MOST_PEOPLE` numbers with their grants: all is answered, or nothing."""
