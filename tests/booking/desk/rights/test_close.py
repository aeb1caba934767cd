from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.country.core import sessions
from booking.desk.rights.close import Ended
from booking.desk.rights.errors import StaffAccountError, UnderWayError
from booking.desk.rights.views import what_closing_ends
from booking.eservices.online import officers
from booking.people.accounts.change_phone import change_waiting_phones
from booking.people.accounts.errors import AccountClosedError, ClosedByOwnerError
from booking.people.accounts.sign_in import sign_in
from booking.people.hands.claim import claim
from booking.platform.base.errors import IllegalMoveError, WrongCredentialsError
from booking.platform.models import (
    Account,
    Appeal,
    Appointment,
    Consent,
    Draw,
    Helper,
    HouseholdMember,
    LostFactor,
    Message,
    PhoneChange,
    Request,
    SlotPool,
)
from booking.platform.models.accounts.helper import ConsentState, HelperState
from booking.platform.models.online.case import OnlineState
from booking.platform.models.online.payment import PaymentState
from booking.platform.models.states import (
    AppealState,
    AppointmentState,
    DrawState,
    Pool,
    RequestState,
    Role,
    UrgentState,
)
from booking.scheduling.appointments.reserve import confirm_hold, hold
from booking.scheduling.requests.ask import ask
from booking.scheduling.requests.review import appeal, decide_review
from booking.scheduling.urgent.rows import URGENT
from tests.booking.desk.helpers.helped import a_helper, agreed, ask_it, owner_of
from tests.support import online_cases
from tests.support.country import PASSWORD, a_colleague, a_member, a_request, a_wish, an_account, an_origin
from tests.support.free_slots import free_slots
from tests.support.open_draws import open_a_draw
from tests.support.urgent_cases import a_quick_case_with_officers, stored

pytestmark = pytest.mark.neighbours


def account_of(core, account_id):
    with core.sessions() as session:
        return session.get_one(Account, account_id)


def state_of(core, reference):
    with core.sessions() as session:
        return session.scalars(select(Request.state).where(Request.reference == reference)).one()


def booked(core, clock, account_id, *, confirmed=True):
    """A place of the instant pool in three days; the slot and the appointment's reference."""
    member = a_member(core, account_id)
    slot = free_slots(core)[0]
    held = hold(core, account_id=account_id, slot_id=slot.slot_id, wish=a_wish((member,)), origin=an_origin())
    if confirmed:
        confirm_hold(core, account_id=account_id, reference=held.reference)
    return slot.slot_id, held.reference


def taken(core, slot_id):
    with core.sessions() as session:
        return sum(session.scalars(select(SlotPool.taken).where(SlotPool.slot_id == slot_id)))


def test_closing_ends_a_live_request_and_every_session_and_tells_the_phone(core, close):
    account_id, asked = a_request(core)
    name = account_of(core, account_id).username
    login = sign_in(core, username=name, password=PASSWORD, origin=an_origin())

    ended = close(account_id)

    assert ended == Ended(requests=1)
    assert state_of(core, asked.reference) is RequestState.WITHDRAWN
    assert sessions.read(core, login.token) is None
    with core.sessions() as session:
        assert "account_closed" in session.scalars(select(Message.kind).where(Message.account_id == account_id)).all()
    with pytest.raises(ClosedByOwnerError):
        sign_in(core, username=name, password=PASSWORD, origin=an_origin())


@pytest.mark.alone
@pytest.mark.parametrize("confirmed", [True, False])
def test_an_appointment_in_three_days_gives_its_place_back(core, clock, close, confirmed):
    account_id = an_account(core)
    slot_id, reference = booked(core, clock, account_id, confirmed=confirmed)
    before = taken(core, slot_id)
    assert what_closing_ends(core, account_id).appointments == 1

    ended = close(account_id)

    assert ended.appointments == 1
    assert taken(core, slot_id) == before - 1
    with core.sessions() as session:
        appointment = session.scalars(select(Appointment).where(Appointment.reference == reference)).one()
        assert appointment.state is AppointmentState.CANCELLED
        assert appointment.places[0].pool is Pool.INSTANT
        assert appointment.request.state is RequestState.WITHDRAWN


@pytest.mark.alone
def test_an_appointment_that_has_begun_keeps_the_account_open(core, clock, close):
    account_id = an_account(core)
    _, reference = booked(core, clock, account_id)
    with core.sessions() as session:
        clock.set(session.scalars(select(Appointment.starts_at).where(Appointment.reference == reference)).one())

    with pytest.raises(UnderWayError):
        close(account_id)

    assert account_of(core, account_id).closed_at is None


@pytest.mark.alone
def test_a_closed_draw_that_counts_on_a_request_keeps_all_of_it_open(core, clock, close):
    account_id = an_account(core)
    open_a_draw(core, "D1")
    asked = ask(core, account_id=account_id, wish=a_wish((a_member(core, account_id),)), origin=an_origin())
    booked_slot, _ = booked(core, clock, account_id)
    before = taken(core, booked_slot)
    with core.sessions.begin() as session:
        draw = session.scalars(select(Draw).where(Draw.reference == "D1")).one()
        draw.state = DrawState.CLOSED
        request = session.scalars(select(Request).where(Request.reference == asked.reference)).one()
        request.draw_id, request.state = draw.id, RequestState.ACCEPTED

    with pytest.raises(UnderWayError):
        close(account_id)

    assert taken(core, booked_slot) == before
    assert account_of(core, account_id).closed_at is None


def test_an_urgent_case_in_an_officers_hands_ends(core, close):
    case = a_quick_case_with_officers(core)
    officer = a_colleague(core, Role.OFFICER, office="damascus")
    claim(URGENT, core, officer_id=officer, reference=case.reference)

    close(case.account)

    ended = stored(core, case.reference)
    assert (ended.state, ended.assigned_to) == (UrgentState.WITHDRAWN, None)


def test_a_paid_online_case_is_taken_back_and_its_fee_goes_back(core, close):
    online_cases.a_caseworker(core)
    asked = online_cases.with_agency(core)

    ended = close(asked.account)

    assert ended.online == 1
    assert online_cases.stored(core, asked.reference).state is OnlineState.WITHDRAWN
    assert online_cases.payment_of(core, asked.reference).state is PaymentState.REFUND_DUE


def test_a_case_that_an_officer_decides_goes_on(core, close):
    officer = online_cases.a_caseworker(core)
    asked = online_cases.with_agency(core)
    officers.claim(core, officer_id=officer, reference=asked.reference)
    assert what_closing_ends(core, asked.account).undecided == 1

    ended = close(asked.account)

    assert (ended.online, ended.undecided) == (0, 1)
    assert online_cases.stored(core, asked.reference).state is OnlineState.ASSIGNED


def test_consents_that_a_person_gave_end(core, close):
    helper = a_helper(core)
    consent = agreed(core, helper)
    asked = ask_it(core, helper, consent)
    with core.sessions.begin() as session:
        owner = session.get_one(Account, session.get_one(Consent, consent).account_id)
        owner.password_hash = core.passwords.hash(PASSWORD)

    ended = close(owner.id)

    assert (ended.consents, ended.requests) == (1, 1)
    assert state_of(core, asked.reference) is RequestState.WITHDRAWN
    with core.sessions() as session:
        assert session.get_one(Consent, consent).state is ConsentState.WITHDRAWN


def test_a_helper_who_closes_is_suspended_and_clients_keep_their_requests(core, close):
    helper = a_helper(core)
    used, waiting = agreed(core, helper), agreed(core, helper)
    asked = ask_it(core, helper, used)
    with core.sessions.begin() as session:
        session.get_one(Account, helper).password_hash = core.passwords.hash(PASSWORD)

    ended = close(helper)

    assert ended.clients == 2
    assert state_of(core, asked.reference) is not RequestState.WITHDRAWN
    with core.sessions() as session:
        assert session.scalars(select(Helper.state).where(Helper.account_id == helper)).one() is HelperState.SUSPENDED
        assert session.get_one(Consent, waiting).state is ConsentState.WITHDRAWN
        told = select(Message.kind).where(Message.account_id == owner_of(core, used).id)
        assert "consent_withdrawn" in session.scalars(told).all()


def test_a_colleagues_account_is_closed_by_administrators_alone(core, close):
    with pytest.raises(StaffAccountError):
        close(a_colleague(core, Role.OFFICER, office="damascus"))


def test_a_wrong_password_closes_nothing(core, close):
    account_id, asked = a_request(core)

    with pytest.raises(WrongCredentialsError):
        close(account_id, password="not the password")

    assert account_of(core, account_id).closed_at is None
    assert state_of(core, asked.reference) is not RequestState.WITHDRAWN


def test_an_appeal_ends_unanswered_with_its_request(core, close):
    account_id, asked = a_request(core)
    with core.sessions.begin() as session:
        request = session.scalars(select(Request).where(Request.reference == asked.reference)).one()
        request.state = RequestState.REFUSED
    appeal(core, account_id=account_id, reference=asked.reference, words="I did not hoard.")
    assert what_closing_ends(core, account_id).appeals == 1

    assert close(account_id).requests == 1

    with core.sessions() as session:
        ended = session.scalars(select(Appeal.state).where(Appeal.request_id == request.id)).one()
        assert ended is AppealState.WITHDRAWN
    officer, reference = a_colleague(core, Role.REVIEWER), asked.reference
    with pytest.raises(IllegalMoveError):
        decide_review(core, officer_id=officer, reference=reference, accept=True, note="They were right.")


@pytest.mark.alone
def test_a_stranger_who_waits_for_the_phone_cannot_open_the_account(core, close):
    account_id, now = an_account(core), core.clock.now()
    with core.sessions.begin() as session:
        account, later = session.get_one(Account, account_id), now + timedelta(days=7)
        new = PhoneChange(account_id=account_id, new_ciphertext=account.phone_ciphertext, created_at=now)
        new.old_hash = new.new_hash = new.stop_hash = account.phone_hash
        new.holds_at = later
        session.add_all([new, LostFactor(account_id=account_id, created_at=now, holds_at=later)])

    close(account_id)

    core.clock.advance(timedelta(days=8))
    assert change_waiting_phones(core) == 0
    with core.sessions() as session:
        assert session.scalars(select(PhoneChange.stopped_at)).one() == now
        assert session.scalars(select(LostFactor)).all() == []


def test_the_household_stays_until_it_is_erased(core, close):
    account_id, _ = a_request(core)

    close(account_id)

    with core.sessions() as session:
        assert len(session.scalars(select(HouseholdMember).where(HouseholdMember.account_id == account_id)).all()) == 1


def test_an_account_that_an_administrator_closed_says_so(core):
    account_id = an_account(core)
    with core.sessions.begin() as session:
        account = session.get_one(Account, account_id)
        account.closed_at = core.clock.now()
        name = account.username

    with pytest.raises(AccountClosedError) as refused:
        sign_in(core, username=name, password=PASSWORD, origin=an_origin())
    assert not isinstance(refused.value, ClosedByOwnerError)
