"""What is known around attempts to ask: registers, history, household, exceptions. Read once for all of a batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import String, Uuid, and_, bindparam, func, select
from sqlalchemy.orm import Session

from booking.antifraud.gate.exceptions import rules_excepted_each, subjects_of
from booking.country.core.core import Core
from booking.country.core.known_facts import facts_of_many
from booking.country.core.register import Holding
from booking.country.core.security import Origin
from booking.people.accounts.known_devices import Change
from booking.people.identity.acting import WEAK
from booking.people.identity.levels import levels_of
from booking.people.prerequisites.chain import rules_of
from booking.people.prerequisites.standing import Known, held_by
from booking.platform.base.arrays import any_named, any_of
from booking.platform.models import (
    Account,
    EndedClaim,
    HouseholdMember,
    Office,
    Person,
    Request,
    RequestErrand,
    RequestMember,
    Service,
)
from booking.platform.models.identity import IdentityLevel
from booking.scheduling.requests.asking.histories import Attempt, Seen, histories
from booking.scheduling.requests.helper_devices import helpers_devices
from booking.scheduling.requests.wish import Checked, Errand

CLAIMS_COUNT_FOR: Final = timedelta(days=365)
"""How long a claim that ended counts among the facts."""


_LIVE: Final = (
    select(
        RequestMember.person_id,
        func.coalesce(RequestErrand.exclusive_group, RequestMember.exclusive_group),
        Request.account_id,
        RequestMember.proven,
        Request.id,
    )
    .join(Request, Request.id == RequestMember.request_id)
    .outerjoin(
        RequestErrand,
        and_(RequestErrand.request_id == RequestMember.request_id, RequestErrand.person_id == RequestMember.person_id),
    )
    .where(RequestMember.live, RequestMember.person_id == any_named("people", Uuid))
)
_HOMES: Final = (
    select(Office.region_code, Office.latitude, Office.longitude)
    .where(Office.region_code == any_named("regions", String), Office.active)
    .order_by(Office.id.desc())
)
_CLAIMS_ENDED: Final = (
    select(func.count())
    .where(
        EndedClaim.account_id == HouseholdMember.account_id,
        EndedClaim.level.in_(WEAK),
        EndedClaim.ended_at < bindparam("now"),
        EndedClaim.ended_at >= bindparam("since"),
    )
    .scalar_subquery()
)
_EVERYONE: Final = (
    select(
        HouseholdMember.account_id,
        func.coalesce(HouseholdMember.typed_birth_date, Person.birth_date),
        HouseholdMember.level,
        _CLAIMS_ENDED,
    )
    .join(Person)
    .where(HouseholdMember.account_id == any_named("accounts", Uuid))
)


class LiveTurn(NamedTuple):
    """A live request of a person in a group of services: by which account, and whether the person was proven there."""

    account_id: UUID
    proven: bool
    request_id: UUID


@dataclass(frozen=True, slots=True)
class Household:
    """All people whom an account acts for: their birth dates, and how many of them were not proven.

    ``claims_ended``: how many claims without a proof it lost (`booking.people.identity.acting`).
    """

    births: Sequence[date]
    unproven: int
    claims_ended: int


@dataclass(frozen=True, slots=True)
class Background:
    """What is known around each attempt of a batch.

    ``known`` is of all of their people; ``live`` by person and group; ``homes`` has the coordinates of a region's first
    office; ``seen`` and ``exceptions`` are in the order of the attempts; ``joined`` is when whoever sits at the device
    opened their account.
    """

    known: Known
    live: Mapping[tuple[UUID, str], Sequence[LiveTurn]]
    households: Mapping[UUID, Household]
    homes: Mapping[str, tuple[float, float]]
    seen: Sequence[Seen]
    exceptions: Sequence[frozenset[str]]
    joined: Mapping[UUID, datetime]
    changes: Mapping[UUID, Sequence[Change]]
    helpers: frozenset[bytes]


def read_background(
    session: Session, core: Core, asked: Sequence[tuple[Checked, Origin]], changes: Mapping[UUID, Sequence[Change]]
) -> Background:
    """Read what is known around attempts, each kind of it by one statement and one question to the register.

    Parameters
    ----------
    changes
        The changes of phone of their accounts, as long as they count.
    """
    now = core.clock.now()
    members = {member.id: member for checked, _ in asked for member in checked.members}
    errands = [errand for checked, _ in asked for errand in checked.errands]
    services = {errand.service.id: errand.service for errand in errands}
    ruled = {number for number, service in services.items() if rules_of(service)}
    needed = {number: _needed(service, has_rules=number in ruled) for number, service in services.items()}
    askable = [one for errand in errands for one in errand.members if one.level.reaches(needed[errand.service.id])]
    devices = [origin.device_hash(core.vault) for _, origin in asked]
    helpers = helpers_devices(session, core, devices) if any(devices) else frozenset()
    records = facts_of_many(core, {one.id: one for one in askable}.values())
    attempts = [
        Attempt(
            account=checked.account.id,
            device=b"" if device in helpers else device,
            network=origin.network_hash(core.vault),
            phones=[checked.account.phone_hash, *(one.before for one in changes.get(checked.account.id, ()))],
            people=[member.person_id for member in checked.members],
        )
        for (checked, origin), device in zip(asked, devices, strict=True)
    ]
    subjects = [
        subjects_of(core.vault, checked.account, [member.person for member in checked.members], origin)
        for checked, origin in asked
    ]
    return Background(
        known=Known(records, _issued(session, [errand for errand in errands if errand.service.id in ruled])),
        live=live_turns(session, list(members.values())),
        households=_households(session, {checked.account.id for checked, _ in asked}, now),
        homes=home_offices(session, {record.region for record in records.values() if record is not None}),
        seen=histories(session, attempts, now),
        exceptions=rules_excepted_each(session, subjects, now),
        joined=_joined(session, asked),
        changes=changes,
        helpers=helpers,
    )


def live_turns(session: Session, members: Sequence[HouseholdMember]) -> Mapping[tuple[UUID, str], Sequence[LiveTurn]]:
    """Return the live requests of people, by person and group of services."""
    rows = session.execute(_LIVE, {"people": list({one.person_id for one in members})})
    found: dict[tuple[UUID, str], list[LiveTurn]] = {}
    for person, group, account, proven, request in rows:
        found.setdefault((person, group), []).append(LiveTurn(account, proven, request))
    return found


def home_offices(session: Session, regions: set[str]) -> Mapping[str, tuple[float, float]]:
    """Return latitude and longitude of the first active office of each region that has one."""
    rows = session.execute(_HOMES, {"regions": sorted(regions)})
    return {region: (latitude, longitude) for region, latitude, longitude in rows}


def _needed(service: Service, *, has_rules: bool) -> IdentityLevel:
    """Return the level from which a service's file lets registers be asked about somebody."""
    return IdentityLevel.PROVEN if has_rules else levels_of(service).facts


def _issued(session: Session, ruled: Sequence[Errand]) -> Mapping[UUID, tuple[Holding, ...]]:
    """Return what was issued here to those who ask for services with prerequisites."""
    people = {one.person_id for errand in ruled for one in errand.members if one.is_proven}
    return held_by(session, people) if people else {}


def _households(session: Session, accounts: set[UUID], now: datetime) -> Mapping[UUID, Household]:
    everyone = session.execute(_EVERYONE, {"accounts": list(accounts), "now": now, "since": now - CLAIMS_COUNT_FOR})
    ended: dict[UUID, int] = {}
    births: dict[UUID, list[date]] = {account: [] for account in accounts}
    unproven = dict.fromkeys(accounts, 0)
    for account, birth, level, claims_ended in everyone:
        ended[account] = claims_ended
        births[account].append(birth)
        unproven[account] += level in WEAK
    return {one: Household(births[one], unproven[one], ended.get(one, 0)) for one in accounts}


def _joined(session: Session, asked: Sequence[tuple[Checked, Origin]]) -> Mapping[UUID, datetime]:
    """Return when the accounts that ask were opened: a helper's own, as the helped person's may be made this minute."""
    joined = {checked.account.id: checked.account.created_at for checked, _ in asked}
    if helpers := {origin.helper for _, origin in asked if origin.helper is not None} - set(joined):
        rows = session.execute(select(Account.id, Account.created_at).where(Account.id == any_of(helpers, Uuid)))
        joined |= {account: created for account, created in rows}  # noqa: C416 - as above
    return joined
