"""Judge one request: limits, hard facts, rules, score. Everything is read outside the transaction that writes."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from booking.accounts.phones import changed_phones
from booking.base.errors import AlreadyLiveError
from booking.base.great_circle import great_circle_km
from booking.core.core import Core
from booking.core.known_facts import facts_of_many
from booking.core.origin import Origin
from booking.core.policies import GatePolicy
from booking.core.register import RegisterFacts
from booking.core.sealed import open_national_number
from booking.gate.exceptions import rules_excepted
from booking.gate.past import PHONES_COUNT_FOR
from booking.identity.better import WEAK
from booking.identity.grants import ask_to_show_again
from booking.identity.levels import levels_of
from booking.models import Account, EndedClaim, HouseholdMember, Office, Person, Request, RequestMember, Service
from booking.models.base import Json
from booking.models.states import Door
from booking.packs.service import EligibilitySpec
from booking.requests.histories import history
from booking.requests.wish import Checked, Wish
from fraud.facts import Facts, HardFacts
from fraud.gate import Decision, Verdict
from fraud.limiting.limits import LimitDecision
from fraud.oddities import most_with_one_birth_date, name_is_odd, number_is_odd

REGISTER, AWAY = "register", "away"
"""Under what the inputs of a verdict say whether registers answered, and how they say that they did not."""
CLAIMS_COUNT_FOR: Final = timedelta(days=365)
"""How long a claim that ended counts among the facts."""
_UNKNOWN_FORM_SECONDS: Final = 60.0  # a client could claim anything: not saying must not accuse


@dataclass(frozen=True, slots=True)
class Screened:
    """A verdict with the facts that it was made from, and what a model and rules in shadow would have said.

    ``shadow_verdicts`` has for the version of the rules in shadow the decision and the rules that fired.
    """

    verdict: Verdict
    inputs: Json
    versions: dict[str, str]
    shadow_scores: dict[int, float]
    shadow_verdicts: dict[int, tuple[Decision, tuple[str, ...]]] = field(default_factory=dict)


def screen(
    session: Session,
    core: Core,
    *,
    checked: Checked,
    wish: Wish,
    origin: Origin,
    limits: LimitDecision,
    policy: GatePolicy,
) -> Screened:
    """Judge a checked wish.

    Raises
    ------
    AlreadyLiveError
        One of the people already has a live request in the service's group.
    booking.identity.errors.IdentityLevelError
        The register ended the grant of somebody who was proven: they show it again.
    """
    now, today = core.clock.now(), core.today()
    account, members, service, offices = checked.account, checked.members, checked.service, checked.offices
    none_is_live(session, members, service)
    numbers = [open_national_number(core.vault, member.person) for member in members]
    registers = ask_registers(core, service, members)
    if registers.some_unknown:
        ask_to_show_again(core, members, levels_of(service).facts)
    hard = hard_facts(service, members, registers, wish.reason, today)
    known = registers.known
    earlier = changed_phones(session, account_id=account.id, since=now - PHONES_COUNT_FOR)
    seen = history(
        session,
        account_id=account.id,
        device=b"" if checked.helpers_device else origin.device_hash(core.vault),
        network=origin.network_hash(core.vault),
        phones=[account.phone_hash, *earlier],
        people=[member.person_id for member in members],
        now=now,
    )
    household = _household(session, account, now)
    facts = Facts(
        **seen.counts,
        people_by_account=len(household.births),
        odd_names=sum(name_is_odd(member.name) for member in members),
        odd_numbers=sum(number_is_odd(number) for number in numbers),
        people_with_one_birth_date=most_with_one_birth_date(household.births),
        account_age_hours=_age_in_hours(session, account, origin, now),
        form_seconds=_UNKNOWN_FORM_SECONDS if origin.seconds is None else max(0.0, origin.seconds),
        hour_of_day=_hour(now, offices[0]),
        party_size=len(members),
        offices_ranked=len(offices),
        km_to_nearest_office=kilometres(session, known, offices, wish.door),
        asks_from_abroad=wish.door is Door.ABROAD,
        phone_is_registered_helper=account.registered_helper or origin.helper is not None,
        reason_given=wish.reason is not None,
        passport_days_left=min((record.passport_days_left(today) for record in known), default=-1),
        identity_level=min(member.level.rank for member in members),
        unproven_by_account=household.unproven,
        claims_ended_365d=household.claims_ended,
    )
    exceptions = rules_excepted(
        session, core.vault, account=account, people=[member.person for member in members], origin=origin, now=now
    )
    verdict = policy.judge(hard=hard, facts=facts, limits=limits, exceptions=exceptions)
    inputs = {
        "facts": facts.as_dict(),
        "hard": asdict(hard),
        "seen": {"at": seen.at.isoformat(), "snapshot": seen.snapshot, "phones_changed": len(earlier)},
        "exceptions": sorted(exceptions),
        "excepted": list(verdict.excepted),
        REGISTER: AWAY if registers.away else "read",
    }
    shadow_scores = {} if policy.shadow is None else {policy.shadow[0]: policy.shadow[1].score(facts)}
    verdict = replace(verdict, degraded=verdict.degraded or registers.away)
    return Screened(
        verdict,
        inputs,
        verdict.versions | policy.versions,
        shadow_scores,
        _by_rules_in_shadow(policy, hard=hard, facts=facts, limits=limits, exceptions=exceptions),
    )


def _by_rules_in_shadow(
    policy: GatePolicy, *, hard: HardFacts, facts: Facts, limits: LimitDecision, exceptions: frozenset[str]
) -> dict[int, tuple[Decision, tuple[str, ...]]]:
    """Judge by the rules in shadow; nothing for a request that a hard fact refuses, for no rule is asked there."""
    verdict = policy.in_shadow(hard=hard, facts=facts, limits=limits, exceptions=exceptions)
    if verdict is None or policy.shadow_rules is None or verdict.decision is Decision.REFUSE:
        return {}
    prefix = "rule."
    fired = tuple(one.code.removeprefix(prefix) for one in verdict.reasons if one.code.startswith(prefix))
    return {policy.shadow_rules[0]: (verdict.decision, fired)}


def _age_in_hours(session: Session, account: Account, origin: Origin, now: datetime) -> float:
    """Return the age of the account that asks; a helper's own, as the helped person's may be made this minute."""
    asker = account if origin.helper is None else session.get_one(Account, origin.helper)
    return max(0.0, (now - asker.created_at).total_seconds() / 3600)


@dataclass(frozen=True, slots=True)
class _Household:
    """All people whom an account acts for: their birth dates, and how many of them were not proven.

    ``claims_ended``: how many claims without a proof it lost (`booking.identity.better`).
    """

    births: list[date]
    unproven: int
    claims_ended: int


def _household(session: Session, account: Account, now: datetime) -> _Household:
    born = func.coalesce(HouseholdMember.typed_birth_date, Person.birth_date)
    members = session.execute(
        select(born, HouseholdMember.level).join(Person).where(HouseholdMember.account_id == account.id)
    ).all()
    lost = select(func.count()).where(
        EndedClaim.account_id == account.id,
        EndedClaim.level.in_(WEAK),
        EndedClaim.ended_at < now,
        EndedClaim.ended_at >= now - CLAIMS_COUNT_FOR,
    )
    unproven = sum(level in WEAK for _, level in members)
    return _Household([birth for birth, _ in members], unproven, session.scalars(lost).one())


@dataclass(frozen=True, slots=True)
class Registers:
    """What registers say of a party: ``known`` of those whom they know, in their order.

    ``some_unknown``: the register took the grant of a proven person back. ``away``: it did not answer about somebody,
    of whom nothing counts as known then, and nothing as bad.
    """

    known: list[RegisterFacts]
    some_unknown: bool
    away: bool


def ask_registers(core: Core, service: Service, members: Sequence[HouseholdMember]) -> Registers:
    """Ask registers about those of a party of whom the service's file lets them be asked."""
    needed = levels_of(service).facts
    asked = [member for member in members if member.level.reaches(needed)]
    known = facts_of_many(core, asked, needed)
    if len(known) < len(asked):
        return Registers([], some_unknown=False, away=True)
    found = [known[member.id] for member in asked]
    return Registers([one for one in found if one is not None], some_unknown=None in found, away=False)


def none_is_live(session: Session, members: list[HouseholdMember], service: Service) -> None:
    """Raise AlreadyLiveError where somebody has a live request in the service's group.

    Requests of other accounts count only where both have proven the person: what a stranger claims stops nobody, and
    tells a stranger nothing.
    """
    proven = [member.person_id for member in members if member.is_proven]
    live = session.scalar(
        select(RequestMember.request_id)
        .join(Request, Request.id == RequestMember.request_id)
        .where(
            RequestMember.live,
            RequestMember.exclusive_group == service.exclusive_group,
            RequestMember.person_id.in_([member.person_id for member in members]),
            or_(
                and_(RequestMember.proven, RequestMember.person_id.in_(proven)),
                Request.account_id == members[0].account_id,
            ),
        )
        .limit(1)
    )
    if live is not None:
        raise AlreadyLiveError


def hard_facts(
    service: Service,
    members: list[HouseholdMember],
    registers: Registers,
    reason: str | None,
    today: date,
) -> HardFacts:
    """Return what is certain of a party; what no register was asked counts for it."""
    rule = EligibilitySpec.model_validate(service.spec["eligibility"])
    known = registers.known
    needs_reason = rule.reason == "always" or (
        rule.reason == "long-valid"
        and any(record.passport_days_left(today) > (rule.passport_max_days_left or 0) for record in known)
    )
    ages = [_age(member.birth_date, today) for member in members]
    return HardFacts(
        has_live_request=False,
        registry_knows_person=not registers.some_unknown,
        passport_valid_long=needs_reason,
        reason_given=reason is not None,
        application_pending=any(record.application_pending for record in known),
        age_eligible=all((rule.min_age or 0) <= age <= (rule.max_age or 200) for age in ages),
    )


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _hour(now: datetime, office: Office) -> int:
    return now.astimezone(ZoneInfo(office.time_zone)).hour


def kilometres(session: Session, records: Sequence[RegisterFacts], offices: Sequence[Office], door: Door) -> float:
    """Return the way from the first person's registered region to the nearest office; 0 from abroad or unknown."""
    if door is Door.ABROAD or not records:
        return 0.0
    home = session.execute(
        select(Office.latitude, Office.longitude)
        .where(Office.region_code == records[0].region, Office.active)
        .order_by(Office.id)
        .limit(1)
    ).one_or_none()
    if home is None:
        return 0.0
    return min(great_circle_km(home.latitude, home.longitude, o.latitude, o.longitude) for o in offices)
