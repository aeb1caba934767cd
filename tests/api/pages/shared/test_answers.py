"""Days as forms bring them: a day from which days can be counted on, in whichever way it is written."""

from datetime import date

import pytest

from api.pages.shared.answers import read_day
from booking.base.errors import FieldError


@pytest.mark.parametrize("text", ["2026-11-01", "1/11/2026", "٢٠٢٦-١١-٠١", " 01.11.2026 "])
def test_a_day_is_read_however_it_is_written(text):
    assert read_day("day", text) == date(2026, 11, 1)


@pytest.mark.parametrize("text", ["9999-12-31", "0001-01-01", "1899-12-31", "2026-02-30", "2026-11", "9" * 400, "x"])
def test_a_day_that_is_none_or_at_the_end_of_all_days_is_refused(text):
    with pytest.raises(FieldError, match="unreadable"):
        read_day("day", text)
