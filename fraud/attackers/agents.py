"""What a season is made of: people, accounts, and the asks that they send."""

from collections.abc import Container
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, Final, Literal

from fraud.attackers.parameters import Kind
from fraud.facts import HardFacts

HOUSEHOLD: Final = 12
"""People that an account acts for at most, as in the first quota policy."""

LONG_VALID_DAYS: Final = 180
"""A passport that is valid for longer needs a reason."""

HOUR, DAY = 3_600.0, 86_400.0

CLAIMED, MATCHED, PROVEN, SEEN = range(4)
"""How sure it is that an account may ask for somebody, as the fact ``identity_level`` counts it."""


Role = Literal["", "client", "buyer", "owner", "cover"]
"""What somebody is to an attacker who asks for them: nothing, for people whose names are only used; a client who pays,
the buyer of a place that was given up, the owner of a number who pays to have their own turn, or somebody real who
needs a passport and makes false requests look better."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a national number; ``known`` to the registers, or invented."""

    number: int
    born: date
    known: bool
    passport_days_left: int


@dataclass(slots=True, eq=False)
class Account:
    """A login with its phone (``prefix`` and, abroad, ``country`` limit its codes) and the people it acts for.

    ``made_at`` are seconds since the season began; accounts from before it are ``registered`` already. ``proven`` are
    the numbers that were shown to be theirs to ask for, ``seen`` those of them whose people an officer saw, and
    ``claims_ended`` how many others somebody else has proven.
    """

    name: str
    phone: str
    prefix: str
    country: str
    made_at: float
    helper: bool = False
    registered: bool = False
    household: dict[int, Person] = field(default_factory=dict)
    proven: set[int] = field(default_factory=set)
    seen: set[int] = field(default_factory=set)
    claims_ended: int = 0

    def admit(self, person: Person, live: Container[int], party: tuple[Person, ...]) -> None:
        """Act for one more of a party; in a full household the first other without a live request makes room."""
        if len(self.household) >= HOUSEHOLD:
            gone = next(
                (number for number in self.household if number not in live and self.household[number] not in party),
                None,
            )
            if gone is not None:
                del self.household[gone]
        self.household[person.number] = person

    @property
    def unproven(self) -> set[int]:
        """The numbers of the people for whom it acts without a proof."""
        return self.household.keys() - self.proven

    def level(self, person: Person) -> int:
        """Return how sure it is that this account may ask for a person, as the fact ``identity_level`` counts."""
        if person.number in self.seen:
            return SEEN
        if person.number in self.proven:
            return PROVEN
        return MATCHED if person.known else CLAIMED


@dataclass(slots=True, eq=False)
class Ask:
    """One request, from the intention to its end.

    The first block is what the gate sees, directly or counted; ``kind``, ``buyer`` (for whom a hoarder will give the
    place up), ``role`` (what its people are to an attacker) and ``squatted`` (somebody else asks in this name
    first) it never sees. The second block is what became of
    it: ``state``, seconds of the first try and of the request (-1: not yet), the verdict, what it cost, how often
    somebody had to come to a ``counter``, whether another's request stood in the way (``blocked``), and how often the
    same people had moved a place (``moves``). ``at`` moves on when the ask is tried again.
    """

    kind: Kind
    account: Account
    device: str
    network: str
    people: tuple[Person, ...]
    at: float
    form_seconds: float
    zone_hours: int = 0
    offices: int = 2
    km: float = 10.0
    abroad: bool = False
    reason: bool = False
    buyer: Person | None = None
    role: Role = ""
    squatted: bool = False

    number: int = -1
    tries: int = 0
    limited: int = 0
    registrations: int = 0
    first_at: float = -1.0
    state: str = "wanted"
    decision: str = ""
    reasons: str = ""
    score: float = float("nan")
    check: str = ""
    officer: str = ""
    codes: int = 0
    proof_seconds: float = 0.0
    counter: int = 0
    blocked: bool = False
    draws: int = 0
    drawn_day: int = -1
    moves: int = 0

    @property
    def hour(self) -> int:
        """The local hour of the office asked, 0 to 23."""
        return int(self.at // HOUR + self.zone_hours) % 24

    def hard(self) -> HardFacts:
        """Return what the registers know of the people in this request."""
        return HardFacts(
            has_live_request=False,
            registry_knows_person=all(person.known for person in self.people),
            passport_valid_long=any(person.passport_days_left > LONG_VALID_DAYS for person in self.people),
            reason_given=self.reason,
            application_pending=False,
            age_eligible=True,
        )


NAMES: Final = tuple(field.name for field in fields(Ask))
INTENTION: Final = NAMES[: NAMES.index("number")]
"""What an ask was meant to be; the other names say what became of it."""


def again(ask: Ask, at: float, **changes: Any) -> Ask:
    """Return the same ask anew, from the same hands; a reason is given where the people need one."""
    new = Ask(**{name: getattr(ask, name) for name in INTENTION} | {"at": at} | changes)
    new.reason |= new.hard().passport_valid_long
    return new
