"""An owner sees who else acts for them, and ends it: at once where they are surer, else a counter decides."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from booking.desk.counter.arrive import check_in
from booking.eservices.credentials.offer import offer_pass
from booking.people.accounts.household import add_member
from booking.people.identity.acting import Answer, end_acting
from booking.people.identity.views import people_acted_for
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Account, Dispute, EndedClaim, HouseholdMember, IssuedCredential, Message
from booking.platform.models.identity import IdentityLevel, ProofKind
from booking.platform.models.states import Role
from booking.scheduling.requests.ask import ask
from tests.booking.desk.counter.visits import a_visit
from tests.booking.desk.helpers.helped import a_helper, ask_it, signed
from tests.support.a_wallet import Wallet
from tests.support.country import BORN, a_colleague, a_member, a_wish, an_account, an_origin, eligible_number

pytestmark = pytest.mark.neighbours

NAME = "أمل الخيالية"


@pytest.fixture
def core(country):
    return country


@pytest.fixture
def number(core):
    return eligible_number(core)


@pytest.fixture
def owner(core, number):
    account = an_account(core)
    return {"account_id": account, "member_id": a_member(core, account, number=number, relation="self")}


def claimed(core, number, name=NAME):
    account = an_account(core)
    return account, add_member(
        core, account_id=account, name=name, national_number=number, birth_date=BORN, relation="other"
    )


def compared(core, member):
    with core.sessions.begin() as session:
        row = session.get_one(HouseholdMember, member)
        row.level, row.proved_by = IdentityLevel.SEEN, ProofKind.OFFICER


def acting(core, owner):
    return people_acted_for(core, account_id=owner["account_id"])[0].acting


def kinds(core, account):
    with core.sessions() as session:
        return session.scalars(select(Message.kind).where(Message.account_id == account)).all()


def test_an_owner_sees_each_account_by_its_phone_alone_and_for_what(core, number, owner):
    other = an_account(core)
    member = a_member(core, other, number=number)
    ask(core, account_id=other, wish=a_wish((member,)), origin=an_origin())
    claimed(core, number, name="أمل خيالية")
    first, second = acting(core, owner)
    with core.sessions() as session:
        phone = core.vault.decrypt(session.get_one(Account, other).phone_ciphertext, "phone")
    assert (first.phone_ends, first.level, [one.service.code for one in first.doing]) == (
        phone[-3:],
        IdentityLevel.PROVEN,
        ["passport-renewal"],
    )
    assert (second.level, second.doing) == (IdentityLevel.MATCHED, ())
    assert "أمل" not in repr((first, second))


def test_a_helper_with_a_consent_is_named_by_the_organisation(core, number, owner):
    shop = a_helper(core)
    paper = signed(core, shop, number=number)
    ask_it(core, shop, paper)
    (helped,) = acting(core, owner)
    assert (helped.helper, helped.phone_ends) == ("مكتبة الياسمين", "")
    core.clock.advance(timedelta(days=400))
    assert [one.helper for one in acting(core, owner)] == [""]


@pytest.mark.parametrize("proven", [True, False])
def test_only_a_proven_account_sees_or_ends_anything(core, number, owner, proven):
    _, claim = claimed(core, number)
    mine = an_account(core)
    member = a_member(core, mine, number=number, proven=proven)
    shown = people_acted_for(core, account_id=mine)[0]
    assert len(shown.acting) == (2 if proven else 0)
    if not proven:
        with pytest.raises(NotFoundError):
            end_acting(core, account_id=mine, member_id=member, acting_id=claim)


@pytest.mark.alone
def test_a_claim_without_a_proof_ends_at_once(core, number, owner):
    stranger, claim = claimed(core, number)
    assert end_acting(core, **owner, acting_id=claim) is Answer.ENDED
    assert acting(core, owner) == ()
    assert "acting_ended" in kinds(core, stranger)
    with core.sessions() as session:
        assert session.scalar(select(EndedClaim.account_id)) == stranger
    with pytest.raises(NotFoundError):
        end_acting(core, **owner, acting_id=claim)


def test_a_proven_account_is_disputed_once_and_both_are_told(core, number, owner):
    other = an_account(core)
    member = a_member(core, other, number=number)
    for _ in range(2):
        assert end_acting(core, **owner, acting_id=member) is Answer.DISPUTED
    (shown,) = acting(core, owner)
    assert shown.disputed
    assert kinds(core, other).count("acting_disputed") == 1
    assert kinds(core, owner["account_id"]).count("dispute_opened") == 1


@pytest.mark.alone
def test_who_was_compared_ends_a_proven_account_and_keeps_the_appointment(core, number, owner):
    visit = a_visit(core, number=number, days=1)
    asked = {"account_id": visit.account_id, "reference": visit.reference, "whole": True}
    Wallet().take(core, offer_pass(core, **asked, origin=an_origin()))
    (other,) = acting(core, owner)
    end_acting(core, **owner, acting_id=other.id)
    compared(core, owner["member_id"])
    assert end_acting(core, **owner, acting_id=other.id) is Answer.ENDED
    assert visit.row.request.account_id == owner["account_id"]
    assert "turn_is_yours" in kinds(core, owner["account_id"])
    with core.sessions() as session:
        assert session.scalars(select(IssuedCredential.ended_at)).one(), "what the other one's wallet has ends"
        assert session.scalar(select(func.count()).select_from(Dispute)) == 0


def test_a_visit_that_a_broker_booked_ends_nobody_elses_account(core, number, owner):
    """Who came was the owner; whose account had asked says nothing."""
    visit = a_visit(core, number=number, days=1)
    core.clock.set(visit.starts_at)
    check_in(core, officer_id=a_colleague(core, Role.OFFICER, office="damascus"), reference=visit.reference)
    (brokers,) = people_acted_for(core, account_id=visit.account_id)
    assert brokers.level is IdentityLevel.SEEN
    answer = end_acting(core, account_id=visit.account_id, member_id=brokers.member_id, acting_id=owner["member_id"])
    assert answer is Answer.DISPUTED
    assert len(acting(core, owner)) == 1


def test_who_grew_up_ends_what_a_parent_once_proved_as_guardian(core, number, owner):
    parents = [an_account(core), an_account(core)]
    members = [a_member(core, parent, number=number) for parent in parents]
    with core.sessions.begin() as session:
        for member in members:
            session.get_one(HouseholdMember, member).proved_by = ProofKind.GUARDIAN
    for other in (owner["member_id"], members[1]):
        assert end_acting(core, account_id=parents[0], member_id=members[0], acting_id=other) is Answer.DISPUTED
    assert end_acting(core, **owner, acting_id=members[0]) is Answer.ENDED


def test_between_two_who_were_compared_a_counter_decides(core, number, owner):
    other = an_account(core)
    member = a_member(core, other, number=number)
    compared(core, member)
    compared(core, owner["member_id"])
    assert end_acting(core, **owner, acting_id=member) is Answer.DISPUTED


def test_nobody_ends_their_own_entry_or_one_of_another_person(core, number, owner):
    stranger = a_member(core, an_account(core))
    for acting_id in (owner["member_id"], stranger, 2**31 - 1):
        with pytest.raises(NotFoundError):
            end_acting(core, **owner, acting_id=acting_id)


def test_nobody_acts_through_another_accounts_entry(core, number, owner):
    _, claim = claimed(core, number)
    with pytest.raises(NotFoundError):
        end_acting(core, account_id=an_account(core), member_id=owner["member_id"], acting_id=claim)
