"""Several officers at work on a few cases and very few places: whatever they try, in whatever order."""

from datetime import timedelta

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test
from sqlalchemy import text

from booking.platform.models.states import Role
from booking.scheduling.appointments.respond import cancel
from booking.scheduling.requests.withdraw import withdraw
from booking.scheduling.urgent.approve import approve, approve_second, disagree
from booking.scheduling.urgent.claim import claim, release
from booking.scheduling.urgent.decide import ask_for_evidence, deny
from booking.scheduling.urgent.retention import lapse_cases, return_unused
from booking.scheduling.urgent.reverse import revoke, undo
from tests.booking.scheduling.urgent.desk_machine import CASES, Desk
from tests.booking.scheduling.urgent.held_cases import REVOKE
from tests.support.country import a_colleague
from tests.support.effort import examples
from tests.support.urgent_cases import APPROVE, ASK, DENY, stored

PEOPLE = st.none() | st.integers(0, 3)  # None: whoever may
WHICH = st.integers(0, CASES - 1)


class OfficersAtWork(Desk):
    """What officers, people and time do, one step after the other."""

    @initialize()
    def open_the_desk(self):
        """Begin with an approval that is taken back, whatever comes then."""
        super().open_the_desk()
        self.say_yes(None, 0, "best", ("take_back",))

    @rule(index=WHICH)
    def send(self, index):
        self.send_papers(index)

    @rule(who=PEOPLE, index=WHICH)
    def take(self, who, index):
        who = index if who is None else who
        held = stored(self.core, self.cases[index].reference).assigned_to == self.people[who]
        self.attempt(
            None if held else "claimed", claim, officer_id=self.people[who], reference=self.cases[index].reference
        )

    @rule(who=PEOPLE, index=WHICH)
    def give_back(self, who, index):
        self.attempt("released", release, officer_id=self.holder(who, index), reference=self.cases[index].reference)

    @rule(
        who=PEOPLE,
        index=WHICH,
        how=st.sampled_from(["best", "today", "added"]),
        then=st.sampled_from([(), ("agree",), ("agree", "call_off"), ("agree", "take_back"), ("take_back",)]),
    )
    def say_yes(self, who, index, how, then):
        case = self.cases[index]
        place = {"best": {}, "today": {"slot_id": self.slots[0]}, "added": {"slot_id": self.slots[1]}}[how]
        self.attempt(
            "approval",
            approve,
            officer_id=self.holder(who, index),
            reference=case.reference,
            beyond_pool=how == "added",
            **place,
            **APPROVE,
        )
        for step in then:
            self.core.clock.advance(timedelta(seconds=1))
            getattr(self, step)(None, index)

    @rule(who=PEOPLE, index=WHICH)
    def agree(self, who, index):
        reference = self.cases[index].reference
        self.attempt("approval", approve_second, officer_id=self.chief(who, index), reference=reference, **APPROVE)

    @rule(who=PEOPLE, index=WHICH)
    def object(self, who, index):
        words = {"reason": "i_see_it_differently", "note": "it can wait"}
        self.attempt(
            "disagreement", disagree, officer_id=self.chief(who, index), reference=self.cases[index].reference, **words
        )

    @rule(who=PEOPLE, index=WHICH)
    def say_no(self, who, index):
        self.attempt("denial", deny, officer_id=self.holder(who, index), reference=self.cases[index].reference, **DENY)

    @rule(who=PEOPLE, index=WHICH)
    def ask_more(self, who, index):
        reference = self.cases[index].reference
        self.attempt("evidence_asked", ask_for_evidence, officer_id=self.holder(who, index), reference=reference, **ASK)

    @rule(who=PEOPLE, index=WHICH)
    def take_back(self, who, index):
        reference = self.cases[index].reference
        self.attempt(
            "undoing",
            undo,
            officer_id=(self.made(index) or self.people)[-1] if who is None else self.people[who],
            reference=reference,
            note="wrong case",
        )

    @rule(who=PEOPLE, index=WHICH)
    def call_off(self, who, index):
        self.attempt(
            "revocation", revoke, officer_id=self.chief(who, index), reference=self.cases[index].reference, **REVOKE
        )

    @rule(index=WHICH, sure=st.integers(0, 4))
    def leave(self, index, sure):
        case = self.cases[index]
        if sure:  # few people do
            return
        self.attempt(None, withdraw, account_id=case.account, reference=case.request)

    @rule(index=WHICH)
    def cancel_the_appointment(self, index):
        case = self.cases[index]
        with self.core.sessions() as session:
            reference = session.execute(
                text(
                    "SELECT a.reference FROM appointment a JOIN urgent_request u ON u.id = a.urgent_request_id "
                    "WHERE u.reference = :case AND a.state = 'confirmed'"
                ),
                {"case": case.reference},
            ).scalar()
        if reference:
            self.attempt(None, cancel, account_id=case.account, reference=reference)

    @rule(seconds=st.sampled_from([1, 5, 30, 90, 4000]))
    def wait(self, seconds):
        self.core.clock.advance(timedelta(seconds=seconds))
        lapse_cases(self.core)
        if seconds > 90:
            return_unused(self.core)


def test_officers_never_give_more_than_policy_allows_in_any_order(core):
    officers = [a_colleague(core, Role.OFFICER, office="damascus") for _ in range(2)]
    chiefs = [a_colleague(core, Role.SUPERVISOR, office="damascus") for _ in range(2)]
    here = type("Here", (OfficersAtWork,), {"core": core, "people": officers + chiefs, "supervisors": chiefs})
    run_state_machine_as_test(
        here,
        settings=settings(
            max_examples=examples(5, nightly=12),
            stateful_step_count=25,
            phases=(Phase.generate,),  # a step costs a second: a failure is read as it came, not made smaller
            suppress_health_check=list(HealthCheck),
            deadline=None,
        ),
    )
