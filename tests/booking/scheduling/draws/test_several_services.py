"""A visit for several services in a draw: one party that takes as long as all of it, published and checked as such."""

import gzip
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

import pytest
from sqlalchemy import func, make_url, select

from booking.desk.counter.views import lines
from booking.opening import open_core
from booking.people.calendars.writing import read, rows
from booking.platform.base.clock import SettableClock
from booking.platform.models import Appointment, AppointmentPlaces, Request
from booking.platform.models.states import RequestState
from booking.scheduling.appointments.respond import confirm, move
from booking.scheduling.draws import draw as draws
from booking.scheduling.draws.format2.kept import check_services
from booking.scheduling.draws.formats import DamagedFileError
from booking.scheduling.draws.verification import verify_files
from booking.scheduling.requests.ask import ask
from booking.scheduling.requests.keep import Asked
from booking.scheduling.requests.receipt import read_row
from booking.scheduling.requests.views import appointment_view
from booking.scheduling.requests.wish import Also
from tests.booking.scheduling.draws.wishes import leaves_of
from tests.standalone.program import Folder, part, quick_pairings
from tests.support.country import START, a_member, a_wish, an_account, an_origin, cheap_settings, eligible_number
from tests.support.open_draws import open_a_draw


class Drawn(NamedTuple):
    """A database that is copied, what the family in it was answered, and the draw's files."""

    database: str
    family: Asked
    files: dict[str, bytes]


@pytest.fixture(scope="module")
def _drawn(new_country, _databases, _servers) -> Iterator[Drawn]:
    """Draw once for all tests: a mother who renews with two sons who never had a passport, and somebody alone."""
    settings, clock = cheap_settings(database_pooled=False), SettableClock(START)
    for url in _databases.until_dropped(new_country()):
        with open_core(settings, database_url=url, redis_url=f"{_servers[1].url}?db=15", clock=clock) as core:
            account = an_account(core)
            sons = [a_member(core, account, number=eligible_number(core, never_had_passport=True)) for _ in range(2)]
            wish = a_wish((a_member(core, account),), also=(Also("new-passport", tuple(sons)),))
            family = ask(core, account_id=account, wish=wish, origin=an_origin())
            alone = an_account(core)
            ask(core, account_id=alone, wish=a_wish((a_member(core, alone),)), origin=an_origin())
            open_a_draw(core, "d1")
            clock.advance(timedelta(days=1))
            for step in (draws.close, draws.run, draws.publish):
                step(core, "d1")
            files = {name: file.content for name, file in draws.files(core, "d1").items()}
        yield Drawn(str(make_url(url).database), family, files)


@pytest.fixture
def country_url(_drawn, _databases) -> Iterator[str]:
    yield from _databases.until_dropped(_databases.copy(_drawn.database))


@pytest.fixture
def family(_drawn, clock):
    """Three quarters of an hour in all, drawn a minute ago."""
    clock.advance(timedelta(days=1))
    return _drawn.family


@pytest.fixture
def files(_drawn):
    """The files of the draw in which they and somebody alone took part."""
    return _drawn.files


def test_the_draw_gives_one_appointment_that_takes_as_long_as_all_services(country, family):
    with country.sessions() as session:
        places = session.scalar(
            select(func.sum(AppointmentPlaces.places))
            .join(Appointment, Appointment.id == AppointmentPlaces.appointment_id)
            .join(Request, Request.id == Appointment.request_id)
            .where(Request.reference == family.reference)
        )
        state = session.scalar(select(Request.state).where(Request.reference == family.reference))
    assert (places, state) == (3, RequestState.DRAWN)


def test_observers_see_the_services_and_both_verifiers_accept_the_draw(files):
    wishes = {leaf.wish.service: leaf.wish for leaf in leaves_of(files) if leaf.wish.also}
    assert {(wish.also, wish.party, wish.units) for wish in wishes.values()} == {(("new-passport",), 3, 3)}

    report = verify_files(files)
    assert report.ok, report.words()
    with quick_pairings():
        said = [check() for check in part("second_draw").SecondDraw(Folder(files)).checks()]
    assert len(said) > 10


def test_the_receipt_binds_the_services(files):
    [wish] = [leaf.wish for leaf in leaves_of(files) if leaf.wish.also]

    assert read_row(wish.columns()) == wish
    assert '"also": ["new-passport"]' in json.dumps(wish.columns())


def test_a_wish_for_several_services_is_refused_in_older_formats(files):
    statement = json.loads(files["statement.json"])
    check_services(statement, "requests.jsonl.gz", 0)

    with pytest.raises(DamagedFileError, match="line 1: a wish for several services"):
        check_services(statement | {"format": "mawid-draw-4"}, "requests.jsonl.gz", 0)
    lines = gzip.decompress(files["requests.jsonl.gz"]).splitlines()
    assert [b'"also":["new-passport"]' in line for line in lines].count(True) == 1


def test_every_service_is_named_and_the_counter_sees_who_comes_for_what(country, family):
    with country.sessions() as session:
        appointment = session.scalars(
            select(Appointment).join(Request).where(Request.reference == family.reference)
        ).one()
        [line] = lines(session, [appointment])
        [entry] = [one for one in read(session.execute(rows())) if one.reference == appointment.reference]
        account_id = appointment.request.account_id
    assert [(service.code, len(names)) for service, names in line.errands] == [
        ("passport-renewal", 1),
        ("new-passport", 2),
    ]
    codes = ["passport-renewal", "new-passport"]
    assert [service.code for service in entry.services] == codes
    assert [service.code for service in appointment_view(country, account_id, appointment.reference).services] == codes


def test_a_place_that_is_given_back_is_asked_for_again_with_all_services(country, family):
    with country.sessions.begin() as session:
        old = session.scalars(select(Request).where(Request.reference == family.reference)).one()
        appointment = session.scalars(select(Appointment).where(Appointment.request_id == old.id)).one()
        account_id, reference = old.account_id, appointment.reference
    confirm(country, account_id=account_id, reference=reference)

    moved = move(country, account_id=account_id, reference=reference)

    with country.sessions() as session:
        new = session.scalars(select(Request).where(Request.reference == moved)).one()
        assert (new.service_count, new.units, [service.code for service in new.services]) == (
            2,
            3,
            ["passport-renewal", "new-passport"],
        )
