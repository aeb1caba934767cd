"""Hashing a password takes long on purpose: whoever has it done is counted first, and a crowd is refused at once."""

import ast
import os
import sys
from pathlib import Path
from threading import Thread, get_native_id

import pytest

import booking
from booking.country.core.four_eyes import SecondAdministratorNeededError
from booking.country.core.passwords import NICENESS, NOBODYS, WAITING, Passwords
from booking.country.core.security import Origin
from booking.desk.rights.close import send_code
from booking.people.accounts.opening import register
from booking.people.accounts.reset_password import reset_password
from booking.people.accounts.sign_in import sign_in
from booking.people.staff.create import create_staff
from booking.platform.base.errors import (
    BusyError,
    TooManyAttemptsError,
    TooManyCodesError,
    WrongCodeError,
    WrongCredentialsError,
)
from booking.platform.models.states import Door, Role
from tests.support.hashing import full
from tests.support.waiting import ended

PASSWORD = "a turn for everyone"
HERE = Origin("203.0.113.7", "one-phone", 30.0)
ANONYMOUS = {
    "people.accounts.opening.register": lambda core: register(
        core, username="amal", password=PASSWORD, phone="0933112233", language="ar", door=Door.HOME, origin=HERE
    ),
    "people.accounts.reset_password.reset_password": lambda core: reset_password(
        core, username="amal", code="000000", password=PASSWORD, origin=HERE, visit=""
    ),
    "people.accounts.sign_in._begin": lambda core: sign_in(core, username="amal", password=PASSWORD, origin=HERE),
    "desk.rights.close._closed_account": lambda core: send_code(core, username="amal", password=PASSWORD, origin=HERE),
}
ELSEWHERE = {
    "people.accounts.reset_password.change_password",  # test_reset_password.py
    "people.accounts.second_step.prove_owner",  # test_prove_owner.py
    "people.accounts.recovery_codes.hashes_of",  # the callers of second_factor.read_code: test_second_factor.py
    "people.accounts.recovery_codes.make",  # after a right code or passkey
    "entrypoints.demo.sandbox._citizen",  # accounts of a sandbox, which only its own administrator begins
    "desk.helpers.take_over.take_over",  # tests/booking/desk/helpers/test_take_over.py
    "people.staff.create.create_staff",
}


def hashing() -> set[str]:
    """Find every function of the core that has a password hashed or compared."""
    root, found = Path(booking.__file__).parent, set()
    for path in root.rglob("*.py"):
        module = ".".join(path.relative_to(root).with_suffix("").parts)
        source = path.read_text(encoding="utf-8")
        for function in ast.walk(ast.parse(source)) if "passwords" in source else ():
            if isinstance(function, ast.FunctionDef) and "core.passwords." in ast.unparse(function):
                found.add(f"{module}.{function.name}")
    return found


def test_every_caller_that_hashes_is_listed_here():
    assert hashing() == {*ANONYMOUS, *ELSEWHERE}


@pytest.mark.parametrize("name", ANONYMOUS)
def test_strangers_are_counted_before_anything_is_hashed(core, name):
    """The queue is full all the time, so whatever is hashed first would be refused as busy for ever."""
    said = []
    with full(core.passwords):
        for _ in range(80):
            try:
                ANONYMOUS[name](core)
            except (BusyError, TooManyAttemptsError, WrongCodeError, WrongCredentialsError) as error:
                said.append(type(error))

    assert said[0] is BusyError
    assert said[-1] in {TooManyAttemptsError, TooManyCodesError}


def test_nothing_is_hashed_for_a_person_who_may_not_add_staff(core):
    def add(by):
        fields = {"username": "officer", "password": PASSWORD, "phone": "0933112233", "language": "ar"}
        create_staff(core, **fields, roles=(Role.OFFICER,), office_code=None, by=by)

    stranger = register(
        core, username="amal", password=PASSWORD, phone="0933112233", language="ar", door=Door.HOME, origin=HERE
    )
    with full(core.passwords):
        with pytest.raises(SecondAdministratorNeededError):
            add(stranger)
        with pytest.raises(BusyError):
            add(None)


def test_a_few_callers_wait_to_hash_and_a_crowd_is_refused():
    passwords = Passwords(memory_kib=64, rounds=1, concurrency=2)
    with passwords._turns, passwords._turns:
        waiting = [Thread(target=passwords.hash, args=(PASSWORD,)) for _ in range(2 * (1 + WAITING))]
        for one in waiting:
            one.start()
        while passwords._places.acquire(blocking=False):  # until all wait
            passwords._places.release()
        with pytest.raises(BusyError):
            passwords.matches(PASSWORD, None)
    for one in waiting:
        ended(one)

    assert passwords.matches(PASSWORD, passwords.hash(PASSWORD))
    assert not passwords.matches(NOBODYS, NOBODYS)


def test_nobodys_hash_is_made_for_the_first_comparison_whoever_it_is_about():
    stored = Passwords(memory_kib=64, rounds=1, concurrency=1).hash(PASSWORD)
    for known in (stored, None, NOBODYS):
        passwords = Passwords(memory_kib=64, rounds=1, concurrency=1)
        assert "_nobody" not in vars(passwords)
        passwords.matches(PASSWORD, known)
        assert "_nobody" in vars(passwords)


@pytest.mark.skipif(sys.platform != "linux", reason="only there threads have a priority of their own")
def test_hashing_steps_back_behind_what_answers():
    passwords, own = Passwords(memory_kib=64, rounds=1, concurrency=1), os.getpriority(os.PRIO_PROCESS, 0)

    niceness = passwords._behind(lambda: os.getpriority(os.PRIO_PROCESS, get_native_id()))

    assert niceness == min(19, own + NICENESS)
    assert os.getpriority(os.PRIO_PROCESS, 0) == own
