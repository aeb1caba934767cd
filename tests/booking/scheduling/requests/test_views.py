"""What pages of requests show: the same for one and for many, by one statement, and by indexes alone."""

from uuid import uuid4

import pytest
from sqlalchemy import event, select, text, update

from booking.platform.base.errors import NotFoundError
from booking.platform.models import Request, Verdict
from booking.scheduling.requests import view_rows
from booking.scheduling.requests.views import OneRequest, list_requests, request_lists, request_view, request_views
from booking.scheduling.requests.withdraw import withdraw
from tests.support.country import a_request

pytestmark = pytest.mark.neighbours

LARGE = {
    *("appeal", "appointment", "draw_entry", "household_member", "log_entry", "request", "request_edit"),
    *("request_member", "request_office", "urgent_request", "verdict"),
}
"""Tables that grow with a nation: none may be read through for a page."""


@pytest.fixture
def asked(country):
    """Accounts and their requests, one of them withdrawn."""
    made = [(account, one.reference) for account, one in (a_request(country) for _ in range(3))]
    withdraw(country, account_id=made[0][0], reference=made[0][1])
    return made


def test_many_are_shown_as_each_alone_and_nobody_elses(country, asked):
    (first, reference), (second, other), *_ = asked
    wanted = [*asked, (first, other), (uuid4(), reference), (second, "NONE"), (first, reference)]
    shown = request_views([OneRequest(country, *one) for one in wanted])

    assert shown[:3] == [request_view(country, *one) for one in asked]
    assert [type(one) for one in shown[3:6]] == [NotFoundError] * 3
    assert shown[6] == shown[0]
    accounts = [second, uuid4(), first, second]
    lists = request_lists([(country, one) for one in accounts])
    assert lists == [list_requests(country, one) for one in accounts]
    assert [[line.reference for line in lines] for lines in lists] == [[other], [], [reference], [other]]


def test_a_damaged_request_is_shown_to_nobody_and_the_others_of_its_batch_are(country, asked):
    with country.sessions.begin() as session:
        damaged = select(Request.id).where(Request.reference == asked[1][1]).scalar_subquery()
        session.execute(update(Verdict).where(Verdict.request_id == damaged).values(reasons=[{"damaged": 1}]))

    first, broken, last = request_views([OneRequest(country, *one) for one in asked])

    assert isinstance(broken, KeyError)
    assert [first, last] == [request_view(country, *one) for one in (asked[0], asked[2])]


def test_one_statement_reads_them_all(country, asked):
    request_view(country, *asked[0])  # services and offices are in memory from now on
    statements = []
    engine = country.sessions.kw["bind"]
    event.listen(engine, "before_cursor_execute", note := lambda *call: statements.append(call[2]))
    try:
        request_views([OneRequest(country, *one) for one in asked])
        request_lists([(country, account) for account, _ in asked])
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(statements) == 2


def plan_of(core, statement, parameters):
    """How the database would read what a statement asks for, if it avoided to read tables through."""
    with core.sessions() as session:
        connection = session.connection()
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        explain = lambda _connection, _cursor, sql, values, *_: (f"EXPLAIN {sql}", values)  # noqa: E731 - a listener
        event.listen(connection, "before_cursor_execute", explain, retval=True)
        return [line for (line,) in connection.execute(statement, parameters).cursor.fetchall()]


@pytest.mark.parametrize(
    ("statement", "parameters"),
    [
        (view_rows._PAGES, {"accounts": [uuid4()], "references": ["A"], "now": "2026-11-01"}),
        (view_rows._LISTS, {"accounts": [uuid4()]}),
        (view_rows._ONE_VISIT, {"account": uuid4(), "reference": "A"}),
    ],
)
def test_no_large_table_is_read_through_for_a_page(country, statement, parameters):
    read_through = [line for line in plan_of(country, statement, parameters) if "Seq Scan on" in line]
    tables = {line.partition("Seq Scan on ")[2].split()[0] for line in read_through}
    assert tables & LARGE == set()
