from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.country.packs.schema import OpeningRule
from booking.country.packs.shares import HolidaysUnknownError, closed_days, generate_slots


def _slots(pack, office, first, last=None):
    return list(generate_slots(pack, pack.office(office), first, last or first))


def test_a_working_day_in_damascus_has_a_slot_each_half_hour(syria):
    slots = _slots(syria, "damascus", date(2026, 11, 24))

    assert len(slots) == 12
    assert slots[0].starts_at == datetime(2026, 11, 24, 5, 0, tzinfo=UTC)  # 08:00 at UTC+3
    assert slots[-1].ends_at == datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
    assert all(slot.ends_at - slot.starts_at == timedelta(minutes=30) for slot in slots)
    assert {slot.counters for slot in slots} == {20}
    assert [slot.band for slot in slots] == ["morning"] * 4 + ["midday"] * 4 + ["afternoon"] * 4


def test_the_weekend_is_friday_and_saturday_in_syria_and_the_hosts_abroad(syria):
    week = date(2026, 11, 22), date(2026, 11, 28)  # Sunday to Saturday

    def days(office):
        return sorted({slot.local_date.strftime("%a") for slot in _slots(syria, office, *week)})

    assert days("damascus") == days("riyadh") == sorted(["Sun", "Mon", "Tue", "Wed", "Thu"])
    assert days("berlin") == days("dubai") == sorted(["Mon", "Tue", "Wed", "Thu", "Fri"])


@pytest.mark.parametrize(
    ("day", "utc_hour"),
    [
        (date(2027, 3, 26), 8),  # Friday before summer time, UTC+1
        (date(2027, 3, 29), 7),  # Monday after the clocks went forward on 28 March, UTC+2
        (date(2027, 10, 29), 7),  # Friday before they go back on 31 October
        (date(2027, 11, 1), 8),
    ],
)
def test_berlin_opens_at_nine_local_time_before_and_after_the_clocks_change(syria, day, utc_hour):
    first = _slots(syria, "berlin", day)[0]

    assert first.starts_at == datetime(day.year, day.month, day.day, utc_hour, tzinfo=UTC)
    assert first.starts_at.astimezone(ZoneInfo("Europe/Berlin")).time() == time(9)


def test_every_office_keeps_its_local_hours_for_a_whole_year(syria):
    for office in syria.offices:
        zone = ZoneInfo(office.time_zone)
        opens, closes = office.opening[0].opens, office.opening[0].closes
        for slot in generate_slots(syria, office, date(2027, 1, 1), date(2027, 12, 31)):
            local_start, local_end = slot.starts_at.astimezone(zone), slot.ends_at.astimezone(zone)
            assert opens <= local_start.time() < local_end.time() <= closes
            assert local_start.date() == slot.local_date


def test_nobody_works_on_a_syrian_holiday_anywhere(syria):
    eid = date(2027, 5, 16), date(2027, 5, 19)

    assert all(not _slots(syria, office.code, *eid) for office in syria.offices)
    assert _slots(syria, "damascus", date(2027, 5, 20))


def test_a_holiday_of_the_host_closes_only_the_offices_there(syria):
    unity_day = date(2028, 10, 3)  # a Tuesday

    assert not _slots(syria, "berlin", unity_day)
    assert _slots(syria, "vienna", unity_day)
    assert closed_days(syria, syria.office("bonn"))[unity_day].code == "host-de"


def test_a_slot_that_the_clock_skips_does_not_exist(syria):
    rule = OpeningRule(weekdays=("thu", "fri"), opens=time(0), closes=time(2))
    bands = (syria.country.bands[0].model_copy(update={"starts": time(0)}),)
    country = syria.country.model_copy(update={"bands": bands})
    night = syria.model_copy(update={"country": country})
    cairo = syria.office("cairo").model_copy(update={"opening": (rule,)})

    slots = list(generate_slots(night, cairo, date(2027, 4, 29), date(2027, 4, 30)))  # forward at 0:00 on the 30th

    local = [slot.starts_at.astimezone(ZoneInfo("Africa/Cairo")) for slot in slots]
    assert [f"{at:%d %H:%M}" for at in local[:4]] == ["29 00:00", "29 00:30", "29 01:00", "29 01:30"]
    assert [f"{at:%d %H:%M}" for at in local[4:]] == ["30 01:00", "30 01:30"]


def test_two_sessions_a_day_come_in_order(syria):
    afternoon = OpeningRule(weekdays=("tue",), opens=time(13), closes=time(14))
    morning = OpeningRule(weekdays=("tue",), opens=time(8), closes=time(9))
    office = syria.office("damascus").model_copy(update={"opening": (afternoon, morning)})

    slots = list(generate_slots(syria, office, date(2026, 11, 24), date(2026, 11, 24)))

    assert [slot.starts_at.hour for slot in slots] == [5, 5, 10, 10]


def test_days_without_known_holidays_are_refused(syria):
    with pytest.raises(HolidaysUnknownError, match="2031"):
        _slots(syria, "damascus", date(2030, 12, 30), date(2031, 1, 3))


def test_an_empty_range_has_no_slots(syria):
    assert _slots(syria, "damascus", date(2026, 11, 25), date(2026, 11, 24)) == []
