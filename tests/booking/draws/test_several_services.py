"""A visit for several services in a draw: one party that takes as long as all of it, published and checked as such."""

import gzip
import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from booking.appointments.respond import confirm, move
from booking.calendars.entries import read, rows
from booking.counter.views import lines
from booking.draws import draw as draws
from booking.draws.format2.kept import check_services
from booking.draws.formats import DamagedFileError
from booking.draws.verification import verify_files
from booking.models import Appointment, AppointmentPlaces, Request
from booking.models.states import RequestState
from booking.requests.ask import ask
from booking.requests.receipt import read_row
from booking.requests.views import appointment_view
from booking.requests.wish import Also
from tests.booking.draws.wishes import leaves_of
from tests.country import a_member, a_wish, an_account, an_origin, eligible_number
from tests.open_draws import open_a_draw
from tests.standalone.program import Folder, part, quick_pairings


@pytest.fixture
def family(country):
    """A mother who renews, and two sons who never had a passport: three quarters of an hour in all."""
    account = an_account(country)
    sons = [a_member(country, account, number=eligible_number(country, never_had_passport=True)) for _ in range(2)]
    wish = a_wish((a_member(country, account),), also=(Also("new-passport", tuple(sons)),))
    return ask(country, account_id=account, wish=wish, origin=an_origin())


@pytest.fixture
def files(country, clock, family):
    """The files of a draw in which they and somebody alone take part."""
    account = an_account(country)
    ask(country, account_id=account, wish=a_wish((a_member(country, account),)), origin=an_origin())
    open_a_draw(country, "d1")
    clock.advance(timedelta(days=1))
    draws.close(country, "d1")
    draws.run(country, "d1")
    draws.publish(country, "d1")
    return {name: file.content for name, file in draws.files(country, "d1").items()}


def test_the_draw_gives_one_appointment_that_takes_as_long_as_all_services(country, family, files):
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


def test_every_service_is_named_and_the_counter_sees_who_comes_for_what(country, family, files):
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


def test_a_place_that_is_given_back_is_asked_for_again_with_all_services(country, family, files):
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
