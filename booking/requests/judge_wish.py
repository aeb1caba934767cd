"""From a wish as typed to a verdict: form, limits, gate. Asking and instant booking both come this way."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from time import perf_counter
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.accounts.phones import phones_before as had_before
from booking.base.errors import FieldError, InvalidInputError, NotFoundError, PhoneNotConfirmedError
from booking.base.fields import raise_all
from booking.core.attempts import charge
from booking.core.core import Core
from booking.core.origin import Origin
from booking.identity.levels import require_level, to_ask
from booking.models import Account, HouseholdMember, Office, Service
from booking.models.base import Json
from booking.packs.quotas import LimitSpec
from booking.policy.limits import pick
from booking.requests.check_prerequisites import check_asking
from booking.requests.helper_devices import is_helpers_device
from booking.requests.screen import Screened, none_is_live, screen
from booking.requests.wish import Checked, Wish, wish_errors
from fraud.limiting.limits import LimitDecision


def judge_wish(
    session: Session,
    core: Core,
    *,
    action: str,
    account_id: UUID,
    wish: Wish,
    origin: Origin,
    seen: bool = False,
) -> tuple[Checked, Screened]:
    """Check a wish's form, spend one attempt of ``action`` on its limits, and have the gate judge it.

    Parameters
    ----------
    seen
        A clerk sees face and document of everybody, while the register cannot agree: no level is needed to ask.

    Raises
    ------
    InvalidInputError
        Something in the form is unusable; all of it is listed.
    booking.identity.errors.IdentityLevelError
        Somebody has to be proven first, by the service's file.
    booking.prerequisites.errors.PrerequisiteMissingError
        Somebody lacks what must be there when asking.
    PhoneNotConfirmedError
        The account's phone is not confirmed.
    TooManyAttemptsError
        A limit on ``action`` is reached, for the account or helper, the first person, the phone, device or network.
    AlreadyLiveError
        One of the people has a live request or appointment for this kind of service.
    PolicyMissingError
        No quota policy or no rule set is active.
    """
    policy = core.gate_policies.active(session)
    checked = check_form(session, core, account_id=account_id, wish=wish, limits=policy.limits, seen=seen)
    began = perf_counter()
    before = had_before(session, account_id=account_id, now=core.clock.now())
    limits = check_limits(core, action, checked, origin, before)
    charged = perf_counter()
    must_hold, helpers = check_asking(session, core, checked, wish.door), is_helpers_device(session, core, origin)
    checked = replace(checked, must_hold=must_hold, helpers_device=helpers)
    screened = screen(session, core, checked=checked, wish=wish, origin=origin, limits=limits, policy=policy)
    of_verdict = screened.verdict.seconds
    facts = perf_counter() - charged - sum(of_verdict.values())
    core.gate_times.observe({"limits": charged - began, "facts": facts, **of_verdict})
    return checked, screened


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
    booking.identity.errors.IdentityLevelError
        Somebody has to be proven first, by the service's file; with "people".
    AlreadyLiveError
        One of the people has a live request in the service's group; with "people".
    booking.prerequisites.errors.PrerequisiteMissingError
        Somebody lacks what must be there when asking; with "people".
    """
    with core.sessions() as session:
        limits = core.gate_policies.active(session).limits
        service, offices = _service(session, wish), _offices(session, wish)
        raise_all([one for one in _form_errors(core, wish, service, offices, limits) if one.field in fields])
        if "people" in fields and service is not None:
            members = _household_members(session, account_id, wish.people)
            require_level(members, to_ask(service))
            none_is_live(session, members, service)
            account = session.get_one(Account, account_id)
            check_asking(session, core, Checked(account, members, service, list(offices.values())), wish.door)


def check_form(session: Session, core: Core, *, account_id: UUID, wish: Wish, limits: Json, seen: bool) -> Checked:
    """Check all that the form alone can get wrong.

    Raises
    ------
    InvalidInputError
        Something in the form is unusable; all of it is listed.
    PhoneNotConfirmedError
        The account's phone is not confirmed.
    booking.identity.errors.IdentityLevelError
        Somebody has to be proven first, by the service's file.
    NotFoundError
        There is no such service.
    """
    account = session.get_one(Account, account_id)
    if account.phone_confirmed_at is None:
        raise PhoneNotConfirmedError
    service, found = _service(session, wish), _offices(session, wish)
    raise_all(_form_errors(core, wish, service, found, limits))
    members = _household_members(session, account_id, wish.people)
    if service is None:
        raise NotFoundError
    if not seen:
        require_level(members, to_ask(service))
    return Checked(account, members, service, [found[code] for code in wish.offices])


def _service(session: Session, wish: Wish) -> Service | None:
    return session.scalar(select(Service).where(Service.code == wish.service, Service.active))


def _offices(session: Session, wish: Wish) -> dict[str, Office]:
    found = session.scalars(select(Office).where(Office.code.in_(wish.offices), Office.active))
    return {office.code: office for office in found}


def _form_errors(
    core: Core, wish: Wish, service: Service | None, offices: dict[str, Office], limits: Json
) -> list[FieldError]:
    bands = frozenset(band.code for band in core.pack.country.bands)
    caps = pick(LimitSpec, limits)
    return wish_errors(wish, service=service, offices=offices, bands=bands, limits=caps, today=core.today())


def _household_members(session: Session, account_id: UUID, people: tuple[int, ...]) -> list[HouseholdMember]:
    """Return the household members of those ids, in that order; other people's ids are as unknown as wrong ones."""
    known = {
        member.id: member
        for member in session.scalars(
            select(HouseholdMember).where(HouseholdMember.account_id == account_id, HouseholdMember.id.in_(people))
        )
    }
    if len(known) != len(people):
        raise InvalidInputError([FieldError("people", "unknown_person")])
    return [known[member_id] for member_id in people]


def check_limits(
    core: Core, action: str, checked: Checked, origin: Origin, phones_before: Sequence[bytes]
) -> LimitDecision:
    """Spend one attempt on all of the request's subjects, and on phones that the account had; see `charge`."""
    account, person = checked.account, checked.members[0].person_id
    asker = origin.helper or account.id
    subjects = origin.subjects(account=str(asker), person=str(person), phone=account.phone_hash.hex())
    helper = account.registered_helper or origin.helper is not None
    for phone in phones_before:
        charge(core, action, {"phone": phone.hex()}, helper=helper)
    return charge(core, action, subjects, helper=helper)
