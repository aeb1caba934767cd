from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import func, select

from booking.country.core import audit, sessions
from booking.people.accounts import recovery_codes
from booking.people.accounts.begin_session import SECRET, Login, SecondStep
from booking.people.accounts.errors import (
    AccountClosedError,
    SecondFactorNeededError,
    SecondStepOverError,
    WrongSecondFactorError,
)
from booking.people.accounts.reset_password import request_reset, reset_password
from booking.people.accounts.second_factor import CLOCKS_DIFFER, SECONDS
from booking.people.accounts.second_step import set_up_second_factor, take_second_step
from booking.people.accounts.sign_in import begin_sign_in, sign_in
from booking.platform.base.errors import TooManyAttemptsError
from booking.platform.base.settings import SecondFactor as Needed
from booking.platform.models import Account, AuditEntry, Message, RecoveryCode, SecondFactor
from booking.platform.models.states import Role
from tests.support.country import PASSWORD, a_colleague


@pytest.fixture
def core(core):
    return replace(core, settings=core.settings.model_copy(update={"staff_second_factor": Needed.REQUIRED}))


@pytest.fixture
def nour(core):
    """A clerk's user name."""
    account_id = a_colleague(core, Role.OFFICER)
    with core.sessions() as session:
        return session.get_one(Account, account_id).username


@pytest.fixture
def begin(core, nour, origin):
    return lambda: begin_sign_in(core, username=nour, password=PASSWORD, origin=origin, device="Firefox, Linux")


@pytest.fixture
def set_up(core, begin, origin):
    """Set up an authenticator; give its secret and the recovery codes."""

    def make():
        begun = begin()
        secret = sessions.read(core, begun.token).form[SECRET]
        _, codes = set_up_second_factor(core, token=begun.token, code=code_of(core, secret), origin=origin)
        core.clock.advance(timedelta(seconds=SECONDS))
        return secret, codes

    return make


def code_of(core, secret, steps=0):
    return pyotp.TOTP(secret).at(core.clock.now() + steps * timedelta(seconds=SECONDS))


def test_nobody_is_signed_in_between_the_two_steps(core, begin):
    begun = begin()

    assert isinstance(begun, SecondStep)
    assert begun.sets_up
    waiting = sessions.read(core, begun.token)
    assert (waiting.account_id, waiting.roles) == (None, frozenset())


def test_setting_up_an_authenticator_signs_in_and_is_logged(core, begin, origin):
    begun = begin()
    secret = sessions.read(core, begun.token).form[SECRET]
    with pytest.raises(WrongSecondFactorError):
        set_up_second_factor(core, token=begun.token, code="00000x", origin=origin)

    login, codes = set_up_second_factor(core, token=begun.token, code=code_of(core, secret), origin=origin)

    assert login.roles == {Role.OFFICER}
    assert sessions.read(core, login.token).device == "Firefox, Linux"
    assert sessions.read(core, begun.token) is None
    assert len(set(codes)) == recovery_codes.MANY
    with core.sessions() as session:
        kept = session.scalars(select(SecondFactor)).one()
        assert secret.encode() not in kept.secret_ciphertext
        assert session.scalars(select(AuditEntry.action).order_by(AuditEntry.sequence.desc())).first() == (
            "second_factor.set_up"
        )


@pytest.mark.parametrize("steps", [-CLOCKS_DIFFER, 0, CLOCKS_DIFFER])
def test_a_code_is_accepted_when_clocks_differ_slightly(core, set_up, begin, origin, steps):
    secret, _ = set_up()
    core.clock.advance(timedelta(minutes=5))

    arabic = code_of(core, secret, steps).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    login = take_second_step(core, token=begin().token, code=f"{arabic[:3]} {arabic[3:]}", origin=origin)

    assert isinstance(login, Login)


@pytest.mark.parametrize("steps", [-CLOCKS_DIFFER - 1, CLOCKS_DIFFER + 1])
def test_codes_of_another_time_are_refused(core, set_up, begin, origin, steps):
    secret, _ = set_up()
    core.clock.advance(timedelta(minutes=5))

    with pytest.raises(WrongSecondFactorError):
        take_second_step(core, token=begin().token, code=code_of(core, secret, steps), origin=origin)


def test_a_used_code_cannot_be_used_again(core, set_up, begin, origin):
    secret, _ = set_up()
    code = code_of(core, secret)
    take_second_step(core, token=begin().token, code=code, origin=origin)

    for replayed in (code, code_of(core, secret, -1)):
        with pytest.raises(WrongSecondFactorError):
            take_second_step(core, token=begin().token, code=replayed, origin=origin)


@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_only_one_of_four_simultaneous_uses_of_a_code_signs_in(core, set_up, begin, origin, kind):
    secret, codes = set_up()
    code = code_of(core, secret) if kind == "app" else codes[0]
    tokens = [begin().token for _ in range(4)]

    def take(token):
        try:
            return take_second_step(core, token=token, code=code, origin=origin)
        except WrongSecondFactorError:
            return None

    with ThreadPoolExecutor(4) as threads:
        logins = [login for login in threads.map(take, tokens) if login]
    assert len(logins) == 1


def test_a_recovery_code_works_once_and_its_use_is_logged(core, set_up, begin, origin):
    _, codes = set_up()
    typed = codes[3].lower().replace("1", "l").replace("-", " ")

    take_second_step(core, token=begin().token, code=typed, origin=origin)
    with pytest.raises(WrongSecondFactorError):
        take_second_step(core, token=begin().token, code=codes[3], origin=origin)

    with core.sessions() as session:
        assert session.scalar(select(func.count()).where(RecoveryCode.used_at.is_not(None))) == 1
        assert session.scalars(select(AuditEntry.action).order_by(AuditEntry.sequence.desc())).first() == (
            "second_factor.recovered"
        )
        assert "recovery_code_used" in session.scalars(select(Message.kind)).all()
        audit.verify(session)


def test_guesses_at_codes_are_limited(core, set_up, begin, origin):
    secret, _ = set_up()
    token = begin().token

    for _ in range(9):  # of ten in a quarter of an hour, one set it up
        with pytest.raises(WrongSecondFactorError):
            take_second_step(core, token=token, code="guess", origin=origin)
    with pytest.raises(TooManyAttemptsError):
        take_second_step(core, token=token, code=code_of(core, secret), origin=origin)


def test_the_second_step_must_follow_soon(core, set_up, begin, origin):
    secret, _ = set_up()
    begun = begin()
    core.clock.advance(core.settings.otp_lifetime)

    for token in (begun.token, "made up"):
        with pytest.raises(SecondStepOverError):
            take_second_step(core, token=token, code=code_of(core, secret), origin=origin)


def test_a_new_password_ends_a_second_step_under_way(core, nour, set_up, begin, origin, last_code):
    secret, _ = set_up()
    begun = begin()
    waiting = sessions.read(core, begun.token)
    visit = request_reset(core, username=nour, origin=origin)
    code = last_code(waiting.proving, "reset_password")
    reset_password(core, username=nour, code=code, password="another turn for all", origin=origin, visit=visit)

    with pytest.raises(SecondStepOverError):
        take_second_step(core, token=begun.token, code=code_of(core, secret), origin=origin)


def test_two_phones_cannot_both_become_the_second_factor(core, begin, origin):
    first, second = begin(), begin()
    secrets = [sessions.read(core, one.token).form[SECRET] for one in (first, second)]
    set_up_second_factor(core, token=first.token, code=code_of(core, secrets[0]), origin=origin)

    with pytest.raises(SecondStepOverError):
        set_up_second_factor(core, token=second.token, code=code_of(core, secrets[1]), origin=origin)


def test_programs_send_the_code_with_the_password(core, nour, set_up, origin):
    with pytest.raises(SecondFactorNeededError):
        sign_in(core, username=nour, password=PASSWORD, origin=origin)
    secret, _ = set_up()
    with pytest.raises(SecondFactorNeededError):
        sign_in(core, username=nour, password=PASSWORD, origin=origin)

    login = sign_in(core, username=nour, password=PASSWORD, origin=origin, code=code_of(core, secret))

    assert sessions.read(core, login.token).account_id == login.account_id
    assert [one.data.account_id for one in sessions.list_all(core, login.account_id)] == [login.account_id] * 2


def test_citizens_need_no_second_step(core, an_account, origin):
    an_account()

    assert isinstance(begin_sign_in(core, username="amal", password=PASSWORD, origin=origin), Login)


def test_only_the_right_password_reveals_that_an_account_is_closed(core, nour, begin):
    with core.sessions.begin() as session:
        session.scalars(select(Account).where(Account.username == nour)).one().closed_at = core.clock.now()

    with pytest.raises(AccountClosedError):
        begin()
