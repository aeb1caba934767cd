"""Passkeys, against an authenticator in software: real keys and signatures, with every field in the test's hands."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select

from booking.accounts import passkey_ceremony, passkeys, second_factor
from booking.accounts.begin_session import SecondStep
from booking.accounts.errors import (
    LastSecondFactorError,
    PasskeyCopiedError,
    SecondStepOverError,
    SignInAgainError,
    WrongPasskeyError,
)
from booking.accounts.passkeys import add, list_passkeys, offer, offer_new, remove
from booking.accounts.second_step import set_up_passkey, take_second_step, take_second_step_by_passkey
from booking.accounts.sign_in import begin_sign_in
from booking.base.errors import InvalidInputError, NotFoundError
from booking.base.settings import SecondFactor as Needed
from booking.base.settings import Settings
from booking.core import sessions
from booking.models import Account, AuditEntry, Message, Passkey, RecoveryCode
from booking.models.states import Role
from booking.staff.change import reset_second_factor
from tests.country import PASSWORD, a_colleague
from tests.meanwhile import refused_after
from tests.software_passkey import PRESENT, VERIFIED, SoftwarePasskey, from_text, text

SITE = "http://localhost:8000"


@pytest.fixture
def core(core):
    return replace(core, settings=core.settings.model_copy(update={"staff_second_factor": Needed.REQUIRED}))


@pytest.fixture
def nour(core):
    """A clerk's account."""
    return a_colleague(core, Role.OFFICER)


@pytest.fixture
def begin(core, nour, origin):
    """Return the password of an account, of the clerk's unless told otherwise."""

    def make(account_id=nour):
        with core.sessions() as session:
            username = session.get_one(Account, account_id).username
        return begin_sign_in(core, username=username, password=PASSWORD, origin=origin).token

    return make


@pytest.fixture
def phone():
    return SoftwarePasskey(SITE)


@pytest.fixture
def set_up(core, nour, phone, begin, origin):
    """Set up the phone at the first sign-in; give the session and the recovery codes."""
    token = begin()
    credential = phone.make(offer_new(core, account_id=nour, token=token))
    return set_up_passkey(core, token=token, credential=credential, name=" my  phone ", origin=origin)


@pytest.fixture
def take(core, nour, begin, origin):
    """Take the second step with a passkey."""

    def make(passkey, token=None):
        token = token or begin()
        return take_second_step_by_passkey(
            core, token=token, credential=passkey.answer(offer(core, account_id=nour, token=token)), origin=origin
        )

    return make


def actions(core):
    with core.sessions() as session:
        return session.scalars(select(AuditEntry.action).order_by(AuditEntry.sequence)).all()


def test_a_passkey_alone_is_a_second_factor_with_recovery_codes(core, nour, set_up, begin, origin, take, phone):
    login, codes = set_up
    assert login.roles == {Role.OFFICER}
    assert len(codes) == second_factor.RECOVERY_CODES
    assert [one.name for one in list_passkeys(core, nour)] == ["my phone"]

    assert take(phone).account_id == nour
    assert take_second_step(core, token=begin(), code=codes[0], origin=origin).account_id == nour
    assert actions(core)[-2:] == ["second_factor.set_up", "second_factor.recovered"]


def test_who_has_a_passkey_is_not_asked_to_set_up_anything(core, set_up, nour, origin):
    with core.sessions() as session:
        username = session.get_one(Account, nour).username
    begun = begin_sign_in(core, username=username, password=PASSWORD, origin=origin)

    assert isinstance(begun, SecondStep)
    assert not begun.sets_up


def test_of_two_devices_that_are_set_up_first_one_is(core, nour, begin, origin):
    tokens = [begin(), begin()]
    for token in tokens:
        device = SoftwarePasskey(SITE)
        credential = device.make(offer_new(core, account_id=nour, token=token))
        if token == tokens[0]:
            set_up_passkey(core, token=token, credential=credential, name="phone", origin=origin)
        else:
            with pytest.raises(SecondStepOverError):
                set_up_passkey(core, token=token, credential=credential, name="phone", origin=origin)


def test_an_answer_counts_once(core, nour, set_up, begin, origin, phone):
    phone.counts = False  # its counter tells nothing, so the challenge alone must
    token = begin()
    credential = phone.answer(offer(core, account_id=nour, token=token))
    take_second_step_by_passkey(core, token=token, credential=credential, origin=origin)

    for other in (token, begin()):
        with pytest.raises((SecondStepOverError, WrongPasskeyError)):
            take_second_step_by_passkey(core, token=other, credential=credential, origin=origin)


def test_of_many_who_bring_one_answer_at_once_one_gets_in(core, nour, set_up, begin, origin, phone):
    token = begin()
    credential = phone.answer(offer(core, account_id=nour, token=token))

    def try_it(_):
        try:
            return take_second_step_by_passkey(core, token=token, credential=credential, origin=origin)
        except (WrongPasskeyError, SecondStepOverError):
            return None

    with ThreadPoolExecutor(4) as threads:
        assert sum(login is not None for login in threads.map(try_it, range(4))) == 1


def test_a_challenge_belongs_to_its_session_its_purpose_and_our_site(core, nour, set_up, begin, origin, phone):
    mine, other = begin(), begin()
    of_other = offer(core, account_id=nour, token=other)
    to_make = json.loads(offer_new(core, account_id=nour, token=mine))
    mine_elsewhere = json.loads(offer(core, account_id=nour, token=mine)) | {"rpId": "evil.example"}
    wrong = [
        of_other,
        json.dumps({"rpId": "localhost", "challenge": to_make["challenge"]}),
        json.dumps({"rpId": "localhost", "challenge": text(bytes(32))}),  # made up
        json.dumps(mine_elsewhere),
    ]
    for options in wrong:
        with pytest.raises(WrongPasskeyError):
            take_second_step_by_passkey(core, token=mine, credential=phone.answer(options), origin=origin)


def test_what_is_not_its_owner_at_our_site_with_its_key_is_refused(core, nour, set_up, begin, origin, phone):
    token = begin()
    spoilt = {
        "its owner was not verified": {"flags": PRESENT},
        "nor present": {"flags": VERIFIED},
        "a page that looks like ours": {"origin": f"{SITE}.example"},
        "ours, by another scheme": {"origin": "https://localhost:8000"},
        "another key": {"key": SoftwarePasskey(SITE).key},
        "an unknown passkey": {"id": b"unknown"},
    }
    for changes in spoilt.values():
        credential = replace(phone, **changes).answer(offer(core, account_id=nour, token=token))
        with pytest.raises(WrongPasskeyError):
            take_second_step_by_passkey(core, token=token, credential=credential, origin=origin)
        if changes.keys() & {"flags", "origin"}:  # so it is when a passkey is made
            credential = replace(phone, id=b"new", **changes).make(offer_new(core, account_id=nour, token=token))
            with pytest.raises(WrongPasskeyError):
                passkeys.verify_new(core, token=token, credential=credential)


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


def test_a_copy_is_found_by_its_counter_and_neither_is_believed_from_then_on(core, nour, set_up, take, phone):
    copy = replace(phone)
    take(phone)
    take(phone)
    with pytest.raises(PasskeyCopiedError):
        take(copy)

    assert actions(core)[-1] == "second_factor.passkey_copied"
    with core.sessions() as session:
        assert "passkey_copied" in session.scalars(select(Message.kind)).all()
    assert list_passkeys(core, nour)[0].copied_at == core.clock.now()
    assert offer(core, account_id=nour, token="any") is None


def test_who_has_only_a_copied_passkey_does_not_set_up_anew_with_the_password(core, nour, set_up, take, phone, begin):
    copy = replace(phone)
    take(phone)
    with pytest.raises(PasskeyCopiedError):
        take(copy)

    waiting = sessions.read(core, begin())
    assert waiting.proving == nour
    assert waiting.form == {}


def test_a_second_passkey_is_added_and_the_last_stays(core, nour, set_up, origin, phone):
    token = set_up[0].token
    key = SoftwarePasskey(SITE, counts=False)
    offered = offer_new(core, account_id=nour, token=token)
    assert [from_text(one["id"]) for one in json.loads(offered)["excludeCredentials"]] == [phone.id]
    add(core, account_id=nour, token=token, credential=key.make(offered), name="key", origin=origin)

    first, second = list_passkeys(core, nour)
    remove(core, account_id=nour, token=token, passkey_id=first.id)
    with pytest.raises(LastSecondFactorError):
        remove(core, account_id=nour, token=token, passkey_id=second.id)
    assert actions(core)[-2:] == ["second_factor.passkey_added", "second_factor.passkey_removed"]
    with core.sessions() as session:
        assert {"passkey_added", "passkey_removed"} <= set(session.scalars(select(Message.kind)))


def test_beside_an_app_every_passkey_can_go(core, nour, set_up):
    with core.sessions.begin() as session:
        second_factor.keep(session, core, account_id=nour, secret=second_factor.new_secret(), step=1)
    (only,) = list_passkeys(core, nour)

    remove(core, account_id=nour, token=set_up[0].token, passkey_id=only.id)

    assert list_passkeys(core, nour) == []


def test_of_the_last_two_removed_at_once_one_stays(core, nour, set_up, origin):
    token = set_up[0].token
    credential = SoftwarePasskey(SITE).make(offer_new(core, account_id=nour, token=token))
    add(core, account_id=nour, token=token, credential=credential, name="key", origin=origin)

    def try_it(one):
        try:
            remove(core, account_id=nour, token=token, passkey_id=one.id)
        except LastSecondFactorError:
            return False
        return True

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(try_it, list_passkeys(core, nour))) == [False, True]


def test_passkeys_change_only_in_a_sign_in_of_the_last_quarter_of_an_hour(core, nour, set_up, origin):
    token = set_up[0].token
    core.clock.advance(passkeys.RECENT)
    credential = SoftwarePasskey(SITE).make(offer_new(core, account_id=nour, token=token))
    with pytest.raises(SignInAgainError):
        add(core, account_id=nour, token=token, credential=credential, name="key", origin=origin)
    with pytest.raises(SignInAgainError):
        remove(core, account_id=nour, token=token, passkey_id=list_passkeys(core, nour)[0].id)


def test_names_and_numbers_are_bounded(core, nour, set_up, origin, monkeypatch):
    token = set_up[0].token
    for name in (" ", "x" * 41, "a\u202eb"):
        with pytest.raises(InvalidInputError):
            add(core, account_id=nour, token=token, credential="", name=name, origin=origin)
    monkeypatch.setattr(passkeys, "MOST", 1)
    credential = SoftwarePasskey(SITE).make(offer_new(core, account_id=nour, token=token))
    with pytest.raises(InvalidInputError, match="too_many_passkeys"):
        add(core, account_id=nour, token=token, credential=credential, name="key", origin=origin)


def test_nobody_removes_a_colleagues_passkey_nor_adds_one_without_a_second_factor(core, nour, set_up, an_account):
    lina = a_colleague(core, Role.OFFICER)
    for passkey_id in (list_passkeys(core, nour)[0].id, uuid4()):
        with pytest.raises(NotFoundError):
            passkeys.find_passkey(core, account_id=lina, passkey_id=passkey_id)
    citizen = sessions.create(core, account_id=an_account(), language="ar", door="home")[0]
    with pytest.raises(NotFoundError):
        passkeys.require_may_change(core, account_id=lina, token=citizen)


def test_an_administrator_resets_them_all_on_record(core, nour, set_up):
    boss = a_colleague(core, Role.ADMINISTRATOR)

    reset_second_factor(core, by=boss, account_id=nour, reason="lost her bag, saw her identity card")

    assert list_passkeys(core, nour) == []
    with core.sessions() as session:
        assert not second_factor.has_second_factor(session, nour)
        assert session.scalars(select(RecoveryCode)).all() == []
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc())).first()
        assert (entry.action, entry.details["passkeys"], entry.details["app"]) == (
            "second_factor.reset",
            ["my phone"],
            False,
        )


def test_a_reset_that_comes_between_leaves_no_passkey_behind(core, nour, set_up, origin):
    token = set_up[0].token
    credential = SoftwarePasskey(SITE).make(offer_new(core, account_id=nour, token=token))

    def reset(administrator):
        administrator.get_one(Account, nour, with_for_update=True)
        administrator.execute(delete(Passkey))

    refused = refused_after(
        core, reset, lambda: add(core, account_id=nour, token=token, credential=credential, name="key", origin=origin)
    )

    assert isinstance(refused, NotFoundError)
    assert list_passkeys(core, nour) == []


def test_a_challenge_is_gone_after_its_time(core, nour, set_up, begin, origin, phone):
    token = begin()
    credential = phone.answer(offer(core, account_id=nour, token=token))
    (mark,) = core.redis.keys("{mawid}:once:*")
    assert 590 < core.redis.ttl(mark) <= core.settings.otp_lifetime.total_seconds()

    core.redis.expire(mark, 0)
    with pytest.raises(WrongPasskeyError):
        take_second_step_by_passkey(core, token=token, credential=credential, origin=origin)


@pytest.mark.parametrize(
    ("base_url", "host", "origin"),
    [
        ("https://Mawid.example", "mawid.example", "https://mawid.example"),
        ("https://mawid.example:443", "mawid.example", "https://mawid.example"),
        ("https://mawid.example:8443", "mawid.example", "https://mawid.example:8443"),
        ("http://localhost:8000", "localhost", "http://localhost:8000"),
    ],
)
def test_passkeys_are_bound_to_the_site_as_browsers_name_it(base_url, host, origin):
    settings = Settings(_env_file=None, base_url=base_url)

    assert (passkey_ceremony.rp_id(settings), passkey_ceremony.origin(settings)) == (host, origin)


HONEST = SoftwarePasskey(SITE)
MADE = HONEST.make(json.dumps({"rp": {"id": "localhost"}, "challenge": text(b"c" * 32)}))
SAID = HONEST.answer(json.dumps({"rpId": "localhost", "challenge": text(b"c" * 32)}))


@given(data=st.data())
def test_no_bytes_of_any_kind_break_the_readers(data):
    honest = json.loads(data.draw(st.sampled_from([MADE, SAID])))
    part = data.draw(st.sampled_from(sorted(honest["response"])))
    value = bytearray(from_text(honest["response"][part]))
    place = data.draw(st.integers(0, len(value) - 1))
    value[place : place + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=40))
    honest["response"][part] = text(bytes(value))
    sent = data.draw(st.sampled_from([json.dumps(honest), json.dumps(honest)[:-9], "[]", "{}", "", '"x"', "9" * 20000]))
    settings = Settings(_env_file=None, base_url=SITE)
    with suppress(WrongPasskeyError):
        passkey_ceremony.check_new(settings, passkey_ceremony.read_new(sent)[0], challenge=b"c" * 32)
    with suppress(WrongPasskeyError):
        passkey_ceremony.check_answer(settings, passkey_ceremony.read_answer(sent), public_key=from_text("AA"))
