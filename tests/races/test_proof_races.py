"""Several accounts prove one number at once while each asks for it: nobody waits for ever, and one turn is left."""

from functools import partial

import pytest
from sqlalchemy import func, select

from booking.people.identity.levels import IdentityLevelError
from booking.people.identity.prove import prove_by_serial
from booking.people.registers.synthetic import serial_of
from booking.platform.base.errors import AlreadyLiveError, InvalidInputError, NotFoundError
from booking.platform.models import HouseholdMember, Request, RequestMember
from booking.platform.models.identity import ProofKind
from booking.scheduling.requests.ask import ask
from tests.races.conftest import at_once
from tests.support.country import a_member, a_wish, an_account, an_origin, eligible_number

ROUNDS = 6
REFUSED = (AlreadyLiveError, IdentityLevelError, InvalidInputError, NotFoundError)


def tried(act):
    try:
        act()
    except REFUSED as refused:
        return type(refused)
    return None


@pytest.mark.parametrize("_", range(ROUNDS))
def test_two_who_prove_and_ask_at_once_leave_one_live_request(core, _):
    number = eligible_number(core)
    accounts = [(account := an_account(core), a_member(core, account, number=number, proven=False)) for _ in range(3)]
    serial = serial_of(number, ProofKind.CARD)

    def prove(account_id, member_id):
        kind, origin = ProofKind.CARD, an_origin()
        prove_by_serial(core, account_id=account_id, member_id=member_id, kind=kind, serial=serial, origin=origin)
        ask(core, account_id=account_id, wish=a_wish((member_id,)), origin=an_origin())

    def ask_alone(account_id, member_id):
        ask(core, account_id=account_id, wish=a_wish((member_id,)), origin=an_origin())

    acts = [partial(prove, *one) for one in accounts[:2]] + [partial(ask_alone, *one) for one in accounts]
    at_once([partial(tried, act) for act in acts])

    with core.sessions() as session:
        people = select(HouseholdMember.person_id).where(HouseholdMember.account_id.in_([one for one, _ in accounts]))
        assert (
            session.scalar(
                select(func.count()).select_from(HouseholdMember).where(HouseholdMember.person_id.in_(people))
            )
            == 1
        )
        live = (
            select(func.count())
            .select_from(RequestMember)
            .join(Request)
            .where(RequestMember.person_id.in_(people), RequestMember.live)
        )
        assert session.scalar(live) == 1
