"""Original papers of somebody abroad: by post or brought along, and everything that goes wrong on the way."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.eservices.online import decide, officers, originals
from booking.eservices.online.originals import (
    ORIGINAL_IS_MISSING,
    REMINDED_BEFORE,
    choose_way,
    lapse_unposted,
    remind_of_post,
)
from booking.eservices.online.post_desk import (
    find_posted,
    look_at_posted,
    post_desk,
    register_arrival,
    send_back,
    sign_sheet,
)
from booking.eservices.online.views import list_own
from booking.platform.base.errors import IllegalMoveError, InvalidInputError, NotFoundError
from booking.platform.base.references import shown
from booking.platform.models import AuditEntry
from booking.platform.models.online.case import ONLINE_MOVES, OnlineState, OriginalsState
from booking.platform.models.online.payment import PaymentState
from booking.platform.models.states import Door
from tests.booking.eservices.online.posted_papers import SERVICE, TRACKING, originals_of, posted
from tests.support.online_cases import NOTE, a_filled_draft, decided, notices, payment_of, sent, stored


def test_papers_go_by_post_to_a_consulate_and_back(country, caseworker, clerk):
    asked = posted(country)
    kept = originals_of(country, asked.reference)
    days = country.pack.service(SERVICE).originals.days
    assert stored(country, asked.reference).state is OnlineState.AWAITING_PAPERS
    assert (kept.state, kept.last_day) == (OriginalsState.AWAITED, country.today() + timedelta(days=days))
    with pytest.raises(NotFoundError):
        officers.claim(country, officer_id=caseworker, reference=asked.reference)

    sheet = sign_sheet(country.vault, asked.reference, kept.office_id)
    assert find_posted(country, officer_id=clerk, typed=f" {sheet.lower()} ") == asked.reference
    assert find_posted(country, officer_id=clerk, typed=shown(asked.reference)) == asked.reference
    assert [one.code for one in look_at_posted(country, officer_id=clerk, reference=asked.reference).papers] == [
        "document"
    ]
    register_arrival(country, officer_id=clerk, reference=asked.reference)
    with pytest.raises(IllegalMoveError):
        register_arrival(country, officer_id=clerk, reference=asked.reference)
    assert stored(country, asked.reference).state is OnlineState.SUBMITTED

    officers.claim(country, officer_id=caseworker, reference=asked.reference)
    decide.ask_for_more(
        country, officer_id=caseworker, reference=asked.reference, reason=ORIGINAL_IS_MISSING, note=NOTE
    )
    assert sent(country, asked) is OnlineState.AWAITING_PAPERS, "one more letter is waited for"
    register_arrival(country, officer_id=clerk, reference=asked.reference)
    with pytest.raises(IllegalMoveError):
        send_back(country, officer_id=clerk, reference=asked.reference, tracking=TRACKING)
    decided(country, asked, caseworker)
    decide.issue(country, officer_id=caseworker, reference=asked.reference)
    assert [one.case.reference for one in post_desk(country, officer_id=clerk).to_send_back] == [asked.reference]
    for wrong in ("", "x", "رقم ١٢٣", "<b>1234", "9" * 61):
        with pytest.raises(InvalidInputError):
            send_back(country, officer_id=clerk, reference=asked.reference, tracking=wrong)
    send_back(country, officer_id=clerk, reference=asked.reference, tracking=f"  {TRACKING} ")

    kept = originals_of(country, asked.reference)
    assert (kept.state, kept.tracking) == (OriginalsState.SENT_BACK, TRACKING)
    assert notices(country, asked.account).count("online_papers_arrived") == 2
    assert {"online_awaiting_papers", "online_sent_back"} <= set(notices(country, asked.account))
    with country.sessions() as session:
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.subject == asked.reference)).all()
    assert [one for one in actions if "papers" in one] == ["online.papers_arrived"] * 2 + ["online.papers_sent_back"]


def test_only_people_abroad_choose_post_and_only_where_it_is_allowed(country, caseworker):
    asked = a_filled_draft(country, SERVICE, door=Door.ABROAD)
    with pytest.raises(InvalidInputError, match="way: choose_one"):
        sent(country, asked)
    for way, consulate, said in (
        ("pigeon", "berlin", "way: choose_one"),
        ("post", "damascus", "consulate: choose_one"),
        ("post", "tripoli", "consulate: not_by_post"),
    ):
        with pytest.raises(InvalidInputError, match=said):
            choose_way(country, account_id=asked.account, reference=asked.reference, way=way, consulate=consulate)
    choose_way(country, account_id=asked.account, reference=asked.reference, way="visit", consulate="tripoli")
    at_home = a_filled_draft(country, SERVICE)
    with pytest.raises(NotFoundError):
        choose_way(country, account_id=at_home.account, reference=at_home.reference, way="post", consulate="berlin")
    assert sent(country, at_home) is OnlineState.AWAITING_PAYMENT


def test_cases_that_wait_too_long_for_their_owner_end(country, officer):
    draft, unpaid = a_filled_draft(country), a_filled_draft(country)
    sent(country, unpaid)
    country.clock.advance(timedelta(days=15))
    assert originals.lapse_waiting(country) == 1
    assert stored(country, unpaid.reference).state is OnlineState.LAPSED
    country.clock.advance(timedelta(days=46))
    assert originals.lapse_waiting(country) == 1
    assert list_own(country, draft.account) == []


def test_every_state_of_a_case_is_reachable_from_the_draft():
    reached, more = {OnlineState.DRAFT}, {OnlineState.DRAFT}
    while more:
        more = {to for state in more for to in ONLINE_MOVES.get(state, ())} - reached
        reached |= more
    assert reached == set(OnlineState)


def test_late_papers_lapse_after_a_reminder_and_are_sent_back(country, caseworker, clerk):
    asked = posted(country)
    last = originals_of(country, asked.reference).last_day
    country.clock.advance(last - REMINDED_BEFORE - country.today() - timedelta(days=1))
    assert (remind_of_post(country), lapse_unposted(country)) == (0, 0)
    country.clock.advance(timedelta(days=1))
    assert (remind_of_post(country), remind_of_post(country)) == (1, 0)
    country.clock.advance(last - country.today())
    assert lapse_unposted(country) == 0, "the last day still counts"
    country.clock.advance(timedelta(days=1))
    assert (lapse_unposted(country), lapse_unposted(country)) == (1, 0)

    assert stored(country, asked.reference).state is OnlineState.LAPSED
    assert payment_of(country, asked.reference).state is PaymentState.REFUND_DUE
    assert {"online_post_reminder", "online_post_lapsed"} <= set(notices(country, asked.account))
    with pytest.raises(IllegalMoveError):
        register_arrival(country, officer_id=clerk, reference=asked.reference)
    assert look_at_posted(country, officer_id=clerk, reference=asked.reference).can_go_back
    send_back(country, officer_id=clerk, reference=asked.reference, tracking=TRACKING)
