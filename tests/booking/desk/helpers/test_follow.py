"""What a helper does after asking: the consent is looked at in the transaction that acts on it."""

import pytest
from sqlalchemy import func, select, update

from booking.country.core.register import open_phone
from booking.desk.helpers import follow, take_over
from booking.desk.helpers.errors import ConsentMissingError
from booking.platform.base.errors import IllegalMoveError, WrongCodeError
from booking.platform.models import Appointment, AuditEntry, Message, PhoneCode, Request
from booking.platform.models.states import AppointmentState, RequestState
from tests.booking.desk.helpers.helped import a_helper, agreed, an_offer, ask_it, code_of, owner_of
from tests.support.country import PASSWORD, an_origin
from tests.support.meanwhile import refused_after

ACTS = {
    "confirm": follow.confirm,
    "send_check": lambda core, **who: follow.send_check(core, **who, origin=an_origin()),
    "answer_check": lambda core, **who: follow.answer_check(core, **who, code="000000"),
}


@pytest.fixture
def core(country):
    return country


@pytest.fixture
def shop(core):
    return a_helper(core)


def counts(core):
    """How much there is of whatever the acts could leave behind."""
    with core.sessions() as session:
        tries = session.scalar(select(func.sum(PhoneCode.attempts)))
        rows = [session.scalar(select(func.count()).select_from(kind)) for kind in (Message, PhoneCode, AuditEntry)]
        return tries, *rows, session.scalars(select(Appointment.state)).all()


@pytest.mark.parametrize("act", ACTS)
def test_a_consent_withdrawn_meanwhile_stops_the_helper(core, shop, act):
    consent = agreed(core, shop)
    reference, owner = ask_it(core, shop, consent).reference, owner_of(core, consent).id
    if act == "confirm":
        an_offer(core, reference)
    else:
        with core.sessions.begin() as session:
            session.execute(update(Request).values(state=RequestState.CHALLENGED))
    refused = refused_after(
        core,
        lambda person: take_over.withdraw_in(person, core, owner, reference),
        lambda: ACTS[act](core, by=shop, consent_id=consent),
    )
    after = counts(core)

    assert isinstance(refused, ConsentMissingError)
    with pytest.raises(ConsentMissingError):
        ACTS[act](core, by=shop, consent_id=consent)
    assert counts(core) == after
    assert AppointmentState.CONFIRMED not in after[-1]


def test_a_helper_confirms_and_the_person_is_notified_once(core, shop):
    consent = agreed(core, shop)
    appointment = an_offer(core, ask_it(core, shop, consent).reference)
    for _ in range(2):
        follow.confirm(core, by=shop, consent_id=consent)
    with core.sessions() as session:
        assert session.scalar(select(Appointment.state)) is AppointmentState.CONFIRMED
        told = session.scalars(select(Message.values).where(Message.kind == "appointment_confirmed")).all()
    assert [one["reference"] for one in told] == [appointment]


def test_a_code_stays_valid_when_the_action_fails(core, shop):
    consent = agreed(core, shop)
    reference, owner = ask_it(core, shop, consent).reference, owner_of(core, consent)
    by = {"reference": reference, "phone": open_phone(core.vault, owner), "origin": an_origin()}
    take_over.withdraw_consent(core, account_id=owner.id, reference=reference)
    take_over.send_code(core, **by)
    code = code_of(core, consent, "take_over")

    def spent():
        with core.sessions() as session:
            codes = select(PhoneCode.used_at, PhoneCode.attempts).where(PhoneCode.purpose == "take_over")
            return session.execute(codes).one()

    with pytest.raises(IllegalMoveError):  # withdrawn already
        take_over.withdraw_by_code(core, **by, code=code)
    assert spent() == (None, 0)
    with pytest.raises(WrongCodeError):
        take_over.withdraw_by_code(core, **by, code="no code")
    assert spent() == (None, 1)
    take_over.take_over(core, **by, code=code, username="her-own", password=PASSWORD)
    assert spent().used_at == core.clock.now()
