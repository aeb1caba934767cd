"""People of the demonstration and the register: it is told who they are, and households show that they are them."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import update

from booking.country.core.core import Core
from booking.country.core.register import Identity
from booking.country.core.sealed import seal_grant
from booking.entrypoints.demo.people import Applicant, Person
from booking.people.accounts.household import add_member
from booking.people.registers.book import Enrolled
from booking.people.registers.choose import book_of
from booking.people.registers.synthetic import serial_of
from booking.platform.base.settings import Settings
from booking.platform.models import HouseholdMember
from booking.platform.models.identity import IdentityLevel, ProofKind


def enrol(settings: Settings, applicants: Iterable[Applicant]) -> None:
    """Tell the register of invented people about everyone who is not made up by a hoarder, children with parents."""
    people: dict[str, Enrolled] = {}
    for applicant in applicants:
        parents = tuple(one.number for one in applicant.people if one.relation in {"self", "spouse"})
        for person in applicant.people:
            if not person.invented:
                guardians = parents if person.relation == "child" else ()
                people[person.number] = Enrolled(person.name, person.born, guardians=guardians)
    book_of(settings).add(people)


def prove(core: Core, household: Sequence[tuple[int, Person]]) -> int:
    """Prove the people of one account whose cards are at hand, and children by a parent; return how many.

    ``household`` are member ids and who they are. Written as rows, as if each had been typed on the page: ten thousand
    people would take minutes there. The register judges each of them all the same.
    """
    grants: dict[int, tuple[ProofKind, str]] = {}
    parent: tuple[str, str] | None = None
    for member, person in household:
        identity = Identity(person.number, person.name, person.born)
        kind, grant = ProofKind.CARD, None
        if person.relation == "child" and parent is not None:
            kind = ProofKind.GUARDIAN
            grant = core.register.prove_guardian(identity, guardian=parent[0], grant=parent[1])
        elif person.card_at_hand:
            grant = core.register.prove(identity, ProofKind.CARD, serial_of(person.number, ProofKind.CARD))
        if grant is not None:
            grants[member] = kind, grant
            parent = parent or (person.number, grant)
    _write(core, grants)
    return len(grants)


def add_proven(core: Core, *, account_id: UUID, name: str, number: str, born: date, relation: str) -> int:
    """Let an account act for a person whom the register knows and who showed their card; return the member's id."""
    book_of(core.settings).add({number: Enrolled(name, born)})
    member = add_member(
        core, account_id=account_id, name=name, national_number=number, birth_date=born, relation=relation
    )
    prove(core, [(member, Person(number, name, born, "other"))])
    return member


def _write(core: Core, grants: dict[int, tuple[ProofKind, str]]) -> None:
    now = core.clock.now()
    with core.sessions.begin() as session:
        for member, (kind, grant) in grants.items():
            session.execute(
                update(HouseholdMember)
                .where(HouseholdMember.id == member)
                .values(
                    level=IdentityLevel.PROVEN,
                    proved_by=kind,
                    proved_at=now,
                    grant_ciphertext=seal_grant(core.vault, member, grant),
                )
            )
