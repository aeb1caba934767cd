"""Many clients at the same moment, over HTTP, against two processes: nothing is given twice."""

from collections import Counter
from functools import partial

import httpx
from sqlalchemy import func, select

from booking.platform.models import Account, Appointment, AppointmentPlaces, Request, RequestEdit, SlotPool
from booking.platform.models.states import AppointmentState, Pool
from tests.races.conftest import at_once, when_there_is_room
from tests.support.country import PASSWORD, eligible_number
from tests.support.effort import examples


def statuses(answers):
    return Counter(answer.status_code for answer in answers)


def codes(answers):
    return {answer.json()["code"] for answer in answers if answer.is_error}


def found(core, statement):
    with core.sessions() as session:
        return session.scalar(statement)


def requests_of(*clients):
    return select(func.count()).select_from(Request).where(Request.account_id.in_([one.account_id for one in clients]))


def holds_in(slot):
    return select(func.count()).select_from(AppointmentPlaces).where(AppointmentPlaces.slot_id == slot)


def pools(core, slot):
    with core.sessions() as session:
        return {
            pool.pool: (pool.places, pool.taken)
            for pool in session.scalars(select(SlotPool).where(SlotPool.slot_id == slot))
        }


def test_many_clients_for_ten_places_give_ten_holds(core, a_client, a_slot):
    slot, number = a_slot(10), examples(60, nightly=200)
    clients = [a_client() for _ in range(number)]
    answers = at_once([partial(client.hold, slot) for client in clients])
    assert statuses(answers) == {201: 10, 409: number - 10}
    assert codes(answers) == {"slot_full"}
    assert pools(core, slot) == {Pool.INSTANT: (10, 10)}
    assert found(core, holds_in(slot)) == 10


def test_twenty_requests_for_one_person_from_two_accounts_give_one(core, a_client):
    number = eligible_number(core)
    parents = [a_client(number) for _ in range(2)]
    answers = at_once([parents[turn % 2].ask for turn in range(20)])
    assert statuses(answers)[201] == 1
    assert codes(answers) <= {"already_live", "too_many_attempts"}
    assert found(core, requests_of(*parents)) == 1


def test_simultaneous_requests_and_holds_of_a_person_leave_one(core, a_client, a_slot):
    slot = a_slot(10)
    amal = a_client()
    answers = at_once([amal.ask, partial(amal.hold, slot)] * 6)
    assert statuses(answers)[201] == 1
    assert codes(answers) <= {"already_live", "too_many_attempts"}
    assert found(core, requests_of(amal)) == 1
    assert pools(core, slot) == {Pool.INSTANT: (10, found(core, holds_in(slot)))}


def test_of_changes_and_a_withdrawal_at_once_one_change_counts_at_most(core, a_client):
    amal = a_client()
    asked = amal.ask().json()
    changes = [partial(amal.change, asked["reference"], asked["receipt"], office) for office in ("homs", "aleppo")]
    answers = at_once([*changes * 3, partial(amal.post, f"/requests/{asked['reference']}/withdrawal")])
    kept = select(func.count()).select_from(RequestEdit).join(Request).where(Request.account_id == amal.account_id)
    assert statuses(answers[:-1])[200] == found(core, kept) <= 1
    assert answers[-1].status_code == 200
    assert codes(answers) <= {"edited_meanwhile", "illegal_move", "too_many_attempts"}


def test_a_key_sent_twenty_times_asks_once_with_equal_answers(core, a_client):
    amal = a_client()
    answers = at_once([partial(amal.ask, key="double-click")] * 20)
    assert statuses(answers) == {201: 20}
    assert len({answer.text for answer in answers}) == 1
    assert Counter(answer.headers.get("idempotent-replayed") for answer in answers) == {None: 1, "true": 19}
    assert found(core, requests_of(amal)) == 1


def test_a_key_sent_twenty_times_holds_one_place(core, a_client, a_slot):
    slot = a_slot(10)
    amal = a_client()
    answers = at_once([partial(amal.hold, slot, key="double-click")] * 20)
    assert statuses(answers) == {201: 20}
    assert len({answer.text for answer in answers}) == 1
    assert pools(core, slot) == {Pool.INSTANT: (10, 1)}


def test_a_registration_sent_ten_times_makes_one_account(core, address):
    body = {"username": "amal.fictional", "password": PASSWORD, "phone": "0933123456"}
    send = partial(httpx.post, f"{address}/api/v1/accounts", json=body, headers={"Idempotency-Key": "k"}, timeout=60)
    answers = at_once([partial(when_there_is_room, send)] * 10)
    assert statuses(answers) == {201: 10}
    assert len({answer.text for answer in answers}) == 1
    accounts = select(func.count()).select_from(Account).where(Account.username == "amal.fictional")
    assert found(core, accounts) == 1


def test_simultaneous_confirmations_and_cancellations_free_the_place_once(core, a_client, a_slot):
    slot = a_slot(3)
    amal = a_client()
    reference = amal.hold(slot).json()["reference"]
    confirm = partial(amal.post, f"/holds/{reference}/confirmation")
    cancel = partial(amal.post, f"/appointments/{reference}/cancellation")
    answers = at_once([confirm, cancel] * 10)
    assert statuses(answers[1::2]) == {200: 1, 409: 9}
    assert codes(answers) == {"illegal_move"}
    state = found(core, select(Appointment.state).where(Appointment.reference == reference))
    assert state is AppointmentState.CANCELLED
    # never straight back: what is given up joins the places of a later draw
    assert pools(core, slot) == {Pool.INSTANT: (2, 0), Pool.DRAW: (1, 0)}
