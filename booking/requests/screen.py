"""Judge one request: limits, hard facts, rules, score. Everything is read outside the transaction that writes."""

from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.base.errors import AlreadyLiveError
from booking.base.great_circle import great_circle_km
from booking.core.core import Core
from booking.core.origin import Origin
from booking.core.policies import GatePolicy
from booking.core.registry import RegistryRecord
from booking.core.sealed import open_national_number
from booking.gate.exceptions import rules_excepted
from booking.models import Account, HouseholdMember, Office, Person, RequestMember, Service
from booking.models.base import Json
from booking.models.states import Door
from booking.packs.service import EligibilitySpec
from booking.requests.histories import history
from booking.requests.wish import Checked, Wish
from fraud.facts import Facts, HardFacts
from fraud.gate import Decision, Verdict
from fraud.limiting.limits import LimitDecision
from fraud.oddities import most_with_one_birth_date, name_is_odd, number_is_odd

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
    """
    now, today = core.clock.now(), core.today()
    account, members, service, offices = checked.account, checked.members, checked.service, checked.offices
    none_is_live(session, members, service)
    numbers = [open_national_number(core.vault, member.person) for member in members]
    records = [core.registry.lookup(number) for number in numbers]
    hard = _hard_facts(service, members, records, wish, today)
    known = [record for record in records if record is not None]
    seen = history(
        session,
        account_id=account.id,
        device=b"" if checked.helpers_device else origin.device_hash(core.vault),
        network=origin.network_hash(core.vault),
        phone=account.phone_hash,
        people=[member.person_id for member in members],
        now=now,
    )
    births = _births(session, account)
    facts = Facts(
        **seen.counts,
        people_by_account=len(births),
        odd_names=sum(name_is_odd(member.name) for member in members),
        odd_numbers=sum(number_is_odd(number) for number in numbers),
        people_with_one_birth_date=most_with_one_birth_date(births),
        account_age_hours=_age_in_hours(session, account, origin, now),
        form_seconds=_UNKNOWN_FORM_SECONDS if origin.seconds is None else max(0.0, origin.seconds),
        hour_of_day=_hour(now, offices[0]),
        party_size=len(members),
        offices_ranked=len(offices),
        km_to_nearest_office=_distance(session, known, offices, wish.door),
        asks_from_abroad=wish.door is Door.ABROAD,
        phone_is_registered_helper=account.registered_helper or origin.helper is not None,
        reason_given=wish.reason is not None,
        passport_days_left=min((record.passport_days_left(today) for record in known), default=-1),
    )
    exceptions = rules_excepted(
        session, core.vault, account=account, people=[member.person for member in members], origin=origin, now=now
    )
    verdict = policy.judge(hard=hard, facts=facts, limits=limits, exceptions=exceptions)
    inputs = {
        "facts": facts.as_dict(),
        "hard": asdict(hard),
        "seen": {"at": seen.at.isoformat(), "snapshot": seen.snapshot},
        "exceptions": sorted(exceptions),
        "excepted": list(verdict.excepted),
    }
    shadow_scores = {} if policy.shadow is None else {policy.shadow[0]: policy.shadow[1].score(facts)}
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


def _births(session: Session, account: Account) -> list[date]:
    """Return the birth dates of all people whom the account acts for."""
    household = select(Person.birth_date).join(HouseholdMember).where(HouseholdMember.account_id == account.id)
    return list(session.scalars(household))


def none_is_live(session: Session, members: list[HouseholdMember], service: Service) -> None:
    """Raise AlreadyLiveError where somebody has a live request in the service's group."""
    live = session.scalar(
        select(RequestMember.request_id).where(
            RequestMember.live,
            RequestMember.exclusive_group == service.exclusive_group,
            RequestMember.person_id.in_([member.person_id for member in members]),
        )
    )
    if live is not None:
        raise AlreadyLiveError


def _hard_facts(
    service: Service,
    members: list[HouseholdMember],
    records: list[RegistryRecord | None],
    wish: Wish,
    today: date,
) -> HardFacts:
    rule = EligibilitySpec.model_validate(service.spec["eligibility"])
    known = [record for record in records if record is not None]
    needs_reason = rule.reason == "always" or (
        rule.reason == "long-valid"
        and any(record.passport_days_left(today) > (rule.passport_max_days_left or 0) for record in known)
    )
    ages = [_age(member.person.birth_date, today) for member in members]
    return HardFacts(
        has_live_request=False,
        registry_knows_person=None not in records,
        passport_valid_long=needs_reason,
        reason_given=wish.reason is not None,
        application_pending=any(record.application_pending for record in known),
        age_eligible=all((rule.min_age or 0) <= age <= (rule.max_age or 200) for age in ages),
    )


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _hour(now: datetime, office: Office) -> int:
    return now.astimezone(ZoneInfo(office.time_zone)).hour


def _distance(session: Session, records: list[RegistryRecord], offices: list[Office], door: Door) -> float:
    """Kilometres from the first person's registered region to the nearest office asked; 0 from abroad or unknown."""
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
