import pytest
from sqlalchemy import select

from booking.country.core.four_eyes import SecondAdministratorNeededError
from booking.people.accounts.sign_in import sign_in
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Account, AuditEntry, Message
from booking.platform.models.states import Role
from tests.support.country import PASSWORD, a_colleague, an_origin


@pytest.fixture
def lina(mawid):
    typed = f"{PASSWORD}\n{PASSWORD}\n"
    mawid("staff", "add", "lina", "+963944000001", "--role", "administrator", typed=typed)


def test_the_first_administrator_is_made_at_a_terminal(country, mawid, lina):
    login = sign_in(country, username="lina", password=PASSWORD, origin=an_origin())

    assert login.roles == {Role.ADMINISTRATOR}
    assert "not yet" in next(line for line in mawid("staff", "list").splitlines() if "lina" in line)


def test_a_lost_second_factor_and_an_account_are_ended_at_a_terminal_with_a_reason(country, mawid, lina):
    mawid("staff", "reset-second-factor", "Lina", "--reason", "phone stolen")
    mawid("staff", "close", "lina", "--reason", "left")

    with country.sessions() as session:
        assert session.scalars(select(Account.closed_at).where(Account.username == "lina")).one() is not None
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(2)).all()
        assert [(one.actor, one.action, one.details["reason"]) for one in entries] == [
            ("system", "staff.closed", "left"),
            ("system", "second_factor.reset", "phone stolen"),
        ]
    with pytest.raises(NotFoundError):
        mawid("staff", "close", "nobody", "--reason", "left")


def test_two_administrators_make_the_terminal_a_glass_to_break(country, mawid, lina):
    """Whoever had a shell could take over a colleague's account, and nobody was told."""
    boss = a_colleague(country, Role.ADMINISTRATOR)
    with pytest.raises(SecondAdministratorNeededError):
        mawid("staff", "reset-second-factor", "lina", "--reason", "phone stolen")

    mawid("staff", "reset-second-factor", "lina", "--reason", "phone stolen", "--break-glass")

    with country.sessions() as session:
        told = session.scalars(select(Message.account_id).where(Message.kind == "break_glass")).all()
        lina_id = session.scalars(select(Account.id).where(Account.username == "lina")).one()
        assert set(told) == {boss, lina_id}
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "staff.break_glass")).one()
        assert (entry.actor, entry.details["reason"]) == ("system", "phone stolen")
