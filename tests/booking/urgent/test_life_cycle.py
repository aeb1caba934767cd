"""Several officers at work on a few cases and very few places: whatever they try, in whatever order.

Never an urgent appointment without the approvals that policy demands, never more than the pool holds, and the audit log
tells every step.
"""

from datetime import timedelta
from itertools import count
from uuid import UUID, uuid4

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select, text

from booking.appointments.respond import cancel
from booking.base.errors import MawidError
from booking.core import audit
from booking.core.core import Core
from booking.models import AuditEntry, UrgentDecision, UrgentEvidence
from booking.models.states import Role
from booking.requests.withdraw import withdraw
from booking.urgent.approve import approve, approve_second, disagree
from booking.urgent.ask import send_case
from booking.urgent.claim import claim, release
from booking.urgent.decide import ask_for_evidence, deny
from booking.urgent.retention import lapse_cases, return_unused
from booking.urgent.reverse import revoke, undo
from tests.country import a_colleague
from tests.urgent_cases import APPROVE, ASK, DENY, a_draft, stored

REVOKE = {"reason": "approved_by_mistake", "note": "the letter was another person's"}
CASES = 3
PEOPLE = st.none() | st.integers(0, 3)  # None: whoever may
NUMBERS = count()  # no two slots begin at the same moment
WHICH = st.integers(0, CASES - 1)

STANDING = """
SELECT u.reference, u.over_pool, a.starts_at,
       (SELECT array_agg(d.officer_id ORDER BY d.position) FROM urgent_decision d
        WHERE d.urgent_request_id = u.id AND d.act = 'approval' AND d.undone_at IS NULL) AS approvers,
       (SELECT min(d.at) FROM urgent_decision d
        WHERE d.urgent_request_id = u.id AND d.act = 'approval' AND d.undone_at IS NULL) AS first_at
FROM appointment a LEFT JOIN urgent_request u ON u.id = a.urgent_request_id AND u.state = 'approved'
WHERE a.state IN ('offered', 'confirmed', 'checked_in')
  AND EXISTS (SELECT FROM appointment_places p WHERE p.appointment_id = a.id AND p.pool = 'urgent')
"""
POOLS = """
SELECT s.id, p.places, p.taken, p.overbooked,
       (SELECT COALESCE(sum(c.places), 0) FROM appointment_places c JOIN appointment a ON a.id = c.appointment_id
        WHERE c.slot_id = s.id AND c.pool = 'urgent' AND a.state NOT IN ('lapsed', 'cancelled')) AS held
FROM slot s JOIN slot_pool p ON p.slot_id = s.id AND p.pool = 'urgent' WHERE s.id = ANY(:slots)
"""


class Desk(RuleBasedStateMachine):
    """One desk; every example goes on with the same database and new cases."""

    core: Core
    people: list[UUID]
    supervisors: list[UUID]

    @initialize()
    def open_the_desk(self):
        self.expected = []
        self.sent = set()
        self.cases = [a_draft(self.core, days=4) for _ in range(CASES)]
        with self.core.sessions.begin() as session:
            session.execute(text("UPDATE slot_pool SET places = taken WHERE pool = 'urgent'"))
            self.slots = self.leave_two_places(session)
        for index in range(CASES):
            self.send_papers(index)

    def leave_two_places(self, session):
        """Make two places in a day that is still free of everything: tomorrow and today, one each."""
        made = []
        for days in (0, 1):
            slot = session.execute(
                text(
                    "INSERT INTO slot (office_id, local_day, band, starts_at, ends_at, counters) "
                    "SELECT id, :day, 'afternoon', :at, CAST(:at AS timestamptz) + interval '10 minutes', 1 "
                    "FROM office WHERE code = 'damascus' RETURNING id"
                ),
                {
                    "day": self.core.today() + timedelta(days=days),
                    "at": self.core.clock.now() + timedelta(days=days, hours=3, minutes=7, seconds=next(NUMBERS)),
                },
            ).scalar_one()
            session.execute(text("INSERT INTO slot_pool VALUES (:slot, 'urgent', 1, 0)"), {"slot": slot})
            made.append(slot)
        return made

    def attempt(self, action, act, **arguments):
        """Try something; what succeeds must be in the log."""
        try:
            act(self.core, **arguments)
        except MawidError:
            return
        if action:
            self.expected.append((f"urgent.{action}", arguments["reference"]))

    def holder(self, who, index):
        """Return the officer whose case it is, who takes it first where nobody has it; or the one who tries anyway."""
        if who is not None:
            return self.people[who]
        found = stored(self.core, self.cases[index].reference)
        if found.assigned_to is None:
            self.take(index, index)
        return found.assigned_to or self.people[index]

    def maker(self, who, index):
        """Return who decided last; or the one who tries anyway."""
        return (self.made(index) or self.people)[-1] if who is None else self.people[who]

    def chief(self, who, index):
        """Return a supervisor who did not make the first approval; or the one who tries anyway."""
        if who is not None:
            return self.people[who]
        made = self.made(index)
        return next(one for one in self.supervisors if one not in made)

    def made(self, index):
        """Return who made the case's decisions, in their order."""
        with self.core.sessions() as session:
            return session.scalars(
                select(UrgentDecision.officer_id)
                .join(UrgentDecision.case)
                .where(UrgentDecision.case.has(reference=self.cases[index].reference))
                .order_by(UrgentDecision.number)
            ).all()[-1:]

    def send_papers(self, index):
        case = self.cases[index]
        with self.core.sessions.begin() as session:
            row = stored(self.core, case.reference)
            session.add(
                UrgentEvidence(
                    urgent_request_id=row.id,
                    sha256=uuid4().bytes * 2,
                    media_type="image/jpeg",
                    size=1,
                    pages=1,
                    fingerprints=["0" * 16],
                    uploaded_by=case.account,
                    uploaded_at=self.core.clock.now(),
                )
            )
        self.core.clock.advance(timedelta(seconds=1))
        try:
            send_case(self.core, account_id=case.account, request_reference=case.request)
        except MawidError:
            return

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

    @invariant()
    def every_urgent_appointment_has_the_approvals_that_policy_demands(self):
        with self.core.sessions() as session:
            for row in session.execute(text(STANDING)):
                approvers = row.approvers or []
                assert row.reference is not None
                assert len(set(approvers)) == len(approvers) >= 1
                same_day = row.starts_at.date() <= row.first_at.date()
                if row.over_pool or same_day:
                    assert len(approvers) == 2
                    assert approvers[1] in self.supervisors

    @invariant()
    def no_pool_gives_more_than_it_has(self):
        if not hasattr(self, "slots"):
            return
        with self.core.sessions() as session:
            for pool in session.execute(text(POOLS), {"slots": self.slots}):
                assert pool.taken == pool.held <= pool.places
                assert pool.taken - pool.overbooked <= 1
                assert pool.overbooked <= 2

    @invariant()
    def the_audit_log_tells_every_step(self):
        if not hasattr(self, "cases"):
            return
        with self.core.sessions() as session:
            audit.verify(session)
            told = session.execute(
                select(AuditEntry.action, AuditEntry.subject)
                .where(AuditEntry.subject.in_([case.reference for case in self.cases]))
                .order_by(AuditEntry.sequence)
            ).all()
        assert [tuple(entry) for entry in told] == self.expected

    def teardown(self):
        """Leave a working day for the next example: the same hour, free people."""
        self.core.clock.advance(timedelta(days=1))
        self.core.clock.set(self.core.clock.now().replace(hour=6, minute=0, second=0))


def test_officers_at_work_never_give_what_policy_does_not_allow(core):
    officers = [a_colleague(core, Role.OFFICER, office="damascus") for _ in range(2)]
    chiefs = [a_colleague(core, Role.SUPERVISOR, office="damascus") for _ in range(2)]
    here = type("Here", (Desk,), {"core": core, "people": officers + chiefs, "supervisors": chiefs})
    run_state_machine_as_test(
        here,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            phases=(Phase.generate,),  # a step costs a second: a failure is read as it came, not made smaller
            suppress_health_check=list(HealthCheck),
            deadline=None,
        ),
    )
