"""Original papers of somebody abroad: by post or brought along, and everything that goes wrong on the way."""

import threading
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from booking.base.errors import ForbiddenError, IllegalMoveError, InvalidInputError, NotFoundError
from booking.base.references import new_reference, shown
from booking.hands.errors import CaseNotInHandsError
from booking.models import AuditEntry, CaseOriginals, Message, Office
from booking.models.online.payment_states import Outcome, PaymentState
from booking.models.online.states import ORIGINALS_MOVES, OnlineState, OriginalsState
from booking.models.states import Door, Role
from booking.online import decide as deciding
from booking.online import officers
from booking.online.cover import ForgedSheetError, read_sheet, sign_sheet
from booking.online.originals import ORIGINAL_IS_MISSING, choose_way
from booking.online.post_desk import find_posted, look_at_posted, post_desk, register_arrival, send_back
from booking.online.retention_of_originals import REMINDED_BEFORE, lapse_unposted, remind_of_post
from booking.online.send import withdraw_case
from tests.country import a_colleague
from tests.online_cases import NOTE, a_caseworker, a_filled_draft, decided, pay, payment_of, sent, stored

SERVICE = "document-legalisation"
TRACKING = "RR 123/456-789 DE"


@pytest.fixture
def caseworker(country):
    return a_caseworker(country, "foreign-affairs")


@pytest.fixture
def clerk(country):
    return a_colleague(country, Role.OFFICER, office="berlin")


def chosen(core, *, way="post", consulate="berlin"):
    """A draft of somebody abroad that could be sent."""
    asked = a_filled_draft(core, SERVICE, door=Door.ABROAD)
    choose_way(core, account_id=asked.account, reference=asked.reference, way=way, consulate=consulate)
    return asked


def posted(core, **choice):
    """A case whose papers are awaited, or which is with the agency where they are brought."""
    asked = chosen(core, **choice)
    assert sent(core, asked) is OnlineState.AWAITING_PAYMENT
    assert pay(core, asked) is Outcome.APPLIED
    return asked


def originals_of(core, reference):
    with core.sessions() as session:
        return session.get_one(CaseOriginals, stored(core, reference).id)


def notices(core, account):
    with core.sessions() as session:
        return session.scalars(select(Message.kind).where(Message.account_id == account)).all()


def refused(core, clerk, typed):
    with pytest.raises(InvalidInputError) as error:
        find_posted(core, officer_id=clerk, typed=typed)
    return [(one.field, one.reason) for one in error.value.errors]


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
    deciding.ask_for_more(
        country, officer_id=caseworker, reference=asked.reference, reason=ORIGINAL_IS_MISSING, note=NOTE
    )
    assert sent(country, asked) is OnlineState.AWAITING_PAPERS, "one more letter is waited for"
    register_arrival(country, officer_id=clerk, reference=asked.reference)
    with pytest.raises(IllegalMoveError):
        send_back(country, officer_id=clerk, reference=asked.reference, tracking=TRACKING)
    decided(country, asked, caseworker)
    deciding.issue(country, officer_id=caseworker, reference=asked.reference)
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


def test_what_does_not_come_lapses_after_a_reminder_and_goes_back_when_it_comes_late(country, caseworker, clerk):
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


def test_forged_wrong_and_foreign_letters_are_refused_in_words(country, caseworker, clerk):
    asked, brought = posted(country), posted(country, way="visit")
    berlin = originals_of(country, asked.reference).office_id
    sheet = sign_sheet(country.vault, asked.reference, berlin)
    assert refused(country, clerk, sheet[:-1] + ("A" if sheet[-1] != "A" else "B")) == [("code", "forged_sheet")]
    assert refused(country, clerk, "x" * 5000) == [("code", "forged_sheet")]
    assert refused(country, clerk, "123") == [("code", "reference_misread")]
    assert refused(country, clerk, new_reference()) == [("code", "no_posted_case")]
    assert refused(country, clerk, brought.reference) == [("code", "no_posted_case")]
    assert stored(country, brought.reference).state is OnlineState.SUBMITTED, "what is brought is not waited for"
    with country.sessions() as session:
        bonn = session.scalars(select(Office.id).where(Office.code == "bonn")).one()
    assert refused(country, clerk, sign_sheet(country.vault, asked.reference, bonn)) == [("code", "other_consulate")]
    elsewhere = a_colleague(country, Role.OFFICER, office="bonn")
    assert refused(country, elsewhere, asked.reference) == [("code", "other_consulate")]
    for who in (elsewhere, caseworker, asked.account, a_colleague(country, Role.REVIEWER, office="berlin")):
        for act in (look_at_posted, register_arrival):
            with pytest.raises(ForbiddenError):
                act(country, officer_id=who, reference=asked.reference)

    withdraw_case(country, account_id=asked.account, reference=asked.reference)
    with pytest.raises(IllegalMoveError):
        register_arrival(country, officer_id=clerk, reference=asked.reference)
    send_back(country, officer_id=clerk, reference=asked.reference, tracking=TRACKING)


def test_the_way_is_chosen_by_people_abroad_and_where_the_consulate_allows_it(country, caseworker):
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


def test_of_two_clerks_who_scan_at_once_while_the_person_takes_it_back_one_is_heard(country, caseworker, clerk):
    for _ in range(3):
        asked, said = posted(country), []

        def tries(act, reference=asked.reference, said=said, **who):
            try:
                act(country, reference=reference, **who)
            except IllegalMoveError:
                said.append("refused")
            else:
                said.append(act.__name__)

        acts = [(register_arrival, {"officer_id": clerk})] * 2 + [(withdraw_case, {"account_id": asked.account})]
        threads = [threading.Thread(target=tries, args=(act,), kwargs=who) for act, who in acts]
        for one in threads:
            one.start()
        for one in threads:
            one.join()

        case, kept = stored(country, asked.reference), originals_of(country, asked.reference)
        assert said.count("register_arrival") <= 1
        assert len(said) == 3
        arrived = "register_arrival" in said
        assert (kept.state is OriginalsState.ARRIVED) == arrived
        assert (case.state is OnlineState.WITHDRAWN) == ("withdraw_case" in said)


def test_a_sheet_changed_in_one_place_is_no_sheet(country):
    sheet = sign_sheet(country.vault, "7K2M9D4QX", 7)
    assert read_sheet(country.vault, sheet) == ("7K2M9D4QX", 7)
    for place in range(len(sheet)):
        with pytest.raises(ForgedSheetError):
            read_sheet(country.vault, sheet[:place] + ("A" if sheet[place] != "A" else "B") + sheet[place + 1 :])


def test_whatever_happens_in_whatever_order_papers_and_case_stay_together(country, caseworker, clerk):
    class Post(RuleBasedStateMachine):
        """Everyone acts at any moment; what is refused changes nothing, what happens is a move of the table."""

        @initialize()
        def begin(self):
            self.asked = posted(country)
            self.state = OriginalsState.AWAITED

        @rule(act=st.sampled_from(("arrive", "back", "withdraw", "decide", "ask", "again", "wait", "late")))
        def act(self, act):
            before = stored(country, self.asked.reference).state
            try:
                self.do(act)
            except (IllegalMoveError, NotFoundError, CaseNotInHandsError):
                assert stored(country, self.asked.reference).state is before
            self.agree()

        @precondition(lambda self: self.state is OriginalsState.AWAITED)
        @rule()
        def arrive(self):
            self.do("arrive")
            self.agree()

        def do(self, act):
            acts_of(country, self.asked, clerk, caseworker)[act]()

        def agree(self):
            case, kept = stored(country, self.asked.reference), originals_of(country, self.asked.reference)
            assert (case.state is OnlineState.AWAITING_PAPERS) == (kept.state is OriginalsState.AWAITED)
            assert self.state is kept.state or reachable(self.state, kept.state)
            assert (kept.tracking != "") == (kept.state is OriginalsState.SENT_BACK)
            if kept.state is OriginalsState.ARRIVED:
                assert kept.arrived_at is not None
            self.state = kept.state

    run_state_machine_as_test(
        Post,
        settings=settings(
            max_examples=10,
            stateful_step_count=8,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def acts_of(core, asked, clerk, caseworker):
    """What the person, the consulate, the agency and time can do with a case."""
    reference = asked.reference

    def decide():
        decided(core, asked, caseworker)
        deciding.issue(core, officer_id=caseworker, reference=reference)

    def ask():
        officers.claim(core, officer_id=caseworker, reference=reference)
        words = {"reason": ORIGINAL_IS_MISSING, "note": NOTE}
        deciding.ask_for_more(core, officer_id=caseworker, reference=reference, **words)

    def be_late():
        core.clock.set(core.clock.now() + timedelta(days=15))
        lapse_unposted(core)

    return {
        "arrive": lambda: register_arrival(core, officer_id=clerk, reference=reference),
        "back": lambda: send_back(core, officer_id=clerk, reference=reference, tracking=TRACKING),
        "withdraw": lambda: withdraw_case(core, account_id=asked.account, reference=reference),
        "decide": decide,
        "ask": ask,
        "again": lambda: sent(core, asked),
        "wait": lambda: remind_of_post(core),
        "late": be_late,
    }


def reachable(start, end):
    seen, line = {start}, [start]
    for one in line:
        new = ORIGINALS_MOVES.get(one, frozenset()) - seen
        seen |= new
        line.extend(new)
    return end in seen
