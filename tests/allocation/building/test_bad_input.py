from typing import Any

import numpy as np
import pandas as pd
import pytest

from allocation.building.build import build

GOOD: dict[str, pd.DataFrame] = {
    "requests": pd.DataFrame({"request": ["x", "y"], "party": [1, 2]}),
    "wishes": pd.DataFrame({"request": ["x", "y"], "office": ["a", "b"], "rank": [0, 0]}),
    "slots": pd.DataFrame({"office": ["a", "b"], "day": [0, 1], "start": [0, 0], "places": [1, 2]}),
    "capacity": pd.DataFrame({"office": ["a", "b"], "day": [0, 1], "places": [1, 2]}),
    "offices": pd.DataFrame({"office": ["a", "b"]}),
    "pools": pd.DataFrame({"pool": ["general", "own"], "kind": [None, "x"]}),
}


def built_with(frame: str, **columns: Any) -> None:
    frames = dict(GOOD)
    del frames["slots" if frame == "capacity" else "capacity"]
    build(**(frames | {frame: GOOD[frame].assign(**columns)}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("frame", "column", "values", "message"),
    [
        ("requests", "party", [1, 0], "row 1 is 0, expected 1 to 127"),
        ("requests", "party", [1, 128], "row 1 is 128, expected 1 to 127"),
        ("requests", "party", [np.nan, 1], "row 0 is missing"),
        ("requests", "party", [1, 1.5], "row 1 is 1.5, expected a whole number"),
        ("requests", "party", [1, "two"], "row 1 is two, expected a whole number"),
        ("requests", "party", [1, np.inf], "row 1 is inf, expected a whole number"),
        ("requests", "units", [0, 1], "row 0 is 0, expected 1 to 32767"),
        ("requests", "units", np.array([1, 1 << 63], np.uint64), "row 1 is 9223372036854775808, which is too large"),
        ("requests", "request", ["x", "x"], "row 1 is x, as an earlier row"),
        ("requests", "request", ["x", None], "row 1 is missing"),
        ("requests", "first_day", ["2026-11-08", "tomorrow"], "row 1 is tomorrow, expected a day"),
        ("requests", "first_day", ["2026-11-08", 3], "row 1 is 3, expected a day"),
        ("requests", "first_day", [True, False], "row 0 is True, expected a day"),
        ("requests", "last_day", [0, 1 << 40], f"row 1 is {1 << 40}, expected a day"),
        ("requests", "first_day", ["2026-11-08", "2026-11-09"], "dates and numbers of days are mixed"),
        ("requests", "weekdays", [127, 128], "row 1 is 128, expected 0 to 127"),
        ("requests", "accessible", [True, 2], "row 1 is 2, expected true or false"),
        ("requests", "accessible", [True, None], "row 1 is missing"),
        ("requests", "tier", [-1, 0], "row 0 is -1, expected 0 to 32767"),
        ("requests", "position", [4, 4], "row 1 repeats an earlier row"),
        ("requests", "compensation", [1000, 999], "row 1 is 999, expected 1000 to 32767"),
        ("wishes", "request", ["x", "z"], "row 1 is z, there is no such request"),
        ("wishes", "office", ["a", "z"], "row 1 is z, there is no such office"),
        ("wishes", "office", [None, "a"], "row 0 is missing"),
        ("wishes", "rank", [0, 128], "row 1 is 128, expected 0 to 127"),
        ("slots", "office", ["a", "z"], "row 1 is z, there is no such office"),
        ("slots", "day", [0, None], "row 1 is missing"),
        ("slots", "places", [1, -1], "row 1 is -1, expected 0 to 2147483647"),
        ("slots", "start", [0, np.nan], "row 1 is missing"),
        ("slots", "length", [1, 0], "row 1 is 0, expected 1 to 2147483647"),
        ("slots", "pool", ["general", None], "row 1 is missing"),
        ("capacity", "places", [1, 1 << 31], "row 1 is 2147483648, expected 0 to 2147483647"),
        ("offices", "office", ["a", "a"], "row 1 is a, as an earlier row"),
        ("offices", "accessible", ["yes", "no"], "row 0 is yes, expected true or false"),
        ("pools", "cost", [0, 2], "row 1 is 2, expected 0 to 1"),
        ("pools", "pool", ["own", None], "row 1 is missing"),
    ],
)
def test_a_bad_value_is_refused_with_its_frame_column_and_row(
    frame: str, column: str, values: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=f"^{frame}: {column}: {message}"):
        built_with(frame, **{column: values})


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ("requests", "requests: request: row 1 is x, as an earlier row"),
        ("wishes", "wishes: office: row 1 repeats an earlier row"),
        ("slots", "slots: start: row 1 overlaps another slot of its office, day, band and pool"),
        ("capacity", "capacity: office: row 1 repeats an earlier row"),
        ("offices", "offices: office: row 1 is a, as an earlier row"),
        ("pools", "pools: pool: row 1 repeats an earlier row"),
    ],
)
def test_a_repeated_row_is_refused(frame: str, message: str) -> None:
    first = {name: [value, value] for name, value in GOOD[frame].iloc[0].items()}

    with pytest.raises(ValueError, match=f"^{message}"):
        built_with(frame, **first)


@pytest.mark.parametrize(
    ("frame", "column", "message"),
    [
        ("requests", "prty", "requests: unknown column 'prty', expected party, request, units"),
        ("wishes", "city", "wishes: unknown column 'city', expected request, office, rank"),
    ],
)
def test_an_unknown_column_is_refused_as_it_may_be_misspelt(frame: str, column: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        built_with(frame, **{column: [1, 2]})


@pytest.mark.parametrize(
    ("frame", "column"), [("requests", "party"), ("wishes", "rank"), ("slots", "start"), ("pools", "kind")]
)
def test_a_missing_column_is_named(frame: str, column: str) -> None:
    frames = {name: table for name, table in GOOD.items() if name != "capacity"}

    with pytest.raises(ValueError, match=f"^{frame}: no column '{column}'$"):
        build(**(frames | {frame: GOOD[frame].drop(columns=column)}))  # type: ignore[arg-type]


def test_a_repeated_column_is_refused() -> None:
    twice = pd.concat([GOOD["requests"], GOOD["requests"][["party"]]], axis=1)

    with pytest.raises(ValueError, match=r"^requests: column 'party' is there twice$"):
        build(twice, GOOD["wishes"], capacity=GOOD["capacity"])


def test_a_time_zone_has_no_place_in_a_day() -> None:
    with pytest.raises(ValueError, match=r"^slots: day: days of an office have no time zone"):
        built_with("slots", day=pd.to_datetime(["2026-11-08", "2026-11-09"], utc=True))


def test_either_slots_or_capacity_is_expected() -> None:
    for given in ({}, {"slots": GOOD["slots"], "capacity": GOOD["capacity"]}):
        with pytest.raises(ValueError, match=r"^slots, capacity: expected one of the two"):
            build(GOOD["requests"], GOOD["wishes"], **given)


def test_a_pool_with_places_that_nobody_may_use_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^pools: no row for 'urgent', which has places"):
        built_with("slots", pool=["general", "urgent"])


def test_slots_that_overlap_in_time_are_refused_with_the_row_that_begins_too_early() -> None:
    with pytest.raises(ValueError, match=r"^slots: start: row 0 overlaps"):
        built_with("slots", office="a", day=0, start=[10, 0], length=15)


def test_more_bands_than_one_integer_has_bits_are_refused() -> None:
    capacity = pd.DataFrame({"office": "a", "day": 0, "places": 1, "band": [str(number) for number in range(63)]})

    with pytest.raises(ValueError, match=r"^capacity: band: 63 different ones, expected at most 62"):
        build(GOOD["requests"], GOOD["wishes"], capacity=capacity)
