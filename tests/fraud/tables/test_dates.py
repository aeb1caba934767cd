from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fraud.tables import TableError
from fraud.tables.cells import cleaned
from fraud.tables.dates import read_dates
from fraud.tables.moments import read_bound, read_moments

DAY = (datetime(2016, 5, 3, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).days
EVENING = DAY + (18 * 60 + 38) / 1440


def days(*cells):
    return read_dates(cleaned(pd.Series(list(cells), dtype=object)))


@pytest.mark.parametrize(
    "cell",
    [
        *("2016-05-03", "2016/5/3", "2016.05.03", "03/05/2016", "3.5.16", "3-May-2016", "3 May 16", "May 3, 2016"),
        *("3rd May 2016", "Tue, 3 May 2016", "2016-May-03", "٢٠١٦-٠٥-٠٣", "3 أيار 2016", "٣ مايو ٢٠١٦"),
    ],
)
def test_a_day_is_read_as_people_write_it(cell):
    assert days(cell)[0] == DAY


@pytest.mark.parametrize(
    "cell",
    [
        *("2016-05-03T18:38:00Z", "2016-05-03 18:38", "2016-05-03T21:38:00+03:00", "2016-05-03 13:38:00-0500"),
        *("03/05/2016 6:38 PM", "03/05/2016 06:38 م", "Tue May 03 18:38:00 2016", "Tue, 3 May 2016 18:38:00 +0000"),
        *("May 3, 2016 at 6:38 PM", "3 May 2016 21:38 +03:00", "2016-05-03 18:38:00 UTC"),
    ],
)
def test_an_instant_is_read_in_utc(cell):
    assert days(cell)[0] == pytest.approx(EVENING, abs=1e-9)


@pytest.mark.parametrize("cell", ["2016-02-30", "32/01/2016", "12:30", "3.5", "1234", "May", "hello 3", "", "1.2.3.4"])
def test_text_that_is_not_a_date_becomes_missing(cell):
    assert np.isnan(days(cell)[0])


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)), st.integers(-12, 12))  # noqa: DTZ001
def test_every_instant_is_read_with_every_offset(instant, hours):
    local = instant + timedelta(hours=hours)
    expected = (instant - datetime(1970, 1, 1)) / timedelta(days=1)  # noqa: DTZ001
    for form in ("%Y-%m-%dT%H:%M:%S.%f", "%d %b %Y %H:%M:%S.%f"):
        found = days(f"{local.strftime(form)}{hours:+03d}:00")[0]
        assert found == pytest.approx(expected, abs=1e-9)


@given(st.text())
def test_no_text_is_too_odd(text):
    assert len(days(text)) == 1


def moments(**columns):
    frame = pd.DataFrame({name: cleaned(pd.Series(cells, dtype=object)) for name, cells in columns.items()})
    return read_moments(frame, list(columns))


def test_the_day_stands_first_unless_a_date_shows_otherwise():
    assert moments(d=["03/04/2016", "13/04/2016"]).told(moments(d=["03/04/2016", "13/04/2016"]).when[0]) == "2016-04-03"
    assert moments(d=["03/04/2016", "03/31/2016"]).told(moments(d=["03/04/2016", "03/31/2016"]).when[0]) == "2016-03-04"
    assert moments(d=["03/04/2016"]).notes == ("d: dates were read as day/month/year; no date shows otherwise",)


def test_years_of_two_digits_are_reported_as_they_might_stand_first():
    assert "d: the last two digits of dates" in moments(d=["16-04-25", "2016-05-25"]).notes[0]
    assert not moments(d=["25-04-2016", "2016-05-25"]).notes


@pytest.mark.parametrize(
    "cell",
    ["2016-04-25T10:00:00+25:00", "25.04.2016 10:00 +99:99", "25.04.2016 10:00 -05:75", "2016-04-25 10:00:00-1500"],
)
def test_a_time_with_an_offset_that_no_clock_has_is_not_a_date(cell):
    assert np.isnan(read_dates(pd.Series([cell], dtype=object))[0])


def test_a_time_whose_dates_stand_in_two_orders_is_refused_and_both_are_named():
    with pytest.raises(TableError, match=r"row 2 .*“13/04/2016”.* row 4 .*“04/25/2016”"):
        moments(when=["03/04/2016", "13/04/2016", "05/06/2016", "04/25/2016"])
    with pytest.raises(TableError, match="two orders"):
        moments(when=["13/04/2016", "14/04/2016", "15/04/2016", "04/25/2016"])


def test_no_cell_is_read_in_another_order_than_its_column():
    assert np.isnan(read_dates(pd.Series(["04/25/2016"]), day_first=True)).all()
    assert np.isnan(read_dates(pd.Series(["25/04/2016"]), day_first=False)).all()


@pytest.mark.parametrize(
    "columns",
    [
        {"year": ["2016"], "month": ["May"], "day": ["3"]},
        {"arrival_date_day_of_month": ["3"], "arrival_date_month": ["5.0"], "arrival_date_year": ["2016"]},
        {"a": ["3"], "b": ["أيار"], "c": ["2016"]},
        {"سنة": ["2016"], "شهر": ["5"], "يوم": ["3"]},
    ],
)
def test_a_day_may_be_spread_over_columns(columns):
    assert moments(**columns).when[0] == DAY


def test_a_time_of_day_may_have_a_column_of_its_own():
    assert moments(d=["03/05/2016"], t=["18:38"]).when[0] == pytest.approx(EVENING)
    assert moments(t=["6:38 PM"], d=["2016-05-03"]).when[0] == pytest.approx(EVENING)
    assert moments(date=["2016-05-03"], hour=["12"]).when[0] == DAY + 0.5


def test_unix_time_and_digits_are_dates_other_numbers_only_an_order():
    seconds = DAY * 86_400
    for unit in (1, 1000, 10**6):
        assert moments(t=[str(seconds * unit)]).when[0] == DAY
    assert moments(t=["20160503"]).when[0] == DAY
    assert moments(t=["20160503120000"]).when[0] == DAY + 0.5
    steps = moments(t=["17", "3"])
    assert not steps.dated
    assert steps.when.tolist() == [17, 3]
    assert read_bound("5", steps) == 5


def test_the_column_and_the_first_bad_row_are_named():
    with pytest.raises(TableError, match=r"time “when” .* in row 2: “soon”"):
        moments(when=["2016-05-03", "soon", "later", "never", "2016-05-04"])
    with pytest.raises(TableError, match="year and a month are needed"):
        moments(month=["5"], day=["3"])
