from functools import partial

import pytest
from sqlalchemy import select

from booking.people.accounts import passkeys, recovery_codes, second_factor
from booking.people.accounts.errors import SignInAgainError, WrongPasskeyError, WrongSecondFactorError
from booking.people.accounts.fresh import FRESH, require_fresh
from booking.people.accounts.own_second_step import add_passkey, replace_recovery_codes
from booking.people.accounts.second_step import Proof, Ways, prove_again, prove_owner, ways
from booking.people.accounts.sign_in import sign_in
from booking.platform.base.errors import BusyError, TooManyAttemptsError, WrongCredentialsError
from booking.platform.models import AuditEntry, Message
from tests.support.hashing import full
from tests.support.software_passkey import SITE, SoftwarePasskey

PASSWORD = "a turn for everyone"


@pytest.fixture
def login(core, an_account, origin):
    an_account()
    return sign_in(core, username="amal", password=PASSWORD, origin=origin)


def test_the_password_proves_an_account_without_a_second_factor(core, login, origin):
    owner = {"account_id": login.account_id, "origin": origin}
    assert ways(core, account_id=login.account_id, token=login.token) == Ways(None, codes=False, password=True)

    prove_owner(core, **owner, proof=Proof(login.token, password=PASSWORD))
    for wrong in (Proof(login.token, password="not the password"), Proof(login.token), Proof("", code="000000")):
        with pytest.raises(WrongCredentialsError):
            prove_owner(core, **owner, proof=wrong)


def test_with_a_second_factor_only_a_code_proves_it_and_only_once(core, login, origin):
    owner = {"account_id": login.account_id, "origin": origin}
    with core.sessions.begin() as session:
        second_factor.keep(session, core, account_id=login.account_id, secret=second_factor.new_secret(), step=0)
        code = recovery_codes.keep(session, login.account_id, recovery_codes.make(core, login.account_id))[0]
    with pytest.raises(WrongSecondFactorError):
        prove_owner(core, **owner, proof=Proof(login.token, password=PASSWORD))

    prove_owner(core, **owner, proof=Proof(login.token, code=code))

    with pytest.raises(WrongSecondFactorError):
        prove_owner(core, **owner, proof=Proof(login.token, code=code, password=PASSWORD))
    with core.sessions() as session:
        recorded = session.scalars(select(AuditEntry.action).where(AuditEntry.account_id == login.account_id)).all()
        told = session.scalars(select(Message.kind).where(Message.account_id == login.account_id)).all()
    assert recorded == ["second_factor.recovered"]
    assert told.count("recovery_code_used") == 1


def test_a_passkey_proves_it_where_no_recovery_code_is_left(core, login, origin):
    owner, mine = {"account_id": login.account_id, "origin": origin}, SoftwarePasskey(SITE)
    made = mine.make(passkeys.offer_new(core, account_id=login.account_id, token=login.token))
    codes = add_passkey(core, **owner, token=login.token, credential=made, name="phone")
    read = partial(second_factor.read_code, core, login.account_id)
    with core.sessions.begin() as session:
        for code in codes:
            assert second_factor.spend(session, core, account_id=login.account_id, code=read(code)) == "recovery"
    known = ways(core, account_id=login.account_id, token=login.token)
    assert known == Ways(known.passkey, codes=False, password=False)

    answer = Proof(login.token, credential=mine.answer(known.passkey))
    assert len(replace_recovery_codes(core, **owner, proof=answer)) == len(codes)
    with pytest.raises(WrongPasskeyError):
        replace_recovery_codes(core, **owner, proof=answer)


def test_a_proof_makes_an_old_session_fresh_again(core, login, origin):
    core.clock.advance(FRESH)
    with pytest.raises(SignInAgainError):
        require_fresh(core, login.token)
    with pytest.raises(WrongCredentialsError):
        prove_again(core, account_id=login.account_id, proof=Proof(login.token), origin=origin)
    with pytest.raises(SignInAgainError):
        require_fresh(core, login.token)

    prove_again(core, account_id=login.account_id, proof=Proof(login.token, password=PASSWORD), origin=origin)

    assert require_fresh(core, login.token).account_id == login.account_id


def test_tries_are_counted_before_anything_is_hashed(core, an_account, origin):
    account_id, said = an_account(), []
    with full(core.passwords):
        for _ in range(80):
            try:
                prove_owner(core, account_id=account_id, proof=Proof("", password="x"), origin=origin)
            except (BusyError, TooManyAttemptsError) as error:
                said.append(type(error))

    assert said[0] is BusyError
    assert said[-1] is TooManyAttemptsError
