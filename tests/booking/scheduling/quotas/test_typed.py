"""What analysts type into a row of quotas is read exactly, and what cannot be read is told at its field."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.country.policy.quota_table import ORDER, Level, OfficeRef, QuotaTable, Scope, Unit, inherited
from booking.platform.base.errors import InvalidInputError
from booking.platform.models.states import Pool
from booking.scheduling.quotas.drafts import as_typed, read_quota, row_changes
from tests.booking.country.policy.test_quota_table import OFFICE, places, shares


@st.composite
def typed_shares(draw):
    """Five shares in hundredths of a per cent that add to a whole."""
    cuts = sorted(draw(st.tuples(*[st.integers(0, 10_000)] * 4)))
    parts = [high - low for low, high in zip([0, *cuts], [*cuts, 10_000], strict=True)]
    return {pool.value: str(Decimal(part) / 100) for pool, part in zip(ORDER, parts, strict=True)}


@given(typed_shares())
def test_shares_are_read_exactly_and_written_back(typed):
    quota = read_quota("shares", typed)
    assert sum(quota.values) == 1
    assert read_quota("shares", as_typed(quota)) == quota
    assert {pool: Decimal(text) for pool, text in as_typed(quota).items()} == {
        pool: Decimal(text) for pool, text in typed.items()
    }


@given(st.text(max_size=12), st.sampled_from(Unit), st.sampled_from(ORDER))
def test_any_typed_text_is_read_or_refused_at_its_field(text, unit, pool):
    try:
        quota, refused = read_quota(unit, {pool.value: text}), []
    except InvalidInputError as error:
        quota, refused = None, error.errors
    assert {one.field for one in refused} <= {pool.value, Pool.DRAW.value}
    assert (quota is None) == bool(refused)
    if quota is not None:
        assert all(value >= 0 for value in quota.values)
        assert unit is Unit.PLACES or sum(quota.values) == 1


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1e400", "9" * 40, "0x10", "1_0", "--1"])
def test_numbers_only_a_program_would_write_are_refused(text):
    with pytest.raises(InvalidInputError):
        read_quota("places", {"urgent": text})


def test_several_faults_are_reported_at_once():
    with pytest.raises(InvalidInputError) as caught:
        read_quota("shares", {"draw": "x", "urgent": "-1", "instant": "101", "walk_in": "0.001"})
    assert {one.field: one.reason for one in caught.value.errors} == {
        "draw": "no_quota_number",
        "urgent": "negative_quota",
        "instant": "share_above_whole",
        "walk_in": "share_too_fine",
    }


def test_differing_rows_are_listed_from_wide_to_narrow():
    kind, region = Scope(Level.KIND, "branch"), Scope(Level.REGION, "aleppo", 0)
    office = Scope(Level.OFFICE, "aleppo-1")
    before = QuotaTable({kind: shares(), office: places(urgent=3)})
    after = QuotaTable({kind: shares(draw=60, urgent=18), region: shares()})

    changes = row_changes(before, after)

    assert [(one.scope, one.before is None, one.after is None) for one in changes] == [
        (kind, False, False),
        (region, True, False),
        (office, False, True),
    ]
    assert row_changes(after, QuotaTable.read(*after.stored())) == []


def test_a_row_inherits_only_from_wider_rows():
    region = Scope(Level.REGION, "aleppo", 4)
    assert inherited(region, OFFICE) == [
        region,
        Scope(Level.REGION, "aleppo"),
        Scope(Level.KIND, "branch", 4),
        Scope(Level.KIND, "branch"),
    ]
    table = QuotaTable({Scope(Level.KIND, "branch"): shares(), Scope(Level.OFFICE, "aleppo-1"): places(urgent=1)})
    assert table.holding(region, OFFICE) == Scope(Level.KIND, "branch")
    with pytest.raises(KeyError):
        table.holding(Scope(Level.KIND, "consulate"), OfficeRef("berlin", "DE", "consulate"))
