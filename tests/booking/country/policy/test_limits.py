"""The limits of one subject are read from the active policy by the class that names them."""

import pytest

from booking.antifraud.gate.versions import publish_limits
from booking.country.packs.quotas import LimitSpec, UrgentLimits
from booking.country.policy.limits import (
    ChallengeLimits,
    DrawLimits,
    LimitsError,
    active_policy,
    find_active_policy,
    pick,
    read,
)
from booking.platform.base.errors import PolicyMissingError


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
