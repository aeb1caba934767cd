"""An owner without phone and second factor stands at a counter: the factor ends after a wait, unless it is stopped."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from booking.country.core import sessions
from booking.people.accounts.begin_session import Login
from booking.people.accounts.errors import AskAdministratorError, NothingWaitsError
from booking.people.accounts.lost_factor import forget_after_waiting, show_code, stop_by_code
from booking.platform.base.errors import ForbiddenError, InvalidInputError, OwnCaseError, WrongCodeError
from booking.platform.models import Account, AuditEntry, HouseholdMember, LostFactor
from booking.platform.models.states import Role
from tests.support.country import a_colleague, a_member, an_origin, eligible_number, last_secret
from tests.support.lost_factors import OwnerWithoutFactor

NAME = "أمل الخيالية"
DAY = timedelta(days=1)


@pytest.fixture
def core(country):
    return country


@pytest.fixture
def clerk(core):
    return a_colleague(core, Role.OFFICER, office="damascus")


@pytest.fixture
def owner(core):
    return OwnerWithoutFactor(core)


def test_the_factor_ends_a_day_after_an_officer_saw_its_owner(core, owner, clerk):
    assert owner.stands_before(clerk, code=owner.code) == 1
    assert {"second_factor_ends", "second_factor_told"} <= owner.told
    with core.sessions() as session:
        kept = session.scalars(select(AuditEntry).where(AuditEntry.action == "second_factor.lost_at_counter")).one()
    assert (kept.account_id, kept.subject, kept.details["reason"]) == (clerk, str(owner.account), "phone stolen")

    core.clock.advance(DAY - timedelta(minutes=1))
    assert forget_after_waiting(core) == 0
    assert not isinstance(owner.sign_in(), Login)
    core.clock.advance(timedelta(minutes=1))
    token, _ = sessions.create(core, account_id=owner.account, language="ar", door="home")
    assert forget_after_waiting(core) == 1
    assert sessions.read(core, token) is None
    assert isinstance(owner.sign_in(), Login)
    assert "second_factor_removed" in owner.told


def test_the_phone_stops_it_without_signing_in(core, owner, clerk):
    owner.stands_before(clerk, code=owner.code)
    stop = last_secret(core, owner.account, "second_factor_ends")
    with pytest.raises(NothingWaitsError):
        stop_by_code(core, code="AAAAA-AAAAA", origin=an_origin())
    stop_by_code(core, code=stop.lower(), origin=an_origin())

    core.clock.advance(DAY)
    assert forget_after_waiting(core) == 0
    assert not isinstance(owner.sign_in(), Login)
    assert "second_factor_kept" in owner.told
    with pytest.raises(NothingWaitsError):
        stop_by_code(core, code=stop, origin=an_origin())


@pytest.mark.neighbours
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code": "000000"}, WrongCodeError),
        ({"code": ""}, WrongCodeError),
        ({"documents": []}, InvalidInputError),
        ({"reason": " "}, InvalidInputError),
        ({"name": "سلمى الورد"}, InvalidInputError),
    ],
)
def test_an_officer_cannot_end_it_without_code_document_and_register(owner, clerk, changes, error):
    with pytest.raises(error):
        owner.stands_before(clerk, **({"code": owner.code} | changes))
    assert not owner.waits


def test_somebody_else_of_the_household_ends_nothing(core, owner, clerk):
    code, number = owner.code, eligible_number(core)
    member = a_member(core, owner.account, number=number, relation="spouse")
    with core.sessions() as session:
        owner.person = session.get_one(HouseholdMember, member).person_id
    with pytest.raises(WrongCodeError):
        owner.stands_before(clerk, code=code)


def test_an_officer_ends_no_factor_of_their_own_household(core, owner, clerk):
    a_member(core, clerk, number=owner.number, relation="sibling")
    with pytest.raises(OwnCaseError):
        owner.stands_before(clerk, code=owner.code)
    now = core.clock.now()
    seen = {"person_id": owner.person, "decided_by": clerk, "stop_hash": b"1"}
    with core.sessions() as session:
        session.add(LostFactor(account_id=owner.account, created_at=now, holds_at=now, **seen))
        with pytest.raises(IntegrityError, match="own:"):
            session.flush()


def test_only_officers_at_a_counter_end_it_and_only_of_citizens(core, owner):
    with pytest.raises(ForbiddenError):
        owner.stands_before(a_colleague(core, Role.REVIEWER), code=owner.code)
    token = owner.sign_in().token
    with core.sessions.begin() as session:
        session.get_one(Account, owner.account).roles = [Role.OFFICER]
    with pytest.raises(AskAdministratorError):
        show_code(core, token=token, origin=an_origin())
