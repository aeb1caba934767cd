"""Clerks, owners and the counter's scanner act at the same moment: one after the other, and nobody waits for ever."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from booking.desk.counter.arrive import check_in
from booking.people.identity.acting import Answer, end_acting
from booking.people.identity.attest import show_counter_code
from booking.people.identity.dispute import decide
from booking.people.identity.seen import Seen
from booking.platform.base.errors import IllegalMoveError, MawidError, NotFoundError, WrongCodeError
from booking.platform.models import Dispute, HouseholdMember
from booking.platform.models.identity import IdentityLevel, ProofKind
from booking.platform.models.states import Role
from booking.scheduling.appointments.respond import cancel
from tests.booking.desk.counter.visits import a_visit
from tests.support.country import BORN, a_colleague, a_member, an_account, eligible_number
from tests.support.waiting import PATIENCE

SEEN = {"documents": ["identity_card"], "name": "أمل الخيالية", "birth_date": BORN, "reason": "she came herself"}


@pytest.fixture
def core(country):
    return country


def at_once(*acts):
    """Do all of this at the same moment; return what each gave or raised."""
    together = Barrier(len(acts), timeout=PATIENCE)

    def run(act):
        together.wait()
        try:
            return act()
        except MawidError as error:
            return type(error)

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def contested(core):
    """An owner with a code, and a stranger who has an appointment in the owner's name."""
    number = eligible_number(core)
    visit = a_visit(core, number=number, days=1)
    account = an_account(core)
    member = a_member(core, account, number=number, relation="self")
    with core.sessions() as session:
        entries = session.scalars(select(HouseholdMember).order_by(HouseholdMember.id)).all()
    theirs = next(one for one in entries if one.account_id == visit.account_id)
    code = show_counter_code(core, account_id=account, member_id=member).code
    return visit, account, member, theirs, Seen(**SEEN, code=code, end=[theirs.id])


def test_of_clerks_who_decide_with_one_code_only_one_does(core):
    visit, account, _, theirs, seen = contested(core)
    clerks = [a_colleague(core, Role.OFFICER, office="damascus") for _ in range(4)]
    acts = [
        lambda clerk=clerk: decide(core, officer_id=clerk, person_id=theirs.person_id, seen=seen) for clerk in clerks
    ]
    assert sorted(at_once(*acts), key=str) == sorted([None, *[WrongCodeError] * 3], key=str)
    assert visit.row.request.account_id == account
    with core.sessions() as session:
        assert len(session.scalars(select(Dispute)).all()) == 2


def test_a_place_is_cancelled_or_kept_for_the_owner_never_lost_between(core):
    visit, account, _, theirs, seen = contested(core)
    clerk = a_colleague(core, Role.OFFICER, office="damascus")
    cancelled, decided = at_once(
        lambda: cancel(core, account_id=visit.account_id, reference=visit.reference),
        lambda: decide(core, officer_id=clerk, person_id=theirs.person_id, seen=seen),
    )
    assert decided is None
    kept = visit.row.request.account_id == account
    assert kept == (cancelled in {NotFoundError, IllegalMoveError})


def test_a_check_in_and_an_end_at_the_same_moment_both_go_through(core):
    visit, account, member, theirs, _ = contested(core)
    clerk = a_colleague(core, Role.OFFICER, office="damascus")
    core.clock.set(visit.starts_at)
    with core.sessions.begin() as session:
        row = session.get_one(HouseholdMember, member)
        row.level, row.proved_by = IdentityLevel.SEEN, ProofKind.OFFICER
    arrival, answer = at_once(
        lambda: check_in(core, officer_id=clerk, reference=visit.reference),
        lambda: end_acting(core, account_id=account, member_id=member, acting_id=theirs.id),
    )
    assert arrival.finding.value == "admitted"
    assert answer is Answer.ENDED
