"""Days as forms bring them: a day from which days can be counted on, in whichever way it is written."""

from datetime import date

import pytest

from api.pages.shared.answers import read_day
from booking.platform.base.errors import FieldError


@pytest.mark.parametrize("text", ["2026-11-01", "1/11/2026", "٢٠٢٦-١١-٠١", " 01.11.2026 "])
def test_a_day_is_read_however_it_is_written(text):
    assert read_day("day", text) == date(2026, 11, 1)


FAR = ("9999-12-31", "0001-01-01", "1899-12-31", "2200-01-01", "31/12/1899")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        *((text, "other_years") for text in FAR),
        *((text, "unreadable") for text in ("2026-02-30", "2026-11", "x", "0000-01-01", "1/11/26")),
        ("9" * 400, "too_long"),
        ("--", "missing"),
    ],
)
def test_a_day_that_is_none_or_at_the_end_of_all_days_is_refused(text, reason):
    with pytest.raises(FieldError, match=f"^day: {reason}$"):
        read_day("day", text)


def test_an_empty_box_is_no_day_and_the_first_and_last_are_days():
    assert read_day("day", " ") is None
    assert (read_day("day", "1900-01-01"), read_day("day", "2199-12-31")) == (date(1900, 1, 1), date(2199, 12, 31))
