"""People who are known twice, accounts that share devices, and officers."""

from datetime import date
from uuid import UUID

from sqlalchemy import select, update

from booking.accounts.household import add_member
from booking.base.vault import Vault
from booking.core.core import Core
from booking.core.sealed import seal_national_number
from booking.models import Account, HouseholdMember, Person, Request, ReviewCase
from fraud.linkage import people
from tests.country import a_request, an_account, eligible_number

BORN = date(1984, 3, 9)
NAME = "سلمى نبيل الخيالية"


def a_person(
    core: Core, name: str = NAME, *, number: str | None = None, born: date = BORN, account: UUID | None = None
):
    """Somebody in a household of their own, or in an account's; gives the person's id."""
    member = add_member(
        core,
        account_id=account or an_account(core),
        name=name,
        national_number=number or eligible_number(core),
        birth_date=born,
        relation="other",
    )
    with core.sessions() as session:
        return session.get_one(HouseholdMember, member).person_id


def strangers(core: Core, count: int = 150) -> None:
    """Other people, all of one account: among very few people no name and no date is rare."""
    account = an_account(core)
    with core.sessions.begin() as session:
        owner = session.get_one(Account, account)
        for row in people(count, seed=4, duplicates=0.0).to_dict("records"):
            number = seal_national_number(core.vault, row["national_number"])
            person = Person(
                national_number_ciphertext=number.ciphertext,
                national_number_hash=number.hash,
                birth_date=row["birth_date"].date(),
                created_at=core.clock.now(),
            )
            member = HouseholdMember(
                account=owner, person=person, name=row["name"], relation="other", created_at=core.clock.now()
            )
            session.add(member)


def one_digit_off(number: str) -> str:
    """The same number with its last digit mistyped."""
    return number[:-1] + str((int(number[-1]) + 1) % 10)


def cases(core: Core) -> list[ReviewCase]:
    """All cases, the oldest first."""
    with core.sessions() as session:
        return list(session.scalars(select(ReviewCase).order_by(ReviewCase.opened_at, ReviewCase.reference)))


def a_ring(core: Core, size: int, *, device: str = "a shop's tablet") -> list[UUID]:
    """Accounts that each asked once from one device, through limits that would have stopped them at one."""
    return [asks_from(core, device) for _ in range(size)]


def asks_from(core: Core, device: str) -> UUID:
    """One more account that asked once, from a device of that name."""
    account, asked = a_request(core)
    with core.sessions.begin() as session:
        hashed = hash_of(core.vault, device)
        session.execute(update(Request).where(Request.reference == asked.reference).values(device_hash=hashed))
    return account


def hash_of(vault: Vault, device: str) -> bytes:
    """The keyed hash of a device."""
    return vault.lookup_hash(device, "device")
