"""Two people at the same moment, with real threads and connections: one of them wins, and nothing is half done."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

from sqlalchemy import func, select, text

from booking.country.core import audit
from booking.platform.base.errors import MawidError
from booking.platform.models import Appointment, SlotPool, UrgentDecision
from booking.platform.models.states import LIVE_APPOINTMENT_STATES, Pool, RequestState, Role, UrgentState
from booking.scheduling.requests.views import request_view
from booking.scheduling.requests.withdraw import withdraw
from booking.scheduling.urgent.approve import approve, approve_second
from booking.scheduling.urgent.claim import claim
from booking.scheduling.urgent.decide import deny
from booking.scheduling.urgent.reverse import revoke, undo
from tests.support.country import a_colleague
from tests.support.meanwhile import refused_after
from tests.support.urgent_cases import APPROVE, DENY, stored
from tests.support.waiting import PATIENCE

ROUNDS = 4


def at_once(*calls):
    """Run all calls from the same moment on; give each one's error, or None."""
    barrier = Barrier(len(calls), timeout=PATIENCE)

    def run(call):
        barrier.wait()
        try:
            call()
        except MawidError as error:
            return type(error).__name__
        return None

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def live(core):
    with core.sessions() as session:
        return session.scalar(
            select(func.count()).select_from(Appointment).where(Appointment.state.in_(LIVE_APPOINTMENT_STATES))
        )


def taken(core):
    with core.sessions() as session:
        return session.scalar(select(func.sum(SlotPool.taken)).where(SlotPool.pool == Pool.URGENT))


def leave_one_place(core):
    """Leave a single urgent place in the whole country, in Damascus in some days."""
    with core.sessions.begin() as session:
        slot = session.execute(
            text(
                "SELECT s.id FROM slot s JOIN office o ON o.id = s.office_id JOIN slot_pool p ON p.slot_id = s.id "
                "WHERE o.code = 'damascus' AND p.pool = 'urgent' AND p.places > 0 AND s.local_day > :day "
                "ORDER BY s.starts_at LIMIT 1"
            ),
            {"day": core.today()},
        ).scalar_one()
        session.execute(
            text("UPDATE slot_pool SET places = CASE WHEN slot_id = :slot THEN 1 ELSE 0 END WHERE pool = 'urgent'"),
            {"slot": slot},
        )


def test_the_last_place_approved_twice_at_once_goes_to_one_person(core, a_case):
    leave_one_place(core)
    officers = [a_colleague(core, Role.OFFICER, office="damascus") for _ in range(6)]
    cases = [a_case() for _ in officers]
    for officer, case in zip(officers, cases, strict=True):
        claim(core, officer_id=officer, reference=case.reference)
    results = at_once(
        *(
            partial(approve, core, officer_id=officer, reference=case.reference, **APPROVE)
            for officer, case in zip(officers, cases, strict=True)
        )
    )
    assert Counter(results) == {None: 1, "UrgentPoolEmptyError": 5}
    assert (live(core), taken(core)) == (1, 1)
    states = Counter(stored(core, case.reference).state for case in cases)
    assert states == {UrgentState.APPROVED: 1, UrgentState.ASSIGNED: 5}
    with core.sessions() as session:
        assert session.scalar(select(func.count()).select_from(UrgentDecision)) == 1


def test_only_one_of_six_simultaneous_claims_succeeds(core, a_case):
    officers = [a_colleague(core, Role.OFFICER, office="damascus") for _ in range(6)]
    case = a_case()
    results = at_once(*(partial(claim, core, officer_id=one, reference=case.reference) for one in officers))
    assert Counter(results) == {None: 1, "CaseNotInHandsError": 5}
    assert stored(core, case.reference).assigned_to == officers[results.index(None)]


def test_approval_and_withdrawal_at_once_leave_one_outcome(core, a_case, officer):
    for _ in range(ROUNDS):
        case, before = a_case(), (live(core), taken(core) or 0)
        claim(core, officer_id=officer, reference=case.reference)
        approved, withdrawn = at_once(
            partial(approve, core, officer_id=officer, reference=case.reference, **APPROVE),
            partial(withdraw, core, account_id=case.account, reference=case.request),
        )
        assert (approved is None) != (withdrawn is None)
        state = request_view(core, case.account, case.request).state
        if approved is None:
            assert withdrawn == "IllegalMoveError"
            assert (state, stored(core, case.reference).state) == (RequestState.DRAWN, UrgentState.APPROVED)
            assert (live(core), taken(core)) == (before[0] + 1, before[1] + 1)
        else:
            assert approved == "CaseNotInHandsError"
            assert (state, stored(core, case.reference).state) == (RequestState.WITHDRAWN, UrgentState.WITHDRAWN)
            assert (live(core), taken(core) or 0) == before


def test_a_decision_is_made_once_however_often_the_button_is_pressed(core, a_case, officer):
    case = a_case()
    claim(core, officer_id=officer, reference=case.reference)
    results = at_once(
        *[partial(approve, core, officer_id=officer, reference=case.reference, **APPROVE)] * 3,
        *[partial(deny, core, officer_id=officer, reference=case.reference, **DENY)] * 3,
    )
    assert Counter(results) == {None: 1, "CaseNotInHandsError": 5}
    assert live(core) == (stored(core, case.reference).state is UrgentState.APPROVED)


def test_a_second_approval_racing_the_undo_of_the_first_leaves_one_state(core, a_case, officer, supervisor):
    for _ in range(ROUNDS):
        case, before = a_case(days=0), live(core)
        claim(core, officer_id=officer, reference=case.reference)
        assert approve(core, officer_id=officer, reference=case.reference, **APPROVE).second_for == ("same_day",)
        second, undone = at_once(
            partial(approve_second, core, officer_id=supervisor, reference=case.reference, **APPROVE),
            partial(undo, core, officer_id=officer, reference=case.reference, note="wrong case"),
        )
        assert (second is None) != (undone is None)
        expected = UrgentState.APPROVED if second is None else UrgentState.ASSIGNED
        assert stored(core, case.reference).state is expected
        assert live(core) == before + (second is None)


def test_a_draw_that_holds_the_places_and_then_the_log_is_not_cut_off(core, a_case):
    officer, supervisor = (a_colleague(core, role, office="damascus") for role in (Role.OFFICER, Role.SUPERVISOR))
    case = a_case()
    claim(core, officer_id=officer, reference=case.reference)
    for decision in (
        partial(approve, core, officer_id=officer, reference=case.reference, **APPROVE),
        partial(undo, core, officer_id=officer, reference=case.reference, note="the wrong button"),
        partial(approve, core, officer_id=officer, reference=case.reference, **APPROVE),
        partial(
            revoke,
            core,
            officer_id=supervisor,
            reference=case.reference,
            reason="approved_by_mistake",
            note="not theirs",
        ),
    ):
        refused = refused_after(
            core,
            lambda session: session.execute(text("SELECT FROM slot_pool ORDER BY slot_id, pool FOR UPDATE")),
            decision,
            then=lambda session: audit.append(session, at=core.clock.now(), actor="a", action="b", subject="c"),
        )
        assert refused is None
    assert stored(core, case.reference).state is UrgentState.REVOKED
