"""Write a proof: the level, by what and when, the sealed grant, the notices, and the end of weaker claims."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.messages import tell
from booking.country.core.sealed import seal_grant, seal_national_number
from booking.people.identity.ask import Asked, read_asked
from booking.people.identity.better import WEAK, end_weaker_claims, tell_who_else_acts
from booking.people.identity.live_requests import count_live_requests
from booking.platform.base.errors import NotFoundError
from booking.platform.models import HouseholdMember, Person
from booking.platform.models.identity import IdentityLevel, ProofKind


def raise_level(session: Session, core: Core, asked: Asked, kind: ProofKind, grant: str) -> None:
    """Make a member proven, or seen by an officer; the person's row is held until commit.

    By what a member was proven first stays on record, but for an officer's comparison, which says more.

    Two who prove the same number take turns at its person. The birth date that the register agreed to is the person's
    from now on.

    Raises
    ------
    NotFoundError
        The account removed the member meanwhile, or what it typed of them is not what the register was asked about.
    """
    number = seal_national_number(core.vault, asked.identity.number).hash
    person = session.scalars(
        select(Person).where(Person.national_number_hash == number).with_for_update(key_share=True)
    ).one_or_none()
    member = session.scalars(
        select(HouseholdMember).where(HouseholdMember.id == asked.member_id).with_for_update(of=HouseholdMember)
    ).one_or_none()
    if person is None or member is None:
        raise NotFoundError
    if read_asked(session, core, asked.account_id, asked.member_id).identity != asked.identity:
        raise NotFoundError
    before = member.level
    member.grant_ciphertext = seal_grant(core.vault, member.id, grant)
    member.level = max(before, _level_of(kind), key=lambda level: level.rank)
    if member.level is not before or member.proved_by is None or _says_more(kind, member.proved_by):
        member.proved_by, member.proved_at = kind, core.clock.now()
    person.birth_date = asked.identity.birth_date
    session.flush()
    end_weaker_claims(session, core, member)
    count_live_requests(session, member)
    if before in WEAK:
        tell_who_else_acts(session, core, member)
    if member.level is not before:
        tell(session, core, asked.account_id, "identity_proven")


def _says_more(kind: ProofKind, before: ProofKind) -> bool:
    return kind is ProofKind.OFFICER and before is not ProofKind.OFFICER


def _level_of(kind: ProofKind) -> IdentityLevel:
    return IdentityLevel.SEEN if kind is ProofKind.OFFICER else IdentityLevel.PROVEN
