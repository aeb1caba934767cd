"""Whoever proves a number ends the claims of those who only typed it; two who prove it both stay."""

import pytest
from sqlalchemy import select

from booking.people.accounts.household import list_members
from booking.people.identity.prove import prove_by_serial
from booking.people.registers.synthetic import serial_of
from booking.platform.models import EndedClaim
from booking.platform.models.identity import IdentityLevel, ProofKind
from tests.support.country import an_origin

pytestmark = pytest.mark.neighbours

STRANGERS_NAME = "اسم مخترع"


@pytest.fixture
def prove(core):
    def act(number, account_id, member_id):
        serial = serial_of(number, ProofKind.CARD)
        kind, origin = ProofKind.CARD, an_origin()
        prove_by_serial(core, account_id=account_id, member_id=member_id, kind=kind, serial=serial, origin=origin)

    return act


@pytest.mark.parametrize("name", [STRANGERS_NAME, "سلمى الورد"], ids=["claimed", "matched"])
def test_a_weaker_claim_ends_and_is_kept_for_the_gate(core, claim, prove, salma, told, name):
    stranger, _ = claim(salma, name=name)
    level = list_members(core, account_id=stranger)[0].level
    owner, mine = claim(salma)

    prove(salma, owner, mine)

    assert list_members(core, account_id=stranger) == []
    assert told(stranger) == ["claim_ended"]
    with core.sessions() as session:
        [ended] = session.scalars(select(EndedClaim).where(EndedClaim.account_id.in_((stranger, owner))))
    assert (ended.account_id, ended.level, ended.ended_at) == (stranger, level, core.clock.now())


def test_two_parents_who_prove_a_child_both_stay(core, claim, prove, salma, told):
    accounts = [claim(salma) for _ in range(2)]
    prove(salma, *accounts[0])
    account_id, _ = accounts[1]
    again = claim(salma, account_id=account_id)

    prove(salma, *again)

    for one, _ in accounts:
        [member] = list_members(core, account_id=one)
        assert member.level is IdentityLevel.PROVEN
    prove(salma, *again)
    assert told(accounts[0][0]).count("acting_began") == 1  # a thief of the card would be found out like this
    assert "acting_began" not in told(account_id)
