import pytest
from sqlalchemy import select

from booking.accounts import second_factor
from booking.accounts.errors import WrongSecondFactorError
from booking.accounts.prove_owner import asks_for_code, prove_owner
from booking.base.errors import BusyError, TooManyAttemptsError, WrongCredentialsError
from booking.models import AuditEntry, Message
from tests.hashing import full

PASSWORD = "a turn for everyone"


def test_the_password_proves_an_account_without_a_second_factor(core, an_account, origin):
    account_id = an_account()
    assert not asks_for_code(core, account_id)

    prove_owner(core, account_id=account_id, proof=PASSWORD, origin=origin)
    with pytest.raises(WrongCredentialsError):
        prove_owner(core, account_id=account_id, proof="not the password", origin=origin)
    with pytest.raises(WrongCredentialsError):
        prove_owner(core, account_id=account_id, proof="", origin=origin)


def test_with_a_second_factor_only_a_code_proves_it_and_only_once(core, an_account, origin):
    account_id = an_account()
    with core.sessions.begin() as session:
        code = second_factor.renew_recovery_codes(session, core, account_id=account_id)[0]
    with pytest.raises(WrongSecondFactorError):
        prove_owner(core, account_id=account_id, proof=PASSWORD, origin=origin)

    prove_owner(core, account_id=account_id, proof=code, origin=origin)

    with pytest.raises(WrongSecondFactorError):
        prove_owner(core, account_id=account_id, proof=code, origin=origin)
    with core.sessions() as session:
        recorded = session.scalars(select(AuditEntry.action).where(AuditEntry.account_id == account_id)).all()
        told = session.scalars(select(Message.kind).where(Message.account_id == account_id)).all()
    assert recorded == ["second_factor.recovered"]
    assert told.count("recovery_code_used") == 1


def test_tries_are_counted_before_anything_is_hashed(core, an_account, origin):
    account_id, said = an_account(), []
    with full(core.passwords):
        for _ in range(80):
            try:
                prove_owner(core, account_id=account_id, proof="x", origin=origin)
            except (BusyError, TooManyAttemptsError) as error:
                said.append(type(error))

    assert said[0] is BusyError
    assert said[-1] is TooManyAttemptsError
