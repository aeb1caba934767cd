"""The form of instant booking brought back when it was shown, as plain text: a program claimed a minute and had none.

It succeeded on the version before, as its code shows: whatever time the field held was believed, and a broken one
counted as unknown, which no rule on haste meets.
"""

from datetime import timedelta

import pytest

from api.pages.shared.shown_since import seconds_open, shown_since
from tests.support.country import an_account


@pytest.fixture
def account(core):
    return an_account(core)


def test_a_form_is_open_as_long_as_it_was(core, clock, account):
    shown = shown_since(core, account)
    clock.advance(timedelta(seconds=7))

    assert shown_since(core, account, shown) == shown
    assert seconds_open(core, account, shown) == 7.0


@pytest.mark.parametrize("claimed", ["", "2026-11-01T05:00:00+00:00", "1", "1.", ".", "x.y", "١.a", "9" * 400])
def test_a_claimed_time_counts_as_none_at_all(core, account, claimed):
    assert seconds_open(core, account, claimed) == 0.0
    assert shown_since(core, account, claimed) != claimed


def test_a_sealed_time_is_worth_nothing_when_changed_or_in_other_hands(core, clock, account):
    instant, seal = shown_since(core, account).split(".")
    clock.advance(timedelta(seconds=7))

    assert seconds_open(core, account, f"{int(instant) - 60}.{seal}") == 0.0
    assert seconds_open(core, an_account(core), f"{instant}.{seal}") == 0.0
