"""What others do in an account at the moment in which it closes."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from booking.desk.rights.close import Ended
from booking.platform.base.errors import AccountLeftError
from booking.platform.models import Account, Message, Request
from booking.platform.models.states import RequestState
from booking.scheduling.requests.ask import ask
from booking.scheduling.requests.judge_wish import judge_wish
from booking.scheduling.requests.keep import keep_request
from booking.scheduling.requests.new_rows import new_request
from tests.support.country import a_member, a_request, a_wish, an_account, an_origin
from tests.support.meanwhile import refused_after

pytestmark = pytest.mark.neighbours


def test_two_closings_at_once_are_the_same_as_one(core, close):
    account_id, _ = a_request(core)

    with ThreadPoolExecutor(2) as threads:
        ended = list(threads.map(lambda _: close(account_id), range(2)))

    assert sorted(one.requests for one in ended) == [0, 1]
    with core.sessions() as session:
        told = select(Message.kind).where(Message.account_id == account_id, Message.kind == "account_closed")
        assert len(session.scalars(told).all()) == 1


def closing(core, account_id):
    """Close an account in somebody else's transaction, which is not over yet."""

    def act(session):
        account = session.get_one(Account, account_id, with_for_update={"key_share": True})
        account.closed_at, account.closed_by_owner = core.clock.now(), True

    return act


def test_a_request_that_is_asked_while_the_account_closes_is_refused(core):
    account_id = an_account(core)
    wish = a_wish((a_member(core, account_id),))

    refused = refused_after(
        core, closing(core, account_id), lambda: ask(core, account_id=account_id, wish=wish, origin=an_origin())
    )

    assert isinstance(refused, AccountLeftError)
    with core.sessions() as session:
        assert session.scalars(select(Request).where(Request.account_id == account_id)).all() == []


def test_an_account_that_closes_is_given_no_turn_of_another_one(core):
    account_id, asked = a_request(core)
    owner = an_account(core)

    def give():
        with core.sessions.begin() as session:
            session.scalars(select(Request).where(Request.reference == asked.reference)).one().account_id = owner

    assert isinstance(refused_after(core, closing(core, owner), give), AccountLeftError)
    with core.sessions() as session:
        whose = session.scalars(select(Request.account_id).where(Request.reference == asked.reference)).one()
    assert whose == account_id


def test_what_is_asked_beside_a_locked_request_as_the_account_closes_ends_too(core, close):
    """Who asks to come together holds the other request first: locked in another order, both would wait for ever."""
    account_id, asked = a_request(core)
    wish, ended = a_wish((a_member(core, account_id),)), []
    with core.sessions() as session:
        checked, screened = judge_wish(
            session, core, action="ask", account_id=account_id, wish=wish, origin=an_origin()
        )

    def hold_the_other(session):
        session.scalars(select(Request).where(Request.reference == asked.reference).with_for_update(of=Request)).one()

    def begin(session):
        request = new_request(core, checked, wish, an_origin())
        request.move_to(RequestState.ACCEPTED)
        keep_request(session, core, request, screened)
        session.flush()

    assert refused_after(core, hold_the_other, lambda: ended.append(close(account_id)), then=begin) is None
    assert ended == [Ended(requests=2)]
