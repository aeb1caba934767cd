"""A request is in the draw while its case is decided; it is served once, and what nobody used goes back."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from booking.platform.base.errors import DrawRunningError
from booking.platform.models import Appointment, Request, SlotPool, UrgentEvidence
from booking.platform.models.states import LIVE_APPOINTMENT_STATES, AppointmentState, Pool, RequestState, UrgentState
from booking.scheduling.appointments.respond import move
from booking.scheduling.draws import closing
from booking.scheduling.draws import draw as draws
from booking.scheduling.requests.views import request_view
from booking.scheduling.urgent.approve import approve
from booking.scheduling.urgent.claim import claim
from booking.scheduling.urgent.errors import TooLateToUndoError, UrgentNotPossibleError, UrgentPoolEmptyError
from booking.scheduling.urgent.evidence import evidence_store
from booking.scheduling.urgent.retention import lapse_cases, remove_old_evidence, return_unused
from booking.scheduling.urgent.reverse import revoke, undo
from tests.support.open_draws import open_a_draw
from tests.support.urgent_cases import APPROVE, a_draft, stored

REVOKE = {"reason": "approved_by_mistake", "note": "the letter was another person's"}
DRAW = "2026-11-02"


@pytest.fixture
def a_draw(core):
    """A draw that closes tomorrow, for the days from the eighth on."""
    open_a_draw(core, DRAW, in_days=7)


def live_appointments(core, case):
    with core.sessions() as session:
        return session.scalars(
            select(Appointment)
            .join(Request, Request.id == Appointment.request_id)
            .where(Request.reference == case.request, Appointment.state.in_(LIVE_APPOINTMENT_STATES))
        ).all()


def approved(core, case, officer):
    claim(core, officer_id=officer, reference=case.reference)
    return approve(core, officer_id=officer, reference=case.reference, **APPROVE).appointment


def test_a_closed_draw_does_not_serve_a_person_approved_meanwhile(core, a_draw, a_case, officer):
    case, other = a_case(), a_case()
    core.clock.advance(timedelta(days=1))
    draws.close(core, DRAW)
    reference = approved(core, case, officer)

    draws.run(core, DRAW)

    assert [one.reference for one in live_appointments(core, case)] == [reference]
    assert len(live_appointments(core, other)) == 1


def test_nobody_takes_a_turn_along_that_a_closing_has_read(core, a_draw, a_case, officer, monkeypatch):
    case = a_case()
    core.clock.advance(timedelta(days=1))
    write = closing.write_closing

    def leave(*args, **more):
        claim(core, officer_id=officer, reference=case.reference)
        late = approve(
            core, officer_id=officer, reference=case.reference, slot_id=last_urgent_slot(core, case), **APPROVE
        )
        with pytest.raises(DrawRunningError):
            move(core, account_id=case.account, reference=late.appointment)
        return write(*args, **more)

    monkeypatch.setattr(closing, "write_closing", leave)
    draws.close(core, DRAW)
    [urgent] = live_appointments(core, case)
    again = move(core, account_id=case.account, reference=urgent.reference)

    with core.sessions() as session:
        assert session.scalars(select(Request.link_draw).where(Request.reference == again)).one() == DRAW


@pytest.mark.parametrize(("room", "after"), [(False, ("carried_over", 1)), (True, ("accepted", 0))])
def test_a_revoked_approval_counts_only_draws_that_had_no_place(core, a_draw, a_case, officer, supervisor, room, after):
    case = a_case()
    core.clock.advance(timedelta(days=1))
    if not room:
        with core.sessions.begin() as session:
            session.execute(update(SlotPool).where(SlotPool.pool == Pool.DRAW).values(places=SlotPool.taken))
    draws.close(core, DRAW)
    approved(core, case, officer)
    draws.run(core, DRAW)
    revoke(core, officer_id=supervisor, reference=case.reference, **REVOKE)
    view = request_view(core, case.account, case.request)
    assert (view.state.value, view.turn.counts) == after
    assert live_appointments(core, case) == []


def test_a_drawn_appointment_is_exchanged_only_for_an_earlier_one(core, a_draw, a_case, officer):
    case, late = a_case(days=4), a_case(days=20)
    core.clock.advance(timedelta(days=1))
    draws.close(core, DRAW)
    draws.run(core, DRAW)
    [drawn] = live_appointments(core, case)
    [kept] = live_appointments(core, late)

    reference = approved(core, case, officer)

    [urgent] = live_appointments(core, case)
    assert urgent.reference == reference
    assert urgent.starts_at < drawn.starts_at
    with core.sessions() as session:
        assert session.get_one(Appointment, drawn.id).state is AppointmentState.CANCELLED
        assert session.scalar(select(func.count()).select_from(SlotPool).where(SlotPool.taken > SlotPool.places)) == 0
    with pytest.raises(TooLateToUndoError):
        undo(core, officer_id=officer, reference=case.reference, note="the drawn place is gone")
    claim(core, officer_id=officer, reference=late.reference)
    with core.sessions() as session:
        after = session.scalar(
            select(func.min(SlotPool.slot_id))
            .join(Appointment, Appointment.office_id == kept.office_id)
            .where(SlotPool.pool == Pool.URGENT, SlotPool.places > 0, SlotPool.slot_id > 0)
        )
    assert after is not None
    with pytest.raises((UrgentNotPossibleError, UrgentPoolEmptyError)):
        approve(core, officer_id=officer, reference=late.reference, slot_id=last_urgent_slot(core, late), **APPROVE)
    assert [one.reference for one in live_appointments(core, late)] == [kept.reference]


def last_urgent_slot(core, case):
    from booking.scheduling.urgent.places import free_places  # noqa: PLC0415

    with core.sessions() as session:
        places = free_places(session, core, session.merge(stored(core, case.reference)))
        return max(places, key=lambda place: place.starts_at).slot_id


def urgent_and_walk_in(core, day):
    from booking.platform.models import Office, Slot  # noqa: PLC0415

    with core.sessions() as session:
        rows = session.execute(
            select(SlotPool.pool, func.sum(SlotPool.places))
            .join(Slot, Slot.id == SlotPool.slot_id)
            .join(Office, Office.id == Slot.office_id)
            .where(Office.code == "damascus", Slot.local_day == day)
            .group_by(SlotPool.pool)
        ).all()
    places = dict(rows)
    return places[Pool.URGENT], places[Pool.WALK_IN]


def test_unused_places_go_to_walk_ins_at_noon_of_the_day_before(core, a_draw, a_case, officer):
    tomorrow = core.today() + timedelta(days=1)
    urgent, walk_in = urgent_and_walk_in(core, tomorrow)
    assert urgent > 1
    approved(core, a_case(days=1), officer)
    core.clock.advance(timedelta(hours=2, minutes=59))  # 11:59 in Damascus
    return_unused(core)
    assert urgent_and_walk_in(core, tomorrow) == (urgent, walk_in)
    core.clock.advance(timedelta(minutes=1))
    assert return_unused(core) > 0
    assert urgent_and_walk_in(core, tomorrow) == (1, walk_in + urgent - 1)
    assert return_unused(core) == 0


def test_a_case_ends_after_its_day_and_its_request_goes_on(core, a_case, officer):
    case = a_case(days=2)
    claim(core, officer_id=officer, reference=case.reference)
    core.clock.advance(timedelta(days=3))
    assert lapse_cases(core) == 0  # it is still that day somewhere in the west
    core.clock.advance(timedelta(hours=7))
    assert lapse_cases(core) == 1
    assert stored(core, case.reference).state is UrgentState.LAPSED
    assert request_view(core, case.account, case.request).state is RequestState.ACCEPTED
    assert lapse_cases(core) == 0


def test_evidence_is_removed_ninety_days_after_the_end_of_a_case(core, a_case):
    case = a_case(days=2)
    a_draft(core)
    with core.sessions() as session:
        evidence = session.scalars(select(UrgentEvidence)).one()
    store = evidence_store(core)
    core.clock.advance(timedelta(days=4))
    assert lapse_cases(core) == 1
    core.clock.advance(timedelta(days=89))
    assert remove_old_evidence(core) == 0
    assert store.get(evidence.id, 0)
    core.clock.advance(timedelta(days=2))
    assert remove_old_evidence(core) == 1
    assert [path for path in core.settings.evidence_folder.rglob("*") if path.is_file()] == []
    assert stored(core, case.reference).closed_at
