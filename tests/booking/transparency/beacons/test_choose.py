"""The beacon that the settings name, and its value, from relays of whom nobody is believed."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from booking.platform.base.clock import SettableClock
from booking.platform.base.settings import Environment, SettingsError
from booking.transparency.beacons import choose, terms
from booking.transparency.beacons.drand import PATHS
from tests.booking.transparency.beacons.test_values import QUICKNET, ROUND, SIGNATURE, STATEMENT
from tests.support.a_relay import a_relay

OUT = terms.earliest(QUICKNET)
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def relay():
    """A relay of drand that answers what a test says, by path."""
    with a_relay() as made:
        yield made


@pytest.fixture
def core_with(core):
    def change(at=OUT, **settings):
        object.__setattr__(core, "settings", core.settings.model_copy(update=settings))
        object.__setattr__(core, "clock", SettableClock(at))
        return core

    return change


def path(form=0, number=ROUND):
    return PATHS[form].format(chain=QUICKNET["chain"], number=number)


def said(signature):
    return json.dumps({"round": ROUND, "randomness": "00", "signature": signature}).encode()


def test_a_draw_is_decided_by_the_first_round_ten_minutes_after_its_end(core_with):
    announced = choose.terms(core_with(beacon="drand"), OUT - timedelta(minutes=10))

    assert announced == QUICKNET
    later = choose.terms(core_with(beacon="drand"), OUT - timedelta(minutes=10) + timedelta(microseconds=1))
    assert later["round"] == ROUND + 1


def test_relays_that_are_away_broken_or_wrong_are_passed_over(core_with, relay):
    address, answers = relay
    core = core_with(drand_urls=(NOWHERE, address))
    for status, body in (
        (500, b""),
        (200, b"[" * 4000),
        (200, b'"signature"'),
        (200, said("00" * 48)),
        (200, said(SIGNATURE.hex()[:-2])),
        (200, said(SIGNATURE.hex()) + b" " * 5000),
    ):
        answers[path()] = status, body
        assert choose.fetch(core, QUICKNET, STATEMENT, reference="D") is None

    answers[path()], answers[path(1)] = (404, b""), (200, said(SIGNATURE.hex()))
    assert choose.fetch(core, QUICKNET, STATEMENT, reference="D") == SIGNATURE


def test_the_value_of_another_round_or_chain_is_never_taken(core_with, relay):
    address, answers = relay
    core = core_with(OUT + timedelta(days=1), drand_urls=(address,))
    for form in (0, 1):
        answers[path(form, ROUND + 1)] = 200, said(SIGNATURE.hex())
        answers[path(form)] = 200, said(SIGNATURE.hex())

    assert choose.fetch(core, QUICKNET | {"round": ROUND + 1}, STATEMENT, reference="D") is None
    other_chain = choose.own_terms(core.vault)["key"]
    assert choose.fetch(core, QUICKNET | {"key": other_chain}, STATEMENT, reference="D") is None


def test_nobody_is_asked_before_the_round_is_out(core_with, relay):
    address, answers = relay
    answers[path()] = 200, said(SIGNATURE.hex())
    core = core_with(OUT - timedelta(seconds=1), drand_urls=(address,))

    assert choose.fetch(core, QUICKNET, STATEMENT, reference="D") is None
    assert choose.fetch_audit(core, QUICKNET, {"round": ROUND}, STATEMENT, reference="D") is None


def test_an_audit_has_a_round_of_its_own(core_with, relay):
    address, answers = relay
    answers[path()] = 200, said(SIGNATURE.hex())
    core = core_with(drand_urls=(address,))
    decided = QUICKNET | {"round": 5}
    audit = terms.audit_round(decided, OUT - timedelta(minutes=10))

    signature = choose.fetch_audit(core, decided, audit, STATEMENT, reference="D")

    assert signature == SIGNATURE
    terms.check_audit(decided, audit, STATEMENT, signature)


def test_an_installation_alone_decides_its_draws_at_once_but_not_in_production(core_with):
    core = core_with(datetime(2026, 11, 1, tzinfo=UTC))
    announced = choose.terms(core, core.clock.now())

    terms.check(announced, STATEMENT, choose.fetch(core, announced, STATEMENT, reference="D"))
    terms.check_audit(announced, None, STATEMENT, choose.fetch_audit(core, announced, None, STATEMENT, reference="D"))

    core_with(environment=Environment.PRODUCTION)
    assert choose.fetch(core, announced, STATEMENT, reference="D") is None
    with pytest.raises(SettingsError, match="MAWID_BEACON must be drand"):
        choose.terms(core, core.clock.now())
