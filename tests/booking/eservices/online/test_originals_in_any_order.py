"""Whatever person, consulate, agency and time do, in whatever order: papers and case stay together."""

from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from booking.eservices.online import decide as deciding
from booking.eservices.online import officers
from booking.eservices.online.originals import ORIGINAL_IS_MISSING, lapse_unposted, remind_of_post
from booking.eservices.online.post_desk import register_arrival, send_back
from booking.eservices.online.send import withdraw_case
from booking.people.hands.errors import CaseNotInHandsError
from booking.platform.base.errors import IllegalMoveError, NotFoundError
from booking.platform.models.online.case import ORIGINALS_MOVES, OnlineState, OriginalsState
from tests.booking.eservices.online.posted_papers import TRACKING, originals_of, posted
from tests.support.effort import examples
from tests.support.online_cases import NOTE, decided, sent, stored


def test_papers_and_case_stay_consistent_in_any_order_of_events(country, caseworker, clerk):
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
            max_examples=examples(5, nightly=10),
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
