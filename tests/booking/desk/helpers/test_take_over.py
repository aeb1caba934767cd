"""The helped person takes the account over: the limit first, then the code, then anything that tells or costs."""

import pytest

from booking.country.core.register import open_phone
from booking.desk.helpers.errors import NothingToTakeOverError
from booking.desk.helpers.take_over import send_code, take_over, withdraw_by_code
from booking.people.accounts.sign_in import sign_in
from booking.platform.base.errors import (
    BusyError,
    IllegalMoveError,
    TooManyAttemptsError,
    UsernameTakenError,
    WrongCodeError,
)
from booking.platform.models import Account
from tests.booking.desk.helpers.helped import a_helper, agreed, ask_it, code_of, owner_of
from tests.support.country import PASSWORD, an_account, an_origin
from tests.support.hashing import full

pytestmark = pytest.mark.neighbours

ORIGIN = an_origin("the person's own phone")


@pytest.fixture
def core(country):
    return country


@pytest.fixture
def helped(core):
    """What the person types: reference, phone, and a code that is right."""
    shop = a_helper(core)
    consent = agreed(core, shop)
    reference = ask_it(core, shop, consent).reference
    phone = open_phone(core.vault, owner_of(core, consent))
    send_code(core, reference=reference, phone=phone, origin=ORIGIN)
    return {"reference": reference, "phone": phone, "code": code_of(core, consent, "take_over"), "origin": ORIGIN}


def taken(core):
    """A user name that somebody has."""
    account = an_account(core)
    with core.sessions() as session:
        return session.get_one(Account, account).username


def test_only_the_right_code_reveals_whether_a_user_name_is_taken(core, helped):
    wrong = helped | {"code": "000000"}
    for username in (taken(core), "nobody.has.this"):
        with pytest.raises(WrongCodeError):
            take_over(core, **wrong, username=username, password=PASSWORD)


def test_strangers_reach_the_limit_before_anything_is_hashed(core, helped):
    said = []
    with full(core.passwords):
        for _ in range(80):
            try:
                take_over(core, **helped | {"code": "000000"}, username="some.body", password=PASSWORD)
            except (WrongCodeError, TooManyAttemptsError, BusyError) as error:
                said.append(type(error))

    assert set(said) == {WrongCodeError, TooManyAttemptsError}


def test_a_taken_name_or_a_full_queue_does_not_cost_the_code(core, helped):
    with pytest.raises(UsernameTakenError):
        take_over(core, **helped, username=taken(core), password=PASSWORD)
    with full(core.passwords), pytest.raises(BusyError):
        take_over(core, **helped, username="suad.fictional", password=PASSWORD)

    take_over(core, **helped, username="suad.fictional", password=PASSWORD)

    assert sign_in(core, username="suad.fictional", password=PASSWORD, origin=ORIGIN)
    with pytest.raises((WrongCodeError, NothingToTakeOverError)):
        take_over(core, **helped, username="suad.again", password=PASSWORD)


@pytest.mark.alone
def test_nobody_signs_in_to_an_account_that_was_not_taken_over(core, helped):
    with core.sessions() as session:
        unclaimed = session.query(Account).filter_by(unclaimed=True).one()
    assert not core.passwords.matches(unclaimed.password_hash, unclaimed.password_hash)
    assert not core.passwords.matches("", unclaimed.password_hash)


def test_a_code_withdraws_the_consent_once(core, helped):
    with pytest.raises(WrongCodeError):
        withdraw_by_code(core, **helped | {"code": "000000"})
    withdraw_by_code(core, **helped)
    with pytest.raises((WrongCodeError, IllegalMoveError)):
        withdraw_by_code(core, **helped)
