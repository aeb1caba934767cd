"""Which quotas and counters to move, tried on a past draw: what the duals promise, and what a redraw then serves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from allocation import Mechanism, Plan, Problem, shadow_prices
from allocation.suggesting.suggest import Goal, Moves, suggest
from booking.country.policy.quota_table import ORDER, Level, OfficeRef, QuotaTable, Scope, Splitter, Unit
from booking.platform.base.release import processors
from booking.platform.models.base import Json
from booking.platform.models.states import Pool
from booking.scheduling.draws.decision import plan_of, problem_of
from booking.scheduling.draws.files import Frozen
from booking.scheduling.quotas.history import Past
from booking.scheduling.quotas.outcome import told
from booking.scheduling.quotas.redraw import DaySlot, redraw, with_quotas

SOURCES: Final = (Pool.INSTANT, Pool.WALK_IN)
"""Pools that may give to the draw; urgent and accessible places are for people who have no other."""

LEAST_LEFT: Final = 2
"""Per cent of an office-day that a pool keeps when it gives."""

OFFICE_GIVES: Final = 4
"""An office gives at most one of so many counters."""

DAYS_A_WEEK: Final = 7


@dataclass(frozen=True)
class _Possible:
    """A move that could be made: points of an office's day from one pool to the draw, or a counter more or less."""

    office: str
    source: Pool | None
    counters: int


def suggestions(
    past: Past, splitter: Splitter, quotas: QuotaTable, options: Json, at: Callable[[int], None] | None = None
) -> Json:
    """Suggest moves that improve the goal on a past draw under ``quotas``, and draw again with them.

    Parameters
    ----------
    options
        ``goal``: "most" or "worst_wait"; ``points``: per cent of an office-day that a pool may give at most;
        ``counters``: how many may move between branches.
    at
        Told how far it is, in per cent; it may raise, to give the work up.

    Returns
    -------
    dict
        ``moves``, each with its reason; ``promised`` and ``simulated``: units and people that would be served more (or
        the worst chance in per cent), by the model and by the redraw; ``table``: the quotas with the moves, as a draft
        stores them; ``shadow``: what one more counter would serve, by office.
    """
    at = at or (lambda _: None)
    goal = Goal(options["goal"])
    frozen = with_quotas(past.frozen, past.slots, splitter, drawn_by=past.drawn_by, quotas=quotas)
    problem = problem_of(frozen, past.seed)
    plan = plan_of(frozen, problem, workers=processors())
    at(40)
    offices = _Offices(past.slots, frozen, quotas, splitter.block)
    possible, moves = offices.moves(options["points"], options["counters"])
    found = suggest(problem, moves, goal, on_cut=lambda cuts: at(min(80, 40 + cuts)))
    taken = [(each, int(steps)) for each, steps in zip(possible, found.steps, strict=True) if steps]
    table, counters = _applied(quotas, offices.refs, taken)
    at(80)
    after = with_quotas(past.frozen, past.slots, splitter, drawn_by=past.drawn_by, quotas=table, counters=counters)
    again = redraw(after, past.seed)
    people_a_unit = plan.served_people / max(1, plan.served_units)
    gain = found.after - found.before
    shares, overrides = table.stored()
    return {
        "reference": past.reference,
        "goal": goal.value,
        "before": found.before,
        "after": found.after,
        "bound": found.bound,
        "cuts": found.cuts,
        "promised_units": gain / 100 if goal is Goal.MOST else None,
        "promised_people": round(gain / 100 * people_a_unit, 1) if goal is Goal.MOST else None,
        "simulated_units": again.served_units - plan.served_units,
        "simulated_people": again.served_people - plan.served_people,
        "people_before": plan.served_people,
        "people_after": again.served_people,
        "moves": _moves(taken, offices, problem, plan),
        "table": {"shares": shares, "overrides": overrides},
        "changes_quotas": table != quotas,
        "shadow": offices.counter_prices(problem, plan),
    }


class _Offices:
    """The offices of a past draw: which bins are theirs, and how many units a move adds to each."""

    def __init__(self, slots: Sequence[DaySlot], frozen: Frozen, quotas: QuotaTable, block: int) -> None:
        self.refs: dict[str, OfficeRef] = {slot.office.code: slot.office for slot in slots}
        self.bins, self._quotas, self._block = frozen.bins, quotas, block
        self.of_bin = [each.office for each in frozen.bins]
        units_of = {slot.id: slot.units for slot in slots}
        self._day_units: dict[tuple[str, Any], list[int]] = {}
        self._counters: dict[str, int] = {}
        for slot in slots:
            self._day_units.setdefault((slot.office.code, slot.day), []).append(slot.units)
            code = slot.office.code
            self._counters[code] = max(self._counters.get(code, 0), slot.units // block)
        self._bins_of_day: dict[tuple[str, Any], list[tuple[int, int]]] = {}
        for number, each in enumerate(frozen.bins):
            if each.pool is Pool.DRAW:
                units = sum(units_of.get(slot, 0) for slot in each.slots)
                self._bins_of_day.setdefault((each.office, each.day), []).append((number, units))
        self.weeks = len({day for _, day in self._day_units}) / DAYS_A_WEEK

    def moves(self, points: int, counters: int) -> tuple[list[_Possible], Moves]:
        """Return all moves within the bounds: points from a pool to the draw, counters from branch to branch."""
        possible: list[_Possible] = []
        changes: list[NDArray[np.int64]] = []
        most: list[int] = []
        for code, office in sorted(self.refs.items()):
            quota = self._quotas.quota_of(office, None)
            for source in SOURCES if quota.unit is Unit.SHARES else ():
                can = min(points, int(quota.of(source) * 100) - LEAST_LEFT)
                if can > 0:
                    possible.append(_Possible(code, source, 0))
                    changes.append(self._a_point(code))
                    most.append(can)
            if office.kind == "branch" and counters:
                for step, can in ((1, counters), (-1, min(counters, self._counters[code] // OFFICE_GIVES))):
                    possible.append(_Possible(code, None, step))
                    changes.append(step * self.a_counter(code))
                    most.append(can)
        moved = np.array([[each.counters for each in possible]], np.int64)
        change = np.array(changes, np.int64).reshape(len(possible), len(self.bins))
        none = np.zeros((0, len(possible)), np.int64)
        return possible, Moves(
            change=change,
            most=np.array(most, np.int64),
            balanced=moved if counters else none,
            bounded=np.maximum(moved, 0) if counters else none,
            at_most=np.array([counters] if counters else [], np.int64),
        )

    def a_counter(self, code: str) -> NDArray[np.int64]:
        """Hundredths of a unit that one more counter adds to each bin of the draw, every day."""

        def added(units: Sequence[int], weekday: int) -> int:
            share = self._quotas.quota_of(self.refs[code], weekday).exact(sum(units))[Pool.DRAW]
            return int(share * 100 * self._block * len(units))

        return self._spread(code, added)

    def _a_point(self, code: str) -> NDArray[np.int64]:
        """Hundredths of a unit that one per cent of each office-day is; days with a row of their own stay."""

        def added(units: Sequence[int], weekday: int) -> int:
            own = self._quotas.scope_of(self.refs[code], weekday).weekday is not None
            return 0 if own else sum(units)

        return self._spread(code, added)

    def _spread(self, code: str, added: Callable[[Sequence[int], int], int]) -> NDArray[np.int64]:
        """Spread what each day gets over its bins, by their slots' units."""
        change = np.zeros(len(self.bins), np.int64)
        for (office, day), bins in self._bins_of_day.items():
            if office != code:
                continue
            amount = added(self._day_units[office, day], day.weekday())
            whole = sum(units for _, units in bins)
            given = 0
            for number, units in bins:
                change[number] = amount * units // max(1, whole)
                given += int(change[number])
            change[bins[-1][0]] += amount - given
        return change

    def counter_prices(self, problem: Problem, plan: Plan) -> list[Json]:
        """Return how many more people a week one more counter would serve, by the draw's duals; most first.

        A unit more of a bin that has a price serves one unit more of somebody, whatever their priority weighs. A price
        holds for the next unit, so no more is claimed than people wait for the office.
        """
        if plan.mechanism is not Mechanism.EXCHANGE:
            return []
        wanted = shadow_prices(problem, plan)["price"].to_numpy() > 0
        waiting = shadow_prices(problem, plan, group=self.of_bin)["waiting"]
        people_a_unit = plan.served_people / max(1, plan.served_units)
        people = {}
        for code in sorted(self.refs):
            worth = float(self.a_counter(code)[wanted].sum()) / 100 * people_a_unit
            most = float(waiting.get(code, 0)) * people_a_unit
            people[code] = round(min(worth, most) / self.weeks, 1)
        most_first = sorted((-count, code) for code, count in people.items() if count > 0)
        return [{"office": code, "people": -count} for count, code in most_first]


def _applied(
    quotas: QuotaTable, offices: Mapping[str, OfficeRef], taken: Sequence[tuple[_Possible, int]]
) -> tuple[QuotaTable, dict[str, int]]:
    """Return the table and the counters with the moves made."""
    counters: dict[str, int] = {}
    for move, steps in taken:
        if move.source is None:
            counters[move.office] = counters.get(move.office, 0) + move.counters * steps
            continue
        old = quotas.quota_of(offices[move.office], None)
        values = dict(zip(ORDER, old.values, strict=True))
        values[move.source] -= Decimal(steps) / 100
        values[Pool.DRAW] += Decimal(steps) / 100
        quotas = quotas.with_row(Scope(Level.OFFICE, move.office), replace(old, values=tuple(values.values())))
    return quotas, {code: count for code, count in counters.items() if count}


def _moves(taken: Sequence[tuple[_Possible, int]], offices: _Offices, problem: Problem, plan: Plan) -> list[Json]:
    """Return each move with its reason: who waits for the office, and how full its draw places are."""
    used = problem.used(plan.bin_of_request)
    code_of = np.array(offices.of_bin, np.str_)
    unserved = plan.bin_of_request < 0
    moves = []
    for move, steps in taken:
        mine = code_of == move.office
        waits = np.zeros(problem.requests, np.bool_)
        waits[problem.pair_request[mine[problem.pair_bin]]] = True
        moves.append(
            {
                "office": move.office,
                "source": None if move.source is None else move.source.value,
                "steps": steps * (move.counters or 1),
                "waiting": told(problem.party[waits & unserved].sum()),
                "places": int(problem.places[mine].sum()),
                "used": int(used[mine].sum()),
            }
        )
    return moves
