from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from booking.country.core import sessions
from booking.country.core.register import read_phone
from booking.people.accounts import second_factor
from booking.people.accounts.change_phone import (
    apply,
    ask_for_change,
    change_waiting_phones,
    finish_change,
    open_change,
    stop,
    wait_for_change,
)
from booking.people.accounts.errors import (
    AskAdministratorError,
    NothingWaitsError,
    PhoneAloneError,
    SignInAgainError,
    WaitingError,
    WrongSecondFactorError,
)
from booking.people.accounts.fresh import FRESH
from booking.people.accounts.lost_factor import stop_by_code
from booking.people.accounts.own_second_step import add_app, offer_secret
from booking.people.accounts.reset_password import request_reset, reset_password
from booking.people.accounts.sign_in import account_view, sign_in
from booking.platform.base.errors import InvalidInputError, TooManyAttemptsError, WrongCodeError
from booking.platform.models import Account, Message
from booking.platform.models.states import Role
from fraud.limiting.limiter import Limiter
from fraud.limiting.limits import Limit
from tests.support.country import PASSWORD

NEW = "0944 555 666"
WAIT = timedelta(days=7)


@pytest.fixture
def login(core, an_account, origin):
    an_account()
    return sign_in(core, username="amal", password=PASSWORD, origin=origin)


@pytest.fixture
def mine(login, origin):
    return {"account_id": login.account_id, "token": login.token, "origin": origin}


@pytest.fixture
def ask(core, mine, last_code):
    """Begin a change; the codes of the new and the old phone."""

    def act(phone=NEW):
        ask_for_change(core, **mine, phone=phone)
        return last_code(mine["account_id"], "phone_to_be"), last_code(mine["account_id"], "phone_before")

    return act


@pytest.fixture
def finish(core, mine):
    def act(new_code, old_code="", factor_code=""):
        finish_change(core, **mine, new_code=new_code, old_code=old_code, factor_code=factor_code)

    return act


def ends(core, mine):
    return account_view(core, mine["account_id"]).phone_ends


def sent_to(core, kind):
    with core.sessions() as session:
        found = session.scalars(select(Message.phone_ciphertext).where(Message.kind == kind)).all()
    return [None if one is None else read_phone(core.vault, one)[-3:] for one in found]


def test_both_codes_change_the_phone_and_the_old_one_is_told(core, mine, ask, finish, login, origin):
    other = sign_in(core, username="amal", password=PASSWORD, origin=origin)
    before = ends(core, mine)
    new_code, old_code = ask()
    finish(new_code, old_code)

    assert ends(core, mine) == "666"
    assert sent_to(core, "phone_to_be") == ["666"]
    assert sent_to(core, "phone_was_changed") == [before]
    assert sessions.read(core, other.token) is None
    assert sessions.read(core, login.token) is not None
    assert sign_in(core, username=NEW, password=PASSWORD, origin=origin)


def test_a_phone_that_was_never_confirmed_is_not_kept_as_one_that_they_had(core, mine, ask):
    ask()
    with core.sessions.begin() as session:
        account = session.get_one(Account, mine["account_id"])
        account.phone_confirmed_at = None
        change = open_change(session, account.id)
        apply(session, core, account, change)
        assert change.old_hash == b""


@pytest.mark.parametrize(("right", "wrong"), [("new", "old_code"), ("old", "new_code")])
def test_one_of_the_codes_is_not_enough(core, mine, ask, finish, right, wrong):
    before = ends(core, mine)
    codes = dict(zip(("new", "old"), ask(), strict=True))
    with pytest.raises(InvalidInputError) as refused:
        finish(*(codes[name] if name == right else "000000" for name in ("new", "old")))

    assert [(one.field, one.reason) for one in refused.value.errors] == [(wrong, "wrong_code")]
    assert ends(core, mine) == before


def test_the_codes_of_the_two_phones_are_not_the_same_kind(ask, finish):
    new_code, old_code = ask()
    with pytest.raises(InvalidInputError):
        finish(old_code, new_code)


def test_codes_cannot_be_guessed_without_end(core, mine, ask, finish):
    ask()
    for n in range(10):
        with pytest.raises(InvalidInputError):
            finish(f"{n:06}", "000000")
    with pytest.raises(TooManyAttemptsError):
        finish("000010", "000000")


def test_a_second_factor_replaces_the_old_phone(core, mine, ask, finish, origin):
    totp = pyotp.TOTP(offer_secret(core, account_id=mine["account_id"], token=mine["token"]))
    add_app(core, **mine, code=totp.at(core.clock.now()))
    core.clock.advance(timedelta(seconds=second_factor.SECONDS))
    new_code, _ = ask()
    with pytest.raises(WrongSecondFactorError):
        finish(new_code, factor_code="000000")

    finish(new_code, factor_code=totp.at(core.clock.now()))
    assert ends(core, mine) == "666"


def test_a_phone_stolen_for_an_hour_carries_no_account_away(core, mine, ask, finish, origin):
    """With it somebody chose a new password, signed in and set up a second step: still it is the phone alone."""
    before = ends(core, mine)
    with core.sessions.begin() as session:
        session.get_one(Account, mine["account_id"]).password_reset_at = core.clock.now()
    totp = pyotp.TOTP(offer_secret(core, account_id=mine["account_id"], token=mine["token"]))
    add_app(core, **mine, code=totp.at(core.clock.now()))
    core.clock.advance(timedelta(seconds=second_factor.SECONDS))
    new_code, old_code = ask()
    for shown in ({"old_code": old_code}, {"factor_code": totp.at(core.clock.now())}):
        with pytest.raises(PhoneAloneError):
            finish(new_code, **shown)

    wait_for_change(core, **mine, new_code=new_code)
    assert ends(core, mine) == before
    assert sent_to(core, "phone_change_waits") == [None]


def test_who_had_a_second_step_before_the_new_password_needs_no_wait(core, mine, ask, finish, origin):
    totp = pyotp.TOTP(offer_secret(core, account_id=mine["account_id"], token=mine["token"]))
    add_app(core, **mine, code=totp.at(core.clock.now()))
    core.clock.advance(timedelta(seconds=1))
    with core.sessions.begin() as session:
        session.get_one(Account, mine["account_id"]).password_reset_at = core.clock.now()
    finish(*ask())
    assert ends(core, mine) == "666"


def test_without_the_old_phone_the_change_waits_and_everybody_is_told(core, mine, ask, origin):
    before = ends(core, mine)
    new_code, _ = ask()
    assert wait_for_change(core, **mine, new_code=new_code) == 7
    assert sent_to(core, "phone_change_waits") == [None]
    assert sent_to(core, "phone_change_told") == [None]

    core.clock.advance(WAIT - timedelta(seconds=1))
    assert (change_waiting_phones(core), ends(core, mine)) == (0, before)
    core.clock.advance(timedelta(seconds=1))
    assert (change_waiting_phones(core), ends(core, mine)) == (1, "666")
    assert change_waiting_phones(core) == 0
    assert sessions.read(core, mine["token"]) is None


def test_no_wait_begins_without_the_code_from_the_new_phone(core, mine, ask):
    ask()
    with pytest.raises(InvalidInputError):
        wait_for_change(core, **mine, new_code="000000")
    core.clock.advance(WAIT)
    assert change_waiting_phones(core) == 0


@pytest.mark.parametrize("by", ["the old phone", "the owner"])
def test_who_is_told_can_stop_it(core, mine, ask, origin, last_code, by):
    before = ends(core, mine)
    new_code, _ = ask()
    wait_for_change(core, **mine, new_code=new_code)
    if by == "the owner":
        stop(core, account_id=mine["account_id"])
    else:
        code = last_code(mine["account_id"], "phone_change_waits")
        stop_by_code(core, code=code.lower(), origin=origin)
        with pytest.raises(NothingWaitsError):
            stop_by_code(core, code=code, origin=origin)

    core.clock.advance(WAIT)
    assert (change_waiting_phones(core), ends(core, mine)) == (0, before)


def test_a_wait_cannot_be_cut_short_by_beginning_again(core, mine, ask):
    new_code, _ = ask()
    wait_for_change(core, **mine, new_code=new_code)
    with pytest.raises(WaitingError):
        ask("0944 555 777")


def test_codes_sent_to_the_old_phone_stop_working(core, mine, ask, finish, origin, last_code):
    visit = request_reset(core, username="amal", origin=origin)
    code = last_code(mine["account_id"], "reset_password")
    finish(*ask())

    with pytest.raises(WrongCodeError):
        reset_password(core, username="amal", code=code, password="another turn for all", origin=origin, visit=visit)


def test_an_open_tab_alone_changes_nothing(core, ask):
    core.clock.advance(FRESH)
    with pytest.raises(SignInAgainError):
        ask()


def test_phones_of_staff_are_an_administrators_to_change(core, mine, ask):
    with core.sessions.begin() as session:
        session.get_one(Account, mine["account_id"]).roles = [Role.OFFICER]
    with pytest.raises(AskAdministratorError):
        ask()


@pytest.mark.parametrize("subject", ["account", "phone"])
def test_changes_have_a_limit_of_their_own(core, mine, subject):
    everyone = (Limit("everyone", timedelta(hours=1), 1000),)
    policy = {"phone_change": (Limit(subject, timedelta(days=30), 2),), "code": everyone, "code_warning": everyone}
    limited = replace(core, limiter=Limiter(core.redis, b"k" * 32, policy))
    for _ in range(2):
        ask_for_change(limited, **mine, phone=NEW)
    with pytest.raises(TooManyAttemptsError):
        ask_for_change(limited, **mine, phone=NEW)


@pytest.mark.parametrize(("phone", "reason"), [("12", "invalid"), ("", "missing"), ("same", "same_phone")])
def test_a_phone_that_cannot_be_the_new_one_is_refused(core, mine, ask, phone, reason):
    with core.sessions() as session:
        now = read_phone(core.vault, session.get_one(Account, mine["account_id"]).phone_ciphertext)
    with pytest.raises(InvalidInputError) as refused:
        ask(now if phone == "same" else phone)
    assert [one.reason for one in refused.value.errors] == [reason]
