"""A phone does by text message what its accounts may, once, and nobody else's phone does."""

import threading
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select, text

from booking.country.core.register import seal_phone
from booking.desk.sms_commands.incoming import MOST_IN_AN_HOUR, take_message
from booking.eservices.online.decide import issue
from booking.people.reaching.deliver import deliver_waiting
from booking.platform.base.message_states import Channel, Command
from booking.platform.base.references import shown
from booking.platform.models import Account, Appointment, IncomingMessage, Message, NoticeChoice, PhoneCode, Request
from booking.platform.models.states import AppointmentState, RequestState
from tests.booking.antifraud.gate.people import an_appointment
from tests.booking.people.reaching.conftest import phone_of, with_settings
from tests.support.country import a_request, an_account, last_secret
from tests.support.online_cases import a_caseworker, decided, with_agency
from tests.support.waiting import ended


@pytest.fixture
def country(country, gateway):
    """A whole country that sends by the provider and takes messages."""
    return with_settings(country, gateway_sms=SecretStr(gateway.url()), incoming_sms_number="1515")


@pytest.fixture
def send(country, gateway):
    """Send a text message from an account's phone; give what was done and the texts that came back."""
    numbers = iter(range(10_000))

    def make(account, words, *, provider_id=None):
        phone = account if isinstance(account, str) else phone_of(country, account)
        before = len(gateway.texts(phone))
        outcome = take_message(country, provider_id=provider_id or f"m-{next(numbers)}", sender=phone, content=words)
        deliver_waiting(country)
        return outcome, gateway.texts(phone)[before:]

    return make


@pytest.fixture
def offer(country, _drawn):
    """A request that a draw served: its account and the appointment's reference."""
    country.clock.set(_drawn.now)
    deliver_waiting(country)
    return _drawn.account, _drawn.reference


def state_of(core, reference):
    with core.sessions() as session:
        return session.scalars(select(Appointment.state).where(Appointment.reference == reference)).one()


def set_phone_of(core, account, other):
    """Let an account have the phone of another one."""
    with core.sessions.begin() as session:
        sealed = seal_phone(core.vault, phone_of(core, other))
        one = session.get_one(Account, account)
        one.phone_ciphertext, one.phone_hash = sealed.ciphertext, sealed.hash


def test_an_offer_is_confirmed_asked_about_and_cancelled_by_text_message(country, gateway, offer, send):
    account, reference = offer
    told = gateway.texts(phone_of(country, account))[-1]
    assert f"تأكيد {shown(reference)}" in told
    assert "1515" in told

    outcome, texts = send(account, f"تاكيد {shown(reference)}")
    assert (outcome, state_of(country, reference)) == ("done", AppointmentState.CONFIRMED)
    assert "مؤكد" in texts[0]
    assert "دمشق" in texts[0]
    assert send(account, "حالة")[1][0] == texts[0].replace("ما يلزم إحضاره: ", "")

    outcome, texts = send(account, "إلغاء")
    assert (outcome, state_of(country, reference)) == ("code_sent", AppointmentState.CONFIRMED)
    code = last_secret(country, account, "cancel_by_sms")
    assert code in texts[0]
    outcome, texts = send(account, code)
    assert (outcome, state_of(country, reference)) == ("done", AppointmentState.CANCELLED)
    assert texts == [f"أُلغي موعدك: localhost:8000/a/{shown(reference)}"]
    assert send(account, "STATUS")[1] == ["لا طلب لك الآن ولا موعد. لطلب موعد: localhost:8000/ask"]

    with country.sessions() as session:
        kept = session.scalars(select(IncomingMessage).order_by(IncomingMessage.provider_id)).all()
    assert [(one.command, one.outcome, one.account_id) for one in kept] == [
        (Command.CONFIRM, "done", account),
        (Command.STATUS, "told", account),
        (Command.CANCEL, "code_sent", account),
        (Command.CODE, "done", account),
        (Command.STATUS, "told", account),
    ]


def test_a_single_offer_needs_no_reference_and_a_second_yes_changes_nothing(country, offer, send):
    account, reference = offer
    assert send(account, "نعم")[0] == "done"
    assert send(account, f"yes {reference}")[0] == "done"
    assert send(account, "ok")[0] == "nothing"
    assert state_of(country, reference) is AppointmentState.CONFIRMED


def test_a_message_that_the_provider_passes_on_twice_counts_once(country, offer, send):
    account, reference = offer
    assert send(account, "تأكيد", provider_id="same")[0] == "done"
    assert send(account, "إلغاء", provider_id="same") == ("repeated", [])
    assert state_of(country, reference) is AppointmentState.CONFIRMED


def test_a_message_delivered_four_times_at_once_counts_once(country, offer):
    account, _ = offer
    phone, outcomes = phone_of(country, account), []

    def pass_on():
        outcomes.append(take_message(country, provider_id="one", sender=phone, content="تأكيد"))

    threads = [threading.Thread(target=pass_on) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        ended(one)
    assert sorted(outcomes) == ["done", "repeated", "repeated", "repeated"]


def test_another_persons_reference_looks_unknown(country, offer, send):
    _, reference = offer
    stranger = an_account(country)
    deliver_waiting(country)
    for words in (f"تأكيد {reference}", f"إلغاء {reference}", f"حالة {reference}"):
        outcome, texts = send(stranger, words)
        assert outcome == "not_found"
        assert len(texts) == 1
    assert state_of(country, reference) is AppointmentState.OFFERED


@pytest.mark.parametrize("sender", ["+963944000001", "BANK", "0112233445", "", "+0"])
def test_an_unknown_phone_gets_no_answer(country, gateway, sender):
    before = len(gateway.taken)
    outcome = take_message(country, provider_id="x", sender=sender, content="حالة")
    assert outcome == ("unknown_number" if sender.startswith("+963") else "no_number")
    assert deliver_waiting(country) == 0
    assert len(gateway.taken) == before


def test_a_phone_that_is_not_confirmed_or_whose_account_is_closed_does_nothing(country, offer, send):
    account, reference = offer
    assert send(an_account(country, confirmed=False), "حالة")[0] == "unknown_number"
    with country.sessions.begin() as session:
        session.get_one(Account, account).closed_at = country.clock.now()
    assert send(account, "تأكيد")[0] == "unknown_number"
    assert state_of(country, reference) is AppointmentState.OFFERED


def test_an_offer_whose_time_is_over_is_not_confirmed(country, offer, send):
    account, reference = offer
    country.clock.advance(timedelta(days=2))
    outcome, texts = send(account, f"تأكيد {reference}")
    assert outcome == "too_late"
    assert "انتهى وقت ذلك" in texts[0]
    assert send(account, "تأكيد")[0] == "nothing"
    assert state_of(country, reference) is AppointmentState.OFFERED


def test_a_phone_of_several_accounts_needs_a_reference_when_unclear(country, offer, send):
    account, reference = offer
    other, asked = a_request(country)
    set_phone_of(country, other, account)
    deliver_waiting(country)

    assert send(account, "حالة")[0] == "which"
    assert send(account, "إلغاء")[0] == "which"
    assert send(account, f"حالة {asked.reference}")[0] == "told"
    assert send(account, f"إلغاء {asked.reference}")[0] == "code_sent"
    assert send(account, last_secret(country, other, "cancel_by_sms"))[0] == "done"
    assert send(account, "نعم")[0] == "done"
    with country.sessions() as session:
        state = session.scalars(select(Request.state).where(Request.reference == asked.reference)).one()
    assert (state, state_of(country, reference)) == (RequestState.WITHDRAWN, AppointmentState.CONFIRMED)


def test_a_wrong_or_old_code_cancels_nothing(country, offer, send):
    account, reference = offer
    assert send(account, "123456")[0] == "wrong_code"
    send(account, "إلغاء")
    code = last_secret(country, account, "cancel_by_sms")
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    assert send(account, wrong)[0] == "wrong_code"
    with country.sessions() as session:
        tries = session.scalars(select(PhoneCode.attempts).where(PhoneCode.purpose == "cancel_by_sms")).one()
    assert tries == 1
    country.clock.advance(timedelta(minutes=11))
    assert send(account, code)[0] == "wrong_code"
    assert state_of(country, reference) is AppointmentState.OFFERED


def test_a_mistyped_reference_is_answered_and_nothing_is_guessed(country, offer, send):
    account, reference = offer
    wrong = reference[:-1] + ("0" if reference[-1] != "0" else "1")
    outcome, texts = send(account, f"تأكيد {wrong}")
    assert outcome == "misread"
    assert "قارنه برسائلنا" in texts[0]
    assert state_of(country, reference) is AppointmentState.OFFERED


def test_a_waiting_request_can_be_withdrawn_unless_its_draw_runs(country, send):
    account, asked = a_request(country)
    deliver_waiting(country)
    assert send(account, "حالة")[1][0].startswith("طلبك مقبول")
    assert send(account, f"الغاء {asked.reference}")[0] == "code_sent"
    assert send(account, last_secret(country, account, "cancel_by_sms"))[0] == "done"


def test_a_booked_instant_place_cannot_be_cancelled_by_message_once_begun(country, send):
    reference, _, starts_at = an_appointment(country)
    with country.sessions() as session:
        account = session.scalars(select(Request.account_id)).one()
    deliver_waiting(country)
    assert send(account, f"إلغاء {reference}")[0] == "code_sent"
    country.clock.set(starts_at - timedelta(minutes=1))
    send(account, f"إلغاء {reference}")
    code = last_secret(country, account, "cancel_by_sms")
    country.clock.set(starts_at)
    assert send(account, code)[0] == "too_late"
    assert send(account, f"إلغاء {reference}")[0] == "not_possible"
    assert state_of(country, reference) is AppointmentState.CONFIRMED


def test_stop_silences_reminders_only_and_start_brings_them_back(country, send):
    account = an_account(country)
    deliver_waiting(country)
    assert send(account, "STOP")[0] == "done"
    with country.sessions() as session:
        assert session.get_one(NoticeChoice, account).silenced == ["reminders", "tips"]
    assert send(account, "تشغيل")[1] == ["ستصلك التذكيرات من جديد."]
    with country.sessions() as session:
        assert session.get_one(NoticeChoice, account).silenced == []


def test_a_phone_that_sends_too_much_gets_no_answer_for_an_hour(country, send):
    account = an_account(country)
    deliver_waiting(country)
    outcomes = [send(account, "مرحبا")[0] for _ in range(MOST_IN_AN_HOUR + 2)]
    assert outcomes == ["told"] * MOST_IN_AN_HOUR + ["too_many"] * 2
    country.clock.advance(timedelta(hours=1))
    assert send(account, "HELP")[0] == "told"


def test_codes_for_cancelling_are_limited_as_all_codes_are(country, offer, send):
    account, _ = offer
    outcomes = [send(account, "إلغاء")[0] for _ in range(6)]
    assert outcomes[0] == "code_sent"
    assert outcomes[-1] == "too_many_codes"


def test_texts_that_people_send_are_not_stored(country, offer, send):
    account, _ = offer
    send(account, "سر لا يعرفه أحد 5551234")
    with country.sessions() as session:
        for table in ("incoming_message", "message", "delivery"):
            rows = session.execute(text(f"SELECT t::text FROM {table} t")).scalars().all()  # noqa: S608 - our tables
            assert "سر" not in "".join(rows)
        assert session.scalars(select(Message.channel).where(Message.kind == "sms_help")).all() == [Channel.SMS]


def test_an_online_case_shows_its_state_by_text_but_ends_on_its_page(country, send):
    officer = a_caseworker(country)
    asked = with_agency(country)
    deliver_waiting(country)
    reference = shown(asked.reference)

    assert send(asked.account, "حالة") == (
        "told",
        [f"طلبك عند الجهة. آخر يوم للجواب: localhost:8000/c/{reference}"],
    )
    assert send(asked.account, f"إلغاء {reference}")[0] == "not_possible"
    assert send(an_account(country), f"حالة {reference}")[0] == "not_found"
    decided(country, asked, officer)
    issue(country, officer_id=officer, reference=asked.reference)
    deliver_waiting(country)
    assert send(asked.account, f"status {reference}")[1] == [f"طلبك جاهز، والنتيجة هنا: localhost:8000/c/{reference}"]
