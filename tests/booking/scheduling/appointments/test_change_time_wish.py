"""A changed time keeps what was wished for in a draw, so that a later move asks for no less."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from booking.people.identity.acting import keep_turns_in
from booking.platform.models import HouseholdMember, Office, Request, RequestOffice, Verdict
from booking.platform.models.states import RequestState
from booking.scheduling.appointments.reserve import confirm_hold, hold
from booking.scheduling.appointments.respond import move
from booking.scheduling.requests.ask import ask
from booking.scheduling.requests.new_rows import SOON
from booking.scheduling.requests.wish import Also
from tests.booking.scheduling.appointments.changing import Holder, a_holder, placed
from tests.support.country import a_member, a_wish, an_account, an_origin, eligible_number
from tests.support.free_slots import free_slots

pytestmark = pytest.mark.neighbours

DRAWN = {"lost_draws": 2, "lasting_draws": 1, "link_draw": "d9", "link_list": "line", "link_row": 7}


@pytest.fixture
def slots(country):
    return free_slots(country)


@pytest.fixture
def holder(country, slots):
    return drawn(country, slots)


def drawn(country, slots, **other):
    """Somebody whose place was drawn: any working day, in the morning, at Damascus or else at Aleppo."""
    account = an_account(country)
    people = (a_member(country, account),)
    wish = {
        "offices": ("damascus", "aleppo"),
        "bands": frozenset({"morning"}),
        "weekdays": frozenset({0, 1, 2, 3, 6}),
        "first_day": country.today() + timedelta(days=1),
        "last_day": country.today() + timedelta(days=30),
        "together": True,
    } | other
    asked = ask(country, account_id=account, wish=replace(a_wish(people), **wish), origin=an_origin())
    reference = placed(country, asked.reference, slots[0])
    with country.sessions.begin() as session:
        session.execute(update(Request).where(Request.reference == asked.reference).values(**DRAWN))
    return Holder(country, account, people, reference)


def wish_of(holder, reference=None):
    """What the holder's request asks for; or that of a reference."""
    with holder.core.sessions() as session:
        wanted = Request.reference == (reference or holder.appointment().request.reference)
        request = session.scalars(select(Request).where(wanted)).one()
        codes = session.scalars(
            select(Office.code)
            .join(RequestOffice, RequestOffice.office_id == Office.id)
            .where(RequestOffice.request_id == request.id)
            .order_by(RequestOffice.rank)
        ).all()
        days = request.first_day, request.last_day, request.weekdays
        return codes, days, set(request.bands.split(",")), request.together


def slot_where(slots, holder, *, bands):
    """Some free slot of another time of day, or of the same one."""
    own = holder.appointment().starts_at
    return next(slot for slot in slots if slot.starts_at != own and (slot.band in bands))


def test_a_time_within_the_wish_leaves_the_whole_wish_and_its_turn(country, slots, holder):
    before = wish_of(holder)
    holder.change(slot_where(slots, holder, bands={"morning"}).slot_id)
    assert wish_of(holder) == before
    request = holder.appointment().request
    assert (request.lost_draws, request.link_row) == (2, 7)
    again = move(country, account_id=holder.account, reference=holder.reference)
    assert wish_of(holder, again) == before


def test_a_move_after_a_change_keeps_an_end_that_is_soon_and_the_turn(country, slots):
    end = country.today() + SOON - timedelta(days=7)
    holder = drawn(country, slots, last_day=end, needed_by=end)
    holder.change(slot_where(slots, holder, bands={"morning"}).slot_id)
    again = move(country, account_id=holder.account, reference=holder.reference)
    with country.sessions() as session:
        request = session.scalars(select(Request).where(Request.reference == again)).one()
    assert (request.last_day, request.needed_by, request.lost_draws) == (end, end, DRAWN["lost_draws"])


def test_a_move_after_a_change_within_one_day_has_no_end(country, slots):
    day = slots[0].local_day
    holder = drawn(country, slots, weekdays=frozenset({day.weekday()}), first_day=day, last_day=day)
    there = next(slot for slot in slots[1:] if slot.local_day == day)
    holder.change(there.slot_id)
    _, (first, last, _), _, _ = wish_of(holder, move(country, account_id=holder.account, reference=holder.reference))
    assert (first, last) == (day, None), "as of a place that was booked at once, which the version before made of it"


def test_a_place_outside_the_wish_widens_it_and_costs_the_turn(country, holder):
    (codes, (first, last, weekdays), bands, together) = wish_of(holder)
    there = next(slot for slot in free_slots(country, office="homs", days=35) if slot.band != "morning")
    holder.change(there.slot_id)
    day = there.local_day
    assert wish_of(holder) == (
        ["homs", *codes],
        (first, max(last, day), weekdays | 1 << day.weekday()),
        bands | {there.band},
        together,
    )
    assert holder.appointment().request.lost_draws == DRAWN["lasting_draws"]


def test_the_verdict_counts_the_offices_that_are_stored(country, slots, holder):
    holder.change(slots[1].slot_id)
    with country.sessions() as session:
        inputs = session.scalars(
            select(Verdict.inputs).where(Verdict.request_id == holder.appointment().request_id)
        ).one()
    assert inputs["facts"]["offices_ranked"] == len(wish_of(holder)[0]) == 2


@pytest.mark.alone
def test_closed_offices_and_days_that_are_over_are_left_out(country, slots, holder, clock):
    with country.sessions.begin() as session:
        session.execute(update(Office).where(Office.code == "aleppo").values(active=False))
    clock.advance(timedelta(days=2))
    holder.change(slots[-1].slot_id)
    codes, (first, _, _), _, _ = wish_of(holder)
    assert (codes, first) == (["damascus"], country.today())


def test_no_more_offices_are_ranked_than_a_policy_allows(country, holder):
    request = holder.appointment().request
    most = country.pack.quotas.limits.ranked_offices
    with country.sessions.begin() as session:
        others = session.scalars(
            select(Office.id).where(Office.kind == "branch", Office.code.not_in(["damascus", "aleppo", "homs"]))
        ).all()
        session.add_all(
            RequestOffice(request_id=request.id, rank=rank, office_id=office)
            for rank, office in zip(range(2, most), others, strict=False)
        )
    [there, *_] = free_slots(country, office="homs")
    holder.change(there.slot_id)
    codes = wish_of(holder)[0]
    assert (len(codes), codes[:3]) == (most, ["homs", "damascus", "aleppo"])


def test_who_booked_at_once_wished_for_that_place_alone(country, slots):
    holder = a_holder(country, slots[0].slot_id)
    late = slots[-1]
    holder.change(late.slot_id)
    codes, days, bands, together = wish_of(holder)
    assert (codes, days[:2], bands, together) == (["damascus"], (late.local_day,) * 2, {late.band}, False)
    assert holder.appointment().request.state is RequestState.DRAWN


@pytest.mark.alone
@pytest.mark.parametrize("leaves", [0, 1])
def test_who_is_left_of_a_visit_for_several_services_changes_its_time(country, slots, leaves):
    account = an_account(country)
    child = eligible_number(country, never_had_passport=True)
    people = a_member(country, account), a_member(country, account, number=child)
    wish = replace(a_wish(people[:1]), also=(Also("new-passport", people[1:]),))
    held = hold(country, account_id=account, slot_id=slots[0].slot_id, wish=wish, origin=an_origin())
    confirm_hold(country, account_id=account, reference=held.reference)
    holder = Holder(country, account, people, held.reference)
    with country.sessions.begin() as session:
        gone = session.get_one(HouseholdMember, people[leaves])
        keep_turns_in(session, person_id=gone.person_id, leaver=account, owner=None, now=country.clock.now())
        session.delete(gone)
    holder.change(next(slot for slot in slots[1:] if slot.starts_at != slots[0].starts_at).slot_id)
    with country.sessions() as session:
        request = session.scalars(select(Request).where(Request.id == holder.appointment().request_id)).one()
        assert [one.code for one in request.services] == [["new-passport"], ["passport-renewal"]][leaves]
    assert [claim.places for claim in holder.appointment().places] == [1]
