"""People whom the register knows, and accounts that act for them."""

import dataclasses
from itertools import count

import pytest
from sqlalchemy import select

from booking.country.core.register import RegisterAwayError
from booking.people.accounts.household import add_member
from booking.people.registers.synthetic import Enrolled
from booking.platform.models import HouseholdMember, Message
from tests.support.country import BORN, an_account, an_origin

NAME = "سلمى الورد"
_NUMBERS = count(1)


class Watched:
    """A register that remembers about whom it handed facts out."""

    def __init__(self, register):
        self.register, self.handed = register, []

    def __getattr__(self, name):
        return getattr(self.register, name)

    def facts(self, number, grant):
        return self.facts_of_many([(number, grant)])[0]

    def facts_of_many(self, asked):
        found = self.register.facts_of_many(asked)
        self.handed += [number for (number, _), facts in zip(asked, found, strict=True) if facts is not None]
        return found


class Away:
    """A register that does not answer."""

    def __getattr__(self, name):
        def refuse(*_, **__):
            raise RegisterAwayError

        return refuse


@pytest.fixture
def away(core):
    """The same core while the register does not answer."""
    return dataclasses.replace(core, register=Away())


@pytest.fixture
def salma(core):
    """The national number of somebody whom the register knows."""
    return enrolled(core)


def enrolled(core, born=BORN, **more):
    number = f"05{next(_NUMBERS):09d}"
    core.register.enrol(number, Enrolled(NAME, born, **more))
    return number


@pytest.fixture
def claim(core):
    """Let an account, a new one by default, act for a number, and return both ids."""

    def act(number, *, account_id=None, name=NAME, born=BORN, relation="other", using=core):
        account_id = account_id or an_account(core)
        words = {"name": name, "national_number": number, "birth_date": born, "relation": relation}
        return account_id, add_member(using, account_id=account_id, **words)

    return act


@pytest.fixture
def member(core):
    def read(member_id):
        with core.sessions() as session:
            return session.get(HouseholdMember, member_id)

    return read


@pytest.fixture
def told(core):
    """The kinds of notices that an account was sent, but for those of registering."""

    def read(account_id):
        with core.sessions() as session:
            kinds = session.scalars(
                select(Message.kind).where(Message.account_id == account_id).order_by(Message.created_at)
            ).all()
        return [kind for kind in kinds if kind != "confirm_phone"]

    return read


@pytest.fixture
def ids(claim, salma):
    """An account and its member, whom the register knows by these words."""
    account_id, member_id = claim(salma)
    return {"account_id": account_id, "member_id": member_id, "origin": an_origin()}
