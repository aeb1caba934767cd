"""A past draw with other quotas; with its own quotas it is that draw, bit for bit."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from booking.country.policy.quota_table import Level, OfficeRef, QuotaTable, Scope, Splitter
from booking.platform.models.states import Pool
from booking.scheduling.draws.decision import decide
from booking.scheduling.draws.files import Frozen, read_frozen
from booking.scheduling.draws.leaf import Leaf
from booking.scheduling.quotas.history import Past
from booking.scheduling.quotas.outcome import FEWEST, NOT_KNOWN, Asked, outcome, unknown
from booking.scheduling.quotas.redraw import DaySlot, StoppedError, redraw, upcoming, with_quotas
from booking.scheduling.quotas.suggest import suggestions
from booking.scheduling.requests.receipt import WishRow, receipt_of
from tests.booking.country.policy.test_quota_table import places, shares
from tests.standalone.drawn import DRAW_SEED as SEED
from tests.standalone.drawn import FIRST, stated, write_frozen
from tests.support.effort import examples

pytestmark = pytest.mark.slow

OFFICES = [OfficeRef(code, "r", "branch") for code in ("a", "b")]
KIND = Scope(Level.KIND, "branch")
HALF = QuotaTable({KIND: shares(draw=50, urgent=10, instant=20, walk_in=10, accessible=10)})
SPLITTER = Splitter(2)


def slots(days=2, counters=4):
    """Two offices, four half hours a day in two bands, an hour's break between them."""
    made = []
    for number, office in enumerate(OFFICES):
        for day in range(days):
            for slot in range(4):
                begins = timedelta(days=day, minutes=30 * slot + 60 * (slot // 2))
                starts_at = datetime(2026, 11, 8, 6, tzinfo=UTC) + begins
                made.append(
                    DaySlot(
                        id=1 + 100 * number + 10 * day + slot,
                        office=office,
                        accessible=True,
                        day=FIRST + timedelta(days=day),
                        band=("morning", "midday")[slot // 2],
                        starts_at=starts_at,
                        ends_at=starts_at + timedelta(minutes=30),
                        units=2 * counters,
                    )
                )
    return made


def a_leaf(number, *offices, party=1, units=1, last=None, needed_by=None, accessible=False, door="home"):
    wish = WishRow(
        service=f"service-{units}",
        party=party,
        units=units * party,
        offices=offices,
        first_day=FIRST,
        last_day=last,
        weekdays=127,
        bands=("midday", "morning"),
        needed_by=needed_by,
        accessible=accessible,
        door=door,
        nonce=number.to_bytes(16),
    )
    return Leaf(wish=wish, receipt=receipt_of(wish), person=number.to_bytes(16), priority=number % 3)


def a_draw(leaves, table=HALF, of=None):
    """Freeze a draw as closing does, under a table."""
    leaves = sorted(leaves, key=lambda leaf: leaf.receipt)
    facts = stated(leaves, date(2026, 11, 9))
    frozen = upcoming(Frozen(facts, leaves, []), of or slots(), SPLITTER, table)
    return read_frozen(write_frozen(facts, frozen.leaves, frozen.bins))


leaves = st.lists(
    st.tuples(
        st.permutations(["a", "b"]).flatmap(lambda codes: st.integers(1, 2).map(lambda n: codes[:n])),
        st.integers(1, 4),
        st.integers(1, 2),
        st.booleans(),
    ),
    max_size=24,
).map(
    lambda rows: [
        a_leaf(number, *codes, party=party, units=units, accessible=accessible)
        for number, (codes, party, units, accessible) in enumerate(rows)
    ]
)
tables = st.sampled_from(
    [
        HALF,
        QuotaTable({KIND: shares(), Scope(Level.OFFICE, "a"): places(urgent=3, instant=5)}),
        QuotaTable({KIND: shares(draw=30, instant=50), Scope(Level.REGION, "r", 0): shares()}),
    ]
)


@settings(max_examples=examples(10, nightly=30), suppress_health_check=[HealthCheck.too_slow])
@given(leaves, tables)
@pytest.mark.slow
def test_redrawing_with_the_same_quotas_gives_the_same_draw(requests, today):
    frozen = a_draw(requests, today)
    drawn = decide(frozen, SEED)

    again = with_quotas(frozen, slots(), SPLITTER, drawn_by=today, quotas=QuotaTable.read(*today.stored()))
    plan = redraw(again, SEED)

    assert write_frozen(again.facts, again.leaves, again.bins) == write_frozen(frozen.facts, frozen.leaves, frozen.bins)
    assert plan.bin_of_request.tobytes() == drawn.plan.bin_of_request.tobytes()
    assert (plan.objective, plan.bound, plan.prices.tobytes()) == (
        drawn.plan.objective,
        drawn.plan.bound,
        drawn.plan.prices.tobytes(),
    )


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(tables, tables)
def test_other_quotas_give_an_empty_draw_their_own_places(before, after):
    tried = with_quotas(a_draw([], before), slots(), SPLITTER, drawn_by=before, quotas=after)

    def totals(frozen):
        found = {}
        for each in frozen.bins:
            key = each.office, each.day, each.pool
            found[key] = found.get(key, 0) + each.places
        return found

    assert totals(tried) == totals(a_draw([], after))


def test_places_taken_before_closing_stay_taken():
    frozen = a_draw([])
    taken = [replace(each, free=(1,) * len(each.free)) for each in frozen.bins]
    less = HALF.with_row(Scope(Level.OFFICE, "a"), shares(draw=0, instant=70, accessible=4, walk_in=18))

    tried = with_quotas(replace(frozen, bins=taken), slots(), SPLITTER, drawn_by=HALF, quotas=less)

    assert [each for each in tried.bins if each.office == "a" and each.pool is Pool.DRAW] == []
    assert [each for each in tried.bins if each.office == "b"] == [each for each in taken if each.office == "b"]


def test_more_places_serve_more_people_and_the_outcome_lists_them():
    requests = [a_leaf(n, "a", needed_by=FIRST + timedelta(days=n % 2), party=1 + n % 2) for n in range(60)]
    frozen = a_draw(requests)
    more = HALF.with_row(Scope(Level.OFFICE, "a"), shares(draw=80, urgent=10, instant=0, walk_in=0, accessible=10))

    today = outcome(frozen, redraw(frozen, SEED).bin_of_request, unknown(60))
    tried = with_quotas(frozen, slots(), SPLITTER, drawn_by=HALF, quotas=more)
    draft = outcome(tried, redraw(tried, SEED).bin_of_request, unknown(60))

    assert (today["all"]["asked"], today["all"]["served"], draft["all"]["served"]) == (90, 32, 52)
    assert draft["all"]["first_choice"] == 52
    assert draft["all"]["due"] == 90
    assert draft["all"]["due_met"] == 52
    assert draft["all"]["wait_worst"] == 8
    assert draft["groups"]["office"]["values"]["a"]["served"] == 52
    assert "age" not in draft["groups"]


def test_groups_of_fewer_than_five_are_hidden_and_cannot_be_worked_out():
    requests = [
        *(a_leaf(n, "a") for n in range(20)),
        *(a_leaf(20 + n, "a", units=2) for n in range(6)),
        *(a_leaf(30 + n, "a", units=3) for n in range(4)),
    ]
    frozen = a_draw(requests)
    born = np.array([(date(1990, 1, 1) - date(1970, 1, 1)).days] * 30)
    born[:3] = NOT_KNOWN

    told = outcome(frozen, np.full(30, -1, np.int32), Asked(np.full(30, NOT_KNOWN), born))

    assert set(told["groups"]["service"]["values"]) == {"service-1"}
    assert told["groups"]["service"]["left_out"] == 2
    assert told["groups"]["age"]["values"]["18-39"]["asked"] == 27
    assert all(
        count is None or count == 0 or count >= FEWEST
        for group in told["groups"].values()
        for figures in group["values"].values()
        for count in (figures["asked"], figures["served"], figures["due"])
    )


def test_a_what_if_can_be_stopped():
    frozen = a_draw([a_leaf(n, "a", "b", party=1 + n % 4) for n in range(40)])
    with pytest.raises(StoppedError):
        redraw(frozen, SEED, on_progress=lambda _: False)


@pytest.mark.parametrize("goal", ["most", "worst_wait"])
def test_the_suggested_move_serves_what_the_duals_promised(goal):
    """Everybody wants the first office: places and a counter go there; the redraw serves as many as promised."""
    table = HALF.with_row(Scope(Level.OFFICE, "b"), shares(draw=60, urgent=10, instant=10, walk_in=10, accessible=10))
    requests = [a_leaf(n, "a") for n in range(70)] + [a_leaf(100 + n, "b") for n in range(8)]
    frozen = a_draw(requests, table)
    plan = redraw(frozen, SEED)
    past = Past("d1", frozen, SEED, plan.bin_of_request, table, slots(), unknown(78), {})

    found = suggestions(past, SPLITTER, table, {"goal": goal, "points": 10, "counters": 1})

    assert [(move["office"], move["source"], move["steps"]) for move in found["moves"]] == [
        ("a", "instant", 10),
        ("a", "walk_in", 8),
        ("a", None, 1),
        ("b", None, -1),
    ]
    assert found["after"] == found["bound"] > found["before"]
    if goal == "most":
        assert found["simulated_units"] > 0
        assert abs(found["promised_units"] - found["simulated_units"]) <= 2 * len({slot.day for slot in slots()})
        assert found["promised_people"] == pytest.approx(found["promised_units"], abs=0.06)
    moved = QuotaTable.read(found["table"]["shares"], found["table"]["overrides"])
    assert moved.quota_of(OFFICES[0], 0).of(Pool.DRAW) == Decimal("0.68")
    assert found["shadow"][0]["office"] == "a"
    assert found["shadow"][0]["people"] > 0
