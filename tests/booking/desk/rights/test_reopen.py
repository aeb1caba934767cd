from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.country.core.security import Origin
from booking.desk.rights.close import reopen_account, send_code
from booking.desk.rights.errors import NotClosedError
from booking.people.accounts.errors import AccountClosedError
from booking.people.accounts.sign_in import sign_in
from booking.platform.base.errors import TooManyAttemptsError, WrongCodeError, WrongCredentialsError
from booking.platform.models import Account, Message, Request
from booking.platform.models.states import RequestState
from tests.support.country import PASSWORD, a_member, a_request, an_account, an_origin, eligible_number, last_secret

pytestmark = pytest.mark.neighbours

CODE = "reopen_account"
STRANGER = Origin("198.51.100.7", "a stranger")


@pytest.fixture
def name_of(core):
    def read(account_id):
        with core.sessions() as session:
            return session.get_one(Account, account_id).username

    return read


def ask_code(core, name, password=PASSWORD):
    send_code(core, username=name, password=password, origin=an_origin())


def reopen(core, name, code, password=PASSWORD):
    reopen_account(core, username=name, password=password, code=code, origin=an_origin())


def test_an_owner_opens_the_account_again_and_what_ended_stays_over(core, close, clock, name_of):
    account_id, asked = a_request(core)
    name = name_of(account_id)
    close(account_id)
    clock.set(clock.now() + timedelta(days=29))
    ask_code(core, name)

    reopen(core, name, last_secret(core, account_id, CODE))

    assert sign_in(core, username=name, password=PASSWORD, origin=an_origin()).account_id == account_id
    with core.sessions() as session:
        state = session.scalars(select(Request.state).where(Request.reference == asked.reference)).one()
    assert state is RequestState.WITHDRAWN


def test_who_else_acts_for_its_people_is_told_when_it_opens_again(core, close, name_of):
    """While it was closed their pages did not show it, and an officer at a counter did not see it either."""
    number = eligible_number(core)
    other, mine = an_account(core), an_account(core)
    for account_id in (other, mine):
        a_member(core, account_id, number=number)
    close(other)
    name = name_of(other)
    ask_code(core, name)
    reopen(core, name, last_secret(core, other, CODE))
    with core.sessions() as session:
        began = select(Message.account_id).where(Message.kind == "acting_began")
        told = session.scalars(began.where(Message.account_id.in_((other, mine)))).all()
    assert told == [mine]


def test_without_the_right_code_or_password_it_stays_closed(core, close, name_of):
    account_id = an_account(core)
    name = name_of(account_id)
    close(account_id)
    with pytest.raises(WrongCredentialsError):
        ask_code(core, name, "not the password")
    with pytest.raises(WrongCredentialsError):
        ask_code(core, "nobody-has-this-name")
    ask_code(core, name)
    code = last_secret(core, account_id, CODE)

    with pytest.raises(WrongCodeError):
        reopen(core, name, "000000" if code != "000000" else "000001")
    with pytest.raises(WrongCredentialsError):
        reopen(core, name, code, "not the password")

    with core.sessions() as session:
        assert session.get_one(Account, account_id).closed_at is not None


def test_a_guesser_is_told_to_stop_and_the_owner_elsewhere_is_not(core, close, name_of):
    account_id = an_account(core)
    name = name_of(account_id)
    close(account_id)
    for _ in range(6):
        with pytest.raises(WrongCredentialsError):
            send_code(core, username=name, password="not the password", origin=STRANGER)
    with pytest.raises(TooManyAttemptsError):
        send_code(core, username=name, password=PASSWORD, origin=STRANGER)

    ask_code(core, name)
    assert last_secret(core, account_id, CODE)


def test_after_the_days_of_policy_nobody_opens_it(core, close, clock, name_of):
    account_id = an_account(core)
    name = name_of(account_id)
    close(account_id)
    clock.set(clock.now() + timedelta(days=30))

    with pytest.raises(AccountClosedError):
        ask_code(core, name)


def test_an_open_account_and_one_closed_by_an_administrator_are_not_reopened(core, name_of):
    account_id = an_account(core)
    with pytest.raises(NotClosedError):
        ask_code(core, name_of(account_id))
    with core.sessions.begin() as session:
        session.get_one(Account, account_id).closed_at = core.clock.now()

    with pytest.raises(AccountClosedError):
        ask_code(core, name_of(account_id))
