"""Addresses are made and taken back, and end with whatever lets their account in."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from booking.country.core import audit
from booking.desk.rights.close import close_account
from booking.people.accounts.known_devices import forget_for_new_password
from booking.people.accounts.second_step import Proof
from booking.people.calendars.views import OF_STAFF, UNREAD, end_feed, end_unread, list_feeds, make_feed, read_feed
from booking.people.staff import change
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Account, AuditEntry, CalendarFeed, Message
from booking.platform.models.accounts.reaching import FeedKind
from booking.platform.models.states import Role
from tests.support.country import PASSWORD, a_colleague, an_account, an_origin


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
