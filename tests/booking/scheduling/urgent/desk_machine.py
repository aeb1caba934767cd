"""A desk with a few urgent cases and very few places, for tests: what must hold whatever officers try.

Never an urgent appointment without the approvals that policy demands, never more than the pool holds, and the audit log
tells every step.
"""

from datetime import timedelta
from itertools import count
from uuid import UUID, uuid4

from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant
from sqlalchemy import select, text

from booking.country.core import audit
from booking.country.core.core import Core
from booking.platform.base.errors import MawidError
from booking.platform.models import AuditEntry, UrgentDecision, UrgentEvidence
from booking.scheduling.urgent.ask import send_case
from tests.support.urgent_cases import a_draft, stored

CASES = 3
NUMBERS = count()  # no two slots begin at the same moment

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
            told = session.execute(
                select(AuditEntry.action, AuditEntry.subject)
                .where(AuditEntry.subject.in_([case.reference for case in self.cases]))
                .order_by(AuditEntry.sequence)
            ).all()
        assert [tuple(entry) for entry in told] == self.expected

    def teardown(self):
        """Check the whole log's chain; leave a working day for the next example: the same hour, free people."""
        with self.core.sessions() as session:
            audit.verify(session)
        self.core.clock.advance(timedelta(days=1))
        self.core.clock.set(self.core.clock.now().replace(hour=6, minute=0, second=0))
