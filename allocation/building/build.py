"""From tables to a problem, and from a plan back to a timetable; docs/build.md describes every column."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from allocation.building.acceptable import REASONS, acceptable
from allocation.building.asking import (
    labels_of,
    line_of,
    offered,
    read_offices,
    read_pools,
    read_requests,
    read_wishes,
    requests_table,
)
from allocation.building.bins import Bins, bins_of_capacity, bins_of_slots
from allocation.plan import Plan
from allocation.problem import MAX_PARTY, NEUTRAL, Problem
from allocation.timetable import place_in_slots

_SMALL: Final = int(np.iinfo(np.int16).max)


@dataclass(frozen=True, eq=False)
class Built:
    """A problem, and what its numbers stand for.

    Parameters
    ----------
    problem
        What to solve. Its requests are the rows of the requests frame.
    requests
        The requests' labels, in that order.
    bins
        A row for each bin of the problem: office, day, band, pool, start of its first slot, places.
    hopeless
        For each label why no plan can serve the request (text, categorical); missing where one may.
    """

    problem: Problem
    requests: "pd.Index[Any]"
    bins: pd.DataFrame
    hopeless: "pd.Series[Any]"
    _bins: Bins

    def timetable(self, plan: Plan) -> pd.DataFrame:
        """Seat each served request in touching slots of its bin, those of one bin in line order.

        Returns
        -------
        pandas.DataFrame
            A row for each slot that a request uses, by request and time: request, office, day, band, pool, start
            (of that slot, where starts were given), units (that it takes there), and counter (the first of as many
            neighbouring free places of the slot, from 0). One served without slots has one row.

        Raises
        ------
        ValueError
            The plan is not one of this problem, or fills a bin beyond its places.
        """
        problem, bins = self.problem, self._bins
        if plan.bin_of_request.size != problem.requests or plan.bin_of_request.max(initial=-1) >= problem.bins:
            raise ValueError("plan: it is of another problem")
        served = np.flatnonzero(plan.bin_of_request >= 0)
        left = problem.places - problem.used(plan.bin_of_request)
        if left.min(initial=0) < 0:
            raise ValueError(f"plan: bin {int(np.argmin(left))} holds more than its places")
        # what is left of a bin stands at its end, so that all bins are filled in one go
        idle = np.flatnonzero(left)
        request = np.concatenate((served, np.full(idle.size, -1)))
        place = np.concatenate((plan.bin_of_request[served].astype(np.int64), idle))
        turn = np.concatenate((problem.order[served], np.full(idle.size, problem.requests)))
        units = np.concatenate((problem.units[served], left[idle]))
        rows = np.lexsort((turn, place))
        seats = place_in_slots(bins.slot_places, units[rows])
        lengths = np.diff(seats.starts)
        seated = np.repeat(rows, lengths)
        slot = np.arange(seated.size) + np.repeat(seats.first - seats.starts[:-1], lengths)
        counter = np.cumsum(seats.units) - seats.units - (np.cumsum(bins.slot_places) - bins.slot_places)[slot]
        kept = np.flatnonzero(request[seated] >= 0)
        kept = kept[np.lexsort((slot[kept], request[seated[kept]]))]
        table = bins.described(place[seated[kept]], bins.slot_start[slot[kept]])
        table.insert(0, "request", self.requests.take(request[seated[kept]]))
        return table.assign(units=seats.units[kept], counter=counter[kept])


def build(
    requests: pd.DataFrame,
    wishes: pd.DataFrame,
    *,
    slots: pd.DataFrame | None = None,
    capacity: pd.DataFrame | None = None,
    offices: pd.DataFrame | None = None,
    pools: pd.DataFrame | None = None,
    strict: bool = False,
) -> Built:
    """Turn tables of requests and free places into a problem; a million requests take some seconds.

    Days are dates, datetimes without a time zone, or whole numbers (of days since 1970-01-01); all frames' alike.
    Labels (request, office, band, pool, kind) are texts or numbers. The order of rows changes nothing but the
    numbers of requests (and of bins, for ``capacity``).

    Parameters
    ----------
    requests
        party: 1 … 127 people. Optional: request (label; the row), units (of all its people together; party),
        first_day, last_day (missing = open), weekdays (bits, 1 = Monday … 64 = Sunday; 127), bands (names with commas
        between them; missing = any), needed_by (missing = never), kind (who may use which pool), accessible (needs an
        accessible office; False), tier (0 … 32767, higher goes first; 0), position (in line; whole numbers, each once;
        within a tier the lower goes first; the row), compensation (per mille, 1000 … 32767; 1000).
    wishes
        A row for each office that a request accepts: request, office, rank (0 … 127, 0 = first choice).
    slots
        office, day, start (minute of the day, or number of the slot), places (free units). Optional: length (as start;
        1), band ("any"), pool ("general"). Touching slots with places of one office, day, band and pool become one bin.
    capacity
        Instead of slots: office, day, places; a row is a bin. Optional: band, pool, and start, by which the bands of a
        day are in order (else by row).
    offices
        office; optional: accessible (True). Default: those that have places, all of them accessible.
    pools
        pool, kind (missing = every kind). Optional: cost (0 or 1: use it when cheaper ones do no better; 0). A row for
        one kind overrides the one for every kind. A pool without a row is closed to all, but for "general", which
        is then open to all.
    strict
        Leave out pairs after ``needed_by`` instead of marking them late.

    Returns
    -------
    Built
        The problem and the way back. Inside a rank an earlier day costs less, then an earlier band, then a
        pool of cost 0.

    Raises
    ------
    ValueError
        Names the frame, the column and the first bad row. A request that nothing can serve is not an error, see
        ``Built.hopeless``.
    """
    known, accessible = (None, None) if offices is None else read_offices(offices)
    if slots is not None and capacity is None:
        bins = bins_of_slots(slots, known)
    elif capacity is not None and slots is None:
        bins = bins_of_capacity(capacity, known)
    else:
        raise ValueError("slots, capacity: expected one of the two")
    if accessible is None:
        accessible = np.ones(bins.labels.offices.size, np.bool_)
    kinds, pool_cost = read_pools(pools, bins.labels.pools)

    table = requests_table(requests)
    labels = labels_of(table)
    party = table.integers("party", 1, MAX_PARTY)
    tier = table.integers("tier", 0, _SMALL, default=0)
    asked = read_requests(table, bins, kinds, party, strict=strict)
    pairs, reason = acceptable(
        asked, read_wishes(wishes, labels, bins.labels.offices), offered(bins, accessible, pool_cost)
    )
    columns: dict[str, NDArray[Any]] = {
        "party": party,
        "units": asked.units,
        "tier": tier,
        "compensation": table.integers("compensation", NEUTRAL, _SMALL, default=NEUTRAL),
        "order": line_of(table, tier),
        "places": bins.places,
    }
    columns |= {f"pair_{name}": column for name, column in pairs._asdict().items()}
    reasons = pd.Categorical.from_codes(reason, pd.Index(REASONS)).remove_unused_categories()
    hopeless = pd.Series(reasons, labels, name="hopeless")
    return Built(Problem(**columns), labels, bins.frame(), hopeless, bins)
