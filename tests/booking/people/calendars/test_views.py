"""What programs read from secret addresses, as the library that most of them could be made of understands it."""

from datetime import timedelta

import pytest
from icalendar import Calendar

from booking.country.catalogue.views import local_day
from booking.desk.counter.closing import apply, ask_to_close, plan
from booking.people.calendars.views import OF_STAFF, make_feed, read_feed
from booking.platform.base.errors import ForbiddenError, NotFoundError
from booking.platform.base.references import shown
from booking.platform.models.accounts.reaching import FeedKind
from booking.platform.models.states import Role
from booking.scheduling.appointments.papers import appointment_calendar
from booking.scheduling.appointments.respond import cancel
from booking.scheduling.requests.ask import ask
from tests.booking.desk.counter.visits import a_clerk, a_supervisor, a_visit
from tests.support.country import a_colleague, a_member, a_wish, an_account, an_origin

OWN = (FeedKind.OWN,)


def own(core, account_id):
    """Make somebody's address and return what reads from it now."""
    secret = make_feed(core, account_id=account_id, kind=FeedKind.OWN)
    return lambda: events(read_feed(core, secret=secret, kinds=OWN))


def of_staff(core, account_id, kind):
    secret = make_feed(core, account_id=account_id, kind=kind)
    return lambda: events(read_feed(core, secret=secret, kinds=OF_STAFF))


def events(written):
    calendar = Calendar.from_ical(written.text())
    assert calendar.errors == []
    return calendar.events


def close_the_day(core, visit):
    boss = a_supervisor(core)
    closure = ask_to_close(
        core, officer_id=boss, day=local_day(visit.row.office, visit.starts_at), counters=0, reason="no power"
    )
    plan(core, closure)
    apply(core, officer_id=boss, closure_id=closure)


def test_an_appointment_is_followed_through_its_life(country):
    visit = a_visit(country)
    read = own(country, visit.account_id)
    (first,) = read()
    assert (first.uid, str(first["status"]), first.sequence) == (f"{visit.reference}@mawid", "CONFIRMED", 1)
    assert first.start == visit.starts_at
    assert first["dtstart"].params["TZID"] == "Asia/Damascus"
    assert shown(visit.reference) in first["summary"]
    assert str(first["url"]).endswith(f"/appointments/{visit.reference}")

    country.clock.advance(timedelta(hours=1))
    close_the_day(country, visit)
    (moved,) = read()
    assert (moved.uid, moved.sequence) == (first.uid, 2)
    assert moved.start == visit.row.starts_at != visit.starts_at
    assert moved.last_modified == country.clock.now() > first.last_modified

    country.clock.advance(timedelta(hours=1))
    cancel(country, account_id=visit.account_id, reference=visit.reference)
    (gone,) = read()
    assert (gone.uid, gone.sequence, str(gone["status"])) == (first.uid, 3, "CANCELLED")
    assert gone.walk("VALARM") == []

    country.clock.set(visit.row.starts_at + timedelta(days=31))
    assert read() == []


def test_a_calendar_file_names_the_event_as_the_address_does(country):
    visit = a_visit(country)
    (fed,) = own(country, visit.account_id)()
    file = Calendar.from_ical(appointment_calendar(country, visit.account_id, visit.reference, language="ar"))
    assert [dict(one) for one in file.events] == [dict(fed)]


def test_a_place_held_for_minutes_is_in_no_calendar(country):
    held = a_visit(country, confirmed=False)
    assert own(country, held.account_id)() == []
    boss = a_supervisor(country)
    assert of_staff(country, boss, FeedKind.COUNTER)() == of_staff(country, boss, FeedKind.OFFICE)() == []


def test_a_calendar_shows_nobody_elses_appointments(country):
    visit, other = a_visit(country), a_visit(country)
    assert [one.uid for one in own(country, visit.account_id)()] == [f"{visit.reference}@mawid"]
    assert [one.uid for one in own(country, other.account_id)()] == [f"{other.reference}@mawid"]


def test_no_calendar_has_a_name_and_that_of_hours_no_reference(country):
    visit = a_visit(country, name="أمل الخيالية", days=1)
    boss = a_supervisor(country)
    texts = {}
    for kind in FeedKind:
        account = visit.account_id if kind is FeedKind.OWN else boss
        secret = make_feed(country, account_id=account, kind=kind)
        texts[kind] = read_feed(country, secret=secret, kinds=(kind,)).text().decode()
    for kind, text in texts.items():
        assert "BEGIN:VEVENT" in text, kind
        assert "أمل" not in text
        assert (visit.reference in text) is (kind is not FeedKind.OFFICE)


def test_officers_see_their_own_office_and_its_next_days(country):
    today, far = a_visit(country, days=1), a_visit(country, days=9)
    elsewhere = a_visit(country, days=1, office="aleppo")
    read = of_staff(country, a_clerk(country), FeedKind.COUNTER)
    assert [one.uid for one in read()] == [f"{today.reference}@mawid"]
    assert "1 ×" in read()[0]["summary"]
    (there,) = of_staff(country, a_clerk(country, office="aleppo"), FeedKind.COUNTER)()
    assert there.uid == f"{elsewhere.reference}@mawid"
    country.clock.advance(timedelta(days=7))
    assert [one.uid for one in read()] == [f"{far.reference}@mawid"]


def test_an_office_counts_people_by_time_and_what_it_lost(country):
    first = a_visit(country, days=3)
    second = a_visit(country, days=3)
    assert first.starts_at == second.starts_at
    read = of_staff(country, a_supervisor(country), FeedKind.OFFICE)
    (hour,) = read()
    assert hour["summary"].startswith("2 ×")
    revision = hour.sequence

    country.clock.advance(timedelta(hours=1))
    cancel(country, account_id=second.account_id, reference=second.reference)
    (hour,) = read()
    assert hour["summary"].startswith("1 ×")
    assert hour.sequence > revision
    revision = hour.sequence

    cancel(country, account_id=first.account_id, reference=first.reference)
    (empty,) = read()
    assert (empty.uid, str(empty["status"])) == (hour.uid, "CANCELLED")
    assert empty.sequence > revision


def test_a_clerk_has_no_calendar_of_hours_and_a_citizen_none_of_an_office(country):
    for account, kind in (
        (a_clerk(country), FeedKind.OFFICE),
        (an_account(country), FeedKind.COUNTER),
        (a_colleague(country, Role.ANALYST), FeedKind.COUNTER),
        (a_clerk(country), FeedKind.OWN),
    ):
        with pytest.raises(ForbiddenError):
            make_feed(country, account_id=account, kind=kind)


def test_an_address_opens_no_calendar_of_another_kind(country):
    mine = make_feed(country, account_id=a_visit(country).account_id, kind=FeedKind.OWN)
    theirs = make_feed(country, account_id=a_clerk(country), kind=FeedKind.COUNTER)
    for secret, kinds in ((mine, OF_STAFF), (theirs, OWN), ("x" * 43, OWN), ("", OWN), ("a/../b", OWN)):
        with pytest.raises(NotFoundError):
            read_feed(country, secret=secret, kinds=kinds)


def test_a_calendar_speaks_its_accounts_language(country):
    account = an_account(country, language="en")
    request = ask(country, account_id=account, wish=a_wish((a_member(country, account),)), origin=an_origin())
    assert request.reference
    secret = make_feed(country, account_id=account, kind=FeedKind.OWN)
    assert read_feed(country, secret=secret, kinds=OWN).name == "My appointments"
