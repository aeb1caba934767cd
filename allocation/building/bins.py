"""From free places of offices and days to bins: what the places frames hold, in codes."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from allocation.building.frames import Table, sorted_labels

ANY_BAND: Final = "any"
GENERAL: Final = "general"
LAST_TURN: Final = 15
MAX_BANDS: Final = 62
"""Bands of the day are bits of one signed integer."""
_LARGEST: Final = int(np.iinfo(np.int32).max)
_REQUIRED: Final = ("office", "day", "places")


@dataclass(frozen=True, eq=False)
class Labels:
    """What the codes mean: code c of an office is ``offices[c]``, and so on.

    ``dates``: whether days were given as dates rather than as numbers; None without any.
    """

    offices: "pd.Index[Any]"
    bands: "pd.Index[Any]"
    pools: "pd.Index[Any]"
    dates: bool | None


@dataclass(frozen=True, eq=False)
class Bins:
    """m bins of s slots.

    ``office``, ``day`` (since 1970-01-01), ``band``, ``pool``, ``start`` (of the first slot), ``turn`` (0 = the
    first band of its office-day), ``places``: int64 (m,). ``first_slot``: int64 (m + 1,), where the slots of each
    begin; ``slot_start``, ``slot_places``: int64 (s,). ``timed``: whether starts were given at all.
    """

    labels: Labels
    office: NDArray[np.int64]
    day: NDArray[np.int64]
    band: NDArray[np.int64]
    pool: NDArray[np.int64]
    start: NDArray[np.int64]
    turn: NDArray[np.int64]
    places: NDArray[np.int64]
    first_slot: NDArray[np.int64]
    slot_start: NDArray[np.int64]
    slot_places: NDArray[np.int64]
    timed: bool

    def frame(self) -> pd.DataFrame:
        """Return a row for each bin: office, day, band, pool, start (where there is one) and places."""
        return self.described(np.arange(self.places.size), self.start).assign(places=self.places)

    def described(self, rows: NDArray[np.int64], start: NDArray[np.int64]) -> pd.DataFrame:
        """Return office, day, band and pool of some bins, and the starts beside them."""
        day = self.day[rows]
        columns: dict[str, Any] = {
            "office": self.labels.offices.take(self.office[rows]),
            "day": day.astype("datetime64[D]") if self.labels.dates else day,
            "band": self.labels.bands.take(self.band[rows]),
            "pool": self.labels.pools.take(self.pool[rows]),
        }
        return pd.DataFrame(columns | ({"start": start} if self.timed else {}))


def bins_of_slots(frame: pd.DataFrame, offices: "pd.Index[Any] | None" = None) -> Bins:
    """Join touching slots with free places of one office, day, band and pool to one bin each.

    A full slot, or a gap, ends a bin: a party across it would wait in the middle of its visit. Bins are numbered by
    office, day, start and pool, whatever the order of the rows.
    """
    table = Table("slots", frame, (*_REQUIRED, "start"), ("length", "band", "pool"))
    labels, office, day, band, pool, places = _read(table, offices)
    start = table.integers("start", -_LARGEST, _LARGEST)
    length = table.integers("length", 1, _LARGEST, default=1)
    rows = np.lexsort((start, pool, band, day, office))
    office, day, band, pool, start, places = (each[rows] for each in (office, day, band, pool, start, places))
    end = start + length[rows]
    same = np.zeros(rows.size, np.bool_)
    same[1:] = np.all([each[1:] == each[:-1] for each in (office, day, band, pool)], axis=0)
    overlaps = same.copy()
    overlaps[1:] &= start[1:] < end[:-1]
    if overlaps.any():
        table.fail("start", int(rows[overlaps].min()), "overlaps another slot of its office, day, band and pool")
    begins = places > 0
    begins[1:] &= ~(same[1:] & (start[1:] == end[:-1]) & (places[:-1] > 0))
    has_room = places > 0
    run = np.cumsum(begins)[has_room] - 1
    first = np.flatnonzero(begins)
    number = np.lexsort((band[first], pool[first], start[first], day[first], office[first]))
    first = first[number]
    new_number = np.empty_like(number)
    new_number[number] = np.arange(number.size)
    slots = np.argsort(new_number[run], kind="stable")
    return Bins(
        labels=labels,
        office=office[first],
        day=day[first],
        band=band[first],
        pool=pool[first],
        start=start[first],
        turn=_turns(office[first], day[first], band[first], start[first]),
        places=np.bincount(new_number[run], places[has_room], minlength=first.size).astype(np.int64),
        first_slot=np.searchsorted(new_number[run][slots], np.arange(first.size + 1)).astype(np.int64),
        slot_start=start[has_room][slots],
        slot_places=places[has_room][slots],
        timed=True,
    )


def bins_of_capacity(frame: pd.DataFrame, offices: "pd.Index[Any] | None" = None) -> Bins:
    """Take each row as one bin with one slot; a bin's number is its row."""
    table = Table("capacity", frame, _REQUIRED, ("band", "pool", "start"))
    labels, office, day, band, pool, places = _read(table, offices)
    start = table.integers("start", -_LARGEST, _LARGEST, default=0)
    table.distinct("office", office, day, band, pool, start)
    rows = np.arange(table.rows)
    return Bins(
        labels=labels,
        office=office,
        day=day,
        band=band,
        pool=pool,
        start=start,
        turn=_turns(office, day, band, start if table.has("start") else rows),
        places=places,
        first_slot=np.arange(table.rows + 1),
        slot_start=start,
        slot_places=places,
        timed=table.has("start"),
    )


def _read(table: Table, offices: "pd.Index[Any] | None") -> tuple[Any, ...]:
    office, band, pool = (
        table.labels("office"),
        table.labels("band", default=ANY_BAND),
        table.labels("pool", default=GENERAL),
    )
    day, dates = table.days("day")
    labels = Labels(
        offices=sorted_labels(office) if offices is None else offices,
        bands=sorted_labels(band),
        pools=sorted_labels(pool),
        dates=dates,
    )
    if labels.bands.size > MAX_BANDS:
        raise ValueError(f"{table.name}: band: {labels.bands.size} different ones, expected at most {MAX_BANDS}")
    return (
        labels,
        table.codes("office", office, labels.offices, "office"),
        day,
        table.codes("band", band, labels.bands, "band"),
        table.codes("pool", pool, labels.pools, "pool"),
        table.integers("places", 0, _LARGEST),
    )


def _turns(
    office: NDArray[np.int64], day: NDArray[np.int64], band: NDArray[np.int64], start: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Count the bands of each office-day in time, from 0, by their first start; no higher than LAST_TURN."""
    rows = np.lexsort((start, band, day, office))
    leads = np.ones(rows.size, np.bool_)
    leads[1:] = np.any([each[rows][1:] != each[rows][:-1] for each in (office, day, band)], axis=0)
    group = np.cumsum(leads) - 1
    # one row for each band of an office-day, the earliest; then those in the order of time
    first = rows[leads]
    order = np.lexsort((band[first], start[first], day[first], office[first]))
    office_day = np.ones(first.size, np.bool_)
    office_day[1:] = np.any([each[first][order][1:] != each[first][order][:-1] for each in (office, day)], axis=0)
    position = np.arange(first.size)
    turn = np.empty(first.size, np.int64)
    turn[order] = position - np.maximum.accumulate(np.where(office_day, position, 0))
    result = np.empty(rows.size, np.int64)
    result[rows] = turn[group]
    return np.minimum(result, LAST_TURN)
