from datetime import timedelta

import pytest

from booking.country.core import sessions
from booking.country.core.security import Origin
from booking.people.accounts import begin_session
from booking.people.accounts.reset_password import request_reset, reset_password
from booking.people.accounts.sign_in import sign_in, sign_out
from booking.platform.base.errors import TooManyAttemptsError, WrongCredentialsError
from booking.platform.models.states import Door, Role

PASSWORD = "a turn for everyone"


def test_the_right_password_begins_a_session_until_signing_out(core, an_account, origin):
    account_id = an_account()

    login = sign_in(core, username=" AMAL ", password=PASSWORD, origin=origin)

    session = sessions.read(core, login.token)
    assert session.account_id == account_id == login.account_id
    assert session.roles == {Role.CITIZEN}
    assert (session.language, session.door, session.csrf) == ("ar", Door.HOME, login.csrf)
    assert login.phone_confirmed
    sign_out(core, token=login.token)
    sign_out(core, token=login.token)
    assert sessions.read(core, login.token) is None


def test_a_password_may_be_typed_in_digits_of_any_script(core, an_account, origin, last_code):
    an_account()
    visit = request_reset(core, username="amal", origin=origin)
    account = sign_in(core, username="amal", password=PASSWORD, origin=origin).account_id
    code = last_code(account, "reset_password")
    words = {"username": "amal", "password": "٧٧٧ غيوم فوق حلب"}
    reset_password(core, code=code, origin=origin, visit=visit, **words)

    assert sign_in(core, username="amal", password="777 غيوم فوق حلب", origin=origin).account_id == account


@pytest.mark.neighbours
@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("amal", "a turn for nobody"),
        ("amal", ""),
        ("amal", "x" * 5000),
        ("amal", "\ud800" * 12),
        ("nobody", PASSWORD),
        ("", PASSWORD),
        ("am\0al", PASSWORD),
        ("amal\ud800", PASSWORD),
        ("a" * 100_000, PASSWORD),
    ],
)
def test_every_other_failure_gets_the_same_refusal(core, an_account, origin, username, password):
    an_account()

    with pytest.raises(WrongCredentialsError):
        sign_in(core, username=username, password=password, origin=origin)


def test_guesses_from_one_network_are_limited_across_devices(core, an_account):
    an_account()
    guesses = [Origin("203.0.113.7", f"device {n}") for n in range(7)]

    for origin in guesses[:6]:
        with pytest.raises(WrongCredentialsError):
            sign_in(core, username="amal", password="not the password", origin=origin)

    with pytest.raises(TooManyAttemptsError):
        sign_in(core, username="AMAL", password=PASSWORD, origin=guesses[6])


def test_a_session_ends_with_its_lifetime(core, clock, an_account, origin):
    an_account()
    login = sign_in(core, username="amal", password=PASSWORD, origin=origin)

    clock.advance(core.settings.session_lifetime - timedelta(seconds=1))
    assert sessions.read(core, login.token) is not None

    clock.advance(timedelta(seconds=1))
    assert sessions.read(core, login.token) is None


def test_a_password_that_changes_while_signing_in_does_not_leave_a_session(
    core, an_account, origin, last_code, monkeypatch
):
    account_id = an_account()
    visit = request_reset(core, username="amal", origin=origin)
    begun = []

    def slow_create(*arguments, **named):
        reset_password(
            core,
            username="amal",
            code=last_code(account_id, "reset_password"),
            password="another turn for all",
            origin=origin,
            visit=visit,
        )
        begun.append(sessions.create(*arguments, **named)[0])
        return begun[0], sessions.read(core, begun[0])

    class Slow:
        create = staticmethod(slow_create)

    monkeypatch.setattr(begin_session, "sessions", Slow)
    with pytest.raises(WrongCredentialsError):
        sign_in(core, username="amal", password=PASSWORD, origin=origin)

    assert sessions.read(core, begun[0]) is None
