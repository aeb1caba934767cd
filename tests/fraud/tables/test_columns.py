import numpy as np
import pandas as pd
import pytest

from fraud.tables.cells import cleaned
from fraud.tables.columns import Held, Kind
from fraud.tables.names import find_column
from fraud.tables.recognising import kind_of, plain_kind

N = 1000
RANDOM = np.random.default_rng(1)
AT = 19_000 + np.sort(RANDOM.uniform(0, 300, N))
DAYS = pd.to_datetime(AT, unit="D")
SOME = RANDOM.integers(0, 400, N)
SHUFFLED = RANDOM.permutation(N)
LUCK = RANDOM.random(N) < 0.3


def column_of(name, cells, *, at=AT, labels=LUCK):
    held = Held(cleaned(pd.Series(np.asarray(cells, dtype=object), name=name)))
    known = np.ones(len(at), dtype=bool)
    return plain_kind(held) or kind_of(held, at=at, dated=True, labels=labels, known=known)


@pytest.mark.parametrize(
    ("name", "cells", "kind"),
    [
        ("amount", RANDOM.normal(size=N), Kind.NUMBER),
        ("age", RANDOM.integers(18, 90, N), Kind.NUMBER),
        ("income", RANDOM.integers(0, 10**9, N), Kind.NUMBER),
        ("lead_time", SOME, Kind.NUMBER),
        ("number_of_visits", SOME, Kind.NUMBER),
        ("paid", SOME % 2, Kind.NUMBER),
        ("months_as_customer", SOME, Kind.NUMBER),
        ("YearsWithCompany", SOME % 40, Kind.NUMBER),
        ("income_of_customer", SHUFFLED * 97 + 20_000, Kind.NUMBER),
        ("old_customer", SOME, Kind.NUMBER),
        ("عدد زيارات المريض", SOME, Kind.NUMBER),
        ("customer", SOME, Kind.KEY),
        ("referring_patient", SOME + 70_000, Kind.KEY),
        ("sender_account", SOME * 7919, Kind.KEY),
        ("mixed", np.where(SOME % 10 == 0, "unknown", SOME.astype(str)), Kind.NUMBER),
        ("city", np.array(["a", "b", "c", ""])[SOME % 4], Kind.CATEGORY),
        ("agent", SOME, Kind.CATEGORY),
        ("address", [f"10.0.{one % 7}.{one % 3}" for one in SOME], Kind.CATEGORY),
        ("seen", np.where(SOME % 2 == 0, "yes", ""), Kind.CATEGORY),
        ("day", DAYS.strftime("%d/%m/%Y"), Kind.DATE),
        ("paid_at", DAYS.astype("datetime64[s]").astype(np.int64), Kind.DATE),
        ("born", [f"19{40 + one % 60}0{1 + one % 9}{10 + one % 18}" for one in SOME], Kind.DATE),
        ("PatientId", SOME * 7919 + 0.5, Kind.KEY),
        ("customer_id", SOME, Kind.KEY),
        ("رقم الهاتف", [f"09{one:08d}" for one in SOME], Kind.KEY),
        ("AppointmentID", SHUFFLED * 31, Kind.IDENTIFIER),
        ("row", SHUFFLED, Kind.IDENTIFIER),
        ("token", [f"x{one:016x}" for one in SHUFFLED], Kind.IDENTIFIER),
        ("empty", [""] * N, Kind.CONSTANT),
        ("same", ["x"] * N, Kind.CONSTANT),
        ("week", np.arange(N) // 25, Kind.RUNNING),
        ("month", DAYS.month, Kind.RUNNING),
        ("note", [f"he said {one} things to {one % 7} of us" for one in SHUFFLED], Kind.TEXT),
    ],
)
def test_the_kind_of_a_column_is_recognised(name, cells, kind):
    assert column_of(name, cells).kind is kind


def test_a_month_is_a_number_where_the_rows_saw_every_season_twice():
    years = 18_000 + np.sort(RANDOM.uniform(0, 900, N))
    assert column_of("month", pd.to_datetime(years, unit="D").month, at=years).kind is Kind.NUMBER


MANY = 20_000
SPREAD = 19_000 + np.sort(RANDOM.uniform(0, 300, MANY))


def outcomes(rates):
    return RANDOM.random(MANY) < np.asarray(rates)


@pytest.mark.parametrize(
    ("name", "rows", "rates"),
    [
        ("spaces", [18_000, 1_980, 16, 2, 2], [0.28, 0, 0, 0, 0]),
        ("cancellations", [17_600, 1_800, 400, 100, 100], [0.24, 0.8, 0.3, 0.25, 0.1]),
    ],
)
def test_a_count_is_a_number_though_none_of_it_is_unlike_some_of_it(name, rows, rates):
    place = RANDOM.permutation(np.repeat(np.arange(5), rows))
    column = column_of(name, np.array([0, 1, 2, 3, 8])[place], at=SPREAD, labels=outcomes(np.array(rates)[place]))
    assert column.kind is Kind.NUMBER
    assert "are 0" in column.why


def test_more_codes_than_trees_take_are_told_from_amounts_by_their_outcomes():
    codes = RANDOM.integers(1, 401, MANY)
    labels = outcomes(RANDOM.choice([0.1, 0.5], 401)[codes])
    assert column_of("desk", codes, at=SPREAD, labels=labels).kind is Kind.CATEGORY


def test_codes_that_tell_a_season_seen_once_are_left_out_as_amounts_are():
    weeks = ((SPREAD - SPREAD[0]) // 7).astype(int) + 100
    assert column_of("w", weeks, at=SPREAD, labels=outcomes(RANDOM.choice([0.1, 0.6], 200)[weeks])).kind is Kind.RUNNING


@pytest.mark.parametrize("asked", ["No-show", "no_show", "NO SHOW", "noshow"])
def test_a_column_is_found_however_its_name_is_typed(asked):
    assert find_column(pd.DataFrame(columns=["x", "No-show"]), asked) == "No-show"
