"""The computer of a registered shop says nothing about who asks there; what the shop does is watched instead."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.antifraud.watching.limits import Standing
from booking.desk.helpers.register import helper_figures, suspend
from booking.desk.helpers.take_over import withdraw_consent
from booking.platform.models import Request, Verdict
from booking.platform.models.states import Role
from booking.scheduling.requests.ask import ask
from booking.scheduling.requests.helper_devices import KNOWN_FOR
from tests.booking.desk.helpers.helped import a_helper, agreed, ask_it, helper_id_of, owner_of
from tests.support.country import a_colleague, a_member, a_wish, an_account, an_origin

SHOP = "the shop's computer"


@pytest.fixture
def core(country):
    return country


def in_their_own_account(core, device):
    """Ask in an account of one's own at this device; the stored device, and the people it had asked for."""
    account = an_account(core)
    asked = ask(core, account_id=account, wish=a_wish((a_member(core, account),)), origin=an_origin(device))
    with core.sessions() as session:
        request = session.scalars(select(Request).where(Request.reference == asked.reference)).one()
        verdict = session.scalars(select(Verdict).where(Verdict.request_id == request.id)).one()
        return request.device_hash, verdict.inputs["facts"]["people_on_device_30d"]


def test_clients_with_own_accounts_share_a_shops_device_without_penalty(core, clock):
    shop = a_helper(core)
    ask_it(core, shop, agreed(core, shop))
    for _ in range(2):
        assert in_their_own_account(core, SHOP) == (b"", 0)
    assert in_their_own_account(core, "another phone")[0] != b""

    clock.advance(KNOWN_FOR)
    assert in_their_own_account(core, SHOP)[0] != b""
    clock.advance(timedelta(minutes=1))
    assert in_their_own_account(core, SHOP)[1] == 1


def test_the_computer_of_a_suspended_shop_gets_no_special_treatment(core):
    shop = a_helper(core)
    agreed(core, shop)
    boss = a_colleague(core, Role.SUPERVISOR, office="damascus")
    suspend(core, by=boss, helper_id=helper_id_of(core, shop), reason="sold places")
    assert in_their_own_account(core, SHOP)[0] != b""


def test_a_helper_with_many_withdrawn_consents_stands_out(core):
    good, bad = a_helper(core), a_helper(core)
    for shop in (good, bad):
        for n in range(6):
            consent = agreed(core, shop)
            asked = ask_it(core, shop, consent)
            if shop == bad or n == 0:
                withdraw_consent(core, account_id=owner_of(core, consent).id, reference=asked.reference)
    with core.sessions() as session:
        figures = helper_figures(session, core, helper_id_of(core, bad))
        assert (figures.requests, figures.withdrawn.count, figures.withdrawn.of) == (6, 6, 6)
        assert figures.withdrawn.others == pytest.approx(1 / 6)
        assert figures.withdrawn.standing is Standing.FAR_ABOVE
        assert (figures.missed.of, figures.missed.standing) == (0, None)
        assert helper_figures(session, core, helper_id_of(core, good)).refused.standing is Standing.WITHIN
