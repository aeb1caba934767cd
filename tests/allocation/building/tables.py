"""Small tables of requests and places, and a slow independent look at them."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pandas as pd
from hypothesis import strategies as st

from allocation.building.build import Built

SUNDAY = date(2026, 11, 8)
BANDS = ("evening", "morning")


def slots_frame(*rows: tuple[Any, ...], **columns: Any) -> pd.DataFrame:
    """Slots of (office, day, start, places), one unit of time long."""
    return pd.DataFrame(list(rows), columns=["office", "day", "start", "places"]).assign(**columns)


def capacity_frame(*rows: tuple[Any, ...], **columns: Any) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["office", "day", "places"]).assign(**columns)


def wishes_frame(*offices: list[str]) -> pd.DataFrame:
    """Make wishes of each request's list of offices, first choice first."""
    rows = [(row, office, rank) for row, wanted in enumerate(offices) for rank, office in enumerate(wanted)]
    return pd.DataFrame(rows, columns=["request", "office", "rank"])


def people(*party: int, **columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"party": party} | columns)


def pairs_of(built: Built) -> list[tuple[int, int]]:
    problem = built.problem
    return list(zip(problem.pair_request.tolist(), problem.pair_bin.tolist(), strict=True))


@st.composite
def tables(draw: st.DrawFn) -> dict[str, Any]:
    """Everything at once: slots with gaps and holes, windows, weekdays, bands, pools, deadlines."""
    slots = draw(
        st.lists(
            st.tuples(
                st.sampled_from("abc"),
                st.integers(0, 8),
                st.integers(0, 5),
                st.sampled_from(BANDS),
                st.sampled_from(["general", "own"]),
                st.integers(0, 3),
            ),
            max_size=25,
            unique_by=lambda slot: slot[:5],
        )
    )
    n = draw(st.integers(0, 7))
    open_day = st.none() | st.integers(-2, 10)
    columns = {
        "party": st.integers(1, 3),
        "first_day": open_day,
        "last_day": open_day,
        "needed_by": open_day,
        "weekdays": st.sampled_from([127, 127, 0b1000001, 0]),
        "bands": st.sampled_from([None, "morning", "evening,morning", "night", ""]),
        "kind": st.sampled_from([None, "x", "y"]),
        "accessible": st.booleans(),
    }
    lists = {name: draw(st.lists(values, min_size=n, max_size=n)) for name, values in columns.items()}
    wishes = [draw(st.lists(st.sampled_from("abcd"), max_size=3, unique=True)) for _ in range(n)]
    return {
        "requests": pd.DataFrame(lists),
        "wishes": wishes_frame(*wishes),
        "slots": pd.DataFrame(slots, columns=["office", "day", "start", "band", "pool", "places"]),
        "offices": pd.DataFrame({"office": list("abcd"), "accessible": [True, False, True, True]}),
        "pools": pd.DataFrame({"pool": ["own"], "kind": ["x"]}),
        "strict": draw(st.booleans()),
    }


def slow_pairs(given: dict[str, Any], bins: pd.DataFrame) -> Iterator[tuple[int, int, int, bool, int]]:
    """Say request by request and bin by bin what is acceptable: request, bin, rank, late, day waited."""
    accessible = dict(given["offices"].itertuples(index=False))
    ranks = {(request, office): rank for request, office, rank in given["wishes"].itertuples(index=False)}
    places = bins.to_dict("records")
    horizon = min((place["day"] for place in places), default=0)
    for row, asked in enumerate(given["requests"].to_dict("records")):
        first, last, needed = (
            missing if pd.isna(asked[name]) else asked[name]
            for name, missing in (("first_day", -99), ("last_day", 99), ("needed_by", 99))
        )
        for number, place in enumerate(places):
            office, day = place["office"], place["day"]
            late = day > needed
            if (
                (row, office) in ranks
                and first <= day <= last
                and not (late and given["strict"])
                and asked["weekdays"] >> (day + 3) % 7 & 1
                and (not asked["accessible"] or accessible[office])
                and (pd.isna(asked["bands"]) or place["band"] in asked["bands"].split(","))
                and (place["pool"] == "general" or asked["kind"] == "x")
            ):
                yield row, number, ranks[row, office], late, day - max(first, horizon)
