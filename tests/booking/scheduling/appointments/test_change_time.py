"""Another free time in one step: what becomes of both appointments, and that a refusal changes nothing at all."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from booking.country.core.register import RegisterAwayError
from booking.people.reaching.notice_text import read_message
from booking.platform.base.errors import (
    AlreadyLiveError,
    IdempotencyConflictError,
    NotBookableError,
    NotFoundError,
    SlotFullError,
    TooLateToCancelError,
    TooManyAttemptsError,
    TooManyMovesError,
    VerdictError,
)
from booking.platform.models import Appointment, AppointmentPlaces, Message, Request, RequestMember, SlotPool
from booking.platform.models.states import AppointmentState, Door, Pool, RequestState
from booking.scheduling.appointments.errors import CheckFirstError, NotChangeableError, SameTimeError
from booking.scheduling.appointments.respond import LATEST_MOVE, MOST_MOVES, cancel, move
from booking.scheduling.requests.ask import ask
from booking.scheduling.urgent.ask import ask_urgent, withdraw_case
from tests.booking.desk.helpers.helped import a_helper, helper_id_of
from tests.booking.people.identity.conftest import Away
from tests.booking.scheduling.appointments.changing import a_holder, everything, pools, seen_by
from tests.support.country import a_wish, an_account, an_origin, put_rules_in_force
from tests.support.free_slots import free_slots

pytestmark = pytest.mark.neighbours

RULE = '[[rule]]\nname = "all"\nwhen = "party_size > 0"\nthen = "{}"\nsay.ar = "كلام"\nsay.en = "Words"\n'


@pytest.fixture
def slots(country):
    return [slot.slot_id for slot in free_slots(country)]


@pytest.fixture
def holder(country, slots):
    return a_holder(country, slots[0])


def set_of(holder, table, **values):
    """Change columns of the holder's appointment, or of its request."""
    own = select(Appointment.request_id).where(Appointment.reference == holder.reference).scalar_subquery()
    which = Appointment.reference == holder.reference if table is Appointment else Request.id == own
    with holder.core.sessions.begin() as session:
        session.execute(update(table).where(which).values(values))


def test_the_new_place_is_taken_and_the_old_one_goes_to_the_draw(country, slots, holder):
    old, before = holder.appointment(), [pools(country, slot) for slot in slots[:2]]
    changed = holder.change(slots[1])

    new, ended = holder.appointment(), holder.appointment(old.reference)
    assert (new.state, new.request.state) == (AppointmentState.CONFIRMED, RequestState.DRAWN)
    assert (ended.state, ended.request.state) == (AppointmentState.CANCELLED, RequestState.WITHDRAWN)
    assert (changed.reference, changed.request, changed.starts_at) == (
        new.reference,
        new.request.reference,
        new.starts_at,
    )
    after = [pools(country, slot) for slot in slots[:2]]
    (instant, taken), (drawn, given) = before[0][Pool.INSTANT], before[0][Pool.DRAW]
    assert after[0] == before[0] | {Pool.INSTANT: (instant - 1, taken - 1), Pool.DRAW: (drawn + 1, given)}
    instant, taken = before[1][Pool.INSTANT]
    assert after[1] == before[1] | {Pool.INSTANT: (instant, taken + 1)}


def test_it_says_nothing_against_anybody_and_is_told_once(country, slots, holder):
    old = holder.appointment()
    holder.change(slots[1])
    assert holder.appointment(old.reference).outcome is None
    with country.sessions() as session:
        theirs = select(Message).where(Message.account_id == holder.account)
        [told] = session.scalars(theirs.where(Message.kind == "appointment_changed"))
        text = read_message(session, country, told, "en")
        assert not session.scalars(theirs.where(Message.kind == "appointment_cancelled")).all()
    local = [one.starts_at + timedelta(hours=3) for one in (holder.appointment(), old)]
    now, was = (f"{one.day}/{one.month} {one.hour}:{one.minute:02d}" for one in local)
    assert now in text.partition("gave up")[0]
    assert was in text.partition("gave up")[2]


@pytest.mark.alone
def test_a_family_goes_together_to_another_office(country, slots):
    family = a_holder(country, slots[0], people=2)
    [there, *_] = free_slots(country, office="homs")
    family.change(there.slot_id)
    assert family.appointment().office.code == "homs"
    assert [claim.places for claim in family.appointment().places] == [family.appointment().request.units]
    assert family.appointment().request.party_size == 2


def test_a_drawn_appointment_becomes_one_booked_at_once_and_keeps_its_turn(country, slots, holder):
    set_of(holder, Request, lost_draws=3, owed_turns=1, lasting_draws=2, link_draw="d9", link_list="line", link_row=7)
    with country.sessions.begin() as session:
        drawn = session.scalars(select(Appointment).where(Appointment.reference == holder.reference)).one()
        drawn.places[0].pool = Pool.DRAW
        for pool, change in ((Pool.INSTANT, -1), (Pool.DRAW, 1)):
            session.get_one(SlotPool, (slots[0], pool)).taken += change
    before = pools(country, slots[0])[Pool.DRAW]
    holder.change(slots[1])
    assert pools(country, slots[0])[Pool.DRAW] == (before[0], before[1] - 1)
    again = move(country, account_id=holder.account, reference=holder.reference)
    with country.sessions() as session:
        request = session.scalars(select(Request).where(Request.reference == again)).one()
    assert (request.lost_draws, request.owed_turns, request.lasting_draws) == (2, 1, 2)
    assert (request.link_draw, request.link_list, request.link_row, request.reschedules) == ("d9", "line", 7, 2)


def test_draws_lost_for_another_wish_count_only_where_something_fitted(country, slots, holder):
    set_of(holder, Request, lost_draws=3, owed_turns=1, lasting_draws=2, link_draw="d9", link_list="line", link_row=7)
    [there, *_] = free_slots(country, office="homs")
    holder.change(there.slot_id)
    request = holder.appointment().request
    assert (request.lost_draws, request.owed_turns, request.lasting_draws, request.resting_draws) == (2, 1, 2, 0)
    holder.change(slots[1])
    assert holder.appointment().request.lost_draws == 2, "what was laid aside does not come back"


def test_a_helper_who_asked_is_known_as_the_one_who_asked(country, slots, holder):
    helper = a_helper(country)
    set_of(holder, Request, helper_id=helper_id_of(country, helper))
    holder.change(slots[1])
    with country.sessions() as session:
        own = select(func.is_own_request(helper, holder.appointment().request_id))
        assert session.scalar(own), "so nobody of the shop decides about what it sent"


def test_every_place_of_a_long_appointment_is_given_back_around_the_new_one(country, slots, holder):
    with country.sessions.begin() as session:
        long = session.scalars(select(Appointment).where(Appointment.reference == holder.reference)).one()
        long.places.append(AppointmentPlaces(slot_id=slots[2], pool=Pool.ACCESSIBLE, places=1))
        session.merge(SlotPool(slot_id=slots[2], pool=Pool.ACCESSIBLE, places=1, taken=1, overbooked=0))
    before = [pools(country, slot) for slot in slots[:3]]
    holder.change(slots[1])
    after = [pools(country, slot) for slot in slots[:3]]
    assert [after[0][Pool.INSTANT][1], after[1][Pool.INSTANT][1], after[2][Pool.ACCESSIBLE]] == [
        before[0][Pool.INSTANT][1] - 1,
        before[1][Pool.INSTANT][1] + 1,
        (1, 0),
    ]


def test_changes_and_moves_together_are_two_at_most(country, slots, holder):
    for slot in slots[1 : 1 + MOST_MOVES]:
        holder.change(slot)
    before = everything(country)
    with pytest.raises(TooManyMovesError):
        holder.change(slots[5])
    with pytest.raises(TooManyMovesError):
        move(country, account_id=holder.account, reference=holder.reference)
    assert everything(country) == before


def test_a_repetition_changes_nothing_more_and_gets_the_same_answer(country, slots, holder):
    first = holder.reference
    changed = holder.change(slots[1], key="key")
    before, holder.reference = everything(country), first
    assert holder.change(slots[1], key="key") == replace(changed, replayed=True)
    assert everything(country) == before
    holder.reference = first
    with pytest.raises(IdempotencyConflictError):
        holder.change(slots[2], key="key")
    with pytest.raises(NotChangeableError):
        holder.change(slots[2], key="another")
    assert everything(country) == before


def nothing_changes(holder, error, slot_id, **how):
    before = everything(holder.core)
    reference = holder.reference
    with pytest.raises(error) as refused:
        holder.change(slot_id, **how)
    assert everything(holder.core) == before
    assert holder.reference == reference
    return refused.value


def fill(core, slot_id):
    with core.sessions.begin() as session:
        pool = session.get_one(SlotPool, (slot_id, Pool.INSTANT))
        pool.taken = pool.places


def test_a_full_slot_changes_nothing(country, slots, holder):
    fill(country, slots[1])
    nothing_changes(holder, SlotFullError, slots[1])


@pytest.mark.alone
@pytest.mark.parametrize("then", ["review", "challenge"])
def test_what_the_gate_wants_looked_at_first_changes_nothing(country, slots, holder, then):
    put_rules_in_force(country, source=RULE.format(then))
    refused = nothing_changes(holder, CheckFirstError, slots[1])
    assert [reason["en"] for reason in refused.reasons] == ["Words"]


class Pending:
    """The register, which says of everybody that another application is under way."""

    def __init__(self, register):
        self._register = register

    def __getattr__(self, name):
        return getattr(self._register, name)

    def facts(self, number, grant):
        return replace(self._register.facts(number, grant), application_pending=True)

    def facts_of_many(self, asked):
        return [self.facts(number, grant) for number, grant in asked]


def test_what_a_register_rules_out_changes_nothing(country, slots, holder):
    other = seen_by(holder, replace(country, register=Pending(country.register)))
    nothing_changes(other, VerdictError, slots[1])


def test_while_the_register_is_away_nothing_changes(country, slots, holder):
    nothing_changes(seen_by(holder, replace(country, register=Away())), RegisterAwayError, slots[1])


def test_the_same_time_and_places_that_are_not_bookable_change_nothing(country, slots, holder):
    nothing_changes(holder, SameTimeError, slots[0])
    abroad = [code for code in ("berlin", "istanbul", "cairo") if free_slots(country, office=code, door=Door.ABROAD)]
    [there, *_] = free_slots(country, office=abroad[0], door=Door.ABROAD)
    for slot in (there.slot_id, 10**9):
        nothing_changes(holder, NotBookableError, slot)


def test_somebody_elses_appointment_is_unknown(country, slots, holder):
    nothing_changes(replace(holder, account=an_account(country)), NotFoundError, slots[1])


@pytest.mark.alone
def test_less_than_a_day_before_nothing_changes(country, slots, holder, clock):
    clock.set(holder.appointment().starts_at - LATEST_MOVE + timedelta(seconds=1))
    nothing_changes(holder, TooLateToCancelError, slots[40])


@pytest.mark.parametrize("state", [AppointmentState.OFFERED, AppointmentState.CHECKED_IN])
def test_only_a_confirmed_appointment_changes(country, slots, holder, state):
    set_of(holder, Appointment, state=state)
    nothing_changes(holder, NotChangeableError, slots[1])


def test_one_that_was_given_up_does_not_come_back(country, slots, holder):
    cancel(country, account_id=holder.account, reference=holder.reference)
    nothing_changes(holder, NotChangeableError, slots[1])


def test_changes_spend_attempts_to_hold_and_end_at_the_limit(country, slots, holder):
    fill(country, slots[1])

    def tries_on():
        for _ in range(200):
            with suppress(SlotFullError):
                holder.change(slots[1])

    with pytest.raises(TooManyAttemptsError):
        tries_on()
    assert holder.appointment().state is AppointmentState.CONFIRMED


def test_an_open_urgent_case_keeps_the_appointment_until_it_is_decided(country, slots, holder):
    case = {"account_id": holder.account, "request_reference": holder.appointment().request.reference}
    ask_urgent(country, **case, reason="medical", needed_by=country.today() + timedelta(days=2), words="")
    nothing_changes(holder, NotChangeableError, slots[1])
    withdraw_case(country, **case)
    holder.change(slots[1])


def test_people_have_one_live_turn_before_and_after(country, slots, holder):
    for slot in slots[1:3]:
        with pytest.raises(AlreadyLiveError):
            ask(country, account_id=holder.account, wish=a_wish(holder.people), origin=an_origin())
        holder.change(slot)
    with country.sessions() as session:
        live = session.scalars(
            select(RequestMember).join(Request).where(RequestMember.live, Request.account_id == holder.account)
        ).all()
    assert [one.request_id for one in live] == [holder.appointment().request_id]
