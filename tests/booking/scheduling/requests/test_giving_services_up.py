"""Of a request for several services, some are given up: the others keep their turn, and nothing is added."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DatabaseError

from booking.antifraud.gate.versions import publish_limits
from booking.platform.base.errors import InvalidInputError
from booking.platform.models import Request, RequestErrand, RequestLeft, Service, Verdict
from booking.platform.models.states import Door, RequestState
from booking.scheduling.requests.ask import ask
from booking.scheduling.requests.new_rows import asked_again, ranked_codes, wish_row
from booking.scheduling.requests.receipt import receipt_of
from booking.scheduling.requests.wish import Also
from booking.scheduling.urgent.ask import ask_urgent
from tests.support.country import a_member, a_wish, an_account, an_origin, eligible_number
from tests.support.edits import change_request, now_of
from tests.support.roles import past_the_roles
from tests.support.urgent_cases import Case, send_with_photo

ABROAD = {"door": Door.ABROAD, "office": "berlin"}
POWER = "power-of-attorney-abroad"


@pytest.fixture
def asked(country):
    """A mother's renewal and power of attorney, and a son's first passport and power of attorney."""
    account = an_account(country)
    mother = a_member(country, account)
    son = a_member(country, account, number=eligible_number(country, never_had_passport=True))
    also = (Also("new-passport", (son,)), Also(POWER, (mother, son)))
    done = ask(country, account_id=account, wish=a_wish((mother,), also=also, **ABROAD), origin=an_origin())
    return account, done.reference, mother, son


def stored(core, reference):
    with core.sessions() as session:
        request = session.scalars(select(Request).where(Request.reference == reference)).one()
        return request, list(request.members), [service.code for service in request.services]


def test_the_others_keep_their_turn_and_take_less_time(country, asked):
    account, reference, _, _ = asked
    before, _, _ = stored(country, reference)

    change_request(country, account_id=account, reference=reference, services=("passport-renewal", "new-passport"))

    request, members, codes = stored(country, reference)
    assert codes == ["passport-renewal", "new-passport"]
    assert (before.units, request.units) == (4, 2)
    assert [member.units for member in members] == [1, 1]
    assert request.receipt != before.receipt
    assert request.state is RequestState.ACCEPTED


def test_who_came_for_nothing_else_leaves_and_can_ask_again(country, asked):
    account, reference, _, son = asked

    change_request(country, account_id=account, reference=reference, services=("passport-renewal",))

    request, members, codes = stored(country, reference)
    assert (codes, request.party_size, request.service_count) == (["passport-renewal"], 1, 1)
    with country.sessions() as session:
        assert session.scalars(select(RequestErrand)).all() == []
        assert len(session.scalars(select(RequestLeft)).all()) == 1
    alone = a_wish((son,), service="new-passport", also=(Also(POWER, (son,)),), **ABROAD)
    assert ask(country, account_id=account, wish=alone, origin=an_origin()).state is RequestState.ACCEPTED
    assert len(members) == 1


def test_the_first_service_can_be_given_up_and_another_one_is_first_then(country, asked):
    account, reference, _, _ = asked

    change_request(country, account_id=account, reference=reference, services=(POWER,))

    request, members, codes = stored(country, reference)
    assert codes == [POWER]
    assert [member.exclusive_group for member in members] == ["power-of-attorney"] * 2
    with country.sessions() as session:
        request = session.get_one(Request, request.id)
        wish = wish_row(request, [POWER], ranked_codes(session, request))
    assert receipt_of(wish) == request.receipt


@pytest.mark.parametrize(
    ("services", "error"),
    [
        ((), "no_service_left"),
        (("passport-renewal", "return-travel-document"), "no_service_joins"),
    ],
)
def test_no_service_joins_and_one_is_left(country, asked, services, error):
    account, reference, _, _ = asked

    with pytest.raises(InvalidInputError) as refused:
        change_request(country, account_id=account, reference=reference, services=services)

    assert [(one.field, one.reason) for one in refused.value.errors] == [("services", error)]


def test_a_person_who_leaves_takes_their_services_along(country, asked):
    account, reference, mother, _ = asked

    change_request(country, account_id=account, reference=reference, people=(mother,))

    request, _, codes = stored(country, reference)
    assert codes == ["passport-renewal", POWER]
    assert request.units == 2


def test_a_change_that_gives_nothing_up_makes_no_new_receipt(country, asked):
    account, reference, _, _ = asked
    receipt = now_of(country, reference).receipt

    change_request(country, account_id=account, reference=reference)
    codes = now_of(country, reference).services
    change_request(country, account_id=account, reference=reference, services=tuple(reversed(codes)))

    assert now_of(country, reference).receipt == receipt


def test_no_service_is_given_up_while_officers_have_an_urgent_case(country, asked):
    account, reference, _, _ = asked
    needed_by = country.today() + timedelta(days=10)
    case = ask_urgent(
        country, account_id=account, request_reference=reference, reason="medical", needed_by=needed_by, words=""
    )
    send_with_photo(country, Case(account, reference, case))

    with pytest.raises(InvalidInputError) as refused:
        change_request(country, account_id=account, reference=reference, services=(POWER,))

    assert [(one.field, one.reason) for one in refused.value.errors] == [("services", "urgent_with_officers")]


def test_the_gate_looks_again_where_the_first_service_of_a_moved_visit_is_gone(country, asked):
    account, reference, _, _ = asked
    with country.sessions.begin() as session:
        old = session.scalars(select(Request).where(Request.reference == reference)).one()
        again = asked_again(session, country, old)
        session.add(again)
        moved = again.reference
    change_request(country, account_id=account, reference=moved, services=(POWER,))

    change_request(country, account_id=account, reference=moved, offices=("bonn", "berlin"))

    with country.sessions() as session:
        judged = select(Verdict).join(Request, Request.id == Verdict.request_id).where(Request.reference == moved)
        assert len(session.scalars(judged).all()) == 1


@pytest.mark.neighbours
@pytest.mark.parametrize(
    "deed",
    [
        "UPDATE request SET service_count = 2",
        "UPDATE request_errand SET units = 1, reason_code = 'lost'",
        "UPDATE request_errand SET position = 2 WHERE position = 1",
        "UPDATE request SET transaction = pg_current_xact_id()::text::bigint",
        "UPDATE request SET service_id = (SELECT id FROM service WHERE code = 'return-travel-document')",
    ],
)
def test_the_database_refuses_what_no_change_does(country, asked, deed):
    refused = pytest.raises(DatabaseError, match=r"changes with its receipt|never (becomes|changes)")
    with country.sessions() as session, refused:
        session.connection().exec_driver_sql(deed)


@pytest.mark.parametrize(
    "deed",
    [
        "DELETE FROM request_errand",
        "DELETE FROM request_errand WHERE position = 2",
        "DELETE FROM request_errand WHERE position = (SELECT min(position) FROM request_errand)",
        "DELETE FROM request_member WHERE position = 1",
        "UPDATE request_errand SET position = 1 WHERE position = 2",
        "UPDATE request_errand SET position = 0",
    ],
)
def test_what_people_come_for_ends_by_a_change_alone(country, asked, deed):
    with country.sessions() as session:
        assert session.connection().exec_driver_sql(deed).rowcount > 0
        with pytest.raises(DatabaseError, match="ends by an edit of the request alone"):
            session.commit()


def test_a_change_keeps_the_time_asked_for_where_a_service_takes_longer_since(country, asked):
    account, reference, _, _ = asked
    with past_the_roles(country) as session:
        session.execute(update(Service).where(Service.code == "new-passport").values(units=2))

    change_request(country, account_id=account, reference=reference, services=("passport-renewal", "new-passport"))

    assert stored(country, reference)[0].units == 2


def test_a_limit_that_was_lowered_since_lets_services_stay_and_be_given_up(country, asked):
    account, reference, _, _ = asked
    publish_limits(country, changes={"services": 2, "party": 1})

    change_request(country, account_id=account, reference=reference, accessible=True)
    change_request(country, account_id=account, reference=reference, services=("passport-renewal", POWER))

    assert stored(country, reference)[2] == ["passport-renewal", POWER]
