"""Somebody who has lost the second factor of their account, and stands at a counter."""

from sqlalchemy import select

from booking.people.accounts import second_factor
from booking.people.accounts.lost_factor import show_code
from booking.people.accounts.sign_in import begin_sign_in
from booking.people.identity.dispute import confirm_lost_factor
from booking.people.identity.seen import Seen
from booking.platform.models import Account, HouseholdMember, LostFactor, Message
from tests.support.country import BORN, PASSWORD, a_member, an_account, an_origin, eligible_number

NAME = "أمل الخيالية"


class OwnerWithoutFactor:
    """A person whose account has a second factor, of which nothing is left."""

    def __init__(self, core):
        self.core, self.number, self.account = core, eligible_number(core), an_account(core)
        member = a_member(core, self.account, number=self.number, relation="self")
        with core.sessions.begin() as session:
            second_factor.keep(session, core, account_id=self.account, secret=second_factor.new_secret(), step=0)
            self.person = session.get_one(HouseholdMember, member).person_id

    def sign_in(self):
        with self.core.sessions() as session:
            name = session.get_one(Account, self.account).username
        return begin_sign_in(self.core, username=name, password=PASSWORD, origin=an_origin())

    @property
    def code(self):
        return show_code(self.core, token=self.sign_in().token, origin=an_origin())[0]

    def stands_before(self, clerk, **changes):
        seen = {"documents": ["identity_card"], "name": NAME, "birth_date": BORN, "reason": "phone stolen"}
        seen = Seen(**(seen | changes))
        return confirm_lost_factor(self.core, officer_id=clerk, person_id=self.person, seen=seen)

    @property
    def waits(self):
        with self.core.sessions() as session:
            return session.get(LostFactor, self.account) is not None

    @property
    def told(self):
        with self.core.sessions() as session:
            return set(session.scalars(select(Message.kind).where(Message.account_id == self.account)))
