"""People who are known twice, accounts that share devices, and officers."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from sqlalchemy import select, update

from booking.country.core.core import Core
from booking.country.core.register import seal_national_number
from booking.people.accounts.household import add_member
from booking.platform.base.vault import Vault
from booking.platform.models import Account, HouseholdMember, Person, Request, ReviewCase
from booking.scheduling.requests.ask import ask
from fraud.linkage import people
from tests.support.country import a_member, a_wish, an_account, an_origin, eligible_number

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


def a_ring(core: Core, size: int, *, device: str = "a broker's tablet") -> list[UUID]:
    """A broker's accounts: each asked in haste for two strangers, from one device and with one phone for all."""
    return [asks_from(core, device) for _ in range(size)]


def asks_from(
    core: Core,
    device: str,
    *,
    people: int = 2,
    phone: str | None = "pooled",
    seconds: float = 25.0,
    account: UUID | None = None,
) -> UUID:
    """One more account that asked for people one by one, from a device and with a phone of that name; None: its own."""
    account = account or an_account(core)
    for _ in range(people):
        origin = replace(an_origin(), seconds=seconds)
        asked = ask(core, account_id=account, wish=a_wish((a_member(core, account),)), origin=origin)
        seen = {"device_hash": hash_of(core.vault, device)}
        if phone is not None:
            seen["phone_hash"] = core.vault.lookup_hash(f"{phone} phone of {device}", "phone")
        with core.sessions.begin() as session:
            session.execute(update(Request).where(Request.reference == asked.reference).values(**seen))
    return account


def a_client(core: Core, *, device: str = "a broker's tablet", account: UUID | None = None) -> UUID:
    """Somebody who asked for their own family from a broker's device, in an account and on a phone of their own."""
    return asks_from(core, device, people=1, phone=None, account=account)


def hash_of(vault: Vault, device: str) -> bytes:
    """The keyed hash of a device."""
    return vault.lookup_hash(device, "device")
