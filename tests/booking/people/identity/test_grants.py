"""A register that ended its grants, as after a loss of its own data: nothing is held against anybody."""

import pytest

from booking.country.core.register import seal_grant
from booking.eservices.online.begin import begin_case
from booking.people.identity.levels import IdentityLevelError
from booking.people.identity.prove import prove_by_serial
from booking.people.prerequisites.standing import subjects
from booking.people.registers.synthetic import Enrolled, serial_of
from booking.platform.models import HouseholdMember
from booking.platform.models.identity import ProofKind
from booking.platform.models.states import RequestState
from booking.scheduling.requests.ask import ask
from tests.support.country import BORN, a_member, a_wish, an_account, an_origin, eligible_number
from tests.support.online_cases import CLEARANCE, a_caseworker

pytestmark = pytest.mark.neighbours


@pytest.fixture
def forgotten(country):
    """Somebody who is proven, but of whose proof the register knows nothing any more: number, account, member."""
    number, account = eligible_number(country), an_account(country)
    country.register.enrol(number, Enrolled("أمل الخيالية", BORN))
    member = a_member(country, account, number=number)
    with country.sessions.begin() as session:
        row = session.get_one(HouseholdMember, member)
        row.grant_ciphertext = seal_grant(country.vault, member, "of-yesterday")
    return number, account, member


def test_who_asks_is_not_refused_but_shows_it_again(country, forgotten):
    number, account, member = forgotten
    with pytest.raises(IdentityLevelError) as refused:
        ask(country, account_id=account, wish=a_wish((member,)), origin=an_origin())
    assert (refused.value.members, refused.value.again) == ((member,), True)
    a_caseworker(country)
    with pytest.raises(IdentityLevelError):
        begin_case(country, account_id=account, service=CLEARANCE, member_id=member)

    shown = {"kind": ProofKind.CARD, "serial": serial_of(number, ProofKind.CARD), "origin": an_origin()}
    prove_by_serial(country, account_id=account, member_id=member, **shown)
    asked = ask(country, account_id=account, wish=a_wish((member,)), origin=an_origin())
    assert asked.state is RequestState.ACCEPTED


def test_nobody_lacks_papers_because_the_register_forgot_them(country, forgotten):
    """Else a draw would leave them out, and an offer could not be confirmed."""
    with country.sessions() as session:
        member = session.get_one(HouseholdMember, forgotten[2])
        [subject] = subjects(session, country, [member], "resident")
    assert not subject.asked
