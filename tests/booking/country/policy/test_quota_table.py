"""The table of a quota policy: what is inherited, and how it splits an office-day."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.country.packs.shares import largest_remainder
from booking.country.policy.quota_table import ORDER, Level, OfficeRef, Quota, QuotaTable, Scope, Splitter, Unit
from booking.platform.models.states import Pool

OFFICE = OfficeRef("aleppo-1", "aleppo", "branch")
CODES = {Level.KIND: OFFICE.kind, Level.REGION: OFFICE.region, Level.OFFICE: OFFICE.code}


def shares(draw=70, urgent=8, instant=10, walk_in=8, accessible=4):
    return Quota(Unit.SHARES, tuple(Decimal(one) / 100 for one in (draw, urgent, instant, walk_in, accessible)))


def places(urgent=0, instant=0, walk_in=0, accessible=0):
    return Quota(Unit.PLACES, tuple(Decimal(one) for one in (0, urgent, instant, walk_in, accessible)))


@st.composite
def quotas(draw):
    if draw(st.booleans()):
        return places(*draw(st.tuples(*[st.integers(0, 60)] * 4)))
    cuts = sorted(draw(st.tuples(*[st.integers(0, 1000)] * 4)))
    parts = [high - low for low, high in zip([0, *cuts], [*cuts, 1000], strict=True)]
    return Quota(Unit.SHARES, tuple(Decimal(part) / 1000 for part in parts))


scopes = st.builds(
    lambda level, weekday: Scope(level, CODES[level], weekday),
    st.sampled_from(Level),
    st.none() | st.integers(0, 6),
)
tables = st.dictionaries(scopes, quotas(), max_size=8).map(
    lambda rows: QuotaTable(rows | {Scope(Level.KIND, "branch"): shares()})
)


@given(tables, st.integers(0, 6), st.lists(st.integers(0, 24), max_size=14), st.integers(1, 4))
def test_every_office_day_is_split_completely(table, weekday, units, block):
    quota = table.quota_of(OFFICE, weekday)
    exact = quota.exact(sum(units))

    split = Splitter(block).split(quota, units)

    assert sum(exact.values()) == 1
    assert all(count >= 0 for slot in split for count in slot.values())
    assert [sum(slot.values()) for slot in split] == units
    totals = {pool: sum(slot[pool] for slot in split) for pool in Pool}
    assert all(abs(totals[pool] - exact[pool] * sum(units)) < 1 for pool in Pool)
    assert totals == largest_remainder(exact, sum(units))


@given(quotas(), st.integers(0, 200))
def test_counted_places_are_given_where_the_day_has_them(quota, capacity):
    split = largest_remainder(quota.exact(capacity), capacity)

    if quota.unit is Unit.PLACES and sum(quota.values) <= capacity:
        assert [split[pool] for pool in ORDER[1:]] == [int(value) for value in quota.values[1:]]


@given(tables, st.integers(0, 6))
def test_the_nearest_row_applies_as_a_whole(table, weekday):
    order = [
        (level, day)
        for level in (Level.OFFICE, Level.REGION, Level.KIND)
        for day in (weekday, None)
        if Scope(level, CODES[level], day) in table.rows
    ]

    assert table.quota_of(OFFICE, weekday) == table.rows[Scope(order[0][0], CODES[order[0][0]], order[0][1])]


@given(tables)
def test_a_stored_table_is_read_back_unchanged(table):
    assert QuotaTable.read(*table.stored()) == table
    assert all(Scope.parse(str(scope)) == scope for scope in table.rows)


def test_a_row_that_is_taken_away_inherits_again():
    scope = Scope(Level.OFFICE, "aleppo-1", 3)
    table = QuotaTable({Scope(Level.KIND, "branch"): shares()})

    changed = table.with_row(scope, places(urgent=4))

    assert changed.scope_of(OFFICE, 3) == scope
    assert changed.scope_of(OFFICE, 4) == Scope(Level.KIND, "branch")
    assert changed.with_row(scope, None) == table


@pytest.mark.parametrize("text", ["office.a.7", "office.a.1.2", "town.a", "office", "office.a.x"])
def test_text_that_names_no_row_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        Scope.parse(text)
