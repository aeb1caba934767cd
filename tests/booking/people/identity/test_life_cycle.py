"""Owners, strangers, a clerk and a register that is away at times, in any order: proofs decide, and nothing else.

What is watched is not what the code keeps about itself: the register says about whom it gave facts away while somebody
acted, live requests are counted by who is proven now, and the clerk's log is compared with what the clerk did.
"""

import dataclasses
from collections import Counter
from contextlib import suppress
from datetime import timedelta

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from booking.country.core import audit
from booking.country.core.known_facts import facts_of
from booking.country.core.register import RegisterAwayError, open_national_number, seal_national_number
from booking.desk.counter.ask_for import ask_at_counter
from booking.desk.plans.views import plan_view
from booking.people.accounts.household import add_member, list_members
from booking.people.accounts.identity import read_identity
from booking.people.identity.acting import end_acting
from booking.people.identity.attest import show_counter_code
from booking.people.identity.dispute import decide
from booking.people.identity.prove import prove_by_code, prove_by_guardian, prove_by_serial, send_register_code
from booking.people.identity.seen import Seen
from booking.people.registers.synthetic import Enrolled, serial_of
from booking.platform.base.errors import MawidError
from booking.platform.models import AuditEntry, HouseholdMember, Person, Request, RequestMember, Verdict
from booking.platform.models.identity import IdentityLevel, ProofKind
from booking.platform.models.states import RequestState, Role
from booking.scheduling.requests.ask import ask
from booking.scheduling.requests.judge_again import judge_again
from booking.scheduling.requests.withdraw import withdraw
from tests.booking.people.identity.conftest import NAME, Away, Watched
from tests.support.country import BORN, a_colleague, a_wish, an_account, an_origin, eligible_number, put_rules_in_force
from tests.support.edits import change_request
from tests.support.effort import examples

PEOPLE, TRIES = 2, examples(3, nightly=6)
SETTINGS = settings(
    max_examples=TRIES, stateful_step_count=14, phases=(Phase.generate,), suppress_health_check=list(HealthCheck)
)
INVENTED = "اسم مخترع"
people, names = st.integers(0, PEOPLE - 1), st.sampled_from([NAME, INVENTED])
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

    @initialize(outage=st.booleans())
    def meet(self, outage):
        self.away, self.done = False, Counter()
        self.numbers = [eligible_number(self.core) for _ in range(PEOPLE)]
        for number in self.numbers:
            self.core.register.enrol(number, Enrolled(NAME, BORN))
        self.owners = [an_account(self.core) for _ in self.numbers]
        self.strangers = [an_account(self.core) for _ in range(2)]
        with self.core.sessions() as session:
            self.before = session.scalar(select(func.count()).select_from(AuditEntry))
        self.a_stranger_claims(0, 1, INVENTED)
        self.a_stranger_has_the_card_and_another_name(0, 1)
        self.a_stranger_claims(1, 1, NAME)
        self.a_stranger_guesses(1, 1, 1)
        for who in range(2):  # one number that a stranger claims and its owner asks with, whatever comes then
            self.a_stranger_claims(who, 0, NAME)
        self.an_owner_claims(0)
        self.an_owner_proves(0)
        self.somebody_asks(2, 0)
        assert self.numbers[0] in self.core.register.handed
        self.an_owner_decides_it_at_a_counter(0)
        if outage:  # and whose owner a clerk sees beside, while nobody can be asked whether they have a turn
            self.the_register_goes_or_comes(1)
            self.somebody_comes_to_the_counter(0)

    @property
    def now(self):
        return dataclasses.replace(self.core, register=Away()) if self.away else self.core

    def tried(self, act, *, about=None, **fields):
        """Act; the register told only about whom the account has proven, or ``about`` whom a clerk sees."""
        handed = self.core.register.handed
        before = len(handed)
        try:
            act(self.now, **fields)
        except MawidError:
            return False
        finally:
            assert set(handed[before:]) <= ({about} if about else self.proven_by(fields.get("account_id")))
        return True

    def proven_by(self, account_id):
        with self.core.sessions() as session:
            members = session.scalars(select(HouseholdMember).where(HouseholdMember.account_id == account_id)).all()
            return {open_national_number(self.core.vault, one.person) for one in members if one.is_proven}

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
        """What waited for it is judged again: tried while it is away, done once it is there."""
        self.away = bool(who)
        with self.core.sessions() as session:
            away = Verdict.inputs["register"].as_string() == "away"
            waiting = set(session.scalars(select(Verdict.request_id).where(away)))
        for request_id in waiting:
            with suppress(RegisterAwayError):
                judge_again(self.now, request_id)

    @rule(who=people, person=people, name=names)
    def a_stranger_claims(self, who, person, name):
        self.claim(self.strangers[who], self.numbers[person], name)

    @rule(person=people)
    def an_owner_claims(self, person):
        self.claim(self.owners[person], self.numbers[person], NAME)

    @rule(who=people, person=people, other=people)
    def a_stranger_guesses(self, who, person, other):
        """Try a made-up serial, that of another number's card, codes, and to be the guardian of a grown-up."""
        account_id, number = self.strangers[who], self.numbers[person]
        ids = {"account_id": account_id, "member_id": self.member(account_id, number) or 0, "origin": an_origin()}
        serial = "C12345678" if other == person else serial_of(self.numbers[other], ProofKind.CARD)
        self.prove(account_id, number, serial)
        self.tried(send_register_code, **ids)
        self.tried(prove_by_code, **ids, code="000000")
        self.tried(prove_by_guardian, **ids)

    @rule(who=people, person=people)
    def a_stranger_has_the_card_and_another_name(self, who, person):
        number = self.numbers[person]
        member = self.member(self.strangers[who], number)
        with self.core.sessions() as session:
            named = member and session.get_one(HouseholdMember, member).name != NAME
        if named:
            assert not self.prove(self.strangers[who], number, serial_of(number, ProofKind.CARD))

    @rule(who=people, person=people)
    def an_owner_ends_whom_they_find(self, who, person):
        account_id, member = self.owners[person], self.member(self.owners[person], self.numbers[person])
        theirs = self.member(self.strangers[who], self.numbers[person])
        self.tried(end_acting, account_id=account_id, member_id=member or 0, acting_id=theirs or 0)

    @rule(who=st.integers(0, 3), person=people, instead=st.sampled_from([{}, {"offices": ("homs",)}]))
    def somebody_withdraws_or_changes_it(self, who, person, instead):
        account_id = (self.strangers + self.owners)[who]
        for reference in self.live(self.numbers[person], account_id):
            self.tried(change_request if instead else withdraw, account_id=account_id, reference=reference, **instead)

    @rule(person=people)
    def an_owner_decides_it_at_a_counter(self, person):
        """Read the code out; the clerk ends every other account that acts for the person."""
        account_id, number = self.owners[person], self.numbers[person]
        member = self.member(account_id, number)
        if member is None:
            return
        code = show_counter_code(self.core, account_id=account_id, member_id=member).code
        with self.core.sessions() as session:
            person_id = session.get_one(HouseholdMember, member).person_id
            others = select(HouseholdMember.id).where(HouseholdMember.person_id == person_id)
            end = session.scalars(others.where(HouseholdMember.account_id != account_id)).all()
        seen = Seen(documents=["identity_card"], name=NAME, birth_date=BORN, reason="came", code=code, end=end)
        decided = self.tried(decide, about=number, officer_id=self.clerk, person_id=person_id, seen=seen)
        assert decided is not self.away
        self.done["identity.decided"] += decided

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
        wish = {"wish": a_wish(()), "origin": an_origin("the counter")}
        asked = self.tried(ask_at_counter, about=identity.number, officer_id=self.clerk, person=identity, **wish)
        self.done["counter.asked"] += asked

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
            live = session.scalars(
                select(RequestMember.person_id)
                .join(Request)
                .join(HouseholdMember, HouseholdMember.person_id == RequestMember.person_id)
                .where(HouseholdMember.account_id == Request.account_id, RequestMember.live)
                .where(HouseholdMember.level.in_([IdentityLevel.PROVEN, IdentityLevel.SEEN]))
            ).all()
        assert len(live) == len(set(live))

    def teardown(self):
        """Whatever happened, owners can have their turn, and the log tells what the clerk did."""
        if not hasattr(self, "owners"):
            return
        self.the_register_goes_or_comes(0)
        self.core.clock.advance(timedelta(days=1))  # as many tries as on any day
        self.nobody_has_two_live_requests()
        for owner, number in zip(self.owners, self.numbers, strict=True):
            if self.member(owner, number) is None:
                self.claim(owner, number, NAME)
            if not list_members(self.core, account_id=owner)[0].level.reaches(IdentityLevel.PROVEN):
                assert self.prove(owner, number, serial_of(number, ProofKind.CARD))
            self.free(number)
            self.core.register.handed.clear()
            ask(self.core, account_id=owner, wish=a_wish((self.member(owner, number),)), origin=an_origin())
            assert set(self.core.register.handed) == {number}
        with self.core.sessions() as session:
            audit.verify(session)
            done = session.execute(
                select(AuditEntry.action, func.count())
                .where(AuditEntry.action.in_(["counter.asked", "identity.decided"]), AuditEntry.sequence > self.before)
                .where(AuditEntry.account_id == self.clerk)
                .group_by(AuditEntry.action)
            ).all()
            assert dict(map(tuple, done)) == {action: count for action, count in self.done.items() if count}

    def live(self, number, account_id=None):
        """Return a person's live requests by reference, of one account or of all."""
        of_them = Person.national_number_hash == seal_national_number(self.core.vault, number).hash
        found = select(Request).join(RequestMember).join(Person, Person.id == RequestMember.person_id)
        with self.core.sessions() as session:
            live = session.scalars(found.where(of_them, RequestMember.live))
            return {one.reference: one for one in live if account_id in (None, one.account_id)}

    def free(self, number):
        """End a person's live requests, which are their own: no stranger can have one."""
        for reference, request in self.live(number).items():
            assert request.account_id not in self.strangers
            assert request.state is not RequestState.REFUSED
            withdraw(self.core, account_id=request.account_id, reference=reference)


def test_only_proofs_decide_whatever_is_tried_in_any_order(country):
    put_rules_in_force(country, source=EVERYONE_IN)
    Numbers.core = dataclasses.replace(country, register=Watched(country.register))
    Numbers.clerk = a_colleague(country, Role.OFFICER, office="damascus")

    run_state_machine_as_test(Numbers, settings=SETTINGS)
