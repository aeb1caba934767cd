"""What programs read from secret addresses, as the library that most of them could be made of understands it."""

from datetime import timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import select, update

from booking.country.catalogue.views import local_day
from booking.country.core import audit
from booking.desk.counter.closing import apply, ask_to_close, plan
from booking.desk.rights.close import close_account
from booking.people.accounts.known_devices import forget_for_new_password
from booking.people.accounts.second_step import Proof
from booking.people.calendars.views import OF_STAFF, UNREAD, end_feed, end_unread, list_feeds, make_feed, read_feed
from booking.people.staff import change
from booking.platform.base.errors import ForbiddenError, NotFoundError
from booking.platform.base.references import shown
from booking.platform.models import Account, AuditEntry, CalendarFeed, Message
from booking.platform.models.accounts.reaching import FeedKind
from booking.platform.models.states import Role
from booking.scheduling.appointments.papers import appointment_calendar
from booking.scheduling.appointments.respond import cancel
from booking.scheduling.requests.ask import ask
from tests.booking.desk.counter.visits import a_clerk, a_supervisor, a_visit
from tests.support.country import PASSWORD, a_colleague, a_member, a_wish, an_account, an_origin

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


@pytest.fixture
def amal(country):
    return an_account(country)


@pytest.fixture
def clerk(country):
    return a_colleague(country, Role.OFFICER, office="damascus")


def opens(core, secret, *kinds):
    try:
        read_feed(core, secret=secret, kinds=kinds or (FeedKind.OWN,))
    except NotFoundError:
        return False
    return True


def test_what_is_kept_does_not_open_a_calendar(country, amal):
    secret = make_feed(country, account_id=amal, kind=FeedKind.OWN)
    with country.sessions() as session:
        kept = session.scalars(select(CalendarFeed)).one()
    assert secret.encode() not in kept.secret_hash
    assert opens(country, secret)
    assert not opens(country, kept.secret_hash.hex()[:43])


def test_another_address_ends_the_one_before(country, amal):
    first, second = (make_feed(country, account_id=amal, kind=FeedKind.OWN) for _ in range(2))
    assert first != second
    assert (opens(country, first), opens(country, second)) == (False, True)
    end_feed(country, account_id=amal, kind=FeedKind.OWN)
    end_feed(country, account_id=amal, kind=FeedKind.OWN)
    assert not opens(country, second)


def test_the_owner_is_told_once_a_day_that_an_address_was_made(country, amal, clerk):
    def told():
        with country.sessions() as session:
            return session.scalars(select(Message.account_id).where(Message.kind == "calendar_made")).all()

    for _ in range(3):
        make_feed(country, account_id=amal, kind=FeedKind.OWN)
    make_feed(country, account_id=clerk, kind=FeedKind.COUNTER)
    assert told() == [amal]
    country.clock.advance(timedelta(days=1))
    make_feed(country, account_id=amal, kind=FeedKind.OWN)
    assert told() == [amal, amal]


def test_nobody_ends_anothers_address(country, amal):
    secret = make_feed(country, account_id=amal, kind=FeedKind.OWN)
    end_feed(country, account_id=an_account(country), kind=FeedKind.OWN)
    assert opens(country, secret)


def test_the_owner_sees_on_which_day_it_was_read_last(country, amal):
    secret = make_feed(country, account_id=amal, kind=FeedKind.OWN)
    assert list_feeds(country, amal)[0].feed.read_on is None
    country.clock.advance(timedelta(days=2))
    assert opens(country, secret)
    assert list_feeds(country, amal)[0].feed.read_on == country.today()


def test_an_address_that_nobody_reads_from_ends(country, amal):
    other = an_account(country)
    forgotten, used = (make_feed(country, account_id=one, kind=FeedKind.OWN) for one in (amal, other))
    country.clock.advance(UNREAD - timedelta(days=1))
    assert opens(country, used)
    assert end_unread(country) == 0
    country.clock.advance(timedelta(days=2))
    assert end_unread(country) == 1
    assert (opens(country, forgotten), opens(country, used)) == (False, True)
    country.clock.advance(UNREAD + timedelta(days=1))
    assert end_unread(country) == 1


def test_a_new_password_leaves_nobody_a_calendar(country, amal):
    secret = make_feed(country, account_id=amal, kind=FeedKind.OWN)
    with country.sessions.begin() as session:
        forget_for_new_password(session, country, account_id=amal, token="")
    assert not opens(country, secret)


def test_closing_the_account_ends_its_address(country, amal):
    secret = make_feed(country, account_id=amal, kind=FeedKind.OWN)
    close_account(country, account_id=amal, proof=Proof("", password=PASSWORD), origin=an_origin())
    with country.sessions.begin() as session:
        assert session.scalars(select(CalendarFeed)).all() == []
        session.execute(update(Account).where(Account.id == amal).values(closed_at=None, closed_by_owner=False))
    assert not opens(country, secret)


@pytest.mark.parametrize("how", ["close", "roles", "office", "sessions"])
def test_a_colleagues_address_ends_with_each_change_of_theirs(country, clerk, how):
    secret = make_feed(country, account_id=clerk, kind=FeedKind.COUNTER)
    assert opens(country, secret, *OF_STAFF)
    known = {"by": None, "account_id": clerk, "reason": "a test"}
    if how == "close":
        change.close_account(country, **known)
    elif how == "sessions":
        change.end_sessions(country, **known)
    else:
        roles, office = ([Role.REVIEWER], None) if how == "roles" else ([Role.OFFICER], "aleppo")
        change.change_roles(country, roles=roles, office_code=office, **known)
    assert not opens(country, secret, *OF_STAFF)
    with country.sessions() as session:
        assert session.scalars(select(CalendarFeed)).all() == []


@pytest.mark.parametrize("values", [{"closed_at": "now"}, {"roles": ["reviewer"]}, {"office_id": None}])
def test_the_role_is_looked_at_again_at_each_reading(country, clerk, values):
    """Whoever changes an account past the use cases, with a shell, leaves no address open either."""
    secret = make_feed(country, account_id=clerk, kind=FeedKind.COUNTER)
    values = {name: country.clock.now() if value == "now" else value for name, value in values.items()}
    with country.sessions.begin() as session:
        session.execute(update(Account).where(Account.id == clerk).values(**values))
    assert not opens(country, secret, *OF_STAFF)


def test_what_colleagues_make_and_end_is_on_record(country, clerk, amal):
    secrets = [make_feed(country, account_id=clerk, kind=FeedKind.COUNTER) for _ in range(2)]
    end_feed(country, account_id=clerk, kind=FeedKind.COUNTER)
    end_feed(country, account_id=clerk, kind=FeedKind.COUNTER)
    make_feed(country, account_id=amal, kind=FeedKind.OWN)
    with country.sessions() as session:
        told = session.execute(
            select(AuditEntry.action, AuditEntry.subject, AuditEntry.account_id)
            .where(AuditEntry.action.startswith("calendar."))
            .order_by(AuditEntry.sequence)
        ).all()
        audit.verify(session)
        everything = str(session.scalars(select(AuditEntry.details)).all())
    made, ended = ("calendar.made", "counter", clerk), ("calendar.ended", "counter", clerk)
    assert told == [made, made, ended]
    assert not any(secret in everything for secret in secrets)
