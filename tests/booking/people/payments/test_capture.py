"""Money is taken once: replays, forgeries, wrong amounts and news in the wrong order change nothing."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from booking.eservices.online.originals import lapse_waiting
from booking.eservices.online.pay import begin_first_payment, begin_payment, look_up_payment
from booking.eservices.online.send import send_case, withdraw_case
from booking.eservices.online.views import own_view
from booking.people.payments.capture import refund_owed, take_event, take_webhook
from booking.people.payments.provider import SANDBOX, ForgedEventError, ProviderUnavailableError, Sandbox, provider_of
from booking.platform.base.errors import IllegalMoveError, NotFoundError
from booking.platform.base.settings import Settings
from booking.platform.base.webhooks import signed_headers
from booking.platform.models import IssuedResult, Payment, PaymentEvent
from booking.platform.models.online.case import OnlineState
from booking.platform.models.online.payment import PAYMENT_MOVES, EventKind, Outcome, PaymentState
from fraud.limiting.redis_client import HASH_TAG
from tests.support.online_cases import (
    INSURANCE,
    a_caseworker,
    a_filled_draft,
    paid_event,
    pay,
    payment_of,
    result_of,
    sent,
    stored,
    tell,
    with_agency,
)


@pytest.fixture
def waiting(country):
    """A policy that waits for its payment, which has begun."""
    asked = a_filled_draft(country, INSURANCE)
    assert sent(country, asked) is OnlineState.AWAITING_PAYMENT
    begin_payment(country, account_id=asked.account, reference=asked.reference)
    return asked


def outcomes(core):
    with core.sessions() as session:
        return session.scalars(select(PaymentEvent.outcome).order_by(PaymentEvent.received_at)).all()


def test_a_payment_reported_twice_issues_one_policy(country, waiting):
    event = paid_event(country, waiting.reference)
    assert [tell(country, event), tell(country, event)] == [Outcome.APPLIED, Outcome.REPEATED]
    assert tell(country, replace(event, event_id="another")) is Outcome.REPEATED
    assert payment_of(country, waiting.reference).state is PaymentState.PAID
    assert stored(country, waiting.reference).state is OnlineState.ISSUED
    assert result_of(country, waiting.reference).kind == "policy"


@pytest.mark.usefixtures("waiting")
def test_the_sandbox_keeps_its_ledger_where_a_cluster_has_all_keys(country):
    kept = list(country.redis.scan_iter("*sandbox:*"))  # of every node: KEYS asks one of a cluster
    assert kept
    assert {key.partition(b":")[0] for key in kept} == {HASH_TAG.encode()}


def test_eight_simultaneous_events_of_a_payment_count_once(country, waiting):
    event = paid_event(country, waiting.reference)
    with ThreadPoolExecutor(8) as pool:
        came = list(pool.map(lambda n: take_event(country, SANDBOX, replace(event, event_id=f"e{n % 3}")), range(8)))
    assert came.count(Outcome.APPLIED) == 1
    with country.sessions() as session:
        assert session.scalar(select(func.count()).select_from(IssuedResult)) == 1


def test_pressing_pay_twice_makes_one_payment(country, waiting):
    with ThreadPoolExecutor(4) as pool:
        pay_at = set(
            pool.map(
                lambda _: begin_payment(country, account_id=waiting.account, reference=waiting.reference), range(4)
            )
        )
    with country.sessions() as session:
        assert (len(pay_at), session.scalar(select(func.count()).select_from(Payment))) == (1, 1)


@pytest.mark.parametrize(
    "changes",
    [{"amount": 1}, {"currency": "USD"}, {"reference": "nobody's"}, {"kind": EventKind.REFUNDED}],
    ids=["less money", "other money", "unknown", "not paid yet"],
)
def test_an_event_that_does_not_fit_is_recorded_and_changes_nothing(country, waiting, changes):
    outcome = tell(country, paid_event(country, waiting.reference, **changes))
    assert outcome in {Outcome.WRONG_AMOUNT, Outcome.UNKNOWN_PAYMENT, Outcome.OUT_OF_ORDER}
    assert outcomes(country) == [outcome]
    assert stored(country, waiting.reference).state is OnlineState.AWAITING_PAYMENT
    assert tell(country, replace(paid_event(country, waiting.reference), event_id="later")) is Outcome.APPLIED


def test_a_failed_payment_can_be_made_again_and_late_money_goes_back(country, waiting):
    first = paid_event(country, waiting.reference)
    assert tell(country, replace(first, kind=EventKind.FAILED, event_id="no")) is Outcome.APPLIED
    country.clock.advance(timedelta(minutes=1))
    assert pay(country, waiting) is Outcome.APPLIED
    assert stored(country, waiting.reference).state is OnlineState.ISSUED
    assert tell(country, first) is Outcome.APPLIED, "the first one's money came after all"
    assert refund_owed(country) == 1
    with country.sessions() as session:
        states = session.scalars(select(Payment.state).order_by(Payment.created_at)).all()
    assert sorted(states) == [PaymentState.PAID, PaymentState.REFUNDED]


def test_an_open_payment_is_shown_after_the_clock_was_put_back(country, waiting):
    first = paid_event(country, waiting.reference)
    tell(country, replace(first, kind=EventKind.FAILED, event_id="no"))
    country.clock.advance(-timedelta(minutes=1))
    address = begin_payment(country, account_id=waiting.account, reference=waiting.reference)
    shown = own_view(country, account_id=waiting.account, reference=waiting.reference).payment
    assert shown is not None
    assert (shown.state, shown.address) == (PaymentState.CREATED, address)


def test_a_payment_that_failed_unnoticed_can_be_begun_again(country, waiting):
    """The provider's word is still on its way; four presses at once start one new payment."""
    failed = payment_of(country, waiting.reference)
    Sandbox(country).answer(failed.reference, EventKind.FAILED)
    country.clock.advance(timedelta(minutes=1))

    def press(_):
        return begin_payment(country, account_id=waiting.account, reference=waiting.reference)

    with ThreadPoolExecutor(4) as pool:
        addresses = set(pool.map(press, range(4)))
    new = payment_of(country, waiting.reference)
    assert addresses == {new.address} != {failed.address}
    with country.sessions() as session:
        states = session.scalars(select(Payment.state).order_by(Payment.created_at)).all()
    assert states == [PaymentState.DROPPED, PaymentState.CREATED]
    Sandbox(country).answer(new.reference, EventKind.PAID)
    with pytest.raises(IllegalMoveError):
        press(0)  # it is paid: nothing is left to begin
    assert stored(country, waiting.reference).state is OnlineState.ISSUED


def test_a_first_payment_is_begun_once_and_for_no_case_that_was_taken_back(country):
    asked, other = a_filled_draft(country, INSURANCE), a_filled_draft(country, INSURANCE)
    one, late = (
        send_case(country, account_id=case.account, reference=case.reference, declared=True).unpaid
        for case in (asked, other)
    )
    begin_first_payment(country, one)
    address = payment_of(country, asked.reference).address

    begin_first_payment(country, one)
    withdraw_case(country, account_id=other.account, reference=other.reference)
    begin_first_payment(country, late)

    assert payment_of(country, asked.reference).address == address
    assert own_view(country, account_id=other.account, reference=other.reference).payment is None


def test_withdrawing_a_case_refunds_it_once(country):
    a_caseworker(country)
    asked = with_agency(country)
    withdraw_case(country, account_id=asked.account, reference=asked.reference)
    assert (refund_owed(country), refund_owed(country)) == (1, 0)
    assert payment_of(country, asked.reference).state is PaymentState.REFUNDED
    late = paid_event(country, asked.reference, kind=EventKind.REFUNDED, event_id="r")
    assert tell(country, late) is Outcome.OUT_OF_ORDER


def test_money_for_a_case_that_ended_goes_back(country, waiting):
    country.clock.advance(timedelta(days=15))
    assert lapse_waiting(country) == 1
    assert tell(country, paid_event(country, waiting.reference)) is Outcome.APPLIED
    assert payment_of(country, waiting.reference).state is PaymentState.REFUND_DUE
    assert stored(country, waiting.reference).state is OnlineState.LAPSED


def test_returning_before_the_providers_event_looks_the_payment_up(country, waiting):
    look_up_payment(country, account_id=waiting.account, reference=waiting.reference)
    assert stored(country, waiting.reference).state is OnlineState.AWAITING_PAYMENT
    sandbox = Sandbox(country)
    sandbox.answer(payment_of(country, waiting.reference).reference, EventKind.PAID)
    look_up_payment(country, account_id=waiting.account, reference=waiting.reference)
    assert stored(country, waiting.reference).state is OnlineState.ISSUED
    assert tell(country, paid_event(country, waiting.reference)) is Outcome.REPEATED


def test_the_sandbox_keeps_its_first_answer(country, waiting):
    sandbox, charge = Sandbox(country), payment_of(country, waiting.reference).reference
    assert sandbox.answer(charge, EventKind.FAILED).told is EventKind.FAILED
    assert sandbox.answer(charge, EventKind.PAID).told is EventKind.FAILED
    with pytest.raises(NotFoundError):
        sandbox.answer("nobody", EventKind.PAID)


def test_forged_old_and_foreign_events_are_refused_and_leave_no_row(country, waiting):
    event = paid_event(country, waiting.reference)
    body, headers = Sandbox(country).signed(event)
    stale = signed_headers(b"another key", message_id=event.event_id, body=body, at=country.clock.now())
    for forged_body, forged in ((body + b" ", headers), (body, {}), (body, stale), (b"{}", headers)):
        with pytest.raises(ForgedEventError):
            take_webhook(country, provider=SANDBOX, body=forged_body, headers=forged)
    with pytest.raises(NotFoundError):
        take_webhook(country, provider="another", body=body, headers=headers)
    country.clock.advance(timedelta(minutes=6))
    with pytest.raises(ForgedEventError):
        take_webhook(country, provider=SANDBOX, body=body, headers=headers)
    assert outcomes(country) == []
    assert stored(country, waiting.reference).state is OnlineState.AWAITING_PAYMENT


def test_production_has_no_sandbox_and_an_installed_provider_plugs_in(country, monkeypatch):
    with pytest.raises(ValueError, match="no money moves"):
        Settings(
            _env_file=None,
            environment="production",
            secret_key="x" * 40,
            base_url="https://example.org",
            payment_provider="sandbox",
        )
    made = object()

    class Point:
        def load(self):
            return lambda core: made if core is country else None

    monkeypatch.setattr("booking.people.payments.provider.entry_points", lambda group: {"bank": Point()})
    object.__setattr__(country, "settings", country.settings.model_copy(update={"payment_provider": "bank"}))
    assert provider_of(country) is made


def test_an_unreachable_ledger_is_an_outage_and_not_a_payment(country, monkeypatch):
    asked = a_filled_draft(country, INSURANCE)
    sent(country, asked)

    def fail(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr(type(country.redis), "set", fail)
    with pytest.raises(ProviderUnavailableError):
        begin_payment(country, account_id=asked.account, reference=asked.reference)


def test_every_state_of_a_payment_is_reachable():
    reached = {PaymentState.CREATED} | {to for moves in PAYMENT_MOVES.values() for to in moves}
    assert reached == set(PaymentState)
