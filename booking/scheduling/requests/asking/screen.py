"""Judge one request by what is known around it: limits, hard facts, rules, score."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from booking.country.core.core import Core
from booking.country.core.known_facts import facts_of_many
from booking.country.core.policies import GatePolicy
from booking.country.core.register import RegisterFacts, open_national_number
from booking.country.core.security import Origin
from booking.country.packs.parsed import Parsed
from booking.country.packs.service import EligibilitySpec
from booking.people.identity.grants import show_again
from booking.people.identity.levels import levels_of
from booking.platform.base.errors import AlreadyLiveError
from booking.platform.base.great_circle import great_circle_km
from booking.platform.models import Office
from booking.platform.models.base import Json
from booking.platform.models.states import Door
from booking.scheduling.requests.asking.background import Background, LiveTurn
from booking.scheduling.requests.wish import Checked, Errand, Wish
from fraud.facts import Facts, HardFacts
from fraud.gate import Decision, Verdict
from fraud.limiting.limits import LimitDecision
from fraud.oddities import most_with_one_birth_date, name_is_odd, number_is_odd

REGISTER, AWAY = "register", "away"
"""Under what the inputs of a verdict say whether registers answered, and how they say that they did not."""
_ELIGIBILITY: Final = Parsed(lambda spec: EligibilitySpec.model_validate(spec["eligibility"]))
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

    def score_rows(self, verdict_id: UUID) -> list[Json]:
        """Return what is stored of the models in shadow."""
        scores = self.shadow_scores.items()
        return [{"verdict_id": verdict_id, "model_version": version, "score": score} for version, score in scores]

    def rule_rows(self, verdict_id: UUID) -> list[Json]:
        """Return what is stored of the rules in shadow."""
        return [
            {"verdict_id": verdict_id, "rules_version": version, "decision": decision.value, "fired": list(fired)}
            for version, (decision, fired) in self.shadow_verdicts.items()
        ]


def screen(
    core: Core,
    *,
    checked: Checked,
    wish: Wish,
    origin: Origin,
    limits: LimitDecision,
    policy: GatePolicy,
    background: Background,
    place: int,
    instead_of: UUID | None = None,
) -> Screened:
    """Judge a checked wish, by what is known around it: nothing is read here.

    Parameters
    ----------
    place
        Which of the attempts of the background it is.
    instead_of
        The request of the same people that ends as this one begins, and stands in nobody's way.

    Raises
    ------
    AlreadyLiveError
        One of the people already has a live request in the service's group.
    booking.people.identity.levels.IdentityLevelError
        The register ended the grant of somebody who was proven: they show it again.
    """
    today, seen = core.today(), background.seen[place]
    account, members, records = checked.account, checked.members, background.known.records
    none_is_live(background.live, checked, besides=instead_of)
    numbers = [open_national_number(core.vault, member.person) for member in members]
    each = [registers_of(records, errand) for errand in checked.errands]
    for errand, found in zip(checked.errands, each, strict=True):
        if found.some_unknown:
            show_again(errand.members, records, levels_of(errand.service).facts)
    registers, hard = registers_together(each), hard_facts(checked.errands, each, today)
    known, household = registers.known, background.households[account.id]
    facts = Facts(
        **seen.counts,
        people_by_account=len(household.births),
        odd_names=sum(name_is_odd(member.name) for member in members),
        odd_numbers=sum(number_is_odd(number) for number in numbers),
        people_with_one_birth_date=most_with_one_birth_date(household.births),
        account_age_hours=max(0.0, (seen.at - background.joined[origin.helper or account.id]).total_seconds() / 3600),
        form_seconds=_UNKNOWN_FORM_SECONDS if origin.seconds is None else max(0.0, origin.seconds),
        hour_of_day=_hour(seen.at, checked.offices[0]),
        party_size=len(members),
        offices_ranked=len(checked.offices),
        km_to_nearest_office=kilometres(background.homes, known, checked.offices, wish.door),
        asks_from_abroad=wish.door is Door.ABROAD,
        phone_is_registered_helper=account.registered_helper or origin.helper is not None,
        reason_given=any(errand.reason is not None for errand in checked.errands),
        passport_days_left=min((record.passport_days_left(today) for record in known), default=-1),
        identity_level=min(member.level.rank for member in members),
        unproven_by_account=household.unproven,
        claims_ended_365d=household.claims_ended,
        asks_by_telephone=origin.by.is_telephone,
    )
    exceptions = background.exceptions[place]
    verdict = policy.judge(hard=hard, facts=facts, limits=limits, exceptions=exceptions)
    changed = len(background.changes.get(account.id, ()))
    inputs = {
        "facts": facts.as_dict(),
        "hard": asdict(hard),
        "seen": {"at": seen.at.isoformat(), "snapshot": seen.snapshot, "phones_changed": changed},
        "exceptions": sorted(exceptions),
        "excepted": list(verdict.excepted),
        "by": origin.by.value,
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


@dataclass(frozen=True, slots=True)
class Registers:
    """What registers say of a party: ``known`` of those whom they know, in their order.

    ``some_unknown``: the register took the grant of a proven person back. ``away``: it did not answer about somebody,
    of whom nothing counts as known then, and nothing as bad.
    """

    known: list[RegisterFacts]
    some_unknown: bool
    away: bool


def ask_registers(core: Core, errand: Errand) -> Registers:
    """Ask registers about those of a party of whom the service's file lets them be asked."""
    return registers_of(facts_of_many(core, errand.members, levels_of(errand.service).facts), errand)


def registers_of(records: Mapping[int, RegisterFacts | None], errand: Errand) -> Registers:
    """Return what `ask_registers` does, by what they said already of each member; who is not in it got no answer."""
    needed = levels_of(errand.service).facts
    asked = [member.id for member in errand.members if member.level.reaches(needed)]
    if any(one not in records for one in asked):
        return Registers([], some_unknown=False, away=True)
    found = [records[one] for one in asked]
    return Registers([one for one in found if one is not None], some_unknown=None in found, away=False)


def registers_together(each: Sequence[Registers]) -> Registers:
    """Put together what registers say of those who come for each of several services; a person counts once."""
    away = any(one.away for one in each)
    known = [] if away else list(dict.fromkeys(record for one in each for record in one.known))
    return Registers(known, some_unknown=any(one.some_unknown for one in each), away=away)


def none_is_live(
    live: Mapping[tuple[UUID, str], Sequence[LiveTurn]], checked: Checked, *, besides: UUID | None = None
) -> None:
    """Raise AlreadyLiveError where somebody has a live request, ``besides`` one, in the group of a service of theirs.

    Requests of other accounts count only where both have proven the person: what a stranger claims stops nobody, and
    tells a stranger nothing.
    """
    for errand in checked.errands:
        for member in errand.members:
            for turn in live.get((member.person_id, errand.service.exclusive_group), ()):
                counts = turn.account_id == member.account_id or (turn.proven and member.is_proven)
                if counts and turn.request_id != besides:
                    raise AlreadyLiveError


def hard_facts(errands: Sequence[Errand], each: Sequence[Registers], today: date) -> HardFacts:
    """Return what is certain of a party, given what registers say of those who come for each service.

    What no register was asked counts for it. A reason that is given for one service says nothing for another.
    """
    found = [_of_errand(errand, registers, today) for errand, registers in zip(errands, each, strict=True)]
    needing = [one for one in found if one.passport_valid_long]
    return HardFacts(
        has_live_request=False,
        registry_knows_person=all(one.registry_knows_person for one in found),
        passport_valid_long=bool(needing),
        reason_given=all(one.reason_given for one in needing) if needing else any(one.reason_given for one in found),
        application_pending=any(one.application_pending for one in found),
        age_eligible=all(one.age_eligible for one in found),
    )


def _of_errand(errand: Errand, registers: Registers, today: date) -> HardFacts:
    rule = _ELIGIBILITY(errand.service.spec)
    known = registers.known
    needs_reason = rule.reason == "always" or (
        rule.reason == "long-valid"
        and any(record.passport_days_left(today) > (rule.passport_max_days_left or 0) for record in known)
    )
    ages = [_age(member.birth_date, today) for member in errand.members]
    return HardFacts(
        has_live_request=False,
        registry_knows_person=not registers.some_unknown,
        passport_valid_long=needs_reason,
        reason_given=errand.reason is not None,
        application_pending=any(record.application_pending for record in known),
        age_eligible=all((rule.min_age or 0) <= age <= (rule.max_age or 200) for age in ages),
    )


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _hour(now: datetime, office: Office) -> int:
    return now.astimezone(ZoneInfo(office.time_zone)).hour


def kilometres(
    homes: Mapping[str, tuple[float, float]], records: Sequence[RegisterFacts], offices: Sequence[Office], door: Door
) -> float:
    """Return the way from the first person's registered region to the nearest office; 0 from abroad or unknown."""
    home = homes.get(records[0].region) if records and door is not Door.ABROAD else None
    if home is None:
        return 0.0
    return min(great_circle_km(*home, office.latitude, office.longitude) for office in offices)
