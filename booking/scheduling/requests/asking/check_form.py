"""What a wish's form alone can get wrong, and the limits on asking; for one of its steps or for all."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, String, Uuid, select
from sqlalchemy.orm import Session

from booking.country.core.attempts import Charge, about
from booking.country.core.core import Core
from booking.country.core.security import Origin
from booking.country.packs.quotas import LimitSpec
from booking.people.identity.levels import require_level, to_ask
from booking.platform.base.arrays import any_named
from booking.platform.base.errors import (
    AccountLeftError,
    FieldError,
    InvalidInputError,
    NotFoundError,
    PhoneNotConfirmedError,
)
from booking.platform.base.fields import raise_all
from booking.platform.models import Account, HouseholdMember, Office, Service
from booking.scheduling.requests.asking.background import live_turns
from booking.scheduling.requests.asking.screen import none_is_live
from booking.scheduling.requests.wish import Checked, Errand, Wish, wish_errors
from booking.scheduling.requests.wish_again import check_asking

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


def check_answers(core: Core, *, account_id: UUID, wish: Wish, fields: Collection[str]) -> None:
    """Check some answers of a wish that is not complete yet, by the rules that judge it in the end.

    Parameters
    ----------
    fields
        Names of the wish's fields that have been answered; what is wrong with others is not said yet.

    Raises
    ------
    InvalidInputError
        Something in these fields is unusable; all of it is listed.
    booking.people.identity.levels.IdentityLevelError
        Somebody has to be proven first, by the service's file; with "people".
    AlreadyLiveError
        One of the people has a live request in the service's group; with "people".
    booking.people.prerequisites.standing.PrerequisiteMissingError
        Somebody lacks what must be there when asking; with "people".
    AccountLeftError
        The account is not there any more; with "people".
    """
    with core.sessions() as session:
        limits = core.gate_policies.active(session).of_wishes
        rows = read_form_rows(session, [(account_id, wish)])
        raise_all([one for one in _form_errors(core, rows, wish, limits) if one.field in fields])
        if "people" in fields and all(one.service in rows.services for one in wish.services):
            checked = _checked(rows, account_id, wish)
            _require_levels(checked)
            none_is_live(live_turns(session, checked.members), checked)
            check_asking(session, core, checked, wish.door)


def check_form(core: Core, rows: FormRows, asking: Asking, *, limits: LimitSpec) -> Checked:
    """Check all that the form alone can get wrong.

    Parameters
    ----------
    limits
        What the active quota policy says of wishes.

    Raises
    ------
    InvalidInputError
        Something in the form is unusable; all of it is listed.
    PhoneNotConfirmedError
        The account's phone is not confirmed.
    booking.people.identity.levels.IdentityLevelError
        Somebody has to be proven first, by the service's file.
    NotFoundError
        There is no such service.
    AccountLeftError
        The account is not there any more.
    """
    account, wish = rows.account(asking.account_id), asking.wish
    if account.phone_confirmed_at is None:
        raise PhoneNotConfirmedError
    raise_all(_form_errors(core, rows, wish, limits))
    checked = _checked(rows, account.id, wish)
    if not asking.seen:
        _require_levels(checked)
    return checked


def _checked(rows: FormRows, account_id: UUID, wish: Wish) -> Checked:
    members = rows.members(account_id, wish.everyone)
    errands = rows.errands(account_id, wish)
    return Checked(rows.account(account_id), members, errands, list(rows.ranked(wish).values()))


def _require_levels(checked: Checked) -> None:
    for errand in checked.errands:
        require_level(errand.members, to_ask(errand.service))


def _form_errors(core: Core, rows: FormRows, wish: Wish, limits: LimitSpec) -> list[FieldError]:
    return wish_errors(
        wish,
        services=rows.services,
        offices=rows.ranked(wish),
        country=core.pack.country,
        limits=limits,
        today=core.today(),
    )


def charges_of(
    core: Core, action: str, checked: Checked, origin: Origin, phones_before: Sequence[bytes]
) -> list[Charge]:
    """Return what a request is charged: for phones that its account had, and last for all of its own subjects."""
    account, person = checked.account, checked.members[0].person_id
    asker = origin.helper or account.id
    subjects = origin.subjects(account=str(asker), person=about(asker, str(person)), phone=account.phone_hash.hex())
    helper = account.registered_helper or origin.helper is not None
    before = [Charge(core, action, {"phone": phone.hex()}, helper) for phone in phones_before]
    return [*before, Charge(core, action, subjects, helper)]
