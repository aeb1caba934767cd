"""A passkey as the second step of signing in: set up, used once, and no longer believed when copied."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select

from booking.country.core import sessions
from booking.people.accounts import recovery_codes
from booking.people.accounts.begin_session import SecondStep
from booking.people.accounts.errors import PasskeyCopiedError, SecondStepOverError, WrongPasskeyError
from booking.people.accounts.passkeys import list_passkeys, offer, offer_new
from booking.people.accounts.second_step import set_up_passkey, take_second_step, take_second_step_by_passkey
from booking.people.accounts.sign_in import begin_sign_in
from booking.platform.models import Account, Message
from booking.platform.models.states import Role
from tests.support.country import PASSWORD, a_colleague
from tests.support.software_passkey import SITE, SoftwarePasskey


def test_a_passkey_alone_is_a_second_factor_with_recovery_codes(
    core, nour, set_up, begin, origin, take, phone, actions
):
    login, codes = set_up
    assert login.roles == {Role.OFFICER}
    assert len(codes) == recovery_codes.MANY
    assert [one.name for one in list_passkeys(core, nour)] == ["my phone"]

    assert take(phone).account_id == nour
    assert take_second_step(core, token=begin(), code=codes[0], origin=origin).account_id == nour
    assert actions()[-2:] == ["second_factor.set_up", "second_factor.recovered"]


def test_a_clerk_with_a_passkey_is_not_asked_to_set_up_another_factor(core, set_up, nour, origin):
    with core.sessions() as session:
        username = session.get_one(Account, nour).username
    begun = begin_sign_in(core, username=username, password=PASSWORD, origin=origin)

    assert isinstance(begun, SecondStep)
    assert not begun.sets_up


def test_only_one_of_two_devices_becomes_the_first_passkey(core, nour, begin, origin):
    tokens = [begin(), begin()]
    for token in tokens:
        device = SoftwarePasskey(SITE)
        credential = device.make(offer_new(core, account_id=nour, token=token))
        if token == tokens[0]:
            set_up_passkey(core, token=token, credential=credential, name="phone", origin=origin)
        else:
            with pytest.raises(SecondStepOverError):
                set_up_passkey(core, token=token, credential=credential, name="phone", origin=origin)


def test_an_answer_is_accepted_only_once(core, nour, set_up, begin, origin, phone):
    phone.counts = False  # its counter tells nothing, so the challenge alone must
    token = begin()
    credential = phone.answer(offer(core, account_id=nour, token=token))
    take_second_step_by_passkey(core, token=token, credential=credential, origin=origin)

    for other in (token, begin()):
        with pytest.raises((SecondStepOverError, WrongPasskeyError)):
            take_second_step_by_passkey(core, token=other, credential=credential, origin=origin)


def test_only_one_of_four_simultaneous_uses_of_an_answer_signs_in(core, nour, set_up, begin, origin, phone):
    token = begin()
    credential = phone.answer(offer(core, account_id=nour, token=token))

    def try_it(_):
        try:
            return take_second_step_by_passkey(core, token=token, credential=credential, origin=origin)
        except (WrongPasskeyError, SecondStepOverError):
            return None

    with ThreadPoolExecutor(4) as threads:
        assert sum(login is not None for login in threads.map(try_it, range(4))) == 1


def test_a_colleagues_passkey_opens_only_their_account(core, set_up, begin, origin, phone):
    lina = a_colleague(core, Role.OFFICER)
    token = begin(lina)
    lamp = SoftwarePasskey(SITE)
    credential = lamp.make(offer_new(core, account_id=lina, token=token))
    set_up_passkey(core, token=token, credential=credential, name="key", origin=origin)

    token = begin(lina)
    options = offer(core, account_id=lina, token=token)
    with pytest.raises(WrongPasskeyError):
        take_second_step_by_passkey(core, token=token, credential=phone.answer(options), origin=origin)


def test_a_copied_passkey_is_found_by_its_counter_and_both_are_refused(core, nour, set_up, take, phone, actions):
    copy = replace(phone)
    take(phone)
    take(phone)
    with pytest.raises(PasskeyCopiedError):
        take(copy)

    assert actions()[-1] == "second_factor.passkey_copied"
    with core.sessions() as session:
        assert "passkey_copied" in session.scalars(select(Message.kind)).all()
    assert list_passkeys(core, nour)[0].copied_at == core.clock.now()
    assert offer(core, account_id=nour, token="any") is None


def test_a_password_alone_cannot_replace_a_passkey_that_was_copied(core, nour, set_up, take, phone, begin):
    copy = replace(phone)
    take(phone)
    with pytest.raises(PasskeyCopiedError):
        take(copy)

    waiting = sessions.read(core, begin())
    assert waiting.proving == nour
    assert waiting.form == {}
