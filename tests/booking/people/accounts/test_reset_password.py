from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from booking.country.core import sessions
from booking.country.core.security import Origin
from booking.people.accounts import known_devices
from booking.people.accounts.codes import forget_codes
from booking.people.accounts.reset_password import change_password, request_reset, reset_password
from booking.people.accounts.sign_in import sign_in
from booking.platform.base.errors import (
    BusyError,
    InvalidInputError,
    SessionsUnavailableError,
    TooManyAttemptsError,
    WrongCodeError,
    WrongCredentialsError,
)
from booking.platform.models import Account, CitizenSubject, Message
from fraud.limiting.limiter import make_client
from tests.support.hashing import full
from tests.support.meanwhile import refused_after

OLD, NEW = "a turn for everyone", "another turn for all"


@pytest.fixture
def reset(core, origin):
    def act(asked, *, username="amal", password=NEW, core=core):
        code, visit = asked
        reset_password(core, username=username, code=code, password=password, origin=origin, visit=visit)

    return act


@pytest.fixture
def a_code(core, an_account, origin, last_code):
    """A code, and the visit that asked for it."""
    account_id = an_account()
    visit = request_reset(core, username="Amal", origin=origin)
    return last_code(account_id, "reset_password"), visit


def test_a_code_is_worth_nothing_once_the_phone_changes_at_the_same_moment(core, a_code, reset):
    def lock(session):
        session.scalars(select(Account).where(Account.username == "amal").with_for_update(key_share=True)).one()

    def forget(session):
        forget_codes(session, session.scalars(select(Account.id).where(Account.username == "amal")).one())

    assert isinstance(refused_after(core, lock, lambda: reset(a_code), then=forget), WrongCodeError)


def test_a_new_password_replaces_the_old_and_ends_every_session(core, a_code, reset, origin):
    logins = [sign_in(core, username="amal", password=OLD, origin=origin) for _ in range(2)]

    reset(a_code)

    assert [sessions.read(core, login.token) for login in logins] == [None, None]
    with pytest.raises(WrongCredentialsError):
        sign_in(core, username="amal", password=OLD, origin=origin)
    assert sign_in(core, username="amal", password=NEW, origin=origin)
    with core.sessions() as session:
        assert session.scalar(select(func.count()).where(Message.kind == "password_changed")) == 1


def test_the_code_proves_the_phone_too(core, an_account, origin, last_code, reset):
    account_id = an_account(confirmed=False)
    visit = request_reset(core, username="amal", origin=origin)

    reset((last_code(account_id, "reset_password"), visit))

    with core.sessions() as session:
        assert session.get_one(Account, account_id).phone_confirmed_at is not None


def test_a_code_used_six_times_at_once_works_once(core, a_code, reset, origin):
    def attempt(n):
        try:
            reset(a_code, password=f"ninety clouds {n}")
        except WrongCodeError:
            return None
        return f"ninety clouds {n}"

    with ThreadPoolExecutor(6) as threads:
        won = [password for password in threads.map(attempt, range(6)) if password]

    assert len(won) == 1
    assert sign_in(core, username="amal", password=won[0], origin=origin)


def test_an_unusable_password_does_not_spend_the_code(core, a_code, reset):
    with pytest.raises(InvalidInputError) as refused:
        reset(a_code, password="AMAL")
    assert [(error.field, error.reason) for error in refused.value.errors] == [("password", "too_short")]

    reset(a_code)


def test_a_code_for_the_phone_does_not_reset_the_password(core, an_account, last_code, reset):
    account_id = an_account(confirmed=False)

    with pytest.raises(WrongCodeError):
        reset((last_code(account_id), ""))


def test_a_code_expires_after_its_lifetime(core, clock, a_code, reset):
    clock.advance(core.settings.otp_lifetime)

    with pytest.raises(WrongCodeError):
        reset(a_code)


@pytest.mark.neighbours
@pytest.mark.parametrize("username", ["nobody", "", "am\0al", "\ud800"])
def test_an_unknown_user_name_gets_the_same_answer(core, a_code, reset, origin, username):
    request_reset(core, username=username, origin=origin)

    with pytest.raises(WrongCodeError):
        reset(a_code, username=username)


def codes_sent_before_the_limit(core, username):
    for sent in range(20):
        try:
            request_reset(core, username=username, origin=Origin("", ""))
        except TooManyAttemptsError:
            return sent
    raise AssertionError("no limit")


def test_limits_do_not_reveal_whether_a_user_name_exists(core, an_account):
    an_account("karim", confirmed=False)
    core.redis.flushdb()

    assert codes_sent_before_the_limit(core, "karim") == codes_sent_before_the_limit(core, "nobody") == 8


def test_the_password_stays_while_old_sessions_cannot_be_ended(core, a_code, reset, origin, tmp_path):
    client = make_client(f"unix://{tmp_path}/nobody.sock")
    with pytest.raises(SessionsUnavailableError):
        reset(a_code, core=replace(core, redis=client))
    client.close()

    assert sign_in(core, username="amal", password=OLD, origin=origin)
    reset(a_code)


OLD, NEW = "a turn for everyone", "another turn for all"


@pytest.fixture
def here(core, an_account, origin):
    an_account()
    return sign_in(core, username="amal", password=OLD, origin=origin)


@pytest.fixture
def change(core, here, origin):
    def act(present=OLD, password=NEW):
        change_password(
            core, account_id=here.account_id, token=here.token, present=present, password=password, origin=origin
        )

    return act


def reasons(refused):
    return [(one.field, one.reason) for one in refused.value.errors]


def test_a_new_password_ends_a_link_that_somebody_else_made(core, here, change):
    """The message about a new link tells its owner to choose one; the link stayed, and opened the account."""
    link = CitizenSubject(account_id=here.account_id, issuer="https://state.example", subject="a-thief")
    link.linked_at = core.clock.now()
    with core.sessions.begin() as session:
        session.add(link)
    change()
    with core.sessions() as session:
        assert session.get(CitizenSubject, here.account_id) is None


def test_a_new_password_ends_all_sessions_but_this_one(core, here, change, origin):
    other = sign_in(core, username="amal", password=OLD, origin=origin)
    known_devices.remember(core, account_id=here.account_id, token="", words="Chrome, Windows")

    change()

    assert sessions.read(core, here.token) is not None
    assert sessions.read(core, other.token) is None
    assert known_devices.list_devices(core, here.account_id) == []
    assert sign_in(core, username="amal", password=NEW, origin=origin)


@pytest.mark.neighbours
@pytest.mark.parametrize("present", ["", "not the password", "\ud800", "x" * 500])
def test_without_the_present_password_nothing_changes(core, change, origin, present):
    with pytest.raises(InvalidInputError) as refused:
        change(present=present)

    assert reasons(refused) == [("present_password", "wrong_password")]
    assert sign_in(core, username="amal", password=OLD, origin=origin)


def test_an_open_session_cannot_guess_the_present_password_without_end(change):
    for n in range(12):
        with pytest.raises(InvalidInputError):
            change(present=f"wrong password {n}")

    with pytest.raises(TooManyAttemptsError):
        change()


def test_a_change_is_refused_at_once_where_too_many_hash(core, change):
    with full(core.passwords), pytest.raises(BusyError):
        change()


@pytest.mark.neighbours
@pytest.mark.parametrize("leaked", ["manchester1", "iloveyou1234", "QWERTYUIOP", "١٢٣٤٥٦٧٨٩٠"])
def test_a_leaked_password_is_refused(change, leaked):
    with pytest.raises(InvalidInputError) as refused:
        change(password=leaked)

    assert reasons(refused) == [("password", "common")]
