"""Which accounts act for a person, since when and for what: nobody's name, and nothing but the end of a phone."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.sealed import open_phone
from booking.people.identity.standing import standing_proof
from booking.platform.models import (
    Account,
    Consent,
    Dispute,
    Helper,
    HouseholdMember,
    OnlineCase,
    Request,
    RequestErrand,
    RequestMember,
)
from booking.platform.models.accounts.helper import ConsentState
from booking.platform.models.identity import IdentityLevel, ProofKind
from booking.platform.models.offices.office import Service
from booking.platform.models.online.case import RUNNING

SHOWN_DIGITS: Final = 3
SURE: Final = tuple(level for level in IdentityLevel if level.reaches(IdentityLevel.PROVEN))
"""From here on somebody may see who else acts for a person."""


@dataclass(frozen=True, slots=True)
class Doing:
    """What an account does for a person: a live request, or a running case online."""

    kind: Literal["request", "case"]
    service: Service


@dataclass(frozen=True, slots=True)
class Acting:
    """An account that acts for a person; ``id`` is the person's entry in its household.

    ``proved_by`` is by what it is proven today (`booking.people.identity.standing`).
    ``phone_ends`` is "" for an account without a phone. ``helper`` is the registered helper to whom the account gave
    leave to ask, or ""; ``helps``: the account is such a helper's own. ``disputed``: a counter was asked to end it.
    """

    id: int
    since: datetime
    level: IdentityLevel
    proved_by: ProofKind | None
    phone_ends: str
    helps: bool
    helper: str
    doing: tuple[Doing, ...]
    disputed: bool


@dataclass(frozen=True, slots=True)
class ActedFor:
    """A person of an account, with the other accounts that act for them.

    ``acting`` is empty, too, where the account has not shown that it may know: ``level`` is below proven then.
    """

    member_id: int
    name: str
    level: IdentityLevel
    proved_by: ProofKind | None
    acting: tuple[Acting, ...]


def people_acted_for(core: Core, *, account_id: UUID) -> list[ActedFor]:
    """List an account's people, each with the other accounts that act for them, where the account is proven to act."""
    with core.sessions() as session:
        members = session.scalars(
            select(HouseholdMember).where(HouseholdMember.account_id == account_id).order_by(HouseholdMember.id)
        ).all()
        sure = [member.person_id for member in members if member.level in SURE]
        others = acting_for(session, core, sure)
        return [
            ActedFor(
                member.id,
                member.name,
                member.level,
                standing_proof(member, core.today()),
                tuple(
                    acting
                    for row, acting in others.get(member.person_id, ())
                    if row.account_id != account_id and member.level in SURE
                ),
            )
            for member in members
        ]


def acting_for(
    session: Session, core: Core, people: Collection[UUID]
) -> Mapping[UUID, list[tuple[HouseholdMember, Acting]]]:
    """Return for each of these people the entries in open accounts' households, in the order in which they came."""
    rows = session.execute(
        select(HouseholdMember, Account)
        .join(Account, Account.id == HouseholdMember.account_id)
        .where(HouseholdMember.person_id.in_(people), Account.closed_at.is_(None))
        .order_by(HouseholdMember.id)
    ).all()
    doing, helpers, disputed = _doing(session, people), _helpers(session, core, people), _disputed(session, people)
    found: dict[UUID, list[tuple[HouseholdMember, Acting]]] = {}
    for member, account in rows:
        key = (member.person_id, member.account_id)
        acting = Acting(
            id=member.id,
            since=member.created_at,
            level=member.level,
            proved_by=standing_proof(member, core.today()),
            phone_ends=open_phone(core.vault, account)[-SHOWN_DIGITS:],
            helps=account.registered_helper,
            helper=helpers.get(key, ""),
            doing=tuple(doing.get(key, ())),
            disputed=key in disputed,
        )
        found.setdefault(member.person_id, []).append((member, acting))
    return found


def _doing(session: Session, people: Collection[UUID]) -> Mapping[tuple[UUID, UUID], list[Doing]]:
    """Return live requests and running cases by person and account."""
    found: dict[tuple[UUID, UUID], list[Doing]] = {}
    for person_id, account_id, service in session.execute(
        select(RequestMember.person_id, Request.account_id, Service)
        .join(Request, Request.id == RequestMember.request_id)
        .outerjoin(
            RequestErrand,
            (RequestErrand.request_id == Request.id) & (RequestErrand.person_id == RequestMember.person_id),
        )
        .join(Service, Service.id == func.coalesce(RequestErrand.service_id, Request.service_id))
        .where(RequestMember.person_id.in_(people), RequestMember.live)
        .order_by(Request.created_at, Request.id, RequestErrand.position)
    ):
        found.setdefault((person_id, account_id), []).append(Doing("request", service))
    for person_id, account_id, service in session.execute(
        select(OnlineCase.person_id, OnlineCase.account_id, Service)
        .join(Service, Service.id == OnlineCase.service_id)
        .where(OnlineCase.person_id.in_(people), OnlineCase.state.in_(RUNNING))
        .order_by(OnlineCase.created_at, OnlineCase.id)
    ):
        found.setdefault((person_id, account_id), []).append(Doing("case", service))
    return found


def _helpers(session: Session, core: Core, people: Collection[UUID]) -> Mapping[tuple[UUID, UUID], str]:
    """Return the helper who may ask, or look, with a consent that still counts."""
    rows = session.execute(
        select(Consent.person_id, Consent.account_id, Helper.organisation)
        .join(Helper, Helper.id == Consent.helper_id)
        .where(
            Consent.person_id.in_(people),
            Consent.state.not_in([ConsentState.ASKED, ConsentState.WITHDRAWN]),
            Consent.ends_at > core.clock.now(),
        )
        .order_by(Consent.asked_at)
    )
    return {(person_id, account_id): organisation for person_id, account_id, organisation in rows}


def _disputed(session: Session, people: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    rows = session.execute(
        select(Dispute.person_id, Dispute.account_id).where(Dispute.person_id.in_(people), Dispute.decided_at.is_(None))
    )
    return {(person_id, account_id) for person_id, account_id in rows}
