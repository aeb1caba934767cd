"""What goes wrong with one of a batch, in a second transaction or at the register, goes wrong for that one alone."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

import psycopg
from sqlalchemy import event, func, select, text

from booking.country.core.idempotency import fingerprint_of
from booking.country.core.register import RegisterCalls, open_national_number
from booking.people.registers.http import HttpRegister
from booking.platform.base.errors import AlreadyLiveError
from booking.platform.base.libpq import libpq_parameters
from booking.platform.base.outages import is_outage
from booking.platform.embedded.postgres import SUPERUSER
from booking.platform.models import HouseholdMember, Request
from booking.scheduling.requests.ask import Attempt, ask, ask_all
from booking.scheduling.requests.asking.check_form import Asking
from booking.scheduling.requests.keep import Asked
from tests.booking.people.registers.liar import a_liar, sends
from tests.booking.scheduling.requests.asking.answers import answered
from tests.support.country import a_member, a_wish, an_account, an_origin
from tests.support.meanwhile import right_after
from tests.support.roles import as_role
from tests.support.stand_in import a_line
from tests.support.waiting import PATIENCE, eventually

FACTS = {
    "passport_valid_until": "2026-12-01",
    "application_pending": False,
    "region": "damascus",
    "gender": None,
    "listed": [],
    "held": [],
}
ME = "SELECT pg_backend_pid()"  # a pooler tells another number
DEADLOCK = "40P01"
WAITS = "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'"
LAST = 5


def some_attempts(core, count):
    accounts = [an_account(core) for _ in range(count)]
    wishes = [a_wish((a_member(core, account),)) for account in accounts]
    return [
        Attempt(Asking(core, account, wish, an_origin()), None, fingerprint_of(wish.as_dict()))
        for account, wish in zip(accounts, wishes, strict=True)
    ]


def stored(core):
    with core.sessions() as session:
        return session.scalar(select(func.count()).select_from(Request))


def test_a_person_whom_another_process_keeps_meanwhile_is_refused_alone(country):
    attempts = some_attempts(country, 5)
    with right_after(country, "FROM request_member", lambda: answered([attempts[2]])):
        answers = answered(attempts)

    assert [type(one) for one in answers] == [Asked, Asked, AlreadyLiveError, Asked, Asked]
    assert stored(country) == 5


def test_who_was_kept_hears_it_where_the_database_is_lost_under_the_rest(country):
    """All of them, two, three with the one who is refused, that one, and the rest: the fifth part is lost."""
    attempts = some_attempts(country, 5)
    engine, written = country.sessions.kw["bind"], []

    def lose(connection, _cursor, statement, *_):
        if "INSERT INTO request " not in statement:
            return
        written.append(connection.connection.dbapi_connection.execute(ME).fetchone()[0])
        if len(written) == LAST:
            with engine.connect() as other:
                other.execute(text("SELECT pg_terminate_backend(:process, 5000)"), {"process": written[-1]})

    def keep_one_meanwhile():
        answered([attempts[2]])
        event.listen(engine, "before_cursor_execute", lose)

    with right_after(country, "FROM request_member", keep_one_meanwhile):
        answers = answered(attempts)
    event.remove(engine, "before_cursor_execute", lose)

    assert [type(one) for one in answers[:3]] == [Asked, Asked, AlreadyLiveError]
    assert all(is_outage(one) for one in answers[3:])
    assert stored(country) == 3


def test_a_batch_that_the_database_chose_as_a_deadlocks_victim_is_kept_all_the_same(country):
    """Somebody else holds an account, the batch the households; each then waits for what the other one holds.

    PostgreSQL looks for a ring once, when somebody has waited for a second, and ends who looks: here never the other.
    """
    attempts, met = some_attempts(country, 4), []
    accounts = [one.asking.account_id for one in attempts]
    engine = country.sessions.kw["bind"]
    mighty = libpq_parameters(as_role(engine.url, SUPERUSER))

    def note(context):
        met.append(getattr(context.original_exception, "sqlstate", None))

    def wait(other):
        other.execute("SELECT FROM household_member WHERE account_id = %s FOR UPDATE", [accounts[0]])
        other.commit()

    event.listen(engine, "handle_error", note)
    with (
        psycopg.connect(**mighty) as other,
        psycopg.connect(**mighty, autocommit=True) as watch,
        ThreadPoolExecutor(1) as pool,
    ):
        other.execute("SET deadlock_timeout = '1h'")
        other.execute("SELECT FROM account WHERE id = %s FOR UPDATE", [accounts[2]])

        def begin_to_wait():
            pool.submit(wait, other)
            eventually(
                lambda: watch.execute(WAITS, [other.info.backend_pid]).fetchone(), what="the other does not wait"
            )

        with right_after(country, "FOR SHARE", begin_to_wait):
            answers = answered(attempts)
    event.remove(engine, "handle_error", note)

    assert met == [DEADLOCK]
    assert [type(one) for one in answers] == [Asked] * 4
    assert stored(country) == 4


def test_a_register_that_hangs_over_one_of_a_batch_holds_up_nobody_behind_it(country, clock):
    hangs, beside, behind = some_attempts(country, 3)
    with country.sessions() as session:
        member = session.get_one(HouseholdMember, hangs.asking.wish.people[0])
        number = open_national_number(country.vault, member.person)
    asked, go = Event(), Event()

    def answer(liar, connection, question):
        people = [one["number"] for one in question.get("people", [question])]
        if number in people:
            asked.set()
            go.wait(PATIENCE)
        known = [{"number": one, "facts": FACTS} for one in people]
        sends({"people": known} if "people" in question else known[0])(liar, connection, json.dumps(question))

    with a_liar(answer) as liar, a_line(liar.address) as line, ThreadPoolExecutor(2) as pool:
        core = replace(country, register=HttpRegister(line, clock, RegisterCalls()))
        batch = [replace(one, asking=replace(one.asking, core=core)) for one in (hangs, beside)]
        held_up = [pool.submit(core.together.do, ask_all, one) for one in batch]
        assert asked.wait(PATIENCE)
        later = behind.asking
        first = ask(core, account_id=later.account_id, wish=later.wish, origin=later.origin)
        still_hangs = not held_up[0].done()
        go.set()
        answers = [one.result(PATIENCE) for one in held_up]

    assert still_hangs
    assert isinstance(first, Asked)
    assert [type(one) for one in answers] == [Asked, Asked]
