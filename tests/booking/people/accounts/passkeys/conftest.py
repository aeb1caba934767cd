"""A clerk who signs in with a passkey, for tests."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from booking.people.accounts.passkeys import offer, offer_new
from booking.people.accounts.second_step import set_up_passkey, take_second_step_by_passkey
from booking.people.accounts.sign_in import begin_sign_in
from booking.platform.base.settings import SecondFactor as Needed
from booking.platform.models import Account, AuditEntry
from booking.platform.models.states import Role
from tests.support.country import PASSWORD, a_colleague
from tests.support.software_passkey import SITE, SoftwarePasskey


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


@pytest.fixture
def actions(core):
    """Read what the audit log holds, in its order."""

    def read():
        with core.sessions() as session:
            return session.scalars(select(AuditEntry.action).order_by(AuditEntry.sequence)).all()

    return read
