"""What officers do with a case, and what the person and the draw see of it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.appointments.respond import cancel
from booking.base.errors import ForbiddenError, IllegalMoveError, InvalidInputError, NotFoundError, OwnCaseError
from booking.core import audit
from booking.hands.errors import CaseNotInHandsError
from booking.models import Account, AuditEntry, Message, SlotPool, UrgentDecision
from booking.models.states import AppointmentState, Pool, RequestState, Role, UrgentState
from booking.reaching.deliver import deliver_waiting
from booking.requests.views import request_view
from booking.requests.withdraw import withdraw
from booking.urgent.approve import approve, approve_second, disagree
from booking.urgent.ask import ask_urgent, send_case, withdraw_case
from booking.urgent.claim import claim, refer, release
from booking.urgent.decide import ask_for_evidence, deny
from booking.urgent.errors import (
    DifferentPersonNeededError,
    TooLateToUndoError,
    TooManyUrgentError,
    UrgentExistsError,
    UrgentNotPossibleError,
)
from booking.urgent.evidence import add_evidence, read_page, remove_evidence
from booking.urgent.open_case import open_case
from booking.urgent.places import free_places
from booking.urgent.reverse import revoke, undo
from booking.urgent.views import Show, last_decision, own_case_view, queue
from tests.booking.helpers.helped import a_helper, helper_id_of
from tests.country import a_colleague, an_origin
from tests.urgent_cases import APPROVE, ASK, DENY, NOTE, a_draft, a_photo, stored

REVOKE = {"reason": "approved_by_mistake", "note": "the letter was another person's"}


def held(core, case, officer):
    """A case in an officer's hands."""
    claim(core, officer_id=officer, reference=case.reference)
    return case


def notices(core, case):
    """What the person was sent by now."""
    deliver_waiting(core)
    with core.sessions() as session:
        return list(
            session.scalars(
                select(Message.kind)
                .where(Message.account_id == case.account, Message.sent_at.is_not(None), Message.kind.like("urgent%"))
                .order_by(Message.created_at)
            )
        )


def actions(core, case):
    with core.sessions() as session:
        audit.verify(session)
        return list(
            session.scalars(
                select(AuditEntry.action).where(AuditEntry.subject == case.reference).order_by(AuditEntry.sequence)
            )
        )


def taken(core):
    with core.sessions() as session:
        return sum(session.scalars(select(SlotPool.taken).where(SlotPool.pool == Pool.URGENT)))


def test_an_approved_case_has_an_appointment_and_leaves_the_draw(core, a_case, officer):
    case = held(core, a_case(), officer)

    approved = approve(core, officer_id=officer, reference=case.reference, **APPROVE)

    view = request_view(core, case.account, case.request)
    assert view.state is RequestState.DRAWN
    assert view.appointment.reference == approved.appointment
    assert view.appointment.state is AppointmentState.CONFIRMED
    assert stored(core, case.reference).level == "urgent"
    assert actions(core, case) == ["urgent.claimed", "urgent.approval"]
    assert notices(core, case) == ["urgent_submitted"]
    core.clock.advance(timedelta(seconds=61))
    assert notices(core, case) == ["urgent_submitted", "urgent_approved"]


def test_nobody_decides_a_case_that_is_not_in_their_hands(core, a_case, officer, supervisor):
    case = a_case()
    with pytest.raises(CaseNotInHandsError):
        approve(core, officer_id=officer, reference=case.reference, **APPROVE)
    held(core, case, officer)
    for act in (approve, deny):
        with pytest.raises(CaseNotInHandsError):
            act(core, officer_id=supervisor, reference=case.reference, **(APPROVE if act is approve else DENY))
    with pytest.raises(CaseNotInHandsError):
        claim(core, officer_id=supervisor, reference=case.reference)
    release(core, officer_id=supervisor, reference=case.reference)
    claim(core, officer_id=supervisor, reference=case.reference)


def test_officers_of_other_offices_and_citizens_do_nothing(core, a_case, officer):
    case = held(core, a_case(), officer)
    stranger = a_colleague(core, Role.OFFICER, office="homs")
    for act in (claim, release, open_case):
        for person in (stranger, case.account):
            with pytest.raises(ForbiddenError):
                act(core, officer_id=person, reference=case.reference)


@pytest.mark.parametrize(("act", "words"), [(approve, APPROVE), (deny, DENY), (ask_for_evidence, ASK)])
def test_what_was_decided_is_not_taken_up_again_by_claiming(core, a_case, officer, supervisor, act, words):
    case = held(core, a_case(), officer)
    act(core, officer_id=officer, reference=case.reference, **words)
    for person in (officer, supervisor):
        with pytest.raises(IllegalMoveError):
            claim(core, officer_id=person, reference=case.reference)


def test_a_person_does_not_pull_a_case_out_of_an_officers_hands(core, a_case, officer):
    case = held(core, a_case(), officer)
    with pytest.raises(IllegalMoveError):
        send_case(core, account_id=case.account, request_reference=case.request)


def test_nobody_claims_what_waits_for_a_second_person(core, a_case, officer, supervisor):
    case = held(core, a_case(days=0), officer)
    assert approve(core, officer_id=officer, reference=case.reference, **APPROVE).second_for == ("same_day",)
    with pytest.raises(IllegalMoveError):
        claim(core, officer_id=supervisor, reference=case.reference)


@pytest.mark.parametrize("change", [{"note": "  "}, {"reason": "because"}, {"note": "x" * 2001}])
def test_every_decision_has_a_reason_and_a_note(core, a_case, officer, change):
    case = held(core, a_case(), officer)
    for act, words in ((approve, APPROVE), (deny, DENY), (ask_for_evidence, ASK)):
        with pytest.raises(InvalidInputError):
            act(core, officer_id=officer, reference=case.reference, **(words | change))
    assert stored(core, case.reference).state is UrgentState.ASSIGNED
    assert taken(core) == 0


def test_a_denied_request_stays_in_the_draw_and_the_person_reads_why(core, a_case, officer):
    case = held(core, a_case(), officer)
    deny(core, officer_id=officer, reference=case.reference, **DENY)
    assert request_view(core, case.account, case.request).state is RequestState.ACCEPTED
    own = own_case_view(core, account_id=case.account, request_reference=case.request)
    assert own.note == DENY["note"]
    assert notices(core, case) == ["urgent_submitted"]
    core.clock.advance(timedelta(minutes=2))
    assert notices(core, case)[-1] == "urgent_denied"


def test_more_evidence_is_asked_for_and_the_case_comes_back_with_it(core, a_case, officer):
    case = held(core, a_case(), officer)
    ask_for_evidence(core, officer_id=officer, reference=case.reference, **ASK)
    core.clock.advance(timedelta(minutes=5))
    who = {"account_id": case.account, "request_reference": case.request}
    with pytest.raises(InvalidInputError):
        send_case(core, **who)  # nothing was added since
    add_evidence(core, content=a_photo(7), **who, origin=an_origin())
    send_case(core, **who)
    assert stored(core, case.reference).state is UrgentState.SUBMITTED
    assert [line.case.reference for line in queue(core, officer_id=officer, show=Show.FREE)] == [case.reference]


def test_a_case_is_referred_to_supervisors_or_to_another_office(core, a_case, officer, supervisor):
    case = held(core, a_case(), officer)
    words = {"reason": "needs_a_supervisor", "note": "the hospital denies it"}
    refer(core, officer_id=officer, reference=case.reference, **words)
    with pytest.raises(ForbiddenError):
        claim(core, officer_id=officer, reference=case.reference)
    held(core, case, supervisor)
    with pytest.raises(InvalidInputError):
        refer(core, officer_id=supervisor, reference=case.reference, office_code="berlin", **words)
    refer(core, officer_id=supervisor, reference=case.reference, office_code="homs", **words)
    homs = a_colleague(core, Role.OFFICER, office="homs")
    assert [line.case.reference for line in queue(core, officer_id=homs, show=Show.ALL)] == [case.reference]
    held(core, case, homs)


def test_an_approval_is_undone_within_a_minute_and_no_message_ever_left(core, a_case, officer):
    case = held(core, a_case(), officer)
    approve(core, officer_id=officer, reference=case.reference, **APPROVE)
    assert last_decision(core, officer).case.reference == case.reference

    undo(core, officer_id=officer, reference=case.reference, note="wrong case")

    assert request_view(core, case.account, case.request).state is RequestState.ACCEPTED
    assert stored(core, case.reference).state is UrgentState.ASSIGNED
    assert taken(core) == 0
    core.clock.advance(timedelta(minutes=2))
    assert notices(core, case) == ["urgent_submitted"]
    approve(core, officer_id=officer, reference=case.reference, **APPROVE)
    core.clock.advance(timedelta(seconds=61))
    with pytest.raises(TooLateToUndoError):
        undo(core, officer_id=officer, reference=case.reference, note="too late")


@pytest.mark.parametrize(("act", "words"), [(deny, DENY), (ask_for_evidence, ASK)])
def test_other_decisions_are_undone_too(core, a_case, officer, act, words):
    case = held(core, a_case(), officer)
    act(core, officer_id=officer, reference=case.reference, **words)
    undo(core, officer_id=officer, reference=case.reference, note="wrong case")
    assert stored(core, case.reference).assigned_to == officer
    core.clock.advance(timedelta(minutes=2))
    assert notices(core, case) == ["urgent_submitted"]


def test_a_supervisor_revokes_and_the_request_is_in_the_draw_again(core, a_case, officer, supervisor):
    case = held(core, a_case(), officer)
    approve(core, officer_id=officer, reference=case.reference, **APPROVE)
    core.clock.advance(timedelta(hours=1))
    with pytest.raises(ForbiddenError):
        revoke(core, officer_id=officer, reference=case.reference, **REVOKE)
    revoke(core, officer_id=supervisor, reference=case.reference, **REVOKE)
    assert request_view(core, case.account, case.request).state is RequestState.ACCEPTED
    assert taken(core) == 0
    assert own_case_view(core, account_id=case.account, request_reference=case.request).note == REVOKE["note"]
    assert notices(core, case)[-1] == "urgent_revoked"
    with pytest.raises(IllegalMoveError):
        revoke(core, officer_id=supervisor, reference=case.reference, **REVOKE)


def added_slot(core, case):
    with core.sessions() as session:
        row = session.merge(stored(core, case.reference))
        return free_places(session, core, row, beyond_pool=2)[-1].slot_id


def test_a_place_beyond_the_pool_needs_a_supervisor_and_goes_with_its_case(core, a_case, officer, supervisor):
    case = held(core, a_case(), officer)
    slot = added_slot(core, case)
    with pytest.raises(InvalidInputError):
        approve(core, officer_id=officer, reference=case.reference, beyond_pool=True, **APPROVE)
    given = approve(core, officer_id=officer, reference=case.reference, slot_id=slot, beyond_pool=True, **APPROVE)
    assert given.appointment is None
    assert given.second_for == ("over_pool",)
    with pytest.raises(ForbiddenError):
        approve_second(core, officer_id=officer, reference=case.reference, **APPROVE)

    approve_second(core, officer_id=supervisor, reference=case.reference, **APPROVE)

    def pool():
        with core.sessions() as session:
            row = session.get_one(SlotPool, (slot, Pool.URGENT))
            return row.places - row.overbooked, row.overbooked

    planned, over = pool()
    assert over == 1
    revoke(core, officer_id=supervisor, reference=case.reference, **REVOKE)
    assert pool() == (planned, 0)


def test_the_second_person_differs_and_may_disagree(core, a_case, supervisor):
    case = held(core, a_case(), supervisor)
    slot = added_slot(core, case)
    approve(core, officer_id=supervisor, reference=case.reference, slot_id=slot, beyond_pool=True, **APPROVE)
    with pytest.raises(DifferentPersonNeededError):
        approve_second(core, officer_id=supervisor, reference=case.reference, **APPROVE)
    other = a_colleague(core, Role.SUPERVISOR, office="damascus")
    disagree(core, officer_id=other, reference=case.reference, reason="i_see_it_differently", note="it can wait")
    assert stored(core, case.reference).state is UrgentState.SUBMITTED
    assert stored(core, case.reference).over_pool is False
    with core.sessions() as session:
        assert [one.undone_at is not None for one in session.scalars(select(UrgentDecision)) if one.position] == [True]


def test_a_second_approval_that_is_undone_leaves_the_first_one(core, a_case, officer, supervisor):
    case = held(core, a_case(), officer)
    slot = added_slot(core, case)
    approve(core, officer_id=officer, reference=case.reference, slot_id=slot, beyond_pool=True, **APPROVE)
    core.clock.advance(timedelta(seconds=5))
    approve_second(core, officer_id=supervisor, reference=case.reference, **APPROVE)
    core.clock.advance(timedelta(seconds=5))
    undo(core, officer_id=supervisor, reference=case.reference, note="wrong case")
    assert stored(core, case.reference).state is UrgentState.NEEDS_SECOND
    assert taken(core) == 0
    core.clock.advance(timedelta(seconds=5))
    approve_second(core, officer_id=supervisor, reference=case.reference, **APPROVE)
    assert stored(core, case.reference).state is UrgentState.APPROVED


def test_several_cases_of_one_helper_need_a_second_person(core, a_case, officer):
    cases = [held(core, a_case(), officer) for _ in range(4)]
    with core.sessions.begin() as session:  # one helper asked for all of them
        helper = session.get_one(Account, cases[0].account)
        helper.registered_helper = True
        for case in cases:
            row = session.merge(stored(core, case.reference))
            row.account_id, row.request.account_id = helper.id, helper.id
    given = [approve(core, officer_id=officer, reference=case.reference, **APPROVE) for case in cases]
    assert [one.second_for for one in given] == [(), (), (), ("helper",)]


def test_several_people_of_one_helper_need_a_second_person(core, a_case, officer):
    cases = [held(core, a_case(), officer) for _ in range(4)]
    helper = helper_id_of(core, a_helper(core))
    with core.sessions.begin() as session:  # it asked with their consent: each request is in the person's own account
        for case in cases:
            session.merge(stored(core, case.reference)).request.helper_id = helper
    given = [approve(core, officer_id=officer, reference=case.reference, **APPROVE) for case in cases]
    assert [one.second_for for one in given] == [(), (), (), ("helper",)]


def test_a_case_that_turns_out_to_be_the_officers_own_is_given_back(core, a_case, officer):
    case = held(core, a_case(), officer)
    with core.sessions.begin() as session:
        session.get_one(Account, officer).phone_hash = session.get_one(Account, case.account).phone_hash
    with pytest.raises(OwnCaseError):
        approve(core, officer_id=officer, reference=case.reference, **APPROVE)
    release(core, officer_id=officer, reference=case.reference)
    assert stored(core, case.reference).state is UrgentState.SUBMITTED
    with pytest.raises(OwnCaseError):
        claim(core, officer_id=officer, reference=case.reference)


def test_a_case_ends_with_its_request_and_gives_its_place_back(core, a_case, officer):
    waiting, approved = held(core, a_case(), officer), held(core, a_case(), officer)
    withdraw(core, account_id=waiting.account, reference=waiting.request)
    assert stored(core, waiting.reference).state is UrgentState.WITHDRAWN
    with pytest.raises(CaseNotInHandsError):
        approve(core, officer_id=officer, reference=waiting.reference, **APPROVE)
    given = approve(core, officer_id=officer, reference=approved.reference, **APPROVE)
    cancel(core, account_id=approved.account, reference=given.appointment)
    assert stored(core, approved.reference).state is UrgentState.WITHDRAWN
    assert taken(core) == 0


def test_a_person_may_ask_once_at_a_time_and_three_times_in_ninety_days(core):
    case = a_draft(core)
    again = {
        "account_id": case.account,
        "request_reference": case.request,
        "reason": "medical",
        "needed_by": core.today() + timedelta(days=9),
        "words": "",
    }
    with pytest.raises(UrgentExistsError):
        ask_urgent(core, **again)
    for _ in range(2):
        withdraw_case(core, account_id=case.account, request_reference=case.request)
        ask_urgent(core, **again)
    withdraw_case(core, account_id=case.account, request_reference=case.request)
    with pytest.raises(TooManyUrgentError):
        ask_urgent(core, **again)
    core.clock.advance(timedelta(days=91))
    ask_urgent(core, **(again | {"needed_by": core.today()}))


@pytest.mark.parametrize(
    "change", [{"reason": "holiday"}, {"needed_by": None}, {"days": -1}, {"days": 91}, {"words": "x" * 1001}]
)
def test_a_case_that_cannot_be_is_refused_field_by_field(core, change):
    case = a_draft(core)
    withdraw_case(core, account_id=case.account, request_reference=case.request)
    days = change.pop("days", 9)
    fields = {"reason": "medical", "needed_by": core.today() + timedelta(days=days), "words": ""} | change
    with pytest.raises(InvalidInputError):
        ask_urgent(core, account_id=case.account, request_reference=case.request, **fields)


def test_a_request_that_is_over_cannot_be_made_urgent(core, a_case):
    case = a_case()
    withdraw(core, account_id=case.account, reference=case.request)
    with pytest.raises(UrgentNotPossibleError):
        ask_urgent(
            core,
            account_id=case.account,
            request_reference=case.request,
            reason="medical",
            needed_by=core.today(),
            words="",
        )


def test_evidence_is_shown_to_whoever_has_the_case_and_each_look_is_recorded(core, a_case, officer, supervisor):
    case = a_case()
    own = own_case_view(core, account_id=case.account, request_reference=case.request)
    look = {"reference": case.reference, "evidence_id": own.evidence[0].id, "page": 0}
    with pytest.raises(CaseNotInHandsError):
        read_page(core, officer_id=officer, **look)
    held(core, case, officer)
    for person in (officer, supervisor):
        assert read_page(core, officer_id=person, **look).content.startswith(b"\xff\xd8\xff")
    with pytest.raises(ForbiddenError):
        read_page(core, officer_id=a_colleague(core, Role.SUPERVISOR, office="homs"), **look)
    with pytest.raises(NotFoundError):
        read_page(core, officer_id=officer, **(look | {"page": 1}))
    assert actions(core, case).count("urgent.evidence_read") == 2
    with pytest.raises(NotFoundError):
        remove_evidence(
            core, account_id=case.account, request_reference=case.request, evidence_id=own.evidence[0].id
        )  # it is with officers


def test_the_same_file_counts_once_and_is_seen_in_another_case(core, a_case, officer):
    draft = a_draft(core)
    who = {"account_id": draft.account, "request_reference": draft.request}
    first = add_evidence(core, content=a_photo(), **who, origin=an_origin())
    assert add_evidence(core, content=a_photo(), **who, origin=an_origin()) == first
    send_case(core, **who)
    case = held(core, a_case(), officer)
    assert open_case(core, officer_id=officer, reference=case.reference).same_files == (draft.reference,)


def test_a_case_takes_six_files(core):
    draft = a_draft(core)
    who = {"account_id": draft.account, "request_reference": draft.request}
    kept = [add_evidence(core, content=a_photo(shade), **who, origin=an_origin()) for shade in range(0, 240, 40)]
    with pytest.raises(InvalidInputError):
        add_evidence(core, content=a_photo(250), **who, origin=an_origin())
    assert add_evidence(core, content=a_photo(0), **who, origin=an_origin()) == kept[0]


def test_the_queue_goes_by_day_severity_and_waiting(core, a_case, officer):
    calm = a_case(days=9, reason="pilgrimage")
    grave = a_case(days=9, reason="medical")
    core.clock.advance(timedelta(minutes=1))
    later, soon = a_case(days=9, reason="medical"), a_case(days=2, reason="pilgrimage")
    lines = queue(core, officer_id=officer, show=Show.ALL)
    assert [line.case.reference for line in lines] == [one.reference for one in (soon, grave, later, calm)]
    assert [line.pressing for line in lines] == ["due", "in_time", "in_time", "in_time"]
    assert NOTE not in str(lines)
