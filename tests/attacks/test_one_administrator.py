"""What one administrator alone can no longer do to colleagues: each of these succeeded before."""

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from booking.country.core.four_eyes import ChangeOverError, SecondAdministratorNeededError, TwoRolesOnePersonError
from booking.people.accounts.identity import read_identity
from booking.people.staff import change
from booking.people.staff.create import LATELY, at_the_terminal, bind_in
from booking.people.staff.propose import WAITS, confirm, expire, propose, refuse
from booking.people.staff.views import find_colleague
from booking.people.staff.wanted import Wanted
from booking.platform.base.errors import ForbiddenError, InvalidInputError
from booking.platform.models import Account, Message, StaffChange, StaffPerson
from booking.platform.models.accounts.person import StaffChangeKind, StaffChangeState
from booking.platform.models.states import Role
from tests.support.country import a_citizen_of_the_register, a_colleague, two_administrators_change

KINDS = [kind for kind in StaffChangeKind if kind is not StaffChangeKind.CREATE]


@pytest.fixture
def core(core):
    object.__setattr__(core.settings, "oidc_issuer", "https://id.example")
    return core


@pytest.fixture
def boss(core):
    return a_colleague(core, Role.ADMINISTRATOR)


@pytest.fixture
def nour(core):
    return a_colleague(core, Role.OFFICER)


def wanted_for(core, kind):
    wanted = {
        StaffChangeKind.ROLES: {"roles": (Role.ANALYST,)},
        StaffChangeKind.PROVIDER: {"subject": "u-4711"},
        StaffChangeKind.PERSON: a_citizen_of_the_register(core),
    }
    return Wanted(**wanted.get(kind, {}))


def test_no_administrator_links_a_colleague_to_a_sign_in_of_their_own(core, boss, nour):
    """An administrator linked a colleague's account with their own subject, signed in as them, and nobody was told."""
    with pytest.raises(SecondAdministratorNeededError):
        change.link_provider(core, by=boss, account_id=nour, subject="boss-at-the-ministry", reason="because")

    proposed = propose(
        core, by=boss, kind=StaffChangeKind.PROVIDER, reason="because", account_id=nour, wanted=Wanted(subject="boss")
    )
    with pytest.raises(SecondAdministratorNeededError):
        confirm(core, by=boss, change_id=proposed)
    assert find_colleague(core, nour).subject == ""


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_is_made_by_the_second_administrator_and_the_colleague_is_told(core, boss, nour, kind):
    proposed = propose(core, by=boss, kind=kind, reason="asked", account_id=nour, wanted=wanted_for(core, kind))
    before = find_colleague(core, nour)
    with pytest.raises(SecondAdministratorNeededError):
        confirm(core, by=boss, change_id=proposed)
    with pytest.raises(ForbiddenError):
        confirm(core, by=nour, change_id=proposed)
    assert find_colleague(core, nour) == before

    assert confirm(core, by=a_colleague(core, Role.ADMINISTRATOR), change_id=proposed) == nour

    with core.sessions() as session:
        assert session.scalars(select(Message.account_id).where(Message.kind == "staff_changed")).all() == [nour]
        kept = session.get_one(StaffChange, proposed)
        assert (kept.state, kept.wanted) == (StaffChangeState.CONFIRMED, None)
    with pytest.raises(ChangeOverError):
        confirm(core, by=a_colleague(core, Role.ADMINISTRATOR), change_id=proposed)


def test_an_administrator_alone_at_night_does_not_become_the_only_one(core, boss):
    """One closed the others' accounts, and the terminal asked for no second one and told nobody."""
    other = a_colleague(core, Role.ADMINISTRATOR)
    change.close_account(core, by=boss, account_id=other, reason="tidying up")
    at_terminal = {"what": "staff add", "about": "a.friend", "reason": "more hands"}
    with pytest.raises(SecondAdministratorNeededError):
        at_the_terminal(core, **at_terminal, break_glass=False)

    at_the_terminal(core, **at_terminal, break_glass=True)
    with core.sessions() as session:
        told = session.scalars(select(Message.account_id).where(Message.kind == "break_glass")).all()
    assert set(told) == {boss, other}

    core.clock.advance(LATELY)
    at_the_terminal(core, **at_terminal, break_glass=False)


def test_the_same_person_with_a_second_administrators_account_confirms_nothing(core, boss, nour):
    """One person with two administrators' accounts made a third."""
    second = a_colleague(core, Role.ADMINISTRATOR)
    with core.sessions.begin() as session:
        phone = session.get_one(Account, boss).phone_hash
        session.execute(update(Account).where(Account.id == second).values(phone_hash=phone))
    proposed = propose(core, by=boss, kind=StaffChangeKind.SECOND_FACTOR, reason="lost", account_id=nour)

    with pytest.raises(SecondAdministratorNeededError):
        confirm(core, by=second, change_id=proposed)

    by_hand = text("UPDATE staff_change SET state = 'confirmed', decided_by = :by, decided_at = :now, wanted = NULL")
    with pytest.raises(DBAPIError, match="same person"), core.sessions.begin() as session:
        session.execute(by_hand, {"by": second, "now": core.clock.now()})


def test_nobody_proposes_or_confirms_a_change_of_their_own(core, boss):
    other = a_colleague(core, Role.ADMINISTRATOR)
    with pytest.raises(ForbiddenError):
        propose(core, by=boss, kind=StaffChangeKind.SECOND_FACTOR, reason="mine", account_id=boss)
    proposed = propose(core, by=other, kind=StaffChangeKind.SECOND_FACTOR, reason="hers", account_id=boss)
    with pytest.raises(ForbiddenError):
        confirm(core, by=boss, change_id=proposed)


def test_a_proposal_ends_after_a_week_or_with_who_made_it(core, boss, nour):
    other = a_colleague(core, Role.ADMINISTRATOR)
    late = propose(core, by=boss, kind=StaffChangeKind.SECOND_FACTOR, reason="lost", account_id=nour)
    core.clock.advance(WAITS)
    with pytest.raises(ChangeOverError):
        confirm(core, by=other, change_id=late)
    assert expire(core) == 1

    left = propose(core, by=boss, kind=StaffChangeKind.SECOND_FACTOR, reason="lost", account_id=nour)
    change.close_account(core, by=other, account_id=boss, reason="left")
    with pytest.raises(ForbiddenError):
        confirm(core, by=other, change_id=left)
    refuse(core, by=other, change_id=left)
    assert expire(core) == 0


def test_a_proposal_is_never_changed_after_it_was_read(core, boss, nour):
    """Whoever could write the table had another administrator confirm something else than was shown."""
    proposed = propose(core, by=boss, kind=StaffChangeKind.SECOND_FACTOR, reason="lost", account_id=nour)
    friend = a_colleague(core, Role.OFFICER)
    for changed in ("kind = 'open'", "account_id = :friend", "proposed_by = :friend", "reason = 'found'"):
        statement = f"UPDATE staff_change SET {changed} WHERE id = :id"  # noqa: S608
        with pytest.raises(DBAPIError, match="stays as it was made"), core.sessions.begin() as session:
            session.execute(text(statement), {"friend": friend, "id": proposed})


def test_a_person_has_one_account_whatever_phone_it_has(core):
    """An administrator made themselves an analyst, and so a second pair of eyes."""
    boss, who = a_colleague(core, Role.ADMINISTRATOR), a_citizen_of_the_register(core)
    with core.sessions.begin() as session:
        bind_in(session, core, boss, read_identity(core, **who), by=None)
    new = {"username": "second.me", "phone": "0944555777", "language": "ar", "roles": (Role.ANALYST,), **who}

    with pytest.raises(TwoRolesOnePersonError):
        two_administrators_change(core, None, StaffChangeKind.CREATE, **new)


def test_an_account_is_of_a_person_whom_the_register_knows(core):
    """Accounts were made for invented people."""
    who = a_citizen_of_the_register(core) | {"name": "لا أحد"}
    new = {"username": "nobody", "phone": "0944555777", "language": "ar", "roles": (Role.ANALYST,), **who}
    with pytest.raises(InvalidInputError, match="not_matched"):
        two_administrators_change(core, None, StaffChangeKind.CREATE, **new)

    known = new | a_citizen_of_the_register(core)
    made = two_administrators_change(core, None, StaffChangeKind.CREATE, **known)
    with core.sessions() as session:
        assert session.get(StaffPerson, made) is not None
