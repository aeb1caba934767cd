"""Who goes first is known from sessions that were really read; others are turned away in words before the door."""

import asyncio
import io
import json
from contextlib import contextmanager

import pytest
from starlette.requests import Request

from api.door.budgets import LATEST
from api.door.familiar import MOST, Familiar
from api.incoming.costs import WRITE
from api.incoming.fair_queue import BURST_SECONDS, COME_BACK, Rank
from api.incoming.width import FEWEST
from booking.country.core import sessions
from booking.platform.base import logs
from booking.platform.models.states import Door
from tests.api.one_call import scope_of
from tests.support.country import an_account

pytestmark = pytest.mark.neighbours

COOKIE = (b"cookie", b"mawid=somebody")


def a_page(app, target=b"/how", method=b"GET", *fields):
    return app.state.turned_away.answer(method, target, list(fields), [(b"server", b"x")])


@contextmanager
def more_than_can_be_served(client):
    """Let all turns of forms be taken and others wait for them for some seconds, at a pace of one a second."""
    queue = client.app.state.budgets._queues[WRITE.name]

    async def crowd():
        for number in range(WRITE.at_once):
            await queue.enter(bytes([number]))
        coming = [asyncio.ensure_future(queue.enter(bytes([number]))) for number in range(100, 130)]
        await asyncio.sleep(0)  # until all of them wait: who came after the clock was set would wait for no time yet
        return coming

    waiting, now = client.portal.call(crowd), queue._now()
    queue._pace._mean, queue._now = 1.0, lambda: now + 2 * BURST_SECONDS
    yield
    for one in waiting:
        client.portal.call(one.cancel)


def come_late(app, seconds):
    """Let the event loop come late for as long as it takes to be no moment."""
    width = app.state.budgets.width
    width._lately.clear()
    for _ in range(FEWEST):
        width.note(seconds)


@pytest.fixture
def late(app):
    """An application whose event loop comes late."""
    come_late(app, 2 * LATEST[Rank.NEW])
    return app


def test_nobody_is_turned_away_while_there_is_room(app):
    assert a_page(app) is None


def test_nobody_is_turned_away_for_one_moment_in_which_the_loop_came_late(app):
    app.state.budgets.width.note(100 * LATEST[Rank.UNDER_WAY])

    assert a_page(app) is None


@pytest.mark.parametrize(("language", "words"), [("ar", "ليس سباقًا"), ("en", "asking is not a race")])
def test_a_newcomer_is_told_in_their_language_when_to_come_back(late, language, words):
    head, _, body = a_page(late, b"/how?x=1", b"GET", (b"cookie", f"mawid_language={language}".encode())).partition(
        b"\r\n\r\n"
    )
    fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    least, most = COME_BACK[Rank.NEW]

    assert head.startswith(b"HTTP/1.1 503 ")
    assert least <= int(fields["retry-after"]) <= most
    assert fields["refresh"] == fields["retry-after"]  # whoever waits has nothing to do
    assert int(fields["content-length"]) == len(body)
    assert (fields["cache-control"], fields["server"]) == ("no-store", "x")
    assert "default-src 'none'" in fields["content-security-policy"]
    assert words in body.decode()


def test_a_newcomer_who_wants_the_head_alone_gets_no_body(late):
    head, end, body = a_page(late, method=b"HEAD").partition(b"\r\n\r\n")

    assert (head[:13], end, body) == (b"HTTP/1.1 503 ", b"\r\n\r\n", b"")


@pytest.mark.parametrize(
    ("method", "target"),
    [
        (b"POST", b"/sign-in"),
        (b"GET", b"/api/v1/draws"),
        (b"GET", b"/livez"),
        (b"GET", b"/readyz"),
        (b"GET", b"/static/mawid.css"),
    ],
)
def test_what_was_typed_programs_and_what_costs_nothing_go_on_to_the_door(late, method, target):
    assert a_page(late, target, method) is None


FORM = ((b"content-type", b"application/x-www-form-urlencoded"), (b"content-length", b"30"))


@pytest.fixture
def known(app):
    """A session that the application has served lately."""
    app.state.budgets.familiar._signed_in.note(app.state.budgets.familiar._hash("somebody"))


def a_form(app, *fields, target=b"/reset"):
    return a_page(app, target, b"POST", *FORM, *fields)


@pytest.mark.parametrize("sender", [(), (COOKIE,)], ids=["without a session", "of a known session"])
def test_a_form_comes_back_with_what_was_typed_before_it_is_a_call(late, known, sender):
    come_late(late, 2 * LATEST[Rank.UNDER_WAY])

    told = a_form(late, *sender)(b"username=<salma>&password=secret")

    head, _, body = told.partition(b"\r\n\r\n")
    fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    least, most = COME_BACK[Rank.UNDER_WAY if sender else Rank.NEW]
    assert head.startswith(b"HTTP/1.1 503 ")
    assert least <= int(fields["retry-after"]) <= most
    assert "refresh" not in fields  # it may have been kept, and its owner sees it first
    assert (int(fields["content-length"]), fields["cache-control"]) == (len(body), "no-store")
    assert b'<input type="hidden" name="username" value="&lt;salma&gt;">' in body
    assert b"secret" not in body
    counted = late.state.metrics.get_sample_value("mawid_door_calls_total", {"cost": "write", "outcome": "overloaded"})
    assert counted == 1


def test_a_form_of_secrets_alone_comes_back_without_a_form(late):
    told = a_form(late)(b"password=secret")

    assert (b"secret" in told, b"<form" in told.partition(b"<main")[2]) == (False, False)


def test_a_form_that_was_typed_is_in_no_later_answer(late):
    a_form(late)(b"username=salma")

    assert b"salma" not in a_form(late)(b"username=karim")


@pytest.mark.parametrize(
    "field",
    [
        (b"sec-fetch-site", b"cross-site"),
        (b"origin", b"https://other.example"),
        (b"expect", b"100-continue"),
        (b"transfer-encoding", b"chunked"),
        COOKIE,
    ],
    ids=lambda field: field[0].decode(),
)
def test_forms_of_others_odd_ones_and_of_sessions_not_known_here_go_on_to_the_door(late, field):
    assert a_form(late) is not None
    assert a_form(late, field) is None


@pytest.mark.parametrize(
    "fields",
    [
        (),
        FORM[:1],
        ((b"content-type", b"multipart/form-data; boundary=x"), FORM[1]),
        (FORM[0], (b"content-length", b"24577")),
    ],
    ids=["nothing is said of it", "no length", "with files", "too long"],
)
def test_what_is_no_short_form_goes_on_to_the_door(late, fields):
    assert a_page(late, b"/reset", b"POST", *fields) is None


def test_who_is_under_way_goes_on_while_only_newcomers_would_wait_too_long(late, known):
    assert a_form(late) is not None
    assert a_form(late, COOKIE) is None


def test_made_up_sessions_are_turned_away_and_familiar_ones_go_on(late):
    assert a_page(late, b"/me", b"GET", COOKIE) is not None
    late.state.budgets.familiar._signed_in.note(late.state.budgets.familiar._hash("somebody"))
    assert a_page(late, b"/me", b"GET", COOKIE) is None
    come_late(late, 2 * LATEST[Rank.UNDER_WAY])
    assert a_page(late, b"/me", b"GET", COOKIE) is not None


@pytest.mark.parametrize(("role", "rank"), [("citizen", Rank.UNDER_WAY), ("reviewer", Rank.STAFF)])
def test_a_session_that_was_read_is_familiar_by_its_role(app, core, client, role, rank):
    token, _ = sessions.create(core, account_id=an_account(core), language="ar", door=Door.HOME, roles=(role,))
    familiar = app.state.budgets.familiar
    assert familiar.rank(token, "GET") is Rank.NEW
    client.cookies["mawid"] = token
    client.get("/me")

    assert familiar.rank(token, "GET") is rank
    assert familiar.rank(f"Bearer {token}", "POST") is rank


def test_a_session_that_an_answer_begins_is_familiar(app):
    request = Request(scope_of("POST", "/sign-in", {}) | {"app": app})
    answer = {"headers": [(b"set-cookie", b"other=1; path=/"), (b"set-cookie", b"mawid=new-one; path=/; httponly")]}
    app.state.budgets.familiar.note(request, answer)

    assert app.state.budgets.familiar.rank("new-one", "GET") is Rank.UNDER_WAY
    assert app.state.budgets.familiar.rank("1", "GET") is Rank.NEW


def test_a_visitor_goes_first_only_with_what_they_send(app, client):
    client.get("/register")
    token = client.cookies["mawid"].strip(chr(34))

    assert app.state.budgets.familiar.rank(token, "POST") is Rank.UNDER_WAY
    assert app.state.budgets.familiar.rank(token, "GET") is Rank.NEW


def test_what_is_familiar_takes_little_memory():
    familiar = Familiar(now=lambda: 0.0)
    for number in range(2 * MOST + 1):
        familiar._visitors.note(number.to_bytes(16, "big"))

    assert len(familiar._visitors._present) + len(familiar._visitors._before) <= 2 * MOST


def test_a_form_of_a_real_session_goes_first_in_a_process_that_does_not_know_it(app, core, client):
    token, _ = sessions.create(core, account_id=an_account(core), language="ar", door=Door.HOME, roles=("citizen",))
    budgets = app.state.budgets

    async def ranks(cookie):
        request = Request(scope_of("POST", "/reset", {"cookie": f"mawid={cookie}"}) | {"app": app})
        asked = budgets.admit(request)
        return asked.rank, (await budgets.look_closer(request, asked)).rank

    with more_than_can_be_served(client):
        found = [client.portal.call(ranks, one) for one in ("made-up", token)]

    assert found == [(Rank.NEW, Rank.NEW), (Rank.NEW, Rank.UNDER_WAY)]


def test_a_form_that_is_refused_in_a_crowd_is_counted_and_not_logged(app, client):
    logs.configure(stream := io.StringIO())
    with more_than_can_be_served(client):
        refused = client.post("/reset", data={"username": "salma"})
    told = client.get("/how")

    assert (refused.status_code, told.status_code) == (503, 200)
    assert 'value="salma"' in refused.text
    assert "refresh" not in refused.headers
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["status"] for line in lines if line["event"] == "request"] == [200]
    counted = app.state.metrics.get_sample_value("mawid_door_calls_total", {"cost": "write", "outcome": "overloaded"})
    assert counted == 1


def test_a_field_that_names_no_bearer_lends_nobody_a_session(app):
    """With another first word in each call, one session had its rank and a new budget each time."""
    token = "somebody"
    app.state.budgets.familiar._signed_in.note(app.state.budgets.familiar._hash(token))
    come_late(app, (LATEST[Rank.NEW] + LATEST[Rank.UNDER_WAY]) / 2)

    assert a_page(app, b"/me", b"GET", (b"authorization", b"Bearer somebody")) is None
    assert a_page(app, b"/me", b"GET", (b"authorization", b"Basic somebody")) is not None
    assert a_page(app, b"/me", b"GET", (b"authorization", b"Basic x"), COOKIE) is None
