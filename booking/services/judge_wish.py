"""From a wish as typed to a verdict: form, limits, gate. Asking and instant booking both come this way."""

from dataclasses import replace
from time import perf_counter
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.attempts import charge
from booking.core import Core
from booking.errors import FieldError, InvalidInputError, NotFoundError, PhoneNotConfirmedError
from booking.helping.devices import is_helpers_device
from booking.models import Account, HouseholdMember, Office, Service
from booking.models.base import Json
from booking.origin import Origin
from booking.prerequisites.checks import check_asking
from booking.services.screen import Screened, screen
from booking.wish import Checked, Wish, check_wish
from fraud.limits import LimitDecision


def judge_wish(
    session: Session, core: Core, *, action: str, account_id: UUID, wish: Wish, origin: Origin
) -> tuple[Checked, Screened]:
    """Check a wish's form, spend one attempt of ``action`` on its limits, and have the gate judge it.

    Raises
    ------
    InvalidInputError
        Something in the form is unusable; all of it is listed.
    booking.prerequisites.errors.PrerequisiteMissingError
        Somebody lacks what must be there when asking.
    PhoneNotConfirmedError, TooManyAttemptsError, AlreadyLiveError, PolicyMissingError
        The account, the limits, another live request, or the installation stands in the way.
    """
    policy = core.gate_policies.active(session)
    checked = _check_form(session, core, account_id=account_id, wish=wish, limits=policy.limits)
    began = perf_counter()
    limits = _check_limits(core, action, checked, origin)
    charged = perf_counter()
    must_hold, helpers = check_asking(session, core, checked, wish.door), is_helpers_device(session, core, origin)
    checked = replace(checked, must_hold=must_hold, helpers_device=helpers)
    screened = screen(session, core, checked=checked, wish=wish, origin=origin, limits=limits, policy=policy)
    of_verdict = screened.verdict.seconds
    facts = perf_counter() - charged - sum(of_verdict.values())
    core.gate_times.observe({"limits": charged - began, "facts": facts, **of_verdict})
    return checked, screened


def _check_form(session: Session, core: Core, *, account_id: UUID, wish: Wish, limits: Json) -> Checked:
    """Check all that the form alone can get wrong; raises as `judge_wish` does."""
    account = session.get_one(Account, account_id)
    if account.phone_confirmed_at is None:
        raise PhoneNotConfirmedError
    service = session.scalar(select(Service).where(Service.code == wish.service, Service.active))
    found = {
        office.code: office
        for office in session.scalars(select(Office).where(Office.code.in_(wish.offices), Office.active))
    }
    check_wish(
        wish,
        service=service,
        offices=found,
        bands=frozenset(band.code for band in core.pack.country.bands),
        limits=limits,
        today=core.today(),
    )
    members = _household_members(session, account_id, wish.people)
    if service is None:
        raise NotFoundError
    return Checked(account, members, service, [found[code] for code in wish.offices])


def _household_members(session: Session, account_id: UUID, people: tuple[int, ...]) -> list[HouseholdMember]:
    """Give the household members of those ids, in that order; other people's ids are as unknown as wrong ones."""
    known = {
        member.id: member
        for member in session.scalars(
            select(HouseholdMember).where(HouseholdMember.account_id == account_id, HouseholdMember.id.in_(people))
        )
    }
    if len(known) != len(people):
        raise InvalidInputError([FieldError("people", "unknown_person")])
    return [known[member_id] for member_id in people]


def _check_limits(core: Core, action: str, checked: Checked, origin: Origin) -> LimitDecision:
    """Spend one attempt on all of the request's subjects; raises TooManyAttemptsError, and then nothing is spent."""
    account, person = checked.account, checked.members[0].person_id
    asker = origin.helper or account.id
    subjects = origin.subjects(account=str(asker), person=str(person), phone=account.phone_hash.hex())
    return charge(core, action, subjects, helper=account.registered_helper or origin.helper is not None)
