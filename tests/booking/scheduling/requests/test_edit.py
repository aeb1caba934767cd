"""A request that waits is changed: its turn stays, its wish is a new one, and nobody gains by it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import DatabaseError

from booking.antifraud.gate.backtest import try_rules
from booking.antifraud.gate.replay import replay
from booking.country.places.views import open_slots
from booking.platform.base.drawing_agreed import CLOSING
from booking.platform.base.errors import (
    DrawRunningError,
    IllegalMoveError,
    InvalidInputError,
    LoggedOtherwiseError,
    NotFoundError,
)
from booking.platform.models import (
    LogPending,
    Message,
    Request,
    RequestEdit,
    RequestLeft,
    RequestMember,
    Verdict,
)
from booking.platform.models.states import Door, RequestState
from booking.scheduling.appointments.reserve import confirm_hold, hold
from booking.scheduling.appointments.respond import move
from booking.scheduling.draws import draw as draws
from booking.scheduling.requests.ask import ask
from booking.scheduling.requests.edit import edit, edit_in, judge_edit
from booking.scheduling.requests.receipt import EditedMeanwhileError
from booking.scheduling.requests.withdraw import withdraw
from booking.transparency.log.entries import instant, read_entry, write_entry
from tests.support.country import a_member, a_request, a_wish, an_account, an_origin, put_rules_in_force
from tests.support.edits import change_request, now_of
from tests.support.meanwhile import refused_after
from tests.support.open_draws import open_a_draw
from tests.support.roles import past_the_roles

pytestmark = pytest.mark.neighbours

FAR = """
[[rule]]
name = "several-offices"
when = "offices_ranked >= 2"
then = "{verdict}"
say.ar = "نتحقق من طلبات الفروع الكثيرة"
say.en = "Requests for several offices are checked"
"""


def stored(core, reference):
    with core.sessions() as session:
        return session.scalars(select(Request).where(Request.reference == reference)).unique().one()


def changed(core, account, reference, **what):
    return change_request(core, account_id=account, reference=reference, **what)


def found(core, statement):
    with core.sessions() as session:
        return session.scalars(statement).all()


def edits_of(core, reference):
    return found(core, select(RequestEdit).join(Request).where(Request.reference == reference))


@pytest.fixture
def family(country):
    """A family of three with one request, and who they are."""
    account = an_account(country)
    members = tuple(a_member(country, account) for _ in range(3))
    asked = ask(country, account_id=account, wish=a_wish(members), origin=an_origin())
    return account, asked.reference, members


def test_a_change_keeps_the_turn_and_makes_a_new_receipt_for_the_log(country):
    account, asked = a_request(country)
    before = stored(country, asked.reference)

    edited = changed(country, account, asked.reference, offices=("homs", "damascus"), weekdays=frozenset({1}))

    after = stored(country, asked.reference)
    assert edited.different == {"offices", "weekdays"}
    assert (after.created_at, after.lost_draws, after.state) == (before.created_at, 0, RequestState.ACCEPTED)
    assert after.nonce != before.nonce
    assert edited.receipt == after.receipt.hex() != asked.receipt
    assert {asked.receipt, edited.receipt} <= set(found(country, select(LogPending.key)))
    told = found(country, select(LogPending.body).where(LogPending.kind == "replaced", LogPending.key == asked.receipt))
    by = {"receipt": asked.receipt, "by": edited.receipt, "at": instant(country.clock.now()), "type": "replaced"}
    assert [read_entry(one) for one in told] == [by]
    [kept] = edits_of(country, asked.reference)
    assert (kept.receipt, kept.wish["offices"], kept.wish["nonce"]) == (
        before.receipt,
        ["damascus"],
        before.nonce.hex(),
    )
    assert "request_edited" in found(country, select(Message.kind).where(Message.account_id == account))
    with pytest.raises(DatabaseError, match="only grows"), past_the_roles(country) as other:
        other.execute(delete(RequestEdit))


def test_a_change_that_changes_nothing_leaves_the_receipt(country):
    account, asked = a_request(country)

    assert changed(country, account, asked.reference).receipt == asked.receipt
    assert edits_of(country, asked.reference) == []


def test_who_leaves_may_ask_again_and_still_counts_and_nobody_joins(country, clock, family):
    account, reference, (mother, child, aunt) = family
    stranger = a_member(country, account)

    for joins in ((mother, stranger), (mother, child, aunt, stranger)):
        with pytest.raises(InvalidInputError):
            changed(country, account, reference, people=joins)
    changed(country, account, reference, people=(child, aunt))

    request = stored(country, reference)
    assert (request.party_size, request.units) == (2, 2 * request.service.units)
    positions = select(RequestMember.position).where(RequestMember.request_id == request.id)
    assert sorted(found(country, positions)) == [0, 1]
    assert len(found(country, select(RequestLeft).where(RequestLeft.request_id == request.id))) == 1
    clock.advance(timedelta(minutes=1))
    again = ask(country, account_id=account, wish=a_wish((mother,)), origin=an_origin())
    first = found(country, select(Verdict).join(Request).where(Request.reference == again.reference))[0]
    assert first.inputs["facts"]["requests_for_person_30d"] == 1
    changed(country, account, reference, together=True)
    assert found(country, select(Request.together).where(Request.account_id == account)) == [True, True]


@pytest.mark.alone
def test_a_replay_repeats_the_verdict_of_a_request_that_was_changed_since(country, clock, family):
    account, reference, (mother, *others) = family
    changed(country, account, reference, people=tuple(others), offices=("homs", "damascus", "aleppo"))
    ask(country, account_id=account, wish=a_wish((mother,)), origin=an_origin())
    clock.advance(timedelta(days=1))

    found = replay(country)

    assert (found.repeated, found.skipped, dict(found.differences)) == (2, 0, {})
    assert len(try_rules(country, source=FAR.format(verdict="review")).requests) == 2


@pytest.mark.alone
@pytest.mark.parametrize(
    ("verdict", "state"), [("review", RequestState.UNDER_REVIEW), ("challenge", RequestState.CHALLENGED)]
)
def test_what_the_gate_finds_in_other_offices_is_cleared_first(country, verdict, state):
    account, asked = a_request(country)
    put_rules_in_force(country, source=FAR.format(verdict=verdict))

    assert changed(country, account, asked.reference, weekdays=frozenset({2})).state is RequestState.ACCEPTED
    assert changed(country, account, asked.reference, offices=("homs", "damascus")).state is state
    assert f"request_{state.value}" in found(country, select(Message.kind).where(Message.account_id == account))


@pytest.mark.alone
def test_the_gate_looks_again_at_a_request_that_was_moved_before(country, clock):
    account = an_account(country)
    wish, origin = a_wish((a_member(country, account),)), an_origin()
    with country.sessions() as session:
        later = clock.now() + timedelta(days=3)
        slot = open_slots(session, door=Door.HOME, units=1, now=later, office_code="damascus")[0]
    held = hold(country, account_id=account, slot_id=slot.slot_id, wish=wish, origin=origin)
    confirm_hold(country, account_id=account, reference=held.reference)
    moved = move(country, account_id=account, reference=held.reference)
    put_rules_in_force(country, source=FAR.format(verdict="review"))

    assert changed(country, account, moved, offices=("homs", "damascus")).state is RequestState.UNDER_REVIEW


@pytest.mark.alone
def test_a_request_that_a_draw_counts_on_stays_as_it_is(country, clock):
    account, asked = a_request(country)
    open_a_draw(country, "next")
    clock.advance(timedelta(days=1))
    with pytest.raises(DrawRunningError):  # it is due: whoever asked in time is in it as they asked
        changed(country, account, asked.reference, accessible=True)
    draws.close(country, "next")
    with pytest.raises(DrawRunningError):
        changed(country, account, asked.reference, accessible=True)
    with pytest.raises(DatabaseError, match="closed draw"), country.sessions.begin() as session:
        session.execute(update(Request).values(accessible=True, nonce=b"n" * 16, receipt=b"r" * 32))


@pytest.mark.parametrize(
    "change",
    [
        {"lost_draws": 3, "receipt": b"r", "nonce": b"n"},
        {"party_size": 2, "receipt": b"r", "nonce": b"n"},
        {"last_day": date(2026, 12, 1)},
        {"receipt": b"r", "nonce": b"n"},
    ],
)
def test_the_database_refuses_a_wish_that_changes_otherwise(country, change):
    _, asked = a_request(country)

    with (
        pytest.raises(DatabaseError, match=r"receipt alone|wish alone|before is kept|makes none"),
        past_the_roles(country) as other,
    ):
        other.execute(update(Request).where(Request.reference == asked.reference).values(change))


def test_whoever_writes_another_wish_into_the_database_is_told_of_in_the_public_log(country):
    """As the application's role may: with an edit on record, as if the owner had made it."""
    _, asked = a_request(country)
    request = stored(country, asked.reference)
    edit_row = RequestEdit(
        request_id=request.id, number=0, wish={}, receipt=request.receipt, edited_at=country.clock.now()
    )
    with country.sessions.begin() as session:
        session.add(edit_row)
        session.flush()
        session.execute(
            update(Request).where(Request.id == request.id).values(accessible=True, nonce=b"n" * 16, receipt=b"r" * 32)
        )

    (told,) = found(country, select(LogPending).where(LogPending.kind == "replaced", LogPending.key == asked.receipt))
    assert read_entry(told.body)["by"] == (b"r" * 32).hex()
    other = write_entry("replaced", {**read_entry(told.body), "by": "00" * 32})
    for otherwise, refused in (
        (delete(LogPending), DatabaseError),
        (update(LogPending).values(body=other), DatabaseError),
        (insert(LogPending).values(kind="replaced", key=told.key, body=other), LoggedOtherwiseError),
    ):
        with pytest.raises(refused), country.sessions.begin() as session:
            session.execute(otherwise)


def test_nothing_changes_while_a_draw_closes(country):
    account, asked = a_request(country)
    with country.sessions.begin() as closing:
        closing.execute(select(func.pg_advisory_xact_lock(CLOSING)))
        with pytest.raises(DrawRunningError):
            changed(country, account, asked.reference, accessible=True)


def test_only_its_owner_changes_a_request_and_only_while_it_waits(country):
    account, asked = a_request(country)
    change = now_of(country, asked.reference)
    with pytest.raises(NotFoundError):
        edit(country, account_id=an_account(country), reference=asked.reference, change=change, origin=an_origin())
    withdraw(country, account_id=account, reference=asked.reference)

    with pytest.raises(IllegalMoveError):
        edit(country, account_id=account, reference=asked.reference, change=change, origin=an_origin())


def test_of_two_changes_at_once_the_second_one_is_told(country):
    account, asked = a_request(country)
    whose = {"account_id": account, "reference": asked.reference}
    first = replace(now_of(country, asked.reference), accessible=True)
    with country.sessions() as session:
        judged = judge_edit(session, country, **whose, change=first, origin=an_origin())

    refused = refused_after(
        country,
        lambda session: edit_in(session, country, **whose, change=first, judged=judged),
        lambda: edit(country, **whose, change=replace(first, weekdays=frozenset({1})), origin=an_origin()),
    )

    assert isinstance(refused, EditedMeanwhileError)
    assert len(edits_of(country, asked.reference)) == 1


def test_a_change_that_meets_a_withdrawal_changes_nothing(country):
    account, asked = a_request(country)
    change = replace(now_of(country, asked.reference), accessible=True)
    of_it = update(Request).where(Request.reference == asked.reference)

    refused = refused_after(
        country,
        lambda session: session.execute(of_it.values(state=RequestState.WITHDRAWN)),
        lambda: edit(country, account_id=account, reference=asked.reference, change=change, origin=an_origin()),
    )

    assert isinstance(refused, IllegalMoveError)
    assert edits_of(country, asked.reference) == []
