"""Limits by hand: small binomials whose probabilities are fractions that anybody can add up."""

from datetime import timedelta
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from booking.antifraud.watching.limits import (
    ALERT_TAIL,
    WARNING_TAIL,
    By,
    Line,
    Standing,
    at_least,
    at_most,
    lower_limit,
    spread,
    standing,
)
from booking.antifraud.watching.limits import upper_limit as upper
from booking.antifraud.watching.views import own_figures, period, watch
from booking.platform.base.errors import ForbiddenError, InvalidInputError
from booking.platform.models import Account, AuditEntry, UrgentDecision
from booking.platform.models.states import Role
from booking.scheduling.urgent.approve import approve, disagree
from booking.scheduling.urgent.claim import claim
from booking.scheduling.urgent.decide import deny
from booking.scheduling.urgent.places import free_places
from booking.scheduling.urgent.reverse import undo
from tests.support.country import a_colleague
from tests.support.decisions import a_requester, decided
from tests.support.urgent_cases import APPROVE, DENY, a_quick_case_with_officers, stored


def test_tails_of_ten_tosses_match_pascals_triangle():
    for count in range(11):
        above = sum(comb(10, k) for k in range(count, 11)) / 1024
        assert at_least(count, 10, 0.5) == pytest.approx(above, abs=1e-12)
        assert at_most(count, 10, 0.5) == pytest.approx(1 - above + comb(10, count) / 1024, abs=1e-12)


def test_limits_are_interpolated_as_in_the_papers_appendix():
    # Ten tosses: P(0)+P(1) = 11/1024 < 0.025 < P(0)+P(1)+P(2) = 56/1024, so r = 2 and a = (56/1024 - 0.025)/(45/1024).
    part = (56 / 1024 - 0.025) / (45 / 1024)
    assert lower_limit(10, 0.5, 0.025) == pytest.approx((2 - part) / 10)
    assert upper(10, 0.5, 0.025) == pytest.approx(1 - (2 - part) / 10)
    # Two tosses: even none of two has a probability of a quarter, so no share is low, and none high.
    assert lower_limit(2, 0.5, 0.025) == 0
    assert upper(2, 0.5, 0.025) == 1
    # Three of a share of a tenth: P(3) = 0.001 is at the limit itself, P(2) + P(3) = 0.028 is not.
    assert upper(3, 0.1, 0.0011) < 1
    assert upper(3, 0.1, 0.0009) == 1


def test_limits_meet_a_target_of_all_or_nothing():
    assert 6 / 7 < lower_limit(7, 1.0, ALERT_TAIL) <= 1
    assert 0 <= upper(7, 0.0, ALERT_TAIL) < 1 / 7
    assert standing(7, 7, 1.0) is Standing.WITHIN
    assert standing(1, 7, 0.0) is Standing.FAR_ABOVE
    assert standing(0, 0, 0.5) is Standing.WITHIN


def test_thousands_do_not_underflow():
    assert at_least(0, 20_000, 0.4) == pytest.approx(1)
    assert 0.38 < lower_limit(20_000, 0.4, ALERT_TAIL) < 0.4 < upper(20_000, 0.4, ALERT_TAIL) < 0.42


@given(of=st.integers(1, 400), share=st.floats(0.01, 0.99), data=st.data())
def test_a_dot_is_outside_a_curve_exactly_when_its_tail_is_small(of, share, data):
    count = data.draw(st.integers(0, of))
    for tail in (WARNING_TAIL, ALERT_TAIL):
        above, below = at_least(count, of, share), at_most(count, of, share)
        if abs(above - tail) > 1e-9:
            assert (count / of > upper(of, share, tail) + 1e-12) == (above < tail)
        if abs(below - tail) > 1e-9:
            assert (count / of < lower_limit(of, share, tail) - 1e-12) == (below < tail)


@given(share=st.floats(0.05, 0.95))
def test_limits_close_in_on_the_target(share):
    widths = [upper(of, share, ALERT_TAIL) - lower_limit(of, share, ALERT_TAIL) for of in (50, 200, 800, 3200)]
    assert widths == sorted(widths, reverse=True)


@pytest.fixture
def world(country):
    """A supervisor and two officers in Damascus, six officers in Aleppo, and what they decided."""
    who = a_requester(country)
    staff = {
        "supervisor": a_colleague(country, Role.SUPERVISOR, office="damascus"),
        "boss": a_colleague(country, Role.ADMINISTRATOR),
        "busy": a_colleague(country, Role.OFFICER, office="damascus"),
        "idle": a_colleague(country, Role.OFFICER, office="damascus"),
    }
    decided(country, staff["busy"], who, approved=3, denied=1, took=timedelta(hours=2))
    decided(country, staff["busy"], who, denied=1, reason="pilgrimage", took=timedelta(hours=10))
    for _ in range(6):
        decided(country, a_colleague(country, Role.OFFICER, office="aleppo"), who, approved=1, denied=1)
    return country, staff, who


def watched(core, officer, by=By.OFFICER):
    return watch(core, officer_id=officer, by=by, period=period(core, None, None))


def counts(seen):
    return {one.key: (one.decided, one.approved) for one in seen.lines}


def test_a_supervisor_sees_their_own_office_and_others_without_names(world):
    core, staff, _ = world
    seen = watched(core, staff["supervisor"])
    assert counts(seen) == {staff["busy"].hex: (5, 3)}
    assert (seen.office.code, seen.totals.decided, seen.totals.approved) == ("damascus", 17, 9)
    assert [(one.decided, one.approved) for one in seen.peers] == [(2, 1)] * 6
    [line] = seen.lines
    assert (line.median, line.ninetieth) == (2 * 3600, pytest.approx((2 + 8 * 0.6) * 3600))


def test_figures_can_be_grouped_by_officer_office_reason_and_helper(world):
    core, staff, who = world
    assert counts(watched(core, staff["supervisor"], By.OFFICE)) == {"damascus": (5, 3)}
    assert counts(watched(core, staff["supervisor"], By.REASON)) == {"medical": (4, 3), "pilgrimage": (1, 0)}
    assert watched(core, staff["supervisor"], By.HELPER).lines == ()
    with core.sessions.begin() as session:
        session.execute(update(Account).where(Account.id == who[0]).values(registered_helper=True))
    assert counts(watched(core, staff["supervisor"], By.HELPER)) == {who[0].hex: (5, 3)}
    assert counts(watched(core, staff["boss"], By.OFFICE)) == {"aleppo": (12, 6), "damascus": (5, 3)}


def test_too_few_others_are_not_shown_at_all(world):
    core, staff, _ = world
    assert watched(core, staff["supervisor"], By.OFFICE).peers == ()  # one other office
    assert spread([Line("a", "a", 2, 1, 0, 0)] * 4) is None
    assert spread([Line("a", "a", 4, n, 0, 0) for n in range(5)]) == (0, 0.5, 1)


def test_officers_see_only_their_own_figures_and_no_names(world):
    core, staff, _ = world
    seen = own_figures(core, officer_id=staff["busy"], period=period(core, None, None))
    assert (seen.mine.decided, seen.mine.approved, len(seen.peers)) == (5, 3, 6)
    assert own_figures(core, officer_id=staff["idle"], period=period(core, None, None)).mine is None
    with pytest.raises(ForbiddenError):
        watched(core, staff["busy"])
    with pytest.raises(ForbiddenError):
        own_figures(core, officer_id=staff["boss"], period=period(core, None, None))


def test_each_view_is_logged(world):
    core, staff, _ = world
    watched(core, staff["supervisor"])
    with core.sessions() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "watch.looked_at")).one()
    assert (entry.account_id, entry.subject, entry.details["by"]) == (staff["supervisor"], "damascus", "officer")


def test_days_count_whole_and_must_be_in_order(world):
    core, staff, _ = world
    day = (core.clock.now() - timedelta(days=3)).date()
    one_day = watch(core, officer_id=staff["boss"], by=By.OFFICE, period=period(core, day, day))
    assert one_day.totals.decided == 17
    before = day - timedelta(days=1)
    assert watch(core, officer_id=staff["boss"], by=By.OFFICE, period=period(core, before, before)).lines == ()
    for first, last in ((day, before), (day - timedelta(days=999), day)):
        with pytest.raises(InvalidInputError):
            period(core, first, last)


def test_decisions_count_despite_a_supervisors_disagreement_unless_undone(country):
    officer = a_colleague(country, Role.OFFICER, office="damascus")
    supervisor = a_colleague(country, Role.SUPERVISOR, office="damascus")
    disputed, undone, denied = (a_quick_case_with_officers(country).reference for _ in range(3))
    for case in (disputed, undone, denied):
        claim(country, officer_id=officer, reference=case)
    with country.sessions() as session:
        slot = free_places(session, country, session.merge(stored(country, disputed)), beyond_pool=2)[0].slot_id
    approve(country, officer_id=officer, reference=disputed, slot_id=slot, beyond_pool=True, **APPROVE)
    country.clock.advance(timedelta(seconds=5))
    disagree(country, officer_id=supervisor, reference=disputed, reason="i_see_it_differently", note="it can wait")
    deny(country, officer_id=officer, reference=undone, **DENY)
    undo(country, officer_id=officer, reference=undone, note="the wrong case")
    deny(country, officer_id=officer, reference=denied, **DENY)

    seen = watched(country, supervisor)

    assert counts(seen) == {officer.hex: (2, 1)}
    with country.sessions() as session:
        standing = session.scalars(select(UrgentDecision.act).where(UrgentDecision.undone_at.is_(None))).all()
    assert "approval" not in standing
