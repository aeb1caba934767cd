from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from booking.country.core import sessions
from booking.people.accounts import passkeys, second_factor
from booking.people.accounts.begin_session import SecondStep
from booking.people.accounts.errors import (
    AskAdministratorError,
    SecondFactorKeptError,
    SecondFactorNeededError,
    SignInAgainError,
    WaitingError,
    WrongPasskeyError,
    WrongSecondFactorError,
)
from booking.people.accounts.fresh import FRESH
from booking.people.accounts.lost_factor import give_code, send_code
from booking.people.accounts.own_second_step import add_app, add_passkey, offer_secret, remove_second_step
from booking.people.accounts.second_step import Proof, take_second_step, take_second_step_by_passkey
from booking.people.accounts.sign_in import begin_sign_in, sign_in
from booking.platform.base.errors import WrongCodeError
from booking.platform.base.settings import SecondFactor
from booking.platform.models import Account, LostFactor, Message
from booking.platform.models.states import Role
from tests.support.country import PASSWORD, a_colleague
from tests.support.software_passkey import SITE, SoftwarePasskey


@pytest.fixture
def login(core, an_account, origin):
    an_account()
    return sign_in(core, username="amal", password=PASSWORD, origin=origin)


@pytest.fixture
def begin(core, origin):
    return lambda: begin_sign_in(core, username="amal", password=PASSWORD, origin=origin)


@pytest.fixture
def app(core, login, origin):
    """Set up an authenticator; its code now, half a minute on each time that it is asked."""
    mine = {"account_id": login.account_id, "token": login.token}
    totp = pyotp.TOTP(offer_secret(core, **mine))
    codes = add_app(core, **mine, code=totp.at(core.clock.now()), origin=origin)

    def now():
        core.clock.advance(timedelta(seconds=second_factor.SECONDS))
        return totp.at(core.clock.now())

    now.recovery = codes
    return now


def told(core, kind):
    with core.sessions() as session:
        return session.scalars(select(Message.channel).where(Message.kind == kind)).all()


def has_factor(core, login):
    with core.sessions() as session:
        return second_factor.has_second_factor(session, login.account_id)


def test_a_citizen_who_sets_one_up_is_asked_for_it_from_then_on(core, app, begin, origin):
    begun = begin()

    assert isinstance(begun, SecondStep)
    assert not begun.sets_up
    assert take_second_step(core, token=begun.token, code=app(), origin=origin)
    assert len(told(core, "second_factor_set_up")) == 1


def test_setting_it_up_ends_sessions_that_began_by_the_password_alone(core, login, origin):
    other = sign_in(core, username="amal", password=PASSWORD, origin=origin)
    mine = {"account_id": login.account_id, "token": login.token}
    code = pyotp.TOTP(offer_secret(core, **mine)).at(core.clock.now())
    add_app(core, **mine, code=code, origin=origin)

    assert sessions.read(core, login.token) is not None
    assert sessions.read(core, other.token) is None


def test_programs_send_the_code_of_a_citizen_too(core, app, origin):
    with pytest.raises(SecondFactorNeededError):
        sign_in(core, username="amal", password=PASSWORD, origin=origin)

    assert sign_in(core, username="amal", password=PASSWORD, origin=origin, code=app())


def test_a_passkey_can_be_the_first_second_step(core, login, begin, origin):
    mine, phone = {"account_id": login.account_id, "token": login.token}, SoftwarePasskey(SITE)
    made = phone.make(passkeys.offer_new(core, **mine))
    assert len(add_passkey(core, **mine, credential=made, name="my phone", origin=origin)) == 10

    token = begin().token
    answer = phone.answer(passkeys.offer(core, account_id=login.account_id, token=token))
    assert take_second_step_by_passkey(core, token=token, credential=answer, origin=origin)

    with pytest.raises(WrongPasskeyError):
        remove_second_step(
            core, account_id=login.account_id, proof=Proof(login.token, credential=answer), origin=origin
        )
    answer = phone.answer(passkeys.offer(core, **mine))
    remove_second_step(core, account_id=login.account_id, proof=Proof(login.token, credential=answer), origin=origin)
    assert not has_factor(core, login)


def test_an_old_session_cannot_set_one_up(core, login, origin):
    core.clock.advance(FRESH)
    with pytest.raises(SignInAgainError):
        offer_secret(core, account_id=login.account_id, token=login.token)


def test_a_second_authenticator_is_refused(core, app, login):
    with pytest.raises(SecondFactorKeptError):
        offer_secret(core, account_id=login.account_id, token=login.token)


@pytest.mark.parametrize("code", ["", "000000"])
def test_it_is_not_removed_without_a_proof(core, app, login, origin, code):
    with pytest.raises(WrongSecondFactorError):
        remove_second_step(core, account_id=login.account_id, proof=Proof(login.token, code=code), origin=origin)
    assert has_factor(core, login)


@pytest.mark.parametrize("by", ["app", "recovery"])
def test_a_proof_removes_all_of_it_and_ends_other_sessions(core, app, login, origin, by):
    other = sign_in(core, username="amal", password=PASSWORD, origin=origin, code=app())
    code = app() if by == "app" else app.recovery[0]
    remove_second_step(core, account_id=login.account_id, proof=Proof(login.token, code=code), origin=origin)

    assert not has_factor(core, login)
    assert sessions.read(core, other.token) is None
    assert sessions.read(core, login.token) is not None
    assert len(told(core, "second_factor_removed")) == 1


def lose(core, begin, origin, last_code, login):
    token = begin().token
    send_code(core, token=token, origin=origin)
    return give_code(core, token=token, code=last_code(login.account_id, "lost_factor"), origin=origin)


def test_a_lost_one_is_forgotten_after_days_of_which_everybody_is_told(core, app, login, begin, origin, last_code):
    with pytest.raises(WaitingError) as waiting:
        lose(core, begin, origin, last_code, login)
    assert waiting.value.days == 3
    assert told(core, "second_factor_lost") == ["sms"]

    core.clock.advance(timedelta(days=2, hours=23))
    with pytest.raises(WaitingError) as waiting:
        lose(core, begin, origin, last_code, login)
    assert waiting.value.days == 1
    assert has_factor(core, login)

    core.clock.advance(timedelta(hours=1))
    assert sessions.read(core, lose(core, begin, origin, last_code, login).token) is not None
    assert not has_factor(core, login)


def test_signing_in_with_it_ends_the_wait(core, app, login, begin, origin, last_code):
    with pytest.raises(WaitingError):
        lose(core, begin, origin, last_code, login)
    take_second_step(core, token=begin().token, code=app(), origin=origin)
    with core.sessions() as session:
        assert session.get(LostFactor, login.account_id) is None

    core.clock.advance(timedelta(days=4))
    with pytest.raises(WaitingError):
        lose(core, begin, origin, last_code, login)


def test_the_password_alone_begins_no_wait(core, app, login, begin, origin):
    token = begin().token
    send_code(core, token=token, origin=origin)
    with pytest.raises(WrongCodeError):
        give_code(core, token=token, code="000000", origin=origin)
    with core.sessions() as session:
        assert session.get(LostFactor, login.account_id) is None


def test_staff_go_to_an_administrator_instead(core, app, login, begin, origin):
    token = begin().token
    with core.sessions.begin() as session:
        session.get_one(Account, login.account_id).roles = [Role.OFFICER]
    with pytest.raises(AskAdministratorError):
        send_code(core, token=token, origin=origin)


def test_staff_who_must_have_one_keep_it(core, origin):
    strict = replace(core, settings=core.settings.model_copy(update={"staff_second_factor": SecondFactor.REQUIRED}))
    nour = a_colleague(core, Role.OFFICER)
    with pytest.raises(SecondFactorKeptError):
        remove_second_step(strict, account_id=nour, proof=Proof(""), origin=origin)
