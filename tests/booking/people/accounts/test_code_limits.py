"""Codes cost money and reach strangers: a phone, its range, a network and the whole installation have limits."""

import secrets
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from booking.country.core.code_counts import CodeCounts
from booking.country.core.security import Origin
from booking.entrypoints.demo.actor import do_what_was_asked
from booking.people.accounts.codes import charge_code, phone_ranges
from booking.people.accounts.opening import register
from booking.people.accounts.reset_password import request_reset
from booking.platform.base.errors import TooManyAttemptsError, TooManyCodesError
from booking.platform.models import Account, Message
from booking.platform.models.states import Door
from fraud.limiting.limiter import Limiter
from fraud.limiting.limits import Limit
from tests.support.country import PASSWORD, an_account, an_origin

pytestmark = pytest.mark.neighbours

HOUR = timedelta(hours=1)


@pytest.fixture
def limited(country):
    """Make a core with limits on codes as given."""

    def make(*limits, warning=1_000_000):
        everyone = Limit("everyone", HOUR, 1_000_000)
        policy = {
            "code": limits or (everyone,),
            "code_warning": (Limit("everyone", HOUR, warning),),
            "register": (everyone,),
            "long_code": (everyone,),
        }
        limiter = Limiter(country.redis, secrets.token_bytes(32), policy)
        return replace(country, limiter=limiter, code_counts=CodeCounts())

    return make


def send(core, phone, origin=None):
    charge_code(core, origin=origin or an_origin(), phone=phone)


def messages(core):
    do_what_was_asked(core)
    with core.sessions() as session:
        return session.scalar(select(func.count()).select_from(Message))


def test_a_phone_counts_with_its_number_range_and_a_foreign_one_with_its_country():
    assert phone_ranges("+963944123456", "SY") == {"prefix": "+96394412"}
    assert phone_ranges("+4917012345678", "SY") == {"prefix": "+491701234", "country": "49"}
    assert phone_ranges("+4917012345678", "DE") == {"prefix": "+491701234"}


@pytest.mark.parametrize(
    ("subject", "phones"),
    [
        ("phone", ["+963944123456"] * 4),
        ("prefix", [f"+96394412000{n}" for n in range(4)]),
        ("country", ["+4917012345678", "+4915112345678", "+4916012345678", "+4917612345678"]),
        ("everyone", ["+963944123456", "+963933123456", "+4917012345678", "+905321234567"]),
    ],
)
def test_rotating_numbers_networks_and_devices_does_not_evade_the_limits(limited, subject, phones):
    core = limited(Limit(subject, HOUR, 3))
    for phone in phones[:3]:
        send(core, phone)

    with pytest.raises(TooManyCodesError) as refused:
        send(core, phones[3])

    assert refused.value.retry_after > 0
    assert core.code_counts.read()[1] == {subject: 1}


def test_a_network_that_sends_to_many_phones_is_held_back(limited):
    core, origin = limited(Limit("network", HOUR, 3)), Origin("203.0.113.7", "")
    for n in range(3):
        send(core, f"+9639441{n}3456", origin)
    with pytest.raises(TooManyCodesError):
        send(core, "+963933123456", origin)
    send(core, "+963933123456", Origin("203.0.114.7", ""))


def test_an_attack_on_one_number_range_does_not_hold_back_others(limited):
    core = limited(Limit("prefix", HOUR, 1))
    send(core, "+963944123456")
    with pytest.raises(TooManyCodesError):
        send(core, "+963944129999")
    send(core, "+963944133456")


def test_phones_at_home_have_no_limit_by_country(limited):
    core = limited(Limit("country", HOUR, 1))
    for n in range(5):
        send(core, f"+96394412345{n}")
    assert core.code_counts.read() == (5, {}, 0)


def test_the_daily_budget_warns_before_it_runs_out(limited):
    core = limited(Limit("everyone", HOUR, 4), warning=2)
    for n in range(4):
        send(core, f"+96394412345{n}")
    with pytest.raises(TooManyCodesError):
        send(core, "+963933123456")
    assert core.code_counts.read() == (4, {"everyone": 1}, 2)


@pytest.mark.alone
def test_holding_back_a_code_creates_no_account_and_sends_nothing(limited):
    core = limited(Limit("prefix", HOUR, 1))
    for name, refused in (("first.fictional", False), ("second.fictional", True)):
        form = {"username": name, "password": PASSWORD, "phone": "0944 123 456", "language": "ar", "door": Door.HOME}
        if refused:
            with pytest.raises(TooManyCodesError):
                register(core, **form, origin=an_origin())
        else:
            register(core, **form, origin=an_origin())
    with core.sessions() as session:
        assert session.scalars(select(Account.username)).all() == ["first.fictional"]
    assert messages(core) == 1


@pytest.fixture
def a_name(country):
    account_id = an_account(country)
    with country.sessions() as session:
        return session.get(Account, account_id).username


def outcome(core, name, origin):
    try:
        request_reset(core, username=name, origin=origin)
    except TooManyAttemptsError as error:
        return error.code, error.retry_after > 0
    return "sent or not"


@pytest.mark.parametrize("subject", ["prefix", "country", "phone", "account", "network", "everyone"])
def test_limits_do_not_reveal_whether_a_user_name_or_phone_is_known(limited, a_name, subject):
    origin = an_origin()
    somebody, nobody = (
        [outcome(limited(Limit(subject, HOUR, 2)), name, origin) for _ in range(4)] for name in (a_name, "no.one")
    )
    assert somebody == nobody


def test_unknown_user_names_use_up_no_budget(limited, a_name):
    core = limited(Limit("everyone", HOUR, 1))
    before = messages(core)
    for _ in range(3):
        request_reset(core, username="no.one", origin=an_origin())
    request_reset(core, username=a_name, origin=an_origin())
    assert messages(core) == before + 1


def test_a_reset_gets_one_long_code_while_the_number_range_is_attacked(limited, a_name):
    core = limited(Limit("prefix", HOUR, 1))
    before = messages(core)
    for _ in range(3):
        request_reset(core, username=a_name, origin=an_origin())
    assert messages(core) == before + 2
    assert core.code_counts.read() == (2, {"prefix": 2}, 0)
