"""Where a party stands with what must be there first: what is lacking on a day, and on which days nothing is."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar, Final
from uuid import UUID

import structlog
from sqlalchemy import Uuid, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.known_facts import facts_of_many
from booking.country.core.register import Holding, RegisterFacts
from booking.country.packs.fields import Residence
from booking.country.packs.service import PersonSpec, PrerequisiteSpec
from booking.platform.base.arrays import any_named
from booking.platform.base.errors import MawidError
from booking.platform.models import HouseholdMember, IssuedResult, Service
from booking.platform.models.states import Door


@dataclass(frozen=True, slots=True)
class Lack:
    """What somebody lacks: the place of the person in the party, from 0, and the service that issues it."""

    position: int
    service: str


class PrerequisiteMissingError(MawidError):
    """Somebody of the party lacks what must be there first; nothing has changed. ``goal`` is the service asked for."""

    code: ClassVar[str] = "prerequisite_missing"

    def __init__(self, goal: str, lacks: Sequence[Lack]) -> None:
        super().__init__(f"{goal} needs {', '.join(sorted({one.service for one in lacks}))} first")
        self.goal, self.lacks = goal, tuple(lacks)


FOREVER = date.max


@dataclass(frozen=True, slots=True, order=True)
class Days:
    """A stretch of days, both ends included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def within(self, other: "Days") -> "Days | None":
        """Return what is in both; None where that is nothing."""
        both = Days(max(self.first, other.first), min(self.last, other.last))
        return both if both.first <= both.last else None


def days_of(rule: PrerequisiteSpec, held: Holding) -> Days | None:
    """Return the days on which a holding fulfils a prerequisite; None for another service's."""
    if held.service != rule.service:
        return None
    last = held.valid_until or FOREVER
    if rule.not_older_than_days is not None:
        last = min(last, held.issued + timedelta(days=rule.not_older_than_days))
    return Days(held.issued, last) if held.issued <= last else None


def fulfilling(rule: PrerequisiteSpec, held: Iterable[Holding], day: date) -> Holding | None:
    """Return what fulfils a prerequisite on ``day``, of several that which does so longest."""
    found = [(days.last, one) for one in held if (days := days_of(rule, one)) is not None and day in days]
    return max(found, key=lambda pair: pair[0])[1] if found else None


@dataclass(frozen=True, slots=True)
class Subject:
    """What is known of a person: by themselves, by the registers, and what they hold.

    ``asked`` is False where no register was asked, as nobody has proven the person or the register is away: a rule that
    only a register could decide then binds nobody.
    """

    born: date
    residence: Residence
    record: RegisterFacts | None
    held: tuple[Holding, ...] = ()
    asked: bool = True

    def age(self, day: date) -> int:
        """Return the age in whole years on ``day``."""
        return day.year - self.born.year - ((day.month, day.day) < (self.born.month, self.born.day))


def is_concerned(rule: PersonSpec | None, subject: Subject, day: date) -> bool:
    """Return whether a rule is about someone on ``day``. What no register says binds nobody."""
    if rule is None:
        return True
    record = subject.record
    if rule.gender is not None and (record is None or record.gender != rule.gender):
        return False
    if rule.register_lists is not None and (record is None or rule.register_lists not in record.listed):
        return False
    return (
        rule.residence in (None, subject.residence)
        and (rule.min_age or 0) <= subject.age(day)
        and (rule.max_age is None or subject.age(day) <= rule.max_age)
    )


def lacking(rules: Iterable[PrerequisiteSpec], party: Sequence[Subject], day: date) -> list[Lack]:
    """List what each of a party lacks on ``day``. Conditions in words are for officers: no register knows them.

    Of whom no register was asked nothing is known to be lacking.
    """
    return [
        Lack(position, rule.service)
        for position, subject in enumerate(party)
        for rule in rules
        if rule.service is not None
        and subject.asked
        and is_concerned(rule.concerns, subject, day)
        and fulfilling(rule, subject.held, day) is None
    ]


def of_moment(rules: Iterable[PrerequisiteSpec], moment: str) -> list[PrerequisiteSpec]:
    """Return the rules that must hold "when-asking", or "on-the-day"."""
    return [rule for rule in rules if rule.valid == moment]


def days_without_lack(wanted: Iterable[tuple[Sequence[PrerequisiteSpec], Subject]], window: Days) -> Days | None:
    """Return the longest stretch of days inside ``window`` on which nobody lacks anything; of equal ones the first.

    Whom a rule concerns is asked for the window's first day: an age that changes inside it is looked at again when the
    appointment is confirmed.

    Parameters
    ----------
    wanted
        People, each with the rules of a service that they come for.
    """
    stretches = [window]
    for rules, subject in wanted:
        for rule in rules:
            if rule.service is None or not subject.asked or not is_concerned(rule.concerns, subject, window.first):
                continue
            held = [days for one in subject.held if (days := days_of(rule, one)) is not None]
            stretches = [both for one in stretches for days in held if (both := one.within(days)) is not None]
    return max(stretches, key=lambda days: ((days.last - days.first).days, -days.first.toordinal()), default=None)


_ISSUED: Final = (
    select(IssuedResult.person_id, Service.code, IssuedResult.issued_on, IssuedResult.valid_until)
    .join(Service, Service.id == IssuedResult.service_id)
    .where(
        IssuedResult.person_id == any_named("people", Uuid),
        IssuedResult.revoked_at.is_(None),
        IssuedResult.kind != "appointment",
    )
    .order_by(IssuedResult.issued_on)
)


def held_by(session: Session, people: Collection[UUID]) -> dict[UUID, tuple[Holding, ...]]:
    """Return the certificates and policies of people that were not revoked, whatever their days."""
    rows = session.execute(_ISSUED, {"people": list(people)}).all()
    found: dict[UUID, tuple[Holding, ...]] = {}
    for person_id, code, issued, until in rows:
        found[person_id] = (*found.get(person_id, ()), Holding(code, issued, until))
    return found


_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def residence_behind(door: Door) -> Residence:
    """Return where someone lives who comes through a door."""
    return "expatriate" if door is Door.ABROAD else "resident"


def subjects(session: Session, core: Core, members: Iterable[HouseholdMember], residence: Residence) -> list[Subject]:
    """Look members up, in their order; in the caller's session, as a wait for a second connection blocks others.

    Of those who are not proven nothing is read: neither what registers know, nor what was issued to them here. A
    register that is away, or that ended the grant of somebody, is as one that was not asked.
    """
    party = list(members)
    known = look_up(session, core, party)
    return [known.subject(member, residence) for member in party]


@dataclass(frozen=True, slots=True)
class Known:
    """What registers, by a member's id, and we, by a person's, know of people; without those nobody answered about."""

    records: Mapping[int, RegisterFacts | None]
    issued: Mapping[UUID, tuple[Holding, ...]]

    def subject(self, member: HouseholdMember, residence: Residence) -> Subject:
        """Return one of those who were looked up, as prerequisites see them."""
        issued = self.issued.get(member.person_id, ()) if member.is_proven else ()
        if member.id not in self.records:
            return Subject(member.birth_date, residence, None, issued, asked=False)
        record = self.records[member.id]
        held = (*(record.held if record else ()), *issued)
        return Subject(member.birth_date, residence, record, held, asked=record is not None)


def look_up(session: Session, core: Core, members: Collection[HouseholdMember]) -> Known:
    """Look up many members with few questions, in the caller's session; see `subjects`. Nobody needs no question."""
    if not members:
        return Known({}, {})
    issued = held_by(session, [member.person_id for member in members if member.is_proven])
    records = facts_of_many(core, members)
    if len(records) < len({member.id for member in members}):
        _log.warning("register_away")
    return Known(records, issued)
