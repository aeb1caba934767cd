import pytest
from sqlalchemy import select

from booking.people.accounts import recovery_codes, second_factor
from booking.people.accounts.errors import WrongSecondFactorError
from booking.people.accounts.second_step import Proof, prove_owner
from booking.platform.base.errors import BusyError
from booking.platform.models import RecoveryCode
from tests.support.hashing import full


@pytest.fixture
def amal(core, an_account):
    """An account with an authenticator of which nobody has the secret."""
    account_id = an_account()
    with core.sessions.begin() as session:
        second_factor.keep(session, core, account_id=account_id, secret=second_factor.new_secret(), step=0)
    return account_id


@pytest.fixture
def codes(core, amal):
    with core.sessions.begin() as session:
        return recovery_codes.keep(session, amal, recovery_codes.make(core, amal))


@pytest.fixture
def prove(core, amal, origin):
    return lambda code: prove_owner(core, account_id=amal, proof=Proof("", code=code), origin=origin)


def test_recovery_codes_are_kept_by_a_slow_hash_with_a_salt(core, amal, codes):
    fast = {core.vault.lookup_hash(code.replace("-", ""), f"recovery code of {amal}") for code in codes}
    with core.sessions() as session:
        kept = session.scalars(select(RecoveryCode)).all()

    assert {len(one.salt) for one in kept} == {16}
    assert not fast & {one.code_hash for one in kept}
    assert core.passwords.derive(["AAAAA"], kept[0].salt) != core.passwords.derive(["AAAAA"], bytes(16))


def test_each_code_counts_once_however_it_is_typed(codes, prove):
    prove(codes[0].lower().replace("-", " "))
    prove(codes[1])
    with pytest.raises(WrongSecondFactorError):
        prove(codes[0])


def test_a_code_from_before_they_were_hashed_slowly_counts_once(core, amal, codes, prove):
    with core.sessions.begin() as session:
        old = core.vault.lookup_hash("ABCDE12345", f"recovery code of {amal}")
        session.add(RecoveryCode(account_id=amal, code_hash=old))
    prove("abcde-12345")
    prove(codes[0])
    with pytest.raises(WrongSecondFactorError):
        prove("abcde-12345")


def test_a_crowd_that_hashes_uses_no_code_up_and_holds_up_nothing_else(core, codes, prove):
    with full(core.passwords):
        with pytest.raises(BusyError):
            prove(codes[0])
        with pytest.raises(WrongSecondFactorError):
            prove("123456")
    prove(codes[0])
