"""Strangers who know a user name keep its owner out. Eleven wrong passwords did it, and the reset with it.

Before, one guess in 75 seconds kept the door shut for good: guesses were counted by the account alone, and trying a
code for a new password was counted with them. Later 400 guesses kept a new phone from the password, and twelve codes
that strangers asked for kept it from a new one.
"""

from datetime import timedelta
from itertools import islice

import pytest
from sqlalchemy import select

from booking.country.core.security import Origin
from booking.people.accounts.codes import charge_code
from booking.people.accounts.opening import register
from booking.people.accounts.reset_password import request_reset, reset_password
from booking.people.accounts.sign_in import sign_in
from booking.platform.base.errors import TooManyAttemptsError, WrongCodeError, WrongCredentialsError
from booking.platform.models import Message
from booking.platform.models.states import Door
from tests.support.country import PASSWORD, last_secret

NEW = "another turn for all"


def guess(core, origin, times=1, **changes):
    """Guess until a limit refuses; return how many were compared, and the seconds to wait."""
    for n in range(times):
        try:
            sign_in(core, **{"username": "amal", "password": f"wrong password {n}", "origin": origin} | changes)
        except WrongCredentialsError:
            continue
        except TooManyAttemptsError as error:
            return n, error.retry_after
    return times, 0


def account_of(core, origin):
    return sign_in(core, username="amal", password=PASSWORD, origin=origin).account_id


def test_strangers_at_any_rate_do_not_keep_a_known_device_out(core, amal, strangers):
    for stranger in islice(strangers, 80):
        guess(core, stranger, 7)
    compared, wait = guess(core, next(strangers))
    assert (compared, wait > 0) == (0, True), "strangers have used up all of theirs"

    assert sign_in(core, username="amal", password=PASSWORD, origin=amal)


def test_strangers_on_the_owners_own_network_do_not_either(core, amal):
    guess(core, Origin(amal.network, "the neighbour"), 30)

    assert sign_in(core, username="amal", password=PASSWORD, origin=amal)


def test_a_guesser_slows_down_and_others_do_not_wait(core, amal, strangers):
    stranger, other = islice(strangers, 2)
    compared, wait = guess(core, stranger, 30)

    assert compared == 6
    assert wait > 0
    assert sign_in(core, username="amal", password=PASSWORD, origin=other)


def test_a_stranger_cannot_use_up_the_code_that_the_owner_asked_for(core, amal, strangers):
    account_id, at_home = account_of(core, amal), Origin("192.0.2.1", "a new phone", 30.0)
    visit = request_reset(core, username="amal", origin=at_home)
    code = last_secret(core, account_id, "reset_password")
    for stranger in islice(strangers, 12):
        with pytest.raises(WrongCodeError):
            reset_password(core, username="amal", code="000000", password=NEW, origin=stranger, visit="")

    reset_password(core, username="amal", code=code, password=NEW, origin=at_home, visit=visit)
    assert sign_in(core, username="amal", password=NEW, origin=at_home)


def test_strangers_who_ask_for_codes_do_not_keep_a_known_device_from_one(core, clock, amal, strangers):
    account_id = account_of(core, amal)
    for stranger in islice(strangers, 12):
        request_reset(core, username="amal", origin=stranger)

    last_secret(core, account_id, "reset_password")
    clock.advance(timedelta(minutes=1))
    visit = request_reset(core, username="amal", origin=amal)
    code = last_secret(core, account_id, "reset_password")
    reset_password(core, username="amal", code=code, password=NEW, origin=amal, visit=visit)


def test_strangers_who_use_up_all_codes_leave_the_owner_a_long_one(core, amal, strangers):
    """Asking openly refused everyone after four in a quarter of an hour, and twelve a day."""
    account_id, new_phone = account_of(core, amal), Origin("192.0.2.1", "a new phone", 30.0)
    for stranger in islice(strangers, 20):
        request_reset(core, username="amal", origin=stranger)
    visit = request_reset(core, username="amal", origin=new_phone)
    code = last_secret(core, account_id, "long_reset")
    for stranger in islice(strangers, 8):  # more tries than any short code has
        theirs = request_reset(core, username="amal", origin=stranger)
        with pytest.raises(WrongCodeError):
            reset_password(core, username="amal", code="0" * 12, password=NEW, origin=stranger, visit=theirs)

    assert last_secret(core, account_id, "long_reset") == code, "it is not replaced"
    assert len(code) == 12
    reset_password(core, username="amal", code=code, password=NEW, origin=new_phone, visit=visit)
    with pytest.raises(WrongCodeError):
        reset_password(core, username="amal", code=code, password=PASSWORD, origin=new_phone, visit=visit)
    with core.sessions() as session:
        sent = session.scalars(select(Message.kind).where(Message.account_id == account_id)).all()
    assert (sent.count("long_reset"), sent.count("reset_password")) == (1, 3), "one of four was for the phone itself"


def test_a_stranger_who_asks_without_end_is_refused(core, amal, strangers):
    stranger = next(strangers)
    for _ in range(8):
        request_reset(core, username="amal", origin=stranger)
    with pytest.raises(TooManyAttemptsError):
        request_reset(core, username="amal", origin=stranger)


def test_codes_that_strangers_ask_for_leave_the_owner_those_for_a_request(core, amal, strangers):
    phone, mine = "+963933112233", {"account": str(account_of(core, amal)), "confirmed": True}
    for stranger in islice(strangers, 3):
        charge_code(core, origin=stranger, phone=phone)
    with pytest.raises(TooManyAttemptsError):
        charge_code(core, origin=next(strangers), phone=phone)

    charge_code(core, origin=amal, phone=phone, **mine)


def test_guesses_do_not_keep_the_owner_from_a_new_password_that_opens_the_door(core, amal, strangers):
    for stranger in islice(strangers, 80):
        guess(core, stranger, 7)
    new_phone = Origin("192.0.2.1", "a new phone", 30.0)
    with pytest.raises(TooManyAttemptsError):
        sign_in(core, username="amal", password=PASSWORD, origin=new_phone)

    account_id = account_of(core, amal)
    visit = request_reset(core, username="amal", origin=new_phone)
    code = last_secret(core, account_id, "reset_password")
    known = reset_password(core, username="amal", code=code, password=NEW, origin=new_phone, visit=visit)

    assert sign_in(core, username="amal", password=NEW, origin=Origin("192.0.2.1", "a new phone", known=known))


def test_a_known_device_of_one_account_is_a_stranger_to_others(core, amal, strangers):
    thief = Origin("198.18.0.1", "the thief", known="x" * 43)
    register(core, username="thief", password=PASSWORD, phone="0933445566", language="ar", door=Door.HOME, origin=thief)

    assert guess(core, Origin("198.18.0.2", "the thief", known=amal.known), 30, username="thief")[0] == 6
    assert guess(core, thief, 30)[0] == 6


def test_a_known_device_cannot_guess_without_end(core, amal):
    assert guess(core, amal, 30)[0] == 12


def test_each_spelling_of_a_phone_has_no_guesses_of_its_own(core, amal, strangers):
    """Who signs in may type the phone: with a space more each guess was the first one."""
    stranger = next(strangers)
    spelled = ["0933112233", "0933 112 233", "+963 933112233", "00963-933-112233", "٠٩٣٣١١٢٢٣٣", "093 31 12 233"]

    assert sum(guess(core, stranger, 2, username=phone)[0] for phone in spelled) == 6
