"""Before a proof a call says nothing of anybody; a proof is a code on the account's own phone, and guesses run out."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.country.core import sessions
from booking.country.core.security import By
from booking.country.core.session_ends import KEPT
from booking.desk.telephone.memory import LASTS, LONGEST
from booking.people.accounts import second_factor
from booking.people.accounts.codes import may_send
from booking.platform.models import Account, Message, PhoneCode
from booking.platform.models.states import Role
from tests.booking.desk.telephone.callers import LANGUAGES, Caller, an_owner, phone_of
from tests.support.country import a_member, eligible_number, last_secret

pytestmark = pytest.mark.neighbours

STRANGER = "+963944123456"


def screens_until_the_code(core, phone, number, code, by=By.USSD):
    """What a caller hears from the first word to the answer to a code."""
    caller = Caller(core, phone, by)
    heard = [caller.screen]
    heard += [caller.press(key) for key in (LANGUAGES["en"], number, "1", code)]
    return [(screen.text, screen.digits) for screen in heard]


def messages(core, account):
    with core.sessions() as session:
        kinds = session.scalars(select(Message.kind).where(Message.account_id == account)).all()
    return kinds.count("telephone")


@pytest.mark.parametrize("by", [By.USSD, By.VOICE])
def test_known_and_unknown_numbers_and_phones_hear_the_same(country, by):
    account, number = an_owner(country)
    phone = phone_of(country, account)
    unknown = eligible_number(country)

    heard = [
        screens_until_the_code(country, *who, "000000", by=by)
        for who in ((phone, number), (phone, unknown), (STRANGER, number), (STRANGER, unknown))
    ]

    assert heard[1:] == heard[:1] * 3
    assert heard[0][-1][0].startswith("The number or the code is wrong")
    assert messages(country, account) == 1, "only the owner's phone with the owner's number has a code sent"


def test_a_code_works_once_for_its_own_number_and_phone(country):
    account, number = an_owner(country)
    other, others_number = an_owner(country)
    phone = phone_of(country, account)
    Caller(country, phone).press("2", number, "1")
    code = last_secret(country, account, "telephone")

    for wrong_phone, wrong_number in ((phone_of(country, other), number), (phone, others_number), (STRANGER, number)):
        caller = Caller(country, wrong_phone)
        assert caller.press("2", wrong_number, "2", code).text.startswith("The number or the code is wrong")
        assert caller.press("0").digits == 1, "and nothing behind the proof is reached"
    resumed = Caller(country, phone)
    assert resumed.press("2", number, "2", code).text.startswith("What would you like?"), (
        "a call that broke off goes on"
    )
    again = Caller(country, phone)
    assert again.press("2", number, "2", code).text.startswith("The number or the code is wrong")


@pytest.mark.alone
def test_guesses_of_a_code_run_out_and_so_do_tries_of_a_number(country):
    account, number = an_owner(country)
    phone = phone_of(country, account)
    caller = Caller(country, phone)
    caller.press("2", number, "1")
    code = last_secret(country, account, "telephone")
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    caller.press(wrong)
    for _ in range(4):
        caller.press("1", wrong)
    assert caller.press("1", code).text.startswith("The number or the code is wrong"), "five were tried"
    while not caller.screen.ends:
        caller.press("1", wrong)
    assert caller.screen.text.startswith("Too many tries")
    with country.sessions() as session:
        assert session.scalars(select(PhoneCode.used_at)).one() is None
    assert Caller(country, phone).press("2", number, "1").ends, "another call does not begin anew"


def test_a_stranger_cannot_flood_a_phone_by_forging_its_number(country):
    account, number = an_owner(country)
    phone = phone_of(country, account)
    for _ in range(30):
        caller = Caller(country, phone)
        if caller.screen.ends or caller.press("2", number, "1").ends:
            break
    assert messages(country, account) <= 4


def test_who_has_other_codes_sent_to_a_phone_keeps_its_owner_from_no_call(country):
    account, number = an_owner(country)
    phone = phone_of(country, account)
    while may_send(country, phone=phone):
        pass
    Caller(country, phone).press("2", number, "1")
    assert messages(country, account) == 1


def test_an_authenticator_is_asked_for_as_on_the_page(country, clock):
    account, number = an_owner(country)
    secret = second_factor.new_secret()
    with country.sessions.begin() as session:
        second_factor.keep(session, country, account_id=account, secret=secret, step=1)
    caller = Caller(country, phone_of(country, account))
    assert caller.prove(account, number, language="en").text.startswith("Type the code of your authenticator")
    assert caller.press("000000").text.startswith("Type the code of your authenticator")
    assert caller.press("0").text.startswith("Mawid"), "the menu is behind it"
    caller = Caller(country, phone_of(country, account))
    caller.prove(account, number, language="en")
    app = second_factor.pyotp.TOTP(secret).at(clock.now())
    assert caller.press(app).text.startswith("What would you like?")


def test_staff_and_closed_accounts_are_not_reached_by_phone(country, clock):
    for change in ({"roles": [Role.CITIZEN, Role.OFFICER]}, {"closed_at": clock.now()}, {"phone_confirmed_at": None}):
        account, number = an_owner(country)
        with country.sessions.begin() as session:
            for name, value in change.items():
                setattr(session.get_one(Account, account), name, value)
        Caller(country, phone_of(country, account)).press("2", number, "1")
        assert messages(country, account) == 0, change


def test_of_several_accounts_of_one_phone_the_holder_of_the_number_is_meant(country):
    phone = "+963944777777"
    mother, mothers = an_owner(country, "أمل الخيالية", phone=phone)
    father, fathers = an_owner(country, "سامر الخيالي", phone=phone)
    child = eligible_number(country)
    for parent in (mother, father):
        a_member(country, parent, name="ليلى الخيالية", number=child)
    Caller(country, phone).press("2", fathers, "1")
    assert (messages(country, mother), messages(country, father)) == (0, 1)
    Caller(country, phone).press("2", child, "1")
    assert (messages(country, mother), messages(country, father)) == (0, 1), "both could be meant, so neither is"
    assert mothers != fathers


def test_calls_leave_no_code_and_no_number_in_what_is_remembered(country):
    account, number = an_owner(country)
    caller = Caller(country, phone_of(country, account))
    caller.prove(account, number)
    kept = b"".join(country.redis.get(key) for key in country.redis.scan_iter("*call*"))
    assert len(kept) > 300
    for secret in (number, "أمل", phone_of(country, account), str(account)):
        assert secret.encode() not in kept


@pytest.mark.parametrize("change", ["phone", "closed", "late"])
def test_what_a_call_showed_ends_with_the_account_the_phone_and_half_an_hour(country, clock, change):
    account, number = an_owner(country)
    caller = Caller(country, phone_of(country, account))
    assert caller.prove(account, number, language="en").text.startswith("What would you like?")
    if change == "late":
        for _ in range(4):
            clock.advance(timedelta(minutes=8))
            caller.press("0")
    with country.sessions.begin() as session:
        one = session.get_one(Account, account)
        if change == "phone":
            one.phone_hash = b"another" * 4
        elif change == "closed":
            one.closed_at = clock.now()
    assert caller.press("1").text == "انتهت المكالمة. اتصل من جديد."


def test_what_is_remembered_opens_with_the_installations_secret_alone(country):
    account, number = an_owner(country)
    caller = Caller(country, phone_of(country, account))
    caller.prove(account, number, language="en")
    [key] = country.redis.scan_iter("{mawid}:call:*")
    other = Caller(country, phone_of(country, account))
    [another] = set(country.redis.scan_iter("{mawid}:call:*")) - {key}
    country.redis.set(another, country.redis.get(key))
    assert other.press("1").ends, "what was copied from another call is worth nothing"


@pytest.mark.parametrize("by", [By.USSD, By.VOICE])
def test_what_ends_all_sessions_ends_what_was_shown_by_telephone(country, by):
    account, number = an_owner(country)
    other, others_number = an_owner(country)
    caller, unharmed = (Caller(country, phone_of(country, one), by) for one in (account, other))
    for call, *whose in ((caller, account, number), (unharmed, other, others_number)):
        assert call.prove(*whose, language="en").text.startswith("What would you like?")

    sessions.delete_all(country, account)

    assert "What would you like?" not in caller.press("0").text
    assert caller.screen.ends
    assert unharmed.press("0").text.startswith("What would you like?")
    again = Caller(country, phone_of(country, account), by)
    assert again.prove(account, number, language="en").text.startswith("What would you like?"), "who shows it anew"
    assert again.press("0").text.startswith("What would you like?")


def test_a_password_that_changes_while_a_second_step_is_asked_ends_the_call(country, clock):
    account, number = an_owner(country)
    secret = second_factor.new_secret()
    with country.sessions.begin() as session:
        second_factor.keep(session, country, account_id=account, secret=secret, step=1)
    caller = Caller(country, phone_of(country, account))
    caller.prove(account, number, language="en")
    sessions.delete_all(country, account)
    assert caller.press(second_factor.pyotp.TOTP(secret).at(clock.now())).ends


def test_no_call_outlives_what_is_noted_of_an_end():
    assert LONGEST + LASTS < KEPT
