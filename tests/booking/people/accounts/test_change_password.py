import pytest

from booking.country.core import sessions
from booking.people.accounts import known_devices
from booking.people.accounts.reset_password import change_password
from booking.people.accounts.sign_in import sign_in
from booking.platform.base.errors import BusyError, InvalidInputError, TooManyAttemptsError
from booking.platform.models import CitizenSubject
from tests.support.hashing import full

OLD, NEW = "a turn for everyone", "another turn for all"


@pytest.fixture
def here(core, an_account, origin):
    an_account()
    return sign_in(core, username="amal", password=OLD, origin=origin)


@pytest.fixture
def change(core, here, origin):
    def act(present=OLD, password=NEW):
        change_password(
            core, account_id=here.account_id, token=here.token, present=present, password=password, origin=origin
        )

    return act


def reasons(refused):
    return [(one.field, one.reason) for one in refused.value.errors]


def test_a_new_password_ends_a_link_that_somebody_else_made(core, here, change):
    """The message about a new link tells its owner to choose one; the link stayed, and opened the account."""
    link = CitizenSubject(account_id=here.account_id, issuer="https://state.example", subject="a-thief")
    link.linked_at = core.clock.now()
    with core.sessions.begin() as session:
        session.add(link)
    change()
    with core.sessions() as session:
        assert session.get(CitizenSubject, here.account_id) is None


def test_a_new_password_ends_all_sessions_but_this_one(core, here, change, origin):
    other = sign_in(core, username="amal", password=OLD, origin=origin)
    known_devices.remember(core, account_id=here.account_id, token="", words="Chrome, Windows")

    change()

    assert sessions.read(core, here.token) is not None
    assert sessions.read(core, other.token) is None
    assert known_devices.list_devices(core, here.account_id) == []
    assert sign_in(core, username="amal", password=NEW, origin=origin)


@pytest.mark.neighbours
@pytest.mark.parametrize("present", ["", "not the password", "\ud800", "x" * 500])
def test_without_the_present_password_nothing_changes(core, change, origin, present):
    with pytest.raises(InvalidInputError) as refused:
        change(present=present)

    assert reasons(refused) == [("present_password", "wrong_password")]
    assert sign_in(core, username="amal", password=OLD, origin=origin)


def test_an_open_session_cannot_guess_the_present_password_without_end(change):
    for n in range(12):
        with pytest.raises(InvalidInputError):
            change(present=f"wrong password {n}")

    with pytest.raises(TooManyAttemptsError):
        change()


def test_a_change_is_refused_at_once_where_too_many_hash(core, change):
    with full(core.passwords), pytest.raises(BusyError):
        change()


@pytest.mark.neighbours
@pytest.mark.parametrize("leaked", ["manchester1", "iloveyou1234", "QWERTYUIOP", "١٢٣٤٥٦٧٨٩٠"])
def test_a_leaked_password_is_refused(change, leaked):
    with pytest.raises(InvalidInputError) as refused:
        change(password=leaked)

    assert reasons(refused) == [("password", "common")]
