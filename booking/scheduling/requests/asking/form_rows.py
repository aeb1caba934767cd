"""The rows that wishes name: accounts, people, services and offices, each kind read once for all of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, String, Uuid, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.origin import Origin
from booking.platform.base.arrays import any_named
from booking.platform.base.errors import AccountLeftError, FieldError, InvalidInputError, NotFoundError
from booking.platform.models import Account, HouseholdMember, Office, Service
from booking.scheduling.requests.wish import Errand, Wish

_ACCOUNTS: Final = select(Account).where(Account.id == any_named("wanted", Uuid))
_MEMBERS: Final = select(HouseholdMember).where(HouseholdMember.id == any_named("wanted", BigInteger))
_SERVICES: Final = select(Service).where(Service.code == any_named("wanted", String), Service.active)
_OFFICES: Final = select(Office).where(Office.code == any_named("wanted", String), Office.active)


@dataclass(frozen=True, slots=True)
class Asking:
    """An attempt to ask: whose, for what, from where; ``core`` is the caller's, whose limiter it is charged to.

    ``seen``: a clerk sees face and document of everybody, while the register cannot agree: no level is needed to ask.
    ``instead_of``: the request of the same people that ends as this one begins.
    """

    core: Core
    account_id: UUID
    wish: Wish
    origin: Origin
    seen: bool = False
    instead_of: UUID | None = None


@dataclass(frozen=True, slots=True)
class FormRows:
    """What was found: accounts and people by their ids, active services and offices by their codes."""

    accounts: Mapping[UUID, Account]
    people: Mapping[int, HouseholdMember]
    services: Mapping[str, Service]
    offices: Mapping[str, Office]

    def account(self, account_id: UUID) -> Account:
        """Return an account.

        Raises
        ------
        AccountLeftError
            It is not there any more, and only a session is left of it.
        """
        if account_id not in self.accounts:
            raise AccountLeftError
        return self.accounts[account_id]

    def members(self, account_id: UUID, people: tuple[int, ...]) -> list[HouseholdMember]:
        """Return an account's household members of those ids, in their order.

        Raises
        ------
        InvalidInputError
            Somebody is not of this household; other people's ids are as unknown as wrong ones.
        """
        own = {one for one in people if one in self.people and self.people[one].account_id == account_id}
        if len(own) != len(people):
            raise InvalidInputError([FieldError("people", "unknown_person")])
        return [self.people[one] for one in people]

    def ranked(self, wish: Wish) -> dict[str, Office]:
        """Return the offices that a wish ranks, by code, as far as they are there."""
        return {code: self.offices[code] for code in wish.offices if code in self.offices}

    def errands(self, account_id: UUID, wish: Wish) -> tuple[Errand, ...]:
        """Return what people of a wish come for.

        Raises
        ------
        NotFoundError
            There is no such service.
        InvalidInputError
            As of `members`.
        """
        if any(one.service not in self.services for one in wish.services):
            raise NotFoundError
        return tuple(
            Errand(self.services[one.service], self.members(account_id, one.people), one.reason)
            for one in wish.services
        )


def read_form_rows(session: Session, asked: Collection[tuple[UUID, Wish]]) -> FormRows:
    """Read what the wishes of these accounts name, by four statements however many they are."""
    accounts = sorted({account for account, _ in asked})
    people = sorted({person for _, wish in asked for person in wish.everyone})
    services = sorted({one.service for _, wish in asked for one in wish.services})
    offices = sorted({code for _, wish in asked for code in wish.offices})
    found = (
        session.scalars(_ACCOUNTS, {"wanted": accounts}).all(),
        session.scalars(_MEMBERS, {"wanted": people}).all(),
        session.scalars(_SERVICES, {"wanted": services}).all(),
        session.scalars(_OFFICES, {"wanted": offices}).all(),
    )
    return FormRows(
        {one.id: one for one in found[0]},
        {one.id: one for one in found[1]},
        {one.code: one for one in found[2]},
        {one.code: one for one in found[3]},
    )
