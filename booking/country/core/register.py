"""What the civil and passport registers answer: whether words fit a number, what proves a person, and facts then.

A register hands out nothing for a number alone. `Register.match` says whether what somebody typed fits, field by
field, and never what would fit. A *grant* is what the register gives for a proof: whoever has it may ask for facts
about that one number until the register takes it back. Mawid keeps grants sealed, shows them to nobody, and makes
none itself.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from threading import Lock
from typing import Final, Literal, Protocol

from booking.platform.base.errors import MawidError
from booking.platform.base.vault import Vault
from booking.platform.models import Account, HouseholdMember, Person
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


BOUNDS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0)
"""Upper bounds of the buckets, in seconds; one more bucket holds what took longer."""
ANSWERED: Final = "answered"


class RegisterState(StrEnum):
    """What this process knows of the register."""

    INVENTED = "invented"
    """There is none but the one of invented people that this process has itself."""
    UNTRIED = "untried"
    """Nobody asked it since the process began."""
    ANSWERS = "answers"
    AWAY = "away"
    """It did not answer several times in a row; it is tried again every few seconds, when somebody asks."""


@dataclass(slots=True)
class CallTimes:
    """One kind of call: how many fell into each bucket, the sum of their seconds, how many ended how."""

    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0
    outcomes: dict[str, int] = field(default_factory=dict)


class RegisterCalls:
    """Counts that threads share."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._calls: dict[str, CallTimes] = {}
        self.state = RegisterState.INVENTED

    def observe(self, call: str, outcome: str, seconds: float | None) -> None:
        """Count a call and its outcome, `ANSWERED` or a kind of failure; ``seconds`` None for one that was not made."""
        with self._lock:
            times = self._calls.setdefault(call, CallTimes())
            times.outcomes[outcome] = times.outcomes.get(outcome, 0) + 1
            if seconds is not None:
                times.buckets[bisect_left(BOUNDS, seconds)] += 1
                times.seconds += seconds

    def read(self) -> dict[str, CallTimes]:
        """Return a copy of all counts, by call."""
        with self._lock:
            return {
                call: CallTimes(list(times.buckets), times.seconds, dict(times.outcomes))
                for call, times in self._calls.items()
            }


ABOUT_PHONE: Final = "phone"
ABOUT_NUMBER: Final = "national number"
ABOUT_ADDRESS: Final = "address"


@dataclass(frozen=True, slots=True)
class Sealed:
    """What the database keeps of a number."""

    ciphertext: bytes
    hash: bytes


def seal_phone(vault: Vault, phone: str) -> Sealed:
    """Seal a phone number in E.164."""
    return _seal(vault, phone, ABOUT_PHONE)


def open_phone(vault: Vault, account: Account) -> str:
    """Read an account's phone number, in E.164; "" where it has none."""
    return read_phone(vault, account.phone_ciphertext)


def read_phone(vault: Vault, ciphertext: bytes) -> str:
    """Read a sealed phone number, in E.164; "" for an account without one."""
    return vault.decrypt(ciphertext, ABOUT_PHONE) if ciphertext else ""


def seal_address(vault: Vault, address: str) -> bytes:
    """Encrypt an e-mail address or a number at a messenger; nobody is looked up by it."""
    return vault.encrypt(address, ABOUT_ADDRESS)


def read_address(vault: Vault, ciphertext: bytes) -> str:
    """Read a sealed e-mail address or number at a messenger."""
    return vault.decrypt(ciphertext, ABOUT_ADDRESS)


def seal_national_number(vault: Vault, number: str) -> Sealed:
    """Seal a normalised national number."""
    return _seal(vault, number, ABOUT_NUMBER)


def open_national_number(vault: Vault, person: Person) -> str:
    """Read a person's national number, normalised."""
    return read_national_number(vault, person.national_number_ciphertext)


def read_national_number(vault: Vault, ciphertext: bytes) -> str:
    """Read a sealed national number, normalised."""
    return vault.decrypt(ciphertext, ABOUT_NUMBER)


def about_grant(member_id: int) -> str:
    """Return what the grant of a household member is bound to."""
    return f"grant {member_id}"


def seal_grant(vault: Vault, member_id: int, grant: str) -> bytes:
    """Encrypt a register's grant, bound to the household member whom it is kept for."""
    return vault.encrypt(grant, about_grant(member_id))


def read_grant(vault: Vault, member: HouseholdMember) -> str | None:
    """Read the register's grant of a household member; None for a member who is not proven."""
    if member.grant_ciphertext is None:
        return None
    return vault.decrypt(member.grant_ciphertext, about_grant(member.id))


def _seal(vault: Vault, text: str, about: str) -> Sealed:
    return Sealed(vault.encrypt(text, about), vault.lookup_hash(text, about))
