from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from booking.country.policy.limits import everywhere_lent, lent
from booking.country.policy.quota_table import Level, Quota, QuotaTable, Scope, Unit
from booking.platform.models.states import Pool


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
