"""Owners, strangers, a clerk and a register that is away at times, in any order: proofs decide, and nothing else."""

import dataclasses
from datetime import timedelta

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from booking.accounts.household import add_member, list_members
from booking.accounts.identity import read_identity
from booking.base.errors import MawidError
from booking.core import audit
from booking.core.known_facts import facts_of
from booking.core.sealed import seal_national_number
from booking.counter.ask_for import ask_at_counter
from booking.identity.prove import prove_by_code, prove_by_serial, send_register_code
from booking.models import AuditEntry, HouseholdMember, Person, Request, RequestMember
from booking.models.identity import IdentityLevel, ProofKind
from booking.models.states import RequestState, Role
from booking.plans.views import plan_view
from booking.registers.synthetic import Enrolled, serial_of
from booking.requests.ask import ask
from booking.requests.withdraw import withdraw
from tests.booking.identity.conftest import NAME, Away
from tests.country import BORN, a_colleague, a_wish, an_account, an_origin, eligible_number, put_rules_in_force

PEOPLE = 2
SETTINGS = settings(
    max_examples=6, stateful_step_count=14, phases=(Phase.generate,), suppress_health_check=list(HealthCheck)
)
people, names = st.integers(0, PEOPLE - 1), st.sampled_from([NAME, "اسم مخترع"])
EVERYONE_IN = """
[[rule]]
name = "nobody"
when = "party_size > 99"
then = "challenge"
say.ar = "لا أحد."
say.en = "Nobody."
"""


class Numbers(RuleBasedStateMachine):
    """Some numbers, each with an owner and two strangers; every example goes on with the same database."""

    core, clerk = None, None

    @initialize()
    def meet(self):
        self.away, self.seen = False, 0
        self.numbers = [eligible_number(self.core) for _ in range(PEOPLE)]
        for number in self.numbers:
            self.core.register.enrol(number, Enrolled(NAME, BORN))
        self.owners = [an_account(self.core) for _ in self.numbers]
        self.strangers = [an_account(self.core) for _ in range(2)]
        with self.core.sessions() as session:
            self.before = session.scalar(select(func.count()).select_from(AuditEntry))

    @property
    def now(self):
        return dataclasses.replace(self.core, register=Away()) if self.away else self.core

    def tried(self, act, **fields):
        try:
            act(self.now, **fields)
        except MawidError:
            return False
        return True

    def claim(self, account_id, number, name):
        words = {"name": name, "national_number": number, "birth_date": BORN, "relation": "other"}
        self.tried(add_member, account_id=account_id, **words)

    def member(self, account_id, number):
        with self.core.sessions() as session:
            return session.scalar(
                select(HouseholdMember.id)
                .join(Person)
                .where(
                    HouseholdMember.account_id == account_id,
                    Person.national_number_hash == seal_national_number(self.core.vault, number).hash,
                )
            )

    @rule(who=people)
    def the_register_goes_or_comes(self, who):
        self.away = bool(who)

    @rule(who=people, person=people, name=names)
    def a_stranger_claims(self, who, person, name):
        self.claim(self.strangers[who], self.numbers[person], name)

    @rule(person=people)
    def an_owner_claims(self, person):
        self.claim(self.owners[person], self.numbers[person], NAME)

    @rule(who=people, person=people, serial=st.sampled_from(["I00000000", "C12345678"]))
    def a_stranger_guesses(self, who, person, serial):
        self.prove(self.strangers[who], self.numbers[person], serial)
        member = self.member(self.strangers[who], self.numbers[person])
        ids = {"account_id": self.strangers[who], "member_id": member or 0, "origin": an_origin()}
        self.tried(send_register_code, **ids)
        self.tried(prove_by_code, **ids, code="000000")

    @rule(person=people)
    def an_owner_proves(self, person):
        number = self.numbers[person]
        self.prove(self.owners[person], number, serial_of(number, ProofKind.CARD))

    def prove(self, account_id, number, serial):
        ids = {"account_id": account_id, "member_id": self.member(account_id, number) or 0, "origin": an_origin()}
        return self.tried(prove_by_serial, **ids, kind=ProofKind.CARD, serial=serial)

    @rule(who=st.integers(0, 3), person=people)
    def somebody_asks(self, who, person):
        account_id = (self.strangers + self.owners)[who]
        member = self.member(account_id, self.numbers[person]) or 0
        self.tried(ask, account_id=account_id, wish=a_wish((member,)), origin=an_origin())

    @rule(person=people)
    def somebody_comes_to_the_counter(self, person):
        identity = read_identity(self.core, name=NAME, national_number=self.numbers[person], birth_date=BORN)
        origin = an_origin("the counter")
        self.seen += self.tried(ask_at_counter, officer_id=self.clerk, person=identity, wish=a_wish(()), origin=origin)

    @invariant()
    def no_stranger_is_proven_or_reads_a_fact(self):
        if not hasattr(self, "strangers"):
            return
        with self.core.sessions() as session:
            for member in session.scalars(
                select(HouseholdMember).where(HouseholdMember.account_id.in_(self.strangers))
            ):
                assert member.level in {IdentityLevel.CLAIMED, IdentityLevel.MATCHED}
                assert facts_of(self.core, member) is None
                view = plan_view(self.core, account_id=member.account_id, goal="passport-renewal", member_id=member.id)
                assert view.unknown == "not_proven"

    @invariant()
    def nobody_has_two_live_requests(self):
        with self.core.sessions() as session:
            most = session.scalar(
                select(func.count())
                .select_from(RequestMember)
                .where(RequestMember.live, RequestMember.proven)
                .group_by(RequestMember.person_id)
                .order_by(func.count().desc())
                .limit(1)
            )
        assert (most or 0) <= 1

    def teardown(self):
        """Whatever happened, owners can have their turn, and the log tells what the clerk did."""
        if not hasattr(self, "owners"):
            return
        self.away = False
        self.core.clock.advance(timedelta(days=1))  # as many tries as on any day
        for owner, number in zip(self.owners, self.numbers, strict=True):
            if self.member(owner, number) is None:
                self.claim(owner, number, NAME)
            if not list_members(self.core, account_id=owner)[0].level.reaches(IdentityLevel.PROVEN):
                assert self.prove(owner, number, serial_of(number, ProofKind.CARD))
            self.free(number)
            ask(self.core, account_id=owner, wish=a_wish((self.member(owner, number),)), origin=an_origin())
        with self.core.sessions() as session:
            audit.verify(session)
            asked = select(func.count()).where(AuditEntry.action == "counter.asked", AuditEntry.sequence > self.before)
            assert session.scalar(asked) == self.seen

    def free(self, number):
        """End the live request of a person, which is their own: nobody else can have one."""
        with self.core.sessions() as session:
            live = session.execute(
                select(Request.account_id, Request.reference, Request.state)
                .join(RequestMember)
                .join(Person, Person.id == RequestMember.person_id)
                .where(
                    Person.national_number_hash == seal_national_number(self.core.vault, number).hash,
                    RequestMember.live,
                )
            ).one_or_none()
        if live is not None:
            assert live.account_id not in self.strangers
            assert live.state is not RequestState.REFUSED
            withdraw(self.core, account_id=live.account_id, reference=live.reference)


def test_only_proofs_decide_whatever_is_tried_in_any_order(country):
    put_rules_in_force(country, source=EVERYONE_IN)
    Numbers.core, Numbers.clerk = country, a_colleague(country, Role.OFFICER, office="damascus")

    run_state_machine_as_test(Numbers, settings=SETTINGS)
