"""The limits of one subject are read from the active policy by the class that names them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.antifraud.gate.versions import publish_limits
from booking.country.packs.quotas import LimitSpec, UrgentLimits
from booking.country.policy.limits import (
    ChallengeLimits,
    DrawLimits,
    LimitsError,
    active_policy,
    everywhere_lent,
    find_active_policy,
    lent,
    pick,
    read,
)
from booking.country.policy.quota_table import Level, Quota, QuotaTable, Scope, Unit
from booking.platform.base.errors import PolicyMissingError
from booking.platform.models.states import Pool


def test_the_active_version_is_read_by_subject(country):
    assert publish_limits(country, changes={"urgent_asks_most": 7, "draw_hour": 4}) == 2
    with country.sessions() as session:
        assert active_policy(session).version == 2
        urgent, draws = read(session, UrgentLimits), read(session, DrawLimits)
    assert (urgent.urgent_asks_most, urgent.urgent_second_for) == (7, UrgentLimits().urgent_second_for)
    assert (draws.draw_hour, draws.horizon_days) == (4, DrawLimits().horizon_days)


def test_without_a_policy_reading_is_refused_and_picking_gives_the_defaults(core):
    with core.sessions() as session:
        assert find_active_policy(session) is None
        for needs_one in (active_policy, lambda session: read(session, UrgentLimits)):
            with pytest.raises(PolicyMissingError):
                needs_one(session)
    assert pick(DrawLimits, None) == DrawLimits()


@pytest.mark.parametrize(
    ("kind", "limits", "words"),
    [
        (LimitSpec, {"household_members": 3, "party": 2}, "ranked_offices: Field required"),
        (ChallengeLimits, {"proof_tries": 9, "proof_most_tries": 8}, "proof_tries is above proof_most_tries"),
        (DrawLimits, {"draw_hour": "noon", "party": 2}, "draw_hour: Input should be a valid integer"),
    ],
)
def test_stored_limits_that_cannot_be_used_are_named(kind, limits, words):
    with pytest.raises(LimitsError, match=words):
        pick(kind, limits)


def row(*values):
    return Quota(Unit.SHARES, tuple(Decimal(value) for value in values))


USUAL = row("0.6", "0.1", "0.1", "0.15", "0.05")


def test_walk_in_lends_the_draw_no_more_than_it_has():
    assert lent(USUAL, Decimal("0.05")) == row("0.65", "0.1", "0.1", "0.10", "0.05")
    assert lent(USUAL, Decimal(1)) == row("0.75", "0.1", "0.1", "0.00", "0.05")
    assert lent(USUAL, Decimal(-1)) == row("0.0", "0.1", "0.1", "0.75", "0.05")


@given(st.decimals(-2, 2, places=4))
def test_lent_shares_still_add_up_to_one_and_are_never_negative(share):
    values = lent(USUAL, share).values
    assert sum(values) == 1
    assert min(values) >= 0


def test_rows_that_count_places_stay_unchanged():
    places = Quota(Unit.PLACES, (Decimal(0), Decimal(2), Decimal(2), Decimal(4), Decimal(1)))
    branch, homs = Scope(Level.KIND, "branch"), Scope(Level.OFFICE, "homs")
    table = everywhere_lent(QuotaTable({branch: USUAL, homs: places}), Decimal("0.1"))
    assert table.rows[homs] == places
    assert table.rows[branch].of(Pool.DRAW) == Decimal("0.7")
