from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from booking.country.core.register import open_phone
from booking.country.core.security import Origin
from booking.people.accounts.opening import confirm_phone, register, resend_code
from booking.platform.base.errors import (
    InvalidInputError,
    NotFoundError,
    TooManyAttemptsError,
    UsernameTakenError,
    WrongCodeError,
)
from booking.platform.models import Account, Message, PhoneCode
from booking.platform.models.states import Door, Role

FORM = {
    "username": "Amal.٧",
    "password": "a turn for everyone",
    "phone": "٠٩٣٣ ١٢٣ ٤٥٦",
    "language": "ar",
    "door": Door.HOME,
}


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def test_an_account_is_stored_with_a_sealed_phone_and_a_hashed_password(core, origin):
    account_id = register(core, **FORM, origin=origin)

    with core.sessions() as session:
        account = session.get_one(Account, account_id)
    assert account.username == "amal.7"
    assert open_phone(core.vault, account) == "+963933123456"
    assert account.password_hash.startswith("$argon2id$")
    assert account.roles == [Role.CITIZEN]
    assert account.phone_confirmed_at is None


def test_every_unusable_field_is_reported_at_once_and_nothing_is_created(core, origin):
    with pytest.raises(InvalidInputError) as refused:
        register(core, username="a b", password="short", phone="", language="fr", door=Door.HOME, origin=origin)

    told = {(error.field, error.reason) for error in refused.value.errors}
    assert told == {
        ("username", "spaces"),
        ("password", "too_short"),
        ("phone", "missing"),
        ("language", "unknown"),
    }
    with core.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Account)) == 0


def test_only_one_of_eight_simultaneous_registrations_gets_the_user_name(core):
    def attempt(n: int) -> str:
        try:
            register(
                core,
                **FORM | {"username": "AMAL" if n % 2 else "amal", "phone": f"093312345{n}"},
                origin=Origin("203.0.113.7", f"device {n}"),
            )
        except UsernameTakenError:
            return "taken"
        return "made"

    with ThreadPoolExecutor(8) as threads:
        outcomes = sorted(threads.map(attempt, range(8)))

    assert outcomes == ["made"] + ["taken"] * 7
    with core.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Account)) == 1
        assert session.scalar(select(func.count()).select_from(Message)) == 1


def test_new_accounts_cannot_flood_a_phone_with_codes(core):
    for n in range(4):
        register(core, **FORM | {"username": f"amal{n}"}, origin=Origin("", ""))

    with pytest.raises(TooManyAttemptsError) as refused:
        register(core, **FORM | {"username": "amal9"}, origin=Origin("", ""))
    assert refused.value.retry_after > 0


def test_the_right_code_in_arabic_digits_confirms_the_phone(core, an_account, last_code):
    account_id = an_account(confirmed=False)
    code = last_code(account_id).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))

    confirm_phone(core, account_id=account_id, code=code)
    confirm_phone(core, account_id=account_id, code=code)  # the second click of a double click

    with core.sessions() as session:
        assert session.get_one(Account, account_id).phone_confirmed_at == core.clock.now()


def test_five_wrong_codes_invalidate_the_right_one(core, an_account, last_code):
    account_id = an_account(confirmed=False)
    code = last_code(account_id)

    for _ in range(5):
        with pytest.raises(WrongCodeError):
            confirm_phone(core, account_id=account_id, code=wrong(code))

    with pytest.raises(WrongCodeError):
        confirm_phone(core, account_id=account_id, code=code)
    with core.sessions() as session:
        assert session.scalar(select(PhoneCode.attempts)) == 5


def test_simultaneous_wrong_codes_are_all_counted(core, an_account, last_code):
    account_id = an_account(confirmed=False)
    code = last_code(account_id)

    def attempt(_: int) -> None:
        with pytest.raises(WrongCodeError):
            confirm_phone(core, account_id=account_id, code=wrong(code))

    with ThreadPoolExecutor(5) as threads:
        list(threads.map(attempt, range(5)))

    with pytest.raises(WrongCodeError):
        confirm_phone(core, account_id=account_id, code=code)


def test_a_code_expires_after_the_lifetime_in_the_settings(core, clock, an_account, last_code):
    account_id = an_account(confirmed=False)

    clock.advance(core.settings.otp_lifetime)
    with pytest.raises(WrongCodeError):
        confirm_phone(core, account_id=account_id, code=last_code(account_id))

    clock.advance(-timedelta(seconds=1))
    confirm_phone(core, account_id=account_id, code=last_code(account_id))


def test_only_the_newest_code_works(core, an_account, last_code, origin):
    account_id = an_account(confirmed=False)
    old = last_code(account_id)
    resend_code(core, account_id=account_id, origin=origin)
    new = last_code(account_id)

    if old != new:
        with pytest.raises(WrongCodeError):
            confirm_phone(core, account_id=account_id, code=old)
    confirm_phone(core, account_id=account_id, code=new)


def test_no_code_is_sent_for_a_confirmed_phone_or_an_unknown_account(core, an_account, origin):
    account_id = an_account()

    resend_code(core, account_id=account_id, origin=origin)

    with core.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 1
    nobody = type(account_id)(int=0)
    with pytest.raises(NotFoundError):
        resend_code(core, account_id=nobody, origin=origin)
    with pytest.raises(NotFoundError):
        confirm_phone(core, account_id=nobody, code="123456")


def test_no_column_holds_a_code_in_plain_text(core, an_account, last_code):
    account_id = an_account(confirmed=False)

    with core.sessions() as session:
        message = session.scalars(select(Message)).one()
        kept = session.scalars(select(PhoneCode)).one()
    assert message.values == {"minutes": 10}
    assert last_code(account_id).encode() not in message.secret + kept.code_hash
