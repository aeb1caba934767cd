from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from booking.people.calendars.writing import Entry, Status, Written

AT = datetime(2026, 11, 4, 6, 30, tzinfo=UTC)


def entry(**changes):
    return Entry(
        **{
            "uid": "AAAA-0001@mawid",
            "revision": 1,
            "stamp": AT - timedelta(days=1),
            "status": Status.CONFIRMED,
            "starts_at": AT,
            "ends_at": AT + timedelta(minutes=20),
            "zone": "Asia/Damascus",
            "summary": "تجديد جواز السفر",
            "location": "دمشق، شارع النصر; قرب البريد",
        }
        | changes
    )


def parsed(*entries, **more):
    return Calendar.from_ical(Written("مواعيدي", entries, **more).text())


def test_a_program_reads_what_was_written():
    calendar = parsed(
        entry(description="line one\nBEGIN:VEVENT", url="https://mawid.example/a", place=(33.5, 36.3), remind=True),
        refresh=timedelta(hours=6),
    )
    (event,) = calendar.events
    assert calendar.errors == event.errors == []
    assert (event.uid, event.sequence, str(event["status"])) == ("AAAA-0001@mawid", 1, "CONFIRMED")
    assert event["dtstart"].params["TZID"] == "Asia/Damascus"
    assert (event.start, event.end - event.start) == (AT, timedelta(minutes=20))
    assert event["summary"] == "تجديد جواز السفر"
    assert event["location"] == "دمشق، شارع النصر; قرب البريد"
    assert event["description"] == "line one\nBEGIN:VEVENT"
    assert [one["trigger"].dt for one in event.walk("VALARM")] == [-timedelta(days=1)]
    assert calendar["refresh-interval"].dt == timedelta(hours=6)
    assert calendar["x-wr-calname"] == "مواعيدي"


def test_each_zone_comes_with_how_its_clock_goes():
    calendar = parsed(entry(), entry(uid="b", zone="Europe/Berlin"), entry(uid="c", zone="Europe/Berlin"))
    assert sorted(zone.tz_name for zone in calendar.timezones) == ["Asia/Damascus", "Europe/Berlin"]
    berlin = next(zone for zone in calendar.timezones if zone.tz_name == "Europe/Berlin").to_tz(lookup_tzid=False)
    for at, hours in ((datetime(2026, 11, 4, tzinfo=UTC), 1), (datetime(2026, 7, 4, tzinfo=UTC), 2)):
        assert at.astimezone(berlin).utcoffset() == timedelta(hours=hours)


def test_an_empty_calendar_is_one_too():
    calendar = Calendar.from_ical(Written("", []).text())
    assert calendar.events == calendar.errors == []
    assert str(calendar["version"]) == "2.0"


def test_the_same_entries_give_the_same_bytes_and_tag():
    one, again = (Written("x", [entry(), entry(uid="b", zone="Europe/Berlin")]) for _ in range(2))
    assert (one.text(), one.tag) == (again.text(), again.tag)


@pytest.mark.parametrize(
    "change",
    [
        *({"revision": 2}, {"status": Status.CANCELLED}, {"starts_at": AT + timedelta(hours=1)}),
        *({"location": "elsewhere"}, {"summary": "other"}, {"zone": "Europe/Berlin"}, {"remind": True}),
    ],
)
def test_whatever_changes_the_text_changes_the_tag(change):
    one, other = Written("x", [entry()]), Written("x", [entry(**change)])
    assert one.text() != other.text()
    assert one.tag != other.tag
    assert one.tag != Written("y", [entry()]).tag
