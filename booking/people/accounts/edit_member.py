"""Correct what an account typed about a person of its household; number and birth date are for adding anew."""

from typing import Final
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.register import Agreement, Identity, RegisterAwayError, open_national_number
from booking.people.accounts.household import is_in_use, locked_member
from booking.platform.base import fields
from booking.platform.base.errors import FieldError, InvalidInputError, PersonInUseError
from booking.platform.models import HouseholdMember
from booking.platform.models.identity import IdentityLevel
from booking.platform.search.spelling import words_of

HOLDER: Final = "self"


def edit_member(core: Core, *, account_id: UUID, member_id: int, name: str, relation: str) -> IdentityLevel:
    """Correct a person's name or relation; return how sure it is then that the account may act for them.

    A name of other words is another claim: what was proven, was so for the name before. The person is matched then
    where the register agrees with the new one, else claimed; so too while the register is away. The same words in
    another spelling change no level.

    Raises
    ------
    InvalidInputError
        Fields are unusable; all are listed. ``relation`` "self_taken": the account's holder is someone else.
    NotFoundError
        The account has no such person.
    PersonInUseError
        A live request or running case was judged under the name before; relation and spelling can still change.
    """
    errors: list[FieldError] = []
    with fields.noted(errors):
        name = fields.name(name)
    with fields.noted(errors):
        relation = fields.relation(relation)
    fields.raise_all(errors)
    judged = _judge(core, account_id=account_id, member_id=member_id, name=name)
    with core.sessions.begin() as session:
        member = locked_member(session, account_id, member_id)
        _check_holder(session, member, relation)
        if words_of(member.name) != words_of(name):
            if is_in_use(session, member):
                raise PersonInUseError
            member.level, member.proved_by, member.proved_at, member.grant_ciphertext = judged, None, None, None
        if member.name != name:
            member.name, member.compared_at = name, None
        member.relation = relation
        return member.level


def _judge(core: Core, *, account_id: UUID, member_id: int, name: str) -> IdentityLevel:
    """Ask the register about another name, outside the transaction that changes it: it may take its time."""
    with core.sessions.begin() as session:
        member = locked_member(session, account_id, member_id)
        number, born = open_national_number(core.vault, member.person), member.birth_date
        if words_of(member.name) == words_of(name):
            return IdentityLevel.CLAIMED  # the level stays: nobody needs to ask
    try:
        match = core.register.match(Identity(number, name, born))
    except RegisterAwayError:
        return IdentityLevel.CLAIMED
    return IdentityLevel.MATCHED if match.person is Agreement.YES else IdentityLevel.CLAIMED


def _check_holder(session: Session, member: HouseholdMember, relation: str) -> None:
    others = exists().where(
        HouseholdMember.account_id == member.account_id,
        HouseholdMember.id != member.id,
        HouseholdMember.relation == HOLDER,
    )
    if relation == HOLDER and session.scalar(select(others)):
        raise InvalidInputError([FieldError("relation", "self_taken")])
