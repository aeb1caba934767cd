"""The draw itself: from frozen files and the seed to who sits in which slots. Pure: the same on every run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from allocation import Mechanism, Plan, Problem, Progress, certify, in_line_order, place_in_slots, solve
from allocation.compensate import compensated
from booking.scheduling.draws import formats
from booking.scheduling.draws.csv_tables import generation_of, hidden, write_csv
from booking.scheduling.draws.figures import figures
from booking.scheduling.draws.files import CERTIFICATE, PLAN, REPORT, Bin, Frozen, Seat
from booking.scheduling.draws.problem import build_problem, line_order
from booking.scheduling.draws.wishes import come_together

PLAN_COLUMNS: Final = ("leaf", "position", "bin", "first_slot", "units")
SALTED_PLAN: Final = (*PLAN_COLUMNS, "salt")
"""The columns where the plan is hidden: without the salts, whoever guesses it would know its SHA-256."""
_TOTALS: Final = (
    "mechanism",
    "status",
    "served_requests",
    "served_people",
    "served_units",
    "objective",
    "bound",
)


@dataclass(frozen=True, eq=False)
class Decision:
    """Everything that a draw decides; ``rank``: int8 (n,), of the office given, -1 where not served."""

    frozen: Frozen
    problem: Problem
    plan: Plan
    seats: Sequence[Seat]
    rank: NDArray[np.int8]

    def totals(self) -> dict[str, Any]:
        """Sum the plan up as certificate.json states it."""
        return {name: getattr(self.plan, name) for name in _TOTALS}

    @cached_property
    def figures(self) -> Mapping[str, Any]:
        """Sum the draw up in the figures of report.json."""
        return figures(self.frozen, self.plan.bin_of_request, self.totals())

    def result_files(self, frozen_files: Mapping[str, bytes]) -> dict[str, bytes]:
        """Write the plan, the report and the certificate, which holds the hashes of all others."""
        results = {PLAN: self.plan_file(), REPORT: formats.write_json(self.figures)}
        return results | {CERTIFICATE: self.certificate_file(dict(frozen_files) | results)}

    def plan_file(self, salts: Sequence[bytes] | None = None) -> bytes:
        """Write plan.csv: a row for each leaf, with empty fields where it has no place, and with the leaves' salts."""
        rows = (
            (leaf, position, number, seat[0][0], formats.words(units for _, units in seat))
            if seat
            else (leaf, position, "", "", "")
            for leaf, (position, number, seat) in enumerate(
                zip(self.problem.order.tolist(), self.plan.bin_of_request.tolist(), self.seats, strict=True)
            )
        )
        if salts is None:
            return write_csv(PLAN_COLUMNS, rows)
        return write_csv(SALTED_PLAN, ((*row, salt.hex()) for row, salt in zip(rows, salts, strict=True)))

    def certificate_file(self, others: Mapping[str, bytes]) -> bytes:
        """Write certificate.json: the proof of the plan, its totals, and the hashes of the ``others``."""
        content: dict[str, Any] = {
            "certificate": certify(self.problem, self.plan, hidden=hidden(self.frozen.facts)).to_dict(),
            "plan": self.totals(),
            "files": {name: formats.digest(content) for name, content in others.items()},
        }
        return formats.write_json(content | {"sha256": formats.digest(formats.write_json(content))})


def decide(frozen: Frozen, seed: bytes, *, workers: int = 1) -> Decision:
    """Draw: put everyone in line, make the plan, and seat each party in touching slots.

    Parameters
    ----------
    frozen
        What was fixed at closing.
    seed
        The committed seed.
    workers
        Threads of the solver; they do not change the result.
    """
    return decided(frozen, problem_of(frozen, seed), workers=workers)


def decided(frozen: Frozen, problem: Problem, *, workers: int = 1) -> Decision:
    """Make the plan of the problem that frozen files and seed give, let households meet, and seat each party."""
    plan = come_together(frozen, problem, plan_of(frozen, problem, workers=workers))
    return Decision(frozen, problem, plan, _seats(problem, plan, frozen.bins), _ranks(problem, plan))


def plan_of(
    frozen: Frozen, problem: Problem, *, workers: int = 1, on_progress: Callable[[Progress], bool] | None = None
) -> Plan:
    """Make the plan by the draw's mechanism; ``on_progress`` is told how far the search is and may stop it."""
    if frozen.mechanism is Mechanism.IN_LINE:
        return in_line_order(problem)
    seconds, generation = frozen.facts["solver_seconds"], generation_of(frozen.facts)
    return solve(problem, seconds=seconds, workers=workers, on_progress=on_progress, generation=generation)


def problem_of(frozen: Frozen, seed: bytes) -> Problem:
    """Put everyone in line and say which bins they accept, and what a unit of theirs weighs.

    Raises
    ------
    ValueError
        Requests and free places give no problem.
    """
    order = line_order(frozen.asked.line, seed, frozen.joined)
    problem = build_problem(frozen.asked, frozen.bins, order)
    return compensated(problem, frozen.compensation) if frozen.compensation else problem


def _seats(problem: Problem, plan: Plan, bins: Sequence[Bin]) -> list[Seat]:
    """Seat the requests of each bin in line order, each where the one before it ended."""
    seats: list[Seat] = [()] * problem.requests
    served = np.flatnonzero(plan.bin_of_request >= 0)
    served = served[np.lexsort((problem.order[served], plan.bin_of_request[served]))]
    numbers, firsts, counts = np.unique(plan.bin_of_request[served], return_index=True, return_counts=True)
    for number, first_row, count in zip(numbers.tolist(), firsts.tolist(), counts.tolist(), strict=True):
        requests = served[first_row : first_row + count]
        each = bins[number]
        placed = place_in_slots(each.free, problem.units[requests])
        for row, request in enumerate(requests.tolist()):
            first, units = placed.of(row)
            seats[request] = tuple(zip(each.slots[first : first + len(units)], units, strict=True))
    return seats


def _ranks(problem: Problem, plan: Plan) -> NDArray[np.int8]:
    rank = np.full(problem.requests, -1, np.int8)
    chosen = plan.bin_of_request[problem.pair_request] == problem.pair_bin
    rank[problem.pair_request[chosen]] = problem.pair_rank[chosen]
    return rank
